"""Lands a plan: all of it in one transaction, or nothing.

New children are written in bulk (cases.intake.copying), changed ones in batches. Where a case stands is computed by
cases.lifecycle alone, from the facts written here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from cases import gate
from cases.intake.amending import Amending
from cases.intake.opening import Opening
from cases.intake.plan import CHANGED, NEW, Order, Plan
from cases.intake.reading import Spool
from cases.intake.report import COUNTED, Report
from cases.models import ChildList, ListVersion, Span
from cases.models.case import take_ids
from schools import audit
from schools.jobs import JobRefused
from schools.models import Job, Posting
from schools.thaitime import thai_date

from .refusal import SheetRefused

FLUSH = 5_000  # new children written at once


class NotLanded(Exception):
    """Rows are refused and nobody asked for the good ones alone: nothing was written. `report` says which and why."""

    def __init__(self, report: Report):
        self.report = report
        super().__init__(f"{report.counts['refused']} rows are refused")


@dataclass
class Issue:
    """This import as an issue of its list: what every row written carries."""

    order: Order
    target: ChildList
    version_id: int
    number: int
    received: datetime

    def by(self, posting: Posting | None) -> dict:
        return {
            "by_id": self.order.person.pk,
            "posting_id": posting.pk if posting else None,
            "unit": posting.unit if posting else str(self.order.unit),
        }


def refuse_older(target: ChildList | None, list_date) -> None:
    """An issue older than the list's last one cannot be compared with it (SheetRefused)."""
    last = target.versions.aggregate(last=Max("as_of"))["last"] if target else None
    if last and list_date < last:
        raise SheetRefused(
            "list_date",
            f"บัญชีนี้มีฉบับใหม่กว่าแล้ว (ข้อมูล ณ {thai_date(last)}) ตรวจวันที่ หรือนำเข้าเป็นบัญชีชื่ออื่น",
            f"This list has a newer issue (as of {last}). Check the date, or import it under another name.",
        )


def land(
    order: Order,
    spool: Spool,
    *,
    source_name: str,
    sha256: str,
    accept_good_rows: bool = False,
    expected: dict | None = None,
    job: Job | None = None,
    landed: Callable[[Report], None] = lambda report: None,
    progress: Callable[[int], None] = lambda rows: None,
) -> Report:
    """Carry out the plan of `spool`, computed anew under the gate. Returns what was done.

    Raises NotLanded where rows are refused and `accept_good_rows` is not set; JobRefused where the counts are not the
    `expected` ones of the dry run; SheetRefused for a list that has a newer issue. In each case nothing is written.
    `landed` is called last of all: it ends the job, whose row until then must stay free for reports of progress.
    """
    with transaction.atomic():
        gate.enter()
        target = _locked_list(order)
        refuse_older(target, order.list_date)
        order.target = target
        plan = Plan(order, spool, lock=True)
        issue = _issue(order, target)
        report = Report()
        _land_rows(plan, issue, report, progress)
        _land_gone(plan, issue, report)
        report.describe(spool, order.list_date)
        report.defaulted(plan.defaulted)
        if report.counts["refused"] and not accept_good_rows:
            raise NotLanded(report)
        if expected is not None and any(report.counts[name] != expected.get(name, 0) for name in COUNTED):
            raise _differs(expected, report)
        _close(issue, report, source_name, sha256, job)
        landed(report)
    return report


def _locked_list(order: Order) -> ChildList:
    target, _ = ChildList.objects.get_or_create(
        name=order.name, owner=order.owner, defaults={"created_at": gate.stamp(), "mapping": order.mapping}
    )
    target = ChildList.objects.select_for_update().get(pk=target.pk)
    if order.mapping != target.mapping:
        target.mapping = order.mapping
        target.save(update_fields=["mapping"])
    return target


def _issue(order: Order, target: ChildList) -> Issue:
    number = (target.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    received = gate.stamp(Span.objects.aggregate(last=Max("known_from"))["last"])
    return Issue(order, target, take_ids(ListVersion, 1)[0], number, received)


def _land_rows(plan: Plan, issue: Issue, report: Report, progress: Callable[[int], None]) -> None:
    opening, amending = Opening(issue, plan), Amending(issue, plan)
    waiting = []
    for decisions in plan.decisions():
        report.note(decisions)
        waiting += [decision for decision in decisions if decision.kind == NEW]
        amending.land([decision for decision in decisions if decision.kind == CHANGED])
        if len(waiting) >= FLUSH:
            opening.land(waiting)
            waiting = []
        progress(report.counts["rows"])
    opening.land(waiting)
    opening.settle()


def _land_gone(plan: Plan, issue: Issue, report: Report) -> None:
    gone = plan.gone()
    report.counts["gone"] = len(gone)
    Amending(issue, plan).take_off(gone)


def _close(issue: Issue, report: Report, source_name: str, sha256: str, job: Job | None) -> None:
    """Write the version and the audit event; an issue that says nothing new under the same date leaves no trace."""
    counts = report.counts
    last = issue.target.versions.order_by("-number").first()
    if last and last.as_of == issue.order.list_date and not (counts["new"] or counts["changed"] or counts["gone"]):
        return
    posting = issue.order.posting
    ListVersion.objects.create(
        pk=issue.version_id,
        list=issue.target,
        number=issue.number,
        as_of=issue.order.list_date,
        source_name=source_name[:255],
        sha256=sha256,
        counts={name: counts[name] for name in COUNTED},
        job=job,
        committed_at=issue.received,
        **issue.by(posting),
    )
    report.version = issue.number
    audit.record(
        "list_imported",
        person=issue.order.person,
        posting=posting,
        object_kind="list",
        object_key=str(issue.target.pk),
        version=issue.number,
        counts={name: counts[name] for name in COUNTED},
    )


def _differs(expected: dict, report: Report) -> JobRefused:
    def shown(counts: Iterable) -> str:
        return ", ".join(f"{name} {counts[name]:,}" for name in COUNTED)

    before, now = shown({name: expected.get(name, 0) for name in COUNTED}), shown(report.counts)
    return JobRefused(
        f"ข้อมูลในระบบเปลี่ยนไปหลังการตรวจ ไม่มีการบันทึก กรุณาตรวจใหม่ (ตอนตรวจ: {before} / ขณะนี้: {now})",
        f"The data changed after the dry run; nothing was saved. Check again (then: {before}; now: {now}).",
    )
