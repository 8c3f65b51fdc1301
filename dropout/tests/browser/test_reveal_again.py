"""Showing a number when the log-in is old: the password first, then the reason; after its minute the number is gone."""

import pytest

from cases.tests.test_reveal import NUMBER, WHY, make_case
from dropout.testing import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_old_log_in_is_asked_for_the_password_before_the_number_shows(live_server, cast, client, chromium):
    case = make_case(cast.own_school)
    client.force_login(cast.director)  # a session without a moment of the password: as old as can be
    cookie = {"name": "session", "value": client.cookies["session"].value, "url": live_server.url}
    context = chromium.new_context(viewport={"width": 360, "height": 740}, locale="th-TH")
    context.add_cookies([cookie])
    page = context.new_page()
    page.clock.install()
    page.goto(f"{live_server.url}/cases/{case.number}/reveal/")
    page.check("input[value=document]")
    page.fill("textarea", WHY)
    page.click("#reveal-form .btn-main")
    page.wait_for_url("**/account/password-again/**")
    assert NUMBER not in page.content()
    page.fill("#id_password", PASSWORD)
    page.click("main form .btn-main")
    page.locator("[data-number]").wait_for()  # what was asked goes on by itself
    assert page.text_content("[data-number]") == NUMBER
    page.wait_for_load_state("load")  # its script runs by then, and its minute
    page.clock.run_for(61_000)
    page.wait_for_url(f"**/cases/{case.number}/", timeout=90_000)
    assert NUMBER not in page.content()
    context.close()
