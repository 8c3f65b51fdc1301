"""Two cases of one child: merging changes no figure but by the duplicate itself, and can be taken back."""

from datetime import timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import closing, merging, rederiving, requests, visits
from cases.actions import IllegalAction
from cases.codes import Category, FactKind, Finding, Outcome, PairState, RequestState, Sameness, Stage, Wish
from cases.duplicates import note_pair, tell_apart
from cases.identity import make_synthetic_id
from cases.lifecycle import add_facts, history
from cases.models import FOREVER, Case, Duplicate, Fact, Request, Span
from cases.survivors import identifiers_of, masks_of, survivor_of
from cases.tests.test_lifecycle import A_SCHOOL, SISTER_SCHOOL, START, fact, listed
from reports.ladder import COUNTERS
from schools import clock
from schools.thaitime import bangkok_today

pytestmark = pytest.mark.django_db
WHY = "ชื่อ วันเกิด และบ้านเดียวกัน"


def days_ago(n):
    return bangkok_today() - timedelta(days=n)


@pytest.fixture
def two(cast, make_case):
    """A case of the own school and a later one of its sister school, of the same child."""
    first = make_case(cast.own_school, name="มะลิ สมมุติ", listed_on=days_ago(40))
    second = make_case(cast.sister_school, name="มะลิ สมมุติ", listed_on=days_ago(20), guardian_name="ยายสมมุติ")
    return first, second


def pair_of(one, two):
    return note_pair(one, two, Sameness.NAME_BIRTH)


def visit(case, finding=Finding.FOUND, *, ago=0, **said):
    return add_facts(case, [Fact(kind=FactKind.VISITED, at=days_ago(ago), finding=finding, unit="nation", **said)])


def again(case):
    return Case.objects.get(pk=case.pk)


def target(day_moment):
    """How many count at a moment, as now known."""
    rows = Span.objects.filter(since__lte=day_moment, until__gt=day_moment, known_until=FOREVER)
    return rows.filter(COUNTERS["target"]).count()


# ── the rule ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_case_opened_earlier_survives_and_has_what_was_found_out_in_both(cast, two):
    first, second = two
    visit(second, ago=3, outcome=Outcome.RELOCATED, wish=Wish.WANTS)
    survivor = merging.merge(pair_of(*two), person=cast.district, reason=WHY)
    assert survivor.pk == first.pk
    kept, away = again(first), again(second)
    assert (kept.stage, kept.outcome, kept.wish, kept.school) == (
        Stage.FOUND,
        Outcome.RELOCATED,
        Wish.WANTS,
        cast.own_school,
    )
    assert (kept.visits_count, away.stage) == (1, Stage.VOID)
    assert kept.child.guardian_name == "ยายสมมุติ"
    assert away.child.merged_into == kept.child


def test_the_target_falls_by_one_from_the_merge_on_and_earlier_days_stay(cast, two):
    moments = [clock.now() - timedelta(days=n) for n in (30, 10, 1)]
    before = [target(moment) for moment in moments]
    merging.merge(pair_of(*two), person=cast.district, reason=WHY)
    assert [target(moment) for moment in moments] == before == [1, 2, 2]
    assert target(clock.now() + timedelta(seconds=1)) == 1


def test_undoing_gives_both_back_and_empties_what_was_filled(cast, two):
    first, second = two
    visit(second, ago=3)
    pair = pair_of(*two)
    merging.merge(pair, person=cast.district, reason=WHY)
    merging.undo_merge(pair, person=cast.district, reason="เป็นลูกพี่ลูกน้อง")
    kept, away = again(first), again(second)
    assert (kept.stage, kept.visits_count) == (Stage.ASSIGNED, 0)
    assert (away.stage, away.visits_count) == (Stage.FOUND, 1)
    assert kept.child.guardian_name == ""
    assert away.child.merged_into is None
    pair.refresh_from_db()
    assert (pair.state, pair.survivor, pair.filled) == (PairState.NOT_SAME, None, [])
    merging.merge(pair, person=cast.district, reason="ที่แท้เป็นคนเดียวกัน")
    assert again(first).stage == Stage.FOUND


