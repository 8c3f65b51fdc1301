"""What may be done with a case now, by whom: one table that answers the buttons, the API and the check alike."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from cases.attempts import not_enough
from cases.codes import IN_EDUCATION, OBSERVED, RECEIVED, RequestKind, RequestState, Stage
from cases.models import Case, Request
from schools import roles
from schools.models import Person, Posting
from schools.refusal import Refusal
from schools.scope import posting_at, posting_for, unit_of_posting


class IllegalAction(Refusal):
    """The case does not stand where this may be done (409); the messages say why."""


@dataclass(frozen=True)
class Action:
    """One action: its button, the capability it needs, and the stages in which it is legal.

    Without a `url_name` it is done on the common page of cases.deeds. `bar` says why it is not legal for a case that
    stands in one of `stages`; empty when it is. `receiver` says whether the school the child returned to, and its
    district, may do it "also", beside the unit that has the case, or they "only"; "" is not at all.
    """

    slug: str
    label: str | Promise
    icon: str
    capability: str
    stages: frozenset[int]
    url_name: str = ""
    bar: Callable[[Case], str | Promise] | None = None
    receiver: str = ""

    def url(self, number: str) -> str:
        return (
            reverse(self.url_name, args=[number]) if self.url_name else reverse("cases:act", args=[number, self.slug])
        )


OPEN = frozenset(Stage) - {Stage.CLOSED, Stage.VOID}
BEFORE_RETURN = frozenset({Stage.NEW, Stage.ASSIGNED, Stage.TRACKING, Stage.FOUND, Stage.ASSISTING, Stage.NOT_FOUND})
WATCHED = frozenset(OBSERVED)
WITH_FINDING = frozenset({Stage.FOUND, Stage.ASSISTING})


def _learns_already(case: Case) -> str | Promise:
    return _("เด็กเรียนอยู่ในระบบการศึกษาแล้ว") if case.outcome in IN_EDUCATION else ""


def _without_school(case: Case) -> str | Promise:
    return _("ยังไม่ได้มอบหมายโรงเรียน") if case.school_id is None else ""


def _not_waiting(case: Case) -> str | Promise:
    waits = case.stage == Stage.RETURNED_CLAIMED or case.claimed_by_id is not None
    return "" if waits else _("ไม่มีการแจ้งกลับเข้าเรียนหรือส่งต่อที่รอยืนยัน")


def _waiting(case: Case) -> str | Promise:
    return _("ส่งต่อไว้แล้ว รอสถานศึกษาใหม่ยืนยัน") if case.claimed_by_id is not None else ""


def _never_returned(case: Case) -> str | Promise:
    return "" if case.reached or case.outcome in IN_EDUCATION else _("เด็กยังไม่ได้กลับเข้าเรียน")


def _nothing_recorded(case: Case) -> str | Promise:
    return "" if case.visits_count or case.reached else _("ยังไม่มีบันทึกให้แก้ไข")


def _safe(case: Case) -> str | Promise:
    return "" if case.is_unsafe else _("ไม่ได้แจ้งว่าเด็กไม่ปลอดภัย")


def _unsafe(case: Case) -> str | Promise:
    return _("แจ้งไว้แล้วว่าเด็กไม่ปลอดภัย") if case.is_unsafe else ""


def _merged_away(case: Case) -> str | Promise:
    merged = case.stage == Stage.VOID and case.child.merged_into_id is not None
    return _("รวมเข้ากับอีกแฟ้มแล้ว ให้ยกเลิกการรวมแทน") if merged else ""


# fmt: off
ACTIONS = (
    Action("visit", _("บันทึกการติดตาม"), "pen", roles.RECORD_VISIT, OPEN | {Stage.CLOSED}, "cases:visit_new"),
    Action("amend_child", _("แก้ไขข้อมูลเด็ก"), "pen", roles.CHECK_LISTS, OPEN),
    Action("request_correction", _("ขอแก้ไขบันทึก"), "pen", roles.RECORD_VISIT, OPEN | {Stage.CLOSED},
           bar=_nothing_recorded),
    # help and referral
    Action("plan_help", _("วางแผนช่วยเหลือ"), "heart", roles.RECORD_VISIT, WITH_FINDING),
    Action("confer", _("บันทึกประชุมรายกรณี"), "user", roles.RECORD_VISIT, OPEN),
    Action("refer", _("ส่งต่อภาคีเครือข่าย"), "io", roles.REFER, OPEN),
    Action("escalate", _("โรงเรียนแก้ไม่ได้ ขอให้เขตช่วย"), "alert", roles.ASK, BEFORE_RETURN, bar=_without_school),
    Action("flag_unsafe", _("แจ้งว่าเด็กไม่ปลอดภัย"), "alert", roles.RECORD_VISIT, OPEN, bar=_unsafe),
    Action("clear_unsafe", _("ยืนยันว่าเด็กปลอดภัยแล้ว"), "check", roles.REFER, OPEN, bar=_safe),
    # return, both sides
    Action("claim_enrolment", _("แจ้งกลับเข้าเรียน"), "bag", roles.CLAIM_ENROLMENT, BEFORE_RETURN, "cases:enrolment_new",
           _learns_already),
    Action("confirm_enrolment", _("ยืนยันการกลับเข้าเรียน"), "check", roles.CONFIRM_ENROLMENT, frozenset(RECEIVED),
           bar=_not_waiting, receiver="only"),
    Action("deny_enrolment", _("ไม่พบว่าเข้าเรียนจริง"), "x", roles.CONFIRM_ENROLMENT, frozenset(RECEIVED),
           bar=_not_waiting, receiver="only"),
    Action("withdraw_enrolment", _("ถอนการแจ้งกลับเข้าเรียน"), "x", roles.CLAIM_ENROLMENT, frozenset(RECEIVED),
           bar=_not_waiting),
    Action("follow_up", _("ติดตามหลังกลับเข้าเรียน"), "pen", roles.RECORD_VISIT, WATCHED, receiver="also"),
    Action("hand_over", _("ส่งต่อระดับชั้น"), "route", roles.CLAIM_ENROLMENT, WATCHED, bar=_waiting, receiver="also"),
    Action("drop_again", _("แจ้งออกกลางคันซ้ำ"), "alert", roles.RECORD_VISIT,
           WATCHED | {Stage.FOUND, Stage.CLOSED}, bar=_never_returned, receiver="also"),
    # who has the case
    Action("assign", _("มอบหมายโรงเรียน"), "route", roles.ASSIGN_CASES, BEFORE_RETURN, "cases:assign"),
    Action("name_teacher", _("กำหนดครูผู้รับผิดชอบ"), "user", roles.NAME_TEACHER, OPEN, "cases:name_teacher",
           _without_school),
    Action("request_transfer", _("ขอโอนหน่วยงานรับผิดชอบ"), "route", roles.ASK, BEFORE_RETURN),
    Action("send_to_centre", _("พบในจังหวัดอื่น: ส่งส่วนกลาง"), "route", roles.ASK, BEFORE_RETURN),
    # what needs a second person
    Action("request_not_found", _("ขออนุมัติว่าไม่พบตัว"), "notfound", roles.ASK, frozenset({Stage.TRACKING}),
           bar=not_enough),
    Action("request_closing", _("ขอยุติการติดตาม"), "x", roles.ASK, BEFORE_RETURN | WATCHED),
    Action("request_removal", _("ขอตัดออกจากบัญชี"), "x", roles.ASK, OPEN | {Stage.CLOSED}),
    Action("reopen", _("เปิดติดตามอีกครั้ง"), "pen", roles.ASSIGN_CASES, frozenset({Stage.CLOSED, Stage.VOID}),
           bar=_merged_away),
)
# fmt: on
BY_SLUG = {action.slug: action for action in ACTIONS}
ASKS = {
    "request_not_found": RequestKind.NOT_FOUND,
    "request_closing": RequestKind.CLOSING,
    "request_removal": RequestKind.REMOVAL,
    "request_transfer": RequestKind.TRANSFER,
    "send_to_centre": RequestKind.TRANSFER,
    "escalate": RequestKind.ESCALATION,
}


class Allowed(NamedTuple):
    """An action as a button: `reason` is empty when it may be pressed."""

    action: Action
    reason: str
    url: str
    is_barred: bool = False  # the stage is right, something else is missing


def why_not(case: Case, action: Action) -> str | Promise:
    """Why `action` is not legal for `case` now, in the reader's language; empty when it is."""
    if case.stage not in action.stages:
        return _("ทำไม่ได้ในขั้น “%(stage)s”") % {"stage": Stage(case.stage).label}
    return action.bar(case) if action.bar else ""


