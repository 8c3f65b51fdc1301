"""Keyset paging for long lists: page 5,000 costs what page 1 costs, and no list is counted beyond what is told."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.core import signing
from django.core.exceptions import SuspiciousOperation
from django.db.models import Q, QuerySet

PAGE = 50
_LONGEST_KEY = 19  # digits; a longer number is no key, and Python reads none of thousands of digits


class Page(NamedTuple):
    """One page of rows and the token of the next one; empty when it is the last."""

    rows: list
    next: str
    first: bool

    @property
    def shown(self) -> int:
        return len(self.rows)


def page_of(rows: QuerySet, keys: Sequence[str], token: str = "", size: int = PAGE) -> Page:
    """The page of `rows` that follows `token`, ordered by `keys` (ascending, never null; the last one unique).

    Raises SuspiciousOperation (400) for a token that is not one of ours.
    """
    if token:
        rows = rows.filter(after(keys, _read(token, keys)))
    found = list(rows.order_by(*keys)[: size + 1])
    more = len(found) > size
    found = found[:size]
    return Page(found, _token(found[-1], keys) if more else "", not token)


def read_keys(texts: Iterable[str], most: int) -> list[int]:
    """The keys of the rows that a form ticked, at most so many; what can be no key of any database is left out."""
    return [
        int(text) for text in list(texts)[:most] if text.isascii() and text.isdecimal() and len(text) < _LONGEST_KEY
    ]


def counted_to(most: int, rows: QuerySet) -> int:
    """How many `rows` there are, counted no further than one past `most`."""
    return rows.order_by()[: most + 1].count()


def after(keys: Sequence[str], values: Sequence[Any]) -> Q:
    """(a, b) > (x, y), spelt out so that every database uses its index for the first key; "-a" runs downwards."""
    names = [(key.removeprefix("-"), "lt" if key.startswith("-") else "gt") for key in keys]
    name, past = names[0]
    rule = Q(**{f"{name}__{past}e": values[0]})
    beyond, equal = Q(), Q()
    for (name, past), value in zip(names, values, strict=True):
        beyond |= equal & Q(**{f"{name}__{past}": value})
        equal &= Q(**{name: value})
    return rule & beyond


def position(row, keys: Sequence[str]) -> list[int | str]:
    """Where `row` stands in the order of `keys`, as JSON writes it."""
    values = []
    for key in keys:
        value = row
        for part in key.removeprefix("-").split("__"):
            value = getattr(value, part)
        values.append(value.isoformat() if hasattr(value, "isoformat") else value)
    return values


def _token(row, keys: Sequence[str]) -> str:
    return signing.dumps(position(row, keys), salt=_salt(keys))


def _read(token: str, keys: Sequence[str]) -> list:
    try:
        return signing.loads(token, salt=_salt(keys))
    except (signing.BadSignature, ValueError) as error:  # ValueError: not even ASCII
        raise SuspiciousOperation("not a page token of this list") from error


def _salt(keys: Sequence[str]) -> str:
    """Signed for lists of this order alone: what a stranger writes never reaches the database."""
    return f"schools.paging {' '.join(keys)}"
