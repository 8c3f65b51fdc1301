"""Units and jobs for programs: what one may look at, one's own work, and how refusals are told."""

from itertools import pairwise

import pytest
from django.core.cache.backends.locmem import LocMemCache
from django.test import Client

from schools import clock, jobs
from schools.answers import PersonRate, Reading
from schools.models import AuditEvent, District, Job, School
from schools.scope import encloses
from schools.tests.asking import asking, everything
from schools.unit_tree import LISTED, inside, rows_of
from schools.units import parse_unit, unit_of

UNITS = "/api/v1/units/"
JOBS = "/api/v1/jobs/"


# ── units ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("who", "units"),
    [
        ("teacher", {"school:46990001"}),
        ("director", {"school:46990001"}),
        ("district", {"district:P4603", "school:46990001", "school:46990002"}),
        ("partner", set()),
        ("admin", set()),
        ("charlie", set()),
    ],
)
def test_units_listed_are_those_one_may_look_at(cast, who, units):
    assert {row["unit"] for row in everything(asking(getattr(cast, who)), UNITS)} == units


def test_a_department_sees_its_offices_trays_and_schools_and_no_province(cast):
    rows = everything(asking(cast.department), UNITS, page_size=100)
    kinds = {kind: sum(row["kind"] == kind for row in rows) for kind in LISTED}
    offices = District.objects.filter(department__code="obec")
    assert kinds == {
        "nation": 0,
        "department": 1,
        "region": 0,
        "province": 0,
        "amphoe": 0,
        "district": offices.exclude(kind="tray").count(),
        "tray": offices.filter(kind="tray").count(),
        "school": School.objects.filter(district__department__code="obec").count(),
    }
    assert kinds["tray"] >= 77


def test_the_ministry_sees_every_unit_once_page_by_page(cast):
    rows = everything(asking(cast.ministry), UNITS, kind="province", page_size=30)
    assert [row["unit"] for row in rows] == [f"province:{pk}" for pk in sorted({int(r["unit"][9:]) for r in rows})]
    assert len(rows) == 77
    nation = asking(cast.ministry).get(UNITS, {"page_size": 1}).json()["results"]
    assert nation == [{"unit": "nation", "kind": "nation", "name": "ทั้งประเทศ", "name_en": "Nation", "parents": []}]


@pytest.mark.parametrize(
    "unit",
    [
        "nation",
        "department:obec",
        "department:opec",
        "region:12",
        "region:central",
        "province:46",
        "province:10",
        "amphoe:4605",
        "district:P4603",
        "district:S4601",
        "tray:46-obec",
        "school:46990001",
    ],
)
def test_what_lies_inside_a_unit_is_what_scope_says_it_encloses(cast, unit):
    outer = parse_unit(unit)
    for kind in LISTED[1:]:
        rows = rows_of(kind)
        if kind in ("amphoe", "district", "tray"):  # a sample is enough, and quick
            rows = rows.filter(pk__in=list(rows.order_by("pk").values_list("pk", flat=True)[::7])) | rows.filter(
                pk=outer.pk if outer.kind == kind else -1
            )
        wanted = {str(unit_of(row)) for row in rows if encloses(outer, unit_of(row))}
        assert {str(unit_of(row)) for row in rows.filter(inside(kind, outer))} == wanted, kind


def test_units_are_filtered_by_kind_parent_and_name(cast):
    ministry = asking(cast.ministry)
    schools = everything(ministry, UNITS, kind="school", parent="district:P4603")
    assert [row["unit"] for row in schools] == ["school:46990001", "school:46990002"]
    assert [row["unit"] for row in everything(ministry, UNITS, kind="school", q="ทุงสมมุติ")] == ["school:46990001"]
    assert [row["unit"] for row in everything(ministry, UNITS, q="กาฬสินธุ์", kind="province")] == ["province:46"]
    below = everything(ministry, UNITS, parent="province:46", kind="district")
    assert "district:P4603" in {row["unit"] for row in below}
    assert everything(ministry, UNITS, parent="school:46990001") == []


