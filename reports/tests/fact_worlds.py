"""Worlds made of facts for the tests of workbooks and line lists, and a recount of them that asks no span.

A case is a child with facts; its spans follow by cases.lifecycle, as in the product. The recount replays each case's
facts that hold at a moment and classifies the state by PRODUCT §4 in plain Python: it shares nothing with
reports.ladder or reports.rollup.
"""

import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from cases.codes import IN_EDUCATION, Category, FactKind, Finding, Outcome, Wish
from cases.identity import make_synthetic_id, mask
from cases.lifecycle import fold, history, new_span, set_standing
from cases.models import Case, Child, Fact, Identifier, Span
from cases.models.case import case_number

START = datetime(2022, 2, 1, tzinfo=UTC)
DAY = timedelta(days=1)
_numbers = itertools.count(1)


def place_of(school) -> dict:
    district = school.district
    return {
        "school_id": school.pk,
        "district_id": district.pk,
        "province_id": school.province_id,
        "department_id": district.department_id,
    }


def place_without_school(district, province_id=None) -> dict:
    return {
        "school_id": None,
        "district_id": district.pk,
        "province_id": province_id or district.seat_id,
        "department_id": district.department_id,
    }


def fact(kind, day, known=None, **fields) -> Fact:
    at = START + day * DAY
    return Fact(kind=kind, at=at, known_at=START + (day if known is None else known) * DAY, unit="nation", **fields)


def listed(place, category=Category.DROPOUT, day=0, **more) -> Fact:
    return fact(FactKind.LISTED, day, category=category, **place, **more)


def visited(day, finding=Finding.NONE, outcome=None, wish=None, **more) -> Fact:
    return fact(FactKind.VISITED, day, finding=finding, outcome=outcome, wish=wish, **more)


def found(day, outcome=None, wish=None, **more) -> Fact:
    return visited(day, Finding.FOUND, outcome, wish, **more)


def claimed(day, **more) -> Fact:
    return fact(FactKind.ENROLLED, day, **more)


def approved_not_found(day, **more) -> Fact:
    return fact(FactKind.NOT_FOUND_APPROVED, day, **more)


def moved(day, place, **more) -> Fact:
    return fact(FactKind.ASSIGNED, day, **place, **more)


def store(stories, **child_fields) -> list[Case]:
    """Each story, a list of facts, as a case with a child; `child_fields` may hold functions of the place in the list.

    Everything is known when the last of its facts was; a story whose facts are known later one after the other is
    told to lifecycle in that order, so that its spans have both clocks.
    """
    stories = [list(story) for story in stories]
    children, cases = [], []
    for place, story in enumerate(stories):
        number = next(_numbers)
        told = {name: value(place) if callable(value) else value for name, value in child_fields.items()}
        names = {"first_name": f"สมมุติ{number}", "last_name": "ทดสอบ"} | told
        children.append(
            Child(**names, sort_key=f"{number:09}", search="", name_key=f"{number}", created_at=story[0].known_at)
        )
        cases.append(Case(number=case_number(number)))
    Child.objects.bulk_create(children)
    for case, child, story in zip(cases, children, stories, strict=True):
        case.child = child
        pieces, progress = fold(story)
        set_standing(case, pieces, progress)
    Case.objects.bulk_create(cases, batch_size=2000)
    for case, story in zip(cases, stories, strict=True):
        for each in story:
            each.case = case
    Fact.objects.bulk_create([each for story in stories for each in story], batch_size=2000)
    spans = [span for case, story in zip(cases, stories, strict=True) for span in _spans(case, story)]
    Span.objects.bulk_create(spans, batch_size=2000)
    return cases


def _spans(case, story):
    """The believed history at each moment something became known, as spans on two clocks, by brute force."""
    moments = sorted({each.known_at for each in story})
    believed, done = {}, []
    for moment in moments:
        pieces = set(history([each for each in story if each.known_at <= moment]))
        for piece in [piece for piece in believed if piece not in pieces]:
            span = believed.pop(piece)
            span.known_until = moment
            done.append(span)
        for piece in pieces - believed.keys():
            believed[piece] = new_span(case.pk, piece, max(moment, piece.since))
    return [*done, *believed.values()]


def give_identifiers(cases) -> list[str]:
    """A synthetic national ID for each case's child; the IDs themselves."""
    ids = [make_synthetic_id(place) for place in range(1, len(cases) + 1)]
    Identifier.objects.bulk_create(
        Identifier(
            child_id=case.child_id,
            kind=Identifier.Kind.NATIONAL_ID,
            sealed=b"-",
            index=f"index-{case.pk}",
            masked=mask(number),
            since=START,
        )
        for case, number in zip(cases, ids, strict=True)
    )
    return ids


