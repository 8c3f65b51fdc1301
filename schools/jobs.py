"""Background work as rows: queue, lease, progress, result, error a person can read.

A job's row is the truth; Celery only delivers its id. A worker holds a lease it renews while it lives; the sweeper
queues again what lost its worker, three attempts at most. A worker that lost its lease can write nothing more.
"""

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from datetime import timedelta
from threading import Event, Thread

from django.conf import settings
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from kombu.exceptions import ChannelError

from schools import clock, scope
from schools.models import Job, Person, Posting
from schools.refusal import Refusal
from schools.scope import postings_of

log = logging.getLogger(__name__)

ATTEMPTS = 3
PATIENCE = timedelta(seconds=20)  # how long a queued job may wait before the sweeper delivers it again
_RUNNERS: dict[str, Callable[["Run"], dict]] = {}


class JobRefused(Refusal):
    """The work cannot be done as asked; the two messages say why and how to mend it. Not tried again."""


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
        fields = {"done": done, "lease_until": moment + lease()}
        if total is not None:
            fields["total"] = total
        if not self._mine().update(**fields):
            raise LeaseLost

    def fence(self) -> None:
        """Inside the transaction that has the effect: lock the row and make sure the job is still ours."""
        if not self._mine().select_for_update().exists():
            raise LeaseLost

    def done(self, result: dict) -> None:
        """Last of all inside the transaction that has the effect: the job ends with it, both or neither.

        A worker that dies right after leaves nothing to be done a second time. Raises LeaseLost.
        """
        if not _finish(self.job, Job.State.DONE, result=result):
            raise LeaseLost

    def _mine(self):
        return _held(self.job)


def lease() -> timedelta:
    """How long a job stays with a worker that says nothing (JOB_LEASE_SECONDS)."""
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)


def _held(job: Job):
    """The row of `job` as long as it is held by whoever took it as `job`."""
    return Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, lease_token=job.lease_token)


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


def _deliver(job_id: int) -> bool:
    """Hand the id to the broker, within seconds. False: it is not there, or (filesystem) its folder or disk is not."""
    from schools.tasks import run_job

    try:
        run_job.delay(job_id)
    except (run_job.OperationalError, ChannelError, OSError) as error:
        # The row is queued; the sweeper delivers it when the broker is back.
        log.warning("Broker not reachable (%s); job %s waits for the sweeper", type(error).__name__, job_id)
        return False
    return True


def own_jobs(person: Person) -> QuerySet[Job]:
    """The jobs `person` asked for from where they are still posted; those of a former post are not theirs any more.

    Nobody sees the jobs of others here, and they look as if they did not exist (SECURITY AN-10, AZ-03).
    """
    units = ["", *(posting.unit for posting in postings_of(person))]
    return Job.objects.filter(by=person, unit__in=units).prefetch_related("files")


def take(job_id: int) -> Job | None:
    """Lease a queued job (or a running one whose lease ran out); None when it is not to be had.

    The job of a person who has no posting any more, or no account, ends here as failed (AZ-08).
    """
    moment = clock.now()
    free = Q(state=Job.State.QUEUED) | Q(state=Job.State.RUNNING, lease_until__lt=moment)
    taken = Job.objects.filter(free, pk=job_id, attempts__lt=ATTEMPTS).update(
        state=Job.State.RUNNING,
        started_at=moment,
        lease_until=moment + lease(),
        lease_token=F("lease_token") + 1,
        attempts=F("attempts") + 1,
    )
    if not taken:
        return None
    job = Job.objects.select_related("by", "posting").get(pk=job_id)
    if job.by is None or scope.postings_of(job.by):
        return job
    _finish(
        job,
        Job.State.FAILED,
        error_th="ผู้สั่งงานนี้ไม่มีสิทธิ์แล้ว (บัญชีถูกปิด หรือไม่มีตำแหน่งในวันนี้) งานไม่ได้เริ่ม ไม่มีข้อมูลถูกบันทึก",
        error_en="Who asked for this has no account or no posting any more; it was not begun and nothing was saved.",
    )
    return None


