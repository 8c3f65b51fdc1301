"""ตรวจสอบบัญชี: the lists to check, their lines, answers in bulk or one by one, signature and giving back."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases import actions, check_pages, checking, checklists, pictures
from cases.cards import row
from cases.check_forms import AnswerForm, DuplicateForm, LineFilter, ReturnForm, SignForm
from cases.child_data import BadChildData, NothingChanged
from cases.codes import CheckAnswer
from cases.deeds.child_data import ChildForm
from cases.lifecycle import StaleCase
from cases.models import ListEntry, ListVersion
from cases.views.work import conflict
from schools import audit, clock, roles
from schools.language import spoken, th_or_en
from schools.paging import read_keys
from schools.units import Unit

NAMES_SHOWN = 50


def _version(request: HttpRequest, pk: int) -> ListVersion:
    """The version `pk` of a list with lines this person checks or watches; otherwise 404."""
    version = checklists.version_in_sight(request.user, pk)
    if version is None:
        raise Http404
    return version


def _filter(request: HttpRequest) -> dict:
    found = LineFilter(request.GET)
    if not found.is_valid():
        raise SuspiciousOperation("not a filter of ours")
    return found.cleaned_data


def _back(request: HttpRequest, version: ListVersion, line: int | None = None) -> str:
    """The checklist as it stood, with its filter and page; at the line where there is one."""
    query = request.GET.urlencode()
    path = reverse("cases:check_version", args=[version.pk])
    return f"{path}{'?' if query else ''}{query}{f'#line-{line}' if line else ''}"


@require_GET
def check_list(request: HttpRequest) -> HttpResponse:
    """The lists to check in one's scope, with how far each is."""
    if not checklists.may_look(request.user):
        raise Http404
    context = {"lists": check_pages.lists(request.user), "as_of": clock.now()}
    return render(request, "cases/check_list.html", context)


@require_GET
def check_version(request: HttpRequest, pk: int) -> HttpResponse:
    """The lines of one list; for a district its schools, above it the districts; and the signature."""
    version = _version(request, pk)
    if not checklists.is_latest(version):
        return redirect("cases:check_version", checklists.versions_of(request.user).get(list=version.list_id).pk)
    said = _filter(request)
    unit: Unit | None = said["unit"]
    checks = roles.can(request.user, roles.CHECK_LISTS)
    desk = check_pages.desk(request.user)
    context = {
        "version": version,
        "said": said,
        "checks": checks,
        "unit": unit,
        "panels": check_pages.signature_panels(version, request.user, unit),
        "below": check_pages.below(version, desk) if desk else None,
        "query": request.GET.urlencode(),
        "as_of": clock.now(),
    }
    if checks:
        context |= _lines(request, version, said)
    return render(request, "cases/check_version.html", context)


def _lines(request: HttpRequest, version: ListVersion, said: dict) -> dict:
    page = check_pages.page_of_lines(check_pages.filtered(version, request.user, said), request.GET.get("after", ""))
    counts = check_pages.counts(version, request.user, said["unit"])
    group = counts[said["group"]]
    answers = checking.OF_GONE if said["group"] == "gone" else checking.OF_PRESENT
    choices = [("none", _("ยังไม่ได้ตรวจ")), *((a.value, a.label) for a in answers), ("all", _("ทุกคำตอบ"))]
    return {
        "rows": check_pages.line_rows(version, page.rows, request.user),
        "page": page,
        "counts": counts,
        "progress": {"lines": counts["lines"], "answered": counts["lines"] - counts["left"]},
        "tabs": [(value, label, group.get(value, 0)) for value, label in choices],
        "total": group.get(said["answer"], 0),
        "buttons": check_pages.buttons(said["group"]),
        "next_url": _with(request, after=page.next) if page.next else "",
        "first_url": "" if page.first else _with(request, after=None),
        "one_school": said["unit"] is not None or check_pages.desk(request.user) is None,
    }


def _with(request: HttpRequest, **changes) -> str:
    query = request.GET.copy()
    for key, value in changes.items():
        query.pop(key, None)
        if value:
            query[key] = value
    return f"{request.path}?{query.urlencode()}"


