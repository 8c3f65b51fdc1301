"""Real Celery processes for tests: they share the test's database, folders and secrets; each is ended by its own id."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Event

import pytest
from django.conf import settings
from django.db import connection

from schools.models import Job

LONGEST = 90.0  # seconds; only a failing test waits that long
ENDED = (Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED)
CELERY = (sys.executable, "-m", "celery", "-q", "-A", "dropout", "--workdir", str(settings.BASE_DIR))
WORKER = ("worker", "--without-mingle", "--without-gossip", "--concurrency", "1", "--loglevel", "WARNING")


def wait_until(what, *, longest=LONGEST, said=lambda: ""):
    """Ask `what` until it answers something true, and return that."""
    deadline = time.monotonic() + longest
    while not (answer := what()):
        if time.monotonic() > deadline:
            pytest.fail(f"waited {longest:.0f} s in vain\n{said()}")
        Event().wait(0.1)
    return answer


def environment(broker: str, **more: str) -> dict[str, str]:
    """What a process needs to share this test's PostgreSQL database, DATA_DIR and (from settings_test) secrets."""
    server, _, _ = os.environ["TEST_DATABASE_URL"].rpartition("/")
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "dropout.settings",
        "DATABASE_URL": f"{server}/{connection.settings_dict['NAME']}",
        "DATA_DIR": str(settings.DATA_DIR),
        "BROKER_URL": broker,
        **more,
    }


class Celery:
    """One `celery` process by its whole command line, and its children, in a process group of their own."""

    def __init__(self, log: Path, env: dict[str, str], *command: str):
        self.log = log
        with log.open("ab") as said:
            self.process = subprocess.Popen(
                command, stdout=said, stderr=said, cwd=settings.BASE_DIR, env=env, start_new_session=True
            )

    def said(self) -> str:
        return self.log.read_text("utf-8", "replace")

    def did(self, job: Job, *, longest=LONGEST) -> Job:
        """The row of `job` once it has ended, however."""
        return wait_until(
            lambda: Job.objects.filter(pk=job.pk, state__in=ENDED).first(), longest=longest, said=self.said
        )

    def kill(self) -> None:
        """-9, children and all, as a machine that is gone."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(15)
        self.kill()
