"""The officers' main paths in a real browser: assign, look behind a number, bring a list in, take a workbook out."""

import re
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from cases.tests.sheetmaker import child, xlsx
from dropout.tests.browser.conftest import DESK, PHONE
from dropout.tests.browser.judging import judged
from schools.thaitime import bangkok_today, thai_date

pytestmark = pytest.mark.browser

ASSIGNED = 1
JOB_MS = 60_000  # a real worker takes it up within a second; only a failing test waits so long
WORKBOOK_SHEETS = ["ภาพรวม", "สาเหตุ", "ประเภท", "เขตตรวจราชการ", "จังหวัด", "เขตพื้นที่", "สถานศึกษา", "แนวโน้ม", "นิยาม"]
FIRST_SERIAL = 880_000  # of the synthetic numbers; the demo world counts from one


def number_in(text: str) -> int:
    return int(re.search(r"[\d,]+", text).group().replace(",", ""))


def test_officer_filters_the_register_and_assigns_two_children_after_a_preview(site, open_page):
    numbers = [site.take_case(ASSIGNED, school=None) for _ in range(2)]
    school = site.ask(
        "SELECT s.name_th FROM schools_school s JOIN schools_district d ON d.id = s.district_id WHERE d.code = 'P4603' "
        "AND s.closed_on IS NULL AND s.id NOT IN (SELECT school_id FROM cases_case WHERE number IN (?, ?)) LIMIT 1",
        *numbers,
    )[0][0]  # one that has neither of them yet
    page = open_page("district", DESK)
    page.goto("/cases/")
    page.select_option("select[name=stage]", str(ASSIGNED))
    page.wait_for_url("**stage=1**")
    stages = page.locator("tbody tr td:nth-of-type(5)").all_inner_texts()
    assert stages and set(stages) == {"มอบหมายแล้ว"}
    assert not page.locator(".bulk").is_visible()
    for number in numbers:
        page.check(f"input[name=case][value='{number}']")
    page.get_by_role("button", name="มอบหมาย 2 คน").click()
    assert page.get_by_role("heading", name="มอบหมาย 2 คน").is_visible()
    assert all(number in page.text_content("main") for number in numbers)
    assert judged(page) == []
    page.fill("input[name=q]:visible >> nth=-1", school.removeprefix("โรงเรียน"))
    page.get_by_role("main").get_by_role("button", name="ค้นหา").click()  # assigns nothing: the two stay chosen
    assert page.get_by_role("heading", name="มอบหมาย 2 คน").is_visible()
    page.get_by_role("radio", name=school).check()
    assert judged(page) == []
    page.fill("input[name=reason]", "ใกล้บ้าน")
    page.get_by_role("button", name="มอบหมาย 2 คน").click()
    assert "มอบหมาย 2 คน" in page.locator(".flash, .notice, [role=status]").first.text_content()
    assert "stage=1" in page.url  # back on the list that was left
    for number in numbers:
        page.goto(f"/cases/{number}/")
        assert school in page.locator(".page-head").text_content()


def test_a_number_of_the_dashboard_opens_its_children_now_and_as_of_a_past_day(open_page):
    page = open_page("district", DESK)
    page.goto("/dashboard/district:P4603/")
    for day in (None, bangkok_today() - timedelta(days=60)):
        if day is not None:
            page.fill("#day", thai_date(day, "numeric", plain=True))
            page.get_by_role("button", name="ดูย้อนหลัง").click()
            page.wait_for_url("**day=**")
            assert page.input_value("#day") == thai_date(day, "numeric", plain=True)
        assert judged(page) == []
        target = page.locator(".flow .head a").first
        wanted = number_in(target.text_content())
        target.click()
        page.wait_for_url("**/children/**")
        assert wanted > 0
        assert number_in(page.text_content("h1 .note")) == wanted
        assert judged(page) == []
        page.go_back()


def messy_list(folder):
    """As offices send them: title lines, Thai digits, a dashed number, a wrong check digit, a sum and a signature."""
    rows = [child(FIRST_SERIAL + n, ชื่อ=f"ใหม่{'กขค'[n]}า") for n in range(3)]
    first = rows[0]["เลขประจำตัวประชาชน"]
    rows[0]["เลขประจำตัวประชาชน"] = f"{first[0]}-{first[1:5]}-{first[5:10]}-{first[10:12]}-{first[12]}"
    rows[1]["วันเกิด"] = "๑๕ พฤษภาคม ๒๕๕๕"
    wrong = rows[2]["เลขประจำตัวประชาชน"]
    rows[2]["เลขประจำตัวประชาชน"] = wrong[:12] + str((int(wrong[12]) + 1) % 10)
    above = (["บัญชีเด็กออกกลางคัน สำนักงานเขตพื้นที่การศึกษา"], ["ข้อมูล ณ วันที่ 1 พฤศจิกายน 2569"])
    return xlsx(folder / "บัญชีจากเขต.xlsx", rows, above=above, below=(["รวม", 3], [], ["ลงชื่อ", "ผู้รายงาน"]))