# ── the recount ───────────────────────────────────────────────────────────────────────────────────────────────
def state_at(facts, as_of, known_at):
    """Where one case stood at `as_of` by the facts known at `known_at`; None when it did not stand yet."""
    known = [each for each in facts if each.known_at <= known_at]
    corrected = {each.corrects_id for each in known if each.corrects_id}
    turns = {}
    for turn, each in enumerate(known):  # a correction stands in the place of what it puts right
        turns[each.pk] = turns.get(each.corrects_id, turn)
    live = [each for each in known if each.pk not in corrected]
    live.sort(key=lambda each: (each.at, turns[each.pk]))
    opening = next((each for each in live if each.kind == FactKind.LISTED), None)
    if opening is None or min(each.at for each in live) > as_of:
        return None
    so = SimpleNamespace(
        place=(opening.province_id, opening.district_id, opening.department_id, opening.school_id),
        category=opening.category,
        visits=0,
        decided=None,
        outcome=0,
        answer=0,
        claim=False,
    )
    for each in live:
        if each.at > as_of or each is opening:
            continue
        if each.kind == FactKind.ASSIGNED:
            so.place = (each.province_id, each.district_id, each.department_id, each.school_id)
        if each.kind == FactKind.VISITED:
            so.visits += 1
            so.decided = "found" if each.finding == Finding.FOUND else so.decided
        if each.kind == FactKind.NOT_FOUND_APPROVED:
            so.decided = "not_found"
        if each.outcome and not so.claim:
            so.outcome = each.outcome
        so.answer = each.wish or so.answer
        if each.kind == FactKind.ENROLLED:
            so.claim, so.decided = True, "found"
    return so


def figures_of(so) -> Counter:
    """The counters one case adds to, by PRODUCT §4."""
    counted = Counter(target=1)
    category = Category(so.category).slug
    rung = "found" if so.claim else so.decided or ("tracking" if so.visits else "to_start")
    counted[rung] += 1
    counted[f"{category}.target"] += 1
    if rung != "found":
        counted[f"{category}.in_progress"] += 1
        return counted
    outcome = Outcome(so.outcome or Outcome.UNSPECIFIED)
    schooled = outcome in IN_EDUCATION
    counted[f"outcome={outcome.slug}"] += 1
    counted[f"{category}.traced"] += 1
    counted["in_education" if schooled else "out_of_education"] += 1
    counted[f"{category}.{'back' if schooled or so.claim else 'not_back'}"] += 1
    if schooled or so.claim:
        counted["back"] += 1
    else:
        counted[f"{category}.why={outcome.slug}"] += 1
    if not schooled:
        counted[_wish_of(so, outcome)] += 1
        counted["returned_claimed"] += so.claim
    return counted


def _wish_of(so, outcome) -> str:
    if so.claim:
        return "wants"
    if outcome == Outcome.DECEASED:
        return "cannot"
    if so.answer:
        return {Wish.WANTS: "wants", Wish.DOES_NOT_WANT: "does_not_want", Wish.CANNOT: "cannot"}[so.answer]
    declining = (Outcome.COMPLETED_COMPULSORY_NO_FURTHER, Outcome.OVER_AGE_NO_FURTHER)
    return "does_not_want" if outcome in declining else "not_asked"


def recount(as_of, known_at) -> dict[tuple, Counter]:
    """(province, district, department, school) → counters, from the facts in the database alone."""
    by_case: dict[int, list] = {}
    for each in Fact.objects.order_by("pk"):
        by_case.setdefault(each.case_id, []).append(each)
    leaves: dict[tuple, Counter] = {}
    for facts in by_case.values():
        so = state_at(facts, as_of, known_at)
        if so is not None and so.category != Category.AT_RISK:
            leaves.setdefault(so.place, Counter()).update(figures_of(so))
    return leaves


def a_world(cast, districts):
    """Children of every rung, cause and wish, in the north and the south, in schools, districts and a tray.

    Some facts are late, one is corrected, one case moves on between two districts, one is at risk only.
    """
    own, sister, other = (place_of(getattr(cast, f"{name}_school")) for name in ("own", "sister", "other_district"))
    college, south, secondary = (
        place_of(getattr(cast, f"{name}_school")) for name in ("college", "south", "secondary")
    )
    unassigned = place_without_school(districts["P4603"])
    tray = place_without_school(districts["46-obec"])
    stories = [
        [listed(own)],
        [listed(own, Category.MISSED), visited(3)],
        [listed(own), visited(3), found(5, Outcome.RELOCATED)],
        [listed(own), found(5, Outcome.HEALTH, Wish.WANTS), claimed(9)],
        [listed(sister, Category.MISSED), found(5, Outcome.ENROLLED_SAME_AFFILIATION)],
        [listed(sister), found(6, Outcome.DECEASED)],
        [listed(sister, Category.NOT_LISTED), found(6)],
        [listed(other), visited(2), approved_not_found(12)],
        [listed(other), found(4, Outcome.FAMILY_NECESSITY), moved(15, own)],
        [listed(college, Category.MISSED), found(7, Outcome.OVER_AGE_NO_FURTHER)],
        [listed(college), found(7, Outcome.DISABILITY, Wish.CANNOT)],
        [listed(secondary), found(8, Outcome.LOW_INCOME_GUARDIAN, Wish.DOES_NOT_WANT)],
        [listed(south), found(8, Outcome.ENROLLED_OTHER_AFFILIATION)],
        [listed(south, Category.MISSED), visited(8, known=20), found(22, Outcome.SOCIAL_ADJUSTMENT)],
        [listed(south), found(10, Outcome.DISASTER_AFFECTED, known=40)],
        [listed(south, day=33)],
        [listed(unassigned)],
        [listed(unassigned, Category.NOT_LISTED), claimed(11)],
        [listed(tray, Category.MISSED)],
        [listed(tray), found(3, Outcome.STUDYING_ABROAD)],
        [listed(own, Category.AT_RISK), found(3, Outcome.HEALTH)],
    ]
    return store(stories)
