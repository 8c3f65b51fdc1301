"""Worlds of spans for the tests of figures: rows put straight into the table, and a recount of them by hand.

The recount is written out again from PRODUCT §4, in plain Python, and shares nothing with reports.ladder.
"""

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from cases.codes import Category, Outcome, Reached, Rung, Stage, Wish
from cases.models import FOREVER, Case, Child, Span
from cases.models.case import case_number
from schools.models import District

START = datetime(2022, 2, 1, tzinfo=UTC)
NOW = START + timedelta(days=60)
DAY = timedelta(days=1)
_numbers = itertools.count(1)


def places(schools) -> list[dict]:
    """Where a span can stand: each school of the cast, its district without a school, and a tray."""
    found = []
    for school in schools.values():
        district = school.district
        columns = {
            "province_id": school.province_id,
            "district_id": district.pk,
            "department_id": district.department_id,
        }
        found += [columns | {"school_id": school.pk}, columns | {"school_id": None}]
    for tray in District.objects.filter(code__in=("46-obec", "81-ovec")).order_by("code"):
        found.append(
            {
                "province_id": tray.seat_id,
                "district_id": tray.pk,
                "department_id": tray.department_id,
                "school_id": None,
            }
        )
    return found


def span(place, *, days=(0, None), known=(0, None), **state) -> Span:
    """One span of a case of its own; days count from START, None is for ever. Default: a dropout nobody visited."""

    def at(day):
        return FOREVER if day is None else START + day * DAY

    fields = {
        "category": Category.DROPOUT,
        "episode": 1,
        "stage": Stage.ASSIGNED,
        "rung": Rung.TO_START,
        "outcome": Outcome.NOT_GIVEN,
        "wish": Wish.NOT_ASKED,
        "reached": Reached.NOWHERE,
    } | state
    return Span(
        since=at(days[0]), until=at(days[1]), known_from=at(known[0]), known_until=at(known[1]), **place, **fields
    )


def store(spans) -> list[Span]:
    """Put spans into the table, each with a case and a fictional child; their `gone` is read back."""
    spans = list(spans)
    children = Child.objects.bulk_create(
        [Child(first_name="สมมุติ", sort_key="", search="", name_key="", created_at=START) for _ in spans]
    )
    columns = ("stage", "category", "rung", "school_id", "district_id", "province_id", "department_id")
    cases = Case.objects.bulk_create(
        [
            Case(
                number=case_number(next(_numbers)),
                child=child,
                opened_at=START,
                stage_since=START,
                **{column: getattr(row, column) for column in columns},
            )
            for child, row in zip(children, spans, strict=True)
        ]
    )
    for row, case in zip(spans, cases, strict=True):
        row.case = case
    Span.objects.bulk_create(spans)
    return spans


@st.composite
def states(draw) -> dict:
    """A state a case can be in: the rules of PRODUCT §4 between its columns hold, everything else is free."""
    rung = draw(st.sampled_from(Rung))
    outcome = draw(st.sampled_from(Outcome))
    wish = draw(st.sampled_from(Wish))
    reached = draw(st.sampled_from(Reached)) if rung == Rung.FOUND else Reached.NOWHERE
    if reached:
        wish = Wish.WANTS  # a standing claim says so
    stages = {Rung.TO_START: (Stage.NEW, Stage.ASSIGNED), Rung.TRACKING: (Stage.TRACKING,)}.get(
        rung, (Stage.FOUND, Stage.ASSISTING, Stage.OBSERVING, Stage.RETAINED, Stage.NOT_FOUND, Stage.CLOSED)
    )
    return {
        "category": draw(st.sampled_from(Category)),
        "stage": draw(st.sampled_from((*stages, Stage.VOID))),
        "rung": rung,
        "outcome": outcome,
        "wish": wish,
        "reached": reached,
    }


@st.composite
def clocks(draw) -> dict:
    """Two clocks of a span, with since ≤ known_from as the table demands; half of them are current."""
    since = draw(st.integers(0, 30))
    known = since + draw(st.integers(0, 10))
    until = draw(st.none() | st.integers(since + 1, 50))
    known_until = draw(st.none() | st.integers(known + 1, 50))
    return {"days": (since, until), "known": (known, known_until)}


def worlds(number_of_places: int, most: int = 14):
    """Lists of (place number, state, clocks)."""
    return st.lists(st.tuples(st.integers(0, number_of_places - 1), states(), clocks()), max_size=most)


def stood(row: Span, as_of: datetime, known_at: datetime) -> bool:
    return row.since <= as_of < row.until and row.known_from <= known_at < row.known_until


def figures_of(row: Span) -> set[str]:
    """The figures one span counts in, written out by hand."""
    if row.category == 4 or row.stage == 11:
        return set()
    category = {1: "missed", 2: "dropout", 3: "not_listed"}[row.category]
    names = {"target", f"{category}.target", ["to_start", "tracking", "found", "not_found"][row.rung]}
    if row.rung != 2:
        return names | {f"{category}.in_progress"}
    names |= {f"{category}.traced", f"outcome={_SLUGS[row.outcome]}"}
    if row.outcome in (1, 2, 3):
        return names | {"in_education", f"{category}.back"}
    names |= {"out_of_education", ["not_asked", "wants", "does_not_want", "cannot"][row.wish]}
    names.add(f"{category}.back" if row.reached > 0 else f"{category}.not_back")
    names |= set(["returned_claimed", "returned_confirmed", "retained"][: row.reached])
    if row.reached == 2 and row.stage not in (8, 10):
        names.add("observing")
    if row.wish == 1 and row.reached == 0:
        names.add("wants_not_claimed")
    if row.reached == 1:
        names.add("claimed_not_confirmed")
    return names


# by number; a child found with no outcome given counts as unspecified
_SLUGS = [
    "unspecified",
    "enrolled_other_affiliation",
    "enrolled_same_affiliation",
    "studying_abroad",
    "completed_compulsory_no_further",
    "relocated",
    "family_necessity",
    "unspecified",
    "over_age_no_further",
    "low_income_guardian",
    "family_condition",
    "disability",
    "social_adjustment",
    "covid19_affected",
    "health",
    "deceased",
    "at_risk_group",
    "school_rule_conduct",
    "transport_inconvenient",
    "disaster_affected",
]
