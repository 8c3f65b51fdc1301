"""What the database already says of the children in a batch of rows, fetched in a handful of queries."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet

from cases.codes import Stage
from cases.models import Case, Child, Identifier, ListEntry

CHILD_FIELDS = (
    "title",
    "first_name",
    "last_name",
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
)
CASE_FIELDS = ("pk", "number", "child_id", "stage", "school_id", "district_id", "province_id", "department_id")


class KnownEntry(NamedTuple):
    """An entry that stands on the list's last issue."""

    pk: int
    child_id: int
    case_id: int
    match_key: str
    digest: str


class KnownCase(NamedTuple):
    pk: int
    number: str
    child_id: int
    stage: int
    school_id: int | None
    district_id: int
    province_id: int
    department_id: int

    @property
    def place(self) -> tuple:
        return (self.school_id, self.district_id, self.province_id, self.department_id)


@dataclass
class Known:
    """One batch's view of the database."""

    child_of: dict[str, int] = field(default_factory=dict)  # blind index → child
    entry_of_child: dict[int, KnownEntry] = field(default_factory=dict)
    entries_by_key: dict[str, list[KnownEntry]] = field(default_factory=dict)
    entries_by_name: dict[str, list[tuple[KnownEntry, dict]]] = field(default_factory=dict)  # and what they said
    case_of_child: dict[int, KnownCase] = field(default_factory=dict)
    children: dict[int, dict] = field(default_factory=dict)
    with_id: set[int] = field(default_factory=set)  # children that have an identifier


def chunks(values: Sequence, size: int | None = None) -> Iterator[Sequence]:
    """`values` in pieces that one query takes: SQLite has few parameters."""
    size = size or (5_000 if connection.vendor == "postgresql" else 900)
    for start in range(0, len(values), size):
        yield values[start : start + size]


def look_up(indexes: Iterable[str], keys: Iterable[str], present: QuerySet | None, *, lock: bool) -> Known:
    """What is known under these blind indexes and, among the list's `present` entries, under these match keys.

    `lock`: the cases found stay locked until the transaction ends, so that what is judged is what is changed.
    """
    known = Known()
    for part in chunks(sorted(set(indexes) - {""})):
        known.child_of.update(Identifier.objects.filter(index__in=part).values_list("index", "child_id"))
    if present is not None:
        _entries(known, present, sorted(set(keys)))
    children = sorted({*known.child_of.values(), *known.entry_of_child})
    for part in chunks(children):
        _cases(known, part, lock=lock)
    return known


def _entries(known: Known, present: QuerySet, keys: Sequence[str]) -> None:
    columns = ("pk", "child_id", "case_id", "match_key", "digest")
    for part in chunks(sorted(set(known.child_of.values()))):
        for values in present.filter(child_id__in=part).values_list(*columns):
            known.entry_of_child[values[1]] = KnownEntry(*values)
    for part in chunks(keys):
        for values in present.filter(match_key__in=part).values_list(*columns):
            entry = KnownEntry(*values)
            known.entry_of_child[entry.child_id] = entry
            known.entries_by_key.setdefault(entry.match_key, []).append(entry)


def look_up_names(known: Known, names: Iterable[str], present: QuerySet, *, lock: bool) -> None:
    """Entries by the bare name of their child, for rows that nothing else finds: a birth date told anew, or no more."""
    columns = ("pk", "child_id", "case_id", "match_key", "digest", "child__name_key", "data")
    fresh = set()
    for part in chunks(sorted(set(names))):
        for *values, name, data in present.filter(child__name_key__in=part).values_list(*columns):
            entry = KnownEntry(*values)
            known.entries_by_name.setdefault(name, []).append((entry, data))
            if entry.child_id not in known.case_of_child:
                fresh.add(entry.child_id)
    for part in chunks(sorted(fresh)):
        _cases(known, part, lock=lock)
    load_children(known, sorted(fresh))


def _cases(known: Known, children: Sequence[int], *, lock: bool) -> None:
    """The case of each child; of a merged duplicate the survivor's, to which its rows speak from now on."""
    merged = Child.objects.filter(pk__in=children, merged_into__isnull=False)
    leads = dict(merged.values_list("pk", "merged_into_id"))
    _own_cases(known, sorted({*children, *leads.values()}), lock=lock)
    known.case_of_child |= {child: known.case_of_child[to] for child, to in leads.items() if to in known.case_of_child}


def _own_cases(known: Known, children: Sequence[int], *, lock: bool) -> None:
    cases = Case.objects.filter(child_id__in=children).exclude(stage=Stage.VOID).order_by("pk")
    if lock:
        cases = cases.select_for_update(of=("self",))
    for values in cases.values_list(*CASE_FIELDS):
        known.case_of_child[values[2]] = KnownCase(*values)


def load_children(known: Known, ids: Sequence[int]) -> None:
    """Fetch the data of these children, for rows that are not plainly unchanged."""
    for part in chunks(sorted(set(ids) - known.children.keys())):
        for values in Child.objects.filter(pk__in=part).values("pk", *CHILD_FIELDS):
            known.children[values["pk"]] = values
        known.with_id.update(
            Identifier.objects.filter(child_id__in=part, until__isnull=True).values_list("child_id", flat=True)
        )


def entry_data(ids: Sequence[int]) -> dict[int, dict]:
    """The rows these entries were made from, as last stated."""
    data: dict[int, dict] = {}
    for part in chunks(sorted(ids)):
        data.update(ListEntry.objects.filter(pk__in=part).values_list("pk", "data"))
    return data


def born(child: dict) -> tuple[str, date | None, bool]:
    """Who a child is, as matching.is_other_person compares it."""
    return child["name_key"], child["birth_date"], child["birth_year_only"]
