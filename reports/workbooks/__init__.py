"""What goes into which sheet of the workbook: a kept rollup seen from one unit, nine sheets, every level for itself.

Figures come from the rollup's leaves (reports.rollup) and are defined in reports.ladder; how a sheet looks is
reports.sheets'. Source of the sheets, columns and rows: PRODUCT §4.
"""

from collections.abc import Iterator
from typing import NamedTuple

from django.utils import translation

from reports.sheets import ROWS_PER_SHEET, Page, write_workbook
from schools.jobs import JobRefused

from . import definitions, overview, trend, units
from .frame import Download, Frame
from .sums import Sums

__all__ = ["Download", "FiguresMoved", "Frame", "Written", "write"]


class Written(NamedTuple):
    """What stands in a finished workbook: rows under all headings, and the schools' rows among them."""

    rows: int
    schools: int


class FiguresMoved(JobRefused):
    """The provisional figures were replaced while the file was being written: the file is not to be used."""

    def __init__(self):
        super().__init__(
            "ตัวเลขชั่วคราวของงวดนี้ถูกจัดทำใหม่ระหว่างสร้างไฟล์ กรุณาสั่งส่งออกอีกครั้ง",
            "The provisional figures of this period were rebuilt while the file was written. Ask for it again.",
        )


@translation.override("th")  # the ministry's files are Thai, whatever language a screen speaks
def write(target, frame: Frame, *, rows_per_sheet: int = ROWS_PER_SHEET) -> Written:
    """Write the workbook of `frame` to `target` (path or binary file). Raises FiguresMoved."""
    sums = Sums(frame.rollup, frame.unit)
    properties = {
        "title": f"พาน้องกลับมาเรียน {frame.unit.name} {frame.rollup.period}",
        "subject": f"{frame.as_of_text} · {frame.period_text}",
        "creator": frame.download.by,
        "keywords": frame.download.serial,
        "description": f"{frame.download.purpose} · {definitions.taken_on(frame)}",
    }
    rows = write_workbook(target, _pages(frame, sums), properties, rows_per_sheet=rows_per_sheet)
    return Written(rows, sums.leaf_count)


def _pages(frame: Frame, sums: Sums) -> Iterator[Page]:
    """The nine sheets in their order, each made when its turn comes."""
    yield overview.overview(frame, sums)
    yield overview.causes(frame, sums.total)
    yield overview.categories(frame, sums.total)
    yield units.regions(frame, sums)
    yield units.provinces(frame, sums)
    yield units.districts(frame, sums)
    yield units.schools(frame, sums)
    yield trend.trend(frame, sums)
    if Sums(frame.rollup, frame.unit).total != sums.total:
        raise FiguresMoved
    yield definitions.definitions(frame, sums)
