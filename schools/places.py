"""Finds a province, amphoe and tambon from their names as people write them in a sheet.

Holds all 77 + 928 + 7,436 names in memory, loaded once per import (three queries); after that a look-up costs no
query. Names are compared exactly first, then without tone marks, spaces and punctuation; of two that fit none is
chosen: the answer names the candidates.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NamedTuple

from schools.models import Amphoe, Province, Tambon
from schools.thaitext import arabic_digits, clean, half_width

PROVINCE, AMPHOE, TAMBON = "จังหวัด", "อำเภอ", "ตำบล"
_ENGLISH = {PROVINCE: "province", AMPHOE: "amphoe", TAMBON: "tambon"}
# What people put before a name; "จ " only with its space, for many names begin with that letter.
_PREFIXES = {
    PROVINCE: ("จังหวัด", "จ.", "จ "),
    AMPHOE: ("กิ่งอำเภอ", "กิ่ง อ.", "กิ่งอ.", "อำเภอ", "อ.", "อ ", "เขต"),
    TAMBON: ("ตำบล", "ต.", "ต ", "แขวง"),
}
_OTHER_NAMES = {  # province code → names beside the official, the abbreviation and the English one
    10: ("กรุงเทพ", "กรุงเทพฯ", "กรุงเทพมหานครฯ"),
    14: ("อยุธยา",),
    30: ("โคราช",),
}
_MARKS = dict.fromkeys(range(0x0E47, 0x0E4D))  # ็ ่ ้ ๊ ๋ ์
_MEMORY = 50_000  # distinct spellings remembered; a hostile file must not fill the memory
_SHOWN = 5


@dataclass(frozen=True)
class Place:
    """Where something is, by DOPA codes (the primary keys); None where the text did not say."""

    province_id: int | None = None
    amphoe_id: int | None = None
    tambon_id: int | None = None


@dataclass(frozen=True)
class BadPlace:
    """A name that fits nowhere, or in several places. `column` is the canonical heading, `candidates` full names."""

    column: str
    text: str
    candidates: tuple[str, ...] = ()

    @property
    def message_th(self) -> str:
        hint = f" หมายถึง {' / '.join(self.candidates)} หรือไม่" if self.candidates else " ตรวจตัวสะกด"
        return f"ไม่พบ{self.column} “{self.text}” ตามที่ระบุ{hint}"

    @property
    def message_en(self) -> str:
        hint = f" Did you mean {' / '.join(self.candidates)}?" if self.candidates else " Check the spelling."
        return f"{_ENGLISH[self.column].capitalize()} “{self.text}” was not found there.{hint}"


class _Named(NamedTuple):
    id: int
    name: str
    parent: int | None


def loose_key(text: str) -> str:
    """`text` without tone marks, spaces and punctuation, in lower case and Arabic digits."""
    text = arabic_digits(clean(half_width(text))).lower().translate(_MARKS)
    return "".join(c for c in text if unicodedata.category(c)[0] in "LMN")


class _Level:
    """The names of one level, within each parent and in the whole country."""

    def __init__(self, column: str, rows: Iterable[_Named]):
        self.column = column
        self.by_id = {row.id: row for row in rows}
        self.inside: dict[int | None, list[_Named]] = defaultdict(list)
        self._keys: dict[tuple[int | None, str], list[int]] = defaultdict(list)
        self._anywhere: dict[str, list[int]] = defaultdict(list)
        for row in self.by_id.values():
            self.inside[row.parent].append(row)
            self.add(row, row.name)

    def add(self, row: _Named, name: str) -> None:
        for key in {name, loose_key(name)}:
            self._keys[row.parent, key].append(row.id)
            self._anywhere[key].append(row.id)

    def spellings(self, text: str) -> list[str]:
        """`text` as it stands, then without its prefix; each exactly, then loosely."""
        names = [text, *(text[len(p) :].strip() for p in _PREFIXES[self.column] if text.startswith(p))]
        return [key for name in names if name for key in (name, loose_key(name)) if key]

    def find(self, text: str, parents: Iterable[int | None] | None) -> list[int]:
        """The ids that fit: below any of `parents`, or (None) in the whole country."""
        for key in self.spellings(text):
            if parents is None:
                found = self._anywhere.get(key, [])
            else:
                found = [id_ for parent in parents for id_ in self._keys.get((parent, key), ())]
            if found:
                return sorted(set(found))
        if text.isdecimal() and text.isascii() and len(text) <= 6:
            row = self.by_id.get(int(text))
            return [row.id] if row and (parents is None or row.parent in parents) else []
        return []


class Places:
    """The index. `Places.load()` once per import; then `find()`."""

    def __init__(self, provinces: Iterable[tuple], amphoes: Iterable[tuple], tambons: Iterable[tuple]):
        provinces = list(provinces)
        self.provinces = _Level(PROVINCE, [_Named(row[0], row[1], None) for row in provinces])
        for id_, _, *others in provinces:
            for name in (*others, *_OTHER_NAMES.get(id_, ())):
                self.provinces.add(self.provinces.by_id[id_], name)
        self.amphoes = _Level(AMPHOE, [_Named(*row) for row in amphoes])
        for row in self.amphoes.by_id.values():
            if row.id % 100 == 1 and row.name.startswith("เมือง"):  # "อ.เมือง จ.กาฬสินธุ์"
                self.amphoes.add(row, "เมือง")
        self.tambons = _Level(TAMBON, [_Named(*row) for row in tambons])
        self._seen: dict[tuple[str, str, str], Place | BadPlace] = {}

    @classmethod
    def load(cls) -> "Places":
        return cls(
            Province.objects.order_by().values_list("id", "name_th", "abbr_th", "name_en"),
            Amphoe.objects.order_by().values_list("id", "name_th", "province_id"),
            Tambon.objects.order_by().values_list("id", "name_th", "amphoe_id"),
        )

    def find(self, province: str = "", amphoe: str = "", tambon: str = "") -> Place | BadPlace:
        """The place the three names say; an empty name says nothing.

        A name that stands once in the country gives what stands above it; amphoe and tambon together may settle what
        neither does alone. A text of digits is a DOPA code.
        """
        asked = (province, amphoe, tambon)
        if asked not in self._seen:
            if len(self._seen) >= _MEMORY:
                self._seen.clear()
            self._seen[asked] = self._find(*(arabic_digits(clean(half_width(text))) for text in asked))
        return self._seen[asked]

    def _find(self, province: str, amphoe: str, tambon: str) -> Place | BadPlace:
        province_id = None
        if province:
            found = self.provinces.find(province, None)
            if len(found) != 1:
                return self._bad(self.provinces, province, found, None)
            province_id = found[0]
        amphoe_ids: list[int] | None = None
        if amphoe:
            amphoe_ids = self.amphoes.find(amphoe, None if province_id is None else (province_id,))
            if not amphoe_ids or (len(amphoe_ids) > 1 and not tambon):
                return self._bad(self.amphoes, amphoe, amphoe_ids, province_id)
        if not tambon:
            return self._place(province_id, amphoe_ids[0] if amphoe_ids else None)
        return self._find_tambon(tambon, province_id, amphoe_ids)

    def _find_tambon(self, tambon: str, province_id: int | None, amphoe_ids: list[int] | None) -> Place | BadPlace:
        if amphoe_ids is None and province_id is not None:
            amphoe_ids = [row.id for row in self.amphoes.inside[province_id]]
        found = self.tambons.find(tambon, amphoe_ids)
        if len(found) != 1:
            return self._bad(self.tambons, tambon, found, amphoe_ids[0] if amphoe_ids else None)
        return self._place(province_id, self.tambons.by_id[found[0]].parent, found[0])

    def _place(self, province_id: int | None, amphoe_id: int | None, tambon_id: int | None = None) -> Place:
        if amphoe_id is not None:
            province_id = self.amphoes.by_id[amphoe_id].parent
        return Place(province_id, amphoe_id, tambon_id)

    def _bad(self, level: _Level, text: str, found: list[int], parent: int | None) -> BadPlace:
        """Several that fit; else those of that name elsewhere; else the nearest names of the parent."""
        ids = found or level.find(text, None)
        if not ids:
            bare = level.spellings(text)[-2:-1] or [text]
            names = {row.name: row.id for row in level.inside[parent]}
            ids = [names[name] for name in get_close_matches(bare[0][:80], names, n=3, cutoff=0.6)]
        return BadPlace(level.column, text[:80], tuple(self.name(level, id_) for id_ in ids[:_SHOWN]))

    def name(self, level: _Level, id_: int) -> str:
        """The name of one row with the names above it: "ต.บัวขาว อ.กุฉินารายณ์ จ.กาฬสินธุ์"."""
        row = level.by_id[id_]
        if level is self.provinces:
            return f"จ.{row.name}"
        if level is self.amphoes:
            return f"อ.{row.name} {self.name(self.provinces, row.parent)}"
        return f"ต.{row.name} {self.name(self.amphoes, row.parent)}"
