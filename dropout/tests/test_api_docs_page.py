"""The page of the API document works in a real browser under our content security policy."""

import pytest


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_operations_are_shown_and_nothing_is_refused_by_the_policy(
    reference_world, cast, client, live_server, chromium
):
    client.force_login(cast.teacher)
    complaints: list[str] = []
    context = chromium.new_context()
    context.add_cookies([{"name": "session", "value": client.cookies["session"].value, "url": live_server.url}])
    page = context.new_page()
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{live_server.url}/api/docs/")
    page.locator("#operations-figures-figures, .opblock-summary-path").first.wait_for()
    paths = page.locator(".opblock-summary-path").all_inner_texts()
    context.close()
    assert any("figures" in path for path in paths)
    assert complaints == []
