"""งานของฉัน, the list of cases, the case file, search."""

from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cases import (
    answering,
    checklists,
    duplicates,
    help_rounds,
    pictures,
    queues,
    receiving,
    referrals,
    reporting,
    timeline,
)
from cases import help as helping
from cases.actions import is_open_to
from cases.buttons import buttons
from cases.cards import address_of, card, row, work_row
from cases.confidential import told
from cases.filters import CaseFilter
from cases.forms import CaseSearchForm
from cases.identity import BadIdentifier, blind_index, parse_identifier
from cases.intake import lineage
from cases.models import FOREVER, Case, Identifier, ListEntry, ListVersion
from cases.survivors import STANDS_FOR, identifiers_of, survivor_of
from schools import audit, clock, roles
from schools.models import School
from schools.paging import counted_to, page_of
from schools.scope import home_unit, posting_for
from schools.units import Unit, unit_names

COUNTED = 10_000  # beyond it the list says "more than": counting a nation's register takes longer than reading it
KEPT = ("q", "unit", "part", "list_version", "entry")  # filters that come by link and stay when another is chosen
RELATED = ("child", "school", "district", "province", "teacher", "enrolled_school__district")


def case_in_scope(request: HttpRequest, number: str) -> Case:
    """The case `number` if this person may see it; otherwise 404, exactly as if it did not exist."""
    rows = Case.objects.visible_to(request.user).select_related(
        *RELATED, "child__tambon", "child__amphoe", "child__province"
    )
    return get_object_or_404(rows, number=number)


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """The home page: what to do next, most urgent first. Those who only read figures are shown their figures."""
    person = request.user
    if not roles.can(person, roles.RECORD_VISIT):
        return _home_of_readers(request)
    tab = request.GET.get("tab", "overdue")
    tab = tab if tab in queues.TABS else "overdue"
    cases = queues.working_cases(person)
    counts = queues.counts(cases)
    if "tab" not in request.GET and not counts.overdue:
        tab = "soon" if counts.soon else "all"
    shown = queues.in_turn(queues.due(cases, tab), person).select_related(*RELATED)[: queues.SHOWN]
    assigns = roles.can(person, roles.ASSIGN_CASES)  # an officer works on many at once: a table, not cards
    waiting = [] if assigns else queues.with_help(queues.with_last_visit(shown))
    return render(
        request,
        "cases/queue.html",
        {
            "rows": [work_row(case, person) for case in queues.with_help(list(shown))] if assigns else [],
            "cards": [] if assigns else [card(case, person) for case in waiting],
            "shown": min(getattr(counts, tab), queues.SHOWN),
            "tab": tab,
            "counts": counts,
            "total": getattr(counts, tab),
            "assigns": assigns,
            "names_teachers": not assigns and roles.can(person, roles.NAME_TEACHER),
            "to_check": checklists.waiting(person),
            "received": receiving.waiting(person),
            "answered": queues.answered(queues.own_cases(person)).count(),
            "as_of": clock.now(),
        },
    )


def _home_of_readers(request: HttpRequest) -> HttpResponse:
    person = request.user
    if roles.can(person, roles.SEE_REFERRALS):
        return redirect("cases:referral_list")
    unit = home_unit(person)
    if unit is not None:
        return redirect("reports:dashboard", str(unit))
    if roles.can(person, roles.ADMINISTER_PEOPLE):
        return redirect("schools:people_list")
    return render(request, "cases/home_empty.html")


