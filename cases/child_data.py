"""แก้ไขข้อมูลเด็ก: what is known of a child is put right by those who have the case; before → after stands as a fact."""

from datetime import date
from typing import Any

from django.db import transaction

from cases import actions
from cases.codes import FactKind
from cases.intake.headings import CANONICAL
from cases.intake.opening import name_columns
from cases.intake.plan import CHILD_COLUMN
from cases.lifecycle import add_facts, lock
from cases.models import Case, Child, Fact
from schools import audit
from schools.models import Person
from schools.places import BadPlace, Place, Places
from schools.refusal import Refusal

PLAIN = ("title", "first_name", "last_name", "last_grade", "guardian_name", "guardian_phone", "house_no", "moo")
PLACES = ("tambon", "amphoe", "province")
_HEADING = {column: CANONICAL[said] for column, said in CHILD_COLUMN.values()}  # what a sheet calls each column


class BadChildData(Refusal):
    """The child's data cannot be so; `field` is the one to mend."""

    field: str | None = None


class NothingChanged(Refusal):
    field, code = "non_field_errors", "nothing_changed"  # of the form as a whole
    message_th = "ยังไม่ได้แก้ไขอะไร ถ้าข้อมูลถูกแล้วไม่ต้องบันทึก"
    message_en = "Nothing is changed. If the data are right there is nothing to save."


def known_of(child: Child) -> dict[str, Any]:
    """What may be amended, as it is known now; places by their names."""
    plain = {name: getattr(child, name) for name in PLAIN}
    places = {name: str(getattr(child, name)) if getattr(child, f"{name}_id") else "" for name in PLACES}
    return plain | places | {"birth_date": child.birth_date, "birth_year_only": child.birth_year_only}


@transaction.atomic
def amend_child(case: Case, *, person: Person, version: int | None = None, reason: str = "", **said: Any) -> Case:
    """Put right what is known of the child of `case`; `said` as `known_of` gives it, what is left out stays.

    Search keys follow the name. Raises PermissionDenied, IllegalAction, StaleCase, BadChildData, NothingChanged.
    """
    locked = lock(case)
    posting = actions.may(locked, person, "amend_child")
    child = (
        Child.objects.select_related("tambon", "amphoe", "province")
        .select_for_update(of=("self",))
        .get(pk=locked.child_id)
    )
    told = _amend(child, said)
    if not told:
        raise NothingChanged
    fact = Fact(kind=FactKind.CHILD_CHANGED, by=person, posting=posting, unit=posting.unit, reason=reason, details=told)
    amended = add_facts(locked, [fact], version=version)
    child.save()
    audit.record(
        "child_amended",
        person=person,
        posting=posting,
        object_kind="case",
        object_key=amended.number,
        columns=len(told),
    )
    return amended


def _amend(child: Child, said: dict[str, Any]) -> dict[str, list]:
    """Put `said` on the child (not saved); returns heading → [before, after] of what changed, as an import tells it."""
    known = known_of(child)
    changed = {name: value for name, value in said.items() if value != known[name]}
    told = {_HEADING[name]: [known[name], changed[name]] for name in PLAIN if name in changed}
    for name in PLAIN:
        if name in changed:
            setattr(child, name, changed[name])
    if not child.first_name:
        raise _bad("first_name", "ต้องมีชื่อ", "A child has a first name.")
    if "birth_date" in changed or "birth_year_only" in changed:
        told[_HEADING["birth_date"]] = [_day(child.birth_date), _day(said["birth_date"])]
        child.birth_date = said["birth_date"]
        child.birth_year_only = bool(said.get("birth_year_only")) and child.birth_date is not None
    if {"first_name", "last_name"} & changed.keys():
        for column, value in name_columns(child.first_name, child.last_name).items():
            setattr(child, column, value)
    if changed.keys() & set(PLACES):
        told |= _move(child, known, {name: said.get(name, known[name]) for name in PLACES})
    return told


def _move(child: Child, known: dict[str, Any], names: dict[str, str]) -> dict[str, list]:
    place = Places.load().find(**names)
    if isinstance(place, BadPlace):
        field = {"ตำบล": "tambon", "อำเภอ": "amphoe", "จังหวัด": "province"}[place.column]
        raise _bad(field, place.message_th, place.message_en)
    before = Place(child.province_id, child.amphoe_id, child.tambon_id)
    child.province_id, child.amphoe_id, child.tambon_id = place.province_id, place.amphoe_id, place.tambon_id
    now = known_of(child)
    moved = [name for name in PLACES if getattr(before, f"{name}_id") != getattr(place, f"{name}_id")]
    return {_HEADING[f"{name}_id"]: [known[name], now[name]] for name in moved}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _bad(field: str, message_th: str, message_en: str) -> BadChildData:
    refusal = BadChildData(message_th, message_en)
    refusal.field = field
    return refusal
