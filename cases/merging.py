"""Two cases of one child become one, and two again: merge, its request, its undoing within thirty days.

Facts alone do it (progress: from the merge on the survivor has both cases' facts and the duplicate is void); earlier
dates stay as they were, so no figure changes but by the duplicate itself. Nothing is deleted. Source: PRODUCT §2–3.
"""

from datetime import timedelta
from functools import partial

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from cases import duplicates, requests, underway
from cases.actions import IllegalAction
from cases.codes import FactKind, PairState, RequestKind, RequestState, Stage
from cases.identity import scrub
from cases.lifecycle import add_facts, facts_of, lock
from cases.models import Case, Child, Duplicate, Fact, Request
from schools import audit, clock
from schools.models import Person, Posting
from schools.scope import covers, unit_of_posting

UNDOABLE = timedelta(days=30)
# What the survivor's child takes from the duplicate's where it says nothing itself.
_FILLED = ("title", "sex", "birth_date", "last_grade", "guardian_name", "guardian_phone", "house_no", "moo")
_FILLED += ("tambon_id", "amphoe_id", "province_id", "lat", "lon")


def _locked(pair: Duplicate) -> Duplicate:
    """The pair with both cases locked, in the order of their keys."""
    first, second = lock(pair.first), lock(pair.second)
    held = duplicates.hold(pair)
    held.first, held.second = first, second
    return held


def _posting(pair: Duplicate, person: Person) -> Posting:
    posting = duplicates.deciding_posting(pair, person)
    if posting is None:
        raise PermissionDenied
    return posting


# ── merging ───────────────────────────────────────────────────────────────────────────────────────────────────
@transaction.atomic
def merge(pair: Duplicate, *, person: Person, reason: str) -> Case:
    """Merge the two into the case opened earlier and return it. Raises PermissionDenied, IllegalAction."""
    held = _locked(pair)
    return _join(held, _posting(held, person), reason)


@transaction.atomic
def request_merge(pair: Duplicate, *, person: Person, reason: str) -> Request:
    """Ask the level above both, for who sees both but may not decide. Raises PermissionDenied, IllegalAction."""
    held = _locked(pair)
    posting = duplicates.asking_posting(held, person)
    if posting is None:
        raise PermissionDenied
    _must_be_two(held)
    details = {"pair": held.pk}
    return requests.ask(
        held.first,
        RequestKind.MERGE,
        posting=posting,
        to=duplicates.unit_over(held),
        reason=reason,
        details=details,
        other_case=held.second,
    )


@transaction.atomic
def grant_merge(request: Request, *, person: Person, answer: str = "") -> Case:
    """The level above both agrees. Raises PermissionDenied, IllegalAction."""
    pair = Duplicate.objects.select_related("first", "second").get(first=request.case, second=request.other_case)
    held = _locked(pair)  # both cases, in the order of their keys, before the request
    _must_be_two(held)
    asked, case = requests.hold(request)
    posting = requests.posting_to_answer(asked, person)
    if not all(covers(unit_of_posting(posting), one) for one in held.cases()):
        raise IllegalAction(
            "แฟ้มหนึ่งย้ายออกจากหน่วยงานของท่านแล้ว ให้หน่วยงานที่ดูแลทั้งสองแฟ้มตัดสิน",
            "One of the cases has left your unit; the level that has both decides.",
        )
    requests.settle(asked, case, posting=posting, state=RequestState.GRANTED, answer=answer)
    return _join(_locked(pair), posting, asked.reason)


def _must_be_two(pair: Duplicate) -> None:
    if pair.state == PairState.MERGED:
        raise IllegalAction("มีผู้รวมแฟ้มคู่นี้แล้ว", "These two cases were merged already.")
    if any(case.stage == Stage.VOID for case in pair.cases()):
        raise IllegalAction(
            "แฟ้มหนึ่งในสองถูกตัดออกจากบัญชีแล้ว จึงรวมไม่ได้", "One of the two cases is void already, so they cannot be merged."
        )


def _join(pair: Duplicate, posting: Posting, reason: str) -> Case:
    _must_be_two(pair)
    survivor, away = sorted(pair.cases(), key=lambda case: (case.opened_at, case.pk))
    _answer_request(pair, posting)
    passed, told = underway.pass_on(away, survivor, posting=posting)
    away = add_facts(away, [*told[away.pk], _fact(FactKind.MERGED_AWAY, posting, reason, survivor)])
    survivor = add_facts(survivor, [*told[survivor.pk], _fact(FactKind.MERGED_IN, posting, reason, away)])
    filled = _lead_to(survivor.child, away.child)
    more = {"survivor": survivor, "filled": filled, "passed": passed}
    duplicates.decide(pair, PairState.MERGED, posting=posting, reason=reason, **more)
    _record(audit.MERGE_CASES, pair, posting, reason)
    transaction.on_commit(partial(requests.end_pointless_merges, away.pk))
    return survivor


def _fact(kind: FactKind, posting: Posting, reason: str, other: Case) -> Fact:
    return Fact(kind=kind, by=posting.person, posting=posting, unit=posting.unit, reason=reason, other_case=other)


def _lead_to(child: Child, away: Child) -> list[str]:
    """Let the duplicate's row, and those that led to it, lead to `child`; returns the empty columns it filled."""
    Child.objects.filter(merged_into=away).update(merged_into=child)
    away.merged_into = child
    away.save(update_fields=["merged_into"])
    filled = [name for name in _FILLED if _is_empty(getattr(child, name)) and not _is_empty(getattr(away, name))]
    for name in filled:
        setattr(child, name, getattr(away, name))
    if "birth_date" in filled:
        child.birth_year_only = away.birth_year_only
        filled.append("birth_year_only")
    if filled:
        child.save(update_fields=filled)
    return filled


