"""มอบหมาย/รับโอน: the desk of those who route children, and of those who answer what other units ask."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from cases import actions, bulk_routing, school_choice
from cases import desk as desks
from cases.cards import row
from cases.models.case import read_numbers
from cases.routing import Skipped
from cases.suggestions import suggest
from cases.views.work import list_left, tell_assigned
from schools import roles
from schools.language import spoken
from schools.models import Person
from schools.paging import Page

NO_PROPOSAL = "ไม่มีโรงเรียนที่แนะนำ", "No school to propose"


@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """Unrouted, incoming, outgoing, unanswered; the first for those who assign."""
    person, after = request.user, request.GET.get("after", "")
    if not desks.has_desk(person):
        raise Http404
    tabs = desks.tabs(person, request.GET.get("tab", ""))
    tab = next(one["slug"] for one in tabs if one["current"])
    context = {"tab": tab, "tabs": tabs}
    if tab == "unrouted":
        homes = desks.Homes.read(request.GET)
        context |= desks.children(person, homes, after) | {"here": _desk_at(homes), "assigns": True}
        context["batch"] = bulk_routing.last_batch(person)
        base = f"tab=unrouted&{homes.query}"
    else:
        context["requests"], context["page"] = desks.asked(person, tab, after)
        base = f"tab={tab}"
    return render(request, "cases/desk.html", context | _paging(context["page"], base))


def _paging(page: Page, base: str) -> dict[str, str]:
    return {
        "next_url": f"?{base}&after={page.next}" if page.next else "",
        "first_url": "" if page.first else f"?{base}",
    }


def _desk_at(homes: desks.Homes) -> str:
    """The desk with its filter: where an assignment comes back to."""
    return f"{reverse('cases:desk')}?{homes.query}" if homes.query else reverse("cases:desk")


@require_POST
def desk_route(request: HttpRequest) -> HttpResponse:
    """Assign as proposed: first what would happen to how many, then doing just that."""
    if not roles.can(request.user, roles.ASSIGN_CASES):
        raise PermissionDenied
    back = list_left(request, "cases:desk")
    if "move" in request.POST:
        moved, skipped = bulk_routing.route_cases(_confirmed(request), person=request.user)
        tell_assigned(request, len(moved), skipped, _("โรงเรียนที่แนะนำ"))
        return redirect(back)
    cases = list(desks.chosen(request.user, request.POST).select_related(*desks.RELATED))
    if not cases:
        messages.warning(request, _("ยังไม่ได้เลือกเด็ก เลือกจากรายการก่อน"))
        return redirect(back)
    proposals = suggest(cases, request.user)
    pairs = [(case, proposals[case.pk].school) for case in cases if case.pk in proposals]
    would, skipped = bulk_routing.preview(pairs, person=request.user)
    without = [Skipped(case, *NO_PROPOSAL) for case in cases if case.pk not in proposals]
    context = {
        "groups": _by_school(would, request.user),
        "count": len(would),
        "skipped": [row(one.case, request.user) | {"why": spoken(one)} for one in (*skipped, *without)],
        "back": back,
    }
    return render(request, "cases/desk_route.html", context)


def _by_school(pairs: list[bulk_routing.Pair], person: Person) -> list[dict]:
    """The children under the school each goes to, schools in Thai order."""
    groups: dict[int, dict] = {}
    for case, school in sorted(pairs, key=lambda pair: (pair[1].sort_key, pair[1].pk)):
        groups.setdefault(school.pk, {"school": school, "rows": []})["rows"].append(row(case, person))
    return list(groups.values())


def _confirmed(request: HttpRequest) -> list[bulk_routing.Pair]:
    """What the preview showed, `NUMBER=school code`: a proposal that changed since does not change what is done."""
    moves = (move.partition("=") for move in request.POST.getlist("move")[: bulk_routing.MOST])
    codes = {number: code for number, _is, code in moves if code.isascii() and code.isalnum()}
    schools = school_choice.schools_for(request.user).in_bulk(set(codes.values()), field_name="code")
    cases = desks.unrouted(request.user).filter(number__in=read_numbers(codes, bulk_routing.MOST))
    return [(case, schools[codes[case.number]]) for case in cases if codes[case.number] in schools]


@require_POST
def desk_undo(request: HttpRequest) -> HttpResponse:
    """ยกเลิกการมอบหมายครั้งล่าสุด: once, within a day; who moved on since stays."""
    if not roles.can(request.user, roles.ASSIGN_CASES):
        raise PermissionDenied
    try:
        back, stayed = bulk_routing.undo_batch(request.POST.get("batch", ""), person=request.user)
    except actions.IllegalAction as refusal:
        messages.warning(request, spoken(refusal))
        return redirect("cases:desk")
    words = ngettext("ยกเลิกการมอบหมาย %(n)s คนแล้ว", "ยกเลิกการมอบหมาย %(n)s คนแล้ว", len(back))
    messages.success(request, words % {"n": len(back)})
    if stayed:
        words = ngettext("%(n)s คนเดินหน้าไปแล้ว จึงคงไว้ตามเดิม", "%(n)s คนเดินหน้าไปแล้ว จึงคงไว้ตามเดิม", len(stayed))
        messages.warning(request, words % {"n": len(stayed)})
    return redirect("cases:desk")
