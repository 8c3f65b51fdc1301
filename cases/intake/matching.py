"""Who a row is: how it is known again in the same file, in the list's last issue and among all children.

Same identifier anywhere; else, within the same list, same name and birth date (or name and placement). Keys kept in
the database are blind: HMACs that say nothing about the child.
"""

import hashlib
from array import array
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from cases.identity import blind_index
from cases.intake.findings import Finding, found
from cases.intake.row import Row
from schools.thaitext import name_key


@lru_cache(maxsize=30_000)
def _first_key(text: str) -> str:
    return name_key(text, "")[:-1]


@lru_cache(maxsize=30_000)
def _last_key(text: str) -> str:
    return name_key("", text)[1:]


def key_of_name(first: str, last: str) -> str:
    """thaitext.name_key, its halves remembered: a nation shares a few thousand names."""
    return f"{_first_key(first)}|{_last_key(last)}"


def _told_apart_by(row: Row) -> str:
    """What beside its name tells a row from others: the birth date, else where it belongs."""
    if row.birth_date is not None:
        return str(row.birth_date.year) if row.birth_year_only else row.birth_date.isoformat()
    if row.school_id is not None:
        return f"school {row.school_id}"
    return f"place {row.province_id} {row.amphoe_id} {row.tambon_id} {row.school_words}"


def match_key(row: Row) -> str:
    """64 hex digits by which the same row is known again in a later issue of its list."""
    said = f"{key_of_name(row.first_name, row.last_name)}|{_told_apart_by(row)}"
    return blind_index("list_row", hashlib.sha256(said.encode()).hexdigest())


def index_of(row: Row) -> str:
    """The blind index of the row's identifier; "" where it has none."""
    return blind_index(row.id_kind, row.id_value) if row.id_value else ""


def is_other_person(first: Iterable, second: Iterable) -> bool:
    """Whether two (name key, birth date, year only) cannot be one person: both names and the birth date differ."""
    (name, born, year_only), (other_name, other_born, other_year_only) = first, second
    given, _, family = name.partition("|")
    other_given, _, other_family = other_name.partition("|")
    if given == other_given or (family and family == other_family):
        return False
    if born is None or other_born is None:
        return True
    if year_only or other_year_only:
        return born.year != other_born.year
    return born != other_born


def _is_same_person(first: tuple, second: tuple) -> bool:
    """Whether two rows of one file with one identifier are one child: same name, or half of it and born alike."""
    (name, born, _), (other_name, other_born, _) = first, second
    if name == other_name:
        return born is None or other_born is None or born == other_born
    halves = zip(name.split("|"), other_name.split("|"), strict=True)
    return born is not None and born == other_born and any(one == other for one, other in halves)


def _who(row: Row) -> tuple[str, date | None, bool]:
    return key_of_name(row.first_name, row.last_name), row.birth_date, row.birth_year_only


# ── twice in one file ─────────────────────────────────────────────────────────────────────────────────────────────
def fingerprint(row: Row) -> int:
    """A 64-bit fingerprint of who the row is within its file: its identifier, else name with birth date or place.

    Equal people have equal fingerprints; that unequal ones share one is ruled out when the few candidates are
    compared in full.
    """
    return int.from_bytes(hashlib.blake2b(_file_key(row).encode(), digest_size=8).digest(), "big")


def _file_key(row: Row) -> str:
    if row.id_value:
        return f"{row.id_kind} {row.id_value}"
    return f"{key_of_name(row.first_name, row.last_name)}|{_told_apart_by(row)}"


class _Seen(NamedTuple):
    who: tuple
    at: tuple[str, int]
    rows: list[int]
    clash: list[bool]


class Doubles:
    """The rows of a file that are the same child twice, or several people with one identifier."""

    def __init__(self, keys: array, batches: Iterator[list[tuple]]):
        self._seen: dict[str, _Seen] = {}
        twice = _repeated(keys)
        if not twice:
            return
        for batch in batches:
            for cells, _, _ in batch:
                row = Row._make(cells)
                if fingerprint(row) in twice:
                    self._note(row)

    def _note(self, row: Row) -> None:
        who, key = _who(row), _file_key(row)
        seen = self._seen.get(key)
        if seen is None:
            self._seen[key] = _Seen(who, (row.sheet, row.number), [row.number], [False])
            return
        if len(seen.rows) < 6:
            seen.rows.append(row.number)
        if row.id_value and not _is_same_person(seen.who, who):
            seen.clash[0] = True

    def refusal(self, row: Row) -> Finding | None:
        """Why the row cannot stand beside another of its file; None if it can."""
        if not self._seen:
            return None
        seen = self._seen.get(_file_key(row))
        if seen is None or len(seen.rows) < 2:
            return None
        if seen.clash[0]:
            shown = ", ".join(map(str, seen.rows[:5])) + (" …" if len(seen.rows) > 5 else "")
            return found("id_twice", "identifier", row.id_value, others=shown)
        if seen.at == (row.sheet, row.number):
            return None
        column = "identifier" if row.id_value else "first_name"
        return found("duplicate", column, row.id_value or None, other=seen.at[1])


def _repeated(keys: array) -> set[int]:
    """The values that stand more than once in `keys`."""
    return {key for key, following in pairwise(sorted(keys)) if key == following}
