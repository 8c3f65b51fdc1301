"""The end of tracking and its undoing: closed, removed, reopened; on evidence, by a second person one level up."""

from collections.abc import Sequence

from django.db import transaction

from cases import actions, photos, referrals, requests
from cases.codes import Closing, FactKind, Finding, Outcome, Reached, Removal, RequestKind, RequestState, Wish
from cases.lifecycle import add_facts, check_version, lock
from cases.models import Case, Fact, Request
from schools import audit
from schools.models import Person, Posting
from schools.refusal import Refusal
from schools.scope import level_above
from schools.units import parse_unit


def request_closing(
    case: Case,
    *,
    person: Person,
    why: str,
    reason: str,
    cause: int | None = None,
    pictures: Sequence[photos.Picture] = (),
    version: int | None = None,
) -> Request:
    """Ask the level above to end the tracking; `why` is a codes.Closing.

    `cause` (of codes.CAUSES) where none is known of a child who came back. Raises PermissionDenied, IllegalAction,
    StaleCase, CauseMissing.
    """
    details = {"why": Closing(why)} | ({"cause": cause} if cause else {})
    if not cause and lacks_cause(case):
        raise CauseMissing
    return _ask(case, person, "request_closing", RequestKind.CLOSING, details, reason, pictures, version)


class CauseMissing(Refusal):
    """PRODUCT §3: ไม่ระบุสาเหตุ is refused at closing unless it came so from an old list."""

    field, code = "cause", "closing_without_cause"
    message_th = "ยังไม่ระบุสาเหตุที่เด็กหลุดจากระบบ เลือกสาเหตุก่อนขอยุติ"
    message_en = "Why the child was out of school is not given yet. Choose the cause before asking to close."


def lacks_cause(case: Case) -> bool:
    """Whether the case would be closed without a cause: a return stands, which freezes the outcome (PRODUCT §4).

    Any other closing says an outcome of its own.
    """
    if case.reached == Reached.NOWHERE or case.outcome not in (Outcome.NOT_GIVEN, Outcome.UNSPECIFIED):
        return False
    return not case.facts.filter(outcome=Outcome.UNSPECIFIED, list_version__isnull=False).exists()


def request_removal(
    case: Case,
    *,
    person: Person,
    why: str,
    reason: str,
    pictures: Sequence[photos.Picture] = (),
    version: int | None = None,
) -> Request:
    """Ask the level above to take the case out of the target; `why` is a codes.Removal."""
    return _ask(case, person, "request_removal", RequestKind.REMOVAL, {"why": Removal(why)}, reason, pictures, version)


@transaction.atomic
def _ask(case, person, slug, kind, details, reason, pictures, version) -> Request:
    locked = lock(case)
    posting = actions.may(locked, person, slug)
    check_version(locked, version)
    return requests.ask(
        locked,
        kind,
        posting=posting,
        to=level_above(parse_unit(posting.unit)),
        reason=reason,
        details=details,
        pictures=pictures,
    )


@transaction.atomic
def grant_closing(request: Request, *, person: Person, answer: str = "") -> Case:
    """Close the case. Raises PermissionDenied, IllegalAction (answered meanwhile, or the case moved on)."""
    held, case = requests.hold(request)
    posting = requests.posting_to_answer(held, person)
    actions.still(case, "request_closing")
    says = _OF_CLOSING[Closing(held.details["why"])]
    if held.details.get("cause"):
        says = says | {"outcome": held.details["cause"]}
    return _end(held, case, posting, answer, FactKind.CLOSED, says)


_OF_CLOSING = {  # what a granted closing says of finding, outcome and wish
    Closing.IN_EDUCATION: {"finding": Finding.FOUND, "outcome": Outcome.ENROLLED_OTHER_AFFILIATION},
    Closing.ABROAD: {"finding": Finding.FOUND, "outcome": Outcome.STUDYING_ABROAD},
    Closing.DECEASED: {"finding": Finding.FOUND, "outcome": Outcome.DECEASED},
    Closing.OVER_AGE: {
        "finding": Finding.FOUND,
        "outcome": Outcome.OVER_AGE_NO_FURTHER,
        "wish": Wish.DOES_NOT_WANT,
    },
}


@transaction.atomic
def grant_removal(request: Request, *, person: Person, answer: str = "") -> Case:
    """Void the case: it leaves the target and stays in the history."""
    held, case = requests.hold(request)
    posting = requests.posting_to_answer(held, person)
    actions.still(case, "request_removal")
    return _end(held, case, posting, answer, FactKind.VOIDED, {})


def _end(held: Request, case: Case, posting: Posting, answer: str, kind: FactKind, says: dict) -> Case:
    """Grant a held request that ends the tracking; the partners' sight of the child ends with it."""
    who = {"by": posting.person, "posting": posting, "unit": posting.unit}
    fact = Fact(kind=kind, reason=held.reason, details=held.details, **says, **who)
    facts = [fact, *referrals.end_with_case(case, **who)]
    return requests.settle(held, case, posting=posting, state=RequestState.GRANTED, answer=answer, facts=facts)


@transaction.atomic
def reopen(case: Case, *, person: Person, reason: str, version: int | None = None) -> Case:
    """Track again a case that was closed or removed. Raises PermissionDenied, IllegalAction, StaleCase."""
    locked = lock(case)
    posting = actions.may(locked, person, "reopen")
    fact = Fact(kind=FactKind.REOPENED, by=person, posting=posting, unit=posting.unit, reason=reason)
    opened = add_facts(locked, [fact], version=version)
    audit.record("case_reopened", person=person, posting=posting, object_kind="case", object_key=opened.number)
    return opened
