"""Units and background jobs for programs: what the person may look at, and how far their own work is."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from schools import jobs
from schools.answers import (
    CURSOR_PARAMETERS,
    PAGE_PARAMETERS,
    Refused,
    StrictView,
    choice,
    page,
    page_schema,
    paged,
    read_cursor,
    read_page_size,
    text_parameter,
    write_cursor,
)
from schools.models import District, Job
from schools.refusal import Refusal
from schools.school_index import school_key
from schools.scope import may_look_at
from schools.unit_tree import LISTED, any_inside, inside, looked_at, rows_of
from schools.units import NATION, NATION_NAME, Unit, UnknownUnit, parse_unit, unit_of

ENDED = (Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED)


# ── units ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
class UnitSerializer(serializers.Serializer):
    unit = serializers.CharField(help_text="as written everywhere, like district:P4603")
    kind = serializers.ChoiceField(choices=[(kind, kind) for kind in LISTED])
    name = serializers.CharField()
    name_en = serializers.CharField(allow_blank=True)
    parents = serializers.ListField(
        child=serializers.CharField(), help_text="the units it lies in wholly, along both trees, the nearest first"
    )


def unit_in_sight(request: Request, text: str) -> Unit:
    """The unit `text` names if this person may look at it; otherwise 404, exactly as if there were none (A02)."""
    try:
        unit = parse_unit(text)
    except UnknownUnit:
        raise Http404 from None
    if not may_look_at(request.user, unit):
        raise Http404
    return unit


WRITTEN = {"school": ("ระบุสถานศึกษา เช่น school:46990001", "Name a school, like school:46990001.")} | {
    "province": ("ระบุจังหวัด เช่น province:46", "Name a province, like province:46.")
}


def unit_said(field: str, text: str, kind: str) -> Unit:
    """The unit that stands in `field` of a body, a school or a province. Raises Refused."""
    try:
        unit = parse_unit(text)
    except UnknownUnit as unknown:
        raise Refused(field, "X58", unknown.message_th, unknown.message_en) from unknown
    if unit.kind != kind:
        raise Refused(field, "X58", *WRITTEN[kind])
    return unit


def unit_row(unit: Unit) -> dict[str, Any]:
    """A unit with where it lies. Its row should come from unit_tree.rows_of, which fetches the parents along."""
    return {
        "unit": str(unit),
        "kind": unit.kind,
        "name": unit.name,
        "name_en": NATION_NAME["en"] if unit.kind == "nation" else getattr(unit.row, "name_en", ""),
        "parents": list(_parents(unit)),
    }


def _parents(unit: Unit) -> Iterator[str]:
    if unit.kind == "nation":
        return
    row = unit.row
    if unit.kind == "school":
        yield str(unit_of(row.district))
        yield str(unit_of(row.district.department))
        yield f"amphoe:{row.amphoe_id}"
    elif isinstance(row, District):
        yield str(unit_of(row.department))
    yield from _area(unit, row)
    yield str(NATION)


def _area(unit: Unit, row: Model) -> Iterator[str]:
    """The province and region all of a unit lies in; a สพม. over two provinces lies in no province."""
    if unit.kind == "province":
        yield str(unit_of(row.region))
    elif unit.kind in ("school", "amphoe"):
        yield f"province:{row.province_id}"
        yield str(unit_of(row.province.region))
    elif isinstance(row, District):
        provinces = row.provinces.all()
        if len(provinces) == 1:
            yield f"province:{provinces[0].pk}"
        regions = {province.region for province in provinces}
        if len(regions) == 1:
            yield str(unit_of(regions.pop()))


def _found_by(kind: str, words: str) -> Q:
    """A unit's name or code holds the words; schools are found forgivingly, as everywhere."""
    if kind == "school":
        key = school_key(words)
        return (Q(search__contains=key) if key else Q(pk__in=())) | Q(code=words.strip())
    rule = Q(name_th__contains=words.strip())
    if kind != "region":
        rule |= Q(name_en__icontains=words.strip())
    return rule | Q(code=words.strip()) if kind in ("department", "district", "tray") else rule


