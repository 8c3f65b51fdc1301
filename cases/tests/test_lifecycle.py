"""The heart: facts in any order give the history they describe, and nothing already reported ever changes."""

import inspect
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import lifecycle
from cases.codes import Category, FactKind, Finding, Outcome, Reached, Rung, Stage, Wish
from cases.lifecycle import Cut, effective, history, new_span, revise, state_of
from cases.models import FOREVER, Fact, Span
from cases.rules import RULES

DAY = timedelta(days=1)
START = datetime(2022, 2, 1, tzinfo=UTC)
A_SCHOOL, SISTER_SCHOOL, UNROUTED = (11, 1, 46, 1), (12, 1, 46, 1), (None, 1, 46, 1)


def fact(kind, day, *, pk=None, place=None, known=None, **fields):
    if place is not None:
        fields |= dict(zip(("school_id", "district_id", "province_id", "department_id"), place, strict=True))
    at = START + day * DAY
    return Fact(pk=pk, case_id=1, kind=kind, at=at, known_at=START + (known or day) * DAY, **fields)


def listed(day=0, place=A_SCHOOL, category=Category.DROPOUT, **fields):
    return fact(FactKind.LISTED, day, place=place, category=category, **fields)


def found(day, outcome=None, wish=None, **fields):
    return fact(FactKind.VISITED, day, finding=Finding.FOUND, outcome=outcome, wish=wish, **fields)


def last(*facts):
    return history(facts)[-1].state


# ── what each kind of fact does ───────────────────────────────────────────────────────────────────────────────


def test_every_kind_of_fact_has_a_rule():
    assert set(RULES) == set(FactKind)


@pytest.mark.parametrize(("place", "stage"), [(A_SCHOOL, Stage.ASSIGNED), (UNROUTED, Stage.NEW)])
def test_a_listed_child_waits_at_its_school_or_for_one(place, stage):
    state = last(listed(place=place))
    assert (state.stage, state.rung) == (stage, Rung.TO_START)


def test_a_second_list_does_not_move_the_case():
    assert last(listed(), listed(5, place=SISTER_SCHOOL, category=Category.MISSED)) == last(listed())


def test_a_visit_without_a_finding_is_tracking():
    state = last(listed(), fact(FactKind.VISITED, 2, finding=Finding.NONE))
    assert (state.stage, state.rung) == (Stage.TRACKING, Rung.TRACKING)


def test_hearing_where_the_child_is_does_not_find_it():
    assert last(listed(), fact(FactKind.VISITED, 2, finding=Finding.HEARD_OF)).rung == Rung.TRACKING


def test_found_stays_found_when_a_later_visit_meets_nobody():
    assert last(listed(), found(2), fact(FactKind.VISITED, 5, finding=Finding.NONE)).stage == Stage.FOUND


def test_an_approved_not_found_after_found_decides_because_it_is_later():
    assert last(listed(), found(2), fact(FactKind.NOT_FOUND_APPROVED, 9)).rung == Rung.NOT_FOUND


def test_a_child_not_found_who_turns_up_is_found():
    assert last(listed(), fact(FactKind.NOT_FOUND_APPROVED, 3), found(9)).stage == Stage.FOUND


def test_an_enrolment_makes_the_child_found_and_wanting():
    state = last(listed(), fact(FactKind.ENROLLED, 4))
    assert (state.stage, state.rung, state.wish, state.reached) == (
        Stage.RETURNED_CLAIMED,
        Rung.FOUND,
        Wish.WANTS,
        Reached.CLAIMED,
    )


def test_the_outcome_is_the_latest_given_and_frozen_while_a_claim_stands():
    facts = [listed(), found(1, Outcome.RELOCATED), found(3, Outcome.HEALTH)]
    assert last(*facts).outcome == Outcome.HEALTH
    claimed = [*facts, fact(FactKind.ENROLLED, 4), found(6, Outcome.DISABILITY)]
    assert last(*claimed).outcome == Outcome.HEALTH


