"""Writes what a list says anew of children already known, and takes off it those it no longer names."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import F, Max, prefetch_related_objects

from cases import gate
from cases.codes import FactKind
from cases.intake.copying import rewrite
from cases.intake.existing import chunks
from cases.intake.opening import fact_of, identifier_values, name_columns
from cases.intake.plan import CHILD_COLUMN, Decision, Plan
from cases.lifecycle import effective, facts_of, history, revise_many
from cases.models import Case, Child, EntryChange, Fact, Identifier, ListEntry, Span
from cases.models.case import take_ids
from cases.progress import OPENINGS
from schools.thaitime import bangkok_date

_TRACES = {FactKind.VISITED, FactKind.NOT_FOUND_APPROVED}
_TELLS_ONLY = {FactKind.CHILD_CHANGED, FactKind.LEFT_LIST}


class Amending:
    """Amends cases for one issue of a list. The plan has locked the cases' rows."""

    def __init__(self, issue, plan: Plan):
        self.issue, self.plan = issue, plan
        self.list_date: date = issue.order.list_date

    def land(self, decisions: Sequence[Decision]) -> None:
        """Write a batch of changed rows: child, identifier, facts, standing, entry and its lineage."""
        if not decisions:
            return
        case_ids = [decision.case.pk for decision in decisions]
        received = self._stamp(case_ids)
        self._children(decisions)
        self._identifiers(decisions, received)
        known: dict[int, list[Fact]] = {}
        for part in chunks(case_ids):
            known |= facts_of(part)
        prefetch_related_objects([fact for facts in known.values() for fact in facts], "list_version")
        fresh, moved = [], []
        for decision in decisions:
            facts = self._facts(decision, known[decision.case.pk], received)
            fresh += facts
            if any(fact.kind not in _TELLS_ONLY for fact in facts):
                moved.append(decision.case.pk)
        Fact.objects.bulk_create(fresh, batch_size=500)
        for part in chunks(moved):
            revise_many(part, received)
        for part in chunks(sorted({*case_ids} - {*moved})):
            Case.objects.filter(pk__in=part).update(version=F("version") + 1)
        self._entries(decisions)

    def _stamp(self, case_ids: Sequence[int]) -> datetime:
        """A moment after everything known of these cases, whose rows are locked."""
        latest = [self.issue.received]
        for part in chunks(case_ids):
            latest.append(Span.objects.filter(case_id__in=part).aggregate(last=Max("known_from"))["last"])
        return gate.stamp(max(moment for moment in latest if moment))

    def _children(self, decisions: Sequence[Decision]) -> None:
        changed = {d.case.child_id: d for d in decisions if any(c.field in CHILD_COLUMN for c in d.changes)}
        for part in chunks(sorted(changed)):
            children = list(Child.objects.filter(pk__in=part))
            touched: set[str] = set()
            for child in children:
                touched |= _amend(child, changed[child.pk])
            rewrite(children, sorted(touched))

    def _identifiers(self, decisions: Sequence[Decision], received: datetime) -> None:
        Identifier.objects.bulk_create(
            [
                Identifier(child_id=d.case.child_id, since=received, **_identifier(d))
                for d in decisions
                if d.gains_id and d.index
            ]
        )

    # ── facts ─────────────────────────────────────────────────────────────────────────────────────────────────────
    def _facts(self, decision: Decision, known: Sequence[Fact], received: datetime) -> list[Fact]:
        """The facts of one changed row, in the order of recording, with the stages before and after."""
        posting = self.plan.placement.posting_on(decision.place)
        who = self.issue.by(posting) | {"list_version_id": self.issue.version_id}
        facts = self._register_facts(decision, known, received, who)
        taken: set[int] = set()
        for told in decision.facts:
            fact = fact_of(told, received, who)
            earlier = self._corrected(fact, known, taken)
            if earlier is not None:
                fact.corrects_id, fact.at = earlier.pk, earlier.at
                taken.add(earlier.pk)
            facts.append(fact)
        for fact in facts:
            fact.case_id, fact.before = decision.case.pk, decision.case.stage
        after = decision.case.stage
        if any(fact.kind not in _TELLS_ONLY for fact in facts):
            after = history([*known, *facts])[-1].state.stage
        for fact in facts:
            fact.after = after
        return facts

    def _register_facts(self, decision: Decision, known: Sequence[Fact], received: datetime, who: dict) -> list[Fact]:
        """What the row changes in the register itself: a further list, other data, category, school."""
        at = effective(self.list_date, received)
        changes = {change.field: change for change in decision.changes}
        facts = []
        if decision.entry is None:
            # A further list moves nothing: it never stands before the listing that opened the case.
            opened = min((fact.at for fact in known if fact.kind in OPENINGS), default=at)
            category = decision.data.get("category") or self.issue.order.category
            facts.append(
                Fact(
                    kind=FactKind.LISTED,
                    at=max(at, opened),
                    known_at=received,
                    category=category,
                    **decision.place._asdict(),
                    **who,
                )
            )
        told = {change.column: [change.old, change.new] for change in decision.changes if change.field in CHILD_COLUMN}
        if decision.gains_id:
            told["เลขประจำตัวประชาชน"] = [None, "•"]
        if told:
            facts.append(Fact(kind=FactKind.CHILD_CHANGED, at=received, known_at=received, details=told, **who))
        if decision.entry is not None and "category" in changes:
            category = changes["category"].new
            facts.append(Fact(kind=FactKind.CATEGORY_SET, at=at, known_at=received, category=category, **who))
        moves = decision.entry is not None and "school_id" in changes
        if moves and changes["school_id"].new != decision.case.school_id:
            facts.append(Fact(kind=FactKind.ASSIGNED, at=at, known_at=received, **decision.place._asdict(), **who))
        return facts

    def _corrected(self, fact: Fact, known: Sequence[Fact], taken: set[int]) -> Fact | None:
        """The fact this list told before of the same day, which `fact` puts right."""
        corrected = {one.corrects_id for one in known if one.corrects_id} | taken
        for one in reversed(known):
            same_kind = one.kind == fact.kind or {one.kind, fact.kind} <= _TRACES
            ours = one.list_version is not None and one.list_version.list_id == self.issue.target.pk
            if ours and same_kind and one.pk not in corrected and bangkok_date(one.at) == bangkok_date(fact.at):
                return one
        return None

    # ── entries and their lineage ─────────────────────────────────────────────────────────────────────────────────
    def _entries(self, decisions: Sequence[Decision]) -> None:
        staying = {decision.entry.pk: decision for decision in decisions if decision.entry is not None}
        changes = []
        for part in chunks(sorted(staying)):
            entries = list(ListEntry.objects.filter(pk__in=part))
            for entry in entries:
                decision = staying[entry.pk]
                changes.append(self._change(entry, decision, "changed"))
                entry.data = (
                    entry.data | decision.data | ({"listed": self.list_date.isoformat()} if decision.facts else {})
                )
                entry.digest, entry.match_key = decision.digest, decision.key
            rewrite(entries, ["data", "digest", "match_key"])
        changes += self._joined([decision for decision in decisions if decision.entry is None])
        EntryChange.objects.bulk_create(changes, batch_size=500)

    def _joined(self, decisions: Sequence[Decision]) -> list[EntryChange]:
        back = set()
        for part in chunks([decision.case.child_id for decision in decisions]):
            left = ListEntry.objects.filter(list=self.issue.target, child_id__in=part, left__isnull=False)
            back.update(left.values_list("child_id", flat=True))
        entries = [
            ListEntry(
                pk=pk,
                list=self.issue.target,
                child_id=decision.case.child_id,
                case_id=decision.case.pk,
                joined=self.issue.number,
                row=decision.row.number,
                match_key=decision.key,
                digest=decision.digest,
                data=decision.data | {"listed": self.list_date.isoformat()},
            )
            for pk, decision in zip(take_ids(ListEntry, len(decisions)), decisions, strict=True)
        ]
        ListEntry.objects.bulk_create(entries, batch_size=500)
        return [
            self._change(entry, decision, "returned" if decision.case.child_id in back else "changed")
            for entry, decision in zip(entries, decisions, strict=True)
            if decision.changes or decision.case.child_id in back
        ]

    def _change(self, entry: ListEntry, decision: Decision, kind: str) -> EntryChange:
        return EntryChange(
            version_id=self.issue.version_id,
            entry=entry,
            kind=kind,
            before={change.column: change.old for change in decision.changes},
            after={change.column: change.new for change in decision.changes},
        )

    def take_off(self, entry_ids: Sequence[int]) -> None:
        """Flag these entries' children as no longer on the list; their cases stay in the target."""
        received, who = self.issue.received, self.issue.by(self.issue.order.posting)
        for part in chunks(entry_ids, 1_000 if len(entry_ids) > 900 else None):
            entries = list(ListEntry.objects.filter(pk__in=part).order_by("pk"))
            cases = {case.pk: case for case in Case.objects.filter(pk__in=[entry.case_id for entry in entries])}
            Fact.objects.bulk_create(
                [
                    Fact(
                        case_id=entry.case_id,
                        kind=FactKind.LEFT_LIST,
                        at=max(effective(self.list_date, received), cases[entry.case_id].opened_at),
                        known_at=received,
                        before=cases[entry.case_id].stage,
                        after=cases[entry.case_id].stage,
                        list_version_id=self.issue.version_id,
                        **who,
                    )
                    for entry in entries
                ],
                batch_size=500,
            )
            EntryChange.objects.bulk_create(
                [EntryChange(version_id=self.issue.version_id, entry=entry, kind="gone") for entry in entries]
            )
            ListEntry.objects.filter(pk__in=part).update(left=self.issue.number)


def _amend(child: Child, decision: Decision) -> set[str]:
    """Put the row's new statements on `child` (not saved); returns the columns touched."""
    touched = set()
    for change in decision.changes:
        if change.field in CHILD_COLUMN:
            column = CHILD_COLUMN[change.field][0]
            value = date.fromisoformat(change.new) if column == "birth_date" else change.new
            setattr(child, column, value)
            touched.add(column)
            if column == "birth_date":
                child.birth_year_only = bool(decision.data.get("birth_year_only"))
                touched.add("birth_year_only")
    if touched & {"first_name", "last_name"}:
        for column, value in name_columns(child.first_name, child.last_name).items():
            setattr(child, column, value)
            touched.add(column)
    return {name.removesuffix("_id") for name in touched}


def _identifier(decision: Decision) -> dict:
    return dict(zip(("kind", "sealed", "index", "masked"), identifier_values(decision), strict=True))
