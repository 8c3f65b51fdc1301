"""Takes a sheet of people in: judges every row first, then invites all or none. The same sheet twice changes nothing.

Files are read elsewhere (rows come as schools.people_sheet gives them); who may be given what is schools.people_rules'.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from schools import postings
from schools.invitations import Invited, invite, taken
from schools.models import Person, Posting
from schools.people import PersonRefused, check_words
from schools.people_rules import givers, giving_posting
from schools.people_sheet import (
    EMAIL,
    FIRST_NAME,
    LAST_NAME,
    PHONE,
    ROLE,
    SCHOOL,
    SINCE,
    UNIT,
    UNTIL,
    USERNAME,
    day_of,
    is_read_only,
    needed_text,
    role_of,
    unit_text_of,
)
from schools.roles import UNIT_KINDS
from schools.school_cells import CellRefused, text_of
from schools.school_import import Remark
from schools.school_sheet import Row, is_blank
from schools.thaitext import arabic_digits
from schools.thaitime import bangkok_today
from schools.units import Unit, parse_units

NEW, POSTED, CHANGED, UNCHANGED, REFUSED = "new", "posted", "changed", "unchanged", "refused"
COUNTED = ("rows", NEW, POSTED, CHANGED, UNCHANGED, REFUSED)
_COLUMN_OF_FIELD = {
    "username": USERNAME,
    "unit": UNIT,
    "until": UNTIL,
    "first_name": FIRST_NAME,
    "last_name": LAST_NAME,
}
BATCH = 500
LARGEST_NUMBER = 10  # digits of a telephone number


class Wanted(NamedTuple):
    """One row as understood: whom to post where, and what that is: NEW person, POSTED, CHANGED or UNCHANGED."""

    row: int
    kind: str
    username: str
    first_name: str
    last_name: str
    email: str
    phone: str
    role: str
    unit: str
    since: date
    until: date | None
    read_only: bool
    standing: Posting | None

    def invitation(self) -> dict:
        """The arguments of invitations.invite but the first."""
        left_out = ("row", "kind", "username", "standing")
        return {name: value for name, value in self._asdict().items() if name not in left_out}


@dataclass
class Plan:
    """What taking the sheet in would do."""

    wanted: list[Wanted] = field(default_factory=list)
    refusals: list[Remark] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTED, 0))


def plan_people(rows: Iterable[Row], *, by: Person) -> Plan:
    """Judge every row against what stands and what `by` may give; nothing is written. Queries do not grow by rows."""
    rows = list(rows)
    judge = _Judge(rows, by)
    for number, cells in rows:
        judge.take(number, cells)
    return judge.plan


def invite_people(
    plan: Plan, *, by: Person, progress: Callable[[int, int], None] = lambda done, total: None
) -> list[Invited]:
    """Do what a plan without refusals says; the caller holds the transaction. Returns those who need a link.

    Raises PersonRefused where the world moved since the plan was made.
    """
    needing = []
    for done, one in enumerate(plan.wanted, start=1):
        if one.kind in (NEW, POSTED):
            invited = invite(one.username, by=by, **one.invitation())
            if invited.token:
                needing.append(invited)
        elif one.kind == CHANGED:
            _change(one, by)
        progress(done, len(plan.wanted))
    return needing


def _change(one: Wanted, by: Person) -> None:
    postings.prolong(one.standing, until=one.until, by=by)
    postings.set_read_only(one.standing, read_only=one.read_only, by=by)


class _Judge:
    """The rows of one sheet against everything known; a few queries for all of them."""

    def __init__(self, rows: list[Row], by: Person):
        self.by, self.today, self.plan = by, bangkok_today(), Plan()
        self.own_units = [giver.unit for giver in givers(by)]
        self.units = parse_units({text for _, cells in rows if (text := _quietly(unit_text_of, cells))})
        self.people = self._known({str(cells.get(USERNAME, "")).strip().lower() for _, cells in rows})
        self.names: dict[str, tuple[int, str, str]] = {}  # user name → first row, first and last name
        self.seen: dict[tuple[str, str, str], int] = {}  # user name, role, unit → row

    def _known(self, names: set[str]) -> dict[str, Person]:
        ordered, people = sorted(names), {}
        for at in range(0, len(ordered), BATCH):
            found = Person.objects.filter(username__in=ordered[at : at + BATCH]).prefetch_related("postings")
            people |= {person.username: person for person in found}
        return people

    def take(self, number: int, cells: Mapping[str, object]) -> None:
        self.plan.counts["rows"] += 1
        try:
            wanted = self._judge(number, cells)
        except CellRefused as refusal:
            self._refuse(Remark(number, *refusal.args))
        except PersonRefused as refusal:
            column = _COLUMN_OF_FIELD.get(refusal.field, USERNAME)
            if column == UNIT and not is_blank(cells.get(SCHOOL)):
                column = SCHOOL
            self._refuse(Remark(number, column, "", refusal.message_th, refusal.message_en))
        else:
            self.plan.counts[wanted.kind] += 1
            self.plan.wanted.append(wanted)

    def _refuse(self, remark: Remark) -> None:
        self.plan.counts[REFUSED] += 1
        self.plan.refusals.append(remark)

    def _judge(self, number: int, cells: Mapping[str, object]) -> Wanted:
        username = needed_text(cells, USERNAME).lower()
        first, last = needed_text(cells, FIRST_NAME), needed_text(cells, LAST_NAME)
        check_words(username, first, last)
        self._check_same_in_sheet(number, username, first, last)
        role = role_of(cells)
        unit = self._unit(cells, role)
        person = self._person(username, first, last)
        self._check_once(number, username, role, unit)
        since, until = day_of(cells, SINCE), day_of(cells, UNTIL)
        email, phone = _email(cells), _phone(cells)
        wanted = Wanted(
            number, NEW, username, first, last, email, phone, role, str(unit), since or self.today, until,
            is_read_only(cells), None,
        )  # fmt: skip
        return self._beside_what_stands(wanted, person, since)

    def _check_same_in_sheet(self, number: int, username: str, first: str, last: str) -> None:
        row, *names = self.names.setdefault(username, (number, first, last))
        if names != [first, last]:
            raise CellRefused(
                USERNAME,
                f"ชื่อผู้ใช้ “{username}” เป็นของอีกคนในแถว {row} หนึ่งชื่อผู้ใช้ใช้ได้คนเดียว",
                f"User name “{username}” is another person's in row {row}. One user name is one person's.",
            )

    def _check_once(self, number: int, username: str, role: str, unit: Unit) -> None:
        row = self.seen.setdefault((username, role, str(unit)), number)
        if row != number:
            raise CellRefused(USERNAME, f"ซ้ำกับแถว {row} เหลือไว้แถวเดียว", f"The same as row {row}. Keep one of the two.")

    def _person(self, username: str, first: str, last: str) -> Person | None:
        person = self.people.get(username)
        if person is not None and person.pk == self.by.pk:
            raise CellRefused(
                USERNAME, "แก้ตำแหน่งของตนเองไม่ได้ ลบแถวนี้", "Nobody changes their own postings. Delete this row."
            )
        if person is not None and (person.first_name, person.last_name) != (first, last):
            raise taken(username)
        return person

    def _unit(self, cells: Mapping[str, object], role: str) -> Unit:
        """The unit of a row, in which the role can be held and be given by this person."""
        column = SCHOOL if not is_blank(cells.get(SCHOOL)) else UNIT
        text = unit_text_of(cells)
        unit = self.units.get(text) if text else self._own_unit(role)
        if unit is None and text:
            raise CellRefused(
                column,
                f"ไม่พบหน่วยงาน “{text.partition(':')[2] or text}” ตรวจรหัสอีกครั้ง",
                f"No unit “{text}”. Check its code.",
                "X58",
            )
        if unit is None:
            raise CellRefused(
                SCHOOL,
                "บทบาทนี้ต้องระบุรหัสสถานศึกษาหรือหน่วยงาน",
                "This role needs a school code or a unit.",
            )
        if unit.kind not in UNIT_KINDS[role]:
            raise CellRefused(
                ROLE,
                f"บทบาทนี้ประจำที่ {unit.name} ไม่ได้ แก้บทบาทหรือหน่วยงาน",
                f"This role is not held at {unit.name}. Correct the role or the unit.",
            )
        if giving_posting(self.by, role, unit) is None:
            raise CellRefused(
                column,
                f"ท่านไม่ได้ดูแลบทบาทนี้ที่ {unit.name} ลบแถวนี้ หรือให้หน่วยงานนั้นเชิญเอง",
                f"You do not administer this role at {unit.name}. Delete the row or let that unit invite.",
            )
        return unit

    def _own_unit(self, role: str) -> Unit | None:
        return next((unit for unit in self.own_units if unit.kind in UNIT_KINDS[role]), None)

    def _beside_what_stands(self, wanted: Wanted, person: Person | None, since: date | None) -> Wanted:
        """The row with its kind: a new person, a further posting, another last day, or nothing to do."""
        if wanted.until is not None and wanted.until < max(wanted.since, self.today):
            raise CellRefused(UNTIL, "วันสิ้นสุดผ่านไปแล้วหรือก่อนวันเริ่ม", "The last day is past, or before the first day.")
        if person is None:
            return wanted
        first = since or self.today
        standing = postings.overlapping(person.postings.all(), wanted.role, wanted.unit, first, wanted.until)
        if standing is None:
            return wanted._replace(kind=POSTED)
        if since is not None and since != standing.since:
            raise CellRefused(
                SINCE,
                f"มีตำแหน่งนี้อยู่แล้วตั้งแต่วันอื่น เว้นว่างช่อง {SINCE} หรือใส่วันเดิม",
                f"The posting stands with another first day. Leave {SINCE} empty or give that day.",
            )
        same = (standing.until, standing.read_only) == (wanted.until, wanted.read_only)
        return wanted._replace(kind=UNCHANGED if same else CHANGED, standing=standing)


def _quietly(read: Callable[[Mapping[str, object]], str], cells: Mapping[str, object]) -> str:
    """What a cell says, "" for one that will be refused when its row is judged."""
    try:
        return read(cells)
    except CellRefused:
        return ""


def _email(cells: Mapping[str, object]) -> str:
    text = text_of(cells, EMAIL)
    try:
        if text:
            validate_email(text)
    except ValidationError:
        raise CellRefused(EMAIL, f"“{text[:60]}” ไม่ใช่อีเมล", f"“{text[:60]}” is no e-mail address.") from None
    return text


def digits_of(text: str) -> str:
    """A telephone number without its dashes and spaces, in 0-9."""
    return arabic_digits(text).replace("-", "").replace(" ", "")


def _phone(cells: Mapping[str, object]) -> str:
    """A telephone number's digits; Excel drops the first zero of one kept as a number."""
    digits = digits_of(text_of(cells, PHONE))
    if digits and not digits.startswith("0"):
        digits = f"0{digits}"
    if digits and not (digits.isdecimal() and 9 <= len(digits) <= LARGEST_NUMBER):
        raise CellRefused(PHONE, "โทรศัพท์ต้องเป็นตัวเลข 9–10 หลัก", "A telephone number has 9 or 10 digits.")
    return digits
