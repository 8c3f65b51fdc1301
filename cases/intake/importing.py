"""One import from file to report: who imports, which list is meant, the dry run, the commit.

Pages, jobs and the command line call `check` and `commit`; scope is computed when they run (AZ-08).
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cases.duplicates import find_duplicates
from cases.intake.commit import land, refuse_older
from cases.intake.plan import Order, Plan
from cases.intake.reading import Spool, understand
from cases.intake.refusal import NATIONAL, SMALL, Limits
from cases.intake.report import Report
from cases.intake.row import Terms
from cases.models import ChildList, ListEntry
from schools import audit, clock, roles, scope
from schools.districts import Departments
from schools.models import Job, Person, Posting
from schools.places import Places
from schools.refusal import Refusal
from schools.school_index import SchoolIndex
from schools.thaitime import bangkok_date

KEPT_GONE = 100
SEARCHED_AT_ONCE = 50_000  # new children among whom duplicates are looked for at once
DEFAULT_NAME = "บัญชีรายชื่อเด็ก"  # of a unit's own list, where no name is given


class MayNotImport(Refusal):
    """The person holds no posting that imports lists; the messages say so."""

    message_th = "ท่านไม่มีสิทธิ์นำเข้ารายชื่อ (ผู้อำนวยการ เขตพื้นที่ จังหวัด ส่วนราชการ และกระทรวงนำเข้าได้)"
    message_en = "You may not import lists (directors, district, province, department and ministry officers may)."


@dataclass(frozen=True)
class Request:
    """What somebody asks for. `name` "": the unit's own list; `list_date` None: as printed, else today."""

    person: Person
    path: Path
    source_name: str
    name: str = ""
    list_date: date | None = None
    category: int | None = None
    confirm_ages: bool = False
    mapping: dict[str, str] | None = None  # headings matched by hand, beside those remembered of the list


def importing_posting(person: Person) -> Posting:
    """The posting by which `person` imports today. Raises MayNotImport."""
    for posting in scope.postings_of(person):
        if roles.IMPORT_LISTS in roles.capabilities_of(posting) and scope.unit_of_posting(posting) is not None:
            return posting
    raise MayNotImport


def limits_for(person: Person) -> Limits:
    """How large a list this person may bring: over 5,000 rows only department and ministry."""
    return NATIONAL if roles.can(person, roles.IMPORT_NATIONAL) else SMALL


def sha256_of(path: Path) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _order(request: Request) -> Order:
    posting = importing_posting(request.person)
    unit = scope.unit_of_posting(posting)
    name = request.name.strip() or DEFAULT_NAME
    target = ChildList.objects.filter(name=name, owner=str(unit)).first()
    mapping = (target.mapping if target else {}) | (request.mapping or {})
    today = bangkok_date(clock.now())
    return Order(request.person, unit, name, str(unit), target, today, request.category, posting, mapping)


def _spool(request: Request, order: Order, progress: Callable[..., None]) -> Spool:
    today = bangkok_date(clock.now())
    terms = Terms(today, today, Places.load(), SchoolIndex.load(), Departments.load(), request.confirm_ages)
    spool = understand(
        request.path,
        limits_for(request.person),
        terms,
        mapping=order.mapping,
        list_date=request.list_date,
        progress=progress,
    )
    order.list_date = terms.list_date
    return spool


def check(request: Request, *, progress: Callable[..., None] = lambda done, total=None: None) -> Report:
    """The dry run: what a commit would do, nothing written but who was held. Raises SheetRefused, MayNotImport."""
    order, report = judge(request, progress=progress)
    record_holds(order, report)
    return report


def judge(
    request: Request,
    *,
    progress: Callable[..., None] = lambda done, total=None: None,
    watch: Callable[[list], None] = lambda decisions: None,
) -> tuple[Order, Report]:
    """The dry run with nothing written at all: `record_holds` is the caller's. Raises SheetRefused, MayNotImport.

    `watch` is given every batch of decisions, for the result file.
    """
    order = _order(request)
    spool = _spool(request, order, progress)
    try:
        refuse_older(order.target, order.list_date)
        plan, report = Plan(order, spool), Report()
        for decisions in plan.decisions():
            report.note(decisions)
            watch(decisions)
            progress(spool.rows + report.counts["rows"], 2 * spool.rows)
        gone = plan.gone()
        report.counts["gone"] = len(gone)
        report.gone = _first_gone(gone, request.person)
        report.describe(spool, order.list_date)
        report.defaulted(plan.defaulted)
    finally:
        spool.close()
    return order, report


def commit(
    request: Request,
    *,
    accept_good_rows: bool = False,
    expected: dict | None = None,
    job: Job | None = None,
    landed: Callable[[Report], None] = lambda report: None,
    progress: Callable[..., None] = lambda done, total=None: None,
) -> Report:
    """Land the list; see cases.intake.commit.land for what it raises. Nothing is written unless it returns."""
    order = _order(request)
    spool = _spool(request, order, progress)
    try:
        report = land(
            order,
            spool,
            source_name=request.source_name,
            sha256=sha256_of(request.path),
            accept_good_rows=accept_good_rows,
            expected=expected,
            job=job,
            landed=landed,
            progress=lambda rows: progress(spool.rows + rows, 2 * spool.rows),
        )
    finally:
        spool.close()
    _look_for_duplicates(order, report)
    return report


def _look_for_duplicates(order: Order, report: Report) -> None:
    """Among the children this issue brought. After it has landed; a nation's list waits for the night's search."""
    if report.version is not None and report.counts["new"] <= SEARCHED_AT_ONCE:
        joined = ListEntry.objects.filter(list=order.target, joined=report.version)
        find_duplicates(list(joined.values_list("child_id", flat=True)))


def _first_gone(entries: list[int], person: Person) -> list[tuple[str, str]]:
    """Case number and, for those who may see names, name of the first entries that this issue lacks."""
    shown = ListEntry.objects.filter(pk__in=entries[:KEPT_GONE]).select_related("case", "child").order_by("pk")
    names = roles.can(person, roles.SEE_NAMES)
    return [(entry.case.number, str(entry.child) if names else "") for entry in shown]


def record_holds(order: Order, report: Report) -> None:
    """Tell the unit that has the child, by its case's access log, that a list of somebody else named it."""
    for number, reference in report.holds.items():
        audit.record(
            "import_held",
            person=order.person,
            posting=order.posting,
            object_kind="case",
            object_key=number,
            result="held",
            reference=reference,
        )
