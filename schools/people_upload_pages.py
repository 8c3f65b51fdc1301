"""เชิญด้วยไฟล์: upload, dry run with its refused rows, commit, the links once. Each sees only their own sheets."""

from io import BytesIO

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from schools import jobs, roles
from schools import people_upload as upload
from schools.access import ask_password_unless_fresh, needs
from schools.files import SANDBOX
from schools.job_pages import job_context, shows
from schools.jobs import JobRefused
from schools.language import spoken, th_or_en
from schools.models import Job
from schools.people_forms import PeopleSheetForm
from schools.people_sheet import COLUMNS

_EXAMPLE = ("สมมุติ", "ตัวอย่าง", "somsak.t", "ครู", "46990001", "", "", "0810000000", "01/10/2569", "30/09/2570", "")


@shows(upload.CHECK, upload.COMMIT)
def face(job: Job) -> dict:
    """How a sheet of people is shown wherever jobs are."""
    titles = {upload.CHECK: _("ตรวจไฟล์ผู้ใช้"), upload.COMMIT: _("เชิญผู้ใช้จากไฟล์")}
    address = reverse("schools:people_upload", args=[job.pk])
    return {"title": titles[job.kind], "page_url": address, "result_url": address}


def _own(request: HttpRequest, job_id: int, *kinds: str) -> Job:
    """One's own sheet; anybody else's is 404, as if it did not exist."""
    rows = jobs.own_jobs(request.user).filter(kind__in=kinds or (upload.CHECK, upload.COMMIT))
    return get_object_or_404(rows, pk=min(job_id, (1 << 63) - 1))


@require_http_methods(["GET", "POST"])
@needs(roles.ADMINISTER_PEOPLE)
def people_upload_new(request: HttpRequest) -> HttpResponse:
    """Take a sheet and try it; nobody is invited yet."""
    form = PeopleSheetForm(request.POST, request.FILES) if request.method == "POST" else PeopleSheetForm()
    if form.is_bound and form.is_valid():
        host = request.build_absolute_uri("/").rstrip("/")
        try:
            job = upload.start_check(request.user, form.cleaned_data["file"], host=host)
        except JobRefused as refused:
            form.add_error("file", spoken(refused))
        else:
            return redirect("schools:people_upload", job.pk)
    context = {"form": form, "columns": COLUMNS}
    return render(request, "schools/people_upload_new.html", context, status=400 if form.errors else 200)


@require_GET
@needs(roles.ADMINISTER_PEOPLE)
def people_upload_template(request: HttpRequest) -> HttpResponse:
    """The headings with one example row, as a .csv that Excel opens (its mark tells it that this is UTF-8)."""
    file = BytesIO()
    for row in (COLUMNS, _EXAMPLE):
        file.write((",".join(row) + "\r\n").encode("utf-8-sig" if row is COLUMNS else "utf-8"))
    answer = HttpResponse(file.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="people-template.csv"'
    return answer


@require_GET
@needs(roles.ADMINISTER_PEOPLE)
def people_upload(request: HttpRequest, job_id: int) -> HttpResponse:
    """Progress while it runs, then what a commit would do, or did."""
    job = _own(request, job_id)
    done = job.state == Job.State.DONE
    told = [
        remark | {"words": th_or_en(remark["message"], remark["message_en"])}
        for remark in job.result.get("refusals", ())
    ]
    links = next((file for file in job.files.all() if file.role == "links"), None)
    context = {
        "job": job,
        "progress": job_context(job),
        "checked": done and job.kind == upload.CHECK,
        "landed": done and job.kind == upload.COMMIT,
        "file": next((file.name for file in job.files.all() if file.role == "source"), ""),
        "counts": job.result.get("counts"),
        "refusals": told,
        "links": links,
        "commit": upload.commit_of(job) if job.kind == upload.CHECK else None,
    }
    return render(request, "schools/people_upload.html", context)


@require_POST
@needs(roles.ADMINISTER_PEOPLE)
def people_upload_commit(request: HttpRequest, job_id: int) -> HttpResponse:
    """Invite everybody of one's own checked sheet."""
    checked = _own(request, job_id, upload.CHECK)
    ask_password_unless_fresh(request)
    try:
        job = upload.start_commit(checked, request.user)
    except JobRefused as refused:
        messages.error(request, spoken(refused))
        return redirect("schools:people_upload", checked.pk)
    return redirect("schools:people_upload", job.pk)


@require_POST
@needs(roles.ADMINISTER_PEOPLE)
def people_upload_links(request: HttpRequest, job_id: int) -> HttpResponse:
    """The file of links, once; by POST, so that nothing fetches it unasked."""
    job = _own(request, job_id, upload.COMMIT)
    content = upload.take_links(job, person=request.user)
    if content is None:
        raise Http404
    answer = HttpResponse(content, content_type=upload.XLSX)
    answer["Content-Disposition"] = 'attachment; filename="invitation-links.xlsx"'
    answer["Content-Security-Policy"] = SANDBOX
    return answer
