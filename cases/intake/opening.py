"""Writes the children nobody knew: child, identifier, case, facts, spans and list entry, in bulk."""

from collections.abc import Sequence
from operator import attrgetter

from cases.codes import FactKind
from cases.identity import mask, seal
from cases.intake.copying import Blank, Columns, refresh_statistics
from cases.intake.matching import key_of_name
from cases.intake.placement import Place
from cases.intake.plan import Decision, Plan
from cases.intake.row import Row
from cases.intake.told import Told
from cases.lifecycle import STANDING_FIELDS, effective, fold, new_span, set_standing
from cases.models import Case, Child, Fact, Identifier, ListEntry, Span
from cases.models.case import case_number, take_ids
from cases.progress import State
from schools.thaitext import sort_key

_MANY = 10_000  # children landed at once after which the planner must be told
_REMEMBERED = 20_000  # distinct openings: the same category, dates and words open the same way at every place

_CHILD = (
    "id",
    "title",
    "first_name",
    "last_name",
    "sort_key",
    "search",
    "name_key",
    "sex",
    "birth_date",
    "birth_year_only",
    "no_id_reason",
    "last_grade",
    "guardian_name",
    "guardian_phone",
    "house_no",
    "moo",
    "tambon_id",
    "amphoe_id",
    "province_id",
    "lat",
    "lon",
    "created_at",
)
_IDENTIFIER = ("child_id", "kind", "sealed", "index", "masked", "since", "until")
_STANDING = tuple(name for name in STANDING_FIELDS if name != "version")
_CASE = ("id", "number", "child_id", *_STANDING, "teacher_id", "version")
_FACT = ("case_id", *(field.attname for field in Fact._meta.concrete_fields if field.attname not in ("id", "case_id")))
_SPAN = ("case_id", "since", "until", "known_from", "known_until", *State._fields)
_ENTRY = ("list_id", "child_id", "case_id", "joined", "left", "row", "match_key", "digest", "data")

_case_values, _fact_values, _span_values = attrgetter(*_CASE), attrgetter(*_FACT[1:]), attrgetter(*_SPAN[1:])


def name_columns(first: str, last: str) -> dict[str, str]:
    """The columns of Child that are made from its name."""
    key = key_of_name(first, last)
    return {"sort_key": sort_key(f"{first} {last}")[:300], "search": key.replace("|", ""), "name_key": key}


