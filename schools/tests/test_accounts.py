"""Who is let in, who is not, and that nobody can tell why not."""

from unittest.mock import patch

import pytest
from django.contrib.auth.hashers import get_hasher, identify_hasher, make_password
from django.contrib.sessions.models import Session
from django.db import DatabaseError
from django.test import Client

from schools import audit
from schools.models import AuditEvent, Person
from schools.tests.guard_world import PASSWORD, log_in, make_person

ARGON = ["schools.passwords.SchoolArgon2Hasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
pytestmark = pytest.mark.django_db


def is_in(client) -> bool:
    return "_auth_user_id" in client.session


def test_right_password_lets_in_and_is_recorded(client, schools):
    make_person("krui", "teacher", "school:46990001")
    answer = log_in(client, "krui", HTTP_USER_AGENT="Firefox", REMOTE_ADDR="10.1.2.3")
    assert answer.status_code == 302
    assert answer["Location"] == "/"
    event = AuditEvent.objects.get()
    assert (event.action, event.result, event.person.username) == ("log_in", "ok", "krui")
    assert (event.role, event.unit, event.ip, event.agent) == ("teacher", "school:46990001", "10.1.2.3", "Firefox")
    assert event.request_id == answer["X-Request-ID"]


def test_page_is_thai_and_english_by_header(client):
    assert "เข้าสู่ระบบ" in client.get("/login/").content.decode()
    english = client.get("/login/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "Log in" in english
    assert "ชื่อผู้ใช้" not in english


def test_language_switch_is_remembered(client):
    client.post("/language/", {"language": "en", "next": "/login/"})
    assert "Log in" in client.get("/login/").content.decode()


def refusals(settings) -> dict[str, str]:
    """The page after each kind of failing log-in, without its token and the name typed."""
    settings.DEMO = False
    make_person("somchai")
    make_person("gone", is_active=False)
    make_person("demo", is_demo=True)
    tried = {"nobody": PASSWORD, "somchai": "wrong password 123", "gone": PASSWORD, "demo": PASSWORD}
    pages = {}
    for name, password in tried.items():
        client = Client()
        client.cookies.load({"csrf": "a" * 32})
        answer = log_in(client, name, password)
        assert answer.status_code == 200
        assert not is_in(client)
        page = answer.content.decode().replace(name, "NAME")
        token = answer.context["csrf_token"]
        pages[name] = page.replace(str(token), "TOKEN")
    return pages


def test_unknown_wrong_disabled_and_demo_get_one_answer(settings):
    pages = refusals(settings)
    assert len(set(pages.values())) == 1
    assert "ชื่อผู้ใช้หรือรหัสผ่านไม่ถูกต้อง" in pages["nobody"]


def test_unknown_wrong_disabled_and_demo_cost_one_hash_each(settings):
    settings.DEMO = False
    settings.PASSWORD_HASHERS = ARGON
    make_person("somchai")
    make_person("gone", is_active=False)
    make_person("demo", is_demo=True)
    hasher = type(get_hasher())
    costs = {}
    for name, password in {"nobody": PASSWORD, "somchai": "wrong one", "gone": PASSWORD, "demo": PASSWORD}.items():
        with (
            patch.object(hasher, "encode", autospec=True, side_effect=hasher.encode) as encode,
            patch.object(hasher, "verify", autospec=True, side_effect=hasher.verify) as verify,
        ):
            log_in(Client(), name, password)
        costs[name] = encode.call_count + verify.call_count
    assert costs == {"nobody": 1, "somchai": 1, "gone": 1, "demo": 1}


def test_demo_person_comes_in_only_while_demo(client, settings):
    make_person("demo", is_demo=True)
    settings.DEMO = True
    log_in(client, "demo")
    assert is_in(client)
    settings.DEMO = False  # and the session of before ends with it
    assert client.get("/account/").status_code == 302


def test_disabling_ends_access_at_the_next_request(client):
    person = make_person("krui")
    log_in(client, "krui")
    assert client.get("/account/").status_code == 200
    Person.objects.filter(pk=person.pk).update(is_active=False)
    assert client.get("/account/").status_code == 302


def test_failed_log_in_keeps_the_name_only_if_somebody_has_it(client):
    make_person("krui")
    log_in(client, "KRUI", "wrong")
    log_in(client, "1999900000011", "wrong")
    accounts = [(e.person and e.person.username, e.details["account"], e.result) for e in AuditEvent.objects.all()]
    assert accounts == [(None, "unknown", "refused"), ("krui", "krui", "refused")]


def test_old_hash_is_upgraded_at_log_in(client, settings):
    settings.PASSWORD_HASHERS = ARGON
    person = make_person("krui")
    person.password = make_password(PASSWORD, hasher="pbkdf2_sha256")
    person.save()
    log_in(client, "krui")
    person.refresh_from_db()
    hasher = identify_hasher(person.password)
    assert hasher.algorithm == "argon2"
    assert "argon2id$v=19$m=19456,t=2,p=1$" in person.password


@pytest.mark.parametrize("password", ["x" * 12, "x7-" * 21 + "x", "กข" * 64, "🙂🐘" * 8, "  leading and trailing  "])
def test_any_long_password_is_taken_exactly_as_typed(client, password):
    make_person("krui")
    log_in(client, "krui")
    change(client, password)
    assert log_in(Client(), "krui", password).status_code == 302
    stripped = password.strip()
    if stripped != password:
        assert log_in(Client(), "krui", stripped).status_code == 200


def change(client, new: str, old: str = PASSWORD):
    return client.post("/account/password/", {"oldpassword": old, "password1": new, "password2": new})


@pytest.mark.parametrize(
    "password",
    [
        *("elevenchars", "Obec1234", "๑๒๓๔๕๖๗๘๙๐๑", PASSWORD),  # too short, or the present one
        *("password1234", "qwertyuiop123", "1q2w3e4r5t6y", "123456789abc", "!!iloveyou!!", "iloveyou1234"),
        *("passwordpassword", "qwerty123456", "1qaz2wsx3edc", "q1w2e3r4t5y6", "manchesterunited", "2566 dragon 2566"),
        *("123456789012", "081234567890", "1999900000011", "๐๘๑๒๓๔๕๖๗๘๙๐"),  # telephones and IDs
        *("dropout12345", "obec2566obec", "สพฐ.สพฐ.1234", "พาน้อง123456", "โรงเรียน2566", "รหัสผ่าน1234"),
        *("krui12345678", "สมชาย1234567", "ใจกล้า123456", "KRUI-krui-12", "46990001abcd", "สมชายใจกล้า46990001"),
    ],
)
def test_short_common_familiar_and_present_passwords_are_refused(client, schools, password):
    names = {"first_name": "สมชาย", "last_name": "ใจกล้า"}
    person = make_person("krui", "teacher", "school:46990001", **names)
    log_in(client, "krui")
    assert change(client, password).status_code == 200
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_log_in_gives_a_new_session_key(client):
    make_person("krui")
    client.get("/login/?next=/account/")
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    client.cookies["session"] = planted = session.session_key
    log_in(client, "krui")
    assert client.session.session_key != planted
    assert not Session.objects.filter(session_key=planted).exists()


def test_log_out_ends_the_session_on_the_server(client):
    make_person("krui")
    log_in(client, "krui")
    cookie = client.cookies["session"].value
    assert client.get("/logout/").status_code == 200  # a GET asks first
    assert is_in(client)
    client.post("/logout/")
    assert not Session.objects.filter(session_key=cookie).exists()
    stranger = Client()
    stranger.cookies["session"] = cookie
    assert stranger.get("/account/").status_code == 302
    assert [e.action for e in AuditEvent.objects.all()] == ["log_out", "log_in"]


def test_password_change_ends_other_sessions_and_keeps_this_one(client):
    make_person("krui")
    elsewhere = Client()
    log_in(elsewhere, "krui")
    log_in(client, "krui")
    assert change(client, "ช้างเผือกนอนกลางวัน 12").status_code == 302
    assert client.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302
    assert AuditEvent.objects.filter(action="password_changed").count() == 1


def test_given_password_must_be_changed_before_anything_else(client):
    person = make_person("krui", must_change_password=True)
    log_in(client, "krui")
    for path in ("/account/", "/audit/", "/cases/0000-0000/reveal/"):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"]) == (302, "/account/password/"), path
    assert client.get("/privacy/").status_code == 200
    change(client, "ช้างเผือกนอนกลางวัน 12")
    person.refresh_from_db()
    assert not person.must_change_password
    assert client.get("/account/").status_code == 200


@pytest.mark.parametrize("hop", ["//evil.example", "https:evil.example", "javascript:alert(1)", "\t//evil.example"])
def test_next_leads_nowhere_else(client, hop):
    make_person("krui")
    answer = client.post("/login/", {"login": "krui", "password": PASSWORD, "next": hop})
    assert answer["Location"] == "/"


def test_next_leads_back_to_the_page_asked_for(client):
    make_person("krui")
    assert client.get("/account/")["Location"] == "/login/?next=/account/"
    assert client.post("/login/?next=/account/", {"login": "krui", "password": PASSWORD})["Location"] == "/account/"


def test_audit_failure_lets_nobody_in(client):
    make_person("krui")
    client.raise_request_exception = False
    with patch.object(AuditEvent.objects, "create", side_effect=DatabaseError("disk full")):
        assert log_in(client, "krui").status_code == 500
    assert client.get("/account/").status_code == 302


def test_audit_failure_keeps_the_old_password(client):
    person = make_person("krui")
    log_in(client, "krui")
    client.raise_request_exception = False
    real = audit.record

    def fails(action, **details):
        if action == audit.CHANGE_PASSWORD:
            raise DatabaseError("disk full")
        return real(action, **details)

    with patch("schools.audit.record", fails):
        assert change(client, "ช้างเผือกนอนกลางวัน 12").status_code == 500
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_audit_failure_does_not_keep_anybody_from_leaving(client, caplog):
    make_person("krui")
    log_in(client, "krui")
    with patch.object(AuditEvent.objects, "create", side_effect=DatabaseError("disk full")):
        client.post("/logout/")
    assert not is_in(client)
    assert "could not be recorded" in caplog.text


def test_demo_people_are_offered_one_per_role_and_come_in_by_one_press(client, schools, settings):
    settings.DEMO = True
    for username, role, unit in (
        ("auditor", "auditor", "nation"),
        ("teacher", "teacher", "school:46990001"),
        ("teacher2", "teacher", "school:81990001"),
        ("real", "director", "school:46990001"),
    ):
        person = make_person(username, role, unit, is_demo=username != "real")
        person.set_password("demo")
        person.save()
    page = client.get("/login/")
    assert [p["username"] for p in page.context["demo_people"]] == ["teacher", "auditor"]
    assert "โรงเรียนบ้านทุ่งสมมุติ" in page.content.decode()
    assert 'name="password" value="demo"' in page.content.decode()
    log_in(client, "teacher", "demo")
    assert is_in(client)


def test_without_demo_nobody_is_offered(client, schools, settings):
    make_person("teacher", "teacher", "school:46990001", is_demo=True)
    settings.DEMO = False
    page = client.get("/login/")
    assert page.context["demo_people"] == []
    assert 'value="demo"' not in page.content.decode()


def test_nothing_of_allauth_is_routed_but_what_is_meant():
    from django.urls import NoReverseMatch, reverse

    for name in ("account_signup", "account_email", "account_reset_password", "account_set_password"):
        with pytest.raises(NoReverseMatch):
            reverse(name)
