"""The common page of an action, and the requests that wait for an answer (อนุมัติ)."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases import actions, answering, pictures, receiving, requests
from cases.cards import row
from cases.deeds import Deed, deeds, perform
from cases.lifecycle import StaleCase
from cases.models import Case
from cases.seen import seal, stale_context
from cases.views.files import RELATED
from cases.views.work import conflict
from schools import audit, roles
from schools.language import spoken
from schools.refusal import Refusal
from schools.scope import posting_for


@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, number: str, slug: str) -> HttpResponse:
    """One action on one case. Who saves second sees what stands, and keeps their text."""
    deed = deeds().get(slug)
    if deed is None:
        raise Http404
    case = _case_for(request, number, slug)
    status, stale = 200, {}
    form = deed.form(case=case, person=request.user, **_linked(request, deed))
    try:
        actions.may(case, request.user, slug)
        if request.method == "POST":
            form = deed.form(request.POST, request.FILES, case=case, person=request.user)
            if form.is_valid():
                perform(deed, form)
                messages.success(request, deed.done)
                return _back_from(request, case)
            status = 400
        elif form.tells_child:
            audit.record(audit.VIEW_CASE, person=request.user, object_kind="case", object_key=case.number)
    except StaleCase as refusal:
        case, status = _case_for(request, number, slug), 409
        stale = stale_context(request, case, form, refusal)
    except actions.IllegalAction as refusal:
        return conflict(request, case, refusal, told=_row(request, case))
    except Refusal as refusal:  # what the subject itself refuses, at its field if it names one of the form
        field, status = getattr(refusal, "field", None), 400
        form.add_error(field if field in form.fields else None, spoken(refusal))
    context = {"case": case, "row": _row(request, case), "form": form, "deed": deed, "seen": seal(case)}
    return render(request, "cases/act.html", stale | context | {"action": actions.BY_SLUG[slug]}, status=status)


def _linked(request: HttpRequest, deed: Deed) -> dict[str, Any]:
    """What the link that led here fills in."""
    said = {name: request.GET[name] for name in deed.form.linked if name in request.GET}
    return {"initial": said} if said else {}


def _case_for(request: HttpRequest, number: str, slug: str) -> Case:
    cases = actions.cases_for(request.user, slug).select_related(*RELATED)
    return get_object_or_404(cases, number=number)


def _row(request: HttpRequest, case: Case) -> dict[str, Any]:
    """What the page says of the case: to those who only received the child, what they may know."""
    in_scope = posting_for(request.user, roles.SEE_CASES, case) is not None
    return row(case, request.user) if in_scope else receiving.rows([case], request.user)[0]


def _back_from(request: HttpRequest, case: Case) -> HttpResponse:
    """To the file, to the narrow page of a received child, or to its list when it is received no more."""
    if Case.objects.visible_to(request.user).filter(pk=case.pk).exists():
        return redirect("cases:case_detail", case.number)
    if Case.objects.received_by(request.user).filter(pk=case.pk).exists():
        return redirect("cases:received_detail", case.number)
    return redirect("cases:received_list")


@require_GET
def request_list(request: HttpRequest) -> HttpResponse:
    """อนุมัติ: what waits for me, what I asked, what was answered lately."""
    if not (roles.can(request.user, roles.ANSWER) or roles.can(request.user, roles.ASK)):
        raise Http404
    return render(request, "cases/request_list.html", answering.lists(request.user, request.GET.get("kind", "")))


def _request_in_scope(request: HttpRequest, pk: int):
    rows = requests.visible_to(request.user).select_related("case__child", "case__school", "case__district", "asked_by")
    return get_object_or_404(rows, pk=pk)


@require_GET
def request_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: what is asked, why, on what evidence; and the answer or the two buttons. Looking is recorded."""
    asked = _request_in_scope(request, pk)
    about = requests.in_trail(asked, request.user)
    audit.record(audit.VIEW_CASE, person=request.user, request=asked.pk, **about)
    return render(request, "cases/request_detail.html", answering.page(asked, request.user))


@require_GET
def request_picture(request: HttpRequest, pk: int, picture_id: int) -> FileResponse:
    """One picture of the evidence, for those who may read the request's words; looking is recorded."""
    return pictures.of_request(_request_in_scope(request, pk), picture_id, person=request.user)


@require_POST
def request_grant_many(request: HttpRequest) -> HttpResponse:
    """อนุมัติพร้อมกัน: first says how many and which cannot be, then does it."""
    if not roles.can(request.user, roles.ANSWER):
        raise PermissionDenied
    chosen = answering.chosen(request.user, request.POST.getlist("request"))
    if not chosen:
        messages.warning(request, _("ยังไม่ได้เลือกคำขอ เลือกจากรายการก่อน"))
        return redirect("cases:request_list")
    form = answering.ManyForm(request.POST if "confirm" in request.POST else None)
    if form.is_bound and form.is_valid():
        count, skipped = answering.grant_many(chosen, person=request.user, answer=form.cleaned_data["answer"])
        messages.success(request, ngettext("อนุมัติแล้ว %(n)s คำขอ", "อนุมัติแล้ว %(n)s คำขอ", count) % {"n": count})
        for left in skipped:
            messages.warning(request, f"{left.case.number}: {spoken(left)}")
        return redirect("cases:request_list")
    context = answering.preview(chosen, request.user) | {"form": form}
    return render(request, "cases/request_grant_many.html", context, status=400 if form.is_bound else 200)


@require_POST
def request_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Grant, refuse or recall."""
    asked = _request_in_scope(request, pk)
    form = answering.AnswerForm(request.POST, kind=asked.kind)
    if not form.is_valid():
        context = answering.page(asked, request.user) | {"form": form}
        return render(request, "cases/request_detail.html", context, status=400)
    try:
        case: Case = answering.answer(asked, person=request.user, **form.cleaned_data)
    except actions.IllegalAction as refusal:
        if answering.unknown(asked, request.user):
            messages.error(request, spoken(refusal))
            return redirect("cases:request_list")
        return conflict(request, asked.case, refusal)
    except Refusal as refusal:  # of a destination: nothing was written, and the words stay
        field = getattr(refusal, "field", None)
        form.add_error(field if field in form.fields else None, spoken(refusal))
        context = answering.page(asked, request.user) | {"form": form}
        return render(request, "cases/request_detail.html", context, status=400)
    messages.success(request, _("บันทึกคำตอบแล้ว"))
    if Case.objects.visible_to(request.user).filter(pk=case.pk).exists():
        return redirect("cases:case_detail", case.number)
    return redirect("cases:request_list")