@require_GET
def case_list(request: HttpRequest) -> HttpResponse:
    """ทะเบียนเด็ก: every case in scope, filtered by what stands in the URL."""
    if not roles.can(request.user, roles.SEE_CASES):
        raise Http404
    cases = Case.objects.visible_to(request.user).select_related(*RELATED)
    unit = home_unit(request.user)
    found = CaseFilter(request.GET, queryset=cases, request=request, schools=_schools_of(unit, cases))
    matching = found.qs
    rows = matching.annotate(due_key=Coalesce(F("due_at"), Value(FOREVER)))
    page = page_of(rows, ("due_key", "id"), request.GET.get("after", ""))
    one_school = unit is not None and unit.kind == "school"  # then every row would name the same one
    selects = ("stage", "category", "due") if one_school else ("stage", "category", "school", "due")
    if request.GET.get("q"):
        audit.record("searched", person=request.user, object_kind="case_list", found=page.shown)
    return render(
        request,
        "cases/case_list.html",
        {
            "rows": [row(case, request.user) for case in page.rows],
            "page": page,
            "total": counted_to(COUNTED, matching),
            "most": COUNTED,
            "filter": found,
            "kept": [found.form[name] for name in KEPT if found.form[name].value()],
            "narrowed": _narrowed(found, page.shown),
            "selects": [found.form[name] for name in selects],
            "shows_unit": not one_school,
            "next_url": _with(request, after=page.next) if page.next else "",
            "first_url": "" if page.first else _with(request, after=None),
            "assigns": roles.can(request.user, roles.ASSIGN_CASES),
            "names_teachers": roles.can(request.user, roles.NAME_TEACHER),
            "picks": roles.can(request.user, roles.ASSIGN_CASES) or roles.can(request.user, roles.NAME_TEACHER),
            "as_of": clock.now(),
        },
    )


def _schools_of(unit: Unit | None, cases: QuerySet[Case]) -> QuerySet[School] | list[School]:
    """The schools a district chooses among: those that have children. A province has too many for a menu."""
    if unit is None or unit.kind not in ("district", "tray"):
        return []
    return School.objects.filter(pk__in=cases.order_by().values("school_id")).order_by("sort_key")


def _narrowed(found: CaseFilter, shown: int) -> list[str]:
    """What the list is narrowed to beyond the choices above it, in words: units by name, an issue of a list."""
    said = found.form.cleaned_data if found.form.is_valid() else {}
    words = [f"“{said['q']}”"] if said.get("q") else []
    units = [said[name] for name in ("unit", "part") if said.get(name)]
    words += unit_names(units).values()
    if version := said.get("list_version"):
        # the list's name is told by its children alone: without one in scope it is as if unknown
        issue = ListVersion.objects.select_related("list").filter(pk=int(version)).first() if shown else None
        of = _("%(list)s ฉบับที่ %(n)s") % {"list": issue.list, "n": issue.number} if issue else _("บัญชีรายชื่อ")
        part = dict(lineage.ENTRIES).get(said.get("entry", ""))
        words.append(f"{of} · {part}" if part else of)
    return words


def _with(request: HttpRequest, **changes) -> str:
    query = request.GET.copy()
    for key, value in changes.items():
        query.pop(key, None)
        if value:
            query[key] = value
    return f"{request.path}?{query.urlencode()}" if query else request.path


@require_GET
def case_detail(request: HttpRequest, number: str) -> HttpResponse:
    """แฟ้มรายบุคคล. Looking is recorded."""
    case = case_in_scope(request, number)
    seen = told(request.user, case)
    names = seen.names
    audit.record("case_viewed", person=request.user, object_kind="case", object_key=case.number)
    facts = timeline.facts_of(case)
    prints = posting_for(request.user, roles.RECORD_VISIT, case) is not None
    corrects = is_open_to(case, request.user, "request_correction")
    cases = {fact.case_id for fact in facts}  # its own and those of duplicates merged in
    entries = list(ListEntry.objects.filter(case_id__in=cases).select_related("list").order_by("-joined"))
    asked = answering.waiting_of(case, request.user)
    off_list = bool(entries) and all(entry.left for entry in entries)
    identifiers = list(identifiers_of(case.child)) if names else []
    return render(
        request,
        "cases/case_detail.html",
        {
            "case": case,
            "names": names,
            "row": row(case, request.user),
            "steps": timeline.ladder(case),
            "events": timeline.events(case, facts, seen, prints=prints, corrects=corrects),
            "prints": prints,
            "buttons": buttons(case, request.user, {one["request"].kind for one in asked}),
            "asked": asked,
            "identifiers": identifiers,
            "may_reveal": posting_for(request.user, roles.REVEAL_ID, case) is not None,
            "last_words": timeline.last_words(facts, seen) if names else {},
            "entries": entries,
            "off_list": off_list,
            "kept": off_list and checklists.is_kept(entries),
            "seen": seen,
            "address": address_of(case) if seen.address else "",
            "lookers": _lookers(request, case),
            "pairs": list(duplicates.of_case(case, request.user)) if _resolves(request, case) else [],
            "survivor": _survivor(request, case),
            "reports": reporting.reporters(case, facts, request.user),
            "plan": helping.plan_of(case),
            "rounds": help_rounds.told(facts),
            "referrals": referrals.of_case(case, facts),
            "helps": posting_for(request.user, roles.RECORD_VISIT, case) is not None,
            "refers": posting_for(request.user, roles.REFER, case) is not None,
            "draft_sent": request.session.pop("draft_sent", ""),
        },
    )


