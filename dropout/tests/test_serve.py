"""`manage.py serve` as `make run` starts it: a real web server and a real worker over an empty data folder."""

import http.client
import json
import os
import signal
import socket
import sys

import psutil
import pytest

from dropout.management.commands.serve import DEMO_LOGINS, web_command
from dropout.tests.listening import Listening


@pytest.fixture
def serve(tmp_path):
    """Start the real command with these variables; ended whatever the test does."""
    started = []

    def start(**variables):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        environment = {**kept, "DATA_DIR": str(tmp_path / "data"), "PORT": str(port), **variables}
        started.append(Listening([sys.executable, "manage.py", "serve"], longest=240, env=environment))
        return started[-1], port

    yield start
    for running in started:
        running.end()


def ask(port, path):
    wire = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        wire.request("GET", path)
        answer = wire.getresponse()
        return answer.status, answer.read()
    finally:
        wire.close()


@pytest.mark.slow
@pytest.mark.sqlite
def test_demo_starts_from_nothing_tells_its_log_ins_and_ends_without_a_trace(serve, tmp_path):
    running, port = serve(DEMO="1")
    running.read_until(f"http://127.0.0.1:{port}/")
    status, body = ask(port, "/healthz")
    assert status == 200
    assert json.loads(body)["status"] == "ok"
    running.read_until("Ctrl-C")
    for name, thai, _english in DEMO_LOGINS:
        assert any(line.split()[:1] == [name] and thai in line for line in running.seen)
    assert any("password: demo" in line for line in running.seen)
    below = [" ".join(child.cmdline()) for child in psutil.Process(running.process.pid).children()]
    assert sum("gunicorn" in line for line in below) == 1
    assert sum("celery" in line and " -B " in line for line in below) == 1
    running.process.send_signal(signal.SIGINT)
    assert running.everybody_gone() == 0
    assert running.seen[-1].endswith("Stopped.")

    again, port = serve(DEMO="1")
    again.read_until("Ready at")
    assert not any("Building the demo world" in line for line in again.seen)


@pytest.mark.slow
@pytest.mark.sqlite
def test_without_demo_mode_it_starts_too_but_tells_no_log_ins(serve):
    secrets = {
        name: f"{name}-0123456789-0123456789-0123456789-0123456789"
        for name in ("SECRET_KEY", "IDENTITY_SEAL_KEY", "IDENTITY_INDEX_KEY")
    }
    running, _port = serve(ALLOWED_HOSTS="dropout.example.org", **secrets)
    running.read_until("Ctrl-C")
    assert any("Ready at" in line for line in running.seen)
    assert not any("demo" in line for line in running.seen)


def test_an_address_of_the_newer_kind_is_written_in_brackets():
    assert "[::1]:8000" in web_command("::1", 8000)
    assert "127.0.0.1:8000" in web_command("127.0.0.1", 8000)