# ── answers ───────────────────────────────────────────────────────────────────────────────────────────────────
@require_POST
def check_lines(request: HttpRequest, pk: int) -> HttpResponse:
    """One answer to the chosen lines, or to all on the filter. What needs evidence, and all at once, is asked first."""
    version = _version(request, pk)
    if not roles.can(request.user, roles.CHECK_LISTS):
        raise PermissionDenied
    everybody = "all" in request.POST
    entries = _chosen(request, version, everybody=everybody)
    quick = request.POST.get("answer") == CheckAnswer.CORRECT and not everybody
    sent = quick or "confirmed" in request.POST
    form = AnswerForm(request.POST, request.FILES) if sent else AnswerForm(initial={"answer": _answer(request)})
    agreed = not everybody or request.POST.get("confirmed") == str(len(entries))
    if sent and agreed and form.is_valid():
        try:
            said = form.cleaned_data
            answered = checking.answer_lines(version, entries, person=request.user, **said)
        except checking.CheckRefused as refusal:
            return _refused(request, version, refusal)
        return _told(request, version, said["answer"], answered)
    context = {
        "version": version,
        "form": form,
        "answer": CheckAnswer(_answer(request)),
        "entries": entries,
        "everybody": everybody,
        "moved_on": sent and not agreed,
        "names": _names(request, version, entries),
        "query": request.GET.urlencode(),
        "back": _back(request, version),
    }
    return render(request, "cases/check_lines.html", context, status=400 if sent and form.errors else 200)


def _answer(request: HttpRequest) -> str:
    """The answer of the button that was pressed; 400 for none of ours."""
    answer = request.POST.get("answer", "")
    if answer not in dict(AnswerForm.base_fields["answer"].choices):
        raise SuspiciousOperation("not an answer of ours")
    return answer


def _chosen(request: HttpRequest, version: ListVersion, *, everybody: bool) -> list[int]:
    if everybody:
        return list(check_pages.filtered(version, request.user, _filter(request)).values_list("pk", flat=True))
    return read_keys(request.POST.getlist("line"), checking.MOST_AT_ONCE)


def _names(request: HttpRequest, version: ListVersion, entries: list[int]) -> list[str]:
    rows = checklists.lines_of(version, request.user).filter(pk__in=entries[:NAMES_SHOWN])
    page = check_pages.page_of_lines(rows, "")
    return [one["name"] for one in check_pages.line_rows(version, page.rows, request.user)]


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


def _refused(request: HttpRequest, version: ListVersion, refusal) -> HttpResponse:
    if _wants_json(request):
        return JsonResponse({"done": 0, "message": spoken(refusal)}, status=409)
    messages.error(request, spoken(refusal))
    return redirect(_back(request, version))


def _told(request: HttpRequest, version: ListVersion, answer: str, answered: checking.Answered) -> HttpResponse:
    label = CheckAnswer(answer).label
    left = [f"{number}: {th_or_en(thai, english)}" for number, thai, english in answered.skipped]
    if _wants_json(request):
        said = {"done": answered.done, "label": str(label), "message": " · ".join(left)}
        return JsonResponse(said, status=200 if answered.done else 409)
    if answered.done:
        words = ngettext("ตอบ “%(answer)s” %(n)s คนแล้ว", "ตอบ “%(answer)s” %(n)s คนแล้ว", answered.done)
        messages.success(request, words % {"answer": label, "n": f"{answered.done:,}"})
    for words in left[:10]:
        messages.warning(request, words)
    return redirect(_back(request, version, answered.lines[-1] if answered.lines else None))


# ── one child ─────────────────────────────────────────────────────────────────────────────────────────────────
def _line(request: HttpRequest, pk: int, line: int) -> tuple[ListVersion, ListEntry]:
    """A line this person checks; otherwise 404."""
    version = _version(request, pk)
    related = ("case__school", "case__district", "case__province")
    places = ("case__child__tambon", "case__child__amphoe", "case__child__province")
    rows = checklists.lines_of(version, request.user).select_related(*related, *places)
    return version, get_object_or_404(rows, pk=line)


