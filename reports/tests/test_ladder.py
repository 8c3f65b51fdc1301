"""Every figure is its definition: recounted by hand, at every unit, at any moment, and with exactly its children."""

import csv
from collections import Counter
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.db.models import Q
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.codes import Category, Outcome, Reached, Rung, Stage, Wish
from reports import ladder, trees
from reports.identities import checks
from reports.ladder import COUNTERS, DENOMINATORS, FIGURES, KEYS, LABELS, Counts, ImpossibleMoment, percent
from reports.tests.spans import DAY, NOW, START, figures_of, places, span, stood, store, worlds
from schools import clock
from schools.models import District
from schools.scope import covers
from schools.units import NATION, parse_unit

UNITS = [
    "nation",
    "department:obec",
    "department:ovec",
    "region:12",
    "region:13",
    "province:46",
    "province:30",
    "province:81",
    "amphoe:4605",
    "district:P4603",
    "district:P4601",
    "district:S4601",
    "district:V4601",
    "tray:46-obec",
    "school:46990001",
    "school:81990001",
]
DATABASE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@contextmanager
def standing_world(world, ground):
    """The spans of one example at NOW; gone again afterwards."""
    with transaction.atomic(), clock.simulated(NOW):
        yield store(span(ground[place], **times, **state) for place, state, times in world)
        transaction.set_rollback(True)


@pytest.fixture
def ground(schools):
    return places(schools)


# ── random worlds against a recount by hand ───────────────────────────────────────────────────────────────────
def recount(rows) -> dict[str, int]:
    found = Counter(name for row in rows for name in figures_of(row))
    return {key: found[key] for key in KEYS}


@DATABASE
@given(world=worlds(16), as_of=st.integers(0, 60), later=st.none() | st.integers(0, 60))
def test_every_counter_of_every_unit_equals_a_recount_by_hand(ground, world, as_of, later):
    so = START + as_of * DAY
    known = so if later is None else min(so + later * DAY, NOW)
    with standing_world(world, ground) as rows:
        for unit in map(parse_unit, UNITS):
            inside = [row for row in rows if covers(unit, row)]
            then = [row for row in inside if stood(row, so, known)]
            assert dict(ladder.count(unit, so, known)) == recount(then), (unit, so, known)
            now = [row for row in inside if stood(row, NOW, NOW)]
            assert dict(ladder.count(unit)) == recount(now), unit


@DATABASE
@given(world=worlds(16), at=st.none() | st.integers(0, 60))
def test_leaves_add_up_to_every_unit_along_both_trees_and_the_grand_totals_agree(ground, world, at):
    so = None if at is None else START + at * DAY
    with standing_world(world, ground):
        leaves = ladder.count_leaves(as_of=so, known_at=so)
        nation = ladder.count(NATION, so, so)
        assert ladder.total(leaves.values()) == nation
        for level in trees.LEVELS:
            assert ladder.total(line.counts for line in trees.lines(leaves, level)) == nation, level
        for level in trees.LEVELS[:-1]:
            for line in trees.lines(leaves, level):
                assert line.counts == ladder.count(parse_unit(line.unit), so, so), line.unit
        for line in trees.lines(leaves, "school"):
            if not line.is_unassigned:
                assert line.counts == ladder.count(parse_unit(line.unit), so, so), line.unit


@DATABASE
@given(world=worlds(16), at=st.none() | st.integers(0, 60))
def test_behind_a_figure_stand_exactly_the_spans_it_counts(ground, world, at):
    so = None if at is None else START + at * DAY
    with standing_world(world, ground) as rows:
        for unit in map(parse_unit, ("nation", "district:P4603", "region:6")):
            counted = ladder.count(unit, so, so)
            then = [row for row in rows if covers(unit, row) and stood(row, so or NOW, so or NOW)]
            for key in KEYS:
                spans = set(ladder.behind(unit, key, so, so).values_list("pk", flat=True))
                assert spans == {row.pk for row in then if key in figures_of(row)}, key
                assert len(spans) == counted[key], key


