"""How a unit's figures moved from week to week: from kept rollups, else counted live as known now."""

from datetime import datetime
from typing import NamedTuple

from reports import ladder, rollup
from reports.ladder import Counts
from reports.models import Rollup
from schools import clock
from schools.thaitime import WEEKLY, Period
from schools.units import Unit


class Point(NamedTuple):
    """One week. `is_kept`: from a rollup; else counted now, as of the cut-off and as known now."""

    period: Period
    as_of: datetime
    known_at: datetime
    counts: Counts
    is_kept: bool


def weekly_trend(unit: Unit, *, weeks: int = 12, until: datetime | None = None) -> list[Point]:
    """The last `weeks` weeks finished by `until` (None: now), oldest first.

    Two queries, and one more for every week no rollup was kept of.
    """
    periods = [Period.containing(until or clock.now(), WEEKLY).previous()]
    while len(periods) < weeks:
        periods.insert(0, periods[0].previous())
    kept = {
        row.period: row  # the last revision wins
        for row in Rollup.objects.filter(period__in=map(str, periods), is_provisional=False).order_by("revision")
        if row.as_of == Period.parse(row.period).cutoff
    }
    sums = rollup.counts_by_rollup(kept.values(), unit) if kept else {}
    return [_point(period, unit, kept.get(str(period)), sums) for period in periods]


def _point(period: Period, unit: Unit, row: Rollup | None, sums: dict[int, Counts]) -> Point:
    if row is not None:
        return Point(period, row.as_of, row.known_at, sums[row.pk], is_kept=True)
    at, now = period.cutoff, clock.now()  # as a rollup built now would be: as of its cut-off, as known now
    return Point(period, at, now, ladder.count(unit, at, now), is_kept=False)
