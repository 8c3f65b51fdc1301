"""Cases for programs: scope, names, one visit however often it is sent, and every refusal in two languages."""

import io
import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from PIL import Image

from cases.codes import Category, Finding, Outcome, Stage
from cases.identity import make_synthetic_id
from cases.models import Case, Photo, Visit
from cases.visits import VisitContent, record_visit
from schools.models import AuditEvent, District, Posting
from schools.tests.asking import asking, everything
from schools.thaitime import bangkok_today

CASES = "/api/v1/cases/"
STRANGERS = ("sister_teacher", "south_teacher", "south_district", "south_province", "partner", "admin", "charlie")


@pytest.fixture
def case(cast, make_case):
    return make_case(cast.own_school, name="มะลิ สมมุติเหนือ", national_id=make_synthetic_id(1))


@pytest.fixture
def southern(cast, make_case):
    """What could leak."""
    return make_case(cast.south_school, name="ชบา สมมุติใต้", national_id=make_synthetic_id(2))


def url(case, *rest):
    return f"{CASES}{case.number}/" + "".join(f"{part}/" for part in rest)


def visit(**said):
    return {"uuid": str(uuid4()), "finding": "found", "outcome": "relocated", "wish": "wants"} | said


# ── who sees which case ───────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("who", "own", "southern_seen", "named"),
    [
        ("teacher", True, False, True),
        ("director", True, False, True),
        ("district", True, False, True),
        ("province", True, False, True),
        ("department", True, True, True),
        ("ministry", True, True, False),
        ("auditor", True, True, False),
        ("south_auditor", False, True, False),
        ("south_ministry", False, True, False),
        ("south_department", False, False, False),
        ("sister_teacher", False, False, False),
        ("south_teacher", False, True, True),
        ("partner", False, False, False),
        ("admin", False, False, False),
        ("charlie", False, False, False),
    ],
)
def test_each_role_lists_and_opens_its_own_cases_and_names_where_it_may(
    cast, case, southern, who, own, southern_seen, named
):
    client = asking(getattr(cast, who))
    rows = everything(client, CASES)
    assert {row["number"] for row in rows} == ({case.number} if own else set()) | (
        {southern.number} if southern_seen else set()
    )
    assert all((row["name"] is not None) is named for row in rows)
    assert all((row["identifier"] is not None) is named for row in rows)
    assert client.get(url(case)).status_code == (200 if own else 404)
    assert client.get(url(southern)).status_code == (200 if southern_seen else 404)
    told = client.get(CASES).content.decode() + client.get(url(case)).content.decode()
    assert ("มะลิ" in told) is (own and named)
    assert ("ชบา" in told) is (southern_seen and named)


def test_no_answer_ever_holds_a_whole_identifier(cast, case):
    national_id = make_synthetic_id(1)
    client = asking(cast.teacher)
    told = "".join(client.get(address).content.decode() for address in (CASES, url(case), url(case, "visits")))
    assert national_id not in told
    row = client.get(CASES).json()["results"][0]
    assert sum(character.isdigit() for character in row["identifier"]) <= 4


def test_a_name_granted_in_one_unit_is_not_shown_in_another(cast, case, southern):
    Posting.objects.filter(person=cast.ministry).update(extra=[])
    cast.ministry.postings.create(role="ministry", unit="region:6", since=bangkok_today(), extra=["see_names"])
    names = {row["number"]: row["name"] for row in everything(asking(cast.ministry), CASES)}
    assert names == {case.number: None, southern.number: "ด.ช.ชบา สมมุติใต้"}


def test_a_foreign_case_a_random_number_and_nonsense_answer_alike(cast, southern):
    client = asking(cast.teacher)
    bodies = []
    for number in (southern.number, "0000-0000", "1", "..", "x" * 300, "aaaa-aaaa"):
        answer = client.get(f"{CASES}{number}/")
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "application/problem+json"
        bodies.append({**answer.json(), "request_id": ""})
    assert all(body == bodies[0] for body in bodies)


def test_the_row_of_a_case_says_where_it_stands(cast, case):
    row = everything(asking(cast.teacher), CASES)[0]
    assert (
        row.items()
        >= {
            "number": case.number,
            "name": "ด.ช.มะลิ สมมุติเหนือ",
            "category": "dropout",
            "stage": "assigned",
            "rung": "to_start",
            "outcome": "not_given",
            "wish": "not_asked",
            "reached": "nowhere",
            "episode": 1,
            "visits": 0,
            "last_visit_at": None,
            "unit": "school:46990001",
            "unit_name": "โรงเรียนบ้านทุ่งสมมุติ",
            "district": "district:P4603",
            "province": "province:46",
            "department": "department:obec",
        }.items()
    )