def _resolves(request: HttpRequest, case: Case) -> bool:
    return posting_for(request.user, roles.RESOLVE_DUPLICATES, case) is not None


def _survivor(request: HttpRequest, case: Case) -> Case | None:
    """Of a merged duplicate the case that goes on, for those who may see it too."""
    if case.child.merged_into_id is None:
        return None
    return Case.objects.visible_to(request.user).filter(pk=survivor_of(case).pk).first()


def _lookers(request: HttpRequest, case: Case) -> list[dict]:
    """Who has looked at this case, for those who watch over it."""
    if posting_for(request.user, roles.SEE_AUDIT, case) is None:
        return []
    seen = audit.lookers(case, limit=20)
    units = unit_names({looker.unit for looker in seen})
    return [looker._asdict() | {"unit": units[looker.unit], "role": roles.name_of(looker.role)} for looker in seen]


@require_GET
def photo(request: HttpRequest, number: str, photo_id: int) -> FileResponse:
    """One picture of a visit, for those who may see where the child is; never by a shareable address."""
    return pictures.of_visit(case_in_scope(request, number), photo_id, person=request.user)


@require_POST
def search(request: HttpRequest) -> HttpResponse:
    """ค้นหา by POST, so that an identifier typed here never stands in a URL, a log or a history."""
    form = CaseSearchForm(request.POST)
    if not form.is_valid() or not roles.can(request.user, roles.SEE_CASES):
        return redirect("cases:case_list")
    words = form.cleaned_data["q"]
    try:
        identifier = parse_identifier(words)
    except BadIdentifier:
        identifier = None
    if identifier is not None and any(character.isdigit() for character in words):
        return _by_identifier(request, identifier)
    case = Case.objects.visible_to(request.user).filter(number=words.strip().upper()).first()
    if case is not None:
        return redirect("cases:case_detail", case.number)
    if sum(character.isdigit() for character in words) >= 9:  # a mistyped ID must not reach the URL either
        messages.warning(request, _("ไม่พบ ตรวจเลขให้ครบ 13 หลัก"))
        return redirect("cases:case_list")
    return redirect(f"{reverse('cases:case_list')}?{urlencode({'q': words})}")


def _by_identifier(request: HttpRequest, identifier) -> HttpResponse:
    index = blind_index(identifier.kind, identifier.value)
    child = Identifier.objects.filter(index=index).values_list(STANDS_FOR, flat=True)
    case = Case.objects.visible_to(request.user).filter(child_id__in=child).order_by("-id").first()
    # names are what an ID leads to: one who may not see them gets the same answer as for an unknown number
    if case is not None and posting_for(request.user, roles.SEE_NAMES, case) is None:
        case = None
    audit.record("searched_by_id", person=request.user, object_kind="case", result="ok" if case else "none")
    if case is None:
        messages.warning(request, _("ไม่พบเลขนี้ในหน่วยงานของท่าน"))
        return redirect("cases:case_list")
    return redirect("cases:case_detail", case.number)
