"""The checklist of a list's latest version: its lines, how far each unit is, its signature, and giving it back.

What is said of a line is cases.checking. Source: seed 001 step 4 and seed 004.
"""

from collections.abc import Iterable
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery

from cases import gate
from cases.codes import CheckAnswer, Stage
from cases.identity import scrub
from cases.models import Case, CheckSignature, EntryCheck, ListEntry, ListVersion
from schools import audit, roles
from schools.models import Person, Posting
from schools.refusal import Refusal
from schools.scope import encloses, postings_of, unit_of_posting, visible, within
from schools.units import Unit, parse_unit, unit_of

SIGNED, RETURNED = CheckSignature.State.SIGNED, CheckSignature.State.RETURNED
SHORTEST_NOTE = 5


class CheckRefused(Refusal):
    """The answer or the signature cannot be taken; the messages say why and what to do first."""

    status = 409
    code = "check_refused"


# ── the lines ─────────────────────────────────────────────────────────────────────────────────────────────────
_NUMBER = ListVersion.objects.filter(list=OuterRef("list")).order_by("-number").values("number")[:1]


def _standing_lines() -> QuerySet[ListEntry]:
    """Every line of every latest version, who is gone since the one before among them; void cases are checked no more.

    Present in a latest version is who has not left; gone from it, who left with it.
    """
    entries = ListEntry.objects.annotate(number=Subquery(_NUMBER))
    return entries.filter(Q(left__isnull=True) | Q(left=F("number"))).exclude(case__stage=Stage.VOID)


def lines(version: ListVersion) -> QuerySet[ListEntry]:
    """The lines of one version, each with `answer`, `evidence` and `checked_unit` so far; None: not yet."""
    present = Q(joined__lte=version.number) & (Q(left__isnull=True) | Q(left__gte=version.number))
    entries = ListEntry.objects.filter(present, list=version.list_id).exclude(case__stage=Stage.VOID)
    own = FilteredRelation("checks", condition=Q(checks__version=version))
    return entries.annotate(own=own).annotate(
        answer=F("own__answer"), evidence=F("own__evidence"), checked_unit=F("own__unit"), picture=F("own__picture")
    )


def is_gone(version: ListVersion, entry: ListEntry) -> bool:
    """Whether this version no longer names the child: the line is to be removed or kept."""
    return entry.left == version.number


def lines_of(version: ListVersion, person: Person) -> QuerySet[ListEntry]:
    """The lines whose cases `person` may check."""
    return lines(version).filter(visible(person, "case__", roles.CHECK_LISTS))


def waiting(person: Person) -> int:
    """How many lines of all lists wait for an answer of this person's units."""
    answered = EntryCheck.objects.filter(entry=OuterRef("pk"), version__number=OuterRef("number"))
    mine = _standing_lines().filter(visible(person, "case__", roles.CHECK_LISTS))
    return mine.exclude(Exists(answered)).count()


def is_kept(entries: Iterable[ListEntry]) -> bool:
    """Whether somebody confirmed that a child who left these lists stays in the target."""
    last = max(entries, key=lambda entry: entry.pk)
    kept = EntryCheck.objects.filter(entry=last, answer=CheckAnswer.KEPT, version__number=last.left)
    return kept.exists()


def may_look(person: Person) -> bool:
    """Whether `person` checks lists, or watches over those who do."""
    return roles.can(person, roles.CHECK_LISTS) or roles.can(person, roles.SIGN_LISTS)


def _looks_at(person: Person, prefix: str) -> Q:
    return visible(person, prefix, roles.CHECK_LISTS) | visible(person, prefix, roles.SIGN_LISTS)


def is_latest(version: ListVersion) -> bool:
    """Only the latest version of a list is checked."""
    return not ListVersion.objects.filter(list=version.list_id, number__gt=version.number).exists()


def versions_of(person: Person) -> QuerySet[ListVersion]:
    """The latest version of every list with lines in the units this person checks or watches, the newest first."""
    last = ListVersion.objects.filter(list=OuterRef("list")).order_by("-number").values("pk")[:1]
    own = ListEntry.objects.filter(_looks_at(person, "case__"))
    latest = ListVersion.objects.alias(last=Subquery(last)).filter(pk=F("last"), list__in=own.values("list"))
    return latest.select_related("list").order_by("-committed_at", "-pk")


