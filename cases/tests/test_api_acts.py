"""Actions, requests and returns for programs: the page's form and the page's call, refusals in two languages."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cases.actions import BY_SLUG
from cases.closing import request_closing
from cases.codes import Category, Closing, FactKind, Outcome, RequestKind, RequestState, Stage
from cases.deeds import deeds
from cases.deeds.body import body_of
from cases.enrolment import claim_enrolment, confirm_enrolment
from cases.identity import make_synthetic_id
from cases.models import Case, Fact, Request
from cases.tests.test_visits import picture
from schools import audit, clock
from schools.models import AuditEvent
from schools.tests.asking import asking, everything
from schools.thaitime import bangkok_date, bangkok_today

V1 = "/api/v1/"
WHY = "ครูโรงเรียนปลายทางยืนยันทางโทรศัพท์"
CLOSING = {"why": "abroad", "reason": WHY}


@pytest.fixture
def case(cast, make_case):
    return make_case(cast.own_school, name="มะลิ สมมุติเหนือ", national_id=make_synthetic_id(1))


@pytest.fixture
def returned(cast, make_case):
    """A child of the own school's, said to be back in the south school."""
    case = make_case(cast.own_school, name="น้องกลับ สมมุติ", national_id=make_synthetic_id(2))
    day = bangkok_today() - timedelta(days=20)
    return claim_enrolment(case, person=cast.teacher, route="school", school=cast.south_school, grade="ม.1", at=day)


def url(case, action):
    return f"{V1}cases/{case.number}/{action}/"


def asked(case, cast):
    return request_closing(case, person=cast.teacher, why=Closing.ABROAD, reason=WHY)


# ── what may be done ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_actions_of_a_case_say_what_is_possible_and_why_not_in_thai_and_english(cast, case):
    told = asking(cast.district).get(url(case, "actions")).json()
    assert (told["number"], told["stage"], told["version"]) == (case.number, "assigned", case.version)
    by_slug = {row["action"]: row for row in told["actions"]}
    closing, reopening = by_slug["request_closing"], by_slug["reopen"]
    assert (closing["allowed"], closing["reason_th"], closing["reason_en"]) == (True, "", "")
    assert closing["url"] == url(case, "request_closing")
    assert not reopening["allowed"]
    assert reopening["reason_th"] == "ทำไม่ได้ในขั้น “มอบหมายแล้ว”"
    assert "Assigned" in reopening["reason_en"]
    assert not any("\u0e00" <= letter <= "\u0e7f" for row in told["actions"] for letter in row["reason_en"])
    assert by_slug["visit"]["url"] == url(case, "visits")


def test_the_actions_are_those_of_the_role(cast, case):
    slugs = {row["action"] for row in asking(cast.teacher).get(url(case, "actions")).json()["actions"]}
    assert "request_closing" in slugs
    assert not slugs & {"reopen", "assign", "refer", "name_teacher"}
    assert asking(cast.ministry).get(url(case, "actions")).json()["actions"] == []
    assert asking(cast.south_teacher).get(url(case, "actions")).status_code == 404


def test_who_received_a_child_is_offered_the_receivers_acts_alone(cast, returned):
    told = asking(cast.south_director).get(url(returned, "actions")).json()
    offered = {row["action"] for row in told["actions"]}
    assert {"confirm_enrolment", "deny_enrolment"} <= offered
    assert all(BY_SLUG[slug].receiver for slug in offered)


# ── doing it ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_action_is_done_as_on_the_page_and_answers_where_the_case_stands(cast, case):
    answer = asking(cast.teacher).post(url(case, "request_closing"), CLOSING | {"version": case.version})
    made = Request.objects.get()
    assert (answer.status_code, answer.json()["request"], answer.json()["stage"]) == (200, made.pk, "assigned")
    assert (made.kind, made.reason, made.details["why"]) == (RequestKind.CLOSING, WHY, "abroad")
    assert answer.json()["version"] == Case.objects.get(pk=case.pk).version > case.version
    assert answer.json()["message_en"] != answer.json()["message_th"]


