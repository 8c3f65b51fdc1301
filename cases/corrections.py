"""A record that was typed wrong is put right: asked with a reason, approved by a second person, nothing overwritten.

A correction is a further fact that names the old one (Fact.corrects) and stands in its place; the old one stays, and
what was reported before stays as it was (SPANS.md §9). Source: SECURITY AU-05 and AB11.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.db import transaction

from cases import actions, follow_ups, requests, visits
from cases.codes import FactKind, Finding, FollowUp, RequestKind, RequestState, Stage, Whereabouts
from cases.enrolment import WORDS
from cases.lifecycle import check_version, facts_of, lock
from cases.models import Case, Fact, Request, Visit
from cases.progress import in_order
from cases.visits import VisitRefused
from schools import audit, clock, roles
from schools.models import Person, Posting
from schools.refusal import Refusal
from schools.scope import level_above
from schools.thaitime import bangkok_date, thai_date
from schools.units import Unit, parse_unit

KINDS = (FactKind.VISITED, FactKind.ENROLLED, FactKind.FOLLOWED_UP)
UNKNOWN = "unknown"  # of whereabouts: taken back
_OF_FACT = ("finding", "outcome", "wish")
_OF_VISIT = ("whereabouts", "whereabouts_province")
_REPEATED = ("list_version", "category", "school", "district", "province", "department", "teacher", "other_case")
_REPEATED += ("finding", "outcome", "wish", "route", "grade", "follow_up", "reason", "source_words")


class NothingChanges(Refusal):
    """What is asked for is what stands already."""

    field, code = "record", "nothing_changes"
    message_th = "ยังไม่ได้เปลี่ยนค่าใดของบันทึกนี้ เปลี่ยนค่าที่ผิดก่อนส่ง"
    message_en = "Nothing of this record would change. Change what is wrong before sending."


def is_correctable(fact: Fact) -> bool:
    """Whether somebody may ask to correct this fact: it was typed here and still stands.

    What a list said is put right by the list; that a child left again is an episode of its own, not a date.
    """
    if fact.kind not in KINDS or fact.list_version_id is not None or fact.corrected_by.all():
        return False
    return hasattr(fact, "visit") if fact.kind == FactKind.VISITED else fact.follow_up != FollowUp.LEFT


def correctable(case: Case) -> list[Fact]:
    """The records of `case` that may be corrected, the newest first. What a merged duplicate says is not among them."""
    rows = case.facts.filter(kind__in=KINDS).select_related("visit", "posting").prefetch_related("corrected_by")
    return [fact for fact in rows.order_by("-at", "-pk") if is_correctable(fact)]


def stands(fact: Fact) -> dict[str, Any]:
    """What of a record can be corrected, as it stands: the day, and of a visit what it found."""
    said: dict[str, Any] = {"at": bangkok_date(fact.at).isoformat()}
    if fact.kind == FactKind.VISITED:
        visit = fact.visit
        said |= {name: getattr(fact, name) or 0 for name in _OF_FACT}
        said |= {"whereabouts": visit.whereabouts or UNKNOWN, "whereabouts_province": visit.whereabouts_province_id}
    return said


# ── asking ────────────────────────────────────────────────────────────────────────────────────────────────────
@transaction.atomic
def request_correction(
    case: Case,
    *,
    person: Person,
    record: int,
    reason: str,
    at: date | None = None,
    version: int | None = None,
    **said: Any,
) -> Request:
    """Ask a second person to correct the fact `record` of `case`.

    `said`: finding, outcome, wish, whereabouts, whereabouts_province of a visit. None leaves a value as it is; 0 and
    UNKNOWN take one back. Raises PermissionDenied, actions.IllegalAction, StaleCase, VisitRefused, NothingChanges.
    """
    locked = lock(case)
    posting = actions.may(locked, person, "request_correction")
    check_version(locked, version)
    fact = _standing(locked, record)
    changes = _changes(fact, {"at": at.isoformat() if at else None} | said)
    judge(locked, fact, changes)
    details = {"fact": fact.pk, "kind": fact.kind, "day": bangkok_date(fact.at).isoformat(), "changes": changes}
    to = _approver(posting, fact)
    return requests.ask(locked, RequestKind.CORRECTION, posting=posting, to=to, reason=reason, details=details)


def _standing(case: Case, record: int) -> Fact:
    fact = next((fact for fact in correctable(case) if fact.pk == record), None)
    if fact is None:
        raise actions.IllegalAction(
            "บันทึกนี้แก้ไขไม่ได้ อาจมีผู้แก้ไขไปแล้ว เปิดแฟ้มดูอีกครั้ง",
            "This record cannot be corrected; it may have been corrected already. Open the case again.",
        )
    return fact


def _changes(fact: Fact, said: Mapping[str, Any]) -> dict[str, list]:
    """field → [was, becomes] of what really changes. Raises NothingChanges, VisitRefused."""
    before = stands(fact)
    given = {name: getattr(value, "pk", value) for name, value in said.items() if value is not None}
    for name in given.keys() - before.keys():
        raise VisitRefused(name, "C01", "ของบันทึกนี้แก้ไขได้เฉพาะวันที่", "Of this record only the date can be corrected.")
    after = before | given
    if fact.kind == FactKind.VISITED:
        after |= _implied(before, after)
    changes = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
    if not changes:
        raise NothingChanges
    return changes


def _implied(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """A child nobody heard of said no wish; a province is named only of another province."""
    implied = {}
    if after["finding"] == Finding.NONE and after["wish"] == before["wish"]:
        implied["wish"] = 0
    if after["whereabouts"] != Whereabouts.OTHER_PROVINCE:
        implied["whereabouts_province"] = None
    return implied


def _approver(posting: Posting, fact: Fact) -> Unit:
    """The school itself for what its teacher typed and a teacher asks; else, as where no director is, the level above.

    So neither who asks nor who typed it sits at the desk that approves, unless that is an office of several.
    """
    own = parse_unit(posting.unit)
    plain = not any(roles.ANSWER in roles.CAPABILITIES[one.role] for one in (posting, fact.posting) if one)
    typed_here = fact.posting is not None and fact.posting.unit == posting.unit
    return own if plain and typed_here and requests.is_answered_at(own) else level_above(own)


# ── what can be so ────────────────────────────────────────────────────────────────────────────────────────────
def judge(case: Case, fact: Fact, changes: Mapping[str, list]) -> date | datetime:
    """When the record is of by these `changes`: its own moment where the day stays. Raises VisitRefused."""
    if fact.kind == FactKind.VISITED:
        return _judge_visit(case, fact, changes)
    return _judge_day(case, fact, changes)


def _judge_visit(case: Case, fact: Fact, changes: Mapping[str, list]) -> date | datetime:
    after = stands(fact) | {name: becomes for name, (_was, becomes) in changes.items()}
    day = date.fromisoformat(after["at"])
    try:
        said = visits.VisitContent(finding=after["finding"], wish=after["wish"] or None, done=day)
        visits.judge(case, said)
    except VisitRefused as refusal:
        field = "at" if refusal.field == "done_on" else refusal.field
        raise VisitRefused(field, refusal.code, refusal.message_th, refusal.message_en) from None
    if after["whereabouts"] == Whereabouts.OTHER_PROVINCE and not after["whereabouts_province"]:
        raise VisitRefused("whereabouts_province", "V03", "เลือกจังหวัดที่เด็กอยู่", "Choose the province where the child is.")
    return day if "at" in changes else fact.at


def _judge_day(case: Case, fact: Fact, changes: Mapping[str, list]) -> date | datetime:
    """A date of the return stays between the words before and after it: moved past one, it would undo or outlive it."""
    day, today = date.fromisoformat(changes["at"][1]), bangkok_date(clock.now())
    since, until = _around(case, fact)
    first, last = bangkok_date(since), bangkok_date(until) if until else today
    if not first <= day <= last:
        raise VisitRefused(
            "at",
            "V02",
            f"วันที่ต้องอยู่ระหว่าง {thai_date(first, plain=True)} ถึง {thai_date(last, plain=True)} ตามลำดับเหตุการณ์ในแฟ้ม",
            f"The date must be from {first.isoformat()} to {last.isoformat()}, as things happened in the file.",
        )
    if until and day == last:
        return until
    return since if day == first != today else day


def _around(case: Case, fact: Fact) -> tuple[datetime, datetime | None]:
    """Between which moments the return's history allows `fact`."""
    told = in_order(facts_of([case.pk])[case.pk])
    here = next(n for n, one in enumerate(told) if one.pk == fact.pk)
    began = (FactKind.ENROLMENT_CONFIRMED,) if fact.kind == FactKind.FOLLOWED_UP else WORDS
    since = [one.at for one in told[:here] if one.kind in began]
    until = [one.at for one in told[here + 1 :] if one.kind in WORDS]
    return (since[-1] if since else case.opened_at), min(until, default=None)


