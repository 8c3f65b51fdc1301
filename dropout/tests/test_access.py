"""Who gets what at every address: the table typed in access_table.py, walked through a world that could leak."""

import logging

import pytest
from django.urls import URLPattern, get_resolver

from dropout.tests import access_table as table
from dropout.tests.access_walk import Walk, whole_numbers
from dropout.tests.access_world import standing_world

pytestmark = pytest.mark.django_db
LEAST_CHECKS = 4_000


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


def test_every_route_is_asked_by_a_right_and_a_wrong_method(rows):
    by_any = {"set_language", "account_login", "account_logout", "account_change_password", "account_reauthenticate"}
    refusing = {row.route for row in rows if 405 in row.expected.values()}
    answering = {row.route for row in rows if {200, 201, 202, 204, 302} & set(row.expected.values())}
    assert answering == set(names())
    assert refusing | by_any == set(names())


def test_table_makes_thousands_of_checks(rows):
    assert sum(len(row.expected) for row in rows) >= LEAST_CHECKS


@pytest.mark.parametrize("role", table.ROLES)
def test_every_route_answers_as_the_table_says_and_tells_nothing_of_other_units(world, rows, role):
    walk = Walk(world)
    wrong = walk.failures(rows, [role])
    assert not wrong, "\n".join(wrong)
    assert walk.checks == len(rows)


def test_scan_finds_a_whole_number_however_it_is_written():
    assert whole_numbers("1999940000118") == ["1999940000118"]
    assert whole_numbers("เลข 1-9999-40000-11-8 และ ๑๙๙๙๙๔๐๐๐๐๑๑๘")
    assert whole_numbers("1999940000119 a1999940000118 11999940000118 1-XXXX-XXXXX-11-8") == []
