from datetime import date, timedelta
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.test import APIRequestFactory

from dropout.testing import PASSWORD
from schools.models import AuditEvent, Person, Posting
from schools.people import PersonRefused, create_person, end_posting, find_person, give_posting
from schools.scope import postings_of
from schools.thaitime import bangkok_today
from schools.tokens import PersonTokenAuthentication, create_token

pytestmark = pytest.mark.django_db
STRONG = "ช้างเดินข้ามสะพาน 29"


def actions():
    return list(AuditEvent.objects.order_by("id").values_list("action", flat=True))


def run(command, *args, **options):
    out = StringIO()
    call_command(command, *args, stdout=out, **options)
    return out.getvalue()


def refused(**changes):
    """The refusal of a person who would be good but for `changes`; nothing may stay behind."""
    good = {"username": "kru", "role": "district", "unit": "district:P4603", "password": STRONG} | changes
    before = Person.objects.count(), Posting.objects.count(), AuditEvent.objects.count()
    with pytest.raises(PersonRefused) as refusal:
        create_person(good.pop("username"), **good)
    assert (Person.objects.count(), Posting.objects.count(), AuditEvent.objects.count()) == before
    assert refusal.value.message_th != refusal.value.message_en
    return refusal.value


def test_a_person_is_made_with_a_posting_and_an_audit_event_each():
    done = create_person("Kru.Kai", role="district", unit="district:P4603", password=STRONG, first_name="กมล")
    assert (done.person.username, done.person.first_name, done.password) == ("kru.kai", "กมล", None)
    assert not done.person.must_change_password
    assert done.person.check_password(STRONG)
    assert (done.posting.role, done.posting.unit, done.posting.until) == ("district", "district:P4603", None)
    assert done.posting.since == bangkok_today()
    assert actions() == ["person_create", "posting_give"]