@pytest.mark.parametrize(
    ("outcome", "answer", "wish"),
    [
        (Outcome.DECEASED, Wish.WANTS, Wish.CANNOT),
        (Outcome.COMPLETED_COMPULSORY_NO_FURTHER, Wish.WANTS, Wish.WANTS),
        (Outcome.COMPLETED_COMPULSORY_NO_FURTHER, None, Wish.DOES_NOT_WANT),
        (Outcome.OVER_AGE_NO_FURTHER, None, Wish.DOES_NOT_WANT),
        (Outcome.RELOCATED, Wish.CANNOT, Wish.CANNOT),
        (Outcome.RELOCATED, None, Wish.NOT_ASKED),
    ],
)
def test_the_wish_is_the_first_that_applies(outcome, answer, wish):
    assert last(listed(), found(2, outcome, answer)).wish == wish


def test_a_correction_replaces_the_fact_it_names():
    wrong = found(2, Outcome.RELOCATED, pk=2)
    right = found(2, Outcome.HEALTH, pk=3, corrects_id=2)
    assert last(listed(pk=1), wrong, right).outcome == Outcome.HEALTH


def test_a_correction_overtakes_nothing_recorded_in_between_of_the_same_instant():
    wrong, claim = found(2, Outcome.RELOCATED, pk=2), fact(FactKind.ENROLLED, 2, pk=3)
    right = found(2, Outcome.HEALTH, pk=4, corrects_id=2)
    again = found(2, Outcome.FAMILY_NECESSITY, pk=5, corrects_id=4)
    assert last(listed(pk=1), wrong, claim, right).outcome == Outcome.HEALTH
    assert last(listed(pk=1), wrong, claim, right, again).outcome == Outcome.FAMILY_NECESSITY


def test_a_case_stands_from_its_first_dated_fact_when_that_is_before_the_list():
    pieces = history([listed(10), found(4)])
    assert pieces[0].since == START + 4 * DAY
    assert pieces[0].state.rung == Rung.FOUND


def test_a_date_of_today_counts_from_receipt_and_an_earlier_one_from_its_midnight_in_bangkok():
    received = datetime(2022, 2, 28, 6, 30, tzinfo=UTC)  # 13.30 น.
    assert effective(date(2022, 2, 28), received) == received
    assert effective(date(2022, 2, 27), received) == datetime(2022, 2, 26, 17, tzinfo=UTC)
    with pytest.raises(ValueError, match="after"):
        effective(date(2022, 3, 1), received)


# ── two clocks ────────────────────────────────────────────────────────────────────────────────────────────────

steps = st.lists(
    st.tuples(
        st.sampled_from(["visit", "found", "not_found", "enrolled", "move", "category", "nothing"]),
        st.integers(0, 4),  # how many days late; 0 = on time
        st.sampled_from([None, Outcome.RELOCATED, Outcome.HEALTH, Outcome.DECEASED, Outcome.STUDYING_ABROAD]),
        st.sampled_from([None, Wish.WANTS, Wish.DOES_NOT_WANT]),
        st.one_of(st.none(), st.integers(1, 5)),  # corrects this one, if it can be corrected
    ),
    max_size=7,
)


def make(step, pk, day):
    kind, late, outcome, wish, corrects = step
    common = {"pk": pk, "corrects_id": corrects, "known": day}
    at = max(day - late, 0)
    match kind:
        case "visit":
            return fact(FactKind.VISITED, at, finding=Finding.NONE, outcome=outcome, wish=wish, **common)
        case "found":
            return found(at, outcome, wish, **common)
        case "not_found":
            return fact(FactKind.NOT_FOUND_APPROVED, at, **common)
        case "enrolled":
            return fact(FactKind.ENROLLED, at, **common)
        case "move":
            return fact(FactKind.ASSIGNED, at, place=SISTER_SCHOOL if day % 2 else UNROUTED, **common)
        case "category":
            return fact(FactKind.CATEGORY_SET, at, category=Category.MISSED, **common)
    return fact(FactKind.LEFT_LIST, at, **common)


def first_told(told, facts):
    """The key of the fact that `told` puts right, at whatever remove: it stands in that one's place."""
    by_key = {f.pk: f for f in facts}
    while told.corrects_id:
        told = by_key[told.corrects_id]
    return told.pk


