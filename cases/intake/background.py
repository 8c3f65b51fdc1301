"""An import in the background: what was uploaded, the dry run as a job, the commit as a job, the answer files.

A commit is by the same person, within an hour of its dry run, of the very same file (IM-01).
"""

import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction

from cases.identity import scrub
from cases.intake.answers import KEPT_FOR, Answers
from cases.intake.columns import MissingColumn
from cases.intake.commit import NotLanded
from cases.intake.importing import (
    MayNotImport,
    Request,
    commit,
    importing_posting,
    judge,
    limits_for,
    record_holds,
    sha256_of,
)
from cases.intake.refusal import SheetRefused, check_file_size
from cases.models import ListVersion
from schools import clock, jobs
from schools.jobs import JobRefused, Run
from schools.models import Job, JobFile, Person

CHECK, COMMIT = "import_check", "import_commit"
SHORT = 5_000  # rows that land before anybody looks
VALID_FOR = timedelta(hours=1)  # IM-01: how long a dry run may be committed


def start_check(
    person: Person,
    upload: UploadedFile,
    *,
    name: str = "",
    list_date: date | None = None,
    category: int | None = None,
    confirm_ages: bool = False,
) -> Job:
    """Keep the upload under a random name and queue its dry run. Raises MayNotImport, SheetRefused (too large)."""
    importing_posting(person)
    check_file_size(upload.size, limits_for(person))
    path = _new_path(settings.UPLOAD_DIR)
    with path.open("wb") as file:
        for chunk in upload.chunks():
            file.write(chunk)
    params = {
        "list": scrub(name),  # typed by hand, and kept: no national ID in it (LG-02)
        "list_date": list_date.isoformat() if list_date else None,
        "category": category,
        "confirm_ages": confirm_ages,
        "mapping": {},
    }
    return _queue_check(person, path, upload.name or "", params)


def check_again(job: Job, *, mapping: dict[str, str] | None = None, confirm_ages: bool | None = None) -> Job:
    """A new dry run of the same file with headings matched by hand, or ages confirmed. Raises JobRefused."""
    source = source_of(job)
    path = _new_path(settings.UPLOAD_DIR)
    path.write_bytes(stored(source).read_bytes())
    params = job.params | {"mapping": job.params["mapping"] | _without_ids(mapping or {})}
    if confirm_ages is not None:
        params["confirm_ages"] = confirm_ages
    return _queue_check(job.by, path, source.name, params)


def _without_ids(mapping: dict[str, str]) -> dict[str, str]:
    """Headings come from the file; one with a national ID in it is a row that was taken for a heading."""
    return {heading: column for heading, column in mapping.items() if scrub(heading) == heading}


def _queue_check(person: Person, path: Path, name: str, params: dict) -> Job:
    with transaction.atomic():
        job = jobs.enqueue(CHECK, by=person, posting=importing_posting(person), params=params)
        _keep(job, path, name)
    return job


def start_commit(checked: Job, person: Person, *, accept_good_rows: bool) -> Job:
    """Queue the commit of a dry run. Raises JobRefused where it may not be committed (any more)."""
    _committable(checked, person)
    with transaction.atomic():
        Job.objects.select_for_update().get(pk=checked.pk)
        if commit_of(checked) is not None:
            raise JobRefused("รายการนี้นำเข้าแล้วหรือกำลังนำเข้า", "This was imported already, or is being imported.")
        params = {"check": checked.pk, "accept_good_rows": accept_good_rows}
        return jobs.enqueue(COMMIT, by=person, posting=importing_posting(person), params=params)


def commit_of(checked: Job) -> Job | None:
    """The commit of a dry run that has not failed; None if there is none."""
    failed = [Job.State.FAILED, Job.State.CANCELLED]
    return Job.objects.filter(kind=COMMIT, params__check=checked.pk).exclude(state__in=failed).first()


def _committable(checked: Job, person: Person) -> None:
    if checked.by_id != person.pk:
        raise JobRefused("ผู้ตรวจและผู้นำเข้าต้องเป็นคนเดียวกัน", "Only the person who ran the check may import it.")
    if checked.state != Job.State.DONE or clock.now() - checked.finished_at > VALID_FOR:
        raise JobRefused(
            "ผลตรวจนี้เกิน 1 ชั่วโมงแล้ว กรุณาตรวจไฟล์อีกครั้ง",
            "This check is more than an hour old. Check the file again.",
        )


# ── the two jobs ──────────────────────────────────────────────────────────────────────────────────────────────────
@jobs.runs(CHECK)
def run_check(run: Run) -> dict:
    """The dry run, with its answer files."""
    request = _request(run.job)
    answers = Answers()
    with _said_plainly():
        try:
            order, report = judge(request, progress=run.progress, watch=answers.note)
        except MissingColumn as missing:  # the page may still ask which heading it is
            Job.objects.filter(pk=run.job.pk).update(result={"unknown": missing.unknown})
            raise
        files, result = answers.write(run.job, request, report), report.as_result()
    try:
        with transaction.atomic():
            record_holds(order, report)
            JobFile.objects.bulk_create(files)
            run.done(result)
    except BaseException:
        for file in files:
            stored(file).unlink(missing_ok=True)
        raise
    return result


