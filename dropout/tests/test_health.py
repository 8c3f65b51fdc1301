"""What /healthz tells, to whom, and when it says the system is down."""

import datetime as dt
import socket

import pytest
import time_machine
from django.db import OperationalError, connection

from dropout.health import broker_answers
from reports.models import Rollup
from schools.models import Job

NOW = dt.datetime(2022, 3, 4, 9, 0, tzinfo=dt.UTC)


@pytest.mark.django_db
def test_anybody_may_ask_and_an_idle_system_is_ok(client):
    answer = client.get("/healthz")
    assert answer.status_code == 200
    body = answer.json()
    assert body.pop("database")["ok"] is True
    assert body == {
        "status": "ok",
        "queue": {"ok": True, "waiting": 0, "oldest_seconds": None},
        "last_rollup": None,
    }
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_only_waiting_jobs_count_and_the_oldest_is_told(client):
    for state, minutes in (("queued", 2), ("queued", 7), ("running", 30), ("done", 60), ("failed", 90)):
        Job.objects.create(kind="import", state=state, created_at=NOW - dt.timedelta(minutes=minutes))
    with time_machine.travel(NOW, tick=False):
        assert client.get("/healthz").json()["queue"] == {"ok": True, "waiting": 2, "oldest_seconds": 420}


@pytest.mark.django_db
def test_last_rollup_is_the_one_built_last(client):
    for period, days in (("2565-W08", 1), ("2565-W09", 0)):
        built = NOW - dt.timedelta(days=days)
        Rollup.objects.create(period=period, kind="weekly", as_of=built, known_at=built, built_at=built)
    told = client.get("/healthz").json()["last_rollup"]
    assert told == {"kind": "weekly", "period": "2565-W09", "built_at": NOW.isoformat()}


@pytest.mark.django_db
def test_database_down_answers_503_without_details(client, monkeypatch):
    def refuse():
        raise OperationalError("connection to server at 10.9.8.7 failed: password authentication failed")

    monkeypatch.setattr(connection, "cursor", refuse)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "down",
        "database": {"ok": False, "ms": None},
        "queue": None,
        "last_rollup": None,
    }
    assert b"10.9.8.7" not in answer.content


@pytest.mark.django_db
def test_broker_gone_is_degraded_but_still_200(client, settings):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound, not listening: a connection is refused
        settings.CELERY_BROKER_URL = f"redis://:secret@127.0.0.1:{nobody.getsockname()[1]}/0"
        answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["queue"]["ok"] is False
    assert b"secret" not in answer.content


@pytest.mark.redis
def test_a_listening_redis_is_an_answering_broker(redis_url):
    assert broker_answers(redis_url)


def test_filesystem_broker_without_its_folder_does_not_answer(settings, tmp_path):
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(tmp_path)}
    assert broker_answers("filesystem://")
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(tmp_path / "gone")}
    assert not broker_answers("filesystem://")


@pytest.mark.django_db
def test_posting_to_it_is_refused(client):
    assert client.post("/healthz").status_code == 405


@pytest.mark.django_db
def test_it_is_reachable_without_tls_while_pages_are_sent_to_https(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/healthz").status_code == 200
    assert client.get("/nowhere/").status_code == 301
