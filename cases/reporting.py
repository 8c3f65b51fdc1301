"""แจ้งพบเด็ก (ประเด็น 3): a child on no list is found. First whether the child is known, then the report.

Inside the reporter's scope the check shows the cases. Outside it answers an exact ID with the exact birth date alone,
with "มีอยู่ในระบบ": no name, no unit, no number; counted per person and day, and written to the trail (AZ-07).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction

from cases import duplicates, requests
from cases.actions import IllegalAction
from cases.codes import Category, FactKind, Finding, RequestKind, RequestState, Sameness
from cases.identity import Identifier as Number
from cases.identity import blind_index, mask, scrub, seal
from cases.intake.opening import name_columns
from cases.intake.placement import Place
from cases.lifecycle import lock, open_case
from cases.models import Case, Child, Fact, Identifier, Report, Request
from cases.survivors import STANDS_FOR
from schools import audit, clock, roles
from schools.models import AuditEvent, Department, District, Person, Posting, Province, School
from schools.reference import tray_of
from schools.refusal import Refusal
from schools.scope import level_above, posting_for, postings_of, unit_of_posting, visible
from schools.thaitext import name_key
from schools.thaitime import bangkok_midnight, bangkok_today
from schools.units import unit_of

DAILY_CHECKS = 60  # with a number: enough for a day in the field, too few to go through a list
_SHOWN = 20
_NOBODY = -1


class TooManyChecks(Refusal):
    """429: the day's checks by number are used up."""

    status = 429
    message_th = f"ตรวจด้วยเลขประจำตัวครบ {DAILY_CHECKS} ครั้งวันนี้แล้ว ตรวจต่อได้พรุ่งนี้ หรือแจ้งโดยไม่ใส่เลข"
    message_en = f"{DAILY_CHECKS} checks by number are the limit of a day. Go on tomorrow, or report without a number."


class KnownAlready(Refusal):
    """409: the child is in the system; it is not registered twice."""

    status = 409
    message_th = "เด็กคนนี้มีอยู่ในระบบแล้ว จึงไม่เปิดแฟ้มซ้ำ"
    message_en = "This child is in the system already; no second case is opened."


class ReportRefused(Refusal):
    """400: the report cannot be so; `field` is what to mend."""

    code = "report"

    def __init__(self, field: str, message_th: str, message_en: str):
        self.field = field
        super().__init__(message_th, message_en)


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Who the child is, as far as the reporter knows."""

    number: Number | None = None
    birth_date: date | None = None
    first_name: str = ""
    last_name: str = ""


class Known(NamedTuple):
    """`sure`: cases in scope with this number. `alike`: those of this name. `elsewhere`: there is one out of scope."""

    sure: list[Case]
    alike: list[Case]
    elsewhere: bool


@dataclass(frozen=True, kw_only=True)
class Found:
    """What is reported of the child and by whom it was seen. Province, amphoe and tambon are keys."""

    identity: Identity
    found: bool = True  # False: only heard of
    on: date | None = None
    title: str = ""
    sex: str = ""
    last_grade: str = ""
    guardian_name: str = ""
    guardian_phone: str = ""
    house_no: str = ""
    moo: str = ""
    province_id: int | None = None
    amphoe_id: int | None = None
    tambon_id: int | None = None
    reporter_name: str = ""
    reporter_phone: str = ""
    relation: str = ""
    situation: str = ""


# ── is the child known? ───────────────────────────────────────────────────────────────────────────────────────
def reporting_postings(person: Person) -> list[Posting]:
    """The postings by which `person` may report a child."""
    return [
        posting
        for posting in postings_of(person)
        if roles.REPORT_CHILD in roles.capabilities_of(posting) and unit_of_posting(posting)
    ]


@transaction.atomic
def check_identity(identity: Identity, *, person: Person) -> Known:
    """Whether the child is known. Raises PermissionDenied, TooManyChecks."""
    posting = next(iter(reporting_postings(person)), None)
    if posting is None:
        raise PermissionDenied
    if identity.number is not None:
        _count(person)
    known, _ = _look_up(identity, person)
    result = "inside" if known.sure or known.alike else "elsewhere" if known.elsewhere else "none"
    by = "number" if identity.number else "name"
    audit.record(audit.CHECK_IDENTITY, person=person, posting=posting, object_kind="child", result=result, by=by)
    return known


def _count(person: Person) -> None:
    """Refuse the check beyond the day's limit; two at once are counted one after the other."""
    Person.objects.select_for_update().get(pk=person.pk)
    since = bangkok_midnight(bangkok_today(clock.now()))
    checks = AuditEvent.objects.filter(person=person, action=audit.CHECK_IDENTITY, at__gte=since, details__by="number")
    if checks.count() >= DAILY_CHECKS:
        raise TooManyChecks