def test_a_messy_list_is_checked_shown_and_brought_in_by_the_real_worker(site, open_page, tmp_path):
    page = open_page("district", DESK)
    page.goto("/imports/")
    page.set_input_files("input[type=file]", messy_list(tmp_path))
    page.fill("input[name=name]", "บัญชีทดสอบเบราว์เซอร์")
    page.get_by_role("button", name="ตรวจไฟล์").click()
    page.get_by_role("heading", name="ผลตรวจก่อนนำเข้า").wait_for(timeout=JOB_MS)
    tiles = page.locator(".tile").all_inner_texts()
    assert number_in(next(tile for tile in tiles if tile.startswith("ใหม่")).split("\n", 1)[1]) == 2
    assert "เลขประจำตัวประชาชน" in page.text_content("#refused")
    assert judged(page) == []
    with page.expect_download() as started:
        page.get_by_role("link", name="เฉพาะแถวที่ถูกปฏิเสธ").click()
    refused = tmp_path / "refused.xlsx"
    started.value.save_as(refused)
    said = [str(cell) for row in load_workbook(refused).active.iter_rows(values_only=True) for cell in row if cell]
    assert "ใหม่คา" in " ".join(said) and "ใหม่กา" not in " ".join(said)

    page.get_by_role("button", name="นำเข้า 2 คน").click()  # without saying that one row stays behind
    assert page.evaluate("document.activeElement.matches('input[name=accept_good_rows]:invalid')")
    assert site.ask("SELECT count(*) FROM cases_child WHERE first_name LIKE 'ใหม่%า'")[0][0] == 0
    page.check("input[name=accept_good_rows]")
    page.get_by_role("button", name="นำเข้า 2 คน").click()
    page.get_by_role("link", name="ไปที่ทะเบียนเด็ก").wait_for(timeout=JOB_MS)
    assert judged(page) == []
    assert site.ask("SELECT count(*) FROM cases_child WHERE first_name LIKE 'ใหม่%า'")[0][0] == 2
    page.goto("/imports/")
    assert "นำเข้าแล้ว" in page.text_content("tbody tr")
    assert judged(page) == []


def test_the_ministry_sees_numbers_without_names_and_takes_the_monthly_workbook_home(site, open_page, tmp_path):
    page = open_page("ministry", DESK)
    page.goto("/")
    page.wait_for_url("**/dashboard/nation/")
    target = page.locator(".flow .head a").first
    target.click()
    page.wait_for_url("**/children/**")
    names = {name for (name,) in site.ask("SELECT last_name FROM cases_child WHERE length(last_name) > 5")}
    names -= {name for (name,) in site.ask("SELECT last_name FROM schools_person")}  # the officer's own is printed
    assert len(names) > 20
    assert page.locator("tbody tr").count() > 10
    shown = page.text_content("tbody")
    assert [name for name in names if name in shown] == []
    page.goto("/exports/")
    page.get_by_role("button", name="สั่งส่งออก").click()  # without saying what for
    page.wait_for_selector("[role=alert]")
    assert judged(page) == []
    page.fill("textarea[name=purpose]", "รายงานที่ประชุมประจำเดือน")
    page.get_by_role("button", name="สั่งส่งออก").click()
    link = page.locator(".job a[href*='/exports/files/']").first
    link.wait_for(timeout=JOB_MS)
    assert judged(page) == []
    with page.expect_download() as started:
        link.click()
    path = tmp_path / "workbook.xlsx"
    started.value.save_as(path)
    book = load_workbook(path)
    assert book.sheetnames == WORKBOOK_SHEETS
    figures = [cell for row in book["จังหวัด"].iter_rows(values_only=True) for cell in row if isinstance(cell, int)]
    assert max(figures) > 100
    written = " ".join(str(c) for s in book for row in s.iter_rows(values_only=True) for c in row if isinstance(c, str))
    assert "รายงานที่ประชุมประจำเดือน" in written
    assert [name for name in names if name in written] == []


def test_log_out_ends_it_and_going_back_shows_nothing(open_page):
    page = open_page(None, PHONE)
    page.goto("/login/?next=/account/")
    page.fill("#id_login", "director")
    page.fill("#id_password", "demo")
    page.press("#id_password", "Enter")
    page.wait_for_url("**/account/")
    kept = page.context.cookies()
    page.get_by_role("button", name="ออกจากระบบ").click()
    page.wait_for_url("**/login/**")
    page.go_back()
    page.wait_for_url("**/login/**")
    page.context.add_cookies(kept)  # even who copied the cookie
    page.goto("/account/")
    assert "/login/" in page.url


def test_english_by_the_switch_stays_on_the_next_pages(open_page):
    page = open_page("partner", DESK)
    page.goto("/account/")
    page.get_by_role("banner").get_by_role("button", name="English").click()
    assert page.get_attribute("html", "lang") == "en"
    assert page.get_by_role("heading", name="My account").is_visible()
    page.goto("/privacy/")
    assert page.get_attribute("html", "lang") == "en"
    page.goto("/account/")
    page.get_by_role("banner").get_by_role("button", name="ไทย").click()
    assert page.get_attribute("html", "lang") == "th"
