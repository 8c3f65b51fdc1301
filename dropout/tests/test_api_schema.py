"""The OpenAPI document is complete, its pages are closed to strangers, and every answer is as it says."""

import io
from collections import Counter
from itertools import count
from uuid import uuid4

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from django.urls import get_resolver
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from cases.codes import Finding
from cases.visits import VisitContent, record_visit
from dropout.api_urls import v1
from dropout.wsgi import application
from schools.models import Job
from schools.tests.asking import asking
from schools.tokens import create_token

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 12


@pytest.fixture
def kept_connection():
    """The whole application is asked, as a server would: its signals must not close the test's own connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def document() -> dict:
    return SchemaGenerator().get_schema(request=None, public=True)


def test_the_document_is_made_and_validated_without_a_warning(db):
    said = io.StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=said)
    assert "/api/v1/figures/" in said.getvalue()


def test_every_route_of_the_api_is_in_the_document():
    paths = document()["paths"]
    assert len(paths) == len(v1)
    assert "api" in get_resolver().namespace_dict


def test_every_operation_says_how_it_refuses_and_is_told_in_thai_and_english():
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            assert "application/problem+json" in operation["responses"]["default"]["content"], (method, path)
            assert " · " in operation["summary"], (method, path)


def test_the_document_and_its_page_are_for_those_who_are_in(cast):
    assert Client().get("/api/schema/").status_code == 401
    led = Client().get("/api/docs/")
    assert (led.status_code, led.headers["Location"]) == (302, "/login/?next=/api/docs/")
    assert asking(cast.teacher).get("/api/schema/", headers={"accept": "*/*"}).status_code == 200


def test_the_page_of_the_document_keeps_to_the_content_security_policy(cast):
    client = Client()
    client.force_login(cast.teacher)
    page = client.get("/api/docs/")
    body = page.content.decode()
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "<style" not in body
    assert "style=" not in body
    assert "<script>" not in body
    assert "cdn" not in body
    script = client.get("/api/docs/?script=")
    assert script.headers["Content-Type"].startswith("application/javascript")
    assert "/api/schema/" in script.content.decode()


def fuzz(operation, ask) -> None:
    """Call `ask` with EXAMPLES requests made after the document, and the number of each."""
    turns = count()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(made=operation.as_strategy())
    def each(made):
        ask(made, next(turns))

    each()


@pytest.mark.slow
@pytest.mark.parametrize("who", ["district", "ministry", "charlie"])
def test_no_input_breaks_an_operation_and_every_answer_is_as_the_document_says(cast, make_case, kept_connection, who):
    person = getattr(cast, who)
    case = make_case(cast.own_school, name="มะลิ สมมุติ")
    record_visit(case, VisitContent(finding=Finding.FOUND), person=cast.teacher, uuid=uuid4())
    job = Job.objects.create(kind="export_line_list", by=person)
    real = {"number": case.number, "job": job.pk, "unit": "district:P4603", "period": "2565-02"}
    token = create_token(person)
    schema = schemathesis.openapi.from_dict(document())
    schema.app = application
    answers = Counter()

    def ask(made, turn: int) -> None:
        for name in set(made.path_parameters or ()) & set(real):
            if turn % 3:  # mostly what is really there, else every answer were a 404
                made.path_parameters[name] = real[name]
        if made.method == "GET" and turn % 2:  # and every other time a plain question, else every answer were a 400
            made.query = {name: real[name] for name in ("unit",) if name in (made.query or {})}
        answer = made.call_and_validate(
            headers={"Authorization": f"Token {token}", "Accept-Encoding": "identity"}, checks=CHECKS
        )
        answers[made.method, answer.status_code] += 1

    for found in schema.get_all_operations():
        fuzz(found.ok(), ask)
    assert answers["GET", 200] >= 20
    assert answers["GET", 404] >= 3
    assert answers["POST", 400] + answers["POST", 404] >= 20
    assert sum(answers.values()) >= len(v1) * EXAMPLES / 2
