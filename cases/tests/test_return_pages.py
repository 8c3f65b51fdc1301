"""The pages of the return: the receiving side's narrow ones, paper, and the teacher of many children."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from cases.codes import FactKind, Finding, Outcome, Stage
from cases.enrolment import claim_enrolment, confirm_enrolment, hand_over
from cases.identity import make_synthetic_id, mask
from cases.models import Case, Visit
from cases.visits import VisitContent, record_visit
from schools import audit
from schools.models import AuditEvent
from schools.thaitime import bangkok_today, thai_date

DAY = timedelta(days=1)
NUMBER = make_synthetic_id(31)


@pytest.fixture
def claimed(cast, make_case):
    case = make_case(
        cast.own_school,
        name="น้องกลับ สมมุติ",
        national_id=NUMBER,
        guardian_name="ยายลับ สมมุติ",
        guardian_phone="0812345678",
        house_no="99/9",
    )
    content = VisitContent(finding=Finding.FOUND, outcome=Outcome.HEALTH, situation="เล่าความลับ")
    record_visit(case, content, person=cast.teacher, uuid=uuid4())
    return claim_enrolment(case, person=cast.teacher, route="school", school=cast.south_school, grade="ม.1")


def act(case, slug):
    return reverse("cases:act", args=[case.number, slug])


def received(case):
    return reverse("cases:received_detail", args=[case.number])


# ── the receiving side ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("who", ["south_teacher", "south_director", "south_district"])
def test_the_receiving_side_is_told_of_the_return_and_nothing_else(client, cast, claimed, who):
    client.force_login(getattr(cast, who))
    for address in (reverse("cases:received_list"), received(claimed)):
        body = client.get(address).content.decode()
        for told in ("น้องกลับ สมมุติ", mask(NUMBER), "ม.1", str(cast.own_school)):
            assert told in body
        for secret in (NUMBER, "ยายลับ", "0812345678", "99/9", "เล่าความลับ", str(Outcome.HEALTH.label)):
            assert secret not in body
    assert client.get(reverse("cases:case_detail", args=[claimed.number])).status_code == 404
    assert claimed.number not in client.get(reverse("cases:case_list")).content.decode()


def test_the_page_of_an_act_tells_the_receiving_side_no_more_than_its_own(client, cast, claimed):
    client.force_login(cast.south_director)
    body = client.get(act(claimed, "confirm_enrolment")).content.decode()
    assert "น้องกลับ สมมุติ" in body
    assert str(Outcome.HEALTH.label) not in body
    assert client.get(act(claimed, "request_closing")).status_code == 404
    assert client.get(act(claimed, "withdraw_enrolment")).status_code == 404


def test_who_cannot_confirm_reads_on_the_narrow_page_who_will(client, cast, claimed):
    client.force_login(cast.south_teacher)
    page = client.get(received(claimed))
    assert page.context["allowed"] == []
    assert "รอผู้อำนวยการหรือเขตพื้นที่ยืนยัน" in page.content.decode()


def test_the_home_page_says_how_many_wait_and_the_list_puts_them_first(client, cast, claimed):
    client.force_login(cast.south_director)
    assert client.get(reverse("cases:queue")).context["received"] == 1
    page = client.get(reverse("cases:received_list"), {"tab": "waiting"})
    assert [row["case"] for row in page.context["rows"]] == [claimed]
    home = client.get(reverse("cases:queue"))
    assert f"{reverse('cases:received_list')}?tab=due" in home.content.decode()
    due = client.get(reverse("cases:received_list"), {"tab": "due"}).context
    assert ([row["case"] for row in due["rows"]], due["tabs"][0][2]) == ([claimed], 1)  # as many as the home page says
    confirm_enrolment(claimed, person=cast.south_director)
    assert client.get(reverse("cases:queue")).context["received"] == 0
    assert client.get(reverse("cases:received_list"), {"tab": "due"}).context["rows"] == []
    assert client.get(reverse("cases:received_list"), {"tab": "waiting"}).context["rows"] == []


def test_after_a_hand_over_the_new_school_reads_its_own_grade_and_day(client, cast, claimed):
    confirm_enrolment(claimed, person=cast.south_director)
    over = hand_over(claimed, person=cast.south_director, route="school", school=cast.own_school, grade="ม.4")
    client.force_login(cast.director)
    assert client.get(received(claimed)).context["row"]["waits"]
    confirm_enrolment(over, person=cast.director, grade="ม.4/2")
    page = client.get(received(claimed)).context
    assert (page["row"]["grade"], page["row"]["waits"]) == ("ม.4/2", False)
    assert [one.action.slug for one in page["allowed"]] == ["follow_up", "hand_over", "drop_again"]
    body = client.get(reverse("cases:case_detail", args=[claimed.number])).content.decode()
    assert f"<dt>เข้าเรียนที่</dt><dd>{cast.own_school}</dd>" in body


def test_confirmed_the_child_stays_on_the_narrow_page_and_denied_it_leaves(client, cast, claimed):
    client.force_login(cast.south_director)
    told = client.post(act(claimed, "confirm_enrolment"), {"grade": "ม.1"})
    assert told.url == received(claimed)
    follow = {"result": "absent", "at": thai_date(bangkok_today(), "numeric", plain=True)}
    assert client.post(act(claimed, "follow_up"), follow).url == received(claimed)
    assert client.get(received(claimed)).context["row"]["follow_ups"][0]["result"] == "ขาดเรียน"
    follow |= {"result": "left", "reason": "ย้ายตามพ่อ"}
    assert client.post(act(claimed, "follow_up"), follow).url == reverse("cases:received_list")
    assert client.get(received(claimed)).status_code == 404
    claimed.refresh_from_db()
    assert (claimed.episode, claimed.stage) == (2, Stage.FOUND if claimed.rung else Stage.ASSIGNED)


@pytest.mark.parametrize(
    ("slug", "said", "field"),
    [
        ("follow_up", {"result": "left", "at": "1/1/2569"}, "at"),
        ("follow_up", {"result": "left", "at": ""}, "at"),
        ("follow_up", {"result": "left"}, "reason"),
        ("hand_over", {"route": "school", "grade": "ม.4"}, "school"),
        ("hand_over", {"route": "school", "grade": "ม.4", "school": "12345678"}, "school"),
        ("hand_over", {"route": "outside", "grade": "ม.4"}, "where"),
        ("drop_again", {"reason": "สั้น", "category": "dropout"}, "reason"),
    ],
)
def test_what_cannot_be_so_is_told_beside_its_field_and_nothing_is_saved(client, cast, claimed, slug, said, field):
    case = confirm_enrolment(claimed, person=cast.south_director)
    client.force_login(cast.south_director)
    page = client.post(act(case, slug), {"at": thai_date(bangkok_today(), "numeric", plain=True)} | said)
    assert page.status_code == 400
    assert field in page.context["form"].errors
    assert Case.objects.get(pk=case.pk).version == case.version


def test_the_second_of_two_at_once_sees_what_stands_and_keeps_their_text(client, cast, claimed):
    client.force_login(cast.south_district)
    page = client.post(act(claimed, "deny_enrolment"), {"reason": "ไม่มาเรียนจริง", "version": claimed.version - 1})
    assert page.status_code == 409
    assert "ไม่มาเรียนจริง" in page.content.decode()


def test_who_may_not_confirm_yet_gets_the_reason(client, cast, claimed):
    client.force_login(cast.teacher)
    assert client.get(act(claimed, "confirm_enrolment")).status_code == 403
    assert client.get(act(claimed, "follow_up")).status_code == 409
    client.force_login(cast.south_teacher)
    assert client.get(act(claimed, "confirm_enrolment")).status_code == 403


def test_looking_at_a_received_child_is_recorded(client, cast, claimed):
    client.force_login(cast.south_teacher)
    client.get(received(claimed))
    assert cast.south_teacher.get_full_name() in [looker.name for looker in audit.lookers(claimed)]


def test_who_has_no_children_of_their_own_has_no_such_list(client, cast):
    for who in ("province", "ministry", "partner", "charlie"):
        client.force_login(getattr(cast, who))
        assert client.get(reverse("cases:received_list")).status_code == 404


def test_the_timeline_tells_the_return_in_its_words(client, cast, claimed):
    confirm_enrolment(claimed, person=cast.south_director, grade="ม.2", note="มาเรียนทุกวัน")
    client.force_login(cast.director)
    events = client.get(reverse("cases:case_detail", args=[claimed.number])).context["events"]
    assert [event["title"] for event in events[:2]] == ["ยืนยันการกลับเข้าเรียน", "แจ้งกลับเข้าเรียน"]
    assert events[0]["text"] == "ม.2 · เหตุผล: มาเรียนทุกวัน"
    assert events[1]["text"] == f"{cast.south_school} · ม.1"


# ── paper ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_form_of_a_visit_is_ticked_as_it_says_and_a_blank_one_not_at_all(client, cast, claimed):
    client.force_login(cast.teacher)
    visit = Visit.objects.get(case=claimed)
    filled = client.get(reverse("cases:visit_sheet", args=[claimed.number, visit.pk])).content.decode()
    blank = client.get(reverse("cases:visit_sheet", args=[claimed.number])).content.decode()
    assert (filled.count("✓"), blank.count("✓")) == (3, 0)  # mode, finding, cause
    assert "เล่าความลับ" in filled
    assert "เล่าความลับ" not in blank
    for body in (filled, blank):
        assert mask(NUMBER) in body
        assert NUMBER not in body
        assert "ยายลับ สมมุติ" in body


def test_paper_is_thai_whatever_the_screen_speaks_and_printing_is_recorded(client, cast, claimed):
    client.force_login(cast.director)
    client.post(reverse("set_language"), {"language": "en", "next": "/"})
    body = client.get(reverse("cases:guardian_letter", args=[claimed.number])).content.decode()
    assert "Print" in body
    assert "ขอพบเพื่อปรึกษาเรื่องการเรียนของ" in body
    assert AuditEvent.objects.filter(action=audit.PRINT_SHEET, object_key=claimed.number).exists()


def test_the_letter_names_the_law_only_to_guardians_of_children_of_compulsory_age(client, cast, make_case):
    client.force_login(cast.teacher)
    today = bangkok_today()
    for years, told in ((10, True), (17, False)):
        case = make_case(
            cast.own_school, name=f"น้อง{years} สมมุติ", birth_date=today.replace(year=today.year - years, day=1)
        )
        body = client.get(reverse("cases:guardian_letter", args=[case.number])).content.decode()
        assert ("พระราชบัญญัติการศึกษาภาคบังคับ" in body) is told


def test_a_visit_of_another_child_is_not_printed_with_this_one(client, cast, claimed, make_case):
    other = make_case(cast.own_school, name="อื่น สมมุติ")
    client.force_login(cast.teacher)
    visit = Visit.objects.get(case=claimed)
    assert client.get(reverse("cases:visit_sheet", args=[other.number, visit.pk])).status_code == 404


# ── one teacher for many ──────────────────────────────────────────────────────────────────────────────────────


def test_the_director_names_a_teacher_for_many_and_hears_of_those_left_out(client, cast, make_case):
    mine = [make_case(cast.own_school, name=f"น้อง{n} สมมุติ") for n in range(3)]
    theirs = make_case(cast.sister_school, name="อื่น สมมุติ")
    client.force_login(cast.district)
    said = {"case": [case.number for case in (*mine, theirs)]}
    asked = client.post(reverse("cases:name_teachers"), said)
    assert asked.status_code == 200
    assert {teacher.username for teacher in asked.context["teachers"]} == {"teacher", "director", "sister_teacher"}
    done = client.post(reverse("cases:name_teachers"), said | {"teacher": cast.teacher.pk}, follow=True)
    (message,) = done.context["messages"]
    assert "3 คน" in str(message)
    assert "ข้าม 1 คน" in str(message)
    assert set(Case.objects.filter(teacher=cast.teacher)) == set(mine)
    assert theirs.facts.filter(kind=FactKind.TEACHER_NAMED).count() == 0


def test_only_who_names_teachers_gets_the_bar_that_does(client, cast, make_case):
    case = make_case(cast.own_school)
    for who, status in (("teacher", 403), ("director", 200), ("province", 403)):
        client.force_login(getattr(cast, who))
        assert client.post(reverse("cases:name_teachers"), {"case": case.number}).status_code == status
        shown = reverse("cases:name_teachers") in client.get(reverse("cases:case_list")).content.decode()
        assert shown is (status == 200)
