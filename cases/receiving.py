"""นักเรียนที่รับกลับเข้าเรียน: what the school a child returned to, and its district, may know of the child.

Not the file: who, which grade, since when, from whom, and what is asked of them next. Which cases: the one method
Case.objects.received_by. What may be done: actions whose `receiver` says so.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.actions import allowed_actions
from cases.cards import lateness
from cases.codes import OBSERVED, EnrolmentRoute, FactKind, FollowUp, Stage
from cases.lifecycle import progress_of
from cases.models import Case
from cases.progress import Progress
from cases.queues import SOON
from cases.survivors import masks_of
from schools import clock
from schools.models import Person
from schools.thaitime import bangkok_date

RELATED = ("child", "school", "district__department", "enrolled_school__district")
WAITING = Q(stage=Stage.RETURNED_CLAIMED) | Q(stage__in=OBSERVED, claimed_by__isnull=False)


def due() -> Q:
    """What waits for the receiving side: to be confirmed, or to be asked after within a week."""
    return WAITING | Q(due_at__lt=clock.now() + SOON)


def waiting(person: Person) -> int:
    """How many received children wait for `person`'s side."""
    return Case.objects.received_by(person).filter(due()).count()


def rows(cases: Sequence[Case], person: Person) -> list[dict[str, Any]]:
    """A line a case, fetched with RELATED, in a fixed number of queries."""
    known = progress_of(cases)
    masks = masks_of([case.child_id for case in cases])
    return [_row(case, known[case.pk], masks.get(case.child_id, "")) for case in cases]


def _row(case: Case, known: Progress, mask: str) -> dict[str, Any]:
    kind, icon, words = lateness(case)
    said = known.entry()
    waits = case.stage == Stage.RETURNED_CLAIMED or known.handed_over is not None
    return {
        "case": case,
        "name": str(case.child),
        "url": reverse("cases:received_detail", args=[case.number]),
        "mask": mask,
        "grade": known.grade(),
        "since": bangkok_date(said.at),
        "confirmed": None if waits or known.received_at is None else bangkok_date(known.received_at),
        "route": "" if said.route == EnrolmentRoute.FROM_LIST else str(EnrolmentRoute(said.route).label),
        "unit": str(case.school or case.district),
        "school": str(case.enrolled_school or ""),
        "stage": str(Stage(case.stage).label),
        "waits": waits,
        "state": _("รอยืนยันว่ามาเรียนจริง") if waits else str(Stage(case.stage).label),
        "late_kind": kind,
        "late_icon": icon,
        "late_words": words,
        "follow_ups": [_follow_up(fact) for fact in known.told if _tells(fact, known)],
    }


def _tells(fact, known: Progress) -> bool:
    """A follow-up of this return, not of an earlier one."""
    return fact.kind == FactKind.FOLLOWED_UP and known.confirmed_at is not None and fact.at >= known.confirmed_at


def _follow_up(fact) -> dict[str, Any]:
    return {"at": bangkok_date(fact.at), "result": str(FollowUp(fact.follow_up).label), "reason": fact.reason}


def page(case: Case, person: Person) -> dict[str, Any]:
    """What the narrow page of one received child shows."""
    allowed = [one for one in allowed_actions(case, person) if one.action.receiver and not one.reason]
    return {"case": case, "row": rows([case], person)[0], "allowed": allowed}
