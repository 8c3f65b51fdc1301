"""Owns files taken out of the system: who may ask for one, making it in the background, handing it over, its end.

A file has its own capability per kind and a typed purpose (SECURITY EX-01); scope is judged again when it is made
(AZ-08) and when it is fetched. It lies under a random name, is fetched by the person who asked for it only, three
times at most, and is gone after a day (EX-04). Asking, making and every fetch are in the audit trail.
"""

import errno
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from cases.identity import scrub
from reports import ladder, line_lists, rollup, workbooks
from reports.workbooks import Download, Frame
from schools import audit, clock, jobs, roles
from schools.models import Job, JobFile, Person, Posting
from schools.scope import encloses, postings_of, unit_of_posting
from schools.thaitext import clean
from schools.thaitime import BadPeriod, Period, bangkok_date, thai_datetime
from schools.units import Unit, UnknownUnit, parse_unit

WORKBOOK, LINE_LIST = "export_workbook", "export_line_list"
KEPT = timedelta(hours=24)
MAX_DOWNLOADS = 3
SHORTEST_PURPOSE, LONGEST_PURPOSE = 10, 300
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Kind:
    """One kind of file: what it is called, what a role needs for it, and what its file is to the job."""

    label: str
    capability: str
    role: str


KINDS = {
    WORKBOOK: Kind(_("สมุดงานรายงาน (.xlsx)"), roles.EXPORT_WORKBOOK, "workbook"),
    LINE_LIST: Kind(_("รายชื่อรายคน (.xlsx)"), roles.EXPORT_LINE_LIST, "line_list"),
}


class ExportRefused(jobs.JobRefused):
    """No such file for this person; the messages say why, `field` which answer to mend, `status` is HTTP's word."""

    def __init__(self, message_th: str, message_en: str, *, field: str = "", status: int = 400):
        self.field, self.status = field, status
        super().__init__(message_th, message_en)


@dataclass(frozen=True)
class Request:
    """What is asked for. `period` may be empty for a line list: the children of now. `figure`: for a line list."""

    kind: str
    unit: str
    purpose: str
    period: str = ""
    figure: str = "target"

    def params(self) -> dict:
        return {"unit": self.unit, "purpose": self.purpose, "period": self.period, "figure": self.figure}


# ── asking ────────────────────────────────────────────────────────────────────────────────────────────────────
def request_export(asked: Request, *, person: Person) -> Job:
    """Queue the making of a file. Raises ExportRefused; nothing is queued then."""
    unit, posting = _allowed(asked, person)
    purpose = _purpose(asked.purpose)
    period = _period(asked)
    if asked.kind == LINE_LIST and asked.figure not in ladder.COUNTERS:
        unknown = ladder.UnknownFigure(asked.figure)
        raise ExportRefused(unknown.message_th, unknown.message_en, field="figure")
    settled = Request(asked.kind, str(unit), purpose, str(period or ""), asked.figure)
    with transaction.atomic():
        job = jobs.enqueue(asked.kind, by=person, posting=posting, params=settled.params())
        details = {key: value for key, value in settled.params().items() if key != "purpose"}
        audit.record(
            audit.ASK_EXPORT,
            person=person,
            posting=posting,
            object_kind="job",
            object_key=str(job.pk),
            reason=purpose,
            kind=asked.kind,
            **details,
        )
    return job


def _allowed(asked: Request, person: Person) -> tuple[Unit, Posting]:
    """The unit and the posting by which this person may have the file now. A unit out of reach is as if unknown."""
    kind = KINDS.get(asked.kind)
    if kind is None:
        raise ExportRefused("ไม่รู้จักชนิดไฟล์นี้", "No such kind of file.", field="kind")
    if not roles.can(person, kind.capability):
        raise ExportRefused(
            f"ท่านไม่มีสิทธิ์ส่งออก{kind.label}", "Your role does not include this export.", field="kind", status=403
        )
    try:
        unit = parse_unit(asked.unit)
    except UnknownUnit as unknown:
        raise ExportRefused(unknown.message_th, unknown.message_en, field="unit", status=404) from unknown
    for posting in postings_of(person):
        own = unit_of_posting(posting)
        if own and kind.capability in roles.capabilities_of(posting) and encloses(own, unit):
            return unit, posting
    unknown = UnknownUnit(asked.unit)
    raise ExportRefused(unknown.message_th, unknown.message_en, field="unit", status=404)


