"""Facts in, stage out. This module alone computes where a case stands, and writes it.

A case's facts are folded in the order in which they were so, by the rules of cases.rules. What results is the
history of states, of which only the difference to what was believed before is stored as spans (SPANS.md §9). Late
facts, corrections and new facts take the same path.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction

from cases import gate, nothing_to_approve
from cases.codes import IN_EDUCATION, FactKind, Outcome, Stage
from cases.identity import scrub
from cases.intake.copying import rewrite
from cases.models import FOREVER, Case, Child, Fact, Span
from cases.models.case import case_number, take_ids
from cases.progress import Progress, State, in_order
from cases.rules import apply
from schools.models import Department
from schools.refusal import Refusal
from schools.thaitime import BANGKOK, bangkok_date, bangkok_midnight


class Piece(NamedTuple):
    """One stretch of believed history."""

    since: datetime
    until: datetime
    state: State


DEADLINES = {  # PRODUCT §3: days until the stage should be left; settings.STAGE_DEADLINES overrides, per department
    Stage.NEW: timedelta(days=15),
    Stage.ASSIGNED: timedelta(days=15),
    Stage.TRACKING: timedelta(days=15),
    Stage.FOUND: timedelta(days=5),
    Stage.ASSISTING: timedelta(days=30),
    Stage.RETURNED_CLAIMED: timedelta(days=30),
}


# ── history and its difference ────────────────────────────────────────────────────────────────────────────────


def effective(done: date | datetime, received: datetime) -> datetime:
    """When a fact counts from. Done today (Bangkok): the moment of receipt; earlier: then, a bare date at 00:00.

    Raises ValueError for a date after today.
    """
    today = received.astimezone(BANGKOK).date()
    day = done.astimezone(BANGKOK).date() if isinstance(done, datetime) else done
    if day > today:
        raise ValueError(f"{day} is after {today}")
    if day == today:
        return received
    return done if isinstance(done, datetime) else bangkok_midnight(day)


def fold(facts: Iterable[Fact]) -> tuple[list[Piece], Progress]:
    """What the facts now say: pieces that tile from the first fact to FOREVER, equal neighbours being one piece, and
    what is known at their end."""
    live = in_order(facts)
    progress, pieces = Progress(), []
    start = min((fact.at for fact in live), default=None)
    for position, fact in enumerate(live):
        apply(progress, fact)
        if progress.place is None:
            raise ValueError(f"Fact {fact.pk} of case {fact.case_id} comes before the case has a place")
        since = start if position == 0 else fact.at
        until = live[position + 1].at if position + 1 < len(live) else FOREVER
        if since >= until:  # overtaken in the same instant
            continue
        state = progress.state()
        if pieces and pieces[-1].state == state:
            pieces[-1] = pieces[-1]._replace(until=until)
        else:
            pieces.append(Piece(since, until, state))
    return pieces, progress


def progress_of(cases: Iterable[Case]) -> dict[int, Progress]:
    """What is known of each case now, by its key."""
    return {pk: fold(facts)[1] for pk, facts in facts_of(case.pk for case in cases).items()}


def history(facts: Iterable[Fact]) -> list[Piece]:
    """The pieces of `fold` alone."""
    return fold(facts)[0]


def facts_of(case_ids: Iterable[int]) -> dict[int, list[Fact]]:
    """Every fact of these cases in the order of recording; those that merge bring the duplicate's along (`brought`).

    One query, and one more for each further duplicate of a duplicate.
    """
    case_ids = list(case_ids)
    read = _read(case_ids)
    for facts in read.values():
        for place, fact in enumerate(facts):
            if fact.kind == FactKind.MERGED_IN:
                brought = _with_duplicates(fact.other_case_id, read, fact.at)
                fact.brought = _known_by(_parted_at(fact, facts[place:]), brought)
    return {pk: read[pk] for pk in case_ids}


def _parted_at(merge: Fact, later: Iterable[Fact]) -> datetime | None:
    """When the merge was undone; None while it stands."""
    undone = (fact for fact in later if fact.kind == FactKind.MERGE_UNDONE)
    return next((fact.known_at for fact in undone if fact.other_case_id == merge.other_case_id), None)


def _known_by(moment: datetime | None, facts: list[Fact]) -> list[Fact]:
    """What the other case learns once the two are parted again is its own, whatever day it tells of."""
    return facts if moment is None else [fact for fact in facts if fact.known_at <= moment]


def _read(case_ids: Iterable[int]) -> dict[int, list[Fact]]:
    """The facts of these cases and of every case ever merged into them."""
    wanted, read = set(case_ids), {}
    while wanted:
        read |= {pk: [] for pk in wanted}
        for fact in Fact.objects.filter(case_id__in=wanted).order_by("pk"):
            read[fact.case_id].append(fact)
        merges = (fact for pk in wanted for fact in read[pk] if fact.kind == FactKind.MERGED_IN)
        wanted = {fact.other_case_id for fact in merges} - read.keys()
    return read


def _with_duplicates(case_id: int, read: dict[int, list[Fact]], until: datetime) -> list[Fact]:
    """A duplicate's facts and those of the duplicates that stood merged into it at `until`, whatever came later."""
    merged: dict[int, datetime] = {}
    for fact in read[case_id]:
        if fact.at > until:
            continue
        if fact.kind == FactKind.MERGED_IN:
            merged[fact.other_case_id] = fact.at
        elif fact.kind == FactKind.MERGE_UNDONE:
            merged.pop(fact.other_case_id, None)
    brought = (fact for other, at in merged.items() for fact in _with_duplicates(other, read, at))
    return [*read[case_id], *brought]


