from datetime import timedelta

import pytest

from schools import postings
from schools.models import AuditEvent, Person, Posting
from schools.people import PersonRefused
from schools.postings import MayNotGive, PostingEnded
from schools.scope import postings_of
from schools.tests.asking import asking
from schools.thaitime import bangkok_today

pytestmark = pytest.mark.django_db
OWN = "school:46990001"


def told(action: str) -> list[dict]:
    return [event.details for event in AuditEvent.objects.filter(action=action).order_by("pk")]


def anew(person: Person) -> Person:
    return Person.objects.get(pk=person.pk)


def test_a_posting_is_given_with_dates_once_and_recorded(cast):
    last = bangkok_today() + timedelta(days=30)
    about = {"role": "teacher", "unit": OWN, "until": last, "by": cast.director}
    given, is_new = postings.give(cast.charlie, **about)
    again, is_new_again = postings.give(cast.charlie, **about)
    assert (given, is_new, is_new_again) == (again, True, False)
    assert (given.since, given.until) == (bangkok_today(), last)
    event = AuditEvent.objects.get(action="posting_give", person=cast.director)
    assert (event.role, event.unit, event.details["unit_given"]) == ("director", OWN, OWN)


@pytest.mark.parametrize(
    ("giver", "role", "unit"),
    [
        ("teacher", "teacher", OWN),
        ("director", "director", OWN),
        ("director", "teacher", "school:46990002"),
        ("district", "teacher", "school:46990003"),
        ("district", "province", "province:46"),
        ("department", "district", "district:V4601"),
        ("ministry", "admin", "nation"),
        ("auditor", "teacher", OWN),
    ],
)
def test_nothing_is_given_beyond_ones_reach(cast, giver, role, unit):
    before = Posting.objects.count()
    with pytest.raises(MayNotGive) as refusal:
        postings.give(cast.charlie, role=role, unit=unit, by=getattr(cast, giver))
    assert refusal.value.status == 403
    assert refusal.value.message_th != refusal.value.message_en
    assert Posting.objects.count() == before


@pytest.mark.parametrize("name", ["director", "district", "ministry", "admin"])
def test_nobody_touches_their_own_postings(cast, name):
    person = getattr(cast, name)
    own = person.postings.get()
    tomorrow = bangkok_today() + timedelta(days=1)
    for act in (
        lambda: postings.give(person, role="teacher", unit=OWN, by=person),
        lambda: postings.prolong(own, until=tomorrow, by=person),
        lambda: postings.end(own, by=person),
        lambda: postings.set_read_only(own, read_only=True, by=person),
        lambda: postings.change_role(own, role="teacher", by=person),
        lambda: postings.confirm([own], by=person),
    ):
        with pytest.raises(MayNotGive):
            act()
    assert list(person.postings.values_list("until", "read_only")) == [(None, False)]


def test_what_ended_at_once_shows_nothing_on_the_next_request_also_by_token(cast, client):
    token = asking(cast.teacher)
    client.force_login(cast.teacher)
    assert client.get("/cases/").status_code == 200
    assert token.get("/api/v1/cases/").status_code == 200
    postings.end(cast.teacher.postings.get(), by=cast.director)
    assert client.get("/cases/").status_code == 404
    assert token.get("/api/v1/cases/").json()["results"] == [] or token.get("/api/v1/cases/").status_code == 403
    assert postings_of(anew(cast.teacher)) == []


def test_what_began_today_can_end_today_at_once(cast):
    given, _ = postings.give(cast.charlie, role="teacher", unit=OWN, by=cast.director)
    postings.end(given, by=cast.director)
    assert postings_of(anew(cast.charlie)) == []
    with pytest.raises(PostingEnded):
        postings.prolong(given, until=None, by=cast.director)
    back, is_new = postings.give(cast.charlie, role="teacher", unit=OWN, by=cast.director)
    assert is_new
    assert postings_of(anew(cast.charlie)) == [back]


def test_a_last_day_still_counts_and_can_be_moved_with_both_days_recorded(cast):
    posting = cast.teacher.postings.get()
    today = bangkok_today()
    postings.end(posting, by=cast.director, on=today)
    assert postings_of(anew(cast.teacher)) == [posting]
    postings.prolong(posting, until=today + timedelta(days=9), by=cast.director)
    assert told("posting_prolong")[-1] | {"role_given": "", "unit_given": ""} == {
        "until_before": today.isoformat(),
        "until": (today + timedelta(days=9)).isoformat(),
        "role_given": "",
        "unit_given": "",
    }
    with pytest.raises(PersonRefused) as refusal:
        postings.prolong(posting, until=today - timedelta(days=1), by=cast.director)
    assert (refusal.value.field, refusal.value.status) == ("until", 400)


def test_an_overlapping_posting_of_the_same_kind_is_refused(cast):
    with pytest.raises(PersonRefused, match="already"):
        postings.give(cast.teacher, role="teacher", unit=OWN, until=bangkok_today(), by=cast.director)


def test_a_change_of_role_keeps_the_old_posting_and_records_old_and_new(cast):
    posting = cast.teacher.postings.get()
    changed = postings.change_role(posting, role="director", by=cast.district)
    assert (changed.role, changed.unit, changed.since) == ("director", OWN, bangkok_today())
    posting.refresh_from_db()
    assert (posting.role, posting.cut_at is not None) == ("teacher", True)
    assert postings_of(anew(cast.teacher)) == [changed]
    assert told("posting_role") == [{"role_given": "director", "unit_given": OWN, "role_before": "teacher"}]
    with pytest.raises(MayNotGive):
        postings.change_role(changed, role="teacher", by=cast.director)


def test_a_change_is_all_or_nothing(cast):
    posting = cast.teacher.postings.get()
    with pytest.raises(MayNotGive):
        postings.change(posting, role="director", until=bangkok_today(), read_only=True, by=cast.director)
    posting.refresh_from_db()
    assert (posting.role, posting.until, posting.read_only) == ("teacher", None, False)


def test_read_only_takes_effect_at_once_and_is_recorded(cast, client, make_case):
    case = make_case(cast.own_school)
    postings.set_read_only(cast.teacher.postings.get(), read_only=True, by=cast.director)
    client.force_login(cast.teacher)
    assert client.get(f"/cases/{case.number}/").status_code == 200
    assert client.get(f"/cases/{case.number}/visits/new/").status_code == 403
    assert told("posting_read_only")[0]["after"] is True


def test_confirming_is_for_those_due_all_or_none(cast):
    Posting.objects.update(confirmed_on="2020-01-01")
    # the confirmer's own posting must itself still hold
    Posting.objects.filter(person=cast.district).update(confirmed_on=bangkok_today())
    chosen = [cast.teacher.postings.get(), cast.director.postings.get(), cast.sister_teacher.postings.get()]
    with pytest.raises(MayNotGive):
        postings.confirm([*chosen, cast.south_teacher.postings.get()], by=cast.district)
    assert postings_of(anew(cast.teacher)) == []
    assert postings.confirm(chosen, by=cast.district) == 3
    assert postings.confirm(chosen, by=cast.district) == 0
    assert postings_of(anew(cast.teacher)) == [chosen[0]]
    assert [row["confirmed_before"] for row in told("posting_confirm")] == ["2020-01-01"] * 3
