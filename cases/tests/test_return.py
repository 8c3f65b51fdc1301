"""The return, both sides: who may say what, and that every figure follows from it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from cases import follow_ups
from cases.actions import IllegalAction, allowed_actions
from cases.codes import Category, FactKind, Finding, Outcome, Reached, Rung, Stage
from cases.enrolment import claim_enrolment, confirm_enrolment, deny_enrolment, hand_over, withdraw_enrolment
from cases.lifecycle import StaleCase, add_facts
from cases.models import Case, Fact
from cases.visits import VisitContent, VisitRefused, record_visit
from dropout.testing import PASSWORD, SINCE
from reports.identities import checks
from reports.ladder import count
from schools import clock
from schools.people import create_person
from schools.thaitime import bangkok_date, bangkok_today
from schools.units import unit_of

DAY = timedelta(days=1)


@pytest.fixture
def claimed(cast, make_case):
    """A child of the own school's whom its teacher says is in the south school: nobody of the north sees that one."""
    return claim_enrolment(
        make_case(cast.own_school, name="น้องกลับ สมมุติ"),
        person=cast.teacher,
        route="school",
        school=cast.south_school,
        grade="ม.1",
        at=bangkok_today() - 20 * DAY,
    )


@pytest.fixture
def confirmed(cast, claimed):
    return confirm_enrolment(claimed, person=cast.south_director)


def days_later(case, days):
    """The clock, so many days after the return of `case` was confirmed."""
    said = case.facts.filter(kind=FactKind.ENROLMENT_CONFIRMED).latest("pk")
    return clock.simulated(said.at + days * DAY)


def figures_of(school) -> dict:
    """The figures of a school, of which every identity holds."""
    counts = count(unit_of(school))
    assert [check for check in checks(counts) if not check.holds] == []
    return counts.not_zero()


def of_return(school):
    told = figures_of(school)
    return {key: told.get(key, 0) for key in ("returned_claimed", "returned_confirmed", "observing", "retained")}


def somebody(role, unit):
    names = {"first_name": "ก", "last_name": "สมมุติ", "password": PASSWORD, "since": SINCE}
    return create_person("somebody", role=role, unit=unit, **names).person


# ── the receiving side ────────────────────────────────────────────────────────────────────────────────────────


def test_a_claim_names_the_school_and_stays_with_the_unit_that_has_the_case(cast, claimed):
    assert (claimed.enrolled_school, claimed.school) == (cast.south_school, cast.own_school)
    assert claimed.claimed_by == cast.teacher
    assert of_return(cast.own_school) == {
        "returned_claimed": 1,
        "returned_confirmed": 0,
        "observing": 0,
        "retained": 0,
    }


@pytest.mark.parametrize("who", ["south_director", "south_district"])
def test_the_receiving_school_or_its_district_confirms(cast, claimed, who):
    confirmed = confirm_enrolment(claimed, person=getattr(cast, who), grade="ม.2")
    assert (confirmed.stage, confirmed.reached) == (Stage.RETURNED_CONFIRMED, Reached.CONFIRMED)
    assert confirmed.claimed_by is None
    assert confirmed.due_at == confirmed.stage_since + 60 * DAY
    assert of_return(cast.own_school) == {
        "returned_claimed": 1,
        "returned_confirmed": 1,
        "observing": 1,
        "retained": 0,
    }


@pytest.mark.parametrize(
    "who", ["teacher", "director", "district", "south_teacher", "province", "south_province", "ministry", "charlie"]
)
def test_nobody_else_confirms_or_denies_it(cast, claimed, who):
    for word in (confirm_enrolment, deny_enrolment):
        with pytest.raises(PermissionDenied):
            word(claimed, person=getattr(cast, who), **({} if word is confirm_enrolment else {"reason": "ไม่มาเรียน"}))


def test_who_claimed_a_return_to_their_own_school_does_not_confirm_it(cast, make_case):
    case = claim_enrolment(make_case(cast.own_school), person=cast.director, route="school", school=cast.own_school)
    with pytest.raises(PermissionDenied):
        confirm_enrolment(case, person=cast.director)
    assert confirm_enrolment(case, person=cast.district).reached == Reached.CONFIRMED


@pytest.mark.parametrize("route", ["nonformal", "vocational", "learning_centre", "home", "flexible", "outside"])
def test_where_the_place_is_no_school_of_ours_the_responsible_district_confirms(cast, make_case, route):
    case = claim_enrolment(make_case(cast.own_school), person=cast.teacher, route=route, where="ศูนย์สมมุติ")
    assert case.enrolled_school is None
    for who in (cast.director, cast.south_district, cast.teacher):
        with pytest.raises(PermissionDenied):
            confirm_enrolment(case, person=who)
    assert confirm_enrolment(case, person=cast.district).stage == Stage.RETURNED_CONFIRMED


def test_the_district_that_claimed_leaves_the_confirmation_to_a_colleague(cast, make_case):
    case = claim_enrolment(make_case(cast.own_school), person=cast.district, route="home")
    with pytest.raises(PermissionDenied):
        confirm_enrolment(case, person=cast.district)
    colleague = somebody("district", "district:P4603")
    assert confirm_enrolment(case, person=colleague).reached == Reached.CONFIRMED


