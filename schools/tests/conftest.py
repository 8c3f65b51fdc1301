"""Fixtures of the guard's tests."""

import pytest

from schools.tests.guard_world import make_country


@pytest.fixture
def country(db):
    return make_country()