class Cut(NamedTuple):
    """A stored span that must end: on one of the two clocks."""

    span: Span
    field: str  # until · known_until
    moment: datetime


def revise(spans: Iterable[Span], pieces: Sequence[Piece], now: datetime) -> tuple[list[Cut], list[Piece]]:
    """What to cut and what to add so that the believed spans say `pieces`, changing nothing already reported.

    An on-time fact ends the open span where it stands; anything else supersedes what it contradicts, which stays
    readable as known before `now`.
    """
    believed = {(span.since, span.until, state_of(span)): span for span in spans if span.known_until == FOREVER}
    wanted = set(pieces)
    fresh = [piece for piece in pieces if piece not in believed]
    cuts = []
    for key, span in believed.items():
        if Piece(*key) in wanted:
            continue
        end = next((piece for piece in fresh if piece.since == span.since and piece.state == key[2]), None)
        if span.until == FOREVER and end is not None and end.until >= now:
            cuts.append(Cut(span, "until", end.until))
            fresh.remove(end)
        else:
            cuts.append(Cut(span, "known_until", now))
    return cuts, fresh


def state_of(span: Span | Case) -> State:
    return State(*(getattr(span, field) for field in State._fields))


# ── writing ───────────────────────────────────────────────────────────────────────────────────────────────────


def new_span(case_id: int, piece: Piece, known_from: datetime) -> Span:
    return Span(case_id=case_id, since=piece.since, until=piece.until, known_from=known_from, **piece.state._asdict())


def set_standing(case: Case, pieces: Sequence[Piece], progress: Progress) -> None:
    """Write on `case` (not saved) where it stands by its history, since when and until when it may."""
    state = pieces[-1].state
    for name, value in state._asdict().items():
        setattr(case, name, value)
    since = pieces[-1].since
    for piece in reversed(pieces):
        if (piece.state.stage, piece.state.episode) != (state.stage, state.episode):
            break
        since = piece.since
    case.opened_at = pieces[0].since
    case.stage_since = since
    case.due_at = _due(state, since, progress)
    case.enrolled_school_id, case.claimed_by_id = progress.school_id, progress.claimed_by()
    case.is_unsafe = progress.unsafe
    case.visits_count, case.last_visit_at = len(progress.visits), max(progress.visits, default=None)


