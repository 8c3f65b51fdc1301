"""What is done with a case: visit, assignment, teacher, enrolment."""

from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from cases import actions, bulk_routing, desk, routing, school_choice, visits
from cases.cards import row
from cases.codes import IN_EDUCATION
from cases.enrolment import claim_enrolment
from cases.forms import AssignForm, EnrolmentForm, TeacherForm, VisitForm
from cases.lifecycle import StaleCase
from cases.models import Case
from cases.models.case import read_numbers
from cases.seen import seal, stale_context
from cases.survivors import survivor_of
from cases.timeline import facts_of, title
from cases.views.files import RELATED, case_in_scope
from schools import clock, roles
from schools.language import spoken
from schools.thaitime import bangkok_date

NAMED = 5  # cases passed over that a message names


def conflict(request: HttpRequest, case: Case, refusal, *, told: dict | None = None) -> HttpResponse:
    """409: the case does not stand where this may be done; `told` is what may be said of it, if not its usual row."""
    context = {"case": case, "row": told or row(case, request.user), "message": spoken(refusal)}
    return render(request, "cases/conflict.html", context, status=409)


@require_http_methods(["GET", "POST"])
def visit_new(request: HttpRequest, number: str) -> HttpResponse:
    """บันทึกการติดตาม: the stepper. A second submit of the same form makes no second visit."""
    case = case_in_scope(request, number)
    status = 200
    form = VisitForm.fresh()
    try:
        visits.visiting_posting(case, survivor_of(case), request.user)
        if request.method == "POST":
            form = VisitForm(request.POST, request.FILES)
            if form.is_valid():
                visits.record_visit(
                    case,
                    form.content(),
                    person=request.user,
                    uuid=form.cleaned_data["uuid"],
                    pictures=form.cleaned_data["photos"],
                )
                messages.success(request, _("บันทึกการติดตามแล้ว"))
                request.session["draft_sent"] = _draft_key(request, case)
                return redirect("cases:case_detail", case.number)
            status = 400
    except actions.IllegalAction as refusal:
        return conflict(request, case, refusal)
    except visits.VisitRefused as refusal:
        form.add_error(refusal.field, spoken(refusal))
        status = 400
    except visits.UuidTaken as refusal:
        form.add_error(None, spoken(refusal))
        form.data = form.data.copy()
        form.data["uuid"] = str(uuid4())
        status = 409
    context = {
        "case": case,
        "row": row(case, request.user),
        "form": form,
        "in_education": IN_EDUCATION,
        "draft_key": _draft_key(request, case),
        "previous": _previous(case),
    }
    return render(request, "cases/visit_new.html", context, status=status)


def _previous(case: Case) -> str:
    """What the last visit that stands was, in one line."""
    standing = (fact for fact in facts_of(case) if hasattr(fact, "visit") and not fact.corrected_by.all())
    return next(map(title, standing), "")


def _draft_key(request: HttpRequest, case: Case) -> str:
    return f"draft:{request.user.pk}:{case.number}"


@require_http_methods(["GET", "POST"])
def enrolment_new(request: HttpRequest, number: str) -> HttpResponse:
    """แจ้งกลับเข้าเรียน."""
    case = case_in_scope(request, number)
    initial = {"grade": case.child.last_grade, "at": bangkok_date(clock.now()), "version": case.version}
    form = EnrolmentForm(request.POST if request.method == "POST" else None, initial=initial, near=case.province_id)
    status, stale = 400 if form.is_bound else 200, {}
    try:
        actions.may(case, request.user, "claim_enrolment")
        if request.method == "POST" and form.is_valid():
            said = form.cleaned_data
            claim_enrolment(
                case,
                person=request.user,
                route=said["route"],
                at=said["at"],
                school=said["school_code"],
                grade=said["grade"],
                where=said["where"],
                version=said["version"],
            )
            messages.success(request, _("แจ้งกลับเข้าเรียนแล้ว รอสถานศึกษาปลายทางยืนยัน"))
            return redirect("cases:case_detail", case.number)
    except actions.IllegalAction as refusal:
        return conflict(request, case, refusal)
    except StaleCase as refusal:
        case, status = case_in_scope(request, number), 409
        stale = stale_context(request, case, form, refusal)
    except visits.VisitRefused as refusal:
        form.add_error("school_code" if refusal.field == "school" else refusal.field, spoken(refusal))
    context = {"case": case, "row": row(case, request.user), "form": form, "seen": seal(case)}
    return render(request, "cases/enrolment_new.html", context | stale, status=status)


