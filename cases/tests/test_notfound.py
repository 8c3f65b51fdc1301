"""A not-found is earned by attempts on several days and of several kinds, approved above, and undone by any news."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from cases import answering, requests
from cases.actions import IllegalAction, allowed_actions
from cases.attempts import attempts_of
from cases.codes import EnrolmentRoute, FactKind, Finding, RequestState, Rung, Stage, VisitMode
from cases.enrolment import claim_enrolment
from cases.identity import make_synthetic_id
from cases.intake import importing
from cases.lifecycle import StaleCase, add_facts
from cases.models import Case, Fact, Request
from cases.notfound import request_not_found
from cases.tests.sheetmaker import child, xlsx
from cases.visits import VisitContent, record_visit
from schools.models import AuditEvent, Posting
from schools.thaitime import bangkok_today

WHY = "ถามผู้ใหญ่บ้านและญาติแล้ว ไม่มีใครทราบ"
EARNED = ((9, VisitMode.HOME), (6, VisitMode.PHONE), (3, VisitMode.HOME))


def look_for(case, person, *attempts, finding=Finding.NONE):
    """Visits that met nobody, each (days ago, mode)."""
    for days, mode in attempts:
        content = VisitContent(finding=finding, mode=mode, done=bangkok_today() - timedelta(days=days))
        record_visit(case, content, person=person, uuid=uuid4())
    return Case.objects.get(pk=case.pk)


def reason_against(case, person):
    return next(one.reason for one in allowed_actions(case, person) if one.action.slug == "request_not_found")


@pytest.fixture
def sought(cast, make_case):
    """A case whose child was looked for on three days in two ways."""
    return look_for(make_case(cast.own_school), cast.teacher, *EARNED)


@pytest.fixture
def not_found(cast, sought):
    answering.answer(request_not_found(sought, person=cast.teacher, reason=WHY), person=cast.district, decision="grant")
    return Case.objects.get(pk=sought.pk)


def test_what_is_asked_already_is_no_button_and_the_page_says_that_it_waits(client, cast, sought):
    request_not_found(sought, person=cast.teacher, reason=WHY)
    assert reason_against(sought, cast.teacher) == "ส่งคำขอแล้ว รอคำตอบ"
    client.force_login(cast.teacher)
    page = client.get(reverse("cases:case_detail", args=[sought.number]))
    assert page.context["buttons"].next.action.slug == "visit"
    assert "ส่งคำขอแล้ว รอคำตอบ" in page.content.decode()


@pytest.mark.parametrize(
    ("attempts", "told"),
    [
        (((9, "home"), (3, "phone")), "2 จาก 3 ครั้ง (คนละวัน), 2 จาก 2 วิธี"),
        (((9, "home"), (9, "phone"), (3, "home")), "2 จาก 3 ครั้ง (คนละวัน), 2 จาก 2 วิธี"),  # one day is one attempt
        (((9, "home"), (6, "home"), (3, "home")), "3 จาก 3 ครั้ง (คนละวัน), 1 จาก 2 วิธี"),
    ],
)
def test_too_few_days_or_ways_are_refused_and_told_how_far_it_is(cast, make_case, attempts, told):
    case = look_for(make_case(cast.own_school), cast.teacher, *attempts)
    assert reason_against(case, cast.teacher) == f"ติดตามยังไม่ครบ: {told}"
    with pytest.raises(IllegalAction) as refused:
        request_not_found(case, person=cast.teacher, reason=WHY)
    assert told in refused.value.message_th
    assert "of 3 (each on another day)" in refused.value.message_en
    assert not Request.objects.exists()


def test_how_many_attempts_are_needed_is_a_setting(cast, make_case, settings):
    case = look_for(make_case(cast.own_school), cast.teacher, (3, "home"))
    assert not attempts_of(case).suffice
    settings.NOT_FOUND_ATTEMPTS, settings.NOT_FOUND_SOURCES = 1, 1
    assert attempts_of(case).suffice


def test_a_corrected_visit_and_one_that_heard_of_the_child_are_no_attempts(cast, make_case):
    case = look_for(make_case(cast.own_school), cast.teacher, *EARNED[:2])
    case = look_for(case, cast.teacher, (3, VisitMode.ONLINE), finding=Finding.HEARD_OF)
    assert attempts_of(case) == (2, 2)
    wrong = case.visits.order_by("pk").first().fact
    again = Fact(kind=FactKind.VISITED, at=wrong.at, finding=Finding.NONE, corrects=wrong, unit="school:46990001")
    add_facts(case, [again])  # a correction without a visit of its own
    assert attempts_of(case) == (1, 1)


@pytest.mark.parametrize("who", ["teacher", "director"])
def test_a_school_asks_its_district_which_approves(cast, sought, who):
    asked = request_not_found(sought, person=getattr(cast, who), reason=WHY)
    assert (asked.to_unit, asked.details) == ("district:P4603", {"days": 3, "sources": 2})
    case = answering.answer(asked, person=cast.district, decision="grant")
    assert (case.stage, case.rung) == (Stage.NOT_FOUND, Rung.NOT_FOUND)
    kinds = list(case.facts.order_by("pk").values_list("kind", flat=True))[-3:]
    assert kinds == [FactKind.REQUESTED, FactKind.REQUEST_ANSWERED, FactKind.NOT_FOUND_APPROVED]
    assert set(AuditEvent.objects.filter(object_key=case.number).values_list("action", flat=True)) >= {
        "request_asked",
        "request_answered",
    }


def test_a_districts_own_request_goes_to_the_level_above(cast, sought):
    asked = request_not_found(sought, person=cast.district, reason=WHY)
    assert asked.to_unit == "province:46"
    with pytest.raises(PermissionDenied):
        answering.answer(asked, person=cast.district, decision="grant")
    assert answering.answer(asked, person=cast.province, decision="grant").stage == Stage.NOT_FOUND


def test_nobody_approves_their_own_request_though_they_hold_both_postings(cast, sought):
    Posting.objects.create(person=cast.teacher, role="district", unit="district:P4603", since=bangkok_today())
    asked = request_not_found(sought, person=cast.teacher, reason=WHY)
    both = type(cast.teacher).objects.get(pk=cast.teacher.pk)  # postings are read once per instance
    assert asked.to_unit == "district:P4603"
    for decision in ("grant", "refuse"):
        with pytest.raises(PermissionDenied):
            answering.answer(asked, person=both, decision=decision, answer="เห็นเองแล้ว")
    assert not requests.waiting_for(both).exists()
    assert answering.answer(asked, person=both, decision="recall").stage == Stage.TRACKING


@pytest.mark.parametrize("who", ["province", "ministry", "director", "south_district", "sister_teacher", "auditor"])
def test_only_the_unit_it_was_put_to_answers(cast, sought, who):
    asked = request_not_found(sought, person=cast.teacher, reason=WHY)
    with pytest.raises(PermissionDenied):
        answering.answer(asked, person=getattr(cast, who), decision="grant")


def test_a_child_who_turns_up_before_the_answer_is_not_approved_as_not_found(cast, sought):
    asked = request_not_found(sought, person=cast.teacher, reason=WHY)
    record_visit(sought, VisitContent(finding=Finding.FOUND), person=cast.teacher, uuid=uuid4())
    with pytest.raises(IllegalAction) as refused:
        answering.answer(asked, person=cast.district, decision="grant")
    assert "พบตัว" in refused.value.message_th
    asked.refresh_from_db()
    assert (asked.state, Case.objects.get(pk=sought.pk).stage) == (RequestState.ENDED, Stage.FOUND)


def test_who_saw_an_older_case_is_told_and_asks_nothing(cast, sought):
    with pytest.raises(StaleCase):
        request_not_found(sought, person=cast.teacher, reason=WHY, version=sought.version - 1)
    assert not Request.objects.exists()


# ── it reopens by itself ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("finding", "stage"),
    [(Finding.FOUND, Stage.FOUND), (Finding.HEARD_OF, Stage.TRACKING), (Finding.NONE, Stage.NOT_FOUND)],
)
def test_a_visit_reopens_it_when_it_meets_or_hears_of_the_child(cast, not_found, finding, stage):
    record_visit(not_found, VisitContent(finding=finding), person=cast.teacher, uuid=uuid4())
    not_found.refresh_from_db()
    assert not_found.stage == stage


def test_after_news_of_the_child_a_second_not_found_is_earned_anew(cast, not_found):
    case = look_for(not_found, cast.teacher, (0, VisitMode.PHONE), finding=Finding.HEARD_OF)
    assert (case.stage, attempts_of(case)) == (Stage.TRACKING, (0, 0))
    with pytest.raises(IllegalAction) as refused:
        request_not_found(case, person=cast.teacher, reason=WHY)
    assert "0 จาก 3 ครั้ง" in refused.value.message_th


def test_an_enrolment_reopens_it(cast, not_found):
    claim_enrolment(not_found, person=cast.director, route=EnrolmentRoute.HOME, at=bangkok_today())
    not_found.refresh_from_db()
    assert (not_found.stage, not_found.rung) == (Stage.RETURNED_CLAIMED, Rung.FOUND)


def test_a_list_that_names_the_child_reopens_it(cast, tmp_path):
    path = xlsx(tmp_path / "a.xlsx", [child(1)])
    importing.commit(importing.Request(cast.district, path, path.name, "บัญชี ก"))
    case = look_for(Case.objects.get(), cast.district, (0, VisitMode.HOME))
    add_facts(case, [Fact(kind=FactKind.NOT_FOUND_APPROVED, unit="district:P4603")])
    assert Case.objects.get().stage == Stage.NOT_FOUND
    path = xlsx(tmp_path / "b.xlsx", [child(1)])
    importing.commit(importing.Request(cast.district, path, path.name, "บัญชี ข"))
    assert Case.objects.get().stage == Stage.TRACKING


# ── on the page ───────────────────────────────────────────────────────────────────────────────────────────────
def test_the_page_says_how_far_it_is_and_asks_when_it_is_earned(client, cast, make_case):
    case = look_for(make_case(cast.own_school), cast.teacher, *EARNED[:1])
    client.force_login(cast.teacher)
    page = client.get(reverse("cases:case_detail", args=[case.number])).content.decode()
    assert "1 จาก 3 ครั้ง (คนละวัน), 1 จาก 2 วิธี" in page
    act = reverse("cases:act", args=[case.number, "request_not_found"])
    refused = client.get(act)
    assert refused.status_code == 409
    assert "ติดตามยังไม่ครบ" in refused.content.decode()
    case = look_for(case, cast.teacher, *EARNED[1:])
    assert client.get(act).status_code == 200
    answer = client.post(act, {"reason": WHY, "version": case.version})
    assert answer.status_code == 302
    assert Request.objects.get().state == RequestState.WAITING


def test_after_the_approval_the_next_step_is_the_partner_agencies(client, cast, not_found):
    client.force_login(cast.district)
    page = client.get(reverse("cases:case_detail", args=[not_found.number]))
    assert page.context["buttons"].next.action.slug == "refer"


def test_a_national_id_in_the_reason_is_masked(cast, sought):
    number = make_synthetic_id(77)
    asked = request_not_found(sought, person=cast.teacher, reason=f"ตรวจเลข {number} ในทะเบียนแล้ว")
    assert number not in asked.reason
    assert not Fact.objects.filter(reason__contains=number).exists()
