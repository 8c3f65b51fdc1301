"""What a case's facts say when they are read in the order in which they were so: one rule for each kind of fact.

Pure: nothing is read from or written to the database here. cases.lifecycle folds facts through `apply` into history and
is the only one to write what comes of it. To add a transition: add the kind to codes.FactKind, its rule here, its row
in actions.ACTIONS.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from cases.codes import (
    CAUSES,
    DECLINING,
    Category,
    EnrolmentRoute,
    FactKind,
    Finding,
    FollowUp,
    Outcome,
    Reached,
    ReferralState,
    Rung,
    Stage,
    Wish,
)
from cases.models import Fact


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


MILESTONES = tuple(timedelta(days=days) for days in (60, 120, 180, 240))  # after the confirmation: still in school?
ABSENT_AGAIN = timedelta(days=15)  # a child who was absent is asked after again
ARRIVAL = timedelta(days=30)  # a hand-over to the next school level is confirmed there
_PLACES = frozenset({FactKind.LISTED, FactKind.REPORTED, FactKind.ASSIGNED, FactKind.TRANSFERRED})
OPENINGS = frozenset({FactKind.LISTED, FactKind.REPORTED})
_MERGES = frozenset({FactKind.MERGED_IN, FactKind.MERGED_AWAY})
# what a duplicate does not bring along: where it stood and what it was listed as, its being void, its own merges
_LEFT_BEHIND = _PLACES | _MERGES | {FactKind.CATEGORY_SET, FactKind.VOIDED, FactKind.MERGE_UNDONE}


def in_order(facts: Iterable[Fact]) -> list[Fact]:
    """The facts that still hold, in the order in which they were so; the opening first, whatever its date.

    `facts` come in the order of recording, which decides between facts of the same instant. A case stands from the
    earlier of its list's date and its first dated fact, so an earlier fact does not wait for the listing.
    """
    facts = list(facts)
    corrected = {fact.corrects_id for fact in facts if fact.corrects_id}
    live = [fact for fact in facts if fact.pk is None or fact.pk not in corrected]
    live.sort(key=lambda fact: fact.at)  # stable: the order of recording breaks ties
    opening = next((fact for fact in live if fact.kind in OPENINGS), None)
    if opening is not None and live[0] is not opening:
        live.remove(opening)
        live.insert(0, opening)
    return live


# ── the rules: what each kind of fact does ────────────────────────────────────────────────────────────────────


@dataclass
class Progress:
    """What is known of a case while its facts are read in order. From `attempts` on it is of the current episode."""

    place: tuple[int | None, int, int, int] | None = None  # school, district, province, department
    category: int = 0
    episode: int = 1
    voided: bool = False  # a wrong entry, a confirmed removal
    merged_away: bool = False  # a duplicate
    unsafe: bool = False
    alarm: datetime | None = None  # since when an unsafe child waits to be referred
    referred: set[int] = field(default_factory=set)  # referrals that watch over an unsafe child
    told: list[Fact] = field(default_factory=list)  # its own facts read so far, for a merge to read them again
    attempts: int = 0
    misses: list[Fact] = field(default_factory=list)  # visits that met nobody since something was last decided
    decided: int | None = None  # Rung.FOUND or Rung.NOT_FOUND, by the latest fact that decides
    outcome: int = Outcome.NOT_GIVEN
    answer: int = Wish.NOT_ASKED
    assisting: bool = False
    closed: bool = False
    claim: Fact | None = None  # the standing claim of an enrolment
    confirmed_at: datetime | None = None
    handed_over: Fact | None = None  # to the next school level, not confirmed there yet
    school_id: int | None = None  # where the child learns by the standing claim, if that is a school of ours
    school_before: int | None = None  # the hand-over: where it is watched should it not arrive
    passed: int = 0  # milestones at which the child was still in school
    absent_at: datetime | None = None  # at the last follow-up
    followed: bool = False

    def rung(self) -> int:
        if self.claim:
            return Rung.FOUND
        if self.decided is not None:
            return self.decided
        return Rung.TRACKING if self.attempts else Rung.TO_START

    def stage(self) -> int:
        if self.voided or self.merged_away:
            return Stage.VOID
        if self.closed:
            return Stage.CLOSED
        if self.claim:
            return self._stage_of_return()
        match self.rung():
            case Rung.FOUND:
                return Stage.ASSISTING if self.assisting else Stage.FOUND
            case Rung.NOT_FOUND:
                return Stage.NOT_FOUND
            case Rung.TRACKING:
                return Stage.TRACKING
        return Stage.NEW if self.place[0] is None else Stage.ASSIGNED

    def _stage_of_return(self) -> int:
        if self.confirmed_at is None:
            return Stage.RETURNED_CLAIMED
        if self.passed == len(MILESTONES):
            return Stage.RETAINED
        return Stage.OBSERVING if self.followed else Stage.RETURNED_CONFIRMED

    def reached(self) -> int:
        if self.claim is None:
            return Reached.NOWHERE
        if self.confirmed_at is None:
            return Reached.CLAIMED
        return Reached.RETAINED if self.passed == len(MILESTONES) else Reached.CONFIRMED

    def wish(self) -> int:
        """The first that applies (PRODUCT §4): standing claim, deceased, latest answer, a declining cause."""
        if self.claim:
            return Wish.WANTS
        if self.outcome == Outcome.DECEASED:
            return Wish.CANNOT
        if self.answer != Wish.NOT_ASKED:
            return self.answer
        return Wish.DOES_NOT_WANT if self.outcome in DECLINING else Wish.NOT_ASKED

    def claimed_by(self) -> int | None:
        """Who said that the child returned, or is handed over, while that waits for another's word (AZ-10).

        A claim that came with a list is the list's, not of the person who brought it in.
        """
        waiting = self.handed_over or (self.claim if self.confirmed_at is None else None)
        if waiting is None or waiting.route == EnrolmentRoute.FROM_LIST:
            return None
        return waiting.by_id

    def next_follow_up(self) -> datetime | None:
        """When the child should next be asked after at school; None when nobody observes it."""
        if self.handed_over is not None:
            return self.handed_over.at + ARRIVAL
        if self.confirmed_at is None:
            return None
        if self.absent_at is not None:
            return self.absent_at + ABSENT_AGAIN
        return None if self.passed == len(MILESTONES) else self.confirmed_at + MILESTONES[self.passed]

    def state(self) -> State:
        codes = (self.category, self.episode, self.stage(), self.rung(), self.outcome, self.wish(), self.reached())
        return State(*self.place, *(int(code) for code in codes))

    def read_again(self, facts: Iterable[Fact]) -> None:
        """Be what `facts` alone would have made."""
        fresh = Progress()
        for fact in facts:
            apply(fresh, fact)
        self.__dict__.update(fresh.__dict__)

    def decide(self, rung: int) -> None:
        """Found, or approved as not found: what was tried before led to this and counts no more."""
        self.decided, self.misses = rung, []

    def forget_return(self) -> None:
        self.claim = self.confirmed_at = self.handed_over = self.absent_at = None
        self.school_id = self.school_before = None
        self.passed, self.followed = 0, False


def _listed(case: Progress, fact: Fact) -> None:
    if case.place is None:
        _placed(case, fact)
        case.category = fact.category
        _answered(case, fact)
        return
    # A further list names the same child; it does not move the case, but who turns up is looked for again.
    case.closed = case.voided = False
    if case.decided == Rung.NOT_FOUND:
        case.decided = None


def _reported(case: Progress, fact: Fact) -> None:
    """แจ้งพบเด็ก: the child was found before anybody listed it."""
    if case.place is None:
        _placed(case, fact)
        case.category = fact.category
    _visited(case, fact)


def _placed(case: Progress, fact: Fact) -> None:
    case.place = (fact.school_id, fact.district_id, fact.province_id, fact.department_id)


def _visited(case: Progress, fact: Fact) -> None:
    case.attempts += 1
    case.closed = False  # who is visited is tracked again
    if fact.finding == Finding.NONE:
        case.misses.append(fact)
    _found_or_heard_of(case, fact)


def _found_or_heard_of(case: Progress, fact: Fact) -> None:
    if fact.finding == Finding.FOUND:
        case.decide(Rung.FOUND)
    elif fact.finding == Finding.HEARD_OF and case.decided == Rung.NOT_FOUND:
        case.decided = None
    _answered(case, fact)


def _answered(case: Progress, fact: Fact) -> None:
    if fact.outcome and not case.claim:  # frozen while a claim stands
        case.outcome = fact.outcome
    if fact.wish:
        case.answer = fact.wish


def _list_checked(case: Progress, fact: Fact) -> None:
    """Of "already in school" the line of a list says a finding and an outcome; of the other answers nothing."""
    if fact.finding is not None:
        case.attempts += 1
    _found_or_heard_of(case, fact)


def _not_found_approved(case: Progress, fact: Fact) -> None:
    case.decide(Rung.NOT_FOUND)
    _answered(case, fact)


def _enrolled(case: Progress, fact: Fact) -> None:
    _answered(case, fact)
    case.decide(Rung.FOUND)
    case.closed = False
    # what a list claims again puts neither a confirmed return in doubt nor the school that is to confirm it
    if case.claim is None or (case.confirmed_at is None and fact.route != EnrolmentRoute.FROM_LIST):
        case.claim, case.school_id = fact, fact.school_id


def _confirmed(case: Progress, fact: Fact) -> None:
    """By the receiving side or the register: without a claim it is one."""
    if case.handed_over is not None:
        case.handed_over = None
        return
    if case.claim is None:
        _enrolled(case, fact)
    case.confirmed_at = case.confirmed_at or fact.at


def _taken_back(case: Progress, fact: Fact) -> None:
    """Denied by the receiving side, or withdrawn by who said it."""
    if case.handed_over is not None:  # not arrived at the next level: watched where it was
        case.school_id, case.handed_over = case.school_before, None
    elif case.confirmed_at is None:
        case.forget_return()


def _followed_up(case: Progress, fact: Fact) -> None:
    """Still in school passes the next milestone whose day has come; absent is asked after again."""
    if case.confirmed_at is None:
        return
    case.followed = True
    case.absent_at = fact.at if fact.follow_up == FollowUp.ABSENT else None
    due = case.passed < len(MILESTONES) and fact.at >= case.confirmed_at + MILESTONES[case.passed]
    if fact.follow_up == FollowUp.STILL and due:
        case.passed += 1


def _handed_over(case: Progress, fact: Fact) -> None:
    if case.confirmed_at is None:
        return
    if case.handed_over is None:
        case.school_before = case.school_id
    case.handed_over, case.school_id = fact, fact.school_id


def _dropped_again(case: Progress, fact: Fact) -> None:
    """A new episode of the same case: all that was found out belongs to the one before."""
    kept = ("place", "category", "episode", "voided", "merged_away", "unsafe", "alarm", "referred", "told")
    case.__dict__.update(Progress(**{name: getattr(case, name) for name in kept}).__dict__)
    case.episode += 1
    case.category = fact.category or Category.DROPOUT
    _answered(case, fact)


def _helped(case: Progress, fact: Fact) -> None:
    case.assisting = True


def _closed(case: Progress, fact: Fact) -> None:
    """A cause that nobody gave is given at closing, also while a claim stands (PRODUCT §3)."""
    if case.claim and case.outcome in (Outcome.NOT_GIVEN, Outcome.UNSPECIFIED) and fact.outcome in CAUSES:
        case.outcome = fact.outcome
    _found_or_heard_of(case, fact)
    case.closed = True


def _reopened(case: Progress, fact: Fact) -> None:
    case.closed = case.voided = False


def _voided(case: Progress, fact: Fact) -> None:
    case.voided = True


def _merged_away(case: Progress, fact: Fact) -> None:
    case.merged_away = True


def _merged_in(case: Progress, fact: Fact) -> None:
    """From here on both cases' facts count (PRODUCT §3); `fact.brought` are the duplicate's, set by facts_of."""
    own = case.told
    brought = [other for other in in_order(fact.brought) if other.at <= fact.at and other.kind not in _LEFT_BEHIND]
    case.read_again([own[0], *sorted([*own[1:], *brought], key=lambda told: told.at)])
    case.told = own


def _merge_undone(case: Progress, fact: Fact) -> None:
    """Both cases are again what their own facts say, of either side of the merge."""
    own = case.told
    case.read_again(told for told in own if not (told.kind in _MERGES and told.other_case_id == fact.other_case_id))
    case.told = own


def _category_set(case: Progress, fact: Fact) -> None:
    case.category = fact.category


def _unsafe(case: Progress, fact: Fact) -> None:
    """An unsafe child is referred the same day (seed 002): the day on which the system was told."""
    case.unsafe = fact.kind == FactKind.FLAGGED_UNSAFE
    case.alarm = fact.known_at if case.unsafe else None
    case.referred = set()


def _referred(case: Progress, fact: Fact) -> None:
    _helped(case, fact)
    case.alarm = None
    case.referred = case.referred | {fact.details.get("referral")}


def _referral_ended(case: Progress, fact: Fact) -> None:
    """Of an unsafe child whom nobody took over the alarm is raised again."""
    case.referred = case.referred - {fact.details.get("referral")}
    if case.unsafe and not case.referred and fact.details.get("end") != ReferralState.DONE:
        case.alarm = fact.known_at


def _tells_only(case: Progress, fact: Fact) -> None:
    """A fact of the timeline that changes no figure."""


RULES: dict[int, Callable[[Progress, Fact], None]] = {
    FactKind.LISTED: _listed,
    FactKind.ASSIGNED: _placed,
    FactKind.VISITED: _visited,
    FactKind.NOT_FOUND_APPROVED: _not_found_approved,
    FactKind.ENROLLED: _enrolled,
    FactKind.CATEGORY_SET: _category_set,
    FactKind.TEACHER_NAMED: _tells_only,
    FactKind.LEFT_LIST: _tells_only,
    FactKind.CHILD_CHANGED: _tells_only,
    FactKind.REPORTED: _reported,
    FactKind.ENROLMENT_CONFIRMED: _confirmed,
    FactKind.ENROLMENT_DENIED: _taken_back,
    FactKind.ENROLMENT_WITHDRAWN: _taken_back,
    FactKind.FOLLOWED_UP: _followed_up,
    FactKind.DROPPED_AGAIN: _dropped_again,
    FactKind.HANDED_OVER: _handed_over,
    FactKind.HELP_PLANNED: _helped,
    FactKind.HELP_GIVEN: _tells_only,
    FactKind.CONFERRED: _tells_only,
    FactKind.REFERRED: _referred,
    FactKind.REFERRAL_ANSWERED: _tells_only,
    FactKind.REFERRAL_ENDED: _referral_ended,
    FactKind.REQUESTED: _tells_only,
    FactKind.REQUEST_ANSWERED: _tells_only,
    FactKind.TRANSFERRED: _placed,
    FactKind.CLOSED: _closed,
    FactKind.REOPENED: _reopened,
    FactKind.VOIDED: _voided,
    FactKind.MERGED_AWAY: _merged_away,
    FactKind.MERGED_IN: _merged_in,
    FactKind.MERGE_UNDONE: _merge_undone,
    FactKind.LIST_CHECKED: _list_checked,
    FactKind.FLAGGED_UNSAFE: _unsafe,
    FactKind.UNSAFE_CLEARED: _unsafe,
}


def apply(case: Progress, fact: Fact) -> None:
    """Let one fact, the next in order, do what its rule says."""
    RULES[fact.kind](case, fact)
    case.told.append(fact)
