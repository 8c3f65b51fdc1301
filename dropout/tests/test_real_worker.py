"""Jobs by real workers: over Redis and PostgreSQL as in production, and over the embedded default's folder of messages.

The test queues by the domain's own calls; a Celery process of its own does the work; what counts is in the rows.
"""

import os
import re
import socket
import sys
import time
from datetime import timedelta
from pathlib import Path

import openpyxl
import psutil
import pytest
import redis
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.urls import reverse
from openpyxl import Workbook

from cases.intake import background
from cases.models import Case, Child, ListVersion
from cases.tests.sheetmaker import HEADINGS, child, xlsx
from dropout.celery import app
from dropout.management.commands.serve import worker_command
from dropout.tests.listening import Listening
from dropout.tests.workers import CELERY, WORKER, Celery, environment, wait_until
from reports import exports, rollup, tasks
from reports.models import Rollup
from schools import clock, jobs
from schools.models import Job, JobFile
from schools.thaitime import MONTHLY, WEEKLY, Period, bangkok_today

PURPOSE = "เสนอที่ประชุมคณะกรรมการระดับเขต"
MIB = 1 << 20


def by_redis(test):
    """A test with Redis, PostgreSQL and rows that other processes see."""
    for mark in (pytest.mark.redis, pytest.mark.postgres, pytest.mark.slow, pytest.mark.django_db(transaction=True)):
        test = mark(test)
    return test


@pytest.fixture
def deliver_to():
    """deliver_to(url) makes this process queue there, with the product's own timeouts and retries."""
    names = ("broker_url", "broker_transport_options", "task_publish_retry_policy")
    before = {name: app.conf[name] for name in names}

    def switch(values):
        app.conf.update(values)
        app.amqp._producer_pool = app._pool = None

    yield lambda url: switch(dict(zip(names, (url, settings.REDIS_OPTIONS, settings.PUBLISH_RETRIES), strict=True)))
    switch(before)


@pytest.fixture
def broker(redis_url, deliver_to):
    """An empty Redis database of this pytest worker's own; this process queues there."""
    number = int(re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", "")) or 0) + 1
    url = f"{redis_url.rpartition('/')[0]}/{number}"
    with redis.Redis.from_url(url) as client:
        client.flushdb()
        deliver_to(url)
        yield url
        client.flushdb()


@pytest.fixture
def start(broker, tmp_path):
    """start(*command, **environment) → a Celery process on `broker`; a worker when no command is given."""
    running = []

    def start(*command, **more):
        log = tmp_path / f"celery{len(running)}.log"
        running.append(Celery(log, environment(broker, **more), *CELERY, *(command or WORKER)))
        return running[-1]

    yield start
    for process in running:
        process.end()


def sheet_of(folder, count, first=1) -> SimpleUploadedFile:
    path = xlsx(folder / "list.xlsx", [child(n) for n in range(first, first + count)])
    return SimpleUploadedFile(path.name, path.read_bytes())


def a_month_ago():
    return bangkok_today() - timedelta(days=30)


def checked_by(worker, who, upload, *, longest=90):
    job = worker.did(background.start_check(who, upload, list_date=a_month_ago()), longest=longest)
    assert (job.state, job.error_en) == ("done", ""), worker.said()
    return job


def wait_until_lapsed(job):
    """Wait until nobody holds `job` any more, then let the sweeper look."""
    wait_until(lambda: Job.objects.filter(pk=job.pk, state="running", lease_until__lt=clock.now()).exists())
    jobs.sweep()


# ── Redis and PostgreSQL ──────────────────────────────────────────────────────────────────────────────────────
@by_redis
def test_a_list_is_imported_a_rollup_built_and_a_workbook_written_by_a_real_worker(cast, start, tmp_path):
    worker = start()
    checked = checked_by(worker, cast.district, sheet_of(tmp_path, 300))
    assert checked.result["counts"]["new"] == 300 and not Child.objects.exists()
    landed = worker.did(background.start_commit(checked, cast.district, accept_good_rows=False))
    assert (landed.state, landed.error_en, landed.attempts) == ("done", "", 1)
    assert landed.result["version"] == 1
    assert Child.objects.count() == Case.objects.count() == 300

    week = str(Period.containing(clock.now(), WEEKLY).previous())
    tasks.build_weekly_rollup.delay()  # as the clock does it: the task queues the job, the job builds
    queued = wait_until(lambda: Job.objects.filter(kind="build_rollup").first(), said=worker.said)
    built = worker.did(queued)
    assert (built.state, built.params, built.result["period"]) == ("done", {"period": week}, week)
    assert rollup.counts_for(Rollup.objects.get(), exports.parse_unit("district:P4603"))["target"] == 300

    asked = exports.Request(exports.WORKBOOK, "district:P4603", PURPOSE, week)
    written = worker.did(exports.request_export(asked, person=cast.district))
    assert (written.state, written.error_en) == ("done", "")
    _, path = exports.fetch(JobFile.objects.get(job=written).pk, person=cast.district)
    book = openpyxl.load_workbook(path, read_only=True)
    assert {"ภาพรวม", "สาเหตุ", "สถานศึกษา", "นิยาม"} <= set(book.sheetnames)
    assert 300 in [cell for row in book["ภาพรวม"].iter_rows(values_only=True) for cell in row]
    book.close()
    assert Rollup.objects.count() == 1  # the workbook took the one that was there


@pytest.fixture
def hold_at_the_last_write():
    """hold() stops every landing just before it writes its version; release() lets it on."""
    other = connections.create_connection("default")

    class Hold:
        def hold(self):
            other.set_autocommit(False)
            with other.cursor() as cursor:
                cursor.execute(f'LOCK TABLE "{ListVersion._meta.db_table}" IN EXCLUSIVE MODE')

        def release(self):
            other.rollback()

        def is_waited_for(self) -> bool:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass",
                    [ListVersion._meta.db_table],
                )
                return cursor.fetchone()[0] > 0

    yield Hold()
    other.close()