def test_a_merge_is_not_undone_after_thirty_days(cast, two):
    pair = pair_of(*two)
    merging.merge(pair, person=cast.district, reason=WHY)
    with clock.simulated(clock.now() + timedelta(days=31)), pytest.raises(IllegalAction, match="30 days"):
        merging.undo_merge(pair, person=cast.district, reason="เป็นคนละคน")


def test_of_a_into_b_into_c_the_later_merge_is_undone_first(cast, two, make_case):
    second, third = two
    first = make_case(cast.own_school, name="มะลิ สมมุติ", listed_on=days_ago(60))
    visit(third, ago=2, outcome=Outcome.HEALTH)
    inner, outer = pair_of(second, third), pair_of(first, second)
    merging.merge(inner, person=cast.district, reason=WHY)
    merging.merge(outer, person=cast.district, reason=WHY)
    assert (again(first).stage, again(first).outcome) == (Stage.FOUND, Outcome.HEALTH)
    assert again(third).child.merged_into == first.child
    with pytest.raises(IllegalAction, match="first"):
        merging.undo_merge(inner, person=cast.district, reason="เป็นคนละคน")
    merging.undo_merge(outer, person=cast.district, reason="เป็นคนละคน")
    assert (again(first).stage, again(second).stage) == (Stage.ASSIGNED, Stage.FOUND)
    assert again(third).child.merged_into == second.child
    merging.undo_merge(inner, person=cast.district, reason="เป็นคนละคน")
    assert (again(second).stage, again(third).stage) == (Stage.ASSIGNED, Stage.FOUND)


def test_taking_back_an_inner_merge_later_leaves_the_past_of_the_outer_one(cast, two, make_case):
    """What B brought into A while it was merged there stood so then, though B has lost C since."""
    a = listed(0)
    merged = fact(FactKind.MERGED_IN, 5, other_case_id=2)
    undone = fact(FactKind.MERGE_UNDONE, 8, other_case_id=2)
    merged.brought = [listed(1, place=SISTER_SCHOOL), fact(FactKind.VISITED, 2, finding=Finding.FOUND)]
    stages = [(piece.since - START).days for piece in history([a, merged, undone])]
    assert stages == [0, 5, 8]
    first, second = make_case(cast.own_school, listed_on=days_ago(60)), two[0]
    third = two[1]
    visit(third, ago=4)
    inner, outer = pair_of(second, third), pair_of(first, second)
    for pair in (inner, outer):
        merging.merge(pair, person=cast.district, reason=WHY)
    during = clock.now()
    for pair in (outer, inner):
        merging.undo_merge(pair, person=cast.district, reason="เป็นคนละคน")
    visit(first, Finding.NONE, ago=30)  # a late fact has the history written anew
    span = Span.objects.get(case=first, since__lte=during, until__gt=during, known_until=FOREVER)
    assert span.stage == Stage.FOUND


def test_a_report_that_found_the_child_counts_as_found_for_the_survivor(cast, two):
    facts = [listed(0), fact(FactKind.MERGED_IN, 9, other_case_id=2)]
    reported = fact(FactKind.REPORTED, 3, place=SISTER_SCHOOL, category=Category.NOT_LISTED, finding=Finding.FOUND)
    facts[1].brought = [reported]
    state = history(facts)[-1].state
    assert (state.stage, state.school_id, state.category) == (Stage.FOUND, A_SCHOOL[0], Category.DROPOUT)


# ── who decides ───────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("who", ["teacher", "director", "south_district", "ministry_of_region", "charlie"])
def test_no_school_and_nobody_elsewhere_merges(cast, two, who):
    person = cast.south_ministry if who == "ministry_of_region" else getattr(cast, who)
    for call in (merging.merge, tell_apart):
        with pytest.raises(PermissionDenied):
            call(pair_of(*two), person=person, reason=WHY)


