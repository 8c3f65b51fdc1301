"""What one unit asks of another about a case: asked, answered by a second person, passed on, recalled, escalated.

The mechanism alone. What granting does is the business of the subject (closing, transfers, duplicates, …), which hands
in the facts. Whoever answers holds the case's lock, so of two answers at the same instant one wins and the other is
told so. Source: PRODUCT §3, SECURITY AZ-05 and AZ-10.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import override

from cases import nothing_to_approve, photos
from cases.actions import IllegalAction
from cases.codes import FactKind, RequestKind, RequestState, Stage
from cases.identity import scrub
from cases.lifecycle import add_facts, lock
from cases.models import Case, Fact, Request, RequestPicture
from schools import audit, clock, roles, tenure
from schools.models import District, Person, Posting, School
from schools.scope import addressed_to, covers, either, level_above, posting_for, postings_of, unit_of_posting, visible
from schools.thaitime import bangkok_today
from schools.units import Unit, parse_unit, unit_of

RETURNED = "returned"  # the child is in school: what was asked to bring it there has no purpose
MOVED = "moved"  # what ended a request, as Request.details says it: the case is no more at the unit that was asked
UNANSWERED = timedelta(days=7)  # then the level above is asked (PRODUCT §3)


@transaction.atomic
def ask(
    case: Case,
    kind: RequestKind,
    *,
    posting: Posting,
    to: Unit,
    reason: str,
    details: dict[str, Any] | None = None,
    other_case: Case | None = None,
    pictures: Sequence[photos.Picture] = (),
) -> Request:
    """Put a question about a locked `case` to the unit `to`. The caller has asked actions.may.

    Raises IllegalAction when the same is being asked already. Pictures are kept, or none with the request.
    """
    if Request.objects.filter(case=case, kind=kind, state=RequestState.WAITING).exists():
        raise IllegalAction(
            f"มีคำขอ “{RequestKind(kind).label}” ของแฟ้มนี้รอพิจารณาอยู่แล้ว",
            f"“{kind}” of this case is being asked already.",
        )
    now = clock.now()
    request = Request.objects.create(
        case=case,
        kind=kind,
        asked_by=posting.person,
        asked_posting=posting,
        from_unit=posting.unit,
        asked_at=now,
        to_unit=str(to),
        since=now,
        due_at=now + UNANSWERED,
        reason=scrub(reason),
        details=details or {},
        other_case=other_case,
    )
    photos.keep_all(pictures, lambda path, picture: _keep(request, path, picture))
    told = {"request": kind, "to": str(to)} | (details or {})
    add_facts(case, [_fact(FactKind.REQUESTED, posting, request.reason, told)])
    audit.record(
        "request_asked", person=posting.person, posting=posting, kind=kind, **in_trail(request, posting.person)
    )
    return request


def _keep(request: Request, path: str, picture: photos.Picture) -> None:
    RequestPicture.objects.create(request=request, path=path, received_at=clock.now(), **picture.described())


def _fact(kind: FactKind, posting: Posting, reason: str, details: dict[str, Any], **more) -> Fact:
    return Fact(
        kind=kind, by=posting.person, posting=posting, unit=posting.unit, reason=reason, details=details, **more
    )


def posting_to_answer(request: Request, person: Person) -> Posting:
    """The posting by which `person` answers what waits at its unit. Raises PermissionDenied: also for the asker."""
    posting = answering(request, person)
    if posting is None:
        raise PermissionDenied
    return posting


def answering(request: Request, person: Person) -> Posting | None:
    """The same, or None."""
    if person.pk == request.asked_by_id:
        return None
    for posting in postings_of(person):
        unit = unit_of_posting(posting)
        if unit and str(unit) == request.to_unit and roles.ANSWER in roles.capabilities_of(posting):
            return posting
    return None


def is_answered_at(unit: Unit) -> bool:
    """Whether somebody can answer there today."""
    answering = [role for role, held in roles.CAPABILITIES.items() if roles.ANSWER in held]
    holding = Posting.objects.filter(tenure.holding(bangkok_today()), unit=str(unit), read_only=False)
    return holding.filter(role__in=answering, person__is_active=True).exists()


def stands_at(request: Request, person: Person) -> bool:
    """Whether `person` answers for the unit the request stands at, be it answered already or one's own."""
    return any(
        posting.unit == request.to_unit and roles.ANSWER in roles.capabilities_of(posting)
        for posting in postings_of(person)
        if unit_of_posting(posting)
    )


