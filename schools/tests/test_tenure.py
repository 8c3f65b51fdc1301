from datetime import date, timedelta

import pytest

from dropout.testing import SINCE
from schools import scope, tenure
from schools.models import Person, Posting
from schools.scope import postings_of
from schools.thaitime import bangkok_today

pytestmark = pytest.mark.django_db


def at(monkeypatch, day: date) -> None:
    """The product's today is `day`."""
    monkeypatch.setattr(scope, "bangkok_today", lambda: day)


def anew(person: Person) -> Person:
    return Person.objects.get(pk=person.pk)


@pytest.mark.parametrize(
    ("today", "due", "stopped"),
    [
        (date(2026, 9, 30), date(2025, 10, 1), date(2025, 11, 30)),
        (date(2026, 10, 1), date(2026, 10, 1), date(2026, 11, 30)),
        (date(2027, 1, 1), date(2026, 10, 1), date(2026, 11, 30)),
    ],
)
def test_postings_fall_due_on_the_first_day_of_the_fiscal_year(today, due, stopped):
    assert tenure.due_day(today) == due
    assert tenure.suspension_day(today) == stopped


@pytest.mark.parametrize(
    ("confirmed", "today", "state"),
    [
        (date(2026, 9, 30), date(2026, 9, 30), "active"),
        (date(2026, 9, 30), date(2026, 10, 1), "due"),
        (date(2026, 10, 1), date(2026, 10, 1), "active"),
        (date(2026, 9, 30), date(2026, 11, 29), "due"),
        (date(2026, 9, 30), date(2026, 11, 30), "suspended"),
        (date(2025, 9, 30), date(2026, 10, 2), "suspended"),  # of the year before: the new year opens nothing again
        (date(2026, 10, 1), date(2027, 9, 30), "active"),
    ],
)
def test_a_posting_nobody_confirms_is_due_and_after_sixty_days_suspended(cast, monkeypatch, confirmed, today, state):
    Posting.objects.filter(person=cast.teacher).update(confirmed_on=confirmed)
    at(monkeypatch, today)
    posting = cast.teacher.postings.get()
    assert tenure.state_of(posting, today) == state
    found = [one for one in tenure.STATES if Posting.objects.filter(tenure.in_state(one, today), pk=posting.pk)]
    assert found == [state]
    assert bool(postings_of(anew(cast.teacher))) == (state != "suspended")
    assert Posting.objects.filter(tenure.holding(today), pk=posting.pk).exists() == (state != "suspended")


def test_the_grace_and_the_day_are_settings(cast, settings):
    settings.POSTINGS_DUE_ON, settings.POSTINGS_GRACE_DAYS = (5, 16), 10
    posting = cast.teacher.postings.get()
    posting.confirmed_on = date(2026, 5, 15)
    assert not tenure.is_suspended(posting, date(2026, 5, 25))
    assert tenure.is_suspended(posting, date(2026, 5, 26))


@pytest.mark.parametrize("name", ["admin", "teacher"])
def test_the_administrator_and_the_demo_are_due_and_never_suspended(cast, name):
    person = getattr(cast, name)
    Person.objects.filter(pk=person.pk).update(is_demo=name == "teacher")
    Posting.objects.filter(person=person).update(confirmed_on=date(2020, 1, 1))
    today = bangkok_today()
    posting = anew(person).postings.get()
    assert tenure.state_of(posting, today) == "due"
    assert Posting.objects.filter(tenure.in_state("due", today)).get() == posting
    assert postings_of(anew(person)) == [posting]


def test_every_state_has_its_condition_and_they_divide_the_postings(cast):
    today = bangkok_today()
    invited = Person.objects.create(username="new")
    invited.set_unusable_password()
    invited.save()
    closed = Person.objects.create_user("closed", "", is_active=False)
    for person, more in (
        (invited, {}),
        (closed, {}),
        (cast.charlie, {"since": today + timedelta(days=1)}),
        (cast.charlie, {"until": today - timedelta(days=1)}),
        (cast.charlie, {"until": today, "cut_at": "2026-01-01T00:00Z"}),
        (cast.charlie, {"confirmed_on": tenure.due_day(today) - timedelta(days=1)}),
    ):
        Posting.objects.create(
            **({"person": person, "role": "teacher", "unit": "school:46990001", "since": SINCE} | more)
        )
    by_rule = {state: set(Posting.objects.filter(tenure.in_state(state, today))) for state in tenure.STATES}
    by_hand = {state: set() for state in tenure.STATES}
    for posting in Posting.objects.select_related("person"):
        by_hand[tenure.state_of(posting, today)].add(posting)
    assert by_rule == by_hand
    assert [len(by_hand[state]) for state in ("invited", "coming", "ended")] == [1, 1, 3]
    held = {posting for posting in Posting.objects.all() if tenure.holds(posting, today)}
    assert held == set(Posting.objects.filter(tenure.holding(today)))
