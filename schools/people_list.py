"""The list of the people one administers: narrowed by words, unit, role and state, each posting as one row."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from schools import roles, tenure
from schools.models import Person, Posting, School
from schools.people_rules import may_change, visible_postings
from schools.school_index import school_key
from schools.scope import NOTHING, stationed_within
from schools.thaitext import clean
from schools.thaitime import bangkok_today
from schools.units import UnknownUnit, parse_unit, parse_units

ORDER = ("person__first_name", "person__last_name", "pk")
CHIPS = {
    tenure.ACTIVE: ("", "check"),
    tenure.INVITED: ("brand", "key"),
    tenure.DUE: ("due", "clock"),
    tenure.SUSPENDED: ("bad", "lock"),
    tenure.COMING: ("", "cal"),
    tenure.ENDED: ("", "out"),
}


def narrowed(person: Person, *, q: str = "", unit: str = "", role: str = "", state: str = "") -> QuerySet[Posting]:
    """The postings `person` may see that fit; `unit` is as written everywhere, a school's code, or part of its name."""
    rows = visible_postings(person)
    for word in clean(q).split():
        names = ("person__first_name", "person__last_name", "person__username")
        rule = NOTHING
        for name in names:
            rule |= Q(**{f"{name}__icontains": word})
        rows = rows.filter(rule)
    if unit:
        rows = rows.filter(_in_unit(unit))
    if role:
        rows = rows.filter(role=role)
    if state:
        rows = rows.filter(tenure.in_state(state, bangkok_today()))
    return rows


def _in_unit(text: str) -> Q:
    for written in (text, f"school:{text}", f"district:{text}"):
        try:
            unit = parse_unit(written)
        except UnknownUnit:
            continue
        return stationed_within(unit)
    key = school_key(text)
    if not key:
        return NOTHING
    codes = School.objects.filter(search__contains=key).values_list("code", flat=True)[:200]
    return Q(unit__in=[f"school:{code}" for code in codes])


def with_units(postings: list[Posting]) -> dict[str, Any]:
    """The units of `postings` by how they are written, known to each of them: a query a kind, not one a row."""
    units = parse_units({posting.unit for posting in postings})
    for posting in postings:
        unit = units.get(posting.unit)
        posting.__dict__["_unit"] = unit if unit and unit.kind in roles.UNIT_KINDS[posting.role] else None
    return units


def rows(postings: list[Posting], person: Person) -> list[dict]:
    """What a page shows of each posting."""
    units, today = with_units(postings), bangkok_today()
    return [_row(posting, units, person, today) for posting in postings]


def _row(posting: Posting, units: dict[str, Any], person: Person, today: date) -> dict:
    state = tenure.state_of(posting, today)
    kind, icon = CHIPS[state]
    unit = units.get(posting.unit)
    return {
        "posting": posting,
        "person": posting.person,
        "role": roles.name_of(posting.role),
        "unit": unit.label if unit else posting.unit,
        "state": state,
        "state_words": str(tenure.STATES[state]),
        "chip_kind": kind,
        "chip_icon": icon,
        "may_change": may_change(person, posting),
        "mine": posting.person_id == person.pk,
    }


def number_due(person: Person) -> int:
    """How many postings `person` has yet to confirm for this year, the suspended ones included."""
    today = bangkok_today()
    waiting = tenure.in_state(tenure.DUE, today) | tenure.in_state(tenure.SUSPENDED, today)
    return visible_postings(person).exclude(person=person).filter(waiting).count()
