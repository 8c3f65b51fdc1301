"""Who may give whom which role where: one table, deny by default, and never to oneself (SECURITY AZ-10).

Each level administers the people of its own unit and of the level below. Where a person may look is schools.scope.
"""

from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import Q, QuerySet

from schools import roles
from schools.models import Person, Posting
from schools.scope import NOTHING, encloses, postings_of, stationed_within, unit_of_posting
from schools.units import Unit

Role = Posting.Role
OWN, BELOW, ANYWHERE = "own", "below", "anywhere"  # in the giver's very unit; in it or a unit it encloses; wherever

# (the giver's role, kind of their unit) → the roles they give and take, and how far they reach with each.
MAY_GIVE: dict[tuple[str, str], dict[str, str]] = {
    (Role.DIRECTOR, "school"): {Role.TEACHER: OWN},
    (Role.DISTRICT, "district"): {Role.DISTRICT: OWN, Role.DIRECTOR: BELOW, Role.TEACHER: BELOW},
    (Role.PROVINCE, "province"): {Role.PROVINCE: OWN},
    (Role.DEPARTMENT, "department"): {Role.DEPARTMENT: OWN, Role.DISTRICT: BELOW},
    (Role.MINISTRY, "region"): {Role.MINISTRY: OWN},
    (Role.MINISTRY, "nation"): {
        Role.MINISTRY: BELOW,
        Role.DEPARTMENT: BELOW,
        Role.PROVINCE: BELOW,
        Role.AUDITOR: BELOW,
        Role.PARTNER: ANYWHERE,  # a partner lies in no unit
    },
    (Role.ADMIN, "nation"): dict.fromkeys(Role.values, ANYWHERE),
}


class Giver(NamedTuple):
    """One posting by which somebody administers people, with its unit and its line of MAY_GIVE."""

    posting: Posting
    unit: Unit
    gives: dict[str, str]


def givers(person: Person) -> Iterator[Giver]:
    """By which of their postings of today `person` administers people."""
    for posting in postings_of(person):
        unit = unit_of_posting(posting)
        if unit is None or roles.ADMINISTER_PEOPLE not in roles.capabilities_of(posting):
            continue
        gives = MAY_GIVE.get((posting.role, unit.kind))
        if gives:
            yield Giver(posting, unit, gives)


def giving_posting(person: Person, role: str, unit: Unit | None) -> Posting | None:
    """The posting by which `person` may give and take `role` in `unit`. None as a unit: one that is no more."""
    for giver in givers(person):
        reach = giver.gives.get(role)
        if reach == ANYWHERE:
            return giver.posting
        if unit is None or reach is None:
            continue
        if str(giver.unit) == str(unit) or (reach == BELOW and encloses(giver.unit, unit)):
            return giver.posting
    return None


def may_change(person: Person, posting: Posting) -> bool:
    """Whether `person` may end, prolong, change or confirm `posting`: in reach, and nobody's own."""
    return posting.person_id != person.pk and giving_posting(person, posting.role, unit_of_posting(posting)) is not None


def administered(person: Person) -> Q:
    """The postings `person` may give and take, as a condition; their own are among them and stay theirs to look at."""
    rule = NOTHING
    for giver in givers(person):
        for reach in (OWN, BELOW, ANYWHERE):
            given = [role for role, far in giver.gives.items() if far == reach]
            if not given:
                continue
            where = {OWN: Q(unit=str(giver.unit)), ANYWHERE: Q()}.get(reach)
            rule |= Q(role__in=given) & (stationed_within(giver.unit) if where is None else where)
    return rule


def visible_postings(person: Person) -> QuerySet[Posting]:
    """What the people pages list: the postings one administers, and the colleagues of the same unit to read."""
    own_units = [str(giver.unit) for giver in givers(person)]
    return Posting.objects.filter(administered(person) | Q(unit__in=own_units)).select_related("person")


def roles_to_give(person: Person) -> list[str]:
    """The roles `person` may give somewhere, in the order of the roles."""
    given = {role for giver in givers(person) for role in giver.gives}
    return [role for role in Role.values if role in given]
