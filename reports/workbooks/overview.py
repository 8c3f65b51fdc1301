"""Owns the sheets of one unit's own figures: ภาพรวม by department, สาเหตุ (seed 004's table), ประเภท (seed 001's)."""

from django.db.models import Count, Q

from cases.codes import CAUSES, Outcome
from reports import ladder
from reports.labels import CATEGORIES, LABELS, OF_CATEGORY
from reports.ladder import Counts
from reports.sheets import Column, Line, Page
from schools.models import Department

from .frame import LADDER_COLUMNS, TOTAL, Frame, ladder_cells, percent, total_line
from .sums import Sums


def overview(frame: Frame, sums: Sums) -> Page:
    """ภาพรวม: one row a department; a unit other than the nation shows those that have children in it, or are it."""
    shown = Q(pk__in=sums.departments)
    if frame.unit.kind == "nation":
        shown |= Q(is_war_room=True)
    elif frame.unit.kind == "department":
        shown |= Q(pk=frame.unit.pk)
    departments = list(Department.objects.filter(shown))
    rows = [
        Line((row.abbr_th, row.name_th, *ladder_cells(sums.departments.get(row.pk, Counts())))) for row in departments
    ]
    columns = [Column("ส่วนราชการ", width=14), Column("ชื่อเต็ม", width=34), *LADDER_COLUMNS]
    return frame.page(
        "ภาพรวม",
        "ภาพรวมรายส่วนราชการ",
        columns,
        [*rows, total_line(2, sums.total)],
        count=len(rows),
        frozen=1,
    )


# ── สาเหตุ ────────────────────────────────────────────────────────────────────────────────────────────────────
_GROUPS = (("in_education", ladder.OUTCOMES[:3]), ("out_of_education", ladder.OUTCOMES[3:]))


def causes(frame: Frame, total: Counts) -> Page:
    """สาเหตุ: the 3 lines in education and the 16 causes in seed 004's order, of the children found."""
    found, rows, number = total["found"], [], 0
    for group, slugs in _GROUPS:
        rows.append(Line((None, LABELS[group].th, None, None), total=True))
        for slug in slugs:
            number += 1
            key = f"outcome={slug}"
            rows.append(Line((number, LABELS[key].th, total[key], percent(total[key], found))))
        rows.append(Line((None, TOTAL, total[group], percent(total[group], found)), total=True))
    rows.append(Line((None, "รวมทั้งสิ้น", found, percent(found, found)), total=True))
    columns = [
        Column("ที่", "count", 6),
        Column("รายการ", width=60),
        Column("จำนวน (คน)", "count", 16),
        Column("ร้อยละของเด็กที่พบตัว", "percent", 20),
    ]
    return frame.page("สาเหตุ", "จำแนกตามสาเหตุ (ติดตามแล้วพบตัว)", columns, rows, count=number)


# ── ประเภท ────────────────────────────────────────────────────────────────────────────────────────────────────
_COLUMNS = ("target", "traced", "in_progress", "back", "not_back")


def categories(frame: Frame, total: Counts) -> Page:
    """ประเภท: each category's target, traced, in progress, back, not back and why, with two named percentages."""
    rows = []
    sums = [0] * (len(_COLUMNS) + len(CAUSES))
    for slug, label in CATEGORIES.items():
        why = _why(frame, slug)
        numbers = [*(total[f"{slug}.{column}"] for column in _COLUMNS), *(why.get(cause, 0) for cause in CAUSES)]
        sums = [left + right for left, right in zip(sums, numbers, strict=True)]
        rows.append(Line((label.th, *numbers, *_percentages(numbers))))
    rows.append(Line((TOTAL, *sums, *_percentages(sums)), total=True))
    columns = [
        Column("ประเภท", width=26),
        *(Column("ไม่กลับ" if name == "not_back" else OF_CATEGORY[name].th, "count", 13) for name in _COLUMNS),
        *(Column(("ไม่กลับ เพราะ", LABELS[f"outcome={cause.slug}"].th), "count", 15) for cause in CAUSES),
        Column("ร้อยละติดตามแล้ว (ของเป้าหมาย)", "percent", 16),
        Column("ร้อยละกลับเข้าระบบ (ของที่ติดตามแล้ว)", "percent", 18),
    ]
    return frame.page("ประเภท", "จำแนกตามประเภท", columns, rows, count=len(CATEGORIES), frozen=1)


def _percentages(numbers: list[int]) -> tuple[float | None, float | None]:
    target, traced, _, back, _ = numbers[: len(_COLUMNS)]
    return percent(traced, target), percent(back, traced)


def _why(frame: Frame, category: str) -> dict[int, int]:
    """Cause → children of `category` who are not back: recounted as of and as known at the rollup's own moments."""
    spans = ladder.behind(frame.unit, f"{category}.not_back", frame.rollup.as_of, frame.rollup.known_at)
    counted: dict[int, int] = {}
    for outcome, number in spans.values_list("outcome").annotate(number=Count("*")):
        outcome = outcome or Outcome.UNSPECIFIED  # none given counts as ไม่ระบุสาเหตุ
        counted[outcome] = counted.get(outcome, 0) + number
    return counted