def _look_up(identity: Identity, person: Person) -> tuple[Known, Case | None]:
    """What is known, and the case out of scope.

    The same questions are asked of the database whatever the answer, so time tells nothing.
    """
    index = blind_index(identity.number.kind, identity.number.value) if identity.number else ""
    rows = Identifier.objects.filter(index=index).annotate(person=STANDS_FOR)
    child, born, year_only = rows.values_list("person", "child__birth_date", "child__birth_year_only").first() or (
        _NOBODY,
        None,
        True,
    )
    exact = born is not None and not year_only and born == identity.birth_date
    named = visible(person, capability=roles.SEE_NAMES)
    inside = Case.objects.filter(named).select_related("child", "school", "district", "province")
    sure = list(inside.filter(child_id=child).order_by("stage", "-pk")[:1])
    outside = Case.objects.filter(child_id=child if exact else _NOBODY).select_related("school", "district")
    other = outside.order_by("stage", "-pk").first()
    alike = [] if sure else list(_alike(inside, identity))
    elsewhere = other is not None and not sure
    return Known(sure, alike, elsewhere), other if elsewhere else None


def _alike(inside, identity: Identity):
    """Cases in scope of this whole name, and of this birth date where both are known."""
    if not identity.first_name:
        return []
    rows = inside.filter(
        child__name_key=name_key(identity.first_name, identity.last_name), child__merged_into__isnull=True
    )
    born = identity.birth_date
    return [
        case
        for case in rows.order_by("pk")[:_SHOWN]
        if born is None or case.child.birth_date is None or _may_be(case.child, born)
    ]


def _may_be(child: Child, born: date) -> bool:
    return child.birth_date.year == born.year if child.birth_year_only else child.birth_date == born


# ── a child who is known elsewhere ────────────────────────────────────────────────────────────────────────────
def request_known(identity: Identity, *, person: Person, reason: str) -> Request:
    """Tell the level above the responsible unit that this child was met, and ask to be told whom to speak to.

    Raises PermissionDenied, TooManyChecks, ReportRefused (no such child), IllegalAction (asked already). The check is
    counted whatever comes of it, so it is a transaction of its own.
    """
    check_identity(identity, person=person)
    _, case = _look_up(identity, person)
    if case is None:
        raise _nobody_there()
    with transaction.atomic():
        held = lock(case)
        return requests.ask(
            held,
            RequestKind.KNOWN,
            posting=reporting_postings(person)[0],
            to=level_above(unit_of(held.school or held.district)),
            reason=reason,
        )


def _nobody_there() -> ReportRefused:
    return ReportRefused(
        "identifier",
        "ไม่พบเด็กตามเลขและวันเกิดนี้นอกหน่วยงานของท่าน",
        "No child of this number and birth date outside your units.",
    )


@transaction.atomic
def grant_known(request: Request, *, person: Person, answer: str = "") -> Case:
    """The reporter is told what `answer` says. Raises PermissionDenied, IllegalAction."""
    held, case = requests.hold(request)
    posting = requests.posting_to_answer(held, person)
    if not answer.strip():
        raise IllegalAction("เขียนความเห็นบอกผู้แจ้งว่าให้ติดต่อใคร", "Write in the answer whom the reporter should speak to.")
    return requests.settle(held, case, posting=posting, state=RequestState.GRANTED, answer=answer)


def asked_by(person: Person) -> list[Request]:
    """What `person` asked about children known elsewhere, the latest first: when, and what was answered."""
    return list(Request.objects.filter(asked_by=person, kind=RequestKind.KNOWN).order_by("-pk")[:_SHOWN])


# ── the report ────────────────────────────────────────────────────────────────────────────────────────────────
def report_child(said: Found, *, person: Person, posting: Posting | None = None, is_new: bool = False) -> Case:
    """Register a child that is on no list, with a case of its own. `is_new`: the reporter saw those of the same name.

    Raises PermissionDenied, TooManyChecks, KnownAlready, ReportRefused. The check is counted whatever comes of it, so
    it is a transaction of its own.
    """
    posting = posting or next(iter(reporting_postings(person)), None)
    if posting not in reporting_postings(person):
        raise PermissionDenied
    if not said.identity.first_name.strip():
        raise ReportRefused("first_name", "ใส่ชื่อเด็ก", "Give the child's name.")
    known = check_identity(said.identity, person=person)
    if known.sure or known.elsewhere or (known.alike and not is_new):
        raise KnownAlready
    return _register(said, posting)


