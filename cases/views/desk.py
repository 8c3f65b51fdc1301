"""มอบหมาย/รับโอน: the desk of those who route children."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from cases import actions, bulk_routing, school_choice
from cases import desk as desks
from cases.cards import row
from cases.models.case import read_numbers
from cases.suggestions import suggest
from cases.views.work import tell_assigned
from schools import roles
from schools.language import spoken


@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    """Unrouted, incoming, outgoing, unanswered."""
    if not roles.can(request.user, roles.ASSIGN_CASES):
        raise Http404
    tab = request.GET.get("tab", "")
    tab = tab if tab in desks.TABS else "unrouted"
    context = {"tab": tab, "tabs": desks.tabs(request.user, tab), "assigns": True}
    if tab == "unrouted":
        context |= desks.children(request.user, request.GET.get("after", ""))
        context["batch"] = bulk_routing.last_batch(request.user)
    else:
        context["requests"] = desks.asked(request.user, tab)
    return render(request, "cases/desk.html", context)


@require_POST
def desk_route(request: HttpRequest) -> HttpResponse:
    """Assign as proposed: first what would happen to how many, then doing just that."""
    if not roles.can(request.user, roles.ASSIGN_CASES):
        raise PermissionDenied
    numbers = read_numbers(request.POST.getlist("case"), bulk_routing.MOST)
    cases = list(desks.unrouted(request.user).filter(number__in=numbers).select_related(*desks.RELATED).order_by("pk"))
    confirmed = "confirm" in request.POST
    pairs = _confirmed(request, cases) if confirmed else _proposed(request, cases)
    if confirmed:
        moved, skipped = bulk_routing.route_cases(pairs, person=request.user)
        tell_assigned(request, len(moved), skipped, _("โรงเรียนที่แนะนำ"))
        return redirect("cases:desk")
    if not cases:
        messages.warning(request, _("ยังไม่ได้เลือกเด็ก เลือกจากรายการก่อน"))
        return redirect("cases:desk")
    would, skipped = bulk_routing.preview(pairs, person=request.user)
    without = {case.pk for case in cases} - {case.pk for case, _school in pairs}
    context = {
        "rows": [row(case, request.user) | {"school": school} for case, school in would],
        "skipped": [row(one.case, request.user) | {"why": spoken(one)} for one in skipped]
        + [row(case, request.user) | {"why": _("ไม่มีโรงเรียนที่แนะนำ")} for case in cases if case.pk in without],
        "schools": len({school.pk for _case, school in would}),
    }
    return render(request, "cases/desk_route.html", context)


def _proposed(request: HttpRequest, cases) -> list[bulk_routing.Pair]:
    proposals = suggest(cases, request.user)
    return [(case, proposals[case.pk].school) for case in cases if case.pk in proposals]


def _confirmed(request: HttpRequest, cases) -> list[bulk_routing.Pair]:
    """What the preview showed, `to` beside `case`: a proposal that changed since does not change what is done."""
    codes = dict(zip(request.POST.getlist("case"), request.POST.getlist("to"), strict=False))
    wanted = {code for code in codes.values() if code.isascii() and code.isalnum()}
    schools = school_choice.schools_for(request.user).in_bulk(wanted, field_name="code")
    return [(case, schools[codes[case.number]]) for case in cases if codes.get(case.number) in schools]


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