def test_a_case_without_a_school_stands_at_its_district_or_tray(cast, make_case):
    make_case(District.objects.get(code="P4603"))
    make_case(District.objects.get(code="46-obec"))
    rows = everything(asking(cast.province), CASES, school="none")
    assert [row["unit"] for row in rows] == ["district:P4603", "tray:46-obec"]


def test_a_health_matter_is_told_only_with_the_name(cast, case):
    record_visit(
        case, VisitContent(finding=Finding.FOUND, outcome=Outcome.DISABILITY), person=cast.teacher, uuid=uuid4()
    )
    assert everything(asking(cast.teacher), CASES)[0]["outcome"] == "disability"
    assert everything(asking(cast.ministry), CASES)[0]["outcome"] is None


# ── filters and pages ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_list_is_filtered_as_the_page_is(cast, case, make_case):
    missed = make_case(cast.sister_school, name="ส้ม สมมุติ", category=Category.MISSED)
    record_visit(case, VisitContent(finding=Finding.FOUND), person=cast.teacher, uuid=uuid4())
    client = asking(cast.district)

    def found(**asked):
        return {row["number"] for row in everything(client, CASES, **asked)}

    assert found(stage="found") == {case.number}
    assert found(category="missed") == {missed.number}
    assert found(unit="school:46990002") == {missed.number}
    assert found(unit="province:81") == set()
    assert found(q="สม") == {case.number, missed.number}
    assert found(q=missed.number) == {missed.number}
    assert found(due="overdue") == {missed.number}


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("national_id__startswith=1", "national_id__startswith"),
        ("ordering=national_id", "ordering"),
        ("fields=*", "fields"),
        ("page_size=1000000", "page_size"),
        ("offset=1000000000", "offset"),
        ("stage=2", "stage"),
        ("category=all", "category"),
        ("school=46990001", "school"),
        ("due=someday", "due"),
        ("q=1999900000018", "q"),
        ("q=%E0%B9%91-%E0%B9%99%E0%B9%99%E0%B9%99%E0%B9%99-%E0%B9%90%E0%B9%90%E0%B9%90%E0%B9%90%E0%B9%90-01-8", "q"),
        ("q=%00", "q"),
        ("cursor=W10", "cursor"),
        ("cursor=Wzk5OTk5OTk5OTk5OTk5OTk5OTk5OTld", "cursor"),
    ],
)
def test_what_is_no_filter_is_refused_by_name(cast, asked, field):
    answer = asking(cast.district).get(f"{CASES}?{asked}")
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {field}
    assert answer.json()["detail_th"]
    assert answer.json()["detail_en"]


def test_an_unknown_unit_is_refused_in_two_languages(cast):
    body = asking(cast.district).get(f"{CASES}?unit=planet:9").json()
    assert body["status"] == 400
    assert "planet:9" in body["detail_th"]


def test_pages_follow_each_other_while_cases_are_added(cast, make_case):
    made = [make_case(cast.own_school).number for _ in range(5)]
    client = asking(cast.teacher)
    first = client.get(CASES, {"page_size": 2}).json()
    made.append(make_case(cast.own_school).number)
    second = client.get(first["next"]).json()
    third = client.get(second["next"]).json()
    assert [row["number"] for page in (first, second, third) for row in page["results"]] == made
    assert third["next"] is None


def test_listing_costs_the_same_queries_at_1_3_and_30_rows(cast, make_case, django_assert_num_queries):
    client = asking(cast.district)
    for rows in (1, 3, 30):
        while Case.objects.count() < rows:
            make_case(cast.own_school, national_id=make_synthetic_id(Case.objects.count() + 1))
        with django_assert_num_queries(6):  # knox asks twice; postings, their unit, cases, identifiers
            assert len(client.get(CASES).json()["results"]) == rows


def test_a_search_by_words_is_in_the_trail_without_the_words(cast, case):
    asking(cast.teacher).get(CASES, {"q": "มะลิ"})
    event = AuditEvent.objects.get(action="searched")
    assert (event.person, event.details) == (cast.teacher, {"found": 1})


