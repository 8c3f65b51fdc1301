"""How a unit is written and read: `district:P4603`, everywhere (URL, API, command line, postings)."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Model

from schools.language import reader_language
from schools.models import Amphoe, Department, District, Partner, Province, Region, School
from schools.refusal import Refusal

KINDS = ("nation", "department", "region", "province", "amphoe", "district", "school", "tray", "partner")
NATION_NAME = {"th": "ทั้งประเทศ", "en": "Nation"}


class UnknownUnit(Refusal):
    """The text names no unit; `message_th` and `message_en` say what was wrong and how it is written."""

    def __init__(self, text: str):
        super().__init__(
            f"ไม่พบหน่วยงาน “{text}” เขียนเช่น nation, province:46, district:P4603, school:46990001",
            f"No unit “{text}”. Write it like nation, province:46, district:P4603, school:46990001.",
        )


@dataclass(frozen=True)
class Unit:
    """One unit: its kind, its key as written after the colon, and the primary key of its row (None for nation)."""

    kind: str
    key: str
    pk: int | None

    def __str__(self) -> str:
        return self.kind if self.kind == "nation" else f"{self.kind}:{self.key}"

    @cached_property
    def row(self) -> Model | None:
        """The row behind it, fetched once; None for the nation."""
        return None if self.kind == "nation" else _MODEL[self.kind].objects.get(pk=self.pk)

    @cached_property
    def name(self) -> str:
        return NATION_NAME["th"] if self.kind == "nation" else str(self.row)

    @property
    def label(self) -> str:
        """The name as a page says it: a unit's own name is Thai in both languages, the nation's is the reader's."""
        return nation_label() if self.kind == "nation" else self.name


def nation_label() -> str:
    """The whole country in the reader's language."""
    return NATION_NAME[reader_language()]


_MODEL: dict[str, type[Model]] = {
    "department": Department,
    "region": Region,
    "province": Province,
    "amphoe": Amphoe,
    "district": District,
    "tray": District,
    "school": School,
    "partner": Partner,
}
_CODED = {"department", "district", "tray", "school", "partner"}
_KEY = re.compile(r"[A-Za-z0-9_-]{1,30}")
NATION = Unit("nation", "", None)


def parse_unit(text: str) -> Unit:
    """The unit `text` names, checked to exist. Raises UnknownUnit."""
    text = text.strip()
    if text == "nation":
        return NATION
    kind, _, key = text.partition(":")
    model = _MODEL.get(kind)
    if model is None or not _KEY.fullmatch(key):
        raise UnknownUnit(text)
    if kind in _CODED:
        rows = model.objects.filter(code=key)
        if kind in ("district", "tray"):
            rows = rows.filter(kind="tray") if kind == "tray" else rows.exclude(kind="tray")
    else:
        pk = 0 if (kind, key) == ("region", "central") else int(key) if key.isdecimal() and key[0] != "0" else -1
        if kind == "region" and key == "0":
            pk = -1
        rows = model.objects.filter(pk=pk)
    row = rows.first()
    if row is None:
        raise UnknownUnit(text)
    return unit_of(row)


def parse_units(texts: Iterable[str]) -> dict[str, Unit]:
    """Many units at once, a query a kind, with all that schools.scope asks of their rows; unknown ones are left out."""
    keys = defaultdict(set)
    for text in texts:
        kind, _, key = text.partition(":")
        keys[kind].add(key)
    units = {}
    for kind, wanted in keys.items():
        if kind == "nation":
            units["nation"] = NATION
            continue
        if kind not in _MODEL:
            continue
        rows = _MODEL[kind].objects.filter(
            **{"code__in" if kind in _CODED else "pk__in": [_pk_or_code(kind, key) for key in wanted]}
        )
        if kind == "school":
            rows = rows.select_related("district", "province")
        elif kind in ("district", "tray"):
            rows = rows.prefetch_related("provinces")
        elif kind == "amphoe":
            rows = rows.select_related("province")
        units |= {str(unit): unit for unit in map(unit_of, rows)}
    return units


def _pk_or_code(kind: str, key: str) -> str | int:
    if kind in _CODED:
        return key
    return 0 if key == "central" else int(key) if key.isdecimal() else -1


def unit_names(texts: Iterable[str]) -> dict[str, str]:
    """What a page calls each unit written in `texts`, in one query a kind; what names no unit stands for itself."""
    names = {text: text for text in texts}
    wanted: dict[str, dict[str, str]] = {}
    for text in names:
        kind, _, key = text.partition(":")
        if kind == "nation":
            names[text] = nation_label()
        elif kind in _MODEL and key:
            wanted.setdefault(kind, {})["0" if text == "region:central" else key] = text
    for kind, keys in wanted.items():
        field = "code" if kind in _CODED else "pk"
        known = [key for key in keys if field == "code" or (key.isascii() and key.isdecimal())]
        for row in _MODEL[kind].objects.filter(**{f"{field}__in": known}):
            names[keys[str(getattr(row, field))]] = str(row)
    return names


def unit_of(row: Model) -> Unit:
    """The Unit of a row already in hand, without another query."""
    kind = type(row).__name__.lower()
    if isinstance(row, District) and row.kind == District.Kind.TRAY:
        kind = "tray"
    key = row.code if kind in _CODED else row.key if kind == "region" else str(row.pk)
    unit = Unit(kind, key, row.pk)
    unit.__dict__["row"] = row
    return unit
