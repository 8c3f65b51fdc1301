"""แจ้งพบเด็ก: whether the child is known is asked first, and outside one's scope only an exact number and day answer."""

import json
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases import reporting
from cases.actions import IllegalAction
from cases.codes import Category, FactKind, Finding, RequestKind, RequestState, Sameness, Stage
from cases.identity import Identifier as Number
from cases.identity import make_synthetic_id, mask
from cases.models import Case, Child, Duplicate, Fact, Identifier, Report, Request
from cases.reporting import Found, Identity, KnownAlready, ReportRefused, TooManyChecks, check_identity, report_child
from schools.models import AuditEvent, Posting
from schools.tests.asking import asking

pytestmark = pytest.mark.django_db
BORN = date(2012, 2, 29)
TEXT = make_synthetic_id(8_200_001)
NUMBER = Number("national_id", TEXT)
NAME = {"first_name": "มะลิ", "last_name": "สมมุติ"}


@pytest.fixture
def far(cast, make_case):
    """A child of another province."""
    return make_case(cast.south_school, name="มะลิ สมมุติ", national_id=TEXT, birth_date=BORN)


def who(**said):
    return Identity(**NAME | said)


# ── the check ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_number_in_scope_shows_the_case_and_a_name_those_of_that_name(cast, make_case):
    case = make_case(cast.own_school, name="มะลิ สมมุติ", national_id=TEXT, birth_date=BORN)
    assert check_identity(who(number=NUMBER), person=cast.teacher).sure == [case]
    assert check_identity(who(), person=cast.teacher).alike == [case]
    assert check_identity(who(birth_date=BORN), person=cast.teacher).alike == [case]
    assert check_identity(who(birth_date=BORN - timedelta(days=1)), person=cast.teacher) == ([], [], False)


@pytest.mark.parametrize("reporter", ["teacher", "director", "district", "partner"])
def test_outside_the_scope_an_exact_number_and_birth_date_say_that_the_child_is_known(cast, far, reporter):
    known = check_identity(who(number=NUMBER, birth_date=BORN), person=getattr(cast, reporter))
    assert known == ([], [], True)


@pytest.mark.parametrize(
    "said",
    [
        {"number": NUMBER},
        {"number": NUMBER, "birth_date": BORN + timedelta(days=1)},
        {"birth_date": BORN},
        {"birth_date": BORN, "first_name": "มะ"},
        {"birth_date": BORN, "first_name": "%"},
        {"birth_date": BORN, "first_name": "ม*"},
        {"number": Number("national_id", make_synthetic_id(8_200_002)), "birth_date": BORN},
        {"number": Number("national_id", TEXT[:12]), "birth_date": BORN},
        {"number": Number("g_code", TEXT), "birth_date": BORN},
    ],
    ids=["no day", "other day", "name", "prefix", "percent", "star", "other number", "part of it", "other kind"],
)
def test_outside_the_scope_nothing_else_answers(cast, far, said):
    assert check_identity(who(**said), person=cast.teacher) == ([], [], False)


def test_a_birth_year_alone_is_no_exact_birth_date(cast, make_case):
    make_case(cast.south_school, name="มะลิ สมมุติ", national_id=TEXT, birth_date=date(2012, 1, 1), birth_year_only=True)
    assert not check_identity(who(number=NUMBER, birth_date=date(2012, 1, 1)), person=cast.teacher).elsewhere


def test_the_same_questions_are_asked_of_the_database_whatever_the_answer(cast, far):
    """AZ-07: time must not tell what words do not."""
    counts = set()
    check_identity(who(), person=cast.teacher)  # the postings of a person are asked once
    for said in ({"birth_date": BORN}, {"birth_date": date(2011, 1, 1)}, {}):
        for number in (NUMBER, Number("national_id", make_synthetic_id(8_200_003))):
            with CaptureQueriesContext(connection) as asked:
                check_identity(who(number=number, **said), person=cast.teacher)
            counts.add(len(asked))
    assert len(counts) == 1


