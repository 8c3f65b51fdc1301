"""ข้อมูลซ้ำซ้อน for programs: the pairs in scope and the decision, by the same calls as the pages."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases import duplicates, merging
from cases.codes import PairState, Sameness
from cases.models import Duplicate
from schools import roles
from schools.answers import (
    CURSOR_PARAMETERS,
    PAGE_PARAMETERS,
    StrictView,
    page,
    page_schema,
    read_cursor,
    read_page_size,
    text_parameter,
    write_cursor,
)
from schools.serializers import StrictSerializer

PAIR = OpenApiParameter("pair", {"type": "integer", "minimum": 1, "maximum": 2**53 - 1}, OpenApiParameter.PATH)


class DuplicateSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    cases = serializers.ListField(child=serializers.CharField(), help_text="the numbers of both cases")
    why = serializers.ChoiceField(choices=[(why.value, why.value) for why in Sameness])
    state = serializers.ChoiceField(choices=[(state.value, state.value) for state in PairState])
    found_at = serializers.DateTimeField()
    survivor = serializers.CharField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)


class DecisionSerializer(StrictSerializer):
    decision = serializers.ChoiceField(choices=["merge", "not_same", "undo"])
    reason = serializers.CharField(min_length=5, max_length=500)


DuplicatePage = page_schema("DuplicatePage", DuplicateSerializer)


def _row(pair: Duplicate) -> dict[str, Any]:
    return {
        "id": pair.pk,
        "cases": [case.number for case in pair.cases()],
        "why": pair.why,
        "state": pair.state,
        "found_at": pair.found_at,
        "survivor": pair.survivor.number if pair.survivor else None,
        "decided_at": pair.decided_at,
    }


def _in_scope(request: Request):
    return duplicates.visible_to(request.user).select_related("first", "second", "survivor")


class DuplicateList(StrictView):
    """The pairs of which the person may see both cases, waiting ones unless `state` says otherwise."""

    known_parameters = PAGE_PARAMETERS | {"state"}

    @extend_schema(
        operation_id="duplicates_list",
        summary="ข้อมูลซ้ำซ้อน · cases that may be of one child",
        parameters=[text_parameter("state", "สถานะ", "state", enum=PairState.values), *CURSOR_PARAMETERS],
        responses=DuplicatePage,
    )
    def get(self, request: Request) -> Response:
        if not roles.can(request.user, roles.RESOLVE_DUPLICATES):
            self.permission_denied(request)
        size, place = read_page_size(request), read_cursor(request, int) or (0,)
        state = request.query_params.get("state", PairState.OPEN)
        if state not in PairState.values:
            raise serializers.ValidationError({"state": [f"{', '.join(PairState.values)}"]})
        rows = list(_in_scope(request).filter(state=state, pk__gt=place[0]).order_by("pk")[: size + 1])
        following = write_cursor(rows[size - 1].pk) if len(rows) > size else ""
        return Response(page(request, [_row(pair) for pair in rows[:size]], following))


class DuplicateDecide(StrictView):
    """Merge (or ask for it), tell apart, undo."""

    @extend_schema(
        operation_id="duplicates_decide",
        summary="ตัดสินข้อมูลซ้ำซ้อน · merge, not_same or undo; 409 where it was decided already",
        parameters=[PAIR],
        request=DecisionSerializer,
        responses=DuplicateSerializer,
    )
    def post(self, request: Request, pair: int) -> Response:
        found = _in_scope(request).filter(pk=pair).first()
        if found is None:
            raise Http404
        body = DecisionSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        merging.carry_out(found, person=request.user, **body.validated_data)
        return Response(_row(_in_scope(request).get(pk=pair)))
