"""Which school a case may be given to: those of an officer's scope, found by name or code, the likely ones first."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from cases.confidential import may_see_address
from cases.models import Case
from schools import roles
from schools.language import th_or_en
from schools.models import Person, School
from schools.school_index import school_key
from schools.scope import postings_of, unit_of_posting
from schools.thaitext import arabic_digits

SUGGESTED = 6
SHOWN = 20  # beyond it a list is to be searched, not scrolled


class Offer(NamedTuple):
    """The schools to choose from, each with where it lies and why; of how many there are; for which words."""

    schools: list[tuple[School, str]]
    total: int
    words: str


def schools_for(person: Person) -> QuerySet[School]:
    """The open schools of the scope in which `person` assigns cases."""
    columns = {"district": "district_id", "province": "province_id", "department": "district__department_id"}
    rule = Q(pk__in=[])
    for posting in postings_of(person):
        unit = unit_of_posting(posting)
        if unit is not None and roles.ASSIGN_CASES in roles.capabilities_of(posting):
            rule |= Q(**{columns[unit.kind]: unit.pk})
    return School.objects.filter(rule, closed_on__isnull=True).order_by("sort_key", "pk")


def offer(schools: QuerySet[School], words: str, cases: Sequence[Case], *, person: Person) -> Offer:
    """The first of those that match `words`; without words those near the children, then the first of all.

    Near whom `person` may know the home of: not near an unsafe child, for those who do not act.
    """
    words = words.strip()
    found = matching(schools, words) if words else schools
    total = found.count()
    near = {} if words else _near(schools, [case for case in cases if may_see_address(person, case)])
    first = [pk for pk in near if pk]
    rest = found.exclude(pk__in=first) if total <= SHOWN or not first else found.none()
    rows = schools.filter(pk__in=first).select_related("tambon", "amphoe", "district").in_bulk()
    shown = [rows[pk] for pk in first]
    shown += rest.select_related("tambon", "amphoe", "district")[: SHOWN - len(shown)]
    return Offer([(school, whereabouts(school, near.get(school.pk, ""))) for school in shown], total, words)


def matching(schools: QuerySet[School], words: str) -> QuerySet[School]:
    """By part of the name, however it is spelt, or by the beginning of the code."""
    key, digits = school_key(words), arabic_digits(words).replace(" ", "")
    rule = Q(search__contains=key) if key else Q(pk__in=[])
    return schools.filter(rule | Q(code__startswith=digits) if digits.isdecimal() else rule)


def _near(schools: QuerySet[School], cases: Sequence[Case]) -> dict[int, str]:
    """The schools in most of the children's tambons, then amphoes, with the reason, the best first."""
    tambons = Counter(case.child.tambon_id for case in cases if case.child.tambon_id)
    amphoes = Counter(case.child.amphoe_id for case in cases if case.child.amphoe_id)
    if not amphoes:
        return {}
    around = schools.filter(Q(tambon__in=tambons) | Q(amphoe__in=amphoes)).values_list("pk", "tambon", "amphoe")
    ranked = sorted(around, key=lambda place: (-tambons[place[1]], -amphoes[place[2]]))[:SUGGESTED]
    return {pk: _why(tambons[tambon], amphoes[amphoe], len(cases)) for pk, tambon, amphoe in ranked}


def _why(same_tambon: int, same_amphoe: int, of: int) -> str:
    if of == 1:
        return _("ตำบลเดียวกับบ้านเด็ก") if same_tambon else _("อำเภอเดียวกับบ้านเด็ก")
    words = _("ตำบลเดียวกับเด็ก %(n)s จาก %(of)s คน") if same_tambon else _("อำเภอเดียวกับเด็ก %(n)s จาก %(of)s คน")
    return words % {"n": same_tambon or same_amphoe, "of": of}


def whereabouts(school: School, why: str = "") -> str:
    """Where the school lies: names repeat from amphoe to amphoe. With `why` it is offered before it."""
    bangkok, tambon, amphoe = school.province_id == 10, school.tambon, school.amphoe
    where = [
        tambon and th_or_en(f"{'แขวง' if bangkok else 'ต.'}{tambon.name_th}", tambon.name_en),
        amphoe and th_or_en(f"{'เขต' if bangkok else 'อ.'}{amphoe.name_th}", amphoe.name_en),
    ]
    return " · ".join(part for part in (why, " ".join(filter(None, where)), str(school.district)) if part)
