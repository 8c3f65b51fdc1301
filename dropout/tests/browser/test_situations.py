"""The ministry's four situations (seed 004), each walked end to end by the people it takes, each at their own screen.

Nobody types an address: from the home page on only what can be clicked is used. The server runs in this process, on
the cast's small world, so that the clock can move from one follow-up to the next.
"""

import os
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from cases.codes import FactKind, FollowUp, Reached, Rung, Stage
from cases.enrolment import claim_enrolment, confirm_enrolment
from cases.follow_ups import record_follow_up
from cases.models import Case, Fact, Report, Request
from dropout.testing import PASSWORD, SINCE
from dropout.tests.browser.conftest import DESK, EXPECTED, PHONE
from dropout.tests.browser.judging import judged
from reports import ladder
from schools import clock, thaitime
from schools.people import create_person
from schools.thaitime import thai_date
from schools.units import parse_unit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BEGIN = datetime(2022, 1, 10, 2, 30, tzinfo=UTC)  # a Monday of พ.ศ. 2565, 9.30 น.
SHOTS = os.environ.get("SITUATION_SHOTS")  # a folder for pictures of every step, for whoever wants to look
CHILD = "น้องสมมุติ ทดสอบ"


class Screen:
    """Somebody at their own browser, who can only look and click."""

    def __init__(self, page, name: str):
        self.page, self.name, self.faults, self.shown = page, name, [], 0

    def home(self) -> None:
        """Back to the first page, by the mark at its top."""
        self.page.locator("header .brand").click()

    def menu(self, label: str) -> None:
        """An entry of the menu; on a phone it may be folded away."""
        entry = self.page.locator("#nav").get_by_role("link", name=re.compile(f"^{label}"))
        if not entry.is_visible():
            self.page.locator("#nav .nav-open a").click()
        entry.click()
        self.look()

    def follow(self, label: str, *, within: str = "main") -> None:
        """A link; of one that is folded away the fold is opened first."""
        link = self.page.locator(within).get_by_role("link", name=label).first
        if not link.count():
            self.page.locator(f"{within} details:not([open])", has_text=label).locator("summary").first.click()
            self.look()
        link.click()
        self.look()

    def open_child(self, name: str = CHILD) -> None:
        self.page.get_by_role("main").get_by_role("link", name=name).first.click()
        self.look()

    def next_step(self, label: str) -> None:
        """The one big button of a child's file."""
        button = self.page.locator("main .btn-main")
        expect(button.first).to_have_text(label)
        button.first.click()
        self.look()

    def choose(self, name: str, value) -> None:
        self.page.locator(f"label:has(> input[name={name}][value='{value}'])").click()

    def fill(self, **said: str) -> None:
        for name, words in said.items():
            self.page.fill(f"[name={name}]", words)

    def press(self, label: str) -> None:
        self.look(judge=False)
        self.page.get_by_role("main").get_by_role("button", name=label, exact=True).click()
        self.look()

    def reads(self, *words: str) -> None:
        for text in words:
            expect(self.page.get_by_role("main")).to_contain_text(text)

    def does_not_read(self, *words: str) -> None:
        shown = self.page.content()
        assert [text for text in words if text in shown] == []

    def look(self, *, judge: bool = True) -> None:
        """What is wrong with the page as it stands is kept for the end; a picture, where one is wanted."""
        self.page.wait_for_load_state()
        if judge:
            self.faults += judged(self.page)
        self.shown += 1
        if SHOTS:
            folder = Path(SHOTS)
            folder.mkdir(parents=True, exist_ok=True)
            test = "-".join(os.environ["PYTEST_CURRENT_TEST"].split("::")[1].split("_")[1:5])
            self.page.screenshot(path=folder / f"{test}-{self.name}-{self.shown:02}.png", full_page=True)

    def visit(self, *, finding: int, mode: str = "home", words: str, **more) -> None:
        """The stepper (judged in test_teacher) from its first question to the file it comes back to."""
        self.choose("finding", finding)
        self.choose("mode", mode)
        asked = ["whereabouts", "outcome", "wish", "needs"] if finding else []
        for name in asked:
            self.page.click("[data-next]")
            self.look(judge=False)
            if name in more:
                self.choose(name, more[name])
            if more.get(name) == "other_province":
                self.page.select_option("[name=whereabouts_province]", label=more["province"])
        self.page.click("[data-next]")
        self.fill(situation=words)
        self.look(judge=False)
        self.page.click("[data-next]")
        self.page.click("[data-next]")
        self.look(judge=False)
        self.page.click("[data-send]")
        self.reads("บันทึกการติดตามแล้ว")
        self.look()


