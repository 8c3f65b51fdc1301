"""The partners' own screens (SECURITY PV-01): what was referred to their office while it is, and their answer.

And what the sending side does with a referral: take it back.
"""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from cases import referrals
from cases.actions import IllegalAction
from cases.codes import ReferralAnswer, ReferralState
from cases.models import Referral
from cases.sharing import FIELDS, headline, shared
from cases.views.files import case_in_scope
from cases.views.work import conflict
from schools import audit, clock, roles
from schools.language import spoken
from schools.thaitime import bangkok_date
from schools.units import unit_names


class AnswerForm(forms.Form):
    answer = forms.ChoiceField(label=gettext_lazy("คำตอบ"), widget=forms.RadioSelect)
    text = forms.CharField(
        label=gettext_lazy("ผลหรือเหตุผล"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("โรงเรียนและเขตพื้นที่จะอ่านข้อความนี้ ต้องเขียนเมื่อแจ้งความคืบหน้า เสร็จ หรือไม่รับเรื่อง"),
    )

    def __init__(self, *args, referral: Referral, **kwargs):
        super().__init__(*args, **kwargs)
        accepted = referral.state == ReferralState.ACCEPTED
        self.fields["answer"].choices = [
            (said.value, said.label) for said in ReferralAnswer if not (accepted and said == ReferralAnswer.ACCEPTED)
        ]


class RecallForm(forms.Form):
    reason = forms.CharField(max_length=500, required=False)  # how short it may be is the domain's to say


def _mine(request: HttpRequest, pk: int) -> Referral:
    """The live referral to an office of this person; otherwise 404, exactly as if it did not exist."""
    rows = Referral.objects.open_to(request.user).select_related(
        "partner", "case__child__tambon", "case__child__amphoe", "case__child__province", "case__school",
        "case__district",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)


@require_GET
def referral_list(request: HttpRequest) -> HttpResponse:
    """เรื่องที่ส่งต่อมา: the live referrals to this office, the most urgent first; no search, no export."""
    if not roles.can(request.user, roles.SEE_REFERRALS):
        raise Http404
    found = referrals.waiting_at(request.user)
    units = unit_names({one.unit for one in found})
    today = bangkok_date(clock.now())
    rows = [
        {
            "referral": one,
            "name": headline(one),
            "unit": units[one.unit],
            "late": one.state == ReferralState.SENT and one.due_on < today,
            "today": one.state == ReferralState.SENT and one.due_on == today,
        }
        for one in found
    ]
    return render(request, "cases/referral_list.html", {"rows": rows, "most": referrals.MOST})


@require_GET
def referral_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One referral: what is asked, the fields that were shared, what was answered, the answer form."""
    referral = _mine(request, pk)
    return render(request, "cases/referral_detail.html", _page(request, referral, AnswerForm(referral=referral)))


def _page(request: HttpRequest, referral: Referral, form: AnswerForm) -> dict:
    audit.record(
        audit.VIEW_REFERRAL,
        person=request.user,
        object_kind="case",
        object_key=referral.case.number,
        referral=referral.pk,
    )
    told = shared(referral, referrals.needs_of(referral.case))
    merged = referrals.merged_since(referral)
    return {
        "referral": referral,
        "name": headline(referral),
        "told": [(FIELDS[field], words) for field, words in told.items()],
        "unit": unit_names({referral.unit})[referral.unit],
        "answers": [
            {"said": ReferralAnswer(fact.details["answer"]).label, "text": fact.reason, "at": fact.at, "by": fact.by}
            for fact in referrals.answers_of(referral)
        ],
        "late": referral.state == ReferralState.SENT and referral.due_on < bangkok_date(clock.now()),
        "merged_on": merged.at if merged else None,
        "answers_it": referrals.answering(referral, request.user) is not None,
        "form": form,
    }


@require_POST
def referral_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept, tell of progress, finish with a result, or reject with a reason."""
    referral = _mine(request, pk)
    form = AnswerForm(request.POST, referral=referral)
    try:
        if form.is_valid():
            answered = referrals.answer(referral, person=request.user, **form.cleaned_data)
            messages.success(request, _("ส่งคำตอบแล้ว โรงเรียนและเขตพื้นที่เห็นแล้ว"))
            live = answered.state in (ReferralState.SENT, ReferralState.ACCEPTED)
            return redirect("cases:referral_detail", pk) if live else redirect("cases:referral_list")
    except referrals.ReferralRefused as refusal:
        form.add_error(refusal.field, spoken(refusal))
    except IllegalAction as refusal:
        messages.warning(request, spoken(refusal))
        return redirect("cases:referral_list")
    return render(request, "cases/referral_detail.html", _page(request, referral, form), status=400)


@require_POST
def referral_recall(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """เรียกคืน: the sending side takes the referral back; the partner's sight ends at once."""
    case = case_in_scope(request, number)
    referral = get_object_or_404(Referral.objects.visible_to(request.user), pk=pk, case=case)
    form = RecallForm(request.POST)
    if not form.is_valid():
        messages.error(request, form.errors["reason"][0])
        return redirect("cases:case_detail", case.number)
    try:
        referrals.recall(referral, person=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("เรียกคืนแล้ว หน่วยงานนั้นไม่เห็นข้อมูลเด็กอีก"))
    except referrals.ReferralRefused as refusal:
        messages.error(request, spoken(refusal))
    except IllegalAction as refusal:
        return conflict(request, case, refusal)
    return redirect("cases:case_detail", case.number)
