"""Pages of a long list: a program's page of 100 cases beside an empty view, a deep page beside the first."""

import time

from django.core.cache import caches
from django.http import HttpRequest, JsonResponse
from django.test import RequestFactory
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.test import force_authenticate
from rest_framework.views import APIView

from cases.listing import listed
from cases.models import Case
from dropout.bench.measuring import Row, in_turn, timed
from dropout.bench.world import World
from reports.api import CaseList
from schools.models import Person

REPEAT = 20  # requests a run: one alone is too short for the process clock
PAGE, DEEP = 20, 5_000


def measure(world: World, runs: int) -> list[Row]:
    """The API's list and the deep page, as the ministry asks for them."""
    return [_list_of_hundred(world, runs), _deep_page(world, runs)]


class _RivalRow(serializers.Serializer):
    """The columns of cases.listing, as a serializer over model instances."""

    number = serializers.CharField()
    first_name = serializers.CharField(source="child.first_name")
    last_name = serializers.CharField(source="child.last_name")
    category = serializers.IntegerField()
    stage = serializers.IntegerField()
    stage_since = serializers.DateTimeField()
    due_at = serializers.DateTimeField()
    opened_at = serializers.DateTimeField()
    episode = serializers.IntegerField()
    rung = serializers.IntegerField()
    outcome = serializers.IntegerField()
    wish = serializers.IntegerField()
    reached = serializers.IntegerField()
    visits = serializers.IntegerField(source="visits_count")
    last_visit_at = serializers.DateTimeField()
    unit_name = serializers.CharField(source="school.name_th", default=None)
    district = serializers.CharField(source="district.code")
    province = serializers.IntegerField(source="province_id")
    department = serializers.CharField(source="department.code")


class _RivalList(APIView):
    """The same page by select_related and a serializer."""

    def get(self, request) -> Response:
        rows = Case.objects.visible_to(request.user).select_related("child", "school", "district", "department")
        return Response(_RivalRow(rows.order_by("pk")[:100], many=True).data)


def _empty(request: HttpRequest) -> JsonResponse:
    return JsonResponse({})


def _asked(view, person: Person) -> float:
    """Processor seconds of this process for one request, the mean of REPEAT."""
    factory = RequestFactory(SERVER_NAME="localhost")
    for cache in caches.all():
        cache.clear()  # else the limit of requests a minute ends the bench

    def ask() -> None:
        for _ in range(REPEAT):
            request = factory.get("/api/v1/cases/", {"page_size": "100"})
            force_authenticate(request, person)
            request.user = person
            answer = view(request)
            if hasattr(answer, "render"):
                answer.render()
            if answer.status_code != 200:
                raise RuntimeError(f"the list answered {answer.status_code}: {answer.content[:300]}")

    return timed(ask, time.process_time) / REPEAT


def _list_of_hundred(world: World, runs: int) -> Row:
    ours, rival = CaseList.as_view(), _RivalList.as_view()
    _asked(ours, world.ministry)  # opens the connection, compiles the query
    spent = in_turn(
        runs,
        floor=lambda: _asked(_empty, world.ministry),
        ours=lambda: _asked(ours, world.ministry),
        rival=lambda: _asked(rival, world.ministry),
    )
    return Row(
        "API list of 100 cases, Python CPU",
        "empty JSON view",
        spent["floor"],
        spent["ours"],
        55,
        runs,
        {"DRF select_related": spent["rival"]},
        note=f"the views called without middleware, {REPEAT} requests a run, processor time of the Python process.",
    )


def _deep_page(world: World, runs: int) -> Row:
    cases = Case.objects.visible_to(world.ministry)
    total = cases.count()
    deep = min(DEEP, max(total // PAGE, 2))
    before = cases.order_by("pk").values_list("pk", flat=True)[(deep - 1) * PAGE - 1]

    def page(after: int) -> float:
        return timed(lambda: listed(cases, world.ministry, after=after, size=PAGE))

    def by_offset() -> float:
        start = (deep - 1) * PAGE
        return timed(lambda: list(cases.select_related("child", "school").order_by("pk")[start : start + PAGE]))

    page(0), page(before)
    spent = in_turn(runs * 5, floor=lambda: page(0), ours=lambda: page(before), rival=by_offset)
    return Row(
        f"page {deep:,} of a list ({PAGE} a page)",
        "page 1",
        spent["floor"],
        spent["ours"],
        1.5,
        runs * 5,
        {"OFFSET": spent["rival"]},
    )
