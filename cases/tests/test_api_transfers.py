"""Transfers and evidence for programs: asked with a destination, listed as on the desk, answered, recalled, shown."""

from datetime import timedelta

import pytest

from cases import escalation, photos, reporting, transfers
from cases.closing import request_closing
from cases.codes import Closing
from cases.identity import make_synthetic_id, parse_identifier
from cases.models import Case, Request
from cases.reporting import Identity
from cases.tests.test_visits import picture
from cases.visits import VisitContent, record_visit
from schools import clock
from schools.models import AuditEvent
from schools.tests.asking import asking, everything

V1 = "/api/v1/"
WHY = "ย้ายตามผู้ปกครอง"


@pytest.fixture
def case(cast, make_case):
    return make_case(cast.own_school, name="น้องย้าย สมมุติ", last_grade="ป.4")


def ask(person, case, to, **more):
    return asking(person).post(f"{V1}transfers/", {"case": case.number, "to": to, "reason": WHY} | more)


# ── asking ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_transfer_is_asked_with_its_destination_and_counts_at_the_origin_until_it_is_taken(cast, case):
    answer = ask(cast.teacher, case, "school:46990002")
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert (told["case"], told["kind"], told["state"]) == (case.number, "transfer", "waiting")
    assert (told["from_unit"], told["to_unit"], told["destination"]) == (
        "school:46990001",
        "district:P4603",
        "school:46990002",
    )
    assert (told["reason"], told["may_answer"], told["may_recall"]) == (WHY, False, True)
    taken = asking(cast.district).post(f"{V1}transfers/{told['id']}/answer/", {"decision": "grant"})
    assert (taken.status_code, taken.json()["state"]) == (200, "granted")
    assert Case.objects.get(pk=case.pk).school == cast.sister_school


def test_found_in_another_province_it_goes_by_the_centre_which_passes_it_on(cast, case):
    told = ask(cast.teacher, case, "province:81").json()
    assert (told["to_unit"], told["destination"]) == ("department:obec", "province:81")
    address = f"{V1}transfers/{told['id']}/answer/"
    onwards = {"decision": "pass_on", "destination": "district:P8101"}
    never = asking(cast.department).post(address, onwards)
    assert (never.status_code, list(never.json()["errors"])) == (400, ["destination"])
    passed = asking(cast.department).post(address, onwards | {"destination": "province:81"})
    assert (passed.status_code, passed.json()["to_unit"]) == (200, "province:81")
    assert asking(cast.south_province).post(address, onwards).json()["destination"] == "district:P8101"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"to": "district:P8101"}, "to"),  # another province, directly
        ({"to": "province:46"}, "to"),  # where it is
        ({"to": "province:x"}, "to"),
        ({"to": "nowhere"}, "to"),
        ({"to": ""}, "to"),
        ({"reason": "ย้าย"}, "reason"),
        ({"version": "now"}, "version"),
        ({"stage": "new"}, "stage"),
    ],
)
def test_what_is_no_destination_or_no_field_is_refused_at_its_name(cast, case, body, field):
    said = {"case": case.number, "to": "district:S4601", "reason": WHY} | body
    answer = asking(cast.district).post(f"{V1}transfers/", said)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert not Request.objects.exists()


def test_who_asks_second_is_told_what_stands_and_asked_twice_is_409(cast, case):
    stale = ask(cast.teacher, case, "school:46990002", version=case.version - 1)
    assert (stale.status_code, stale.json()["seen"]["version"]) == (409, case.version - 1)
    assert ask(cast.teacher, case, "school:46990002", version=case.version).status_code == 201
    assert ask(cast.teacher, case, "school:46990002").status_code == 409


# ── lists ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_what_comes_in_goes_out_and_goes_unanswered_is_listed_as_on_the_desk(cast, case):
    made = ask(cast.teacher, case, "school:46990002").json()["id"]

    def listed(person, **asked):
        return [row["id"] for row in everything(asking(person), f"{V1}transfers/", **asked)]

    assert listed(cast.district, list="incoming") == listed(cast.teacher, list="outgoing") == [made]
    assert listed(cast.teacher, list="incoming") == listed(cast.district, list="outgoing") == []
    assert listed(cast.teacher, list="unanswered") == listed(cast.south_district) == []
    with clock.simulated(clock.now() + timedelta(days=8)):
        assert listed(cast.teacher, list="unanswered") == listed(cast.district, list="unanswered") == [made]
    assert listed(cast.district, state="granted") == []
    for wrong in ({"list": "waiting"}, {"kind": "closing"}, {"state": "open"}):
        assert asking(cast.district).get(f"{V1}transfers/", wrong).status_code == 400


def test_other_requests_are_no_transfers(cast, case):
    closing = request_closing(case, person=cast.teacher, why=Closing.ABROAD, reason="ครูปลายทางยืนยันทางโทรศัพท์")
    assert everything(asking(cast.district), f"{V1}transfers/") == []
    client = asking(cast.district)
    assert client.get(f"{V1}transfers/{closing.pk}/").status_code == 404
    assert client.post(f"{V1}transfers/{closing.pk}/answer/", {"decision": "grant"}).status_code == 404
    assert asking(cast.teacher).post(f"{V1}transfers/{closing.pk}/recall/", {}).status_code == 404


