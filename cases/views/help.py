"""The plan of help: an action of it is done."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from cases import help as helping
from cases.actions import IllegalAction
from cases.cards import row
from cases.models import HelpAction
from cases.views.files import case_in_scope
from cases.views.work import conflict
from schools import clock, roles
from schools.date_field import ThaiDateField
from schools.language import spoken
from schools.scope import posting_for
from schools.thaitime import bangkok_date


class HelpDoneForm(forms.Form):
    result = forms.CharField(
        label=gettext_lazy("ผลที่ได้"), min_length=3, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    done_on = ThaiDateField(label=gettext_lazy("วันที่ช่วย"), help_text=gettext_lazy("วัน/เดือน/ปี พ.ศ."))


@require_http_methods(["GET", "POST"])
def help_done(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """บันทึกผลการช่วยเหลือ: one action of the plan, with its result."""
    case = case_in_scope(request, number)
    action = get_object_or_404(HelpAction, pk=pk, case=case)
    if posting_for(request.user, roles.RECORD_VISIT, case) is None:
        raise PermissionDenied
    sent = request.POST if request.method == "POST" else None
    form = HelpDoneForm(sent, initial={"done_on": bangkok_date(clock.now())})
    try:
        if form.is_bound and form.is_valid():
            helping.finish_help(action, person=request.user, **form.cleaned_data)
            messages.success(request, _("บันทึกผลการช่วยเหลือแล้ว"))
            return redirect("cases:case_detail", case.number)
    except helping.HelpRefused as refusal:
        form.add_error(refusal.field, spoken(refusal))
    except IllegalAction as refusal:
        return conflict(request, case, refusal)
    context = {"case": case, "row": row(case, request.user), "form": form, "help": action}
    return render(request, "cases/help_done.html", context, status=400 if form.is_bound else 200)
