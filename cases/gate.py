"""The gate between writers and freezers: what was stamped before a cut-off is committed before the cut-off is counted.

Writers pass through it (shared) before they read the clock; a freezer closes it for an instant in its own transaction
and then counts. Without it a write stamped before a freeze but committed after it would appear in the past
(SPANS.md §1.5). SQLite has one writer at a time, so its own lock is the gate.
"""

from datetime import datetime, timedelta

from django.db import connection

from schools import clock

_KEY = 0x6472_6F70  # any constant of ours
TICK = timedelta(microseconds=1)


def _lock(function: str) -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("The gate is held by a transaction; there is none.")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [_KEY])


def enter() -> None:
    """For a writer, inside its transaction and before any row lock: hold the gate open until commit."""
    _lock("pg_advisory_xact_lock_shared")


def close() -> None:
    """For a freezer, inside its transaction: wait for every writer on its way; none enters until commit."""
    _lock("pg_advisory_xact_lock")


def stamp(after: datetime | None = None) -> datetime:
    """The moment a write becomes known: now, but strictly later than `after`. Call it holding the case's row lock."""
    moment = clock.now()
    return moment if after is None or moment > after else after + TICK
