"""What is under way of a duplicate goes on at the survivor, or ends and is told; an undoing brings it back."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.urls import reverse

from cases import closing, duplicates, escalation, merging, referrals, reporting, requests, transfers
from cases.actions import IllegalAction
from cases.codes import FactKind, Finding, ReferralState, RequestKind, RequestState, Sameness, Stage
from cases.enrolment import claim_enrolment
from cases.help import flag_unsafe
from cases.identity import make_synthetic_id
from cases.lifecycle import revise_many
from cases.models import Case, Duplicate, Fact, Referral, Request
from cases.notfound import request_not_found
from cases.reporting import Identity, Number
from cases.tests.test_merging import WHY, again, days_ago, pair_of
from cases.tests.test_referrals import send
from cases.timeline import title
from cases.visits import VisitContent, record_visit
from schools import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(cast, make_case):
    """The survivor at the own school and a later case of its sister school, of the same child."""
    first = make_case(cast.own_school, name="มะลิ สมมุติ", listed_on=days_ago(40))
    return first, make_case(cast.sister_school, name="มะลิ สมมุติ", listed_on=days_ago(20))


def merge(two, cast):
    pair = pair_of(*two)
    merging.merge(pair, person=cast.district, reason=WHY)
    return pair


def undo(pair, cast):
    merging.undo_merge(pair, person=cast.district, reason="เป็นลูกพี่ลูกน้องกัน")


def last_titles(case, n=2):
    return [title(fact) for fact in case.facts.order_by("-pk")[:n]]


# ── referrals ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_referral_of_the_duplicate_goes_on_at_the_survivor_and_its_partner_is_told(cast, two, client):
    first, second = two
    sent = send(second, cast.district)
    referrals.answer(sent, person=cast.partner, answer="note", text="นัดพบยายแล้ว")
    merge(two, cast)
    (seen,) = referrals.waiting_at(cast.partner)
    assert (seen, seen.case) == (sent, first)
    client.force_login(cast.partner)
    page = client.get(reverse("cases:referral_detail", args=[sent.pk]))
    assert "รวมกับอีกแฟ้มที่ซ้ำ" in page.content.decode()
    assert first.number in page.content.decode()
    assert [one["text"] for one in page.context["answers"]] == ["นัดพบยายแล้ว"]
    referrals.answer(seen, person=cast.partner, answer="done", text="ได้รับทุนแล้ว")
    assert last_titles(first, 1) == ["สิ้นสุดการส่งต่อ กองทุนเพื่อความเสมอภาคทางการศึกษา (กสศ.): ดำเนินการแล้ว"]


def test_parted_again_the_referral_returns_with_what_was_answered(cast, two):
    _, second = two
    kept, done = send(second, cast.district), send(second, cast.district, "moph")
    pair = merge(two, cast)
    referrals.answer(Referral.objects.get(pk=done.pk), person=cast.south_partner, answer="done", text="ตรวจสุขภาพแล้ว")
    undo(pair, cast)
    assert set(Referral.objects.values_list("case", "state")) == {
        (second.pk, ReferralState.SENT),
        (second.pk, ReferralState.DONE),
    }
    (seen,) = referrals.waiting_at(cast.partner)
    assert (seen, seen.case) == (kept, second)
    assert [fact.reason for fact in referrals.answers_of(Referral.objects.get(pk=done.pk))] == ["ตรวจสุขภาพแล้ว"]
    assert "ดำเนินการแล้ว" in last_titles(again(second), 1)[0]


def test_of_two_referrals_to_one_partner_one_goes_on_and_both_do_when_parted(cast, two):
    first, second = two
    own, other = send(first, cast.district), send(second, cast.district)
    referrals.answer(other, person=cast.partner, answer="accepted")
    pair = merge(two, cast)
    assert referrals.waiting_at(cast.partner) == [own]
    other.refresh_from_db()
    assert (other.state, other.case) == (ReferralState.MERGED, second)
    told = Fact.objects.get(case=second, kind=FactKind.REFERRAL_ENDED)
    assert "รวมกับการส่งต่อของแฟ้มที่ซ้ำ" in title(told)
    undo(pair, cast)
    other.refresh_from_db()
    assert (other.state, other.ended_at) == (ReferralState.ACCEPTED, None)
    assert set(referrals.waiting_at(cast.partner)) == {own, other}
    assert "ต่อไป หลังยกเลิกการรวมแฟ้ม" in last_titles(again(second), 1)[0]


def test_the_referral_that_watches_over_an_unsafe_child_is_the_one_that_goes_on(cast, two):
    first, second = two
    own = send(first, cast.district)
    flag_unsafe(again(second), person=cast.district, reason="ถูกทำร้ายในบ้าน")
    safe = send(second, cast.district)
    pair = merge(two, cast)
    assert [(one.pk, one.case) for one in referrals.waiting_at(cast.partner)] == [(safe.pk, first)]
    assert again(first).is_unsafe
    undo(pair, cast)
    assert {(one.pk, one.case_id) for one in referrals.waiting_at(cast.partner)} == {
        (own.pk, first.pk),
        (safe.pk, second.pk),
    }


def test_a_referral_that_a_merge_has_just_moved_is_answered_in_its_new_file_only(cast, two):
    sent = send(two[1], cast.district)
    stale = Referral.objects.select_related("case").get(pk=sent.pk)
    merge(two, cast)
    with pytest.raises(IllegalAction, match="Open the referral again"):
        referrals.recall(stale, person=cast.district, reason="ส่งผิดหน่วยงาน")


# ── requests ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_what_is_asked_of_the_file_ends_with_it_is_told_and_waits_again_when_parted(cast, two):
    _, second = two
    closed = closing.request_closing(second, person=cast.district, why="abroad", reason="ไปอยู่กับแม่ที่ญี่ปุ่น")
    moved = transfers.request_transfer(again(second), person=cast.sister_teacher, school_code="46990001", reason=WHY)
    pair = merge(two, cast)
    for asked in (closed, moved):
        asked.refresh_from_db()
        assert (asked.state, asked.details["ended_by"]) == (RequestState.ENDED, RequestKind.MERGE)
    with clock.simulated(clock.now() + timedelta(days=5)):
        undo(pair, cast)
        for asked in (closed, moved):
            asked.refresh_from_db()
            assert (asked.state, asked.due_at) == (RequestState.WAITING, clock.now() + requests.UNANSWERED)
        assert "ended_by" not in moved.details
        transfers.grant_transfer(moved, person=cast.director)
    assert again(second).school == cast.own_school


def test_a_call_for_help_goes_on_at_the_survivor_and_returns_when_parted(cast, two):
    first, second = two
    asked = escalation.escalate(second, person=cast.sister_teacher, reason="ผู้ปกครองไม่ให้พบ")
    escalation.grant_escalation(asked, person=cast.district, does="help", answer="เขตจะไปเยี่ยมด้วย")
    asked.refresh_from_db()
    until = asked.due_at
    pair = merge(two, cast)
    asked.refresh_from_db()
    assert (asked.state, asked.case, asked.to_unit) == (RequestState.WAITING, first, "district:P4603")
    assert (asked.due_at, escalation.is_helped(asked)) == (until, True)
    undo(pair, cast)
    asked.refresh_from_db()
    assert (asked.state, asked.case, asked.due_at) == (RequestState.WAITING, second, until)
    escalation.grant_escalation(asked, person=cast.district, does="return", answer="ไปกับผู้ใหญ่บ้าน")
    assert last_titles(second, 1) == ["โรงเรียนแก้ไม่ได้ ขอให้เขตช่วย: คืนโรงเรียนพร้อมแนวทาง"]


def test_what_was_answered_at_the_survivor_stays_there_when_parted(cast, two):
    first, second = two
    asked = escalation.escalate(second, person=cast.sister_teacher, reason="ผู้ปกครองไม่ให้พบ")
    pair = merge(two, cast)
    escalation.grant_escalation(Request.objects.get(), person=cast.district, does="return", answer="ไปกับผู้ใหญ่บ้าน")
    undo(pair, cast)
    asked.refresh_from_db()
    assert (asked.state, asked.case) == (RequestState.GRANTED, first)


def test_who_met_the_child_elsewhere_is_still_called_back(cast, two, make_case):
    number = make_synthetic_id(8_100_101)
    second = make_case(cast.sister_school, national_id=number, birth_date=days_ago(4000), listed_on=days_ago(10))
    who = Identity(number=Number("national_id", number), birth_date=days_ago(4000), first_name="มะลิ", last_name="สมมุติ")
    asked = reporting.request_known(who, person=cast.south_teacher, reason="มาขายของที่ตลาด")
    merge((two[0], second), cast)
    asked.refresh_from_db()
    assert (asked.state, asked.case) == (RequestState.WAITING, two[0])
    reporting.grant_known(asked, person=cast.district, answer="โทรหาครูกมล")
    asked.refresh_from_db()
    assert asked.state == RequestState.GRANTED


def test_a_request_to_merge_ends_when_the_other_case_is_gone_meanwhile(
    cast, make_case, django_capture_on_commit_callbacks
):
    first, second, third = (make_case(cast.own_school, listed_on=days_ago(40 - n)) for n in range(3))
    asked = merging.request_merge(pair_of(first, second), person=cast.director, reason=WHY)
    other = merging.request_merge(pair_of(third, second), person=cast.director, reason=WHY)
    removal = closing.request_removal(again(second), person=cast.teacher, why="wrong_entry", reason="บันทึกผิดคน")
    with django_capture_on_commit_callbacks(execute=True):
        closing.grant_removal(removal, person=cast.district)
    for one in (asked, other):
        one.refresh_from_db()
        assert (one.state, one.details["ended_by"]) == (RequestState.ENDED, RequestKind.REMOVAL)
    assert last_titles(first, 1) == ["ขอรวมแฟ้มซ้ำซ้อน: สิ้นสุดตามแฟ้ม"]


def test_the_timer_ends_what_a_merge_elsewhere_left_waiting(cast, make_case):
    first, second, third = (make_case(cast.own_school, listed_on=days_ago(40 - n)) for n in range(3))
    asked = merging.request_merge(pair_of(first, third), person=cast.director, reason=WHY)
    merging.merge(pair_of(second, third), person=cast.district, reason=WHY)
    with pytest.raises(IllegalAction):
        merging.grant_merge(asked, person=cast.district)
    assert requests.end_pointless_merges() == 1
    assert requests.end_pointless_merges() == 0
    asked.refresh_from_db()
    assert (asked.state, asked.details["ended_by"]) == (RequestState.ENDED, RequestKind.MERGE)


def test_who_may_be_the_duplicate_may_be_the_survivor(cast, make_case):
    first, second, third = (make_case(cast.own_school, listed_on=days_ago(40 - n)) for n in range(3))
    duplicates.note_pair(second, third, Sameness.SAID)
    merge((first, second), cast)
    (pair,) = duplicates.waiting(cast.district)
    assert ({pair.first, pair.second}, pair.why) == ({first, third}, Sameness.SAID)
    assert Duplicate.objects.count() == 3


# ── found meanwhile ───────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def asked_not_found(cast, make_case):
    case = make_case(cast.own_school)
    for ago, mode in ((9, "home"), (6, "phone"), (3, "community")):
        content = VisitContent(finding=Finding.NONE, mode=mode, done=days_ago(ago))
        record_visit(again(case), content, person=cast.teacher, uuid=uuid4())
    return request_not_found(again(case), person=cast.teacher, reason="หาครบทุกทางแล้ว")


def by_visit(case, cast, make_case):
    record_visit(case, VisitContent(finding=Finding.FOUND), person=cast.teacher, uuid=uuid4())


def by_enrolment(case, cast, make_case):
    claim_enrolment(case, person=cast.teacher, route="nonformal")


def by_merge(case, cast, make_case):
    other = make_case(cast.own_school, listed_on=days_ago(2))
    by_visit(other, cast, make_case)
    merging.merge(pair_of(case, other), person=cast.district, reason=WHY)


@pytest.mark.parametrize("found", [by_visit, by_enrolment, by_merge])
def test_a_waiting_request_to_call_a_child_not_found_ends_when_the_child_is_found(
    cast, make_case, asked_not_found, found, client
):
    case = again(asked_not_found.case)
    found(case, cast, make_case)
    asked_not_found.refresh_from_db()
    assert (asked_not_found.state, asked_not_found.answered_by) == (RequestState.ENDED, None)
    assert not requests.waiting_for(cast.district).exists()
    assert "ขออนุมัติว่าไม่พบตัว: สิ้นสุดตามแฟ้ม" in last_titles(again(case), 1)[0]
    client.force_login(cast.teacher)
    page = client.get(reverse("cases:request_detail", args=[asked_not_found.pk])).content.decode()
    assert "พบตัวเด็กแล้ว" in page


def test_a_rumour_of_the_child_ends_no_request(cast, asked_not_found):
    content = VisitContent(finding=Finding.HEARD_OF)
    record_visit(again(asked_not_found.case), content, person=cast.teacher, uuid=uuid4())
    asked_not_found.refresh_from_db()
    assert asked_not_found.state == RequestState.WAITING


def test_found_in_bulk_by_checking_a_list_ends_it_too(cast, asked_not_found):
    case = again(asked_not_found.case)
    now = clock.now()
    Fact.objects.create(
        case=case, kind=FactKind.LIST_CHECKED, at=now, known_at=now, finding=Finding.FOUND, unit="nation"
    )
    revise_many([case.pk], now)
    asked_not_found.refresh_from_db()
    assert asked_not_found.state == RequestState.ENDED
    assert again(case).stage == Stage.FOUND
    call_command("rederive_stages")
    assert Case.objects.get(pk=case.pk).facts.order_by("-pk").first().kind == FactKind.REQUEST_ANSWERED
