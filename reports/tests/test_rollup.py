"""A rollup is counted once, proven, kept and never changed: period, dates, revisions, both trees, tasks, command."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Q
from hypothesis import HealthCheck, given, settings

from cases.codes import Category, Outcome, Reached, Rung, Stage, Wish
from reports import ladder, rollup, tasks, trees, trend
from reports.identities import Check
from reports.models import Rollup, RollupLeaf, RollupOffice
from reports.rollup import build
from reports.tests.spans import DAY, NOW, START, places, span, store, worlds
from reports.tests.test_ladder import UNITS, standing_world
from reports.trees import BrokenIdentity
from schools import clock, jobs
from schools.models import District, Job
from schools.thaitime import BadPeriod, Period
from schools.units import NATION, parse_unit

WEEK = "2565-W09"  # 28 February to 6 March 2022
CUTOFF = datetime(2022, 3, 6, 17, tzinfo=UTC)  # Monday 7 March 00:00 in Bangkok
AFTER = CUTOFF + timedelta(minutes=5)
FOUND = {"rung": Rung.FOUND, "stage": Stage.FOUND}


@pytest.fixture
def ground(schools):
    return places(schools)


@pytest.fixture
def world(ground):
    """Four children of the north and one of the south, found or not; one is reported late, on 20 March."""
    store(
        [
            span(ground[0], category=Category.MISSED),
            span(ground[0], **FOUND, outcome=Outcome.RELOCATED, wish=Wish.WANTS, reached=Reached.CLAIMED),
            span(ground[1], **FOUND, outcome=Outcome.ENROLLED_OTHER_AFFILIATION),
            span(ground[2], rung=Rung.TRACKING, stage=Stage.TRACKING),
            span(ground[12], rung=Rung.NOT_FOUND, stage=Stage.NOT_FOUND),
            span(ground[12], days=(20, None), known=(47, None)),
        ]
    )
    return ground


def kept():
    return list(Rollup.objects.order_by("period", "revision").values_list("period", "revision", "as_of", "known_at"))


# ── dates and revisions ───────────────────────────────────────────────────────────────────────────────────────
def test_a_finished_week_is_as_of_its_cutoff_and_as_known_at_its_first_build(world):
    with clock.simulated(AFTER):
        built = build(WEEK)
    assert (built.kind, built.revision, built.is_provisional) == ("weekly", 1, False)
    assert (built.as_of, built.known_at, built.built_at) == (CUTOFF, AFTER, AFTER)
    assert rollup.counts_for(built, NATION)["target"] == 5


def test_a_month_ends_at_the_first_of_the_next_in_bangkok(world):
    with clock.simulated(AFTER):
        built = build("2565-02")
    assert (built.kind, built.as_of) == ("monthly", datetime(2022, 2, 28, 17, tzinfo=UTC))


def test_building_the_same_period_again_returns_it_and_writes_nothing(world, django_assert_max_num_queries):
    with clock.simulated(AFTER):
        first = build(WEEK)
    before = list(RollupLeaf.objects.values()), list(RollupOffice.objects.values()), list(Rollup.objects.values())
    with clock.simulated(NOW), django_assert_max_num_queries(4):
        assert build(WEEK) == first
    assert before == (
        list(RollupLeaf.objects.values()),
        list(RollupOffice.objects.values()),
        list(Rollup.objects.values()),
    )


def test_asked_as_known_later_a_further_revision_holds_the_late_fact_and_the_first_stays(world):
    with clock.simulated(AFTER):
        first = build(WEEK)
    with clock.simulated(NOW):
        second = build(WEEK, known_at=NOW)
        assert build(WEEK, known_at=NOW) == second
        assert build(WEEK) == second
        assert rollup.of_period(WEEK) == rollup.latest("weekly") == second
    assert (first.revision, second.revision) == (1, 2)
    assert rollup.counts_for(first, NATION)["target"] == 5
    assert rollup.counts_for(second, NATION)["target"] == 6
    assert kept() == [(WEEK, 1, CUTOFF, AFTER), (WEEK, 2, CUTOFF, NOW)]


def test_a_moment_inside_the_period_may_be_asked_for(world):
    asked = CUTOFF - 6 * DAY
    with clock.simulated(NOW):
        built = build(WEEK, as_of=asked, known_at=CUTOFF)
        assert (built.as_of, built.known_at) == (asked, CUTOFF)
        assert build(WEEK, as_of=asked, known_at=CUTOFF) == built
        assert build(WEEK).as_of == CUTOFF


def test_an_unfinished_period_is_provisional_as_of_now_and_replaced_by_the_next_build(world):
    with clock.simulated(CUTOFF - 3 * DAY):
        first = build(WEEK)
        assert (first.as_of, first.known_at, first.is_provisional) == (CUTOFF - 3 * DAY, CUTOFF - 3 * DAY, True)
        assert rollup.latest("weekly") is None
        assert rollup.of_period(WEEK) == first
    with clock.simulated(CUTOFF - 2 * DAY):
        second = build(WEEK)
        assert (second.as_of, second.is_provisional) == (CUTOFF - 2 * DAY, True)
    with clock.simulated(AFTER):
        third = build(WEEK)
    assert kept() == [(WEEK, 1, CUTOFF, AFTER)]
    assert not third.is_provisional
    assert set(RollupLeaf.objects.values_list("rollup", flat=True)) == {third.pk}
    assert set(RollupOffice.objects.values_list("rollup", flat=True)) == {third.pk}


@pytest.mark.parametrize(
    ("now", "asked", "refusal"),
    [
        (CUTOFF - 8 * DAY, {}, rollup.RollupRefused),
        (NOW, {"as_of": CUTOFF + DAY}, rollup.RollupRefused),
        (NOW, {"as_of": CUTOFF - 8 * DAY}, rollup.RollupRefused),
        (NOW, {"known_at": CUTOFF - DAY}, ladder.ImpossibleMoment),
        (NOW, {"known_at": NOW + DAY}, ladder.ImpossibleMoment),
        (CUTOFF - DAY, {"as_of": CUTOFF}, ladder.ImpossibleMoment),
    ],
)
def test_a_period_not_begun_a_moment_outside_it_and_the_future_are_refused(world, now, asked, refusal):
    with clock.simulated(now), pytest.raises(refusal) as said:
        build(WEEK, **asked)
    assert said.value.message_th
    assert said.value.message_en
    assert kept() == []


def test_a_period_that_does_not_exist_is_refused(world):
    with pytest.raises(BadPeriod):
        build("2565-W60")


# ── both trees ────────────────────────────────────────────────────────────────────────────────────────────────
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(example=worlds(16))
def test_what_is_kept_of_every_unit_is_what_was_counted_of_it(ground, example):
    with standing_world(example, ground):
        built = build(WEEK)
        for unit in map(parse_unit, UNITS):
            assert rollup.counts_for(built, unit) == ladder.count(unit, CUTOFF, NOW), unit
        nation = rollup.counts_for(built, NATION)
        for level in trees.LEVELS:
            assert ladder.total(line.counts for line in rollup.children_of(built, NATION, level)) == nation


def test_children_are_named_and_the_unassigned_and_trays_stand_beside_schools(world):
    tray = world[-2]
    store([span(tray)])
    with clock.simulated(AFTER):
        built = build(WEEK)
    told = [
        (line.unit, line.name, line.counts["target"], line.is_unassigned)
        for line in rollup.children_of(built, parse_unit("province:46"), "school")
    ]
    assert sorted(told) == [
        ("district:P4603", "ยังไม่มอบหมายโรงเรียน (สพป.กาฬสินธุ์ เขต 3)", 1, True),
        ("school:46990001", "โรงเรียนบ้านทุ่งสมมุติ", 2, False),
        ("school:46990002", "โรงเรียนบ้านดอนสมมุติ", 1, False),
        ("tray:46-obec", f"ยังไม่มอบหมายโรงเรียน ({District.objects.get(code='46-obec')})", 1, True),
    ]
    districts = {line.unit: line.counts["target"] for line in rollup.children_of(built, NATION, "district")}
    assert districts == {"district:P4603": 4, "tray:46-obec": 1, "district:P8101": 1}
    regions = {line.unit: line.counts["target"] for line in rollup.children_of(built, NATION, "region")}
    assert regions == {"region:6": 1, "region:12": 5}


def test_only_counters_that_are_not_zero_are_kept(world):
    with clock.simulated(AFTER):
        built = build(WEEK)
    assert built.leaves == built.leaf_rows.count() == 4
    for row in built.leaf_rows.all():
        assert row.counts
        assert all(row.counts.values())


@pytest.mark.parametrize("rows", [1, 3, 30])
def test_reading_a_rollup_costs_the_same_however_many_rows_it_has(ground, rows, django_assert_num_queries):
    store(span(ground[number % len(ground)]) for number in range(rows))
    with clock.simulated(AFTER):
        built = build(WEEK)
    with django_assert_num_queries(1):
        rollup.counts_for(built, NATION)
    for level, queries in (("department", 2), ("region", 3), ("province", 2), ("district", 2), ("school", 3)):
        with django_assert_num_queries(queries):
            rollup.children_of(built, NATION, level)


# ── identities ────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_broken_definition_is_caught_named_with_its_unit_and_nothing_is_stored(world, monkeypatch):
    monkeypatch.setitem(ladder.COUNTERS, "tracking", Q(rung=99))
    with clock.simulated(AFTER), pytest.raises(BrokenIdentity) as broken:
        build(WEEK)
    assert broken.value.unit == "school:46990002 โรงเรียนบ้านดอนสมมุติ"
    assert broken.value.check == Check("target = to_start + tracking + found + not_found", False, 1, 0)
    assert "school:46990002" in broken.value.message_th
    assert "(1 / 0)" in broken.value.message_en
    assert kept() == []
    assert not RollupLeaf.objects.exists()
    monkeypatch.undo()
    with clock.simulated(AFTER):
        assert build(WEEK).revision == 1


def test_a_state_no_case_can_be_in_is_caught_where_it_stands(world):
    store([span(world[1], **FOUND, outcome=Outcome.RELOCATED, reached=Reached.CLAIMED)])  # claimed, yet never asked
    with clock.simulated(AFTER), pytest.raises(BrokenIdentity) as broken:
        build(WEEK)
    assert broken.value.unit.startswith("district:P4603 ยังไม่มอบหมายโรงเรียน")
    assert broken.value.check == Check("wants ≥ returned_claimed", False, 0, 1)


def test_a_state_that_breaks_an_inequality_is_no_fault_where_the_sums_still_hold(world):
    answered = {"outcome": Outcome.RELOCATED, "wish": Wish.WANTS}
    store(
        [
            span(world[1], **FOUND, outcome=Outcome.RELOCATED, reached=Reached.CLAIMED),
            span(world[1], **FOUND, **answered),
        ]
    )
    with clock.simulated(AFTER):
        assert build(WEEK).leaf_rows.exists()


def test_figures_are_proven_by_each_state_they_are_sums_of_without_looking_at_a_unit(world, monkeypatch):
    proven = []
    first_broken = trees.first_broken

    def counted(rows, keys):
        proven.extend(rows)
        return first_broken(rows, keys)

    monkeypatch.setattr(trees, "first_broken", counted)
    store(span(world[0], category=Category.MISSED) for _ in range(7))
    with clock.simulated(AFTER):
        leaves = ladder.count_leaves()
        trees.prove(leaves)
    states = [ladder.Counts.of(dict(zip(ladder.KEYS, row, strict=True))) for row in proven]
    assert len(states) == len(set(states)) == 6
    assert all(state["target"] == 1 for state in states)
    assert {key for state in states for key in state.not_zero()} == set(ladder.total(leaves.values()).not_zero())


def test_kept_figures_whose_states_nobody_knows_are_proven_at_each_unit(world):
    with clock.simulated(AFTER):
        leaves = rollup.leaves_of(build(WEEK), NATION)
    trees.prove(leaves)
    spoilt = next(leaf for leaf in leaves if leaf.school_id)
    leaves[spoilt] += ladder.Counts.of({"found": 1})
    with pytest.raises(BrokenIdentity) as broken:
        trees.prove(leaves)
    assert broken.value.unit.startswith("school:")


def test_a_sum_that_loses_a_leaf_is_caught_at_the_nation(world, monkeypatch):
    whole = trees.sum_by

    def loses_one(leaves, level, regions=None):
        sums = whole(leaves, level, regions)
        return dict(list(sums.items())[1:]) if level == "region" else sums

    monkeypatch.setattr(trees, "sum_by", loses_one)
    with clock.simulated(AFTER), pytest.raises(BrokenIdentity) as broken:
        build(WEEK)
    assert broken.value.unit == "nation"
    assert "Σ regions" in broken.value.check.identity
    assert kept() == []


def test_a_provisional_rollup_survives_a_build_that_fails(world, monkeypatch):
    with clock.simulated(CUTOFF - DAY):
        first = build(WEEK)
    monkeypatch.setitem(ladder.COUNTERS, "found", Q(rung=99))
    with clock.simulated(AFTER), pytest.raises(BrokenIdentity):
        build(WEEK)
    assert rollup.of_period(WEEK) == first
    assert first.leaf_rows.exists()


# ── trend ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_trend_takes_kept_weeks_and_counts_the_others_as_known_now(world, django_assert_num_queries):
    with clock.simulated(AFTER):
        build("2565-W08")
        build(WEEK)
    with clock.simulated(NOW), django_assert_num_queries(2 + 3):
        points = trend.weekly_trend(NATION, weeks=5)
    assert [str(point.period) for point in points] == ["2565-W08", "2565-W09", "2565-W10", "2565-W11", "2565-W12"]
    assert [point.is_kept for point in points] == [True, True, False, False, False]
    # the child known late, only from 20 March, is not in the kept weeks and shows in the others from when it was so
    assert [point.counts["target"] for point in points] == [5, 5, 6, 6, 6]
    assert [point.known_at for point in points][:3] == [AFTER, AFTER, NOW]


def test_the_trend_reads_the_last_revision_as_of_the_cutoff(world):
    with clock.simulated(NOW):
        build(WEEK, known_at=AFTER)
        build(WEEK, known_at=NOW)
        build(WEEK, as_of=CUTOFF - DAY, known_at=AFTER)
    with clock.simulated(AFTER):
        (point,) = trend.weekly_trend(parse_unit("school:81990001"), weeks=1)
    assert (point.known_at, point.counts["target"]) == (NOW, 2)


# ── the clock, the queue, the command ─────────────────────────────────────────────────────────────────────────
def test_the_clock_queues_the_week_and_the_month_that_have_just_ended(world):
    with clock.simulated(AFTER):
        tasks.build_weekly_rollup()
        tasks.build_monthly_rollup()
    assert [(job.kind, job.params, job.by) for job in Job.objects.order_by("id")] == [
        ("build_rollup", {"period": WEEK}, None),
        ("build_rollup", {"period": "2565-02"}, None),
    ]


def test_the_job_builds_the_rollup_and_done_twice_writes_nothing(world):
    with clock.simulated(AFTER):
        for _ in range(2):
            job = jobs.enqueue("build_rollup", by=None, params={"period": WEEK})
            jobs.run(job.pk)
            job.refresh_from_db()
            assert (job.state, job.error_en) == ("done", "")
            assert job.result["period"] == WEEK
    (built,) = Rollup.objects.all()
    assert built.job_id == Job.objects.earliest("id").pk


def test_a_job_whose_lease_was_lost_stores_nothing(world):
    with clock.simulated(AFTER):
        job = jobs.enqueue("build_rollup", by=None, params={"period": WEEK})
        run = jobs.Run(jobs.take(job.pk))
        jobs.cancel(job)
        with pytest.raises(jobs.LeaseLost):
            tasks.build_rollup(run)
    assert kept() == []


@pytest.mark.parametrize("params", [{"period": "2565-W99"}, {"period": WEEK, "as_of": "2099-01-01T00:00+07:00"}])
def test_a_job_asked_for_the_impossible_fails_with_words(world, params):
    with clock.simulated(AFTER):
        job = jobs.enqueue("build_rollup", by=None, params=params)
        jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    assert job.error_th
    assert "error in the system" not in job.error_en


def test_a_job_that_finds_a_broken_identity_names_it(world, monkeypatch):
    monkeypatch.setitem(ladder.COUNTERS, "not_found", Q(rung=99))
    with clock.simulated(AFTER):
        job = jobs.enqueue("build_rollup", by=None, params={"period": WEEK})
        jobs.run(job.pk)
    job.refresh_from_db()
    assert "target = to_start + tracking + found + not_found" in job.error_en
    assert "school:81990001" in job.error_en


def run_command(*arguments):
    out = io.StringIO()
    call_command("build_rollup", *arguments, stdout=out)
    return dict(line.split(" ", 1) for line in out.getvalue().splitlines())


def test_the_command_says_what_it_built(world):
    with clock.simulated(NOW):
        first = run_command("--period", WEEK, "--known-at", "2022-03-07T00:05")
        told = run_command("--period", WEEK, "--known-at", "now")
    assert (first["revision"], first["target"]) == ("1", "5")
    assert told["period"] == WEEK
    assert (told["revision"], told["provisional"], told["target"], told["found"]) == ("2", "no", "6", "2")
    assert told["as_of"] == "2022-03-07T00:00:00+07:00"
    assert told["known_at"] == "2022-04-02T07:00:00+07:00"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--period", "2022-W09"], "2022-W09"),
        (["--period", WEEK, "--as-of", "yesterday"], "yesterday"),
        (["--period", WEEK, "--known-at", "2099-01-01"], "future"),
    ],
)
def test_the_command_refuses_nonsense_with_words(world, arguments, said):
    with clock.simulated(NOW), pytest.raises(CommandError, match=said):
        run_command(*arguments)


def test_the_command_names_the_broken_identity(world, monkeypatch):
    monkeypatch.setitem(ladder.COUNTERS, "found", Q(rung=99))
    with clock.simulated(NOW), pytest.raises(CommandError, match=r"target = to_start") as refusal:
        run_command("--period", WEEK)
    assert refusal.value.returncode == 1


def test_beat_knows_its_tasks_and_what_is_missed_expires(settings):
    from dropout.celery import app

    app.loader.import_default_modules()
    entries = settings.CELERY_BEAT_SCHEDULE
    assert {entry["task"] for entry in entries.values()} == {
        "cases.escalate_requests",
        "cases.expire_referrals",
        "cases.find_duplicates",
        "cases.forget_expired_files",
        "reports.build_weekly_rollup",
        "reports.build_monthly_rollup",
        "reports.delete_expired_exports",
        "schools.forget_expired_sheets",
        "schools.sweep_jobs",
    }
    assert all(entry["task"] in app.tasks and entry["options"]["expires"] for entry in entries.values())
    weekly = entries["build_weekly_rollup"]["schedule"]
    assert (weekly.day_of_week, weekly.hour, weekly.minute) == ({1}, {0}, {5})
    assert Period.containing(START, "weekly").cutoff.weekday() == 0
