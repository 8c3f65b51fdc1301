"""Which column is which: finds the heading of a sheet wherever it stands, and tells data rows from what surrounds them.

Nothing is left out silently: what is skipped (titles, repeated headings, รวม rows, the signature block) is counted,
and a row that may be a child's is never skipped.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from cases.intake.headings import BY_SPELLING, CANONICAL, NOTE, ORDINAL, canonical_of
from cases.intake.refusal import SheetRefused
from schools.thaitext import arabic_digits, clean, header_key
from schools.thaitime import BadDate, parse_thai_date

SEARCHED_ROWS = 40  # how far down a heading is looked for
DEEPEST = 3  # rows of a heading
_LIST_DATE = re.compile(r"ณ\s*(?:วัน\S*\s*ที่|วันที่)?\s*[0-9๐-๙].*")
_TOTAL = re.compile(
    r"(?:รวม|ยอดรวม|รวมยอด|ร้อยละ|คิดเป็นร้อยละ|sub\s?total|grand total|total)"
    r"\s*(?:ทั้งสิ้น|ทั้งหมด|สุทธิ|ยอด|จำนวน|เป็นเงิน)*\s*[:=]?\s*[0-9,. ]*\s*(?:คน|ราย|แถว|%|รายการ)?",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"\(?\s*(?:ลงชื่อ|ลงนาม|ตำแหน่ง|ผู้รายงาน|ผู้รับรอง|ผู้ตรวจสอบ|ผู้จัดทำ|ผู้บันทึก|ผู้ให้ข้อมูล|ผู้อำนวยการ|เบอร์โทร|โทร\.|โทรศัพท์"
    r"|วันที่รายงาน|วันที่พิมพ์|หมายเหตุ|ที่มา|ขอรับรอง|ทราบ\b|signed|signature|remark)",
    re.IGNORECASE,
)
_DOTS = re.compile(r"[.…_ ]{6,}")
_IN_BRACKETS = re.compile(r"\(.*\)")
_ID_LIKE = re.compile(r"(?:[0-9๐-๙G][\s-]?){12,13}\Z")
_WORDED = {"first_name", "last_name", "full_name"}


class MissingColumn(SheetRefused):
    """A heading stands there, but a column nobody can do without does not (X26)."""

    def __init__(self, column: str, unknown: Sequence[str] = ()):
        self.column, self.unknown = column, list(unknown)  # headings it might be, if somebody says so
        super().__init__("X26", f'ขาดคอลัมน์ "{column}"', f'Column "{column}" is missing.')


@dataclass
class Layout:
    """One sheet's columns: by position (from 0) the canonical key, and what stands around the table."""

    sheet: str
    first: int = 0  # rows of the heading as numbered in the sheet
    last: int = 0
    columns: dict[int, str] = field(default_factory=dict)
    headings: dict[int, str] = field(default_factory=dict)  # every heading as read, joined with " › "
    unknown: dict[int, str] = field(default_factory=dict)  # headings nobody could place, by position
    ignored: list[str] = field(default_factory=list)  # known ones that say nothing the system keeps
    titles: list[str] = field(default_factory=list)  # lines above the heading
    numbered: bool = False  # there is a column ที่

    @property
    def keys(self) -> dict[int, str]:
        return {at: header_key(text.split(" › ")[-1]) for at, text in self.headings.items()}

    def list_date(self) -> date | None:
        """The date of "ข้อมูล ณ วันที่ …" in the lines above the table; None if none can be read."""
        for line in self.titles:
            found = _LIST_DATE.search(line)
            if found:
                try:
                    return parse_thai_date(found[0]).date
                except BadDate:
                    continue
        return None


