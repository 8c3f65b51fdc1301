"""What may be done with a case now, by whom: one table that answers the buttons, the API and the check alike."""

from dataclasses import dataclass
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
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
    """One action: its button, the capability it needs, and the stages in which it is legal."""

    slug: str
    label: str | Promise
    icon: str
    url_name: str
    capability: str
    stages: frozenset[int]


OPEN = frozenset(Stage) - {Stage.CLOSED, Stage.VOID}
BEFORE_RETURN = frozenset({Stage.NEW, Stage.ASSIGNED, Stage.TRACKING, Stage.FOUND, Stage.ASSISTING, Stage.NOT_FOUND})

ACTIONS = (
    Action("visit", _("บันทึกการติดตาม"), "pen", "cases:visit_new", roles.RECORD_VISIT, OPEN),
    Action("claim_enrolment", _("แจ้งกลับเข้าเรียน"), "bag", "cases:enrolment_new", roles.CLAIM_ENROLMENT, BEFORE_RETURN),
    Action("assign", _("มอบหมายโรงเรียน"), "route", "cases:assign", roles.ASSIGN_CASES, BEFORE_RETURN),
    Action("name_teacher", _("กำหนดครูผู้รับผิดชอบ"), "user", "cases:name_teacher", roles.NAME_TEACHER, OPEN),
)
BY_SLUG = {action.slug: action for action in ACTIONS}


class Allowed(NamedTuple):
    """An action as a button: `reason` is empty when it may be pressed."""

    action: Action
    reason: str


def why_not(case: Case, action: Action) -> str:
    """Why `action` is not legal for `case` now, in the reader's language; empty when it is."""
    if case.stage not in action.stages:
        return _("ทำไม่ได้ในขั้น “%(stage)s”") % {"stage": Stage(case.stage).label}
    if action.slug == "claim_enrolment" and case.outcome in IN_EDUCATION:
        return _("เด็กเรียนอยู่ในระบบการศึกษาแล้ว")
    if action.slug == "name_teacher" and case.school_id is None:
        return _("ยังไม่ได้มอบหมายโรงเรียน")
    return ""


def allowed_actions(case: Case, person: Person) -> list[Allowed]:
    """The actions `person` has the capability for on `case`; those not legal now come with the reason."""
    return [
        Allowed(action, str(why_not(case, action)))
        for action in ACTIONS
        if posting_for(person, action.capability, case) is not None
    ]


def may(case: Case, person: Person, slug: str) -> Posting:
    """The posting by which `person` does this. Raises PermissionDenied (403) or IllegalAction (409).

    Call it again under the case's lock: what was legal when the page was drawn may not be any more.
    """
    action = BY_SLUG[slug]
    posting = posting_for(person, action.capability, case)
    if posting is None:
        raise PermissionDenied
    if why_not(case, action):
        stage = Stage(case.stage)
        reason = str(why_not(case, action))
        raise IllegalAction(
            f"“{action.label}” ทำไม่ได้: {reason}", f"“{slug}” is not possible while the case is “{stage.name.lower()}”."
        )
    return posting
