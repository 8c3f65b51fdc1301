"""A request to approve that a child is not found ends by itself when the child is found, however that is told.

Called by cases.lifecycle alone, under the case's lock, where it is known that a case came to stand on the rung `found`.
"""

from collections.abc import Iterable
from datetime import datetime

from cases.codes import FactKind, RequestKind, RequestState, Rung
from cases.models import Case, Fact, Request

FOUND = "found"  # what ended the request, as Request.details says it


def is_found_now(case: Case, rung: int) -> bool:
    """Whether a case that stands on its former rung yet comes to be found by what was just told."""
    return rung == Rung.FOUND != case.rung


def end_requests(cases: Iterable[Case], received: datetime) -> list[Fact]:
    """End what waits of these cases, whose children are found; returns the facts that tell it, not yet written."""
    waiting = Request.objects.select_for_update(of=("self",)).filter(
        case__in=list(cases), kind=RequestKind.NOT_FOUND, state=RequestState.WAITING
    )
    told = []
    for request in waiting.order_by("case_id"):
        request.end(by=FOUND, at=received)
        said = {"request": request.kind, "answer": RequestState.ENDED}
        when = {"at": received, "known_at": received}
        told.append(Fact(case_id=request.case_id, kind=FactKind.REQUEST_ANSWERED, unit="nation", details=said, **when))
    return told
