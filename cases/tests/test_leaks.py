"""What the whole life of a case must not tell, nor let happen: seen with an attacker's eyes."""

import json
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from cases import answering, photos, referrals, reporting
from cases.actions import IllegalAction
from cases.closing import request_closing
from cases.codes import Closing, Finding, RequestState, Sameness, Stage
from cases.duplicates import note_pair
from cases.enrolment import claim_enrolment, confirm_enrolment
from cases.follow_ups import drop_again
from cases.help import flag_unsafe
from cases.identity import Identifier as Number
from cases.identity import make_synthetic_id
from cases.merging import merge, request_merge
from cases.models import Case, Child, Fact, Request
from cases.reporting import Identity, request_known
from cases.routing import assign_case
from cases.tests.test_visits import picture
from cases.transfers import request_transfer
from cases.visits import VisitContent, VisitRefused, record_visit
from schools import audit
from schools.models import District, Partner, Person
from schools.tests.asking import asking
from schools.thaitime import bangkok_today

pytestmark = pytest.mark.django_db
BORN = date(2012, 2, 29)
TEXT = make_synthetic_id(8_300_001)
WHY = "ครูโรงเรียนปลายทางยืนยันทางโทรศัพท์"


# ── a child known elsewhere (AZ-07) ───────────────────────────────────────────────────────────────────────────
@pytest.fixture
def far(cast, make_case):
    return make_case(cast.south_school, name="มะลิ สมมุติ", national_id=TEXT, birth_date=BORN)


@pytest.fixture
def asked(cast, far):
    who = Identity(number=Number("national_id", TEXT), birth_date=BORN, first_name="มะลิ")
    return request_known(who, person=cast.teacher, reason="พบเด็กที่ตลาดเช้าทุกวัน")


def untold(case, text):
    return [word for word in (case.number, "P8101", "81990001", "province:81", "มะลิ") if word in text]


@pytest.mark.parametrize("reader", ["teacher", "director", "district", "partner"])
def test_programs_tell_who_asked_about_a_child_elsewhere_neither_case_nor_unit(cast, far, asked, reader):
    if reader == "partner":
        Request.objects.filter(pk=asked.pk).update(asked_by=cast.partner, from_unit="partner:eef")
    by_token = asking(getattr(cast, reader))
    one, many = (
        by_token.get(reverse("api:request", args=[asked.pk])),
        by_token.get(reverse("api:requests"), {"list": "asked"} if reader == "teacher" else {}),
    )
    assert one.status_code == 200
    assert many.json()["results"]
    assert untold(far, one.content.decode()) == []
    assert untold(far, many.content.decode()) == []


def test_taking_back_a_word_about_a_child_elsewhere_tells_nothing_either(cast, far, asked):
    answer = asking(cast.teacher).post(reverse("api:request_answer", args=[asked.pk]), {"decision": "recall"})
    assert answer.status_code == 200
    assert untold(far, answer.content.decode()) == []


def test_the_trail_of_the_asking_unit_does_not_tell_whose_case_it_is(cast, far, asked, client):
    asking(cast.teacher).get(reverse("api:request", args=[asked.pk]))
    client.force_login(cast.teacher)
    client.get(reverse("cases:request_detail", args=[asked.pk]))
    client.post(reverse("cases:request_answer", args=[asked.pk]), {"decision": "recall"})
    seen = audit.events_visible_to(cast.director)
    assert not seen.filter(object_key=far.number).exists()
    assert audit.events_visible_to(cast.south_director).filter(object_key=far.number).exists() is False


# ── an unsafe child ───────────────────────────────────────────────────────────────────────────────────────────
def test_side_by_side_the_place_of_an_unsafe_child_is_for_those_who_act(cast, make_case, client):
    about = {"house_no": "88/9", "guardian_phone": "0819990001", "province_id": 46, "birth_date": BORN}
    one, two = (make_case(cast.own_school, name="มะลิ สมมุติ", **about) for _ in range(2))
    pair = note_pair(one, two, Sameness.NAME_BIRTH)
    flag_unsafe(one, person=cast.teacher, reason="เพื่อนบ้านเล่าว่าถูกตี")
    for person, sees in ((cast.district, True), (cast.province, False), (cast.department, False)):
        client.force_login(person)
        text = client.get(reverse("cases:duplicate_detail", args=[pair.pk])).content.decode()
        assert ("88/9" in text) == ("0819990001" in text) == sees


