"""ข้อมูลซ้ำซ้อน: pairs of cases that may be of one child; how they are found, who sees them and who decides.

Found at entry, after an import and every night, by the same search. Merging itself is cases.merging. A pair is seen
only by those whose scope covers both cases: half a pair would tell that a child of this name stands elsewhere (AZ-07).
Source: PRODUCT §2, duplicates.
"""

from collections.abc import Iterable, Iterator, Sequence

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from cases.actions import IllegalAction
from cases.codes import PairState, Sameness, Stage
from cases.intake.existing import chunks
from cases.models import Case, Duplicate
from schools import audit, clock, roles
from schools.models import Person, Posting
from schools.scope import covers, level_above, postings_of, unit_of_posting, visible
from schools.thaitext import search_key
from schools.units import Unit, unit_of

_AT_ONCE = 2_000
# One pass over the index of names. Nothing of what was decided, or is known already, comes back.
_SEARCH = """
SELECT one.id, two.id, a.birth_date, b.birth_date, a.birth_year_only, b.birth_year_only, a.guardian_name,
       b.guardian_name
FROM cases_child a
JOIN cases_child b ON b.name_key = a.name_key AND b.id {beside} a.id
JOIN cases_case one ON one.child_id = a.id AND one.stage <> {void}
JOIN cases_case two ON two.child_id = b.id AND two.stage <> {void}
WHERE a.name_key <> '|' {among}
  AND ((a.birth_date = b.birth_date AND a.birth_year_only = b.birth_year_only)
       OR (a.guardian_name <> '' AND b.guardian_name <> ''
           AND (a.birth_date IS NULL OR b.birth_date IS NULL OR a.birth_year_only <> b.birth_year_only)))
  AND NOT EXISTS (
    SELECT 1 FROM cases_duplicate known
    WHERE known.first_id = CASE WHEN one.id < two.id THEN one.id ELSE two.id END
      AND known.second_id = CASE WHEN one.id < two.id THEN two.id ELSE one.id END)
"""


# ── finding ───────────────────────────────────────────────────────────────────────────────────────────────────
def find_duplicates(children: Sequence[int] | None = None) -> int:
    """Note every pair not noted yet, among all children or with one of `children`; returns how many. Idempotent."""
    if children is None:
        return _note(_found("", [], beside=">"))
    noted = 0
    for part in chunks(sorted(set(children))):
        among = f"AND a.id IN ({', '.join(['%s'] * len(part))})"
        noted += _note(_found(among, part, beside="<>"))
    return noted


def _found(among: str, params: Sequence[int], *, beside: str) -> Iterator[Duplicate]:
    sql = _SEARCH.format(beside=beside, among=among, void=int(Stage.VOID))
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows = cursor.fetchall()
    for one, two, *said in rows:
        if why := _sameness(*said):
            yield Duplicate(first_id=min(one, two), second_id=max(one, two), why=why, found_at=now)


def _sameness(born, other_born, year_only, other_year_only, guardian, other_guardian) -> Sameness | None:
    """Why two children of one name may be one; None where birth year or guardian tells them apart."""
    guardian_same = bool(guardian) and search_key(guardian) == search_key(other_guardian)
    if born is not None and born == other_born and bool(year_only) == bool(other_year_only):
        return Sameness.NAME_BIRTH_GUARDIAN if guardian_same else Sameness.NAME_BIRTH
    if not guardian_same:
        return None
    if born is None or other_born is None:
        return Sameness.NAME_GUARDIAN
    return Sameness.NAME_BIRTH_GUARDIAN if str(born)[:4] == str(other_born)[:4] else None


def _note(pairs: Iterable[Duplicate]) -> int:
    """Write the pairs; one that somebody noted meanwhile is left as it is."""
    fresh = list({(pair.first_id, pair.second_id): pair for pair in pairs}.values())
    with transaction.atomic():
        Duplicate.objects.bulk_create(fresh, batch_size=_AT_ONCE, ignore_conflicts=True)
    return len(fresh)


def note_pair(one: Case, two: Case, why: Sameness) -> Duplicate:
    """Note what was seen at entry; a pair that is known stays as it is, decided or not."""
    first, second = sorted((one.pk, two.pk))
    pair, _ = Duplicate.objects.get_or_create(
        first_id=first, second_id=second, defaults={"why": why, "found_at": clock.now()}
    )
    return pair