def hold(request: Request) -> tuple[Request, Case]:
    """The request and its case, locked: the case first, always. Raises IllegalAction when it was answered meanwhile."""
    case = lock(request.case)
    held = Request.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if held.state == RequestState.ENDED:
        with override("th"):
            th = f"คำขอนี้สิ้นสุดแล้ว: {ended_by(held)}"
        with override("en"):
            raise IllegalAction(th, f"This request has ended: {ended_by(held)}.")
    if held.state != RequestState.WAITING:
        raise IllegalAction(
            f"มีผู้พิจารณาคำขอนี้แล้ว ({RequestState(held.state).label})", f"This request was answered already ({held.state})."
        )
    if held.case_id != case.pk:  # a merge, or its undoing, moved it while this waited for the lock
        raise IllegalAction(
            "แฟ้มเพิ่งถูกรวมหรือแยก เปิดคำขอนี้ใหม่แล้วลองอีกครั้ง", "The file was just merged or parted. Open the request again."
        )
    held.case = case
    return held, case


def ended_by(request: Request) -> str:
    """What ended a request that nobody answered, in words."""
    what = request.details.get("ended_by", "")
    if what == nothing_to_approve.FOUND:
        return _("พบตัวเด็กแล้ว")
    if what == RequestKind.MERGE:
        return _("รวมแฟ้มที่ซ้ำ")
    if what == MOVED:
        return _("แฟ้มย้ายไปหน่วยงานอื่นแล้ว")
    if what == RETURNED:
        return str(FactKind.ENROLLED.label)
    return str(RequestKind(what).label) if what in RequestKind.values else ""


def settle(
    request: Request, case: Case, *, posting: Posting, state: RequestState, answer: str = "", facts: Sequence[Fact] = ()
) -> Case:
    """Write the answer of a held request and what it does (`facts`, in order). Returns the case as it now stands.

    What else waits of a case that is closed, removed or transferred by it ends with it.
    """
    request.state, request.answer = state, scrub(answer)
    request.answered_by, request.answered_posting, request.answered_at = posting.person, posting, clock.now()
    request.save(update_fields=["state", "answer", "answered_by", "answered_posting", "answered_at"])
    told = {"request": request.kind, "answer": state} | _of_help(request)
    answered = _fact(FactKind.REQUEST_ANSWERED, posting, request.answer, told)
    moved = add_facts(case, [answered, *facts, *_ended(case, facts, posting, by=request.kind)])
    who = {"person": posting.person, "posting": posting}
    audit.record("request_answered", **who, kind=request.kind, state=state, **in_trail(request, posting.person))
    return moved


def unknown(request: Request, person: Person) -> bool:
    """Whether the asker's side may not learn whose case it is, nor where (AZ-07)."""
    return request.kind == RequestKind.KNOWN and posting_for(person, roles.SEE_CASES, request.case) is None


def in_trail(request: Request, person: Person) -> dict[str, str]:
    """How the trail names what `person` does with a request: by its case, unless they may not know which it is."""
    if unknown(request, person):
        return {"object_kind": "request", "object_key": str(request.pk)}
    return {"object_kind": "case", "object_key": request.case.number}


_ENDING = frozenset({FactKind.CLOSED, FactKind.VOIDED, FactKind.MERGED_AWAY, FactKind.TRANSFERRED})


def _of_help(request: Request) -> dict[str, Any]:
    """What the level above does about an escalation (cases.escalation)."""
    return {"does": request.details["does"]} if "does" in request.details else {}


