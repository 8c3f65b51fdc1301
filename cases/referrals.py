"""ส่งต่อภาคีเครือข่าย: put a case to a partner agency, hear its answer, and end its sight of the case.

Whatever ends a referral (done, rejected, recalled, 90 days, agency or account disabled) ends what its partner sees on
the next request: models.referral.ReferralQuerySet.open_to is the only way in (SECURITY PV-01 to PV-04).
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction

from cases import actions
from cases.codes import Basis, FactKind, ReferralAnswer, ReferralState
from cases.confidential import may_see_sensitive
from cases.identity import scrub
from cases.lifecycle import add_facts, lock
from cases.models import Case, Fact, Referral, Visit
from cases.models.referral import LIVE
from cases.sharing import FIELDS, allowed_fields, partners_for
from cases.survivors import cases_of_person
from schools import audit, clock, roles
from schools.models import Partner, Person, Posting
from schools.refusal import Refusal
from schools.scope import posting_for, postings_of
from schools.thaitime import bangkok_date

LASTS = timedelta(days=90)
MOST = 50  # referrals a partner is shown at once


class ReferralRefused(Refusal):
    """The referral cannot be so; `field` is what to mend."""

    def __init__(self, field: str, message_th: str, message_en: str):
        self.field, self.code = field, "referral"
        super().__init__(message_th, message_en)


@transaction.atomic
def refer(
    case: Case,
    *,
    person: Person,
    partner: Partner,
    purpose: str,
    basis: str,
    shares: Sequence[str],
    due_on: date,
    basis_note: str = "",
    id_reason: str = "",
    version: int | None = None,
) -> Referral:
    """Put the case to `partner`. Raises PermissionDenied, IllegalAction, StaleCase, ReferralRefused.

    `shares`: the names of cases.sharing.FIELDS that the partner may see. Without purpose and lawful basis nothing is
    sent (SECURITY PV-02); nor a field that is not on the agency's list, nor a national ID without a reason (PV-03).
    """
    locked = lock(case)
    posting = actions.may(locked, person, "refer")
    _expire_of(locked)
    if partner not in partners_for(locked):
        raise ReferralRefused("partner", "ส่งต่อหน่วยงานนี้ไม่ได้", "This agency receives no referrals of this case.")
    _judge(locked, partner, purpose, basis, basis_note, shares, id_reason, due_on)
    if Referral.objects.filter(case=locked, partner=partner, state__in=LIVE).exists():
        raise actions.IllegalAction(
            f"ส่งต่อให้{partner}อยู่แล้ว เรียกคืนหรือรอคำตอบก่อน", "This case is with that agency already. Recall it or wait."
        )
    now = clock.now()
    referral = Referral.objects.create(
        case=locked,
        partner=partner,
        purpose=scrub(purpose),
        basis=Basis(basis),
        basis_note=scrub(basis_note),
        fields=[field for field in FIELDS if field in shares],
        id_reason=scrub(id_reason) if "national_id" in shares else "",
        for_safety=locked.is_unsafe and may_see_sensitive(person, locked),
        by=person,
        posting=posting,
        unit=posting.unit,
        sent_at=now,
        due_on=due_on,
        ends_at=now + LASTS,
    )
    told = _told(referral) | {"basis": referral.basis, "fields": referral.fields, "due": due_on.isoformat()}
    fact = Fact(
        kind=FactKind.REFERRED, by=person, posting=posting, unit=posting.unit, reason=referral.purpose, details=told
    )
    referral.case = add_facts(locked, [fact], version=version)
    _record("case_referred", referral, person, posting)
    return referral


def _judge(case, partner, purpose, basis, basis_note, shares, id_reason, due_on) -> None:
    if len(purpose.strip()) < 10:
        raise ReferralRefused(
            "purpose", "บอกวัตถุประสงค์ให้หน่วยงานเข้าใจ อย่างน้อย 10 ตัวอักษร", "Say what for, in at least 10 characters."
        )
    if basis not in Basis.values:
        raise ReferralRefused(
            "basis", "เลือกฐานทางกฎหมายหรือความยินยอม", "Choose the lawful basis or consent of this referral."
        )
    if basis == Basis.CONSENT and len(basis_note.strip()) < 5:
        raise ReferralRefused("basis_note", "บันทึกว่าใครยินยอม เมื่อใด", "Record who consented, and when.")
    beyond = [field for field in shares if field not in allowed_fields(partner)]
    if beyond:
        names = ", ".join(str(FIELDS.get(field, field)) for field in beyond)
        raise ReferralRefused(
            "shares",
            f"ข้อตกลงกับ{partner}ไม่ให้ส่ง: {names}",
            f"The agreement with this agency does not cover: {', '.join(beyond)}.",
        )
    if not shares:
        raise ReferralRefused("shares", "เลือกข้อมูลที่จะส่งอย่างน้อย 1 อย่าง", "Choose at least one field to share.")
    if "national_id" in shares and len(id_reason.strip()) < 10:
        raise ReferralRefused(
            "id_reason",
            "ส่งเลขประจำตัวประชาชนต้องบอกเหตุผล อย่างน้อย 10 ตัวอักษร",
            "A national ID goes along only with a reason of at least 10 characters.",
        )
    today = bangkok_date(clock.now())
    if not today <= due_on <= today + LASTS:
        raise ReferralRefused("due_on", "กำหนดตอบต้องอยู่ใน 90 วันนับจากวันนี้", "Due within 90 days from today.")


def _told(referral: Referral) -> dict:
    return {"referral": referral.pk, "partner": f"partner:{referral.partner.code}", "name": referral.partner.name_th}


def _record(action: str, referral: Referral, person: Person, posting, **more) -> None:
    audit.record(
        action,
        person=person,
        posting=posting,
        object_kind="case",
        object_key=referral.case.number,
        referral=referral.pk,
        **more,
    )


# ── the partner's side ────────────────────────────────────────────────────────────────────────────────────────────────
@transaction.atomic
def answer(referral: Referral, *, person: Person, answer: str, text: str = "") -> Referral:
    """What the partner says; done and rejected end the referral.

    Raises PermissionDenied (who may only read), IllegalAction when it ended meanwhile, or was accepted before,
    ReferralRefused without the words it needs.
    """
    case = lock(referral.case)
    rows = Referral.objects.open_to(person).select_for_update(of=("self",)).select_related("partner")
    held = rows.filter(pk=referral.pk).first()
    _same_file(held, case)
    if held is None:
        raise actions.IllegalAction("การส่งต่อนี้สิ้นสุดแล้ว", "This referral has ended.")
    posting = answering(held, person)
    if posting is None:
        raise PermissionDenied
    said = ReferralAnswer(answer)
    if said == ReferralAnswer.ACCEPTED and held.state == ReferralState.ACCEPTED:
        raise actions.IllegalAction("รับเรื่องนี้ไปแล้ว", "This referral was accepted already.")
    if said != ReferralAnswer.ACCEPTED and len(text.strip()) < 5:
        raise ReferralRefused(
            "text", "เขียนผลหรือเหตุผล อย่างน้อย 5 ตัวอักษร", "Write the result or reason, in at least 5 characters."
        )
    told = _told(held) | {"answer": said}
    who = {"by": person, "posting": posting, "unit": posting.unit}
    facts = [Fact(kind=FactKind.REFERRAL_ANSWERED, reason=scrub(text), details=told, **who)]
    if said in (ReferralAnswer.DONE, ReferralAnswer.REJECTED):
        facts.append(end(held, ReferralState(said), **who))
    elif said == ReferralAnswer.ACCEPTED:
        held.state = ReferralState.ACCEPTED
        held.save(update_fields=["state"])
    held.case = add_facts(case, facts)
    _record("referral_answered", held, person, posting, answer=said)
    return held


def _same_file(held: Referral | None, case: Case) -> None:
    """That the referral stands in the file which is locked: a merge, or its undoing, may just have moved it (409)."""
    if held is not None and held.case_id != case.pk:
        raise actions.IllegalAction(
            "แฟ้มเพิ่งถูกรวมหรือแยก เปิดการส่งต่อนี้ใหม่แล้วลองอีกครั้ง",
            "The file was just merged or parted. Open the referral again.",
        )


def answering(referral: Referral, person: Person) -> Posting | None:
    """The posting by which `person` answers for the agency; None for who may only read there."""
    for posting in postings_of(person):
        office = posting.unit == f"partner:{referral.partner.code}"
        if office and roles.ANSWER_REFERRALS in roles.capabilities_of(posting):
            return posting
    return None


def end(referral: Referral, state: ReferralState, **who) -> Fact:
    """The referral, held, is over: its row says so; the fact that tells it is given back, not yet written."""
    referral.state, referral.ended_at = state, clock.now()
    referral.save(update_fields=["state", "ended_at"])
    return ended(referral, **who)


def end_with_case(case: Case, **who) -> list[Fact]:
    """The case, locked, is closed or removed: its live referrals are over, whatever becomes of it later."""
    held = Referral.objects.select_for_update(of=("self",)).filter(case=case, state__in=LIVE).select_related("partner")
    return [end(one, ReferralState.CLOSED, **who) for one in held.order_by("pk")]


def ended(referral: Referral, **who) -> Fact:
    """The fact, not yet written, that tells how a referral ended."""
    return Fact(kind=FactKind.REFERRAL_ENDED, details=_told(referral) | {"end": referral.state}, **who)


def resume(referral: Referral, state: str, **who) -> Fact | None:
    """A held referral that ended in another goes on in its former `state`; None where it cannot any more."""
    live = Referral.objects.filter(case=referral.case_id, partner=referral.partner_id, state__in=LIVE)
    if referral.state != ReferralState.MERGED or referral.ends_at <= clock.now() or live.exists():
        return None
    referral.state, referral.ended_at = state, None
    referral.save(update_fields=["state", "ended_at"])
    told = _told(referral) | {"fields": referral.fields, "due": referral.due_on.isoformat(), "again": True}
    return Fact(kind=FactKind.REFERRED, reason=referral.purpose, details=told, **who)


# ── the sending side ──────────────────────────────────────────────────────────────────────────────────────────────────
@transaction.atomic
def recall(referral: Referral, *, person: Person, reason: str) -> Referral:
    """Take it back. Raises PermissionDenied, IllegalAction (over already), ReferralRefused."""
    case = lock(referral.case)
    posting = posting_for(person, roles.REFER, case)
    if posting is None:
        raise PermissionDenied
    held = Referral.objects.select_for_update(of=("self",)).select_related("partner").get(pk=referral.pk)
    _same_file(held, case)
    if held.state not in LIVE:
        raise actions.IllegalAction(
            f"การส่งต่อนี้สิ้นสุดแล้ว ({ReferralState(held.state).label})", f"This referral is over ({held.state})."
        )
    if len(reason.strip()) < 5:
        raise ReferralRefused("reason", "บอกเหตุผล อย่างน้อย 5 ตัวอักษร", "Give a reason of at least 5 characters.")
    fact = end(held, ReferralState.RECALLED, by=person, posting=posting, unit=posting.unit)
    fact.reason = scrub(reason)
    held.case = add_facts(case, [fact])
    _record("referral_recalled", held, person, posting)
    return held


def expire_referrals() -> int:
    """Tell the timeline of referrals past their 90 days; returns how many. Their sight ended before."""
    late = Referral.objects.filter(state__in=LIVE, ends_at__lte=clock.now()).order_by("case_id", "pk")
    cases = {referral.case_id: referral.case for referral in late.select_related("case")}
    count = 0
    for case in cases.values():
        with transaction.atomic():
            count += _expire_of(lock(case))
    return count


def _expire_of(case: Case) -> int:
    held = Referral.objects.select_for_update(of=("self",)).filter(case=case, state__in=LIVE, ends_at__lte=clock.now())
    facts = [end(one, ReferralState.EXPIRED, unit="nation") for one in held.select_related("partner")]
    if facts:
        add_facts(case, facts)
    return len(facts)


# ── reading ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def waiting_at(person: Person) -> list[Referral]:
    """The live referrals to the offices of a partner officer, the most urgent first, at most MOST."""
    rows = Referral.objects.open_to(person).select_related(
        "partner", "case__child__tambon", "case__child__amphoe", "case__child__province", "case__school",
        "case__district",
    )  # fmt: skip
    return list(rows.order_by("due_on", "pk")[:MOST])


def needs_of(case: Case) -> list[str]:
    """What would help, by the latest visit that said so."""
    visits = Visit.objects.filter(case__in=cases_of_person(case), fact__corrected_by__isnull=True).order_by(
        "-fact__at", "-pk"
    )
    return next((needs for needs in visits.values_list("needs", flat=True)[:10] if needs), [])


def answers_of(referral: Referral) -> list[Fact]:
    """What its partner has said, the latest first, in whichever of the files it stood then."""
    files = {*cases_of_person(referral.case), *(fact.other_case_id for fact in _merges(referral.case))}
    said = Fact.objects.filter(case__in=files, kind=FactKind.REFERRAL_ANSWERED, details__referral=referral.pk)
    return list(said.select_related("by").order_by("-at", "-pk"))


def merged_since(referral: Referral) -> Fact | None:
    """The last merge that stands of those since it was sent: its partner is told that the file is another's too."""
    standing = {}
    for fact in _merges(referral.case):
        standing.pop(fact.other_case_id, None)
        if fact.kind == FactKind.MERGED_IN and fact.at >= referral.sent_at:
            standing[fact.other_case_id] = fact
    return next(reversed(standing.values()), None)


def _merges(case: Case) -> list[Fact]:
    kinds = (FactKind.MERGED_IN, FactKind.MERGED_AWAY, FactKind.MERGE_UNDONE)
    return list(Fact.objects.filter(case=case, kind__in=kinds).order_by("pk"))


def of_case(case: Case, facts: Iterable[Fact] = ()) -> list[Referral]:
    """Every referral of a case its caller fetched in scope, the latest first; with what `facts`, the newest first, know
    of its partner's latest answer."""
    answers: dict[int, Fact] = {}
    for fact in facts:
        if fact.kind == FactKind.REFERRAL_ANSWERED:
            answers.setdefault(fact.details.get("referral"), fact)
    found = list(Referral.objects.filter(case=case).select_related("partner", "by").order_by("-pk"))
    today = bangkok_date(clock.now())
    for one in found:
        one.is_live = one.state in LIVE and one.ends_at > clock.now()
        one.is_late = one.state == ReferralState.SENT and one.is_live and one.due_on < today
        answer = answers.get(one.pk)
        one.said = str(ReferralAnswer(answer.details["answer"]).label) if answer else ""
        one.words = answer.reason if answer else ""
    return found
