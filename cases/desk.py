"""มอบหมาย/รับโอน: the children without a school, what comes in, what was sent out, what nobody answered."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from cases import answering, requests
from cases.actions import BEFORE_RETURN
from cases.cards import row
from cases.codes import RequestKind, RequestState
from cases.models import Case, Request
from cases.suggestions import suggest
from schools import clock, roles
from schools.models import Person
from schools.paging import page_of
from schools.scope import postings_of, visible

KINDS = (RequestKind.TRANSFER, RequestKind.ESCALATION)
TABS = ("unrouted", "incoming", "outgoing", "unanswered")
RELATED = ("child__tambon", "child__amphoe", "child__province", "school", "district", "province")
SHOWN = 200


def unrouted(person: Person) -> QuerySet[Case]:
    """The children without a school whom `person` may assign to one."""
    rule = visible(person, capability=roles.ASSIGN_CASES)
    return Case.objects.filter(rule, school__isnull=True, stage__in=BEFORE_RETURN)


def incoming(person: Person) -> QuerySet[Request]:
    return requests.waiting_for(person).filter(kind__in=KINDS)


def outgoing(person: Person) -> QuerySet[Request]:
    """What the person's own units asked of others and waits."""
    own = [posting.unit for posting in postings_of(person) if roles.ASK in roles.capabilities_of(posting)]
    waiting = Request.objects.filter(kind__in=KINDS, state=RequestState.WAITING)
    return waiting.filter(Q(from_unit__in=own) | Q(asked_by=person)).order_by("due_at", "pk")


def unanswered(person: Person) -> QuerySet[Request]:
    """Of both what is overdue, or climbed because nobody answered."""
    mine = Q(pk__in=incoming(person).order_by().values("pk")) | Q(pk__in=outgoing(person).order_by().values("pk"))
    return Request.objects.filter(mine, Q(due_at__lt=clock.now()) | Q(escalated=True)).order_by("due_at", "pk")


def tabs(person: Person, chosen: str) -> list[dict[str, Any]]:
    labels = (_("ยังไม่มอบหมาย"), _("รับโอน"), _("ส่งออก"), _("ไม่มีคำตอบ"))
    parts = (unrouted, incoming, outgoing, unanswered)
    counted = zip(TABS, labels, parts, strict=True)
    return [
        {"slug": slug, "label": label, "count": part(person).count(), "current": slug == chosen}
        for slug, label, part in counted
    ]


def children(person: Person, token: str) -> dict[str, Any]:
    """One page of the children without a school, the longest waiting first, each with a proposal."""
    page = page_of(unrouted(person).select_related(*RELATED), ("opened_at", "id"), token)
    proposals = suggest(page.rows, person)
    rows = [row(case, person) | {"suggestion": proposals.get(case.pk), "home": _home(case)} for case in page.rows]
    return {"rows": rows, "page": page}


def _home(case: Case) -> str:
    places = (case.child.tambon, case.child.amphoe)
    return "" if case.is_unsafe else " · ".join(str(place) for place in places if place)


def asked(person: Person, tab: str) -> list[dict[str, Any]]:
    """The requests of one of the other tabs."""
    part = {"incoming": incoming, "outgoing": outgoing, "unanswered": unanswered}[tab]
    return answering.rows(part(person).select_related(*answering.RELATED)[:SHOWN], person)
