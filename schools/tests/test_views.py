"""The account page, the privacy notice, and where browsers report to."""

import json

import pytest

from schools.tests.guard_world import log_in, make_person
from schools.views import device_of

pytestmark = pytest.mark.django_db


def test_account_page_shows_postings_and_latest_log_ins_of_oneself_only(client, cast):
    person = make_person("krui", "teacher", "school:46990001")
    log_in(client, "krui", "wrong", REMOTE_ADDR="203.0.113.50")
    log_in(client, "krui", REMOTE_ADDR="203.0.113.51", HTTP_USER_AGENT="Firefox")
    from django.test import Client

    log_in(Client(), "director", "wrong", REMOTE_ADDR="203.0.113.99")
    page = client.get("/account/").content.decode()
    assert "ครู" in page
    assert "โรงเรียนบ้านทุ่งสมมุติ" in page
    assert "203.0.113.50" in page
    assert "203.0.113.51" in page
    assert "203.0.113.99" not in page
    assert person.username in page


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (
            "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36",
            "Chrome · Android",
        ),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/131.0 Safari/537.36 Edg/131.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit Safari/604.1 Line/14.1", "LINE · iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit Version/17 Safari/605.1", "Safari · macOS"),
        ("curl/8", "–"),
        ("", "–"),
    ],
)
def test_device_is_told_in_words_one_recognises(agent, device):
    assert device_of(agent) == device


def test_person_without_posting_is_told_so(client, cast):
    client.force_login(cast.charlie)
    assert "ยังไม่มีตำแหน่ง" in client.get("/account/").content.decode()


def test_privacy_notice_is_open_to_everybody_in_both_languages(client):
    page = client.get("/privacy/")
    assert page.status_code == 200
    assert "มาตรา 23" in page.content.decode()
    assert "section 23" in page.content.decode()


def report(client, body, kind="application/csp-report"):
    data = body if isinstance(body, str) else json.dumps(body)
    return client.post("/csp-report/", data, content_type=kind).status_code


def test_csp_report_is_logged_without_path_query_or_control_characters(client, caplog):
    blocked = "https://evil.example/1999900000011?name=somchai"
    body = {"csp-report": {"violated-directive": "script-src\r\nFORGED line", "blocked-uri": blocked}}
    assert report(client, body) == 204
    assert "https://evil.example" in caplog.text
    assert "1999900000011" not in caplog.text
    assert "somchai" not in caplog.text
    assert len(caplog.messages) == 1
    assert "\n" not in caplog.messages[0]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("not json", "application/csp-report", 400),
        ("[]", "application/csp-report", 400),
        ('{"csp-report": 7}', "application/csp-report", 400),
        ("[" * 5000, "application/csp-report", 400),
        (json.dumps({"csp-report": {"blocked-uri": "x" * 9000}}), "application/csp-report", 413),
        ("{}", "text/plain", 415),
        ('{"csp-report": {"blocked-uri": "http://[bad"}}', "application/csp-report", 204),
    ],
)
def test_csp_report_that_is_none_is_refused(client, body, kind, status):
    assert report(client, body, kind) == status


def test_csp_report_takes_posts_only(client):
    assert client.get("/csp-report/").status_code == 405
