"""A case goes to another unit: asked, passed on, accepted there; until then it counts where it stands.

Found in another province it goes up to the centre (its department), which sends it to that province's desk, which
chooses the district: never directly. Source: PRODUCT §3.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from cases import actions, closing, photos, requests
from cases.codes import Closing, FactKind, RequestKind, RequestState, Whereabouts
from cases.lifecycle import check_version, lock
from cases.models import Case, Fact, Request
from cases.routing import Place, clear_teacher, place_of
from schools.language import th_or_en
from schools.models import Department, District, Person, Posting, Province
from schools.reference import generated_code, generated_office
from schools.refusal import Refusal
from schools.scope import encloses, level_above, unit_of_posting
from schools.units import NATION, Unit, UnknownUnit, parse_unit, unit_of

# The affiliations of data/affiliations.csv whose role is to be a destination: กทม., อปท., ตชด., พระปริยัติธรรม, อว.,
# พม., กรมพินิจฯ, โรงเรียนกีฬา, นาฏศิลป, บ้านเรียน and ศูนย์การเรียน มาตรา 12, others.
OUTSIDE = ("lao", "bma", "bpp", "onab", "mhesi", "msociety", "djop", "sport", "culture", "home", "other")
ONLY_IN = {"bma": 10}  # กรุงเทพมหานคร
ABROAD = "abroad"  # no unit: it leads to a closing, with its evidence and approval
_OFFICE = re.compile(r"(?:tray:|district:X)(\d\d)-([a-z]+)")


class TransferRefused(Refusal):
    """The destination cannot be it; `field` names what to mend, the messages the way."""

    def __init__(self, field: str, message_th: str, message_en: str):
        super().__init__(message_th, message_en)
        self.field = field


class Destination(NamedTuple):
    """A unit a case may go to, with where it would stand there."""

    unit: Unit
    place: Place


# ── asking ────────────────────────────────────────────────────────────────────────────────────────────────────────
@transaction.atomic
def request_transfer(
    case: Case,
    *,
    person: Person,
    to: str = "",
    school_code: str = "",
    reason: str,
    pictures: Sequence[photos.Picture] = (),
    version: int | None = None,
) -> Request:
    """Ask `to` (`district:P4601`, `district:X46-lao`, `school:46990002`), or a school by its code, to take the case.

    To go `abroad` is asked as a closing, on the evidence of `reason` and `pictures`. Raises PermissionDenied,
    IllegalAction, StaleCase, TransferRefused: of another province it is sent by the centre.
    """
    if to == ABROAD:
        why = {"why": Closing.ABROAD, "reason": reason, "pictures": pictures}
        return closing.request_closing(case, person=person, version=version, **why)
    locked, posting = _begun(case, person, "request_transfer", version)
    field = "school_code" if school_code else "to"
    goal = destination(f"school:{school_code}" if school_code else to, field=field, province_id=locked.province_id)
    _other_than_now(locked, goal, field)
    details = {"to": str(goal.unit), "name": goal.unit.name}
    return requests.ask(
        locked,
        RequestKind.TRANSFER,
        posting=posting,
        to=_desk_of(goal.unit),
        reason=reason,
        details=details,
        pictures=pictures,
    )


@transaction.atomic
def send_to_centre(
    case: Case, *, person: Person, province: Province, reason: str, version: int | None = None
) -> Request:
    """The child was found in another `province`: ask the centre to send the case there.

    The centre is the case's department, the ministry where nobody answers there; a department's own officer is the
    centre and asks the province. Raises PermissionDenied, IllegalAction, StaleCase, TransferRefused.
    """
    locked, posting = _begun(case, person, "send_to_centre", version)
    if province.pk == locked.province_id:
        raise TransferRefused(
            "province",
            f"แฟ้มอยู่จังหวัด{province}อยู่แล้ว ใช้ “ขอโอนหน่วยงานรับผิดชอบ” เพื่อส่งให้หน่วยงานในจังหวัดเดียวกัน",
            f"The case is in {province.name_en} already; request a transfer to a unit of the same province.",
        )
    centre = unit_of(locked.department)
    asked = centre if requests.is_answered_at(centre) else NATION
    to = unit_of(province) if posting.unit == str(centre) else asked
    details = {"province": province.pk, "name": str(province), "steps": [str(to)]}
    return requests.ask(locked, RequestKind.TRANSFER, posting=posting, to=to, reason=reason, details=details)


def lives_elsewhere(case: Case) -> bool:
    """Whether the last visit that knew it says that the child is in another province than the case."""
    known = case.visits.exclude(whereabouts="").order_by("-fact__at", "-pk")
    where = known.values_list("whereabouts", "whereabouts_province").first()
    return where is not None and where[0] == Whereabouts.OTHER_PROVINCE and where[1] not in (None, case.province_id)


def _begun(case: Case, person: Person, slug: str, version: int | None) -> tuple[Case, Posting]:
    locked = lock(case)
    posting = actions.may(locked, person, slug)
    check_version(locked, version)
    return locked, posting


# ── answering ─────────────────────────────────────────────────────────────────────────────────────────────────────
@transaction.atomic
def grant_transfer(request: Request, *, person: Person, answer: str = "", to: str = "") -> Case:
    """Take the case: it stands at `to`, at what was asked for, or at the answering school or district itself.

    Raises PermissionDenied, IllegalAction, TransferRefused (no destination chosen, or not of the answering unit).
    """
    held, case = requests.hold(request)
    posting = requests.posting_to_answer(held, person)
    actions.still(case, "request_transfer")
    return take(held, case, posting=posting, to=to, answer=answer)


def take(held: Request, case: Case, *, posting: Posting, to: str, answer: str) -> Case:
    """Grant a held request by moving its case to `to`, or to where it was asked for. Raises TransferRefused."""
    own = unit_of_posting(posting)
    goal = _chosen(held, case, own, to)
    _not_over_heads(held, case, own, goal)
    _other_than_now(case, goal, "destination")
    fact = Fact(
        kind=FactKind.TRANSFERRED,
        by=posting.person,
        posting=posting,
        unit=posting.unit,
        details={"from": held.from_unit},
        **goal.place._asdict(),
    )
    held.details["to"], held.details["name"] = str(goal.unit), goal.unit.name
    Request.objects.filter(pk=held.pk).update(details=held.details)
    moved = requests.settle(held, case, posting=posting, state=RequestState.GRANTED, answer=answer, facts=[fact])
    clear_teacher(moved)
    return moved


def _not_over_heads(request: Request, case: Case, own: Unit, goal: Destination) -> None:
    """กรณี 2: the centre never accepts for a province, nor a province for a district that answers."""
    far = "province" in request.details or goal.place.province_id != case.province_id
    if not far or own.kind in ("school", "district"):
        return
    office = unit_of(goal.unit.row.district) if goal.unit.kind == "school" else goal.unit
    if own.kind != "province" or (office.kind == "district" and requests.is_answered_at(office)):
        raise TransferRefused(
            "destination",
            "เด็กต่างจังหวัด: ส่วนกลางส่งต่อให้จังหวัด จังหวัดส่งต่อให้เขตพิจารณา ใช้ “ส่งต่อ”",
            "Of a child of another province the centre passes on to the province, and the province to a district.",
        )


def _chosen(request: Request, case: Case, own: Unit, to: str) -> Destination:
    asked = request.details.get("to", "")
    text = to or asked or (str(own) if own.kind in ("school", "district") else "")
    if not text:
        raise TransferRefused("destination", "เลือกหน่วยงานที่จะรับเด็ก", "Choose the unit that takes the child.")
    area = own.pk if own.kind == "province" else request.details.get("province") or case.province_id
    goal = destination(text, field="destination", province_id=area, anywhere=True)
    if not _reaches(own, goal.unit):
        raise TransferRefused(
            "destination",
            f"{goal.unit.name} ไม่อยู่ในหน่วยงานของท่าน ใช้ “ส่งต่อ” ให้หน่วยงานนั้นพิจารณา",
            f"{goal.unit.name} is not of your unit; pass the request on to it.",
        )
    return goal


@transaction.atomic
def pass_transfer_on(request: Request, *, person: Person, to: str, answer: str = "") -> Case:
    """Let another unit decide: the centre names the province, the province the district, a district another or above.

    Raises PermissionDenied, IllegalAction, TransferRefused.
    """
    held, case = requests.hold(request)
    posting = requests.posting_to_answer(held, person)
    goal = _unit(to, "destination")
    area = held.details.get("province") or case.province_id
    if held.kind != RequestKind.TRANSFER or not _may_pass(unit_of_posting(posting), goal, area):
        raise TransferRefused(
            "destination",
            f"ส่งต่อให้ {goal.name} จากหน่วยงานของท่านไม่ได้ ต่างจังหวัดต้องผ่านส่วนกลาง ส่วนกลางส่งให้จังหวัด จังหวัดเลือกเขต",
            f"Your unit cannot pass it on to {goal.name}: another province is reached by the centre alone.",
        )
    if goal.kind in ("district", "school") and not requests.is_answered_at(goal):
        raise TransferRefused(
            "destination",
            f"{goal.name} ยังไม่มีผู้ที่ตอบได้ในระบบ รับแทนโดยเลือกหน่วยงานนี้แล้วกดรับโอน",
            f"Nobody at {goal.name} can answer yet; accept for it.",
        )
    held.details["steps"] = [*held.details.get("steps", []), str(goal)]
    held.details.pop("to", None)
    if goal.kind == "province":
        held.details["province"] = goal.pk
    elif goal.kind in ("district", "school", "tray"):
        held.details["to"] = str(goal)
    held.details["name"] = goal.name
    requests.pass_on(held, case, posting=posting, to=goal, answer=answer)
    return case


# ── destinations ──────────────────────────────────────────────────────────────────────────────────────────────────
def destination(text: str, *, field: str, province_id: int, anywhere: bool = False) -> Destination:
    """The unit `text` names, as a place in `province_id`. Raises TransferRefused.

    With `anywhere` a unit that does not lie there keeps its own province: the answering side has been asked by the
    centre.
    """
    unit = _unit(text, field)
    if unit.kind == "school":
        school = unit.row
        if school.closed_on is not None:
            raise TransferRefused(field, f"{school} ยุบเลิกแล้ว เลือกโรงเรียนอื่น", f"{school} is closed.")
        place = place_of(school)
    elif unit.kind in ("district", "tray"):
        lies = {province.pk for province in unit.row.provinces.all()}
        place = Place(None, unit.pk, province_id if province_id in lies else unit.row.seat_id, unit.row.department_id)
    else:
        raise TransferRefused(
            field,
            "ปลายทางต้องเป็นโรงเรียนหรือเขต/หน่วยงานในจังหวัด",
            "The destination is a school or an office of the province.",
        )
    if place.province_id != province_id and not anywhere:
        raise TransferRefused(
            field,
            f"{unit.name} อยู่จังหวัดอื่น โอนข้ามจังหวัดโดยตรงไม่ได้ ใช้ “พบในจังหวัดอื่น: ส่งส่วนกลาง”",
            f"{unit.name} is in another province: send the case to the centre instead.",
        )
    return Destination(unit, place)


def _unit(text: str, field: str) -> Unit:
    """A unit by its text; the office of an affiliation outside the system is made when it is first needed."""
    try:
        return parse_unit(text)
    except UnknownUnit as unknown:
        office = _OFFICE.fullmatch(text.strip())
        province = Province.objects.filter(pk=int(office[1])).first() if office else None
        if province is None or office[2] not in _outside(province.pk):
            raise TransferRefused(field, unknown.message_th, unknown.message_en) from None
        return unit_of(generated_office(province, Department.objects.get(code=office[2])))


def _outside(province_id: int) -> list[str]:
    return [code for code in OUTSIDE if ONLY_IN.get(code, province_id) == province_id]


def _other_than_now(case: Case, goal: Destination, field: str) -> None:
    if (goal.place.school_id, goal.place.district_id, goal.place.province_id) == (
        case.school_id,
        case.district_id,
        case.province_id,
    ):
        raise TransferRefused(field, f"แฟ้มอยู่ที่ {goal.unit.name} อยู่แล้ว", f"The case is with {goal.unit.name} already.")


def _desk_of(unit: Unit) -> Unit:
    """Who answers for a destination: itself, or the first level above it up to its province that has somebody."""
    desk = unit
    while desk.kind in ("school", "district") and not requests.is_answered_at(desk):
        desk = unit_of(desk.row.district) if desk.kind == "school" else unit_of(desk.row.seat)
    return unit_of(desk.row.seat) if desk.kind == "tray" else desk


def _reaches(own: Unit, unit: Unit) -> bool:
    """Whether `unit` is of `own`; of a province also the offices that lie in others besides."""
    if own.kind == "province" and unit.kind in ("district", "tray"):
        return unit.row.provinces.filter(pk=own.pk).exists()
    return encloses(own, unit)


def _may_pass(own: Unit, to: Unit, area: int) -> bool:
    """Whether `own` may let `to` decide; a district only within the province `area` the case is asked for."""
    if str(own) == str(to):
        return False
    match own.kind:
        case "nation" | "region" | "department":
            return to.kind == "province"
        case "province":
            return to.kind in ("district", "school") and _reaches(own, to)
        case "district":
            near = to.kind == "district" and to.row.provinces.filter(pk=area).exists()
            return near or encloses(own, to) or str(to) == str(level_above(own))
        case _:
            return str(to) == str(level_above(own))


# ── choices of the pages ──────────────────────────────────────────────────────────────────────────────────────────
def offices(province_id: int, *, without: int | None = None) -> list[tuple[str, list[tuple[str, str]]]]:
    """The offices of a province and the affiliations outside the system, as groups of a select."""
    rows = District.objects.filter(provinces=province_id).exclude(kind=District.Kind.TRAY)
    groups: dict[str, list[tuple[str, str]]] = {}
    for row in (rows := rows.select_related("department").order_by("department_id", "code")):
        if row.pk != without:
            groups.setdefault(str(row.department), []).append((f"district:{row.code}", str(row)))
    others = Department.objects.filter(code__in=_outside(province_id)).exclude(
        pk__in={row.department_id for row in rows}
    )
    outside = [(f"district:{generated_code(province_id, one.code)}", _affiliation(one)) for one in others]
    return [*groups.items(), (_("หน่วยงานนอกระบบ"), outside)]


def _affiliation(one: Department) -> str:
    same = one.abbr_th.replace(" ", "") == one.name_th.replace(" ", "")
    return th_or_en(one.name_th if same else f"{one.abbr_th} {one.name_th}", one.name_en)


def ways_of(request: Request, person: Person) -> list[str]:
    """The decisions that are open to whoever answers `request`, the usual one first (see _not_over_heads)."""
    posting = requests.answering(request, person)
    own = unit_of_posting(posting) if posting else None
    if own is None or "province" not in request.details or own.kind in ("school", "district"):
        return ["grant", "pass_on", "refuse"]
    return ["pass_on", "grant", "refuse"] if own.kind == "province" else ["pass_on", "refuse"]


def choices_of(request: Request, person: Person) -> list[tuple[str, list[tuple[str, str]]]]:
    """Where whoever answers `request` may let the case go, or send the request on."""
    posting = requests.answering(request, person)
    own = unit_of_posting(posting) if posting else None
    if own is None or request.kind not in (RequestKind.TRANSFER, RequestKind.ESCALATION):
        return []
    if request.kind == RequestKind.ESCALATION:
        return _within(own)
    match own.kind:
        case "nation" | "region" | "department":
            return [(_("จังหวัด"), [(f"province:{one.pk}", str(one)) for one in Province.objects.order_by("name_th")])]
        case "province":
            return offices(own.pk)
        case "district":
            above = level_above(own)
            others = offices(own.row.seat_id, without=own.pk)[:-1]
            return [*_within(own), (_("ส่งต่อระดับถัดขึ้นไป"), [(str(above), above.label)]), *others]
        case _:
            above = level_above(own)
            return [("", [(str(own), own.name), (str(above), above.label)])]


def _within(own: Unit) -> list[tuple[str, list[tuple[str, str]]]]:
    """Where a district or a province may itself put a case; levels above put none anywhere."""
    if own.kind == "province":
        return offices(own.pk)
    if own.kind != "district":
        return []
    schools = own.row.schools.filter(closed_on__isnull=True).order_by("sort_key")
    return [(_("ในเขตของท่าน"), [(str(own), own.name), *((f"school:{one.code}", str(one)) for one in schools)])]
