"""Requests between units: evidence, a second person one level up, the end of what nobody needs to answer any more."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from cases import answering, requests
from cases.actions import IllegalAction
from cases.closing import CauseMissing, reopen, request_closing, request_removal
from cases.codes import Closing, EnrolmentRoute, FactKind, Finding, Outcome, Removal, RequestKind, RequestState, Stage
from cases.deeds import deeds
from cases.enrolment import claim_enrolment
from cases.lifecycle import StaleCase, add_facts
from cases.models import Case, ChildList, Fact, ListVersion, Request
from cases.visits import VisitContent, record_visit
from schools import clock
from schools.thaitime import bangkok_today

WHY = "ครูโรงเรียนปลายทางยืนยันทางโทรศัพท์"


@pytest.fixture
def case(cast, make_case):
    return make_case(cast.own_school)


def closing(case, person, why=Closing.IN_EDUCATION, **more):
    return request_closing(case, person=person, why=why, reason=WHY, **more)


@pytest.mark.parametrize(
    ("why", "outcome"),
    [
        (Closing.IN_EDUCATION, Outcome.ENROLLED_OTHER_AFFILIATION),
        (Closing.ABROAD, Outcome.STUDYING_ABROAD),
        (Closing.DECEASED, Outcome.DECEASED),
        (Closing.OVER_AGE, Outcome.OVER_AGE_NO_FURTHER),
    ],
)
def test_a_granted_closing_ends_the_tracking_with_its_outcome(cast, case, why, outcome):
    closed = answering.answer(closing(case, cast.teacher, why), person=cast.district, decision="grant")
    assert (closed.stage, closed.outcome) == (Stage.CLOSED, outcome)
    assert reopen(closed, person=cast.district, reason="ผิดคน").stage == Stage.FOUND


def test_a_granted_removal_voids_the_case_and_keeps_its_history(cast, case):
    asked = request_removal(case, person=cast.director, why=Removal.WRONG_ENTRY, reason=WHY)
    voided = answering.answer(asked, person=cast.district, decision="grant")
    assert voided.stage == Stage.VOID
    assert voided.facts.count() == 4


@pytest.mark.parametrize(
    ("who", "to"),
    [
        ("teacher", "district:P4603"),
        ("director", "district:P4603"),
        ("district", "province:46"),
        ("province", "nation"),
        ("department", "nation"),
    ],
)
def test_each_unit_asks_the_one_above(cast, case, who, to):
    assert closing(case, getattr(cast, who)).to_unit == to


@pytest.mark.parametrize(
    "who", ["ministry", "auditor", "partner", "admin", "charlie", "sister_teacher", "south_district"]
)
def test_who_may_not_ask_is_refused(cast, case, who):
    with pytest.raises(PermissionDenied):
        closing(case, getattr(cast, who))
    assert not Request.objects.exists()


def test_the_same_is_not_asked_twice_at_once(cast, case):
    closing(case, cast.teacher)
    with pytest.raises(IllegalAction):
        closing(case, cast.director)


def test_a_second_answer_changes_nothing_and_says_so(cast, case):
    asked = closing(case, cast.teacher)
    answering.answer(asked, person=cast.district, decision="refuse", answer="ขอเอกสาร")
    with pytest.raises(IllegalAction) as refused:
        answering.answer(asked, person=cast.district, decision="grant")
    assert "มีผู้พิจารณาคำขอนี้แล้ว" in refused.value.message_th
    case.refresh_from_db()
    assert case.stage == Stage.ASSIGNED


def test_what_waits_besides_ends_when_the_case_is_closed(cast, case):
    granted = closing(case, cast.teacher)
    other = request_removal(case, person=cast.director, why=Removal.WRONG_ENTRY, reason=WHY)
    closed = answering.answer(granted, person=cast.district, decision="grant")
    other.refresh_from_db()
    assert (other.state, other.details["ended_by"], other.answered_by) == (RequestState.ENDED, "closing", None)
    told = closed.facts.filter(kind=FactKind.REQUEST_ANSWERED).values_list("details__answer", flat=True)
    assert sorted(told) == ["ended", "granted"]
    with pytest.raises(IllegalAction):
        answering.answer(other, person=cast.district, decision="grant")
    assert not requests.waiting_for(cast.district).exists()
    again = reopen(closed, person=cast.district, reason="กลับมาแล้ว")
    assert request_removal(again, person=cast.teacher, why=Removal.WRONG_ENTRY, reason=WHY).state == "waiting"


def test_what_waits_ends_with_a_transfer_and_not_with_a_refusal(cast, case):
    other = closing(case, cast.teacher)
    asked = request_removal(case, person=cast.director, why=Removal.WRONG_ENTRY, reason=WHY)
    answering.answer(asked, person=cast.district, decision="refuse", answer="ไม่ใช่")
    other.refresh_from_db()
    assert other.state == RequestState.WAITING
    asked = request_removal(case, person=cast.director, why=Removal.WRONG_ENTRY, reason=WHY)
    held, locked = requests.hold(asked)
    school = cast.sister_school
    moved = Fact(
        kind=FactKind.TRANSFERRED,
        unit="district:P4603",
        school=school,
        district=school.district,
        province_id=46,
        department=school.district.department,
    )
    posting = cast.district.postings.get()
    requests.settle(held, locked, posting=posting, state=RequestState.GRANTED, facts=[moved])
    other.refresh_from_db()
    assert other.state == RequestState.ENDED


def test_unanswered_for_seven_days_goes_up_once(cast, case, monkeypatch):
    asked = closing(case, cast.teacher)
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=7, minutes=1))
    assert requests.escalate_unanswered() == 1
    assert requests.escalate_unanswered() == 0
    asked.refresh_from_db()
    assert (asked.to_unit, asked.escalated) == ("province:46", True)
    with pytest.raises(PermissionDenied):
        answering.answer(asked, person=cast.district, decision="grant")
    assert answering.answer(asked, person=cast.province, decision="grant").stage == Stage.CLOSED


def test_the_nation_sees_every_request_and_answers_its_own_alone(cast, case):
    asked = closing(case, cast.teacher)
    assert list(requests.visible_to(cast.ministry)) == [asked]
    assert not requests.waiting_for(cast.ministry).exists()
    assert not requests.visible_to(cast.charlie).exists()
    assert not requests.visible_to(cast.south_district).exists()


def test_who_saw_an_older_case_is_told(cast, case):
    with pytest.raises(StaleCase):
        closing(case, cast.teacher, version=case.version - 1)


# ── ไม่ระบุสาเหตุ ────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def returned(cast, case):
    """Back in school, and nobody ever said why the child was out."""
    record_visit(case, VisitContent(finding=Finding.FOUND), person=cast.teacher, uuid=uuid4())
    claim_enrolment(case, person=cast.teacher, route=EnrolmentRoute.HOME, at=bangkok_today())
    posting = cast.director.postings.get()
    confirmed = Fact(kind=FactKind.ENROLMENT_CONFIRMED, by=cast.director, posting=posting, unit=posting.unit)
    return add_facts(Case.objects.get(pk=case.pk), [confirmed])


def test_a_child_back_in_school_is_not_closed_without_a_cause(cast, returned):
    with pytest.raises(CauseMissing):
        closing(returned, cast.teacher)
    asked = closing(returned, cast.teacher, cause=Outcome.RELOCATED)
    closed = answering.answer(asked, person=cast.district, decision="grant")
    assert (closed.stage, closed.outcome) == (Stage.CLOSED, Outcome.RELOCATED)


def test_a_cause_not_given_in_an_old_list_may_stay_so(cast, returned):
    old = Fact(kind=FactKind.VISITED, outcome=Outcome.UNSPECIFIED, finding=Finding.NONE, unit="district:P4603")
    old.list_version = _version(cast)
    add_facts(returned, [old])
    assert closing(Case.objects.get(pk=returned.pk), cast.teacher).kind == RequestKind.CLOSING


def _version(cast):
    moment = clock.now()
    own = ChildList.objects.create(name="บัญชีเดิม", owner="district:P4603", created_at=moment)
    return ListVersion.objects.create(
        list=own, number=1, as_of=bangkok_today(), by=cast.district, unit=own.owner, committed_at=moment
    )


def test_the_form_asks_for_the_cause_only_where_none_is_known(cast, case, returned, make_case):
    form = deeds()["request_closing"].form
    assert "cause" in form(case=returned, person=cast.teacher).fields
    assert "cause" not in form(case=make_case(cast.own_school), person=cast.teacher).fields
