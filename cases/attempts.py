"""A not-found is earned: how often and in how many ways a child was looked for since something was last decided.

Source: PRODUCT §3, ≥ N dated attempts of ≥ 2 kinds of source; settings NOT_FOUND_ATTEMPTS and NOT_FOUND_SOURCES.
"""

from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from cases.lifecycle import facts_of, fold
from cases.models import Case, Visit
from schools.thaitime import bangkok_date


class Attempts(NamedTuple):
    """Days on which somebody looked and met nobody, and the modes (codes.VisitMode) in which they did."""

    days: int
    sources: int

    @property
    def suffice(self) -> bool:
        return self.days >= settings.NOT_FOUND_ATTEMPTS and self.sources >= settings.NOT_FOUND_SOURCES

    def told(self) -> str:
        """Like `2 จาก 3 ครั้ง, 1 จาก 2 วิธี`, in the reader's language."""
        return _("%(days)s จาก %(all_days)s ครั้ง (คนละวัน), %(sources)s จาก %(all_sources)s วิธี") % {
            "days": min(self.days, settings.NOT_FOUND_ATTEMPTS),
            "all_days": settings.NOT_FOUND_ATTEMPTS,
            "sources": min(self.sources, settings.NOT_FOUND_SOURCES),
            "all_sources": settings.NOT_FOUND_SOURCES,
        }


def attempts_of(case: Case) -> Attempts:
    """The attempts of the current episode since the last decision; those of a merged duplicate count.

    What an old list says of a search has no mode and no day of its own: it is not an attempt.
    """
    misses = fold(facts_of([case.pk])[case.pk])[1].misses
    visits = Visit.objects.in_bulk([fact.pk for fact in misses])
    dated = [fact for fact in misses if fact.pk in visits]
    days = {bangkok_date(fact.at) for fact in dated}
    return Attempts(len(days), len({visits[fact.pk].mode for fact in dated}))


def not_enough(case: Case) -> str:
    """Why a not-found cannot be asked for yet; empty when it is earned."""
    attempts = attempts_of(case)
    return "" if attempts.suffice else _("ติดตามยังไม่ครบ: %(told)s") % {"told": attempts.told()}
