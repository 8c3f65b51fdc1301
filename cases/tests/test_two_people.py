"""Two people at once: who saves second is shown what was seen and what stands, and keeps what was typed."""

import threading
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from cases import answering
from cases.actions import IllegalAction
from cases.closing import request_closing
from cases.codes import Closing, Finding, RequestState, Stage
from cases.models import Case, Request
from cases.routing import name_teacher
from cases.visits import VisitContent, record_visit
from schools.models import Person, Posting
from schools.thaitime import bangkok_today, thai_date

TYPED = "ครูโรงเรียนปลายทางยืนยันทางโทรศัพท์"


def entered(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def hidden(page) -> dict[str, str]:
    """What a browser sends back of a page unseen."""
    return {"version": str(page.context["form"]["version"].value()), "seen": page.context["seen"]}


@pytest.fixture
def case(cast, make_case):
    return make_case(cast.own_school, name="น้องสอง สมมุติ")


@pytest.fixture
def deputy(cast):
    """A second officer of the same district."""
    person = Person.objects.create_user("deputy", "", first_name="รอง", last_name="สมมุติเขต")
    Posting.objects.create(person=person, role="district", unit="district:P4603", since=bangkok_today())
    return person


PAGES = {
    "assign": lambda cast: {"school": cast.sister_school.pk, "reason": TYPED},
    "enrolment_new": lambda cast: {
        "route": "outside",
        "where": TYPED,
        "at": thai_date(bangkok_today(), "numeric", plain=True),
    },
    "name_teacher": lambda cast: {"teacher": cast.teacher.pk},
    "act": lambda cast: {"why": "in_education", "reason": TYPED},
}


@pytest.mark.parametrize("page", PAGES)
def test_who_saves_second_sees_both_values_and_keeps_what_was_typed(cast, case, page):
    arguments = [case.number, "request_closing"] if page == "act" else [case.number]
    url, said = reverse(f"cases:{page}", args=arguments), PAGES[page](cast)
    first, second = entered(cast.district), entered(cast.teacher)
    opened = first.get(url)
    visit = {"uuid": str(uuid4()), "finding": "1", "mode": "home", "wish": "1"}
    visit |= {"done_on": thai_date(bangkok_today(), "numeric", plain=True), "situation": "พบที่บ้านยาย"}
    assert second.post(reverse("cases:visit_new", args=[case.number]), visit).status_code == 302

    told = first.post(url, said | hidden(opened))
    assert told.status_code == 409
    changes = {change.label: (change.was, change.now) for change in told.context["changes"]}
    assert changes == {"ขั้น": ("มอบหมายแล้ว", "พบตัว"), "ประสงค์": ("ยังไม่ได้ถาม", "ประสงค์กลับเข้าเรียน")}
    body = told.content.decode()
    assert "เยี่ยมบ้าน: พบตัว" in body
    assert "กมล สมมุติครู" in body
    for name, value in said.items():
        assert str(told.context["form"][name].value()) == str(value)
    case.refresh_from_db()
    assert case.stage == Stage.FOUND

    assert first.post(url, said | hidden(told)).status_code == 302  # having seen it, pressed again


def test_of_two_officers_who_name_a_teacher_the_second_is_shown_the_firsts(cast, case, deputy):
    first, second = entered(cast.district), entered(deputy)
    url = reverse("cases:name_teacher", args=[case.number])
    pages = first.get(url), second.get(url)
    assert first.post(url, {"teacher": cast.teacher.pk} | hidden(pages[0])).status_code == 302
    told = second.post(url, {"teacher": cast.director.pk} | hidden(pages[1]))
    assert told.status_code == 409
    assert [(change.was, change.now) for change in told.context["changes"]] == [("–", "กมล สมมุติครู")]
    case.refresh_from_db()
    assert case.teacher == cast.teacher


@pytest.mark.parametrize("seen", ["", "ปลอม", "eyJzdGFnZSI6MX0:1abc:xyz"])
def test_a_page_that_does_not_say_what_was_seen_shows_what_stands(cast, case, seen):
    client, url = entered(cast.district), reverse("cases:assign", args=[case.number])
    name_teacher(case, cast.teacher, person=cast.director)
    told = client.post(url, {"school": cast.sister_school.pk, "version": "1", "seen": seen})
    assert (told.status_code, told.context["changes"]) == (409, [])
    assert "มอบหมายแล้ว" in told.content.decode()


def test_what_was_seen_of_another_case_is_not_believed(cast, case, make_case):
    client, other = entered(cast.district), make_case(cast.own_school)
    page = client.get(reverse("cases:assign", args=[other.number]))
    name_teacher(case, cast.teacher, person=cast.director)
    sent = {"school": cast.sister_school.pk, "version": "1", "seen": page.context["seen"]}
    assert client.post(reverse("cases:assign", args=[case.number]), sent).context["changes"] == []


def test_two_answers_give_one_winner_and_one_clear_answer(cast, case, deputy):
    asked = request_closing(case, person=cast.teacher, why=Closing.ABROAD, reason=TYPED)
    url = reverse("cases:request_answer", args=[asked.pk])
    assert entered(cast.district).post(url, {"decision": "grant"}).status_code == 302
    told = entered(deputy).post(url, {"decision": "refuse", "answer": "ขอเอกสารเพิ่ม"})
    assert told.status_code == 409
    assert "มีผู้พิจารณาคำขอนี้แล้ว (อนุมัติ)" in told.content.decode()
    asked.refresh_from_db()
    assert (asked.state, asked.answered_by) == (RequestState.GRANTED, cast.district)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_grant_recall_and_visit_at_the_same_instant_leave_one_clear_state(cast, make_case):
    """Both hold the case before the request, so there is a winner and no deadlock."""
    case = make_case(cast.own_school)
    asked = request_closing(case, person=cast.teacher, why=Closing.ABROAD, reason=TYPED)
    outcomes, ready = [], threading.Barrier(3)

    def race(call):
        try:
            ready.wait(10)
            call()
            outcomes.append("done")
        except IllegalAction:
            outcomes.append("told")
        finally:
            connection.close()

    calls = (
        lambda: answering.answer(asked, person=cast.district, decision="grant"),
        lambda: answering.answer(asked, person=cast.teacher, decision="recall"),
        lambda: record_visit(case, VisitContent(finding=Finding.NONE), person=cast.director, uuid=uuid4()),
    )
    threads = [threading.Thread(target=race, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["done", "done", "told"]
    state = Request.objects.get().state
    stages = {
        RequestState.GRANTED: {Stage.CLOSED, Stage.TRACKING, Stage.FOUND},
        RequestState.RECALLED: {Stage.TRACKING},
    }
    assert Case.objects.get(pk=case.pk).stage in stages[state]