@require_http_methods(["GET", "POST"])
def check_amend(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """แก้ไข: the child's data, filled in; saved, the line is answered with it."""
    version, entry = _line(request, pk, line)
    case, stale = entry.case, ""
    form = ChildForm(request.POST if request.method == "POST" else None, case=case, person=request.user)
    status = 400 if form.is_bound else 200
    try:
        actions.may(case, request.user, "amend_child")
        if form.is_bound and form.is_valid():
            checking.amend_line(version, entry, person=request.user, **form.cleaned_data)
            messages.success(request, _("แก้ไขข้อมูลเด็กแล้ว"))
            return redirect(_back(request, version, entry.pk))
        if not form.is_bound:
            audit.record(audit.VIEW_CASE, person=request.user, object_kind="case", object_key=case.number)
    except StaleCase as refusal:
        status, stale = 409, spoken(refusal)
        form.data["version"] = str(refusal.case.version)
    except BadChildData as refusal:
        form.add_error(refusal.field, spoken(refusal))
    except (NothingChanged, checking.CheckRefused) as refusal:
        form.add_error(None, spoken(refusal))
    except actions.IllegalAction as refusal:
        return conflict(request, case, refusal)
    context = {"case": case, "row": row(case, request.user), "form": form, "stale": stale}
    context |= {"back": _back(request, version, entry.pk), "answer": CheckAnswer.AMENDED, "version": version}
    return render(request, "cases/check_amend.html", context, status=status)


@require_http_methods(["GET", "POST"])
def check_duplicate(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """ซ้ำ: which other case is of the same child."""
    version, entry = _line(request, pk, line)
    same = list(checking.same_names(entry.case, request.user)[:20])
    choices = [(one.number, f"{one.child} · {one.school or one.district} · {one.number}") for one in same]
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = DuplicateForm(*data, same=choices)
    if form.is_bound and form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("number", "evidence", "pictures")}
        try:
            checking.call_duplicate(version, entry, person=request.user, **said)
        except checking.CheckRefused as refusal:
            form.add_error(getattr(refusal, "field", None), spoken(refusal))
        else:
            messages.success(request, _("บันทึกว่าซ้ำแล้ว ผู้ตรวจข้อมูลซ้ำซ้อนจะเห็นทั้งสองแฟ้ม"))
            return redirect(_back(request, version, entry.pk))
    context = {"case": entry.case, "row": row(entry.case, request.user), "form": form, "version": version}
    context |= {"back": _back(request, version, entry.pk), "answer": CheckAnswer.DUPLICATE}
    return render(request, "cases/check_duplicate.html", context, status=400 if form.errors else 200)


@require_GET
def check_picture(request: HttpRequest, pk: int, picture: int) -> FileResponse:
    """What proves an answer, for those who check the line; looking is recorded."""
    return pictures.of_check(_version(request, pk), picture, person=request.user)


# ── signature ─────────────────────────────────────────────────────────────────────────────────────────────────
@require_POST
def check_sign(request: HttpRequest, pk: int) -> HttpResponse:
    """ลงนามรับรอง, of one's own unit."""
    return _signature(request, pk, SignForm(request.POST), checklists.sign, _("รับรองบัญชีแล้ว"))


@require_POST
def check_return(request: HttpRequest, pk: int) -> HttpResponse:
    """ส่งกลับให้แก้ไข, of a unit below."""
    return _signature(request, pk, ReturnForm(request.POST), checklists.give_back, _("ส่งบัญชีกลับให้แก้ไขแล้ว"))


def _signature(request: HttpRequest, pk: int, form: SignForm, call, done: str) -> HttpResponse:
    version = _version(request, pk)
    unit = checklists.unit_for(request.user, form.data.get("unit", ""))
    if unit is None:
        raise PermissionDenied
    if form.is_valid():
        try:
            call(version, unit, person=request.user, note=form.cleaned_data["note"])
            messages.success(request, done)
        except checklists.CheckRefused as refusal:
            messages.error(request, spoken(refusal))
    else:
        for field, errors in form.errors.items():
            messages.error(request, f"{form.fields[field].label}: {errors[0]}")
    return redirect(_back(request, version))