def test_a_child_to_take_is_described_to_the_desk_that_answers_alone(cast, make_case, client):
    case = make_case(cast.own_school, last_grade="ป.5", tambon_id=460501, amphoe_id=4605, province_id=46)
    asked = request_transfer(case, person=cast.district, to="district:P4601", reason="ย้ายตามผู้ปกครอง")
    for person in (cast.auditor, cast.ministry):
        client.force_login(person)
        page = client.get(reverse("cases:request_detail", args=[asked.pk]))
        assert page.context["to_take"] is None
        assert "ป.5" not in page.content.decode()


@pytest.mark.parametrize(("who", "knows"), [("district", True), ("province", False), ("department", False)])
def test_no_school_is_proposed_for_being_near_an_unsafe_child_to_who_does_not_act(cast, make_case, client, who, knows):
    home = {"tambon_id": 460501, "amphoe_id": 4605, "province_id": 46, "guardian_phone": "0899999999"}
    make_case(cast.sister_school, **home)
    case = make_case(District.objects.get(code="P4603"), **home)
    flag_unsafe(case, person=cast.district, reason="เพื่อนบ้านเล่าว่าถูกตี")
    client.force_login(getattr(cast, who))
    for page in (reverse("cases:desk"), reverse("cases:assign", args=[case.number])):
        text = client.get(page).content.decode()
        assert ("ตำบลเดียวกับ" in text or "บ้านเดียวกัน" in text) == knows


# ── partners ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_partner_who_only_reads_does_not_answer(cast, make_case, client):
    case = make_case(cast.own_school)
    said = {"purpose": "ขอทุนการศึกษาให้เด็กเรียนต่อ", "basis": "protection", "shares": ["age"]}
    sent = referrals.refer(
        case, person=cast.director, partner=Partner.objects.get(code="eef"), due_on=bangkok_today(), **said
    )
    cast.partner.postings.update(read_only=True)
    client.force_login(cast.partner)
    assert client.get(reverse("cases:referral_detail", args=[sent.pk])).status_code == 200
    page = client.post(reverse("cases:referral_answer", args=[sent.pk]), {"answer": "done", "text": "ช่วยแล้ว"})
    by_token = asking(Person.objects.get(pk=cast.partner.pk))
    program = by_token.post(reverse("api:referral_answer", args=[sent.pk]), {"answer": "done", "text": "ช่วยแล้ว"})
    sent.refresh_from_db()
    assert (page.status_code, program.status_code, sent.state) == (403, 403, "sent")


# ── who decides ───────────────────────────────────────────────────────────────────────────────────────────────
def test_what_waits_at_a_district_ends_when_the_case_is_given_to_another(cast, make_case):
    case = make_case(cast.own_school)
    asked = request_closing(case, person=cast.teacher, why=Closing.ABROAD, reason=WHY)
    assign_case(case, cast.other_district_school, person=cast.province, reason="ย้ายบ้าน")
    asked.refresh_from_db()
    assert asked.state == RequestState.ENDED
    again = request_closing(Case.objects.get(pk=case.pk), person=cast.province, why=Closing.ABROAD, reason=WHY)
    assert again.to_unit == "nation"


def test_a_merge_is_not_granted_by_a_unit_that_has_one_of_the_two_no_more(cast, make_case):
    one, two = (make_case(cast.own_school, birth_date=BORN) for _ in range(2))
    asked = request_merge(note_pair(one, two, Sameness.NAME_BIRTH), person=cast.director, reason="คนเดียวกันแน่")
    assert asked.to_unit == "district:P4603"
    assign_case(two, cast.other_district_school, person=cast.province, reason="ย้ายบ้าน")
    with pytest.raises(IllegalAction):
        answering.answer(asked, person=cast.district, decision="grant")
    answering.answer(asked, person=cast.district, decision="refuse", answer="ย้ายไปแล้ว")


