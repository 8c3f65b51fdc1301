"""Where a person may look: the one rule. It fails closed: no posting, no rows.

It is written over the four columns every case and every span carries (school, district, province, department),
so the same rule filters today's cases and the spans of any past moment.
"""

from functools import reduce
from operator import or_

from django.conf import settings
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from schools import roles, tenure
from schools.models import District, Person, Posting, Province, School
from schools.thaitime import bangkok_today
from schools.units import NATION, Unit, UnknownUnit, parse_unit, unit_of

NOTHING = Q(pk__in=[])


def postings_of(person: Person) -> list[Posting]:
    """The person's postings of today, fetched once per Person instance, that is once per request."""
    if not getattr(person, "is_active", False) or person.pk is None:
        return []
    if person.is_demo and not settings.DEMO:  # the last door, should a log-in ever slip by schools.people
        return []
    if "_postings" not in person.__dict__:
        today = bangkok_today()
        person.__dict__["_postings"] = [posting for posting in person.postings.all() if tenure.holds(posting, today)]
    return person.__dict__["_postings"]


def unit_of_posting(posting: Posting) -> Unit | None:
    """The unit of a posting; None when it no longer exists or its role is not held in such units (it shows nothing)."""
    if "_unit" not in posting.__dict__:
        try:
            unit = parse_unit(posting.unit)
        except UnknownUnit:
            unit = None
        posting.__dict__["_unit"] = unit if unit and unit.kind in roles.UNIT_KINDS[posting.role] else None
    return posting.__dict__["_unit"]


def within(unit: Unit, prefix: str = "") -> Q:
    """The cases or spans that stand in `unit`; `prefix` like `case__` reaches them from another table."""
    match unit.kind:
        case "nation":
            return Q()
        case "department" | "province" | "school":
            return Q(**{f"{prefix}{unit.kind}_id": unit.pk})
        case "district" | "tray":
            return Q(**{f"{prefix}district_id": unit.pk})
        case "region":
            return Q(**{f"{prefix}province__region_id": unit.pk})
        case "amphoe":
            return Q(**{f"{prefix}school__amphoe_id": unit.pk})
        case _:
            return Q(**{f"{prefix}pk__in": []})


def visible(person: Person, prefix: str = "", capability: str = roles.SEE_CASES) -> Q:
    """The cases (or spans) in which `person` may use `capability`."""
    rule = None
    for posting in postings_of(person):
        unit = unit_of_posting(posting)
        if unit is None or capability not in roles.capabilities_of(posting):
            continue
        part = within(unit, prefix)
        rule = part if rule is None else rule | part
        if unit.kind == "nation":
            return Q()
    return Q(**{f"{prefix}pk__in": []}) if rule is None else rule


def posting_for(person: Person, capability: str, case) -> Posting | None:
    """The posting by which `person` may use `capability` on `case` (or anything with its four columns)."""
    for posting in postings_of(person):
        unit = unit_of_posting(posting)
        if unit and capability in roles.capabilities_of(posting) and covers(unit, case):
            return posting
    return None


def covers(unit: Unit, case) -> bool:
    """Whether `case` (anything with school_id, district_id, province_id, department_id) stands in `unit`."""
    match unit.kind:
        case "nation":
            return True
        case "department" | "province" | "school":
            return getattr(case, f"{unit.kind}_id") == unit.pk
        case "district" | "tray":
            return case.district_id == unit.pk
        case "region":
            return case.province.region_id == unit.pk
        case "amphoe":
            return case.school_id is not None and case.school.amphoe_id == unit.pk
        case _:
            return False


def posting_at(person: Person, capability: str, school: School) -> Posting | None:
    """The posting by which `person` may use `capability` on a child who learns at `school`, whoever has the case."""
    for posting in postings_of(person):
        unit = unit_of_posting(posting)
        if unit and capability in roles.capabilities_of(posting) and encloses(unit, unit_of(school)):
            return posting
    return None


def received(person: Person) -> Q:
    """The cases of children enrolled in a school of `person`'s: a school's own people, and its district's.

    They give no sight of the file: who receives a child sees the narrow pages of cases.receiving.
    """
    rule = NOTHING
    for posting in postings_of(person):
        unit = unit_of_posting(posting)
        if unit is None or roles.RECORD_VISIT not in roles.capabilities_of(posting):
            continue
        match unit.kind:
            case "school":
                rule |= Q(enrolled_school_id=unit.pk)
            case "district":
                rule |= Q(enrolled_school__district_id=unit.pk)
    return rule


def encloses(outer: Unit, inner: Unit) -> bool:
    """Whether every case that can stand in `inner` stands in `outer`: the rule for looking at a unit's figures.

    A case stands in one of its district's provinces; a school's cases stand in its own province and amphoe.
    """
    if "partner" in (outer.kind, inner.kind):
        return False  # no case stands in a partner: it sees what was referred to it
    if outer.kind == "nation" or (outer.kind, outer.pk) == (inner.kind, inner.pk):
        return True
    if inner.kind == "nation":
        return False
    match outer.kind:
        case "department":
            return _department_of(inner) == outer.pk
        case "district" | "tray":
            return inner.kind == "school" and inner.row.district_id == outer.pk
        case "amphoe":
            return inner.kind == "school" and inner.row.amphoe_id == outer.pk
        case "province":
            return _provinces_of(inner) == {outer.pk}
        case "region":
            return {province.region_id for province in _province_rows(inner)} == {outer.pk}
        case _:
            return False


