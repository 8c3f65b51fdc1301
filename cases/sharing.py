"""What a partner agency may be told of a child: the fields there are, and which of them each agency's list has.

The lists are ours until the annexes of the agreements (MOU) are at hand (data/PROVENANCE.md): each agency has what its
own duty needs and nothing else. A national ID goes along only where the list has it and the referral says why
(SECURITY PV-01, PV-03).
"""

from collections.abc import Callable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.cards import address_of, age_of
from cases.codes import SENSITIVE, Category, Need, Outcome, Wish
from cases.confidential import tells_outcome, told_needs, wish_words
from cases.identity import unseal
from cases.models import Case, Identifier, Referral
from schools.models import Partner
from schools.thaitime import thai_date

FIELDS: dict[str, str | Promise] = {
    "name": gettext_lazy("ชื่อ-นามสกุล"),
    "age": gettext_lazy("อายุ"),
    "sex": gettext_lazy("เพศ"),
    "birth_date": gettext_lazy("วันเกิด"),
    "category": gettext_lazy("ประเภท"),
    "last_grade": gettext_lazy("ชั้นล่าสุด"),
    "school": gettext_lazy("หน่วยงานรับผิดชอบ"),
    "wish": gettext_lazy("ความประสงค์"),
    "needs": gettext_lazy("ความช่วยเหลือที่ต้องการ"),
    "cause": gettext_lazy("สาเหตุ/ผล"),
    "health": gettext_lazy("เรื่องสุขภาพและความพิการ"),
    "guardian": gettext_lazy("ผู้ปกครอง"),
    "phone": gettext_lazy("โทรศัพท์ผู้ปกครอง"),
    "address": gettext_lazy("ที่อยู่"),
    "national_id": gettext_lazy("เลขประจำตัวประชาชน"),
}
PLACE = frozenset({"phone", "address"})  # where an unsafe child can be found

_PLAIN = ("name", "age", "sex", "category", "last_grade", "school", "wish", "needs")
_HOME = ("guardian", "phone", "address")
_ALLOWED: dict[str, tuple[str, ...]] = {
    "eef": (*_PLAIN, "birth_date", "cause", *_HOME, "national_id"),
    "moi": (*_PLAIN, "birth_date", *_HOME, "national_id"),
    "msociety": (*_PLAIN, "birth_date", "cause", "health", *_HOME, "national_id"),
    "moph": (*_PLAIN, "birth_date", "cause", "health", *_HOME, "national_id"),
    "mol": (*_PLAIN, "guardian", "phone"),
    "moj": (*_PLAIN, "birth_date", "cause", *_HOME),
    "mod": _PLAIN,
    "mhesi": _PLAIN,
    "mdes": _PLAIN,
    "moc": _PLAIN,
    "rtp": ("name", "age", "sex", "birth_date", "school", *_HOME),
    "onab": (*_PLAIN, "guardian", "phone"),
    "bma": (*_PLAIN, "birth_date", *_HOME),
    "dla": (*_PLAIN, "birth_date", *_HOME),
}
_TEAM = (*_PLAIN, "birth_date", "cause", "health", *_HOME)  # a province's multi-disciplinary team


def allowed_fields(partner: Partner) -> tuple[str, ...]:
    """The fields this agency's list has, in the order of FIELDS; empty for one that receives no referrals."""
    allowed = _TEAM if partner.province_id else _ALLOWED.get(partner.code, ())
    return tuple(field for field in FIELDS if field in allowed)


def partners_for(case: Case) -> list[Partner]:
    """Whom `case` can be referred to: the agencies with a list, and the team of its own province, which comes first."""
    active = Partner.objects.filter(is_active=True)
    team = list(active.filter(province_id=case.province_id))
    return team + [partner for partner in active.filter(code__in=_ALLOWED) if allowed_fields(partner)]


def shown(referral: Referral) -> set[str]:
    """The fields this referral shows now, each time asked anew of the agency's list.

    The place of a child who became unsafe after the referral is not among them; who is to protect the child is sent a
    referral that says so.
    """
    allowed = set(allowed_fields(referral.partner)) & set(referral.fields)
    if referral.case.is_unsafe and not referral.for_safety:
        allowed -= PLACE
    if not referral.id_reason:
        allowed.discard("national_id")
    return allowed


def headline(referral: Referral) -> str:
    """What a list of referrals calls the child: the name where it is shared, else the number of the case."""
    return str(referral.case.child) if "name" in shown(referral) else referral.case.number


def shared(referral: Referral, needs: list[str]) -> dict[str, str]:
    """field → its value in words, of exactly the fields this referral shows; `needs` as the last visit said."""
    allowed = shown(referral)
    health = "health" in allowed
    values = {
        field: read(referral.case, health) for field, read in _READ.items() if field in allowed and field != "needs"
    }
    if "needs" in allowed:
        values["needs"] = " · ".join(str(Need(need).label) for need in told_needs(needs, health))
    return {field: values[field] for field in FIELDS if field in values}


def _birth(case: Case, health: bool) -> str:
    child = case.child
    if child.birth_date is None:
        return ""
    return str(child.birth_date.year + 543) if child.birth_year_only else thai_date(child.birth_date)


def _cause(case: Case, health: bool) -> str:
    return str(Outcome(case.outcome).label) if tells_outcome(case.outcome, health) else ""


def _health(case: Case, health: bool) -> str:
    if case.outcome in SENSITIVE:
        return str(Outcome(case.outcome).label)
    return wish_words(case.wish, sensitive=True) if case.wish == Wish.CANNOT else ""


def _national_id(case: Case, health: bool) -> str:
    held = case.child.identifiers.filter(until__isnull=True, kind=Identifier.Kind.NATIONAL_ID).order_by("-pk").first()
    return unseal(held.sealed) if held else ""


_READ: dict[str, Callable[[Case, bool], str]] = {
    "name": lambda case, health: str(case.child),
    "age": lambda case, health: age_of(case),
    "sex": lambda case, health: {"M": _("ชาย"), "F": _("หญิง"), "": ""}[case.child.sex],
    "birth_date": _birth,
    "category": lambda case, health: str(Category(case.category).label),
    "last_grade": lambda case, health: case.child.last_grade,
    "school": lambda case, health: str(case.school or case.district),
    "wish": lambda case, health: wish_words(case.wish, health),
    "cause": _cause,
    "health": _health,
    "guardian": lambda case, health: case.child.guardian_name,
    "phone": lambda case, health: case.child.guardian_phone,
    "address": lambda case, health: address_of(case),
    "national_id": _national_id,
}