def replay(facts, as_of):
    """An independent account of PRODUCT §4: the state at `as_of` by facts alone, or None before the case stood."""
    corrected = {f.corrects_id for f in facts} - {None}
    live = sorted((f for f in facts if f.pk not in corrected), key=lambda f: (f.at, first_told(f, facts)))
    if not live or as_of < live[0].at:
        return None
    opening = next(f for f in live if f.kind == FactKind.LISTED)
    told = [opening] + [f for f in live if f is not opening and f.at <= as_of]
    place = [f for f in told if f.kind in (FactKind.LISTED, FactKind.ASSIGNED)][-1]
    category = [f for f in told if f.kind in (FactKind.LISTED, FactKind.CATEGORY_SET)][-1].category
    claims = [f for f in told if f.kind == FactKind.ENROLLED]
    deciding = [
        f.kind != FactKind.NOT_FOUND_APPROVED
        for f in told
        if f.kind in (FactKind.NOT_FOUND_APPROVED, FactKind.ENROLLED) or f.finding == Finding.FOUND
    ]
    answers = [f.wish for f in told if f.wish]
    frozen_at = told.index(claims[0]) if claims else len(told)
    outcome = next((f.outcome for f in reversed(told[: frozen_at + 1]) if f.outcome), 0)
    if claims or (deciding and deciding[-1]):
        rung = Rung.FOUND
    elif deciding:
        rung = Rung.NOT_FOUND
    else:
        rung = Rung.TRACKING if any(f.kind == FactKind.VISITED for f in told) else Rung.TO_START
    if claims:
        wish = Wish.WANTS
    elif outcome == Outcome.DECEASED:
        wish = Wish.CANNOT
    else:
        wish = answers[-1] if answers else Wish.NOT_ASKED
    reached = Reached.CLAIMED if claims else Reached.NOWHERE
    return (place.school_id, place.district_id, category, rung, outcome, wish, reached)


def told_of(state):
    return (state.school_id, state.district_id, state.category, state.rung, state.outcome, state.wish, state.reached)


def record(spans, facts, now):
    """Store the difference as lifecycle does, in memory; returns how many spans were cut and added."""
    cuts, fresh = revise(spans, history(facts), now)
    for cut in cuts:
        assert isinstance(cut, Cut)
        setattr(cut.span, cut.field, cut.moment)
    spans.extend(new_span(1, piece, now) for piece in fresh)
    return len(cuts), len(fresh)


def standing(spans, as_of, known_at):
    return [s for s in spans if s.since <= as_of < s.until and s.known_from <= known_at < s.known_until]


def grow(todo):
    """Play the steps a day apart; returns the spans, the facts with their days, and snapshots of what was reported."""
    facts, spans, reports = [listed(0, pk=1)], [], []
    record(spans, facts, START)
    correctable = set()
    for day, step in enumerate(todo, start=1):
        *head, corrects = step
        new = make((*head, corrects if corrects in correctable else None), day + 1, day)
        if new.corrects_id:
            correctable.discard(new.corrects_id)
        correctable.add(new.pk)
        facts.append(new)
        now = START + day * DAY
        cuts, fresh = record(spans, facts, now)
        if new.at == now and not new.corrects_id:
            assert cuts <= 1
            assert fresh <= 1, "an on-time fact costs one cut and one insert"
        reports.append((now, [told_of(state_of(s)) for s in standing(spans, now, now)]))
    return spans, facts, reports


@settings(max_examples=400, deadline=None)
@given(steps)
def test_any_past_moment_as_known_at_any_later_one_equals_a_replay_of_the_facts(todo):
    spans, facts, _ = grow(todo)
    for known in range(len(todo) + 2):
        known_at = START + known * DAY
        for tick in range(known * 2 + 1):
            as_of = START + tick * DAY / 2
            expected = replay([f for f in facts if f.known_at <= known_at], as_of)
            found_there = [told_of(state_of(s)) for s in standing(spans, as_of, known_at)]
            assert found_there == ([] if expected is None else [expected]), (tick, known)


@settings(max_examples=300, deadline=None)
@given(steps)
def test_nothing_already_reported_changes(todo):
    spans, _, reports = grow(todo)
    for moment, reported in reports:
        assert [told_of(state_of(s)) for s in standing(spans, moment, moment)] == reported