def say_same(one: Case, two: Case) -> Duplicate:
    """A checker of a list says that both are of one child: the pair waits for a decision, again if it was told apart.

    No search opens what a person decided, but a person who knows better does; the trail keeps the former decision.
    """
    pair = hold(note_pair(one, two, Sameness.SAID))
    if pair.state == PairState.NOT_SAME:
        pair.state, pair.why, pair.found_at, pair.reason = PairState.OPEN, Sameness.SAID, clock.now(), ""
        pair.decided_by = pair.decided_posting = pair.decided_at = None
        pair.save()
    return pair


# ── who sees and who decides ──────────────────────────────────────────────────────────────────────────────────
def visible_to(person: Person) -> QuerySet[Duplicate]:
    """The pairs of which `person` may see both cases and has a say."""
    both = Q()
    for side in ("first__", "second__"):
        both &= visible(person, side, capability=roles.RESOLVE_DUPLICATES)
    return Duplicate.objects.filter(both)


def waiting(person: Person) -> QuerySet[Duplicate]:
    """Those that still want a decision."""
    gone = Q(first__stage=Stage.VOID) | Q(second__stage=Stage.VOID)
    return visible_to(person).filter(state=PairState.OPEN).exclude(gone)


def of_case(case: Case, person: Person) -> QuerySet[Duplicate]:
    """The pairs of `case` that wait for a decision and that `person` may see."""
    return waiting(person) & pairs_of(case)


def pairs_of(case: Case) -> QuerySet[Duplicate]:
    """Every pair of `case`, decided or not: for the machinery, not for a reader."""
    return Duplicate.objects.filter(Q(first=case) | Q(second=case))


def deciding_posting(pair: Duplicate, person: Person) -> Posting | None:
    """The posting by which `person` decides: of a district or above that covers both cases.

    To merge is to take a case out of the target, which no school decides alone (PRODUCT §3, void).
    """
    return _covering(pair, person, roles.RESOLVE_DUPLICATES, lambda unit: unit.kind != "school")


def asking_posting(pair: Duplicate, person: Person) -> Posting | None:
    """The posting by which `person`, who cannot decide, asks the level above both."""
    return _covering(pair, person, roles.ASK, lambda unit: True)


def _covering(pair: Duplicate, person: Person, capability: str, fits) -> Posting | None:
    for posting in postings_of(person):
        unit = unit_of_posting(posting)
        holds = unit is not None and fits(unit) and capability in roles.capabilities_of(posting)
        if holds and all(covers(unit, case) for case in pair.cases()):
            return posting
    return None


def unit_over(pair: Duplicate) -> Unit:
    """Where a request to merge waits: the lowest unit above schools that has both cases."""
    return level_above(*(unit_of(case.school or case.district) for case in pair.cases()))


def hold(pair: Duplicate) -> Duplicate:
    """The pair, locked until the transaction ends; its cases are locked before it."""
    return Duplicate.objects.select_for_update(of=("self",)).select_related("first", "second").get(pk=pair.pk)


@transaction.atomic
def tell_apart(pair: Duplicate, *, person: Person, reason: str) -> Duplicate:
    """They are not the same child. Raises PermissionDenied, IllegalAction (merged already)."""
    held = hold(pair)
    posting = deciding_posting(held, person)
    if posting is None:
        raise PermissionDenied
    if held.state == PairState.MERGED:
        raise IllegalAction("แฟ้มคู่นี้รวมกันแล้ว ให้ยกเลิกการรวมแทน", "These cases were merged; undo the merge instead.")
    decide(held, PairState.NOT_SAME, posting=posting, reason=reason)
    for case in held.cases():
        audit.record(
            audit.TELL_APART, person=person, posting=posting, object_kind="case", object_key=case.number, reason=reason
        )
    return held


def decide(pair: Duplicate, state: PairState, *, posting: Posting, reason: str, **more) -> None:
    """Write a decision on a held pair."""
    fields = {"state": state, "decided_by": posting.person, "decided_posting": posting, "decided_at": clock.now()}
    fields |= {"reason": reason} | more
    for name, value in fields.items():
        setattr(pair, name, value)
    pair.save(update_fields=list(fields))
