"""Many children to their schools at once: what would happen, doing it in one transaction, and one undo within a day.

A fixed number of queries for one child or for five hundred.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.db import transaction

from cases import actions, requests
from cases.codes import FactKind
from cases.lifecycle import add_facts, facts_of, lock
from cases.many_facts import add_to_each, lock_many
from cases.models import Case, Fact
from cases.routing import Place, Skipped, assignment, place_of, posting_to_assign
from schools import audit, clock
from schools.models import AuditEvent, Person, Posting, School

MOST = 500
UNDOABLE = timedelta(hours=24)
_PLACING = (FactKind.ASSIGNED, FactKind.TRANSFERRED)
Pair = tuple[Case, School]


class Batch(NamedTuple):
    """One bulk assignment that can still be undone."""

    key: str
    numbers: list[str]
    event: AuditEvent


class _Move(NamedTuple):
    case: Case
    school: School
    posting: Posting


def preview(pairs: Sequence[Pair], *, person: Person) -> tuple[list[Pair], list[Skipped]]:
    """What route_cases would do now; nothing is locked or written."""
    moves, skipped = _judged(pairs, person)
    return [(move.case, move.school) for move in moves], skipped


def route_cases(pairs: Sequence[Pair], *, person: Person, reason: str = "") -> tuple[list[Case], list[Skipped]]:
    """Assign every case to its school: all that can be, in one transaction; the rest come back with the reason."""
    batch, to = uuid4().hex, {case.pk: school for case, school in pairs}
    with transaction.atomic():
        held = lock_many(to)
        moves, skipped = _judged([(case, to[case.pk]) for case in held], person)
        moved = [move.case for move in moves]
        if moves:
            facts = [assignment(*move, reason=reason, batch=batch) for move in moves]
            add_to_each(facts)
            _clear_teachers(moved)
            _end_requests([(move.case, place_of(move.school), move.posting) for move in moves])
            _record(moves, batch, person)
    return moved, skipped


def _judged(pairs: Iterable[Pair], person: Person) -> tuple[list[_Move], list[Skipped]]:
    """Which of `pairs` the person may do, by which posting, and why not the others."""
    pairs = list(pairs)
    schools = School.objects.select_related("district", "province").in_bulk({school.pk for _case, school in pairs})
    moves, skipped = [], []
    for case, school in pairs:
        try:
            posting = posting_to_assign(case, schools[school.pk], person)
        except actions.IllegalAction as refusal:
            skipped.append(Skipped(case, refusal.message_th, refusal.message_en))
        except PermissionDenied:
            skipped.append(Skipped(case, "ท่านมอบหมายกรณีนี้ไม่ได้", "You may not assign this case."))
        else:
            moves.append(_Move(case, schools[school.pk], posting))
    return moves, skipped


def _clear_teachers(cases: Sequence[Case]) -> None:
    """The responsible teacher of a locked case that moved was the former school's."""
    Case.objects.filter(pk__in=[case.pk for case in cases if case.teacher_id]).update(teacher=None)


def _end_requests(moved: Sequence[tuple[Case, Place, Posting]]) -> None:
    """What waits at a unit that has one of these cases no more ends there: a query, and some for each that has any."""
    asked = requests.asked_about([case for case, _place, _posting in moved])
    for case, place, posting in moved:
        told = requests.end_beyond(case, place, posting=posting) if case.pk in asked else []
        if told:
            add_facts(lock(case), told)


def _record(moves: Sequence[_Move], batch: str, person: Person) -> None:
    """The batch as one event, for its undo, and the assignment of each case as when it is done alone."""
    postings = {move.posting.pk: move.posting for move in moves}
    for pk, posting in postings.items():
        numbers = [move.case.number for move in moves if move.posting.pk == pk]
        audit.record_each(audit.ASSIGN_CASE, numbers, person=person, posting=posting, object_kind="case", batch=batch)
    numbers = [move.case.number for move in moves]
    audit.record(audit.ROUTE_CASES, person=person, object_kind="batch", object_key=batch, cases=numbers)


def last_batch(person: Person) -> Batch | None:
    """The person's latest bulk assignment, if it is of the last day and was not undone."""
    events = AuditEvent.objects.filter(person=person, action__in=[audit.ROUTE_CASES, audit.UNDO_ROUTING])
    event = events.order_by("-pk").first()
    if event is None or event.action != audit.ROUTE_CASES or event.at < clock.now() - UNDOABLE:
        return None
    return Batch(event.object_key, event.details["cases"], event)


def undo_batch(key: str, *, person: Person) -> tuple[list[Case], list[Case]]:
    """Put back what batch `key` assigned; returns what went back and what had moved on since and stays.

    Raises actions.IllegalAction when it is not the person's latest of the last 24 hours, or was undone already.
    """
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)  # two undos of the same: one after the other
        batch = last_batch(person)
        if batch is None or batch.key != key:
            raise actions.IllegalAction(
                "ยกเลิกได้เฉพาะการมอบหมายครั้งล่าสุดของท่าน ภายใน 24 ชั่วโมง และครั้งเดียว",
                "Only your latest bulk assignment of the last 24 hours can be undone, once.",
            )
        held = lock_many(Case.objects.filter(number__in=batch.numbers).values_list("pk", flat=True))
        returns = _returns(held, batch.key, person)
        if returns:
            add_to_each(returns)
        back = [fact.case for fact in returns]
        _clear_teachers(back)
        _end_requests([(fact.case, _place(fact), fact.posting) for fact in returns])
        stayed = [case for case in held if case not in back]
        audit.record(
            audit.UNDO_ROUTING, person=person, object_kind="batch", object_key=key, back=len(back), stayed=len(stayed)
        )
    return back, stayed


def _place(fact: Fact) -> Place:
    return Place(fact.school_id, fact.district_id, fact.province_id, fact.department_id)


def _returns(held: Sequence[Case], batch: str, person: Person) -> list[Fact]:
    """The facts that undo; none for a case somebody worked on since, or that the person may not assign any more.

    Each stands in the place of the assignment it takes back, so a case is as late as it would have been without it.
    """
    known, returns = facts_of(case.pk for case in held), []
    for case in held:
        latest = known[case.pk][-1]
        if latest.kind not in _PLACING or latest.details.get("batch") != batch:
            continue
        try:
            posting = actions.may(case, person, "assign")
        except (PermissionDenied, actions.IllegalAction):
            continue
        returns.append(
            Fact(
                kind=FactKind.ASSIGNED,
                at=latest.at,
                corrects=latest,
                case=case,
                by=person,
                posting=posting,
                unit=posting.unit,
                details={"undoes": batch},
                **latest.details["from"],
            )
        )
    return returns
