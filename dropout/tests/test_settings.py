"""Settings refuse nonsense at start-up; each case is a process of its own, as in production."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model

from dropout.checks import demo_people_need_demo_mode

PRODUCTION = {
    "SECRET_KEY": "a-long-secret-of-the-sessions-0123456789-0123456789-0123456789",
    "IDENTITY_SEAL_KEY": "a-long-secret-that-seals-0123456789-0123456789",
    "IDENTITY_INDEX_KEY": "a-long-secret-that-finds-0123456789-0123456789",
    "ALLOWED_HOSTS": "dropout.example.org",
}


def start(tmp_path, code="import django; django.setup()", *, arguments=None, **environment):
    """Run Python with these variables alone. Returns the finished process."""
    command = [sys.executable, *(arguments or ["-c", code])]
    variables = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(tmp_path / "data"),
        "DJANGO_SETTINGS_MODULE": "dropout.settings",
        "PYTHONPATH": str(settings.BASE_DIR),
        **environment,
    }
    return subprocess.run(
        command, env=variables, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False, timeout=120
    )


def without(name):
    return {key: value for key, value in PRODUCTION.items() if key != name}


@pytest.mark.parametrize("name", ["SECRET_KEY", "IDENTITY_SEAL_KEY", "IDENTITY_INDEX_KEY"])
def test_production_without_a_secret_refuses_and_names_it(tmp_path, name):
    refused = start(tmp_path, **without(name))
    assert refused.returncode != 0
    assert f"{name} is not set" in refused.stderr
    assert not (tmp_path / "data" / "secrets").exists()


def test_a_short_secret_is_refused(tmp_path):
    refused = start(tmp_path, **{**PRODUCTION, "IDENTITY_SEAL_KEY": "short"})
    assert refused.returncode != 0
    assert "IDENTITY_SEAL_KEY is too short" in refused.stderr


def test_one_secret_for_two_purposes_is_refused(tmp_path):
    refused = start(tmp_path, **{**PRODUCTION, "IDENTITY_INDEX_KEY": PRODUCTION["IDENTITY_SEAL_KEY"]})
    assert refused.returncode != 0
    assert "must differ" in refused.stderr


def test_demo_keeps_its_own_secrets_from_start_to_start(tmp_path):
    show = "from django.conf import settings; print(settings.SECRET_KEY)"
    first, second = (start(tmp_path, show, DEMO="1").stdout.strip() for _ in range(2))
    assert len(first) >= 50
    assert first == second
    assert (tmp_path / "data" / "secrets" / "SECRET_KEY").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("word", ["perhaps", "-", "2 or 3"])
def test_a_switch_that_is_neither_on_nor_off_stays_off(tmp_path, word):
    """DEMO opens public log-ins, so only a plain yes may switch it on."""
    refused = start(tmp_path, DEMO=word)
    assert refused.returncode != 0
    assert "SECRET_KEY is not set" in refused.stderr


def test_production_settings_pass_djangos_own_deployment_checks(tmp_path):
    checked = start(tmp_path, arguments=["manage.py", "check", "--deploy", "--fail-level", "WARNING"], **PRODUCTION)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize(
    "given",
    [
        {"STAGE_DEADLINES": "สามวัน"},
        {"STAGE_DEADLINES": '{"obec": {"sometime": 3}}'},
        {"STAGE_DEADLINES": '{"obec": {"found": 0}}'},
        {"STAGE_DEADLINES": '{"obec": {"found": "3"}}'},
        {"NOT_FOUND_ATTEMPTS": "0"},
        {"NOT_FOUND_SOURCES": "5"},
    ],
    ids=str,
)
def test_a_deadline_or_a_number_of_attempts_that_cannot_be_is_refused(tmp_path, given):
    refused = start(tmp_path, **{**PRODUCTION, **given})
    assert refused.returncode != 0
    assert next(iter(given)) in refused.stderr


def test_deadlines_left_empty_are_the_usual_ones(tmp_path):
    show = "from django.conf import settings; print(settings.STAGE_DEADLINES, settings.NOT_FOUND_ATTEMPTS)"
    assert start(tmp_path, show, **PRODUCTION, STAGE_DEADLINES="").stdout.strip() == "{} 3"
    given = start(tmp_path, show, **PRODUCTION, STAGE_DEADLINES='{"obec": {"found": 7}}', NOT_FOUND_ATTEMPTS="4")
    assert given.stdout.strip() == "{'obec': {'found': 7}} 4"


@pytest.mark.django_db
def test_demo_people_in_a_database_without_demo_mode_are_an_error(settings):
    get_user_model().objects.create(username="teacher", is_demo=True)
    settings.DEMO = True
    assert demo_people_need_demo_mode(databases=["default"]) == []
    settings.DEMO = False
    (error,) = demo_people_need_demo_mode(databases=["default"])
    assert error.id == "dropout.E001"


@pytest.mark.django_db
def test_real_people_need_no_demo_mode(settings):
    get_user_model().objects.create(username="somchai")
    settings.DEMO = False
    assert demo_people_need_demo_mode(databases=["default"]) == []


def test_data_dir_left_empty_means_the_default_folder(tmp_path):
    show = "from django.conf import settings; print(settings.DATA_DIR)"
    shown = start(tmp_path, show, **{**PRODUCTION, "DATA_DIR": "", "BROKER_URL": "memory://"})
    assert Path(shown.stdout.strip()) == Path(settings.BASE_DIR) / "var"
