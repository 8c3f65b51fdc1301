"""Requests between units: evidence, a second person one level up, the end of what nobody needs to answer any more."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from cases import answering, photos, requests
from cases.actions import IllegalAction
from cases.closing import CauseMissing, reopen, request_closing, request_removal
from cases.codes import Closing, EnrolmentRoute, FactKind, Finding, Outcome, Removal, RequestKind, RequestState, Stage
from cases.deeds import deeds
from cases.enrolment import claim_enrolment
from cases.lifecycle import StaleCase, add_facts
from cases.models import Case, ChildList, Fact, ListVersion, Request
from cases.tests.test_visits import picture
from cases.visits import VisitContent, record_visit
from schools import clock
from schools.models import AuditEvent
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


# ── the page อนุมัติ ─────────────────────────────────────────────────────────────────────────────────────────
def posted(client, person, name, data, *arguments):
    client.force_login(person)
    return client.post(reverse(f"cases:{name}", args=arguments), data)


def test_the_queue_of_an_officer_begins_with_what_is_overdue_and_narrows_by_kind(client, cast, make_case):
    cases = [make_case(cast.own_school, name=f"น้อง{n} สมมุติ") for n in range(3)]
    late = request_removal(cases[2], person=cast.teacher, why=Removal.WRONG_ENTRY, reason=WHY)
    asked = [closing(case, cast.teacher) for case in cases]
    Request.objects.filter(pk=late.pk).update(due_at=clock.now() - timedelta(days=1))
    client.force_login(cast.district)
    page = client.get(reverse("cases:request_list"))
    assert [one["request"].pk for one in page.context["waiting"]] == [late.pk, *(one.pk for one in asked)]
    assert page.context["waiting"][0]["late_kind"] == "bad"
    assert page.context["waiting_requests"] == (4, 1)
    (nav,) = (item for item in page.context["nav"] if item["icon"] == "stamp")
    assert (nav["count"], nav["count_due"]) == (4, 1)
    narrowed = client.get(reverse("cases:request_list"), {"kind": "removal"})
    assert [one["request"].pk for one in narrowed.context["waiting"]] == [late.pk]
    assert "รอท่านอนุมัติ 4 คำขอ" in client.get(reverse("cases:queue")).content.decode()
    client.force_login(cast.teacher)
    page = client.get(reverse("cases:request_list"))
    assert (page.context["waiting"], len(page.context["asked"])) == ([], 4)


def test_many_are_granted_after_a_look_at_how_many(client, cast, make_case):
    cases = [make_case(cast.own_school, name=f"น้อง{n} สมมุติ") for n in range(3)]
    asked = [closing(case, cast.teacher) for case in cases]
    own = closing(make_case(cast.own_school), cast.district)
    keys = {"request": [one.pk for one in (*asked, own)]}
    preview = posted(client, cast.district, "request_grant_many", keys)
    assert (preview.status_code, preview.context["count"], len(preview.context["rows"])) == (200, 3, 3)
    assert Request.objects.filter(state=RequestState.WAITING).count() == 4
    done = posted(client, cast.district, "request_grant_many", keys | {"confirm": "1", "answer": "ตรวจแล้ว"})
    assert done.status_code == 302
    assert Case.objects.filter(stage=Stage.CLOSED).count() == 3
    own.refresh_from_db()
    assert own.state == RequestState.WAITING


def test_one_that_can_no_longer_be_granted_is_told_and_stays(client, cast, make_case):
    case, other = make_case(cast.own_school), make_case(cast.own_school)
    keys = {"request": [closing(case, cast.teacher).pk, closing(other, cast.teacher).pk]}
    claim_enrolment(case, person=cast.teacher, route=EnrolmentRoute.HOME, at=bangkok_today())
    preview = posted(client, cast.district, "request_grant_many", keys)
    assert preview.context["count"] == 1
    assert "อนุมัติไม่ได้แล้ว" in preview.content.decode()
    posted(client, cast.district, "request_grant_many", keys | {"confirm": "1"})
    assert list(Request.objects.order_by("pk").values_list("state", flat=True)) == ["waiting", "granted"]
    detail = client.get(reverse("cases:request_detail", args=[keys["request"][0]]))
    assert "อนุมัติไม่ได้แล้ว" in detail.content.decode()
    assert 'value="grant"' not in detail.content.decode()


def test_the_approver_reads_the_evidence_and_looking_is_recorded(client, cast, case):
    asked = closing(case, cast.teacher, pictures=[photos.take_in(picture(), "a.jpg")])
    url = reverse("cases:request_picture", args=[asked.pk, asked.pictures.get().pk])
    client.force_login(cast.district)
    page = client.get(reverse("cases:request_detail", args=[asked.pk])).content.decode()
    assert WHY in page
    assert url in page
    assert b"".join(client.get(url).streaming_content)[:3] == b"\xff\xd8\xff"
    assert AuditEvent.objects.filter(action="photo_viewed", person=cast.district, object_key=case.number).count() == 1
    for person in (cast.ministry, cast.auditor, cast.south_district, cast.charlie):
        client.force_login(person)
        assert client.get(url).status_code == 404
    client.force_login(cast.ministry)
    assert WHY not in client.get(reverse("cases:request_detail", args=[asked.pk])).content.decode()


def test_the_desk_a_request_was_put_to_reads_it_though_it_sees_no_names(client, cast, case):
    asked = closing(case, cast.province, pictures=[photos.take_in(picture(), "a.jpg")])
    client.force_login(cast.ministry)
    page = client.get(reverse("cases:request_detail", args=[asked.pk])).content.decode()
    assert WHY in page
    assert str(case.child) not in page
    shown = client.get(reverse("cases:request_picture", args=[asked.pk, asked.pictures.get().pk]))
    assert b"".join(shown.streaming_content)[:3] == b"\xff\xd8\xff"


def test_of_an_unsafe_child_only_those_who_act_read_the_evidence(client, cast, case):
    add_facts(case, [Fact(kind=FactKind.FLAGGED_UNSAFE, unit="school:46990001")])
    asked = closing(Case.objects.get(pk=case.pk), cast.teacher)
    url = reverse("cases:request_detail", args=[asked.pk])
    client.force_login(cast.district)
    assert WHY in client.get(url).content.decode()
    client.force_login(cast.province)
    assert WHY not in client.get(url).content.decode()


def test_a_refusal_without_a_reason_is_asked_again_and_keeps_the_request(client, cast, case):
    asked = closing(case, cast.teacher)
    again = posted(client, cast.district, "request_answer", {"decision": "refuse", "answer": "ไม่"}, asked.pk)
    assert again.status_code == 400
    assert "อย่างน้อย 5 ตัวอักษร" in again.content.decode()
    asked.refresh_from_db()
    assert asked.state == RequestState.WAITING


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