@DATABASE
@given(world=worlds(16))
def test_every_identity_holds_in_any_state_a_case_can_be_in(ground, world):
    with standing_world(world, ground):
        trees.prove(ladder.count_leaves())
        for unit in map(parse_unit, UNITS):
            counts, answers = trees.proven(unit)
            assert counts == ladder.count(unit)
            assert [check for check in answers if not check.holds] == []


# ── the published tables ──────────────────────────────────────────────────────────────────────────────────────
def causes() -> list[dict]:
    """Seed 004's table as the project keeps it."""
    path = next(Path(django_settings.BASE_DIR).glob("**/causes.csv"))
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def test_ten_thousand_found_children_give_the_table_of_28_february_to_the_digit(ground):
    table = causes()
    assert len(table) == 19
    store(
        span(ground[number % len(ground)], rung=Rung.FOUND, stage=Stage.FOUND, outcome=int(line["seed_order"]))
        for line in table
        for number in range(int(Decimal(line["pct_published"]) * 100))
    )
    with clock.simulated(NOW):
        told = ladder.figures(ladder.count(NATION))
    figures = told["figures"]
    assert (figures["target"], figures["found"]) == (10_000, 10_000)
    shares = {slug: str(percent(number, figures["found"])) for slug, number in told["by_outcome"].items()}
    assert shares == {line["slug"]: line["pct_published"] for line in table}
    assert str(percent(figures["in_education"], figures["found"])) == "56.28"
    assert str(percent(figures["out_of_education"], figures["found"])) == "43.72"


def test_the_two_populations_of_kalasin_3_give_the_published_columns(ground):
    def population(category, in_progress, back, not_back):
        found = {"category": category, "rung": Rung.FOUND, "stage": Stage.FOUND}
        yield from (span(ground[0], category=category) for _ in range(in_progress))
        yield from (
            span(ground[0], **found, outcome=Outcome.LOW_INCOME_GUARDIAN, wish=Wish.WANTS, reached=Reached.CLAIMED)
            if number % 2
            else span(ground[0], **found, outcome=Outcome.ENROLLED_SAME_AFFILIATION)
            for number in range(back)
        )
        yield from (span(ground[0], **found, outcome=Outcome.RELOCATED) for _ in range(not_back))

    store(population(Category.MISSED, 424, 95, 821))
    store(population(Category.DROPOUT, 45, 82, 52))
    with clock.simulated(NOW):
        told = ladder.figures(ladder.count(parse_unit("district:P4603")))["by_category"]
    missed = {"target": 1340, "traced": 916, "in_progress": 424, "back": 95, "not_back": 821}
    dropout = {"target": 179, "traced": 134, "in_progress": 45, "back": 82, "not_back": 52}
    assert (told["missed"], told["dropout"]) == (missed, dropout)
    assert str(percent(missed["traced"], missed["target"])) == "68.36"  # published as 68.35, truncated
    assert str(percent(missed["back"], missed["target"])) == "7.09"
    assert str(percent(dropout["back"], dropout["target"])) == "45.81"
    assert str(percent(dropout["traced"], dropout["target"])) == "74.86"


# ── cost ──────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("rows", [1, 30])
def test_a_unit_and_all_leaves_cost_one_query_each(ground, rows, django_assert_num_queries):
    store(span(ground[number % len(ground)]) for number in range(rows))
    unit = parse_unit("district:P4603")
    with clock.simulated(NOW):
        for so in (None, NOW - DAY):
            with django_assert_num_queries(1):
                ladder.count(unit, so)
            with django_assert_num_queries(1):
                assert sum(counts["target"] for counts in ladder.count_leaves(as_of=so).values()) == rows


