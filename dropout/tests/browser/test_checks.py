"""ตรวจสอบบัญชี by keyboard alone in a real browser: rows, answers, evidence, all at once, and without a script."""

import pytest

from dropout.tests.browser.conftest import DESK, PHONE
from dropout.tests.browser.judging import judged

pytestmark = pytest.mark.browser


def answers(site, kind: str) -> int:
    return site.ask("SELECT count(*) FROM cases_entrycheck WHERE answer = ?", kind)[0][0]


def open_longest_list(page) -> int:
    """The list with most lines to check; returns how many."""
    page.goto("/checks/")
    bars = page.locator("[data-check-bar]").evaluate_all("bars => bars.map(bar => bar.max - bar.value)")
    page.locator(".jobs a").nth(bars.index(max(bars))).click()
    page.wait_for_url("**/checks/*/")
    return int(max(bars))


def test_lines_are_answered_by_keyboard_alone(site, open_page):
    page = open_page("district", DESK)
    left = open_longest_list(page)
    assert left > 10
    assert judged(page) == []
    before = answers(site, "correct")
    for key in ("j", "1", "1", "ArrowDown", "1"):  # rows 1, 2 and 4
        page.keyboard.press(key)
    page.locator("[data-check-answer] .chip").nth(2).wait_for()
    assert answers(site, "correct") == before + 3
    assert page.evaluate("document.querySelector('[data-check-bar]').value") >= 3
    assert page.evaluate("document.activeElement.matches('[data-check-row]:nth-of-type(5)')")
    assert page.locator("[data-check-left]").inner_text().strip() == f"รอตรวจ {left - 3} คน"
    tabs = {tab: page.locator(f'[data-check-tab="{tab}"]').inner_text() for tab in ("none", "correct")}
    page.reload()
    assert tabs == {tab: page.locator(f'[data-check-tab="{tab}"]').inner_text() for tab in tabs}
    assert page.locator("[data-check-left]").inner_text().strip() == f"รอตรวจ {left - 3} คน"
    page.keyboard.press("j")

    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.locator("[data-bulk-item]:checked").count() == 2
    assert judged(page) == []
    page.keyboard.press("4")  # in school already: which, and who says so
    page.wait_for_url("**/lines/**")
    assert judged(page) == []
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("ตรวจกับ DMC ภาคเรียนนี้")
    before = answers(site, "in_education")
    page.keyboard.press("Enter")
    page.wait_for_url("**/checks/*/**")
    page.wait_for_selector(".flash, [role=status]")
    assert answers(site, "in_education") == before + 2

    page.keyboard.press("a")
    assert page.locator("[data-bulk-item]:checked").count() == page.locator("[data-check-row]").count()
    page.keyboard.press("a")
    assert page.locator("[data-bulk-item]:checked").count() == 0
    page.keyboard.press("j")
    page.keyboard.press("2")
    page.wait_for_url("**/amend/**")
    assert judged(page) == []
    page.fill("[name=guardian_name]", "ยายทดสอบ")
    page.keyboard.press("Enter")
    page.wait_for_url("**/checks/*/**#line-*")
    assert answers(site, "amended") == 1


def test_on_a_phone_and_without_a_script_the_same_form_does_it(site, open_page):
    page = open_page("teacher", PHONE, java_script_enabled=False)
    page.goto("/checks/")
    page.locator(".jobs a").last.click()
    assert page.locator("[data-check-keys]").is_hidden()
    boxes = page.locator("[data-bulk-item]")
    boxes.nth(0).check()
    boxes.nth(1).check()
    before = answers(site, "correct")
    page.get_by_role("button", name="ถูกต้อง").first.click()
    page.wait_for_url("**/checks/*/**")
    assert answers(site, "correct") == before + 2


def test_all_on_the_filter_are_answered_after_the_number_was_shown(site, open_page):
    page = open_page("district", DESK)
    open_longest_list(page)
    page.locator("details summary", has_text="ตอบทุกคนตามตัวกรอง").click()
    page.locator("details form").get_by_role("button", name="ถูกต้อง").click()
    heading = page.get_by_role("heading", level=1).text_content()
    count = int("".join(letter for letter in heading if letter.isdigit()))
    assert count > 50
    assert judged(page) == []
    before = answers(site, "correct")
    page.get_by_role("button", name="ตอบ “ถูกต้อง” ให้").click()
    page.wait_for_url("**/checks/*/**")
    assert answers(site, "correct") == before + count
