"""นำเข้ารายชื่อ: history, upload, result of the dry run, commit, answer files. Seen by oneself and one's unit."""

from io import BytesIO

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cases.intake import background, pages
from cases.intake.forms import CommitForm, ImportForm, MappingForm
from cases.intake.refusal import SheetRefused
from cases.intake.template import XLSX, write_template
from schools import audit, jobs, roles
from schools.files import send_file
from schools.jobs import JobRefused
from schools.language import spoken
from schools.models import Job, JobFile
from schools.thaitext import header_key


def _may_import(request: HttpRequest) -> None:
    if not roles.can(request.user, roles.IMPORT_LISTS):
        raise PermissionDenied


def _job(request: HttpRequest, job_id: int) -> Job:
    """The import `job_id` if this person may see it; otherwise 404, exactly as if it did not exist."""
    rows = pages.visible_imports(request.user).select_related("by").prefetch_related("files")
    return get_object_or_404(rows, pk=job_id)


def _own_check(request: HttpRequest, job_id: int, *states: str) -> Job:
    """A dry run of this very person that ended in one of `states`."""
    job = _job(request, job_id)
    if job.by_id != request.user.pk:
        raise PermissionDenied
    if job.kind != background.CHECK or job.state not in states:
        raise Http404
    return job


@require_GET
def import_list(request: HttpRequest) -> HttpResponse:
    """The imports of oneself and one's unit, and the form for a new one."""
    _may_import(request)
    return render(request, "cases/import_list.html", {"rows": pages.history(request.user), "form": ImportForm()})


@require_http_methods(["GET", "POST"])
def import_new(request: HttpRequest) -> HttpResponse:
    """Take a file and try it; nothing is imported yet."""
    _may_import(request)
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        try:
            job = background.start_check(request.user, said.pop("file"), **said)
        except SheetRefused as refused:
            form.add_error("file", spoken(refused))
        else:
            return redirect("cases:import_detail", job.pk)
    status = 400 if form.is_bound and form.errors else 200
    return render(request, "cases/import_new.html", {"form": form}, status=status)


@require_GET
def import_template(request: HttpRequest) -> HttpResponse:
    """The canonical template with an example and notes."""
    _may_import(request)
    file = BytesIO()
    write_template(file)
    answer = HttpResponse(file.getvalue(), content_type=XLSX)
    answer["Content-Disposition"] = 'attachment; filename="child-list-template.xlsx"'
    return answer


@require_GET
def import_detail(request: HttpRequest, job_id: int) -> HttpResponse:
    """Progress while it runs, then what a commit would do, or did."""
    job = _job(request, job_id)
    mine = job.by_id == request.user.pk
    checked = job.kind == background.CHECK and job.state == Job.State.DONE
    context = {
        "job": job,
        "mine": mine,
        "progress": pages.progress(job, mine=mine),
        "file": next((file.name for file in job.files.all() if file.role == "source"), ""),
        "commit": background.commit_of(job) if checked else None,
        "counts": job.result.get("counts"),
    }
    context["landed"] = pages.landed(context["commit"] if checked else job, request.user)
    if checked:
        context["result"] = pages.result(job)
        context["form"] = CommitForm()
    ended = job.state in (Job.State.DONE, Job.State.FAILED)
    if mine and ended and job.kind == background.CHECK and (unknown := pages.unknown_headings(job)):
        context["mapping"] = MappingForm(headings=unknown)
    return render(request, "cases/import_detail.html", context)


@require_GET
def import_progress(request: HttpRequest, job_id: int) -> HttpResponse:
    """The progress alone, fetched again and again by the page."""
    job = _job(request, job_id)
    shown = pages.progress(job, mine=job.by_id == request.user.pk)
    return render(request, "cases/import_progress.html", {"progress": shown})


@require_POST
def import_commit(request: HttpRequest, job_id: int) -> HttpResponse:
    """Queue the commit of one's own dry run."""
    checked = _own_check(request, job_id, Job.State.DONE)
    form = CommitForm(request.POST)
    form.full_clean()
    try:
        job = background.start_commit(checked, request.user, accept_good_rows=form.cleaned_data["accept_good_rows"])
    except JobRefused as refused:
        messages.error(request, spoken(refused))
        return redirect("cases:import_detail", checked.pk)
    return redirect("cases:import_detail", job.pk)


@require_POST
def import_map(request: HttpRequest, job_id: int) -> HttpResponse:
    """Match unknown headings by hand and try the same file again."""
    checked = _own_check(request, job_id, Job.State.DONE, Job.State.FAILED)
    form = MappingForm(request.POST, headings=pages.unknown_headings(checked))
    if not form.is_valid() or not form.mapping():
        messages.error(request, _("ยังไม่ได้เลือกคอลัมน์"))
        return redirect("cases:import_detail", checked.pk)
    try:
        job = background.check_again(
            checked, mapping={header_key(heading): column for heading, column in form.mapping().items()}
        )
    except JobRefused as refused:
        messages.error(request, spoken(refused))
        return redirect("cases:import_detail", checked.pk)
    return redirect("cases:import_detail", job.pk)


@require_POST
def import_cancel(request: HttpRequest, job_id: int) -> HttpResponse:
    """Stop one's own import while it runs; nothing of it stays."""
    job = _job(request, job_id)
    if job.by_id != request.user.pk:
        raise PermissionDenied
    if jobs.cancel(job):
        messages.success(request, _("ยกเลิกแล้ว ไม่มีข้อมูลถูกบันทึก"))
    return redirect("cases:import_detail", job.pk)


@require_GET
def import_file(request: HttpRequest, job_id: int, role: str) -> HttpResponse:
    """An answer file, for the person whose list it is."""
    job = _job(request, job_id)
    file = job.files.filter(role=role, folder=JobFile.Folder.EXPORT).first()
    if job.by_id != request.user.pk or file is None:
        raise Http404
    audit.record(
        "import_file_downloaded", person=request.user, object_kind="job", object_key=str(job.pk), role_of_file=role
    )
    answer = send_file(settings.EXPORT_DIR, file.path, name=file.name, content_type=file.content_type)
    answer["Cache-Control"] = "no-store, private"
    return answer