@pytest.fixture
def days(monkeypatch):
    """days(60) → the clock of the whole process, the server's threads too, has moved on by that much."""

    def moved(count: float) -> None:
        moved.now += timedelta(days=count)
        thaitime.bangkok_today.__defaults__ = (moved.now,)

    moved.now = BEGIN
    monkeypatch.setattr(clock, "now", lambda: moved.now)
    monkeypatch.setattr(thaitime.bangkok_today, "__defaults__", (BEGIN,))  # imported by name all over
    return moved


@pytest.fixture
def cast(days, cast):
    """The cast and those who sit at the schools to which children go."""
    for name, role, unit, last in (
        ("town_director", "director", "school:46990003", "สมมุติเมือง"),
        ("town_teacher", "teacher", "school:46990003", "สมมุติเมือง"),
        ("upper_director", "director", "school:46990004", "สมมุติพิทยา"),
        ("upper_teacher", "teacher", "school:46990004", "สมมุติพิทยา"),
    ):
        create_person(name, role=role, unit=unit, first_name="ดวงใจ", last_name=last, password=PASSWORD, since=SINCE)
    return cast


@pytest.fixture
def at_work(chromium, live_server, cast, days):
    """at_work("teacher") → that person, logged in, at their home page; a phone for schools, a desk for offices."""
    contexts, told, screens = [], [], {}

    def opened(name: str) -> Screen:
        if name not in screens:
            size = PHONE if name.endswith(("teacher", "director")) else DESK
            phone = {"has_touch": True, "is_mobile": True} if size is PHONE else {}
            context = chromium.new_context(viewport=size, base_url=live_server.url, locale="th-TH", **phone)
            contexts.append(context)
            page = context.new_page()
            page.set_default_timeout(15_000)
            page.on("console", lambda said: told.append(said.text) if said.type in ("error", "warning") else None)
            page.on("pageerror", lambda error: told.append(str(error)))
            page.goto("/login/")
            page.fill("#id_login", name)
            page.fill("#id_password", PASSWORD)
            page.press("#id_password", "Enter")
            page.wait_for_url(lambda url: "/login/" not in url)
            screens[name] = Screen(page, name)
        else:
            screens[name].home()
        screens[name].look()
        return screens[name]

    yield opened
    for context in contexts:
        context.close()
    assert [fault for screen in screens.values() for fault in screen.faults] == []
    assert [text for text in told if not EXPECTED.search(text)] == []


def stands(case) -> Case:
    return Case.objects.get(pk=case.pk)


