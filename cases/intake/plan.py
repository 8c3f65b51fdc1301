"""The dry run: judges every understood row against the database, and says what a commit would do.

The same plan is what a commit carries out. A few queries a batch, bounded memory, nothing written.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.db.models import Max

from cases.codes import Category, FactKind
from cases.intake import existing, matching
from cases.intake.existing import Known, KnownCase, KnownEntry
from cases.intake.findings import Finding, found
from cases.intake.headings import CANONICAL
from cases.intake.placement import Place, Placement
from cases.intake.reading import Spool
from cases.intake.row import Row
from cases.intake.told import FOLLOWED, Told, data_of, digest_of, facts_of
from cases.models import ChildList, ListEntry
from schools import scope
from schools.models import Person, Posting
from schools.units import Unit, parse_unit

NEW, CHANGED, UNCHANGED, REFUSED = "new", "changed", "unchanged", "refused"
# Of an entry's data → (column of Child, canonical column that says it).
CHILD_COLUMN = {
    "title": ("title", "title"),
    "first_name": ("first_name", "first_name"),
    "last_name": ("last_name", "last_name"),
    "sex": ("sex", "sex"),
    "birth_date": ("birth_date", "birth_date"),
    "grade": ("last_grade", "grade"),
    "no_id_reason": ("no_id_reason", "no_id_reason"),
    "guardian": ("guardian_name", "guardian"),
    "phone": ("guardian_phone", "phone"),
    "house_no": ("house_no", "house_no"),
    "moo": ("moo", "moo"),
    "province_id": ("province_id", "province"),
    "amphoe_id": ("amphoe_id", "amphoe"),
    "tambon_id": ("tambon_id", "tambon"),
}
_OTHER_COLUMN = {
    "category": "category",
    "school_id": "school_name",
    "school_words": "school_name",
    "department_id": "affiliation",
    "visit_date": "visit_date",
    "result": "result",
    "outcome": "cause",
    "words": "cause",
    "wish": "wish",
    "returned": "returned",
}


class Change(NamedTuple):
    """One statement that differs from what the list (or the register) said before; `field` is of an entry's data."""

    field: str
    old: object
    new: object

    @property
    def column(self) -> str:
        return CANONICAL[CHILD_COLUMN[self.field][1] if self.field in CHILD_COLUMN else _OTHER_COLUMN[self.field]]


