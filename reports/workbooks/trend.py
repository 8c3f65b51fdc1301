"""Owns แนวโน้ม: a unit's figures at the last twelve weekly and twelve monthly cut-offs.

Every point is counted anew as of its own cut-off and as known at the rollup's known-at, so that the points can be
compared with each other and the last one is the rollup itself.
"""

from datetime import datetime
from typing import NamedTuple

from reports import ladder
from reports.sheets import Column, Line, Page
from schools.thaitime import MONTHLY, WEEKLY, Period

from .frame import LADDER_COLUMNS, PROVISIONAL, Frame, ladder_cells, local
from .sums import Sums

POINTS = 12
_KINDS = {WEEKLY: "รายสัปดาห์", MONTHLY: "รายเดือน"}


class Point(NamedTuple):
    """One period and the moment its figures are of: its cut-off, or the rollup's own moment while it is unfinished."""

    period: Period
    as_of: datetime

    @property
    def is_provisional(self) -> bool:
        return self.as_of < self.period.cutoff


def points(kind: str, as_of: datetime) -> list[Point]:
    """The last POINTS periods of `kind` up to `as_of`, oldest first; the one `as_of` falls into ends with it."""
    period = Period.containing(as_of, kind)
    if as_of == period.start:  # a cut-off: the period before has just ended
        period = period.previous()
    found = [Point(period, min(as_of, period.cutoff))]
    while len(found) < POINTS:
        period = period.previous()
        found.append(Point(period, period.cutoff))
    return found[::-1]


def trend(frame: Frame, sums: Sums) -> Page:
    """แนวโน้ม."""
    rollup = frame.rollup
    lines = []
    for kind, label in _KINDS.items():
        before = None
        for point in points(kind, rollup.as_of):
            counts = ladder.count(frame.unit, point.as_of, rollup.known_at)
            change = None if before is None else counts["found"] - before["found"]
            name = f"{point.period.label_th}{f' · {PROVISIONAL}' if point.is_provisional else ''}"
            lines.append(Line((label, name, local(point.as_of), *ladder_cells(counts), change)))
            before = counts
            frame.report(sums.leaf_count, sums.leaf_count)  # a sign of life: a nation's point takes a second
    columns = [
        Column("รอบ", width=13),
        Column("งวด", width=42),
        Column("ตัดข้อมูล ณ", "datetime", 22),
        *LADDER_COLUMNS,
        Column("พบตัวเพิ่มจากงวดก่อน", "count", 14),
    ]
    note = f"ทุกงวดนับใหม่ ณ วันตัดข้อมูลของงวดนั้น {frame.known_text}"
    return frame.page("แนวโน้ม", "แนวโน้มรายสัปดาห์และรายเดือน", columns, lines, count=len(lines), frozen=2, notes=(note,))
