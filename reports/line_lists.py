"""Owns the line list: the children behind a figure of a unit, one row each, for those who may have them.

Rows come from a server-side cursor in the order of province, district, school, case, and are written as they come.
Who may see which case, and whose name, is asked of schools.scope when the list is written (SECURITY AZ-08). National
IDs are masked always (EX-06); addresses, coordinates and phone numbers are not in it.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import NamedTuple

from django.db.models import Count, F, Max, Q, QuerySet
from django.utils import translation

from cases.codes import Category, FactKind, Outcome, Reached, Rung, Stage, Wish
from cases.confidential import as_column, sensitive_rows, tells_outcome, wish_words
from cases.models import Fact, Span
from cases.survivors import masks_of
from reports import ladder
from reports.line_sheets import write_line_list
from reports.workbooks.frame import Download
from schools import roles
from schools.models import Person
from schools.scope import visible
from schools.thaitime import bangkok_date, be_year, thai_datetime
from schools.units import Unit

CHUNK = 2000
HEADINGS = (
    "ที่",
    "เลขที่แฟ้ม",
    "เลขประจำตัว (ปิดบัง)",
    "คำนำหน้า",
    "ชื่อ",
    "นามสกุล",
    "วันเกิด (พ.ศ.)",
    "อายุ (ปี)",
    "เพศ",
    "ชั้นล่าสุด",
    "ประเภท",
    "ขั้น",
    "ผลการติดตาม",
    "สถานะ/สาเหตุ",
    "ความประสงค์",
    "กลับเข้าเรียน",
    "รหัสสถานศึกษา",
    "สถานศึกษา",
    "เขตพื้นที่",
    "สังกัด",
    "อำเภอ",
    "จังหวัด",
    "จำนวนครั้งที่ติดตาม",
    "วันติดตามล่าสุด",
    "อยู่ในสถานะนี้ตั้งแต่",
)
WIDTHS = (8, 12, 20, 10, 18, 20, 14, 9, 8, 10, 16, 22, 16, 34, 24, 16, 14, 32, 30, 10, 18, 18, 12, 16, 16)
WITHHELD = "ไม่แสดง"  # a cause of health or disability, for those who do not act on the case (PDPA s.26)


class Listed(NamedTuple):
    """What was written: rows, and how many of the figure's children were left out because they are not in scope."""

    rows: int
    out_of_scope: int


class Question(NamedTuple):
    """Which children: those `figure` (a key of reports.ladder.COUNTERS) counts in `unit`; None means now."""

    unit: Unit
    figure: str
    as_of: datetime | None = None
    known_at: datetime | None = None

    def spans(self) -> QuerySet[Span]:
        """Raises UnknownFigure, ImpossibleMoment."""
        return ladder.behind(self.unit, self.figure, self.as_of, self.known_at)


