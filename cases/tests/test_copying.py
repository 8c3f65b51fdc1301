"""What is written in bulk is read back to the letter, on either database."""

import pytest

from cases.intake.copying import Columns
from cases.models import ChildList
from schools import clock

NASTY = ("ก\\nข", 'เขา"ว่า"', "แถบ\tและ\nบรรทัด", "\\N", "\\", "ปลาย\\", "\r", "é\u2028")


@pytest.mark.django_db
@pytest.mark.parametrize("text", NASTY)
def test_copy_nasty_text_and_json_come_back_unchanged(text):
    mapping = {text: [text, {"ใน": f"{text}{text}"}], "ว่าง": None, "เลข": 1.5}
    Columns(ChildList, ("name", "owner", "mapping", "created_at")).write([(text, "nation", mapping, clock.now())])
    kept = ChildList.objects.get()
    assert (kept.name, kept.mapping) == (text, mapping)