def _department_of(unit: Unit) -> int | None:
    """The one department all cases of a unit are of; None where they may be of several."""
    match unit.kind:
        case "district" | "tray":
            return unit.row.department_id
        case "school":
            return unit.row.district.department_id
        case _:
            return None


def _provinces_of(unit: Unit) -> set[int]:
    """The provinces in which cases of a unit can stand; empty for a department, where it is not asked."""
    match unit.kind:
        case "school" | "amphoe":
            return {unit.row.province_id}
        case "province":
            return {unit.pk}
        case "district" | "tray" | "region":
            return {province.pk for province in unit.row.provinces.all()}
        case _:
            return set()


def _province_rows(unit: Unit) -> list[Province]:
    return list(Province.objects.filter(pk__in=_provinces_of(unit)))


def may_look_at(person: Person, unit: Unit, capability: str = roles.SEE_FIGURES) -> bool:
    """Whether `person` may use `capability` (figures, exports) on the whole of `unit`."""
    return any(
        capability in roles.capabilities_of(posting)
        and (own := unit_of_posting(posting)) is not None
        and encloses(own, unit)
        for posting in postings_of(person)
    )


def home_unit(person: Person) -> Unit | None:
    """The unit a person's own dashboard shows: that of the first posting that sees figures."""
    for posting in postings_of(person):
        if roles.SEE_FIGURES in roles.capabilities_of(posting) and (unit := unit_of_posting(posting)):
            return unit
    return None


def addressed_to(person: Person, column: str, capability: str) -> Q:
    """Rows whose text `column` names a unit of which `person` watches over the whole with `capability`."""
    units = [unit_of_posting(one) for one in postings_of(person) if capability in roles.capabilities_of(one)]
    return either(NOTHING, *(stationed_within(unit, column) for unit in units if unit is not None))


def either(*rules: Q) -> Q:
    """What meets any of `rules`. An empty one is met by everything, and Django's `|` would drop it."""
    return reduce(or_, rules) if all(rules) else Q()


def level_above(unit: Unit, *others: Unit) -> Unit:
    """Who decides what `unit` may not decide alone: a school's district, a district's province, then the ministry.

    A district that covers several provinces has its department above it; so has a tray its province. Of several units
    it is the lowest that has them all: their one district, else their one province, else their department, else all.
    """
    if others:
        return _lowest_over([unit, *others])
    match unit.kind:
        case "school":
            return unit_of(unit.row.district)
        case "district" | "tray":
            provinces = list(unit.row.provinces.all())
            return unit_of(provinces[0] if len(provinces) == 1 else unit.row.department)
        case _:
            return NATION


def _lowest_over(units: list[Unit]) -> Unit:
    """The lowest unit that has all of `units` (schools, districts and trays)."""
    districts = {unit.row.district if unit.kind == "school" else unit.row for unit in units}
    if len(districts) == 1:
        return unit_of(districts.pop())
    provinces = {province for unit in units for province in _provinces_of(unit)}
    if len(provinces) == 1:
        return unit_of(Province.objects.get(pk=provinces.pop()))
    departments = {district.department_id for district in districts}
    return unit_of(next(iter(districts)).department) if len(departments) == 1 else NATION


def stationed_within(unit: Unit, column: str = "unit") -> Q:
    """Rows whose text `column` (`school:46990001`) names `unit` or a unit all of whose cases stand in it."""
    if unit.kind == "nation":
        return Q()
    below: list[QuerySet] = []
    match unit.kind:
        case "department":
            below = [
                _keys("district", District.objects.filter(department_id=unit.pk), "code"),
                _keys("school", School.objects.filter(district__department_id=unit.pk), "code"),
            ]
        case "district" | "tray":
            below = [_keys("school", School.objects.filter(district_id=unit.pk), "code")]
        case "province":
            below = _below_provinces(Province.objects.filter(pk=unit.pk))
        case "region":
            inside = Province.objects.filter(region_id=unit.pk)
            below = [_keys("province", inside, "pk"), *_below_provinces(inside)]
    rule = Q(**{column: str(unit)})
    for keys in below:
        rule |= Q(**{f"{column}__in": keys})
    return rule


def _below_provinces(provinces: QuerySet) -> list[QuerySet]:
    """Keys of the schools in `provinces`, and of the districts that lie in them and nowhere else."""
    crossing = District.provinces.through.objects.exclude(province__in=provinces).values("district_id")
    return [
        _keys("district", District.objects.filter(provinces__in=provinces).exclude(pk__in=crossing), "code"),
        _keys("school", School.objects.filter(province__in=provinces), "code"),
    ]


def _keys(kind: str, rows: QuerySet, field: str) -> QuerySet:
    """The units of `rows` as they are written: `kind:field`."""
    text = Concat(Value(f"{kind}:"), Cast(field, CharField()), output_field=CharField())
    return rows.order_by().annotate(written=text).values("written")