@pytest.mark.postgres
def test_the_current_pass_reads_the_covering_index_alone(ground, transactional_db):
    from django.db import connection

    store(span(ground[number % len(ground)]) for number in range(300))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE cases_span")
        cursor.execute("SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_indexscan = off")
        with clock.simulated(NOW), _last_sql(connection) as said:
            ladder.count_leaves()
        cursor.execute("EXPLAIN " + said[-1])
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("RESET enable_seqscan; RESET enable_bitmapscan; RESET enable_indexscan")
    assert "Index Only Scan using span_now" in plan
    assert said[-1].count("GROUP BY") == 1


@contextmanager
def _last_sql(connection):
    said = []

    def keep(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        said.append(context["cursor"].cursor.query.decode())
        return result

    with connection.execute_wrapper(keep):
        yield said


# ── an office that changed its department ─────────────────────────────────────────────────────────────────────
def test_a_leaf_whose_spans_name_two_departments_is_counted_under_each(ground):
    elsewhere = District.objects.get(code="V4601").department_id
    store([span(ground[0]), span(ground[0]), span(ground[0] | {"department_id": elsewhere})])
    with clock.simulated(NOW):
        leaves = ladder.count_leaves()
    assert {leaf.department_id: counts["target"] for leaf, counts in leaves.items()} == {
        ground[0]["department_id"]: 2,
        elsewhere: 1,
    }


# ── moments ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_future_and_knowledge_before_the_fact_are_refused(ground):
    with clock.simulated(NOW):
        for so, known in ((NOW + DAY, None), (NOW - DAY, NOW + DAY), (NOW - DAY, NOW - 2 * DAY), (None, NOW - DAY)):
            with pytest.raises(ImpossibleMoment) as refusal:
                ladder.count(NATION, so, known)
            assert refusal.value.message_th
            assert refusal.value.message_en
        with pytest.raises(ImpossibleMoment):
            ladder.count_leaves(as_of=NOW.replace(tzinfo=None))


def test_known_at_defaults_to_now_so_a_late_fact_shows_in_the_past(ground):
    store([span(ground[0], days=(5, None), known=(20, None))])
    with clock.simulated(NOW):
        so = START + 10 * DAY
        assert ladder.count(NATION, so)["target"] == 1
        assert ladder.count(NATION, so, so)["target"] == 0


def test_an_unknown_figure_is_refused_with_the_names_there_are():
    with pytest.raises(ladder.UnknownFigure) as refusal:
        ladder.behind(NATION, "outcome=boredom")
    assert "outcome=relocated" in refusal.value.message_en
    assert "boredom" in refusal.value.message_th


def test_the_unassigned_of_a_district_are_listed_apart(ground):
    _, without = store([span(ground[0]), span(ground[1])])
    with clock.simulated(NOW):
        spans = ladder.behind(parse_unit("district:P4603"), "target", unassigned=True)
        assert [row.pk for row in spans] == [without.pk]


# ── words and shapes ──────────────────────────────────────────────────────────────────────────────────────────
def test_figures_come_in_the_shape_of_the_api():
    told = ladder.figures(Counts.of({"target": 3, "outcome=health": 2, "missed.back": 1}))
    assert list(told) == ["figures", "by_outcome", "by_category"]
    assert list(told["figures"]) == [
        "target",
        "to_start",
        "tracking",
        "found",
        "not_found",
        "in_education",
        "out_of_education",
        "wants",
        "does_not_want",
        "cannot",
        "not_asked",
        "returned_claimed",
        "returned_confirmed",
        "observing",
        "retained",
    ]
    assert list(told["by_outcome"]) == [line["slug"] for line in causes()]
    assert {category: list(columns) for category, columns in told["by_category"].items()} == {
        key: ["target", "traced", "in_progress", "back", "not_back"] for key in ("missed", "dropout", "not_listed")
    }
    assert (told["figures"]["target"], told["by_outcome"]["health"], told["by_category"]["missed"]["back"]) == (3, 2, 1)


def test_every_figure_has_its_words_and_its_denominator():
    assert set(LABELS) == set(COUNTERS) == set(DENOMINATORS)
    for key, of in DENOMINATORS.items():
        assert all(LABELS[key])
        assert (of == ()) is (key == "target")
        assert all(ladder.denominator_name(figure).th.startswith("ของ") for figure in of)
    assert FIGURES[-1] == "retained"


def test_the_words_for_outcomes_are_those_of_seed_004():
    for line in causes():
        label = LABELS[f"outcome={line['slug']}"]
        assert (label.th, label.en) == (line["label_th"], line["label_en"])


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [(916, 1340, "68.36"), (1, 3, "33.33"), (1, 200, "0.50"), (1, 20_000, "0.01"), (0, 5, "0.00"), (5, 5, "100.00")],
)
def test_a_percentage_is_rounded_half_up_from_whole_numbers(part, whole, said):
    assert str(percent(part, whole)) == said


