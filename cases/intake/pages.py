"""What the pages of an import show: history, progress, the result of a dry run; as plain values for the templates."""

from datetime import date
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import checklists
from cases.codes import Category, Outcome, Wish
from cases.intake import background, lineage
from cases.intake.headings import CANONICAL
from cases.intake.vocabulary import FOUND, NOT_FOUND, TRACKING
from cases.models import ListVersion
from schools import clock, roles, scope
from schools.language import reader_language, th_or_en
from schools.models import Job, Person, School, Tambon
from schools.thaitime import thai_date

SHOWN = 100  # rows of one table on the page; the answer file has them all
_STATES = {"queued": "waiting"}
_TITLES = {background.CHECK: gettext_lazy("ตรวจก่อนนำเข้า"), background.COMMIT: gettext_lazy("นำเข้า")}


def visible_imports(person: Person) -> QuerySet[Job]:
    """One's own imports, and those made in the units where one may import oneself."""
    units = [
        posting.unit
        for posting in scope.postings_of(person)
        if roles.IMPORT_LISTS in roles.capabilities_of(posting) and scope.unit_of_posting(posting)
    ]
    jobs = Job.objects.filter(kind__in=[background.CHECK, background.COMMIT])
    return jobs.filter(Q(by=person) | Q(unit__in=units)) if units else jobs.none()


def history(person: Person, shown: int = 50) -> list[dict]:
    """The latest dry runs with the commit that followed, newest first; three queries however many."""
    checks = list(
        visible_imports(person).filter(kind=background.CHECK).select_related("by").prefetch_related("files")[:shown]
    )
    ids = [job.pk for job in checks]
    commits = {
        job.params["check"]: job
        for job in Job.objects.filter(kind=background.COMMIT, params__check__in=ids).order_by("pk")
    }
    return [
        {
            "job": job,
            "file": next((file.name for file in job.files.all() if file.role == "source"), ""),
            "list": job.params["list"],
            "counts": job.result.get("counts"),
            "commit": commits.get(job.pk),
            "url": reverse("cases:import_detail", args=[job.pk]),
        }
        for job in checks
    ]


def progress(job: Job, *, mine: bool) -> dict:
    """The job as components/job.html takes it."""
    left = None
    if job.total and job.done and job.started_at:
        spent = (clock.now() - job.started_at).total_seconds()
        left = round(spent / job.done * (job.total - job.done))
    return {
        "title": str(_TITLES[job.kind]),
        "state": _STATES.get(job.state, job.state),
        "done": job.done,
        "total": job.total,
        "seconds_left": left,
        "error": th_or_en(job.error_th, job.error_en),
        "cancel_url": reverse("cases:import_cancel", args=[job.pk]) if mine else "",
        "poll_url": reverse("cases:import_progress", args=[job.pk]),
        "then": reverse("cases:import_detail", args=[job.pk]),
        "as_of": job.finished_at,
    }


def result(job: Job) -> dict:
    """The dry run's result as the page shows it, in the reader's language."""
    told = job.result
    places = _Names(told["changes"][:SHOWN])
    refusals = [_said(one) | {"name": told["refused_names"].get(str(one[0]), "")} for one in told["refusals"]]
    changes = [_changed(one, places) for one in told["changes"][:SHOWN]]
    skipped = told["skipped"]
    return {
        "counts": told["counts"],
        "lands": told["counts"]["new"] + told["counts"]["changed"],
        "refusals": refusals[:SHOWN],
        "refusal_count": told["refusal_count"],
        "changes": changes,
        "change_columns": list(dict.fromkeys(column for change in changes for column in change["cells"])),
        "changed_cells": told["changed_cells"],
        "warnings": [_said(one) for one in told["warnings"]][:SHOWN],
        "skipped": th_or_en(*skipped) if skipped else "",
        "list_date": _day(told["list_date"]) if told["list_date"] else "",
        "sheets": [{"name": one["sheet"], "row": one["rows"][1], "columns": _columns(one)} for one in told["layout"]],
        "gone": [{"number": number, "name": name, "url": _case_url(number)} for number, name in told["gone"]],
        "files": {file.role: reverse("cases:import_file", args=[job.pk, file.role]) for file in job.files.all()},
    }


def landed(commit: Job | None, person: Person) -> dict[str, str]:
    """Count of a finished commit → the register narrowed to its children; empty before, or where none may be seen."""
    if commit is None or commit.state != Job.State.DONE or not roles.can(person, roles.SEE_CASES):
        return {}
    version = ListVersion.objects.filter(job=commit).first()
    if version is None:  # the same list once more: it left no issue
        return {}
    register = reverse("cases:case_list")
    counted = {name: {"list_version": version.pk, "entry": name} for name, _label in lineage.ENTRIES}
    links = {name: f"{register}?{urlencode(query)}" for name, query in counted.items() if version.counts.get(name)}
    if checklists.may_look(person):
        links["check"] = reverse("cases:check_version", args=[version.pk])
    return links | {"all": f"{register}?{urlencode({'list_version': version.pk})}"}


def unknown_headings(job: Job) -> list[str]:
    """The headings of a dry run that nobody could place, whether it went on without them or not."""
    if job.state == Job.State.FAILED:
        return job.result.get("unknown", [])
    return list(dict.fromkeys(text for one in job.result["layout"] for text in one["unknown"].values()))


def _columns(layout: dict) -> list[tuple[str, str]]:
    return [(layout["headings"][at], CANONICAL[column]) for at, column in layout["columns"].items()]


def _said(finding: list) -> dict:
    row, column, code, thai, english, value, sheet = finding
    return {
        "row": row,
        "column": column,
        "code": code,
        "message": th_or_en(thai, english),
        "value": value,
        "sheet": sheet,
    }


def _changed(change: dict, names: "_Names") -> dict:
    cells = {column: (names.shown(field, old), names.shown(field, new)) for column, field, old, new in change["cells"]}
    return change | {"cells": cells, "url": _case_url(change["case"])}


def _day(iso: str) -> str:
    return thai_date(date.fromisoformat(iso), lang=reader_language())


def _case_url(number: str) -> str:
    return reverse("cases:case_detail", args=[number])


class _Names:
    """What the codes in a change are called; places and schools fetched once for the whole table."""

    def __init__(self, changes: list[dict]):
        ids: dict[str, set[int]] = {"school_id": set(), "tambon_id": set()}
        for change in changes:
            for _column, field, old, new in change["cells"]:
                if field in ids:
                    ids[field] |= {value for value in (old, new) if value}
        self._names = {
            "school_id": dict(School.objects.filter(pk__in=ids["school_id"]).values_list("pk", "name_th")),
            "tambon_id": dict(Tambon.objects.filter(pk__in=ids["tambon_id"]).values_list("pk", "name_th")),
        }

    def shown(self, field: str, value: object) -> str:
        if value in (None, ""):
            return "–"
        if field in self._names:
            return self._names[field].get(value, str(value))
        match field:
            case "birth_date" | "visit_date":
                return _day(value)
            case "category":
                return str(Category(value).label)
            case "outcome":
                return str(Outcome(value).label)
            case "wish":
                return str(Wish(value).label)
            case "returned":
                return _("กลับเข้าเรียนแล้ว") if value else _("ยังไม่กลับเข้าเรียน")
            case "result":
                return {FOUND: _("พบตัว"), TRACKING: _("อยู่ระหว่างติดตาม"), NOT_FOUND: _("ไม่พบตัว")}[value]
            case "sex":
                return {"M": _("ชาย"), "F": _("หญิง")}.get(value, value)
        return str(value)
