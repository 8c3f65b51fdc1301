"""ตรวจสอบบัญชี: every version of a list is checked line by line, signed by schools and districts, returned upward.

Half of the children on such lists are simply enrolled elsewhere, so most answers are given in bulk: one transaction,
a few queries, however many lines. What an answer says of a case becomes a fact there. Source: seed 001 step 4 and
seed 004.
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, F, FilteredRelation, Max, OuterRef, Q, QuerySet, Subquery

from cases import gate, requests
from cases.actions import IllegalAction
from cases.codes import IN_EDUCATION, CheckAnswer, FactKind, Finding, Removal, RequestKind, Stage
from cases.lifecycle import facts_of, history, lock, revise_many
from cases.models import Case, CheckSignature, EntryCheck, Fact, ListEntry, ListVersion, Span
from schools import audit, roles
from schools.models import Person, Posting
from schools.refusal import Refusal
from schools.scope import covers, encloses, level_above, postings_of, unit_of_posting, visible, within
from schools.units import Unit, parse_unit, parse_units

OF_PRESENT = (
    CheckAnswer.CORRECT,
    CheckAnswer.IN_EDUCATION,
    CheckAnswer.AMENDED,
    CheckAnswer.NOT_OURS,
    CheckAnswer.DUPLICATE,
)
OF_GONE = (CheckAnswer.KEPT, CheckAnswer.REMOVED)
WITHOUT_EVIDENCE = frozenset({CheckAnswer.CORRECT, CheckAnswer.AMENDED})
SHORTEST_EVIDENCE = 5
MOST_AT_ONCE = 1000


class CheckRefused(Refusal):
    """The answer or the signature cannot be taken; the messages say why and what to do first."""


# ── the lines ─────────────────────────────────────────────────────────────────────────────────────────────────
def lines(version: ListVersion) -> QuerySet[ListEntry]:
    """The lines of one version: who is on it, and who is gone since the one before; void cases are checked no more.

    Each with `answer`, `evidence` and `checked_unit` so far; None: not yet.
    """
    present = Q(joined__lte=version.number) & (Q(left__isnull=True) | Q(left__gte=version.number))
    entries = ListEntry.objects.filter(present, list=version.list_id).exclude(case__stage=Stage.VOID)
    own = FilteredRelation("checks", condition=Q(checks__version=version))
    return entries.annotate(own=own).annotate(
        answer=F("own__answer"), evidence=F("own__evidence"), checked_unit=F("own__unit")
    )


def is_gone(version: ListVersion, entry: ListEntry) -> bool:
    """Whether this version no longer names the child: the line is to be removed or kept."""
    return entry.left == version.number


def lines_of(version: ListVersion, person: Person) -> QuerySet[ListEntry]:
    """The lines whose cases `person` may check."""
    return lines(version).filter(visible(person, "case__", roles.CHECK_LISTS))


def versions_of(person: Person) -> QuerySet[ListVersion]:
    """The latest version of every list with lines in the person's scope, the newest first."""
    own = ListEntry.objects.filter(visible(person, "case__", roles.CHECK_LISTS))
    return _latest().filter(list__in=own.values("list")).select_related("list").order_by("-committed_at", "-pk")


def _latest() -> QuerySet[ListVersion]:
    last = ListVersion.objects.filter(list=OuterRef("list")).order_by("-number").values("pk")[:1]
    return ListVersion.objects.alias(last=Subquery(last)).filter(pk=F("last"))


# ── answers ───────────────────────────────────────────────────────────────────────────────────────────────────
class Answered(NamedTuple):
    """What came of one bulk answer; `skipped` pairs the case number with the reason in both languages."""

    done: int
    skipped: list[tuple[str, str, str]]


