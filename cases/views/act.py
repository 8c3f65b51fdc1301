"""The common page of an action, and the requests that wait for an answer (อนุมัติ)."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases import actions, answering, requests
from cases.cards import row
from cases.deeds import deeds, perform
from cases.lifecycle import StaleCase
from cases.models import Case
from cases.views.files import case_in_scope
from cases.views.work import conflict
from schools import roles
from schools.language import spoken


@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, number: str, slug: str) -> HttpResponse:
    """One action on one case. Who saves second sees what stands, and keeps their text."""
    deed = deeds().get(slug)
    if deed is None:
        raise Http404
    case = case_in_scope(request, number)
    status, stale = 200, None
    form = deed.form(case=case, person=request.user)
    try:
        actions.may(case, request.user, slug)
        if request.method == "POST":
            form = deed.form(request.POST, request.FILES, case=case, person=request.user)
            if form.is_valid():
                perform(deed, form)
                messages.success(request, deed.done)
                return redirect("cases:case_detail", case.number)
            status = 400
    except StaleCase as refusal:
        case, status, stale = case_in_scope(request, number), 409, spoken(refusal)
        form.data = form.data.copy()
        form.data["version"] = str(refusal.case.version)
    except actions.IllegalAction as refusal:
        return conflict(request, case, refusal)
    context = {"case": case, "row": row(case, request.user), "form": form, "deed": deed, "stale": stale}
    return render(request, "cases/act.html", context | {"action": actions.BY_SLUG[slug]}, status=status)


@require_GET
def request_list(request: HttpRequest) -> HttpResponse:
    """อนุมัติ: what waits for me, what I asked, what was answered lately."""
    if not (roles.can(request.user, roles.ANSWER) or roles.can(request.user, roles.ASK)):
        raise Http404
    return render(request, "cases/request_list.html", answering.lists(request.user))


def _request_in_scope(request: HttpRequest, pk: int):
    rows = requests.visible_to(request.user).select_related("case__child", "case__school", "case__district", "asked_by")
    return get_object_or_404(rows, pk=pk)


@require_GET
def request_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: what is asked, why, on what evidence; and the answer or the two buttons."""
    asked = _request_in_scope(request, pk)
    return render(request, "cases/request_detail.html", answering.page(asked, request.user))


@require_POST
def request_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Grant, refuse or recall."""
    asked = _request_in_scope(request, pk)
    form = answering.AnswerForm(request.POST)
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
    messages.success(request, _("บันทึกคำตอบแล้ว"))
    if Case.objects.visible_to(request.user).filter(pk=case.pk).exists():
        return redirect("cases:case_detail", case.number)
    return redirect("cases:request_list")