def text_of(cell: object) -> str:
    """A cell as one line of clean text; whole numbers without ".0", None as ""."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    return clean(cell if isinstance(cell, str) else str(cell))


# ── finding the heading ───────────────────────────────────────────────────────────────────────────────────────────
def find_layout(
    sheet: str,
    rows: Sequence[tuple[int, Sequence[object]]],
    merges: Iterable[tuple[int, int, int, int]] = (),
    mapping: Mapping[str, str] | None = None,
) -> Layout | None:
    """The layout of a sheet by its first `rows` (number, cells); None where no heading is to be seen.

    `merges` as the reader gives them (from 1), `mapping` the headings matched by hand {heading key: column or ""}.
    Raises MissingColumn when there is a heading without a name column.
    """
    texts = {number: [text_of(cell) for cell in cells] for number, cells in rows[:SEARCHED_ROWS]}
    _spread(texts, merges)
    best, best_score = None, 1
    for number in texts:
        for depth in range(1, DEEPEST + 1):
            if all(at in texts for at in range(number, number + depth)):
                layout = _layout(sheet, texts, number, number + depth - 1, mapping or {})
                known = len(layout.columns) + len(layout.ignored) + layout.numbered
                score = len(layout.columns) + (1 if _WORDED & set(layout.columns.values()) else 0)
                if score > best_score and known > 1:  # one word alone may stand anywhere
                    best, best_score = layout, score
    if best is None:
        return None
    _extend(best, texts, merges)
    best.titles = [
        " ".join(dict.fromkeys(text for text in row if text)) for number, row in texts.items() if number < best.first
    ]
    if not {"first_name", "full_name"} & set(best.columns.values()):
        raise MissingColumn(CANONICAL["first_name"], best.unknown.values())
    return best


def _spread(texts: dict[int, list[str]], merges: Iterable[tuple[int, int, int, int]]) -> None:
    """Give every cell of an area merged sideways the text of its first: only the top left one is stored."""
    for top, left, bottom, right in merges:
        row = texts.get(top)
        if row is None or right == left or left > len(row) or bottom - top >= DEEPEST:
            continue
        for at in range(left, min(right, len(row))):
            row[at] = row[at] or row[left - 1]


def _layout(sheet: str, texts: dict[int, list[str]], first: int, last: int, mapping: Mapping[str, str]) -> Layout:
    layout = Layout(sheet, first, last)
    rows = [texts[number] for number in range(first, last + 1)]
    if any(len(set(row) - {""}) < 2 for row in rows):  # one text, be it merged wide, is a title line, not headings
        return layout
    above = [""] * len(rows)
    for at in range(len(rows[0])):
        path = []
        for depth, row in enumerate(rows):
            text = row[at] if at < len(row) else ""
            if text:
                above[depth] = text
                above[depth + 1 :] = [""] * (len(rows) - depth - 1)
            elif depth + 1 < len(rows) and any(at < len(below) and below[at] for below in rows[depth + 1 :]):
                text = above[depth]  # a group heading that was not merged: it reaches over the blanks to its right
            path.append(text)
        path = tuple(dict.fromkeys(text for text in path if text))
        if path:
            _place(layout, at, path, mapping)
    return layout


def _place(layout: Layout, at: int, path: tuple[str, ...], mapping: Mapping[str, str]) -> None:
    heading = " › ".join(path)
    layout.headings[at] = heading
    by_hand = mapping.get(header_key(heading))
    column = by_hand if by_hand is not None else canonical_of(path)
    if column in (ORDINAL, ""):
        layout.numbered |= column == ORDINAL
        return
    if column == NOTE or (column and column in layout.columns.values()):
        layout.ignored.append(heading)
    elif column is None:
        layout.unknown[at] = heading
    else:
        layout.columns[at] = column


def _extend(layout: Layout, texts: dict[int, list[str]], merges: Iterable[tuple[int, int, int, int]]) -> None:
    """Let the heading reach down over cells merged with it, and over a row of column numbers ("(1) (2) (3)")."""
    bottoms = [bottom for top, _, bottom, _ in merges if layout.first <= top <= layout.last]
    if bottoms and layout.first + DEEPEST > max(bottoms) > layout.last:
        layout.last = max(bottoms)
    below = [text for text in texts.get(layout.last + 1, ()) if text]
    numbers = [arabic_digits(text).strip("() ") for text in below]
    if len(below) > 2 and numbers == [str(n) for n in range(1, len(numbers) + 1)]:
        layout.last += 1


# ── what is no child's row ────────────────────────────────────────────────────────────────────────────────────────
@dataclass
class Skipped:
    """How many rows were left out, by why."""

    counts: Counter = field(default_factory=Counter)

    def message(self) -> tuple[str, str] | None:
        """What was left out in one sentence, Thai and English; None if nothing was."""
        thai, english = [], []
        for key, th, en in (
            ("total", "แถวรวม {} แถว", "{} of totals"),
            ("signature", "ลายเซ็นและหมายเหตุท้ายตาราง {} แถว", "{} of signatures and remarks"),
            ("heading", "หัวตารางที่ซ้ำ {} แถว", "{} of repeated headings"),
        ):
            if count := self.counts[key]:
                thai.append(th.format(f"{count:,}"))
                english.append(en.format(f"{count:,}"))
        return ("ข้าม" + " และ".join(thai), "Skipped rows: " + " and ".join(english)) if thai else None


class Table:
    """Walks down a sheet below its heading and says of each row whether it is data."""

    def __init__(self, layout: Layout, skipped: Skipped):
        self.layout, self.skipped = layout, skipped
        self._keys = layout.keys
        self._titles = {header_key(line) for line in layout.titles}
        self._named = [at for at, column in layout.columns.items() if column in ("first_name", "full_name")]
        self._evidence = [
            at
            for at, column in layout.columns.items()
            if column in ("identifier", "birth_date", "school_code", "category", "result", "grade")
        ]
        self._signed = False

    def is_data(self, cells: Sequence[object]) -> bool:
        """Whether this row may be a child's; else it is counted in `skipped`."""
        # The usual row, at once: something below the name and below one more column that only children have.
        first = next((text_of(cells[at]) for at in self._named if at < len(cells) and cells[at] is not None), "")
        evidence = [cells[at] for at in self._evidence if at < len(cells) and cells[at] not in (None, "")]
        if first and evidence and not self._looks_odd(first) and not any(map(_begins_total, evidence)):
            return not self._is_heading(cells) if first in BY_SPELLING or header_key(first) in BY_SPELLING else True
        why = self._why_not(cells, evidence)
        if why:
            self.skipped.counts[why] += 1
        return why is None

    @staticmethod
    def _looks_odd(first: str) -> bool:
        return bool(_TOTAL.fullmatch(first) or _SIGNATURE.match(first))

    def _is_heading(self, cells: Sequence[object]) -> bool:
        same = 0
        known = [at for at in self.layout.columns if at < len(cells) and cells[at] is not None]
        for at in known:
            same += header_key(text_of(cells[at])) == self._keys[at]
        if known and same * 2 > len(known):
            self.skipped.counts["heading"] += 1
            return True
        return False

    def _why_not(self, cells: Sequence[object], evidence: Sequence[object]) -> str | None:
        texts = [text for cell in cells if (text := text_of(cell))]
        if not texts:
            return "blank"
        known = [at for at in self.layout.columns if at < len(cells) and cells[at] is not None]
        same = sum(header_key(text_of(cells[at])) == self._keys[at] for at in known)
        if (known and same * 2 > len(known)) or header_key(" ".join(dict.fromkeys(texts))) in self._titles:
            return "heading"
        if any(_ID_LIKE.match(text_of(cell)) for cell in evidence):
            return None
        if _is_total(texts):
            return "total"
        if any(_SIGNATURE.match(text) or _DOTS.search(text) for text in texts) and len(known) <= 3:
            self._signed = True
            return "signature"
        if len(texts) == 1 and _IN_BRACKETS.fullmatch(texts[0]):
            return "signature"
        if self._signed and len(texts) <= 2 and not evidence:
            return "signature"
        return None


def _begins_total(cell: object) -> bool:
    return isinstance(cell, str) and cell.lstrip().startswith(("รวม", "ยอดรวม", "ร้อยละ"))


def _is_total(texts: Sequence[str]) -> bool:
    """Whether the first words of a row say รวม or ร้อยละ and all the rest are numbers."""
    start = next((at for at, text in enumerate(texts) if _TOTAL.fullmatch(text)), None)
    if start is None:
        return False
    rest = [*texts[:start], *texts[start + 1 :]]
    return all(re.fullmatch(r"[-0-9๐-๙,. %]*(?:คน|ราย|แถว|บาท)?|รวม.*|ร้อยละ", text) for text in rest)
