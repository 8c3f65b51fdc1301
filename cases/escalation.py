"""โรงเรียนแก้ไม่ได้: a school asks its district for help, round after round until the child is in school.

A round is one request. It stays open while the level above helps, and ends when the case is given back to the school
with advice or taken over; then the school may ask again. Source: seed 000 step 5, seed 002 steps 2–7, PRODUCT §3.
"""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from cases import actions, help_rounds, requests, transfers
from cases.codes import Remedy, RequestKind, RequestState
from cases.lifecycle import check_version, lock
from cases.models import Case, Request
from schools import clock
from schools.models import Person
from schools.refusal import Refusal
from schools.scope import level_above
from schools.units import parse_unit

SHORTEST_ANSWER = 5
HELPING = timedelta(days=30)  # as long as assisting may last; then the level above is asked (PRODUCT §3)


class AnswerMissing(Refusal):
    """The answer says not what will be done, or not how; `field` is which."""

    code = "answer_missing"

    def __init__(self, field: str, message_th: str, message_en: str):
        super().__init__(message_th, message_en)
        self.field = field


@transaction.atomic
def escalate(case: Case, *, person: Person, reason: str, version: int | None = None) -> Request:
    """What the unit cannot mend alone: the level above is asked to act and to answer.

    Raises PermissionDenied, IllegalAction (the round before is still open), StaleCase.
    """
    locked = lock(case)
    posting = actions.may(locked, person, "escalate")
    check_version(locked, version)
    to = level_above(parse_unit(posting.unit))
    details = {"round": help_rounds.next_round(locked)}
    return requests.ask(locked, RequestKind.ESCALATION, posting=posting, to=to, reason=reason, details=details)


@transaction.atomic
def grant_escalation(request: Request, *, person: Person, does: str = "", answer: str = "", to: str = "") -> Case:
    """Say what is done (a codes.Remedy): HELP keeps the round open, RETURN and TAKE_OVER (to `to`) end it.

    Raises PermissionDenied, IllegalAction, AnswerMissing, transfers.TransferRefused.
    """
    held, case = requests.hold(request)
    posting = requests.posting_to_answer(held, person)
    actions.still(case, "escalate")
    if does not in Remedy.values:
        raise AnswerMissing(
            "does",
            "เลือกว่าจะรับช่วย รับไปดูแลแทน หรือคืนโรงเรียนพร้อมแนวทาง",
            "Choose to help, to take the case over, or to give it back with advice.",
        )
    if len(answer.strip()) < SHORTEST_ANSWER:
        raise AnswerMissing(
            "answer",
            "บอกว่าจะทำอะไร หรือแนวทางที่ให้โรงเรียน อย่างน้อย 5 ตัวอักษร",
            "Say what will be done, or what you advise the school: at least 5 characters.",
        )
    if does == Remedy.HELP and is_helped(held):
        raise actions.IllegalAction(
            "รับช่วยไว้แล้ว เมื่อช่วยเสร็จให้คืนโรงเรียนพร้อมแนวทาง หรือรับไปดูแลแทน",
            "It is being helped already; give it back with advice, or take it over, when that is done.",
        )
    held.details["does"] = does
    if does == Remedy.HELP:
        return requests.take_up(held, case, posting=posting, until=clock.now() + HELPING, answer=answer)
    if does == Remedy.TAKE_OVER:
        return transfers.take(held, case, posting=posting, to=to, answer=answer)
    return requests.settle(held, case, posting=posting, state=RequestState.GRANTED, answer=answer)


def asked_of(cases: Sequence[Case]) -> dict[int, Request]:
    """case id → the round that is open, of those that have one. One query."""
    waiting = Request.objects.filter(case__in=cases, kind=RequestKind.ESCALATION, state=RequestState.WAITING)
    return {request.case_id: request for request in waiting}


def round_words(request: Request) -> str:
    """Which round of help it is, and whether it is being helped."""
    words = _("รอบที่ %(n)s") % {"n": request.details.get("round", 1)}
    return f"{words} · {_('กำลังช่วย')}" if is_helped(request) else words


def is_helped(request: Request) -> bool:
    """Whether the level above has taken the round up and not ended it yet."""
    return request.state == RequestState.WAITING and request.details.get("does") == Remedy.HELP
