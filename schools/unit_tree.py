"""Which units lie in a unit, as rows: schools.scope.encloses turned round, so that lists can ask the database."""

from collections.abc import Iterable

from django.db.models import Model, Q, QuerySet

from schools import roles
from schools.models import Amphoe, Department, District, Person, Province, Region, School
from schools.scope import postings_of, unit_of_posting
from schools.units import NATION, Unit

LISTED = ("nation", "department", "region", "province", "amphoe", "district", "tray", "school")
_NONE = Q(pk__in=())


def rows_of(kind: str) -> QuerySet[Model]:
    """Every unit of a kind of LISTED (but the nation), with what a row shows of its parents."""
    match kind:
        case "department":
            return Department.objects.all()
        case "region":
            return Region.objects.prefetch_related("provinces")
        case "province":
            return Province.objects.select_related("region")
        case "amphoe":
            return Amphoe.objects.select_related("province__region")
        case "school":
            return School.objects.select_related("district__department", "amphoe", "province__region")
    districts = District.objects.select_related("department").prefetch_related("provinces__region")
    return districts.filter(kind="tray") if kind == "tray" else districts.exclude(kind="tray")


def inside(kind: str, unit: Unit) -> Q:
    """The units of `kind` that `unit` encloses, itself included, as a condition on `rows_of(kind)`."""
    own = Q(pk=unit.pk) if unit.kind == kind else _NONE
    match unit.kind, kind:
        case "nation", _:
            return Q()
        case "department", ("district" | "tray"):
            return Q(department_id=unit.pk)
        case "department", "school":
            return Q(district__department_id=unit.pk)
        case (("district" | "tray"), "school"):
            return Q(district_id=unit.pk)
        case "amphoe", "school":
            return Q(amphoe_id=unit.pk)
        case "province", ("amphoe" | "school"):
            return Q(province_id=unit.pk)
        case "region", ("amphoe" | "school"):
            return Q(province__region_id=unit.pk)
        case "region", "province":
            return Q(region_id=unit.pk)
        case "province", ("district" | "tray" | "region"):
            return own | _only_in(kind, Province.objects.filter(pk=unit.pk))
        case "region", ("district" | "tray"):
            return own | _only_in(kind, Province.objects.filter(region_id=unit.pk))
    return own


def _only_in(kind: str, provinces: QuerySet[Province]) -> Q:
    """Districts, trays or regions all of whose provinces are among `provinces`."""
    if kind == "region":
        outside = Province.objects.exclude(pk__in=provinces).values("region_id")
        return Q(provinces__in=provinces) & ~Q(pk__in=outside)
    outside = District.provinces.through.objects.exclude(province__in=provinces).values("district_id")
    return Q(pk__in=District.provinces.through.objects.filter(province__in=provinces).values("district_id")) & ~Q(
        pk__in=outside
    )


def looked_at(person: Person) -> list[Unit]:
    """The units whose figures the person's postings show; with what they enclose, all that scope.may_look_at allows."""
    units = [
        unit
        for posting in postings_of(person)
        if roles.SEE_FIGURES in roles.capabilities_of(posting) and (unit := unit_of_posting(posting)) is not None
    ]
    return [NATION] if NATION in units else units


def any_inside(kind: str, units: Iterable[Unit]) -> Q:
    """The units of `kind` that one of `units` encloses; none of no units."""
    rule = _NONE
    for unit in units:
        part = inside(kind, unit)
        if not part:  # the nation: no condition
            return Q()
        rule |= part
    return rule
