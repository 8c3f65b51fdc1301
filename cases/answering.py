"""The answer to a request: which call grants each kind, and what the pages and the API show of requests."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cases import (
    closing,
    correction_words,
    corrections,
    escalation,
    merging,
    notfound,
    reporting,
    requests,
    transfers,
)
from cases.actions import BY_SLUG, why_not
from cases.cards import age_of, lateness, name_of, row
from cases.codes import Closing, FactKind, Outcome, Remedy, Removal, RequestKind, RequestState
from cases.confidential import told
from cases.models import Case, Request
from cases.requests import unknown
from cases.routing import Skipped
from cases.timeline import events, facts_of
from schools import clock, roles
from schools.language import reader_language
from schools.models import Person
from schools.paging import read_keys
from schools.refusal import Refusal
from schools.thaitime import bangkok_date, thai_date
from schools.units import unit_names

GRANTS: dict[str, Callable[..., Case]] = {
    RequestKind.NOT_FOUND: notfound.grant_not_found,
    RequestKind.CLOSING: closing.grant_closing,
    RequestKind.REMOVAL: closing.grant_removal,
    RequestKind.MERGE: merging.grant_merge,
    RequestKind.KNOWN: reporting.grant_known,
    RequestKind.TRANSFER: transfers.grant_transfer,
    RequestKind.ESCALATION: escalation.grant_escalation,
    RequestKind.CORRECTION: corrections.grant_correction,
}
# What may be granted by the dozen, with the action that must still be legal; other kinds need an answer of their own.
ACTION_OF = {
    RequestKind.NOT_FOUND: "request_not_found",
    RequestKind.CLOSING: "request_closing",
    RequestKind.REMOVAL: "request_removal",
}
# What must still be legal, be it granted one by one: a correction is read before it is granted.
STILL = ACTION_OF | {RequestKind.CORRECTION: "request_correction", RequestKind.ESCALATION: "escalate"}
SHOWN = 200
RECENT = 12  # events of the case beside the request
MOST_AT_ONCE = 100
RELATED = ("case__child", "case__school", "case__district", "case__province", "asked_by")


class AnswerForm(forms.Form):
    """Grant or refuse; a refusal says why."""

    decision = forms.ChoiceField(
        choices=[
            ("grant", gettext_lazy("อนุมัติ")),
            ("refuse", gettext_lazy("ไม่อนุมัติ")),
            ("recall", gettext_lazy("เรียกคืน")),
            ("pass_on", gettext_lazy("ส่งต่อ")),
        ]
    )
    destination = forms.CharField(label=gettext_lazy("หน่วยงาน"), max_length=40, required=False)  # of a transfer
    does = forms.ChoiceField(label=gettext_lazy("จะทำอย่างไร"), choices=Remedy.choices, required=False)
    answer = forms.CharField(
        label=gettext_lazy("ความเห็น"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args, kind: str = "", **kwargs):
        super().__init__(*args, **kwargs)
        self.kind = kind
        if kind == RequestKind.ESCALATION:
            self.fields["answer"].label = _("จะทำอะไร หรือแนวทางที่ให้โรงเรียน")
            self.fields["answer"].required = self.data.get("decision") != "recall"

    def clean(self):
        said = super().clean()
        self._check_destination(said)
        if said.get("decision") == "grant" and self.kind == RequestKind.ESCALATION:
            self._check_remedy(said)
        if said.get("decision") == "refuse" and len(said.get("answer", "")) < 5:
            self.add_error("answer", _("ไม่อนุมัติต้องบอกเหตุผล อย่างน้อย 5 ตัวอักษร"))
        return said

    def _check_destination(self, said) -> None:
        if said.get("decision") == "pass_on" and not said.get("destination"):
            self.add_error("destination", _("เลือกหน่วยงานที่จะส่งต่อ"))

    def _check_remedy(self, said) -> None:
        if not said.get("does"):
            self.add_error("does", _("เลือกว่าจะรับช่วย รับไปดูแลแทน หรือคืนโรงเรียนพร้อมแนวทาง"))
        if "answer" in said and len(said["answer"]) < escalation.SHORTEST_ANSWER:
            self.add_error("answer", _("บอกว่าจะทำอะไร หรือแนวทางที่ให้โรงเรียน อย่างน้อย 5 ตัวอักษร"))


class ManyForm(forms.Form):
    """One remark for all that are granted together."""

    answer = forms.CharField(label=gettext_lazy("ความเห็น"), max_length=2000, required=False)


def answer(
    request: Request, *, person: Person, decision: str, answer: str = "", destination: str = "", does: str = ""
) -> Case:
    """Carry out one answer. Raises PermissionDenied, actions.IllegalAction and what the subject refuses."""
    if decision == "recall":
        return requests.recall(request, person=person, answer=answer)
    if decision == "refuse":
        return requests.refuse(request, person=person, answer=answer)
    if decision == "pass_on":
        return transfers.pass_transfer_on(request, person=person, to=destination, answer=answer)
    more = {"to": destination} if request.kind in (RequestKind.TRANSFER, RequestKind.ESCALATION) else {}
    more |= {"does": does} if request.kind == RequestKind.ESCALATION else {}
    return GRANTS[request.kind](request, person=person, answer=answer, **more)


def hindrance(request: Request) -> str:
    """Why a waiting request cannot be granted any more; empty when it can. It can always be refused."""
    slug = STILL.get(RequestKind(request.kind))
    return str(why_not(request.case, BY_SLUG[slug])) if slug else ""


def chosen(person: Person, keys: Sequence[str]) -> list[Request]:
    """Of the requests `keys` those that `person` may grant many at a time, the most urgent first."""
    numbers = read_keys(keys, MOST_AT_ONCE)
    rows = requests.waiting_for(person).filter(pk__in=numbers, kind__in=ACTION_OF)
    return list(rows.select_related(*RELATED))


def preview(chosen: Sequence[Request], person: Person) -> dict[str, Any]:
    """What granting them would do: each with the reason why not, and how many it will be."""
    units = unit_names({unit for one in chosen for unit in (one.from_unit, one.to_unit)})
    rows = [_row(one, person, units) | {"hindrance": hindrance(one)} for one in chosen]
    return {"rows": rows, "count": sum(not one["hindrance"] for one in rows)}


def grant_many(chosen: Sequence[Request], *, person: Person, answer: str = "") -> tuple[int, list[Skipped]]:
    """Grant all that can be, each by itself; the rest come back with the reason."""
    granted, skipped = 0, []
    for request in sorted(chosen, key=lambda one: one.case_id):  # one order of locks: no deadlock
        try:
            GRANTS[request.kind](request, person=person, answer=answer)
        except Refusal as refusal:
            skipped.append(Skipped(request.case, refusal.message_th, refusal.message_en))
        else:
            granted += 1
    return granted, skipped


def lists(person: Person, kind: str = "") -> dict[str, Any]:
    """The three lists of the page อนุมัติ, each at most SHOWN rows; `kind` narrows what waits."""
    visible = requests.visible_to(person).select_related(*RELATED)
    mine = visible.filter(asked_by=person)
    waiting = requests.waiting_for(person).select_related(*RELATED)
    counted = dict(waiting.order_by().values_list("kind").annotate(n=Count("pk")))
    parts = {
        "waiting": (waiting.filter(kind=kind) if kind in counted else waiting)[:SHOWN],
        "asked": mine.filter(state=RequestState.WAITING)[:SHOWN],
        "answered": visible.exclude(state=RequestState.WAITING).order_by("-answered_at")[:20],
    }
    found = {name: list(rows) for name, rows in parts.items()}
    units = unit_names({unit for rows in found.values() for one in rows for unit in (one.from_unit, one.to_unit)})
    kinds = [{"slug": kind.value, "label": kind.label, "n": counted[kind]} for kind in RequestKind if kind in counted]
    told = {name: [_row(one, person, units) for one in rows] for name, rows in found.items()}
    told["picks"] = any(row["bulk"] for row in told["waiting"])
    return told | {"kinds": kinds, "kind": kind if kind in counted else "", "total": sum(counted.values())}


def waiting_of(case: Case, person: Person) -> list[dict[str, Any]]:
    """What is asked of a case and waits, for its file: of whom, by when."""
    waiting = Request.objects.filter(case=case, state=RequestState.WAITING)
    return rows(waiting.select_related(*RELATED).order_by("due_at", "pk"), person)


def rows(found: Sequence[Request], person: Person) -> list[dict[str, Any]]:
    """The same rows for another list of requests."""
    found = list(found)
    units = unit_names({unit for one in found for unit in (one.from_unit, one.to_unit)})
    return [_row(one, person, units) for one in found]


def _row(request: Request, person: Person, units: dict[str, str]) -> dict[str, Any]:
    waits = request.state == RequestState.WAITING
    late_kind, late_icon, late_words = lateness(request) if waits else ("", "", "")
    return {
        "request": request,
        "name": _shown_name(request, person),
        "number": "" if unknown(request, person) else request.case.number,
        "what": asks(request),
        "age": age_of(request.case) if waits and not unknown(request, person) else "",
        "waited": _waited(request) if waits else "",
        "reason": request.reason if reads(request, person) else "",
        "late_kind": late_kind,
        "late_icon": late_icon,
        "late_words": late_words,
        "bulk": request.kind in ACTION_OF,
        "from": units[request.from_unit],
        "to": "" if unknown(request, person) else units[request.to_unit],
    }


def _waited(request: Request) -> str:
    days = (bangkok_date(clock.now()) - bangkok_date(request.asked_at)).days
    return ngettext("รอมา %(n)s วัน", "รอมา %(n)s วัน", days) % {"n": days} if days else _("ขอวันนี้")


def asks(request: Request) -> str:
    """What granting would do, in a few words."""
    why = request.details.get("why", "")
    match request.kind:
        case RequestKind.CLOSING:
            cause = request.details.get("cause")
            return str(Closing(why).label) + (f" · {Outcome(cause).label}" if cause else "")
        case RequestKind.NOT_FOUND:
            days, sources = request.details.get("days", 0), request.details.get("sources", 0)
            return _("ติดตามแล้ว %(days)s วัน ใน %(sources)s วิธี") % {"days": days, "sources": sources}
        case RequestKind.REMOVAL:
            return str(Removal(why).label)
        case RequestKind.CORRECTION:
            return _what_to_correct(request)
        case RequestKind.TRANSFER if "province" in request.details and "to" not in request.details:
            return _("พบในจังหวัด%(name)s") % {"name": request.details["name"]}
        case RequestKind.TRANSFER if request.details.get("name"):
            return _("โอนไป %(name)s") % {"name": request.details["name"]}
        case RequestKind.TRANSFER:
            return _("ขอให้ชี้หน่วยงานที่รับผิดชอบ")
        case RequestKind.ESCALATION:
            return escalation.round_words(request)
    return ""


def _what_to_correct(request: Request) -> str:
    """Which record, and which of its values; what they are is for the page of the request."""
    day = thai_date(date.fromisoformat(request.details["day"]), lang=reader_language())
    labels = correction_words.names()
    wrong = ", ".join(labels[name] for name in labels if name in request.details["changes"])
    return f"{FactKind(request.details['kind']).label} {day}: {wrong}"


def _shown_name(request: Request, person: Person) -> str:
    if unknown(request, person):
        return _("เด็กที่มีอยู่ในระบบแล้ว")
    return str(request.case.child) if named_at_desk(request, person) else name_of(request.case, person)


def named_at_desk(request: Request, person: Person) -> bool:
    """Whoever is to take a child must know whom: by name while it waits there, if the role sees names at all."""
    if request.kind != RequestKind.TRANSFER or request.state != RequestState.WAITING:
        return False
    posting = requests.answering(request, person)
    return posting is not None and roles.SEE_NAMES in roles.capabilities_of(posting)


def child_to_take(request: Request) -> dict[str, str]:
    """What the desk that answers is told of a child out of its scope: enough to decide, no more."""
    child = request.case.child
    hidden = request.case.is_unsafe  # where an unsafe child lives is for those who act
    places = [str(place) for place in (child.tambon, child.amphoe, child.province) if place]
    return {"age": age_of(request.case), "grade": child.last_grade, "place": "" if hidden else " · ".join(places)}


def reads(request: Request, person: Person) -> bool:
    """Whether `person` may read what was written and see the pictures: they tell of the child as its name does.

    Of an unsafe child only those who act read them. Who is to answer must read the evidence,
    whether names are seen at that desk or not; of a child who is not theirs only until it is answered.
    """
    reader = told(person, request.case)
    if reader.names and reader.address:
        return True
    waits = request.state == RequestState.WAITING
    return requests.stands_at(request, person) and (waits or request.kind != RequestKind.TRANSFER)


def _remedies(request: Request, person: Person) -> list[tuple[str, Any]]:
    """What the answering unit may do: not help twice in a round, and take over only what it can put somewhere."""
    helped, places = escalation.is_helped(request), transfers.choices_of(request, person)
    barred = {Remedy.HELP} if helped else set()
    barred |= set() if places else {Remedy.TAKE_OVER}
    return [choice for choice in Remedy.choices if choice[0] not in barred]


def page(request: Request, person: Person) -> dict[str, Any]:
    """Everything the page of one request shows."""
    units = unit_names({request.from_unit, request.to_unit})
    waits = request.state == RequestState.WAITING
    hidden = unknown(request, person)
    answers = waits and requests.answering(request, person) is not None
    opens = Case.objects.visible_to(person).filter(pk=request.case_id).exists()
    return _row(request, person, units) | {
        "waits": waits,
        "helped": escalation.is_helped(request),
        "reads": reads(request, person),
        "pictures": list(request.pictures.all()) if reads(request, person) else [],
        "case_row": {} if hidden else row(request.case, person),
        "opens": opens,
        "events": events(request.case, facts_of(request.case)[:RECENT], told(person, request.case)) if opens else [],
        "to_take": child_to_take(request) if answers and request.kind == RequestKind.TRANSFER else None,
        "choices": transfers.choices_of(request, person) if waits else [],
        "ways": transfers.ways_of(request, person) if waits else [],
        "chosen": request.details.get("to") or f"province:{request.details.get('province', '')}",
        "hindrance": hindrance(request) if waits else "",
        "changes": correction_words.changed(request.details.get("changes", {}), told(person, request.case)),
        "ended_by": requests.ended_by(request),
        "remedies": _remedies(request, person) if waits and request.kind == RequestKind.ESCALATION else [],
        "answers": answers,
        # who answers at the unit that asked (a teacher's correction at the director's) needs no second way to say no
        "recalls": waits and not answers and requests.recalling(request, person) is not None,
        "form": AnswerForm(kind=request.kind),
    }