def allowed_actions(case: Case, person: Person) -> list[Allowed]:
    """The actions `person` has the capability for on `case`; those not legal now come with the reason.

    What is asked already and waits for its answer cannot be asked again (cases.requests.ask).
    """
    asked = set(Request.objects.filter(case=case, state=RequestState.WAITING).values_list("kind", flat=True))

    def hindrance(action: Action) -> str:
        waits = ASKS.get(action.slug) in asked
        return str(why_not(case, action) or (_("ส่งคำขอแล้ว รอคำตอบ") if waits else ""))

    return [
        Allowed(action, hindrance(action), action.url(case.number), case.stage in action.stages)
        for action in ACTIONS
        if posting_to(person, action, case) is not None
    ]


def cases_for(person: Person, slug: str) -> QuerySet[Case]:
    """The cases on which `person` may ask for this at all, else 404: those in scope, and of a receiver's act those
    whose child was received. Whether they may do it now is `may`'s to say."""
    seen = Case.objects.visible_to(person)
    return seen | Case.objects.received_by(person) if BY_SLUG[slug].receiver else seen


def posting_to(person: Person, action: Action, case: Case) -> Posting | None:
    """The posting by which `person` may do `action` on `case`, legal now or not.

    The receiving side's own acts are for the school the child goes to, and its district; where that is no school of
    ours the responsible district answers instead. Nobody confirms or denies what they said themselves (AZ-10).
    """
    posting = posting_for(person, action.capability, case)
    if not action.receiver or case.stage not in RECEIVED:
        return posting
    if action.receiver == "also":
        return posting or _posting_of_receiver(person, action, case)
    if case.claimed_by_id == person.pk:
        return None
    if case.enrolled_school_id is not None:
        return _posting_of_receiver(person, action, case)
    return posting if posting and unit_of_posting(posting).kind == "district" else None


def _posting_of_receiver(person: Person, action: Action, case: Case) -> Posting | None:
    return posting_at(person, action.capability, case.enrolled_school) if case.enrolled_school_id else None


def is_open_to(case: Case, person: Person, slug: str) -> bool:
    """Whether `person` may do this one thing now; what the others would need is not asked."""
    action = BY_SLUG[slug]
    return posting_to(person, action, case) is not None and not why_not(case, action)


def may(case: Case, person: Person, slug: str) -> Posting:
    """The posting by which `person` does this. Raises PermissionDenied (403) or IllegalAction (409).

    Call it again under the case's lock: what was legal when the page was drawn may not be any more.
    """
    posting = posting_to(person, BY_SLUG[slug], case)
    if posting is None:
        raise PermissionDenied
    still(case, slug)
    return posting


def still(case: Case, slug: str) -> None:
    """That `case`, as it stands now, allows this at all, whoever does it. Raises IllegalAction (409)."""
    action = BY_SLUG[slug]
    if why_not(case, action):
        with override("th"):
            th = f"“{action.label}” ทำไม่ได้: {why_not(case, action)}"
        with override("en"):
            en = f"“{action.label}” is not possible: {why_not(case, action)}."
        raise IllegalAction(th, en)
