"""แจ้งพบเด็ก: whether the child is known, then the report or a word to those who have the child."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cases import reporting
from cases.actions import IllegalAction
from cases.cards import row
from cases.identity import mask
from cases.models import Case
from cases.report_forms import AskForm, IdentityForm, ReportForm, carried, read_carried
from cases.reporting import Identity, KnownAlready, ReportRefused, TooManyChecks
from schools.language import spoken


@require_http_methods(["GET", "POST"])
def report_child(request: HttpRequest) -> HttpResponse:
    """Step by step: check, then report (or ask). Each step judges anew; nothing rests on a page having been seen."""
    if not reporting.reporting_postings(request.user):
        raise PermissionDenied
    step = request.POST.get("step", "")
    identity = read_carried(request.POST.get("checked", ""), request.user)
    if request.method == "GET" or (step in _STEPS and identity is None):
        return _page(request, form=IdentityForm())
    try:
        return _STEPS[step](request, identity) if step in _STEPS else _check(request)
    except TooManyChecks as refusal:
        messages.error(request, spoken(refusal))
        return _page(request, form=IdentityForm(), status=429)


def _check(request: HttpRequest) -> HttpResponse:
    form = IdentityForm(request.POST)
    if not form.is_valid():
        return _page(request, form=_without_number(form), status=400)
    return _answer(request, form.identity())


def _without_number(form: IdentityForm) -> IdentityForm:
    """The form to mend: a right number is not written back into the page in clear, a wrong one is."""
    if form.cleaned_data.get("identifier"):
        form.data = form.data.copy()
        form.data["identifier"] = ""
        form.add_error("identifier", _("พิมพ์เลขอีกครั้ง ระบบไม่แสดงเลขที่พิมพ์ไว้"))
    return form


def _answer(request: HttpRequest, identity: Identity, status: int = 200) -> HttpResponse:
    """What the check found, and what can be done next."""
    known = reporting.check_identity(identity, person=request.user)
    found = [row(case, request.user) for case in (*known.sure, *known.alike)]
    context = {"known": known, "found": found}
    if known.elsewhere:
        context["ask"] = AskForm()
    elif not known.sure:
        context["report"] = ReportForm(person=request.user, initial={"found": "found"})
    return _step_two(request, identity, status=status, **context)


def _report(request: HttpRequest, identity: Identity) -> HttpResponse:
    form = ReportForm(request.POST, person=request.user)
    if not form.is_valid():
        return _step_two(request, identity, status=400, report=form)
    try:
        case = reporting.report_child(
            form.said(identity), person=request.user, posting=form.chosen_posting(), is_new="is_new" in request.POST
        )
    except KnownAlready as refusal:
        messages.warning(request, spoken(refusal))
        return _answer(request, identity, status=409)
    except ReportRefused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, spoken(refusal))
        return _step_two(request, identity, status=400, report=form)
    messages.success(request, _("แจ้งพบเด็กแล้ว ขอบคุณที่ช่วยกันตามหาน้อง"))
    if Case.objects.visible_to(request.user).filter(pk=case.pk).exists():
        return redirect("cases:case_detail", case.number)
    return redirect("cases:report_child")


def _ask(request: HttpRequest, identity: Identity) -> HttpResponse:
    form = AskForm(request.POST)
    if not form.is_valid():
        return _step_two(request, identity, status=400, ask=form)
    try:
        reporting.request_known(identity, person=request.user, reason=form.cleaned_data["reason"])
    except ReportRefused as refusal:
        messages.warning(request, spoken(refusal))
        return _answer(request, identity, status=409)
    except IllegalAction:
        messages.warning(request, _("มีผู้แจ้งเรื่องนี้ไว้แล้ว หน่วยงานที่รับผิดชอบกำลังพิจารณา"))
        return redirect("cases:report_child")
    messages.success(request, _("ส่งเรื่องถึงผู้ที่ดูแลเด็กคนนี้แล้ว คำตอบจะมาอยู่ที่หน้านี้"))
    return redirect("cases:report_child")


_STEPS = {"report": _report, "ask": _ask}


def _step_two(request: HttpRequest, identity: Identity, *, status: int = 200, **context) -> HttpResponse:
    number = identity.number
    about = {
        "checked": carried(identity, request.user),
        "name": f"{identity.first_name} {identity.last_name}".strip(),
        "born": identity.birth_date,
        "masked": mask(number.value) if number else "",
        "unsure": number is None and identity.birth_date is None,
    }
    return render(request, "cases/report_child.html", about | context, status=status)


def _page(request: HttpRequest, *, form: IdentityForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "asked": reporting.asked_by(request.user)}
    return render(request, "cases/report_child.html", context, status=status)
