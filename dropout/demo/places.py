"""The schools and people of the demo world: real school names, synthetic codes, fictional staff."""

import random
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache

from dropout.demo.children import Home, facts, given_names, surnames
from schools.models import Person, Posting, School
from schools.people import DEMO_PASSWORD, create_person
from schools.school_import import import_rows
from schools.thaitime import bangkok_today

LEADING_DISTRICT = {"46": "P4603", "81": "P8101", "40": "P4001", "30": "P3001"}


@cache
def sample_schools() -> dict[str, list[dict[str, str]]]:
    """Schools with a known district by province, the leading district's first; each with its code `PP99nnnn`."""
    found: dict[str, list[dict[str, str]]] = {}
    for row in facts("schools_sample"):
        if len(row["district_code_guess"]) == 5 and row["district_code_guess"][1:].isdigit():
            found.setdefault(row["province_code"], []).append(row)
    for province, rows in found.items():
        rows.sort(key=lambda row: row["district_code_guess"] != LEADING_DISTRICT[province])
        for number, row in enumerate(rows, start=1):
            row["code"] = f"{province}99{number:04d}"
    return found


def import_schools(provinces: Iterable[str]) -> None:
    """Take the sample schools of `provinces` (two-digit codes) in, by the same road as an office's own sheet."""
    rows = [
        {
            "รหัสสถานศึกษา": row["code"],
            "ชื่อสถานศึกษา": row["name_th"],
            "เขตพื้นที่": row["district_code_guess"],
            "ตำบล": row["tambon_th"],
            "อำเภอ": row["amphoe_th"],
            "จังหวัด": row["province_th"],
        }
        for province in provinces
        for row in sample_schools()[province]
    ]
    outcome = import_rows(enumerate(rows, start=2))
    if outcome.refusals:
        raise RuntimeError(f"The sample schools were refused: {outcome.refusals[:3]}")


def home_of(school: School, rng: random.Random, *, known: bool = True) -> Home:
    """A child's home near `school`; with `known=False` the list does not say which school it was."""
    amphoe = school.amphoe
    tambon = school.tambon or rng.choice(list(amphoe.tambons.all()))
    return Home(
        school.code if known else "",
        school.name_th if known else "",
        tambon.name_th,
        amphoe.name_th,
        school.province.name_th,
    )


class Staff:
    """Makes fictional staff; the nine demo log-ins have the password `demo`, the others cannot log in by one."""

    def __init__(self, rng: random.Random):
        self.rng = rng
        self.since = bangkok_today() - timedelta(days=400)
        self.made: dict[str, Person] = {}
        self.officers: dict[str, Person] = {}  # by district code

    def person(self, username: str, role: str, unit: str, *, login: bool = False, since: date | None = None) -> Person:
        if username in self.made:
            return self.made[username]
        sex = self.rng.choice("MF")
        title = "นาย" if sex == "M" else self.rng.choice(["นาง", "น.ส."])
        made = create_person(
            username,
            role=role,
            unit=unit,
            password=DEMO_PASSWORD if login else None,
            first_name=title + self.rng.choice(given_names()[sex]),
            last_name=self.rng.choice(surnames()),
            since=since or self.since,
            is_demo=True,
        )
        self.made[username] = made.person
        if role == Posting.Role.DISTRICT:
            self.officers[unit.partition(":")[2]] = made.person
        return made.person

    def of_school(self, school: School, role: str) -> Person:
        """The teacher or director of a school, made the first time somebody asks."""
        return self.person(f"{role}.{school.code}", role, f"school:{school.code}")
