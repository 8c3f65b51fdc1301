"""The equalities and inequalities figures must satisfy at every unit (PRODUCT §4), and whether they do.

Every term is counted by its own definition in reports.ladder, none by subtraction, so each identity is a real check.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import eq, ge
from typing import NamedTuple

from reports.labels import CATEGORIES, LABELS, Label

Row = Mapping[str, int]
_OUTCOMES = tuple(key for key in LABELS if key.startswith("outcome="))
_SUMS = {
    "Σ by_outcome of the 16 causes": Label("ผลรวม 16 สาเหตุ", "the sum of the 16 causes"),
    "Σ by_outcome": Label("ผลรวมทุกรายการในตารางสาเหตุ", "the sum of the table of causes"),
    "Σ leaves": Label("ผลรวมของทุกหน่วยย่อย", "the sum of all units below"),
}
_KEY = re.compile(r"[a-z]+(?:_[a-z0-9]+)*(?:[.=][a-z0-9_]+)?")


class Check(NamedTuple):
    identity: str
    holds: bool
    left: int
    right: int


class Identity(NamedTuple):
    """`left` = (or ≥) the sum of `right` less `minus`; each a tuple of counters."""

    left: tuple[str, ...]
    relation: str
    right: tuple[str, ...]
    minus: tuple[str, ...] = ()
    said: str = ""

    def __str__(self) -> str:
        right = self.said or " + ".join(self.right) + "".join(f" − {key}" for key in self.minus)
        return f"{' + '.join(self.left)} {self.relation} {right}"

    def check(self, row: Row) -> Check:
        left = sum(row[key] for key in self.left)
        right = sum(row[key] for key in self.right) - sum(row[key] for key in self.minus)
        return Check(str(self), _HOLDS[self.relation](left, right), left, right)

    def holds_for_all(self, columns: Mapping[str, Sequence[int]]) -> bool:
        """For many rows at once, given as columns."""
        left = map(sum, zip(*(columns[key] for key in self.left), strict=True))
        right: Iterable[int] = map(sum, zip(*(columns[key] for key in self.right), strict=True))
        for key in self.minus:
            right = map(int.__sub__, right, columns[key])
        return all(map(_HOLDS[self.relation], left, right))


_HOLDS = {"=": eq, "≥": ge}


def _of_category(slug: str) -> tuple[Identity, ...]:
    target, traced, in_progress, back, not_back = (
        f"{slug}.{column}" for column in ("target", "traced", "in_progress", "back", "not_back")
    )
    return (
        Identity((traced,), "=", (back, not_back)),
        Identity((in_progress,), "=", (target,), (traced,)),
    )


IDENTITIES: tuple[Identity, ...] = (
    Identity(("target",), "=", ("to_start", "tracking", "found", "not_found")),
    Identity(("found",), "=", ("in_education", "out_of_education")),
    Identity(("found",), "=", _OUTCOMES, said="Σ by_outcome"),
    Identity(("in_education",), "=", _OUTCOMES[:3]),
    Identity(("out_of_education",), "=", _OUTCOMES[3:], said="Σ by_outcome of the 16 causes"),
    Identity(("out_of_education",), "=", ("wants", "does_not_want", "cannot", "not_asked")),
    Identity(("wants",), "≥", ("returned_claimed",)),
    Identity(("returned_claimed",), "≥", ("returned_confirmed",)),
    Identity(("returned_confirmed",), "≥", ("retained",)),
    *(identity for slug in CATEGORIES for identity in _of_category(slug)),
    Identity(("target",), "=", tuple(f"{slug}.target" for slug in CATEGORIES)),
    Identity(("found",), "=", tuple(f"{slug}.traced" for slug in CATEGORIES)),
    Identity(("in_education", "returned_claimed"), "=", tuple(f"{slug}.back" for slug in CATEGORIES)),
)


def checks(counts: Row, parts: Mapping[str, Iterable[Row]] | None = None) -> list[Check]:
    """One entry for every identity of one unit, then one for every way it is divided.

    `parts`: `{"schools": rows, "provinces": rows, …}`, each of which must add up (with +, as reports.ladder.Counts
    does) to `counts` in every counter. Where one does not, the entry shows the first counter that differs.
    """
    found = [identity.check(counts) for identity in IDENTITIES]
    for name, rows in (parts or {}).items():
        sums = sum(rows, start=type(counts)())
        key = next((key for key in sums if sums[key] != counts[key]), "target")
        found.append(Check(f"{key} = Σ {name}", sums[key] == counts[key], counts[key], sums[key]))
    return found


def worded(identity: str, say: Callable[[str, str], str], sums: Mapping[str, Label] | None = None) -> str:
    """An identity in the words of the figures it is of. `say` picks of Thai and English; `sums` names further sums."""
    for sign, name in {**_SUMS, **(sums or {})}.items():
        identity = identity.replace(sign, say(*name))
    return _KEY.sub(lambda found: say(*LABELS[found[0]]) if found[0] in LABELS else found[0], identity)


def first_broken(rows: Sequence[tuple[int, ...]], keys: Sequence[str]) -> tuple[int, Check] | None:
    """The place of the first row that breaks an identity, and how; None when all hold. `keys` name the columns."""
    columns = dict(zip(keys, zip(*rows, strict=True), strict=True)) if rows else {}
    for identity in IDENTITIES if rows else ():
        if not identity.holds_for_all(columns):
            for place, row in enumerate(rows):
                check = identity.check(dict(zip(keys, row, strict=True)))
                if not check.holds:
                    return place, check
    return None