# ── the file ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_file_shows_the_child_the_timeline_and_what_may_be_done_and_is_recorded(cast, case):
    record_visit(case, VisitContent(finding=Finding.FOUND, situation="เล่าไว้"), person=cast.teacher, uuid=uuid4())
    body = asking(cast.teacher).get(url(case)).json()
    assert body["child"]["first_name"] == "มะลิ"
    assert [event["kind"] for event in body["timeline"]] == ["visited", "listed"]
    assert (body["timeline"][0]["before"], body["timeline"][0]["after"]) == ("assigned", "found")
    allowed = {one["action"]: one["allowed"] for one in body["actions"]}
    assert (allowed["visit"], allowed["claim_enrolment"], allowed["request_closing"]) == (True, True, True)
    assert (allowed["request_not_found"], allowed["follow_up"]) == (False, False)  # found, and not back in school yet
    assert "assign" not in allowed  # a teacher may not, at any stage
    event = AuditEvent.objects.filter(action="case_viewed").get()
    assert (event.person, event.object_key) == (cast.teacher, case.number)


def test_the_file_without_names_tells_neither_child_nor_words_nor_who(cast, case):
    record_visit(
        case, VisitContent(finding=Finding.FOUND, situation="เล่าไว้", met="ป้าแดง"), person=cast.teacher, uuid=uuid4()
    )
    client = asking(cast.ministry)
    body = client.get(url(case)).json()
    assert (body["name"], body["child"], body["teacher"]) == (None, None, None)
    told = client.get(url(case)).content.decode() + client.get(url(case, "visits")).content.decode()
    for secret in ("มะลิ", "เล่าไว้", "ป้าแดง", "กมล"):
        assert secret not in told


def test_a_file_costs_the_same_queries_with_1_and_9_visits(cast, case, django_assert_max_num_queries):
    client = asking(cast.teacher)
    for times in (1, 8):
        for _ in range(times):
            record_visit(case, VisitContent(), person=cast.teacher, uuid=uuid4())
        with django_assert_max_num_queries(16):
            assert client.get(url(case)).status_code == 200


# ── a visit, once ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_visit_is_recorded_once_however_often_it_is_sent(cast, case):
    client, said = asking(cast.teacher), visit(situation="พบที่บ้านยาย", needs=["transport", "uniform"])
    first = client.post(url(case, "visits"), said)
    again = client.post(url(case, "visits"), said)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.json()["uuid"] == said["uuid"]
    assert Visit.objects.count() == 1
    case.refresh_from_db()
    assert case.stage == Stage.FOUND
    assert [row["uuid"] for row in client.get(url(case, "visits")).json()] == [said["uuid"]]


def test_other_content_under_the_same_uuid_is_a_conflict_and_the_first_is_kept(cast, case):
    client, said = asking(cast.teacher), visit(situation="ฉบับแรก")
    client.post(url(case, "visits"), said)
    answer = client.post(url(case, "visits"), said | {"situation": "ฉบับสอง"})
    assert answer.status_code == 409
    assert "ฉบับแรก" in answer.json()["detail_th"]
    assert answer.json()["detail_en"].startswith("Differs from the copy sent earlier")
    assert Visit.objects.get().situation == "ฉบับแรก"


def test_one_uuid_for_two_cases_is_a_conflict(cast, case, make_case):
    client, said = asking(cast.teacher), visit()
    assert client.post(url(case, "visits"), said).status_code == 201
    assert client.post(url(make_case(cast.own_school), "visits"), said).status_code == 409


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_ten_senders_at_once_make_one_visit(reference_world, cast, make_case):
    case = make_case(cast.own_school)
    said, statuses = visit(), []
    clients = [asking(cast.teacher) for _ in range(10)]
    start = threading.Barrier(10)

    def send(client):
        try:
            start.wait(10)
            statuses.append(client.post(url(case, "visits"), said).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(statuses) == [200] * 9 + [201]
    assert Visit.objects.count() == 1


def test_everything_a_visit_can_say_is_kept(cast, case):
    said = visit(
        mode="phone",
        done=str(bangkok_today() - timedelta(days=2)),
        whereabouts="other_province",
        whereabouts_province="province:30",
        studying_at="ศูนย์การเรียน",
        met="ยาย",
        situation="ย้ายตามแม่",
        needs=["uniform", "transport"],
        next_step="โทรอีกครั้ง",
        next_on=str(bangkok_today() + timedelta(days=7)),
        unsafe=True,
        lat=16.4,
        lon=103.5,
        device_at="2026-01-02T03:04:05+07:00",
    )
    body = asking(cast.teacher).post(url(case, "visits"), said).json()
    kept = {name: body[name] for name in said if name not in ("done", "device_at", "needs")}
    assert kept == {name: value for name, value in said.items() if name not in ("done", "device_at", "needs")}
    assert body["needs"] == ["transport", "uniform"]
    assert body["at"] == f"{bangkok_today() - timedelta(days=3)}T17:00:00+00:00"  # 00:00 in Bangkok
    assert body["unit"] == "school:46990001"


def test_a_visit_with_photos_is_sent_as_multipart_and_resent_harmlessly(cast, case):
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (9, 99, 9)).save(out, "JPEG")
    said = visit(needs=["uniform", "transport"])
    client = asking(cast.teacher)

    def send():
        photo = SimpleUploadedFile("a.jpg", out.getvalue(), "image/jpeg")
        return client.post(url(case, "visits"), said | {"photos": [photo]}, format="multipart")

    first, again = send(), send()
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["needs"] == ["transport", "uniform"]
    assert [photo["width"] for photo in first.json()["photos"]] == [64]
    assert Photo.objects.count() == 1


