"""Referrals to partner agencies: what is needed, what is seen, and what ends it (SECURITY PV-01 to PV-04)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.urls import reverse

from cases import closing, referrals
from cases import help as helping
from cases.actions import IllegalAction
from cases.codes import Closing, FactKind, Finding, Need, Outcome, ReferralState, Stage, Wish
from cases.identity import make_synthetic_id
from cases.models import Case, Fact, Referral
from cases.sharing import FIELDS, allowed_fields, partners_for, shared
from cases.visits import VisitContent, record_visit
from schools import clock
from schools.models import AuditEvent, Partner
from schools.tests.asking import asking, everything
from schools.thaitime import bangkok_date, bangkok_today

pytestmark = pytest.mark.django_db
NUMBER = make_synthetic_id(8_100_001)


@pytest.fixture
def case(cast, make_case) -> Case:
    """A found child with everything that could be shared."""
    made = make_case(
        cast.own_school,
        name="มะลิ สมมุติ",
        national_id=NUMBER,
        guardian_name="ยายแก้ว",
        guardian_phone="0819990011",
        house_no="87/9",
        sex="F",
        last_grade="ป.6",
    )
    content = VisitContent(finding=Finding.FOUND, outcome=Outcome.HEALTH, wish=Wish.WANTS, needs=("health", "uniform"))
    record_visit(made, content, person=cast.teacher, uuid=uuid4())
    return Case.objects.get(pk=made.pk)


def send(case, person, code="eef", **changes) -> Referral:
    said = {
        "partner": Partner.objects.get(code=code),
        "purpose": "ขอทุนการศึกษาให้เด็กเรียนต่อ",
        "basis": "public_task",
        "shares": ["name", "age"],
        "due_on": bangkok_today() + timedelta(days=10),
    }
    return referrals.refer(Case.objects.get(pk=case.pk), person=person, **said | changes)


# ── sending ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_referral_stands_in_the_timeline_and_brings_the_case_to_assisting(cast, case):
    referral = send(case, cast.director)
    fact = Fact.objects.get(kind=FactKind.REFERRED)
    assert Case.objects.get(pk=case.pk).stage == Stage.ASSISTING
    assert (fact.details["referral"], fact.details["partner"], fact.unit) == (
        referral.pk,
        "partner:eef",
        "school:46990001",
    )
    assert (referral.ends_at - referral.sent_at).days == 90


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"purpose": "สั้น"}, "purpose"),
        ({"basis": ""}, "basis"),
        ({"basis": "because"}, "basis"),
        ({"basis": "consent"}, "basis_note"),
        ({"shares": []}, "shares"),
        ({"shares": ["health"]}, "shares"),
        ({"shares": ["name", "situation"]}, "shares"),
        ({"shares": ["national_id"]}, "id_reason"),
        ({"shares": ["national_id"], "id_reason": "ขอ"}, "id_reason"),
        ({"due_on": bangkok_today() - timedelta(days=1)}, "due_on"),
        ({"due_on": bangkok_today() + timedelta(days=91)}, "due_on"),
    ],
)
def test_without_purpose_basis_allowed_fields_or_reason_nothing_is_sent(cast, case, changes, field):
    with pytest.raises(referrals.ReferralRefused) as refused:
        send(case, cast.director, **changes)
    assert refused.value.field == field
    assert not Referral.objects.exists()
    assert not Fact.objects.filter(kind=FactKind.REFERRED).exists()


@pytest.mark.parametrize("code", ["moe", "local_network", "team-81", "team-30"])
def test_who_has_no_agreement_and_the_team_of_another_province_are_no_destination(cast, case, code):
    with pytest.raises(referrals.ReferralRefused):
        send(case, cast.director, code)


def test_the_team_of_the_childs_own_province_comes_first(case):
    assert partners_for(case)[0].name_th == "ทีมสหวิชาชีพ จังหวัดกาฬสินธุ์"


def test_a_national_id_is_not_sent_to_an_agency_whose_list_lacks_it(cast, case):
    with pytest.raises(referrals.ReferralRefused):
        send(case, cast.director, "mol", shares=["national_id"], id_reason="ตรวจสิทธิประกันสังคม")


@pytest.mark.parametrize("who", ["teacher", "province", "department", "ministry", "auditor", "partner", "charlie"])
def test_only_directors_and_districts_refer(cast, case, who):
    with pytest.raises(PermissionDenied):
        send(case, getattr(cast, who))


def test_the_same_agency_is_not_sent_the_same_case_twice_while_it_has_it(cast, case):
    first = send(case, cast.director)
    with pytest.raises(IllegalAction):
        send(case, cast.district)
    referrals.recall(first, person=cast.district, reason="ส่งใหม่ให้ครบ")
    send(case, cast.director)


def test_after_ninety_days_the_same_agency_may_be_asked_again_though_no_clock_has_run(cast, case):
    send(case, cast.director)
    with clock.simulated(clock.now() + timedelta(days=91)):
        send(case, cast.director, due_on=bangkok_date(clock.now()))
        assert Referral.objects.filter(state="expired").count() == 1
        assert referrals.expire_referrals() == 0


# ── what each agency's list has, typed by hand (snapshot) ─────────────────────────────────────────────────────────────
PLAIN = ("name", "age", "sex", "category", "last_grade", "school", "wish", "needs")
LISTS = {
    "eef": {*PLAIN, "birth_date", "cause", "guardian", "phone", "address", "national_id"},
    "moe": set(),
    "moi": {*PLAIN, "birth_date", "guardian", "phone", "address", "national_id"},
    "msociety": {*PLAIN, "birth_date", "cause", "health", "guardian", "phone", "address", "national_id"},
    "moph": {*PLAIN, "birth_date", "cause", "health", "guardian", "phone", "address", "national_id"},
    "mol": {*PLAIN, "guardian", "phone"},
    "moj": {*PLAIN, "birth_date", "cause", "guardian", "phone", "address"},
    "mod": {*PLAIN},
    "mhesi": {*PLAIN},
    "mdes": {*PLAIN},
    "moc": {*PLAIN},
    "rtp": {"name", "age", "sex", "birth_date", "school", "guardian", "phone", "address"},
    "onab": {*PLAIN, "guardian", "phone"},
    "bma": {*PLAIN, "birth_date", "guardian", "phone", "address"},
    "dla": {*PLAIN, "birth_date", "guardian", "phone", "address"},
    "local_network": set(),
    "team-46": {*PLAIN, "birth_date", "cause", "health", "guardian", "phone", "address"},
}


@pytest.mark.parametrize("code", LISTS)
def test_each_agency_is_shown_exactly_the_fields_of_its_list(cast, case, code):
    partner = Partner.objects.get(code=code)
    assert set(allowed_fields(partner)) == LISTS[code]
    referral = Referral(case=case, partner=partner, fields=list(FIELDS), id_reason="ตรวจสิทธิของเด็ก")
    assert set(shared(referral, [Need.UNIFORM])) == LISTS[code]


def test_every_agency_of_the_reference_has_its_row_here():
    assert set(Partner.objects.filter(province=None).values_list("code", flat=True)) | {"team-46"} == set(LISTS)


def test_a_partner_sees_the_ticked_fields_and_of_health_only_with_that_field(cast, case):
    without = send(case, cast.director, "moph", shares=["name", "cause", "needs"])
    told = shared(without, ["health", "uniform"])
    assert told == {"name": "ด.ช.มะลิ สมมุติ", "cause": "", "needs": str(Need.UNIFORM.label)}
    referrals.recall(without, person=cast.director, reason="ส่งใหม่ให้ครบ")
    with_it = send(case, cast.director, "moph", shares=["cause", "health", "needs"])
    told = shared(with_it, ["health", "uniform"])
    assert told["health"] == told["cause"] == str(Outcome.HEALTH.label)
    assert str(Need.HEALTH.label) in told["needs"]


def test_the_national_id_is_shown_whole_only_with_its_reason(cast, case):
    referral = send(case, cast.director, shares=["name", "national_id"], id_reason="เปิดบัญชีรับทุนของเด็ก")
    assert shared(referral, [])["national_id"] == NUMBER
    Referral.objects.update(id_reason="")
    assert "national_id" not in shared(Referral.objects.get(), [])


def test_the_place_of_a_child_who_became_unsafe_later_is_not_shown_to_an_earlier_partner(cast, case):
    earlier = send(case, cast.director, shares=["name", "address", "phone"])
    helping.flag_unsafe(Case.objects.get(pk=case.pk), person=cast.teacher, reason="ถูกทำร้าย")
    assert set(shared(Referral.objects.get(pk=earlier.pk), [])) == {"name"}
    protecting = send(case, cast.director, "team-46", basis="protection", shares=["name", "address", "phone"])
    assert set(shared(protecting, [])) == {"name", "address", "phone"}


# ── the partner's answer ──────────────────────────────────────────────────────────────────────────────────────────────
def test_the_answer_comes_back_into_the_timeline_and_done_ends_the_referral(cast, case):
    referral = send(case, cast.director)
    referrals.answer(referral, person=cast.partner, answer="accepted")
    referrals.answer(referral, person=cast.partner, answer="note", text="นัดสัมภาษณ์วันจันทร์")
    referrals.answer(referral, person=cast.partner, answer="done", text="อนุมัติทุนแล้ว")
    facts = Fact.objects.filter(case=case, kind__in=(FactKind.REFERRAL_ANSWERED, FactKind.REFERRAL_ENDED))
    assert [(fact.kind, fact.unit, fact.reason) for fact in facts.order_by("pk")] == [
        (FactKind.REFERRAL_ANSWERED, "partner:eef", ""),
        (FactKind.REFERRAL_ANSWERED, "partner:eef", "นัดสัมภาษณ์วันจันทร์"),
        (FactKind.REFERRAL_ANSWERED, "partner:eef", "อนุมัติทุนแล้ว"),
        (FactKind.REFERRAL_ENDED, "partner:eef", ""),
    ]
    assert Referral.objects.get().state == "done"


def test_a_result_a_reason_and_a_note_need_words_and_acceptance_happens_once(cast, case):
    referral = send(case, cast.director)
    for said in ("note", "done", "rejected"):
        with pytest.raises(referrals.ReferralRefused):
            referrals.answer(referral, person=cast.partner, answer=said, text=" ")
    referrals.answer(referral, person=cast.partner, answer="accepted")
    with pytest.raises(IllegalAction):
        referrals.answer(referral, person=cast.partner, answer="accepted")


@pytest.mark.parametrize("who", ["south_partner", "teacher", "director", "district", "ministry", "charlie"])
def test_nobody_but_the_agency_answers(cast, case, who):
    referral = send(case, cast.director)
    with pytest.raises(IllegalAction):
        referrals.answer(referral, person=getattr(cast, who), answer="accepted")


def test_what_a_partner_writes_by_hand_holds_no_national_id(cast, case):
    referral = send(case, cast.director)
    referrals.answer(referral, person=cast.partner, answer="note", text=f"เลข {NUMBER} ตรวจแล้ว")
    assert NUMBER not in Fact.objects.get(kind=FactKind.REFERRAL_ANSWERED).reason


# ── five ends of sight, on every route of the partner (PV-04) ─────────────────────────────────────────────────────────
def _done(cast, referral):
    referrals.answer(referral, person=cast.partner, answer="done", text="เสร็จแล้วครับ")


def _rejected(cast, referral):
    referrals.answer(referral, person=cast.partner, answer="rejected", text="ไม่อยู่ในภารกิจ")


def _recalled(cast, referral):
    referrals.recall(referral, person=cast.director, reason="ย้ายหน่วยงาน")


def _agency(cast, referral):
    call_command("disable_partner", "eef")


def _account(cast, referral):
    cast.partner.is_active = False
    cast.partner.save()


def _ninety(cast, referral):
    """Told of by the clock; see below."""


def _closed(cast, referral):
    asked = closing.request_closing(referral.case, person=cast.director, why=Closing.ABROAD, reason="ย้ายตามมารดา")
    closing.grant_closing(asked, person=cast.district, answer="ตรวจหลักฐานแล้ว")


ENDS = {"done": _done, "rejected": _rejected, "recalled": _recalled, "ninety days": _ninety}
ENDS |= {"agency disabled": _agency, "account disabled": _account, "case closed": _closed}
ROUTES = {
    "page": lambda client, api, pk: client.get(f"/referrals/{pk}/"),
    "list": lambda client, api, pk: client.get("/referrals/"),
    "answer": lambda client, api, pk: client.post(f"/referrals/{pk}/answer/", {"answer": "accepted"}),
    "api": lambda client, api, pk: api.get(f"/api/v1/referrals/{pk}/"),
    "api list": lambda client, api, pk: api.get("/api/v1/referrals/"),
    "api answer": lambda client, api, pk: api.post(f"/api/v1/referrals/{pk}/answer/", {"answer": "accepted"}),
}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("end", ENDS)
def test_sight_ends_on_the_next_request_whatever_ends_it(cast, case, client, end, route):
    client.force_login(cast.partner)
    api = asking(cast.partner)
    referral = send(case, cast.director)
    before = ROUTES[route](client, api, referral.pk)
    assert before.status_code in (200, 302)
    if "list" in route or route in ("page",):
        assert "มะลิ" in before.content.decode() or case.number in before.content.decode()
    ENDS[end](cast, Referral.objects.get(pk=referral.pk))
    later = clock.now() + (timedelta(days=90, seconds=1) if end == "ninety days" else timedelta())
    with clock.simulated(later):
        if end == "ninety days":  # sessions and tokens of three months ago are over too: logged in anew
            client.force_login(cast.partner)
            api = asking(cast.partner)
        after = ROUTES[route](client, api, referral.pk)
    assert "มะลิ" not in after.content.decode()
    assert case.number not in after.content.decode()
    if end == "account disabled":
        assert after.status_code in (302, 401)
    elif "list" not in route:
        assert after.status_code == 404


def test_a_case_that_is_opened_again_gives_no_partner_its_sight_back(cast, case):
    referral = send(case, cast.director)
    _closed(cast, referral)
    told = Fact.objects.get(kind=FactKind.REFERRAL_ENDED)
    assert (told.by, told.details["end"]) == (cast.district, ReferralState.CLOSED)
    closing.reopen(Case.objects.get(pk=case.pk), person=cast.district, reason="กลับมาอยู่บ้านแล้ว")
    assert not Referral.objects.open_to(cast.partner).exists()


def test_a_second_before_the_end_of_the_ninetieth_day_the_partner_still_sees_it(cast, case):
    referral = send(case, cast.director)
    with clock.simulated(referral.ends_at - timedelta(seconds=1)):
        assert Referral.objects.open_to(cast.partner).exists()
    with clock.simulated(referral.ends_at):
        assert not Referral.objects.open_to(cast.partner).exists()


def test_the_clock_tells_the_timeline_of_the_end_once(cast, case):
    referral = send(case, cast.director)
    with clock.simulated(referral.ends_at + timedelta(minutes=1)):
        assert [referrals.expire_referrals(), referrals.expire_referrals()] == [1, 0]
    assert Fact.objects.get(kind=FactKind.REFERRAL_ENDED).details["end"] == "expired"


def test_a_disabled_agency_stays_disabled_when_the_reference_is_loaded_again(cast):
    call_command("disable_partner", "eef")
    call_command("load_reference", verbosity=0)
    assert not Partner.objects.get(code="eef").is_active
    call_command("disable_partner", "eef", "--enable")
    assert Partner.objects.get(code="eef").is_active


# ── screens ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_partner_lands_on_its_list_most_urgent_first_and_at_most_fifty(cast, make_case, client):
    client.force_login(cast.partner)
    assert client.get("/").headers["Location"] == "/referrals/"
    for days in (9, 3, 6):
        other = make_case(cast.own_school, name=f"น้อง{days} สมมุติ")
        send(other, cast.director, due_on=bangkok_today() + timedelta(days=days))
    shown = [row["name"] for row in client.get("/referrals/").context["rows"]]
    assert shown == ["ด.ช.น้อง3 สมมุติ", "ด.ช.น้อง6 สมมุติ", "ด.ช.น้อง9 สมมุติ"]
    assert referrals.MOST == 50


def test_the_page_of_a_referral_tells_the_shared_fields_and_nothing_else_and_is_seen_in_the_trail(cast, case, client):
    referral = send(case, cast.director, shares=["name", "phone"])
    client.force_login(cast.partner)
    body = client.get(f"/referrals/{referral.pk}/").content.decode()
    assert "มะลิ" in body
    assert "0819990011" in body
    for hidden in ("ยายแก้ว", "87/9", NUMBER, "ป.6", str(Outcome.HEALTH.label), "เล่า"):
        assert hidden not in body
    event = AuditEvent.objects.filter(action="referral_viewed").get()
    assert (event.object_key, event.unit) == (case.number, "partner:eef")
    client.force_login(cast.director)
    page = client.get(reverse("cases:case_detail", args=[case.number])).content.decode()
    assert "นิดา สมมุติภาคี" in page  # who looked at this case


def test_answers_by_the_page_and_refusals_keep_what_was_written(cast, case, client):
    referral = send(case, cast.director)
    client.force_login(cast.partner)
    url = f"/referrals/{referral.pk}/answer/"
    refused = client.post(url, {"answer": "done", "text": "จบ"})
    assert (refused.status_code, "จบ" in refused.content.decode()) == (400, True)
    assert client.post(url, {"answer": "accepted"}).status_code == 302
    assert client.post(url, {"answer": "done", "text": "อนุมัติทุนแล้ว"}).headers["Location"] == "/referrals/"


def test_the_form_refers_and_after_a_refusal_offers_only_what_the_agency_may_have(cast, case, client):
    client.force_login(cast.director)
    url = reverse("cases:act", args=[case.number, "refer"])
    assert client.get(url).status_code == 200
    day = bangkok_today()
    said = {
        "partner": "partner:mol",
        "purpose": "ขอให้ฝึกอาชีพระยะสั้น",
        "basis": "public_task",
        "shares": ["name", "health"],
        "due_on": f"{day.day}/{day.month}/{day.year + 543}",
    }
    refused = client.post(url, said)
    assert refused.status_code == 400
    assert "เรื่องสุขภาพและความพิการ" in str(refused.context["form"].errors["shares"])
    offered = [name for name, _ in refused.context["form"].fields["shares"].choices]
    assert set(offered) == LISTS["mol"]
    assert client.post(url, said | {"shares": ["name"], "basis": ""}).status_code == 400
    assert not Referral.objects.exists()
    assert client.post(url, said | {"shares": ["name"]}).status_code == 302
    assert Referral.objects.get().fields == ["name"]


def test_the_sending_side_recalls_on_the_file_and_by_the_api(cast, case, client):
    referral = send(case, cast.director)
    client.force_login(cast.district)
    url = reverse("cases:referral_recall", args=[case.number, referral.pk])
    client.post(url, {"reason": ""})
    assert Referral.objects.get().state == "sent"
    assert client.post(url, {"reason": "ส่งผิดหน่วยงาน"}).status_code == 302
    assert Referral.objects.get().state == "recalled"
    assert client.post(url, {"reason": "ส่งผิดหน่วยงาน"}).status_code == 409
    second = send(case, cast.director)
    api = asking(cast.director)
    assert api.post(f"/api/v1/referrals/{second.pk}/recall/", {"reason": "x"}).status_code == 400
    assert api.post(f"/api/v1/referrals/{second.pk}/recall/", {"reason": "ส่งผิดหน่วยงาน"}).json()["state"] == "recalled"


def test_api_shows_partners_the_shared_fields_and_staff_the_referral(cast, case):
    referral = send(case, cast.director, shares=["name", "needs"])
    body = asking(cast.partner).get(f"/api/v1/referrals/{referral.pk}/").json()
    assert body["child"] == {"name": "ด.ช.มะลิ สมมุติ", "needs": str(Need.UNIFORM.label)}
    assert [row["id"] for row in asking(cast.partner).get("/api/v1/referrals/").json()["results"]] == [referral.pk]
    body = asking(cast.district).get(f"/api/v1/referrals/{referral.pk}/").json()
    assert (body["child"], body["purpose"]) == (None, "ขอทุนการศึกษาให้เด็กเรียนต่อ")
    assert asking(cast.ministry).get(f"/api/v1/referrals/{referral.pk}/").json()["purpose"] is None
    for stranger in ("south_partner", "south_district", "sister_teacher", "charlie", "admin"):
        api = asking(getattr(cast, stranger))
        assert api.get(f"/api/v1/referrals/{referral.pk}/").status_code == 404
        assert api.get("/api/v1/referrals/").json()["results"] == []


def test_a_partner_reads_its_referrals_page_by_page_the_most_urgent_first(cast, case, make_case):
    sent = {}
    for n, days in enumerate((20, 5, 5, 12)):
        child = case if n == 0 else make_case(cast.own_school)
        sent[send(child, cast.director, due_on=bangkok_today() + timedelta(days=days)).pk] = days
    rows = everything(asking(cast.partner), "/api/v1/referrals/", page_size=1)
    assert [row["id"] for row in rows] == sorted(sent, key=lambda pk: (sent[pk], pk))
    staff = everything(asking(cast.district), "/api/v1/referrals/", page_size=3)
    assert [row["id"] for row in staff] == sorted(sent, reverse=True)
    for wrong in ("WzFd", "WyJ4IiwxXQ", "WyIwMDAxLTAxLTAxIiwxXQ"):  # [1], ["x", 1], ["0001-01-01", 1]
        assert asking(cast.partner).get("/api/v1/referrals/", {"cursor": wrong}).status_code == 400


# ── the answer comes back to those who act ────────────────────────────────────────────────────────────────────────────
def test_a_partners_last_word_stands_on_the_home_page_until_somebody_visits_again(client, cast, case):
    referral = send(case, cast.director)
    for person in (cast.teacher, cast.director, cast.district):
        client.force_login(person)
        assert client.get(reverse("cases:queue")).context["answered"] == 0
    referrals.answer(referral, person=cast.partner, answer="accepted")
    referrals.answer(referral, person=cast.partner, answer="done", text="ให้ทุนแล้ว")
    for person in (cast.teacher, cast.director, cast.district):
        client.force_login(person)
        page = client.get(reverse("cases:queue"))
        assert page.context["answered"] == 1
        file = client.get(reverse("cases:case_detail", args=[case.number])).content.decode()
        assert "<p><b>ดำเนินการเสร็จ</b> <q>ให้ทุนแล้ว</q></p>" in file
        assert "?due=answered" in page.content.decode()
        rows = client.get(reverse("cases:case_list"), {"due": "answered"}).context["rows"]
        assert [row["case"] for row in rows] == [case]
    for person in (cast.sister_teacher, cast.south_district):
        client.force_login(person)
        assert client.get(reverse("cases:queue")).context["answered"] == 0
    record_visit(case, VisitContent(finding=Finding.FOUND), person=cast.teacher, uuid=uuid4())
    client.force_login(cast.teacher)
    assert client.get(reverse("cases:queue")).context["answered"] == 0


def test_a_referral_taken_back_is_no_answer(client, cast, case):
    referrals.recall(send(case, cast.director), person=cast.director, reason="ส่งผิดหน่วยงาน")
    client.force_login(cast.director)
    assert client.get(reverse("cases:queue")).context["answered"] == 0
