"""What may be done with a case now, by whom: one table that answers the buttons, the API and the check alike."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.codes import IN_EDUCATION, Stage
from cases.models import Case
from schools import roles
from schools.models import Person, Posting
from schools.refusal import Refusal
from schools.scope import posting_for


class IllegalAction(Refusal):
    """The case does not stand where this may be done (409); the messages say why."""


@dataclass(frozen=True)
class Action:
    """One action: its button, the capability it needs, and the stages in which it is legal.

    Without a `url_name` it is done on the common page of cases.deeds. `bar` says why it is not legal for a case that
    stands in one of `stages`; empty when it is.
    """

    slug: str
    label: str | Promise
    icon: str
    capability: str
    stages: frozenset[int]
    url_name: str = ""
    bar: Callable[[Case], str | Promise] | None = None

    def url(self, number: str) -> str:
        return (
            reverse(self.url_name, args=[number]) if self.url_name else reverse("cases:act", args=[number, self.slug])
        )


OPEN = frozenset(Stage) - {Stage.CLOSED, Stage.VOID}
BEFORE_RETURN = frozenset({Stage.NEW, Stage.ASSIGNED, Stage.TRACKING, Stage.FOUND, Stage.ASSISTING, Stage.NOT_FOUND})
OBSERVED = frozenset({Stage.RETURNED_CONFIRMED, Stage.OBSERVING, Stage.RETAINED})
WITH_FINDING = frozenset({Stage.FOUND, Stage.ASSISTING})


def _learns_already(case: Case) -> str | Promise:
    return _("เด็กเรียนอยู่ในระบบการศึกษาแล้ว") if case.outcome in IN_EDUCATION else ""


def _without_school(case: Case) -> str | Promise:
    return _("ยังไม่ได้มอบหมายโรงเรียน") if case.school_id is None else ""


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
    Action("confirm_enrolment", _("ยืนยันการกลับเข้าเรียน"), "check", roles.CONFIRM_ENROLMENT,
           frozenset({Stage.RETURNED_CLAIMED}) | OBSERVED),
    Action("deny_enrolment", _("ไม่พบว่าเข้าเรียนจริง"), "x", roles.CONFIRM_ENROLMENT,
           frozenset({Stage.RETURNED_CLAIMED}) | OBSERVED),
    Action("withdraw_enrolment", _("ถอนการแจ้งกลับเข้าเรียน"), "x", roles.CLAIM_ENROLMENT,
           frozenset({Stage.RETURNED_CLAIMED})),
    Action("follow_up", _("ติดตามหลังกลับเข้าเรียน"), "pen", roles.RECORD_VISIT, OBSERVED),
    Action("hand_over", _("ส่งต่อระดับชั้น"), "route", roles.CLAIM_ENROLMENT, OBSERVED),
    Action("drop_again", _("แจ้งออกกลางคันซ้ำ"), "alert", roles.RECORD_VISIT,
           OBSERVED | {Stage.RETURNED_CLAIMED, Stage.FOUND, Stage.CLOSED}),
    # who has the case
    Action("assign", _("มอบหมายโรงเรียน"), "route", roles.ASSIGN_CASES, BEFORE_RETURN, "cases:assign"),
    Action("name_teacher", _("กำหนดครูผู้รับผิดชอบ"), "user", roles.NAME_TEACHER, OPEN, "cases:name_teacher",
           _without_school),
    Action("request_transfer", _("ขอโอนหน่วยงานรับผิดชอบ"), "route", roles.ASK, BEFORE_RETURN),
    Action("send_to_centre", _("พบในจังหวัดอื่น: ส่งส่วนกลาง"), "route", roles.ASK, BEFORE_RETURN),
    # what needs a second person
    Action("request_not_found", _("ขออนุมัติว่าไม่พบตัว"), "notfound", roles.ASK, frozenset({Stage.TRACKING})),
    Action("request_closing", _("ขอยุติการติดตาม"), "x", roles.ASK, BEFORE_RETURN | OBSERVED),
    Action("request_removal", _("ขอตัดออกจากบัญชี"), "x", roles.ASK, OPEN | {Stage.CLOSED}),
    Action("reopen", _("เปิดติดตามอีกครั้ง"), "pen", roles.ASSIGN_CASES, frozenset({Stage.CLOSED, Stage.VOID}),
           bar=_merged_away),
)
# fmt: on
BY_SLUG = {action.slug: action for action in ACTIONS}


class Allowed(NamedTuple):
    """An action as a button: `reason` is empty when it may be pressed."""

    action: Action
    reason: str
    url: str


def why_not(case: Case, action: Action) -> str | Promise:
    """Why `action` is not legal for `case` now, in the reader's language; empty when it is."""
    if case.stage not in action.stages:
        return _("ทำไม่ได้ในขั้น “%(stage)s”") % {"stage": Stage(case.stage).label}
    return action.bar(case) if action.bar else ""


def allowed_actions(case: Case, person: Person) -> list[Allowed]:
    """The actions `person` has the capability for on `case`; those not legal now come with the reason."""
    return [
        Allowed(action, str(why_not(case, action)), action.url(case.number))
        for action in ACTIONS
        if posting_for(person, action.capability, case) is not None
    ]


def may(case: Case, person: Person, slug: str) -> Posting:
    """The posting by which `person` does this. Raises PermissionDenied (403) or IllegalAction (409).

    Call it again under the case's lock: what was legal when the page was drawn may not be any more.
    """
    posting = posting_for(person, BY_SLUG[slug].capability, case)
    if posting is None:
        raise PermissionDenied
    still(case, slug)
    return posting


def still(case: Case, slug: str) -> None:
    """That `case`, as it stands now, allows this at all, whoever does it. Raises IllegalAction (409)."""
    action = BY_SLUG[slug]
    if reason := str(why_not(case, action)):
        stage = Stage(case.stage)
        raise IllegalAction(
            f"“{action.label}” ทำไม่ได้: {reason}", f"“{slug}” is not possible while the case is “{stage.name.lower()}”."
        )
