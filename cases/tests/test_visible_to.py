"""`Case.objects.visible_to` over random worlds, against an oracle that knows nothing of schools.scope (AZ-04)."""

from datetime import timedelta
from itertools import count

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.codes import Category, Rung, Stage
from cases.models import Case, Child
from cases.models.case import case_number, take_ids
from dropout.testing import make_schools
from schools import clock
from schools.models import District, Person, Posting
from schools.thaitime import bangkok_today

EXAMPLES = 200
UNITS = {
    "teacher": ["school:46990001", "school:46990002", "school:81990001", "district:P4603"],
    "director": ["school:46990001", "school:46990004", "nation", "school:00000000"],
    "district": ["district:P4603", "district:P4601", "district:S4601", "district:V4601", "province:46"],
    "province": ["province:46", "province:30", "province:81", "school:46990001"],
    "department": ["department:obec", "department:ovec", "nation"],
    "ministry": ["nation", "region:12", "region:6", "region:13", "province:46"],
    "auditor": ["nation", "region:12", "province:46", "department:obec", "district:P4603", "school:46990001"],
    "partner": ["partner:eef", "nation"],
    "admin": ["nation", "province:46"],
}
HELD_IN = {
    "teacher": {"school"},
    "director": {"school"},
    "district": {"district"},
    "province": {"province"},
    "department": {"department"},
    "ministry": {"nation", "region"},
    "auditor": {"nation", "region", "province", "department", "district"},
}
days = st.integers(-3, 3)
postings = st.sampled_from(sorted(UNITS)).flatmap(
    lambda role: st.tuples(st.just(role), st.sampled_from(UNITS[role]), days, st.none() | days)
)
worlds = st.tuples(
    st.lists(postings, max_size=3),
    st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=1, max_size=8),
    st.booleans(),
)
_names = count(1)


# ── the oracle ────────────────────────────────────────────────────────────────────────────────────────────────────────
def sees(person_active: bool, posted: list[tuple], case: Case) -> bool:
    """Whether somebody so posted sees `case`: by the codes of the places it stands in, posting by posting."""
    if not person_active:
        return False
    for role, unit, since, until in posted:
        kind, _, code = unit.partition(":")
        if kind not in HELD_IN.get(role, ()):
            continue  # partners and administrators see no cases; a role counts only in its own kind of unit
        if since > 0 or (until is not None and until < 0):
            continue  # not today
        stands = {
            "nation": {""},
            "region": {str(case.province.region_id)},
            "province": {str(case.province_id)},
            "department": {case.department.code},
            "district": {case.district.code},
            "school": {case.school.code} if case.school else set(),
        }
        if code in stands[kind]:
            return True
    return False


def make_world(schools: list, posted: list[tuple], cases: list[tuple[int, bool]], active: bool) -> Person:
    today = bangkok_today()
    person = Person.objects.create_user(f"somebody{next(_names)}", "", is_active=active)
    for role, unit, since, until in posted:
        until = until if until is None or until >= since else since
        Posting.objects.create(
            person=person,
            role=role,
            unit=unit,
            since=today + timedelta(days=since),
            until=None if until is None else today + timedelta(days=until),
        )
    for place, assigned in cases:
        school = schools[place]
        child = Child.objects.create(first_name="สม", sort_key="", search="", name_key="", created_at=clock.now())
        (pk,) = take_ids(Case, 1)
        Case.objects.create(
            pk=pk,
            number=case_number(pk),
            child=child,
            opened_at=clock.now(),
            stage=Stage.NEW,
            stage_since=clock.now(),
            category=Category.DROPOUT,
            rung=Rung.TO_START,
            school=school if assigned else None,
            district=school.district,
            province_id=school.province_id,
            department=school.district.department,
        )
    return Person.objects.get(pk=person.pk)


@pytest.fixture
def seven_schools(db):
    made = make_schools().values()
    districts = District.objects.select_related("department").in_bulk([school.district_id for school in made])
    for school in made:
        school.district = districts[school.district_id]
    return list(made)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(worlds)
def test_visible_to_agrees_with_the_oracle_in_random_worlds(seven_schools, world):
    posted, cases, active = world
    posted = [(role, unit, since, None if until is None else max(since, until)) for role, unit, since, until in posted]
    with transaction.atomic():
        person = make_world(seven_schools, posted, cases, active)
        every = list(Case.objects.select_related("province", "district", "department", "school"))
        seen = set(Case.objects.visible_to(person).values_list("pk", flat=True))
        assert seen == {case.pk for case in every if sees(active, posted, case)}
        transaction.set_rollback(True)


def test_oracle_itself_sees_and_does_not_see(seven_schools):
    make_world(seven_schools, [], [(0, True), (6, False)], True)
    own, far = Case.objects.select_related("province", "district", "department", "school").order_by("pk")
    assert sees(True, [("teacher", "school:46990001", 0, None)], own)
    assert not sees(True, [("teacher", "school:46990001", 0, None)], far)
    assert not sees(True, [("admin", "nation", 0, None)], own)
    assert not sees(False, [("ministry", "nation", 0, None)], own)
    assert not sees(True, [("ministry", "nation", -3, -1)], own)
