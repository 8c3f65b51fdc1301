"""Back to school, both sides: the claim (แจ้งกลับเข้าเรียน), the receiving side's word on it, and the hand-over.

The case stays with the unit that has it; the school the child goes to gets a say (actions.Action.receiver) and the
narrow pages of cases.receiving. Source: PRODUCT §3, SECURITY AZ-10.
"""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from cases import actions, requests
from cases.codes import EnrolmentRoute, FactKind, RequestKind
from cases.identity import scrub
from cases.lifecycle import add_facts, check_version, lock
from cases.models import Case, Fact
from cases.visits import VisitRefused
from schools import audit, clock
from schools.models import Person, Posting, School
from schools.thaitime import bangkok_date, thai_date


@transaction.atomic
def claim_enrolment(
    case: Case,
    *,
    person: Person,
    route: str,
    at: date | None = None,
    school: School | None = None,
    grade: str = "",
    where: str = "",
    version: int | None = None,
) -> Case:
    """Record that the child is back in education; counted as claimed until the receiving side confirms.

    `school` for a school of ours; `where` names a place outside the system. Raises PermissionDenied,
    actions.IllegalAction, StaleCase, VisitRefused (a date in the future, or before what the
    file says already).
    """
    locked, posting = hold(case, person, "claim_enrolment", version)
    at = judged_day(at, since=latest_word(locked))
    _judge_place(route, school, where)
    fact = _going_to(FactKind.ENROLLED, posting, at=at, route=route, school=school, where=where, grade=grade)
    # the loop of help ends when the child is in school (seed 002, step 7)
    ended = requests.end_waiting(locked, posting, by=requests.RETURNED, kinds=[RequestKind.ESCALATION])
    return write(locked, posting, [fact, *ended], "enrolment_claimed")


@transaction.atomic
def confirm_enrolment(
    case: Case, *, person: Person, grade: str = "", note: str = "", version: int | None = None
) -> Case:
    """The receiving side's word that the child came: of the claim, or of the hand-over that waits.

    Raises PermissionDenied (also to who claimed it), actions.IllegalAction, StaleCase.
    """
    locked, posting = hold(case, person, "confirm_enrolment", version)
    fact = _said(FactKind.ENROLMENT_CONFIRMED, posting, reason=note, grade=grade)
    return write(locked, posting, [fact], "enrolment_confirmed")


@transaction.atomic
def deny_enrolment(case: Case, *, person: Person, reason: str, version: int | None = None) -> Case:
    """The receiving side's word that the child did not come: the claim stops counting from now. Raises as above."""
    locked, posting = hold(case, person, "deny_enrolment", version)
    fact = _said(FactKind.ENROLMENT_DENIED, posting, reason=reason)
    return write(locked, posting, [fact], "enrolment_denied")


@transaction.atomic
def withdraw_enrolment(case: Case, *, person: Person, reason: str, version: int | None = None) -> Case:
    """The sending side takes back what waits: the claim, or the hand-over. Raises as above."""
    locked, posting = hold(case, person, "withdraw_enrolment", version)
    fact = _said(FactKind.ENROLMENT_WITHDRAWN, posting, reason=reason)
    return write(locked, posting, [fact], "enrolment_withdrawn")


@transaction.atomic
def hand_over(
    case: Case,
    *,
    person: Person,
    route: str,
    grade: str,
    at: date | None = None,
    school: School | None = None,
    where: str = "",
    version: int | None = None,
) -> Case:
    """ส่งต่อระดับชั้น: the child goes on to the next level; nothing reached is lost, the new place confirms.

    Raises as claim_enrolment.
    """
    locked, posting = hold(case, person, "hand_over", version)
    at = judged_day(at, since=latest_word(locked))
    _judge_place(route, school, where)
    fact = _going_to(FactKind.HANDED_OVER, posting, at=at, route=route, school=school, where=where, grade=grade)
    return write(locked, posting, [fact], "handed_over")


# ── what the acts of a return share (also cases.follow_ups) ───────────────────────────────────────────────────


def hold(case: Case, person: Person, slug: str, version: int | None) -> tuple[Case, Posting]:
    """The case, locked, and the posting by which `person` acts. Raises PermissionDenied, IllegalAction, StaleCase."""
    locked = lock(case)
    posting = actions.may(locked, person, slug)
    check_version(locked, version)
    return locked, posting


def write(case: Case, posting: Posting, facts: list[Fact], event: str) -> Case:
    moved = add_facts(case, facts)
    audit.record(event, person=posting.person, posting=posting, object_kind="case", object_key=moved.number)
    return moved


def _said(kind: FactKind, posting: Posting, **more: Any) -> Fact:
    return Fact(kind=kind, by=posting.person, posting=posting, unit=posting.unit, **more)


def _going_to(kind: FactKind, posting: Posting, *, at, route, school, where, grade) -> Fact:
    return _said(
        kind,
        posting,
        at=at,
        route=EnrolmentRoute(route),
        school=school,
        grade=grade,
        details={"school": school.code, "name": school.name_th} if school else {"name": scrub(where)},
    )


def latest_word(case: Case) -> datetime:
    """When the file last said something of the return, or was opened: what follows cannot have been before.

    A day before it would stand before a denial or a confirmation in the order of facts, and be undone by it. What a
    duplicate merged in said counts as much.
    """
    said = Fact.objects.filter(Q(case=case) | Q(case__child__merged_into=case.child_id))
    words = said.filter(kind__in=WORDS, corrected_by__isnull=True).values_list("at", flat=True)
    return max([case.opened_at, *words])


WORDS = (  # what moves the return: in the order in which it was so
    FactKind.ENROLLED,
    FactKind.ENROLMENT_CONFIRMED,
    FactKind.ENROLMENT_DENIED,
    FactKind.ENROLMENT_WITHDRAWN,
    FactKind.HANDED_OVER,
    FactKind.DROPPED_AGAIN,
    FactKind.CLOSED,
)


def judged_day(at: date | None, *, since: datetime) -> date | datetime | None:
    """`at` as a fact takes it: a past day on which `since` was counts from that moment. None is now.

    Raises VisitRefused for a day in the future or before `since`.
    """
    if at is None:
        return None
    today, first = bangkok_date(clock.now()), bangkok_date(since)
    if at > today:
        raise VisitRefused("at", "V01", "วันที่อยู่ในอนาคต", "The date is in the future.")
    if at < first:
        raise VisitRefused(
            "at",
            "V02",
            f"วันที่ก่อนเหตุการณ์ที่บันทึกไว้แล้วในแฟ้ม ({thai_date(first, plain=True)})",
            f"The date is before what the file says already ({first.isoformat()}).",
        )
    return since if at == first != today else at


def _judge_place(route: str, school: School | None, where: str) -> None:
    if route == EnrolmentRoute.SCHOOL and school is None:
        raise VisitRefused("school", "X58", "เลือกสถานศึกษาที่เด็กกลับเข้าเรียน", "Choose the school.")
    if school is not None and school.closed_on is not None:
        raise VisitRefused("school", "X58", f"{school.name_th} ยุบเลิกแล้ว เลือกสถานศึกษาอื่น", f"{school.name_th} is closed.")
    if route == EnrolmentRoute.OUTSIDE and not where.strip():
        raise VisitRefused("where", "X58", "ระบุชื่อสถานศึกษา", "Name the place.")