@pytest.mark.parametrize("name", ["stage", "national_id", "pictures", "cause"])
def test_an_unknown_or_extra_field_is_refused_by_its_name_and_nothing_is_saved(cast, case, name):
    answer = asking(cast.teacher).post(url(case, "request_closing"), CLOSING | {name: "x"})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert not Request.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"why": "abroad"}, "reason"),
        ({"why": "nonsense", "reason": WHY}, "why"),
        ({"why": "abroad", "reason": "สั้น"}, "reason"),
        ({"why": "abroad", "reason": WHY, "version": "now"}, "version"),
        ({"why": ["abroad"], "reason": WHY}, "why"),
    ],
)
def test_a_missing_or_wrong_field_is_named(cast, case, body, field):
    answer = asking(cast.teacher).post(url(case, "request_closing"), body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert not Request.objects.exists()


def test_what_the_form_alone_can_judge_is_refused_at_its_field(cast, case):
    body = {"held_on": "2022-01-01", "sat": "ครู", "agreed": "ก" * 301}
    answer = asking(cast.teacher).post(url(case, "confer"), body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["agreed"])


def test_what_is_out_of_order_is_409_with_the_reason_in_thai_and_english(cast, case):
    answer = asking(cast.district).post(url(case, "reopen"), {"reason": "พบตัวอีกครั้ง"})
    told = answer.json()
    assert (answer.status_code, told["status"]) == (409, 409)
    assert "มอบหมายแล้ว" in told["detail_th"]
    assert "Assigned" in told["detail_en"]


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("teacher", 403),
        ("province", 409),
        ("ministry", 403),
        ("auditor", 403),
        ("south_district", 404),
        ("partner", 404),
    ],
)
def test_not_allowed_is_403_in_scope_and_404_outside(cast, case, who, status):
    assert asking(getattr(cast, who)).post(url(case, "reopen"), {"reason": "พบตัวอีกครั้ง"}).status_code == status


def test_who_saves_second_is_told_the_version_and_stage_that_stand(cast, case):
    seen = case.version
    claim_enrolment(case, person=cast.director, route="outside", where="ศูนย์สมมุติ")
    body = {"held_on": bangkok_today().isoformat(), "sat": "ครู", "agreed": "พาไปสมัคร", "version": seen}
    answer = asking(cast.teacher).post(url(case, "confer"), body)
    now = Case.objects.get(pk=case.pk)
    assert answer.status_code == 409
    assert answer.json()["seen"] == {"version": seen}
    assert answer.json()["current"] == {"version": now.version, "stage": "returned_claimed"}
    assert not Fact.objects.filter(kind=FactKind.CONFERRED).exists()
    again = asking(cast.teacher).post(url(case, "confer"), body | {"version": now.version})
    assert again.status_code == 200


def test_pictures_come_as_multipart_and_are_kept(cast, case):
    file = SimpleUploadedFile("ก.jpg", picture().read(), "image/jpeg")
    answer = asking(cast.teacher).post(url(case, "request_closing"), CLOSING | {"pictures": [file]}, format="multipart")
    assert answer.status_code == 200, answer.content
    assert Request.objects.get().pictures.count() == 1


def test_what_is_no_picture_is_refused_and_nothing_is_saved(cast, case):
    file = SimpleUploadedFile("ก.jpg", b"no picture", "image/jpeg")
    answer = asking(cast.teacher).post(url(case, "request_closing"), CLOSING | {"pictures": [file]}, format="multipart")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["pictures"])
    assert not Request.objects.exists()


def test_the_receiving_side_confirms_and_is_not_shown_the_file(cast, returned):
    client = asking(cast.south_director)
    assert client.get(f"{V1}cases/{returned.number}/").status_code == 404
    answer = client.post(url(returned, "confirm_enrolment"), {"grade": "ม.1"})
    assert (answer.status_code, answer.json()["stage"]) == (200, "returned_confirmed")


def test_the_body_of_every_action_has_the_fields_of_its_form_and_says_what_they_mean():
    for deed in deeds().values():
        fields = body_of("Body", deed.form.base_fields, files=True)().fields
        assert set(fields) == set(deed.form.base_fields)
        assert all(field.help_text for name, field in fields.items() if name != "version")


# ── codes are told by their slugs ─────────────────────────────────────────────────────────────────────────────────────
def test_who_left_again_is_told_with_cause_and_category_by_their_slugs(cast, returned):
    confirm_enrolment(returned, person=cast.south_director)
    said = {"reason": "ไปทำงานต่างจังหวัด", "outcome": "low_income_guardian", "category": "dropout"}
    answer = asking(cast.teacher).post(url(returned, "drop_again"), said | {"at": bangkok_today().isoformat()})
    assert answer.status_code == 200, answer.content
    fact = Fact.objects.get(kind=FactKind.DROPPED_AGAIN)
    assert (fact.outcome, fact.category) == (Outcome.LOW_INCOME_GUARDIAN, Category.DROPOUT)