def run(job_id: int) -> None:
    """Do the job if it is free. Whatever happens, its row says so in words a person can read."""
    job = take(job_id)
    if job is None:
        return
    try:
        with _kept_alive(job):
            result = _RUNNERS[job.kind](Run(job))
    except LeaseLost:
        log.warning("Job %s lost its lease", job.pk)
        return
    except JobRefused as refusal:
        _finish(job, Job.State.FAILED, error_th=refusal.message_th, error_en=refusal.message_en)
        return
    except Exception as error:
        _log(job, error)
        if isinstance(error, OperationalError) and _put_back(job):
            return
        _finish(
            job,
            Job.State.FAILED,
            error_th=f"งานหยุดเพราะข้อผิดพลาดในระบบ ไม่มีข้อมูลถูกบันทึก แจ้งผู้ดูแลพร้อมเลขงาน {job.pk}",
            error_en=f"Stopped by an error in the system; nothing was saved. Tell the administrator job {job.pk}.",
        )
        return
    _finish(job, Job.State.DONE, result=result)


def _log(job: Job, error: Exception) -> None:
    """Where it broke. A database's message is left out: its details quote the row, which is a child's (LG-02)."""
    if isinstance(error, DatabaseError):
        code = getattr(error.__cause__, "pgcode", None) or getattr(error.__cause__, "sqlite_errorname", "")
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("Job %s failed: %s %s\n%s", job.pk, type(error).__name__, code, where)
    else:
        log.error("Job %s failed", job.pk, exc_info=error)


def _put_back(job: Job) -> bool:
    """After a deadlock, a lost connection, a lock held too long: the sweeper tries again, save the last time."""
    if job.attempts >= ATTEMPTS:
        return False
    return bool(_held(job).update(state=Job.State.QUEUED, lease_until=None))


@contextmanager
def _kept_alive(job: Job) -> Iterator[None]:
    """Renew the lease beside work that says nothing for long; it lapses only when the whole process is gone.

    On SQLite the one who writes is alone anyway: nobody can take the job before the transaction ends.
    """
    if connection.vendor != "postgresql":
        yield
        return
    ended = Event()
    thread = Thread(target=copy_context().run, args=(_renew, job, ended), name=f"lease of job {job.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _renew(job: Job, ended: Event) -> None:
    while not ended.wait(lease().total_seconds() / 3):
        try:
            _held(job).update(lease_until=clock.now() + lease())
        except DatabaseError:
            log.warning("The lease of job %s could not be renewed", job.pk)
        finally:
            connection.close()  # this thread's own, not needed for the next half minute


def _finish(job: Job, state: str, **fields) -> bool:
    """End the job if it is still ours; all of it is done when it is DONE."""
    if state == Job.State.DONE:
        fields["done"] = Coalesce(F("total"), F("done"))
    return bool(_held(job).update(state=state, finished_at=clock.now(), lease_until=None, **fields))


def cancel(job: Job) -> bool:
    """Stop a job that has not ended; its worker notices at the next report of progress."""
    return bool(
        Job.objects.filter(pk=job.pk, state__in=[Job.State.QUEUED, Job.State.RUNNING]).update(
            state=Job.State.CANCELLED, finished_at=clock.now(), lease_until=None
        )
    )


def sweep() -> int:
    """Deliver again what waits or lost its worker; give up after three attempts. Returns how many were delivered.

    At the first that cannot be delivered it stops: the broker is away, and every try takes seconds.
    """
    moment = clock.now()
    lost = Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=moment)
    lost.filter(attempts__gte=ATTEMPTS).update(
        state=Job.State.FAILED,
        finished_at=moment,
        lease_until=None,
        error_th="งานล้มเหลวครบ 3 ครั้งโดยไม่ทราบสาเหตุ ไม่มีข้อมูลถูกบันทึก ลองตรวจไฟล์แล้วเริ่มใหม่",
        error_en="The job died three times; nothing was saved. Check the file and start again.",
    )
    waiting = Job.objects.filter(state=Job.State.QUEUED, created_at__lt=moment - PATIENCE)
    delivered = 0
    for job_id in (lost | waiting).order_by("pk").values_list("pk", flat=True):
        if not _deliver(job_id):
            break
        delivered += 1
    return delivered
