"""Every kind of job there is: run again, at once, by a zombie, after a death or a demotion, it has one effect or none.

A kind without a row in CASES fails `test_every_kind_of_job_has_a_row_here`.
"""

import json
from contextvars import copy_context
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import F

from cases.identity import make_synthetic_id, scrub
from cases.intake import background
from cases.models import Case, Child, Fact, ListEntry, ListVersion, Span
from cases.tests.sheetmaker import child, delimited, xlsx
from reports import exports
from reports.models import Rollup, RollupLeaf
from schools import clock, jobs, people_upload, tasks
from schools.models import AuditEvent, Invitation, Job, JobFile, Person, Posting
from schools.tests.test_jobs import Died
from schools.thaitime import WEEKLY, Period, bangkok_today

PURPOSE = f"เสนอที่ประชุมคณะกรรมการ {make_synthetic_id(77)}"
NAMES = ("สมมุติ", "น้องหนึ่ง", "น้องสอง")


def last_week() -> str:
    return str(Period.containing(clock.now(), WEEKLY).previous())


def a_check(world) -> Job:
    path = xlsx(world.folder / "list.xlsx", [child(n) for n in (1, 2, 3)])
    upload = SimpleUploadedFile(f"{make_synthetic_id(5)}.xlsx", path.read_bytes())
    return background.start_check(world.cast.district, upload, name=f"บัญชี {make_synthetic_id(78)}")


def a_commit(world) -> Job:
    checked = a_check(world)
    jobs.run(checked.pk)
    checked.refresh_from_db()
    return background.start_commit(checked, world.cast.district, accept_good_rows=False)


def an_export(kind, period=""):
    def asked(world) -> Job:
        request = exports.Request(kind, "district:P4603", PURPOSE, period and last_week())
        return exports.request_export(request, person=world.cast.district)

    return asked


def a_rollup(world) -> Job:
    return jobs.enqueue("build_rollup", by=None, params={"period": last_week()})


def people(world) -> list[list]:
    rows = [["ใหม่", f"คนที่{n}", f"new.{n}", "ครู", "46990001"] for n in (1, 2, 3)]
    return [["ชื่อ", "นามสกุล", "ชื่อผู้ใช้", "บทบาท", "รหัสสถานศึกษา"], *rows]


def a_people_check(world) -> Job:
    path = delimited(world.folder / "people.csv", people(world))
    upload = SimpleUploadedFile(f"{make_synthetic_id(6)}.csv", path.read_bytes())
    return people_upload.start_check(world.cast.district, upload, host="http://testserver")


def a_people_import(world) -> Job:
    checked = a_people_check(world)
    jobs.run(checked.pk)
    checked.refresh_from_db()
    return people_upload.start_commit(checked, world.cast.district)


# kind → how the product queues one, and what must be there once it is done: table → rows more than before
CASES = {
    "import_check": (a_check, {"files": 1, "on disk": 1}),
    "import_commit": (
        a_commit,
        {"children": 3, "cases": 3, "facts": 3, "spans": 3, "entries": 3, "versions": 1, "list_imported": 1},
    ),
    "export_workbook": (an_export(exports.WORKBOOK, "week"), {"files": 1, "on disk": 1, "exported": 1, "rollups": 1}),
    "export_line_list": (an_export(exports.LINE_LIST), {"files": 1, "on disk": 1, "exported": 1}),
    "people_check": (a_people_check, {}),
    "people_import": (
        a_people_import,
        {"people": 3, "postings": 3, "invitations": 3, "files": 1, "on disk": 1, "people_import": 1},
    ),
    "build_rollup": (a_rollup, {"rollups": 1}),
}
BY_THE_CLOCK = {"build_rollup"}
KEPT_HOWEVER_IT_ENDS = {"rollups"}  # a finished rollup is the same for everybody, whoever asked for it first

COUNTED = {
    "children": Child.objects,
    "cases": Case.objects,
    "facts": Fact.objects,
    "spans": Span.objects,
    "entries": ListEntry.objects,
    "versions": ListVersion.objects,
    "rollups": Rollup.objects,
    "files": JobFile.objects.filter(folder="export"),
    "exported": AuditEvent.objects.filter(action="exported"),
    "list_imported": AuditEvent.objects.filter(action="list_imported"),
    "people": Person.objects,
    "postings": Posting.objects,
    "invitations": Invitation.objects,
    "people_import": AuditEvent.objects.filter(action="people_import"),
    "import_held": AuditEvent.objects.filter(action="import_held"),
}


class World:
    """Where jobs are done: the cast, two children, folders of one's own."""

    def __init__(self, cast, folder, settings):
        self.cast, self.folder, self.settings = cast, folder, settings

    def counts(self) -> dict[str, int]:
        told = {name: rows.count() for name, rows in COUNTED.items()}
        return told | {"on disk": sum(1 for _ in self.settings.EXPORT_DIR.glob("*"))}

    def more_than(self, before: dict[str, int], *, but: set[str] = frozenset()) -> dict[str, int]:
        return {name: more for name, now in self.counts().items() if (more := now - before[name]) and name not in but}


def settle(cast, tmp_path, settings, make_case) -> World:
    settings.UPLOAD_DIR, settings.EXPORT_DIR = tmp_path / "uploads", tmp_path / "exports"
    world = World(cast, tmp_path, settings)
    for name in ("น้องหนึ่ง สมมุติ", "น้องสอง สมมุติ"):
        make_case(cast.own_school, name=name)
    return world


