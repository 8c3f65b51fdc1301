"""Every route is closed to strangers but for the names typed here (AN-01); production is set right; logs are clean."""

import logging
import logging.config
import os
import subprocess
import sys
from uuid import UUID

import pytest
from django.conf import settings
from django.urls import URLPattern, get_resolver
from django.urls.converters import IntConverter, UUIDConverter

from cases.identity import make_synthetic_id

OPEN = {
    "account_login",
    "account_logout",
    "healthz",
    "schools:privacy",
    "csp_report",
    "set_language",
    "schools:invitation",  # whoever holds the link of an invitation has no password yet
}  # and the static files
METHODS = ("get", "head", "post", "put", "patch", "delete", "options")


def routes(patterns=None, prefix: str = "", namespace: str = ""):
    """(name, path) of every route, with something believable in the place of each parameter."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern).lstrip("^").rstrip("$")
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}", filled(route, pattern)
        else:
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from routes(pattern.url_patterns, route, inner)


def filled(route: str, pattern: URLPattern) -> str:
    for name, converter in pattern.pattern.converters.items():
        value = "7Q2K-M4TX"
        if isinstance(converter, IntConverter):
            value = "1"
        elif isinstance(converter, UUIDConverter):
            value = str(UUID(int=1))
        for written in (f"<{kind}{name}>" for kind in ("", "int:", "uuid:", "str:", "slug:", "path:", "case_number:")):
            route = route.replace(written, value)
    return f"/{route}"


@pytest.mark.django_db
def test_anonymous_gets_nowhere_on_any_route_by_any_method(client):
    client.raise_request_exception = False
    walked, opened = set(), {}
    for name, path in routes():
        walked.add(name)
        if name in OPEN:
            continue
        for method in METHODS:
            answer = getattr(client, method)(path)
            closed = answer.status_code in (401, 403, 404) or (
                answer.status_code == 302 and answer["Location"].startswith("/login/")
            )
            if not closed:
                opened[f"{method} {path} ({name})"] = answer.status_code
    assert opened == {}
    assert walked >= OPEN
    assert len(walked) >= 10


def test_allow_list_is_short():
    assert len(OPEN) + len({"static"}) <= 8


@pytest.mark.django_db
def test_open_routes_change_nothing_by_get(client):
    from schools.models import AuditEvent

    before = AuditEvent.objects.count()
    for path in ("/login/", "/privacy/", "/healthz", "/csp-report/", "/language/"):
        client.get(path)
    assert AuditEvent.objects.count() == before


PRODUCTION = {
    "DEMO": "0",
    "DEBUG": "0",
    "SECRET_KEY": "k1-" + "abcdefghij0123456789" * 3,
    "IDENTITY_SEAL_KEY": "k2-" + "abcdefghij0123456789" * 3,
    "IDENTITY_INDEX_KEY": "k3-" + "abcdefghij0123456789" * 3,
    "ALLOWED_HOSTS": "dropout.example",
}


def check_deploy(tmp_path, **environment):
    command = [sys.executable, "-W", "error", "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    wanted = kept | PRODUCTION | {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "dropout.settings"} | environment
    return subprocess.run(command, env=wanted, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=120)


@pytest.mark.slow
def test_deploy_check_is_clean_as_production_is_set(tmp_path):
    done = check_deploy(tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_deploy_check_finds_what_is_set_wrong(tmp_path):
    done = check_deploy(tmp_path, HTTPS="0")
    assert done.returncode != 0
    assert "security.W0" in done.stderr


def test_identifiers_never_reach_a_log(capsys):
    """Through the very configuration the product logs by (LG-02), whatever the logger and however it is written."""
    number = make_synthetic_id(815)
    dashed = f"{number[0]}-{number[1:5]}-{number[5:10]}-{number[10:12]}-{number[12]}"
    thai = number.translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))
    before = logging.getLogger().handlers[:]
    try:
        logging.config.dictConfig(settings.LOGGING)
        for name in ("schools", "cases.intake", "django.request", "django.server", "celery.task", "gunicorn.error"):
            log = logging.getLogger(name)
            log.warning("Row of %s refused: %s, %s", number, dashed, thai)
            try:
                int(f"{number}!")
            except ValueError:
                log.exception("Import broke")
    finally:
        logging.getLogger().handlers[:] = before
    told = capsys.readouterr()
    written = told.err + told.out
    assert written.count("Import broke") >= 6
    for canary in (number, dashed, thai):
        assert canary not in written
