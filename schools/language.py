"""The language the reader chose. Thai is the usual one; whatever is not English is read in Thai."""

from collections.abc import Callable
from typing import Literal, Protocol

from django.utils.translation import get_language, override


class TwoTongued(Protocol):
    """What says the same in both languages: a refusal, a finding in a list, a case that was left out."""

    message_th: str
    message_en: str


def reader_language() -> Literal["th", "en"]:
    """As `schools.thaitime` takes it."""
    return "en" if (get_language() or "th").startswith("en") else "th"


def th_or_en(th: str, en: str) -> str:
    """The one of two wordings that the reader reads. For words of the domain; words of a page go through gettext."""
    return en if reader_language() == "en" else th


def spoken(told: TwoTongued) -> str:
    """Its message in the reader's language."""
    return th_or_en(told.message_th, told.message_en)


def in_both(say: Callable[[], object]) -> tuple[str, str]:
    """What `say` says to a Thai and to an English reader: for programs, which are told everything twice."""
    with override("th"):
        th = str(say())
    with override("en"):
        return th, str(say())