@pytest.fixture
def world(cast, tmp_path, settings, make_case):
    return settle(cast, tmp_path, settings, make_case)


@pytest.fixture(params=sorted(CASES))
def kind(request):
    return request.param


def seen(job) -> Job:
    return Job.objects.get(pk=job.pk)


def let_lease_lapse(job):
    Job.objects.filter(pk=job.pk).update(lease_until=clock.now() - timedelta(seconds=1))


def test_every_kind_of_job_has_a_row_here():
    assert set(CASES) == jobs.kinds()


@pytest.mark.django_db
def test_done_twice_it_has_one_effect(world, kind):
    queue, effect = CASES[kind]
    job, before = queue(world), world.counts()
    for _ in range(2):
        jobs.run(job.pk)
    assert (seen(job).state, seen(job).error_en) == ("done", "")
    assert world.more_than(before) == effect


@pytest.mark.django_db
def test_whose_worker_dies_before_the_end_leaves_nothing_and_the_next_does_it_once(world, kind, monkeypatch):
    queue, effect = CASES[kind]
    job, before = queue(world), world.counts()

    def death(run, result):
        raise Died

    with monkeypatch.context() as patch, pytest.raises(Died):
        patch.setattr(jobs.Run, "done", death)
        jobs.run(job.pk)
    assert seen(job).state == "running"
    assert world.more_than(before, but=KEPT_HOWEVER_IT_ENDS if kind == "export_workbook" else set()) == {}
    let_lease_lapse(job)
    jobs.run(job.pk)
    assert (seen(job).state, seen(job).attempts) == ("done", 2)
    assert world.more_than(before) == effect


@pytest.mark.django_db
def test_whose_worker_dies_after_its_effect_is_done_and_not_done_again(world, kind, monkeypatch):
    queue, effect = CASES[kind]
    job, before = queue(world), world.counts()
    runner = jobs._RUNNERS[kind]

    def death(run):
        runner(run)
        raise Died

    with monkeypatch.context() as patch, pytest.raises(Died):
        patch.setitem(jobs._RUNNERS, kind, death)
        jobs.run(job.pk)
    assert seen(job).state == "done" and seen(job).result
    jobs.sweep()
    jobs.run(job.pk)
    assert world.more_than(before) == effect


@pytest.mark.django_db
def test_a_zombie_writes_nothing(world, kind, monkeypatch):
    queue, _ = CASES[kind]
    job, before = queue(world), world.counts()
    done = jobs.Run.done

    def taken_over(run, result):
        Job.objects.filter(pk=run.job.pk).update(lease_token=F("lease_token") + 1)
        done(run, result)

    monkeypatch.setattr(jobs.Run, "done", taken_over)
    jobs.run(job.pk)
    assert seen(job).state == "running" and seen(job).result == {}
    assert world.more_than(before, but=KEPT_HOWEVER_IT_ENDS if kind == "export_workbook" else set()) == {}


@pytest.mark.django_db
@pytest.mark.parametrize("demotion", ["ended", "teacher"])
def test_demoted_between_queue_and_run_it_is_refused_and_nothing_written(world, kind, demotion):
    if kind in BY_THE_CLOCK:
        assert CASES[kind][0](world).by is None
        return
    queue, _ = CASES[kind]
    job, before = queue(world), world.counts()
    if demotion == "ended":
        world.cast.district.postings.update(until=bangkok_today() - timedelta(days=1))
    else:
        world.cast.district.postings.update(role="teacher", unit="school:46990001")
    jobs.run(job.pk)
    assert seen(job).state == "failed" and "สิทธิ์" in seen(job).error_th and seen(job).error_en
    assert world.more_than(before) == {}


@pytest.mark.django_db
def test_what_is_queued_and_delivered_names_nobody(world, kind, monkeypatch, django_capture_on_commit_callbacks):
    """No identifier (LG-02, FL-01), even where a person typed one; no name of a child or an officer."""
    given = []
    monkeypatch.setattr(tasks.run_job, "delay", lambda *args: given.append(args))
    with django_capture_on_commit_callbacks(execute=True):
        job = CASES[kind][0](world)
    assert (job.pk,) in given and all(len(args) == 1 and type(args[0]) is int for args in given)
    for made in Job.objects.all():
        params = json.dumps(made.params, ensure_ascii=False)
        assert scrub(params) == params
        assert not [name for name in NAMES if name in params]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_ten_workers_at_once_have_one_effect(cast, tmp_path, settings, make_case):
    """One test for all kinds: filling an emptied database again takes longer than the ten."""
    world = settle(cast, tmp_path, settings, make_case)
    for kind, (queue, effect) in CASES.items():
        Rollup.objects.all().delete()
        job, before, start = queue(world), world.counts(), Barrier(10)

        def work(job=job, start=start):
            start.wait(30)
            try:
                jobs.run(job.pk)
            finally:
                connection.close()

        threads = [Thread(target=copy_context().run, args=(work,)) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert (seen(job).state, seen(job).attempts, seen(job).error_en) == ("done", 1, ""), kind
        assert world.more_than(before) == effect, kind
        assert RollupLeaf.objects.exclude(rollup__in=Rollup.objects.all()).count() == 0
