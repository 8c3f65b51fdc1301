"""มอบหมาย/รับโอน: the children without a school, what comes in, what was sent out, what nobody answered."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import Case as When
from django.db.models import Count, ExpressionWrapper, F, IntegerField, Q, QuerySet, Value
from django.db.models import When as Is
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from cases import answering, requests
from cases.bulk_routing import MOST
from cases.cards import row
from cases.codes import RequestKind, RequestState
from cases.models import Case, Request
from cases.models.case import read_numbers
from cases.routing import TO_ROUTE
from cases.suggestions import suggest
from schools import clock, roles
from schools.language import th_or_en
from schools.models import Amphoe, Person, Province, Tambon
from schools.paging import Page, page_of
from schools.scope import addressed_to, either, visible

KINDS = (RequestKind.TRANSFER, RequestKind.ESCALATION)
TABS = ("unrouted", "incoming", "outgoing", "unanswered")
RELATED = ("child__tambon", "child__amphoe", "child__province", "school", "district", "province")
HIDDEN, UNKNOWN = 0, 99_999_999  # of an unsafe child nobody reads here where it lives; of others it is not known
ORDER = ("home_key", "opened_at", "id")


def has_desk(person: Person) -> bool:
    """Those who route children, and those who answer what other units ask: from the director to the ministry."""
    return roles.can(person, roles.ASSIGN_CASES) or roles.can(person, roles.ANSWER)


# ── without a school ──────────────────────────────────────────────────────────────────────────────────────────────
class Homes(NamedTuple):
    """Where the children shown live, as the URL says it: `?province=46&amphoe=4605&tambon=460501`; 0 is not known."""

    province: int | None = None
    amphoe: int | None = None
    tambon: int | None = None

    @classmethod
    def read(cls, said: Any) -> "Homes":
        """What of a query or a form is a filter; anything else is none."""
        texts = (said.get(name, "") for name in cls._fields)
        return cls(*(int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 else None for text in texts))

    @property
    def said(self) -> list[tuple[str, int]]:
        return [(name, value) for name, value in self._asdict().items() if value is not None]

    @property
    def query(self) -> str:
        return urlencode(self.said)

    def of(self, cases: QuerySet[Case]) -> QuerySet[Case]:
        """Those of `cases`; an unsafe child is among those of whom it is not known."""
        if self.province is not None:
            cases = cases.filter(province=self.province)
        for name in ("amphoe", "tambon"):
            value = getattr(self, name)
            if value == 0:
                cases = cases.filter(Q(**{f"child__{name}__isnull": True}) | Q(is_unsafe=True))
            elif value is not None:
                cases = cases.filter(**{f"child__{name}": value}, is_unsafe=False)
        return cases


def unrouted(person: Person, homes: Homes | None = None) -> QuerySet[Case]:
    """The children without a school whom `person` may assign to one, tambon by tambon, who waited longest first."""
    rule = visible(person, capability=roles.ASSIGN_CASES)
    cases = Case.objects.filter(rule, school__isnull=True, stage__in=TO_ROUTE)
    of_amphoe = ExpressionWrapper(F("child__amphoe_id") * 100, output_field=IntegerField())
    lives = Coalesce(F("child__tambon_id"), of_amphoe, Value(UNKNOWN), output_field=IntegerField())
    keyed = cases.annotate(home_key=When(Is(is_unsafe=True, then=Value(HIDDEN)), default=lives))
    return (homes or Homes()).of(keyed).order_by(*ORDER)


def chosen(person: Person, said: Any) -> QuerySet[Case]:
    """The children a form names one by one (`case`), or `all` of its filter, as many as go at once."""
    if "all" in said:
        return unrouted(person, Homes.read(said))[:MOST]
    return unrouted(person).filter(number__in=read_numbers(said.getlist("case"), MOST))


def children(person: Person, homes: Homes, token: str) -> dict[str, Any]:
    """One page of the children without a school under the names of their tambons, each with a proposal."""
    cases = unrouted(person, homes)
    page = page_of(cases.select_related(*RELATED), ORDER, token)
    proposals = suggest(page.rows, person)
    rows = [
        row(case, person) | {"suggestion": proposals.get(case.pk), "home": case.home_key, "moo": _moo(case)}
        for case in page.rows
    ]
    return {"groups": _by_home(rows, cases), "page": page, "total": cases.count(), "most": MOST} | _filters(
        person, homes
    )


def _moo(case: Case) -> str:
    return "" if case.is_unsafe else case.child.moo


def _by_home(rows: Sequence[dict[str, Any]], cases: QuerySet[Case]) -> list[dict[str, Any]]:
    """The rows tambon by tambon, in their order; `all` is how many of the filter live there, `tambon` filters by it."""
    groups: dict[int, dict[str, Any]] = {}
    for one in rows:
        child = one["case"].child
        known = HIDDEN < one["home"] < UNKNOWN
        start = {"key": one["home"], "name": _place(child) if known else _unknown(one["home"]), "rows": []}
        groups.setdefault(one["home"], start | {"tambon": child.tambon_id if known else None})["rows"].append(one)
    counted = cases.filter(home_key__in=groups).order_by().values_list("home_key").annotate(n=Count("pk"))
    for key, count in counted:
        groups[key]["all"] = count
    return list(groups.values())


def _unknown(key: int) -> str:
    return _("อาจไม่ปลอดภัย: ไม่แสดงที่อยู่") if key == HIDDEN else _("ไม่ทราบที่อยู่")


def _place(child) -> str:
    bangkok = child.province_id == 10
    parts = [_named(child.tambon, "แขวง" if bangkok else "ต."), _named(child.amphoe, "เขต" if bangkok else "อ.")]
    return " ".join(part for part in parts if part)


def _named(place: Tambon | Amphoe | Province | None, what: str) -> str:
    return th_or_en(f"{what}{place.name_th}", place.name_en) if place else ""


def _filters(person: Person, homes: Homes) -> dict[str, Any]:
    """The choices by province (where there are several) and by amphoe of one, with how many wait there."""
    lives = When(Is(is_unsafe=False, then=F("child__amphoe_id")), output_field=IntegerField())
    counted = unrouted(person).order_by().annotate(lives=lives).values_list("province", "lives").annotate(n=Count("pk"))
    at: dict[int, dict[int, int]] = {}
    for province, amphoe, count in counted:
        at.setdefault(province, {})[amphoe or 0] = count
    provinces = Province.objects.filter(pk__in=at).order_by("sort_key") if len(at) > 1 else []
    near = at.get(homes.province) if len(at) > 1 else next(iter(at.values()), None)
    amphoes = Amphoe.objects.filter(pk__in=near or ()).order_by("name_th")
    choices = [(one.pk, f"{_named(one, '')} ({near[one.pk]:,})") for one in amphoes]
    if near and near.get(0):
        choices.append((0, f"{_('ไม่ทราบที่อยู่')} ({near[0]:,})"))
    everywhere = [(one.pk, f"{_named(one, '')} ({sum(at[one.pk].values()):,})") for one in provinces]
    return {"homes": homes, "provinces": everywhere, "amphoes": choices}


# ── what units ask of each other ──────────────────────────────────────────────────────────────────────────────────
def incoming(person: Person) -> QuerySet[Request]:
    """What waits for the person's answer."""
    return requests.waiting_for(person).filter(kind__in=KINDS)


