"""List checking by programs: progress of the lists, answers to many lines named by their cases."""

import pytest
from django.urls import reverse

from cases.models import Case, EntryCheck, ListVersion
from cases.tests.test_check_pages import line, version  # noqa: F401 - a fixture
from schools.tests.asking import asking

pytestmark = pytest.mark.usefixtures("version")


def answers(person, **said):
    url = reverse("api:list_check", args=[ListVersion.objects.get(number=2).pk])
    return asking(person).post(url, said, content_type="application/json")


def test_the_lists_of_my_units_and_how_far_they_are(cast):
    answers(cast.teacher, cases=[line("มะลิ").case.number], answer="correct")
    (one,) = asking(cast.teacher).get(reverse("api:list_checks")).json()
    assert (one["list"], one["number"], one["lines"], one["answered"]) == ("บัญชีสมมุติ", 2, 3, 1)
    assert (one["by_answer"], one["state"]) == ({"correct": 1}, "")
    (one,) = asking(cast.province).get(reverse("api:list_checks")).json()
    assert (one["lines"], one["answered"]) == (4, 1)
    assert asking(cast.south_director).get(reverse("api:list_checks")).json() == []
    assert asking(cast.ministry).get(reverse("api:list_checks")).status_code == 403


def test_many_lines_take_one_answer_and_those_that_cannot_are_named(cast):
    elsewhere, gone = line("มะเขือ").case.number, line("มะกรูด").case.number
    numbers = [line("มะลิ").case.number, line("มะนาว").case.number, gone, elsewhere]
    said = {"answer": "in_education", "evidence": "ตรวจกับ DMC แล้ว", "outcome": "enrolled_same_affiliation"}
    told = answers(cast.teacher, cases=numbers, **said).json()
    assert told["done"] == 2
    assert {one["case"] for one in told["skipped"]} == {gone, elsewhere}
    assert EntryCheck.objects.count() == 2
    assert Case.objects.get(number=numbers[0]).outcome == 2


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"answer": "not_ours"}, 409),  # without evidence
        ({"answer": "duplicate"}, 400),
        ({"answer": "in_education", "evidence": "ตรวจแล้ว", "outcome": "deceased"}, 400),
        ({"answer": "in_education", "evidence": "ตรวจแล้ว"}, 409),
        ({"answer": "correct", "cases": []}, 400),
        ({"answer": "correct", "extra": 1}, 400),
    ],
)
def test_what_cannot_be_taken_is_refused_in_both_languages(cast, said, status):
    told = answers(cast.teacher, **{"cases": [line("มะลิ").case.number]} | said)
    assert told.status_code == status
    assert not EntryCheck.objects.exists()
