"""ตรวจสอบบัญชี: every line of a list's latest version is answered, by those who have the child.

Half of the children on such lists are simply enrolled elsewhere, so most answers are given in bulk: one transaction,
a few queries, however many lines. What an answer says of a case becomes a fact there. Source: seed 001 step 4 and
seed 004.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from cases import duplicates, gate, photos, requests
from cases.actions import IllegalAction
from cases.checklists import CheckRefused, is_gone, is_latest, lines_of, signed
from cases.child_data import amend_child
from cases.codes import IN_EDUCATION, CheckAnswer, FactKind, Finding, Removal, RequestKind, Stage
from cases.identity import scrub
from cases.lifecycle import add_facts, lock
from cases.many_facts import add_to_each
from cases.models import Case, CheckPicture, EntryCheck, Fact, ListEntry, ListVersion
from cases.survivors import survivor_of
from schools import audit, clock, roles
from schools.models import Person, Posting
from schools.scope import level_above, posting_for, visible
from schools.units import parse_unit

OF_PRESENT = (
    CheckAnswer.CORRECT,
    CheckAnswer.AMENDED,
    CheckAnswer.NOT_OURS,
    CheckAnswer.IN_EDUCATION,
    CheckAnswer.DUPLICATE,
)
OF_GONE = (CheckAnswer.KEPT, CheckAnswer.REMOVED)
ONE_BY_ONE = frozenset({CheckAnswer.AMENDED, CheckAnswer.DUPLICATE})  # these say something of one child alone
ASKING = frozenset({CheckAnswer.NOT_OURS, CheckAnswer.REMOVED})  # these put a request to the level above
SHORTEST_EVIDENCE = 5
MOST_AT_ONCE = 5000
MOST_ASKED = 200  # each is a request of its own that somebody will read
_BATCH = 1000
ELSEWHERE = ("ไม่อยู่ในหน่วยงานของท่าน", "Not in your unit.")


class Answered(NamedTuple):
    """What came of one bulk answer; `skipped` pairs the case number with the reason in both languages."""

    done: int
    skipped: list[tuple[str, str, str]]
    lines: tuple[int, ...] = ()  # the ids of those that took it


class _Said(NamedTuple):
    """One answer on its way to many lines."""

    version: ListVersion
    person: Person
    answer: CheckAnswer
    evidence: str
    outcome: int | None
    pictures: Sequence[photos.Picture]
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
    pictures: Sequence[photos.Picture] = (),
) -> Answered:
    """Give one answer to many lines. Lines that cannot take it are left as they were and named.

    `outcome`: of CheckAnswer.IN_EDUCATION, which line of education. Raises CheckRefused, PermissionDenied.
    """
    said = _Said(version, person, CheckAnswer(answer), scrub(evidence.strip()), outcome, pictures, [])
    _judge(said, entries)
    gate.enter()
    done: list[ListEntry] = []
    wanted = sorted(set(entries))
    for start in range(0, len(wanted), _BATCH):
        part = wanted[start : start + _BATCH]
        fitting = _fitting(said, _held(version, person, part), len(part))
        done += _EFFECTS.get(said.answer, _no_effect)(said, fitting)
    _keep(said, done)
    return Answered(len(done), said.skipped, tuple(entry.pk for entry in done))


def _judge(said: _Said, entries: Sequence[int]) -> None:
    if not roles.can(said.person, roles.CHECK_LISTS):
        raise PermissionDenied
    if not is_latest(said.version):
        raise CheckRefused("มีบัญชีฉบับใหม่กว่าแล้ว ตรวจฉบับล่าสุด", "There is a newer version; check that one.")
    if not entries:
        raise CheckRefused("เลือกเด็กอย่างน้อยหนึ่งคน", "Choose at least one child.")
    if said.answer in ONE_BY_ONE:
        raise CheckRefused(
            f"“{said.answer.label}” ตอบทีละคน กดที่ปุ่มท้ายแถวของเด็ก",
            f"“{said.answer}” is answered child by child, in its row.",
        )
    most = MOST_ASKED if said.answer in ASKING else MOST_AT_ONCE
    if len(entries) > most:
        raise CheckRefused(
            f"“{said.answer.label}” ตอบได้ครั้งละไม่เกิน {most:,} คน กรองตามโรงเรียนหรือเลือกทีละหน้า",
            f"At most {most:,} at once: filter by school or choose page by page.",
        )
    if said.answer != CheckAnswer.CORRECT and len(said.evidence) < SHORTEST_EVIDENCE:
        raise CheckRefused(
            f"“{said.answer.label}” ต้องบอกหลักฐาน เช่น เรียนที่ใด รู้จากใคร อย่างน้อย {SHORTEST_EVIDENCE} ตัวอักษร",
            "This answer needs evidence: which school, who said so.",
        )
    if said.answer == CheckAnswer.IN_EDUCATION and said.outcome not in IN_EDUCATION:
        raise CheckRefused("บอกว่าเรียนสังกัดเดิม สังกัดอื่น หรือต่างประเทศ", "Say where: same or other affiliation, or abroad.")


def _held(version: ListVersion, person: Person, entries: Sequence[int]) -> list[ListEntry]:
    """Those of `entries` this person checks, their cases locked in the order of their keys and as they stand now."""
    ids = lines_of(version, person).filter(pk__in=entries).values("case_id")
    list(Case.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk").values_list("pk"))
    again = lines_of(version, person).filter(pk__in=entries).order_by("case_id")
    return list(again.select_related("case__school", "case__district", "case__child"))


def _fitting(said: _Said, held: Sequence[ListEntry], asked: int) -> list[ListEntry]:
    """The lines that can take the answer; the others go to `said.skipped` with the reason."""
    under_signature = signed(said.version, [entry.case for entry in held])
    fitting = []
    for entry in held:
        number = entry.case.number
        if (said.answer in OF_GONE) != is_gone(said.version, entry):
            said.skipped.append((number, "คำตอบนี้ใช้กับบรรทัดนี้ไม่ได้", "This answer does not fit this line."))
        elif entry.case_id in under_signature:
            said.skipped.append((number, "รับรองบัญชีแล้ว ขอส่งกลับก่อนจึงแก้ได้", "Signed; ask for it back first."))
        else:
            fitting.append(entry)
    said.skipped.extend([("–", *ELSEWHERE)] * (asked - len(held)))
    return fitting


# ── what an answer does ───────────────────────────────────────────────────────────────────────────────────────
def _posting(person: Person, case: Case) -> Posting:
    posting = posting_for(person, roles.CHECK_LISTS, case)
    if posting is None:
        raise PermissionDenied
    return posting


def _no_effect(said: _Said, entries: list[ListEntry]) -> list[ListEntry]:
    return entries


def _in_education(said: _Said, entries: list[ListEntry]) -> list[ListEntry]:
    """Found, and in school already: facts for all in bulk."""
    return _tell(said, entries, finding=Finding.FOUND, outcome=said.outcome)


def _tell(said: _Said, entries: list[ListEntry], **says) -> list[ListEntry]:
    """One fact a line, all at once; the cases are locked."""
    facts = []
    for entry in entries:
        fact = _fact(said.version, entry.case, said.person, said.answer, said.evidence, **says)
        fact.case = entry.case
        facts.append(fact)
    add_to_each(facts)
    return entries


def _fact(version: ListVersion, case: Case, person: Person, answer: str, evidence: str, **says) -> Fact:
    posting = _posting(person, case)
    return Fact(
        kind=FactKind.LIST_CHECKED,
        by=person,
        posting=posting,
        unit=posting.unit,
        list_version=version,
        reason=evidence,
        details={"answer": str(answer)},
        **says,
    )


def _not_ours(said: _Said, entries: list[ListEntry]) -> list[ListEntry]:
    """Asked of the level above: it knows where the child belongs."""
    return _ask_each(said, entries, RequestKind.TRANSFER, {"list_version": said.version.pk})


def _removed(said: _Said, entries: list[ListEntry]) -> list[ListEntry]:
    details = {"why": Removal.GONE_FROM_LIST, "list_version": said.version.pk}
    return _ask_each(said, entries, RequestKind.REMOVAL, details)


def _ask_each(said: _Said, entries: list[ListEntry], kind: RequestKind, details: dict[str, Any]) -> list[ListEntry]:
    """A request a line. What is asked already is left as it was asked, and the line counts as answered."""
    for entry in entries:
        try:
            with transaction.atomic():
                case = lock(entry.case)
                posting = _posting(said.person, case)
                above = level_above(parse_unit(posting.unit))
                requests.ask(
                    case,
                    kind,
                    posting=posting,
                    to=above,
                    reason=said.evidence,
                    details=dict(details),
                    pictures=said.pictures,
                )
        except IllegalAction:  # asked already, and waiting: that is the answer to this line too
            pass
    return entries


_EFFECTS = {
    CheckAnswer.IN_EDUCATION: _in_education,
    CheckAnswer.KEPT: _tell,
    CheckAnswer.NOT_OURS: _not_ours,
    CheckAnswer.REMOVED: _removed,
}


# ── one child ─────────────────────────────────────────────────────────────────────────────────────────────────
@transaction.atomic
def amend_line(version: ListVersion, line: ListEntry, /, *, person: Person, **said) -> Case:
    """แก้ไข: put the child's data right and answer the line with it. Raises as amend_child does, and CheckRefused.

    `said` goes to amend_child, the version of the case among it.
    """
    entry = _one(version, line, person, CheckAnswer.AMENDED)
    case = amend_child(entry.case, person=person, **said)
    _keep(_Said(version, person, CheckAnswer.AMENDED, "", None, (), []), [entry])
    return case


@transaction.atomic
def call_duplicate(
    version: ListVersion, line: ListEntry, *, person: Person, number: str, evidence: str, pictures=()
) -> EntryCheck:
    """ซ้ำ: the child of this line has another case, `number`; the pair waits at ข้อมูลซ้ำซ้อน for who sees both.

    Raises CheckRefused: no such case in this person's sight, or none that could still be merged.
    """
    entry = _one(version, line, person, CheckAnswer.DUPLICATE)
    other = _other_case(entry.case, number.strip().upper(), person)
    duplicates.say_same(entry.case, other)
    evidence = scrub(evidence.strip())
    words = f"{other.number}: {evidence}".removesuffix(": ")
    fact = _fact(version, entry.case, person, CheckAnswer.DUPLICATE, evidence)
    fact.details["other"] = other.number
    add_facts(lock(entry.case), [fact])
    said = _Said(version, person, CheckAnswer.DUPLICATE, words, None, pictures, [])
    _keep(said, [entry])
    return EntryCheck.objects.get(version=version, entry=entry)


def _other_case(case: Case, number: str, person: Person) -> Case:
    """The case `number` names, or the one it was merged into. Raises CheckRefused with the field to mend.

    Beyond one's own scope no case is told of, existing or not (AZ-07): there the level that has both answers the line.
    """
    named = Case.objects.filter(visible(person)).filter(number=number).select_related("child").first()
    if named is None or named.pk == case.pk or named.child_id == case.child_id:
        raise _no_other(
            f"ไม่พบแฟ้ม “{number}” อื่นในหน่วยงานของท่าน ตรวจเลขที่แฟ้ม ถ้าแฟ้มนั้นอยู่หน่วยงานอื่น ให้เขตหรือหน่วยงานที่ดูแลทั้งสองแฟ้มเป็นผู้ตอบ",
            f"There is no other case “{number}” in your unit. If it stands in another unit, the district or the level "
            "that has both answers this line.",
        )
    other = survivor_of(named)
    if other.pk == case.pk:
        raise _no_other(f"แฟ้ม “{number}” รวมกับแฟ้มนี้อยู่แล้ว", f"Case “{number}” is merged with this one already.")
    if other.stage == Stage.VOID:
        raise _no_other(
            f"แฟ้ม “{number}” ถูกตัดออกจากบัญชีแล้ว ไม่ซ้ำอีก ถ้าแฟ้มนี้ถูก ให้ตอบ “ถูกต้อง”",
            f"Case “{number}” was taken off the lists already. If this line is right, answer “correct”.",
        )
    return other


def _no_other(message_th: str, message_en: str) -> CheckRefused:
    refusal = CheckRefused(message_th, message_en)
    refusal.field = "number"
    return refusal


def same_names(case: Case, person: Person) -> QuerySet[Case]:
    """Other cases in this person's sight of a child of the same name, the likeliest to be the same child."""
    seen = Case.objects.filter(visible(person, capability=roles.SEE_NAMES), child__name_key=case.child.name_key)
    standing = seen.exclude(child=case.child_id).exclude(stage=Stage.VOID)
    return standing.select_related("child", "school", "district").order_by("pk")