def outgoing(person: Person) -> QuerySet[Request]:
    """What the person's units, or the person, asked of a unit that is none of theirs."""
    own, at_home = addressed_to(person, "from_unit", roles.ASK), addressed_to(person, "to_unit", roles.ANSWER)
    return _waiting().filter((own & ~at_home) | Q(asked_by=person))


def unanswered(person: Person) -> QuerySet[Request]:
    """What is overdue, or climbed because nobody answered, of all that concerns the person's units on either side."""
    late = Q(due_at__lt=clock.now()) | Q(escalated=True)
    asked, put_to = addressed_to(person, "from_unit", roles.ASK), addressed_to(person, "to_unit", roles.ANSWER)
    return _waiting().filter(late, either(asked, put_to, Q(asked_by=person)))


def _waiting() -> QuerySet[Request]:
    return Request.objects.filter(kind__in=KINDS, state=RequestState.WAITING).order_by("due_at", "pk")


_PARTS = {"incoming": incoming, "outgoing": outgoing, "unanswered": unanswered}


def tabs(person: Person, chosen: str) -> list[dict[str, Any]]:
    """The tabs with how much lies under each, the first only for those who assign; `chosen` or the first is current."""
    labels = dict(zip(TABS, (_("รอมอบหมาย"), _("รับเข้า"), _("ส่งไป"), _("ไม่มีคำตอบ")), strict=True))
    parts = {"unrouted": unrouted} | _PARTS if roles.can(person, roles.ASSIGN_CASES) else _PARTS
    current = chosen if chosen in parts else next(iter(parts))
    return [
        {"slug": slug, "label": labels[slug], "count": part(person).order_by().count(), "current": slug == current}
        for slug, part in parts.items()
    ]


def asked(person: Person, tab: str, token: str) -> tuple[list[dict[str, Any]], Page]:
    """One page of the requests of one of the other tabs, the most urgent first."""
    page = page_of(_PARTS[tab](person).select_related(*answering.RELATED), ("due_at", "pk"), token)
    return answering.rows(page.rows, person), page