@transaction.atomic
def answer_lines(
    version: ListVersion,
    entries: Sequence[int],
    *,
    person: Person,
    answer: str,
    evidence: str = "",
    outcome: int | None = None,
) -> Answered:
    """Give one answer to many lines. Lines that cannot take it are left as they were and named.

    `outcome`: of CheckAnswer.IN_EDUCATION, which line of education. Raises CheckRefused, PermissionDenied.
    """
    answer = CheckAnswer(answer)
    _judge(version, entries, answer, evidence, outcome)
    gate.enter()
    chosen = list(lines_of(version, person).filter(pk__in=entries).select_related("case").order_by("case_id"))
    list(Case.objects.select_for_update(of=("self",)).filter(pk__in=[one.case_id for one in chosen]).order_by("pk"))
    fitting = [one for one in chosen if (answer in OF_GONE) == is_gone(version, one)]
    skipped = [
        (one.case.number, "คำตอบนี้ใช้กับบรรทัดนี้ไม่ได้", "This answer does not fit this line.")
        for one in chosen
        if one not in fitting
    ]
    skipped += [("–", "ไม่อยู่ในหน่วยงานของท่าน", "Not in your unit.")] * (len(set(entries)) - len(chosen))
    signed = signed_units(version)
    for one in list(fitting):
        if _unit_of(one.case) in signed:
            fitting.remove(one)
            skipped.append((one.case.number, "รับรองบัญชีแล้ว ขอส่งกลับก่อนจึงแก้ได้", "Signed; ask for it back first."))
    done = _EFFECTS.get(answer, _no_effect)(version, fitting, person, evidence, outcome, skipped)
    _keep(version, done, person, answer, evidence)
    audit.record(
        "list_checked",
        person=person,
        object_kind="list_version",
        object_key=str(version.pk),
        answer=answer,
        lines=len(done),
    )
    return Answered(len(done), skipped)


def _judge(version: ListVersion, entries: Sequence[int], answer: CheckAnswer, evidence: str, outcome) -> None:
    if not _latest().filter(pk=version.pk).exists():
        raise CheckRefused("มีบัญชีฉบับใหม่กว่าแล้ว ตรวจฉบับล่าสุด", "There is a newer version; check that one.")
    if not entries:
        raise CheckRefused("เลือกเด็กอย่างน้อยหนึ่งคน", "Choose at least one child.")
    if len(entries) > MOST_AT_ONCE:
        raise CheckRefused(f"ครั้งละไม่เกิน {MOST_AT_ONCE:,} คน", f"At most {MOST_AT_ONCE:,} at once.")
    if answer not in WITHOUT_EVIDENCE and len(evidence.strip()) < SHORTEST_EVIDENCE:
        raise CheckRefused(
            f"“{answer.label}” ต้องบอกหลักฐาน เช่น เรียนที่ใด รู้จากใคร อย่างน้อย {SHORTEST_EVIDENCE} ตัวอักษร",
            "This answer needs evidence: which school, who said so.",
        )
    if answer == CheckAnswer.IN_EDUCATION and outcome not in IN_EDUCATION:
        raise CheckRefused("บอกว่าเรียนสังกัดเดิม สังกัดอื่น หรือต่างประเทศ", "Say where: same or other affiliation, or abroad.")


def _posting(person: Person, case: Case) -> Posting:
    for posting in postings_of(person):
        unit = unit_of_posting(posting)
        if unit and roles.CHECK_LISTS in roles.capabilities_of(posting) and covers(unit, case):
            return posting
    raise PermissionDenied


def _no_effect(version, entries, person, evidence, outcome, skipped) -> list[ListEntry]:
    return entries


def _in_education(version, entries, person, evidence, outcome, skipped) -> list[ListEntry]:
    """Found, and in school already: facts for all in bulk."""
    return _tell(version, entries, person, evidence, finding=Finding.FOUND, outcome=outcome)


def _kept(version, entries, person, evidence, outcome, skipped) -> list[ListEntry]:
    return _tell(version, entries, person, evidence)


