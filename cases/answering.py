"""The answer to a request: which call grants each kind, and what the pages and the API show of requests."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cases import closing, merging, reporting, requests
from cases.cards import name_of
from cases.codes import Closing, Removal, RequestKind, RequestState
from cases.models import Case, Request
from schools import roles
from schools.models import Person
from schools.scope import posting_for
from schools.units import unit_names

GRANTS: dict[str, Callable[..., Case]] = {
    RequestKind.CLOSING: closing.grant_closing,
    RequestKind.REMOVAL: closing.grant_removal,
    RequestKind.MERGE: merging.grant_merge,
    RequestKind.KNOWN: reporting.grant_known,
}
SHOWN = 200


class AnswerForm(forms.Form):
    """Grant or refuse; a refusal says why."""

    decision = forms.ChoiceField(choices=[("grant", _("อนุมัติ")), ("refuse", _("ไม่อนุมัติ")), ("recall", _("เรียกคืน"))])
    answer = forms.CharField(
        label=_("ความเห็น"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def clean(self):
        said = super().clean()
        if said.get("decision") == "refuse" and len(said.get("answer", "")) < 5:
            self.add_error("answer", _("ไม่อนุมัติต้องบอกเหตุผล อย่างน้อย 5 ตัวอักษร"))
        return said


def answer(request: Request, *, person: Person, decision: str, answer: str = "") -> Case:
    """Carry out one answer. Raises PermissionDenied, actions.IllegalAction and what the subject refuses."""
    if decision == "recall":
        return requests.recall(request, person=person, answer=answer)
    if decision == "refuse":
        return requests.refuse(request, person=person, answer=answer)
    return GRANTS[request.kind](request, person=person, answer=answer)


def lists(person: Person) -> dict[str, Any]:
    """The three lists of the page อนุมัติ, each at most SHOWN rows."""
    related = ("case__child", "case__school", "case__district", "case__province", "asked_by")
    visible = requests.visible_to(person).select_related(*related)
    mine = visible.filter(asked_by=person)
    parts = {
        "waiting": requests.waiting_for(person).select_related(*related)[:SHOWN],
        "asked": mine.filter(state=RequestState.WAITING)[:SHOWN],
        "answered": visible.exclude(state=RequestState.WAITING).order_by("-answered_at")[:20],
    }
    found = {name: list(rows) for name, rows in parts.items()}
    units = unit_names({unit for rows in found.values() for one in rows for unit in (one.from_unit, one.to_unit)})
    return {name: [_row(one, person, units) for one in rows] for name, rows in found.items()}


def _row(request: Request, person: Person, units: dict[str, str]) -> dict[str, Any]:
    return {
        "request": request,
        "name": _("เด็กที่มีอยู่ในระบบแล้ว") if unknown(request, person) else name_of(request.case, person),
        "number": "" if unknown(request, person) else request.case.number,
        "what": asks(request),
        "from": units[request.from_unit],
        "to": "" if unknown(request, person) else units[request.to_unit],
    }


def unknown(request: Request, person: Person) -> bool:
    """Whether the asker's side may not learn whose case it is, nor where (AZ-07)."""
    return request.kind == RequestKind.KNOWN and posting_for(person, roles.SEE_CASES, request.case) is None


def asks(request: Request) -> str:
    """What granting would do, in a few words."""
    why = request.details.get("why", "")
    match request.kind:
        case RequestKind.CLOSING:
            return str(Closing(why).label)
        case RequestKind.REMOVAL:
            return str(Removal(why).label)
    return ""


def page(request: Request, person: Person) -> dict[str, Any]:
    """Everything the page of one request shows."""
    units = unit_names({request.from_unit, request.to_unit})
    waits = request.state == RequestState.WAITING
    return _row(request, person, units) | {
        "waits": waits,
        "answers": waits and requests.answering(request, person) is not None,
        "recalls": waits and request.asked_by_id == person.pk,
        "form": AnswerForm(),
    }
