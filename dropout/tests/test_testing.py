"""The fixtures themselves: the facts stand in every test database, also after a test that empties it."""

import pytest

from schools.models import Province, School


@pytest.mark.django_db
def test_the_reference_facts_stand_without_being_asked_for():
    assert Province.objects.count() == 77


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", ["first", "after the first has emptied the tables"])
def test_a_transactional_test_finds_the_cast_and_the_facts(cast, time):
    assert Province.objects.count() == 77
    assert School.objects.count() == 7
    assert cast.teacher.postings.get().unit == f"school:{cast.own_school.code}"
