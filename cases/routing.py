"""Who has a case: assigning it to a school, singly and in bulk, and naming the responsible teacher."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet

from cases import actions, requests
from cases.codes import FactKind, Stage
from cases.lifecycle import add_facts, check_version, lock
from cases.models import Case, Fact
from schools import audit, roles, tenure
from schools.models import Person, Posting, School
from schools.scope import covers, postings_of, unit_of_posting
from schools.thaitime import bangkok_today

TO_ROUTE = actions.BEFORE_RETURN - {Stage.NOT_FOUND}  # who is not found waits for a trace, not for a school


class Place(NamedTuple):
    """Enough of a place for the rule of scope (schools.scope.covers)."""

    school_id: int | None
    district_id: int
    province_id: int
    department_id: int


def place_of(school: School) -> Place:
    return Place(school.pk, school.district_id, school.province_id, school.district.department_id)


def assign_case(
    case: Case,
    school: School,
    *,
    person: Person,
    reason: str = "",
    at: date | datetime | None = None,
    version: int | None = None,
) -> Case:
    """Make `school` responsible for `case`. Both must stand in the scope of one posting that may assign.

    Raises PermissionDenied, actions.IllegalAction (409): wrong stage, closed school, or already there; StaleCase.
    """
    with transaction.atomic():
        locked = lock(case)
        actions.may(locked, person, "assign")
        check_version(locked, version)
        posting = posting_to_assign(locked, school, person)
        fact = assignment(locked, school, posting, reason=reason)
        fact.at = at
        moved = add_facts(locked, [fact, *requests.end_beyond(locked, place_of(school), posting=posting)])
        clear_teacher(moved)
        audit.record(
            "case_assigned",
            person=person,
            posting=posting,
            object_kind="case",
            object_key=moved.number,
            school=school.code,
        )
    return moved


def posting_to_assign(case: Case, school: School, person: Person) -> Posting:
    """By which `person` may give `case` to `school` (its district and province fetched along: no query).

    Raises PermissionDenied, actions.IllegalAction.
    """
    actions.may(case, person, "assign")
    posting = _posting_over_both(person, case, school)
    if school.closed_on is not None:
        raise actions.IllegalAction(f"{school.name_th} ยุบเลิกแล้ว เลือกโรงเรียนอื่น", f"{school.name_th} is closed.")
    if case.school_id == school.pk:
        raise actions.IllegalAction(f"กรณีนี้อยู่กับ{school.name_th}อยู่แล้ว", f"The case is with {school.name_th} already.")
    return posting


def assignment(case: Case, school: School, posting: Posting, *, reason: str = "", batch: str = "") -> Fact:
    """The fact of it; of a `batch` it says what an undo puts back."""
    details = {"batch": batch, "from": _stands(case)} if batch else {}
    return Fact(
        kind=FactKind.ASSIGNED,
        case=case,
        by=posting.person,
        posting=posting,
        unit=posting.unit,
        reason=reason,
        details=details,
        **place_of(school)._asdict(),
    )


def _stands(case: Case) -> dict[str, int | None]:
    """Where a case stands before it moves, by column: what an undo puts back."""
    return {
        f"{column}_id": getattr(case, f"{column}_id") for column in ("school", "district", "province", "department")
    }


def clear_teacher(case: Case) -> None:
    """The responsible teacher of a locked case that moved was the former school's."""
    if case.teacher_id is not None:
        case.teacher = None
        case.save(update_fields=["teacher"])


def _posting_over_both(person: Person, case: Case, school: School) -> Posting:
    for posting in postings_of(person):
        unit = unit_of_posting(posting)
        holds = unit is not None and roles.ASSIGN_CASES in roles.capabilities_of(posting)
        if holds and covers(unit, case) and covers(unit, SchoolPlace(school)):
            return posting
    raise PermissionDenied


class SchoolPlace:
    """A school seen as the place of a case, with the relations `covers` may follow."""

    def __init__(self, school: School):
        self.school, self.province = school, school.province
        self.school_id, self.district_id, self.province_id, self.department_id = place_of(school)


class Skipped(NamedTuple):
    """A case a bulk action left as it was, and why."""

    case: Case
    message_th: str
    message_en: str


def each_of(
    cases: Sequence[Case], act: Callable[[Case], Case], forbidden: tuple[str, str]
) -> tuple[list[Case], list[Skipped]]:
    """Do one act on many cases in one transaction; those that cannot be come back with the reason."""
    done, skipped = [], []
    with transaction.atomic():
        for case in sorted(cases, key=lambda case: case.pk):  # one order of locks: no deadlock
            try:
                with transaction.atomic():
                    done.append(act(case))
            except actions.IllegalAction as refusal:
                skipped.append(Skipped(case, refusal.message_th, refusal.message_en))
            except PermissionDenied:
                skipped.append(Skipped(case, *forbidden))
    return done, skipped


def teachers_of(*schools: School) -> list[Person]:
    """Who can be responsible at any of `schools` now: their teachers and directors."""
    units = [f"school:{school.code}" for school in schools]
    return sorted({posting.person for posting in at_schools(units)}, key=lambda person: person.get_full_name())


def at_schools(units: Iterable[str]) -> QuerySet[Posting]:
    """The postings by which somebody can be responsible at one of the schools `units` today; read-only twins cannot."""
    rule = tenure.holding(bangkok_today()) & Q(role__in=[Posting.Role.TEACHER, Posting.Role.DIRECTOR], read_only=False)
    return Posting.objects.filter(rule, unit__in=list(units), person__is_active=True).select_related("person")


def name_teacher(case: Case, teacher: Person, *, person: Person, version: int | None = None) -> Case:
    """Name the ครูผู้รับผิดชอบ of a case. Raises PermissionDenied, actions.IllegalAction, StaleCase."""
    with transaction.atomic():
        locked = lock(case)
        posting = actions.may(locked, person, "name_teacher")
        check_version(locked, version)
        if teacher not in teachers_of(locked.school):
            raise actions.IllegalAction(
                f"{teacher.get_full_name()} ไม่ได้ปฏิบัติงานที่โรงเรียนนี้แล้ว",
                f"{teacher.get_full_name()} is not posted at this school.",
            )
        fact = Fact(kind=FactKind.TEACHER_NAMED, by=person, posting=posting, unit=posting.unit, teacher=teacher)
        named = add_facts(locked, [fact])
        named.teacher = teacher
        named.save(update_fields=["teacher"])
        audit.record("teacher_named", person=person, posting=posting, object_kind="case", object_key=named.number)
    return named


def name_teachers(cases: Sequence[Case], teacher: Person, *, person: Person) -> tuple[list[Case], list[Skipped]]:
    """Name one ครูผู้รับผิดชอบ for many at once: for all that can have them; the rest come back with the reason."""
    return each_of(
        cases,
        lambda case: name_teacher(case, teacher, person=person),
        ("ท่านกำหนดครูของกรณีนี้ไม่ได้", "You may not name the teacher of this case."),
    )
