"""Who gets what at every address: the table typed in access_table.py, walked through a world that could leak."""

import json
import logging

import pytest
from django.db import connection
from django.urls import URLPattern, get_resolver, reverse

from cases.codes import Outcome
from cases.deeds import deeds
from dropout.tests import access_table as table
from dropout.tests.access_table_trail import QUIET, expected_acts
from dropout.tests.access_walk import SENT, Asked, Walk, whole_numbers
from dropout.tests.access_world import WORDS, standing_world
from dropout.tests.mutants import MUTANTS, apply
from schools.models import AuditEvent
from schools.tests.asking import asking

pytestmark = pytest.mark.django_db
LEAST_CHECKS = 4_000
MULTIPART = {"api:imports"}  # not a program's JSON
OUT_OF_ORDER = {  # for which no child of the world stands ready: 409 to those who may
    *("api:case_clear_unsafe", "api:case_withdraw_enrolment", "api:case_follow_up", "api:case_hand_over"),
    *("api:case_drop_again", "api:case_request_not_found", "api:case_reopen"),
    *("api:list_check_sign", "api:list_check_return"),
}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with standing_world(django_db_blocker) as world:
        yield world


@pytest.fixture(autouse=True)
def quiet():
    """Thousands of refusals are meant here; the log of each would bury the one that is not."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def rows():
    return table.rows()


def names(patterns=None, namespace: str = ""):
    """The name of every route of the product, pages and API."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}"
        else:
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from names(pattern.url_patterns, inner)


def test_table_knows_every_route_and_no_other(rows):
    assert {row.route for row in rows} == set(names())


def test_table_knows_every_deed_of_the_common_page(rows):
    assert {row.deed for row in rows if row.route == "cases:act"} == set(deeds())


def test_every_route_is_asked_by_a_right_and_a_wrong_method(rows):
    by_any = {"set_language", "account_login", "account_logout", "account_change_password", "account_reauthenticate"}
    refusing = {row.route for row in rows if 405 in row.expected.values()}
    answering = {row.route for row in rows if {200, 201, 202, 204, 302} & set(row.expected.values())}
    assert answering | OUT_OF_ORDER == set(names())
    assert not answering & OUT_OF_ORDER
    assert refusing | by_any == set(names())


def test_every_route_that_writes_says_what_stands_in_the_trail_or_why_nothing_does(rows):
    done, answers = {200, 201, 202, 204, 302}, {}
    for row in rows:
        answers.setdefault((row.name, row.method), set()).update(row.expected[role] for role in table.ROLES[:-1])
    writing = {
        name for (name, method), statuses in answers.items() if method not in ("GET", "HEAD") and done & statuses
    }
    told = {name for name, method in expected_acts() if method != "GET"}
    assert writing == told | set(QUIET)
    assert not told & set(QUIET)
    assert {name for name, _method in expected_acts()} <= {row.name for row in rows}


def test_table_makes_thousands_of_checks(rows):
    assert sum(len(row.expected) for row in rows) >= LEAST_CHECKS


@pytest.mark.parametrize("role", table.ROLES)
def test_every_route_answers_as_the_table_says_and_tells_nothing_of_other_units(world, rows, role):
    walk = Walk(world)
    wrong = walk.failures(rows, [role])
    assert not wrong, "\n".join(wrong)
    assert walk.checks == len(rows)


def test_scan_finds_a_whole_number_however_it_is_written():
    assert whole_numbers("1999940000111") == ["1999940000111"]
    assert whole_numbers("เลข 1-9999-40000-11-1 และ ๑๙๙๙๙๔๐๐๐๐๑๑๑")
    assert whole_numbers("1999940000112 a1999940000111 11999940000111 1-XXXX-XXXXX-11-8") == []


# ── at rest, and what nobody may set ──────────────────────────────────────────────────────────────────────────────────
def test_no_table_holds_a_whole_national_id(world):
    """FL-04: what the database keeps of a number is sealed or masked, wherever it was typed."""
    numbers = [place.national_id for place in world.places.values()]
    told = {}
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)}")
            told[name] = " ".join(
                str(bytes(cell) if isinstance(cell, memoryview) else cell) for row in cursor for cell in row
            )
    assert len(told["cases_identifier"]) > 100
    assert {name: number for name, text in told.items() for number in numbers if number in text} == {}


NEVER_SET = ("is_staff", "is_superuser", "stage", "rung", "reached", "known_at", "claimed_by", "is_unsafe", "pk")


def test_what_no_program_may_set_is_refused_by_name_on_every_route_that_writes(world, rows):
    """AP-03: mass assignment, on each operation, by who may do it; nothing is ignored and nothing is written."""
    walk, asked, silent = Walk(world), set(), []
    for row in rows:
        may = [role for role in table.ROLES if row.expected[role] in (200, 201, 202)]
        json_body = row.route.startswith("api:") and row.method == "POST" and row.name in SENT
        if not may or not json_body or row.route in MULTIPART:
            continue
        answer = walk.ask(Asked(row, may[0], world), more=dict.fromkeys(NEVER_SET, True))
        asked.add(row.route)
        refused = json.loads(answer.text.partition("\n")[2]).get("errors", {}) if answer.status == 400 else {}
        if not set(NEVER_SET) <= set(refused) or answer.touched:
            silent.append(f"{row} as {may[0]}: {answer.status} {sorted(refused)}")
    assert not silent, "\n".join(silent)
    assert len(asked) >= 20