# ── granting ──────────────────────────────────────────────────────────────────────────────────────────────────
@transaction.atomic
def grant_correction(request: Request, *, person: Person, answer: str = "") -> Case:
    """Put the record right. Raises PermissionDenied, actions.IllegalAction (answered or corrected meanwhile, or to
    who typed it), VisitRefused (what happened since leaves no room for it)."""
    held, case = requests.hold(request)
    posting = requests.posting_to_answer(held, person)
    actions.still(case, "request_correction")
    fact, changes = _standing(case, held.details["fact"]), held.details["changes"]
    if fact.by_id == person.pk:
        raise actions.IllegalAction(
            "ผู้บันทึกอนุมัติการแก้ไขบันทึกของตนเองไม่ได้", "Who typed a record cannot approve its correction."
        )
    if case.stage == Stage.CLOSED:  # a visit moved behind the closing opens it again
        follow_ups.only_open_case(case)
    right = _corrected(fact, changes, judge(case, fact, changes), held, posting)
    moved = requests.settle(held, case, posting=posting, state=RequestState.GRANTED, answer=answer, facts=[right])
    if fact.kind == FactKind.VISITED:
        _repeat_visit(fact.visit, right, changes)
    audit.record(
        audit.CORRECT_RECORD,
        person=person,
        posting=posting,
        object_kind="case",
        object_key=case.number,
        reason=held.reason,
        record=fact.pk,
        replaced_by=right.pk,
        asked_by=held.asked_by.username,
        changed=sorted(changes),
        day=changes.get("at", []),
    )
    return moved


