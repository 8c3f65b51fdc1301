"""แสดงเลขโดยมีเหตุผล: who is shown a number, after what, how often, and what the trail says of it."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection

from cases.codes import Category, Rung, Stage
from cases.identity import NATIONAL_ID, blind_index, make_synthetic_id, mask, seal
from cases.models import Case, Child, Identifier
from cases.models.case import case_number
from cases.reveal import DAILY_CAP, Reason, RevealRefused, check_explanation, looks_today, reveal_id
from dropout.testing import PASSWORD
from schools import audit, clock
from schools.models import AuditEvent, Posting

pytestmark = pytest.mark.django_db
NUMBER = make_synthetic_id(4711)
WHY = "ตรวจกับทะเบียนบ้านก่อนลงทะเบียนเรียน"
FORM = {"reason": "document", "explanation": WHY}
OPENED = datetime(2022, 1, 10, tzinfo=UTC)


def make_case(school, value: str = NUMBER) -> Case:
    """A new case at `school`, of a child whose national ID is `value` ("" for none)."""
    child = Child.objects.create(
        first_name="สมมุติ", last_name="เด็กดี", sort_key="สมมุติ", search="สมมุติ", name_key=value, created_at=OPENED
    )
    if value:
        Identifier.objects.create(
            child=child,
            kind=NATIONAL_ID,
            sealed=seal(value),
            index=blind_index(NATIONAL_ID, value),
            masked=mask(value),
            since=OPENED,
        )
    pk = (Case.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    return Case.objects.create(
        pk=pk,
        number=case_number(pk),
        child=child,
        opened_at=OPENED,
        stage=Stage.NEW,
        stage_since=OPENED,
        category=Category.DROPOUT,
        rung=Rung.TO_START,
        school=school,
        district=school.district,
        province=school.province,
        department=school.district.department,
    )


@pytest.fixture
def case(cast):
    made = make_case(cast.own_school)
    AuditEvent.objects.all().delete()
    return made


def enter(client, person, minutes_ago: float = 0):
    """Logs `person` in by password, so long ago."""
    client.post("/login/", {"login": person.username, "password": PASSWORD})
    session = client.session
    session["account_authentication_methods"][-1]["at"] = time.time() - minutes_ago * 60
    session.save()


def address(case) -> str:
    return f"/cases/{case.number}/reveal/"


def test_director_is_shown_the_number_after_its_row_is_written(client, cast, case):
    enter(client, cast.director)
    answer = client.post(address(case), FORM)
    assert answer.status_code == 200
    assert NUMBER in answer.content.decode()
    event = AuditEvent.objects.get(action="id_revealed")
    assert (event.person, event.role, event.unit) == (cast.director, "director", "school:46990001")
    assert (event.object_kind, event.object_key, event.reason) == ("case", case.number, WHY)
    assert event.details == {"reason_code": "document"}


def test_shown_page_goes_back_after_a_minute_and_is_not_kept(client, cast, case):
    enter(client, cast.director)
    answer = client.post(address(case), FORM)
    assert answer["Refresh"] == f"60; url=/cases/{case.number}/"
    assert answer["Cache-Control"] == "no-store, private"
    page = answer.content.decode()
    assert "http-equiv" not in page
    assert f'data-back="/cases/{case.number}/"' in page


def test_form_asks_why_and_shows_nothing(client, cast, case):
    enter(client, cast.director)
    answer = client.get(address(case))
    assert answer.status_code == 200
    assert NUMBER not in answer.content.decode()
    assert not AuditEvent.objects.filter(action="id_revealed").exists()


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"reason": "document"},
        {"explanation": WHY},
        {"reason": "no_such", "explanation": WHY},
        {"reason": "document", "explanation": "สั้นไป"},
        {"reason": "document", "explanation": "aaaaaaaaaa"},
        {"reason": "document", "explanation": "ababababababab"},
        {"reason": "document", "explanation": "          . . . . . ."},
        {"reason": "document", "explanation": f"ขอดูเลข {NUMBER} ของเด็ก"},
    ],
)
def test_without_a_real_reason_it_is_400_and_nothing_is_shown(client, cast, case, form):
    enter(client, cast.director)
    answer = client.post(address(case), form)
    assert answer.status_code == 400
    assert answer.context["form"].errors
    assert not AuditEvent.objects.filter(action="id_revealed").exists()


def test_refusal_speaks_the_readers_language(client, cast, case):
    enter(client, cast.director)
    form = FORM | {"explanation": "aaaaaaaaaa"}
    assert "กรุณาระบุเหตุผลอย่างน้อย 10 ตัวอักษร" in client.post(address(case), form).content.decode()
    english = client.post(address(case), form, HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "Give a reason (10+ characters)" in english


def test_who_may_and_who_not_by_role_and_place(client, cast, case):
    answers = {}
    for name, person in cast.people().items():
        client.logout()
        enter(client, person)
        answers[name] = client.post(address(case), FORM).status_code
    assert answers == {
        "teacher": 403,
        "sister_teacher": 404,
        "director": 200,
        "district": 200,
        "province": 200,
        "department": 200,
        "ministry": 403,
        "partner": 404,
        "auditor": 403,
        "admin": 404,
        "south_teacher": 404,
        "south_director": 404,
        "south_district": 404,
        "south_province": 404,
        "south_department": 404,
        "south_ministry": 404,
        "south_partner": 404,
        "south_auditor": 404,
        "charlie": 404,
    }


def test_case_outside_the_scope_answers_like_one_that_is_not(client, cast, case):
    enter(client, cast.south_director)
    outside = client.post(address(case), FORM)
    missing = client.post("/cases/0000-0000/reveal/", FORM)
    assert outside.status_code == missing.status_code == 404
    assert outside.content == missing.content


@pytest.mark.parametrize("number", ["%00", "7q2k-m4tx", "1999900047117", "..%2f", "7Q2K-M4TI", "7Q2K-M4TX%0a"])
def test_what_is_no_case_number_is_404(client, cast, number):
    enter(client, cast.director)
    assert client.get(f"/cases/{number}/reveal/").status_code == 404


def test_stale_session_is_asked_for_the_password_and_then_goes_on_by_itself(client, cast, case):
    enter(client, cast.director, minutes_ago=11)
    asked = client.post(address(case), FORM)
    assert asked.status_code == 302
    assert asked["Location"].startswith("/account/password-again/")
    assert not AuditEvent.objects.filter(action="id_revealed").exists()
    assert client.get(asked["Location"]).status_code == 200
    wrong = client.post(asked["Location"], {"password": "not the password"})
    assert NUMBER not in wrong.content.decode()
    shown = client.post(asked["Location"], {"password": PASSWORD})
    assert NUMBER in shown.content.decode()
    assert AuditEvent.objects.get(action="id_revealed").reason == WHY
    assert shown["Refresh"] == f"60; url=/cases/{case.number}/"


def test_session_without_a_password_is_stale(client, cast, case):
    client.force_login(cast.director)
    assert client.post(address(case), FORM)["Location"].startswith("/account/password-again/")


def look(case, person):
    return reveal_id(case, by=person, reason=Reason.DOCUMENT, explanation=WHY)


def test_thirty_first_look_of_a_day_is_refused_and_the_next_day_begins_anew(client, cast, case):
    evening = datetime(2026, 6, 1, 16, 59, tzinfo=UTC)  # 23:59 in Bangkok
    with clock.simulated(evening):
        left = [look(case, cast.director).left_today for _ in range(DAILY_CAP)]
        assert left == list(range(29, -1, -1))
        with pytest.raises(RevealRefused) as refused:
            look(case, cast.director)
        assert (refused.value.status, refused.value.code) == (429, "daily_limit")
        assert look(case, cast.district).value == NUMBER  # another person has a cap of their own
    assert looks_today(cast.director) == 0
    with clock.simulated(evening + timedelta(minutes=1)):
        assert look(case, cast.director).left_today == 29


def test_thirty_first_look_is_429_on_the_page_with_the_time_to_wait(client, cast, case):
    for _ in range(DAILY_CAP):
        look(case, cast.director)
    enter(client, cast.director)
    answer = client.post(address(case), FORM)
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 86_400
    assert "ครบ 30 ครั้งวันนี้" in answer.content.decode()
    assert NUMBER not in answer.content.decode()


def test_audit_failure_shows_no_number(client, cast, case):
    enter(client, cast.director)
    client.raise_request_exception = False
    with patch("cases.reveal.audit.record", side_effect=DatabaseError("disk full")):
        answer = client.post(address(case), FORM)
    assert answer.status_code == 500
    assert NUMBER not in answer.content.decode()


def test_row_stands_before_the_value_is_opened(cast, case):
    order = []
    with (
        patch("cases.reveal.audit.record", side_effect=lambda *a, **k: order.append("row")),
        patch("cases.reveal.unseal", side_effect=lambda blob: order.append("value") or NUMBER),
    ):
        look(case, cast.director)
    assert order == ["row", "value"]


def test_broken_seal_leaves_no_row_of_a_look_that_was_none(cast, case):
    Identifier.objects.update(sealed=b"\x01broken")
    with pytest.raises(Exception, match="seal"):
        look(case, cast.director)
    assert not AuditEvent.objects.filter(action="id_revealed").exists()


def test_case_that_moved_away_meanwhile_is_refused_under_its_lock(cast, case):
    stale = Case.objects.get(pk=case.pk)
    away = cast.south_school
    Case.objects.filter(pk=case.pk).update(school=away, district=away.district, province=away.province)
    with pytest.raises(RevealRefused) as refused:
        look(stale, cast.director)
    assert refused.value.status == 403


def test_ended_posting_takes_the_right_away(cast, case):
    Posting.objects.filter(person=cast.director).update(until=datetime(2022, 5, 1, tzinfo=UTC).date())
    with pytest.raises(RevealRefused):
        look(case, type(cast.director).objects.get(pk=cast.director.pk))


def test_child_without_a_number_is_404(client, cast):
    case = make_case(cast.own_school, "")
    enter(client, cast.director)
    assert client.post(address(case), FORM).status_code == 404


def test_only_the_present_number_is_shown(cast, case):
    Identifier.objects.update(until=OPENED)
    newer = make_synthetic_id(4712)
    Identifier.objects.create(
        child=case.child, kind=NATIONAL_ID, sealed=seal(newer), index="x", masked=mask(newer), since=OPENED
    )
    assert look(case, cast.director).value == newer


def test_number_is_in_no_repr_log_title_or_url(client, cast, case, caplog):
    with caplog.at_level(logging.DEBUG):
        assert NUMBER not in repr(look(case, cast.director))
        enter(client, cast.director)
        answer = client.post(address(case), FORM)
        client.get(address(case))
    assert NUMBER not in caplog.text
    assert NUMBER not in answer.content.decode().split("</title>")[0]
    assert NUMBER not in str(answer.headers)
    assert all(NUMBER not in str(vars(event)) for event in AuditEvent.objects.all())


def test_look_counts_among_who_saw_the_case_and_in_the_trail_of_its_scope(client, cast, case):
    look(case, cast.department)
    assert [(s.name, s.reveals) for s in audit.lookers(case)] == [(cast.department.get_full_name(), 1)]
    of_case = AuditEvent.objects.get(action="id_revealed")
    assert of_case in audit.events_visible_to(cast.district)  # the looker is above them, the case is theirs
    assert of_case in audit.events_visible_to(cast.director)
    assert of_case not in audit.events_visible_to(cast.south_district)
    assert of_case not in audit.events_visible_to(cast.teacher)


def test_wrong_method_is_refused(client, cast, case):
    enter(client, cast.director)
    assert client.put(address(case)).status_code == 405


@pytest.mark.parametrize("text", [WHY, "needed for the school register", "ขอทุนเสมอภาค ปี 2566"])
def test_real_reasons_pass(text):
    assert check_explanation(f"  {text} ") == text


def test_teacher_is_refused_by_the_view_itself(rf, cast, case):
    from cases.reveal_views import reveal

    request = rf.post(address(case), FORM)
    request.user = cast.teacher
    with pytest.raises(PermissionDenied):
        reveal(request, case.number)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_looks_at_once_are_not_both_the_thirtieth(cast):
    case = make_case(cast.own_school)
    for _ in range(DAILY_CAP - 1):
        look(case, cast.director)

    def one_more(_):
        try:
            return look(case, cast.director).left_today
        except RevealRefused as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(one_more, range(4)), key=str)
    assert answers == [0, "daily_limit", "daily_limit", "daily_limit"]
