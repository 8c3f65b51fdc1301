"""Owns what stands around every sheet: whose figures, of which period, as of and known when, and who took them out."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from reports.ladder import LABELS, Counts
from reports.models import Rollup
from reports.sheets import Column, Line, Page
from schools.numerals import grouped, percentage
from schools.thaitime import BANGKOK, Period, thai_datetime
from schools.units import Unit

REPORT = "รายงานผลการดำเนินงานโครงการ “พาน้องกลับมาเรียน”"
PROVISIONAL = "ชั่วคราว (งวดยังไม่สิ้นสุด)"
TOTAL = "รวม"


@dataclass(frozen=True)
class Download:
    """Who takes a file out, in which role and unit, when (aware), what for; `serial` is printed on every sheet."""

    by: str
    role: str
    unit: str
    at: datetime
    purpose: str
    serial: str

    @property
    def footer(self) -> str:
        taken = thai_datetime(self.at, plain=True)
        return f"{self.serial} · {self.by} · {self.unit} · {taken} · {self.purpose}"[:200]  # Excel's limit is 255


@dataclass(frozen=True)
class Frame:
    """One workbook: a kept rollup seen from one unit. `report(done, total)` is told how many rows are written."""

    rollup: Rollup
    unit: Unit
    download: Download
    report: Callable[[int, int], None] = field(default=lambda done, total: None)

    @cached_property
    def period(self) -> Period:
        return Period.parse(self.rollup.period)

    @property
    def period_text(self) -> str:
        state = f" · {PROVISIONAL}" if self.rollup.is_provisional else ""
        return f"งวด {self.period.label_th}{state}"

    @property
    def as_of_text(self) -> str:
        return f"ข้อมูล ณ วันที่ {thai_datetime(self.rollup.as_of, 'full', plain=True)}"

    @property
    def known_text(self) -> str:
        known = thai_datetime(self.rollup.known_at, "full", plain=True)
        return f"ตามที่ระบบทราบ ณ วันที่ {known} · ฉบับที่ {self.rollup.revision}"

    def page(self, name: str, subject: str, columns: list[Column], rows: Iterable, *, count: int, **more) -> Page:
        """A sheet with the title lines every sheet has; `count` rows stand in it, totals and headings left out."""
        titles = (
            f"{REPORT} {subject}",
            f"{self.unit.name} · {self.period_text}",
            f"{self.as_of_text} · {self.known_text}",
            f"จำนวน {grouped(count)} แถว",
        )
        return Page(name, columns, rows, titles=titles, footer=self.download.footer, **more)


def local(moment: datetime) -> datetime:
    """The Bangkok clock time of `moment` as a sheet's date cell takes it: without a zone."""
    return moment.astimezone(BANGKOK).replace(tzinfo=None)


def percent(part: int, whole: int) -> float | None:
    """A percentage as a number cell with two decimals, half-up; empty where there is nothing to divide by."""
    value = percentage(part, whole)
    return None if value is None else float(value)


# ── the ladder, as columns ────────────────────────────────────────────────────────────────────────────────────
_OF_FOUND = f"ของเด็กที่{LABELS['found'].th}"
_OF_RETURNED = "กลับเข้าเรียน"
_LADDER: tuple[tuple[str, str | tuple[str, str]], ...] = (
    *((key, LABELS[key].th) for key in ("target", "to_start", "tracking", "found", "not_found")),
    *((key, (_OF_FOUND, LABELS[key].th)) for key in ("in_education", "wants", "does_not_want", "cannot", "not_asked")),
    ("returned_claimed", (_OF_RETURNED, "แจ้งแล้ว")),
    ("returned_confirmed", (_OF_RETURNED, "ยืนยันแล้ว")),
    ("observing", (_OF_RETURNED, LABELS["observing"].th)),
    ("retained", (_OF_RETURNED, LABELS["retained"].th)),
)
LADDER_KEYS = tuple(key for key, _ in _LADDER)
LADDER_COLUMNS = [
    *(Column(heading, "count", 11 if isinstance(heading, str) else 13) for _, heading in _LADDER),
    Column(("ร้อยละ", "พบตัว (ของเป้าหมาย)"), "percent", 13),
    Column(("ร้อยละ", "แจ้งกลับเข้าเรียน (ของเด็กที่พบตัวและหลุดจากระบบการศึกษา)"), "percent", 20),
]


def ladder_cells(counts: Counts) -> tuple:
    """One unit's cells under LADDER_COLUMNS."""
    return (
        *(counts[key] for key in LADDER_KEYS),
        percent(counts["found"], counts["target"]),
        percent(counts["returned_claimed"], counts["out_of_education"]),
    )


def total_line(lead: int, counts: Counts) -> Line:
    """รวม under `lead` columns of names."""
    return Line((TOTAL, *[None] * (lead - 1), *ladder_cells(counts)), total=True)
