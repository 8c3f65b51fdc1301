"""Handing over somebody's open work when they move: to a named successor, or back to the school to be named anew.

What they did stays theirs: facts keep who, posting and unit; only the responsible teacher of open cases changes.
"""

from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count

from cases import actions
from cases.codes import FactKind
from cases.lifecycle import add_facts
from cases.models import Case, Fact
from cases.routing import SchoolPlace, at_schools, teachers_of
from schools import audit, roles
from schools.models import Person, School
from schools.scope import posting_for, visible

OPEN = sorted(actions.OPEN)


class OpenWork(NamedTuple):
    """How many open cases of a school one person is responsible for."""

    person: Person
    school: School
    cases: int
    has_left: bool  # is not posted at the school any more


def hand_over_cases(from_person: Person, to_person: Person | None, school: School, *, person: Person) -> list[Case]:
    """Every open case of `school` that `from_person` is responsible for becomes `to_person`'s, or nobody's (None).

    All or none; returns the cases. Raises PermissionDenied, actions.IllegalAction: the successor is not at the school.
    """
    if to_person is not None and (to_person == from_person or to_person not in teachers_of(school)):
        raise actions.IllegalAction(
            f"{to_person.get_full_name()} รับช่วงไม่ได้ เลือกคนที่ปฏิบัติงานที่โรงเรียนนี้และไม่ใช่คนเดิม",
            f"{to_person.get_full_name()} cannot take over. Choose somebody else who is posted at this school.",
        )
    moved = []
    with transaction.atomic():
        held = Case.objects.filter(teacher=from_person, school=school, stage__in=OPEN)
        for case in held.select_for_update(of=("self",)).order_by("pk"):  # one order of locks: no deadlock
            posting = actions.may(case, person, "name_teacher")
            fact = Fact(
                kind=FactKind.TEACHER_NAMED,
                by=person,
                posting=posting,
                unit=posting.unit,
                teacher=to_person,
                details={"handed_over_by": from_person.get_full_name()},
            )
            case = add_facts(case, [fact])
            case.teacher = to_person
            case.save(update_fields=["teacher"])
            audit.record(audit.NAME_TEACHER, person=person, posting=posting, object_kind="case", object_key=case.number)
            moved.append(case)
        audit.record(
            "work_handed_over",
            person=person,
            object_kind="person",
            object_key=from_person.username[:60],
            school=school.code,
            successor=to_person.username if to_person else "",
            cases=len(moved),
        )
    return moved


def open_work(person: Person) -> list[OpenWork]:
    """Who holds open cases in the schools where `person` names teachers, those who have left first."""
    mine = Case.objects.filter(visible(person, capability=roles.NAME_TEACHER), stage__in=OPEN)
    counted = (
        mine.exclude(teacher=None)
        .exclude(school=None)
        .order_by()
        .values_list("teacher_id", "school_id")
        .annotate(n=Count("pk"))
    )
    counts = {(teacher, school): n for teacher, school, n in counted}
    teachers = Person.objects.in_bulk({teacher for teacher, _ in counts})
    schools = School.objects.in_bulk({school for _, school in counts})
    here = stationed(schools.values())
    work = [
        OpenWork(teachers[teacher], schools[school], n, (teacher, schools[school].code) not in here)
        for (teacher, school), n in counts.items()
    ]
    return sorted(work, key=lambda one: (not one.has_left, one.school.sort_key, one.person.get_full_name()))


def stationed(schools) -> set[tuple[int, str]]:
    """(person, school code) of everybody who can be responsible at one of `schools` today."""
    units = {f"school:{school.code}": school.code for school in schools}
    return {(posting.person_id, units[posting.unit]) for posting in at_schools(units)}


def refuse_strangers(person: Person, school: School) -> None:
    """Raises PermissionDenied unless `person` names teachers at `school`."""
    if posting_for(person, roles.NAME_TEACHER, SchoolPlace(school)) is None:
        raise PermissionDenied