@jobs.runs(COMMIT)
def run_commit(run: Run) -> dict:
    """The commit of a dry run, recomputed with the scope and the data of now. Run twice, it lands once."""
    if landed := ListVersion.objects.filter(job=run.job).first():  # the worker died before it could say so
        return {"counts": landed.counts, "version": landed.number}
    checked = Job.objects.select_related("by").get(pk=run.params["check"])
    _committable(checked, run.job.by)
    request, source = _request(checked), source_of(checked)
    if sha256_of(request.path) != source.sha256:
        raise JobRefused("ไฟล์ไม่ตรงกับที่ตรวจ กรุณาตรวจใหม่", "The file is not the one checked. Check it again.")
    counts = checked.result["counts"]

    with _said_plainly(), _beside(run, counts["rows"]) as progress:
        report = commit(
            request,
            accept_good_rows=run.params["accept_good_rows"],
            expected=counts,
            job=run.job,
            landed=lambda report: run.done(report.as_result()),
            progress=progress,
        )
    return report.as_result()


def _request(job: Job) -> Request:
    source, params = source_of(job), job.params
    return Request(
        Person.objects.get(pk=job.by_id),  # fetched anew: postings of now, not of when it was queued (AZ-08)
        stored(source),
        source.name,
        params["list"],
        date.fromisoformat(params["list_date"]) if params["list_date"] else None,
        params["category"],
        params["confirm_ages"],
        params["mapping"],
    )


@contextmanager
def _said_plainly() -> Iterator[None]:
    """What a person can mend, as the job's own words."""
    try:
        yield
    except (SheetRefused, MayNotImport) as refused:
        raise JobRefused(refused.message_th, refused.message_en) from refused
    except NotLanded as refused:
        count = refused.report.counts["refused"]
        raise JobRefused(
            f"มี {count:,} แถวที่ถูกปฏิเสธ ไม่มีการบันทึก แก้ไฟล์ หรือเลือกนำเข้าเฉพาะแถวที่ผ่าน",
            f"Refused rows: {count:,}. Nothing was saved. Mend the file, or import only the good rows.",
        ) from refused


@contextmanager
def _beside(run: Run, rows: int) -> Iterator[Callable[..., None]]:
    """Progress that others see while the landing's transaction is open: told on a connection of its own.

    SQLite has one writer, so there it rests until the transaction ends; so it does for the few seconds of a short list,
    and inside a caller's transaction, whose rows no other connection sees.
    """
    if connection.vendor != "postgresql" or rows <= SHORT or connection.in_atomic_block:
        yield lambda done, total=None: None if connection.in_atomic_block else run.progress(done, total)
        return
    with ThreadPoolExecutor(max_workers=1) as teller:

        def tell(done: int, total: int | None = None) -> None:
            teller.submit(run.progress, done, total).result()  # a lost lease is raised here

        try:
            yield tell
        finally:
            teller.submit(lambda: connection.close()).result()  # looked up over there: each thread has its own


# ── files ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def _new_path(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder / secrets.token_hex(16)


def _keep(job: Job, path: Path, name: str) -> JobFile:
    return JobFile.objects.create(
        job=job,
        folder=JobFile.Folder.UPLOAD,
        role="source",
        path=path.name,
        name=name[:255],
        content_type="application/octet-stream",
        size=path.stat().st_size,
        sha256=sha256_of(path),
        expires_at=clock.now() + KEPT_FOR,
    )


def source_of(job: Job) -> JobFile:
    """The uploaded file of a dry run. Raises JobRefused when it is no longer kept."""
    source = job.files.filter(role="source").first()
    if source is None or not stored(source).is_file():
        raise JobRefused("ไม่มีไฟล์นี้แล้ว กรุณาอัปโหลดใหม่", "The file is no longer kept. Upload it again.")
    return source


def stored(file: JobFile) -> Path:
    folder = settings.UPLOAD_DIR if file.folder == JobFile.Folder.UPLOAD else settings.EXPORT_DIR
    return folder / file.path


def forget_expired() -> int:
    """Delete uploads and answer files past their time; returns how many."""
    gone = 0
    old = JobFile.objects.filter(job__kind__in=[CHECK, COMMIT], expires_at__lt=clock.now())
    for file in old.exclude(path__startswith="gone-"):
        stored(file).unlink(missing_ok=True)
        file.path = f"gone-{file.pk}"
        file.save(update_fields=["path"])
        gone += 1
    return gone