def test_what_waits_at_a_district_goes_on_waiting_when_the_case_stays_within_it(cast, make_case):
    case = make_case(cast.own_school)
    asked = request_closing(case, person=cast.teacher, why=Closing.ABROAD, reason=WHY)
    assign_case(case, cast.sister_school, person=cast.district, reason="ย้ายบ้าน")
    asked.refresh_from_db()
    assert asked.state == RequestState.WAITING


def test_who_has_left_the_unit_follows_no_request_of_it_any_more(cast, make_case, client):
    case = make_case(cast.own_school)
    asked = request_closing(case, person=cast.teacher, why=Closing.ABROAD, reason=WHY)
    client.force_login(cast.teacher)
    assert client.get(reverse("cases:request_detail", args=[asked.pk])).status_code == 200
    cast.teacher.postings.update(until=bangkok_today() - timedelta(days=1))
    assert client.get(reverse("cases:request_detail", args=[asked.pk])).status_code == 404
    assert asking(cast.teacher).get(reverse("api:request", args=[asked.pk])).status_code == 404


def test_a_reading_posting_beside_the_working_one_keeps_nobody_from_taking_back(cast, make_case):
    case = make_case(cast.own_school)
    asked = request_closing(case, person=cast.teacher, why=Closing.ABROAD, reason=WHY)
    working = cast.teacher.postings.get()
    twin = cast.teacher.postings.create(
        role="teacher",
        unit=working.unit,
        since=working.since,
        until=bangkok_today() + timedelta(days=9),
        read_only=True,
    )
    assert twin.pk > working.pk
    person = Person.objects.get(pk=cast.teacher.pk)
    person.__dict__["_postings"] = [twin, working]
    assert answering.answer(asked, person=person, decision="recall")
    asked.refresh_from_db()
    assert asked.state == RequestState.RECALLED


def test_a_word_about_a_known_child_goes_with_the_child_to_the_new_district(cast, far, asked):
    elsewhere = District.objects.filter(provinces=81).exclude(code="P8101").exclude(kind="tray").first()
    school = cast.south_school
    school.pk, school.code, school.district = None, "81990099", elsewhere
    school.save()
    assign_case(far, school, person=cast.south_province, reason="ย้ายบ้าน")
    asked.refresh_from_db()
    assert asked.state == RequestState.WAITING
    assert asked.to_unit == f"district:{school.district.code}"


# ── numbers in what people write (LG-02) ──────────────────────────────────────────────────────────────────────
def holds(text):
    return TEXT in json.dumps(text, ensure_ascii=False, default=str)


def test_a_national_id_written_as_a_reason_is_masked_in_facts_and_trail(cast, make_case, client):
    case = make_case(cast.own_school, birth_date=BORN)
    other = make_case(cast.own_school, birth_date=BORN)
    pair = note_pair(case, other, Sameness.NAME_BIRTH)
    words = f"เลข {TEXT} ตรงกับทะเบียนบ้าน"
    client.force_login(cast.district)
    acts = {"flag_unsafe": {"reason": words}, "clear_unsafe": {"reason": words}}
    acts |= {"amend_child": {"first_name": "มะลิ", "reason": words}, "escalate": {"reason": words}}
    for slug, said in acts.items():
        assert client.post(reverse("cases:act", args=[case.number, slug]), said).status_code == 302
    client.post(
        reverse("cases:enrolment_new", args=[case.number]), {"route": "outside", "where": words, "at": "1/1/2569"}
    )
    asking(cast.district).post(reverse("api:case_enrolment", args=[case.number]), {"route": "outside", "where": words})
    asking(cast.district).post(reverse("api:case_withdraw_enrolment", args=[case.number]), {"reason": words})
    assign_case(Case.objects.get(pk=case.pk), cast.sister_school, person=cast.district, reason=words)
    decision = {"decision": "not_same", "reason": words}
    assert client.post(reverse("cases:duplicate_decide", args=[pair.pk]), decision).status_code == 302
    kept = [(fact.kind, fact.reason, fact.details) for fact in Fact.objects.all()]
    assert [one for one in kept if holds(one)] == []
    pair.refresh_from_db()
    assert not holds(pair.reason)
    trail = audit.AuditEvent.objects.values_list("action", "reason", "details", "object_key")
    assert [one for one in trail if holds(one)] == []