def test_without_a_password_a_strong_one_is_made_shown_once_and_must_be_changed():
    printed = run("create_person", "kru", role="district", unit="district:P4603")
    password = printed.rstrip().rpartition(": ")[2]
    person = Person.objects.get()
    assert len(password) >= 20
    assert person.check_password(password)
    assert person.must_change_password
    assert password not in run("create_person", "kru", role="district", unit="district:P4603")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"role": "king"}, "king"),
        ({"unit": "district:P9999"}, "P9999"),
        ({"unit": "province:46"}, "one of: District office"),
        ({"unit": "tray:46-obec"}, "one of: District office"),
        ({"role": "teacher", "unit": "nation"}, "one of: Schools"),
        ({"role": "admin", "unit": "province:46"}, "one of: The centre"),
        ({"role": "partner", "unit": "nation"}, "one of: Partners"),
        ({"grants": ("administer_people",)}, "administer_people"),
        ({"grants": ("see_names", "x")}, "x cannot"),
        ({"username": ""}, "user name"),
        ({"username": "ครู ไก่"}, "user name"),
        ({"username": "../etc"}, "user name"),
        ({"username": "a" * 151}, "user name"),
        ({"username": "kru\x00"}, "user name"),
        ({"username": "1999900001010"}, "national ID"),
        ({"first_name": "ก" * 151}, "150"),
        ({"password": "short"}, "password is refused"),
        ({"password": "password1234"}, "password is refused"),
        ({"password": "P4603-P4603x"}, "password is refused"),
        ({"password": "xyzaP4603bcd"}, "password is refused"),
        ({"password": "demo"}, "password is refused"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(changes, said):
    assert said in refused(**changes).message_en


def test_a_password_built_on_the_posting_that_is_just_given_is_refused():
    assert (
        "46990001"
        in refused(role="province", unit="province:46", username="u46990001", password="u46990001-abc").message_en
    )


def test_the_same_posting_twice_changes_nothing():
    first = create_person("kru", role="district", unit="district:P4603", password=STRONG)
    before = list(Person.objects.values()), list(Posting.objects.values()), actions()
    second = create_person("KRU", role="district", unit="district:P4603", password=STRONG)
    assert (second.is_new_person, second.is_new_posting, second.posting) == (False, False, first.posting)
    assert (list(Person.objects.values()), list(Posting.objects.values()), actions()) == before


def test_a_known_username_gets_a_further_posting():
    create_person("kru", role="district", unit="district:P4603", password=STRONG)
    done = create_person("kru", role="province", unit="province:46")
    assert (done.is_new_person, done.is_new_posting, done.password) == (False, True, None)
    assert [posting.unit for posting in postings_of(Person.objects.get())] == ["district:P4603", "province:46"]


@pytest.mark.parametrize("changes", [{"first_name": "คนอื่น"}, {"last_name": "อื่น"}, {"password": "เสือสองตัวอยู่ถ้ำเดียว"}])
def test_a_known_person_is_never_renamed_or_taken_over(changes):
    create_person("kru", role="district", unit="district:P4603", password=STRONG, first_name="กมล", last_name="ใจดี")
    refused(role="province", unit="province:46", **({"password": None} | changes))
    assert Person.objects.get().check_password(STRONG)


def test_a_grant_is_added_to_the_open_posting_and_audited():
    create_person("boss", role="ministry", unit="nation", password=STRONG)
    done = create_person("boss", role="ministry", unit="nation", grants=("see_names",))
    assert (done.posting.extra, Posting.objects.count()) == (["see_names"], 1)
    assert actions()[-1] == "posting_grant"


def test_an_ended_posting_shows_nothing_from_the_next_day_and_may_be_given_again():
    person = create_person(
        "kru", role="district", unit="district:P4603", password=STRONG, since=date(2022, 1, 1)
    ).person
    posting = end_posting(person.postings.get(), on=bangkok_today() - timedelta(days=1))
    assert postings_of(Person.objects.get()) == []
    assert end_posting(posting, on=posting.until).until == posting.until
    with pytest.raises(PersonRefused):
        end_posting(posting, on=bangkok_today())
    _, is_new = give_posting(person, role="district", unit="district:P4603")
    assert is_new
    assert actions() == ["person_create", "posting_give", "posting_end", "posting_give"]


def test_a_posting_cannot_end_before_it_began():
    person = create_person("kru", role="district", unit="district:P4603", password=STRONG).person
    with pytest.raises(PersonRefused):
        end_posting(person.postings.get(), on=bangkok_today() - timedelta(days=1))


def test_when_the_audit_fails_nothing_is_made(monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("schools.people.audit.record", fail)
    with pytest.raises(RuntimeError):
        create_person("kru", role="district", unit="district:P4603", password=STRONG)
    assert Person.objects.count() == 0


# ── the demo ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_demo_password_is_taken_for_demo_people_while_demo_is_on(settings):
    settings.DEMO = True
    person = create_person("teacher", role="district", unit="district:P4603", password="demo", is_demo=True).person
    assert authenticate(username="teacher", password="demo") == person
    settings.DEMO = False
    assert authenticate(username="teacher", password="demo") is None
    assert "DEMO=1" in refused(username="other", password="demo", is_demo=True).message_en


def test_with_demo_off_a_demo_session_ends_its_token_is_refused_and_its_postings_show_nothing(settings, client):
    settings.DEMO = True
    person = create_person("teacher", role="district", unit="district:P4603", password="demo", is_demo=True).person
    token = create_token(person)
    client.force_login(person)
    request = APIRequestFactory().get("/", HTTP_AUTHORIZATION=f"Token {token}")
    assert PersonTokenAuthentication().authenticate(request)[0] == person
    settings.DEMO = False
    with pytest.raises(AuthenticationFailed):
        PersonTokenAuthentication().authenticate(request)
    with pytest.raises(PersonRefused):
        create_token(person)
    from schools.people import PersonBackend

    assert PersonBackend().get_user(person.pk) is None
    assert postings_of(Person.objects.get()) == []


def test_an_inactive_person_comes_in_nowhere(cast):
    token = create_token(cast.teacher)
    cast.teacher.is_active = False
    cast.teacher.save()
    assert authenticate(username="teacher", password=PASSWORD) is None
    with pytest.raises(AuthenticationFailed):
        PersonTokenAuthentication().authenticate(APIRequestFactory().get("/", HTTP_AUTHORIZATION=f"Token {token}"))


# ── commands ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_create_token_prints_the_token_alone_and_it_ends_within_ninety_days(cast):
    printed = run("create_token", "teacher")
    token = printed.removesuffix("\n")
    request = APIRequestFactory().get("/", HTTP_AUTHORIZATION=f"Token {token}")
    assert PersonTokenAuthentication().authenticate(request)[0] == cast.teacher
    stored = AuthToken.objects.get()
    assert stored.expiry - timezone.now() <= timedelta(days=90)
    assert token not in (stored.digest, stored.token_key)
    event = AuditEvent.objects.latest("id")
    assert (event.action, event.object_key) == ("token_create", "teacher")
    assert token not in str(event.details)


@pytest.mark.parametrize(
    ("command", "args", "options"),
    [
        ("create_token", ["nobody"], {}),
        ("create_person", ["kru"], {"role": "king", "unit": "nation"}),
        ("create_person", ["kru"], {"role": "admin", "unit": "nation", "password": ""}),
    ],
)
def test_a_command_says_no_in_both_languages(command, args, options):
    with pytest.raises(CommandError) as refusal:
        run(command, *args, **options)
    thai, english = str(refusal.value).split("\n")
    assert thai != english
    assert Person.objects.count() == 0


def test_a_person_is_found_whatever_the_case(cast):
    assert find_person(" TEACHER ") == cast.teacher
    with pytest.raises(PersonRefused):
        find_person("x")


def test_the_cast_stands_as_written(cast):
    assert len(cast.people()) == 19
    assert postings_of(cast.charlie) == []
    assert cast.charlie.is_active
    for name, person in cast.people().items():
        assert len(postings_of(person)) == (name != "charlie")