def _ended(case: Case, facts: Sequence[Fact], posting: Posting, *, by: str) -> list[Fact]:
    """End what waits of a case that `facts` close, remove or transfer; returns the facts that tell it."""
    kinds = {fact.kind for fact in facts}
    if FactKind.VOIDED in kinds:
        transaction.on_commit(partial(end_pointless_merges, case.pk))
    return end_waiting(case, posting, by=by) if kinds & _ENDING else []


def end_waiting(case: Case, posting: Posting, *, by: str, kinds: Sequence[str] = RequestKind.values) -> list[Fact]:
    """End what waits of a locked case that moved on, by what; returns the facts that tell it."""
    return [end(request, posting, by=by) for request in waiting_about(case).filter(kind__in=kinds)]


def take_up(request: Request, case: Case, *, posting: Posting, until: datetime, answer: str = "") -> Case:
    """Answered, not ended: a held request that is worked on waits at the same unit `until` then."""
    request.due_at, request.answer = until, scrub(answer)
    request.save(update_fields=["due_at", "answer", "details"])
    moved = add_facts(case, [told_of(request, posting, "taken_up", answer)])
    who = {"person": posting.person, "posting": posting}
    audit.record("request_taken_up", **who, kind=request.kind, **in_trail(request, posting.person))
    return moved


def waiting_about(case: Case) -> QuerySet[Request]:
    """What waits of a locked case, held."""
    waiting = Request.objects.select_for_update(of=("self",)).filter(case=case, state=RequestState.WAITING)
    return waiting.order_by("pk")


def asked_about(cases: Sequence[Case]) -> set[int]:
    """The keys of those of `cases` about which something waits that end_beyond might end."""
    waiting = Request.objects.filter(case__in=cases, state=RequestState.WAITING).exclude(kind=RequestKind.TRANSFER)
    return set(waiting.values_list("case_id", flat=True))


def end(request: Request, posting: Posting | None, *, by: str) -> Fact:
    """Nobody needs to answer a held request any more; returns the fact that tells it, not yet written."""
    request.end(by=by, at=clock.now())
    return told_of(request, posting, RequestState.ENDED)


def told_of(request: Request, posting: Posting | None, answer: str, reason: str = "", **more: str) -> Fact:
    """The fact, not yet written, of what became of a request; `posting` is None when the clock does it."""
    told = {"request": request.kind, "answer": answer} | _of_help(request) | more
    if posting is None:
        return Fact(kind=FactKind.REQUEST_ANSWERED, unit="nation", details=told)
    return _fact(FactKind.REQUEST_ANSWERED, posting, scrub(reason), told)


def end_beyond(case: Case, place, *, posting: Posting) -> list[Fact]:
    """A locked case is given to `place` (its four columns): what waits at a unit that has it no more ends there.

    Returns the facts that tell it. A transfer waits where the case is not yet; a word about a child who is known goes
    on to the level above the new unit: who sent it is told all the same.
    """
    told = []
    for request in waiting_about(case).exclude(kind=RequestKind.TRANSFER):
        if covers(parse_unit(request.to_unit), place):
            continue
        if request.kind != RequestKind.KNOWN:
            told.append(end(request, posting, by=MOVED))
            continue
        told.append(put_to(request, _level_above(place), posting))
    return told


def end_pointless_merges(case_id: int | None = None) -> int:
    """End the requests to merge (of one case, or all) of which a case is void meanwhile; returns how many. Idempotent.

    A transaction of its own, each: whoever voids the second case of a pair must not ask for the first one's lock.
    """
    gone = Q(case__stage=Stage.VOID) | Q(other_case__stage=Stage.VOID)
    rows = Request.objects.filter(gone, kind=RequestKind.MERGE, state=RequestState.WAITING)
    if case_id is not None:
        rows = rows.filter(Q(case=case_id) | Q(other_case=case_id))
    count = 0
    for request in rows.order_by("case_id", "pk").select_related("case", "other_case__child"):
        with transaction.atomic():
            try:
                held, case = hold(request)
            except IllegalAction:  # answered since it was read
                continue
            merged = request.other_case.child.merged_into_id or request.case.child.merged_into_id
            add_facts(case, [end(held, None, by=RequestKind.MERGE if merged else RequestKind.REMOVAL)])
            count += 1
    return count