class Bits:
    """A set of primary keys that costs one bit each: a nation's list has a million."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def add(self, number: int) -> None:
        place, bit = divmod(number, 8)
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 4_096 - len(self._bits)))
        self._bits[place] |= 1 << bit

    def __contains__(self, number: int) -> bool:
        place, bit = divmod(number, 8)
        return place < len(self._bits) and bool(self._bits[place] >> bit & 1)


@dataclass(slots=True)
class Decision:
    """What is to be done with one row, and why."""

    kind: str
    row: Row
    refusals: list[Finding]
    warnings: list[Finding]
    place: Place | None = None
    index: str = ""  # blind index of the row's identifier
    key: str = ""  # match key
    data: dict = field(default_factory=dict)
    digest: str = ""
    entry: KnownEntry | None = None
    case: KnownCase | None = None
    before: dict = field(default_factory=dict)  # the entry's data up to now
    changes: list[Change] = field(default_factory=list)
    facts: list[Told] = field(default_factory=list)
    gains_id: bool = False
    sees_names: bool = True  # may the importer be told what the register says of this child
    held: tuple[str, str] | None = None  # (number of the case that is in the way, reference told to the importer)


@dataclass
class Order:
    """What was asked: by whom, for which list, on what terms."""

    person: Person
    unit: Unit
    name: str
    owner: str
    target: ChildList | None
    list_date: date
    category: int | None = None  # for rows that say none
    posting: Posting | None = None  # by which the import as a whole is made
    mapping: dict = field(default_factory=dict)  # headings matched by hand


class Plan:
    """Judges a spool. Iterate `decisions()` to the end; then `gone()` and `defaulted` are known.

    `lock`: called within a commit's transaction; the cases met stay locked and missing trays are made.
    """

    def __init__(self, order: Order, spool: Spool, *, lock: bool = False):
        self.order, self.spool, self.lock = order, spool, lock
        self.owner = parse_unit(order.owner)
        self.placement = Placement(order.person, order.unit, self.owner, make_trays=lock)
        self.doubles = matching.Doubles(spool.keys, spool.batches())
        # What stood on the last issue; in a commit, what this one has written already does not count.
        self.present = None
        if order.target is not None:
            last = order.target.versions.aggregate(last=Max("number"))["last"] or 0
            if last:
                standing = ListEntry.objects.filter(list=order.target, left__isnull=True, joined__lte=last)
                self.present = standing.order_by()
        self.defaulted = 0  # rows without a category, taken as dropout
        self._seen = Bits()  # entries met, refused rows' included
        self._claimed = Bits()  # children met
        self._merged = Bits()  # of these, those met by the row of a duplicate

    def decisions(self) -> Iterator[list[Decision]]:
        """Every row's decision, in the order of the file, batch by batch."""
        for batch in self.spool.batches():
            yield self._judge([(Row._make(cells), refusals, warnings) for cells, refusals, warnings in batch])

    def _judge(self, batch: list[tuple[Row, list[Finding], list[Finding]]]) -> list[Decision]:
        decisions = []
        for row, refusals, warnings in batch:
            decision = Decision(REFUSED if refusals else NEW, row, list(refusals), warnings)
            decision.index, decision.key = matching.index_of(row), matching.match_key(row)
            if twice := self.doubles.refusal(row):
                self._refuse(decision, twice)
            decisions.append(decision)
        known = existing.look_up(
            (one.index for one in decisions), (one.key for one in decisions), self.present, lock=self.lock
        )
        survivors = (case.child_id for case in known.case_of_child.values())
        existing.load_children(known, [*known.child_of.values(), *known.entry_of_child, *survivors])
        if self.present is not None:
            lost = [one for one in decisions if one.index not in known.child_of and one.key not in known.entries_by_key]
            names = (matching.key_of_name(one.row.first_name, one.row.last_name) for one in lost)
            existing.look_up_names(known, names, self.present, lock=self.lock)
        for decision in decisions:
            self._match(decision, known)
        data = existing.entry_data([one.entry.pk for one in decisions if self._differs(one)])
        for decision in decisions:
            if decision.kind == NEW:
                self._weigh(decision, known, data)
        return decisions

    @staticmethod
    def _differs(decision: Decision) -> bool:
        return decision.entry is not None and decision.kind == NEW and decision.digest != decision.entry.digest

    @staticmethod
    def _refuse(decision: Decision, finding: Finding) -> None:
        decision.kind = REFUSED
        decision.refusals.append(finding._replace(row=decision.row.number, sheet=decision.row.sheet))

    # ── who is it ─────────────────────────────────────────────────────────────────────────────────────────────────
    def _match(self, decision: Decision, known: Known) -> None:
        """Find the child, and the entry on the list's last issue; refuse what cannot be (X39, X59 …)."""
        child = known.child_of.get(decision.index) if decision.index else None
        entry = known.entry_of_child.get(child) if child else self._entry_by_key(decision, known)
        if entry is not None:
            self._seen.add(entry.pk)
        if decision.kind == REFUSED:
            return
        place = self.placement.of(decision.row)
        if isinstance(place, Finding):
            self._refuse(decision, place)
            return
        decision.place, decision.entry = place, entry
        child = child or (entry.child_id if entry else None)
        decision.data = data_of(decision.row)
        decision.digest = digest_of(decision.data, decision.index)
        if child is not None:
            self._meet(decision, child, known)

    def _entry_by_key(self, decision: Decision, known: Known) -> KnownEntry | None:
        """The entry a row without a known identifier continues; a child with another identifier is another child."""
        fits = known.entries_by_key.get(decision.key) or self._entries_by_name(decision.row, known)
        if decision.index:
            fits = [entry for entry in fits if entry.child_id not in known.with_id]
            decision.gains_id = len(fits) == 1
        if len(fits) > 1:
            for entry in fits:
                self._seen.add(entry.pk)
            if decision.kind != REFUSED:
                self._refuse(decision, found("match_twice", "first_name"))
            return None
        return fits[0] if fits else None

    @staticmethod
    def _entries_by_name(row: Row, known: Known) -> list[KnownEntry]:
        """Entries of the same name and placement, where the row or the register knows no birth date."""
        name = matching.key_of_name(row.first_name, row.last_name)
        return [
            entry
            for entry, said in known.entries_by_name.get(name, ())
            if (row.birth_date is None or known.children[entry.child_id]["birth_date"] is None)
            and all(said.get(field) == getattr(row, field) for field in ("school_id", "amphoe_id", "tambon_id"))
        ]

    def _meet(self, decision: Decision, child: int, known: Known) -> None:
        """The row is of a child we know: is it really that child, in the importer's scope, and met once?"""
        case = known.case_of_child.get(child)
        row = decision.row
        who = (matching.key_of_name(row.first_name, row.last_name), row.birth_date, row.birth_year_only)
        stranger = matching.is_other_person(existing.born(known.children[child]), who)
        if stranger or case is None or self.placement.posting_on(Place(*case.place)) is None:
            # One text for every hold, so that it never tells whether a child exists elsewhere (IM-05).
            reference = _reference(decision)
            decision.held = (case.number, reference) if case else None
            self._refuse(decision, found("X39", "identifier", row.id_value or None, reference=reference))
            return
        if case.child_id in self._claimed:
            self._meet_again(decision, child, case)
            return
        self._claimed.add(case.child_id)
        if child != case.child_id:
            self._merged.add(case.child_id)
        decision.case = case
        decision.sees_names = self.placement.sees_names(Place(*case.place))

    def _meet_again(self, decision: Decision, child: int, case: KnownCase) -> None:
        """A second row of one child: refused, unless it is the line of a duplicate that was merged (PRODUCT §2)."""
        if child == case.child_id and case.child_id not in self._merged:
            self._refuse(decision, found("met_twice", "first_name"))
            return
        decision.kind, decision.case = UNCHANGED, case

    # ── what does it change ───────────────────────────────────────────────────────────────────────────────────────
    def _weigh(self, decision: Decision, known: Known, entry_data: dict[int, dict]) -> None:
        if decision.case is None:
            if "category" not in decision.data:
                decision.data["category"] = self._category()
            decision.facts = self._told(decision, decision.data)
            return
        if decision.entry is None:
            self._joins(decision, known)
        elif not self._differs(decision):
            decision.kind = UNCHANGED
        else:
            self._continues(decision, entry_data[decision.entry.pk])

    def _category(self) -> int:
        if self.order.category is None:
            self.defaulted += 1
            return int(Category.DROPOUT)
        return int(self.order.category)

    def _joins(self, decision: Decision, known: Known) -> None:
        """A child known from elsewhere comes onto this list: what the row says beside what the register says."""
        child = known.children[decision.case.child_id]
        decision.kind = CHANGED
        for name, (column, _) in CHILD_COLUMN.items():
            new, old = decision.data.get(name), _plain(child[column])
            if new is not None and new != old and not (name == "sex" and old):
                decision.changes.append(Change(name, old, new))
        decision.facts = self._told(decision, decision.data)

    def _told(self, decision: Decision, said: dict) -> list[Told]:
        """What the follow-up columns tell. A school's word that a child is not found is nobody's approval (AZ-10)."""
        posting = self.placement.posting_on(decision.place)
        own_word = posting is not None and posting.unit.startswith("school:")
        return facts_of(said, self.order.list_date, approves=not own_word)

    def _continues(self, decision: Decision, before: dict) -> None:
        """The next issue of a row: a statement that differs is a change, a blank cell says nothing."""
        decision.before = before
        for name, new in decision.data.items():
            if (name in CHILD_COLUMN or name in _OTHER_COLUMN) and before.get(name) != new:
                decision.changes.append(Change(name, before.get(name), new))
        if decision.changes or decision.gains_id:
            decision.kind = CHANGED
            decision.facts = self._new_facts(decision)
        else:
            decision.kind = UNCHANGED

    def _new_facts(self, decision: Decision) -> list[Told]:
        """What the follow-up columns newly tell: on the same day a correction that keeps what is left blank."""
        changed = {change.field for change in decision.changes}
        if not changed & set(FOLLOWED):
            return []
        said = {name: decision.data[name] for name in FOLLOWED if name in decision.data}
        before = {name: decision.before[name] for name in FOLLOWED if name in decision.before}
        day = said.get("visit_date", self.order.list_date.isoformat())
        if day == before.get("visit_date", decision.before.get("listed")):
            said = before | said
        kinds = {FactKind.ENROLLED} if "returned" in changed else set()
        if changed & set(FOLLOWED) - {"returned"}:
            kinds |= {FactKind.VISITED, FactKind.NOT_FOUND_APPROVED}
        return [told for told in self._told(decision, said) if told.kind in kinds]

    # ── who is no longer on it ────────────────────────────────────────────────────────────────────────────────────
    def gone(self) -> list[int]:
        """The entries of the last issue that this one lacks, of children still inside the owner's scope."""
        if self.present is None:
            return []
        inside = self.present.filter(scope.within(self.owner, "case__")).order_by("pk").values_list("pk", flat=True)
        return [pk for pk in inside.iterator(chunk_size=5_000) if pk not in self._seen]


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value if value != "" else None


def _reference(decision: Decision) -> str:
    """What the importer quotes when asking the district: says nothing of the child, and is the same every time."""
    return (decision.index or decision.key)[:8].upper()