def test_a_photo_that_is_none_is_refused_and_nothing_is_saved(cast, case):
    photo = SimpleUploadedFile("a.jpg", b"<script>", "image/jpeg")
    answer = asking(cast.teacher).post(url(case, "visits"), visit() | {"photos": [photo]}, format="multipart")
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"photos"}
    assert Visit.objects.count() == 0


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"finding": "maybe"}, "finding"),
        ({"finding": 1}, "finding"),
        ({"uuid": "1"}, "uuid"),
        ({"uuid": None}, "uuid"),
        ({"mode": "telepathy"}, "mode"),
        ({"outcome": "not_given"}, "outcome"),
        ({"done": "2026-02-30"}, "done"),
        ({"done": "0000-00-00"}, "done"),
        ({"done": "9999-12-31"}, "done"),
        ({"done": "2026-01-02T03:04:05"}, "done"),
        ({"done": "1990-01-01"}, "done"),
        ({"done": 20220101}, "done"),
        ({"device_at": "2026-01-02"}, "device_at"),
        ({"lat": 91, "lon": 0}, "lat"),
        ({"lat": 16.4}, "lat"),
        ({"whereabouts": "other_province"}, "whereabouts_province"),
        ({"whereabouts_province": "district:P4603"}, "whereabouts_province"),
        ({"needs": ["gold"]}, "needs"),
        ({"situation": "ก" * 20_001}, "situation"),
        ({"finding": "none"}, "wish"),
        ({"school": "school:46990002"}, "school"),
        ({"stage": "closed"}, "stage"),
        ({"is_staff": True}, "is_staff"),
        ({"created_at": "2026-01-01"}, "created_at"),
        ({"photos": []}, "photos"),
    ],
)
def test_what_a_visit_cannot_say_is_refused_by_field_and_nothing_is_saved(cast, case, said, field):
    answer = asking(cast.teacher).post(url(case, "visits"), visit() | said)
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {field}
    assert answer.json()["detail_th"]
    assert answer.json()["detail_en"]
    assert Visit.objects.count() == 0


@pytest.mark.parametrize("nan", ["nan", "inf", "-inf"])
def test_no_coordinate_is_not_a_number(cast, case, nan):
    answer = asking(cast.teacher).post(url(case, "visits"), visit(lat=nan, lon="1"), format="multipart")
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == {"lat"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b"\xff\xfe", 400),
        (rb'{"situation": "\ud800"}', 400),
        (rb'{"situation": "\u0000"}', 400),
        (b'{"lat": NaN}', 400),
        (b'{"needs": ' + b"[" * 11 + b"]" * 11 + b"}", 400),
        (b'{"situation": "' + b"x" * 1_100_000 + b'"}', 413),
    ],
)
def test_bad_bodies_are_refused_and_nothing_is_saved(cast, case, body, status):
    answer = asking(cast.teacher).post(url(case, "visits"), data=body, content_type="application/json")
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert Visit.objects.count() == 0


def test_a_body_of_another_kind_is_not_read(cast, case):
    answer = asking(cast.teacher).post(url(case, "visits"), data="a=1", content_type="text/plain")
    assert answer.status_code == 415


@pytest.mark.parametrize("who", STRANGERS)
def test_nobody_outside_the_scope_can_do_anything_with_a_case(cast, case, who):
    client = asking(getattr(cast, who))
    for action, said in (
        ("visits", visit()),
        ("assign", {"school": "school:46990002"}),
        ("enrolment", {"route": "home"}),
        ("teacher", {"teacher": "teacher"}),
    ):
        assert client.post(url(case, action), said).status_code == 404, action
    assert client.get(url(case, "visits")).status_code == 404
    assert case.facts.count() == 1


