"""A teacher's day in a real browser: her queue, a child's file, the visit stepper, with and without a script."""

import io
import re

import pytest
from PIL import Image

from dropout.tests.browser.conftest import PHONE, PLACE
from dropout.tests.browser.judging import judged

pytestmark = pytest.mark.browser

TRACKING, FOUND = 2, 3
SEND, NEXT = "[data-send]", "[data-next]"


def picture() -> bytes:
    """A JPEG as a phone makes it, with the place in its metadata."""
    exif = Image.Exif()
    exif[0x010F] = "กล้องสมมุติ"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (16.0, 37.0, 52.0)
    out = io.BytesIO()
    Image.effect_noise((1200, 900), 60).convert("RGB").save(out, "JPEG", exif=exif)
    return out.getvalue()


def choose(page, name: str, value) -> None:
    page.locator(f"label:has(> input[name={name}][value='{value}'])").click()


def tell(page, words: str) -> None:
    """From the first step with ไม่พบตัว chosen: on to the story, write it, on to the review."""
    page.click(NEXT)
    page.fill("[name=situation]", words)
    page.click(NEXT)
    page.click(NEXT)


def said_times(page, words: str) -> int:
    return page.locator(".line q", has_text=words).count()


def test_teacher_comes_in_by_the_demo_button_and_records_a_child_found_who_wants_to_return(site, open_page):
    number = site.take_case(TRACKING)
    page = open_page(None, PHONE, geolocation=PLACE, permissions=["geolocation"])
    page.goto("/")
    page.locator("form:has(input[name=login][value=teacher]) button, button[value=teacher]").first.click()
    page.get_by_role("heading", name="งานของฉัน").wait_for()
    page.goto("/?tab=all")
    page.locator(".kid", has_text=number).get_by_role("link").first.click()
    page.wait_for_url(f"**/cases/{number}/")
    page.get_by_role("link", name="บันทึกการติดตาม").click()
    page.wait_for_url("**/visits/new/")

    faults = judged(page)
    choose(page, "finding", 1)
    assert "จาก 8" in page.text_content("[data-step-now]")
    for name, value in (("whereabouts", "in_province"), ("outcome", None), ("wish", 1), ("needs", None)):
        page.click(NEXT)
        faults += judged(page)
        if name == "whereabouts":  # a province is asked for only when the child is in another
            choose(page, name, "other_province")
            assert page.locator("[name=whereabouts_province]").is_visible()
        if value is not None:
            choose(page, name, value)
            assert not page.locator("[name=whereabouts_province]").is_visible()
        else:
            options = page.locator(f"label:has(> input[name={name}]):visible")
            options.nth(4 if name == "outcome" else 0).click()
    page.click(NEXT)
    page.fill("[name=situation]", "พบที่สวนยาง อยากกลับไปเรียนกับเพื่อน")
    page.fill("[name=next_step]", "นัดผู้ปกครองที่โรงเรียน")
    faults += judged(page)
    page.click(NEXT)
    page.set_input_files("[name=photos]", {"name": "บ้าน.jpg", "mimeType": "image/jpeg", "buffer": picture()})
    page.click("[data-locate]")
    page.get_by_text("ได้พิกัดแล้ว").wait_for()
    faults += judged(page)
    page.click(NEXT)
    assert "พบที่สวนยาง" in page.text_content("[data-answers]")
    faults += judged(page)
    page.click(SEND)

    page.wait_for_url(f"**/cases/{number}/")
    first = page.locator(".line li").first
    assert "เยี่ยมบ้าน: พบตัว" in first.text_content()
    assert "พบตัว" in first.locator(".chip").text_content()
    assert "ประสงค์กลับเข้าเรียน" in first.text_content()
    assert page.locator(".ladder [aria-current], .ladder .now").first.text_content().strip().startswith("พบตัว")
    photo = first.locator("img")
    assert (
        photo.evaluate("image => { image.loading = 'eager'; return image.decode().then(() => image.naturalWidth); }")
        > 0
    )
    stored = Image.open(io.BytesIO(page.request.get(photo.get_attribute("src")).body()))
    assert not stored.getexif()
    latitude, longitude = site.ask("SELECT lat, lon FROM cases_visit ORDER BY rowid DESC LIMIT 1")[0]
    assert (latitude, longitude) == (PLACE["latitude"], PLACE["longitude"])
    assert faults + judged(page) == []


def test_not_found_takes_six_taps_at_most(site, open_page):
    number = site.take_case(TRACKING)
    before = site.visits_of(number)
    page = open_page("teacher")
    page.goto("/?tab=all")
    taps = 0
    for wanted in (
        page.locator(".kid", has_text=number).get_by_role("link", name="บันทึกการติดตาม"),
        page.locator("label:has(> input[name=finding][value='0'])"),
    ):
        wanted.tap()
        taps += 1
    while not page.locator(SEND).is_visible():
        page.locator(NEXT).tap()
        taps += 1
    page.locator(SEND).tap()
    taps += 1
    page.wait_for_url(f"**/cases/{number}/")
    assert site.visits_of(number) == before + 1
    assert taps <= 6
    assert "ไม่พบตัว" in page.locator(".line li h3").first.text_content()


