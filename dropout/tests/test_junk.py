"""Whatever is sent to a route of the product by a person who may use it is answered: never a 500."""

import base64
import json

import pytest
from django.urls import reverse

from cases.models import Case
from cases.referrals import refer
from schools.models import Partner
from schools.tests.asking import asking
from schools.thaitime import bangkok_today

pytestmark = pytest.mark.django_db
ENDS = (  # of the calendar, where no time zone can be reckoned
    *("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59-14:00"),
    *("9999-12-31T23:59:59+07:00", "1899-12-31T00:00:00+07:00"),
)
TICKED = ("\x00", "1\x00", "", "x", "-1", "²", "๑๒", "9" * 19, "9" * 5_000)


@pytest.fixture
def case(cast, make_case):
    return make_case(cast.own_school)


@pytest.mark.parametrize("junk", TICKED, ids=range(len(TICKED)))
def test_rows_that_nobody_could_have_ticked_are_passed_over(cast, case, client, junk):
    client.force_login(cast.district)
    for page, field in (
        ("cases:assign_many", "case"),
        ("cases:name_teachers", "case"),
        ("cases:desk_route", "case"),
        ("cases:request_grant_many", "request"),
        ("schools:posting_confirm", "posting"),
        ("schools:invitation_new", "posting"),
    ):
        assert client.post(reverse(page), {field: [junk, junk]}).status_code < 500, page
    more = {
        "case": [case.number],
        "confirm": "1",
        "to": junk,
        "q": junk,
        "school": junk,
        "teacher": junk,
        "reason": junk,
    }
    for page in ("cases:desk_route", "cases:assign_many", "cases:name_teachers"):
        assert client.post(reverse(page), more).status_code < 500, page
    assert client.post(reverse("cases:assign_many"), {"case": case.number, "q": junk, "find": "1"}).status_code < 500
    assert client.get(reverse("cases:assign", args=[case.number]), {"q": junk}).status_code < 500
    assert client.post(reverse("cases:desk_undo"), {"batch": junk}).status_code < 500
    assert client.post(reverse("cases:search"), {"q": junk}).status_code < 500


@pytest.mark.parametrize("junk", ["\x00", "คืน\x00มา", "ก" * 5_000])
def test_a_reason_no_database_keeps_takes_nothing_back(cast, case, client, junk):
    about = {"purpose": "ขอทุนการศึกษาให้เด็กเรียนต่อ", "basis": "protection", "shares": ["age"]}
    sent = refer(case, person=cast.director, partner=Partner.objects.get(code="eef"), due_on=bangkok_today(), **about)
    client.force_login(cast.director)
    answer = client.post(reverse("cases:referral_recall", args=[case.number, sent.pk]), {"reason": junk})
    sent.refresh_from_db()
    assert (answer.status_code, sent.state) == (302, "sent")


@pytest.mark.parametrize("moment", ENDS)
def test_moments_at_the_ends_of_the_calendar_are_refused_in_words(cast, case, client, moment):
    client.force_login(cast.district)
    for page in ("reports:dashboard", "reports:children"):
        assert client.get(reverse(page, args=["district:P4603"]), {"as_of": moment}).status_code == 400
    token = base64.urlsafe_b64encode(json.dumps([moment, 1]).encode()).decode().rstrip("=")
    by_token = asking(cast.district)
    assert by_token.get(reverse("api:follow_ups"), {"cursor": token}).status_code == 400
    for name in ("as_of", "known_at"):
        answer = by_token.get(reverse("api:figures"), {"unit": "district:P4603", name: moment})
        assert answer.status_code == 400


@pytest.mark.parametrize(
    "day", ["-", "\x00", "1/1/1", "31/12/9999", "31/12/10542", "9" * 5_000, "๒๙/๒/๒๕๖๖", "พ.ศ.", "[]"]
)
def test_days_that_are_none_are_refused_in_words(cast, case, client, day):
    client.force_login(cast.district)
    assert client.get(reverse("reports:dashboard", args=["district:P4603"]), {"day": day}).status_code in (200, 400)
    for slug, field in (("claim_enrolment", "at"), ("refer", "due_on"), ("confer", "held_on")):
        page = "cases:enrolment_new" if slug == "claim_enrolment" else "cases:act"
        args = [case.number] if slug == "claim_enrolment" else [case.number, slug]
        assert client.post(reverse(page, args=args), {field: day, "version": day}).status_code == 400
    assert Case.objects.get(pk=case.pk).facts.count() == 1
