"""After five wrong passwords an account waits, longer each time, and is never locked."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client

from schools import login_delay
from schools.models import AuditEvent
from schools.tests.guard_world import PASSWORD, log_in, make_person

pytestmark = pytest.mark.django_db
START = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)


def fail(times: int, username: str = "krui", address: str = "10.0.0.1"):
    for _ in range(times):
        answer = log_in(Client(), username, "wrong password", REMOTE_ADDR=address)
    return answer


def test_wait_doubles_up_to_fifteen_minutes():
    waits = [login_delay.wait_after(n).total_seconds() for n in range(12)]
    assert waits == [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900]


def test_sixth_attempt_waits_even_with_the_right_password_and_then_comes_in(client):
    make_person("krui")
    with time_machine.travel(START, tick=False) as clock:
        assert fail(5).status_code == 200
        refused = log_in(client, "krui")
        assert refused.status_code == 429
        assert refused["Retry-After"] == "30"
        assert "ลองใหม่ใน 30 วินาที" in refused.content.decode()
        clock.shift(timedelta(seconds=29))
        assert log_in(client, "krui").status_code == 429
        clock.shift(timedelta(seconds=1))
        assert log_in(client, "krui").status_code == 302


def test_wait_grows_with_each_further_failure_and_waiting_does_not_add_to_it():
    make_person("krui")
    with time_machine.travel(START, tick=False) as clock:
        fail(5)
        fail(3)  # while waiting: not looked at, not counted
        clock.shift(timedelta(seconds=30))
        assert fail(1).status_code == 200
        assert fail(1)["Retry-After"] == "60"
        clock.shift(timedelta(seconds=60))
        fail(1)
        assert fail(1)["Retry-After"] == "120"


def test_another_person_behind_the_same_address_comes_in(client):
    make_person("krui")
    make_person("somsri")
    with time_machine.travel(START, tick=False):
        fail(6, "krui", "10.0.0.1")
        assert log_in(client, "somsri", REMOTE_ADDR="10.0.0.1").status_code == 302


def test_other_address_does_not_escape_the_wait(client):
    make_person("krui")
    with time_machine.travel(START, tick=False):
        fail(5, address="10.0.0.1")
        assert log_in(client, "krui", REMOTE_ADDR="10.0.0.2").status_code == 429


def test_other_spelling_of_the_name_does_not_escape_the_wait(client):
    make_person("krui")
    with time_machine.travel(START, tick=False):
        fail(5, "krui")
        assert log_in(client, " ＫRUI ").status_code == 429


def test_unknown_name_waits_alike():
    with time_machine.travel(START, tick=False):
        assert fail(5, "nobody").status_code == 200
        assert fail(1, "nobody").status_code == 429


def test_success_forgets_and_so_does_a_quarter_of_an_hour(client):
    make_person("krui")
    with time_machine.travel(START, tick=False) as clock:
        fail(4)
        log_in(client, "krui")
        fail(4)
        assert log_in(Client(), "krui").status_code == 302
        fail(4)
        clock.shift(timedelta(minutes=15, seconds=1))
        fail(1)
        assert log_in(Client(), "krui").status_code == 302


def test_attempt_being_counted_holds_off_a_second_one():
    cache.add(f"{login_delay._key('krui')}:held", 1, 10)
    with pytest.raises(login_delay.TooSoon):
        login_delay.begin_attempt("krui")


def test_thirty_log_ins_a_minute_from_one_address(client):
    with time_machine.travel(START, tick=False) as clock:
        for n in range(30):
            assert log_in(client, f"nobody{n}", "x").status_code == 200
        refused = log_in(client, "nobody30", "x")
        assert refused.status_code == 429
        assert refused["Retry-After"] == "60"
        assert "ส่งคำขอถี่เกินไป" in refused.content.decode()
        assert log_in(client, "nobody31", "x", REMOTE_ADDR="10.0.0.9").status_code == 200
        clock.shift(timedelta(seconds=61))
        assert log_in(client, "nobody32", "x").status_code == 200


def test_guessing_the_present_password_in_an_open_session_waits_too(client):
    make_person("krui")
    with time_machine.travel(START, tick=False) as clock:
        log_in(client, "krui")
        form = {"oldpassword": "wrong", "password1": "ช้างเผือกนอนกลางวัน 12", "password2": "ช้างเผือกนอนกลางวัน 12"}
        for _ in range(5):
            client.post("/account/password/", form)
        clock.shift(timedelta(seconds=61))  # past the limit of five changes a minute, within no wait
        fail(1)
        client.post("/account/password/", form | {"oldpassword": PASSWORD})
        assert not AuditEvent.objects.filter(action="password_changed").exists()


def test_counters_survive_a_flood_of_other_names(settings):
    assert settings.CACHES["default"]["OPTIONS"]["MAX_ENTRIES"] >= 100_000
    assert settings.CACHES["default"]["BACKEND"].endswith("DatabaseCache")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_guesses_sent_at_once_are_not_all_looked_at():
    def guess(_):
        try:
            login_delay.begin_attempt("krui")
        except login_delay.TooSoon:
            return 0
        else:
            return 1
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        looked_at = sum(pool.map(guess, range(40)))
    assert 1 <= looked_at <= login_delay.FREE_FAILURES
