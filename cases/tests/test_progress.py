"""The whole life of a case by its facts alone: return, observation, new episodes, the end, and merges."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.codes import Category, FactKind, Finding, FollowUp, Outcome, Reached, Rung, Stage, Wish
from cases.lifecycle import fold, history
from cases.models import FOREVER, Fact

DAY = timedelta(days=1)
START = datetime(2022, 2, 1, tzinfo=UTC)
A_SCHOOL, SISTER_SCHOOL = (11, 1, 46, 1), (12, 1, 46, 1)


def fact(kind, day, *, place=None, case=1, **fields):
    if place is not None:
        fields |= dict(zip(("school_id", "district_id", "province_id", "department_id"), place, strict=True))
    at = START + day * DAY
    made = Fact(case_id=case, kind=kind, at=at, known_at=at, **fields)
    made.brought = []
    return made


def listed(day=0, place=A_SCHOOL, **fields):
    return fact(FactKind.LISTED, day, place=place, category=fields.pop("category", Category.MISSED), **fields)


def visit(day, finding=Finding.NONE, **fields):
    return fact(FactKind.VISITED, day, finding=finding, **fields)


def found(day, **fields):
    return visit(day, Finding.FOUND, **fields)


def followed(day, result=FollowUp.STILL):
    return fact(FactKind.FOLLOWED_UP, day, follow_up=result)


CLAIMED = fact(FactKind.ENROLLED, 10, school_id=77)
CONFIRMED = fact(FactKind.ENROLMENT_CONFIRMED, 20)
RETURNED = (listed(), found(2, wish=Wish.WANTS), CLAIMED, CONFIRMED)
FOUR = tuple(followed(20 + days) for days in (60, 120, 180, 240))


def standing(*facts):
    return fold(facts)[1]


def state(*facts):
    return history(facts)[-1].state


# ── return, both sides ────────────────────────────────────────────────────────────────────────────────────────
def test_a_claim_names_the_school_that_is_to_confirm_it():
    case = standing(listed(), CLAIMED)
    assert (case.stage(), case.reached(), case.school_id) == (Stage.RETURNED_CLAIMED, Reached.CLAIMED, 77)


def test_a_confirmed_return_waits_for_its_first_follow_up_after_sixty_days():
    case = standing(*RETURNED)
    assert (case.stage(), case.reached()) == (Stage.RETURNED_CONFIRMED, Reached.CONFIRMED)
    assert case.next_follow_up() == CONFIRMED.at + 60 * DAY


def test_the_first_follow_up_begins_observation_and_the_last_of_four_retains():
    assert state(*RETURNED, FOUR[0]).stage == Stage.OBSERVING
    assert state(*RETURNED, *FOUR[:3]).reached == Reached.CONFIRMED
    kept = standing(*RETURNED, *FOUR)
    assert (kept.stage(), kept.reached(), kept.next_follow_up()) == (Stage.RETAINED, Reached.RETAINED, None)


def test_a_follow_up_before_its_day_passes_nothing():
    case = standing(*RETURNED, followed(20 + 59))
    assert (case.stage(), case.passed) == (Stage.OBSERVING, 0)


def test_one_late_follow_up_passes_one_milestone():
    assert standing(*RETURNED, followed(20 + 300)).passed == 1


def test_late_follow_ups_of_one_day_pass_one_milestone_and_the_next_is_due_on_another_day():
    hours = [fact(FactKind.FOLLOWED_UP, 320 + n / 24, follow_up=FollowUp.STILL) for n in range(4)]
    case = standing(*RETURNED, *hours)
    assert (case.passed, case.stage()) == (1, Stage.OBSERVING)
    assert case.next_follow_up() == hours[0].at + DAY  # done for today: not late any more
    days = [followed(320 + n) for n in range(4)]
    assert standing(*RETURNED, *days).stage() == Stage.RETAINED


def test_an_absent_child_is_asked_after_again_within_fifteen_days_and_passes_nothing():
    case = standing(*RETURNED, followed(81, FollowUp.ABSENT))
    assert (case.passed, case.next_follow_up()) == (0, START + 96 * DAY)
    assert standing(*RETURNED, followed(81, FollowUp.ABSENT), followed(90)).passed == 1


@pytest.mark.parametrize("kind", [FactKind.ENROLMENT_DENIED, FactKind.ENROLMENT_WITHDRAWN])
def test_a_claim_denied_or_withdrawn_stops_counting_and_the_child_stays_found(kind):
    now = state(listed(), found(2, wish=Wish.WANTS, outcome=Outcome.RELOCATED), CLAIMED, fact(kind, 12))
    assert (now.reached, now.rung, now.stage, now.wish) == (Reached.NOWHERE, Rung.FOUND, Stage.FOUND, Wish.WANTS)


@pytest.mark.parametrize("kind", [FactKind.ENROLMENT_DENIED, FactKind.ENROLMENT_WITHDRAWN])
def test_a_confirmed_return_can_no_longer_be_denied(kind):
    assert state(*RETURNED, fact(kind, 30)) == state(*RETURNED)


def test_a_list_that_claims_a_confirmed_return_again_does_not_put_it_in_doubt():
    assert state(*RETURNED, fact(FactKind.ENROLLED, 40)).reached == Reached.CONFIRMED


def test_a_match_of_the_register_confirms_without_a_claim():
    now = state(listed(), fact(FactKind.ENROLMENT_CONFIRMED, 5, school_id=77))
    assert (now.stage, now.rung, now.reached) == (Stage.RETURNED_CONFIRMED, Rung.FOUND, Reached.CONFIRMED)


def test_what_was_given_as_cause_before_the_claim_is_the_outcome_again_after_its_end():
    story = [listed(), found(1, outcome=Outcome.HEALTH), CLAIMED, found(11, outcome=Outcome.RELOCATED)]
    assert state(*story).outcome == Outcome.HEALTH
    assert state(*story, fact(FactKind.ENROLMENT_DENIED, 12)).outcome == Outcome.HEALTH
    after = [fact(FactKind.ENROLMENT_DENIED, 12), found(13, outcome=Outcome.RELOCATED)]
    assert state(*story, *after).outcome == Outcome.RELOCATED


# ── the next school level, and out again ──────────────────────────────────────────────────────────────────────
def test_a_hand_over_to_the_next_level_waits_for_arrival_and_loses_nothing_reached():
    over = fact(FactKind.HANDED_OVER, 300, school_id=88)
    case = standing(*RETURNED, *FOUR, over)
    assert (case.reached(), case.school_id, case.next_follow_up()) == (Reached.RETAINED, 88, over.at + 30 * DAY)
    arrived = standing(*RETURNED, *FOUR, over, fact(FactKind.ENROLMENT_CONFIRMED, 310))
    assert (arrived.school_id, arrived.next_follow_up(), arrived.stage()) == (88, None, Stage.RETAINED)


def test_after_a_hand_over_the_child_learns_where_and_in_the_grade_it_was_received():
    over = fact(FactKind.HANDED_OVER, 90, school_id=88, grade="ม.1")
    waits = standing(*RETURNED, over)
    assert (waits.entry(), waits.grade()) == (over, "ม.1")
    arrived = standing(*RETURNED, over, fact(FactKind.ENROLMENT_CONFIRMED, 100, grade="ม.2"))
    assert (arrived.entry(), arrived.grade()) == (over, "ม.2")
    as_said = standing(*RETURNED, over, fact(FactKind.ENROLMENT_CONFIRMED, 100))
    assert as_said.grade() == "ม.1"
    again = fact(FactKind.HANDED_OVER, 120, school_id=99, grade="ม.3")
    went_back = standing(
        *RETURNED, over, fact(FactKind.ENROLMENT_CONFIRMED, 100), again, fact(FactKind.ENROLMENT_DENIED, 130)
    )
    assert (went_back.entry(), went_back.grade(), went_back.school_id) == (over, "ม.1", 88)


def test_a_child_who_did_not_arrive_at_the_next_level_is_watched_where_it_was():
    over = fact(FactKind.HANDED_OVER, 90, school_id=88)
    case = standing(*RETURNED, FOUR[0], over, fact(FactKind.ENROLMENT_DENIED, 100))
    assert (case.school_id, case.reached()) == (77, Reached.CONFIRMED)


def test_who_drops_out_again_begins_a_new_episode_of_the_same_case_with_nothing_of_the_old():
    case = standing(*RETURNED, *FOUR, fact(FactKind.DROPPED_AGAIN, 400))
    assert (case.episode, case.stage(), case.rung(), case.reached()) == (2, Stage.ASSIGNED, Rung.TO_START, 0)
    assert (case.outcome, case.wish(), case.category, case.school_id) == (0, Wish.NOT_ASKED, Category.DROPOUT, None)
    assert case.place == A_SCHOOL


def test_before_it_dropped_out_again_the_child_counts_as_retained():
    pieces = history([*RETURNED, *FOUR, fact(FactKind.DROPPED_AGAIN, 400)])
    before = next(piece for piece in pieces if piece.since <= START + 399 * DAY < piece.until)
    assert (before.state.episode, before.state.reached) == (1, Reached.RETAINED)


# ── help, the end, and back ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("kind", [FactKind.HELP_PLANNED, FactKind.REFERRED])
def test_help_moves_a_found_child_to_assisting_and_nobody_else(kind):
    assert state(listed(), found(2), fact(kind, 3)).stage == Stage.ASSISTING
    assert state(listed(), visit(2), fact(kind, 3)).stage == Stage.TRACKING
    assert state(listed(), visit(2), fact(FactKind.NOT_FOUND_APPROVED, 3), fact(kind, 4)).stage == Stage.NOT_FOUND


def test_help_planned_before_the_child_was_found_counts_once_it_is():
    assert state(listed(), visit(1), fact(FactKind.REFERRED, 2), found(5)).stage == Stage.ASSISTING


def test_a_closed_case_keeps_its_rung_and_a_later_visit_reopens_it():
    closed = (listed(), found(2), fact(FactKind.CLOSED, 5, outcome=Outcome.DECEASED))
    assert (state(*closed).stage, state(*closed).rung) == (Stage.CLOSED, Rung.FOUND)
    assert state(*closed, visit(9)).stage == Stage.FOUND


def test_a_visit_done_before_the_closing_but_received_later_does_not_reopen():
    assert state(listed(), found(2), fact(FactKind.CLOSED, 5), visit(4)).stage == Stage.CLOSED


@pytest.mark.parametrize("kind", [FactKind.CLOSED, FactKind.VOIDED])
def test_a_later_list_takes_a_closed_or_removed_child_in_again(kind):
    assert state(listed(), visit(1), fact(kind, 3), listed(9, place=SISTER_SCHOOL)).stage == Stage.TRACKING


def test_a_later_list_that_names_a_child_not_found_has_it_looked_for_again():
    lost = (listed(), visit(1), fact(FactKind.NOT_FOUND_APPROVED, 3))
    assert state(*lost).rung == Rung.NOT_FOUND
    assert state(*lost, listed(9)).rung == Rung.TRACKING
    assert state(*lost, visit(9, Finding.HEARD_OF)).rung == Rung.TRACKING
    assert state(*lost, visit(9)).rung == Rung.NOT_FOUND


def test_reopening_takes_back_a_removal():
    assert state(listed(), fact(FactKind.VOIDED, 3), fact(FactKind.REOPENED, 5)).stage == Stage.ASSIGNED


def test_a_line_of_a_list_found_to_be_in_school_already_is_found_in_education():
    checked = fact(FactKind.LIST_CHECKED, 3, finding=Finding.FOUND, outcome=Outcome.ENROLLED_SAME_AFFILIATION)
    now = state(listed(), checked)
    assert (now.rung, now.outcome) == (Rung.FOUND, Outcome.ENROLLED_SAME_AFFILIATION)
    assert state(listed(), fact(FactKind.LIST_CHECKED, 3)) == state(listed())


def test_a_reported_child_stands_found_from_the_first_instant():
    reported = fact(FactKind.REPORTED, 0, place=A_SCHOOL, category=Category.NOT_LISTED, finding=Finding.FOUND)
    assert state(reported).rung == Rung.FOUND


def test_an_unsafe_child_stays_flagged_until_cleared_also_into_a_new_episode():
    flagged = (*RETURNED, fact(FactKind.FLAGGED_UNSAFE, 30))
    assert standing(*flagged).unsafe
    assert standing(*flagged, fact(FactKind.DROPPED_AGAIN, 40)).unsafe
    assert not standing(*flagged, fact(FactKind.UNSAFE_CLEARED, 40)).unsafe


def test_a_transfer_moves_the_place_and_not_the_rung():
    before = (listed(), found(2))
    moved = state(*before, fact(FactKind.TRANSFERRED, 5, place=SISTER_SCHOOL))
    assert moved == state(*before)._replace(school_id=12)


# ── merges ────────────────────────────────────────────────────────────────────────────────────────────────────
def merged(day, other, brought):
    made = fact(FactKind.MERGED_IN, day, other_case_id=other)
    made.brought = list(brought)
    return made


DUPLICATE = (listed(1, place=SISTER_SCHOOL, case=2), found(4, case=2, outcome=Outcome.HEALTH, wish=Wish.WANTS))


def test_a_survivor_has_both_cases_facts_from_the_merge_on_and_keeps_its_own_place_and_category():
    own = [listed(), visit(2), merged(9, 2, DUPLICATE)]
    pieces = history(own)
    assert [piece.state.rung for piece in pieces] == [Rung.TO_START, Rung.TRACKING, Rung.FOUND]
    last = pieces[-1].state
    assert (last.school_id, last.category, last.outcome) == (11, Category.MISSED, Outcome.HEALTH)
    assert pieces[-1].since == START + 9 * DAY, "earlier dates are unchanged"


def test_a_duplicate_is_void_from_the_merge_on_and_itself_again_when_it_is_undone():
    away = [*DUPLICATE, fact(FactKind.MERGED_AWAY, 9, case=2, other_case_id=1)]
    assert state(*away).stage == Stage.VOID
    undone = fact(FactKind.MERGE_UNDONE, 12, case=2, other_case_id=1)
    assert state(*away, undone) == state(*DUPLICATE)


def test_no_list_takes_a_merged_duplicate_in_again():
    away = [*DUPLICATE, fact(FactKind.MERGED_AWAY, 9, case=2, other_case_id=1)]
    assert state(*away, listed(10, case=2)).stage == Stage.VOID
    assert state(*away, fact(FactKind.REOPENED, 10, case=2)).stage == Stage.VOID


def test_an_undone_merge_leaves_the_survivor_what_its_own_facts_say_of_both_sides_of_it():
    own = [listed(), merged(9, 2, DUPLICATE), visit(10), fact(FactKind.MERGE_UNDONE, 12, other_case_id=2)]
    assert state(*own) == state(listed(), visit(10))


def test_two_merges_one_of_them_undone_leave_the_other():
    third = (listed(3, case=3), fact(FactKind.ENROLLED, 5, case=3))
    own = [listed(), merged(9, 2, DUPLICATE), merged(10, 3, third), fact(FactKind.MERGE_UNDONE, 12, other_case_id=3)]
    assert state(*own) == state(listed(), merged(9, 2, DUPLICATE))
    assert state(*own[:3]).reached == Reached.CLAIMED


# ── any order at all ──────────────────────────────────────────────────────────────────────────────────────────
KINDS = sorted(set(FactKind) - {FactKind.LISTED, FactKind.REPORTED, FactKind.MERGED_IN, FactKind.MERGE_UNDONE})
stories = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.integers(0, 400),
        st.sampled_from([None, *Finding]),
        st.sampled_from([None, Outcome.RELOCATED, Outcome.STUDYING_ABROAD, Outcome.DECEASED]),
        st.sampled_from([None, Wish.WANTS, Wish.DOES_NOT_WANT]),
        st.sampled_from(FollowUp.values),
    ),
    max_size=12,
)


def told(story, case=1):
    made = [listed(case=case)]
    for kind, day, finding, outcome, wish, follow_up in story:
        places = {"place": SISTER_SCHOOL} if kind in (FactKind.ASSIGNED, FactKind.TRANSFERRED) else {}
        category = {"category": Category.DROPOUT} if kind == FactKind.CATEGORY_SET else {}
        found_there = {"finding": finding} if kind in (FactKind.VISITED, FactKind.LIST_CHECKED) else {}
        said = {"outcome": outcome, "wish": wish, "follow_up": follow_up}
        made.append(fact(kind, day, case=case, **said, **places, **category, **found_there))
    return made


@settings(max_examples=400, deadline=None)
@given(stories)
def test_whatever_is_told_the_history_tiles_and_every_state_keeps_the_ladders_promises(story):
    pieces = history(told(story))
    assert pieces[0].since == START
    assert pieces[-1].until == FOREVER
    assert all(one.until == two.since and one.state != two.state for one, two in pairwise(pieces))
    for _, _, now in pieces:
        assert now.reached == Reached.NOWHERE or now.rung == Rung.FOUND
        assert now.reached == Reached.NOWHERE or now.wish == Wish.WANTS
        assert (now.stage == Stage.RETAINED) <= (now.reached == Reached.RETAINED)
        assert now.stage not in (Stage.NEW, Stage.ASSIGNED) or now.rung == Rung.TO_START
        assert now.stage != Stage.ASSISTING or now.rung == Rung.FOUND


@settings(max_examples=200, deadline=None)
@given(stories, stories, st.integers(0, 400))
def test_a_merge_changes_nothing_before_it_and_undone_nothing_after(own, other, day):
    facts, brought = told(own), told(other, case=2)
    whole = merged(day, 2, brought)
    undone = fact(FactKind.MERGE_UNDONE, 401, other_case_id=2)

    def at(moment, *story):
        return next(piece.state for piece in history(story) if piece.since <= moment < piece.until)

    for tick in range(0, day, 20):
        assert at(START + tick * DAY, *facts, whole) == at(START + tick * DAY, *facts)
    assert at(START + 402 * DAY, *facts, whole, undone) == at(START + 402 * DAY, *facts)
