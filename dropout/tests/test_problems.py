"""How a refusal is said, to people and to programs; and what the API reads, pages and filters by."""

import json
import logging

import django_filters
import pytest
from django.http import Http404
from django.test import override_settings
from django.urls import path
from rest_framework import generics, serializers
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView

from cases.actions import IllegalAction
from cases.reveal import RevealRefused
from dropout import urls as real_urls
from schools.models import Province
from schools.serializers import StrictSerializer


class VisitLike(StrictSerializer):
    name = serializers.CharField(max_length=10)
    number = serializers.IntegerField(read_only=True)


class Echo(APIView):
    def post(self, request):
        if isinstance(request.data, list):
            return Response(request.data)
        visit = VisitLike(data=request.data)
        visit.is_valid(raise_exception=True)
        return Response(visit.validated_data)


class Raises(APIView):
    def get(self, request, what):
        raise {
            "illegal": IllegalAction("เปลี่ยนไม่ได้", "Cannot change."),
            "refused": RevealRefused(429, "daily_limit", "ครบแล้ว", "Limit reached."),
            "missing": Http404("secret path /srv/app"),
            "bug": ZeroDivisionError("SELECT secret FROM child at /srv/app"),
        }[what]


class ProvinceFilter(django_filters.FilterSet):
    class Meta:
        model = Province
        fields = ["region"]


class ProvinceOut(serializers.ModelSerializer):
    class Meta:
        model = Province
        fields = ["id", "name_th"]


class Provinces(generics.ListAPIView):
    queryset = Province.objects.all()
    serializer_class = ProvinceOut
    filterset_class = ProvinceFilter
    known_parameters = ("as_of",)


urlpatterns = [
    path("api/v1/echo/", Echo.as_view()),
    path("api/v1/raises/<str:what>/", Raises.as_view()),
    path("api/v1/provinces/", Provinces.as_view()),
    *real_urls.urlpatterns,
]
handler400, handler403, handler404 = real_urls.handler400, real_urls.handler403, real_urls.handler404
handler500 = real_urls.handler500

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(cast):
    with override_settings(ROOT_URLCONF=__name__):
        client = APIClient(raise_request_exception=False)
        client.force_authenticate(cast.auditor)
        yield client


def problem_of(answer, status: int) -> dict:
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("application/problem+json")
    body = json.loads(answer.content)
    assert body["status"] == status
    assert {"type", "title", "code", "detail", "detail_th", "detail_en", "request_id"} <= set(body)
    assert body["request_id"] == answer["X-Request-ID"]
    assert body["detail"] in (body["detail_th"], body["detail_en"])
    return body


def test_anonymous_is_401_in_problem_json(api):
    api.force_authenticate(None)
    assert problem_of(api.get("/api/v1/provinces/"), 401)["detail_th"] == "กรุณาเข้าสู่ระบบใหม่"


def test_detail_is_in_the_readers_language(api):
    assert problem_of(api.get("/api/v1/raises/missing/"), 404)["detail"] == "ไม่พบรายการ"
    english = problem_of(api.get("/api/v1/raises/missing/", HTTP_ACCEPT_LANGUAGE="en"), 404)
    assert english["detail"] == "Not found."


def test_domain_errors_are_told_in_their_own_words(api):
    illegal = problem_of(api.get("/api/v1/raises/illegal/"), 409)
    assert (illegal["detail_th"], illegal["detail_en"]) == ("เปลี่ยนไม่ได้", "Cannot change.")
    refused = problem_of(api.get("/api/v1/raises/refused/"), 429)
    assert (refused["code"], refused["detail_en"]) == ("daily_limit", "Limit reached.")


@pytest.mark.parametrize("what", ["missing", "bug"])
def test_no_stack_query_or_path_is_told(api, what, caplog):
    with caplog.at_level(logging.CRITICAL):
        answer = api.get(f"/api/v1/raises/{what}/")
    problem_of(answer, 404 if what == "missing" else 500)
    for inside in ("srv", "SELECT", "secret", "ZeroDivision", "Traceback"):
        assert inside not in answer.content.decode()