def test_the_page_of_a_child_elsewhere_tells_no_name_of_a_unit_no_case_and_no_person(cast, far, client):
    client.force_login(cast.teacher)
    said = {"step": "check", "identifier": TEXT, "birth_date": "29/02/2555", **NAME}
    page = client.post(reverse("cases:report_child"), said).content.decode()
    assert "มีอยู่ในระบบแล้ว" in page
    for secret in (far.number, str(cast.south_school), "กระบี่", TEXT):
        assert secret not in page


def test_checks_by_number_are_counted_and_end_for_the_day(cast, far, monkeypatch):
    monkeypatch.setattr(reporting, "DAILY_CHECKS", 2)
    for _ in range(2):
        check_identity(who(number=NUMBER), person=cast.teacher)
    with pytest.raises(TooManyChecks):
        check_identity(who(number=NUMBER), person=cast.teacher)
    check_identity(who(), person=cast.teacher)
    check_identity(who(number=NUMBER), person=cast.director)
    assert AuditEvent.objects.filter(action="identity_checked", person=cast.teacher).count() == 3


def test_a_report_that_is_refused_counts_as_a_check(cast, far, monkeypatch):
    monkeypatch.setattr(reporting, "DAILY_CHECKS", 1)
    said = Found(identity=who(number=NUMBER, birth_date=BORN))
    with pytest.raises(KnownAlready):
        report_child(said, person=cast.teacher)
    with pytest.raises(TooManyChecks):
        report_child(said, person=cast.teacher)


@pytest.mark.parametrize("person", ["province", "department", "ministry", "auditor", "admin", "charlie"])
def test_who_does_not_report_may_not_check_either(cast, person):
    with pytest.raises(PermissionDenied):
        check_identity(who(), person=getattr(cast, person))
    with pytest.raises(PermissionDenied):
        report_child(Found(identity=who()), person=getattr(cast, person))


# ── a child known elsewhere ───────────────────────────────────────────────────────────────────────────────────
def test_a_word_reaches_the_level_above_those_who_have_the_child_and_its_answer_comes_back(cast, far, client):
    identity = who(number=NUMBER, birth_date=BORN)
    asked = reporting.request_known(identity, person=cast.teacher, reason="พบน้องที่ตลาด โทร 081")
    assert (asked.to_unit, asked.kind) == ("district:P8101", RequestKind.KNOWN)
    with pytest.raises(IllegalAction):
        reporting.request_known(identity, person=cast.director, reason="พบน้องที่ตลาด โทร 081")
    with pytest.raises(IllegalAction, match="whom"):
        reporting.grant_known(asked, person=cast.south_district)
    reporting.grant_known(asked, person=cast.south_district, answer="ติดต่อครูพร 089")
    assert Case.objects.get(pk=far.pk).stage == Stage.ASSIGNED
    client.force_login(cast.teacher)
    assert "ติดต่อครูพร 089" in client.get(reverse("cases:report_child")).content.decode()


def test_the_asking_side_never_learns_whose_case_it_is(cast, far, client):
    identity = who(number=NUMBER, birth_date=BORN)
    asked = reporting.request_known(identity, person=cast.teacher, reason="พบน้องที่ตลาด โทร 081")
    pages = [reverse("cases:request_list"), reverse("cases:request_detail", args=[asked.pk]), "/audit/"]
    for person in (cast.teacher, cast.director):
        client.force_login(person)
        for url in pages if person == cast.director else pages[:2]:
            page = client.get(url).content.decode()
            for secret in (far.number, str(cast.south_school), "กระบี่"):
                assert secret not in page, (person, url)
    client.force_login(cast.south_district)
    assert far.number in client.get(pages[1]).content.decode()


def test_there_is_nobody_to_ask_about_a_child_who_is_not_known(cast, far):
    with pytest.raises(ReportRefused):
        reporting.request_known(who(number=NUMBER), person=cast.teacher, reason="พบน้องที่ตลาด")
    assert not Request.objects.exists()


