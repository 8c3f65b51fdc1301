"""Every case stands where its facts put it; one that does not is found, said and put right."""

from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command

from cases import rederiving
from cases.codes import Finding, Stage
from cases.models import FOREVER, Case, Span
from cases.visits import VisitContent, record_visit


def rederive(*arguments):
    """(exit code, what it said)."""
    out = StringIO()
    try:
        call_command("rederive_stages", *arguments, stdout=out)
    except SystemExit as end:
        return end.code, out.getvalue()
    return 0, out.getvalue()


@pytest.fixture
def cases(cast, make_case, monkeypatch):
    monkeypatch.setattr(rederiving, "BATCH", 2)  # more than one batch
    made = [make_case(cast.own_school) for _ in range(5)]
    record_visit(made[1], VisitContent(finding=Finding.FOUND), person=cast.teacher, uuid=uuid4())
    return made


def test_cases_as_their_facts_made_them_differ_in_nothing(cases):
    assert rederive() == (0, "cases 5\ndifferences 0\n")


def test_a_stage_written_by_hand_is_found_said_and_mended(cases):
    Case.objects.filter(pk=cases[3].pk).update(stage=Stage.RETAINED, visits_count=7)
    code, said = rederive()
    assert code == 1
    assert f"{cases[3].number} stage: 8 -> 1; visits_count: 7 -> 0" in said
    assert "differences 1" in said
    assert rederive("--fix")[0] == 0
    assert rederive() == (0, "cases 5\ndifferences 0\n")
    assert Case.objects.get(pk=cases[3].pk).stage == Stage.ASSIGNED


def test_a_span_that_says_otherwise_is_superseded_and_stays_readable(cases):
    Span.objects.filter(case=cases[1], until=FOREVER).update(stage=Stage.CLOSED)
    code, said = rederive()
    assert (code, "spans: 2" in said) == (1, True)
    rederive("--fix")
    assert rederive()[0] == 0
    assert Span.objects.filter(case=cases[1], stage=Stage.CLOSED).exclude(known_until=FOREVER).count() == 1


def test_new_deadlines_make_new_due_dates(cases, settings):
    settings.STAGE_DEADLINES = {"obec": {"assigned": 3}}
    code, said = rederive("--fix")
    assert (code, said.count("due_at")) == (0, 4)
    assert rederive()[0] == 0
