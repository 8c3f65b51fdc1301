"""What somebody saw of a case when a page was drawn, so that who saves second is shown both values.

A page carries it signed in a hidden field; programs send the version alone.
"""

from typing import Any, NamedTuple

from django import forms
from django.core import signing
from django.http import HttpRequest
from django.utils.translation import gettext as _

from cases.cards import row
from cases.codes import Stage
from cases.confidential import Told, wish_words
from cases.confidential import told as reader
from cases.lifecycle import StaleCase
from cases.models import Case
from cases.timeline import events
from schools import clock, roles
from schools.language import spoken
from schools.models import Person, School
from schools.scope import posting_for

_SALT = "cases.seen"
_LATEST = 5  # what happened meanwhile, at most


class Change(NamedTuple):
    """One value that is not what it was."""

    label: str
    was: str
    now: str


def seal(case: Case) -> str:
    """What stands now, for a hidden field."""
    stands = {"stage": case.stage, "school": case.school_id, "wish": case.wish, "teacher": case.teacher_id}
    return signing.dumps(stands | {"case": case.pk, "at": clock.now().isoformat()}, salt=_SALT)


def _opened(request: HttpRequest, case: Case) -> dict[str, Any]:
    """What the page said; empty when it says nothing, or not of this case."""
    try:
        told = signing.loads(request.POST.get("seen", ""), salt=_SALT)
    except signing.BadSignature:
        return {}
    return told if told["case"] == case.pk else {}


def _changes(told: dict[str, Any], case: Case, reads: Told) -> list[Change]:
    pairs = [
        (_("ขั้น"), told["stage"], case.stage, lambda code: str(Stage(code).label)),
        (_("หน่วยงานรับผิดชอบ"), told["school"], case.school_id, lambda pk: _school(pk, case)),
        (_("ประสงค์"), told["wish"], case.wish, lambda code: wish_words(code, reads.sensitive)),
    ]
    if reads.names:
        pairs.append((_("ครูผู้รับผิดชอบ"), told["teacher"], case.teacher_id, _teacher))
    return [Change(label, word(was), word(now)) for label, was, now, word in pairs if was != now]


def _school(pk: int | None, case: Case) -> str:
    return str(School.objects.get(pk=pk)) if pk else str(case.district)


def _teacher(pk: int | None) -> str:
    return Person.objects.get(pk=pk).get_full_name() if pk else "–"


def stale_context(request: HttpRequest, case: Case, form: forms.Form, refusal: StaleCase) -> dict[str, Any]:
    """For the page again: what was seen and what stands, what happened meanwhile; `form` keeps what was typed.

    `case` is what stands now. The form's version becomes that of now: pressing again is a decision.
    """
    form.data = form.data.copy()
    form.data["version"] = str(refusal.case.version)
    told, reads = _opened(request, case), reader(request.user, case)
    if posting_for(request.user, roles.SEE_CASES, case) is None:  # who only received the child sees no history
        return {"stale": spoken(refusal), "changes": [], "meanwhile": [], "lost_files": bool(request.FILES)}
    since = case.facts.filter(known_at__gt=told["at"]).order_by("-known_at", "-pk") if told else case.facts.none()
    facts = since.select_related("by", "school", "district", "teacher", "list_version__list", "visit")
    shown = facts.prefetch_related("visit__photos", "corrected_by")[:_LATEST]
    return {
        "stale": spoken(refusal),
        "changes": _changes(told, case, reads) if told else [],
        "meanwhile": events(case, shown, reads),
        "row": row(case, request.user),
        "lost_files": bool(request.FILES),
    }