@by_redis
def test_a_worker_killed_in_the_middle_of_an_import_leaves_nothing_and_another_lands_it_once(
    cast, start, tmp_path, hold_at_the_last_write
):
    held = hold_at_the_last_write
    first = start(JOB_LEASE_SECONDS="3")
    checked = checked_by(first, cast.district, sheet_of(tmp_path, 300))
    held.hold()
    landing = background.start_commit(checked, cast.district, accept_good_rows=False)
    wait_until(held.is_waited_for, said=first.said)  # all children are written, nothing is committed
    until = Job.objects.get(pk=landing.pk).lease_until
    wait_until(lambda: Job.objects.get(pk=landing.pk).lease_until > until, said=first.said)  # alive, though silent
    first.kill()
    held.release()
    wait_until(lambda: not held.is_waited_for())
    assert Job.objects.get(pk=landing.pk).state == "running"
    assert not Child.objects.exists() and not ListVersion.objects.exists()

    second = start(JOB_LEASE_SECONDS="3")
    wait_until_lapsed(landing)
    landed = second.did(landing)
    assert (landed.state, landed.error_en, landed.attempts) == ("done", "", 2)
    assert Child.objects.count() == Case.objects.count() == 300 and ListVersion.objects.count() == 1


@by_redis
def test_while_redis_is_away_pages_queue_all_the_same_and_the_sweeper_delivers_later(
    cast, start, broker, deliver_to, tmp_path, client
):
    client.force_login(cast.district)
    with socket.socket() as silent:  # accepts, as a Redis that hangs does, and never answers
        silent.bind(("127.0.0.1", 0))
        deliver_to(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")  # nobody listens yet: refused at once
        for longest in (3, 10):
            begun = time.monotonic()
            answer = client.post(reverse("cases:import_new"), {"file": sheet_of(tmp_path, 5)})
            assert answer.status_code == 302
            assert time.monotonic() - begun < longest
            silent.listen(20)
    assert set(Job.objects.values_list("state", flat=True)) == {"queued"}

    deliver_to(broker)
    worker = start()
    Job.objects.update(created_at=clock.now() - timedelta(minutes=1))
    assert jobs.sweep() == 2
    for job in Job.objects.all():
        assert worker.did(job).state == "done", worker.said()
    assert JobFile.objects.filter(role="result").count() == 2


@by_redis
def test_what_an_emptied_redis_forgot_is_delivered_again(cast, start, broker, tmp_path):
    job = background.start_check(cast.district, sheet_of(tmp_path, 5))
    with redis.Redis.from_url(broker) as client:
        assert client.keys("*")
        client.flushdb()
    Job.objects.update(created_at=clock.now() - timedelta(minutes=1))
    assert jobs.sweep() == 1
    worker = start()
    assert worker.did(job).state == "done", worker.said()


@by_redis
def test_two_beats_and_two_workers_build_each_period_once(cast, make_case, start, tmp_path):
    make_case(cast.own_school)
    hasty = {"DJANGO_SETTINGS_MODULE": "dropout.tests.settings_hasty"}
    workers = [start(*WORKER, "--hostname", f"{n}@%h", **hasty) for n in "ab"]
    beats = [
        start("beat", "--schedule", str(tmp_path / f"beat{n}"), "--pidfile", str(tmp_path / f"{n}.pid"), **hasty)
        for n in "ab"
    ]
    wait_until(lambda: Job.objects.filter(kind="build_rollup").count() >= 8, said=workers[0].said)
    for beat in beats:
        beat.end()
    for job in Job.objects.all():
        assert workers[0].did(job).state == "done"
    periods = {str(Period.containing(clock.now(), kind).previous()) for kind in (WEEKLY, MONTHLY)}
    assert sorted(Rollup.objects.values_list("period", "revision")) == sorted((period, 1) for period in periods)


# ── memory ────────────────────────────────────────────────────────────────────────────────────────────────────
def peaks(worker) -> list[int]:
    """Peak resident bytes of the worker and each of its children, as the kernel counted them."""
    parent = psutil.Process(worker.process.pid)
    found = []
    for process in (parent, *parent.children(recursive=True)):
        status = Path(f"/proc/{process.pid}/status").read_text("ascii", "replace")
        found.append(int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024)
    return found


def large_sheet(path, count) -> SimpleUploadedFile:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    headings = [name for name in HEADINGS if name in child(1)]
    sheet.append(headings)
    for n in range(1, count + 1):
        row = child(n)
        sheet.append([row[name] for name in headings])
    book.save(path)
    return SimpleUploadedFile(path.name, path.read_bytes())


@by_redis
def test_a_worker_stays_under_300_mb_with_twenty_thousand_children(cast, start, tmp_path):
    worker = start()
    checked = checked_by(worker, cast.department, large_sheet(tmp_path / "large.xlsx", 20_000), longest=300)
    landed = worker.did(background.start_commit(checked, cast.department, accept_good_rows=True), longest=300)
    assert landed.state == "done" and Child.objects.count() == landed.result["counts"]["new"] > 19_000
    asked = exports.Request(exports.LINE_LIST, "department:obec", PURPOSE)
    written = worker.did(exports.request_export(asked, person=cast.department), longest=300)
    assert (written.state, written.result["rows"]) == ("done", Child.objects.count())
    found = peaks(worker)
    print("peak MB", [round(one / MIB) for one in found])  # noqa: T201 - told with -s
    assert len(found) == 2 and max(found) < 300 * MIB


# ── the embedded default ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.sqlite
def test_the_embedded_default_imports_a_list_with_a_worker_that_reads_a_folder(tmp_path):
    """SQLite and messages in files, all under one DATA_DIR, by the very command `serve` gives the worker."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    env = kept | {"DATA_DIR": str(tmp_path / "data"), "DEMO": "1", "DJANGO_SETTINGS_MODULE": "dropout.settings"}
    path = xlsx(tmp_path / "list.xlsx", [child(n) for n in range(1, 13)])
    office = Listening([sys.executable, "-m", "dropout.tests.embedded_office", str(path)], env=env, longest=120)
    try:
        office.read_until("ready")
        worker = Celery(tmp_path / "worker.log", env, *worker_command())
        try:
            told = office.read_until("children ")
        finally:
            worker.end()
    finally:
        office.end()
    assert told == "children 12 cases 12 versions 1 attempts 1 1"
    assert not list((tmp_path / "data" / "queue" / "messages").glob("*run_job*"))