def _due(state: State, since: datetime, progress: Progress) -> datetime | None:
    """By when the stage should be left; None where nothing waits. An unsafe child is referred the same day."""
    if state.stage in (Stage.CLOSED, Stage.VOID):
        return None
    days = [_stage_due(state, since, progress), end_of_day(progress.alarm) if progress.alarm else None]
    return min((day for day in days if day is not None), default=None)


def end_of_day(moment: datetime) -> datetime:
    """23:59 in Bangkok of the day of `moment`."""
    return bangkok_midnight(bangkok_date(moment) + timedelta(days=1)) - timedelta(minutes=1)


def _stage_due(state: State, since: datetime, progress: Progress) -> datetime | None:
    if is_settled(state):
        return None
    if (day := progress.next_follow_up()) is not None:
        return day
    deadline = deadlines_of(state.department_id).get(state.stage)
    return None if deadline is None else latest_step(progress.visits, state, since) + deadline


def deadlines_of(department_id: int) -> dict[int, timedelta]:
    """How long each stage may last in a department."""
    own = settings.STAGE_DEADLINES
    if not own:
        return DEADLINES
    code = Department.objects.values_list("code", flat=True).get(pk=department_id)
    days = own.get("default", {}) | own.get(code, {})
    return DEADLINES | {Stage[slug.upper()]: timedelta(days=count) for slug, count in days.items()}


def is_settled(state: State) -> bool:
    """Found, and nothing left to plan: the child learns already, or has died."""
    return state.stage == Stage.FOUND and state.outcome in (*IN_EDUCATION, Outcome.DECEASED)


def latest_step(visits: Iterable[datetime], state: State, since: datetime) -> datetime:
    """From when a deadline runs: the last visit within the stage, or the stage's beginning.

    A claimed return waits for the receiving side, so no visit puts that off.
    """
    if state.stage == Stage.RETURNED_CLAIMED:
        return since
    return max([since, *visits])


STANDING_FIELDS = [
    *State._fields,
    *("opened_at", "stage_since", "due_at", "visits_count", "last_visit_at"),
    *("enrolled_school_id", "claimed_by_id", "is_unsafe", "version"),
]
_COLUMNS = [field.removesuffix("_id") for field in STANDING_FIELDS]


@transaction.atomic
def open_case(child: Child, opening: Fact) -> Case:
    """Open a case for `child` by its first fact (LISTED: place, category, who; `at` as in add_facts).

    Raises IntegrityError when the child has an open case.
    """
    gate.enter()
    received = gate.stamp()
    opening.at = effective(opening.at, received) if opening.at is not None else received
    opening.known_at = received
    pieces, progress = fold([opening])
    pk = take_ids(Case, 1)[0]
    case = Case(pk=pk, number=case_number(pk), child=child)
    set_standing(case, pieces, progress)
    case.save(force_insert=True)
    opening.case, opening.after = case, case.stage
    opening.save(force_insert=True)
    Span.objects.bulk_create([new_span(pk, piece, received) for piece in pieces])
    return case


def lock(case: Case) -> Case:
    """The case as it stands now, held until the transaction ends. Several are locked in the order of their keys.

    What was legal when a page was drawn is asked again of the locked case (actions.may).
    """
    gate.enter()
    locked = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    locked.is_locked = True
    return locked


def check_version(case: Case, version: int | None) -> None:
    """Raises StaleCase when the locked `case` was written since somebody saw `version` of it; None asks nothing."""
    if version is not None and version != case.version:
        raise StaleCase(case, version)


