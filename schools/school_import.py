"""Takes a list of schools in: judges every row first, then writes all or nothing. The only writer of schools.

The same list twice changes nothing. Files are read elsewhere (rows come as schools.school_sheet gives them).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import transaction

from schools import audit
from schools.districts import Departments, DistrictCandidates, DistrictEntry, Districts
from schools.models import Department, District, Person, Province, School
from schools.places import BadPlace, Place, Places, loose_key
from schools.reference import generated_code, generated_office
from schools.school_cells import NAME_LENGTH, CellRefused, position, text_of
from schools.school_index import BadCode, SchoolEntry, SchoolIndex, read_code, school_key
from schools.school_sheet import AMPHOE, CODE, DEPARTMENT, DISTRICT, NAME, PROVINCE, TAMBON, Row, is_blank
from schools.thaitext import sort_key

Kind = District.Kind
# The office of a line that has one in each province; สช. has its own in the south, elsewhere ศธจ. stands for it.
_OFFICE_OF_LINE = {
    "ovec": (Kind.OVEC_PROVINCIAL,),
    "dole": (Kind.DOLE_PROVINCIAL,),
    "opec": (Kind.OPEC_PROVINCIAL, Kind.MOE_PROVINCIAL),
}
SORT_KEY_LENGTH = 240
BATCH = 500
_FIELDS = ("name_th", "district_id", "province_id", "amphoe_id", "tambon_id", "lat", "lon")


class Remark(NamedTuple):
    """A refusal or warning: the sheet's row from 1, the canonical column, an id of bad_inputs.tsv or "", the words."""

    row: int
    column: str
    code: str
    message_th: str
    message_en: str

    def as_dict(self) -> dict:
        return {
            "row": self.row,
            "column": self.column,
            "code": self.code,
            "message": self.message_th,
            "message_en": self.message_en,
        }