def test_listed_and_found_goes_back_to_a_school_of_another_district_and_is_retained(cast, make_case, at_work, days):
    case = make_case(cast.own_school, name=CHILD, guardian_name="ยายสมมุติ", guardian_phone="080 000 0000")
    teacher = at_work("teacher")
    teacher.follow("บันทึกการติดตาม")
    teacher.visit(finding=1, whereabouts="in_province", wish=1, words="อยู่กับยาย อยากกลับไปเรียนกับเพื่อน")
    teacher.reads("พบตัว", "ประสงค์กลับเข้าเรียน")
    teacher.follow("วางแผนช่วยเหลือ")
    teacher.fill(what="ชุดนักเรียนและค่ารถเดือนแรก", who="กองทุนโรงเรียน")
    teacher.press("วางแผนช่วยเหลือ")
    assert stands(case).stage == Stage.ASSISTING

    days(3)
    teacher.next_step("แจ้งกลับเข้าเรียน")
    teacher.choose("route", "school")
    teacher.fill(school_code="สมมุติ", grade="ม.1")
    teacher.press("แจ้งกลับเข้าเรียน")
    teacher.choose("school_code", "46990003")
    teacher.press("แจ้งกลับเข้าเรียน")
    teacher.reads("โรงเรียนเมืองสมมุติ")
    assert (stands(case).stage, stands(case).enrolled_school) == (Stage.RETURNED_CLAIMED, cast.other_district_school)

    days(1)
    director = at_work("town_director")
    director.follow("นักเรียนที่รับกลับเข้าเรียน")
    director.open_child()
    director.does_not_read("ยายสมมุติ", "080 000 0000")
    director.next_step("ยืนยันการกลับเข้าเรียน")
    director.press("ยืนยันการกลับเข้าเรียน")
    assert (stands(case).stage, stands(case).reached) == (Stage.RETURNED_CONFIRMED, Reached.CONFIRMED)

    for name, wait in (("teacher", 60), ("town_teacher", 60), ("teacher", 60), ("town_teacher", 60)):
        days(wait)
        someone = at_work(name)
        if name == "teacher":
            someone.follow("ติดตามหลังกลับเข้าเรียน")
        else:
            someone.follow("นักเรียนที่รับกลับเข้าเรียน")
            someone.open_child()
            someone.next_step("ติดตามหลังกลับเข้าเรียน")
        someone.choose("result", FollowUp.STILL)
        someone.press("ติดตามหลังกลับเข้าเรียน")
        assert stands(case).stage == (
            Stage.RETAINED if Fact.objects.filter(follow_up="still").count() == 4 else Stage.OBSERVING
        )
    teacher = at_work("teacher")
    teacher.menu("ทะเบียน")
    teacher.open_child()
    teacher.reads("คงอยู่ในระบบ")
    counts = ladder.count(parse_unit("district:P4603"))
    assert (
        counts["target"],
        counts["found"],
        counts["returned_claimed"],
        counts["returned_confirmed"],
        counts["retained"],
    ) == (1,) * 5


def test_found_in_another_province_goes_by_the_centre_and_that_provinces_desk_to_a_school(cast, make_case, at_work):
    case = make_case(cast.own_school, name=CHILD)
    origin, south = parse_unit("district:P4603"), parse_unit("district:P8101")
    teacher = at_work("teacher")
    teacher.follow("บันทึกการติดตาม")
    teacher.visit(
        finding=1, mode="phone", whereabouts="other_province", province="กระบี่", wish=1, words="ย้ายตามแม่ไปทำสวนที่กระบี่"
    )
    teacher.next_step("พบในจังหวัดอื่น: ส่งส่วนกลาง")
    teacher.fill(reason="แม่ยืนยันว่าอยู่กระบี่ถาวร อยากเรียนที่นั่น")
    teacher.press("พบในจังหวัดอื่น: ส่งส่วนกลาง")
    teacher.reads("ส่งส่วนกลางแล้ว")

    centre = at_work("department")
    centre.menu("อนุมัติ")
    centre.open_child()
    centre.page.select_option("[name=destination]", label="กระบี่")
    centre.press("ส่งต่อ")

    province = at_work("south_province")
    province.menu("อนุมัติ")
    province.open_child()
    province.page.select_option("[name=destination]", value="district:P8101")
    province.press("ส่งต่อ")
    assert (ladder.count(origin)["target"], ladder.count(south)["target"]) == (1, 0)

    district = at_work("south_district")
    district.follow("รอท่านอนุมัติ")
    district.open_child()
    district.page.select_option("[name=destination]", value="school:81990001")
    district.press("รับโอน")
    assert stands(case).school == cast.south_school
    assert (ladder.count(origin)["target"], ladder.count(south)["target"]) == (0, 1)

    newcomer = at_work("south_teacher")
    newcomer.open_child()
    newcomer.reads("รับโอนไป", "ย้ายตามแม่ไปทำสวนที่กระบี่", "พบในจังหวัดกระบี่")
    newcomer.does_not_read("ต่างจังหวัด")  # it is her own
    newcomer.next_step("แจ้งกลับเข้าเรียน")