class UnitList(StrictView):
    """หน่วยงานที่ดูได้."""

    known_parameters = PAGE_PARAMETERS | {"kind", "parent", "q"}

    @extend_schema(
        operation_id="units_list",
        summary="หน่วยงานที่ดูได้ · units one may look at",
        parameters=[
            text_parameter("kind", "ชนิดหน่วยงาน", "kind of unit", enum=LISTED),
            text_parameter("parent", "อยู่ภายในหน่วยงานนี้", "lies within this unit"),
            text_parameter("q", "ชื่อหรือรหัส", "name or code"),
            *CURSOR_PARAMETERS,
        ],
        responses=page_schema("UnitPage", UnitSerializer),
    )
    def get(self, request: Request) -> Response:
        kinds = [kind] if (kind := choice(request, "kind", LISTED)) else list(LISTED)
        size = read_page_size(request)
        place, after = read_cursor(request, int, int) or (0, -1)
        found: list[Unit] = []
        for position, kind in enumerate(LISTED):
            if kind in kinds and position >= place and len(found) <= size:
                rows = self.rows(request, kind, after if position == place else -1)
                found += [unit_of(row) if row is not None else NATION for row in rows[: size + 1 - len(found)]]
        cursor = ""
        if len(found) > size:
            last = found[size - 1]
            cursor = write_cursor(LISTED.index(last.kind), last.pk or 0)
        return Response(page(request, [unit_row(unit) for unit in found[:size]], cursor))

    def rows(self, request: Request, kind: str, after: int) -> QuerySet[Model] | list[None]:
        """The units of one kind in sight behind primary key `after`; of the nation itself one None, or nothing."""
        asked = request.query_params
        units = looked_at(request.user)
        if kind == "nation":
            shown = NATION in units and after < 0 and "parent" not in asked and not asked.get("q", "")
            return [None] if shown else []
        rows = rows_of(kind).filter(any_inside(kind, units), pk__gt=after)
        if "parent" in asked:
            parent = parse_unit(asked["parent"])
            rows = rows.filter(inside(kind, parent))
            rows = rows.exclude(pk=parent.pk) if parent.kind == kind else rows
        if asked.get("q", ""):
            rows = rows.filter(_found_by(kind, asked["q"]))
        return rows.order_by("pk")


class UnitDetail(StrictView):
    """หน่วยงานเดียว."""

    @extend_schema(
        operation_id="units_retrieve",
        summary="หน่วยงาน · one unit",
        parameters=[OpenApiParameter("unit", str, OpenApiParameter.PATH, description="like district:P4603")],
        responses=UnitSerializer,
    )
    def get(self, request: Request, unit: str) -> Response:
        return Response(unit_row(unit_in_sight(request, unit)))


# ── jobs ──────────────────────────────────────────────────────────────────────────────────────────────────────────────
class BothLanguages(serializers.Serializer):
    th = serializers.CharField()
    en = serializers.CharField()


class JobFileSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    role = serializers.CharField(help_text="source, result, refused, workbook, line_list")
    name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField(help_text="bytes")
    sha256 = serializers.CharField(allow_blank=True)
    rows = serializers.IntegerField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)


class JobSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    kind = serializers.CharField()
    state = serializers.ChoiceField(choices=Job.State.choices)
    unit = serializers.CharField(allow_blank=True, help_text="of the posting under which it was asked for")
    done = serializers.IntegerField()
    total = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    error = BothLanguages(allow_null=True)
    result = serializers.DictField()
    files = JobFileSerializer(many=True)


def own_job(request: Request, job: int, **rule) -> Job:
    """One of the person's own jobs. 404 for any other number."""
    return get_object_or_404(jobs.own_jobs(request.user), pk=job, **rule)


def job_row(job: Job) -> dict[str, Any]:
    """A job as its person sees it: what it holds of file paths and parameters stays inside."""
    return {
        "id": job.pk,
        "kind": job.kind,
        "state": job.state,
        "unit": job.unit,
        "done": job.done,
        "total": job.total,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "error": {"th": job.error_th, "en": job.error_en} if job.error_th or job.error_en else None,
        "result": job.result,
        "files": [{name: getattr(file, name) for name in JobFileSerializer().fields} for file in job.files.all()],
    }


class JobList(StrictView):
    """งานเบื้องหลังของฉัน, the newest first."""

    known_parameters = PAGE_PARAMETERS | {"kind", "state"}

    @extend_schema(
        operation_id="jobs_list",
        summary="งานเบื้องหลังของฉัน · one's own background jobs, the newest first",
        parameters=[
            text_parameter("kind", "ชนิดงาน", "kind of job"),
            text_parameter("state", "สถานะ", "state", enum=Job.State.values),
            *CURSOR_PARAMETERS,
        ],
        responses=page_schema("JobPage", JobSerializer),
    )
    def get(self, request: Request) -> Response:
        rows = jobs.own_jobs(request.user)
        if state := choice(request, "state", Job.State.values):
            rows = rows.filter(state=state)
        if "kind" in request.query_params:
            rows = rows.filter(kind=request.query_params["kind"])
        return paged(request, rows, "-pk", tell=lambda found: [job_row(job) for job in found])


class JobDetail(StrictView):
    """งานเดียว: asked again until `state` says that it ended."""

    @extend_schema(operation_id="jobs_retrieve", summary="สถานะงาน · how far a job is", responses=JobSerializer)
    def get(self, request: Request, job: int) -> Response:
        return Response(job_row(own_job(request, job)))


class JobEnded(Refusal):
    """409: what has ended cannot be cancelled."""

    status, code = 409, "job_ended"
    message_th = "งานนี้จบแล้ว จึงยกเลิกไม่ได้"
    message_en = "The job has ended; it cannot be cancelled."


class JobCancel(StrictView):
    """ยกเลิกงาน."""

    @extend_schema(
        operation_id="jobs_cancel",
        summary="ยกเลิกงาน · stop a job that has not ended",
        request=None,
        responses=JobSerializer,
    )
    def post(self, request: Request, job: int) -> Response:
        found = own_job(request, job)
        if not jobs.cancel(found):
            raise JobEnded
        return Response(job_row(own_job(request, job)))
