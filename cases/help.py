"""Help: the plan of a case, what was done of it, case conferences, and the alarm for an unsafe child.

The loop of seed 002 (find, plan, help, confer, until the child is in school) stands in these facts, round by round.
"""

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q

from cases import actions
from cases.codes import FactKind, Need
from cases.identity import scrub
from cases.lifecycle import add_facts, check_version, lock
from cases.models import Case, Fact, HelpAction
from schools import audit, clock, roles
from schools.models import Person, Posting
from schools.refusal import Refusal
from schools.scope import posting_for
from schools.thaitime import bangkok_date


class HelpRefused(Refusal):
    """The help cannot be so; `field` is what to mend."""

    def __init__(self, field: str, message_th: str, message_en: str):
        self.field, self.code = field, "help"
        super().__init__(message_th, message_en)


@transaction.atomic
def plan_help(
    case: Case, *, person: Person, what: str, need: str, who: str, due_on: date, version: int | None = None
) -> HelpAction:
    """Put one action on the plan. Raises PermissionDenied, IllegalAction, StaleCase, HelpRefused."""
    locked = lock(case)
    posting = actions.may(locked, person, "plan_help")
    _judge_due(due_on)
    fact = _planned(posting, [what], need, who, due_on)
    add_facts(locked, [fact], version=version)
    audit.record("help_planned", person=person, posting=posting, object_kind="case", object_key=locked.number)
    return _keep(locked, fact, what, need, who, due_on)


def _judge_due(due_on: date) -> None:
    if due_on < bangkok_date(clock.now()):
        raise HelpRefused("due_on", "กำหนดเสร็จต้องไม่ผ่านมาแล้ว", "The day it is due has passed.")


def _planned(posting: Posting, whats: Sequence[str], need: str, who: str, due_on: date) -> Fact:
    told = {"what": [scrub(what) for what in whats], "need": Need(need), "who": scrub(who), "due": due_on.isoformat()}
    return Fact(kind=FactKind.HELP_PLANNED, by=posting.person, posting=posting, unit=posting.unit, details=told)


def _keep(case: Case, fact: Fact, what: str, need: str, who: str, due_on: date) -> HelpAction:
    return HelpAction.objects.create(
        case=case, planned=fact, what=scrub(what), need=Need(need), who=scrub(who), due_on=due_on
    )


@transaction.atomic
def finish_help(help_action: HelpAction, *, person: Person, result: str, done_on: date | None = None) -> HelpAction:
    """This action is done, with its result. Raises PermissionDenied, IllegalAction (done already), HelpRefused."""
    case = lock(help_action.case)
    held = HelpAction.objects.select_for_update(of=("self",)).get(pk=help_action.pk)
    posting = posting_for(person, roles.RECORD_VISIT, case)
    if posting is None:
        raise PermissionDenied
    if held.done_id is not None:
        raise actions.IllegalAction("บันทึกผลของเรื่องนี้ไปแล้ว", "This action was finished already.")
    today = bangkok_date(clock.now())
    day = done_on or today
    if not bangkok_date(held.planned.at) <= day <= today:
        raise HelpRefused(
            "done_on", "วันที่ช่วยต้องไม่ก่อนวันวางแผนและไม่อยู่ในอนาคต", "Not before it was planned, and not in the future."
        )
    told = {"what": held.what, "need": held.need}
    fact = Fact(
        kind=FactKind.HELP_GIVEN,
        at=day if day > bangkok_date(held.planned.at) else None,  # on its first day: after the plan
        by=person,
        posting=posting,
        unit=posting.unit,
        reason=scrub(result),
        details=told,
    )
    add_facts(case, [fact])
    held.done, held.done_on, held.result = fact, day, scrub(result)
    held.save(update_fields=["done", "done_on", "result"])
    audit.record("help_given", person=person, posting=posting, object_kind="case", object_key=case.number)
    return held


@transaction.atomic
def confer(
    case: Case,
    *,
    person: Person,
    held_on: date,
    sat: str,
    agreed: Sequence[str],
    plan: bool = False,
    need: str = "",
    who: str = "",
    due_on: date | None = None,
    version: int | None = None,
) -> Case:
    """Record a case conference (ประชุมรายกรณี): when, who sat, what was agreed; with `plan` each agreed action goes on
    the plan of help. Raises PermissionDenied, IllegalAction, StaleCase, HelpRefused."""
    locked = lock(case)
    posting = actions.may(locked, person, "confer")
    today = bangkok_date(clock.now())
    if not bangkok_date(locked.opened_at) <= held_on <= today:
        raise HelpRefused(
            "held_on",
            "วันประชุมต้องไม่ก่อนวันเปิดแฟ้มและไม่อยู่ในอนาคต",
            "Not before the case opened, and not in the future.",
        )
    agreed = [scrub(one) for one in agreed]
    told = {"sat": scrub(sat), "agreed": agreed}
    who_did = {"by": person, "posting": posting, "unit": posting.unit}
    facts = [Fact(kind=FactKind.CONFERRED, at=held_on, details=told, **who_did)]
    if plan:
        _judge_due(due_on)
        facts.append(_planned(posting, agreed, need, who, due_on))
    moved = add_facts(locked, facts, version=version)
    for one in agreed if plan else ():
        _keep(moved, facts[1], one, need, who, due_on)
    audit.record("case_conferred", person=person, posting=posting, object_kind="case", object_key=moved.number)
    return moved


# ── an unsafe child ───────────────────────────────────────────────────────────────────────────────────────────────────
def flag_unsafe(case: Case, *, person: Person, reason: str, version: int | None = None) -> Case:
    """The child may not be safe: referred the same day, the place hidden. Raises PermissionDenied, IllegalAction."""
    return _set_safety(case, person, "flag_unsafe", FactKind.FLAGGED_UNSAFE, reason, version)


def clear_unsafe(case: Case, *, person: Person, reason: str, version: int | None = None) -> Case:
    """The child is safe again. Raises PermissionDenied, IllegalAction, StaleCase."""
    return _set_safety(case, person, "clear_unsafe", FactKind.UNSAFE_CLEARED, reason, version)


@transaction.atomic
def _set_safety(case, person, slug, kind, reason, version) -> Case:
    locked = lock(case)
    posting = actions.may(locked, person, slug)
    check_version(locked, version)
    fact = Fact(kind=kind, by=person, posting=posting, unit=posting.unit, reason=scrub(reason))
    moved = add_facts(locked, [fact])
    audit.record(slug, person=person, posting=posting, object_kind="case", object_key=moved.number)
    return moved


# ── reading ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def overdue_help(cases: Sequence[Case]) -> dict[int, int]:
    """case id → how many actions of its plan are past their day; cases with none are left out. One query."""
    late = Q(done__isnull=True, due_on__lt=bangkok_date(clock.now()))
    rows = HelpAction.objects.filter(late, case__in=cases).order_by().values_list("case").annotate(Count("pk"))
    return dict(rows)


def plan_of(case: Case) -> list[HelpAction]:
    """The whole plan: what is to be done first, the most urgent on top, then what was done."""
    found = HelpAction.objects.filter(case=case).order_by("due_on", "pk")
    today = bangkok_date(clock.now())
    for one in found:
        one.is_late = one.done_id is None and one.due_on < today
    return sorted(found, key=lambda one: one.done_id is not None)