# ── progress ──────────────────────────────────────────────────────────────────────────────────────────────────
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

    @property
    def left(self) -> int:
        return self.lines - self.answered


def _progress(unit: str, by_answer: dict[str, int], state: str) -> Progress:
    total = sum(by_answer.values())
    open_ = by_answer.pop("", 0)
    return Progress(unit, total, total - open_, by_answer, state)


def progress_of(version: ListVersion, unit: Unit) -> Progress:
    """How far `unit` is: all lines that stand in it."""
    counted = lines(version).filter(within(unit, "case__")).order_by().values("answer").annotate(lines=Count("pk"))
    by_answer = {row["answer"] or "": row["lines"] for row in counted}
    return _progress(str(unit), by_answer, _state(version, str(unit)))


def version_in_sight(person: Person, pk: int) -> ListVersion | None:
    """The version `pk` of a list with lines this person checks or watches; None for any other."""
    mine = versions_of(person).values("list")
    return ListVersion.objects.select_related("list").filter(pk=pk, list__in=mine).first() if may_look(person) else None


def progress_of_lists(person: Person, versions: Iterable[ListVersion]) -> dict[int, Progress]:
    """version id → how far this person's units are together, in three queries however many lists."""
    by_list = {version.list_id: version for version in versions}
    mine = _standing_lines().filter(_looks_at(person, "case__"), list__in=by_list)
    totals = mine.order_by().values("list").annotate(lines=Count("pk")).values_list("list", "lines")
    checks = EntryCheck.objects.filter(version__in=list(by_list.values())).exclude(entry__case__stage=Stage.VOID)
    checks = checks.filter(_looks_at(person, "entry__case__")).order_by().values("version", "answer")
    answers: dict[int, dict[str, int]] = {}
    for row in checks.annotate(lines=Count("pk")):
        answers.setdefault(row["version"], {})[row["answer"]] = row["lines"]
    units = {posting.unit for posting in postings_of(person)}
    last = CheckSignature.objects.filter(version__in=list(by_list.values()), unit__in=units).order_by("pk")
    states = dict(last.values_list("version", "state"))
    found = {}
    for list_id, total in totals:
        version = by_list[list_id].pk
        by_answer = answers.get(version, {})
        open_ = {"": total - sum(by_answer.values())}
        found[version] = _progress("", by_answer | open_, states.get(version, ""))
    return found


def progress_below(version: ListVersion, unit: Unit) -> list[Progress]:
    """The same for those below `unit`, the least done first: of a district its schools, above it the districts.

    Lines nobody has routed to a school are the district's own. Three queries.
    """
    by_school = unit.kind in ("district", "tray")
    keys = ("case__district__code", "case__district__kind", *(("case__school__code",) if by_school else ()))
    inside = lines(version).filter(within(unit, "case__")).order_by()
    by_unit: dict[str, dict[str, int]] = {}
    for row in inside.values(*keys, "answer").annotate(lines=Count("pk")):
        kind = "tray" if row["case__district__kind"] == "tray" else "district"
        key = f"{kind}:{row['case__district__code']}"
        if code := row.get("case__school__code"):
            key = f"school:{code}"
        by_unit.setdefault(key, {})[row["answer"] or ""] = row["lines"]
    states = {key: row.state for key, row in signatures(version).items()}
    found = [
        _progress(key, by_answer, "" if key == str(unit) else states.get(key, "")) for key, by_answer in by_unit.items()
    ]
    return sorted(found, key=lambda one: (one.answered / one.lines, -one.lines, one.unit))


# ── signatures ────────────────────────────────────────────────────────────────────────────────────────────────
def signatures(version: ListVersion, units: Iterable[str] | None = None) -> dict[str, CheckSignature]:
    """The last word on each unit's checklist."""
    rows = CheckSignature.objects.filter(version=version).select_related("by").order_by("pk")
    if units is not None:
        rows = rows.filter(unit__in=set(units))
    return {row.unit: row for row in rows}


def _state(version: ListVersion, unit: str) -> str:
    signature = signatures(version, [unit]).get(unit)
    return signature.state if signature else ""


def signers_of(case: Case) -> list[str]:
    """Whose signature stands under a line: that of its school, and of the district or tray that has it."""
    district = str(unit_of(case.district))
    return [f"school:{case.school.code}", district] if case.school_id else [district]