def test_listed_and_not_found_is_referred_and_reopens_when_the_child_turns_up(cast, make_case, at_work, days):
    case = make_case(cast.own_school, name=CHILD)
    for mode, words in (("home", "บ้านปิด ไม่มีใครอยู่"), ("phone", "เบอร์ถูกยกเลิก"), ("home", "เพื่อนบ้านว่าย้ายออกแล้ว")):
        teacher = at_work("teacher")
        teacher.follow("บันทึกการติดตาม")
        teacher.visit(finding=0, mode=mode, words=words)
        days(4)
    teacher.next_step("ขออนุมัติว่าไม่พบตัว")
    teacher.fill(reason="ไปบ้านสองครั้ง โทรหนึ่งครั้ง เพื่อนบ้านไม่ทราบที่ไป")
    teacher.press("ขออนุมัติว่าไม่พบตัว")
    assert stands(case).stage == Stage.TRACKING

    district = at_work("district")
    district.follow("รอท่านอนุมัติ")
    district.open_child()
    district.press("อนุมัติ")
    assert stands(case).stage == Stage.NOT_FOUND
    district.next_step("ส่งต่อภาคีเครือข่าย")
    district.page.select_option("[name=partner]", value="partner:eef")
    district.fill(purpose="ขอให้ค้นในฐานข้อมูลผู้รับทุนว่าเด็กอยู่ที่ใด")
    district.choose("basis", "public_task")
    district.press("ส่งต่อภาคีเครือข่าย")
    district.reads("ส่งต่อแล้ว")

    days(5)
    partner = at_work("partner")
    partner.follow("เปิดและตอบ")
    partner.choose("answer", "done")
    partner.fill(text="เด็กรับทุนอยู่ที่ตลาดสมมุติ ช่วยงานน้าขายผัก")
    partner.press("ส่งคำตอบ")
    partner.does_not_read("ทดสอบ")

    teacher = at_work("teacher")
    teacher.menu("ทะเบียน")
    teacher.open_child()
    teacher.reads("ไม่พบตัว", "เด็กรับทุนอยู่ที่ตลาดสมมุติ")
    teacher.next_step("บันทึกการติดตาม")
    teacher.visit(finding=1, mode="community", whereabouts="in_province", wish=1, words="พบที่ตลาด อยากเรียนต่อ")
    assert (stands(case).rung, stands(case).stage) == (Rung.FOUND, Stage.ASSISTING)
    assert ladder.count(parse_unit("nation"))["found"] == 1