def _is_empty(value: object) -> bool:
    return value is None or value == ""


def _answer_request(pair: Duplicate, posting: Posting) -> None:
    """Whoever asked for this very merge has it, though nobody answered the request itself."""
    rows = Request.objects.filter(kind=RequestKind.MERGE, case=pair.first, other_case=pair.second)
    for request in rows.select_for_update(of=("self",)).filter(state=RequestState.WAITING):
        own = request.asked_by_id == posting.person_id
        state = RequestState.RECALLED if own else RequestState.GRANTED
        requests.settle(request, pair.first, posting=posting, state=state)


def _record(action: str, pair: Duplicate, posting: Posting, reason: str) -> None:
    for case in pair.cases():
        audit.record(
            action,
            person=posting.person,
            posting=posting,
            object_kind="case",
            object_key=case.number,
            reason=reason,
        )


# ── undoing ───────────────────────────────────────────────────────────────────────────────────────────────────
def why_not_undo(pair: Duplicate) -> tuple[str, str] | None:
    """Why a merge stands for good, in Thai and English; None while it can be undone."""
    if pair.state != PairState.MERGED:
        return "แฟ้มคู่นี้ไม่ได้รวมกันอยู่", "These two cases are not merged."
    if clock.now() - pair.decided_at > UNDOABLE:
        return "เกิน 30 วันแล้ว ยกเลิกการรวมไม่ได้", "More than 30 days have passed; the merge can no longer be undone."
    if pair.survivor.child.merged_into_id is not None:
        return (
            "แฟ้มหลักถูกรวมเข้ากับแฟ้มอื่นต่อแล้ว ให้ยกเลิกการรวมครั้งหลังก่อน",
            "The surviving case was itself merged into another; undo that merge first.",
        )
    return None


@transaction.atomic
def undo_merge(pair: Duplicate, *, person: Person, reason: str) -> Case:
    """Make two cases of it again; returns the one that was void. They are told apart from then on, until merged anew.

    Raises PermissionDenied, IllegalAction: later than thirty days, or the survivor was itself merged on.
    """
    held = _locked(pair)
    posting = _posting(held, person)
    if refusal := why_not_undo(held):
        raise IllegalAction(*refusal)
    away, survivor = sorted(held.cases(), key=lambda case: case.pk == held.survivor_id)
    told = underway.take_back(held, away, survivor, posting=posting)
    for case, other in ((survivor, away), (away, survivor)):
        add_facts(case, [_fact(FactKind.MERGE_UNDONE, posting, reason, other), *told[case.pk]])
    _lead_back(held, survivor.child, away)
    nothing = {"survivor": None, "filled": [], "passed": {}}
    duplicates.decide(held, PairState.NOT_SAME, posting=posting, reason=reason, **nothing)
    _record(audit.UNDO_MERGE, held, posting, reason)
    return away


def _lead_back(pair: Duplicate, child: Child, away: Case) -> None:
    """The duplicate's row, and those merged into it before, lead to the duplicate again; what was filled is emptied."""
    inner = Child.objects.filter(cases__in=_merged_into(away))
    inner.update(merged_into=away.child)
    away.child.merged_into = None
    away.child.save(update_fields=["merged_into"])
    emptied = [name for name in pair.filled if getattr(child, name) == getattr(away.child, name)]
    for name in emptied:
        setattr(child, name, Child._meta.get_field(name).get_default() if name not in _NULLABLE else None)
    if emptied:
        child.save(update_fields=emptied)


_NULLABLE = {field.attname for field in Child._meta.concrete_fields if field.null}


def _merged_into(case: Case) -> list[int]:
    """The cases that stand merged into `case`, and into those."""
    facts = facts_of([case.pk])[case.pk]
    undone = {}
    for fact in facts:
        if fact.kind in (FactKind.MERGED_IN, FactKind.MERGE_UNDONE):
            undone[fact.other_case_id] = fact
    standing = [fact for fact in undone.values() if fact.kind == FactKind.MERGED_IN]
    return sorted({other.case_id for fact in standing for other in fact.brought})


# ── one decision ──────────────────────────────────────────────────────────────────────────────────────────────
def carry_out(pair: Duplicate, *, person: Person, decision: str, reason: str) -> str:
    """A person's decision: `merge` (or the request for it, where the level above decides), `not_same`, `undo`.

    Returns what was done, in words. Raises PermissionDenied, IllegalAction.
    """
    reason = scrub(reason)
    match decision:
        case "not_same":
            duplicates.tell_apart(pair, person=person, reason=reason)
            return _("บันทึกแล้วว่าไม่ใช่คนเดียวกัน")
        case "undo":
            undo_merge(pair, person=person, reason=reason)
            return _("ยกเลิกการรวมแล้ว ทั้งสองแฟ้มกลับเป็นเหมือนเดิม")
    if duplicates.deciding_posting(pair, person) is None:
        request_merge(pair, person=person, reason=reason)
        return _("ส่งคำขอรวมแฟ้มแล้ว รอผู้อนุมัติระดับที่ดูแลทั้งสองแฟ้ม")
    merge(pair, person=person, reason=reason)
    return _("รวมแฟ้มแล้ว ยกเลิกได้ภายใน 30 วัน")
