"""How long an account waits after wrong passwords: five are free, then a wait that doubles and never becomes a lock.

The counters live in the database cache, so they survive a restart and hold for every process (SECURITY AN-05). They
are kept by the name as typed, whether or not such an account exists, so that the wait tells nothing (AN-06).
"""

import hashlib
import unicodedata
from datetime import timedelta

from django.core.cache import cache
from django.utils import timezone

FREE_FAILURES = 5
WINDOW = timedelta(minutes=15)  # failures older than this, counted from the end of the wait, are forgotten
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)  # whoever keeps on guessing can delay the owner, not shut them out
_HOLD_SECONDS = 10


class TooSoon(Exception):
    """The account must wait `seconds` (whole, at least 1) before another password is looked at."""

    def __init__(self, seconds: int):
        self.seconds = seconds
        super().__init__(f"{seconds} s to wait")


def wait_after(failures: int) -> timedelta:
    """The wait after so many failures: none up to the fourth, 30 s after the fifth, doubling up to 15 minutes."""
    if failures < FREE_FAILURES:
        return timedelta(0)
    return min(FIRST_WAIT * 2 ** min(failures - FREE_FAILURES, 10), LONGEST_WAIT)


def begin_attempt(username: str) -> None:
    """Before a password is checked: count the attempt as failed until `forget` says otherwise. Raises TooSoon.

    Counted beforehand, so that a hundred guesses sent at once are not all looked at.
    """
    key, now = _key(username), timezone.now().timestamp()
    if not cache.add(f"{key}:held", 1, _HOLD_SECONDS):  # another attempt on this name is being counted right now
        raise TooSoon(1)
    try:
        known = cache.get(key) or {"failures": 0, "until": 0.0}
        if now < known["until"]:
            raise TooSoon(max(1, round(known["until"] - now)))
        failures = known["failures"] + 1
        wait = wait_after(failures)
        cache.set(key, {"failures": failures, "until": now + wait.total_seconds()}, (wait + WINDOW).total_seconds())
    finally:
        cache.delete(f"{key}:held")


def forget(username: str) -> None:
    """The password was right: the account starts again with a clean sheet."""
    cache.delete(_key(username))


def _key(username: str) -> str:
    name = unicodedata.normalize("NFKC", username).strip().casefold()
    return f"log-in:{hashlib.sha256(name.encode()).hexdigest()}"
