"""The table of who may give whom which role where, against a list typed by hand."""

import pytest

from schools import people_rules, roles
from schools.models import Posting
from schools.people_rules import giving_posting, may_change, roles_to_give, visible_postings
from schools.roles import UNIT_KINDS
from schools.units import parse_unit

pytestmark = pytest.mark.django_db

UNITS = {
    "own": "school:46990001",
    "sister": "school:46990002",
    "other_district_school": "school:46990003",
    "secondary": "school:46990004",
    "college": "school:46990005",
    "district": "district:P4603",
    "other_district": "district:P4601",
    "college_office": "district:V4601",
    "province": "province:46",
    "other_province": "province:30",
    "region": "region:12",
    "department": "department:obec",
    "other_department": "department:ovec",
    "partner": "partner:eef",
    "nation": "nation",
}
SCHOOLS = {"own", "sister", "other_district_school", "secondary", "college"}
OFFICES = {"district", "other_district", "college_office"}
# giver → (role, unit) it may give; what is not here it may not.
MAY = {
    "teacher": set(),
    "director": {("teacher", "own")},
    "district": {("district", "district")}
    | {(role, unit) for role in ("director", "teacher") for unit in ("own", "sister")},
    "province": {("province", "province")},
    "department": {("department", "department"), ("district", "district"), ("district", "other_district")},
    "ministry": {("ministry", "nation"), ("ministry", "region"), ("partner", "partner")}
    | {("department", unit) for unit in ("department", "other_department")}
    | {("province", unit) for unit in ("province", "other_province")}
    | {("auditor", unit) for unit in {"nation", "region", "province", "other_province", *OFFICES}}
    | {("auditor", unit) for unit in ("department", "other_department")},
    "partner": set(),
    "auditor": set(),
    "charlie": set(),
}


def possible() -> set[tuple[str, str]]:
    return {
        (role, name) for role in UNIT_KINDS for name, unit in UNITS.items() if unit.split(":")[0] in UNIT_KINDS[role]
    }


@pytest.mark.parametrize("giver", [*MAY, "admin"])
def test_each_level_gives_what_the_table_says_and_nothing_else(cast, giver):
    person = getattr(cast, giver)
    units = {name: parse_unit(unit) for name, unit in UNITS.items()}
    given = {(role, name) for role in UNIT_KINDS for name, unit in units.items() if giving_posting(person, role, unit)}
    expected = MAY.get(giver, possible())
    assert given & possible() == expected
    assert set(roles_to_give(person)) == {role for role, _ in expected}


def test_a_region_officer_gives_only_in_the_region_and_a_role_without_a_line_gives_nothing(cast):
    cast.charlie.postings.create(role="ministry", unit="region:12", since="2021-01-01")
    assert giving_posting(cast.charlie, "ministry", parse_unit("region:12"))
    assert not giving_posting(cast.charlie, "ministry", parse_unit("nation"))
    assert not giving_posting(cast.charlie, "province", parse_unit("province:46"))
    assert set(people_rules.MAY_GIVE) == {
        ("director", "school"),
        ("district", "district"),
        ("province", "province"),
        ("department", "department"),
        ("ministry", "region"),
        ("ministry", "nation"),
        ("admin", "nation"),
    }
    holders = {role for role, held in roles.CAPABILITIES.items() if roles.ADMINISTER_PEOPLE in held}
    assert holders == {role for role, _ in people_rules.MAY_GIVE}


@pytest.mark.parametrize("name", ["director", "district", "province", "department", "ministry", "admin"])
def test_what_is_listed_is_what_may_be_changed_and_the_colleagues_of_the_unit(cast, name):
    person = getattr(cast, name)
    unit = person.postings.get().unit
    listed = set(visible_postings(person))
    everybody = Posting.objects.select_related("person")
    assert listed == {one for one in everybody if may_change(person, one) or one.unit == unit} | set(
        person.postings.all()
    )
    assert not any(may_change(person, one) for one in person.postings.all())
    assert len(listed) >= 2 or name in ("province", "department")


def test_a_posting_at_a_unit_that_is_no_more_is_the_administrators_alone(cast):
    lost = cast.charlie.postings.create(role="teacher", unit="school:11111111", since="2021-01-01")
    assert may_change(cast.admin, lost)
    assert not may_change(cast.district, lost)


def test_a_read_only_twin_sees_and_does_nothing(cast):
    posting = cast.district.postings.get()
    full = roles.capabilities_of(posting)
    posting.read_only = True
    assert roles.capabilities_of(posting) == {
        "see_cases",
        "see_names",
        "see_sensitive",
        "see_figures",
        "see_audit",
        "export_workbook",
        "export_line_list",
    }
    assert roles.capabilities_of(posting) < full
    for role in roles.CAPABILITIES:
        twin = Posting(role=role, read_only=True)
        assert all(word.startswith(("see_", "export_")) for word in roles.capabilities_of(twin))
