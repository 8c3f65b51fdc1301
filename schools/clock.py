"""What time it is. The demo world and tests may move it; nothing else may say when a thing became known."""

from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

_simulated: ContextVar[datetime | None] = ContextVar("simulated_now", default=None)


def now() -> datetime:
    """The aware present moment, or the simulated one."""
    return _simulated.get() or timezone.now()


@contextmanager
def simulated(moment: datetime):
    """Inside, `now()` is `moment` (aware). For the demo world and tests only."""
    if timezone.is_naive(moment):
        raise ValueError("The simulated clock needs a time zone.")
    token = _simulated.set(moment)
    try:
        yield moment
    finally:
        _simulated.reset(token)
