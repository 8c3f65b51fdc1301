"""The audit trail: who did what and who looked.

Written in the same transaction as the act; if it fails, the act fails. Never changed afterwards.
"""

from collections.abc import Callable, Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from schools import clock, roles
from schools.models import AuditEvent, Person, Posting
from schools.scope import NOTHING, postings_of, stationed_within, unit_of_posting

LOG_IN = "log_in"
LOG_OUT = "log_out"
CHANGE_PASSWORD = "password_changed"  # noqa: S105 - the name of an act
CREATE_TOKEN = "token_create"  # noqa: S105 - the name of an act
CREATE_PERSON = "person_create"
IMPORT_SCHOOLS = "school_import"
VIEW_CASE = "case_viewed"
VIEW_PHOTO = "photo_viewed"
VIEW_REFERRAL = "referral_viewed"  # by the partner it was referred to
REVEAL_ID = "id_revealed"
SEARCH = "searched"
SEARCH_BY_ID = "searched_by_id"
PRINT_SHEET = "sheet_printed"
RECORD_VISIT = "visit_recorded"
CLAIM_ENROLMENT = "enrolment_claimed"
CORRECT_RECORD = "record_corrected"
ASSIGN_CASE = "case_assigned"
NAME_TEACHER = "teacher_named"
ROUTE_CASES = "cases_routed"
UNDO_ROUTING = "routing_undone"
IMPORT_LIST = "list_imported"
MERGE_CASES = "cases_merged"
UNDO_MERGE = "merge_undone"
TELL_APART = "cases_told_apart"
REPORT_CHILD = "child_reported"
CHECK_IDENTITY = "identity_checked"
ASK_EXPORT = "export_asked"
EXPORT = "exported"
DOWNLOAD = "downloaded"