def _one(version: ListVersion, line: ListEntry, person: Person, answer: CheckAnswer) -> ListEntry:
    """The line, its case locked; it can take `answer` now."""
    if not is_latest(version):
        raise CheckRefused("มีบัญชีฉบับใหม่กว่าแล้ว ตรวจฉบับล่าสุด", "There is a newer version; check that one.")
    gate.enter()
    held = _held(version, person, [line.pk])
    said = _Said(version, person, answer, "", None, (), [])
    fitting = _fitting(said, held, 1)
    if not fitting:
        raise CheckRefused(*said.skipped[0][1:])
    return fitting[0]


# ── what is kept ──────────────────────────────────────────────────────────────────────────────────────────────
def _keep(said: _Said, entries: Sequence[ListEntry]) -> None:
    """The present answer of each line, and one line in the trail for all of them."""
    picture = _picture(said) if entries and said.answer not in ASKING else None
    rows = []
    now = clock.now()
    for entry in entries:
        posting = _posting(said.person, entry.case)
        rows.append(
            EntryCheck(
                version=said.version,
                entry=entry,
                answer=said.answer,
                evidence=said.evidence[:500],
                picture=picture,
                by=said.person,
                posting=posting,
                unit=posting.unit,
                at=now,
            )
        )
    EntryCheck.objects.bulk_create(
        rows,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["version", "entry"],
        update_fields=["answer", "evidence", "picture", "by", "posting", "unit", "at"],
    )
    audit.record(
        "list_checked",
        person=said.person,
        object_kind="list_version",
        object_key=str(said.version.pk),
        answer=str(said.answer),
        lines=len(entries),
    )


def _picture(said: _Said) -> CheckPicture | None:
    """The picture that proves the answer, kept once for all its lines."""
    kept: list[CheckPicture] = []

    def told(path: str, picture: photos.Picture) -> None:
        kept.append(CheckPicture.objects.create(path=path, received_at=clock.now(), **picture.described()))

    photos.keep_all(said.pictures[:1], told)
    return kept[0] if kept else None