@transaction.atomic
def _register(said: Found, posting: Posting) -> Case:
    place = _place(posting, said)
    child = _child(said)
    case = open_case(child, _opening(said, posting, place))
    fact = case.facts.get()
    Report.objects.create(
        fact=fact,
        case=case,
        reporter_name=scrub(said.reporter_name),
        reporter_phone=said.reporter_phone,
        relation=scrub(said.relation),
        situation=scrub(said.situation),
    )
    if said.identity.number is not None:
        _give_number(case, said.identity.number)
    duplicates.find_duplicates([child.pk])
    audit.record(audit.REPORT_CHILD, person=posting.person, posting=posting, object_kind="case", object_key=case.number)
    return case


def _child(said: Found) -> Child:
    who = said.identity
    return Child.objects.create(
        title=said.title,
        first_name=who.first_name.strip(),
        last_name=who.last_name.strip(),
        **name_columns(who.first_name, who.last_name),
        sex=said.sex,
        birth_date=who.birth_date,
        last_grade=said.last_grade,
        guardian_name=said.guardian_name,
        guardian_phone=said.guardian_phone,
        house_no=said.house_no,
        moo=said.moo,
        province_id=said.province_id,
        amphoe_id=said.amphoe_id,
        tambon_id=said.tambon_id,
        created_at=clock.now(),
    )


def _opening(said: Found, posting: Posting, place: Place) -> Fact:
    return Fact(
        kind=FactKind.REPORTED,
        at=said.on,
        category=Category.NOT_LISTED,
        finding=Finding.FOUND if said.found else Finding.HEARD_OF,
        by=posting.person,
        posting=posting,
        unit=posting.unit,
        **place._asdict(),
    )


def _place(posting: Posting, said: Found) -> Place:
    """The reporter's school; a district's own child at that district; else the desk of the child's province."""
    unit = unit_of_posting(posting)
    if unit.kind == "school":
        school: School = unit.row
        return Place(school.pk, school.district_id, school.province_id, school.district.department_id)
    if unit.kind == "district":
        office: District = unit.row
        if said.province_id is None or office.provinces.filter(pk=said.province_id).exists():
            return Place(None, office.pk, said.province_id or office.seat_id, office.department_id)
    if said.province_id is None:
        raise ReportRefused("province", "เลือกจังหวัดที่เด็กอยู่", "Choose the province the child is in.")
    return _desk_of(Province.objects.get(pk=said.province_id))


def _desk_of(province: Province) -> Place:
    """The province's only สพป., else its tray of สพฐ., as for a list's row without a school (PRODUCT §1)."""
    obec = Department.objects.get(code="obec")
    offices = list(District.objects.filter(kind=District.Kind.OBEC_PRIMARY, seat=province)[:2])
    desk = offices[0] if len(offices) == 1 else tray_of(province, obec)
    return Place(None, desk.pk, province.pk, obec.pk)


def _give_number(case: Case, number: Number) -> None:
    """Keep the number typed. One that stands at another child already (of another birth date, or the check would have
    told) is kept under an index of this child's own: look-ups go on leading to the first, and the pair is noted for
    those who see both. The reporter cannot tell the one from the other."""
    index = blind_index(number.kind, number.value)
    other = Identifier.objects.filter(index=index).annotate(person=STANDS_FOR).values_list("person", flat=True).first()
    Identifier.objects.create(
        child=case.child,
        kind=number.kind,
        sealed=seal(number.value),
        index=blind_index(number.kind, f"{number.value}of{case.child_id}") if other else index,
        masked=mask(number.value),
        since=clock.now(),
    )
    first = Case.objects.filter(child_id=other).order_by("stage", "-pk").first() if other else None
    if first is not None:
        duplicates.note_pair(first, case, Sameness.IDENTIFIER)


# ── who reported it ───────────────────────────────────────────────────────────────────────────────────────────
def reporters(case: Case, facts: Iterable[Fact], person: Person) -> list[Report]:
    """Who reported the child, for those of the responsible unit who act; for nobody else."""
    reported = [fact.pk for fact in facts if fact.kind == FactKind.REPORTED]
    if not reported or posting_for(person, roles.SEE_SENSITIVE, case) is None:
        return []
    return list(Report.objects.filter(pk__in=reported).order_by("pk"))
