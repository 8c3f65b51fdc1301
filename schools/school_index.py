"""Finds a school by its code, or by its name within an amphoe, among all 32,000, without a query per row.

Owns how a school's name and code are normalised (`school_key`, `read_code`).
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import NamedTuple

from schools.models import School
from schools.places import loose_key
from schools.refusal import Refusal
from schools.thaitext import arabic_digits, clean, half_width

_PREFIX = re.compile(r"(?:โรงเรียน|ร\s?\.\s?ร\s?\.?|รร\s?\.|รร\s)\s*")
_SHOWN = 5


class SchoolEntry(NamedTuple):
    """What an import needs to know of one school."""

    id: int
    code: str
    name: str
    search: str
    amphoe_id: int
    province_id: int
    district_id: int
    department_id: int
    closed_on: date | None


@dataclass(frozen=True)
class Candidates:
    """No single school: those it might be (perhaps none), each "code name"."""

    schools: tuple[SchoolEntry, ...] = ()

    def __str__(self) -> str:
        return " / ".join(f"{school.code} {school.name}" for school in self.schools)


def school_key(name: str) -> str:
    """The key of School.search: without โรงเรียน/ร.ร., tone marks, spaces and punctuation.

    A name that is nothing but the prefix keeps it. Two schools of one key in one amphoe exist; they are candidates.
    """
    text = clean(half_width(name))
    return loose_key(_PREFIX.sub("", text, count=1) if _PREFIX.match(text) else text) or loose_key(text)


class BadCode(Refusal):
    """Not a school code; `message_th`, `message_en` say what is wrong and how to mend it."""


def read_code(value: object) -> str:
    """The school code of a cell: 8 or 10 digits as text, "" for an empty cell. Raises BadCode.

    Thai digits, spaces, dashes, an apostrophe and a number's ".0" are forgiven; a digit lost or turned into "E+09"
    by a spreadsheet is not guessed at (no code begins with 0, so a shorter one cannot be mended by padding).
    """
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = arabic_digits(clean(half_width(str(value)))).removeprefix("'").removeprefix("’")
    text = re.sub(r"(?<=[0-9])[\s-]+(?=[0-9])", "", re.sub(r"\A([0-9]+)\.0+\Z", r"\1", text))
    if not text:
        return ""
    if re.fullmatch(r"[0-9.]+[eE]\+?[0-9]+", text):
        raise BadCode(
            f"รหัสสถานศึกษา “{text[:20]}” เป็นเลขยกกำลังที่โปรแกรมตารางแปลงให้ ตั้งเซลล์เป็นข้อความแล้วพิมพ์รหัสเต็ม",
            f"School code “{text[:20]}” became a power in the spreadsheet. Format the cell as text and retype it.",
        )
    if not re.fullmatch(r"[0-9]+", text):
        raise BadCode(
            f"รหัสสถานศึกษา “{text[:20]}” ต้องเป็นตัวเลข 8 หรือ 10 หลัก",
            f"School code “{text[:20]}” must be 8 or 10 digits.",
        )
    if len(text) not in (8, 10):
        raise BadCode(
            f"รหัสสถานศึกษา “{text[:20]}” มี {len(text)} หลัก ต้องมี 8 หรือ 10 หลัก ตรวจว่าโปรแกรมตารางตัดเลขทิ้งหรือไม่",
            f"School code “{text[:20]}” has {len(text)} digits; it must have 8 or 10. Did the spreadsheet drop one?",
        )
    return text


class SchoolIndex:
    """All schools in memory. `SchoolIndex.load()` once per import (one query); then `by_code`, `by_name`."""

    def __init__(self, entries: Iterable[SchoolEntry]):
        self._by_code: dict[str, SchoolEntry] = {}
        self._by_name: dict[str, list[SchoolEntry]] = defaultdict(list)
        self._by_amphoe: dict[int, list[SchoolEntry]] = defaultdict(list)
        for entry in entries:
            self._by_code[entry.code] = entry
            self._by_name[entry.search].append(entry)
            self._by_amphoe[entry.amphoe_id].append(entry)

    @classmethod
    def load(cls) -> "SchoolIndex":
        columns = ("id", "code", "name_th", "search", "amphoe_id", "province_id", "district_id")
        rows = School.objects.order_by().values_list(*columns, "district__department_id", "closed_on")
        return cls(map(SchoolEntry._make, rows.iterator(chunk_size=5_000)))

    def __len__(self) -> int:
        return len(self._by_code)

    def by_code(self, code: str) -> SchoolEntry | None:
        """The school of a code as read_code() gives it. A closed one is found too: look at `closed_on`."""
        return self._by_code.get(code)

    def by_name(self, name: str, amphoe_id: int | None) -> SchoolEntry | Candidates:
        """The one school of that name in that amphoe; a name without its amphoe never decides."""
        namesakes = self._by_name.get(school_key(name), [])
        here = [school for school in namesakes if school.amphoe_id == amphoe_id]
        if len(here) == 1:
            return here[0]
        if not here and not namesakes and amphoe_id is not None:
            keys = {school.search: school for school in self._by_amphoe[amphoe_id]}
            near = get_close_matches(school_key(name)[:200], keys, n=3, cutoff=0.7)
            return Candidates(tuple(keys[key] for key in near))
        return Candidates(tuple((here or namesakes)[:_SHOWN]))