def test_a_double_press_a_reload_and_a_second_send_of_one_form_make_one_visit(site, open_page):
    number, words = site.take_case(TRACKING), "บ้านปิด กดสองครั้ง"
    before = site.visits_of(number)
    page = open_page("teacher")
    page.goto(f"/cases/{number}/visits/new/")
    uuid = page.input_value("[name=uuid]")
    choose(page, "finding", 0)
    tell(page, words)
    page.locator(SEND).dblclick()
    page.wait_for_url(f"**/cases/{number}/")
    page.reload()
    assert said_times(page, words) == 1
    page.go_back()
    page.goto(f"/cases/{number}/visits/new/")
    page.eval_on_selector("[name=uuid]", "(field, old) => { field.value = old; }", uuid)  # as a kept page would hold it
    choose(page, "finding", 0)
    tell(page, words)
    page.click(SEND)
    page.wait_for_url(f"**/cases/{number}/")
    assert said_times(page, words) == 1
    assert site.visits_of(number) == before + 1


def test_without_script_the_form_is_one_long_page_and_sending_it_twice_makes_one_visit(site, open_page):
    number, words = site.take_case(TRACKING), "ไม่มีสคริปต์ก็บันทึกได้"
    page = open_page("teacher", java_script_enabled=False)
    page.goto(f"/cases/{number}/visits/new/")
    page.check("input[name=finding][value='0']")
    page.fill("[name=situation]", words)
    body = {name: page.input_value(f"[name={name}]") for name in ("csrfmiddlewaretoken", "uuid", "done_on", "mode")}
    page.get_by_role("button", name="บันทึก").click()
    page.wait_for_url(f"**/cases/{number}/")
    assert said_times(page, words) == 1
    again = body | {"mode": "home", "finding": "0", "situation": words}
    answer = page.request.post(f"/cases/{number}/visits/new/", form=again, headers={"Referer": page.url})
    assert answer.ok
    page.reload()
    assert said_times(page, words) == 1


def test_a_draft_survives_a_reload_and_is_gone_once_sent(site, open_page):
    number, words = site.take_case(TRACKING), "ร่างนี้ต้องไม่หาย"
    page = open_page("teacher")
    page.goto(f"/cases/{number}/visits/new/")
    choose(page, "finding", 0)
    page.click(NEXT)
    page.fill("[name=situation]", words)
    page.get_by_text("เก็บร่างแล้ว").wait_for()
    page.reload()
    page.get_by_text("ต่อจากร่างเดิม").wait_for()
    assert page.is_checked("input[name=finding][value='0']")
    assert page.input_value("[name=situation]") == words
    page.click(NEXT)
    page.click(NEXT)
    page.click(NEXT)
    page.click(SEND)
    page.wait_for_url(f"**/cases/{number}/")
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('draft:'))") == []
    page.goto(f"/cases/{number}/visits/new/")
    assert not page.is_checked("input[name=finding][value='0']")


def test_a_refused_visit_keeps_what_was_typed_and_the_error_has_the_focus(site, open_page):
    number, words = site.take_case(TRACKING), "พิมพ์แล้วต้องอยู่"
    before = site.visits_of(number)
    page = open_page("teacher")
    page.goto(f"/cases/{number}/visits/new/")
    page.fill("[name=done_on]", "01/01/2560")  # before the case was opened: only the server knows
    choose(page, "finding", 0)
    tell(page, words)
    page.click(SEND)
    page.wait_for_selector("[role=alert]")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    assert page.input_value("[name=done_on]") == "01/01/2560"
    assert page.input_value("[name=situation]") == words
    assert page.locator("[name=done_on]").is_visible()  # the step with the fault is the one shown
    assert judged(page) == []
    page.fill("[name=done_on]", "")
    page.reload()  # sends the same again: still refused, still nothing made
    assert site.visits_of(number) == before


def test_a_day_to_come_and_a_missing_province_are_said_on_their_own_step(site, open_page):
    page = open_page("teacher")
    page.goto(f"/cases/{site.take_case(TRACKING)}/visits/new/")
    today = page.input_value("[name=done_on]")
    choose(page, "finding", 1)
    page.fill("[name=done_on]", "01/01/2599")
    page.click(NEXT)
    assert page.locator("[name=done_on]").is_visible()
    assert "อนาคต" in page.evaluate("document.querySelector('[name=done_on]').validationMessage")
    page.fill("[name=done_on]", today)
    page.click(NEXT)
    choose(page, "whereabouts", "other_province")
    page.click(NEXT)
    assert page.locator("[name=whereabouts_province]").is_visible()
    choose(page, "whereabouts", "in_province")
    page.click(NEXT)
    assert not page.locator("[name=whereabouts]").first.is_visible()


def test_the_visit_form_to_take_along_is_one_page_of_paper(site, open_page):
    page = open_page("teacher")
    page.goto(f"/cases/{site.take_case(TRACKING)}/visits/sheet/")
    paper = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