def _level_above(place) -> Unit:
    row = School.objects.get(pk=place.school_id) if place.school_id else District.objects.get(pk=place.district_id)
    return level_above(unit_of(row))


@transaction.atomic
def refuse(request: Request, *, person: Person, answer: str) -> Case:
    """Not granted, with the reason. Raises PermissionDenied, IllegalAction."""
    held, case = hold(request)
    posting = posting_to_answer(held, person)
    return settle(held, case, posting=posting, state=RequestState.REFUSED, answer=answer)


@transaction.atomic
def recall(request: Request, *, person: Person, answer: str = "") -> Case:
    """Taken back by the unit that asked. Raises PermissionDenied, IllegalAction."""
    held, case = hold(request)
    posting = recalling(held, person)
    if posting is None:
        raise PermissionDenied
    return settle(held, case, posting=posting, state=RequestState.RECALLED, answer=answer)


def recalling(request: Request, person: Person) -> Posting | None:
    """The posting by which `person` takes back what their unit asked, or None; one there may only read."""
    capability = roles.REPORT_CHILD if request.kind == RequestKind.KNOWN else roles.ASK
    for posting in postings_of(person):
        if posting.unit == request.from_unit and capability in roles.capabilities_of(posting):
            return posting
    return None


def pass_on(request: Request, case: Case, *, posting: Posting | None, to: Unit, answer: str = "") -> None:
    """A held request waits at another unit from now on; `posting` is None when the clock does it."""
    add_facts(case, [put_to(request, to, posting, answer)])


def put_to(request: Request, to: Unit, posting: Posting | None, answer: str = "") -> Fact:
    """The same, but for the fact that tells it, which is given back, not yet written."""
    told = told_of(request, posting, "passed_on" if posting else "unanswered", answer, to=str(to), name=to.name)
    request.details.pop("does", None)  # what was promised there; the level above says what it does
    request.to_unit, request.since = str(to), clock.now()
    request.due_at = request.since + UNANSWERED
    request.escalated = request.escalated or posting is None
    request.save(update_fields=["to_unit", "since", "due_at", "escalated", "details"])
    return told


def escalate_unanswered() -> int:
    """Ask the level above what went unanswered for seven days; returns how many. Again and again harmless."""
    late = Request.objects.filter(state=RequestState.WAITING, due_at__lt=clock.now()).exclude(to_unit="nation")
    count = 0
    for request in late.order_by("case_id", "pk").select_related("case"):
        with transaction.atomic():
            try:
                held, case = hold(request)
            except IllegalAction:  # answered since it was read
                continue
            if held.due_at < clock.now():
                pass_on(held, case, posting=None, to=level_above(parse_unit(held.to_unit)))
                count += 1
    return count


def waiting_for(person: Person) -> QuerySet[Request]:
    """What `person` may answer now."""
    own = [
        posting.unit
        for posting in postings_of(person)
        if roles.ANSWER in roles.capabilities_of(posting) and unit_of_posting(posting)
    ]
    waiting = Request.objects.filter(state=RequestState.WAITING, to_unit__in=own)
    return waiting.exclude(asked_by=person).order_by("due_at", "pk")


class Waiting(NamedTuple):
    """How many requests wait for somebody, and how many of them are overdue."""

    count: int
    overdue: int


def counts(person: Person) -> Waiting:
    """What the menu says of อนุมัติ: one query."""
    late = Count("pk", filter=Q(due_at__lt=clock.now()))
    return Waiting(**waiting_for(person).order_by().aggregate(count=Count("pk"), overdue=late))


def visible_to(person: Person) -> QuerySet[Request]:
    """The requests `person` may read: of cases in scope, those put to or asked by units of theirs, and their own.

    What they asked elsewhere, in a posting that is over, is not theirs to follow any more.
    """
    put_to, asked_from = (addressed_to(person, column, roles.ANSWER) for column in ("to_unit", "from_unit"))
    own = Q(asked_by=person, from_unit__in=[posting.unit for posting in postings_of(person)])
    return Request.objects.filter(either(visible(person, "case__"), put_to, asked_from, own))
