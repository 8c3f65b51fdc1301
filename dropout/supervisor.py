"""Keeps a few processes running side by side; it alone starts, restarts and ends them.

Why our own: the usual process managers kill Celery five seconds after Ctrl-C, in the middle of an import. This one
waits for the worker to finish (bounded), restarts a child that died, gives up with a plain message when one keeps
dying, and leaves nothing behind, not even when it is itself killed with -9 (see `watchdog.py`).

Every child leads its own session and process group, so that Ctrl-C in a terminal reaches only the supervisor, and
whatever a dead child left behind can be ended by the group's number, while that number still cannot be anyone else's.
"""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
READY_LOOK = 0.3  # seconds between two looks whether the web server answers
IDLE_LOOK = 5.0  # otherwise only signals and due restarts wake the loop


@dataclass
class Child:
    """One process to keep running: a name people read, and its command line."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen | None = field(default=None, init=False)
    started_at: float = field(default=0.0, init=False)
    due_at: float = field(default=0.0, init=False)
    quick_deaths: int = field(default=0, init=False)


@dataclass(frozen=True)
class Patience:
    """How long to wait for what, in seconds, and how many quick deaths in a row are too many."""

    grace: float = 25.0  # from being asked to stop to being killed; one import batch fits
    settled: float = 10.0  # a child that lived this long has started well
    pause: float = 0.5  # before the first restart; doubles with each quick death
    longest_pause: float = 15.0
    quick_deaths: int = 5


class Supervisor:
    """Runs `children` until asked to stop. `say` prints one line to the person who started it.

    `is_ready()` is asked until it is true, then `on_ready()` is called once.
    """

    def __init__(
        self,
        children: Sequence[Child],
        *,
        say: Callable[[str], object],
        is_ready: Callable[[], bool] | None = None,
        on_ready: Callable[[], object] | None = None,
        patience: Patience = Patience(),
    ) -> None:
        self.children = list(children)
        self.say = say
        self.patience = patience
        self._is_ready = is_ready
        self._on_ready = on_ready
        self._stop_asked = False
        self._hurry = False
        self._hopeless: Child | None = None
        self._watchdog: subprocess.Popen | None = None

    def run(self) -> int:
        """Keep the children running until SIGTERM, SIGINT or SIGHUP. Returns the exit code: 0, or 1 when it gave up."""
        with self._listening() as wake:
            try:
                while not self._stop_asked and self._hopeless is None:
                    self._keep_watchdog()
                    self._start_due()
                    self._sleep(wake)
                    self._bury_dead()
                    self._greet_once()
            finally:
                self._end_all(wake)
        return 0 if self._hopeless is None else 1

    # ── signals ───────────────────────────────────────────────────────────────────────────────────────────────

    @contextlib.contextmanager
    def _listening(self) -> Iterator[socket.socket]:
        """Stop signals set a flag; they and a child's death make the yielded socket readable."""
        wake, ring = socket.socketpair()
        wake.setblocking(False)
        ring.setblocking(False)
        before = {number: signal.getsignal(number) for number in (*STOP_SIGNALS, signal.SIGCHLD)}
        before_fd = signal.set_wakeup_fd(ring.fileno(), warn_on_full_buffer=False)
        for number in STOP_SIGNALS:
            signal.signal(number, self._asked_to_stop)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        try:
            yield wake
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(before_fd)
            wake.close()
            ring.close()

    def _asked_to_stop(self, _number: int, _frame: object) -> None:
        self._hurry = self._stop_asked  # asked twice: no more waiting
        self._stop_asked = True

    def _sleep(self, wake: socket.socket, longest: float | None = None) -> None:
        """Sleep until a signal comes or something is due, at most `longest` seconds."""
        if longest is None:
            longest = READY_LOOK if self._is_ready is not None else IDLE_LOOK
            due = [child.due_at - time.monotonic() for child in self.children if child.process is None]
            longest = max(0.0, min([longest, *due]))
        if select.select([wake], [], [], longest)[0]:
            with contextlib.suppress(BlockingIOError):
                wake.recv(4096)

    # ── children ──────────────────────────────────────────────────────────────────────────────────────────────

    def _start_due(self) -> None:
        for child in self.children:
            if child.process is None and child.due_at <= time.monotonic() and not self._stop_asked:
                child.process = subprocess.Popen(  # noqa: S603 - the command lines are our own
                    child.command, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=self._enlist
                )
                child.started_at = time.monotonic()

    def _enlist(self) -> None:
        """In the new child, before it becomes the program: write itself on the watchdog's list.

        Were it the supervisor who wrote it there, one killed between starting a child and writing would leave an
        orphan. The child holds the pipe open until it has written, so the watchdog cannot miss it.
        """
        self._tell_watchdog(f"+{os.getpid()}")

    def _bury_dead(self) -> None:
        for child in self.children:
            if child.process is not None and _has_ended(child.process) and not self._stop_asked:
                code = self._bury(child)
                self._plan_restart(child, code)

    def _bury(self, child: Child) -> int:
        """End what the dead child left behind, then reap it; in this order its group number cannot be reused."""
        process = child.process
        _kill_group(process.pid)
        code = process.wait()
        self._tell_watchdog(f"-{process.pid}")
        child.process = None
        return code

    def _plan_restart(self, child: Child, code: int) -> None:
        lived = time.monotonic() - child.started_at
        child.quick_deaths = child.quick_deaths + 1 if lived < self.patience.settled else 0
        if child.quick_deaths >= self.patience.quick_deaths:
            self._hopeless = child
            self.say(
                f"{child.name} หยุดทำงานทันทีหลังเริ่ม {child.quick_deaths} ครั้งติดกัน (รหัส {code}) จึงเลิกพยายาม "
                f"โปรดดูข้อความด้านบน / {child.name} ended right after its start {child.quick_deaths} times in a row "
                f"(exit code {code}); giving up. The lines above say why."
            )
            return
        pause = min(self.patience.pause * 2 ** max(child.quick_deaths - 1, 0), self.patience.longest_pause)
        child.due_at = time.monotonic() + pause
        self.say(
            f"{child.name} หยุดทำงาน (รหัส {code}) จะเริ่มใหม่ใน {pause:.1f} วินาที / "
            f"{child.name} ended (exit code {code}); starting it again in {pause:.1f} s."
        )

    def _greet_once(self) -> None:
        if self._is_ready is not None and not self._stop_asked and self._is_ready():
            self._is_ready = None
            if self._on_ready is not None:
                self._on_ready()

    def _end_all(self, wake: socket.socket) -> None:
        """Ask every child to finish, wait up to `grace`, kill what is left (at once when asked twice)."""
        self._stop_asked = True
        for child in self._running():
            child.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + self.patience.grace
        while self._running():
            for child in self._running():
                if _has_ended(child.process):
                    self._bury(child)
            left = deadline - time.monotonic()
            if self._running() and (left <= 0 or self._hurry):
                self._kill_the_rest()
            elif self._running():
                self._sleep(wake, left)
        if self._watchdog is not None:
            self._watchdog.stdin.close()
            self._watchdog.wait()

    def _kill_the_rest(self) -> None:
        for child in self._running():
            self.say(
                f"{child.name} ไม่ยอมหยุด จึงปิดทันที / {child.name} did not finish in time and was killed; "
                f"its job will be taken up again at the next start."
            )
            _kill_group(child.process.pid)
            self._bury(child)

    def _running(self) -> list[Child]:
        return [child for child in self.children if child.process is not None]

    # ── the watchdog ──────────────────────────────────────────────────────────────────────────────────────────

    def _keep_watchdog(self) -> None:
        """Start the watchdog, or another if somebody killed it, and tell it what runs."""
        if self._watchdog is not None and self._watchdog.poll() is None:
            return
        script = str(Path(__file__).with_name("watchdog.py"))
        if self._watchdog is not None:
            with contextlib.suppress(BrokenPipeError):
                self._watchdog.stdin.close()
        self._watchdog = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-I", "-S", script, str(self.patience.grace)],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        for child in self._running():
            self._tell_watchdog(f"+{child.process.pid}")

    def _tell_watchdog(self, line: str) -> None:
        # A watchdog that has died is replaced at the next turn of the loop, which tells the new one everything.
        with contextlib.suppress(BrokenPipeError):
            os.write(self._watchdog.stdin.fileno(), f"{line}\n".encode())


def _has_ended(process: subprocess.Popen) -> bool:
    """Whether the process has ended, without reaping it: its number stays reserved until `_bury`."""
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # nothing left of it
        os.killpg(group, signal.SIGKILL)