def test_a_closing_without_a_known_cause_takes_it_by_its_slug(cast, returned):
    confirm_enrolment(returned, person=cast.south_director)
    client = asking(cast.teacher)
    missing = client.post(url(returned, "request_closing"), CLOSING)
    assert (missing.status_code, list(missing.json()["errors"])) == (400, ["cause"])
    answer = client.post(url(returned, "request_closing"), CLOSING | {"cause": "relocated"})
    assert answer.status_code == 200, answer.content
    assert Request.objects.get().details["cause"] == Outcome.RELOCATED


@pytest.mark.parametrize(
    ("field", "value", "known"),
    [
        ("outcome", "9", "low_income_guardian"),
        ("outcome", "enrolled_same_affiliation", "relocated"),
        ("category", "2", "dropout, missed"),
        ("category", "at_risk", "dropout, missed"),
    ],
)
def test_a_number_or_another_code_is_refused_and_the_slugs_are_named(cast, returned, field, value, known):
    confirm_enrolment(returned, person=cast.south_director)
    said = {"reason": "ไปทำงานต่างจังหวัด", "category": "dropout", "at": bangkok_today().isoformat()}
    answer = asking(cast.teacher, "en").post(url(returned, "drop_again"), said | {field: value})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert known in answer.json()["errors"][field][0]
    assert not Fact.objects.filter(kind=FactKind.DROPPED_AGAIN).exists()


@pytest.mark.parametrize(
    ("province", "status"), [("province:81", 200), ("81", 400), ("region:81", 400), ("province:x", 400)]
)
def test_a_province_is_written_as_units_are(cast, case, province, status):
    answer = asking(cast.teacher).post(url(case, "send_to_centre"), {"province": province, "reason": "พบเด็กที่กระบี่"})
    assert answer.status_code == status
    assert Request.objects.exists() == (status == 200)


def test_an_agency_is_written_as_units_are(cast, case):
    said = {
        "purpose": "ขอทุนการศึกษาให้เด็ก",
        "basis": "protection",
        "shares": ["name"],
        "due_on": bangkok_today().isoformat(),
    }
    client = asking(cast.district)
    wrong = client.post(url(case, "refer"), said | {"partner": "mol"})
    assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["partner"])
    assert "partner:mol" in wrong.json()["errors"]["partner"][0]
    assert client.post(url(case, "refer"), said | {"partner": "partner:mol"}).status_code == 200
    assert everything(client, f"{V1}referrals/")[0]["partner"] == "partner:mol"


# ── requests ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_request_waits_for_the_level_above_and_is_listed_by_who_asked(cast, case):
    made = asked(case, cast)
    waiting, mine = {"list": "waiting"}, {"list": "asked"}
    row = everything(asking(cast.district), f"{V1}requests/", **waiting)[0]
    assert (row["id"], row["case"], row["kind"], row["state"]) == (made.pk, case.number, "closing", "waiting")
    assert (row["from_unit"], row["to_unit"]) == ("school:46990001", "district:P4603")
    assert everything(asking(cast.teacher), f"{V1}requests/", **waiting) == []
    assert [one["id"] for one in everything(asking(cast.teacher), f"{V1}requests/", **mine)] == [made.pk]
    assert everything(asking(cast.south_district), f"{V1}requests/") == []


def test_requests_are_paged_and_filtered_and_a_wrong_filter_is_refused(cast, make_case):
    made = [asked(make_case(cast.own_school), cast).pk for _ in range(3)]
    client = asking(cast.district)
    assert [row["id"] for row in everything(client, f"{V1}requests/", page_size=1)] == made[::-1]
    assert everything(client, f"{V1}requests/", kind="removal") == []
    assert everything(client, f"{V1}requests/", state="granted") == []
    assert everything(client, f"{V1}transfers/") == []
    for wrong in ({"list": "all"}, {"kind": "x"}, {"state": ""}, {"asked_by": "1"}, {"cursor": "x"}):
        assert client.get(f"{V1}requests/", wrong).status_code == 400


def test_what_was_written_is_read_by_those_who_see_names_or_answer(cast, case):
    made = asked(case, cast)
    for who, reads in (("teacher", True), ("district", True), ("ministry", False), ("auditor", False)):
        told = asking(getattr(cast, who)).get(f"{V1}requests/{made.pk}/").json()
        assert (told["reason"] == WHY, told["name"] is not None) == (reads, reads)
    assert asking(cast.south_province).get(f"{V1}requests/{made.pk}/").status_code == 404
    assert AuditEvent.objects.filter(action=audit.VIEW_CASE, object_key=case.number).count() == 4