# What each act is called on the page. An act recorded under a name that is not here is shown by that name.
ACTIONS = {
    LOG_IN: pgettext_lazy("was done", "เข้าสู่ระบบ"),
    LOG_OUT: pgettext_lazy("was done", "ออกจากระบบ"),
    CHANGE_PASSWORD: pgettext_lazy("was done", "เปลี่ยนรหัสผ่าน"),
    CREATE_TOKEN: _("ออกกุญแจ API"),
    CREATE_PERSON: _("สร้างผู้ใช้"),
    IMPORT_SCHOOLS: _("นำเข้าสถานศึกษา"),
    VIEW_CASE: _("เปิดดูแฟ้มรายบุคคล"),
    VIEW_PHOTO: _("เปิดดูรูป"),
    REVEAL_ID: _("แสดงเลขประจำตัว"),
    SEARCH: pgettext_lazy("was done", "ค้นหา"),
    "list_viewed": _("เปิดดูรายชื่อหลังตัวเลข"),
    SEARCH_BY_ID: _("ค้นหาด้วยเลขประจำตัว"),
    "posting_give": _("แต่งตั้งตำแหน่ง"),
    "posting_grant": _("เพิ่มสิทธิ์ให้ตำแหน่ง"),
    "posting_end": _("สิ้นสุดตำแหน่ง"),
    "posting_prolong": _("เปลี่ยนวันสุดท้ายของตำแหน่ง"),
    "posting_role": _("เปลี่ยนบทบาท"),
    "posting_read_only": _("เปลี่ยนสิทธิ์ดูอย่างเดียว"),
    "posting_confirm": _("ยืนยันตำแหน่งประจำปี"),
    "invitation_made": _("ออกลิงก์เชิญ"),
    "invitation_used": _("ตั้งรหัสผ่านจากลิงก์เชิญ"),
    "people_import": _("เชิญผู้ใช้ด้วยไฟล์"),
    "work_handed_over": _("ส่งมอบงานของผู้ที่ย้าย"),
    RECORD_VISIT: pgettext_lazy("was done", "บันทึกการติดตาม"),
    CLAIM_ENROLMENT: pgettext_lazy("was done", "แจ้งกลับเข้าเรียน"),
    CORRECT_RECORD: _("แก้ไขบันทึกโดยมีผู้อนุมัติ"),
    ASSIGN_CASE: pgettext_lazy("was done", "มอบหมายโรงเรียน"),
    ROUTE_CASES: _("มอบหมายพร้อมกันหลายคน"),
    UNDO_ROUTING: _("ยกเลิกการมอบหมายพร้อมกัน"),
    NAME_TEACHER: pgettext_lazy("was done", "กำหนดครูผู้รับผิดชอบ"),
    "enrolment_confirmed": pgettext_lazy("was done", "ยืนยันการกลับเข้าเรียน"),
    "enrolment_denied": pgettext_lazy("was done", "ปฏิเสธการกลับเข้าเรียน"),
    "enrolment_withdrawn": pgettext_lazy("was done", "ถอนการแจ้งกลับเข้าเรียน"),
    "followed_up": pgettext_lazy("was done", "ติดตามหลังกลับเข้าเรียน"),
    "handed_over": pgettext_lazy("was done", "ส่งต่อระดับชั้น"),
    "dropped_again": pgettext_lazy("was done", "ออกกลางคันซ้ำ"),
    PRINT_SHEET: _("พิมพ์เอกสารรายบุคคล"),
    "request_asked": pgettext_lazy("was done", "ส่งคำขอ"),
    "request_answered": pgettext_lazy("was done", "ตอบคำขอ"),
    "case_reopened": pgettext_lazy("was done", "เปิดติดตามอีกครั้ง"),
    "child_amended": pgettext_lazy("was done", "แก้ไขข้อมูลเด็ก"),
    "list_checked": pgettext_lazy("was done", "ตรวจสอบบัญชี"),
    "list_signed": _("รับรองหรือส่งกลับบัญชี"),
    "import_held": _("นำเข้าไม่ได้ เด็กอยู่ในความดูแลของหน่วยงานอื่น"),
    "import_file_downloaded": _("ดาวน์โหลดผลตรวจของไฟล์นำเข้า"),
    IMPORT_LIST: pgettext_lazy("was done", "นำเข้ารายชื่อ"),
    MERGE_CASES: pgettext_lazy("was done", "รวมแฟ้มซ้ำซ้อน"),
    UNDO_MERGE: pgettext_lazy("was done", "ยกเลิกการรวมแฟ้ม"),
    TELL_APART: _("ตัดสินว่าไม่ใช่คนเดียวกัน"),
    REPORT_CHILD: pgettext_lazy("was done", "แจ้งพบเด็ก"),
    CHECK_IDENTITY: _("ตรวจว่าเด็กมีในระบบหรือไม่"),
    ASK_EXPORT: pgettext_lazy("was done", "สั่งส่งออก"),
    EXPORT: pgettext_lazy("was done", "ส่งออก"),
    DOWNLOAD: _("ดาวน์โหลดไฟล์"),
    VIEW_REFERRAL: _("ภาคีเครือข่ายเปิดดูเรื่องที่ส่งต่อ"),
    "help_planned": pgettext_lazy("was done", "วางแผนช่วยเหลือ"),
    "help_given": pgettext_lazy("was done", "ให้ความช่วยเหลือ"),
    "case_conferred": pgettext_lazy("was done", "บันทึกประชุมรายกรณี"),
    "case_referred": pgettext_lazy("was done", "ส่งต่อภาคีเครือข่าย"),
    "round_moved": pgettext_lazy("was done", "ดำเนินการรายงานรอบวอร์รูม"),
    "referral_answered": pgettext_lazy("was done", "ภาคีเครือข่ายตอบ"),
    "referral_recalled": pgettext_lazy("was done", "เรียกคืนการส่งต่อ"),
    "flag_unsafe": pgettext_lazy("was done", "แจ้งว่าเด็กไม่ปลอดภัย"),
    "clear_unsafe": pgettext_lazy("was done", "ยืนยันว่าเด็กปลอดภัยแล้ว"),
    "request_taken_up": pgettext_lazy("was done", "รับช่วยตามคำขอ"),
}
LOOKS = frozenset(
    {VIEW_CASE, VIEW_REFERRAL, VIEW_PHOTO, REVEAL_ID, PRINT_SHEET}
)  # by which somebody saw a child's file


