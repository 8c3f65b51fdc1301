"""Figures for programs, and the children behind each: the definitions of reports.ladder, nothing counted here."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases import api as cases_api
from cases.models import Case
from reports import ladder, rollup, trees
from reports.identities import Check, checks
from reports.models import Rollup
from schools import audit, roles
from schools.access import permission
from schools.answers import (
    CURSOR_PARAMETERS,
    PAGE_PARAMETERS,
    UNIT_PARAMETER,
    Refused,
    StrictView,
    choice,
    moment_parameter,
    page_schema,
    paged,
    read_moment,
    text_parameter,
)
from schools.api import unit_in_sight
from schools.thaitime import BANGKOK, Period
from schools.units import NATION, Unit

AS_OF = moment_parameter(
    "as_of", "เมื่อใด (ต้องมีเขตเวลา) ไม่ระบุคือขณะนี้", "when it was so, with a time zone; now if left out"
)
KNOWN_AT = moment_parameter(
    "known_at", "ตามที่ระบบทราบเมื่อใด ไม่ก่อน as_of", "as known when; now if left out, never before as_of"
)
REQUIRED_UNIT = OpenApiParameter("unit", str, description=UNIT_PARAMETER.description, required=True)
CAN_SEE_FIGURES = [*StrictView.permission_classes, permission(roles.SEE_FIGURES)]


# ── figures ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def _whole_numbers(name: str, keys) -> serializers.Serializer:
    return inline_serializer(name, {key: serializers.IntegerField(min_value=0) for key in keys})


class CheckSerializer(serializers.Serializer):
    identity = serializers.CharField()
    holds = serializers.BooleanField()
    left = serializers.IntegerField()
    right = serializers.IntegerField()


OfCategory = type(_whole_numbers("OfCategory", ("target", "traced", "in_progress", "back", "not_back")))


class FiguresSerializer(serializers.Serializer):
    unit = serializers.CharField()
    as_of = serializers.DateTimeField()
    known_at = serializers.DateTimeField()
    figures = _whole_numbers("Ladder", ladder.FIGURES)
    by_outcome = _whole_numbers("ByOutcome", ladder.OUTCOMES)
    by_category = inline_serializer(
        "ByCategory",
        {category.slug: OfCategory() for category in ladder.CATEGORIES},
    )
    checks = CheckSerializer(many=True)


def figures_answer(unit: Unit, when: ladder.Moment, counts: ladder.Counts, proof: list[Check]) -> dict[str, Any]:
    """The JSON of one unit's figures: whole numbers, and one entry for every identity."""
    return {
        "unit": str(unit),
        "as_of": when.as_of.astimezone(BANGKOK),
        "known_at": when.known_at.astimezone(BANGKOK),
        **ladder.figures(counts),
        "checks": [check._asdict() for check in proof],
    }


def asked_moment(request: Request) -> ladder.Moment:
    """The two clocks asked for; both now if neither. Raises Refused, ImpossibleMoment (400)."""
    return ladder.moment(read_moment(request, "as_of"), read_moment(request, "known_at"))


def asked_unit(request: Request) -> Unit:
    """The unit asked for, which must be named. 404 unless its figures may be looked at."""
    if "unit" not in request.query_params:
        raise Refused("unit", "unit", "ระบุ unit เช่น province:46", "Name a unit, like unit=province:46.")
    return unit_in_sight(request, request.query_params["unit"])


def _clocks(when: ladder.Moment) -> dict[str, Any]:
    """As keyword arguments; none for now, which needs no clock and has an index of its own."""
    return {} if when.is_now else {"as_of": when.as_of, "known_at": when.known_at}


class Figures(StrictView):
    """ตัวเลขของหน่วยงาน, counted from facts on two clocks."""

    known_parameters = frozenset({"unit", "as_of", "known_at"})
    permission_classes = CAN_SEE_FIGURES

    @extend_schema(
        operation_id="figures",
        summary="ตัวเลขของหน่วยงาน · the figures of one unit, with their proof",
        parameters=[REQUIRED_UNIT, AS_OF, KNOWN_AT],
        responses=FiguresSerializer,
    )
    def get(self, request: Request) -> Response:
        unit, when = asked_unit(request), asked_moment(request)
        counts, proof = trees.proven(unit, **_clocks(when))
        return Response(figures_answer(unit, when, counts, proof))


# ── the children behind a figure ──────────────────────────────────────────────────────────────────────────────────────
CLOCKED = frozenset({"figure", "outcome", "as_of", "known_at"})


