"""The page แสดงเลขโดยมีเหตุผล: asks why, asks the password again, shows the number for a minute."""

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from cases.models import Case
from cases.reveal import SHOWN_SECONDS, Reason, RevealRefused, check_explanation, reveal_id, seconds_to_midnight
from schools import roles
from schools.access import ask_password_unless_fresh
from schools.language import spoken
from schools.scope import posting_for


class RevealForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("ต้องใช้เลขเพื่อ"),
        choices=Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("กรุณาเลือกหนึ่งข้อ")},
    )
    explanation = forms.CharField(
        label=_("อธิบายเหตุผล"),
        help_text=_("อย่างน้อย 10 ตัวอักษร ผู้ตรวจสอบและผู้อำนวยการอ่านได้ อย่าเขียนเลขประจำตัว"),
        max_length=500,
        error_messages={"required": _("กรุณาระบุเหตุผลอย่างน้อย 10 ตัวอักษร")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean_explanation(self) -> str:
        try:
            return check_explanation(self.cleaned_data["explanation"])
        except RevealRefused as refusal:
            raise forms.ValidationError(spoken(refusal), code=refusal.code) from refusal


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("shown")
def reveal(request, number):
    """GET asks why; POST shows. 404 outside the scope, 403 without the capability, 400, 429 as cases.reveal says."""
    case = get_object_or_404(Case.objects.visible_to(request.user).select_related("school", "province"), number=number)
    if posting_for(request.user, roles.REVEAL_ID, case) is None:
        raise PermissionDenied(roles.REVEAL_ID)
    if request.method != "POST":
        return _ask(request, case, RevealForm(), 200)
    form = RevealForm(request.POST)
    if not form.is_valid():
        return _ask(request, case, form, 400)
    ask_password_unless_fresh(request)
    try:
        shown = reveal_id(case, by=request.user, **form.cleaned_data)
    except RevealRefused as refusal:
        return _refuse(request, case, form, refusal)
    answer = render(request, "cases/reveal_shown.html", {"case": case, "shown": shown, "back": _back(request)})
    # A header and not a meta element: it works without JavaScript, and no reader of the page is timed by surprise.
    answer["Refresh"] = f"{SHOWN_SECONDS}; url={_back(request)}"
    return answer


def _ask(request, case, form, status):
    context = {"case": case, "form": form, "back": _back(request)}
    return render(request, "cases/reveal.html", context, status=status)


def _refuse(request, case, form, refusal: RevealRefused):
    if refusal.status == 404:
        raise Http404(refusal.message_en) from refusal
    if refusal.status == 403:
        raise PermissionDenied(refusal.message_en) from refusal
    form.add_error(None, spoken(refusal))
    answer = _ask(request, case, form, refusal.status)
    if refusal.status == 429:
        answer["Retry-After"] = str(seconds_to_midnight())
    return answer


def _back(request) -> str:
    """The case's own page, under which this one lies."""
    return request.path.removesuffix("reveal/")
