"""โรงเรียนแก้ไม่ได้: asked, helped, given back or taken over, asked again, until the child is in school."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from cases import answering, help_rounds, referrals, requests, timeline
from cases import help as helping
from cases.actions import IllegalAction
from cases.codes import Basis, EnrolmentRoute, FactKind, Finding, Need, Remedy, RequestState, Stage
from cases.confidential import told
from cases.enrolment import claim_enrolment
from cases.escalation import HELPING, AnswerMissing, escalate
from cases.models import Case, Fact, Request
from cases.transfers import TransferRefused
from cases.visits import VisitContent, record_visit
from schools import clock
from schools.models import Partner
from schools.thaitime import bangkok_today

pytestmark = pytest.mark.django_db
WHY = "ผู้ปกครองไม่ยินยอม ขอทีมเขตลงพื้นที่"


@pytest.fixture
def case(cast, make_case) -> Case:
    """A child who was found, at the own school."""
    made = make_case(cast.own_school, name="น้องแก้ว สมมุติ")
    record_visit(made, VisitContent(finding=Finding.FOUND), person=cast.teacher, uuid=uuid4())
    return fresh(made)


def fresh(case) -> Case:
    return Case.objects.get(pk=case.pk)


def ask(case, person) -> Request:
    return escalate(fresh(case), person=person, reason=WHY)


def answer(asked, person, does, **more) -> Case:
    said = {"decision": "grant", "answer": "จะลงพื้นที่วันศุกร์"} | more
    return answering.answer(Request.objects.get(pk=asked.pk), person=person, does=does, **said)


def help_a_round(cast, case, asked) -> None:
    """What the district does in a round: takes it up, refers, confers with agreed actions, gives it back."""
    answer(asked, cast.district, Remedy.HELP)
    referrals.refer(
        fresh(case),
        person=cast.district,
        partner=Partner.objects.get(code="team-46"),
        purpose="ขอลงพื้นที่พบครอบครัว",
        basis=Basis.PUBLIC_TASK,
        shares=["name"],
        due_on=bangkok_today() + timedelta(days=7),
    )
    helping.confer(
        fresh(case),
        person=cast.district,
        held_on=bangkok_today(),
        sat="เขต ทีมสหวิชาชีพ ผู้ใหญ่บ้าน",
        agreed=["ขอทุนค่าเดินทาง", "เยี่ยมบ้านทุกสัปดาห์"],
        plan=True,
        need=Need.SCHOLARSHIP,
        who="เขต",
        due_on=bangkok_today(),
    )
    answer(asked, cast.district, Remedy.RETURN, answer="ให้ครูพาไปสมัครหลังสงกรานต์")


def test_a_round_stays_open_while_the_district_helps_and_ends_when_it_is_given_back(cast, case):
    asked = ask(case, cast.teacher)
    assert (asked.to_unit, asked.details["round"]) == ("district:P4603", 1)
    answer(asked, cast.district, Remedy.HELP)
    held = Request.objects.get()
    assert (held.state, held.details["does"], held.answer) == (RequestState.WAITING, "help", "จะลงพื้นที่วันศุกร์")
    assert held.due_at - clock.now() > HELPING - timedelta(minutes=5)
    with pytest.raises(IllegalAction):  # the school waits for the end of the round
        ask(case, cast.teacher)
    with pytest.raises(IllegalAction):
        answer(asked, cast.district, Remedy.HELP)
    answer(asked, cast.district, Remedy.RETURN, answer="ลองอีกครั้งตามแนวทาง")
    assert Request.objects.get().state == RequestState.GRANTED
    assert fresh(case).school == cast.own_school


def test_an_answer_says_what_is_done(cast, case):
    asked = ask(case, cast.teacher)
    form = answering.AnswerForm({"decision": "grant", "answer": ""}, kind=asked.kind)
    assert set(form.errors) == {"does", "answer"}
    for does, words in (("", "จะลงพื้นที่วันศุกร์"), (Remedy.RETURN, "ดี")):
        with pytest.raises(AnswerMissing):
            answer(asked, cast.district, does, answer=words)
    with pytest.raises(PermissionDenied):
        answer(asked, cast.south_district, Remedy.RETURN)


def test_the_loop_is_told_round_by_round_until_the_child_is_in_school(cast, case, client):
    help_a_round(cast, case, ask(case, cast.teacher))
    second = ask(case, cast.teacher)
    assert second.details["round"] == 2
    facts = timeline.facts_of(case)
    events = timeline.events(case, facts, told(cast.teacher, case))
    assert {event["round"] for event in events if event["icon"] == "stamp"} == {"รอบที่ 1", "รอบที่ 2"}
    latest, first = help_rounds.told(facts)
    assert (latest["number"], first["number"]) == (2, 1)
    steps = dict(first["steps"])
    assert "ทีมสหวิชาชีพ" in steps["หาความช่วยเหลือ"]
    assert steps["ประชุมรายกรณี"]
    assert "2 เรื่อง" in steps["ตกลงและช่วยเหลือ"]
    assert "คืนโรงเรียน" in steps["ผลของรอบ"]
    assert not dict(latest["steps"])["ผลของรอบ"]
    client.force_login(cast.teacher)
    assert "รอบที่ 2" in client.get(reverse("cases:case_detail", args=[case.number])).content.decode()
    client.force_login(cast.district)
    for page in (reverse("cases:desk") + "?tab=incoming", reverse("cases:queue") + "?tab=all"):
        assert "รอบที่ 2" in client.get(page).content.decode(), page
    claim_enrolment(fresh(case), person=cast.teacher, route=EnrolmentRoute.OUTSIDE, where="ศูนย์การเรียนสมมุติ")
    assert Request.objects.get(pk=second.pk).state == RequestState.ENDED
    assert fresh(case).stage == Stage.RETURNED_CLAIMED


def test_taken_over_the_case_stands_with_the_district_or_where_it_puts_it(cast, case, make_case):
    moved = answer(ask(case, cast.teacher), cast.district, Remedy.TAKE_OVER)
    assert (moved.school_id, moved.district.code) == (None, "P4603")
    assert Request.objects.get().state == RequestState.GRANTED
    other = make_case(cast.own_school, name="น้องกล้า สมมุติ")
    moved = answer(ask(other, cast.teacher), cast.district, Remedy.TAKE_OVER, destination="school:46990002")
    assert moved.school == cast.sister_school
    third = make_case(cast.own_school, name="น้องก้อง สมมุติ")
    with pytest.raises(TransferRefused):
        answer(ask(third, cast.teacher), cast.district, Remedy.TAKE_OVER, destination="district:P4601")
    assert fresh(third).school == cast.own_school


def test_what_is_not_ended_in_its_time_climbs_and_is_told_so(cast, case):
    asked = ask(case, cast.teacher)
    answer(asked, cast.district, Remedy.HELP)
    with clock.simulated(clock.now() + timedelta(days=8)):
        assert requests.escalate_unanswered() == 0  # it was answered
    with clock.simulated(clock.now() + HELPING + timedelta(days=1)):
        assert requests.escalate_unanswered() == 1
        held = Request.objects.get()
        assert (held.to_unit, held.escalated, "does" in held.details) == ("province:46", True, False)
        title = timeline.title(Fact.objects.filter(kind=FactKind.REQUEST_ANSWERED).latest("pk"))
        assert "ช่วยยังไม่สำเร็จ" in title
        answer(held, type(cast.province).objects.get(pk=cast.province.pk), Remedy.RETURN)


def test_a_round_before_which_the_school_conferred_alone_is_the_second(cast, case):
    helping.confer(case, person=cast.director, held_on=bangkok_today(), sat="ครู", agreed=["ลองอีกครั้ง"])
    assert ask(case, cast.teacher).details["round"] == 2


def test_the_page_of_the_request_offers_what_the_unit_can_do(client, cast, case):
    asked = ask(case, cast.teacher)
    page = reverse("cases:request_detail", args=[asked.pk])
    client.force_login(cast.district)
    shown = client.get(page).content.decode()
    assert "รับช่วย" in shown and "รับไปดูแลแทน" in shown and "คืนโรงเรียน" in shown
    sent = reverse("cases:request_answer", args=[asked.pk])
    refused = client.post(sent, {"decision": "grant", "answer": "จะลงพื้นที่วันศุกร์"})
    assert refused.status_code == 400 and "จะลงพื้นที่วันศุกร์" in refused.content.decode()
    said = {"decision": "grant", "does": "help", "answer": "จะลงพื้นที่วันศุกร์"}
    assert client.post(sent, said).status_code == 302
    shown = client.get(page).content.decode()
    assert "กำลังช่วย" in shown
    assert 'value="help"' not in shown