def test_a_percentage_of_nothing_is_none():
    assert percent(0, 0) is None


@given(st.dictionaries(st.sampled_from(KEYS), st.integers(0, 10_000_000)), st.integers(0, 50))
def test_rows_of_counters_add_and_read_back(values, times):
    counts = ladder.total([Counts.of(values)] * times)
    assert dict(counts) == {key: values.get(key, 0) * times for key in KEYS}
    assert counts.row() == tuple(counts.values())
    assert Counts.of(counts.not_zero()) == counts


# ── identities ────────────────────────────────────────────────────────────────────────────────────────────────
GOOD = Counts.of(
    {"target": 5, "found": 3, "tracking": 2, "in_education": 1, "out_of_education": 2, "wants": 2}
    | {"outcome=relocated": 2, "outcome=studying_abroad": 1, "returned_claimed": 2, "returned_confirmed": 1}
    | {"missed.target": 5, "missed.traced": 3, "missed.in_progress": 2, "missed.back": 3}
)


def test_the_checks_of_good_figures_all_hold_and_show_both_sides():
    answers = checks(GOOD, {"schools": [GOOD]})
    assert all(check.holds for check in answers)
    assert ("target = to_start + tracking + found + not_found", True, 5, 5) in answers
    assert ("wants ≥ returned_claimed", True, 2, 2) in answers
    assert ("missed.in_progress = missed.target − missed.traced", True, 2, 2) in answers
    assert ("target = Σ schools", True, 5, 5) in answers


@pytest.mark.parametrize(
    "key", sorted(set(KEYS) - {"observing", "retained", "wants_not_claimed", "claimed_not_confirmed"})
)
def test_a_counter_that_is_one_too_high_breaks_an_identity(key):
    worse = GOOD + Counts.of({key: 1})
    if key == "returned_confirmed":
        worse += Counts.of({key: 1})
    broken = [check for check in checks(worse) if not check.holds]
    assert broken
    assert all(check.left != check.right for check in broken)


def test_more_retained_than_confirmed_is_broken():
    broken = [check for check in checks(GOOD + Counts.of({"retained": 2})) if not check.holds]
    assert broken == [("returned_confirmed ≥ retained", False, 1, 2)]


def test_parts_that_do_not_add_up_are_named_with_the_counter():
    answers = checks(GOOD, {"schools": [GOOD], "provinces": [GOOD, Counts.of({"tracking": 1})]})
    assert [check for check in answers if not check.holds] == [("tracking = Σ provinces", False, 2, 3)]


def test_definitions_use_only_what_can_be_read_of_a_state():
    with pytest.raises(KeyError):
        ladder.holds(Q(stage__lt=3), {"stage": 1})
    assert ladder.holds(~Q(stage=3) & (Q(rung=1) | Q(rung__in=(2, 3))), {"stage": 1, "rung": 3})
    assert not ladder.holds(~(Q(stage__gte=1) & Q(rung=3)), {"stage": 1, "rung": 3})
    assert ladder.holds(Q(), {})