@dataclass
class Outcome:
    """What an import did, or, while a row is refused, would have done: then nothing is written."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    refusals: list[Remark] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)

    @property
    def committed(self) -> bool:
        return not self.refused

    def as_dict(self) -> dict:
        counts = {name: getattr(self, name) for name in ("rows", "new", "changed", "unchanged", "refused")}
        remarks = {name: [remark.as_dict() for remark in getattr(self, name)] for name in ("refusals", "warnings")}
        return {**counts, "committed": self.committed, **remarks}


class _Wanted(NamedTuple):
    """A school as the list wants it; the fields as in _FIELDS."""

    code: str
    values: tuple


def import_rows(rows: Iterable[Row], *, by: Person | None = None) -> Outcome:
    """Judge `rows`, and when none is refused write what is new or changed, in one transaction with its audit event."""
    with transaction.atomic():
        judge = _Judge()
        for number, cells in rows:
            judge.take(number, cells)
        outcome = judge.outcome
        if not outcome.committed:
            transaction.set_rollback(True)  # generated offices made on the way go as well
        elif judge.to_write:
            _write(judge.to_write)
            audit.record(
                "school_import",
                person=by,
                object_kind="school",
                new=outcome.new,
                changed=outcome.changed,
                unchanged=outcome.unchanged,
            )
    return outcome


def _write(schools: list[_Wanted]) -> None:
    School.objects.bulk_create(
        (
            School(
                code=school.code,
                search=school_key(school.values[0])[:NAME_LENGTH],
                sort_key=sort_key(school.values[0])[:SORT_KEY_LENGTH],
                **dict(zip(_FIELDS, school.values, strict=True)),
            )
            for school in schools
        ),
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["search", "sort_key", *(name.removesuffix("_id") for name in _FIELDS)],
    )


class _Judge:
    """The rows of one import, against everything known; no query per row."""

    def __init__(self):
        self.places = Places.load()
        self.districts = Districts.load()
        self.departments = Departments.load()
        self.index = SchoolIndex.load()
        self.stored = {code: values for code, *values in School.objects.values_list("code", *_FIELDS).iterator()}
        self.offices = {entry.id: entry for entry in self.districts.entries}
        self.outcome = Outcome()
        self.to_write: list[_Wanted] = []
        self.seen: dict[str, tuple[int, tuple]] = {}

    def take(self, number: int, cells: Mapping[str, object]) -> None:
        self.outcome.rows += 1
        try:
            wanted = self._judge(number, cells)
        except CellRefused as refusal:
            self.outcome.refused += 1
            self.outcome.refusals.append(Remark(number, *refusal.args))
            return
        before = self.seen.get(wanted.code)
        if before is not None:
            self._take_again(number, wanted, *before)
            return
        self.seen[wanted.code] = (number, wanted.values)
        stored = self.stored.get(wanted.code)
        if stored is not None and tuple(stored) == wanted.values:
            self.outcome.unchanged += 1
            return
        self.to_write.append(wanted)
        if stored is None:
            self.outcome.new += 1
        else:
            self.outcome.changed += 1

    def _take_again(self, number: int, wanted: _Wanted, first: int, values: tuple) -> None:
        if values == wanted.values:
            self.outcome.unchanged += 1
            self._warn(
                number,
                CODE,
                f"สถานศึกษา {wanted.code} ซ้ำกับแถว {first} นับครั้งเดียว",
                f"School {wanted.code} stands in row {first} already; counted once.",
            )
            return
        self.outcome.refused += 1
        thai = f"สถานศึกษา {wanted.code} มีข้อมูลไม่ตรงกับแถว {first} เหลือไว้แถวเดียว"
        english = f"School {wanted.code} differs from row {first}. Keep one of the two rows."
        self.outcome.refusals.append(Remark(number, CODE, "", thai, english))

    def _warn(self, number: int, column: str, thai: str, english: str, code: str = "") -> None:
        self.outcome.warnings.append(Remark(number, column, code, thai, english))

    # ── one row ───────────────────────────────────────────────────────────────────────────────────────────────
    def _judge(self, number: int, cells: Mapping[str, object]) -> _Wanted:
        try:
            code = read_code(cells.get(CODE) if not is_blank(cells.get(CODE)) else None)
        except BadCode as error:
            raise CellRefused(CODE, error.message_th, error.message_en, "X58") from None
        name = text_of(cells, NAME)
        place = self.places.find(text_of(cells, PROVINCE), text_of(cells, AMPHOE), text_of(cells, TAMBON))
        if isinstance(place, BadPlace):
            raise CellRefused(place.column, place.message_th, place.message_en)
        school = self._existing(code, name, place)
        if school is not None and school.closed_on is not None:
            self._warn(
                number,
                CODE,
                f"สถานศึกษา {school.code} ยุบเลิกแล้ว ข้อมูลปรับตามบัญชีแต่ยังคงสถานะยุบเลิก",
                f"School {school.code} is closed; its data follow the list, it stays closed.",
                "X58",
            )
        if school is None:
            self._warn_of_namesakes(number, name, place)
        stored = self.stored[school.code] if school else None
        place = self._placed(place, stored)
        office = self._office(cells, school, place)
        lat, lon = position(cells) or ((stored[5], stored[6]) if stored else (None, None))
        values = (name or stored[0], office.id, place.province_id, place.amphoe_id, place.tambon_id, lat, lon)
        return _Wanted(school.code if school else code, values)

    def _existing(self, code: str, name: str, place: Place) -> SchoolEntry | None:
        """The school of the row; None when it is new. A name counts only with its amphoe."""
        if code:
            school = self.index.by_code(code)
            if school is None and not name:
                raise CellRefused(
                    NAME,
                    f"ไม่พบรหัสสถานศึกษา {code} ในระบบ สถานศึกษาใหม่ต้องมีชื่อ",
                    f"School code {code} is not known; a new school needs its name.",
                    "X58",
                )
            return school
        if not name:
            raise CellRefused(CODE, f"ต้องมี{CODE}หรือ{NAME}", "The row needs a school code or a name.")
        found = self.index.by_name(name, place.amphoe_id)
        if isinstance(found, SchoolEntry):
            return found
        if place.amphoe_id is None:
            thai = f"“{name[:80]}” ไม่มีรหัส ต้องระบุอำเภอด้วย"
            english = f"“{name[:80]}” has no code; give its amphoe as well."
            column = AMPHOE
        else:
            thai = f"“{name[:80]}” ไม่มีรหัสและไม่ตรงกับสถานศึกษาเดียวในอำเภอนี้ ใส่รหัสสถานศึกษา"
            english = f"“{name[:80]}” has no code and is not one school of this amphoe. Give its code."
            column = NAME
        hint = (f" อาจเป็น {found}", f" It may be {found}.") if found.schools else ("", "")
        raise CellRefused(column, thai + hint[0], english + hint[1])

    def _warn_of_namesakes(self, number: int, name: str, place: Place) -> None:
        found = self.index.by_name(name, place.amphoe_id)
        here = [found] if isinstance(found, SchoolEntry) else found.schools
        same = [
            school
            for school in here
            if school.amphoe_id == place.amphoe_id and school.search == school_key(name)[:NAME_LENGTH]
        ]
        if same:
            codes = ", ".join(school.code for school in same)
            self._warn(
                number,
                NAME,
                f"อำเภอนี้มีสถานศึกษาชื่อเดียวกันแล้ว ({codes}) ตรวจว่าไม่ใช่แห่งเดียวกัน",
                f"A school of this name stands in this amphoe already ({codes}). Check that they are two.",
            )

    def _placed(self, place: Place, stored: list | None) -> Place:
        """The place with its amphoe; what the row leaves open stays as it is stored."""
        if place.amphoe_id is None:
            if stored is None or place.province_id not in (None, stored[2]):
                raise CellRefused(AMPHOE, "ต้องระบุอำเภอของสถานศึกษา", "The school's amphoe is missing.")
            return Place(stored[2], stored[3], stored[4])
        if place.tambon_id is None and stored is not None and stored[3] == place.amphoe_id:
            return Place(place.province_id, place.amphoe_id, stored[4])
        return place

    # ── the office ────────────────────────────────────────────────────────────────────────────────────────────
    def _office(self, cells: Mapping[str, object], school: SchoolEntry | None, place: Place) -> DistrictEntry:
        """The office the school stands under; it must belong to the row's สังกัด and cover its province."""
        text, affiliation = text_of(cells, DISTRICT), text_of(cells, DEPARTMENT)
        department = self.departments.find(affiliation) if affiliation else None
        if affiliation and department is None:
            raise CellRefused(
                DEPARTMENT,
                f"ไม่รู้จักสังกัด “{affiliation[:80]}” ใช้เช่น สพฐ. สอศ. สกร. สช. อปท. กทม. ตชด. พศ.",
                f"Department “{affiliation[:80]}” is not known. Use สพฐ. สอศ. สกร. สช. อปท. กทม. ตชด. พศ. …",
            )
        if text:
            office = self._named_office(text, department, place)
        elif school is not None and department in (None, self._department_of(school)):
            office = self.offices[school.district_id]
        elif department is not None:
            office = self._office_of(department, place.province_id)
        else:
            raise self._no_office("ต้องระบุเขตพื้นที่หรือสังกัด", "The district office or the department is missing.", place)
        if department is not None and office.department_id != department.pk:
            raise CellRefused(
                DISTRICT,
                f"{office.name} ไม่ได้อยู่ในสังกัด {department.abbr_th} แก้เขตพื้นที่หรือสังกัดให้ตรงกัน",
                f"{office.name} does not belong to {department.abbr_th}. Correct one of the two.",
            )
        if place.province_id not in office.provinces:
            province = self.places.provinces.by_id[place.province_id].name
            raise CellRefused(
                DISTRICT,
                f"{office.name} ไม่ครอบคลุมจังหวัด{province} แก้เขตพื้นที่หรืออำเภอ",
                f"{office.name} does not cover {province}. Correct the office or the amphoe.",
            )
        return office

    def _department_of(self, school: SchoolEntry) -> Department | None:
        return next((one for one in self.departments.all if one.pk == school.department_id), None)

    def _named_office(self, text: str, department: Department | None, place: Place) -> DistrictEntry:
        found = self.districts.find(text, place.province_id)
        if isinstance(found, DistrictEntry):
            return found
        if department is not None and not department.is_war_room:
            province = self.places.provinces.by_id[place.province_id].name
            names = (generated_code(place.province_id, department.code), f"{department.abbr_th} จังหวัด{province}")
            if loose_key(text) in map(loose_key, names):
                return self._office_of(department, place.province_id)
        raise self._no_office(
            f"ไม่พบเขตพื้นที่ “{text[:80]}”", f"District office “{text[:80]}” was not found.", place, found
        )

    def _no_office(self, thai: str, english: str, place: Place, found: DistrictCandidates | None = None) -> CellRefused:
        if not found or not found.districts:
            kinds = (Kind.OBEC_PRIMARY, Kind.OBEC_SECONDARY)
            found = DistrictCandidates(
                tuple(one for kind in kinds for one in self.districts.of_kind(place.province_id, kind))
            )
        return CellRefused(DISTRICT, f"{thai} ใช้เช่น {found}", f"{english} Use for example {found}.")

    def _office_of(self, department: Department, province_id: int) -> DistrictEntry:
        """The office of a department in a province: its own, or the generated one of another affiliation."""
        if department.code in _OFFICE_OF_LINE:
            offices = self.districts.of_kind(province_id, *_OFFICE_OF_LINE[department.code])
            if len(offices) == 1:
                return offices[0]
        if department.is_war_room:
            place = Place(province_id)
            raise self._no_office(
                f"สังกัด {department.abbr_th} ต้องระบุเขตพื้นที่", f"{department.abbr_th} needs its district office.", place
            )
        entry = self.districts.by_code(generated_code(province_id, department.code))
        if entry is None:
            office = generated_office(Province.objects.get(pk=province_id), department)
            entry = DistrictEntry(
                office.pk,
                office.code,
                office.name_th,
                office.kind,
                department.pk,
                province_id,
                frozenset({province_id}),
            )
            self.districts.add(entry, office.full_name_th)
            self.offices[entry.id] = entry
        return entry
