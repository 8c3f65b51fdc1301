"""What to do next: งานของฉัน for those who visit, and what waits for officers."""

from datetime import timedelta
from typing import NamedTuple

from django.db.models import Case as When
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value
from django.db.models import When as Is
from django.db.models.functions import Coalesce

from cases.actions import BEFORE_RETURN
from cases.codes import FactKind, ReferralState, Stage
from cases.escalation import asked_of
from cases.help import overdue_help
from cases.models import Case, Fact, Referral
from cases.routing import TO_ROUTE
from schools import clock, roles
from schools.models import Person
from schools.scope import visible

SOON = timedelta(days=7)
WORKING = [
    Stage.NEW,
    Stage.ASSIGNED,
    Stage.TRACKING,
    Stage.FOUND,
    Stage.ASSISTING,
    Stage.RETURNED_CLAIMED,
    Stage.RETURNED_CONFIRMED,
    Stage.OBSERVING,
]
FINAL = (ReferralState.DONE, ReferralState.REJECTED)  # what a partner says last of a referral
TABS = ("overdue", "soon", "all")
SHOWN = 50  # cards on the page; the rest is one link away


class Counts(NamedTuple):
    overdue: int
    soon: int
    all: int
    unassigned: int
    without_teacher: int


# whom a school has and nobody there yet is responsible for
WITHOUT_TEACHER = Q(stage__in=WORKING, school__isnull=False, teacher__isnull=True)


def working_cases(person: Person) -> QuerySet[Case]:
    """The open cases `person` can do something about."""
    return own_cases(person).filter(Q(stage__in=WORKING) | Q(is_unsafe=True, due_at__isnull=False))


def own_cases(person: Person) -> QuerySet[Case]:
    """Those that are `person`'s work, whatever their stage: of a teacher her own and her school's unassigned ones."""
    cases = Case.objects.filter(visible(person, capability=roles.RECORD_VISIT))
    if roles.can(person, roles.NAME_TEACHER) or roles.can(person, roles.ASSIGN_CASES):
        return cases
    return cases.filter(Q(teacher=person) | Q(teacher__isnull=True))


def due(cases: QuerySet[Case], tab: str) -> QuerySet[Case]:
    """One tab of the queue: overdue, due within seven days, or all."""
    moment = clock.now()
    if tab == "overdue":
        return cases.filter(due_at__lt=moment)
    if tab == "soon":
        return cases.filter(due_at__gte=moment, due_at__lt=moment + SOON)
    return cases


def answered(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Those of whom a partner gave its last word and nobody has visited since: the answer waits to be acted on."""
    since = Coalesce(OuterRef("last_visit_at"), OuterRef("opened_at"))
    final = Referral.objects.filter(case=OuterRef("pk"), state__in=FINAL, ended_at__gt=since)
    return cases.filter(Exists(final), stage__in=BEFORE_RETURN)


def in_turn(cases: QuerySet[Case], person: Person) -> QuerySet[Case]:
    """Hers first, then the school's unassigned; within each the most urgent first."""
    return cases.annotate(
        turn=When(Is(teacher=person, then=Value(0)), default=Value(1), output_field=IntegerField())
    ).order_by("turn", F("due_at").asc(nulls_last=True), "id")


def counts(cases: QuerySet[Case]) -> Counts:
    """How many are overdue, due soon, in all, without a school, and of a school without a teacher: one query."""
    moment = clock.now()
    return Counts(
        **cases.aggregate(
            overdue=Count("pk", filter=Q(due_at__lt=moment)),
            soon=Count("pk", filter=Q(due_at__gte=moment, due_at__lt=moment + SOON)),
            all=Count("pk"),
            unassigned=Count("pk", filter=Q(school__isnull=True, stage__in=TO_ROUTE)),
            without_teacher=Count("pk", filter=WITHOUT_TEACHER),
        )
    )


def with_help(cases: list[Case]) -> list[Case]:
    """The cases, each with `help_overdue` (actions of its plan), `help_asked` (the request that waits with the level
    above) and `awaits_referral` (an unsafe child whom no partner watches over): two queries, and one more where a child
    is unsafe."""
    late, asked = overdue_help(cases), asked_of(cases)
    unsafe = [case.pk for case in cases if case.is_unsafe]
    rows = Referral.objects.live().filter(case__in=unsafe, for_safety=True).values_list("case", flat=True)
    watched = set(rows) if unsafe else set()
    for case in cases:
        case.help_overdue, case.help_asked = late.get(case.pk, 0), asked.get(case.pk)
        case.awaits_referral = case.is_unsafe and case.pk not in watched
    return cases


def with_last_visit(cases: QuerySet[Case]) -> list[Case]:
    """The cases, each with `last_visit_fact` (or None): one query more, however many."""
    found = list(cases)
    latest: dict[int, Fact] = {}
    visits = Fact.objects.filter(case__in=found, kind=FactKind.VISITED, corrected_by__isnull=True)
    for fact in visits.select_related("visit").order_by("at", "pk"):
        latest[fact.case_id] = fact
    for case in found:
        case.last_visit_fact = latest.get(case.pk)
    return found
