"""The guard's pages in a real browser: log-in without script, the number and its minute, nothing axe calls serious."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error as BrowserError

from cases.tests.test_reveal import NUMBER, WHY, make_case
from dropout.testing import PASSWORD
from schools.models import Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def open_page(chromium):
    """Opens a page of a width; at the end no script error and no breach of the CSP may have been told."""
    contexts, told = [], []

    def opened(width: int = 360, **options):
        context = chromium.new_context(viewport={"width": width, "height": 800}, locale="th-TH", **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: told.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: told.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [text for text in told if "status of 400" not in text] == []


def enter(page, live_server, person):
    page.goto(f"{live_server.url}/login/?next=/account/")
    page.fill("#id_login", person.username)
    page.fill("#id_password", PASSWORD)
    page.click("main form .btn-main")
    page.wait_for_url("**/account/")


def judged(page) -> list[str]:
    """What axe finds serious or worse, and whether the page scrolls sideways."""
    found = [
        f"{v['id']} on {page.url}"
        for v in Axe().run(page).response["violations"]
        if v["impact"] in ("serious", "critical")
    ]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append(f"sideways scroll on {page.url}")
    return found


def test_demo_person_comes_in_by_one_press_without_script(live_server, cast, open_page, settings):
    settings.DEMO = True
    Person.objects.filter(pk=cast.teacher.pk).update(is_demo=True)
    cast.teacher.set_password("demo")
    cast.teacher.save(update_fields=["password"])
    page = open_page(java_script_enabled=False)
    page.goto(f"{live_server.url}/login/?next=/account/")
    page.get_by_role("button", name="กมล สมมุติครู").click()
    page.wait_for_url("**/account/")
    assert "โรงเรียนบ้านทุ่งสมมุติ" in page.content()


@pytest.mark.parametrize("width", [360, 1440])
def test_pages_of_the_guard_have_nothing_serious_and_do_not_scroll_sideways(live_server, cast, open_page, width):
    case = make_case(cast.own_school)
    page = open_page(width)
    page.goto(f"{live_server.url}/login/")
    found = judged(page)
    page.fill("#id_login", "nobody")
    page.fill("#id_password", "wrong")
    page.click("main form .btn-main")
    page.wait_for_selector("[role=alert]")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    found += judged(page)
    enter(page, live_server, cast.director)
    for path in (
        "/account/",
        "/account/password/",
        "/audit/",
        f"/cases/{case.number}/reveal/",
        "/privacy/",
        "/logout/",
    ):
        page.goto(live_server.url + path)
        found += judged(page)
    assert found == []


def test_number_shows_for_a_minute_and_is_gone(live_server, cast, open_page):
    case = make_case(cast.own_school)
    page = open_page()
    page.clock.install()
    enter(page, live_server, cast.director)
    page.goto(f"{live_server.url}/cases/{case.number}/reveal/")
    page.click("#reveal-form .btn-main")  # without a reason
    page.wait_for_selector("[role=alert]")
    assert NUMBER not in page.content()
    page.check("input[value=document]")
    page.fill("textarea", WHY)
    page.click("#reveal-form .btn-main")
    assert page.text_content("[data-number]") == NUMBER
    assert judged(page) == []
    page.clock.run_for(30_000)
    assert 28 <= int(page.text_content("[data-left]")) <= 30
    page.clock.run_for(31_000)
    page.wait_for_url(f"**/cases/{case.number}/")
    with pytest.raises(BrowserError, match="ERR_CACHE_MISS"):  # it was kept nowhere: a new look needs a new reason
        page.go_back()
