"""Files taken out: asked for with a purpose, made within scope, fetched by their owner alone, gone after a day."""

import errno
import hashlib
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.identity import make_synthetic_id
from reports import exports, line_lists, rollup, tasks, workbooks
from reports.exports import LINE_LIST, WORKBOOK, ExportRefused, Request, request_export
from reports.models import Rollup
from reports.tests.fact_worlds import DAY, START, a_world, give_identifiers
from schools import clock, jobs
from schools.job_pages import seconds_left
from schools.models import AuditEvent, District, Job, JobFile, Person
from schools.units import parse_unit

NOW = START + 60 * DAY
PURPOSE = "เสนอที่ประชุมคณะกรรมการระดับเขต"
DISTRICT = "district:P4603"


@pytest.fixture(autouse=True)
def export_dir(settings, tmp_path):
    settings.EXPORT_DIR = tmp_path / "exports"


@pytest.fixture(autouse=True)
def at_noon():
    with clock.simulated(NOW):
        yield


@pytest.fixture
def world(cast):
    cases = a_world(cast, District.objects.in_bulk(field_name="code"))
    give_identifiers(cases)
    return cases


def asked(kind=LINE_LIST, unit=DISTRICT, purpose=PURPOSE, period="", figure="target"):
    return Request(kind, unit, purpose, period or ("2565-02" if kind == WORKBOOK else ""), figure)


def done(person, **about) -> Job:
    """A job asked for by `person` and run."""
    job = request_export(asked(**about), person=person)
    jobs.run(job.pk)
    job.refresh_from_db()
    return job


def folder(settings) -> list[str]:
    return sorted(path.name for path in Path(settings.EXPORT_DIR).glob("*"))


def events(action):
    return list(AuditEvent.objects.filter(action=action).order_by("pk"))


# ── asking ────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("who", "kind", "unit"),
    [
        ("district", WORKBOOK, DISTRICT),
        ("district", LINE_LIST, "school:46990001"),
        ("director", LINE_LIST, "school:46990001"),
        ("province", WORKBOOK, "district:P4603"),
        ("department", WORKBOOK, "department:obec"),
        ("ministry", WORKBOOK, "nation"),
        ("ministry", LINE_LIST, "province:81"),
    ],
)
def test_who_may_gets_the_file_of_a_unit_in_reach(world, cast, who, kind, unit):
    job = done(getattr(cast, who), kind=kind, unit=unit)
    assert (job.state, job.error_th) == ("done", "")
    assert job.result["rows"] == JobFile.objects.get(job=job).rows > 0


@pytest.mark.parametrize(
    ("who", "kind", "unit", "status"),
    [
        ("district", WORKBOOK, "district:P8101", 404),  # another district
        ("district", LINE_LIST, "district:P4601", 404),
        ("district", WORKBOOK, "province:46", 404),  # the level above
        ("district", WORKBOOK, "nation", 404),
        ("south_province", LINE_LIST, "district:S9201", 404),  # a สพม. that lies in another province too
        ("director", LINE_LIST, "school:46990002", 404),
        ("south_ministry", WORKBOOK, "province:46", 404),
        ("ministry", WORKBOOK, "province:99", 404),  # no such unit
        ("teacher", WORKBOOK, "school:46990001", 403),
        ("teacher", LINE_LIST, "school:46990001", 403),
        ("auditor", WORKBOOK, "nation", 403),
        ("partner", LINE_LIST, "partner:eef", 403),
        ("admin", WORKBOOK, "nation", 403),
        ("charlie", WORKBOOK, "nation", 403),
    ],
)
def test_who_may_not_is_refused_and_nothing_is_queued(cast, who, kind, unit, status):
    with pytest.raises(ExportRefused) as refusal:
        request_export(asked(kind, unit), person=getattr(cast, who))
    assert refusal.value.status == status
    assert not Job.objects.exists() and not AuditEvent.objects.filter(action="export_asked").exists()


def test_a_unit_out_of_reach_is_answered_like_one_that_does_not_exist(cast):
    said = []
    for unit in ("district:P8101", "district:P9999"):
        with pytest.raises(ExportRefused) as refusal:
            request_export(asked(unit=unit), person=cast.district)
        said.append(refusal.value.message_th.replace(unit, "…"))
    assert said[0] == said[1]


