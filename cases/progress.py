"""What is known of a case while its facts are read in order, and where it stands by that: stage, rung, wish, return.

Pure: nothing is read from or written to the database here. What each kind of fact does is cases.rules.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple

from cases.codes import (
    DECLINING,
    EnrolmentRoute,
    FactKind,
    Outcome,
    Reached,
    Rung,
    Stage,
    Wish,
)
from cases.models import Fact
from schools.thaitime import bangkok_date


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
DAY = timedelta(
    days=1
)  # between two follow-ups that pass a milestone each: nobody is retained by one afternoon's calls
ABSENT_AGAIN = timedelta(days=15)  # a child who was absent is asked after again
ARRIVAL = timedelta(days=30)  # a hand-over to the next school level is confirmed there
OPENINGS = frozenset({FactKind.LISTED, FactKind.REPORTED})


def in_order(facts: Iterable[Fact]) -> list[Fact]:
    """The facts that still hold, in the order in which they were so; the opening first, whatever its date.

    `facts` come in the order of recording, which decides between facts of the same instant. A case stands from the
    earlier of its list's date and its first dated fact, so an earlier fact does not wait for the listing.
    """
    facts = list(facts)
    corrected = {fact.corrects_id for fact in facts if fact.corrects_id}
    turns = _turns(facts)
    live = [(fact.at, turn, fact) for fact, turn in zip(facts, turns, strict=True) if fact.pk not in corrected]
    live = [fact for _at, _turn, fact in sorted(live, key=lambda told: told[:2])]
    opening = next((fact for fact in live if fact.kind in OPENINGS), None)
    if opening is not None and live[0] is not opening:
        live.remove(opening)
        live.insert(0, opening)
    return live


def _turns(facts: Iterable[Fact]) -> list[int]:
    """Each fact's turn among those of the same instant: of a correction that of what it puts right, so that the
    correction of one value overtakes nothing that was recorded in between."""
    turns: list[int] = []
    known: dict[int | None, int] = {}
    for turn, fact in enumerate(facts):
        turns.append(known.get(fact.corrects_id, turn) if fact.corrects_id else turn)
        known[fact.pk] = turns[-1]
    return turns


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
    visits: list[datetime] = field(default_factory=list)  # of all episodes, those of a duplicate merged in included
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
    arrived: Fact | None = None  # the latest hand-over that was confirmed
    received_at: datetime | None = None  # the receiving side's latest word, and the grade by it
    confirmed_grade: str = ""
    school_id: int | None = None  # where the child learns by the standing claim, if that is a school of ours
    school_before: int | None = None  # the hand-over: where it is watched should it not arrive
    passed: int = 0  # milestones at which the child was still in school
    passed_at: datetime | None = None  # the last of them
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

    def entry(self) -> Fact | None:
        """What says where the child learns now, since when: the claim, or the latest hand-over."""
        return self.handed_over or self.arrived or self.claim

    def grade(self) -> str:
        """Of that place; who received the child knows best."""
        said = self.entry()
        waits = self.handed_over is not None or not self.confirmed_grade
        return (said.grade if said else "") if waits else self.confirmed_grade

    def passed_on(self, day: date) -> bool:
        """Whether a milestone was passed on that (Bangkok) day already."""
        return self.passed_at is not None and bangkok_date(self.passed_at) == day

    def next_follow_up(self) -> datetime | None:
        """When the child should next be asked after at school; None when nobody observes it."""
        if self.handed_over is not None:
            return self.handed_over.at + ARRIVAL
        if self.confirmed_at is None:
            return None
        if self.absent_at is not None:
            return self.absent_at + ABSENT_AGAIN
        if self.passed == len(MILESTONES):
            return None
        due = self.confirmed_at + MILESTONES[self.passed]
        return max(due, self.passed_at + DAY) if self.passed_at else due

    def state(self) -> State:
        codes = (self.category, self.episode, self.stage(), self.rung(), self.outcome, self.wish(), self.reached())
        return State(*self.place, *(int(code) for code in codes))

    def decide(self, rung: int) -> None:
        """Found, or approved as not found: what was tried before led to this and counts no more."""
        self.decided, self.misses = rung, []

    def forget_return(self) -> None:
        self.claim = self.confirmed_at = self.handed_over = self.absent_at = None
        self.school_id = self.school_before = self.arrived = self.received_at = None
        self.confirmed_grade = ""
        self.passed, self.passed_at, self.followed = 0, None, False
