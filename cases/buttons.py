"""The actions of a case as its page shows them: the next step first, the rest by heading, what is not legal last."""

from collections.abc import Collection
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.actions import BEFORE_RETURN, WITH_FINDING, Allowed, allowed_actions
from cases.codes import IN_EDUCATION, Outcome, RequestKind, Stage, Wish
from cases.models import Case
from cases.transfers import lives_elsewhere
from schools.models import Person

GROUPS: tuple[tuple[str | Promise, tuple[str, ...]], ...] = (
    (
        _("ติดตามและช่วยเหลือ"),
        (
            *("visit", "plan_help", "confer", "refer", "escalate"),
            *("flag_unsafe", "clear_unsafe", "request_correction"),
        ),
    ),
    (
        _("กลับเข้าเรียน"),
        (
            *("claim_enrolment", "confirm_enrolment", "deny_enrolment", "withdraw_enrolment"),
            *("follow_up", "hand_over", "drop_again"),
        ),
    ),
    (
        _("หน่วยงานรับผิดชอบ"),
        ("assign", "name_teacher", "amend_child", "request_transfer", "send_to_centre"),
    ),
    (_("ยุติและเปิดใหม่"), ("request_not_found", "request_closing", "request_removal", "reopen")),
)
# What leads on from a stage, the first that is legal; else a visit.
_NEXT = {
    Stage.TRACKING: ("request_not_found",),
    Stage.FOUND: ("plan_help", "claim_enrolment"),
    Stage.ASSISTING: ("claim_enrolment",),
    Stage.RETURNED_CLAIMED: ("confirm_enrolment",),
    Stage.RETURNED_CONFIRMED: ("follow_up",),
    Stage.OBSERVING: ("follow_up",),
    Stage.RETAINED: ("hand_over",),
    Stage.NOT_FOUND: ("refer",),
    Stage.CLOSED: ("reopen",),
    Stage.VOID: ("reopen",),
}


class Group(NamedTuple):
    """One heading and what may be done under it now. `is_open`: the next step is of it, or else it is the first."""

    label: str | Promise
    actions: list[Allowed]
    is_open: bool


class Buttons(NamedTuple):
    """`next` is None for who may do nothing now; `not_now` come with their reasons."""

    next: Allowed | None
    groups: list[Group]
    not_now: list[Allowed]

    @property
    def earning(self) -> Allowed | None:
        """The request for not-found while it is being earned (cases.attempts): the page says how far it is."""
        found = (one for one in self.not_now if one.action.slug == "request_not_found")
        return next((one for one in found if one.is_barred), None)


def buttons(case: Case, person: Person, asked: Collection[str] = ()) -> Buttons:
    """What `person` may do with `case`, sorted for the page. `asked`: the kinds of request that wait for an answer."""
    allowed = allowed_actions(case, person)
    legal = {one.action.slug: one for one in allowed if not one.reason}
    ahead = (*next_steps(case, asked), "visit", "assign", *legal)
    following = next((legal[slug] for slug in ahead if slug in legal), None)
    first = following.action.slug if following else ""
    legal.pop(first, None)
    rest = [(label, slugs, [legal[slug] for slug in slugs if slug in legal]) for label, slugs in GROUPS]
    shown = [(label, slugs, actions) for label, slugs, actions in rest if actions]
    opened = next((label for label, slugs, _actions in shown if first in slugs), shown[0][0] if shown else "")
    groups = [Group(label, actions, label == opened) for label, _slugs, actions in shown]
    return Buttons(following, groups, [one for one in allowed if one.reason])


def next_steps(case: Case, asked: Collection[str] = ()) -> tuple[str, ...]:
    """What leads on, the first that is legal. A child who was found and wants to come back is
    enrolled at once; of one who learns already or has died nothing is left but to end the tracking. Who lives in
    another province goes there by way of the centre (กรณี 2); once that is asked there is nothing but to wait. Whom no
    school has yet is given to one."""
    if case.stage == Stage.FOUND and case.outcome in (*IN_EDUCATION, Outcome.DECEASED):
        return ("request_closing",)
    if case.stage in WITH_FINDING and lives_elsewhere(case):
        return () if RequestKind.TRANSFER in asked else ("send_to_centre",)
    if case.school_id is None and case.stage in BEFORE_RETURN:
        return ("assign", *_NEXT.get(Stage(case.stage), ()))
    if case.stage == Stage.FOUND and case.wish == Wish.WANTS:
        return ("claim_enrolment", "plan_help")
    return _NEXT.get(Stage(case.stage), ())