def test_on_no_list_but_found_is_reported_in_confidence_checked_visited_and_helped(cast, at_work, days):
    district = at_work("district")
    district.menu("แจ้งพบเด็ก")
    district.fill(first_name="น้องใหม่", last_name="สมมุติพบ", birth_date="14/02/2553")
    district.press("ตรวจ")
    district.choose("found", "heard_of")
    district.fill(situation="อสม. โทรแจ้งว่าอยู่กระท่อมท้ายสวน", guardian_name="ลุงสมมุติ", amphoe="กุฉินารายณ์", tambon="บัวขาว")
    district.page.select_option("[name=province]", label="กาฬสินธุ์")
    district.fill(reporter_name="ป้าอสม สมมุติ", reporter_phone="089 999 9999", relation="อสม.")
    district.press("แจ้งพบเด็ก")
    case = Report.objects.get().fact.case
    district.next_step("มอบหมายโรงเรียน")
    district.page.get_by_role("radio", name="โรงเรียนบ้านทุ่งสมมุติ").check()
    district.press("มอบหมาย")

    director = at_work("director")
    director.open_child("น้องใหม่ สมมุติพบ")
    director.follow("กำหนดครูผู้รับผิดชอบ")
    director.page.select_option("[name=teacher]", label="กมล สมมุติครู")
    director.press("กำหนด")

    days(1)
    teacher = at_work("teacher")
    teacher.open_child("น้องใหม่ สมมุติพบ")
    teacher.reads("ป้าอสม สมมุติ", "ความลับ")
    teacher.next_step("บันทึกการติดตาม")
    teacher.visit(finding=1, whereabouts="in_province", wish=3, words="ดูแลยายป่วย ไปโรงเรียนไม่ได้")
    teacher.next_step("วางแผนช่วยเหลือ")
    teacher.fill(what="เรียนที่บ้านสัปดาห์ละสองวัน", who="สกร.ตำบล")
    teacher.press("วางแผนช่วยเหลือ")
    teacher.follow("บันทึกผล")
    teacher.fill(result="เริ่มเรียนกับครู สกร. แล้ว")
    teacher.press("บันทึกว่าช่วยแล้ว")
    teacher.reads("ช่วยแล้ว", "เริ่มเรียนกับครู สกร. แล้ว")
    assert stands(case).stage == Stage.ASSISTING

    for name in ("province", "department", "ministry"):
        officer = at_work(name)
        officer.menu("ทะเบียนเด็ก")
        officer.follow(case.number if name == "ministry" else "น้องใหม่ สมมุติพบ")
        officer.does_not_read("ป้าอสม", "089 999 9999")
    assert ladder.count(parse_unit("nation"))["found"] == 1


def test_kept_and_passed_on_to_the_next_level_where_the_watching_goes_on(cast, make_case, at_work, days):
    case = make_case(cast.own_school, name=CHILD)
    claim_enrolment(case, person=cast.teacher, route="school", school=cast.own_school, grade="ป.6")
    days(1)
    confirm_enrolment(stands(case), person=cast.director)
    days(61)
    record_follow_up(stands(case), person=cast.teacher, result=FollowUp.STILL)
    assert stands(case).stage == Stage.OBSERVING

    days(30)
    teacher = at_work("teacher")
    teacher.open_child()
    teacher.follow("ส่งต่อระดับชั้น")
    teacher.choose("route", "school")
    teacher.fill(school="สมมุติพิทยาคม", grade="ม.1")
    teacher.press("ส่งต่อระดับชั้น")
    teacher.reads("ส่งต่อแล้ว รอสถานศึกษาใหม่ยืนยัน")
    assert (stands(case).stage, stands(case).enrolled_school) == (Stage.OBSERVING, cast.secondary_school)

    days(2)
    director = at_work("upper_director")
    director.follow("นักเรียนที่รับกลับเข้าเรียน")
    director.open_child()
    director.next_step("ยืนยันการกลับเข้าเรียน")
    director.press("ยืนยันการกลับเข้าเรียน")
    assert stands(case).claimed_by is None

    days(40)
    watcher = at_work("upper_teacher")
    watcher.follow("นักเรียนที่รับกลับเข้าเรียน")
    watcher.open_child()
    here = [thai_date(date(2022, 4, day), "short") for day in (12, 14)]  # came, received; not of the school before
    watcher.reads("ม.1", *here)
    watcher.next_step("ติดตามหลังกลับเข้าเรียน")
    watcher.choose("result", FollowUp.STILL)
    watcher.press("ติดตามหลังกลับเข้าเรียน")
    assert Fact.objects.filter(case=case, kind=FactKind.FOLLOWED_UP).count() == 2
    assert (stands(case).stage, stands(case).reached) == (Stage.OBSERVING, Reached.CONFIRMED)
    assert not Request.objects.exists()
