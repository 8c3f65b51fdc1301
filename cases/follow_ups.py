"""After the return: is the child still in school? (60, 120, 180, 240 days), and dropping out again.

The unit that has the case and the school the child goes to may both record. Source: PRODUCT §3.
"""

from datetime import date, datetime

from django.db import transaction

from cases import actions
from cases.codes import Category, FactKind, FollowUp, Outcome, Stage
from cases.enrolment import hold, judged_day, latest_word, write
from cases.lifecycle import progress_of
from cases.models import Case, Fact
from cases.visits import VisitRefused
from schools import clock
from schools.models import Person, Posting
from schools.thaitime import bangkok_date


@transaction.atomic
def record_follow_up(
    case: Case,
    *,
    person: Person,
    result: str,
    at: date | None = None,
    reason: str = "",
    outcome: int | None = None,
    version: int | None = None,
) -> Case:
    """Record what a follow-up found; `result` is a codes.FollowUp. Who left again begins a new episode.

    Raises PermissionDenied, actions.IllegalAction, StaleCase, VisitRefused (a date in the future or before the return
    was confirmed; still in school a second time on one day; left again without why).
    """
    locked, posting = hold(case, person, "follow_up", version)
    result, known = FollowUp(result), progress_of([locked])[locked.pk]
    since = latest_word(locked) if result == FollowUp.LEFT else known.confirmed_at
    if result == FollowUp.STILL and known.passed_on(at or bangkok_date(clock.now())):
        raise VisitRefused(
            "at",
            "X58",
            "วันนั้นบันทึกไว้แล้วว่ายังเรียนอยู่ การติดตามแต่ละครั้งต้องคนละวัน",
            "That day's follow-up is recorded already. Each follow-up is of its own day.",
        )
    at = judged_day(at, since=since)
    if result == FollowUp.LEFT and not reason.strip():
        raise VisitRefused("reason", "X58", "บอกด้วยว่าออกเพราะอะไร", "Say why the child left.")
    facts = [_fact(FactKind.FOLLOWED_UP, posting, at, reason, follow_up=result)]
    if result == FollowUp.LEFT:
        facts.append(_dropped(posting, at, reason, outcome, Category.DROPOUT))
    return write(locked, posting, facts, "followed_up")


@transaction.atomic
def drop_again(
    case: Case,
    *,
    person: Person,
    reason: str,
    at: date | None = None,
    outcome: int | None = None,
    category: int = Category.DROPOUT,
    version: int | None = None,
) -> Case:
    """Begin a new episode of the same case: the child left school again. `outcome` is the cause, if known.

    Raises as record_follow_up; IllegalAction also when the child has another open case.
    """
    locked, posting = hold(case, person, "drop_again", version)
    since = latest_word(locked)
    at = judged_day(at, since=max(since, locked.stage_since) if locked.stage == Stage.FOUND else since)
    if locked.stage == Stage.CLOSED:
        only_open_case(locked)
    return write(locked, posting, [_dropped(posting, at, reason, outcome, category)], "dropped_again")


def only_open_case(case: Case) -> None:
    """Raises IllegalAction when the child of a closed `case` is tracked in another one."""
    other = case.child.cases.exclude(pk=case.pk).exclude(stage__in=[Stage.CLOSED, Stage.VOID]).first()
    if other is not None:
        raise actions.IllegalAction(
            f"เด็กคนนี้มีแฟ้มที่ติดตามอยู่แล้ว ({other.number})", f"This child has an open case already ({other.number})."
        )


def _dropped(posting: Posting, at: date | datetime | None, reason: str, outcome: int | None, category: int) -> Fact:
    cause = Outcome(outcome) if outcome else None
    return _fact(FactKind.DROPPED_AGAIN, posting, at, reason, outcome=cause, category=Category(category))


def _fact(kind: FactKind, posting: Posting, at: date | datetime | None, reason: str, **more) -> Fact:
    return Fact(kind=kind, at=at, by=posting.person, posting=posting, unit=posting.unit, reason=reason.strip(), **more)
