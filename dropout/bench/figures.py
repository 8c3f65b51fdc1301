"""Figures: the nation's rollup and the live dashboards, beside count(*) of the case table."""

from django.db import connection
from django.db.models import Count

from cases.models import Case, Span
from dropout.bench.measuring import Row, Worker, in_turn, timed
from reports import ladder, rollup, trees
from schools import clock
from schools.models import School
from schools.thaitime import Period
from schools.units import parse_unit

LEVELS = (  # nation, department, region, province, district, school
    (),
    ("department_id",),
    ("province__region_id",),
    ("province_id",),
    ("district_id",),
    ("province_id", "district_id", "school_id"),
)


def measure(worker: Worker, runs: int, rival_runs: int = 1) -> list[Row]:
    """The rollup, the rollup as kept, and the dashboards of a school, a district and Bangkok."""
    count_cases()  # opens the connection
    spent = in_turn(
        runs,
        floor=count_cases,
        ours=lambda: worker.seconds("figures.rollup"),
        kept=lambda: worker.seconds("figures.kept"),
    )
    rivals = {"ORM Count(filter=) per level": worker.seconds("figures.count_filter")} if rival_runs else {}
    floor, memory = spent["floor"], worker.peaks
    cases = f"{Case.objects.count():,} cases"
    counters = len(ladder.KEYS)
    return [
        Row(
            f"rollup of the nation, all levels, {counters} counters, {cases}",
            "count(*) of cases",
            floor,
            spent["ours"],
            11,
            runs,
            rivals,
            memory["figures.rollup"],
            "one pass, every sum of both trees, every identity proven. What is paid a leaf (school) and once a process "
            "weighs most: the aim is of a nation, some 30 cases a school (`--scale nation`). Rival: 1 run.",
        ),
        Row(
            "the same, stored as a rollup",
            "count(*) of cases",
            floor,
            spent["kept"],
            None,
            runs,
            memory=memory["figures.kept"],
            note="with the rows of every school and office written.",
        ),
        *_dashboards(runs),
    ]


def count_cases() -> float:
    with connection.cursor() as cursor:
        return timed(lambda: cursor.execute("SELECT count(*) FROM cases_case"))


def _dashboards(runs: int) -> list[Row]:
    school = (
        Case.objects.filter(school__isnull=False).values_list("school").annotate(n=Count("pk")).order_by("-n")[0][0]
    )
    district = Case.objects.values_list("district__code").annotate(n=Count("pk"))
    largest = district.exclude(district__kind="tray").order_by("-n")[0][0]
    units = (
        (f"school:{School.objects.get(pk=school).code}", "the largest school", 0.25),
        (f"district:{largest}", "the largest district", 0.25),
        ("province:10", "Bangkok", 1.0),
    )
    rows = []
    for unit, name, aim in units:
        rule = ladder.inside(parse_unit(unit), is_now=True)
        spent = in_turn(
            max(runs, 5), floor=count_cases, ours=lambda rule=rule: timed(lambda: ladder.count_leaves(where=rule))
        )
        rows.append(
            Row(f"live figures of {name}", "count(*) of cases", spent["floor"], spent["ours"], aim, max(runs, 5))
        )
    return rows


# ── tasks of the worker ───────────────────────────────────────────────────────────────────────────────────────────────
def _rollup() -> float:
    connection.ensure_connection()
    return timed(lambda: trees.prove(ladder.count_leaves()))


def _kept() -> float:
    connection.ensure_connection()
    return timed(lambda: rollup.build(Period.containing(clock.now(), "weekly")))


def _count_filter() -> float:
    """Every figure at every level, as one would write it with the ORM."""
    figures = {f"figure_{at}": Count("pk", filter=rule) for at, rule in enumerate(ladder.COUNTERS.values())}

    def count() -> None:
        for level in LEVELS:
            spans = Span.objects.current().order_by()
            if level:
                list(spans.values(*level).annotate(**figures))
            else:
                spans.aggregate(**figures)

    connection.ensure_connection()
    return timed(count)


TASKS = {"rollup": _rollup, "kept": _kept, "count_filter": _count_filter}
