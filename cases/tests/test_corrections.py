"""AU-05: what was typed wrong is put right by a second person; the old value, the reason and both people stay."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from cases import answering, photos, requests
from cases.actions import IllegalAction
from cases.attempts import attempts_of
from cases.closing import request_closing
from cases.codes import (
    Closing,
    FactKind,
    Finding,
    FollowUp,
    Outcome,
    Reached,
    RequestKind,
    Rung,
    Stage,
    VisitMode,
    Whereabouts,
    Wish,
)
from cases.corrections import NothingChanges, correctable, request_correction
from cases.enrolment import claim_enrolment, confirm_enrolment
from cases.follow_ups import record_follow_up
from cases.identity import make_synthetic_id
from cases.lifecycle import StaleCase, add_facts, facts_of, history
from cases.models import Case, Fact, Request, Span, Visit
from cases.queues import with_last_visit
from cases.rederiving import differences
from cases.tests.test_visits import picture
from cases.visits import VisitContent, VisitRefused, record_visit
from schools import clock
from schools.models import AuditEvent, Posting
from schools.tests.asking import asking
from schools.thaitime import bangkok_date, bangkok_midnight, bangkok_today, thai_date

WHY = "จดสมุดสลับกับน้องอีกคน ครูประจำชั้นยืนยัน"
WRONG = VisitContent(
    finding=Finding.FOUND, outcome=Outcome.RELOCATED, wish=Wish.WANTS, situation="พบที่บ้านยาย", met="ยาย"
)


def ago(days: int) -> date:
    return bangkok_today() - timedelta(days=days)


def visited(case, person, content=WRONG, **more) -> Visit:
    return record_visit(case, content, person=person, uuid=uuid4(), **more)[0]


@pytest.fixture
def case(cast, make_case):
    return make_case(cast.own_school, name="มะลิ สมมุติ", listed_on=ago(60))


@pytest.fixture
def visit(cast, case):
    return visited(case, cast.teacher)


def asked(visit, person, reason=WHY, **said) -> Request:
    return request_correction(visit.case, person=person, record=visit.pk, reason=reason, **said)


def granted(request, person) -> Case:
    return answering.answer(request, person=person, decision="grant", answer="ตรวจสมุดแล้ว")


# ── what stands, what stood ───────────────────────────────────────────────────────────────────────────────────
def test_a_corrected_cause_counts_from_then_on_and_what_was_reported_stays(cast, case, visit):
    reported_at = clock.now()
    before = Span.objects.filter(case=case).standing(reported_at, reported_at).get()
    waiting = asked(visit, cast.teacher, outcome=Outcome.HEALTH)
    assert Case.objects.get(pk=case.pk).outcome == Outcome.RELOCATED, "asking alone changes nothing"
    moved = granted(waiting, cast.director)
    assert (moved.outcome, moved.stage, moved.wish) == (Outcome.HEALTH, Stage.FOUND, Wish.WANTS)
    as_known_then = Span.objects.filter(case=case).standing(reported_at, reported_at).get()
    as_known_now = Span.objects.filter(case=case).standing(reported_at, clock.now()).get()
    assert (before.outcome, as_known_then.outcome, as_known_now.outcome) == (
        Outcome.RELOCATED,
        Outcome.RELOCATED,
        Outcome.HEALTH,
    )
    assert (as_known_now.since, as_known_now.school_id) == (visit.fact.at, case.school_id)


def test_the_old_record_stays_as_it_was_and_the_new_one_says_who_asked_who_approved_and_why(cast, visit):
    old = Fact.objects.values().get(pk=visit.pk)
    granted(asked(visit, cast.teacher, outcome=Outcome.HEALTH, wish=Wish.CANNOT), cast.director)
    assert Fact.objects.values().get(pk=visit.pk) == old
    right = Fact.objects.get(corrects=visit.pk)
    assert (right.at, right.by, right.unit, right.finding) == (visit.fact.at, cast.teacher, visit.fact.unit, 1)
    assert (right.outcome, right.wish) == (Outcome.HEALTH, Wish.CANNOT)
    said = right.details["correction"]
    assert said["changes"] == {"outcome": [Outcome.RELOCATED, Outcome.HEALTH], "wish": [Wish.WANTS, Wish.CANNOT]}
    assert (said["reason"], said["asked_by"], said["approved_by"]) == (
        WHY,
        cast.teacher.get_full_name(),
        cast.director.get_full_name(),
    )
    assert (right.visit.met, right.visit.mode, right.visit.situation) == ("ยาย", VisitMode.HOME, "พบที่บ้านยาย")
    trail = AuditEvent.objects.get(action="record_corrected")
    assert (trail.person, trail.object_key, trail.reason) == (cast.director, visit.case.number, WHY)
    assert trail.details["asked_by"] == cast.teacher.username
    assert trail.details["changed"] == ["outcome", "wish"]


def test_a_corrected_day_moves_the_visit_on_the_clock_of_what_was_so(cast, case, visit):
    reported_at = clock.now()
    moved = granted(asked(visit, cast.teacher, at=ago(5)), cast.director)
    assert moved.last_visit_at == bangkok_midnight(ago(5))
    assert (moved.visits_count, bangkok_date(moved.stage_since)) == (1, ago(5))
    now = clock.now()
    midday = bangkok_midnight(ago(3))
    assert Span.objects.filter(case=case).standing(midday, now).get().rung == Rung.FOUND
    assert Span.objects.filter(case=case).standing(midday, reported_at).get().rung == Rung.TO_START


def test_the_day_unchanged_keeps_the_moment_and_with_it_the_order_of_the_day(cast, case, visit):
    """Corrected after the return was claimed the same day, the cause is still the one given before it."""
    claim_enrolment(case, person=cast.teacher, route="home")
    moved = granted(asked(visit, cast.teacher, outcome=Outcome.DISABILITY), cast.director)
    assert (moved.outcome, moved.stage) == (Outcome.DISABILITY, Stage.RETURNED_CLAIMED)
    assert Fact.objects.get(corrects=visit.pk).at == visit.fact.at


def test_a_correction_is_what_a_case_with_the_right_visit_would_have_been(cast, make_case):
    right = VisitContent(finding=Finding.HEARD_OF, outcome=Outcome.FAMILY_NECESSITY, done=ago(9))
    cases = [make_case(cast.own_school, listed_on=ago(60)) for _ in range(2)]
    one = visited(cases[0], cast.teacher, VisitContent(finding=Finding.FOUND, wish=Wish.WANTS, done=ago(2)))
    visited(cases[1], cast.teacher, right)
    for each in cases:
        visited(each, cast.teacher, VisitContent(finding=Finding.NONE, mode=VisitMode.PHONE, done=ago(4)))
    said = {"finding": Finding.HEARD_OF, "outcome": Outcome.FAMILY_NECESSITY, "wish": 0, "at": ago(9)}
    granted(asked(one, cast.teacher, **said), cast.director)
    told = [history(facts_of([each.pk])[each.pk]) for each in cases]
    assert [(p.state, bangkok_date(p.since)) for p in told[0]] == [(p.state, bangkok_date(p.since)) for p in told[1]]
    stand = [Case.objects.get(pk=each.pk) for each in cases]
    assert stand[0].visits_count == stand[1].visits_count == 2
    assert attempts_of(stand[0]) == attempts_of(stand[1]) == (1, 1)
    assert list(differences()) == []


def test_a_correction_may_be_corrected_and_the_whole_chain_stays(cast, visit):
    granted(asked(visit, cast.teacher, outcome=Outcome.HEALTH), cast.director)
    right = Visit.objects.get(fact__corrects=visit.pk)
    again = granted(asked(right, cast.teacher, outcome=Outcome.DISABILITY), cast.director)
    assert (again.outcome, again.visits_count) == (Outcome.DISABILITY, 1)
    assert [fact.pk for fact in correctable(again)] == [Fact.objects.get(corrects=right.pk).pk]


def test_found_that_was_not_takes_the_wish_along_and_is_an_attempt(cast, case, visit):
    moved = granted(asked(visit, cast.teacher, finding=Finding.NONE, outcome=0), cast.director)
    assert (moved.rung, moved.wish, moved.outcome) == (Rung.TRACKING, Wish.NOT_ASKED, Outcome.NOT_GIVEN)
    assert attempts_of(moved) == (1, 1)


def test_where_the_child_is_may_be_corrected_and_taken_back(cast, visit):
    granted(asked(visit, cast.teacher, whereabouts=Whereabouts.OTHER_PROVINCE, whereabouts_province=81), cast.director)
    right = Visit.objects.get(fact__corrects=visit.pk)
    assert (right.whereabouts, right.whereabouts_province_id) == ("other_province", 81)
    granted(asked(right, cast.teacher, whereabouts="unknown"), cast.director)
    last = Visit.objects.get(fact__corrects=right.pk)
    assert (last.whereabouts, last.whereabouts_province_id) == ("", None)


def test_the_queue_and_the_lists_show_the_corrected_visit(cast, case, visit):
    granted(asked(visit, cast.teacher, at=ago(5)), cast.director)
    (shown,) = with_last_visit(Case.objects.filter(pk=case.pk))
    assert shown.last_visit_fact.corrects_id == visit.pk


# ── the return ────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def returned(cast, case):
    claim_enrolment(case, person=cast.teacher, route="home", at=ago(10))
    return Case.objects.get(pk=case.pk)


def test_the_day_of_a_return_is_corrected_and_stays_the_claim_of_who_made_it(cast, returned):
    claim = returned.facts.get(kind=FactKind.ENROLLED)
    asking_for = request_correction(returned, person=cast.director, record=claim.pk, at=ago(20), reason=WHY)
    assert asking_for.to_unit == "district:P4603"
    moved = granted(asking_for, cast.district)
    assert (moved.reached, moved.claimed_by) == (Reached.CLAIMED, cast.teacher)
    assert bangkok_date(moved.stage_since) == ago(20)


def test_a_return_is_not_moved_behind_its_confirmation_nor_a_follow_up_before_it(cast, returned):
    confirm_enrolment(returned, person=cast.district)
    claim = returned.facts.get(kind=FactKind.ENROLLED)
    case = Case.objects.get(pk=returned.pk)
    record_follow_up(case, person=cast.teacher, result=FollowUp.STILL)
    follow_up = case.facts.get(kind=FactKind.FOLLOWED_UP)
    waiting = request_correction(case, person=cast.teacher, record=claim.pk, at=ago(0), reason=WHY)
    moved = granted(waiting, cast.director)
    assert moved.reached == Reached.CONFIRMED, "claimed and confirmed the same day, in that order"
    for record, day in ((follow_up, ago(1)), (Fact.objects.get(corrects=claim), ago(61))):
        with pytest.raises(VisitRefused) as refused:
            request_correction(moved, person=cast.teacher, record=record.pk, at=day, reason=WHY)
        assert refused.value.field == "at"


def test_of_a_return_only_the_date_can_be_corrected(cast, returned):
    claim = returned.facts.get(kind=FactKind.ENROLLED)
    with pytest.raises(VisitRefused) as refused:
        request_correction(returned, person=cast.teacher, record=claim.pk, outcome=Outcome.HEALTH, reason=WHY)
    assert refused.value.field == "outcome"


# ── who ───────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("typed", "asks", "to"),
    [
        ("teacher", "teacher", "school:46990001"),
        ("teacher", "director", "district:P4603"),
        ("director", "teacher", "district:P4603"),
        ("district", "teacher", "district:P4603"),
        ("teacher", "district", "province:46"),
    ],
)
def test_a_teachers_is_approved_by_the_director_anyone_elses_one_level_up(cast, case, typed, asks, to):
    assert asked(visited(case, getattr(cast, typed)), getattr(cast, asks), outcome=Outcome.HEALTH).to_unit == to


def test_where_no_director_is_the_district_approves(cast, visit):
    Posting.objects.filter(role="director", unit="school:46990001").delete()
    waiting = asked(visit, cast.teacher, outcome=Outcome.HEALTH)
    assert waiting.to_unit == "district:P4603"
    assert granted(waiting, cast.district).outcome == Outcome.HEALTH


def test_nobody_approves_their_own_neither_who_asks_nor_who_typed_it(cast, case):
    Posting.objects.create(person=cast.teacher, role="director", unit="school:46990001", since=ago(400))
    mine = visited(case, cast.teacher)
    Request.objects.all().delete()
    waiting = asked(mine, cast.teacher, outcome=Outcome.HEALTH)
    with pytest.raises(PermissionDenied):
        granted(waiting, cast.teacher)
    typed = visited(case, cast.district)
    requests.recall(waiting, person=cast.teacher)
    other = asked(typed, cast.director, outcome=Outcome.HEALTH)
    with pytest.raises(IllegalAction) as refused:
        granted(other, cast.district)
    assert "ตนเองไม่ได้" in refused.value.message_th
    assert Case.objects.get(pk=case.pk).outcome == Outcome.RELOCATED


@pytest.mark.parametrize("who", ["province", "department", "ministry", "auditor", "admin", "partner", "charlie"])
def test_who_records_no_visits_asks_for_no_correction(cast, visit, who):
    with pytest.raises(PermissionDenied):
        asked(visit, getattr(cast, who), outcome=Outcome.HEALTH)
    assert not Request.objects.exists()


# ── what is refused ───────────────────────────────────────────────────────────────────────────────────────────
def test_nothing_is_asked_that_changes_nothing_or_cannot_be_so(cast, case, visit):
    with pytest.raises(NothingChanges):
        asked(visit, cast.teacher, outcome=Outcome.RELOCATED)
    for said, field in (
        ({"at": ago(-1)}, "at"),
        ({"at": ago(61)}, "at"),
        ({"finding": Finding.NONE, "wish": Wish.CANNOT}, "wish"),
        ({"whereabouts": Whereabouts.OTHER_PROVINCE}, "whereabouts_province"),
    ):
        with pytest.raises(VisitRefused) as refused:
            asked(visit, cast.teacher, **said)
        assert refused.value.field == field
    with pytest.raises(StaleCase):
        asked(visit, cast.teacher, outcome=Outcome.HEALTH, version=case.version - 1)
    assert not Request.objects.exists()


def test_what_was_corrected_a_list_said_or_another_case_holds_is_not_corrected_here(cast, make_case, visit):
    granted(asked(visit, cast.teacher, outcome=Outcome.HEALTH), cast.director)
    other = visited(make_case(cast.own_school), cast.teacher)
    for record in (visit.pk, other.pk, visit.case.facts.get(kind=FactKind.LISTED).pk):
        with pytest.raises(IllegalAction):
            request_correction(visit.case, person=cast.teacher, record=record, outcome=Outcome.DISABILITY, reason=WHY)


def test_a_refused_correction_changes_nothing(cast, visit):
    waiting = asked(visit, cast.teacher, outcome=Outcome.HEALTH)
    case = answering.answer(waiting, person=cast.director, decision="refuse", answer="สมุดบันทึกไว้ถูกแล้ว")
    assert (case.outcome, Fact.objects.filter(corrects__isnull=False).count()) == (Outcome.RELOCATED, 0)


def test_a_closed_case_is_corrected_and_stays_closed(cast, case, visit):
    closing = request_closing(case, person=cast.teacher, why=Closing.ABROAD, reason=WHY)
    answering.answer(closing, person=cast.district, decision="grant")
    closed = granted(asked(visit, cast.teacher, outcome=Outcome.HEALTH), cast.director)
    assert (closed.stage, closed.outcome) == (Stage.CLOSED, Outcome.STUDYING_ABROAD)


def test_a_visit_to_a_removed_case_is_not_corrected(cast, case, visit):
    add_facts(case, [Fact(kind=FactKind.VOIDED, unit="district:P4603")])
    with pytest.raises(IllegalAction):
        asked(visit, cast.teacher, outcome=Outcome.HEALTH)


# ── pages and programs ────────────────────────────────────────────────────────────────────────────────────────
def page_of(client, person, case):
    client.force_login(person)
    return client.get(reverse("cases:case_detail", args=[case.number])).content.decode()


def test_the_timeline_leads_to_the_form_with_what_stands_filled_in(client, cast, case, visit):
    url = f"{reverse('cases:act', args=[case.number, 'request_correction'])}?record={visit.pk}"
    assert url in page_of(client, cast.teacher, case)
    assert "request_correction" not in page_of(client, cast.province, case)
    client.force_login(cast.teacher)
    form = client.get(url).context["form"]
    assert (form.initial["outcome"], form.initial["wish"], form.initial["at"]) == (6 - 1, Wish.WANTS, bangkok_today())
    assert thai_date(bangkok_today()) in form.about


def test_without_a_link_the_record_is_chosen_and_what_is_left_empty_stays(client, cast, case, visit):
    client.force_login(cast.teacher)
    url = reverse("cases:act", args=[case.number, "request_correction"])
    page = client.get(f"{url}?record=99999999").context["form"]
    assert [key for key, _ in page.fields["record"].choices] == ["", str(visit.pk)]
    done = client.post(url, {"record": visit.pk, "outcome": "health", "reason": WHY})
    assert done.status_code == 302
    assert Request.objects.get().details["changes"] == {"outcome": [Outcome.RELOCATED, Outcome.HEALTH]}


def test_a_refused_form_says_what_to_mend_and_keeps_what_was_typed(client, cast, case, visit):
    client.force_login(cast.teacher)
    url = reverse("cases:act", args=[case.number, "request_correction"])
    again = client.post(url, {"record": visit.pk, "reason": WHY})
    assert again.status_code == 400
    assert "ยังไม่ได้เปลี่ยนค่าใด" in again.content.decode()
    assert WHY in again.content.decode()


def test_the_approver_sees_what_was_and_what_becomes_and_the_timeline_keeps_it(client, cast, case, visit):
    waiting = asked(visit, cast.teacher, outcome=Outcome.HEALTH, at=ago(5))
    client.force_login(cast.director)
    page = client.get(reverse("cases:request_detail", args=[waiting.pk])).content.decode()
    for words in (thai_date(ago(5)), "ย้ายถิ่นที่อยู่", "สุขภาพอนามัย", WHY):
        assert words in page
    assert 'value="grant"' in page and 'value="recall"' not in page
    client.force_login(cast.teacher)
    assert 'value="recall"' in client.get(reverse("cases:request_detail", args=[waiting.pk])).content.decode()
    client.force_login(cast.director)
    assert "สุขภาพอนามัย" not in client.get(reverse("cases:request_list")).content.decode()
    granted(waiting, cast.director)
    page = page_of(client, cast.teacher, case)
    assert f"แก้ไขแล้ว · วันที่ เดิม {thai_date(bangkok_today())} เป็น {thai_date(ago(5))}" in page
    for words in (f"เหตุผล: {WHY}", f"ผู้อนุมัติ {cast.director.get_full_name()}", "แทนบันทึกเดิมที่แก้ไข"):
        assert words in page


def test_health_and_names_are_told_to_those_who_may(client, cast, case, visit):
    waiting = asked(visit, cast.teacher, outcome=Outcome.HEALTH)
    client.force_login(cast.province)
    assert "สุขภาพอนามัย" not in client.get(reverse("cases:request_detail", args=[waiting.pk])).content.decode()
    granted(waiting, cast.director)
    assert "สุขภาพอนามัย" not in page_of(client, cast.province, case)
    ministry = page_of(client, cast.ministry, case)
    assert "แก้ไขแล้ว" in ministry
    assert WHY not in ministry
    assert cast.director.get_full_name() not in ministry


def test_the_pictures_of_the_visit_stay_to_be_seen(client, cast, case):
    visit = visited(case, cast.teacher, pictures=[photos.take_in(picture(), "a.jpg")])
    granted(asked(visit, cast.teacher, outcome=Outcome.HEALTH), cast.director)
    assert reverse("cases:photo", args=[case.number, visit.photos.get().pk]) in page_of(client, cast.teacher, case)


def test_programs_ask_by_the_same_deed_and_read_what_was_corrected(cast, make_case):
    case = make_case(cast.own_school, national_id=make_synthetic_id(1))
    visit = visited(case, cast.teacher)
    url = f"/api/v1/cases/{case.number}/request_correction/"
    body = {"record": visit.pk, "outcome": "family_necessity", "reason": WHY}
    unknown = asking(cast.teacher).post(url, body | {"stage": "closed"})
    assert (unknown.status_code, list(unknown.json()["errors"])) == (400, ["stage"])
    answer = asking(cast.teacher).post(url, body)
    assert answer.status_code == 200, answer.json()
    told = asking(cast.director).get(f"/api/v1/requests/{answer.json()['request']}/").json()
    assert (told["kind"], told["may_answer"]) == (RequestKind.CORRECTION, True)
    asking(cast.director).post(f"/api/v1/requests/{answer.json()['request']}/answer/", {"decision": "grant"})
    timeline = asking(cast.teacher).get(f"/api/v1/cases/{case.number}/").json()["timeline"]
    (old,) = [event for event in timeline if event["corrected"]]
    (new,) = [event for event in timeline if event["corrects"]]
    assert (old["id"], new["corrects"]) == (visit.pk, visit.pk)
    assert WHY in old["correction"]
    visits = asking(cast.teacher).get(f"/api/v1/cases/{case.number}/visits/").json()
    assert sorted((row["outcome"], row["corrected"]) for row in visits) == [
        ("family_necessity", False),
        ("relocated", True),
    ]