@settings(max_examples=400, deadline=None)
@given(steps.filter(bool), st.data())
def test_a_correction_gives_the_history_that_the_right_fact_would_have_given_and_changes_no_report(todo, data):
    """Whatever was recorded before, between and after it, and corrected already (SECURITY AU-05)."""
    spans, facts, reports = grow([(*step[:-1], None) for step in todo])
    wrong = data.draw(st.sampled_from([f for f in facts if f.kind != FactKind.LISTED]))
    later = len(todo) + 2
    right = make((*data.draw(steps.filter(bool))[0][:-1], wrong.pk), 100, later)
    right.kind = wrong.kind
    right.finding = Finding.FOUND if right.kind == FactKind.VISITED and right.outcome else wrong.finding
    right.category, right.outcome = wrong.category, right.outcome or wrong.outcome
    for place in ("school_id", "district_id", "province_id", "department_id"):
        setattr(right, place, getattr(wrong, place))
    right.at = data.draw(st.sampled_from([wrong.at, *(f.at for f in facts), wrong.at + DAY / 3]))
    record(spans, [*facts, right], START + later * DAY)
    instead = Fact(pk=wrong.pk, case_id=1, known_at=wrong.known_at, **said(right))
    believed = sorted((s for s in spans if s.known_until == FOREVER), key=lambda s: s.since)
    wanted = history([instead if f is wrong else f for f in facts])
    assert [(s.since, s.until, state_of(s)) for s in believed] == [tuple(piece) for piece in wanted]
    for moment, reported in reports:
        assert [told_of(state_of(s)) for s in standing(spans, moment, moment)] == reported


def said(told):
    names = ("kind", "at", "finding", "outcome", "wish", "category")
    return {name: getattr(told, name) for name in (*names, "school_id", "district_id", "province_id", "department_id")}


@settings(max_examples=300, deadline=None)
@given(steps)
def test_as_reported_is_one_line_over_gone(todo):
    spans, _, _ = grow(todo)
    for tick in range(len(todo) * 2 + 2):
        moment = START + tick * DAY / 2
        by_gone = [s for s in spans if s.known_from <= moment < min(s.until, s.known_until)]
        assert by_gone == standing(spans, moment, moment)


@settings(max_examples=300, deadline=None)
@given(steps)
def test_believed_spans_tile_and_no_two_overlap_on_both_clocks(todo):
    spans, facts, _ = grow(todo)
    believed = sorted((s for s in spans if s.known_until == FOREVER), key=lambda s: s.since)
    assert [(s.since, s.until) for s in believed] == [(p.since, p.until) for p in history(facts)]
    assert believed[-1].until == FOREVER
    assert all(one.until == two.since for one, two in pairwise(believed))
    for i, one in enumerate(spans):
        assert one.since < one.until
        assert one.since <= one.known_from < one.known_until
        for two in spans[i + 1 :]:
            apart = one.until <= two.since or two.until <= one.since
            apart |= one.known_until <= two.known_from or two.known_until <= one.known_from
            assert apart


@settings(max_examples=200, deadline=None)
@given(steps)
def test_writing_the_same_facts_again_writes_nothing(todo):
    spans, facts, _ = grow(todo)
    before = [(s.since, s.until, s.known_from, s.known_until) for s in spans]
    assert record(spans, facts, START + 100 * DAY) == (0, 0)
    assert [(s.since, s.until, s.known_from, s.known_until) for s in spans] == before


def test_a_late_fact_supersedes_where_closing_in_place_would_leave_a_hole():
    """SPANS §1.1's counter-example: done on day 1, known on day 2; the case must stand so at (1, 1) and (1, 2)."""
    spans, facts = [], [listed(0, pk=1)]
    record(spans, facts, START)
    facts.append(found(1, pk=2, known=2))
    record(spans, facts, START + 2 * DAY)
    assert [s.rung for s in standing(spans, START + DAY, START + DAY)] == [Rung.TO_START]
    assert [s.rung for s in standing(spans, START + DAY, START + 2 * DAY)] == [Rung.FOUND]


def test_a_span_made_in_memory_carries_its_whole_state():
    state = last(listed(), found(2, Outcome.HEALTH, Wish.WANTS))
    assert state_of(Span(case_id=1, **state._asdict())) == state


def test_the_known_mutation_of_revise_is_caught_by_the_properties(monkeypatch):
    """SPANS §9: without `end.until >= now` a late fact is closed in place and leaves a hole."""
    source = inspect.getsource(lifecycle.revise)
    guard = " and end.until >= now"
    assert source.count(guard) == 1
    scope = dict(vars(lifecycle))
    exec(source.replace(guard, ""), scope)
    monkeypatch.setitem(globals(), "revise", scope["revise"])
    for property_test in (
        test_any_past_moment_as_known_at_any_later_one_equals_a_replay_of_the_facts,
        test_nothing_already_reported_changes,
    ):
        with pytest.raises(AssertionError):
            property_test()