class Origin(NamedTuple):
    """Where a request came from."""

    ip: str | None = None
    agent: str = ""
    request_id: str = ""


_origin: ContextVar[Origin] = ContextVar("origin", default=Origin())  # noqa: B039 - a NamedTuple cannot be changed


@contextmanager
def origin(ip: str | None, agent: str, request_id: str):
    """For the middleware: events recorded inside carry where the request came from."""
    token = _origin.set(Origin(ip, agent[:200], request_id))
    try:
        yield
    finally:
        _origin.reset(token)


def request_id() -> str:
    return _origin.get().request_id


def record(
    action: str,
    *,
    person: Person | None,
    posting: Posting | None = None,
    object_kind: str = "",
    object_key: str = "",
    result: str = "ok",
    reason: str = "",
    **details,
) -> AuditEvent:
    """Write one event. `object_key` is a public key (case number, job id), never an identifier of a person."""
    said = {"object_kind": object_kind, "object_key": object_key, "result": result, "reason": reason}
    return AuditEvent.objects.create(**_who_did(action, person, posting), **said, details=details)


def record_each(
    action: str, keys: Iterable[str], *, person: Person, posting: Posting | None = None, object_kind: str, **details
) -> None:
    """One event for each of many objects on which the same was done: one query for five hundred."""
    who = _who_did(action, person, posting)
    events = [AuditEvent(**who, object_kind=object_kind, object_key=key, details=details) for key in keys]
    AuditEvent.objects.bulk_create(events, batch_size=500)


def _who_did(action: str, person: Person | None, posting: Posting | None) -> dict[str, Any]:
    """An event of now: who, in which posting, and where the request came from."""
    if posting is None and person is not None:
        posting = next(iter(postings_of(person)), None)
    where = _origin.get()
    return {
        "at": clock.now(),
        "person": person if person is not None and person.pk else None,
        "role": posting.role if posting else "",
        "unit": posting.unit if posting else "",
        "action": action,
        "ip": where.ip,
        "agent": where.agent,
        "request_id": where.request_id,
    }


# ── reading the trail ─────────────────────────────────────────────────────────────────────────────────────────
_REACH: dict[str, Callable[[Person, str], QuerySet]] = {}


def reaches(object_kind: str):
    """Decorator: this function (person, capability) → keys says which objects of a kind lie in a person's scope.

    The apps above register theirs, because this one does not know them.
    """

    def register(function):
        _REACH[object_kind] = function
        return function

    return register


def events_visible_to(person: Person) -> QuerySet[AuditEvent]:
    """The events `person` may read: of people of the units they watch over, and on objects in that scope."""
    events = AuditEvent.objects.all()
    rule = None
    for posting in postings_of(person):
        unit = unit_of_posting(posting)
        if unit is None or roles.SEE_AUDIT not in roles.capabilities_of(posting):
            continue
        if unit.kind == "nation":
            return events
        rule = (rule or NOTHING) | stationed_within(unit)
    if rule is None:
        return events.none()
    for kind, keys in _REACH.items():
        rule |= Q(object_kind=kind, object_key__in=keys(person, roles.SEE_AUDIT))
    return events.filter(rule)


class Looker(NamedTuple):
    """One person who saw a case, in one role and unit: when last, how often, and how often its number in clear."""

    name: str
    role: str
    unit: str
    last_at: datetime
    times: int
    reveals: int


def lookers(case, limit: int = 50) -> list[Looker]:
    """Who looked at `case` (anything with a `number`), the latest first: one query, for the case page."""
    rows = (
        AuditEvent.objects.filter(object_kind="case", object_key=case.number, action__in=LOOKS, result="ok")
        .values("person__first_name", "person__last_name", "person__username", "role", "unit")
        .annotate(last=Max("at"), times=Count("id"), reveals=Count("id", filter=Q(action=REVEAL_ID)))
        .order_by("-last")[:limit]
    )
    return [
        Looker(
            f"{row['person__first_name'] or ''} {row['person__last_name'] or ''}".strip() or row["person__username"],
            row["role"],
            row["unit"],
            row["last"],
            row["times"],
            row["reveals"],
        )
        for row in rows
    ]
