"""What each kind of fact does to what is known of a case: one rule each.

cases.lifecycle folds facts through `apply` into history and is the only one to write what comes of it. To add one: its
kind in codes.FactKind, its rule here, its row in actions.ACTIONS.
"""

from collections.abc import Callable, Iterable

from cases.codes import (
    CAUSES,
    Category,
    EnrolmentRoute,
    FactKind,
    Finding,
    FollowUp,
    Outcome,
    Rung,
)
from cases.models import Fact
from cases.progress import MILESTONES, OPENINGS, Progress, in_order
from schools.thaitime import bangkok_date

_PLACES = frozenset({FactKind.LISTED, FactKind.REPORTED, FactKind.ASSIGNED, FactKind.TRANSFERRED})
_MERGES = frozenset({FactKind.MERGED_IN, FactKind.MERGED_AWAY})
# What a duplicate does not bring along: where it stood and what it was listed as, its being void, its own merges. Its
# opening comes: of a case that has a place it says only that the child turned up there, found or in a further list.
_LEFT_BEHIND = (_PLACES - OPENINGS) | _MERGES | {FactKind.CATEGORY_SET, FactKind.VOIDED, FactKind.MERGE_UNDONE}


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
    if fact.kind == FactKind.VISITED:
        case.visits.append(fact.at)
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
        case.confirmed_grade = fact.grade or case.handed_over.grade
        case.arrived, case.handed_over, case.received_at = case.handed_over, None, fact.at
        return
    if case.claim is None:
        _enrolled(case, fact)
    case.confirmed_grade = fact.grade or case.confirmed_grade
    case.confirmed_at = case.confirmed_at or fact.at
    case.received_at = case.received_at or fact.at


def _taken_back(case: Progress, fact: Fact) -> None:
    """Denied by the receiving side, or withdrawn by who said it."""
    if case.handed_over is not None:  # not arrived at the next level: watched where it was
        case.school_id, case.handed_over = case.school_before, None
    elif case.confirmed_at is None:
        case.forget_return()


def _followed_up(case: Progress, fact: Fact) -> None:
    """Still in school passes the next milestone whose day has come, one a day; absent is asked after again."""
    if case.confirmed_at is None:
        return
    case.followed = True
    case.absent_at = fact.at if fact.follow_up == FollowUp.ABSENT else None
    due = case.passed < len(MILESTONES) and fact.at >= case.confirmed_at + MILESTONES[case.passed]
    if fact.follow_up == FollowUp.STILL and due and not case.passed_on(bangkok_date(fact.at)):
        case.passed, case.passed_at = case.passed + 1, fact.at


def _handed_over(case: Progress, fact: Fact) -> None:
    if case.confirmed_at is None:
        return
    if case.handed_over is None:
        case.school_before = case.school_id
    case.handed_over, case.school_id = fact, fact.school_id


def _dropped_again(case: Progress, fact: Fact) -> None:
    """A new episode of the same case: all that was found out belongs to the one before."""
    kept = ("place", "category", "episode", "voided", "merged_away", "unsafe", "alarm", "referred", "told", "visits")
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


def _read_again(case: Progress, facts: Iterable[Fact]) -> None:
    """Be what `facts` alone would have made."""
    fresh = Progress()
    for fact in facts:
        apply(fresh, fact)
    case.__dict__.update(fresh.__dict__)


def _merged_in(case: Progress, fact: Fact) -> None:
    """From here on both cases' facts count (PRODUCT §3); `fact.brought` are the duplicate's, set by facts_of."""
    own = case.told
    brought = [other for other in in_order(fact.brought) if other.at <= fact.at and other.kind not in _LEFT_BEHIND]
    _read_again(case, [own[0], *sorted([*own[1:], *brought], key=lambda told: told.at)])
    case.told = own


def _merge_undone(case: Progress, fact: Fact) -> None:
    """Both cases are again what their own facts say, of either side of the merge."""
    own = case.told
    undone = fact.other_case_id
    _read_again(case, [told for told in own if not (told.kind in _MERGES and told.other_case_id == undone)])
    case.told = own


def _category_set(case: Progress, fact: Fact) -> None:
    case.category = fact.category


def _unsafe(case: Progress, fact: Fact) -> None:
    """An unsafe child is referred the same day (seed 002): the day on which the system was told."""
    case.unsafe = fact.kind == FactKind.FLAGGED_UNSAFE
    case.alarm, case.referred = (fact.known_at if case.unsafe else None), set()


def _referred(case: Progress, fact: Fact) -> None:
    _helped(case, fact)
    case.alarm, case.referred = None, case.referred | {fact.details.get("referral")}


def _referral_ended(case: Progress, fact: Fact) -> None:
    """Of one that watched over an unsafe child; another's end, or that of one sent before the alarm, moves nothing."""
    if fact.details.get("referral") not in case.referred:
        return
    case.referred = case.referred - {fact.details.get("referral")}
    if case.unsafe and not case.referred and fact.details.get("end") != "done":
        case.alarm = fact.known_at  # nobody took the child over


def _tells_only(case: Progress, fact: Fact) -> None:
    """A fact of the timeline that changes no figure."""


RULES: dict[int, Callable[[Progress, Fact], None]] = {
    FactKind.LISTED: _listed,
    FactKind.ASSIGNED: _placed,
    FactKind.VISITED: _visited,
    FactKind.NOT_FOUND_APPROVED: _not_found_approved,
    FactKind.ENROLLED: _enrolled,
    FactKind.CATEGORY_SET: _category_set,
    FactKind.REPORTED: _reported,
    FactKind.ENROLMENT_CONFIRMED: _confirmed,
    FactKind.ENROLMENT_DENIED: _taken_back,
    FactKind.ENROLMENT_WITHDRAWN: _taken_back,
    FactKind.FOLLOWED_UP: _followed_up,
    FactKind.DROPPED_AGAIN: _dropped_again,
    FactKind.HANDED_OVER: _handed_over,
    FactKind.HELP_PLANNED: _helped,
    FactKind.REFERRED: _referred,
    FactKind.REFERRAL_ENDED: _referral_ended,
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
    **dict.fromkeys((FactKind.TEACHER_NAMED, FactKind.LEFT_LIST, FactKind.CHILD_CHANGED), _tells_only),
    **dict.fromkeys((FactKind.HELP_GIVEN, FactKind.CONFERRED, FactKind.REFERRAL_ANSWERED), _tells_only),
    **dict.fromkeys((FactKind.REQUESTED, FactKind.REQUEST_ANSWERED), _tells_only),
}


def apply(case: Progress, fact: Fact) -> None:
    """Let one fact, the next in order, do what its rule says."""
    RULES[fact.kind](case, fact)
    case.told.append(fact)
