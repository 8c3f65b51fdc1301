"""ข้อมูลซ้ำซ้อน: the pairs that wait, one pair side by side, and the decision."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from cases import comparing, duplicates, merging
from cases.actions import IllegalAction
from cases.cards import name_of
from cases.codes import PairState
from cases.models import Duplicate
from schools import audit, roles
from schools.language import spoken
from schools.paging import page_of

SIDES = ("first", "second")
RELATED = [f"{side}__{name}" for side in SIDES for name in ("child", "school", "district", "province")]
WHOLE = [*RELATED, *(f"{side}__child__{name}" for side in SIDES for name in ("tambon", "amphoe", "province"))]


class DecisionForm(forms.Form):
    """What is decided, and why."""

    decision = forms.ChoiceField(
        choices=[("merge", _("รวมแฟ้ม")), ("not_same", _("ไม่ใช่คนเดียวกัน")), ("undo", _("ยกเลิกการรวม"))]
    )
    reason = forms.CharField(
        label=_("รู้ได้อย่างไร"),
        min_length=5,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("อย่างน้อย 5 ตัวอักษร เช่น ตรวจกับทะเบียนบ้าน ถามผู้ปกครองแล้ว"),
    )


@require_GET
def duplicate_list(request: HttpRequest) -> HttpResponse:
    """What waits for a decision in scope, and what was merged lately and can still be undone."""
    if not roles.can(request.user, roles.RESOLVE_DUPLICATES):
        raise PermissionDenied
    page = page_of(duplicates.waiting(request.user).select_related(*RELATED), ("pk",), request.GET.get("after", ""))
    merged = duplicates.visible_to(request.user).filter(state=PairState.MERGED).select_related(*RELATED)
    context = {
        "page": page,
        "rows": [_row(pair, request) for pair in page.rows],
        "merged": [_row(pair, request) for pair in merged.order_by("-decided_at")[:20]],
        "next_url": f"{request.path}?after={page.next}" if page.next else "",
        "first_url": "" if page.first else request.path,
    }
    return render(request, "cases/duplicate_list.html", context)


def _row(pair: Duplicate, request: HttpRequest) -> dict:
    units = dict.fromkeys(str(case.school or case.district) for case in pair.cases())
    return {"pair": pair, "names": [name_of(case, request.user) for case in pair.cases()], "units": list(units)}


def _pair_in_scope(request: HttpRequest, pk: int) -> Duplicate:
    rows = duplicates.visible_to(request.user).select_related(*WHOLE, "decided_by", "survivor__child")
    return get_object_or_404(rows, pk=pk)


@require_GET
def duplicate_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Both cases side by side. Looking is recorded for both."""
    pair = _pair_in_scope(request, pk)
    for case in pair.cases():
        audit.record(audit.VIEW_CASE, person=request.user, object_kind="case", object_key=case.number)
    context = comparing.page(pair, request.user) | {"form": DecisionForm()}
    return render(request, "cases/duplicate_detail.html", context)


@require_POST
def duplicate_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Merge, or ask for it; tell apart; undo."""
    pair = _pair_in_scope(request, pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        context = comparing.page(pair, request.user) | {"form": form}
        return render(request, "cases/duplicate_detail.html", context, status=400)
    try:
        done = merging.carry_out(pair, person=request.user, **form.cleaned_data)
    except IllegalAction as refusal:
        form.add_error(None, spoken(refusal))
        context = comparing.page(_pair_in_scope(request, pk), request.user) | {"form": form}
        return render(request, "cases/duplicate_detail.html", context, status=409)
    messages.success(request, done)
    return redirect("cases:duplicate_detail", pair.pk)