def test_a_national_id_in_what_a_report_tells_is_masked(cast):
    found = reporting.Found(
        identity=Identity(first_name="มะลิ"), situation=f"แม่บอกเลข {TEXT}", relation=f"ลุง {TEXT}", reporter_name=TEXT
    )
    case = reporting.report_child(found, person=cast.teacher)
    report = case.facts.get().report
    assert not holds([report.situation, report.relation, report.reporter_name])


# ── a child merged of two cases ───────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def merged(cast, make_case):
    """(survivor, duplicate): of the duplicate a visit was made and a return confirmed before the merge."""
    survivor = make_case(cast.own_school, birth_date=BORN)
    away = make_case(cast.own_school, birth_date=BORN, listed_on=bangkok_today() - timedelta(days=20))
    said = {"whereabouts": "other_province", "whereabouts_province_id": 81, "situation": "อยู่อำเภอเมืองอื่น"}
    content = VisitContent(finding=Finding.FOUND, **said)
    shots = [photos.take_in(picture(), "a.jpg")]
    visited, _ = record_visit(away, content, person=cast.teacher, uuid=uuid4(), pictures=shots)
    day = bangkok_today() - timedelta(days=5)
    claim_enrolment(away, person=cast.teacher, route="school", school=cast.own_school, at=day)
    confirm_enrolment(Case.objects.get(pk=away.pk), person=cast.director)
    merge(note_pair(survivor, away, Sameness.NAME_BIRTH), person=cast.district, reason="คนเดียวกัน")
    return Case.objects.get(pk=survivor.pk), visited


@pytest.mark.parametrize(("who", "sees"), [("district", True), ("province", False)])
def test_the_place_of_an_unsafe_child_is_not_read_by_way_of_the_duplicate(cast, merged, client, who, sees):
    case, visited = merged
    away = visited.case
    Child.objects.filter(pk__in=[case.child_id, away.child_id]).update(house_no="88/9", province_id=46)
    flag_unsafe(case, person=cast.teacher, reason="เพื่อนบ้านเล่าว่าถูกตี")
    client.force_login(getattr(cast, who))
    by_token = asking(getattr(cast, who))
    for number in (case.number, away.number):
        page = client.get(reverse("cases:case_detail", args=[number])).content.decode()
        assert ("88/9" in page) == ("อำเภอเมืองอื่น" in page) == sees
        photo = client.get(reverse("cases:photo", args=[number, visited.photos.get().pk]))
        assert photo.status_code == (200 if sees else 404)
        if sees:
            assert photo.getvalue()  # read to its end, which closes it
        (row,) = by_token.get(reverse("api:visits", args=[number])).json()
        assert (row["whereabouts"], row["whereabouts_province"]) == (
            ("other_province", "province:81") if sees else ("", None)
        )


def test_a_visit_of_a_duplicate_is_printed_from_the_case_that_stands(cast, merged, client):
    case, visited = merged
    client.force_login(cast.teacher)
    page = client.get(reverse("cases:case_detail", args=[case.number]))
    sheet = reverse("cases:visit_sheet", args=[case.number, visited.pk])
    assert sheet in page.content.decode()
    assert client.get(sheet).status_code == 200


def test_dropping_out_again_is_after_the_return_the_duplicate_told_of(cast, merged):
    """A day before it would be undone by it, and the child go on counting as returned."""
    case, _ = merged
    assert case.stage == Stage.RETURNED_CONFIRMED
    with pytest.raises(VisitRefused):
        drop_again(case, person=cast.teacher, reason="ไม่มาเรียนแล้ว", at=bangkok_today() - timedelta(days=10))
    assert drop_again(case, person=cast.teacher, reason="ไม่มาเรียนแล้ว").episode == 2