def _purpose(text: str) -> str:
    purpose = scrub(clean(text))  # it is printed in the file and kept in the trail: no national ID in it
    if not SHORTEST_PURPOSE <= len(purpose) <= LONGEST_PURPOSE:
        raise ExportRefused(
            f"บอกวัตถุประสงค์ {SHORTEST_PURPOSE}–{LONGEST_PURPOSE} ตัวอักษร เช่น เสนอที่ประชุมคณะกรรมการ 28 ก.พ.",
            f"Say what it is for in {SHORTEST_PURPOSE} to {LONGEST_PURPOSE} characters.",
            field="purpose",
        )
    return purpose


def _period(asked: Request) -> Period | None:
    if asked.kind == LINE_LIST and not asked.period:
        return None
    if not asked.period:
        raise ExportRefused(
            "สมุดงานมีเป็นงวด เลือกเดือนหรือสัปดาห์", "A workbook is of a period: choose a month or a week.", field="period"
        )
    try:
        period = Period.parse(asked.period)
    except BadPeriod as bad:
        raise ExportRefused(bad.message_th, bad.message_en, field="period") from bad
    if clock.now() <= period.start:
        raise ExportRefused(f"งวด {period} ยังไม่เริ่ม", f"Period {period} has not begun.", field="period")
    return period


# ── making ────────────────────────────────────────────────────────────────────────────────────────────────────
@jobs.runs(WORKBOOK)
def make_workbook(run: jobs.Run) -> dict:
    """Params as Request.params(). The rollup is built when it is missing."""

    def make(path: Path, unit: Unit, download: Download) -> dict:
        built = rollup.build(run.params["period"], job=run.job)
        frame = Frame(built, unit, download, run.progress)
        written = workbooks.write(path, frame)
        return {"rows": written.rows, "schools": written.schools, "revision": built.revision}

    return _make(run, make)


@jobs.runs(LINE_LIST)
def make_line_list(run: jobs.Run) -> dict:
    """Params as Request.params(). With a period: as of its cut-off, as known when its rollup was built (else now)."""

    def make(path: Path, unit: Unit, download: Download) -> dict:
        question = line_lists.Question(unit, run.params["figure"], *_moments(run.params["period"]))
        listed = line_lists.write(path, question, run.job.by, download, run.progress)
        return {"rows": listed.rows, "out_of_scope": listed.out_of_scope}

    return _make(run, make)


def _moments(period: str) -> tuple[datetime | None, datetime | None]:
    if not period:
        return None, None
    kept = rollup.of_period(period)
    if kept is not None and not kept.is_provisional:
        return kept.as_of, kept.known_at
    now = clock.now()
    return min(Period.parse(period).cutoff, now), now


def _make(run: jobs.Run, make: Callable[[Path, Unit, Download], dict]) -> dict:
    """Judge the person's scope anew, write the file beside the others, and only then make it known."""
    job = run.job
    made = job.files.filter(folder=JobFile.Folder.EXPORT).first()
    if made is not None:  # an earlier worker finished but could not say so
        return job.result or {"file": made.pk, "rows": made.rows}
    asked = Request(job.kind, **job.params)
    unit, posting = _allowed(asked, job.by)
    download = Download(
        by=job.by.get_full_name(),
        role=roles.name_of(posting.role),
        unit=unit_of_posting(posting).name,
        at=clock.now(),
        purpose=asked.purpose,
        serial=f"PN-{job.pk:07d}",
    )
    path = new_path()
    try:
        result = _written(make, path, unit, download)
        _keep(run, path, asked, unit, result)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return result


def new_path() -> Path:
    """A name nobody can guess in EXPORT_DIR, which is for this process alone."""
    folder = Path(settings.EXPORT_DIR)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / f"{secrets.token_hex(20)}.xlsx"


def _written(make, path: Path, unit: Unit, download: Download) -> dict:
    try:
        with path.open("xb"):
            path.chmod(0o600)
        return make(path, unit, download)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise ExportRefused(
            "พื้นที่เก็บข้อมูลเต็ม ไฟล์ที่ทำค้างถูกลบแล้ว แจ้งผู้ดูแลระบบแล้วสั่งใหม่",
            "The storage is full. The unfinished file was deleted; tell the administrator, then ask again.",
        ) from error
    except (BadPeriod, ladder.ImpossibleMoment, ladder.UnknownFigure) as refusal:
        raise ExportRefused(refusal.message_th, refusal.message_en) from refusal


