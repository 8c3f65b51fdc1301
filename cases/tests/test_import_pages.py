"""The pages of an import: upload, result, commit by the same person within the hour, files for the owner alone."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from openpyxl import load_workbook

from cases.identity import make_synthetic_id
from cases.intake import background
from cases.intake.columns import find_layout
from cases.intake.headings import TEMPLATE
from cases.models import Case, Child, ChildList
from cases.tests.sheetmaker import SISTER, SOUTH, child, xlsx
from schools import clock, jobs
from schools.models import AuditEvent, Job, JobFile, Posting

pytestmark = pytest.mark.django_db


@pytest.fixture
def upload(tmp_path):
    made = iter(range(100))

    def upload(client, rows, **said):
        path = xlsx(tmp_path / f"บัญชี{next(made)}.xlsx", rows)
        file = SimpleUploadedFile(path.name, path.read_bytes())
        answer = client.post(reverse("cases:import_new"), {"file": file} | said)
        assert answer.status_code == 302, answer.context["form"].errors
        job = Job.objects.latest("pk")
        jobs.run(job.pk)
        job.refresh_from_db()
        return job

    return upload


def page(client, job, name="import_detail"):
    return client.get(reverse(f"cases:{name}", args=[job.pk]))


def commit(client, job, **said):
    answer = client.post(reverse("cases:import_commit", args=[job.pk]), said)
    made = Job.objects.latest("pk")
    if made.kind == background.COMMIT and made.state == Job.State.QUEUED:
        jobs.run(made.pk)
        made.refresh_from_db()
    return answer, made


def test_upload_is_tried_shown_and_committed(cast, client, upload):
    client.force_login(cast.district)
    job = upload(client, [child(1), child(2, รหัสสถานศึกษา=SISTER)], list_date="28/02/2565")
    assert job.state == Job.State.DONE, job.error_en
    assert not Child.objects.exists()
    shown = page(client, job).content.decode()
    assert "นำเข้า 2 คน" in shown
    assert make_synthetic_id(1) not in shown
    _, done = commit(client, job)
    assert done.state == Job.State.DONE, done.error_en
    assert Case.objects.count() == 2
    assert "นำเข้าแล้ว" in page(client, done).content.decode()
    assert "นำเข้าแล้ว" in client.get(reverse("cases:import_list")).content.decode()


def test_refused_rows_are_shown_and_stop_the_commit_until_the_good_ones_are_wanted(cast, client, upload):
    client.force_login(cast.district)
    job = upload(client, [child(1), child(2, วันเกิด="31/02/2555")])
    shown = page(client, job).content.decode()
    assert "31/02/2555" in shown
    assert "วันที่ไม่ถูกต้อง" in shown
    _, refused = commit(client, job)
    assert refused.state == Job.State.FAILED
    assert "ไม่มีการบันทึก" in refused.error_th
    assert not Child.objects.exists()
    _, done = commit(client, job, accept_good_rows="on")
    assert done.state == Job.State.DONE
    assert Child.objects.count() == 1


def test_page_speaks_english(cast, client, upload):
    client.force_login(cast.district)
    job = upload(client, [child(1, วันเกิด="31/02/2555")])
    answer = client.get(reverse("cases:import_detail", args=[job.pk]), headers={"accept-language": "en"})
    assert "Not a valid date" in answer.content.decode()


def test_answer_files_keep_the_importers_own_cells_as_text(cast, client, upload):
    client.force_login(cast.district)
    rows = [child(1, นามสกุล="=HYPERLINK(1)"), child(2, วันเกิด="31/02/2555")]
    job = upload(client, rows)
    answer = client.get(reverse("cases:import_file", args=[job.pk, "refused"]))
    sheet = load_workbook(BytesIO(b"".join(answer.streaming_content)))["Sheet"]
    told = [[cell.value for cell in row] for row in sheet.rows]
    assert len(told) == 2
    assert told[1][0] == make_synthetic_id(2)
    assert told[1][-2] == "ปฏิเสธ"
    assert "วันที่ไม่ถูกต้อง" in told[1][-1]
    answer = client.get(reverse("cases:import_file", args=[job.pk, "result"]))
    book = load_workbook(BytesIO(b"".join(answer.streaming_content)))
    names = {cell.value: cell.data_type for row in book["Sheet"].rows for cell in row}
    assert names["=HYPERLINK(1)"] == "s"
    assert AuditEvent.objects.filter(action="import_file_downloaded").count() == 2


def test_files_and_commit_are_for_the_same_person_alone(cast, client, upload):
    client.force_login(cast.district)
    job = upload(client, [child(1)])
    colleague = cast.charlie
    Posting.objects.create(person=colleague, role="district", unit="district:P4603", since=clock.now().date())
    client.force_login(colleague)
    assert page(client, job).status_code == 200
    assert client.get(reverse("cases:import_file", args=[job.pk, "result"])).status_code == 404
    assert commit(client, job)[0].status_code == 403
    assert client.post(reverse("cases:import_cancel", args=[job.pk])).status_code == 403


@pytest.mark.parametrize("who", ["south_district", "director", "province", "department", "ministry"])
def test_imports_of_other_units_do_not_exist(cast, client, upload, who):
    client.force_login(cast.district)
    job = upload(client, [child(1)])
    client.force_login(getattr(cast, who))
    for name in ("import_detail", "import_progress"):
        assert page(client, job, name).status_code == 404
    assert "บัญชี0" not in client.get(reverse("cases:import_list")).content.decode()


@pytest.mark.parametrize("who", ["teacher", "partner", "auditor", "admin", "charlie"])
def test_those_who_may_not_import_are_turned_away(cast, client, who):
    client.force_login(getattr(cast, who))
    assert client.get(reverse("cases:import_list")).status_code == 403
    assert client.post(reverse("cases:import_new")).status_code == 403
    assert client.get(reverse("cases:import_template")).status_code == 403
    assert client.get(reverse("cases:import_detail", args=[1])).status_code == 404


def test_dry_run_older_than_an_hour_may_not_be_committed(cast, client, upload):
    client.force_login(cast.district)
    job = upload(client, [child(1)])
    Job.objects.filter(pk=job.pk).update(finished_at=clock.now() - timedelta(minutes=61))
    answer, made = commit(client, job)
    assert made.kind == background.CHECK
    assert "1 ชั่วโมง" in client.get(answer.url).content.decode()


def test_second_commit_of_one_dry_run_is_refused(cast, client, upload):
    client.force_login(cast.district)
    job = upload(client, [child(1)])
    _, first = commit(client, job)
    _, second = commit(client, job)
    assert first == second
    assert ChildList.objects.get().versions.count() == 1


def test_file_that_changed_after_the_dry_run_is_refused(cast, client, upload):
    client.force_login(cast.district)
    job = upload(client, [child(1)])
    path = background.stored(job.files.get(role="source"))
    path.write_bytes(path.read_bytes() + b"x")
    _, made = commit(client, job)
    assert (made.state, Child.objects.count()) == (Job.State.FAILED, 0)


def test_scope_is_that_of_the_moment_of_the_commit(cast, client, upload):
    client.force_login(cast.district)
    job = upload(client, [child(1)])
    made = background.start_commit(job, cast.district, accept_good_rows=False)
    cast.district.postings.update(unit="district:P8101")
    jobs.run(made.pk)
    made.refresh_from_db()
    assert (made.state, Child.objects.count()) == (Job.State.FAILED, 0)


def test_commit_whose_worker_died_after_landing_is_told_as_done_and_lands_once(cast, client, upload):
    client.force_login(cast.district)
    _, done = commit(client, upload(client, [child(1)]))
    Job.objects.filter(pk=done.pk).update(state=Job.State.RUNNING, lease_until=clock.now() - timedelta(minutes=5))
    jobs.run(done.pk)
    done.refresh_from_db()
    assert (done.state, done.result["counts"]["new"]) == (Job.State.DONE, 1)
    assert ChildList.objects.get().versions.count() == 1


def test_data_that_changed_since_the_dry_run_stops_the_commit(cast, client, upload):
    client.force_login(cast.district)
    first, second = upload(client, [child(1)]), upload(client, [child(1)])
    assert commit(client, first)[1].state == Job.State.DONE
    _, made = commit(client, second)
    assert made.state == Job.State.FAILED
    assert "new 1" in made.error_th


def test_unknown_column_is_mapped_by_hand_and_remembered_for_the_list(cast, client, upload):
    client.force_login(cast.district)
    rows = [child(1) | {"เลขอ้างอิงบุคคล": make_synthetic_id(5)}]
    rows[0].pop("เลขประจำตัวประชาชน")
    job = upload(client, rows)
    assert "เลขอ้างอิงบุคคล" in page(client, job).content.decode()
    client.post(reverse("cases:import_map", args=[job.pk]), {"column_0": "identifier"})
    again = Job.objects.latest("pk")
    jobs.run(again.pk)
    again.refresh_from_db()
    assert again.result["layout"][0]["unknown"] == {}
    commit(client, again)
    assert ChildList.objects.get().mapping == {"เลขอ้างอิงบุคคล": "identifier"}
    assert upload(client, rows).result["counts"]["unchanged"] == 1


def test_missing_name_column_can_be_matched_by_hand(cast, client, upload):
    client.force_login(cast.district)
    row = child(1)
    row["ผู้ถูกสำรวจ"] = f"{row.pop('ชื่อ')} {row.pop('นามสกุล')}"
    job = upload(client, [row])
    shown = page(client, job).content.decode()
    assert "ขาดคอลัมน์" in shown
    client.post(reverse("cases:import_map", args=[job.pk]), {"column_0": "full_name"})
    again = Job.objects.latest("pk")
    jobs.run(again.pk)
    again.refresh_from_db()
    assert again.result["counts"]["new"] == 1


def test_those_gone_are_named_to_those_who_may_see_names(cast, client, upload):
    client.force_login(cast.district)
    commit(client, upload(client, [child(1), child(2)]))
    shown = page(client, upload(client, [child(2)])).content.decode()
    gone = Case.objects.order_by("pk").first()
    assert gone.number in shown
    assert str(gone.child) in shown


def test_file_that_cannot_be_read_says_why(cast, client):
    client.force_login(cast.district)
    client.post(reverse("cases:import_new"), {"file": SimpleUploadedFile("a.xlsx", b"\x00\x01 no sheet")})
    job = Job.objects.latest("pk")
    jobs.run(job.pk)
    assert "ไม่ใช่ไฟล์ตาราง" in page(client, job).content.decode()


def test_too_large_a_file_is_refused_at_the_door(cast, client, settings):
    client.force_login(cast.district)
    answer = client.post(reverse("cases:import_new"), {"file": SimpleUploadedFile("a.csv", b"x" * (10 * 2**20 + 1))})
    assert answer.status_code == 400
    assert not Job.objects.exists()
    assert "เกิน 10 MB" in answer.content.decode()


def test_running_import_shows_progress_and_can_be_cancelled(cast, client):
    client.force_login(cast.district)
    client.post(reverse("cases:import_new"), {"file": SimpleUploadedFile("a.xlsx", b"PK")})
    job = Job.objects.latest("pk")
    shown = page(client, job).content.decode()
    assert f'data-poll="{reverse("cases:import_progress", args=[job.pk])}"' in shown
    client.post(reverse("cases:import_cancel", args=[job.pk]))
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED


def test_template_is_read_by_the_import_itself(cast, client, tmp_path, upload):
    client.force_login(cast.district)
    answer = client.get(reverse("cases:import_template"))
    rows = list(load_workbook(BytesIO(answer.content))["รายชื่อ"].values)
    layout = find_layout("รายชื่อ", [(1, rows[0])])
    assert tuple(layout.columns.values()) == TEMPLATE
    assert len(rows) == 3
    file = SimpleUploadedFile("template.xlsx", answer.content)
    client.post(reverse("cases:import_new"), {"file": file})
    job = Job.objects.latest("pk")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.result["counts"]["rows"] == 2
    assert job.result["refusals"] == []


def test_expired_files_are_forgotten(cast, client, upload):
    client.force_login(cast.district)
    job = upload(client, [child(1)])
    paths = [background.stored(file) for file in job.files.all()]
    assert all(path.is_file() for path in paths)
    JobFile.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert background.forget_expired() == len(paths) == 2
    assert not any(path.exists() for path in paths)
    assert background.forget_expired() == 0


@pytest.mark.parametrize("rows", [1, 3, 30])
def test_result_page_and_history_ask_the_same_number_of_questions(
    cast, client, upload, rows, django_assert_num_queries
):
    client.force_login(cast.district)
    upload(client, [child(n, ชั้นล่าสุด="ป.6") for n in range(1, rows + 1)])
    commit(client, Job.objects.latest("pk"))
    job = upload(client, [child(n, ชั้นล่าสุด="ม.1", รหัสสถานศึกษา=SISTER) for n in range(1, rows + 1)])
    said = {"by": cast.district, "unit": job.unit, "params": job.params, "state": job.state, "result": job.result}
    Job.objects.bulk_create(Job(kind=background.CHECK, **said) for _ in range(rows))
    client.get(reverse("cases:import_list"))
    with django_assert_num_queries(9):
        page(client, job)
    with django_assert_num_queries(8):
        client.get(reverse("cases:import_list"))


def test_south_child_in_the_file_leaks_nothing(cast, client, upload):
    client.force_login(cast.south_district)
    commit(client, upload(client, [child(1, รหัสสถานศึกษา=SOUTH, ชื่อ="ลับเฉพาะ", นามสกุล="แดนใต้")]))
    client.force_login(cast.district)
    shown = page(client, upload(client, [child(1)])).content.decode()
    assert "ระบบแจ้งหน่วยงานที่ต้องตรวจสอบแล้ว" in shown
    assert "ลับเฉพาะ" not in shown
    held = AuditEvent.objects.get(action="import_held")
    assert held.object_key == Case.objects.get().number


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_progress_of_a_long_landing_is_told_outside_its_transaction(cast, client, upload, monkeypatch):
    monkeypatch.setattr(background, "SHORT", 0)
    told, tell = [], jobs.Run.progress

    def telling(run, done, total=None, **how):
        tell(run, done, total, at_once=True)
        told.append((done, connection.in_atomic_block))

    client.force_login(cast.district)
    job = upload(client, [child(1), child(2)])
    monkeypatch.setattr(jobs.Run, "progress", telling)
    _, done = commit(client, job)
    assert done.state == Job.State.DONE, done.error_en
    # read, then judged while the landing's transaction is open: told on another connection
    assert told == [(2, False), (4, False)]


def test_a_csv_is_tried_with_its_answer_file_as_a_workbook_is(cast, client, settings):
    client.force_login(cast.district)
    rows = [child(1), child(2, วันเกิด="31/02/2555")]
    text = "\n".join([",".join(rows[0]), *(",".join(str(cell) for cell in row.values()) for row in rows)])
    file = SimpleUploadedFile("บัญชี.csv", text.encode("utf-8-sig"))
    assert client.post(reverse("cases:import_new"), {"file": file}).status_code == 302
    job = Job.objects.latest("pk")
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.error_en
    assert (job.result["counts"]["new"], job.result["counts"]["refused"]) == (1, 1)
    refused = b"".join(client.get(reverse("cases:import_file", args=[job.pk, "refused"])).streaming_content)
    assert load_workbook(BytesIO(refused)).worksheets[0].max_row == 2  # the headings and the row


def shown_cases(client, address):
    return {row["case"].child.first_name for row in client.get(address).context["rows"]}


def test_the_last_page_opens_the_new_the_changed_and_the_gone_children(cast, client, upload, make_case):
    client.force_login(cast.district)
    said = {"name": "บัญชี ก"}
    first = [child(n, ชื่อ=f"คน{'กขคง'[n]}") for n in range(3)]
    _, done = commit(client, upload(client, first, list_date="28/02/2565", **said))
    upload_other = upload(client, [child(4, ชื่อ="คนเก่า")], name="บัญชี ข", list_date="28/02/2565")
    commit(client, upload_other)
    landed = page(client, done).context["landed"]
    assert shown_cases(client, landed["new"]) == {"คนก", "คนข", "คนค"}
    assert set(landed) == {"new", "all", "check"}  # nothing changed, nothing gone

    again = [first[0], first[1] | {"ชั้นล่าสุด": "ม.1"}, child(3, ชื่อ="คนง"), child(4, ชื่อ="คนเก่า")]
    check = upload(client, again, list_date="15/03/2565", **said)
    assert page(client, check).context["landed"] == {}
    _, done = commit(client, check)
    assert done.state == Job.State.DONE, done.error_en
    landed = page(client, done).context["landed"]
    found = {name: shown_cases(client, address) for name, address in landed.items()}
    assert found == {
        "new": {"คนง"},
        "changed": {"คนข", "คนเก่า"},  # a child known from another list joins this one: nothing new
        "gone": {"คนค"},
        "all": {"คนก", "คนข", "คนง", "คนเก่า"},
        "check": {"คนก", "คนข", "คนง", "คนเก่า"},
    }
    counts = done.result["counts"]
    assert {name: len(found[name]) for name in ("new", "changed", "gone")} == {
        name: counts[name] for name in ("new", "changed", "gone")
    }
    body = page(client, done).content.decode()
    assert all(f'href="{address.replace("&", "&amp;")}"' in body for address in landed.values())
    assert "บัญชี ก ฉบับที่ 2 · ใหม่" in client.get(landed["new"]).content.decode()
    assert page(client, check).context["landed"] == landed  # the dry run's page leads there too


def test_an_issue_shows_no_child_and_no_name_outside_ones_scope(cast, client, upload):
    client.force_login(cast.district)
    _, done = commit(client, upload(client, [child(1)], name="บัญชีลับ", list_date="28/02/2565"))
    address = page(client, done).context["landed"]["new"]
    client.force_login(cast.south_district)
    answer = client.get(address)
    assert answer.context["total"] == 0
    assert "บัญชีลับ" not in answer.content.decode()


@pytest.mark.parametrize(
    "asked", ["list_version=999999&entry=new", "entry=new", "list_version=-1", "list_version=9e40"]
)
def test_an_issue_that_is_none_finds_nothing(cast, client, upload, asked):
    client.force_login(cast.district)
    commit(client, upload(client, [child(1)], list_date="28/02/2565"))
    assert client.get(f"{reverse('cases:case_list')}?{asked}").context["total"] == 0
