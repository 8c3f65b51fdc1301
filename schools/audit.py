"""The audit trail: who did what and who looked. Written in the same transaction as the act; if it fails, the act fails."""

from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from schools import clock
from schools.models import AuditEvent, Person, Posting


class Origin(NamedTuple):
    """Where a request came from."""

    ip: str | None = None
    agent: str = ""
    request_id: str = ""


_origin: ContextVar[Origin] = ContextVar("origin", default=Origin())


@contextmanager
def origin(ip: str | None, agent: str, request_id: str):
    """For the middleware: events recorded inside carry where the request came from."""
    token = _origin.set(Origin(ip, agent[:200], request_id))
    try:
        yield
    finally:
        _origin.reset(token)


def request_id() -> str:
    return _origin.get().request_id


def record(
    action: str,
    *,
    person: Person | None,
    posting: Posting | None = None,
    object_kind: str = "",
    object_key: str = "",
    result: str = "ok",
    reason: str = "",
    **details,
) -> AuditEvent:
    """Write one event. `object_key` is a public key (case number, job id), never an identifier of a person."""
    if posting is None and person is not None:
        from schools.scope import postings_of

        posting = next(iter(postings_of(person)), None)
    where = _origin.get()
    return AuditEvent.objects.create(
        at=clock.now(),
        person=person if person is not None and person.pk else None,
        role=posting.role if posting else "",
        unit=posting.unit if posting else "",
        action=action,
        object_kind=object_kind,
        object_key=object_key,
        result=result,
        reason=reason,
        details=details,
        ip=where.ip,
        agent=where.agent,
        request_id=where.request_id,
    )
