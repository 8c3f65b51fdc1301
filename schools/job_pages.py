"""Jobs as a person sees them: the fragment that shows one's progress, and the button that stops it.

An application says what its kind of job is called and where its result lies by `@shows(kind)`. A job is shown to the
person who asked for it and to nobody else.
"""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from schools import clock, jobs
from schools.language import th_or_en
from schools.models import Job

UNDER_WAY = (Job.State.QUEUED, Job.State.RUNNING)
_FACES: dict[str, Callable[[Job], dict]] = {}


def shows(*kinds: str):
    """Decorator: this function (job) → dict gives `title`, `page_url` and where there is one `file_url`,
    `file_label`, `result_url`, `error_help` of jobs of these kinds (templates/components/job.html)."""

    def register(function):
        for kind in kinds:
            _FACES[kind] = function
        return function

    return register


def job_context(job: Job) -> dict:
    """What components/job.html shows of a job, in the reader's language."""
    shown = {
        "title": job.kind,
        "state": "waiting" if job.state == Job.State.QUEUED else job.state,
        "done": job.done,
        "total": job.total,
        "seconds_left": seconds_left(job),
        "error": th_or_en(job.error_th, job.error_en),
        "as_of": job.finished_at,
        "page_url": "/",
    }
    if job.state in UNDER_WAY:
        shown["poll_url"] = reverse("schools:job", args=[job.pk])
        shown["cancel_url"] = reverse("schools:job_cancel", args=[job.pk])
    face = _FACES.get(job.kind)
    return shown | (face(job) if face else {})


def seconds_left(job: Job) -> int | None:
    """How long the rest takes at the pace so far; None while that is a guess."""
    if job.state != Job.State.RUNNING or not job.total or not job.done or job.started_at is None:
        return None
    spent = (clock.now() - job.started_at).total_seconds()
    return round(spent * (job.total - job.done) / job.done) if spent >= 3 and job.done <= job.total else None


def _own(request: HttpRequest, job_id: int) -> Job:
    """The person's own job; anybody else's is 404, as if it did not exist."""
    if not request.user.is_authenticated:
        raise Http404
    return get_object_or_404(jobs.own_jobs(request.user), pk=job_id)


@require_safe
def job(request: HttpRequest, job_id: int) -> HttpResponse:
    """The fragment a page polls: one job, as components/job.html draws it."""
    shown = render(request, "components/job.html", {"job": job_context(_own(request, job_id))})
    shown["Cache-Control"] = "no-store"
    return shown


@require_POST
def job_cancel(request: HttpRequest, job_id: int) -> HttpResponse:
    """Stop one's own job; what it did so far is not kept."""
    own = _own(request, job_id)
    if jobs.cancel(own):
        messages.success(request, _("ยกเลิกงานแล้ว ไม่มีสิ่งใดถูกเก็บ"))
    else:
        messages.warning(request, _("งานนี้จบไปก่อนแล้ว จึงยกเลิกไม่ได้"))
    back = job_context(own)["page_url"]
    return redirect(back if url_has_allowed_host_and_scheme(back, None) else "/")