@pytest.mark.parametrize("purpose", ["", "          ", "ประชุม", "x" * 9, "ก" * 301])
def test_a_purpose_must_be_typed(cast, purpose):
    with pytest.raises(ExportRefused, match="to 300 characters") as refusal:
        request_export(asked(purpose=purpose), person=cast.district)
    assert refusal.value.field == "purpose"
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("about", "field"),
    [
        ({"kind": WORKBOOK, "period": "2022-02"}, "period"),
        ({"kind": WORKBOOK, "period": "2566-01"}, "period"),  # not begun
        ({"figure": "nonsense"}, "figure"),
        ({"kind": "export_everything"}, "kind"),
    ],
)
def test_nonsense_is_refused_before_it_is_queued(cast, about, field):
    with pytest.raises(ExportRefused) as refusal:
        request_export(asked(**about), person=cast.district)
    assert refusal.value.field == field
    assert not Job.objects.exists()


def test_an_id_typed_into_the_purpose_is_not_kept(cast):
    number = make_synthetic_id(7)
    job = request_export(asked(purpose=f"ตรวจสอบเด็กเลข {number} ก่อนประชุม"), person=cast.district)
    assert number not in repr(job.params)
    assert number not in events("export_asked")[0].reason


# ── making ────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("kind", [WORKBOOK, LINE_LIST])
def test_the_file_lies_under_a_random_name_with_its_digest_rows_and_end(world, cast, settings, kind):
    job = done(cast.district, kind=kind)
    file = JobFile.objects.get(job=job)
    path = Path(settings.EXPORT_DIR) / file.path
    assert file.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert file.size == path.stat().st_size
    assert file.expires_at == NOW + timedelta(hours=24)
    assert re.fullmatch(r"[0-9a-f]{40}\.xlsx", file.path) and "P4603" in file.name
    assert path.stat().st_mode & 0o077 == 0
    assert folder(settings) == [file.path]
    assert openpyxl.load_workbook(path).properties.keywords == f"PN-{job.pk:07d}"


def test_asking_making_and_fetching_are_in_the_trail_with_the_purpose(world, cast):
    job = done(cast.district, figure="found")
    file = JobFile.objects.get(job=job)
    exports.fetch(file.pk, person=cast.district)
    trail = [*events("export_asked"), *events("exported"), *events("downloaded")]
    assert [event.action for event in trail] == ["export_asked", "exported", "downloaded"]
    assert {(event.person, event.unit, event.role, event.object_key, event.reason) for event in trail} == {
        (cast.district, DISTRICT, "district", str(job.pk), PURPOSE)
    }
    made = trail[1].details
    assert (made["of_unit"], made["figure"], made["rows"]) == (DISTRICT, "found", file.rows)
    assert (made["sha256"], made["columns"]) == (file.sha256, list(line_lists.HEADINGS))


def test_demoted_between_asking_and_making_gets_nothing(world, cast, settings):
    job = request_export(asked(), person=cast.district)
    cast.district.postings.update(until=(NOW - DAY).date())
    with clock.simulated(NOW):
        jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    assert "สิทธิ์" in job.error_th and job.error_en
    assert folder(settings) == [] and not JobFile.objects.exists() and not events("exported")


def test_moved_to_another_district_between_asking_and_making_gets_nothing(world, cast, settings):
    job = request_export(asked(WORKBOOK), person=cast.district)
    cast.district.postings.update(unit="district:P8101")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == "failed" and DISTRICT in job.error_en
    assert folder(settings) == []


def test_a_scope_that_shrank_shows_in_the_rows(world, cast):
    """The ministry's names were granted when the list was asked for and are taken back before it is made."""
    posting = cast.ministry.postings.get()
    posting.extra = ["see_names"]
    posting.save()
    job = request_export(asked(unit="nation"), person=Person.objects.get(pk=cast.ministry.pk))
    posting.extra = []
    posting.save()
    jobs.run(job.pk)
    _, path = exports.fetch(JobFile.objects.get().pk, person=Person.objects.get(pk=cast.ministry.pk))
    (column,) = openpyxl.load_workbook(path).worksheets[0].iter_cols(min_col=5, max_col=5, min_row=2)
    assert len(column) == 20 and {cell.value for cell in column} == {None}


