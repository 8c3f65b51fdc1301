"""Back to school: the sending side's claim of an enrolment (แจ้งกลับเข้าเรียน)."""

from datetime import date

from django.db import transaction

from cases import actions
from cases.codes import EnrolmentRoute, FactKind
from cases.lifecycle import add_facts, check_version, lock
from cases.models import Case, Fact
from cases.visits import VisitRefused
from schools import audit, clock
from schools.models import Person, School
from schools.thaitime import bangkok_date, thai_date


def claim_enrolment(
    case: Case,
    *,
    person: Person,
    route: str,
    at: date | None = None,
    school: School | None = None,
    grade: str = "",
    where: str = "",
    version: int | None = None,
) -> Case:
    """Record that the child is back in education; counted as claimed until the receiving side confirms.

    `school` for route `school`; `where` names a place outside the system. Raises PermissionDenied,
    actions.IllegalAction, StaleCase, VisitRefused (a date in the future or before the case opened).
    """
    with transaction.atomic():
        locked = lock(case)
        posting = actions.may(locked, person, "claim_enrolment")
        check_version(locked, version)
        _judge(locked, at, route, school, where)
        fact = Fact(
            kind=FactKind.ENROLLED,
            at=at,
            by=person,
            posting=posting,
            unit=posting.unit,
            route=EnrolmentRoute(route),
            grade=grade,
            details={"school": school.code, "name": school.name_th} if school else {"name": where},
        )
        claimed = add_facts(locked, [fact])
        audit.record("enrolment_claimed", person=person, posting=posting, object_kind="case", object_key=claimed.number)
    return claimed


def _judge(case: Case, at: date | None, route: str, school: School | None, where: str) -> None:
    opened = bangkok_date(case.opened_at)
    if at is not None and at > bangkok_date(clock.now()):
        raise VisitRefused("at", "V01", "วันที่เข้าเรียนอยู่ในอนาคต", "The date is in the future.")
    if at is not None and at < opened:
        raise VisitRefused(
            "at",
            "V02",
            f"วันที่เข้าเรียนก่อนวันเปิดรายการนี้ ({thai_date(opened, plain=True)})",
            f"The date is before the case opened ({opened.isoformat()}).",
        )
    if route == EnrolmentRoute.SCHOOL and school is None:
        raise VisitRefused("school", "X58", "เลือกสถานศึกษาที่เด็กกลับเข้าเรียน", "Choose the school.")
    if route == EnrolmentRoute.OUTSIDE and not where.strip():
        raise VisitRefused("where", "X58", "ระบุชื่อสถานศึกษา", "Name the place.")
