"""Two people at one case, each in a browser of their own: the second sees both values and keeps what was typed."""

import pytest

from dropout.tests.browser.conftest import DESK, PHONE
from dropout.tests.browser.judging import judged

pytestmark = pytest.mark.browser

ASSIGNED = 1
REASON = "ครูโรงเรียนปลายทางยืนยันทางโทรศัพท์ว่าเรียนอยู่ชั้น ป.5"


def test_the_second_to_save_sees_what_the_first_did_and_the_request_is_answered_by_another(site, open_page):
    number = site.take_case(ASSIGNED, school="46990001")
    teacher, director = open_page("teacher", PHONE), open_page("director", DESK)
    teacher.goto(f"/cases/{number}/do/request_closing/")
    teacher.check("input[name=why][value=in_education]")
    teacher.fill("textarea[name=reason]", REASON)

    director.goto(f"/cases/{number}/teacher/")
    director.select_option("select[name=teacher]", index=1)
    director.get_by_role("button", name="กำหนด").click()
    director.wait_for_url(f"**/cases/{number}/")

    teacher.get_by_role("button", name="ขอยุติการติดตาม").click()
    told = teacher.get_by_role("alert")
    told.wait_for()
    assert "ที่ท่านเห็น" in told.inner_text()
    assert "ครูผู้รับผิดชอบ" in told.inner_text()
    assert teacher.input_value("textarea[name=reason]") == REASON
    assert judged(teacher) == []
    teacher.get_by_role("button", name="ขอยุติการติดตาม").click()
    teacher.wait_for_url(f"**/cases/{number}/")

    officer = open_page("district", DESK)
    officer.goto("/requests/")
    assert judged(officer) == []
    row = officer.locator("tbody tr", has_text=REASON).first
    row.locator("input[name=request]").check()
    officer.get_by_role("button", name="อนุมัติ 1 คำขอ").click()
    assert officer.get_by_role("heading", name="อนุมัติ 1 คำขอ").is_visible()
    assert judged(officer) == []
    officer.get_by_role("button", name="อนุมัติ 1 คำขอ").click()
    officer.wait_for_url("**/requests/")
    teacher.goto(f"/cases/{number}/")
    assert "ยุติการติดตาม" in teacher.locator("#h-stage").inner_text()
