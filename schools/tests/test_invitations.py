from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from schools import clock, invitations, postings
from schools.invitations import BadLink, LinkRefused, invite, issue_link
from schools.models import AuditEvent, Invitation, Person, Posting
from schools.people import PersonRefused
from schools.postings import MayNotGive

pytestmark = pytest.mark.django_db
OWN = "school:46990001"
STRONG = "ช้างเดินข้ามสะพาน 29"


def invited(by, username="kru.new", **changes):
    about = {"role": "teacher", "unit": OWN, "first_name": "ใหม่", "last_name": "มาแล้ว"} | changes
    return invite(username, by=by, **about)


def test_an_invited_person_has_no_password_and_a_link_of_which_only_a_digest_is_kept(cast):
    done = invited(cast.director)
    assert done.is_new_person and done.is_new_posting
    assert not done.person.has_usable_password()
    kept = Invitation.objects.get()
    assert done.token not in (kept.digest, str(kept.__dict__))
    assert kept.expires_at - kept.made_at == timedelta(hours=24)
    assert set(AuditEvent.objects.filter(person=cast.director).values_list("action", flat=True)) == {
        "person_create",
        "posting_give",
        "invitation_made",
    }
    assert not any(done.token in str(event.details) for event in AuditEvent.objects.all())


def test_the_link_sets_the_persons_own_password_once(cast, client):
    done = invited(cast.director)
    path = invitations.link_path(done.token)
    for _ in range(2):  # a message program that looks uses nothing up
        assert client.get(path).status_code == 200
    answer = client.post(path, {"password1": STRONG, "password2": STRONG})
    assert (answer.status_code, answer["Location"]) == (302, "/login/")
    again = client.post(path, {"password1": STRONG + "x", "password2": STRONG + "x"})
    assert again.status_code == client.get(path).status_code == 410
    done.person.refresh_from_db()
    assert done.person.check_password(STRONG)
    assert not done.person.must_change_password
    assert client.post("/login/", {"login": "kru.new", "password": STRONG}).status_code == 302
    assert client.get("/cases/").status_code == 200


@pytest.mark.parametrize(("late", "works"), [(timedelta(0), True), (timedelta(seconds=1), False)])
def test_the_link_works_for_a_day_and_not_a_second_longer(cast, client, late, works):
    done = invited(cast.director)
    end = Invitation.objects.get().expires_at
    with clock.simulated(end + late):
        if works:
            assert invitations.open_link(done.token).person == done.person
        else:
            with pytest.raises(BadLink):
                invitations.accept(done.token, STRONG)


def test_a_new_link_ends_the_one_before(cast):
    done = invited(cast.director)
    second = issue_link(done.person, by=cast.district)
    with pytest.raises(BadLink):
        invitations.open_link(done.token)
    assert invitations.open_link(second).person == done.person


def test_a_weak_password_is_refused_and_uses_nothing_up(cast, client, caplog):
    done = invited(cast.director)
    for weak in ("short", "kru.new-kru.new1", "46990001-46990001"):
        with pytest.raises(ValidationError):
            invitations.accept(done.token, weak)
    path = invitations.link_path(done.token)
    caplog.clear()
    for first, second in ((STRONG, "other"), ("short", "short")):
        assert client.post(path, {"password1": first, "password2": second}).context["form"].errors
    assert done.token not in caplog.text
    assert client.get(path).status_code == 200


def test_every_bad_link_is_told_alike(client, cast):
    done = invited(cast.director)
    Person.objects.filter(pk=done.person.pk).update(is_active=False)
    closed, unknown = client.get(invitations.link_path(done.token)), client.get("/invitations/none/")
    assert closed.status_code == unknown.status_code == 410
    assert "มาแล้ว" not in closed.content.decode()


def test_a_person_with_a_password_gets_a_further_posting_and_no_link(cast):
    done = invite("sister_teacher", by=cast.director, role="teacher", unit=OWN, first_name="ขวัญใจ", last_name="สมมุติครู")
    assert (done.is_new_person, done.is_new_posting, done.token) == (False, True, "")
    with pytest.raises(LinkRefused):
        issue_link(cast.teacher, by=cast.director)


def test_a_taken_user_name_does_not_tell_whose_it_is(cast):
    with pytest.raises(PersonRefused) as refusal:
        invited(cast.director, "south_teacher")
    assert refusal.value.field == "username"
    assert not {"พร", "สมมุติใต้"} & set(refusal.value.message_th.split())


def test_a_link_opens_nothing_its_maker_could_not_give(cast):
    """Else a district could become the ministry's invited officer by posting them too and asking for their link."""
    officer = invited(cast.ministry, "officer.new", role="department", unit="department:obec")
    done = invited(cast.director, "officer.new")
    assert (done.is_new_posting, done.token) == (True, "")
    with pytest.raises(MayNotGive):
        issue_link(officer.person, by=cast.director)
    with pytest.raises(MayNotGive):
        issue_link(officer.person, by=cast.ministry)
    assert issue_link(officer.person, by=cast.admin)


def test_a_link_made_before_somebody_higher_gave_more_stops_working(cast):
    done = invited(cast.director)
    invite("kru.new", by=cast.ministry, role="department", unit="department:obec", first_name="ใหม่", last_name="มาแล้ว")
    with pytest.raises(BadLink):
        invitations.open_link(done.token)


def test_one_does_not_invite_oneself_nor_whose_postings_have_ended(cast):
    with pytest.raises(MayNotGive):
        invite("director", by=cast.director, role="teacher", unit=OWN, first_name="คณิต", last_name="สมมุติผอ")
    done = invited(cast.director)
    postings.end(done.posting, by=cast.director)
    with pytest.raises(MayNotGive):
        issue_link(done.person, by=cast.director)


@pytest.mark.parametrize(
    "changes",
    [
        {"first_name": ""},
        {"last_name": " "},
        {"unit": "school:99999999"},
        {"unit": "school:46990002"},
        {"role": "director"},
        {"role": "king"},
    ],
)
def test_what_cannot_be_leaves_nothing(cast, changes):
    before = Person.objects.count(), Posting.objects.count(), AuditEvent.objects.count()
    with pytest.raises(PersonRefused):
        invited(cast.director, **changes)
    assert (Person.objects.count(), Posting.objects.count(), AuditEvent.objects.count()) == before


def test_a_link_opens_no_more_than_its_maker_could_give(cast):
    """Whoever holds the link could become the person: given more since by another, the link is worth nothing."""
    done = invited(cast.director)
    postings.change_role(done.posting, role="director", by=cast.district)
    with pytest.raises(BadLink):
        invitations.accept(done.token, STRONG)


def test_a_link_ends_with_the_posting_of_who_made_it(cast):
    done = invited(cast.director)
    postings.end(cast.director.postings.get(), by=cast.district)
    with pytest.raises(BadLink):
        invitations.open_link(done.token)
    assert invitations.open_link(issue_link(done.person, by=cast.district)).person == done.person
