"""Around every request: id, origin, nothing cached, headers."""

import pytest
from django.test import override_settings

from schools.models import AuditEvent
from schools.tests.guard_world import log_in, make_person

pytestmark = pytest.mark.django_db


def test_every_answer_has_its_own_request_id(client):
    ids = {client.get("/login/")["X-Request-ID"] for _ in range(3)}
    assert len(ids) == 3


@pytest.mark.parametrize("path", ["/login/", "/privacy/", "/account/", "/nowhere/", "/healthz"])
def test_nothing_dynamic_may_be_stored(client, path):
    assert client.get(path)["Cache-Control"] == "no-store, private"


def test_personal_page_may_not_be_stored(client):
    make_person("krui")
    log_in(client, "krui")
    answer = client.get("/account/")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store, private"


@pytest.mark.parametrize("path", ["/login/", "/account/", "/nowhere/"])
def test_headers_stand_on_every_answer(client, path):
    answer = client.get(path)
    policy = answer["Content-Security-Policy"]
    for part in ("default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert part in policy
    assert "form-action 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy  # no host but ours
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["X-Frame-Options"] == "DENY"
    assert "microphone=()" in answer["Permissions-Policy"]
    assert not answer.has_header("Access-Control-Allow-Origin")


def test_proxys_word_is_not_taken_unless_there_is_one(client, settings):
    headers = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9, 198.51.100.7"}
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    log_in(client, "nobody", **headers)
    assert AuditEvent.objects.first().ip == "10.0.0.1"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    log_in(client, "nobody", **headers)
    assert AuditEvent.objects.first().ip == "198.51.100.7"  # the last is the proxy's own; the rest anybody can write


def test_unreadable_address_is_none_and_not_an_error(client, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert client.get("/privacy/", HTTP_X_FORWARDED_FOR="<script>").status_code == 200


def test_cookies_are_not_for_scripts_or_other_sites(client):
    make_person("krui")
    log_in(client, "krui")
    client.post("/language/", {"language": "en", "next": "/account/"})
    assert {cookie["samesite"] for cookie in client.cookies.values()} == {"Lax"}
    assert {name for name, cookie in client.cookies.items() if cookie["httponly"]} >= {"session", "django_language"}


def test_program_with_a_session_is_told_to_change_the_password_first(client):
    make_person("krui", must_change_password=True)
    log_in(client, "krui")
    with override_settings(ROOT_URLCONF="dropout.tests.test_problems"):
        answer = client.get("/api/v1/provinces/")
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"


def test_foreign_host_is_refused(client, settings):
    settings.ALLOWED_HOSTS = ["dropout.example"]
    assert client.get("/login/", HTTP_HOST="evil.example").status_code == 400
    assert client.get("/login/", HTTP_HOST="dropout.example", HTTP_X_FORWARDED_HOST="evil.example").status_code == 200


def test_post_without_token_is_refused_in_two_languages():
    from django.test import Client

    answer = log_in(Client(enforce_csrf_checks=True), "krui")
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "หน้านี้เปิดค้างไว้นานเกินไป" in page
    assert "This page was open too long" in page
