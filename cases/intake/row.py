"""The shape of one understood row, and of what it is read by."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from cases.intake.findings import Finding
from schools.districts import Departments
from schools.places import Places
from schools.school_index import SchoolIndex


class Row(NamedTuple):
    """One child as a list says it. "" and None: not said. Dates are CE; places, school, department by primary key."""

    number: int
    sheet: str
    id_kind: str
    id_value: str
    title: str
    first_name: str
    last_name: str
    sex: str
    birth_date: date | None
    birth_year_only: bool
    category: int  # 0: not said
    school_id: int | None
    school_words: str  # the name as written, where no school of ours has it
    grade: str
    province_id: int | None
    amphoe_id: int | None
    tambon_id: int | None
    department_id: int | None
    no_id_reason: str
    guardian: str
    phone: str
    house_no: str
    moo: str
    visit_date: date | None
    result: str  # vocabulary.FOUND, TRACKING, NOT_FOUND or ""
    outcome: int
    words: str  # the source's own words for the cause
    wish: int
    returned: bool

    def __repr__(self) -> str:  # never a name or a number into a log
        return f"<Row {self.number}>"


class Understood(NamedTuple):
    """What came of one row. A refused row is given as far as it could be read: its child is not gone from the list."""

    row: Row
    refusals: list[Finding]
    warnings: list[Finding]


@dataclass
class Terms:
    """What every row of one import is read by."""

    list_date: date
    today: date
    places: Places
    schools: SchoolIndex
    departments: Departments
    confirm_ages: bool = False
    on_1904: bool = False