@pytest.mark.parametrize("kind", [WORKBOOK, LINE_LIST])
def test_a_full_disk_is_told_and_the_unfinished_file_deleted(world, cast, settings, monkeypatch, kind):
    def full(target, *args, **kwargs):
        Path(target).write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    module = workbooks if kind == WORKBOOK else line_lists
    monkeypatch.setattr(module, "write", full)
    job = done(cast.district, kind=kind)
    assert job.state == "failed"
    assert job.error_th.startswith("พื้นที่เก็บข้อมูลเต็ม") and job.error_en.startswith("The storage is full")
    assert folder(settings) == [] and not JobFile.objects.exists()


def test_a_job_cancelled_while_it_works_leaves_no_file(world, cast, settings, monkeypatch):
    original = line_lists.write

    def cancelled_meanwhile(*args, **kwargs):
        jobs.cancel(Job.objects.get())
        return original(*args, **kwargs)

    monkeypatch.setattr(line_lists, "write", cancelled_meanwhile)
    job = done(cast.district)
    assert job.state == "cancelled"
    assert folder(settings) == [] and not JobFile.objects.exists() and not events("exported")


def test_running_the_same_job_twice_makes_one_file(world, cast, settings):
    job = done(cast.district)
    Job.objects.filter(pk=job.pk).update(state="queued", result={})  # the worker died before it could say so
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == "done" and job.result["file"] == JobFile.objects.get().pk
    assert len(folder(settings)) == 1 and len(events("exported")) == 1


def test_the_workbook_job_builds_the_rollup_and_a_list_of_a_period_is_as_known_then(world, cast):
    job = done(cast.province, kind=WORKBOOK, unit="province:46")
    built = Rollup.objects.get(period="2565-02")
    assert job.result["revision"] == built.revision
    listed = done(cast.province, unit="province:46", period="2565-02", figure="found")
    assert listed.result["rows"] == rollup.counts_for(built, parse_unit("province:46"))["found"]


# ── fetching ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_three_fetches_and_no_fourth_each_recorded(world, cast):
    file = JobFile.objects.get(job=done(cast.district))
    for _ in range(3):
        exports.fetch(file.pk, person=cast.district)
    with pytest.raises(ExportRefused, match="3 times already") as refusal:
        exports.fetch(file.pk, person=cast.district)
    assert refusal.value.status == 410
    file.refresh_from_db()
    assert file.downloads == 3
    assert [(event.result, event.details["number"]) for event in events("downloaded")] == [
        ("ok", 1), ("ok", 2), ("ok", 3), ("refused", 3),
    ]  # fmt: skip


@pytest.mark.parametrize("who", ["province", "ministry", "director", "south_district", "admin"])
def test_nobody_else_can_fetch_it_whatever_their_role(world, cast, who):
    file = JobFile.objects.get(job=done(cast.district))
    with pytest.raises(JobFile.DoesNotExist):
        exports.fetch(file.pk, person=getattr(cast, who))
    assert not events("downloaded")


def test_after_a_day_the_file_is_not_to_be_had(world, cast):
    file = JobFile.objects.get(job=done(cast.district))
    with clock.simulated(NOW + timedelta(hours=23, minutes=59)):
        exports.fetch(file.pk, person=cast.district)
    with clock.simulated(NOW + timedelta(hours=24)), pytest.raises(ExportRefused, match="ended"):
        exports.fetch(file.pk, person=cast.district)


def test_who_lost_the_right_since_cannot_fetch_it(world, cast):
    file = JobFile.objects.get(job=done(cast.district))
    cast.district.postings.update(unit="district:P8101")
    with pytest.raises(ExportRefused) as refusal:
        exports.fetch(file.pk, person=Person.objects.get(pk=cast.district.pk))
    assert refusal.value.status == 404
    assert [event.result for event in events("downloaded")] == ["refused"]