def test_unknown_address_of_the_api_is_problem_json_and_of_the_pages_a_page(api):
    problem_of(api.get("/api/v1/nowhere/"), 404)
    page = api.get("/nowhere/")
    assert page.status_code == 404
    assert "ไม่พบหน้านี้" in page.content.decode()
    assert "Page not found" in page.content.decode()


def test_unforeseen_error_of_a_page_is_a_page_in_two_languages(rf):
    from dropout.problems import server_error

    page = server_error(rf.get("/cases/"))
    assert page.status_code == 500
    assert "ระบบขัดข้อง" in page.content.decode()
    assert "Something broke on our side" in page.content.decode()


@pytest.mark.parametrize("field", ["number", "school", "is_staff", "created_at", "status"])
def test_unknown_or_read_only_field_is_400_and_named(api, field):
    body = problem_of(api.post("/api/v1/echo/", {"name": "x", field: 1}, format="json"), 400)
    assert body["errors"] == {field: [f"ช่อง “{field}” แก้ไขไม่ได้"]}
    assert body["code"] == "unknown_field"


def test_known_fields_pass(api):
    assert api.post("/api/v1/echo/", {"name": "x"}, format="json").json() == {"name": "x"}


def send(api, body: bytes, kind: str = "application/json"):
    return api.generic("POST", "/api/v1/echo/", body, content_type=kind)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"name": NaN}',
        b'{"name": "\xff"}',
        b'{"name": "\\ud800"}',
        b'{"name": "a\\u0000"}',
        b'{"\\u0000": "a"}',
        b"[" * 11 + b"]" * 11,
        b"[" * 100_000,
    ],
)
def test_json_that_is_none_or_not_ours_is_400(api, body):
    problem_of(send(api, body), 400)


def test_ten_levels_pass(api):
    assert send(api, b"[" * 10 + b"]" * 10).status_code == 200


def test_body_over_a_megabyte_is_413_and_one_of_it_is_read(api):
    inside = b'{"name": "' + b"x" * (1_048_576 - 12) + b'"}'
    assert problem_of(send(api, inside), 400)["errors"]["name"]  # read, and judged too long a name
    problem_of(send(api, inside + b" "), 413)


def test_other_types_are_415_and_other_methods_405(api):
    problem_of(send(api, b"name=x", "application/x-www-form-urlencoded"), 415)
    problem_of(api.get("/api/v1/echo/"), 405)


@pytest.mark.parametrize("size", ["0", "101", "1000000", "-1", "abc", "๑๐", "", "1e2", "10\n"])
def test_page_size_outside_the_range_is_400(api, size):
    body = problem_of(api.get("/api/v1/provinces/", {"page_size": size}), 400)
    assert body["errors"] == {"page_size": ["page_size ต้องอยู่ระหว่าง 1–100"]}


def test_pages_follow_by_cursor_and_hold_what_was_asked(api):
    seen, url = [], "/api/v1/provinces/?page_size=50"
    while url:
        page = api.get(url).json()
        assert len(page["results"]) <= 50
        seen += [row["id"] for row in page["results"]]
        url = page["next"]
    assert seen == sorted(Province.objects.values_list("pk", flat=True))


@pytest.mark.parametrize(
    "query",
    [
        "offset=1000000000",
        "page=-1",
        "national_id__startswith=1",
        "ordering=national_id",
        "fields=*",
        "region__name_th=x",
    ],
)
def test_unknown_parameter_is_400_and_named(api, query):
    body = problem_of(api.get(f"/api/v1/provinces/?{query}"), 400)
    assert body["errors"] == {query.split("=")[0]: ["ตัวกรองนี้ไม่อนุญาต"]}


def test_known_parameters_pass(api):
    page = api.get("/api/v1/provinces/?region=12&as_of=2022-02-28&page_size=100")
    assert page.status_code == 200
    assert len(page.json()["results"]) == Province.objects.filter(region=12).count()


def test_bad_cursor_is_refused(api):
    assert api.get("/api/v1/provinces/?cursor=nonsense").status_code == 404
