"""A sheet of people from upload to links: dry run, refusals row by row, all or none, twice nothing, links once."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook, load_workbook

from dropout.testing import PASSWORD
from schools import clock, invitations, jobs, people_upload, postings
from schools.models import AuditEvent, Job, Person, Posting, School
from schools.people_import import plan_people
from schools.people_sheet import COLUMNS, NoPeopleHeading, people_rows
from schools.school_index import school_key
from schools.thaitext import sort_key
from schools.thaitime import bangkok_today

pytestmark = pytest.mark.django_db
HEAD = ["ชื่อ", "นามสกุล", "ชื่อผู้ใช้", "บทบาท", "รหัสสถานศึกษา", "หน่วยงาน", "เริ่ม", "สิ้นสุด", "โทรศัพท์", "ดูอย่างเดียว"]


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.UPLOAD_DIR, settings.EXPORT_DIR = tmp_path / "in", tmp_path / "out"


def row(n: int, **said) -> list:
    cells = {"ชื่อ": "ใหม่", "นามสกุล": f"คนที่{n}", "ชื่อผู้ใช้": f"new.{n}", "บทบาท": "ครู", "รหัสสถานศึกษา": "46990001"}
    cells |= said
    return [cells.get(name) for name in HEAD]


def book(*rows, above=()) -> SimpleUploadedFile:
    made, file = Workbook(), BytesIO()
    for line in (*above, HEAD, *rows):
        made.active.append(line)
    made.save(file)
    return SimpleUploadedFile("คนของโรงเรียน.xlsx", file.getvalue())


def done(job: Job) -> Job:
    jobs.run(job.pk)
    return Job.objects.get(pk=job.pk)


def checked(by: Person, *rows, **about) -> Job:
    return done(people_upload.start_check(by, book(*rows, **about), host="http://testserver"))


def landed(by: Person, *rows) -> Job:
    return done(people_upload.start_commit(checked(by, *rows), by))


def refused(by: Person, *rows) -> list[tuple]:
    job = checked(by, *rows)
    assert job.state == "done", job.error_en
    for one in job.result["refusals"]:
        assert one["message"] and one["message_en"] and one["message"] != one["message_en"]
    return [(one["row"], one["column"]) for one in job.result["refusals"]]


def standing() -> tuple[int, int, int]:
    return Person.objects.count(), Posting.objects.count(), AuditEvent.objects.count()


def test_a_dry_run_says_what_would_be_and_writes_nothing(cast):
    before = standing()
    job = checked(cast.district, row(1), row(2, บทบาท="ผอ.", รหัสสถานศึกษา=46990002), above=[["รายชื่อบุคลากร"], []])
    assert job.result["counts"] == {"rows": 2, "new": 2, "posted": 0, "changed": 0, "unchanged": 0, "refused": 0}
    assert standing() == before


def test_the_commit_invites_all_and_its_links_are_fetched_once(cast, client):
    job = landed(cast.district, row(1), row(2, บทบาท="ผอ.", รหัสสถานศึกษา="46990002"), row(3, สิ้นสุด="30/09/2599"))
    assert (job.state, job.result["links"]) == ("done", 3), job.error_en
    assert Posting.objects.get(person__username="new.3").until == date(2056, 9, 30)
    client.force_login(cast.district)
    fetched = client.post(f"/people/uploads/{job.pk}/links/")
    sheet = load_workbook(BytesIO(fetched.content)).active
    links = {cells[2]: cells[5] for cells in sheet.iter_rows(min_row=2, values_only=True)}
    assert set(links) == {"new.1", "new.2", "new.3"}
    token = links["new.2"].rstrip("/").rpartition("/")[2]
    assert invitations.open_link(token).person.username == "new.2"
    assert client.post(f"/people/uploads/{job.pk}/links/").status_code == 404
    client.force_login(cast.south_district)
    assert client.get(f"/people/uploads/{job.pk}/").status_code == 404


def test_the_fetched_file_is_gone_from_the_disk(cast, client, settings, django_capture_on_commit_callbacks):
    job = landed(cast.district, row(1))
    client.force_login(cast.district)
    assert len(list(settings.EXPORT_DIR.iterdir())) == 1
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/people/uploads/{job.pk}/links/")
    assert list(settings.EXPORT_DIR.iterdir()) == []


def test_unfetched_links_are_deleted_with_the_upload_after_a_day(cast, settings):
    landed(cast.district, row(1))
    with clock.simulated(clock.now() + timedelta(hours=25)):
        assert people_upload.forget_expired() == 2
    assert list(settings.EXPORT_DIR.iterdir()) == list(settings.UPLOAD_DIR.iterdir()) == []


def test_the_same_file_twice_changes_nothing(cast):
    rows = [row(1, เริ่ม="01/10/2560"), row(2, สิ้นสุด="30/09/2599")]
    landed(cast.district, *rows)
    before = Person.objects.count(), Posting.objects.count()
    again = landed(cast.district, *rows)
    assert again.result["counts"]["unchanged"] == 2
    assert again.result["links"] == 0
    assert (Person.objects.count(), Posting.objects.count()) == before


def test_a_known_person_gets_a_further_posting_and_another_last_day_changes_it(cast):
    name = {"ชื่อ": "กมล", "นามสกุล": "สมมุติครู", "ชื่อผู้ใช้": "teacher"}
    job = checked(cast.district, row(1, **name, รหัสสถานศึกษา="46990002"), row(2, **name, สิ้นสุด="30/09/2599"))
    assert (job.result["counts"]["posted"], job.result["counts"]["changed"]) == (1, 1)
    committed = done(people_upload.start_commit(job, cast.district))
    assert (committed.state, committed.result["links"]) == ("done", 0)
    units = dict(cast.teacher.postings.values_list("unit", "until"))
    assert units == {"school:46990001": date(2056, 9, 30), "school:46990002": None}


def test_each_refused_row_says_row_column_and_remedy(cast):
    rows = [
        row(1, บทบาท="กษัตริย์"),
        row(2, รหัสสถานศึกษา="99999999"),
        row(3, รหัสสถานศึกษา="81990001"),  # another district's
        row(4, บทบาท="ผู้ดูแลระบบ", รหัสสถานศึกษา=None, หน่วยงาน="nation"),
        row(5, ชื่อผู้ใช้="ครู ไก่"),
        row(6, ชื่อผู้ใช้="1999900001010"),
        row(7, ชื่อ=None),
        row(8, เริ่ม="31/02/2569"),
        row(9, สิ้นสุด="30/09/2560"),
        row(10, ชื่อผู้ใช้="south_teacher"),
        row(11, ชื่อผู้ใช้="district", ชื่อ="จันทร์", นามสกุล="สมมุติเขต"),
        row(12, โทรศัพท์="12"),
        row(13),
        row(13),
        row(14, ชื่อผู้ใช้="new.13"),
        row(15, รหัสสถานศึกษา=None),
        row(16, ดูอย่างเดียว="อาจจะ"),
        row(17, บทบาท="เจ้าหน้าที่เขต"),
    ]
    assert refused(cast.district, *rows) == [
        (2, "บทบาท"),
        (3, "รหัสสถานศึกษา"),
        (4, "รหัสสถานศึกษา"),
        (5, "หน่วยงาน"),
        (6, "ชื่อผู้ใช้"),
        (7, "ชื่อผู้ใช้"),
        (8, "ชื่อ"),
        (9, "เริ่ม"),
        (10, "สิ้นสุด"),
        (11, "ชื่อผู้ใช้"),
        (12, "ชื่อผู้ใช้"),
        (13, "โทรศัพท์"),
        (15, "ชื่อผู้ใช้"),
        (16, "ชื่อผู้ใช้"),
        (17, "รหัสสถานศึกษา"),
        (18, "ดูอย่างเดียว"),
        (19, "บทบาท"),
    ]


def test_one_refused_row_keeps_everybody_out(cast):
    before = standing()
    job = checked(cast.district, row(1), row(2, บทบาท="x"))
    with pytest.raises(jobs.JobRefused):
        people_upload.start_commit(job, cast.district)
    assert standing() == before


def test_who_was_demoted_or_another_meanwhile_invites_nobody(cast):
    job = checked(cast.district, row(1))
    commit = people_upload.start_commit(job, cast.district)
    cast.director.postings.create(role="district", unit="district:P4603", since="2021-01-01")
    with pytest.raises(jobs.JobRefused):
        people_upload.start_commit(job, cast.director)
    postings.end(cast.district.postings.get(), by=cast.admin)
    before = standing()
    assert done(commit).state == "failed"
    assert standing() == before


def test_what_changed_since_the_check_is_refused_whole(cast):
    job = checked(cast.district, row(1), row(2))
    commit = people_upload.start_commit(job, cast.district)
    Person.objects.create_user("new.2", "", first_name="อีกคน", last_name="หนึ่ง")
    before = standing()
    failed = done(commit)
    assert (failed.state, "แถว 3" in failed.error_th) == ("failed", True)
    assert standing() == before


def test_a_sheet_without_its_heading_and_a_file_that_is_none_are_refused_in_words(cast):
    with pytest.raises(NoPeopleHeading):
        list(people_rows([("a", 1, ("ก", "ข"))]))
    empty = done(people_upload.start_check(cast.district, book(), host=""))
    assert (empty.state, empty.error_th) == ("failed", "ไม่มีข้อมูลใต้หัวตาราง")
    page = SimpleUploadedFile("x.xlsx", b"<html>")
    assert "หน้าเว็บ" in done(people_upload.start_check(cast.district, page, host="")).error_th


def test_a_names_formula_stays_text_in_the_file_of_links(cast, client):
    text = "\n".join([",".join(HEAD), ",".join(cell or "" for cell in row(1, ชื่อ="=HYPERLINK(1)"))])
    upload = SimpleUploadedFile("a.csv", text.encode())
    job = done(people_upload.start_check(cast.district, upload, host=""))
    job = done(people_upload.start_commit(job, cast.district))
    client.force_login(cast.district)
    fetched = client.post(f"/people/uploads/{job.pk}/links/")
    cell = load_workbook(BytesIO(fetched.content)).active["A2"]
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")


def test_two_hundred_schools_are_judged_by_as_few_questions_as_one(cast):
    district = cast.own_school.district
    for n in range(200):
        name = f"โรงเรียนที่ {n}"
        School.objects.create(
            code=f"4699{2000 + n}",
            name_th=name,
            search=school_key(name),
            sort_key=sort_key(name),
            district=district,
            province_id=46,
            amphoe_id=4605,
        )

    def asked(count: int) -> int:
        wanted = [(n + 2, dict(zip(HEAD, row(n, รหัสสถานศึกษา=f"4699{2000 + n}"), strict=True))) for n in range(count)]
        by = Person.objects.get(pk=cast.district.pk)
        with CaptureQueriesContext(connection) as queries:
            assert plan_people(wanted, by=by).counts["new"] == count
        return len(queries)

    assert asked(200) == asked(1) <= 6


# ── the pages ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_pages_lead_from_the_file_to_the_links(cast, client):
    client.post("/login/", {"login": "district", "password": PASSWORD})
    uploaded = client.post("/people/uploads/new/", {"file": book(row(1), row(2, บทบาท="x"))})
    jobs.run(Job.objects.get().pk)
    page = client.get(uploaded["Location"]).content.decode()
    assert "ไม่รู้จักบทบาท" in page
    assert "เชิญทั้งไฟล์</button>" not in page
    uploaded = client.post("/people/uploads/new/", {"file": book(row(1))})
    jobs.run(Job.objects.latest("pk").pk)
    commit = client.post(f"{uploaded['Location']}commit/")
    jobs.run(Job.objects.latest("pk").pk)
    assert "ดาวน์โหลดลิงก์ 1 คน" in client.get(commit["Location"]).content.decode()
    assert client.post("/people/uploads/new/", {}).status_code == 400


def test_the_template_is_a_sheet_this_takes(cast, client):
    client.force_login(cast.district)
    file = client.get("/people/uploads/template/")
    assert file.content.decode("utf-8-sig").splitlines()[0].split(",") == list(COLUMNS)
    job = done(people_upload.start_check(cast.district, SimpleUploadedFile("a.csv", file.content), host=""))
    assert (job.state, job.result["counts"]["rows"], job.result["counts"]["refused"]) == ("done", 1, 0), job.result


def test_a_day_in_a_real_date_cell_is_that_day(cast):
    start = bangkok_today() - timedelta(days=5)
    landed(cast.district, row(1, เริ่ม=start))
    assert Posting.objects.get(person__username="new.1").since == start