def test_who_may_look_but_not_record_is_told_so(cast, case):
    for person in (cast.ministry, cast.auditor, cast.province, cast.department):
        answer = asking(person).post(url(case, "visits"), visit())
        assert (answer.status_code, answer.json()["detail_en"]) == (403, "Your role does not include this.")


# ── the other acts ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_officer_assigns_and_a_second_time_is_a_conflict(cast, case):
    client = asking(cast.district)
    moved = client.post(url(case, "assign"), {"school": "school:46990002", "reason": "ย้ายบ้าน"})
    assert (moved.status_code, moved.json()["unit"]) == (200, "school:46990002")
    again = client.post(url(case, "assign"), {"school": "school:46990002"})
    assert again.status_code == 409
    assert "อยู่แล้ว" in again.json()["detail_th"]
    assert "already" in again.json()["detail_en"]


@pytest.mark.parametrize("school", ["school:81990001", "school:46990003"])
def test_a_school_outside_the_officers_scope_is_not_to_be_assigned(cast, case, school):
    assert asking(cast.district).post(url(case, "assign"), {"school": school}).status_code == 403
    case.refresh_from_db()
    assert case.school == cast.own_school


@pytest.mark.parametrize("school", ["district:P4603", "school:1", "", "ข"])
def test_what_is_no_school_is_refused(cast, case, school):
    answer = asking(cast.district).post(url(case, "assign"), {"school": school})
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {"school"})


def test_an_enrolment_is_claimed_and_a_second_one_is_a_conflict(cast, case):
    client = asking(cast.teacher)
    claimed = client.post(url(case, "enrolment"), {"route": "school", "school": "school:46990002", "grade": "ม.1"})
    assert claimed.status_code == 200
    assert (claimed.json()["stage"], claimed.json()["reached"]) == ("returned_claimed", "claimed")
    again = client.post(url(case, "enrolment"), {"route": "home"})
    assert again.status_code == 409
    assert again.json()["detail_th"]
    assert "is not possible" in again.json()["detail_en"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"route": "from_list"}, "route"),
        ({"route": "school"}, "school"),
        ({"route": "outside"}, "where"),
        ({"route": "home", "at": str(bangkok_today() + timedelta(days=2))}, "at"),
        ({"route": "home", "at": "2020-01-01"}, "at"),
        ({"route": "home", "stage": "retained"}, "stage"),
    ],
)
def test_an_enrolment_that_cannot_be_is_refused_by_field(cast, case, said, field):
    answer = asking(cast.teacher).post(url(case, "enrolment"), said)
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {field})


def test_the_director_names_a_teacher_of_the_school_and_nobody_else(cast, case):
    client = asking(cast.director)
    assert client.post(url(case, "teacher"), {"teacher": "sister_teacher"}).status_code == 400
    named = client.post(url(case, "teacher"), {"teacher": "teacher"})
    assert (named.status_code, named.json()["teacher"]) == (200, "กมล สมมุติครู")
    assert asking(cast.teacher).post(url(case, "teacher"), {"teacher": "teacher"}).status_code == 403


@pytest.mark.parametrize(
    ("act", "who", "body"),
    [
        ("assign", "district", {"school": "school:46990002"}),
        ("teacher", "director", {"teacher": "teacher"}),
        ("enrolment", "teacher", {"route": "outside", "where": "ศูนย์สมมุติ"}),
    ],
)
def test_who_saves_second_is_told_both_versions_and_may_decide_anew(cast, case, act, who, body):
    client, seen = asking(getattr(cast, who)), case.version
    body = body | ({"teacher": cast.teacher.username} if act == "teacher" else {})
    record_visit(case, VisitContent(finding=Finding.NONE), person=cast.teacher, uuid=uuid4())
    now = Case.objects.get(pk=case.pk)
    stale = client.post(url(case, act), body | {"version": seen})
    assert stale.status_code == 409, stale.content
    assert (stale.json()["seen"], stale.json()["current"]["version"]) == ({"version": seen}, now.version)
    assert Case.objects.get(pk=case.pk).version == now.version
    assert client.post(url(case, act), body | {"version": "1x"}).status_code == 400
    assert client.post(url(case, act), body | {"version": now.version}).status_code == 200
    assert Case.objects.get(pk=case.pk).version > now.version