@transaction.atomic
def add_facts(case: Case, facts: Sequence[Fact], *, version: int | None = None) -> Case:
    """Record `facts` (unsaved, each with kind, `done` as `at`, and who) and move the case where they put it.

    Every fact's `at` may be a date, an aware datetime or None (now). Returns the case, locked and up to date; a case
    from `lock` is not asked for again. `version` is what the writer saw; raises StaleCase if somebody saved first.
    """
    case = case if getattr(case, "is_locked", False) else lock(case)
    check_version(case, version)
    spans = list(Span.objects.filter(case=case))
    received = gate.stamp(max((span.known_from for span in spans), default=None))
    before = case.stage if spans else None
    for fact in facts:
        fact.case, fact.known_at = case, received
        fact.reason = scrub(fact.reason)  # whatever was typed there: no national ID stands in clear (LG-02)
        fact.at = _moment(fact, received)
        fact.before = before
    known = facts_of([case.pk])[case.pk]
    _bring_along(facts)
    pieces, progress = fold([*known, *facts])
    for fact in facts:
        fact.after = pieces[-1].state.stage
    if nothing_to_approve.is_found_now(case, pieces[-1].state.rung):
        facts = [*facts, *nothing_to_approve.end_requests([case], received)]
    for fact in facts:
        fact.save(force_insert=True)
    _store(spans, pieces, received, case)
    set_standing(case, pieces, progress)
    case.version += 1
    case.save(update_fields=_COLUMNS)
    case.is_locked = False  # whoever keeps it beyond the transaction asks for it again
    return case


def _moment(fact: Fact, received: datetime) -> datetime:
    """When a new fact counts from. A correction that says the moment keeps it, though that is today's: what it puts
    right may stand before what else happened today."""
    if fact.at is None:
        return received
    if fact.corrects_id is not None and isinstance(fact.at, datetime):
        return fact.at
    return effective(fact.at, received)


def _bring_along(facts: Sequence[Fact]) -> None:
    """What new merges among `facts` bring along; the duplicates' rows are locked by the caller."""
    for fact in facts:
        if fact.kind == FactKind.MERGED_IN:
            fact.brought = _with_duplicates(fact.other_case_id, _read([fact.other_case_id]), fact.at)


def _store(spans: Sequence[Span], pieces: Sequence[Piece], now: datetime, case: Case) -> None:
    cuts, fresh = revise(spans, pieces, now)
    for cut in cuts:  # cut before adding: one span stands at any instant
        Span.objects.filter(pk=cut.span.pk).update(**{cut.field: cut.moment})
    Span.objects.bulk_create([new_span(case.pk, piece, now) for piece in fresh])


def revise_many(case_ids: Sequence[int], received: datetime) -> int:
    """Rebuild the spans and standing of many cases whose facts were written in bulk; returns how many changed.

    The caller holds the gate and the cases' row locks. A few queries a call; give it some thousand ids at a time.
    """
    facts, spans = facts_of(case_ids), defaultdict(list)
    for span in Span.objects.filter(case_id__in=case_ids, known_until=FOREVER):
        spans[span.case_id].append(span)
    cases = Case.objects.filter(pk__in=case_ids)
    ended, fresh, moved, found = [], [], [], []
    for case in cases:
        pieces, progress = fold(facts[case.pk])
        cuts, new = revise(spans[case.pk], pieces, received)
        for cut in cuts:
            setattr(cut.span, cut.field, cut.moment)
            ended.append(cut.span)
        fresh += [new_span(case.pk, piece, received) for piece in new]
        if nothing_to_approve.is_found_now(case, pieces[-1].state.rung):
            found.append(case)
        set_standing(case, pieces, progress)
        case.version += 1
        moved.append(case)
    rewrite(ended, ["until", "known_until"])
    Span.objects.bulk_create(fresh, batch_size=1000)
    rewrite(moved, _COLUMNS)
    if found:
        Fact.objects.bulk_create(nothing_to_approve.end_requests(found, received))
    return len(cases)


class StaleCase(Refusal):
    """Somebody saved first; `case` is what stands now, `seen` the version of it that the writer saw."""

    message_th = "มีผู้แก้ไขก่อนท่าน กรุณาดูค่าปัจจุบันแล้วเลือกค่าที่ถูกต้อง"
    message_en = "Someone saved first. Look at what stands now and choose the right values."

    def __init__(self, case: Case, seen: int):
        self.case, self.seen = case, seen
        super().__init__()
