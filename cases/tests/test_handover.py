import pytest
from django.core.exceptions import PermissionDenied

from cases.actions import IllegalAction
from cases.codes import FactKind
from cases.handover import hand_over_cases, open_work
from cases.models import Case, Fact
from cases.routing import name_teacher
from schools import postings
from schools.invitations import invite
from schools.models import AuditEvent
from schools.tests.asking import asking

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(cast, make_case):
    """Two cases of the teacher at the own school, one of the director's."""
    cases = [make_case(cast.own_school, name=f"น้อง{n} สมมุติ") for n in range(3)]
    for case, person in zip(cases, (cast.teacher, cast.teacher, cast.director), strict=True):
        name_teacher(case, person, person=cast.director)
    return cases


def responsible(cases) -> list:
    return [Case.objects.get(pk=case.pk).teacher for case in cases]


def test_the_open_work_goes_to_the_successor_and_history_keeps_the_name(cast, held):
    moved = hand_over_cases(cast.teacher, cast.director, cast.own_school, person=cast.district)
    assert [case.pk for case in moved] == [case.pk for case in held[:2]]
    assert responsible(held) == [cast.director] * 3
    facts = Fact.objects.filter(case=held[0], kind=FactKind.TEACHER_NAMED).order_by("pk")
    assert [fact.teacher for fact in facts] == [cast.teacher, cast.director]
    assert facts[1].details == {"handed_over_by": "กมล สมมุติครู"}
    event = AuditEvent.objects.get(action="work_handed_over")
    assert (event.details["successor"], event.details["cases"]) == ("director", 2)


def test_without_a_successor_the_work_waits_at_the_school(cast, held, client):
    postings.end(cast.teacher.postings.get(), by=cast.director)
    hand_over_cases(cast.teacher, None, cast.own_school, person=cast.director)
    assert responsible(held) == [None, None, cast.director]
    client.force_login(cast.director)
    page = client.get(f"/cases/{held[0].number}/").content.decode()
    assert "ส่งมอบงานคืนโรงเรียน" in page
    assert "รับช่วงจาก กมล สมมุติครู" in page


def test_only_who_is_posted_there_takes_over_and_only_who_names_teachers_hands_over(cast, held):
    for successor in (cast.sister_teacher, cast.charlie, cast.teacher):
        with pytest.raises(IllegalAction):
            hand_over_cases(cast.teacher, successor, cast.own_school, person=cast.director)
    with pytest.raises(PermissionDenied):
        hand_over_cases(cast.teacher, cast.director, cast.own_school, person=cast.teacher)
    assert responsible(held) == [cast.teacher, cast.teacher, cast.director]


def test_a_read_only_twin_takes_nothing_over(cast, held):
    twin = invite(
        "twin",
        by=cast.director,
        role="teacher",
        unit="school:46990001",
        first_name="ฝา",
        last_name="แฝด",
        read_only=True,
    )
    with pytest.raises(IllegalAction):
        hand_over_cases(cast.teacher, twin.person, cast.own_school, person=cast.director)


def test_closed_cases_and_other_schools_stay(cast, held, make_case):
    elsewhere = make_case(cast.sister_school)
    Case.objects.filter(pk=elsewhere.pk).update(teacher=cast.teacher)
    assert len(hand_over_cases(cast.teacher, None, cast.own_school, person=cast.district)) == 2
    assert responsible([elsewhere]) == [cast.teacher]


def test_who_has_left_comes_first_in_the_list(cast, held):
    before = [(one.person.username, one.cases, one.has_left) for one in open_work(cast.director)]
    assert before == [("teacher", 2, False), ("director", 1, False)]
    postings.end(cast.director.postings.get(), by=cast.district)
    after = [(one.person.username, one.has_left) for one in open_work(cast.district)]
    assert after == [("director", True), ("teacher", False)]
    assert open_work(cast.south_district) == []


def test_the_page_hands_over_and_a_program_does_the_same(cast, held, client):
    client.force_login(cast.director)
    path = f"/hand-overs/46990001/{cast.teacher.pk}/"
    form = client.get(path).context["form"]
    assert [value for value, _ in form.fields["successor"].choices] == ["", str(cast.director.pk)]
    assert client.post(path, {"successor": "999"}).status_code == 400
    assert client.post(path, {"successor": cast.director.pk})["Location"] == "/hand-overs/"
    assert responsible(held) == [cast.director] * 3
    assert client.get(path).status_code == 404
    asked = {"school": "school:46990001", "from_person": "director", "to_person": "teacher"}
    told = asking(cast.district).post("/api/v1/hand-overs/", asked)
    assert sorted(told.json()["cases"]) == sorted(case.number for case in held)
    assert responsible(held) == [cast.teacher] * 3
    nobody = asking(cast.district).post("/api/v1/hand-overs/", asked)
    assert nobody.status_code == 400