def _corrected(fact: Fact, changes: Mapping[str, list], at, request: Request, posting: Posting) -> Fact:
    """The fact that stands in the place of `fact`: of the same person and unit, with who put it right and why.

    It is still that person's: who claimed a return may not confirm it, whoever mended its date (AZ-10).
    """
    told = {
        "changes": changes,
        "reason": request.reason,
        "asked_by": request.asked_by.get_full_name(),
        "asked_unit": request.from_unit,
        "approved_by": posting.person.get_full_name(),
        "approved_unit": posting.unit,
    }
    said = {name: getattr(fact, name) for name in _REPEATED}
    said |= {name: becomes for name, (_was, becomes) in changes.items() if name in _OF_FACT}
    said |= {name: said[name] or None for name in ("outcome", "wish")}
    return Fact(
        kind=fact.kind,
        at=at,
        by_id=fact.by_id,
        posting_id=fact.posting_id,
        unit=fact.unit,
        corrects=fact,
        details=fact.details | {"correction": told},
        **said,
    )


def _repeat_visit(visit: Visit, fact: Fact, changes: Mapping[str, list]) -> None:
    """What else the visit said stands beside the corrected fact too; the pictures stay with the first."""
    own = {"fact_id", "uuid"}
    said = {field.attname: getattr(visit, field.attname) for field in Visit._meta.concrete_fields}
    said = {name: value for name, value in said.items() if name not in own}
    if "whereabouts" in changes:
        said["whereabouts"] = "" if changes["whereabouts"][1] == UNKNOWN else changes["whereabouts"][1]
    if "whereabouts_province" in changes:
        said["whereabouts_province_id"] = changes["whereabouts_province"][1]
    Visit.objects.create(fact=fact, uuid=uuid4(), **said)