def test_a_school_says_where_it_lies_along_both_trees(cast):
    row = asking(cast.teacher).get(f"{UNITS}school:46990001/").json()
    assert row["name"] == "โรงเรียนบ้านทุ่งสมมุติ"
    assert row["parents"] == [
        "district:P4603",
        "department:obec",
        "amphoe:4605",
        "province:46",
        "region:12",
        "nation",
    ]


def test_a_foreign_unit_and_one_that_does_not_exist_answer_alike(cast):
    district = asking(cast.district)
    assert district.get(f"{UNITS}district:P4603/").status_code == 200
    answers = [
        district.get(f"{UNITS}{unit}/")
        for unit in ("district:P8101", "province:46", "nation", "school:99999999", "nonsense", "partner:eef")
    ]
    assert {answer.status_code for answer in answers} == {404}
    bodies = [{**answer.json(), "request_id": ""} for answer in answers]
    assert all(one == two for one, two in pairwise(bodies))
    assert (bodies[0]["detail_th"], bodies[0]["detail_en"]) == ("ไม่พบรายการ", "Not found.")


def test_listing_units_costs_the_same_queries_at_1_3_and_30_rows(cast, django_assert_num_queries):
    district = asking(cast.district)
    home = cast.own_school
    for rows in (1, 3, 30):
        for n in range(School.objects.filter(district=home.district).count(), rows):
            School.objects.create(
                code=f"4699{1000 + n}",
                name_th=f"โรงเรียนเพิ่ม {n}",
                search=f"เพิ่ม{n}",
                sort_key=f"{n:04}",
                district=home.district,
                province=home.province,
                amphoe=home.amphoe,
            )
        with django_assert_num_queries(5):  # knox asks twice; postings, their unit, schools with all parents
            answer = district.get(UNITS, {"kind": "school"})
        assert len(answer.json()["results"]) >= min(rows, 2)


# ── how things are asked ──────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("page_size=1000000", "page_size"),
        ("page_size=0", "page_size"),
        ("page_size=๕", "page_size"),
        ("page_size=-1", "page_size"),
        ("cursor=abc", "cursor"),
        ("cursor=WzEsMl0x", "cursor"),
        ("cursor=WyJhIiwgImIiXQ", "cursor"),
        ("offset=1000000000", "offset"),
        ("page=-1", "page"),
        ("ordering=national_id", "ordering"),
        ("fields=*", "fields"),
        ("kind=planet", "kind"),
        ("q=%00", "q"),
    ],
)
def test_what_a_list_does_not_know_is_refused_and_named(cast, asked, field):
    answer = asking(cast.ministry).get(f"{UNITS}?{asked}")
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert set(answer.json()["errors"]) == {field}


def test_a_page_of_1000000_is_refused_in_the_words_of_the_table_in_both_languages(cast):
    body = asking(cast.teacher, "en").get(UNITS, {"page_size": 1000000}).json()
    assert body["detail_th"] == "page_size ต้องอยู่ระหว่าง 1–100"
    assert body["detail"] == body["detail_en"] == "page_size must be 1–100."
    assert body["code"] == "A05"


def test_a_filter_that_is_not_allowed_is_told_in_the_words_of_the_table_in_both_languages(cast):
    body = asking(cast.teacher).get(UNITS, {"national_id__startswith": 1}).json()
    assert (body["code"], body["detail_th"], body["detail_en"]) == ("A04", "ตัวกรองนี้ไม่อนุญาต", "Filter not allowed.")