@translation.override("th")  # the ministry's files are Thai, whatever language a screen speaks
def write(
    target,
    question: Question,
    person: Person,
    download: Download,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> Listed:
    """Write the line list for `person` to `target` (path or binary file). Raises UnknownFigure, ImpossibleMoment."""
    spans = question.spans()
    mine = ladder.told_to(person, spans.filter(in_reach(person)), question.figure)
    total = mine.count()
    as_of = f"ข้อมูล ณ วันที่ {thai_datetime(question.as_of or download.at, plain=True)}"
    label = ladder.LABELS[question.figure].th
    rows = write_line_list(
        target,
        HEADINGS,
        _reported(rows_of(mine, question, person, download.at), total, report),
        name=f"รายชื่อ {label}",
        widths=WIDTHS,
        properties={
            "title": f"รายชื่อ {label} {question.unit.name}",
            "subject": as_of,
            "creator": download.by,
            "keywords": download.serial,
            "description": download.purpose,
        },
        footer=f"{as_of} · {download.footer}"[:200],  # Excel's limit is 255
    )
    return Listed(rows, spans.count() - total)


def in_reach(person: Person) -> Q:
    """The spans of cases `person` may take out in a list today, whatever unit they stood in then."""
    return visible(person, "case__") & visible(person, "case__", roles.EXPORT_LINE_LIST)


def _reported(rows: Iterator[list], total: int, report: Callable[[int, int], None]) -> Iterator[list]:
    for done, row in enumerate(rows, start=1):
        if done % CHUNK == 1:
            report(done, total)
        yield row


# ── rows ──────────────────────────────────────────────────────────────────────────────────────────────────────
_COLUMNS = (
    "case_id",
    "case__child_id",
    "case__number",
    "names",
    "case__child__title",
    "case__child__first_name",
    "case__child__last_name",
    "case__child__birth_date",
    "case__child__birth_year_only",
    "case__child__sex",
    "case__child__last_grade",
    "category",
    "stage",
    "rung",
    "outcome",
    "wish",
    "reached",
    "school__code",
    "school__name_th",
    "district__name_th",
    "department__abbr_th",
    "school__amphoe__name_th",
    "province__name_th",
    "case__visits_count",
    "case__last_visit_at",
    "since",
    "sensitive",
)


def rows_of(spans: QuerySet[Span], question: Question, person: Person, moment: datetime) -> Iterator[list]:
    """The rows under HEADINGS, a cursor's chunk at a time; ages are of the day of `moment`."""
    read = (
        spans.annotate(
            names=as_column(visible(person, "case__", roles.SEE_NAMES)),
            sensitive=as_column(sensitive_rows(person, "case__")),
        )
        .order_by("province_id", "district_id", F("school_id").asc(nulls_last=True), "case_id")
        .values_list(*_COLUMNS)
        .iterator(chunk_size=CHUNK)
    )
    words = _Words()
    today = bangkok_date(moment)
    number = 0
    while chunk := list(islice(read, CHUNK)):
        masked = masks_of({row[1] for row in chunk if row[3]})
        visits = _visits_then([row[0] for row in chunk], question) if question.as_of else {}
        for row in chunk:
            number += 1
            seen = visits.get(row[0], (0, None)) if question.as_of else row[23:25]
            yield _row(number, row, masked.get(row[1]), seen, words, today)


def _visits_then(cases: Sequence[int], question: Question) -> dict[int, tuple[int, datetime]]:
    """case → visits done by then as known then, and the last of them; what a case holds itself is of today."""
    known = question.known_at or question.as_of
    held = Fact.objects.filter(kind=FactKind.VISITED, at__lte=question.as_of, known_at__lte=known, case__in=cases)
    corrected = Fact.objects.filter(corrects__isnull=False, known_at__lte=known, case__in=cases).values("corrects")
    rows = held.exclude(pk__in=corrected).order_by().values_list("case").annotate(Count("pk"), Max("at"))
    return {case: (number, last) for case, number, last in rows}


class _Words:
    """Labels as texts, looked up once: a lazy translation a cell would cost more than writing it."""

    def __init__(self):
        self.columns = [
            {code.value: str(code.label) for code in codes} for codes in (Category, Stage, Rung, Outcome, Wish, Reached)
        ]
        self.wishes = {wish.value: wish_words(wish, sensitive=False) for wish in Wish}

    def of(self, codes: Sequence[int], sensitive: bool) -> list[str]:
        """Category, stage, rung, outcome, wish and reached in words; what tells of health only where it may."""
        said = [words[code] for words, code in zip(self.columns, codes, strict=True)]
        if codes[3] and not tells_outcome(codes[3], sensitive):
            said[3] = WITHHELD
        if not sensitive:
            said[4] = self.wishes[codes[4]]
        return said


_SEX = {"M": "ชาย", "F": "หญิง", "": None}
_NOBODY = [None] * 7


def _row(number: int, read: tuple, masked: str | None, seen: tuple, words: _Words, today: date) -> list:
    _case, _child, case_number, names = read[:4]
    person, codes, place, since = read[4:11], read[11:17], read[17:23], read[25]
    visits, last_visit = seen
    return [
        number,
        case_number,
        masked if names else None,
        *(_who(person, today) if names else _NOBODY),
        *words.of(codes, read[26]),
        *place,
        visits,
        bangkok_date(last_visit) if last_visit else None,
        bangkok_date(since),
    ]


def _who(person: tuple, today: date) -> tuple:
    title, first, last, born, year_only, sex, grade = person
    shown = f"พ.ศ. {be_year(born)}" if born and year_only else born
    return title, first, last, shown, _age(born, today), _SEX[sex], grade


def _age(born: date | None, today: date) -> int | None:
    return None if born is None else today.year - born.year - ((today.month, today.day) < (born.month, born.day))