# ── the report ────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_teachers_child_is_found_at_the_teachers_school_on_no_list(cast):
    case = report_child(Found(identity=who(number=NUMBER, birth_date=BORN), sex="F"), person=cast.teacher)
    fact = case.facts.get()
    assert (fact.kind, fact.finding, fact.unit) == (FactKind.REPORTED, Finding.FOUND, "school:46990001")
    assert (case.category, case.stage, case.school) == (Category.NOT_LISTED, Stage.FOUND, cast.own_school)
    assert case.child.identifiers.get().masked == mask(TEXT)


def test_a_child_only_heard_of_is_tracked(cast):
    case = report_child(Found(identity=who(), found=False), person=cast.teacher)
    assert case.stage == Stage.TRACKING


def test_neither_number_nor_birth_date_is_needed(cast):
    case = report_child(Found(identity=Identity(first_name="ดำ")), person=cast.teacher)
    assert (case.child.first_name, case.child.birth_date) == ("ดำ", None)
    assert not case.child.identifiers.exists()


@pytest.mark.parametrize(
    ("reporter", "province", "place"),
    [
        ("district", None, "P4603"),
        ("district", 46, "P4603"),
        ("district", 81, "P8101"),  # กระบี่ has one สพป.
        ("partner", 81, "P8101"),
        ("partner", 46, "46-obec"),  # กาฬสินธุ์ has three
    ],
)
def test_a_districts_or_partners_child_stands_at_the_district_or_the_desk_of_its_province(
    cast, reporter, province, place
):
    case = report_child(Found(identity=who(), province_id=province), person=getattr(cast, reporter))
    assert (case.district.code, case.school, case.stage) == (place, None, Stage.FOUND)


def test_a_partner_names_the_province(cast):
    with pytest.raises(ReportRefused, match="province"):
        report_child(Found(identity=who()), person=cast.partner)
    assert not Child.objects.exists()


def test_a_known_child_is_not_registered_twice_but_one_of_the_same_name_can_be(cast, make_case):
    make_case(cast.own_school, name="มะลิ สมมุติ", birth_date=BORN)
    said = Found(identity=who(birth_date=BORN))
    with pytest.raises(KnownAlready):
        report_child(said, person=cast.teacher)
    report_child(said, person=cast.teacher, is_new=True)
    assert Duplicate.objects.get().why == Sameness.NAME_BIRTH


def test_a_number_of_another_birth_date_is_kept_and_the_pair_noted_for_the_level_above(cast, far):
    """The reporter sees what they typed; nothing tells that the number stands elsewhere."""
    case = report_child(Found(identity=who(number=NUMBER, birth_date=date(2011, 1, 1))), person=cast.teacher)
    assert case.child.identifiers.get().masked == far.child.identifiers.get().masked
    assert Identifier.objects.count() == 2
    pair = Duplicate.objects.get()
    assert (pair.why, {pair.first, pair.second}) == (Sameness.IDENTIFIER, {far, case})
    assert check_identity(who(number=NUMBER, birth_date=BORN), person=cast.south_teacher).sure == [far]


def test_a_report_in_two_postings_is_made_in_the_name_of_the_chosen_one(cast):
    posting = Posting.objects.create(
        person=cast.teacher, role="teacher", unit="school:46990002", since=date(2021, 1, 1)
    )
    cast.teacher.__dict__.pop("_postings", None)
    case = report_child(Found(identity=who()), person=cast.teacher, posting=posting)
    assert case.school == cast.sister_school
    with pytest.raises(PermissionDenied):
        report_child(Found(identity=who(first_name="ดำ")), person=cast.south_teacher, posting=posting)


