"""Paper of one child, as A4 pages for the browser to print: แบบบันทึกการเยี่ยมบ้าน and หนังสือแจ้งผู้ปกครอง.

Paper is Thai whatever language the screen speaks; a national ID stands on it masked only. Printing is recorded.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cases.cards import address_of
from cases.codes import CAUSES, IN_EDUCATION, Finding, Need, VisitMode, Whereabouts, Wish
from cases.models import Case, Visit
from cases.survivors import masks_of
from cases.timeline import facts_of
from cases.views.files import case_in_scope
from schools import audit, clock, roles
from schools.scope import posting_for
from schools.thaitime import bangkok_date, bangkok_today

COMPULSORY = range(6, 16)  # พ.ร.บ.การศึกษาภาคบังคับ พ.ศ. 2545 มาตรา 4, in full years of age
Tick = tuple[str, bool]  # a box of the form: its words, and whether it is ticked


@require_GET
def visit_sheet(request: HttpRequest, number: str, visit_id: int | None = None) -> HttpResponse:
    """แบบบันทึกการเยี่ยมบ้าน: blank to take along, or filled from one visit, with lines to sign."""
    case = _case_to_print(request, number)
    visit = None
    if visit_id is not None:
        told = (fact.visit for fact in facts_of(case) if fact.pk == visit_id and hasattr(fact, "visit"))
        visit = next(told, None)  # of the case, or of a duplicate merged into it
        if visit is None:
            raise Http404
    return render(request, "cases/visit_sheet.html", _paper(request, case, "visit") | _boxes(visit) | {"visit": visit})


@require_GET
def guardian_letter(request: HttpRequest, number: str) -> HttpResponse:
    """หนังสือแจ้งผู้ปกครอง: asks the guardian to come and talk, of a child out of school about the return, of one who
    learns about staying; number and date are written by hand."""
    case = _case_to_print(request, number)
    learns = bool(case.reached) or case.outcome in IN_EDUCATION
    return render(request, "cases/guardian_letter.html", _paper(request, case, "letter") | {"learns": learns})


def _case_to_print(request: HttpRequest, number: str) -> Case:
    """The case in scope, for those who visit its child. 403 for who may only read."""
    case = case_in_scope(request, number)
    if posting_for(request.user, roles.RECORD_VISIT, case) is None:
        raise PermissionDenied
    return case


def _paper(request: HttpRequest, case: Case, sheet: str) -> dict[str, Any]:
    audit.record(audit.PRINT_SHEET, person=request.user, object_kind="case", object_key=case.number, sheet=sheet)
    return {
        "case": case,
        "child": case.child,
        "mask": masks_of([case.child_id]).get(case.child_id, ""),
        "address": address_of(case),
        "age": _years(case),
        "compulsory": _years(case) in COMPULSORY,
        "unit": case.school or case.district,
        "printed_at": clock.now(),
    }


def _years(case: Case) -> int | None:
    born = case.child.birth_date
    if born is None:
        return None
    today = bangkok_today()
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _boxes(visit: Visit | None) -> dict[str, Any]:
    """The boxes of the form, ticked as the visit says; none on a blank one."""
    fact = visit.fact if visit else None
    return {
        "done": bangkok_date(fact.at) if fact else None,
        "modes": _ticks(VisitMode, visit and [visit.mode]),
        "findings": _ticks((Finding.FOUND, Finding.HEARD_OF, Finding.NONE), fact and [fact.finding]),
        "whereabouts": _ticks(Whereabouts, visit and [visit.whereabouts]),
        "learns": _ticks(IN_EDUCATION, fact and [fact.outcome]),
        "causes": _ticks(CAUSES, fact and [fact.outcome]),
        "wishes": _ticks([wish for wish in Wish if wish != Wish.NOT_ASKED], fact and [fact.wish]),
        "needs": _ticks(Need, visit and visit.needs),
    }


def _ticks(choices, chosen) -> list[Tick]:
    return [(choice.label, choice.value in (chosen or ())) for choice in choices]