# ── the trail and the logs ────────────────────────────────────────────────────────────────────────────────────────────
def test_nothing_that_writes_is_done_where_the_trail_cannot_be_written(world, rows, monkeypatch):
    """AU-06: act and trail are one transaction, on every route that leaves an act; to leave is always possible."""
    walk, seen, done = Walk(world), set(), []
    acts = {name for name, method in expected_acts() if method != "GET"} - {"account_logout"}
    for row in rows:
        may = [role for role in table.ROLES[:-1] if row.expected[role] in (200, 201, 202, 302)]
        if row.name not in acts or row.method == "GET" or not may or row.name in seen:
            continue
        seen.add(row.name)
        walk.way_in(may[0])  # to come in is an act, too
        with monkeypatch.context() as full:
            full.setattr(AuditEvent.objects, "create", _full)
            answer = walk.ask(Asked(row, may[0], world))
        if answer.status < 500 or answer.touched or answer.queued:
            done.append(f"{row} as {may[0]}: {answer.status} {answer.touched} {answer.queued}")
    assert not done, "\n".join(done)
    assert seen == acts


def _full(**_event):
    raise RuntimeError("the trail is full")


def test_no_log_tells_of_a_child(world, rows, caplog):
    """LG-02: whatever those who may see everything of their place ask, send and are refused."""
    logging.disable(logging.NOTSET)
    walk = Walk(world)
    with caplog.at_level(logging.DEBUG):
        for role in ("director", "district"):
            for row in rows:
                if row.relation in ("own", "-", "mine", "received", "id_own", "in_own", "behind_own"):
                    walk.ask(Asked(row, role, world))
    told = "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in caplog.records if _is_ours(record))
    assert len(told) > 1000
    marks = {mark for place in world.places.values() for mark in place.person}
    assert {mark for mark in marks if mark in told} == set()
    assert whole_numbers(told) == []


def _is_ours(record) -> bool:
    """Not the tools of the test itself: statements to the database are logged nowhere in production."""
    return not record.name.startswith(("django.db", "faker", "PIL", "asyncio"))


# ── the rule broken on purpose ────────────────────────────────────────────────────────────────────────────────────────
REDUCED = {"cases:case_detail", "api:figures"}
SUSPECTS = ("district", "department", "auditor", "admin", "charlie", "former")


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_each_mutant_of_the_rule_is_caught(world, rows, monkeypatch, mutant):
    apply(mutant, monkeypatch)
    wrong = Walk(world).failures([row for row in rows if row.route in REDUCED], SUSPECTS)
    assert any(mutant.caught_by in sentence for sentence in wrong), wrong


def test_reduced_walk_is_clean_before_and_after_a_mutant(world, rows, monkeypatch):
    few = [row for row in rows if row.route in REDUCED]
    with monkeypatch.context() as passing:
        apply(MUTANTS[0], passing)
        assert Walk(world).failures(few, SUSPECTS) != []
    assert Walk(world).failures(few, SUSPECTS) == []


def test_mutants_are_five_or_more_and_one_line_each():
    assert len({mutant.old for mutant in MUTANTS}) >= 5
    assert all("\n" not in mutant.old + mutant.new and mutant.old != mutant.new for mutant in MUTANTS)


# ── fields one may not read (FL-03) ───────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("role", ["ministry", "auditor"])
def test_a_name_cannot_be_guessed_by_searching_for_it_where_names_are_not_seen(world, client, role):
    client.force_login(world.actors[role])
    by_token = asking(world.actors[role])
    for name, place in world.places.items():
        for word in (WORDS[name], f"น้อง{WORDS[name]}"):
            page = client.get(reverse("cases:case_list"), {"q": word})
            assert page.context["rows"] == []
            assert place.case.number not in page.content.decode()
            assert by_token.get(reverse("api:cases"), {"q": word}).json()["results"] == []
        assert [row["case"] for row in client.get(reverse("cases:case_list"), {"q": place.case.number}).context["rows"]]


def test_a_name_is_found_where_it_may_be_seen_and_nowhere_else(world, client):
    client.force_login(world.actors["district"])
    found = {}
    for name in world.places:
        page = client.get(reverse("cases:case_list"), {"q": WORDS[name]})
        found[name] = len(page.context["rows"])
    assert found == {"own": 2, "sister": 2, "other_district": 0, "secondary": 0, "college": 0, "other_province": 0}


@pytest.mark.parametrize("role", ["ministry", "auditor"])
def test_a_health_matter_is_told_only_with_the_name(world, client, role):
    """Every case of the world has one; figures may count it, no line beside a case number may say it."""
    case = world.places["own"].case
    client.force_login(world.actors[role])
    by_token = asking(world.actors[role])
    words = (str(Outcome.HEALTH.label), '"health"')
    told = [
        client.get(reverse("cases:case_detail", args=[case.number])),
        client.get(reverse("cases:case_list")),
        client.get(reverse("reports:children", args=["school:46990001"])),
        by_token.get(reverse("api:case", args=[case.number])),
        by_token.get(reverse("api:visits", args=[case.number])),
        by_token.get(reverse("api:cases")),
    ]
    for answer in told:
        assert answer.status_code == 200
        assert case.number in answer.content.decode() or answer is told[4]
        assert not any(word in answer.content.decode() for word in words), answer.request["PATH_INFO"]
    client.force_login(world.actors["teacher"])
    assert words[0] in client.get(reverse("cases:case_detail", args=[case.number])).content.decode()
