"""A sheet of people in the background: what was uploaded, the dry run as a job, the commit as a job, the links.

The guarded reader and the writer of workbooks are another room's (cases.people_sheets), which lends them here. The
file of links is as secret as the links: it can be fetched once, by who asked for it, and is then gone.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F

from schools import audit, clock, jobs, roles
from schools.invitations import VALID_FOR, Invited, link_path
from schools.jobs import JobRefused, Run
from schools.models import Job, JobFile, Person, Posting
from schools.people import PersonRefused
from schools.people_import import REFUSED, Plan, invite_people, plan_people
from schools.people_rules import givers
from schools.people_sheet import NoPeopleHeading
from schools.school_sheet import Row

CHECK, COMMIT = "people_check", "people_import"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHECK_VALID_FOR = timedelta(hours=1)
SHOWN = 200  # refusals a page tells of; the counts are always whole
LARGEST = 10 * 1024 * 1024  # bytes of an upload
LINK_HEADINGS = ("ชื่อ", "นามสกุล", "ชื่อผู้ใช้", "บทบาท", "หน่วยงาน", "ลิงก์ตั้งรหัสผ่าน (ใช้ได้ครั้งเดียวภายใน 24 ชั่วโมง)")

Reader = Callable[[Path], Iterable[Row]]
Writer = Callable[[Path, str, Sequence[str], Iterable[Sequence[str]]], None]


def start_check(person: Person, upload: UploadedFile, *, host: str) -> Job:
    """Keep the upload under a random name and queue its dry run. `host` begins the links: "https://…".

    Raises JobRefused: too large, or nobody whom this person administers.
    """
    posting = _administering(person)
    if upload.size > LARGEST:
        raise JobRefused("ไฟล์ใหญ่เกิน 10 MB แบ่งไฟล์แล้วลองใหม่", "The file is over 10 MB. Split it.")
    path = _new_path(settings.UPLOAD_DIR)
    with path.open("wb") as file:
        for chunk in upload.chunks():
            file.write(chunk)
    with transaction.atomic():
        job = jobs.enqueue(CHECK, by=person, posting=posting, params={"host": host})
        _keep(job, path, JobFile.Folder.UPLOAD, "source", (upload.name or "")[:255]).save()
    return job


def start_commit(checked: Job, person: Person) -> Job:
    """Queue the inviting of everybody in a checked sheet. Raises JobRefused where it may not be (any more)."""
    posting = _administering(person)
    _committable(checked, person)
    with transaction.atomic():
        Job.objects.select_for_update().get(pk=checked.pk)
        if commit_of(checked) is not None:
            raise JobRefused("ไฟล์นี้เชิญแล้วหรือกำลังเชิญ", "This sheet was taken in already, or is being taken in.")
        params = {"check": checked.pk, "host": checked.params["host"]}
        return jobs.enqueue(COMMIT, by=person, posting=posting, params=params)


def commit_of(checked: Job) -> Job | None:
    """The commit of a dry run that has not failed; None if there is none."""
    failed = [Job.State.FAILED, Job.State.CANCELLED]
    return Job.objects.filter(kind=COMMIT, params__check=checked.pk).exclude(state__in=failed).first()


def _administering(person: Person) -> Posting:
    for giver in givers(person):
        return giver.posting
    raise JobRefused("ท่านไม่มีสิทธิ์ดูแลผู้ใช้", "You administer nobody; your right to do so has ended.")


def _committable(checked: Job, person: Person) -> None:
    if checked.by_id != person.pk:
        raise JobRefused("ผู้ตรวจและผู้เชิญต้องเป็นคนเดียวกัน", "Only the person who ran the check may invite.")
    if checked.state != Job.State.DONE or clock.now() - checked.finished_at > CHECK_VALID_FOR:
        raise JobRefused(
            "ผลตรวจนี้เกิน 1 ชั่วโมงแล้ว กรุณาตรวจไฟล์อีกครั้ง",
            "This check is more than an hour old. Check the file again.",
        )
    if checked.result["counts"][REFUSED]:
        raise JobRefused("ยังมีแถวที่ถูกปฏิเสธ แก้ไฟล์แล้วตรวจใหม่", "Rows are still refused. Mend the file and check it again.")


# ── the two jobs, whose reader and writer cases.people_sheets lends ───────────────────────────────────────────────
def run_check(run: Run, read: Reader) -> dict:
    """The dry run: what a commit would do, row by row; nothing is written but its result."""
    plan = _plan(run.job, read)
    result = {"counts": plan.counts, "refusals": [remark.as_dict() for remark in plan.refusals[:SHOWN]]}
    with transaction.atomic():
        run.done(result)
    return result


def run_commit(run: Run, read: Reader, write: Writer) -> dict:
    """Invite everybody of a checked sheet, judged anew, all or none, and make the file of links."""
    checked = Job.objects.get(pk=run.params["check"])
    _committable(checked, run.job.by)
    path = _new_path(settings.EXPORT_DIR)
    try:
        with transaction.atomic():
            plan = _plan_of_now(checked, read, run.job.by)
            needing = invite_people(plan, by=run.job.by)
            result = {"counts": plan.counts, "links": len(needing)}
            if needing:
                write(path, "ลิงก์เชิญ", LINK_HEADINGS, _link_rows(needing, run.params["host"]))
                _keep(run.job, path, JobFile.Folder.EXPORT, "links", "ลิงก์เชิญผู้ใช้.xlsx", rows=len(needing)).save()
            audit.record(
                "people_import", person=run.job.by, object_kind="job", object_key=str(run.job.pk), **plan.counts
            )
            run.done(result)
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, PersonRefused):
            raise JobRefused(error.message_th, error.message_en) from error
        raise
    return result


def _plan_of_now(checked: Job, read: Reader, by: Person) -> Plan:
    """The plan again, of which nothing may be refused any more. Raises JobRefused."""
    plan = _plan(checked, read, by=by)
    if plan.refusals:
        first = plan.refusals[0]
        raise JobRefused(
            f"ข้อมูลเปลี่ยนไปหลังตรวจ แถว {first.row} {first.column}: {first.message_th} ไม่มีการบันทึก ตรวจไฟล์ใหม่",
            f"Things changed since the check. Row {first.row}: {first.message_en} Nothing was saved. Check again.",
        )
    return plan


def _plan(checked: Job, read: Reader, *, by: Person | None = None) -> Plan:
    source = checked.files.filter(role="source").first()
    path = settings.UPLOAD_DIR / source.path if source else None
    if path is None or not path.is_file():
        raise JobRefused("ไม่มีไฟล์นี้แล้ว กรุณาอัปโหลดใหม่", "The file is no longer kept. Upload it again.")
    if _digest(path) != source.sha256:
        raise JobRefused("ไฟล์ไม่ตรงกับที่ตรวจ กรุณาตรวจใหม่", "The file is not the one checked. Check it again.")
    person = by or Person.objects.get(pk=checked.by_id)  # fetched anew: postings of now (AZ-08)
    _administering(person)
    try:
        plan = plan_people(read(path), by=person)
    except NoPeopleHeading as missing:
        raise JobRefused(missing.message_th, missing.message_en) from missing
    if not plan.counts["rows"]:
        raise JobRefused("ไม่มีข้อมูลใต้หัวตาราง", "No rows under the heading.")
    return plan


def _link_rows(needing: Iterable[Invited], host: str) -> Iterable[Sequence[str]]:
    for one in needing:
        person = one.person
        role, unit = roles.name_of(one.posting.role), one.posting.unit
        yield (person.first_name, person.last_name, person.username, role, unit, f"{host}{link_path(one.token)}")


# ── files ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def take_links(job: Job, *, person: Person) -> bytes | None:
    """The file of links of one's own job, which this uses up; None when it was fetched before, or is too old."""
    with transaction.atomic():
        file = job.files.select_for_update().filter(role="links", downloads=0, expires_at__gt=clock.now()).first()
        path = settings.EXPORT_DIR / file.path if file else None
        if path is None or not path.is_file():
            return None
        content = path.read_bytes()
        JobFile.objects.filter(pk=file.pk).update(downloads=F("downloads") + 1)
        audit.record(audit.DOWNLOAD, person=person, object_kind="job", object_key=str(job.pk), role_of_file="links")
        transaction.on_commit(lambda: path.unlink(missing_ok=True))
    return content


def forget_expired() -> int:
    """Delete uploads and unfetched links past their time; returns how many."""
    old = JobFile.objects.filter(job__kind__in=[CHECK, COMMIT], expires_at__lt=clock.now())
    gone = 0
    for file in old.exclude(path__startswith="gone-"):
        folder = settings.UPLOAD_DIR if file.folder == JobFile.Folder.UPLOAD else settings.EXPORT_DIR
        (folder / file.path).unlink(missing_ok=True)
        file.path = f"gone-{file.pk}"
        file.save(update_fields=["path"])
        gone += 1
    return gone


def _new_path(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder / secrets.token_hex(16)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _keep(job: Job, path: Path, folder: str, role: str, name: str, *, rows: int | None = None) -> JobFile:
    return JobFile(
        job=job,
        folder=folder,
        role=role,
        path=path.name,
        name=name,
        content_type=XLSX,
        size=path.stat().st_size,
        sha256=_digest(path),
        rows=rows,
        expires_at=clock.now() + VALID_FOR,
    )
