"""Dashboards, and the children behind each of their numbers."""

from datetime import datetime

from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cases.cards import row
from cases.codes import Stage
from reports import ladder
from reports.dashboards import BELOW, Dashboard, end_of_day, label, parse_moment, sentence
from reports.links import Links
from schools import audit, roles
from schools.language import spoken
from schools.paging import page_of
from schools.scope import may_look_at
from schools.thaitime import BadDate, bangkok_midnight, bangkok_today, parse_thai_date
from schools.units import Unit, UnknownUnit, parse_unit


def unit_in_scope(request: HttpRequest, text: str) -> Unit:
    """The unit if this person may see its figures; otherwise 404, exactly as if it did not exist."""
    try:
        unit = parse_unit(text)
    except UnknownUnit:
        raise Http404 from None
    if unit.kind not in BELOW or not may_look_at(request.user, unit):
        raise Http404
    return unit


def _linked_moment(request: HttpRequest) -> datetime | None:
    """`as_of` (ISO, of our own links); None is now. Raises SuspiciousOperation (400)."""
    if not (text := request.GET.get("as_of", "").replace(" ", "+")):
        return None
    try:
        moment = parse_moment(text)
        ladder.moment(moment, moment)
    except (ValueError, ladder.ImpossibleMoment) as bad:
        raise SuspiciousOperation(str(bad)) from bad
    return moment


def _typed_moment(request: HttpRequest) -> datetime | None:
    """`day` as a person types it (พ.ศ.), else `as_of`. Raises BadDate or ImpossibleMoment, which say how to mend it."""
    if not (day := request.GET.get("day", "").strip()):
        return _linked_moment(request)
    asked = parse_thai_date(day).date
    if asked > bangkok_today():
        ladder.moment(bangkok_midnight(asked))
    return end_of_day(asked)


@require_GET
def dashboard(request: HttpRequest, unit: str) -> HttpResponse:
    """แดชบอร์ด of one unit, now or as of a past moment."""
    here = unit_in_scope(request, unit)
    by = request.GET.get("by", "")
    levels = BELOW[here.kind]
    refused = None
    try:
        moment = _typed_moment(request)
    except (BadDate, ladder.ImpossibleMoment) as bad:
        moment, refused = None, bad
    board = Dashboard(here, request.user, moment, by if by in levels else (levels or ("",))[0])
    context = board.context()
    context["refused"] = spoken(refused) if refused else ""
    context["typed"] = request.GET.get("day", "") if refused else ""
    context["sentences"] = [sentence(check) for check in context["checks"]]
    context["exports"] = roles.can(request.user, roles.EXPORT_WORKBOOK)
    return render(request, "reports/dashboard.html", context, status=400 if refused else 200)


def _hidden(figure: str, moment, person) -> str:
    """Why some of the counted children are not among the rows."""
    if figure in ladder.SENSITIVE_KEYS and not roles.can(person, roles.SEE_SENSITIVE):
        return _("เรื่องสุขภาพและความพิการแสดงรายชื่อเฉพาะแก่ผู้ที่ดูแลเด็กโดยตรง")
    return _("บางคนย้ายออกจากหน่วยงานของท่านแล้ว จึงไม่แสดงชื่อ") if moment else ""


@require_GET
def children(request: HttpRequest, unit: str) -> HttpResponse:
    """The children behind one number, as of the moment of that number, for those who may see them."""
    here = unit_in_scope(request, unit)
    if not roles.can(request.user, roles.SEE_CASES):
        raise Http404
    moment, figure = _linked_moment(request), request.GET.get("figure", "target")
    unassigned = request.GET.get("unassigned") == "1"
    try:
        part = parse_unit(text) if (text := request.GET.get("part", "")) else None
        spans = ladder.behind(here, figure, moment, unassigned=unassigned)
    except (ladder.UnknownFigure, UnknownUnit):
        raise Http404 from None
    if part:
        spans = spans.filter(ladder.inside(part, is_now=moment is None))
    counted = spans.count() if unassigned or part else ladder.count(here, moment)[figure]
    told = ladder.told_to(request.user, spans.visible_to(request.user), figure)
    seen = told.select_related(
        "case__child", "case__school", "case__district", "case__province", "case__teacher", "school", "district"
    )
    page = page_of(seen, ("case_id",), request.GET.get("after", ""))
    audit.record("list_viewed", person=request.user, object_kind="unit", object_key=str(here), figure=figure)
    rows = [
        row(span.case, request.user)
        | {"then_stage": str(Stage(span.stage).label), "then_unit": str(span.school or span.district)}
        for span in page.rows
    ]
    query = request.GET.copy()
    query["after"] = page.next
    first = request.GET.copy()
    first.pop("after", None)
    context = {
        "unit": here,
        "part": part,
        "unassigned": unassigned,
        "figure": figure,
        "figure_name": label(figure),
        "counted": counted,
        "hidden": _hidden(figure, moment, request.user),
        "as_of": moment,
        "rows": rows,
        "page": page,
        "next_url": f"{request.path}?{query.urlencode()}" if page.next else "",
        "first_url": "" if page.first else f"{request.path}?{first.urlencode()}",
        "back_url": Links(here, request.user, moment).dashboard(here),
    }
    return render(request, "reports/children.html", context)