def test_the_receiving_side_has_no_other_acts_and_no_file(cast, confirmed):
    acts = {allowed.action.slug for allowed in allowed_actions(confirmed, cast.south_director)}
    assert acts == {"confirm_enrolment", "deny_enrolment", "follow_up", "hand_over", "drop_again"}
    for who in (cast.south_director, cast.south_teacher, cast.south_district):
        assert confirmed not in Case.objects.visible_to(who)
        assert confirmed in Case.objects.received_by(who)
        with pytest.raises(PermissionDenied):
            record_visit(confirmed, VisitContent(finding=Finding.FOUND), person=who, uuid=uuid4())


@pytest.mark.parametrize(
    "who",
    [
        "teacher",
        "director",
        "district",
        "province",
        "south_province",
        "department",
        "ministry",
        "auditor",
        "partner",
        "admin",
        "charlie",
        "sister_teacher",
    ],
)
def test_nobody_receives_a_child_of_somebody_elses_school(cast, claimed, who):
    assert claimed not in Case.objects.received_by(getattr(cast, who))


def test_the_receiving_side_loses_sight_when_the_claim_ends(cast, claimed):
    deny_enrolment(claimed, person=cast.south_director, reason="ไม่มารายงานตัว")
    assert claimed not in Case.objects.received_by(cast.south_director)


# ── taken back ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_denied_claim_stops_counting_from_then_and_counts_before(cast, claimed):
    before = clock.now()
    denied = deny_enrolment(claimed, person=cast.south_director, reason="ไม่มารายงานตัว")
    assert (denied.stage, denied.rung, denied.reached) == (Stage.FOUND, Rung.FOUND, Reached.NOWHERE)
    assert of_return(cast.own_school)["returned_claimed"] == 0
    assert count(unit_of(cast.own_school), as_of=before)["returned_claimed"] == 1


def test_the_sending_side_withdraws_and_claims_again(cast, claimed):
    withdrawn = withdraw_enrolment(claimed, person=cast.director, reason="บันทึกผิดคน")
    assert withdrawn.reached == Reached.NOWHERE
    with pytest.raises(VisitRefused) as refused:  # a day before the withdrawal would be taken back by it
        claim_enrolment(withdrawn, person=cast.teacher, route="home", at=bangkok_today() - DAY)
    assert refused.value.code == "V02"
    assert claim_enrolment(withdrawn, person=cast.teacher, route="home").reached == Reached.CLAIMED


def test_the_receiving_side_cannot_withdraw_nor_anybody_what_was_confirmed(cast, claimed):
    with pytest.raises(PermissionDenied):
        withdraw_enrolment(claimed, person=cast.south_director, reason="ไม่ใช่ของเรา")
    confirmed = confirm_enrolment(claimed, person=cast.south_director)
    for act, person in ((withdraw_enrolment, cast.director), (deny_enrolment, cast.south_director)):
        with pytest.raises(IllegalAction):
            act(confirmed, person=person, reason="เปลี่ยนใจแล้ว")


def test_of_two_answers_the_second_sees_that_somebody_saved_first(cast, claimed):
    with pytest.raises(StaleCase):
        confirm_enrolment(claimed, person=cast.south_director, version=claimed.version - 1)


# ── follow-ups ────────────────────────────────────────────────────────────────────────────────────────────────


def test_four_follow_ups_in_their_time_retain_the_child(cast, confirmed):
    case = confirmed
    asks = (cast.teacher, cast.south_teacher, cast.director, cast.south_district)  # both sides may
    for day, person in zip((60, 120, 180, 240), asks, strict=True):
        with days_later(case, day):
            assert case.due_at == clock.now()
            case = follow_ups.record_follow_up(case, person=person, result="still")
            assert case.stage == (Stage.RETAINED if day == 240 else Stage.OBSERVING)
            told = of_return(cast.own_school)
            assert (told["observing"], told["retained"]) == ((0, 1) if day == 240 else (1, 0))
    assert (case.due_at, case.reached) == (None, Reached.RETAINED)


def test_a_child_is_not_retained_by_calls_of_one_day(cast, confirmed):
    with days_later(confirmed, 300):
        case = follow_ups.record_follow_up(confirmed, person=cast.south_teacher, result="still")
        assert case.due_at == clock.now() + DAY
        with pytest.raises(VisitRefused) as refused:
            follow_ups.record_follow_up(case, person=cast.teacher, result="still")
        assert refused.value.field == "at"
        absent = follow_ups.record_follow_up(case, person=cast.teacher, result="absent")  # another thing may be learnt
        assert (absent.stage, (absent.due_at - clock.now()).days) == (Stage.OBSERVING, 15)


def test_an_absent_child_is_asked_after_in_fifteen_days_also_when_retained(cast, confirmed):
    with days_later(confirmed, 61):
        absent = follow_ups.record_follow_up(confirmed, person=cast.south_teacher, result="absent")
        assert absent.due_at == clock.now() + 15 * DAY