@pytest.mark.parametrize("header", ["", "Token", "Token 123", "Bearer abc", "Token " + "a" * 64])
def test_without_a_good_token_one_is_asked_to_sign_in_again(db, header):
    answer = Client().get(UNITS, headers={"authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.json()["detail_th"] == "กรุณาเข้าสู่ระบบใหม่"
    assert answer.headers["WWW-Authenticate"].startswith("Token")


def test_the_session_of_a_page_opens_the_api_too_but_writes_only_with_its_csrf_token(cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.teacher)
    assert client.get(UNITS).status_code == 200
    job = Job.objects.create(kind="x", by=cast.teacher)
    assert client.post(f"{JOBS}{job.pk}/cancel/").status_code == 403


def test_who_asks_too_much_is_told_when_to_try_again_and_may_still_send(cast, monkeypatch):
    monkeypatch.setattr(PersonRate, "cache", LocMemCache("of this test", {}))
    monkeypatch.setattr(Reading, "THROTTLE_RATES", {"reading": "2/min"})
    client = asking(cast.teacher)
    assert [client.get(UNITS).status_code for _ in range(3)] == [200, 200, 429]
    refused = client.get(UNITS)
    seconds = int(refused.headers["Retry-After"])
    assert 1 <= seconds <= 60
    assert refused.json()["detail_th"] == f"ส่งคำขอถี่เกินไป ลองใหม่ใน {seconds} วินาที"
    assert refused.json()["detail_en"] == f"Too many requests. Try again in {seconds} s."
    job = Job.objects.create(kind="x", by=cast.teacher)
    assert client.post(f"{JOBS}{job.pk}/cancel/").status_code == 200
    assert asking(cast.director).get(UNITS).status_code == 200  # another person has their own


# ── jobs ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def job(cast):
    return Job.objects.create(
        kind="export", by=cast.district, unit="district:P4603", params={"secret": "x"}, done=3, total=9
    )


def test_a_job_tells_its_person_how_far_it_is_and_nobody_else_that_it_exists(cast, job):
    job.files.create(folder="export", role="workbook", path="ab/cd", name="รายงาน.xlsx", content_type="x", size=5)
    body = asking(cast.district).get(f"{JOBS}{job.pk}/").json()
    assert (body["state"], body["done"], body["total"], body["error"]) == ("queued", 3, 9, None)
    assert [file["name"] for file in body["files"]] == ["รายงาน.xlsx"]
    assert "ab/cd" not in str(body)
    assert "secret" not in str(body)
    for other in (cast.director, cast.south_district, cast.ministry, cast.admin, cast.charlie):
        assert asking(other).get(f"{JOBS}{job.pk}/").status_code == 404
        assert asking(other).post(f"{JOBS}{job.pk}/cancel/").status_code == 404
        assert everything(asking(other), JOBS) == []
    assert asking(cast.district).get(f"{JOBS}{2**70}/").status_code == 404


def test_jobs_are_listed_newest_first_and_filtered(cast, job):
    later = Job.objects.create(kind="import", by=cast.district, state=Job.State.DONE)
    client = asking(cast.district)
    assert [row["id"] for row in everything(client, JOBS, page_size=1)] == [later.pk, job.pk]
    assert [row["id"] for row in everything(client, JOBS, state="done")] == [later.pk]
    assert [row["id"] for row in everything(client, JOBS, kind="export")] == [job.pk]
    assert client.get(JOBS, {"state": "lost"}).status_code == 400


def test_a_job_is_cancelled_once(cast, job):
    client = asking(cast.district)
    assert client.post(f"{JOBS}{job.pk}/cancel/").json()["state"] == "cancelled"
    again = client.post(f"{JOBS}{job.pk}/cancel/")
    assert (again.status_code, again.json()["code"]) == (409, "job_ended")
    assert jobs.take(job.pk) is None


def test_a_failed_job_says_why_in_both_languages(cast, job):
    Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED, error_th="แถว 3 ผิด", error_en="Row 3 is wrong")
    body = asking(cast.district).get(f"{JOBS}{job.pk}/").json()
    assert body["error"] == {"th": "แถว 3 ผิด", "en": "Row 3 is wrong"}


def test_listing_jobs_costs_the_same_queries_at_1_3_and_30_rows(cast, django_assert_num_queries):
    client = asking(cast.district)
    for rows in (1, 3, 30):
        while Job.objects.count() < rows:
            made = Job.objects.create(kind="export", by=cast.district, created_at=clock.now())
            made.files.create(folder="export", role="x", path=f"p/{made.pk}", name="n", content_type="x")
        with django_assert_num_queries(5):  # knox asks twice; postings, jobs, files
            assert len(client.get(JOBS).json()["results"]) == rows


def test_looking_at_units_leaves_no_event_in_the_trail(cast):
    client = asking(cast.teacher)
    before = AuditEvent.objects.count()
    client.get(UNITS)
    assert AuditEvent.objects.count() == before