def _keep(run: jobs.Run, path: Path, asked: Request, unit: Unit, result: dict) -> None:
    """The file is known, the trail says so and the job is done, all at once; `result` gets the file's number."""
    kind = KINDS[asked.kind]
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    name = f"{kind.role}_{str(unit).replace(':', '-')}_{asked.period or bangkok_date(clock.now()).isoformat()}.xlsx"
    with transaction.atomic():
        run.fence()
        kept = JobFile.objects.create(
            job=run.job,
            folder=JobFile.Folder.EXPORT,
            role=kind.role,
            path=path.name,
            name=name,
            content_type=XLSX,
            size=path.stat().st_size,
            sha256=digest,
            rows=result["rows"],
            created_at=clock.now(),
            expires_at=clock.now() + KEPT,
        )
        audit.record(
            audit.EXPORT,
            person=run.job.by,
            posting=run.job.posting,
            object_kind="job",
            object_key=str(run.job.pk),
            reason=asked.purpose,
            kind=asked.kind,
            of_unit=str(unit),
            period=asked.period,
            figure=asked.figure if asked.kind == LINE_LIST else "",
            columns=list(line_lists.HEADINGS) if asked.kind == LINE_LIST else [],
            rows=result["rows"],
            sha256=digest,
        )
        result["file"] = kept.pk
        run.done(result)


# ── handing over ──────────────────────────────────────────────────────────────────────────────────────────────
def may_fetch(file: JobFile) -> bool:
    """Whether the file is still to be had, as far as its age and the fetches go."""
    return file.expires_at > clock.now() and file.downloads < MAX_DOWNLOADS


def fetch(file_id: int, *, person: Person) -> tuple[JobFile, Path]:
    """Count and record one download; the path to send. Raises JobFile.DoesNotExist and ExportRefused (recorded too)."""
    with transaction.atomic():
        files = JobFile.objects.select_for_update(of=("self",)).select_related("job")
        file = files.get(pk=file_id, folder=JobFile.Folder.EXPORT, job__by=person)
        path = Path(settings.EXPORT_DIR) / file.path
        refusal = _refusal(file, path, person)
        if refusal is None:
            JobFile.objects.filter(pk=file.pk).update(downloads=F("downloads") + 1)
        audit.record(
            audit.DOWNLOAD,
            person=person,
            object_kind="job",
            object_key=str(file.job_id),
            result="refused" if refusal else "ok",
            reason=file.job.params["purpose"],
            file=file.pk,
            sha256=file.sha256,
            number=file.downloads + (refusal is None),
        )
    if refusal is not None:
        raise refusal
    return file, path


def _refusal(file: JobFile, path: Path, person: Person) -> ExportRefused | None:
    try:
        _allowed(Request(file.job.kind, **file.job.params), person)
    except ExportRefused as refusal:
        return refusal
    if file.downloads >= MAX_DOWNLOADS:
        return ExportRefused(
            f"ดาวน์โหลดครบ {MAX_DOWNLOADS} ครั้งแล้ว สั่งส่งออกใหม่หากยังต้องใช้",
            f"It was downloaded {MAX_DOWNLOADS} times already. Ask for a new export if you still need it.",
            status=410,
        )
    if file.expires_at <= clock.now() or not path.exists():
        ended = thai_datetime(file.expires_at)
        return ExportRefused(
            f"ไฟล์หมดอายุแล้วเมื่อ {ended} สั่งส่งออกใหม่หากยังต้องใช้",
            f"The file ended {thai_datetime(file.expires_at, lang='en')}. Ask for a new export if you still need it.",
            status=410,
        )
    return None


def delete_expired() -> int:
    """Delete what is past its day in EXPORT_DIR, and what a dead worker left there; returns how many files."""
    folder = Path(settings.EXPORT_DIR)
    if not folder.is_dir():
        return 0
    now = clock.now()
    paths = list(folder.iterdir())
    files = JobFile.objects.filter(folder=JobFile.Folder.EXPORT, path__in=[path.name for path in paths])
    ends = dict(files.values_list("path", "expires_at"))
    deleted = 0
    for path in paths:
        end = ends.get(path.name)
        if end is None:  # being written, or left by a worker that died
            end = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC) + KEPT
        if end <= now:
            path.unlink(missing_ok=True)
            deleted += 1
    return deleted
