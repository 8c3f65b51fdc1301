"""Facts in, stage out. This module alone computes where a case stands, and writes it.

A case's facts are folded in the order in which they were so; each kind of fact has one rule in RULES. What results is
the history of states, of which only the difference to what was believed before is stored as spans (SPANS.md §9).
Late facts, corrections and new facts take the same path. To add a transition: add the kind to codes.FactKind, its rule
here, its row in actions.ACTIONS.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from cases import gate
from cases.codes import DECLINING, IN_EDUCATION, FactKind, Finding, Outcome, Reached, Rung, Stage, Wish
from cases.intake.copying import rewrite
from cases.models import FOREVER, Case, Child, Fact, Span
from cases.models.case import case_number, take_ids
from schools.refusal import Refusal
from schools.thaitime import BANGKOK, bangkok_midnight


class State(NamedTuple):
    """Everything figures are counted by; a span is a State with its two clocks."""

    school_id: int | None
    district_id: int
    province_id: int
    department_id: int
    category: int
    episode: int
    stage: int
    rung: int
    outcome: int
    wish: int
    reached: int


class Piece(NamedTuple):
    """One stretch of believed history."""

    since: datetime
    until: datetime
    state: State


DEADLINES = {  # PRODUCT §3: days until the stage should be left
    Stage.NEW: timedelta(days=15),
    Stage.ASSIGNED: timedelta(days=15),
    Stage.TRACKING: timedelta(days=15),
    Stage.FOUND: timedelta(days=5),
    Stage.ASSISTING: timedelta(days=30),
    Stage.RETURNED_CLAIMED: timedelta(days=30),
}


# ── the rules: what each kind of fact does ────────────────────────────────────────────────────────────────────


@dataclass
class Progress:
    """What is known of a case while its facts are read in order."""

    place: tuple[int | None, int, int, int] | None = None  # school, district, province, department
    category: int = 0
    episode: int = 1
    attempts: int = 0
    decided: int | None = None  # Rung.FOUND or Rung.NOT_FOUND, by the latest fact that decides
    outcome: int = Outcome.NOT_GIVEN
    answer: int = Wish.NOT_ASKED
    claim_stands: bool = False

    def rung(self) -> int:
        if self.claim_stands:
            return Rung.FOUND
        if self.decided is not None:
            return self.decided
        return Rung.TRACKING if self.attempts else Rung.TO_START

    def stage(self) -> int:
        if self.claim_stands:
            return Stage.RETURNED_CLAIMED
        match self.rung():
            case Rung.FOUND:
                return Stage.FOUND
            case Rung.NOT_FOUND:
                return Stage.NOT_FOUND
            case Rung.TRACKING:
                return Stage.TRACKING
        return Stage.NEW if self.place[0] is None else Stage.ASSIGNED

    def wish(self) -> int:
        """The first that applies (PRODUCT §4): standing claim, deceased, latest answer, a declining cause."""
        if self.claim_stands:
            return Wish.WANTS
        if self.outcome == Outcome.DECEASED:
            return Wish.CANNOT
        if self.answer != Wish.NOT_ASKED:
            return self.answer
        return Wish.DOES_NOT_WANT if self.outcome in DECLINING else Wish.NOT_ASKED

    def state(self) -> State:
        reached = Reached.CLAIMED if self.claim_stands else Reached.NOWHERE
        codes = (self.category, self.episode, self.stage(), self.rung(), self.outcome, self.wish(), reached)
        return State(*self.place, *(int(code) for code in codes))


def _listed(case: Progress, fact: Fact) -> None:
    if case.place is None:  # a further list names the same child; it does not move the case
        _assigned(case, fact)
        case.category = fact.category


def _assigned(case: Progress, fact: Fact) -> None:
    case.place = (fact.school_id, fact.district_id, fact.province_id, fact.department_id)


def _visited(case: Progress, fact: Fact) -> None:
    case.attempts += 1
    if fact.finding == Finding.FOUND:
        case.decided = Rung.FOUND
    _answered(case, fact)


def _answered(case: Progress, fact: Fact) -> None:
    if fact.outcome and not case.claim_stands:  # frozen while a claim stands
        case.outcome = fact.outcome
    if fact.wish:
        case.answer = fact.wish


def _not_found_approved(case: Progress, fact: Fact) -> None:
    case.decided = Rung.NOT_FOUND
    _answered(case, fact)


def _enrolled(case: Progress, fact: Fact) -> None:
    _answered(case, fact)
    case.decided = Rung.FOUND
    case.claim_stands = True


def _category_set(case: Progress, fact: Fact) -> None:
    case.category = fact.category


def _tells_only(case: Progress, fact: Fact) -> None:
    """A fact of the timeline that changes no figure."""


RULES: dict[int, Callable[[Progress, Fact], None]] = {
    FactKind.LISTED: _listed,
    FactKind.ASSIGNED: _assigned,
    FactKind.VISITED: _visited,
    FactKind.NOT_FOUND_APPROVED: _not_found_approved,
    FactKind.ENROLLED: _enrolled,
    FactKind.CATEGORY_SET: _category_set,
    FactKind.TEACHER_NAMED: _tells_only,
    FactKind.LEFT_LIST: _tells_only,
    FactKind.CHILD_CHANGED: _tells_only,
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


def in_order(facts: Iterable[Fact]) -> list[Fact]:
    """The facts that still hold, in the order in which they were so; the listing first, whatever its date.

    `facts` come in the order of recording, which decides between facts of the same instant. A case stands from the
    earlier of its list's date and its first dated fact, so an earlier fact does not wait for the listing.
    """
    facts = list(facts)
    corrected = {fact.corrects_id for fact in facts if fact.corrects_id}
    live = [fact for fact in facts if fact.pk is None or fact.pk not in corrected]
    live.sort(key=lambda fact: fact.at)  # stable: the order of recording breaks ties
    opening = next((fact for fact in live if fact.kind == FactKind.LISTED), None)
    if opening is not None and live[0] is not opening:
        live.remove(opening)
        live.insert(0, opening)
    return live


def history(facts: Iterable[Fact]) -> list[Piece]:
    """What the facts now say, as pieces that tile from the first fact to FOREVER; equal neighbours are one piece."""
    live = in_order(facts)
    progress, pieces = Progress(), []
    start = min((fact.at for fact in live), default=None)
    for position, fact in enumerate(live):
        RULES[fact.kind](progress, fact)
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
    return pieces


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


def set_standing(case: Case, facts: Sequence[Fact], pieces: Sequence[Piece]) -> None:
    """Write on `case` (not saved) where it stands by its history, since when and until when it may."""
    state = pieces[-1].state
    for field, value in state._asdict().items():
        setattr(case, field, value)
    since = pieces[-1].since
    for piece in reversed(pieces):
        if piece.state.stage != state.stage:
            break
        since = piece.since
    case.opened_at = pieces[0].since
    case.stage_since = since
    deadline = None if is_settled(state) else DEADLINES.get(state.stage)
    case.due_at = None if deadline is None else latest_step(facts, since) + deadline
    visits = [fact.at for fact in in_order(facts) if fact.kind == FactKind.VISITED]
    case.visits_count, case.last_visit_at = len(visits), max(visits, default=None)


def is_settled(state: State) -> bool:
    """Found, and nothing left to plan: the child learns already, or has died."""
    return state.stage == Stage.FOUND and state.outcome in (*IN_EDUCATION, Outcome.DECEASED)


def latest_step(facts: Sequence[Fact], since: datetime) -> datetime:
    """From when a deadline runs: the last visit within the stage, or the stage's beginning.

    A claimed return waits for the receiving side, so no visit puts that off.
    """
    if any(fact.kind == FactKind.ENROLLED for fact in in_order(facts)):
        return since
    return max([since] + [fact.at for fact in in_order(facts) if fact.kind == FactKind.VISITED and fact.at > since])


STANDING_FIELDS = [*State._fields, "opened_at", "stage_since", "due_at", "visits_count", "last_visit_at", "version"]
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
    pieces = history([opening])
    pk = take_ids(Case, 1)[0]
    case = Case(pk=pk, number=case_number(pk), child=child)
    set_standing(case, [opening], pieces)
    case.save(force_insert=True)
    opening.case, opening.after = case, case.stage
    opening.save(force_insert=True)
    Span.objects.bulk_create([new_span(pk, piece, received) for piece in pieces])
    return case


@transaction.atomic
def add_facts(case: Case, facts: Sequence[Fact], *, version: int | None = None) -> Case:
    """Record `facts` (unsaved, each with kind, `done` as `at`, and who) and move the case where they put it.

    Every fact's `at` may be a date, an aware datetime or None (now). Returns the case, locked and up to date.
    `version` is what the writer saw; raises StaleCase if somebody saved first.
    """
    gate.enter()
    case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if version is not None and version != case.version:
        raise StaleCase(case)
    spans = list(Span.objects.filter(case=case))
    received = gate.stamp(max((span.known_from for span in spans), default=None))
    before = case.stage if spans else None
    for fact in facts:
        fact.case, fact.known_at = case, received
        fact.at = effective(fact.at, received) if fact.at is not None else received
        fact.before = before
    known = list(Fact.objects.filter(case=case).order_by("pk"))
    pieces = history([*known, *facts])
    for fact in facts:
        fact.after = pieces[-1].state.stage
    for fact in facts:
        fact.save(force_insert=True)
    _store(spans, pieces, received, case)
    set_standing(case, [*known, *facts], pieces)
    case.version += 1
    case.save(update_fields=_COLUMNS)
    return case


def _store(spans: Sequence[Span], pieces: Sequence[Piece], now: datetime, case: Case) -> None:
    cuts, fresh = revise(spans, pieces, now)
    for cut in cuts:  # cut before adding: one span stands at any instant
        Span.objects.filter(pk=cut.span.pk).update(**{cut.field: cut.moment})
    Span.objects.bulk_create([new_span(case.pk, piece, now) for piece in fresh])


def revise_many(case_ids: Sequence[int], received: datetime) -> int:
    """Rebuild the spans and standing of many cases whose facts were written in bulk; returns how many changed.

    The caller holds the gate and the cases' row locks. A few queries a call; give it some thousand ids at a time.
    """
    facts, spans = defaultdict(list), defaultdict(list)
    for fact in Fact.objects.filter(case_id__in=case_ids).order_by("pk"):
        facts[fact.case_id].append(fact)
    for span in Span.objects.filter(case_id__in=case_ids, known_until=FOREVER):
        spans[span.case_id].append(span)
    cases = Case.objects.filter(pk__in=case_ids)
    ended, fresh, moved = [], [], []
    for case in cases:
        pieces = history(facts[case.pk])
        cuts, new = revise(spans[case.pk], pieces, received)
        for cut in cuts:
            setattr(cut.span, cut.field, cut.moment)
            ended.append(cut.span)
        fresh += [new_span(case.pk, piece, received) for piece in new]
        set_standing(case, facts[case.pk], pieces)
        case.version += 1
        moved.append(case)
    rewrite(ended, ["until", "known_until"])
    Span.objects.bulk_create(fresh, batch_size=1000)
    rewrite(moved, _COLUMNS)
    return len(cases)


class StaleCase(Refusal):
    """Somebody saved first; `case` is what stands now."""

    message_th = "มีผู้แก้ไขก่อนท่าน กรุณาดูค่าปัจจุบันแล้วเลือกค่าที่ถูกต้อง"
    message_en = "Someone saved first. Look at what stands now and choose the right values."

    def __init__(self, case: Case):
        self.case = case
        super().__init__()
