"""What a row tells of a child's case: its data as kept on the list entry, and the facts that follow from it."""

import hashlib
from datetime import date
from typing import NamedTuple

import orjson

from cases.codes import EnrolmentRoute, FactKind, Finding
from cases.intake.row import Row
from cases.intake.vocabulary import FOUND, NOT_FOUND, TRACKING

# Of a Row: what an entry keeps and compares with the next issue. The rest says where in the file it stood, or who.
_KEPT = tuple(name for name in Row._fields if name not in {"number", "sheet", "id_kind", "id_value"})
FOLLOWED = ("visit_date", "result", "outcome", "words", "wish", "returned")


class Told(NamedTuple):
    """One fact a row tells: its kind, the day it was so, and what it says."""

    kind: int
    day: date
    finding: int | None = None
    outcome: int | None = None
    words: str = ""
    wish: int | None = None
    approved_in_old_system: bool = False
    route: str = ""


def data_of(row: Row) -> dict:
    """The row as understood, without any identifier: only what it says, as JSON keeps it."""
    data = {}
    for name in _KEPT:
        value = getattr(row, name)
        if value not in (None, "", 0, False):
            data[name] = value.isoformat() if isinstance(value, date) else value
    return data


def digest_of(data: dict, index: str) -> str:
    """32 hex digits of the row's meaning and (blind) identifier: equal digests, unchanged row."""
    said = orjson.dumps([data, index], option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(said, digest_size=16).hexdigest()


def facts_of(data: dict, list_date: date, *, approves: bool = True) -> list[Told]:
    """The facts that the follow-up columns of a row's `data` tell, in the order of recording.

    Without วันที่ติดตาม they take the list's date. ไม่พบตัว counts as approved in the old system, if who brings it in
    `approves`; else somebody looked and met nobody. กลับเข้าเรียนแล้ว is a claim, which by itself makes the child found.
    """
    day = date.fromisoformat(data["visit_date"]) if "visit_date" in data else list_date
    words = {"outcome": data.get("outcome"), "words": data.get("words", ""), "wish": data.get("wish")}
    told = []
    result = data.get("result")
    if result == NOT_FOUND and approves:
        told.append(Told(FactKind.NOT_FOUND_APPROVED, day, **words, approved_in_old_system=True))
    elif result in (FOUND, TRACKING, NOT_FOUND):
        finding = Finding.FOUND if result == FOUND else Finding.NONE
        told.append(Told(FactKind.VISITED, day, int(finding), **words))
    if data.get("returned"):
        told.append(Told(FactKind.ENROLLED, day, **({} if told else words), route=EnrolmentRoute.FROM_LIST))
    return told
