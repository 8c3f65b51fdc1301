"""The plan of help, conferences, and the alarm for an unsafe child."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from cases import help as helping
from cases import referrals, timeline
from cases.actions import IllegalAction
from cases.codes import FactKind, Finding, Need, Stage
from cases.confidential import told
from cases.models import Case, Fact, HelpAction
from cases.visits import VisitContent, record_visit
from schools import clock
from schools.models import Partner
from schools.tests.asking import asking
from schools.thaitime import BANGKOK, bangkok_today

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(cast, make_case) -> Case:
    """A child who was found, at the own school."""
    made = make_case(
        cast.own_school, name="มะลิ สมมุติ", house_no="87/9", guardian_phone="0819990011", lat=16.5, lon=103.5
    )
    record_visit(made, VisitContent(finding=Finding.FOUND), person=cast.teacher, uuid=uuid4())
    return Case.objects.get(pk=made.pk)


def plan(case, person, **changes) -> HelpAction:
    said = {"what": "ขอทุน", "need": Need.SCHOLARSHIP, "who": "ครูกมล", "due_on": bangkok_today() + timedelta(days=5)}
    return helping.plan_help(case, person=person, **said | changes)


def fresh(case) -> Case:
    return Case.objects.get(pk=case.pk)


def test_a_planned_help_brings_a_found_child_to_assisting_and_stands_on_the_plan(cast, case):
    action = plan(case, cast.teacher)
    assert fresh(case).stage == Stage.ASSISTING
    assert (action.done, action.what, action.planned.kind) == (None, "ขอทุน", FactKind.HELP_PLANNED)


def test_help_due_in_the_past_is_refused_and_nothing_is_written(cast, case):
    with pytest.raises(helping.HelpRefused) as refused:
        plan(case, cast.teacher, due_on=bangkok_today() - timedelta(days=1))
    assert refused.value.field == "due_on"
    assert (fresh(case).stage, HelpAction.objects.count()) == (Stage.FOUND, 0)


def test_an_action_is_finished_once_with_its_result(cast, case):
    action = plan(case, cast.teacher)
    done = helping.finish_help(action, person=cast.director, result="ได้ทุนแล้ว")
    assert (done.done_on, done.result, done.done.kind) == (bangkok_today(), "ได้ทุนแล้ว", FactKind.HELP_GIVEN)
    with pytest.raises(IllegalAction):
        helping.finish_help(action, person=cast.teacher, result="อีกครั้ง")


@pytest.mark.parametrize("days", [-1, 1])
def test_an_action_is_not_finished_before_it_was_planned_nor_tomorrow(cast, case, days):
    with pytest.raises(helping.HelpRefused):
        helping.finish_help(
            plan(case, cast.teacher), person=cast.teacher, result="ผล", done_on=bangkok_today() + timedelta(days=days)
        )


@pytest.mark.parametrize(
    "who", ["province", "department", "ministry", "auditor", "partner", "sister_teacher", "charlie"]
)
def test_only_those_who_act_plan_and_finish_help(cast, case, who):
    with pytest.raises(PermissionDenied):
        plan(case, getattr(cast, who))
    action = plan(case, cast.teacher)
    with pytest.raises(PermissionDenied):
        helping.finish_help(action, person=getattr(cast, who), result="ผลที่ได้")


def test_a_conference_is_told_with_who_sat_and_each_agreement_goes_on_the_plan(cast, case):
    helping.confer(
        case,
        person=cast.director,
        held_on=bangkok_today() - timedelta(days=1),
        sat="ผอ. ครู อสม.",
        agreed=["พาไปโรงพยาบาล", "ขอทุน"],
        plan=True,
        need=Need.HEALTH,
        who="อสม.",
        due_on=bangkok_today(),
    )
    assert [action.what for action in HelpAction.objects.all()] == ["พาไปโรงพยาบาล", "ขอทุน"]
    events = timeline.events(case, timeline.facts_of(case), told(cast.teacher, case))
    (held,) = [event for event in events if event["title"] == str(FactKind.CONFERRED.label)]
    assert "ผอ. ครู อสม." in held["text"]
    assert "พาไปโรงพยาบาล; ขอทุน" in held["text"]


def test_rounds_of_help_are_counted_conference_by_conference(cast, case):
    for _ in range(2):
        plan(fresh(case), cast.teacher)
        helping.confer(fresh(case), person=cast.director, held_on=bangkok_today(), sat="ผอ.", agreed=["ทำต่อ"])
    plan(fresh(case), cast.teacher)
    events = timeline.events(case, timeline.facts_of(case), told(cast.teacher, case))
    assert [event["round"] for event in events] == ["รอบที่ 2", "รอบที่ 2", "รอบที่ 1", "รอบที่ 1", "รอบที่ 1", "", ""]


def test_late_help_is_said_on_the_card_and_on_the_file(cast, case, client):
    plan(case, cast.teacher)
    client.force_login(cast.teacher)
    assert "เกินกำหนด 1 เรื่อง" not in client.get("/?tab=all").content.decode()
    with clock.simulated(clock.now() + timedelta(days=7)):
        client.force_login(cast.teacher)
        assert "เกินกำหนด 1 เรื่อง" in client.get("/?tab=all").content.decode()
        assert "ขอทุน" in client.get(reverse("cases:case_detail", args=[case.number])).content.decode()


def test_pages_plan_confer_and_finish_help(cast, case, client):
    client.force_login(cast.teacher)
    day = bangkok_today()
    due = f"{day.day}/{day.month}/{day.year + 543}"
    url = reverse("cases:act", args=[case.number, "plan_help"])
    assert client.post(url, {"what": "", "need": "x"}).status_code == 400
    assert client.post(url, {"what": "หาชุด", "need": "uniform", "who": "ครู", "due_on": "1/1/2560"}).status_code == 400
    assert client.post(url, {"what": "หาชุด", "need": "uniform", "who": "ครู", "due_on": due}).status_code == 302
    action = HelpAction.objects.get()
    url = reverse("cases:help_done", args=[case.number, action.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"result": "", "done_on": due}).status_code == 400
    assert client.post(url, {"result": "ได้ชุดแล้ว", "done_on": due}).status_code == 302
    assert client.post(url, {"result": "ได้ชุดแล้ว", "done_on": due}).status_code == 409
    url = reverse("cases:act", args=[case.number, "confer"])
    said = {"held_on": due, "sat": "ผอ.", "agreed": "ก\nข", "plan": "on"}
    refused = client.post(url, said)
    assert refused.status_code == 400
    assert set(refused.context["form"].errors) == {"need", "who", "due_on"}
    assert client.post(url, said | {"need": "family", "who": "อสม.", "due_on": due}).status_code == 302
    assert HelpAction.objects.filter(done=None).count() == 2


def test_api_reads_the_plan_and_finishes_an_action(cast, case):
    action = plan(case, cast.teacher)
    url = reverse("api:help", args=[case.number])
    (row,) = asking(cast.district).get(url).json()
    assert (row["what"], row["need"], row["done_on"]) == ("ขอทุน", "scholarship", None)
    (row,) = asking(cast.ministry).get(url).json()
    assert (row["what"], row["who"], row["need"]) == (None, None, "scholarship")
    done = reverse("api:help_done", args=[case.number, action.pk])
    assert asking(cast.province).post(done, {"result": "ได้แล้ว"}).status_code == 403
    assert asking(cast.teacher).post(done, {"result": "ได้แล้ว"}).json()["result"] == "ได้แล้ว"
    assert asking(cast.teacher).post(done, {"result": "ได้แล้ว"}).status_code == 409


# ── an unsafe child ───────────────────────────────────────────────────────────────────────────────────────────────────
def unsafe_visit(case, person, **more) -> None:
    record_visit(fresh(case), VisitContent(finding=Finding.FOUND, unsafe=True, **more), person=person, uuid=uuid4())


def send(case, person, partner="team-46") -> referrals.Referral:
    return referrals.refer(
        fresh(case),
        person=person,
        partner=Partner.objects.get(code=partner),
        purpose="ขอให้คุ้มครองเด็กโดยด่วน",
        basis="protection",
        shares=["name", "address", "phone"],
        due_on=bangkok_today(),
    )


def test_a_visit_that_finds_danger_flags_the_case_and_it_is_due_today_before_midnight(cast, case):
    unsafe_visit(case, cast.teacher)
    flagged = fresh(case)
    local = flagged.due_at.astimezone(BANGKOK)
    assert flagged.is_unsafe
    assert (local.date(), local.hour, local.minute) == (bangkok_today(), 23, 59)
    assert [fact.kind for fact in Fact.objects.filter(case=case).order_by("-pk")[:2]] == [
        FactKind.FLAGGED_UNSAFE,
        FactKind.VISITED,
    ]


def test_a_visit_of_days_ago_is_due_on_the_day_it_is_told(cast, case):
    day = bangkok_today() - timedelta(days=3)
    unsafe_visit(case, cast.teacher, done=day)
    assert fresh(case).due_at.astimezone(BANGKOK).date() == bangkok_today()


def test_a_second_visit_in_danger_does_not_flag_again(cast, case):
    unsafe_visit(case, cast.teacher)
    unsafe_visit(case, cast.teacher, situation="อีกครั้ง")
    assert Fact.objects.filter(kind=FactKind.FLAGGED_UNSAFE).count() == 1


def test_the_alarm_ends_with_the_referral_and_begins_again_when_nobody_takes_the_child_over(cast, case):
    before = fresh(case).due_at
    unsafe_visit(case, cast.teacher)
    due = fresh(case).due_at
    assert due < before
    referral = send(case, cast.director)
    assert fresh(case).due_at > due
    referrals.recall(referral, person=cast.director, reason="ส่งผิดหน่วยงาน")
    assert fresh(case).due_at == due
    helping.clear_unsafe(fresh(case), person=cast.director, reason="อยู่กับญาติแล้ว")
    assert not fresh(case).is_unsafe
    assert fresh(case).due_at > due


def test_an_alarm_of_a_child_who_learns_already_is_due_all_the_same(cast, make_case):
    case = make_case(cast.own_school)
    record_visit(case, VisitContent(finding=Finding.FOUND, outcome=1), person=cast.teacher, uuid=uuid4())
    assert fresh(case).due_at is None
    helping.flag_unsafe(fresh(case), person=cast.teacher, reason="ถูกทำร้าย")
    assert fresh(case).due_at.astimezone(BANGKOK).date() == bangkok_today()


def test_the_queue_says_to_refer_today_and_leads_the_director_there(cast, case, client):
    unsafe_visit(case, cast.teacher)
    client.force_login(cast.director)
    (card,) = client.get("/?tab=all").context["cards"]
    assert card["chip_text"].startswith("เด็กอาจไม่ปลอดภัย")
    assert card["action_url"] == reverse("cases:act", args=[case.number, "refer"])
    client.force_login(cast.teacher)
    (card,) = client.get("/?tab=all").context["cards"]
    assert card["facts"][-1]["strong"] == "ส่งต่อหน่วยงานคุ้มครองเด็กภายในวันนี้"
    send(case, cast.director)
    (card,) = client.get("/?tab=all").context["cards"]
    assert card["facts"][-1].get("strong") != "ส่งต่อหน่วยงานคุ้มครองเด็กภายในวันนี้"
