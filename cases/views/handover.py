"""ส่งมอบงานเมื่อย้าย: who holds open cases in one's schools, and giving them to a successor or back to the school."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from cases import handover, routing
from cases.actions import IllegalAction
from cases.models import Case
from schools import roles
from schools.access import needs
from schools.language import spoken
from schools.models import Person, School
from schools.scope import posting_for

NOBODY = ""


class HandOverForm(forms.Form):
    """Who takes over; nobody is a choice too."""

    successor = forms.ChoiceField(label=gettext_lazy("ผู้รับช่วง"), required=False)

    def __init__(self, *args, successors: list[Person], **kwargs):
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in successors}
        self.fields["successor"].choices = [
            (NOBODY, _("ยังไม่กำหนด คืนให้โรงเรียน")),
            *((key, person.get_full_name()) for key, person in self.people.items()),
        ]

    def chosen(self) -> Person | None:
        return self.people.get(self.cleaned_data["successor"])


@require_GET
@needs(roles.NAME_TEACHER)
def hand_over_list(request: HttpRequest) -> HttpResponse:
    """Who holds open cases, those who have left their school first."""
    return render(request, "cases/hand_over_list.html", {"rows": handover.open_work(request.user)})


@require_http_methods(["GET", "POST"])
def hand_over(request: HttpRequest, school_code: str, person_id: int) -> HttpResponse:
    """One person's open cases of one school go to a successor, or wait there to be given anew."""
    rows = School.objects.select_related("district", "province")
    school = get_object_or_404(rows, code=school_code)
    if not _in_sight(request.user, school):
        raise Http404
    handover.refuse_strangers(request.user, school)
    leaving = get_object_or_404(Person, pk=min(person_id, (1 << 63) - 1))
    held = Case.objects.visible_to(request.user).filter(teacher=leaving, school=school, stage__in=handover.OPEN)
    count = held.count()
    if not count:
        raise Http404
    successors = [person for person in routing.teachers_of(school) if person != leaving]
    form = HandOverForm(request.POST if request.method == "POST" else None, successors=successors)
    status = 400 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            n = len(handover.hand_over_cases(leaving, form.chosen(), school, person=request.user))
        except IllegalAction as refusal:
            form.add_error("successor", spoken(refusal))
            status = 409
        else:
            messages.success(request, ngettext("ส่งมอบแล้ว %(n)s คน", "ส่งมอบแล้ว %(n)s คน", n) % {"n": n})
            return redirect("cases:hand_over_list")
    context = {"form": form, "leaving": leaving, "school": school, "count": count}
    return render(request, "cases/hand_over.html", context, status=status)


def _in_sight(person: Person, school: School) -> bool:
    return posting_for(person, roles.SEE_CASES, routing.SchoolPlace(school)) is not None