@require_http_methods(["GET", "POST"])
def assign(request: HttpRequest, number: str) -> HttpResponse:
    """มอบหมายโรงเรียน: one case; `?q=` looks for a school among those it may be given to."""
    case = case_in_scope(request, number)
    schools = school_choice.schools_for(request.user)
    offer = school_choice.offer(schools, request.GET.get("q", ""), [case], person=request.user)
    sent = request.POST if request.method == "POST" else None
    form = AssignForm(sent, initial={"version": case.version}, schools=schools, offer=offer)
    status, stale = 400 if form.is_bound else 200, {}
    try:
        actions.may(case, request.user, "assign")
        if request.method == "POST" and form.is_valid():
            said = form.cleaned_data
            school = said["school"]
            routing.assign_case(case, school, person=request.user, reason=said["reason"], version=said["version"])
            messages.success(request, _("มอบหมายให้ %(school)s แล้ว") % {"school": school})
            return redirect("cases:case_detail", case.number)
    except actions.IllegalAction as refusal:
        return conflict(request, case, refusal)
    except StaleCase as refusal:
        case, status = case_in_scope(request, number), 409
        stale = stale_context(request, case, form, refusal)
    context = {"case": case, "row": row(case, request.user), "form": form, "offer": offer, "seen": seal(case)}
    return render(request, "cases/assign.html", context | stale, status=status)


@require_POST
def assign_many(request: HttpRequest) -> HttpResponse:
    """มอบหมายพร้อมกัน: first says what will happen to how many, then does it and goes back to the list it came from.

    `find` looks for a school by the words in `q` and changes nothing; the chosen cases stay in the form.
    """
    if not roles.can(request.user, roles.ASSIGN_CASES):
        raise PermissionDenied
    back = list_left(request)
    cases = _chosen(request)
    if not cases:
        messages.warning(request, _("ยังไม่ได้เลือกเด็ก เลือกจากรายการก่อน"))
        return redirect(back)
    schools = school_choice.schools_for(request.user)
    offer = school_choice.offer(schools, request.POST.get("q", ""), cases, person=request.user)
    settled = "confirm" in request.POST or ("school" in request.POST and "find" not in request.POST)
    initial = {"reason": request.POST.get("reason", "")}
    form = AssignForm(request.POST if settled else None, schools=schools, offer=offer, initial=initial)
    if form.is_bound and form.is_valid():
        school = form.cleaned_data["school"]
        moved, skipped = bulk_routing.route_cases(
            [(case, school) for case in cases], person=request.user, reason=form.cleaned_data["reason"]
        )
        tell_assigned(request, len(moved), skipped, school)
        return redirect(back)
    context = {"rows": [row(case, request.user) for case in cases], "form": form, "offer": offer}
    context |= {"numbers": [case.number for case in cases], "back": back}
    return render(request, "cases/assign_many.html", context, status=400 if form.is_bound else 200)


def _chosen(request: HttpRequest) -> list[Case]:
    """Those ticked, or all of the filter of the desk it came from."""
    if "all" in request.POST:
        cases = desk.chosen(request.user, request.POST)
    else:
        numbers = read_numbers(request.POST.getlist("case"), bulk_routing.MOST)
        cases = Case.objects.visible_to(request.user).filter(number__in=numbers)
    return list(cases.select_related("child", "school", "district"))


def list_left(request: HttpRequest, otherwise: str = "cases:case_list") -> str:
    """The list a bulk action came from, filters and page with it; `otherwise` where none of ours is named."""
    address = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(address, allowed_hosts=None)  # a path of this site, nothing else
    return address if ours and address.startswith("/") else reverse(otherwise)