def test_who_left_again_begins_a_new_episode_with_the_unit_that_had_the_case(cast, confirmed):
    with days_later(confirmed, 70):
        with pytest.raises(VisitRefused):
            follow_ups.record_follow_up(confirmed, person=cast.south_teacher, result="left", reason=" ")
        left = follow_ups.record_follow_up(
            confirmed, person=cast.south_teacher, result="left", reason="ย้ายตามพ่อ", outcome=Outcome.RELOCATED
        )
        assert (left.episode, left.stage, left.school) == (2, Stage.ASSIGNED, cast.own_school)
        assert (left.outcome, left.reached, left.enrolled_school) == (Outcome.RELOCATED, Reached.NOWHERE, None)
        assert of_return(cast.own_school)["returned_claimed"] == 0
        assert figures_of(cast.own_school)["target"] == 1


@pytest.mark.parametrize(("days", "code"), [(-1, "V02"), (100, "V01")])
def test_a_follow_up_is_neither_before_the_confirmation_nor_in_the_future(cast, confirmed, days, code):
    with days_later(confirmed, 70):
        at = bangkok_date(confirmed.stage_since) + days * DAY
        with pytest.raises(VisitRefused) as refused:
            follow_ups.record_follow_up(confirmed, person=cast.teacher, result="still", at=at)
        assert refused.value.code == code


def test_nobody_follows_up_a_return_nobody_confirmed(cast, claimed):
    with pytest.raises(IllegalAction):
        follow_ups.record_follow_up(claimed, person=cast.teacher, result="still")


# ── out again, and on to the next level ───────────────────────────────────────────────────────────────────────


def test_dropping_out_on_the_day_of_the_confirmation_comes_after_it(cast, confirmed):
    with days_later(confirmed, 3):
        day = bangkok_date(confirmed.stage_since)
        out = follow_ups.drop_again(confirmed, person=cast.south_teacher, reason="ไม่มาอีกเลย", at=day)
    assert (out.episode, out.reached) == (2, Reached.NOWHERE)


def test_a_child_found_in_school_may_drop_out_again_and_one_out_of_school_may_not(cast, make_case):
    cases = {}
    for outcome in (Outcome.ENROLLED_OTHER_AFFILIATION, Outcome.RELOCATED):
        cases[outcome] = make_case(cast.own_school, name=f"น้อง{outcome} สมมุติ")
        content = VisitContent(finding=Finding.FOUND, outcome=outcome)
        record_visit(cases[outcome], content, person=cast.teacher, uuid=uuid4())
    out = follow_ups.drop_again(
        cases[Outcome.ENROLLED_OTHER_AFFILIATION], person=cast.teacher, reason="ออกอีก", category=Category.MISSED
    )
    assert (out.episode, out.category, out.outcome) == (2, Category.MISSED, Outcome.NOT_GIVEN)
    with pytest.raises(IllegalAction):
        follow_ups.drop_again(cases[Outcome.RELOCATED], person=cast.teacher, reason="ออกอีก")


def test_a_hand_over_waits_for_the_new_school_and_loses_nothing(cast, confirmed):
    with days_later(confirmed, 61):
        case = follow_ups.record_follow_up(confirmed, person=cast.teacher, result="still")
        case = hand_over(case, person=cast.south_director, route="school", school=cast.college_school, grade="ปวช.1")
        assert (case.stage, case.enrolled_school) == (Stage.OBSERVING, cast.college_school)
        assert case.due_at == case.facts.get(kind=FactKind.HANDED_OVER).at + 30 * DAY
        assert case not in Case.objects.received_by(cast.south_director)
        with pytest.raises(IllegalAction):
            hand_over(case, person=cast.director, route="home", grade="ม.4")
        head = somebody("director", "school:46990005")
        arrived = confirm_enrolment(case, person=head)
        assert arrived.due_at == confirmed.stage_since + 120 * DAY
        assert of_return(cast.own_school)["returned_confirmed"] == 1


@pytest.mark.parametrize("word", ["deny", "withdraw"])
def test_a_hand_over_that_is_taken_back_leaves_the_child_where_it_was(cast, confirmed, word):
    with days_later(confirmed, 5):
        case = hand_over(confirmed, person=cast.director, route="school", school=cast.own_school, grade="ม.2")
        case = confirm_enrolment(case, person=cast.district)
        assert case.enrolled_school == cast.own_school
        case = hand_over(case, person=cast.teacher, route="school", school=cast.south_school, grade="ม.2")
        if word == "deny":
            case = deny_enrolment(case, person=cast.south_director, reason="ไม่มารายงานตัว")
        else:
            case = withdraw_enrolment(case, person=cast.teacher, reason="ยังไม่ย้าย")
        assert (case.enrolled_school, case.reached, case.claimed_by) == (cast.own_school, Reached.CONFIRMED, None)


def test_a_list_that_claims_again_does_not_take_the_school_from_a_standing_claim(claimed):
    facts = [Fact(kind=FactKind.ENROLLED, unit="nation", route="from_list")]
    again = add_facts(claimed, facts)
    assert again.enrolled_school_id == claimed.enrolled_school_id is not None
    assert again.claimed_by_id == claimed.claimed_by_id
