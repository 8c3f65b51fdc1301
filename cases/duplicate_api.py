"""ข้อมูลซ้ำซ้อน for programs: the pairs in scope and the decision, by the same calls as the pages."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
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
    choice,
    id_parameter,
    page_schema,
    paged,
    text_parameter,
)
from schools.serializers import StrictSerializer

PAIR = id_parameter("pair")


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
        rows = _in_scope(request).filter(state=choice(request, "state", PairState.values, PairState.OPEN))
        return paged(request, rows, "pk", tell=lambda found: [_row(pair) for pair in found])


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
        found = get_object_or_404(_in_scope(request), pk=pair)
        body = DecisionSerializer.of(request)
        merging.carry_out(found, person=request.user, **body.validated_data)
        return Response(_row(_in_scope(request).get(pk=pair)))