def tell_assigned(request: HttpRequest, moved: int, skipped: list[routing.Skipped], school) -> None:
    """How many were done, and how many were passed over for each reason."""
    if moved:
        words = ngettext("มอบหมาย %(n)s คนให้ %(school)s แล้ว", "มอบหมาย %(n)s คนให้ %(school)s แล้ว", moved)
        messages.success(request, words % {"n": moved, "school": school})
    reasons: dict[str, list[str]] = {}
    for left in skipped:
        reasons.setdefault(spoken(left), []).append(left.case.number)
    for reason, numbers in reasons.items():
        words = ngettext("ข้าม %(n)s คน: %(why)s (%(cases)s)", "ข้าม %(n)s คน: %(why)s (%(cases)s)", len(numbers))
        shown = ", ".join(numbers[:NAMED]) + (" …" if len(numbers) > NAMED else "")
        messages.warning(request, words % {"n": len(numbers), "why": reason, "cases": shown})


@require_http_methods(["GET", "POST"])
def name_teacher(request: HttpRequest, number: str) -> HttpResponse:
    """กำหนดครูผู้รับผิดชอบ."""
    case = case_in_scope(request, number)
    sent = request.POST if request.method == "POST" else None
    status, stale = 200 if sent is None else 400, {}
    try:
        actions.may(case, request.user, "name_teacher")
        teachers = routing.teachers_of(case.school)
        form = TeacherForm(sent, initial={"version": case.version}, teachers=teachers)
        if request.method == "POST" and form.is_valid():
            said = form.cleaned_data
            routing.name_teacher(case, said["teacher"], person=request.user, version=said["version"])
            messages.success(request, _("กำหนดครูผู้รับผิดชอบแล้ว"))
            return redirect("cases:case_detail", case.number)
    except actions.IllegalAction as refusal:
        return conflict(request, case, refusal)
    except StaleCase as refusal:
        case, status = case_in_scope(request, number), 409
        stale = stale_context(request, case, form, refusal)
    context = {"case": case, "row": row(case, request.user), "form": form, "teachers": teachers, "seen": seal(case)}
    return render(request, "cases/name_teacher.html", context | stale, status=status)


@require_POST
def name_teachers(request: HttpRequest) -> HttpResponse:
    """กำหนดครูผู้รับผิดชอบพร้อมกัน: first asks whom for how many, then does it and says how many it did."""
    numbers = read_numbers(request.POST.getlist("case"), bulk_routing.MOST)
    back = list_left(request)
    cases = list(Case.objects.visible_to(request.user).filter(number__in=numbers).select_related(*RELATED))
    if not roles.can(request.user, roles.NAME_TEACHER):
        raise PermissionDenied
    if not cases:
        messages.warning(request, _("ยังไม่ได้เลือกเด็ก เลือกจากรายการก่อน"))
        return redirect(back)
    teachers = routing.teachers_of(*{case.school for case in cases if case.school})
    form = TeacherForm(request.POST if "teacher" in request.POST else None, teachers=teachers)
    if form.is_bound and form.is_valid():
        teacher = form.cleaned_data["teacher"]
        named, skipped = routing.name_teachers(cases, teacher, person=request.user)
        _told_of_many(request, teacher, named, skipped)
        return redirect(back)
    context = {"rows": [row(case, request.user) for case in cases], "form": form, "teachers": teachers}
    context |= {"numbers": [case.number for case in cases], "back": back}
    return render(request, "cases/name_teachers.html", context, status=400 if form.is_bound else 200)


def _told_of_many(request: HttpRequest, teacher, named, skipped) -> None:
    """One message: how many have the teacher now, how many were left as they were, and why the first of them."""
    said = ngettext("กำหนด %(teacher)s ให้ %(n)s คนแล้ว", "กำหนด %(teacher)s ให้ %(n)s คนแล้ว", len(named)) % {
        "teacher": teacher.get_full_name(),
        "n": len(named),
    }
    if skipped:
        left = ngettext("ข้าม %(n)s คน", "ข้าม %(n)s คน", len(skipped)) % {"n": len(skipped)}
        said += f" · {left}: {skipped[0].case.number} {spoken(skipped[0])}"
    (messages.warning if skipped else messages.success)(request, said)