def _tell(version, entries, person, evidence, **says) -> list[ListEntry]:
    """One fact a line, all at once; the cases are locked."""
    case_ids = [entry.case_id for entry in entries]
    known = facts_of(case_ids)
    last = Span.objects.filter(case_id__in=case_ids).aggregate(last=Max("known_from"))["last"]
    received = gate.stamp(last)
    facts = []
    for entry in entries:
        posting = _posting(person, entry.case)
        fact = Fact(
            case=entry.case,
            kind=FactKind.LIST_CHECKED,
            at=received,
            known_at=received,
            by=person,
            posting=posting,
            unit=posting.unit,
            list_version=version,
            before=entry.case.stage,
            reason=evidence,
            **says,
        )
        fact.after = history([*known[entry.case_id], fact])[-1].state.stage
        facts.append(fact)
    Fact.objects.bulk_create(facts, batch_size=500)
    revise_many(case_ids, received)
    return entries


def _not_ours(version, entries, person, evidence, outcome, skipped) -> list[ListEntry]:
    """Asked of the level above: it knows where the child belongs."""
    return _ask_each(entries, person, evidence, skipped, RequestKind.TRANSFER, {"list_version": version.pk})


def _removed(version, entries, person, evidence, outcome, skipped) -> list[ListEntry]:
    details = {"why": Removal.GONE_FROM_LIST, "list_version": version.pk}
    return _ask_each(entries, person, evidence, skipped, RequestKind.REMOVAL, details)


def _ask_each(entries, person, evidence, skipped, kind, details) -> list[ListEntry]:
    done = []
    for entry in entries:
        try:
            with transaction.atomic():
                case = lock(entry.case)
                posting = _posting(person, case)
                above = level_above(parse_unit(posting.unit))
                requests.ask(case, kind, posting=posting, to=above, reason=evidence, details=dict(details))
        except IllegalAction as refusal:
            skipped.append((entry.case.number, refusal.message_th, refusal.message_en))
        else:
            done.append(entry)
    return done


_EFFECTS = {
    CheckAnswer.IN_EDUCATION: _in_education,
    CheckAnswer.KEPT: _kept,
    CheckAnswer.NOT_OURS: _not_ours,
    CheckAnswer.REMOVED: _removed,
}


def _keep(version, entries, person, answer, evidence) -> None:
    rows = []
    for entry in entries:
        posting = _posting(person, entry.case)
        rows.append(
            EntryCheck(
                version=version,
                entry=entry,
                answer=answer,
                evidence=evidence,
                by=person,
                posting=posting,
                unit=posting.unit,
                at=gate.stamp(),
            )
        )
    EntryCheck.objects.bulk_create(
        rows,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["version", "entry"],
        update_fields=["answer", "evidence", "by", "posting", "unit", "at"],
    )


# ── signatures and progress ───────────────────────────────────────────────────────────────────────────────────
class Progress(NamedTuple):
    """How far one unit is with one version."""

    unit: str
    lines: int
    answered: int
    by_answer: dict[str, int]
    state: str  # "" · signed · returned

    @property
    def is_complete(self) -> bool:
        return self.lines == self.answered


def _unit_of(case: Case) -> str:
    """Who signs for a case: its school, or the district or tray that has it."""
    return f"school:{case.school_id}" if case.school_id else f"district:{case.district_id}"


def signed_units(version: ListVersion) -> set[str]:
    """The keys (as _unit_of) of the units whose signature stands."""
    standing = {unit for unit, row in _signatures(version).items() if row.state == CheckSignature.State.SIGNED}
    return {f"{'school' if unit.kind == 'school' else 'district'}:{unit.pk}" for unit in parse_units(standing).values()}


def _signatures(version: ListVersion) -> dict[str, CheckSignature]:
    """The last word on each unit's checklist."""
    return {row.unit: row for row in CheckSignature.objects.filter(version=version).select_related("by")}