def test_the_desk_that_is_to_take_a_child_out_of_its_scope_is_told_enough_to_decide_and_no_more(cast, case):
    made = transfers.send_to_centre(case, person=cast.teacher, province=cast.south_school.province, reason=WHY)
    client = asking(cast.south_province)
    assert client.get(f"{V1}transfers/{made.pk}/").status_code == 404
    asking(cast.department).post(
        f"{V1}transfers/{made.pk}/answer/", {"decision": "pass_on", "destination": "province:81"}
    )
    told = client.get(f"{V1}transfers/{made.pk}/").json()
    assert (told["name"], told["to_take"]["grade"], told["may_answer"]) == ("ด.ช.น้องย้าย สมมุติ", "ป.4", True)
    assert client.get(f"{V1}cases/{case.number}/").status_code == 404
    told = asking(cast.ministry).get(f"{V1}transfers/{made.pk}/").json()
    assert (told["name"], told["to_take"], told["reason"]) == (None, None, None)


# ── recalling ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_unit_that_asked_recalls_and_nobody_else(cast, case):
    made = ask(cast.teacher, case, "school:46990002").json()["id"]
    address = f"{V1}transfers/{made}/recall/"
    assert asking(cast.district).post(address, {}).status_code == 403
    assert asking(cast.sister_teacher).post(address, {}).status_code == 404
    assert asking(cast.teacher).post(address, {"reason": "x"}).status_code == 400
    assert asking(cast.director).get(f"{V1}transfers/{made}/").json()["may_recall"]
    recalled = asking(cast.director).post(address, {"answer": "เด็กกลับมาแล้ว"})
    assert (recalled.status_code, recalled.json()["state"]) == (200, "recalled")
    assert asking(cast.teacher).post(address, {}).status_code == 409


def test_an_escalation_is_granted_only_with_a_word_of_what_will_be_done(cast, case):
    made = escalation.escalate(case, person=cast.teacher, reason="เยี่ยมสามครั้งแล้วไม่พบผู้ปกครอง")
    client, address = asking(cast.district), f"{V1}requests/{made.pk}/answer/"
    bare = client.post(address, {"decision": "grant"})
    assert (bare.status_code, list(bare.json()["errors"])) == (400, ["answer", "does"])
    assert client.post(address, {"decision": "grant", "does": "help", "answer": "เขตจะไปเยี่ยมวันศุกร์"}).status_code == 200


# ── evidence ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_pictures_of_a_request_are_listed_and_shown_to_those_who_may_read_it(cast, case):
    made = request_closing(
        case,
        person=cast.teacher,
        why=Closing.ABROAD,
        reason="ครูปลายทางยืนยันทางโทรศัพท์",
        pictures=[photos.take_in(picture(), "a.jpg")],
    )
    (shown,) = asking(cast.district).get(f"{V1}requests/{made.pk}/").json()["pictures"]
    assert (shown["id"], shown["width"]) == (made.pictures.get().pk, 640)
    file = asking(cast.district).get(shown["url"])
    assert (file.status_code, file.headers["Content-Type"]) == (200, "image/jpeg")
    assert file.getvalue()[:2] == b"\xff\xd8"
    assert AuditEvent.objects.filter(action="photo_viewed", object_key=case.number, person=cast.district).count() == 1
    assert asking(cast.ministry).get(f"{V1}requests/{made.pk}/").json()["pictures"] == []
    for stranger in (cast.ministry, cast.auditor, cast.south_district, cast.sister_teacher):
        assert asking(stranger).get(shown["url"]).status_code == 404
    assert asking(cast.district).get(f"{V1}requests/{made.pk}/pictures/999999/").status_code == 404


def test_a_picture_of_a_visit_is_fetched_by_the_same_token_as_the_visit(cast, case):
    content = VisitContent(finding=1)
    uuid = "7d4af1a2-9a52-4a2c-9d36-0a6b2d1c9f11"
    record_visit(case, content, person=cast.teacher, uuid=uuid, pictures=[photos.take_in(picture(), "a.jpg")])
    client = asking(cast.teacher)
    ((photo,),) = [visit["photos"] for visit in client.get(f"{V1}cases/{case.number}/visits/").json()]
    file = client.get(photo["url"])
    assert (file.headers["Content-Type"], file.getvalue()[:2]) == ("image/jpeg", b"\xff\xd8")
    assert asking(cast.ministry).get(photo["url"]).status_code == 404


# ── a child known elsewhere ───────────────────────────────────────────────────────────────────────────────────────────
def test_who_asks_after_a_child_known_elsewhere_learns_neither_number_nor_unit(cast, make_case):
    text = make_synthetic_id(77)
    born = clock.now().date() - timedelta(days=4000)
    far = make_case(cast.south_school, name="มะลิ สมมุติ", national_id=text, birth_date=born)
    known = Identity(number=parse_identifier(text), birth_date=born, first_name="มะลิ", last_name="สมมุติ")
    made = reporting.request_known(known, person=cast.teacher, reason="พบน้องที่ตลาด โทร 081")
    for person in (cast.teacher, cast.director):
        client = asking(person)
        row = next(row for row in everything(client, f"{V1}requests/") if row["id"] == made.pk)
        assert (row["case"], row["name"], row["to_unit"], row["from_unit"]) == (None, None, None, "school:46990001")
        told = client.get(f"{V1}requests/{made.pk}/")
        for secret in (far.number, "81990001", "P8101", "มะลิ"):
            assert secret not in told.content.decode()
    assert not AuditEvent.objects.filter(object_key=far.number, unit="school:46990001").exists()
    assert asking(cast.south_district).get(f"{V1}requests/{made.pk}/").json()["case"] == far.number
