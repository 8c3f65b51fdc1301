"""The supervisor's last will, and nothing else: should the supervisor vanish, this little process ends what it left.

It is run as a script (`python -I -S watchdog.py GRACE`), imports nothing of ours and needs no Django, so that it stays
small and cannot fail for a reason that also felled the supervisor. It reads lines from its standard input:
`+PID` a process (leader of its own process group) now runs, `-PID` it has been ended and buried. When the other end
closes, by an orderly end or by `kill -9`, every group still on the list is asked to stop and, after GRACE seconds,
made to. After an orderly end the list is empty and there is nothing to do.
A pipe is used, not Linux' parent-death signal, because it works on every Unix and also reaches grandchildren.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterable

PAUSE = 0.1  # seconds between two looks


def left_behind(lines: Iterable[str]) -> set[int]:
    """The process groups still running when `lines` end. A last line cut off mid-word counts as none."""
    groups: set[int] = set()
    for line in lines:
        sign, number = line[:1], line[1:].strip()
        if not line.endswith("\n") or not number.isdecimal():
            continue
        if sign == "+":
            groups.add(int(number))
        else:
            groups.discard(int(number))
    return groups


def stands(group: int) -> bool:
    """Whether any process of the group is still there."""
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):  # macOS answers "not permitted" for a group of zombies
        return False
    return True


def end(groups: set[int], grace: float) -> None:
    """Ask each group's leader to finish; after `grace` seconds kill what is left of each group."""
    for group in groups:
        with contextlib.suppress(ProcessLookupError):
            os.kill(group, signal.SIGTERM)  # the leader only: gunicorn and Celery tell their own children
    deadline = time.monotonic() + grace
    while time.monotonic() < deadline and any(stands(group) for group in groups):
        time.sleep(PAUSE)
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    end(left_behind(sys.stdin), float(sys.argv[1]))
