"""Understands one row: cells → a typed Row, with every refusal and warning the row gives rise to at once.

Reads only what the row itself says, by indexes held in memory; what the database says of the child is plan's.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime

from cases.codes import Outcome, Wish
from cases.identity import BadIdentifier, parse_identifier
from cases.intake import vocabulary
from cases.intake.columns import Layout, text_of
from cases.intake.findings import Finding, found, said
from cases.intake.row import Row, Terms, Understood
from cases.intake.vocabulary import FOUND, NOT_FOUND, TRACKING
from schools.places import BadPlace, Place
from schools.school_index import BadCode, Candidates, SchoolEntry, read_code, school_key
from schools.thaitext import looks_garbled, short_title, split_name, title_code
from schools.thaitime import BE_OFFSET, BadDate, ParsedDate, parse_thai_date

AGES = range(3, 21)  # X47
_MEMORY = 20_000  # distinct cells remembered per column; a hostile file must not fill the memory
_LONGEST = {
    "title": 40,
    "first_name": 120,
    "last_name": 120,
    "grade": 40,
    "no_id_reason": 200,
    "guardian": 200,
    "phone": 40,
    "house_no": 60,
    "moo": 10,
    "school_name": 200,
    "cause": 300,
}
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NOTHING = re.compile(r"[-–—.]*\Z")  # what people write into a cell that says nothing
_SEX_OF_TITLE = {"boy": "M", "mr": "M", "novice": "M", "monk": "M", "girl": "F", "miss": "F", "mrs": "F"}


class RowReader:
    """Reads the rows of one sheet. `merged`: {column position: [(first row, last row, range)]} of merged data cells."""

    def __init__(self, layout: Layout, terms: Terms, merged: dict[int, list[tuple[int, int, str]]] | None = None):
        self.terms, self.sheet = terms, layout.sheet
        self._at = {column: at for at, column in layout.columns.items()}
        self._merged = {at: spans for at, spans in (merged or {}).items() if at in layout.columns}
        self._column_of = layout.columns
        self._memory: dict[str, dict] = {}
        self._texts: dict[str, tuple[str, str]] = {}

    def read(self, number: int, cells: Sequence[object]) -> Understood:
        said_here = _Said(self, cells, number)
        row = said_here.row()
        refusals = [finding._replace(row=number, sheet=self.sheet) for finding in said_here.refusals]
        warnings = [finding._replace(row=number, sheet=self.sheet) for finding in said_here.warnings]
        return Understood(row, refusals, warnings)

    def blank_under_merge(self, number: int, cells: Sequence[object]) -> list[Finding]:
        """X23 for each blank cell that lies under the first of an area merged over several rows or columns."""
        return [
            found("X23", self._column_of[at], ref=ref)
            for at, spans in self._merged.items()
            for first, last, ref in spans
            if first <= number <= last and (at >= len(cells) or cells[at] is None)
        ]

    def remember_text(self, value: object) -> tuple[str, str]:
        """_checked_text(value), kept for the next row that says the same."""
        known = _checked_text(value)
        if type(value) is str:
            if len(self._texts) >= _MEMORY:
                self._texts.clear()
            self._texts[value] = known
        return known

    def remembered(self, kind: str, value: object, read: Callable) -> object:
        """`read(value)`, remembered: most columns of a list say the same few things again and again."""
        memory = self._memory.setdefault(kind, {})
        key = (type(value), value)
        if key not in memory:
            if len(memory) >= _MEMORY:
                memory.clear()
            memory[key] = read(value)
        return memory[key]


def _usual_text(value: object) -> str:
    text = _CONTROLS.sub("", text_of(value))
    return "" if _NOTHING.match(text) else text


class _Said:
    """One row being read: collects what is wrong with it column by column."""

    __slots__ = ("_cells", "_reader", "_terms", "number", "refusals", "warnings")

    def __init__(self, reader: RowReader, cells: Sequence[object], number: int):
        self._reader, self._cells, self._terms, self.number = reader, cells, reader.terms, number
        self.refusals: list[Finding] = reader.blank_under_merge(number, cells) if reader._merged else []
        self.warnings: list[Finding] = []

    def raw(self, column: str) -> object:
        at = self._reader._at.get(column)
        return self._cells[at] if at is not None and at < len(self._cells) else None

    def text(self, column: str) -> str:
        reader = self._reader
        at = reader._at.get(column)
        if at is None or at >= len(self._cells) or (value := self._cells[at]) is None:
            return ""
        if type(value) is not str or (known := reader._texts.get(value)) is None:
            known = reader.remember_text(value)
        text, wrong = known
        if wrong:
            self.refuse(found(wrong, column, value))
        elif len(text) > _LONGEST.get(column, 200):
            self.refuse(found("too_long", column, text, limit=_LONGEST.get(column, 200)))
        return text

    def refuse(self, finding: Finding) -> None:
        self.refusals.append(finding)

    def warn(self, finding: Finding) -> None:
        self.warnings.append(finding)

    def row(self) -> Row:
        kind, value = self.identifier()
        title, first, last = self.name()
        birth, year_only = self.birth()
        place = self.place()
        school_id, school_words = self.school(place)
        visit_date, result, outcome, words, wish, returned = self.followed(birth)
        return Row(
            self.number,
            self._reader.sheet,
            kind,
            value,
            title,
            first,
            last,
            self.sex(title),
            birth,
            year_only,
            self.category(),
            school_id,
            school_words,
            self.text("grade"),
            place.province_id,
            place.amphoe_id,
            place.tambon_id,
            self.department(),
            self.text("no_id_reason"),
            self.text("guardian"),
            self.text("phone"),
            self.text("house_no"),
            self.text("moo"),
            visit_date,
            result,
            outcome,
            words,
            wish,
            returned,
        )

    # ── who ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def identifier(self) -> tuple[str, str]:
        raw = self.raw("identifier")
        try:
            identifier = parse_identifier(raw)
        except BadIdentifier as bad:
            self.refuse(said(bad.code, "identifier", raw, bad.message_th, bad.message_en))
            return "", ""
        if identifier is None:
            if not self.text("no_id_reason"):
                self.warn(found("X35", "identifier"))
            return "", ""
        if identifier.warning:
            self.warn(found(identifier.warning, "identifier", raw))
        return identifier.kind, identifier.value

    def name(self) -> tuple[str, str, str]:
        title = self._reader.remembered("short title", self.text("title"), short_title)
        first, last = self.text("first_name"), self.text("last_name")
        whole = self.text("full_name")
        if not first and whole:
            parts = self._reader.remembered("name", whole, split_name)
            title, first, last = title or parts.title, parts.first, last or parts.last
        elif first and not title:  # "ด.ช.สมชาย" in the column ชื่อ; a column of its own says the rest
            parts = self._reader.remembered("name", first, split_name)
            if parts.title:
                title = parts.title
                first, last = parts.first, last or parts.last
        if not first:
            self.refuse(found("name_missing", "first_name" if "first_name" in self._reader._at else "full_name"))
        return title, first, last

    def sex(self, title: str) -> str:
        text = self.text("sex")
        if text:
            sex = vocabulary.read_sex(text)
            if sex is not None:
                return sex
            self.warn(found("sex", "sex", text, words=text))
        return _SEX_OF_TITLE.get(self._reader.remembered("title", title, title_code), "") if title else ""

    def birth(self) -> tuple[date | None, bool]:
        raw = self.raw("birth_date")
        if isinstance(raw, str) and not _usual_text(raw):
            raw = None
        if raw is None:
            self.warn(found("birth_blank", "birth_date"))
            return None, False
        parsed = self.read_date("birth_date", raw)
        if parsed is None:
            return None, False
        birth, on = parsed.date, self._terms.list_date
        if birth > self._terms.today:
            self.refuse(found("X47_future", "birth_date", raw))
        elif not self._terms.confirm_ages:
            age = on.year - birth.year - (not parsed.year_only and (on.month, on.day) < (birth.month, birth.day))
            if age not in AGES:
                self.refuse(found("X47", "birth_date", raw, age=age))
        return birth, parsed.year_only

    def read_date(self, column: str, raw: object) -> ParsedDate | None:
        parsed = self._reader.remembered("date", raw, self._parse_date)
        if isinstance(parsed, BadDate):
            self.refuse(said(parsed.code, column, raw, parsed.message_th, parsed.message_en))
            return None
        if parsed.notice_code:
            ce = parsed.date.year
            self.warn(found("V03", column, raw, year=ce + BE_OFFSET, ce=ce))
        return parsed

    def _parse_date(self, raw: object) -> ParsedDate | BadDate:
        try:
            return parse_thai_date(raw, on_1904=self._terms.on_1904, today=self._terms.today)
        except BadDate as bad:
            return bad

    # ── where ─────────────────────────────────────────────────────────────────────────────────────────────────────
    def place(self) -> Place:
        names = [self.text("province"), self.text("amphoe"), self.text("tambon")]
        if not any(names):
            return Place()
        place = self._terms.places.find(*names)
        while isinstance(place, BadPlace):  # what cannot be placed is left out with a warning, what can be stays
            column = {"จังหวัด": "province", "อำเภอ": "amphoe", "ตำบล": "tambon"}[place.column]
            self.warn(said("place", column, place.text, place.message_th, place.message_en))
            names[("province", "amphoe", "tambon").index(column)] = ""
            place = self._terms.places.find(*names)
        return place

    def school(self, place: Place) -> tuple[int | None, str]:
        """(the school's key, the words of a name nobody knows)."""
        name = self.text("school_name")
        code = self._reader.remembered("code", self.raw("school_code"), _read_code)
        if isinstance(code, BadCode):
            self.refuse(said("X58", "school_code", self.raw("school_code"), code.message_th, code.message_en))
            return None, ""
        if code:
            return self.school_by_code(code, name)
        if not name:
            return None, ""
        known = self._reader.remembered("school", (name, place.amphoe_id), self._school_by_name)
        if isinstance(known, SchoolEntry):
            return known.id, ""
        if known.schools and any(school_key(name) == school.search for school in known.schools):
            shown = ", ".join(f"{school.code} {school.name}" for school in known.schools)
            self.refuse(found("school_ambiguous", "school_name", name, words=name, candidates=shown))
            return None, ""
        self.warn(found("school_unknown", "school_name", name, words=name))
        return None, name

    def _school_by_name(self, asked: tuple[str, int | None]) -> SchoolEntry | Candidates:
        return self._terms.schools.by_name(*asked)

    def school_by_code(self, code: str, name: str) -> tuple[int | None, str]:
        school = self._terms.schools.by_code(code)
        if school is None or (school.closed_on is not None and school.closed_on <= self._terms.list_date):
            self.refuse(found("X58", "school_code", code, code=code))
            return None, ""
        if name and self._reader.remembered("school_key", name, school_key) != school.search:
            self.warn(found("school_name_differs", "school_name", name, name=school.name))
        return school.id, ""

    def department(self) -> int | None:
        text = self.text("affiliation")
        if not text:
            return None
        department = self._reader.remembered("affiliation", text, self._terms.departments.find)
        if department is None:
            self.refuse(found("affiliation", "affiliation", text, words=text))
            return None
        return department.pk

    # ── what happened ─────────────────────────────────────────────────────────────────────────────────────────────
    def category(self) -> int:
        text = self.text("category")
        category = vocabulary.read_category(text) if text else 0
        if category is None:
            self.refuse(found("category", "category", text, words=text))
        return int(category or 0)

    def word(self, column: str, read: Callable) -> object:
        """The value of a closed column; None where it is blank or was refused."""
        text = self.text(column)
        if not text:
            return None
        value = self._reader.remembered(column, text, read)
        if value is None:
            self.refuse(found(column, column, text, words=text))
        return value

    def followed(self, birth: date | None) -> tuple[date | None, str, int, str, int, bool]:
        """Visit date, result, outcome, its own words, wish, returned: work brought over from an older sheet."""
        result = self.word("result", vocabulary.read_result) or ""
        outcome, words = self.cause()
        wish = int(self.word("wish", vocabulary.read_wish) or Wish.NOT_ASKED)
        returned = bool(self.word("returned", vocabulary.read_returned))
        visited = self.visit_date(birth)
        if result == NOT_FOUND and returned:
            self.refuse(found("not_found_but_returned", "returned"))
        if not result and (outcome or wish):  # a cause without a result means the child was found
            result = FOUND
        if not result and visited and not returned:
            result = TRACKING
        return visited, result, outcome, words, wish, returned

    def cause(self) -> tuple[int, str]:
        text = self.text("cause")
        if not text:
            return Outcome.NOT_GIVEN, ""
        outcome = self._reader.remembered("cause", text, vocabulary.read_cause)
        if outcome is None:
            near = vocabulary.nearest_cause(text[:300])
            hint = f" (หมายถึง “{near.label}” หรือไม่)" if near else ""
            hint_en = f" Did you mean “{near.label}”?" if near else ""
            self.warn(found("X60", "cause", text, words=text, hint=hint, hint_en=hint_en))
            return int(Outcome.UNSPECIFIED), text[:300]
        return int(outcome), text[:300]

    def visit_date(self, birth: date | None) -> date | None:
        raw = self.raw("visit_date")
        if raw is None or (isinstance(raw, str) and not _usual_text(raw)):
            return None
        parsed = self.read_date("visit_date", raw)
        if parsed is None:
            return None
        if parsed.date > self._terms.today:
            self.refuse(found("V01", "visit_date", raw))
        elif birth and parsed.date < birth:
            self.refuse(found("V02", "visit_date", raw))
        return parsed.date


def _checked_text(value: object) -> tuple[str, str]:
    """(text, code of what is wrong with it or "")."""
    if isinstance(value, datetime):
        value = value.date().isoformat()
    text = _usual_text(value)
    return text, "X50" if text and looks_garbled(text) else ""


def _read_code(value: object) -> str | BadCode:
    try:
        return read_code(None if isinstance(value, str) and not _usual_text(value) else value)
    except BadCode as bad:
        return bad