def test_across_two_districts_only_the_level_above_both_decides(cast, make_case):
    pair = pair_of(make_case(cast.own_school), make_case(cast.other_district_school))
    with pytest.raises(PermissionDenied):
        merging.merge(pair, person=cast.district, reason=WHY)
    merging.merge(pair, person=cast.province, reason=WHY)
    pair.refresh_from_db()
    assert (pair.state, pair.decided_by) == (PairState.MERGED, cast.province)


def test_a_director_asks_the_district_of_both_and_its_grant_merges(cast, make_case):
    first, second = make_case(cast.own_school), make_case(cast.own_school)
    pair = pair_of(first, second)
    asked = merging.request_merge(pair, person=cast.director, reason=WHY)
    assert asked.to_unit == "district:P4603"
    merging.grant_merge(asked, person=cast.district, answer="ตรวจแล้ว")
    asked.refresh_from_db()
    assert (asked.state, again(second).stage) == (RequestState.GRANTED, Stage.VOID)


def test_what_was_asked_of_the_duplicate_ends_with_it_and_so_does_the_request_to_merge(cast, make_case):
    first, second = make_case(cast.own_school), make_case(cast.own_school)
    pair = pair_of(first, second)
    merging.request_merge(pair, person=cast.director, reason=WHY)
    closing.request_removal(second, person=cast.teacher, why="wrong_entry", reason="บันทึกผิดคน")
    merging.merge(pair, person=cast.district, reason=WHY)
    ended = {one.kind: (one.state, one.details.get("ended_by")) for one in Request.objects.all()}
    assert ended == {"merge": (RequestState.GRANTED, None), "removal": (RequestState.ENDED, "merge")}
    assert not requests.waiting_for(cast.district).exists()


def test_a_pair_is_merged_once_and_what_is_merged_is_not_told_apart(cast, two):
    pair = pair_of(*two)
    merging.merge(pair, person=cast.district, reason=WHY)
    for call in (merging.merge, tell_apart):
        with pytest.raises(IllegalAction):
            call(pair, person=cast.district, reason=WHY)


def test_a_merged_case_is_not_reopened_alone(cast, two):
    merging.merge(pair_of(*two), person=cast.district, reason=WHY)
    with pytest.raises(IllegalAction, match="not possible"):
        closing.reopen(again(two[1]), person=cast.district, reason="เปิดอีกครั้ง")


# ── afterwards ────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_late_visit_to_the_duplicate_passes_to_the_survivor(cast, two):
    first, second = two
    merging.merge(pair_of(*two), person=cast.district, reason=WHY)
    uuid = uuid4()
    said = visits.VisitContent(finding=Finding.FOUND, done=days_ago(5))
    sent, is_new = visits.record_visit(again(second), said, person=cast.sister_teacher, uuid=uuid)
    assert (is_new, sent.case_id, again(first).stage) == (True, first.pk, Stage.FOUND)
    assert visits.record_visit(again(second), said, person=cast.sister_teacher, uuid=uuid) == (sent, False)
    with pytest.raises(PermissionDenied):
        visits.record_visit(again(second), said, person=cast.south_teacher, uuid=uuid4())


def test_a_visit_sent_before_the_merge_and_again_after_it_is_one(cast, two):
    uuid, said = uuid4(), visits.VisitContent(finding=Finding.FOUND)
    sent, _ = visits.record_visit(two[1], said, person=cast.sister_teacher, uuid=uuid)
    merging.merge(pair_of(*two), person=cast.district, reason=WHY)
    assert visits.record_visit(again(two[1]), said, person=cast.sister_teacher, uuid=uuid) == (sent, False)


def test_the_numbers_of_a_duplicate_are_the_survivors(cast, make_case):
    """A child with a G-code gets a national ID: the same road."""
    number = make_synthetic_id(8_100_001)
    first = make_case(cast.own_school, listed_on=days_ago(50))
    second = make_case(cast.own_school, listed_on=days_ago(5), national_id=number)
    merging.merge(pair_of(first, second), person=cast.district, reason=WHY)
    (shown,) = identifiers_of(again(first).child)
    assert masks_of([first.child_id]) == {first.child_id: shown.masked}
    assert survivor_of(again(second)).pk == first.pk