def progress_of(version: ListVersion, unit: Unit) -> Progress:
    """How far `unit` is: all lines that stand in it."""
    counted = lines(version).filter(within(unit, "case__")).order_by().values("answer").annotate(lines=Count("pk"))
    by_answer = {row["answer"] or "": row["lines"] for row in counted}
    total = sum(by_answer.values())
    signature = _signatures(version).get(str(unit))
    return Progress(str(unit), total, total - by_answer.pop("", 0), by_answer, signature.state if signature else "")


def progress_below(version: ListVersion, unit: Unit) -> list[Progress]:
    """The same for every school with lines below `unit`, the least done first. Two queries."""
    counted = (
        lines(version)
        .filter(within(unit, "case__"), case__school__isnull=False)
        .order_by()
        .values("case__school__code", "answer")
        .annotate(lines=Count("pk"))
    )
    by_unit: dict[str, dict[str, int]] = {}
    for row in counted:
        by_unit.setdefault(f"school:{row['case__school__code']}", {})[row["answer"] or ""] = row["lines"]
    signatures = _signatures(version)
    found = []
    for key, by_answer in by_unit.items():
        total = sum(by_answer.values())
        answered = total - by_answer.pop("", 0)
        state = signatures[key].state if key in signatures else ""
        found.append(Progress(key, total, answered, by_answer, state))
    return sorted(found, key=lambda one: (one.answered / one.lines, -one.lines, one.unit))


@transaction.atomic
def sign(version: ListVersion, unit: Unit, *, person: Person, note: str = "") -> CheckSignature:
    """ลงนามรับรอง: every line of `unit` is answered. Raises CheckRefused, PermissionDenied."""
    posting = _signing(person, unit)
    ListVersion.objects.select_for_update().get(pk=version.pk)
    now = progress_of(version, unit)
    if now.state == CheckSignature.State.SIGNED:
        raise CheckRefused("รับรองแล้ว", "Signed already.")
    if now.lines == 0 or not now.is_complete:
        raise CheckRefused(
            f"ยังไม่ได้ตรวจ {now.lines - now.answered} คน ตรวจให้ครบก่อนรับรอง",
            f"{now.lines - now.answered} still to check; answer every line before you sign.",
        )
    return _sign(version, unit, posting, CheckSignature.State.SIGNED, note)


def _signing(person: Person, unit: Unit) -> Posting:
    for posting in postings_of(person):
        if posting.unit == str(unit) and roles.SIGN_LISTS in roles.capabilities_of(posting):
            return posting
    raise PermissionDenied


@transaction.atomic
def give_back(version: ListVersion, unit: Unit, *, person: Person, note: str) -> CheckSignature:
    """ส่งกลับให้แก้ไข, by an officer above the unit. Raises CheckRefused (not signed), PermissionDenied."""
    ListVersion.objects.select_for_update().get(pk=version.pk)
    posting = next(
        (
            one
            for one in postings_of(person)
            if roles.SIGN_LISTS in roles.capabilities_of(one)
            and (own := unit_of_posting(one)) is not None
            and str(own) != str(unit)
            and encloses(own, unit)
        ),
        None,
    )
    if posting is None:
        raise PermissionDenied
    signature = _signatures(version).get(str(unit))
    if signature is None or signature.state != CheckSignature.State.SIGNED:
        raise CheckRefused("ยังไม่ได้รับรอง จึงส่งกลับไม่ได้", "Not signed, so it cannot be given back.")
    return _sign(version, unit, posting, CheckSignature.State.RETURNED, note)


def _sign(version, unit, posting, state, note) -> CheckSignature:
    signature = CheckSignature.objects.create(
        version=version, unit=str(unit), state=state, by=posting.person, posting=posting, at=gate.stamp(), note=note
    )
    audit.record(
        "list_signed",
        person=posting.person,
        posting=posting,
        object_kind="list_version",
        object_key=str(version.pk),
        of_unit=str(unit),
        state=state,
    )
    return signature