def test_the_sweep_deletes_what_expired_and_what_a_dead_worker_left_and_nothing_else(world, cast, settings):
    old = JobFile.objects.get(job=done(cast.district))
    with clock.simulated(NOW + timedelta(hours=20)):
        fresh = JobFile.objects.get(job=done(cast.director, unit="school:46990001"))
    left, writing = Path(settings.EXPORT_DIR) / "dead.xlsx", Path(settings.EXPORT_DIR) / "writing.xlsx"
    later = NOW + timedelta(hours=25)
    for path, age in ((left, timedelta(hours=26)), (writing, timedelta(minutes=1))):
        path.write_bytes(b"half")
        os.utime(path, times=((later - age).timestamp(),) * 2)
    with clock.simulated(later):
        tasks.delete_expired_exports()
        tasks.delete_expired_exports()
    assert folder(settings) == sorted([fresh.path, "writing.xlsx"])
    assert JobFile.objects.filter(pk=old.pk).exists()  # what was taken out stays known


def test_the_sweep_is_on_the_clock(settings):
    assert "reports.delete_expired_exports" in {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert tasks.delete_expired_exports.name == "reports.delete_expired_exports"


# ── pages ─────────────────────────────────────────────────────────────────────────────────────────────────────
def post(client, person, **about):
    client.force_login(person)
    said = {"kind": LINE_LIST, "unit": DISTRICT, "period": "now", "figure": "found", "purpose": PURPOSE} | about
    return client.post(reverse("reports:export_new"), said)


def test_asked_on_the_page_made_by_the_worker_fetched_from_the_list(
    world, cast, client, django_capture_on_commit_callbacks
):
    assert post(client, cast.district).status_code == 302
    job = Job.objects.get()
    waiting = client.get(reverse("reports:export_list")).content.decode()
    assert f'data-poll="/jobs/{job.pk}/fragment/"' in waiting and f"/jobs/{job.pk}/cancel/" in waiting
    jobs.run(job.pk)
    file = JobFile.objects.get()
    address = reverse("reports:export_file", args=[file.pk])
    shown = client.get(reverse("schools:job", args=[job.pk])).content.decode()
    assert f'href="{address}"' in shown and "data-poll" not in shown
    answer = client.get(address)
    content = b"".join(answer.streaming_content)
    assert hashlib.sha256(content).hexdigest() == file.sha256
    assert answer["Content-Disposition"].startswith('attachment; filename="line_list_district-P4603_')
    assert "no-store" in answer["Cache-Control"]
    for _ in range(2):
        assert b"".join(client.get(address).streaming_content) == content
    over = client.get(address)
    assert over.status_code == 410 and "ครบ 3 ครั้ง" in over.content.decode()
    assert f'href="{address}"' not in client.get(reverse("reports:export_list")).content.decode()


def test_what_was_typed_stays_when_it_is_refused(cast, client):
    answer = post(client, cast.district, purpose="สั้น")
    assert answer.status_code == 400
    text = answer.content.decode()
    assert "สั้น</textarea>" in text and "บอกวัตถุประสงค์" in text
    assert not Job.objects.exists()


def test_a_foreign_unit_posted_by_hand_is_404_and_its_name_is_not_told(cast, client):
    answer = post(client, cast.district, unit="district:P8101")
    assert answer.status_code == 404
    assert "กระบี่" not in answer.content.decode()
    assert not Job.objects.exists()


@pytest.mark.parametrize("who", ["teacher", "auditor", "partner", "admin", "charlie"])
def test_the_pages_are_403_for_who_may_not_export(cast, client, who):
    client.force_login(getattr(cast, who))
    assert client.get(reverse("reports:export_list")).status_code == 403
    assert client.post(reverse("reports:export_new"), {}).status_code == 403


def test_another_persons_job_and_file_are_404(world, cast, client):
    job = done(cast.district)
    file = JobFile.objects.get()
    for other in (cast.province, cast.ministry, cast.teacher, cast.charlie):
        client.force_login(other)
        assert client.get(reverse("schools:job", args=[job.pk])).status_code == 404
        assert client.post(reverse("schools:job_cancel", args=[job.pk])).status_code == 404
        assert client.get(reverse("reports:export_file", args=[file.pk])).status_code == 404
    client.logout()
    assert client.get(reverse("schools:job", args=[job.pk])).status_code == 302


def test_a_queued_job_is_cancelled_by_its_owner(cast, client):
    post(client, cast.district)
    job = Job.objects.get()
    client.force_login(cast.district)
    answer = client.post(reverse("schools:job_cancel", args=[job.pk]))
    assert (answer.status_code, answer.url) == (302, reverse("reports:export_list"))
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_the_form_offers_only_what_this_person_may_and_takes_the_unit_it_is_sent(cast, client):
    client.force_login(cast.province)
    address = reverse("reports:export_list")
    own = client.get(address).content.decode()
    assert 'value="province:46"' in own and 'value="district:P4603"' not in own
    asked_for = client.get(address, {"unit": "district:P4603", "kind": LINE_LIST, "figure": "wants"}).content.decode()
    assert '<option value="district:P4603" selected>' in asked_for and '<option value="wants" selected>' in asked_for
    foreign = client.get(address, {"unit": "district:P8101"}).content.decode()
    assert 'value="district:P8101"' not in foreign


def test_a_workbook_is_offered_for_the_last_month_and_refused_without_a_period(cast, client):
    client.force_login(cast.district)
    offered = client.get(reverse("reports:export_list")).content.decode()
    assert '<option value="2565-03" selected>' in offered
    of_a_list = client.get(reverse("reports:export_list"), {"kind": LINE_LIST}).content.decode()
    assert '<option value="now" selected>' in of_a_list
    refused = post(client, cast.district, kind=WORKBOOK, period="now")
    assert refused.status_code == 400 and "เลือกเดือนหรือสัปดาห์" in refused.content.decode()
    assert not Job.objects.exists()


def test_the_form_asks_only_what_the_chosen_kind_needs(cast, client):
    client.force_login(cast.district)
    address = reverse("reports:export_list")
    workbook = client.get(address, {"unit": DISTRICT}).content.decode()
    assert 'name="figure"' not in workbook and '<option value="now"' not in workbook
    assert f"?kind={LINE_LIST}&amp;unit=district%3AP4603" in workbook  # the other kind is one link away
    a_list = client.get(address, {"kind": LINE_LIST}).content.decode()
    assert 'name="figure"' in a_list and f'<input type="hidden" name="kind" value="{LINE_LIST}"' in a_list
    unknown = client.get(address, {"kind": "secrets"})
    assert unknown.context["form"].shown_kind == WORKBOOK


def test_a_workbook_is_asked_for_without_saying_which_children(cast, client):
    client.force_login(cast.district)
    said = {"kind": WORKBOOK, "unit": DISTRICT, "period": "2565-02", "purpose": PURPOSE}
    assert client.post(reverse("reports:export_new"), said).status_code == 302
    assert Job.objects.get().params["period"] == "2565-02"


def test_english_is_spoken(cast, client):
    client.force_login(cast.district)
    said = {"kind": LINE_LIST, "unit": DISTRICT, "period": "now", "figure": "found", "purpose": "short"}
    text = client.post(reverse("reports:export_new"), said, headers={"accept-language": "en"}).content.decode()
    assert "Say what it is for" in text and "Which children" in text and "<h1>Export</h1>" in text


def test_the_list_costs_the_same_queries_at_1_3_and_30_jobs(world, cast, client):
    client.force_login(cast.district)
    address = reverse("reports:export_list")
    done(cast.district)
    client.get(address)  # session and language are settled

    counts = []
    for jobs_shown, more in ((1, 0), (3, 2), (30, 27)):
        for _ in range(more):
            done(cast.district)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).content.decode().count('class="job"') == jobs_shown
        counts.append(len(queries))
    assert counts == [counts[0]] * 3 and counts[0] <= 9


def test_a_job_says_how_long_the_rest_takes(cast):
    started = datetime(2022, 4, 1, 12, tzinfo=UTC)
    job = Job(kind=LINE_LIST, state="running", done=250, total=1000, started_at=started)
    with clock.simulated(started + timedelta(seconds=10)):
        assert seconds_left(job) == 30
    with clock.simulated(started + timedelta(seconds=1)):
        assert seconds_left(job) is None  # too early to say