def asked_figure(request: Request) -> str:
    """The counter asked for: `figure`, or `outcome` by its slug, or the whole target. Raises Refused."""
    asked = request.query_params
    if "figure" in asked and "outcome" in asked:
        raise Refused("outcome", "figure", "ระบุ figure หรือ outcome อย่างเดียว", "Give either figure or outcome.")
    if "outcome" in asked:
        if asked["outcome"] not in ladder.OUTCOMES:
            cases_api.one_of("outcome", ladder.OUTCOMES)
        return f"outcome={asked['outcome']}"
    figure = asked.get("figure", "target")
    if figure not in ladder.COUNTERS:
        cases_api.one_of("figure", ladder.KEYS)
    return figure


class CaseList(cases_api.CaseList):
    """ทะเบียนเด็ก, and the children behind any figure: those it counts, of whom the person may see today."""

    known_parameters = cases_api.CaseList.known_parameters | CLOCKED

    @extend_schema(
        operation_id="cases_list",
        summary="ทะเบียนเด็ก หรือเด็กที่อยู่เบื้องหลังตัวเลข · cases in scope, or exactly the children behind a figure",
        parameters=[
            *cases_api.CaseFilterParameters,
            text_parameter("figure", "ตัวเลข", "a figure", enum=ladder.KEYS),
            text_parameter("outcome", "สาเหตุ", "an outcome of found children", enum=ladder.OUTCOMES),
            AS_OF,
            KNOWN_AT,
        ],
        responses=cases_api.CasePage,
    )
    def get(self, request: Request) -> Response:
        return super().get(request)

    def cases(self, request: Request) -> QuerySet[Case]:
        if not CLOCKED & set(request.query_params):
            return super().cases(request)
        figure, when = asked_figure(request), asked_moment(request)
        unit = asked_unit(request) if "unit" in request.query_params else NATION
        spans = ladder.behind(unit, figure, **_clocks(when))
        audit.record("list_viewed", person=request.user, object_kind="unit", object_key=str(unit), figure=figure)
        # `unit` says where the child stood then; the other filters say how the case stands today.
        return (
            super()
            .cases(request, but=frozenset({"unit"}))
            .filter(pk__in=ladder.told_to(request.user, spans, figure).values("case_id"))
        )


# ── rollups ───────────────────────────────────────────────────────────────────────────────────────────────────────────
class RollupSerializer(serializers.Serializer):
    period = serializers.CharField(help_text="2565-W09 or 2565-02")
    kind = serializers.ChoiceField(choices=Rollup.Kind.choices)
    revision = serializers.IntegerField()
    as_of = serializers.DateTimeField()
    known_at = serializers.DateTimeField()
    built_at = serializers.DateTimeField()
    is_provisional = serializers.BooleanField()


class KeptFiguresSerializer(FiguresSerializer):
    rollup = RollupSerializer()


def rollup_row(kept: Rollup) -> dict[str, Any]:
    return {name: getattr(kept, name) for name in RollupSerializer().fields}


class RollupList(StrictView):
    """งวดรายงานที่จัดทำแล้ว, the latest first."""

    known_parameters = PAGE_PARAMETERS | {"kind"}
    permission_classes = CAN_SEE_FIGURES

    @extend_schema(
        operation_id="rollups_list",
        summary="งวดรายงานที่จัดทำแล้ว · the kept rollups, the latest first",
        parameters=[text_parameter("kind", "ชนิดงวด", "kind", enum=Rollup.Kind.values), *CURSOR_PARAMETERS],
        responses=page_schema("RollupPage", RollupSerializer),
    )
    def get(self, request: Request) -> Response:
        rows = Rollup.objects.all()
        if kind := choice(request, "kind", Rollup.Kind.values):
            rows = rows.filter(kind=kind)
        return paged(request, rows, "-pk", tell=lambda found: [rollup_row(kept) for kept in found])


class RollupDetail(StrictView):
    """ตัวเลขที่จัดทำไว้ของงวดหนึ่ง."""

    known_parameters = frozenset({"unit"})
    permission_classes = CAN_SEE_FIGURES

    @extend_schema(
        operation_id="rollups_retrieve",
        summary="ตัวเลขของงวด · a unit's figures as kept for a period, in its last revision",
        parameters=[
            OpenApiParameter("period", str, OpenApiParameter.PATH, description="2565-W09, 2565-02"),
            REQUIRED_UNIT,
        ],
        responses=KeptFiguresSerializer,
    )
    def get(self, request: Request, period: str) -> Response:
        unit = asked_unit(request)
        kept = rollup.of_period(Period.parse(period))
        if kept is None:
            raise Http404
        counts = rollup.counts_for(kept, unit)
        when = ladder.Moment(kept.as_of, kept.known_at, is_now=False)
        return Response(figures_answer(unit, when, counts, checks(counts)) | {"rollup": rollup_row(kept)})
