"""Not found is earned: asked after enough attempts (cases.attempts), approved by the district, undone by any news.

Source: PRODUCT §3. That the case reopens when the child turns up is a rule of cases.progress.
"""

from collections.abc import Sequence

from django.db import transaction

from cases import actions, photos, requests
from cases.attempts import attempts_of
from cases.codes import FactKind, RequestKind, RequestState
from cases.lifecycle import check_version, lock
from cases.models import Case, Fact, Request
from schools.models import Person
from schools.scope import level_above
from schools.units import parse_unit


@transaction.atomic
def request_not_found(
    case: Case,
    *,
    person: Person,
    reason: str,
    pictures: Sequence[photos.Picture] = (),
    version: int | None = None,
) -> Request:
    """Ask the district (a district asks the level above) to approve that the child is not found.

    Raises PermissionDenied, IllegalAction (also when the attempts do not suffice), StaleCase.
    """
    locked = lock(case)
    posting = actions.may(locked, person, "request_not_found")
    check_version(locked, version)
    to = level_above(parse_unit(posting.unit))
    earned = attempts_of(locked)._asdict()
    return requests.ask(
        locked, RequestKind.NOT_FOUND, posting=posting, to=to, reason=reason, details=earned, pictures=pictures
    )


@transaction.atomic
def grant_not_found(request: Request, *, person: Person, answer: str = "") -> Case:
    """Approve it. Raises PermissionDenied, IllegalAction (answered meanwhile, or the child turned up)."""
    held, case = requests.hold(request)
    posting = requests.posting_to_answer(held, person)
    actions.still(case, "request_not_found")
    fact = Fact(
        kind=FactKind.NOT_FOUND_APPROVED,
        by=person,
        posting=posting,
        unit=posting.unit,
        reason=held.reason,
        details=held.details,
    )
    return requests.settle(held, case, posting=posting, state=RequestState.GRANTED, answer=answer, facts=[fact])