# ── whatever the facts ────────────────────────────────────────────────────────────────────────────────────────
steps = st.lists(
    st.tuples(
        st.booleans(),  # of the duplicate
        st.sampled_from(["found", "none", "enrolled", "not_found", "closed"]),
        st.integers(0, 9),  # days ago
        st.sampled_from([None, Outcome.RELOCATED, Outcome.HEALTH]),
    ),
    max_size=6,
)
KINDS = {
    "found": (FactKind.VISITED, Finding.FOUND),
    "none": (FactKind.VISITED, Finding.NONE),
    "enrolled": (FactKind.ENROLLED, None),
    "not_found": (FactKind.NOT_FOUND_APPROVED, None),
    "closed": (FactKind.CLOSED, Finding.FOUND),
}


def told(case, step):
    kind, finding = KINDS[step[1]]
    return add_facts(case, [Fact(kind=kind, at=days_ago(step[2]), finding=finding, outcome=step[3], unit="nation")])


def believed(case):
    rows = Span.objects.filter(case=case, known_until=FOREVER).order_by("since")
    return [(span.since, span.until, span.stage, span.rung, span.outcome, span.school_id) for span in rows]


def as_of(case, moment):
    return [row[2:] for row in believed(case) if row[0] <= moment < row[1]]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(before=steps, after=steps)
def test_merging_and_undoing_keep_every_earlier_day_and_leave_what_each_cases_own_facts_say(
    cast, make_case, before, after
):
    first = make_case(cast.own_school, listed_on=days_ago(30))
    second = make_case(cast.sister_school, listed_on=days_ago(20))
    for step in before:
        told(second if step[0] else first, step)
    past = [clock.now() - timedelta(days=n, hours=1) for n in range(12)]
    seen = [(as_of(first, moment), as_of(second, moment)) for moment in past]
    pair = pair_of(first, second)
    merging.merge(pair, person=cast.district, reason=WHY)
    assert again(second).stage == Stage.VOID
    assert [(as_of(first, moment), as_of(second, moment)) for moment in past] == seen
    for step in after:  # late and on time, all go to the survivor
        told(first, step)
    for case in (first, second):
        rows = believed(case)
        assert all(one[1] == two[0] for one, two in pairwise(rows)), "spans tile"
        assert rows[-1][1] == FOREVER
    assert [as_of(second, moment) for moment in past] == [pair for _, pair in seen]
    merging.undo_merge(pair, person=cast.district, reason="เป็นคนละคน")
    for case in (first, second):
        own = [one for one in Fact.objects.filter(case=case).order_by("pk") if one.other_case_id is None]
        expected = history(own)[-1].state
        now = again(case)
        assert (now.stage, now.rung, now.outcome) == (expected.stage, expected.rung, expected.outcome)
    assert Duplicate.objects.get(pk=pair.pk).state == PairState.NOT_SAME


def test_what_a_parted_case_learns_late_changes_nothing_of_the_other(cast, two):
    """Told after the parting of a day before the merge: the days between are as they were reported."""
    survivor, away = two
    pair = pair_of(*two)
    merging.merge(pair, person=cast.province, reason=WHY)
    merging.undo_merge(pair, person=cast.province, reason=WHY)
    before = list(Span.objects.filter(case=survivor).order_by("pk").values())
    late = visits.VisitContent(finding=Finding.FOUND, done=days_ago(10))
    visits.record_visit(Case.objects.get(pk=away.pk), late, person=cast.sister_teacher, uuid=uuid4())
    assert list(rederiving.differences()) == []
    assert list(Span.objects.filter(case=survivor).order_by("pk").values()) == before
    assert Case.objects.get(pk=away.pk).stage == Stage.FOUND
