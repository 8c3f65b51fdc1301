"""Background work as rows: queue, lease, progress, result, error a person can read.

A job's row is the truth; Celery only delivers its id. A worker holds a lease it renews as it reports progress; the
sweeper queues again what lost its worker, three attempts at most. A worker that lost its lease can write nothing more.
"""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

from schools import clock
from schools.models import Job, Person, Posting
from schools.scope import postings_of

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=90)
ATTEMPTS = 3
_RUNNERS: dict[str, Callable[["Run"], dict]] = {}


class JobRefused(Exception):
    """The work cannot be done as asked; the two messages say why and how to mend it. Not tried again."""

    def __init__(self, message_th: str, message_en: str):
        self.message_th, self.message_en = message_th, message_en
        super().__init__(message_en)


class LeaseLost(Exception):
    """Another worker has this job now, or it was cancelled: stop, write nothing."""


def runs(kind: str):
    """Decorator: this function does jobs of `kind`. It gets a Run and returns the result, a dict of plain values."""

    def register(function):
        _RUNNERS[kind] = function
        return function

    return register


def kinds() -> frozenset[str]:
    return frozenset(_RUNNERS)


class Run:
    """What a runner holds while it works: the job, and the only way to say how far it is."""

    def __init__(self, job: Job):
        self.job = job
        self._said = clock.now()

    @property
    def params(self) -> dict:
        return self.job.params

    def progress(self, done: int, total: int | None = None, *, at_once: bool = False) -> None:
        """Report `done` of `total` units of work and renew the lease, at most once a second unless `at_once`.

        Raises LeaseLost when the job was cancelled or taken over.
        """
        moment = clock.now()
        if not at_once and moment - self._said < timedelta(seconds=1):
            return
        self._said = moment
        fields = {"done": done, "lease_until": moment + LEASE}
        if total is not None:
            fields["total"] = total
        if not self._mine().update(**fields):
            raise LeaseLost

    def fence(self) -> None:
        """Inside the transaction that has the effect: lock the row and make sure the job is still ours."""
        if not self._mine().select_for_update().exists():
            raise LeaseLost

    def _mine(self):
        return Job.objects.filter(pk=self.job.pk, state=Job.State.RUNNING, lease_token=self.job.lease_token)


def enqueue(kind: str, *, by: Person | None, posting: Posting | None = None, params: dict | None = None) -> Job:
    """Make a job row and have it delivered when the transaction commits. `params` hold ids and choices, no names."""
    if kind not in _RUNNERS:
        raise LookupError(f"No runner for jobs of kind {kind!r}")
    job = Job.objects.create(
        kind=kind,
        by=by,
        posting=posting,
        unit=posting.unit if posting else "",
        params=params or {},
        created_at=clock.now(),
    )
    transaction.on_commit(lambda: _deliver(job.pk))
    return job


def _deliver(job_id: int) -> None:
    from schools.tasks import run_job

    try:
        run_job.delay(job_id)
    except run_job.OperationalError:
        # The row is queued; the sweeper delivers it when the broker is back.
        log.warning("Broker not reachable; job %s waits for the sweeper", job_id)


def own_jobs(person: Person) -> QuerySet[Job]:
    """The jobs `person` asked for from where they are still posted; those of a former post are not theirs any more.

    Nobody sees the jobs of others here, and they look as if they did not exist (SECURITY AN-10, AZ-03).
    """
    units = ["", *(posting.unit for posting in postings_of(person))]
    return Job.objects.filter(by=person, unit__in=units).prefetch_related("files")


def take(job_id: int) -> Job | None:
    """Lease a queued job (or a running one whose lease ran out); None when it is not to be had."""
    moment = clock.now()
    free = Q(state=Job.State.QUEUED) | Q(state=Job.State.RUNNING, lease_until__lt=moment)
    taken = Job.objects.filter(free, pk=job_id, attempts__lt=ATTEMPTS).update(
        state=Job.State.RUNNING,
        started_at=moment,
        lease_until=moment + LEASE,
        lease_token=F("lease_token") + 1,
        attempts=F("attempts") + 1,
    )
    return Job.objects.select_related("by", "posting").get(pk=job_id) if taken else None


def run(job_id: int) -> None:
    """Do the job if it is free. Whatever happens, its row says so in words a person can read."""
    job = take(job_id)
    if job is None:
        return
    work = Run(job)
    try:
        result = _RUNNERS[job.kind](work)
    except LeaseLost:
        log.warning("Job %s lost its lease", job.pk)
        return
    except JobRefused as refusal:
        _finish(job, Job.State.FAILED, error_th=refusal.message_th, error_en=refusal.message_en)
        return
    except Exception:
        log.exception("Job %s failed", job.pk)
        _finish(
            job,
            Job.State.FAILED,
            error_th=f"งานหยุดเพราะข้อผิดพลาดในระบบ ไม่มีข้อมูลถูกบันทึก แจ้งผู้ดูแลพร้อมเลขงาน {job.pk}",
            error_en=f"Stopped by an error in the system; nothing was saved. Tell the administrator job {job.pk}.",
        )
        return
    _finish(job, Job.State.DONE, result=result)


def _finish(job: Job, state: str, **fields) -> None:
    rows = Job.objects.filter(pk=job.pk, lease_token=job.lease_token, state=Job.State.RUNNING)
    if state == Job.State.DONE:
        rows.filter(total__isnull=False).update(done=F("total"))
    rows.update(state=state, finished_at=clock.now(), lease_until=None, **fields)


def cancel(job: Job) -> bool:
    """Stop a job that has not ended; its worker notices at the next report of progress."""
    return bool(
        Job.objects.filter(pk=job.pk, state__in=[Job.State.QUEUED, Job.State.RUNNING]).update(
            state=Job.State.CANCELLED, finished_at=clock.now(), lease_until=None
        )
    )


def sweep() -> int:
    """Deliver again what waits or lost its worker; give up after three attempts. Returns how many were delivered."""
    moment = clock.now()
    lost = Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=moment)
    lost.filter(attempts__gte=ATTEMPTS).update(
        state=Job.State.FAILED,
        finished_at=moment,
        lease_until=None,
        error_th="งานล้มเหลวครบ 3 ครั้งโดยไม่ทราบสาเหตุ ไม่มีข้อมูลถูกบันทึก ลองตรวจไฟล์แล้วเริ่มใหม่",
        error_en="The job died three times; nothing was saved. Check the file and start again.",
    )
    waiting = Job.objects.filter(state=Job.State.QUEUED, created_at__lt=moment - timedelta(seconds=20))
    ids = list(lost.values_list("pk", flat=True)) + list(waiting.values_list("pk", flat=True))
    for job_id in ids:
        _deliver(job_id)
    return len(ids)
