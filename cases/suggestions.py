"""Which school each child without one might go to, and why: a proposal that an officer accepts or not.

In this order: the school its list named, a school where somebody of the same household is, a school of its tambon. Only
schools the officer may give children to, and only households in the officer's scope; where an unsafe child lives is no
reason for who may not know it. A fixed number of queries.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

from cases.confidential import may_see_address
from cases.models import Case, Child, ListEntry
from cases.school_choice import schools_for
from schools import roles
from schools.models import Person, School
from schools.school_index import school_key
from schools.scope import visible


class Suggestion(NamedTuple):
    school: School
    why: str


def suggest(cases: Sequence[Case], person: Person) -> dict[int, Suggestion]:
    """By case: the best proposal; a case without one is left out."""
    found: dict[int, Suggestion] = {}
    placed = [case for case in cases if not case.is_unsafe or may_see_address(person, case)]
    for proposals, of in ((_last_schools, cases), (_households, placed), (_tambons, placed)):
        found |= proposals([case for case in of if case.pk not in found], person)
    return found


def _last_schools(cases: Sequence[Case], person: Person) -> dict[int, Suggestion]:
    """The school a list names, by its words, where exactly one school of the scope is called so."""
    entries = ListEntry.objects.filter(case__in=cases, left__isnull=True).order_by("pk").values_list("case", "data")
    words = {case: school_key(data["school_words"]) for case, data in entries if data.get("school_words")}
    named = _by(schools_for(person).filter(search__in=set(words.values())), "search")
    why = _("โรงเรียนล่าสุดตามบัญชี")
    return {case: Suggestion(named[key][0], why) for case, key in words.items() if len(named[key]) == 1}


def _households(cases: Sequence[Case], person: Person) -> dict[int, Suggestion]:
    """A school that has a child of the same telephone, or of the same guardian at the same house of a tambon."""
    keys = {case.pk: _household(case.child) for case in cases}
    phones = {key for found in keys.values() for kind, key in found if kind == "phone"}
    guardians = {case.child.guardian_name for case in cases if case.child.guardian_name and case.child.house_no}
    tambons = {case.child.tambon_id for case in cases if case.child.tambon_id}
    same = Q(child__guardian_phone__in=phones)
    same |= Q(child__guardian_name__in=guardians, child__tambon__in=tambons)
    near = Case.objects.filter(visible(person, capability=roles.ASSIGN_CASES)).filter(
        same, school__in=schools_for(person).values("pk")
    )
    at: dict[tuple, Counter] = defaultdict(Counter)
    for relative in near.select_related("child", "school").order_by("pk")[:1000]:
        for key in _household(relative.child):
            at[key][relative.school] += 1
    found = {}
    for pk, own in keys.items():
        schools = sum((at[key] for key in own if key in at), Counter())
        if schools:
            found[pk] = Suggestion(schools.most_common(1)[0][0], _("มีเด็กบ้านเดียวกันอยู่โรงเรียนนี้"))
    return found


def _household(child: Child) -> set[tuple]:
    keys = set()
    if len(child.guardian_phone) >= 9:
        keys.add(("phone", child.guardian_phone))
    if child.guardian_name and child.house_no and child.tambon_id:
        keys.add(("house", (child.guardian_name, child.house_no, child.tambon_id)))
    return keys


def _tambons(cases: Sequence[Case], person: Person) -> dict[int, Suggestion]:
    """A school of the tambon the child lives in; the first by name where there are several, and how many there are."""
    near = _by(schools_for(person).filter(tambon__in={case.child.tambon_id for case in cases} - {None}), "tambon_id")
    return {
        case.pk: Suggestion(near[at][0], _of(len(near[at]))) for case in cases if (at := case.child.tambon_id) in near
    }


def _of(count: int) -> str:
    if count == 1:
        return _("ตำบลเดียวกับบ้านเด็ก")
    return _("ตำบลเดียวกับบ้านเด็ก (มี %(n)s โรงเรียน)") % {"n": count}


def _by(schools: Iterable[School], column: str) -> dict:
    found = defaultdict(list)
    for school in schools:
        found[getattr(school, column)].append(school)
    return found
