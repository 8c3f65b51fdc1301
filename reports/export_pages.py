"""ส่งออก: asking for a workbook or a line list, one's own requests with their progress, and the finished file."""

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from reports import exports
from reports.export_forms import ExportForm
from reports.labels import LABELS
from schools import roles
from schools.job_pages import job_context, shows
from schools.language import spoken, th_or_en
from schools.models import Job, JobFile
from schools.thaitime import Period
from schools.units import unit_names

SHOWN = 30


def _may_export(request: HttpRequest) -> None:
    if not any(roles.can(request.user, kind.capability) for kind in exports.KINDS.values()):
        raise PermissionDenied


@shows(*exports.KINDS)
def export_face(job: Job) -> dict:
    """How an export shows itself: what it is of, and its file while there is one to be had."""
    name = getattr(job, "unit_name", None) or unit_names({job.params["unit"]})[job.params["unit"]]
    parts = [str(exports.KINDS[job.kind].label), name, _period(job.params["period"])]
    if job.kind == exports.LINE_LIST:
        parts.insert(1, th_or_en(*LABELS[job.params["figure"]]))
    shown = {"title": " · ".join(parts), "page_url": reverse("reports:export_list")}
    file = next((file for file in job.files.all() if file.folder == JobFile.Folder.EXPORT), None)
    if file is not None and exports.may_fetch(file):
        left = exports.MAX_DOWNLOADS - file.downloads
        label = _("%(rows)s แถว · ดาวน์โหลดได้อีก %(n)s ครั้ง") % {"rows": f"{file.rows:,}", "n": left}
        shown |= {"file_url": reverse("reports:export_file", args=[file.pk]), "file_label": label}
    elif job.state == Job.State.DONE:
        shown["error"] = _("ไฟล์หมดอายุหรือดาวน์โหลดครบแล้ว สั่งส่งออกใหม่หากยังต้องใช้")
    return shown


def _period(text: str) -> str:
    if not text:
        return _("ขณะนี้")
    period = Period.parse(text)
    return th_or_en(period.label_th, period.label_en)


@require_safe
def export_list(request: HttpRequest) -> HttpResponse:
    """ส่งออก: the form, and what this person asked for before, newest first."""
    _may_export(request)
    asked = {key: request.GET[key] for key in ("kind", "unit", "period", "figure") if key in request.GET}
    kind, unit = asked.get("kind", ""), asked.get("unit", "")
    form = ExportForm(person=request.user, initial=asked, asked_kind=kind, asked_unit=unit)
    return _page(request, form)


def _page(request: HttpRequest, form: ExportForm, status: int = 200) -> HttpResponse:
    mine = Job.objects.filter(by=request.user, kind__in=exports.KINDS).prefetch_related("files").order_by("-pk")
    mine = list(mine[:SHOWN])
    names = unit_names({job.params["unit"] for job in mine})
    for job in mine:
        job.unit_name = names[job.params["unit"]]
    address = reverse("reports:export_list")
    asked = form["unit"].value()
    unit = asked if asked in dict(form.fields["unit"].widget.choices) else ""  # what is out of reach is not repeated
    kinds = [
        {"label": label, "chosen": kind == form.shown_kind, "url": f"{address}?{_kept(kind=kind, unit=unit)}"}
        for kind, label in form.kinds.items()
    ]
    context = {"form": form, "kinds": kinds, "jobs": [job_context(job) for job in mine], "kept_hours": 24}
    return render(request, "reports/export_list.html", context, status=status)


def _kept(**said) -> str:
    return urlencode({name: value for name, value in said.items() if value})


@require_POST
def export_new(request: HttpRequest) -> HttpResponse:
    """Ask for a file."""
    _may_export(request)
    kind, unit = request.POST.get("kind", ""), request.POST.get("unit", "")
    form = ExportForm(request.POST, person=request.user, asked_kind=kind, asked_unit=unit)
    status = 400
    if form.is_valid():
        try:
            exports.request_export(form.asked(), person=request.user)
        except exports.ExportRefused as refusal:
            form.add_error(refusal.field or None, spoken(refusal))
            status = refusal.status
        else:
            messages.success(request, _("รับคำสั่งแล้ว ไฟล์จะขึ้นในรายการด้านล่างเมื่อเสร็จ"))
            return redirect("reports:export_list")
    return _page(request, form, status)


@require_safe
def export_file(request: HttpRequest, file_id: int) -> HttpResponse:
    """Hand over one's own file; each time is counted and recorded."""
    try:
        file, path = exports.fetch(file_id, person=request.user)
    except JobFile.DoesNotExist as missing:
        raise Http404 from missing
    except exports.ExportRefused as refusal:
        if refusal.status in (403, 404):  # no longer this person's to have
            raise PermissionDenied from refusal
        messages.error(request, spoken(refusal))
        return _page(request, ExportForm(person=request.user), refusal.status)
    answer = FileResponse(path.open("rb"), as_attachment=True, filename=file.name, content_type=file.content_type)
    answer["Cache-Control"] = "no-store, private"
    return answer
