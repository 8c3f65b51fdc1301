"""Many children to their schools at once: what would happen, doing it in one transaction, and one undo within a day."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.db import transaction

from cases import actions, requests
from cases.codes import FactKind
from cases.lifecycle import add_facts, lock
from cases.models import Case, Fact
from cases.routing import Place, Skipped, assign_case, clear_teacher, each_of
from schools import audit, clock
from schools.models import AuditEvent, Person, School

MOST = 500
UNDOABLE = timedelta(hours=24)
_PLACING = (FactKind.ASSIGNED, FactKind.TRANSFERRED)
Pair = tuple[Case, School]


class Batch(NamedTuple):
    """One bulk assignment that can still be undone."""

    key: str
    numbers: list[str]
    event: AuditEvent


def preview(pairs: Sequence[Pair], *, person: Person) -> tuple[list[Pair], list[Skipped]]:
    """What route_cases would do now, as far as it can be told without locks; nothing is written."""
    with transaction.atomic():
        done, skipped = _assign_all(pairs, person=person, reason="", batch="")
        transaction.set_rollback(True)
    moved = {case.pk for case in done}
    return [pair for pair in pairs if pair[0].pk in moved], skipped


def route_cases(pairs: Sequence[Pair], *, person: Person, reason: str = "") -> tuple[list[Case], list[Skipped]]:
    """Assign every case to its school: all that can be, in one transaction; the rest come back with the reason."""
    batch = uuid4().hex
    with transaction.atomic():
        moved, skipped = _assign_all(pairs, person=person, reason=reason, batch=batch)
        if moved:
            numbers = [case.number for case in moved]
            audit.record(audit.ROUTE_CASES, person=person, object_kind="batch", object_key=batch, cases=numbers)
    return moved, skipped


def _assign_all(pairs, *, person, reason, batch) -> tuple[list[Case], list[Skipped]]:
    to = {case.pk: school for case, school in pairs}
    return each_of(
        [case for case, _school in pairs],
        lambda case: assign_case(case, to[case.pk], person=person, reason=reason, batch=batch),
        ("ท่านมอบหมายกรณีนี้ไม่ได้", "You may not assign this case."),
    )


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
        back, stayed = [], []
        for case in Case.objects.filter(number__in=batch.numbers).order_by("pk"):
            put_back = _put_back(lock(case), batch.key, person)
            (back if put_back else stayed).append(case)
        audit.record(
            audit.UNDO_ROUTING, person=person, object_kind="batch", object_key=key, back=len(back), stayed=len(stayed)
        )
    return back, stayed


def _put_back(case: Case, batch: str, person: Person) -> bool:
    """Undo one; False where the case moved since, is past routing, or may not be assigned by the person any more."""
    latest = Fact.objects.filter(case=case, kind__in=_PLACING).order_by("-pk").first()
    if latest is None or latest.details.get("batch") != batch:
        return False
    if Fact.objects.filter(case=case, pk__gt=latest.pk).exists():  # somebody has worked on it since
        return False
    try:
        posting = actions.may(case, person, "assign")
    except (PermissionDenied, actions.IllegalAction):
        return False
    before = Place(**latest.details["from"])
    fact = Fact(
        kind=FactKind.ASSIGNED,
        by=person,
        posting=posting,
        unit=posting.unit,
        details={"undoes": batch},
        **before._asdict(),
    )
    clear_teacher(add_facts(case, [fact, *requests.end_beyond(case, before, posting=posting)]))
    return True