class Opening:
    """Opens cases for one issue of a list."""

    def __init__(self, issue, plan: Plan):
        self.issue, self.plan = issue, plan
        self._openings: dict[tuple, tuple] = {}
        self._landed = 0
        self._tables = {
            Child: Columns(Child, _CHILD),
            Identifier: Columns(Identifier, _IDENTIFIER),
            Case: Columns(Case, _CASE),
            Fact: Columns(Fact, _FACT),
            Span: Columns(Span, _SPAN),
            ListEntry: Columns(ListEntry, _ENTRY),
        }

    def land(self, decisions: Sequence[Decision]) -> None:
        """Write the rows of these new children; children before cases before all that hangs on them."""
        if not decisions:
            return
        rows: dict[type, list] = {model: [] for model in self._tables}
        child_ids, case_ids = take_ids(Child, len(decisions)), take_ids(Case, len(decisions))
        for decision, child_id, case_id in zip(decisions, child_ids, case_ids, strict=True):
            self._child(rows, decision, child_id)
            named = {"case": case_id, "child": child_id, "number": case_number(case_id), **decision.place._asdict()}
            named = Blank.spelt(named)
            for model, blanks in self._opening(decision):
                rows[model] += [blank.fill(named) for blank in blanks]
            rows[ListEntry].append(self._entry(decision, child_id, case_id))
        for model, table in self._tables.items():
            if rows[model]:
                table.write(rows[model])
        self._landed += len(decisions)

    def settle(self) -> None:
        """After the last row: a register grown by thousands at once is measured anew."""
        if self._landed >= _MANY:
            refresh_statistics(self._tables)

    def _child(self, rows: dict[type, list], decision: Decision, child_id: int) -> None:
        row: Row = decision.row
        names = name_columns(row.first_name, row.last_name)
        rows[Child].append(
            (
                child_id,
                row.title,
                row.first_name,
                row.last_name,
                names["sort_key"],
                names["search"],
                names["name_key"],
                row.sex,
                row.birth_date,
                row.birth_year_only,
                row.no_id_reason,
                row.grade,
                row.guardian,
                row.phone,
                row.house_no,
                row.moo,
                row.tambon_id,
                row.amphoe_id,
                row.province_id,
                None,
                None,
                self.issue.received,
            )
        )
        if row.id_value:
            rows[Identifier].append((child_id, *identifier_values(decision), self.issue.received, None))

    def _entry(self, decision: Decision, child_id: int, case_id: int) -> tuple:
        issue = self.issue
        data = decision.data | {"listed": issue.order.list_date.isoformat()}
        where = (decision.row.number, decision.key, decision.digest, data)
        return (issue.target.pk, child_id, case_id, issue.number, None, *where)

    def _opening(self, decision: Decision) -> Sequence[tuple[type, list[Blank]]]:
        """The rows of a case that opens so, open for who and where it is.

        Where a case stands does not depend on which place it has, only on whether there is a school yet.
        """
        place = decision.place
        posting = self.plan.placement.posting_on(place)
        asked = (place.school_id is None, posting.pk, decision.data["category"], tuple(decision.facts))
        if asked not in self._openings:
            if len(self._openings) >= _REMEMBERED:
                self._openings.clear()
            self._openings[asked] = self._open(place, posting, decision.data["category"], decision.facts)
        return self._openings[asked]

    def _open(self, place, posting, category: int, told: Sequence[Told]) -> Sequence[tuple[type, list[Blank]]]:
        received = self.issue.received
        who = self.issue.by(posting) | {"list_version_id": self.issue.version_id}
        listed = Fact(
            kind=FactKind.LISTED,
            at=effective(self.issue.order.list_date, received),
            known_at=received,
            category=category,
            **place._asdict(),
            **who,
        )
        facts = [listed, *(fact_of(one, received, who) for one in told)]
        pieces, progress = fold(facts)
        case = Case(version=1)
        set_standing(case, pieces, progress)
        for fact in facts:
            fact.after = pieces[-1].state.stage
        return (
            (Case, [Blank(_case_values(case), {"case": 0, "number": 1, "child": 2, **_places_in(_CASE)})]),
            (
                Fact,
                [Blank((0, *_fact_values(listed)), {"case": 0, **_places_in(_FACT)})]
                + [Blank((0, *_fact_values(fact)), {"case": 0}) for fact in facts[1:]],
            ),
            (
                Span,
                [
                    Blank((0, *_span_values(new_span(0, piece, received))), {"case": 0, **_places_in(_SPAN)})
                    for piece in pieces
                ],
            ),
        )


def _places_in(columns: Sequence[str]) -> dict[str, int]:
    """Where the four columns that say where a case stands lie among `columns`."""
    return {name: columns.index(name) for name in Place._fields}


def fact_of(told: Told, received, who: dict) -> Fact:
    """The fact, unsaved and without a case, that a row tells."""
    return Fact(
        kind=told.kind,
        at=effective(told.day, received),
        known_at=received,
        finding=told.finding,
        outcome=told.outcome,
        wish=told.wish,
        route=told.route,
        source_words=told.words,
        approved_in_old_system=told.approved_in_old_system,
        **who,
    )


def identifier_values(decision: Decision) -> tuple:
    """kind, sealed, index, masked of a row's identifier."""
    row = decision.row
    return row.id_kind, seal(row.id_value), decision.index, mask(row.id_value)