def signed(version: ListVersion, cases: Iterable[Case]) -> set[int]:
    """The ids of those cases whose line stands under a signature already. One query."""
    signers = {case.pk: signers_of(case) for case in cases}
    asked = {unit for units in signers.values() for unit in units}
    standing = {unit for unit, row in signatures(version, asked).items() if row.state == SIGNED}
    return {pk for pk, units in signers.items() if standing.intersection(units)}


def _hold(version: ListVersion, unit: Unit) -> None:
    """Lock the cases of a unit's lines: answers lock them too, so none comes in between."""
    ids = lines(version).filter(within(unit, "case__")).values("case_id")
    list(Case.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk").values_list("pk"))


def signing(person: Person, unit: Unit) -> Posting | None:
    """The posting by which `person` signs for `unit`: one of those who check it."""
    for posting in postings_of(person):
        if posting.unit == str(unit) and {roles.SIGN_LISTS, roles.CHECK_LISTS} <= roles.capabilities_of(posting):
            return posting
    return None


def returning(person: Person, unit: Unit) -> Posting | None:
    """The posting by which `person` gives the checklist of `unit` back: one above it."""
    for posting in postings_of(person):
        own = unit_of_posting(posting)
        if own is None or roles.SIGN_LISTS not in roles.capabilities_of(posting) or str(own) == str(unit):
            continue
        if encloses(own, unit):
            return posting
    return None


@transaction.atomic
def sign(version: ListVersion, unit: Unit, *, person: Person, note: str = "") -> CheckSignature:
    """ลงนามรับรอง: every line of `unit` is answered. Raises CheckRefused, PermissionDenied."""
    posting = signing(person, unit)
    if posting is None:
        raise PermissionDenied
    _hold(version, unit)
    if not is_latest(version):
        raise CheckRefused("มีบัญชีฉบับใหม่กว่าแล้ว ตรวจฉบับล่าสุด", "There is a newer version; check that one.")
    now = progress_of(version, unit)
    if now.state == SIGNED:
        raise CheckRefused("รับรองแล้ว", "Signed already.")
    if now.lines == 0 or not now.is_complete:
        raise CheckRefused(
            f"ยังไม่ได้ตรวจ {now.left:,} คน ตรวจให้ครบก่อนรับรอง",
            f"{now.left:,} still to check; answer every line before you sign.",
        )
    return _sign(version, unit, posting, SIGNED, note)


@transaction.atomic
def give_back(version: ListVersion, unit: Unit, *, person: Person, note: str) -> CheckSignature:
    """ส่งกลับให้แก้ไข, by an officer above the unit, saying why. Raises CheckRefused, PermissionDenied."""
    posting = returning(person, unit)
    if posting is None:
        raise PermissionDenied
    _hold(version, unit)
    if _state(version, str(unit)) != SIGNED:
        raise CheckRefused("ยังไม่ได้รับรอง จึงส่งกลับไม่ได้", "Not signed, so it cannot be given back.")
    if len(note.strip()) < SHORTEST_NOTE:
        raise CheckRefused(
            f"บอกว่าให้แก้ไขอะไร อย่างน้อย {SHORTEST_NOTE} ตัวอักษร",
            f"Say what to mend, in at least {SHORTEST_NOTE} letters.",
        )
    if unit.kind == "school" and _state(version, str(unit_of(unit.row.district))) == SIGNED:
        raise CheckRefused(
            "เขตพื้นที่รับรองบัญชีนี้แล้ว ต้องให้หน่วยงานเหนือเขตส่งกลับก่อน",
            "The district has signed this list; the level above it gives it back first.",
        )
    return _sign(version, unit, posting, RETURNED, note)


def _sign(version, unit, posting, state, note) -> CheckSignature:
    signature = CheckSignature.objects.create(
        version=version,
        unit=str(unit),
        state=state,
        by=posting.person,
        posting=posting,
        at=gate.stamp(),
        note=scrub(note),
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


def unit_for(person: Person, text: str) -> Unit | None:
    """The unit `text` names, if `person` signs for it or may give it back; else None."""
    try:
        unit = parse_unit(text)
    except Refusal:
        return None
    return unit if signing(person, unit) or returning(person, unit) else None
