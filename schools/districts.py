"""Finds a department (สังกัด) and a district office (เขตพื้นที่) from the ways people write them.

Forgives the spellings of THAI_RULES §12: "สพป.กส.3", "สพป. กาฬสินธุ์ เขต ๓", the full name, the code P4603.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import permutations
from typing import NamedTuple

from schools.models import Department, District, Province
from schools.places import loose_key
from schools.thaitext import arabic_digits, clean, half_width

Kind = District.Kind

# Beginnings of a name by kind; the longest that fits counts. Compared as loose_key, so without dots and tone marks.
_BEGINNINGS = {
    Kind.OBEC_PRIMARY: (
        "สพป",
        "เขตพื้นที่การศึกษาประถมศึกษา",
        "สำนักงานเขตพื้นที่การศึกษาประถมศึกษา",
        "สนง.เขตพื้นที่การศึกษาประถมศึกษา",
    ),
    Kind.OBEC_SECONDARY: (
        "สพม",
        "เขตพื้นที่การศึกษามัธยมศึกษา",
        "สำนักงานเขตพื้นที่การศึกษามัธยมศึกษา",
        "สนง.เขตพื้นที่การศึกษามัธยมศึกษา",
    ),
    Kind.SPECIAL_EDUCATION_CENTER: ("ศกศ", "ศูนย์การศึกษาพิเศษ", "ศูนย์การศึกษาพิเศษประจำ"),
    Kind.OVEC_PROVINCIAL: ("อศจ", "อาชีวศึกษา", "สำนักงานอาชีวศึกษา"),
    Kind.DOLE_PROVINCIAL: (
        "สกร",
        "กศน",
        "สนง.กศน",
        "สำนักงาน กศน",
        "สำนักงานส่งเสริมการเรียนรู้",
        "สำนักงานส่งเสริมการเรียนรู้ประจำ",
    ),
    Kind.OPEC_PROVINCIAL: ("สช", "สำนักงานการศึกษาเอกชน", "การศึกษาเอกชน"),
    Kind.MOE_PROVINCIAL: ("ศธจ", "ศธ", "ศึกษาธิการ", "สำนักงานศึกษาธิการ"),
}
_BY_BEGINNING = sorted(
    ((loose_key(text), kind) for kind, texts in _BEGINNINGS.items() for text in texts), key=lambda pair: -len(pair[0])
)
_PROVINCE = loose_key("จังหวัด")
_ZONE = re.compile(f"(?:{loose_key('เขตที่')}|{loose_key('เขต')})?([1-9])\\Z")
_OTHER_DEPARTMENT_NAMES = {
    "dole": ("กศน.", "สำนักงาน กศน.", "สป.กศน."),
    "opec": ("เอกชน",),
    "ovec": ("อาชีวศึกษา", "อาชีวะ"),
    "lao": ("ท้องถิ่น", "สถ.", "เทศบาล", "อบต.", "อบจ.", "เมืองพัทยา"),
    "bma": ("กรุงเทพมหานคร", "สำนักการศึกษา กทม."),
    "bpp": ("ตำรวจตระเวนชายแดน",),
    "onab": ("สำนักพุทธ", "พระปริยัติธรรม"),
    "sport": ("กกท.", "กรมพลศึกษา"),
    "djop": ("กรมพินิจ",),
    "home": ("ศูนย์การเรียน",),
    "other": ("อื่น ๆ",),
}
_SHOWN = 7


class DistrictEntry(NamedTuple):
    """What an import needs to know of one district office."""

    id: int
    code: str
    name: str
    kind: str
    department_id: int
    seat_id: int
    provinces: frozenset[int]


@dataclass(frozen=True)
class DistrictCandidates:
    """No single office: those it might be (perhaps none)."""

    districts: tuple[DistrictEntry, ...] = ()

    def __str__(self) -> str:
        return " / ".join(f"{district.code} {district.name}" for district in self.districts)


class Districts:
    """All offices but the trays, in memory. `Districts.load()` once per import (three queries); then `find()`."""

    def __init__(self, entries: Iterable[DistrictEntry], provinces: Iterable[tuple[int, str, str]]):
        self.entries = list(entries)
        self._province_names = {id_: (name, abbr) for id_, name, abbr in provinces}
        self._by_code = {entry.code.upper(): entry for entry in self.entries}
        self._by_name: dict[str, set[DistrictEntry]] = defaultdict(set)
        self._by_place: dict[tuple[str, str], set[DistrictEntry]] = defaultdict(set)
        for entry in self.entries:
            for place in self._places_of(entry):
                self._by_place[entry.kind, place].add(entry)

    @classmethod
    def load(cls) -> "Districts":
        through = District.provinces.through
        covers = defaultdict(set)
        for district_id, province_id in through.objects.values_list("district_id", "province_id"):
            covers[district_id].add(province_id)
        self = cls([], Province.objects.order_by().values_list("id", "name_th", "abbr_th"))
        rows = District.objects.exclude(kind=Kind.TRAY).order_by("code")
        columns = ("id", "code", "name_th", "kind", "department_id", "seat_id", "full_name_th")
        for *head, full_name in rows.values_list(*columns):
            self.add(DistrictEntry(*head, frozenset(covers[head[0]])), full_name)
        return self

    def add(self, entry: DistrictEntry, full_name: str = "") -> None:
        """Take one more office into the index (a generated one just made)."""
        self.entries.append(entry)
        self._by_code[entry.code.upper()] = entry
        for name in (entry.name, full_name):
            if name:
                self._by_name[loose_key(name)].add(entry)
        for place in self._places_of(entry):
            self._by_place[entry.kind, place].add(entry)

    def _places_of(self, entry: DistrictEntry) -> set[str]:
        """The keys of the provinces an office may be called by: each alone, its abbreviation, all together."""
        names = [self._province_names[id_] for id_ in entry.provinces if id_ in self._province_names]
        together = {"".join(order) for order in permutations(name for name, _ in names)} if len(names) < 4 else set()
        return {loose_key(text) for text in {*together, *(text for pair in names for text in pair)}}

    def by_code(self, code: str) -> DistrictEntry | None:
        return self._by_code.get(code.upper())

    def find(self, text: str, province_id: int | None = None) -> DistrictEntry | DistrictCandidates:
        """The office `text` names. `province_id` settles a bare "เขต 3" and a name without its province."""
        text = arabic_digits(clean(half_width(text)))
        by_code = self._by_code.get(re.sub(r"[\s-]", "", text).upper()) or self._by_code.get(text.upper())
        if by_code:
            return by_code
        key = loose_key(text)
        named = self._by_name.get(key, set())
        if len(named) == 1:
            return next(iter(named))
        return self._one_of(self._read(key, province_id))

    def _read(self, key: str, province_id: int | None) -> set[DistrictEntry]:
        """The offices that fit kind + place + zone, as far as `key` says them."""
        kind, rest = next(
            ((kind, key.removeprefix(start)) for start, kind in _BY_BEGINNING if key.startswith(start)), (None, key)
        )
        zone = _ZONE.search(rest)
        place = (rest[: zone.start()] if zone else rest).removeprefix(_PROVINCE)
        kinds = [kind] if kind else [Kind.OBEC_PRIMARY]
        if place:
            found = {entry for one in kinds for entry in self._by_place.get((one, place), ())}
        elif province_id is not None and (kind or zone):
            found = {entry for entry in self.entries if entry.kind in kinds and province_id in entry.provinces}
        else:
            return set()
        if not kind and not zone:
            return set()  # a bare province name names no office
        return {entry for entry in found if _zone_of(entry) == int(zone[1])} if zone else found

    def _one_of(self, found: set[DistrictEntry]) -> DistrictEntry | DistrictCandidates:
        if len(found) == 1:
            return next(iter(found))
        return DistrictCandidates(tuple(sorted(found, key=lambda entry: entry.code)[:_SHOWN]))

    def of_kind(self, province_id: int, *kinds: str) -> list[DistrictEntry]:
        """The offices of these kinds that cover the province; the first kind that has any."""
        for kind in kinds:
            found = [entry for entry in self.entries if entry.kind == kind and province_id in entry.provinces]
            if found:
                return found
        return []


def _zone_of(entry: DistrictEntry) -> int:
    """The N of "เขต N"; 1 for the only office of its kind, which has no number (THAI_RULES §1.3)."""
    found = re.search(r"เขต ([1-9])\Z", entry.name)
    return int(found[1]) if found else 1


class Departments:
    """All departments by code, abbreviation, name and the older or looser names people write."""

    def __init__(self, departments: Iterable[Department]):
        self.all = list(departments)
        self._by_key: dict[str, Department] = {}
        for department in self.all:
            others = _OTHER_DEPARTMENT_NAMES.get(department.code, ())
            for text in (department.code, department.abbr_th, department.name_th, department.name_en, *others):
                self._by_key.setdefault(loose_key(text), department)

    @classmethod
    def load(cls) -> "Departments":
        return cls(Department.objects.all())

    def find(self, text: str) -> Department | None:
        """The department `text` names ("สพฐ.", "สังกัด อปท.", "กศน."), or None."""
        key = loose_key(text)
        return self._by_key.get(key) or self._by_key.get(key.removeprefix(loose_key("สังกัด")))