# ── who reported it ───────────────────────────────────────────────────────────────────────────────────────────
def test_the_reporter_is_told_to_those_who_act_and_to_nobody_else(cast, client):
    said = Found(identity=who(), reporter_name="ลุงลับ", reporter_phone="0810000099", relation="เพื่อนบ้าน")
    case = report_child(said, person=cast.teacher)
    url = reverse("cases:case_detail", args=[case.number])
    seen = {}
    for name in ("teacher", "director", "district", "province", "department", "ministry", "auditor"):
        client.force_login(getattr(cast, name))
        seen[name] = "ลุงลับ" in client.get(url).content.decode()
    assert seen == {
        "teacher": True,
        "director": True,
        "district": True,
        "province": False,
        "department": False,
        "ministry": False,
        "auditor": False,
    }
    api = asking(cast.teacher)
    for address in (reverse("api:case", args=[case.number]), reverse("api:cases")):
        assert "ลุงลับ" not in json.dumps(api.get(address).json(), ensure_ascii=False)
    assert Report.objects.get().relation == "เพื่อนบ้าน"
    assert "ลุงลับ" not in str(Fact.objects.values("details", "reason"))


# ── the page and the API ──────────────────────────────────────────────────────────────────────────────────────
def test_the_page_goes_from_check_to_report_without_showing_the_number(cast, client):
    client.force_login(cast.teacher)
    url = reverse("cases:report_child")
    checked = client.post(url, {"step": "check", "identifier": TEXT, "birth_date": "29/02/2555", **NAME})
    assert TEXT not in checked.content.decode()
    said = {"step": "report", "checked": checked.context["checked"], "found": "found", "province": 46}
    wrong = client.post(url, said | {"amphoe": "ไม่มีอำเภอนี้", "situation": "พบที่ตลาด"})
    assert (wrong.status_code, "พบที่ตลาด" in wrong.content.decode()) == (400, True)
    done = client.post(url, said | {"amphoe": "อ.กุฉินารายณ์", "house_no": "7"})
    case = Case.objects.get()
    assert done.headers["Location"] == reverse("cases:case_detail", args=[case.number])
    assert (case.child.amphoe_id, case.child.birth_date) == (4605, BORN)


def test_what_one_person_checked_another_cannot_send_on(cast, client):
    client.force_login(cast.teacher)
    url = reverse("cases:report_child")
    checked = client.post(url, {"step": "check", **NAME}).context["checked"]
    client.force_login(cast.director)
    for sent in (checked, "", "ก", "AAAA"):
        assert client.post(url, {"step": "report", "checked": sent, "found": "found"}).status_code == 200
    assert not Case.objects.exists()


def test_a_right_number_beside_a_wrong_date_is_not_written_back(cast, client):
    client.force_login(cast.teacher)
    page = client.post(
        reverse("cases:report_child"), {"step": "check", "identifier": TEXT, "birth_date": "31/02/2555", **NAME}
    )
    assert page.status_code == 400
    assert TEXT not in page.content.decode()


def test_the_api_checks_reports_and_asks(cast, far):
    api = asking(cast.teacher)
    known = {"identifier": TEXT, "birth_date": "2012-02-29", **NAME}
    answer = api.post(reverse("api:child_check"), known, format="json")
    assert answer.json() == {"inside": [], "sure": False, "elsewhere": True}
    assert api.post(reverse("api:children"), known, format="json").status_code == 409
    asked = api.post(reverse("api:child_ask"), known | {"reason": "พบน้องที่ตลาด"}, format="json")
    assert (asked.status_code, asked.json()["state"]) == (201, RequestState.WAITING)
    new = {"first_name": "ดำ", "province": "province:46", "amphoe": "กุฉินารายณ์", "reporter_name": "ลุงลับ"}
    made = api.post(reverse("api:children"), new, format="json")
    assert made.status_code == 201
    assert Case.objects.get(number=made.json()["number"]).child.amphoe_id == 4605
    bad = api.post(reverse("api:children"), new | {"amphoe": "ไม่มี"}, format="json")
    assert (bad.status_code, list(bad.json()["errors"])) == (400, ["amphoe"])
