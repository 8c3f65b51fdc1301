"""Where a row's child belongs, and whether the importer may put it there (PRODUCT §1, trays).

Known school → assigned there; else the importing district, or school; else the province's only สพป.; else the tray of
its province and department.
"""

from types import SimpleNamespace
from typing import NamedTuple

from cases.intake.findings import Finding, found
from cases.intake.row import Row
from schools import roles, scope
from schools.models import Department, District, Person, Posting, Province, School
from schools.reference import tray_of
from schools.units import Unit

NOT_YET = 0  # stands for a tray that a dry run would have to make


class Place(NamedTuple):
    """The four columns of a case that say where it stands."""

    school_id: int | None
    district_id: int
    province_id: int
    department_id: int


class Placement:
    """Places rows for one importer. `make_trays`: a missing tray is made (in a commit), else promised (a dry run)."""

    def __init__(self, person: Person, unit: Unit, owner: Unit, *, make_trays: bool):
        self.person, self.unit, self.make_trays = person, unit, make_trays
        columns = ("district_id", "province_id", "district__department_id", "amphoe_id")
        self._schools = {pk: rest for pk, *rest in School.objects.order_by().values_list("pk", *columns)}
        self._departments = {row.pk: row for row in Department.objects.all()}
        self._provinces = {row.pk: row for row in Province.objects.all()}
        self._obec = next((pk for pk, row in self._departments.items() if row.code == "obec"), None)
        self._owner_department = _department_of(owner)
        self._trays: dict[tuple[int, int], int] = {
            (seat, department): pk
            for pk, seat, department in District.objects.filter(kind=District.Kind.TRAY).values_list(
                "pk", "seat_id", "department_id"
            )
        }
        self._primary: dict[int, list[int]] = {}
        for pk, seat in District.objects.filter(kind=District.Kind.OBEC_PRIMARY).values_list("pk", "seat_id"):
            self._primary.setdefault(seat, []).append(pk)
        self._allowed: dict[tuple, Posting | None] = {}

    def of(self, row: Row) -> Place | Finding:
        """Where the row's child belongs, or why it cannot be placed (X59, placement)."""
        place = self._place(row)
        if place is None:
            return found("placement", "province")
        if self.posting_on(place) is None:
            return found("X59", "school_code" if row.school_id else "province")
        return place

    def _place(self, row: Row) -> Place | None:
        if row.school_id is not None:
            return self.school(row.school_id)
        if self.unit.kind == "school":
            return self.school(self.unit.pk)
        if self.unit.kind == "district":
            office = self.unit.row
            return Place(None, office.pk, row.province_id or office.seat_id, office.department_id)
        province = row.province_id or (self.unit.pk if self.unit.kind == "province" else None)
        if province is None:
            return None
        department = row.department_id or self._owner_department or self._obec
        offices = self._primary.get(province, ()) if department == self._obec else ()
        district = offices[0] if len(offices) == 1 else self._tray(province, department)
        return Place(None, district, province, department)

    def school(self, school_id: int) -> Place:
        district, province, department, _ = self._schools[school_id]
        return Place(school_id, district, province, department)

    def _tray(self, province: int, department: int) -> int:
        tray = self._trays.get((province, department))
        if tray is None:
            if not self.make_trays:
                return NOT_YET
            tray = tray_of(self._provinces[province], self._departments[department]).pk
            self._trays[province, department] = tray
        return tray

    def posting_on(self, place: Place) -> Posting | None:
        """The posting by which the importer may import there; None if there is none."""
        return self._posting(place, roles.IMPORT_LISTS)

    def sees_names(self, place: Place) -> bool:
        """Whether the importer may be shown what the register says of a child who stands there."""
        return self._posting(place, roles.SEE_NAMES) is not None

    def _posting(self, place: Place, capability: str) -> Posting | None:
        if (place, capability) not in self._allowed:
            amphoe = self._schools[place.school_id][3] if place.school_id in self._schools else None
            standing = SimpleNamespace(
                **place._asdict(),
                province=self._provinces[place.province_id],
                school=SimpleNamespace(amphoe_id=amphoe),
            )
            self._allowed[place, capability] = scope.posting_for(self.person, capability, standing)
        return self._allowed[place, capability]


def _department_of(unit: Unit) -> int | None:
    """The department of a list's owner, for the trays of its rows; None where it belongs to none."""
    match unit.kind:
        case "department":
            return unit.pk
        case "district" | "tray":
            return unit.row.department_id
        case "school":
            return School.objects.values_list("district__department_id", flat=True).get(pk=unit.pk)
    return None
