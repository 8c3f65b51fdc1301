"""A process under test and the lines it and its children print, read with a deadline instead of sleeping.

All of them hold the write end of one pipe, so reading that pipe to its end proves that every one has gone.
"""

import os
import select
import subprocess
import time

import pytest
from django.conf import settings

LONGEST = 30.0  # seconds; only a failing test waits that long


class Listening:
    """Starts `command` in the project's folder. `seen` holds the lines read so far."""

    def __init__(self, command, *, longest=LONGEST, env=None):
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, cwd=settings.BASE_DIR, env=env, start_new_session=True
        )
        self.longest = longest
        self.seen: list[str] = []
        self._pending = b""

    def read_until(self, wanted):
        """Read lines up to one that contains `wanted`, and return it; None asks for the end of the pipe."""
        deadline = time.monotonic() + self.longest
        while True:
            while b"\n" in self._pending:
                line, _, self._pending = self._pending.partition(b"\n")
                self.seen.append(line.decode())
                if wanted is not None and wanted in self.seen[-1]:
                    return self.seen[-1]
            if not select.select([self.process.stdout], [], [], max(0, deadline - time.monotonic()))[0]:
                pytest.fail(f"waited in vain for {wanted!r}; seen: {self.seen}")
            more = os.read(self.process.stdout.fileno(), 65_536)
            if not more:
                assert wanted is None, f"all ended before {wanted!r}; seen: {self.seen}"
                return None
            self._pending += more

    def all_up(self, *names):
        """Wait until each of these has said "NAME up PID", in any order; return their process ids."""
        pids = {}
        while set(names) - set(pids):
            name, _up, pid = self.read_until(" up ").split()
            pids[name] = int(pid)
        return [pids[name] for name in names]

    def everybody_gone(self):
        """Wait until no process holds the pipe any more; return the first one's exit code."""
        self.read_until(None)
        return self.process.wait(self.longest)

    def end(self):
        """Leave nothing running, whatever the test did."""
        try:
            if self.process.poll() is None:
                self.process.kill()  # a supervisor's watchdog ends the rest
            self.everybody_gone()
        finally:
            self.process.stdout.close()
