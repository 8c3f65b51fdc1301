"""The page of the API document works in a real browser under our content security policy."""

import os

import pytest
from playwright.sync_api import sync_playwright


@pytest.fixture
def outside_the_loop(monkeypatch):
    """Playwright's loop runs in this thread; the test's own database calls are before and after it."""
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_operations_are_shown_and_nothing_is_refused_by_the_policy(
    reference_world, cast, client, live_server, chromium_path, outside_the_loop
):
    client.force_login(cast.teacher)
    cookie = client.cookies["session"].value
    complaints: list[str] = []
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        context = browser.new_context()
        context.add_cookies([{"name": "session", "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{live_server.url}/api/docs/")
        page.locator("#operations-figures-figures, .opblock-summary-path").first.wait_for()
        paths = page.locator(".opblock-summary-path").all_inner_texts()
        if folder := os.environ.get("SHOTS"):
            page.screenshot(path=f"{folder}/api_docs.png")
        browser.close()
    assert any("figures" in path for path in paths)
    assert complaints == []
