"""What is under way of a duplicate when it is merged away: it goes on at the survivor, or ends and is told.

Referrals go on, so that no partner loses a child silently; of two to one partner one goes on and the other ends in it.
Requests about the child (a reporter to call back, a school that asks for help) go on; those about the file end with it.
What was done stands in `Duplicate.passed`, by which an undoing brings back what still can be.
"""

from collections import defaultdict
from typing import Any

from cases import duplicates, referrals, requests
from cases.actions import BY_SLUG, why_not
from cases.codes import PairState, ReferralState, RequestKind, RequestState, Stage
from cases.models import Case, Duplicate, Fact, Referral, Request
from cases.models.referral import LIVE
from schools import clock
from schools.models import Posting
from schools.scope import covers, level_above
from schools.units import Unit, parse_unit, unit_of

OF_THE_CHILD = (RequestKind.KNOWN, RequestKind.ESCALATION)
Told = dict[int, list[Fact]]  # case → facts to write with the merge or its undoing


# ── with the merge ────────────────────────────────────────────────────────────────────────────────────────────
def pass_on(away: Case, survivor: Case, *, posting: Posting) -> tuple[dict[str, Any], Told]:
    """Let what is under way of `away` (both locked) go on at `survivor`; returns what was done, and the facts of it."""
    passed: dict[str, Any] = {"referrals": [], "halted": {}, "requests": {}, "ended": []}
    told: Told = defaultdict(list)
    _pass_referrals(away, survivor, posting, passed, told)
    _pass_requests(away, survivor, posting, passed, told)
    _pass_pairs(away, survivor)
    return passed, told


def _pass_referrals(away: Case, survivor: Case, posting: Posting, passed: dict[str, Any], told: Told) -> None:
    rows = Referral.objects.select_for_update(of=("self",)).filter(case__in=[away, survivor], state__in=LIVE)
    live = list(rows.select_related("partner").order_by("pk"))
    own = {one.partner_id: one for one in live if one.case_id == survivor.pk}
    for one in live:
        if one.case_id != away.pk:
            continue
        lost = _lesser(one, own.get(one.partner_id))
        if lost is not None:
            passed["halted"][str(lost.pk)] = lost.state
            told[lost.case_id].append(referrals.end(lost, ReferralState.MERGED, **_who(posting)))
        if lost is not one:
            _stand(one, survivor)
            passed["referrals"].append(one.pk)


def _lesser(one: Referral, other: Referral | None) -> Referral | None:
    """Which of two to one partner ends: the survivor's own goes on unless the other watches over an unsafe child."""
    if other is None:
        return None
    return other if one.for_safety and not other.for_safety else one


def _stand(row: Referral | Request, case: Case) -> None:
    row.case = case
    row.save(update_fields=["case"])


def _pass_requests(away: Case, survivor: Case, posting: Posting, passed: dict[str, Any], told: Told) -> None:
    for request in list(requests.waiting_about(away)):
        if not _goes_on(request, survivor):
            passed["ended"].append(request.pk)
            told[away.pk].append(requests.end(request, posting, by=RequestKind.MERGE))
            continue
        passed["requests"][str(request.pk)] = request.to_unit
        told[away.pk].append(_go_on(request, survivor, _asked_of(request, survivor), posting))


def _go_on(request: Request, case: Case, to: Unit, posting: Posting) -> Fact:
    """It waits about `case` now, at `to`: where that was asked already, with what was taken up there and until when."""
    _stand(request, case)
    if str(to) == request.to_unit:
        return requests.told_of(request, posting, "passed_on", to=str(to), name=to.name)
    request.details.pop("does", None)
    return requests.put_to(request, to, posting)


def _asked_of(request: Request, survivor: Case) -> Unit:
    """The unit that was asked, if the survivor stands in it; else the level above the survivor's own."""
    asked = parse_unit(request.to_unit)
    return asked if covers(asked, survivor) else level_above(unit_of(survivor.school or survivor.district))


def _goes_on(request: Request, survivor: Case) -> bool:
    if request.kind not in OF_THE_CHILD:
        return False
    if request.kind == RequestKind.ESCALATION and why_not(survivor, BY_SLUG["escalate"]):
        return False
    return not Request.objects.filter(case=survivor, kind=request.kind, state=RequestState.WAITING).exists()


def _pass_pairs(away: Case, survivor: Case) -> None:
    """Who may be the same child as the duplicate may be the same as the survivor: that still wants a decision."""
    for pair in duplicates.pairs_of(away).filter(state=PairState.OPEN).select_related("first", "second"):
        other = pair.second if pair.first_id == away.pk else pair.first
        if other.pk != survivor.pk and other.stage != Stage.VOID:
            duplicates.note_pair(survivor, other, pair.why)


# ── with its undoing ──────────────────────────────────────────────────────────────────────────────────────────
def take_back(pair: Duplicate, away: Case, survivor: Case, *, posting: Posting) -> Told:
    """Bring back what the merge of a held `pair` passed on or ended; what was answered meanwhile stays answered."""
    told: Told = defaultdict(list)
    _take_referrals(pair.passed, away, posting, told)
    _take_requests(pair.passed, away, survivor, posting, told)
    return told


def _take_referrals(passed: dict[str, Any], away: Case, posting: Posting, told: Told) -> None:
    halted = {int(pk): state for pk, state in passed.get("halted", {}).items()}
    moved = set(passed.get("referrals", []))
    rows = Referral.objects.select_for_update(of=("self",)).filter(pk__in=[*moved, *halted]).select_related("partner")
    held = sorted(rows, key=lambda one: (one.pk in halted, one.pk))  # first what moved makes room
    for one in held:
        if one.pk in moved:
            _stand(one, away)
            if one.state not in LIVE:
                told[away.pk].append(referrals.ended(one, **_who(posting)))
        elif (fact := referrals.resume(one, halted[one.pk], **_who(posting))) is not None:
            told[one.case_id].append(fact)


def _take_requests(passed: dict[str, Any], away: Case, survivor: Case, posting: Posting, told: Told) -> None:
    moved = passed.get("requests", {})
    for request in requests.waiting_about(survivor).filter(pk__in=moved):
        told[survivor.pk].append(_go_on(request, away, parse_unit(moved[str(request.pk)]), posting))
    ended = Request.objects.select_for_update(of=("self",)).filter(pk__in=passed.get("ended", []))
    for request in ended.exclude(kind=RequestKind.MERGE).order_by("pk"):
        told[away.pk].append(_resume(request, posting))


def _resume(request: Request, posting: Posting) -> Fact:
    """What ended with the merge waits again where it did; its time runs anew."""
    request.state, request.answered_at, request.since = RequestState.WAITING, None, clock.now()
    request.due_at = request.since + requests.UNANSWERED
    request.details.pop("ended_by", None)
    request.save(update_fields=["state", "answered_at", "details", "since", "due_at"])
    return requests.told_of(request, posting, RequestState.WAITING)


def _who(posting: Posting) -> dict[str, Any]:
    return {"by": posting.person, "posting": posting, "unit": posting.unit}
