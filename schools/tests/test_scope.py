"""The rule of scope against brute force: over every case that could stand anywhere in a small piece of the country."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db.models import Q

from schools import roles
from schools.models import Amphoe, Department, District, Partner, Person, Posting, Province, Region, School
from schools.reference import generated_office, tray_of
from schools.scope import covers, encloses, home_unit, may_look_at, posting_for, postings_of, unit_of_posting, visible
from schools.thaitime import bangkok_today
from schools.units import NATION, UnknownUnit, parse_unit, unit_of

pytestmark = pytest.mark.django_db

# Provinces of one region and of two, alone in theirs (Bangkok), and joined by one สพม. (46 alone; 92+81; 90+91; 42+39).
PROVINCES = [10, 46, 40, 30, 81, 92, 90, 91, 42, 39]


@dataclass(frozen=True)
class Leaf:
    """A case as scope sees it."""

    school: School | None
    district: District
    province: Province

    school_id = property(lambda self: self.school and self.school.pk)
    district_id = property(lambda self: self.district.pk)
    province_id = property(lambda self: self.province.pk)
    department_id = property(lambda self: self.district.department_id)


def possible_leaves(units):
    """Every case that could stand in the piece of country, schools that may yet be opened included.

    Each (district, province it covers): without a school, in a new school of each amphoe, in each present school.
    """
    leaves = []
    for district in units["district"]:
        for province in district.provinces.all():
            province = units["by_pk"]["province", province.pk]
            leaves.append(Leaf(None, district, province))
            if district.kind == District.Kind.TRAY:
                continue
            for amphoe in units["amphoe"]:
                if amphoe.province_id == province.pk:
                    yet = School(
                        pk=-(district.pk * 10_000 + amphoe.pk), amphoe=amphoe, district=district, province=province
                    )
                    leaves.append(Leaf(yet, district, province))
    leaves += [Leaf(school, school.district, school.province) for school in units["school"]]
    return leaves


@pytest.fixture
def units(schools):
    for province in PROVINCES[:3]:
        for department in ("lao", "bpp"):
            tray_of(Province.objects.get(pk=province), Department.objects.get(code=department))
        generated_office(Province.objects.get(pk=province), Department.objects.get(code="lao"))
    provinces = list(Province.objects.filter(pk__in=PROVINCES).select_related("region"))
    found = {
        "province": provinces,
        "region": list(Region.objects.filter(provinces__in=PROVINCES).distinct()),
        "department": list(Department.objects.filter(code__in=["obec", "ovec", "dole", "opec", "lao", "bpp"])),
        "district": list(
            District.objects.filter(provinces__in=PROVINCES)
            .distinct()
            .select_related("department")
            .prefetch_related("provinces")
        ),
        "amphoe": [
            amphoe
            for province in PROVINCES
            for amphoe in Amphoe.objects.filter(province=province).select_related("province__region")[:2]
        ],
        "school": list(School.objects.select_related("district", "province__region", "amphoe")),
    }
    # districts reaching out of the piece would have provinces without rows here
    found["district"] = [one for one in found["district"] if {p.pk for p in one.provinces.all()} <= set(PROVINCES)]
    found["by_pk"] = {("province", province.pk): province for province in provinces}
    return found


def test_encloses_agrees_with_brute_force_over_every_possible_case(units):
    leaves = possible_leaves(units)
    everything = [NATION] + [unit_of(row) for kind in units if kind != "by_pk" for row in units[kind]]
    # a region of several provinces of which only some are in the piece: judge it by those that are not, too
    rest = [
        Leaf(None, district, province)
        for region in units["region"]
        for province in region.provinces.exclude(pk__in=PROVINCES).select_related("region")
        for district in District.objects.filter(provinces=province)[:2]
    ]
    leaves += rest
    inside = {unit: sum(1 << n for n, leaf in enumerate(leaves) if covers(unit, leaf)) for unit in everything}
    assert all(inside.values())  # nobody encloses a unit merely because no case could stand in it
    wrong = [
        (str(outer), str(inner), encloses(outer, inner))
        for outer in everything
        for inner in everything
        if encloses(outer, inner) != (inside[inner] & ~inside[outer] == 0)
    ]
    assert wrong == []


def test_no_unit_encloses_a_partner_and_a_partner_encloses_nothing():
    partners = [unit_of(partner) for partner in Partner.objects.all()[:2]]
    for partner in partners:
        for other in (NATION, *partners, parse_unit("province:46")):
            assert not encloses(partner, other)
            assert not encloses(other, partner)


def test_the_province_of_bangkok_is_the_whole_central_region():
    assert encloses(parse_unit("province:10"), parse_unit("region:central"))
    assert not encloses(parse_unit("province:46"), parse_unit("region:12"))


def test_a_secondary_area_of_two_provinces_is_enclosed_by_neither():
    area = parse_unit("district:S9201")  # สพม.ตรัง กระบี่
    assert not encloses(parse_unit("province:81"), area)
    assert not encloses(parse_unit("province:92"), area)
    assert encloses(parse_unit("region:6"), area)


# ── postings ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_posting_counts_from_its_first_to_its_last_day_in_bangkok(cast):
    today = bangkok_today()
    posting = cast.teacher.postings.get()
    for since, until, counts in (
        (today, today, True),
        (today + timedelta(days=1), None, False),
        (today - timedelta(days=9), today - timedelta(days=1), False),
    ):
        Posting.objects.filter(pk=posting.pk).update(since=since, until=until)
        assert bool(postings_of(Person.objects.get(pk=cast.teacher.pk))) == counts


@pytest.mark.parametrize("unit", ["nation", "province:46", "district:P4603", "school:00000000", "", "x", "partner:eef"])
def test_a_posting_in_a_unit_its_role_is_not_held_in_gives_nothing(cast, unit):
    Posting.objects.filter(person=cast.teacher).update(unit=unit)
    teacher = Person.objects.get(pk=cast.teacher.pk)
    leaf = Leaf(cast.own_school, cast.own_school.district, cast.own_school.province)
    assert unit_of_posting(postings_of(teacher)[0]) is None
    assert posting_for(teacher, roles.SEE_CASES, leaf) is None
    assert not may_look_at(teacher, parse_unit("school:46990001"))
    assert home_unit(teacher) is None
    assert visible(teacher) == Q(pk__in=[])


def test_charlie_sees_nothing(cast):
    leaf = Leaf(cast.own_school, cast.own_school.district, cast.own_school.province)
    assert visible(cast.charlie) == Q(pk__in=[])
    assert posting_for(cast.charlie, roles.SEE_CASES, leaf) is None
    assert home_unit(cast.charlie) is None
    assert not any(may_look_at(cast.charlie, unit) for unit in (NATION, parse_unit("school:46990001")))


def test_a_person_looks_at_the_figures_of_what_stands_inside_their_unit_alone(cast):
    units = [
        "nation",
        "region:12",
        "province:46",
        "department:obec",
        "district:P4603",
        "district:P4601",
        "school:46990001",
        "school:46990002",
        "tray:46-obec",
        "amphoe:4605",
        "school:81990001",
    ]
    expected = {
        "teacher": {"school:46990001"},
        "director": {"school:46990001"},
        "district": {"district:P4603", "school:46990001", "school:46990002"},
        "province": set(units) - {"nation", "region:12", "department:obec", "school:81990001"},
        "department": {"department:obec", "district:P4603", "district:P4601", "tray:46-obec"}
        | {"school:46990001", "school:46990002", "school:81990001"},
        "ministry": set(units),
        "auditor": set(units),
        "partner": set(),
        "admin": set(),
        "south_province": {"school:81990001"},
        "south_department": set(),
        "charlie": set(),
    }
    seen = {name: {unit for unit in units if may_look_at(getattr(cast, name), parse_unit(unit))} for name in expected}
    assert seen == expected


# ── units ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "text",
    [
        *("nation", "department:obec", "region:13", "region:central", "province:46", "amphoe:4601"),
        *("district:P4603", "school:46990001", "tray:46-obec", "partner:eef"),
    ],
)
def test_a_unit_is_written_as_it_is_read(schools, text):
    unit = parse_unit(text)
    assert str(unit) == text
    assert unit_of(unit.row) == unit if unit.row else unit == NATION


@pytest.mark.parametrize(
    "text",
    [
        *("", "nation:", "nation:x", "x:1", "province:", "province:046", "province:๔๖", "province:-1", "province:4e1"),
        *("region:0", "region:19", "district:46-obec", "tray:P4603", "district:p4603", "school:46990001\x00"),
        *("school:x y", "school:\ud800", "district:P4603\n;", "district:'--", "school:" + "1" * 5_000),
        "province:" + "9" * 30,
    ],
)
def test_what_is_no_unit_is_refused(schools, text):
    with pytest.raises(UnknownUnit):
        parse_unit(text)