def test_a_second_person_grants_and_the_asker_cannot(cast, case):
    made = asked(case, cast)
    answer = f"{V1}requests/{made.pk}/answer/"
    assert asking(cast.teacher).post(answer, {"decision": "grant"}).status_code == 403
    assert asking(cast.south_district).post(answer, {"decision": "grant"}).status_code == 404
    granted = asking(cast.district).post(answer, {"decision": "grant"})
    assert (granted.status_code, granted.json()["state"]) == (200, "granted")
    assert Case.objects.get(pk=case.pk).stage == Stage.CLOSED
    assert asking(cast.district).post(answer, {"decision": "grant"}).status_code == 409


def test_a_refusal_says_why_and_the_asker_may_recall(cast, case):
    made = asked(case, cast)
    answer = f"{V1}requests/{made.pk}/answer/"
    refused = asking(cast.district).post(answer, {"decision": "refuse"})
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["answer"])
    assert asking(cast.district).post(answer, {"decision": "refuse", "by": "me"}).status_code == 400
    assert asking(cast.teacher).post(answer, {"decision": "recall"}).json()["state"] == RequestState.RECALLED


# ── returns ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_claimed_return_is_seen_by_both_sides_with_the_name_and_no_more(cast, returned):
    sent = everything(asking(cast.teacher), f"{V1}enrolments/")
    received = everything(asking(cast.south_director), f"{V1}enrolments/", side="received")
    assert sent == received
    row = sent[0]
    assert (row["number"], row["name"], row["grade"]) == (returned.number, "ด.ช.น้องกลับ สมมุติ", "ม.1")
    assert (row["school"], row["unit"], row["waits"]) == ("school:81990001", "school:46990001", True)
    assert sum(letter.isdigit() for letter in row["identifier"]) <= 4
    assert everything(asking(cast.sister_teacher), f"{V1}enrolments/") == []
    assert everything(asking(cast.south_director), f"{V1}enrolments/", side="sent") == []
    assert [one["name"] for one in everything(asking(cast.ministry), f"{V1}enrolments/")] == [None]


def test_returns_are_told_apart_by_their_state(cast, returned):
    client = asking(cast.teacher)
    assert len(everything(client, f"{V1}enrolments/", state="claimed")) == 1
    confirm_enrolment(returned, person=cast.south_director)
    assert everything(client, f"{V1}enrolments/", state="claimed") == []
    assert everything(client, f"{V1}enrolments/", state="confirmed")[0]["confirmed_at"] is not None
    assert client.get(f"{V1}enrolments/", {"state": "all"}).status_code == 400


def test_who_is_to_be_asked_after_stands_by_the_day_and_leaves_when_it_was_done(cast, returned):
    confirm_enrolment(returned, person=cast.south_director)
    client = asking(cast.teacher)
    row = everything(client, f"{V1}follow-ups/")[0]
    assert (row["number"], row["day"], row["was_absent"]) == (returned.number, 60, False)
    assert everything(client, f"{V1}follow-ups/", due="overdue") == []
    with clock.simulated(clock.now() + timedelta(days=62)):
        assert len(everything(client, f"{V1}follow-ups/", due="overdue")) == 1
        done = client.post(url(returned, "follow_up"), {"result": "still", "at": bangkok_date(clock.now()).isoformat()})
        assert (done.status_code, done.json()["stage"]) == (200, "observing")
        assert everything(client, f"{V1}follow-ups/", due="overdue") == []
        assert everything(client, f"{V1}follow-ups/")[0]["day"] == 120


def test_follow_ups_are_paged_by_their_day(cast, make_case):
    for days in (5, 15, 10):
        case = make_case(cast.own_school)
        day = bangkok_today() - timedelta(days=days)
        claim_enrolment(case, person=cast.teacher, route="school", school=cast.own_school, at=day)
        confirm_enrolment(case, person=cast.director)
    rows = everything(asking(cast.district), f"{V1}follow-ups/", page_size=1)
    assert len(rows) == 3
    assert [row["due_at"] for row in rows] == sorted(row["due_at"] for row in rows)
    assert asking(cast.district).get(f"{V1}follow-ups/", {"cursor": "WyJ4IiwxXQ"}).status_code == 400
