from types import SimpleNamespace

import pytest
from django.utils import translation

from schools.language import reader_language, spoken, th_or_en


@pytest.mark.parametrize(("chosen", "read"), [("th", "th"), ("en", "en"), ("en-gb", "en"), ("fr", "th"), (None, "th")])
def test_whatever_is_not_english_is_read_in_thai(chosen, read):
    with translation.override(chosen):
        assert reader_language() == read
        assert th_or_en("ไทย", "English") == {"th": "ไทย", "en": "English"}[read]


def test_what_carries_both_messages_says_the_readers():
    told = SimpleNamespace(message_th="ปิดแล้ว", message_en="Closed.")
    with translation.override("en"):
        assert spoken(told) == "Closed."
    with translation.override("th"):
        assert spoken(told) == "ปิดแล้ว"
