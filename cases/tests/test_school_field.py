"""A school named in a form: by its code, by its whole name, or chosen among those that fit; never guessed at."""

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse

from cases.codes import RequestKind, Stage
from cases.models import Case, Request
from cases.school_field import SchoolField
from schools.thaitime import bangkok_today, thai_date

pytestmark = pytest.mark.django_db


def refused(field: SchoolField, words: str) -> list[str]:
    """The codes of the schools that are offered instead."""
    with pytest.raises(ValidationError):
        field.clean(words)
    return [code for code, _name, _where in field.offered]


@pytest.mark.parametrize(
    "words", ["46990003", "school:46990003", "๔๖๙๙๐๐๐๓", "โรงเรียนเมืองสมมุติ", "รร.เมืองสมมุติ", "เมือง สมมุติ"]
)
def test_a_code_or_the_whole_name_is_that_school(schools, words):
    assert SchoolField().clean(words) == schools["other_district"]


@pytest.mark.parametrize("words", ["เมือง", "สมมุติพิทยา"])
def test_a_part_of_a_name_is_offered_for_confirming_though_it_fits_one_alone(schools, words):
    assert len(refused(SchoolField(), words)) == 1


def test_of_many_that_fit_those_of_the_province_come_first(schools):
    offered = refused(SchoolField(near=81), "บ้าน")
    assert offered[0] == "81990001"
    assert sorted(offered) == ["30990001", "46990001", "46990002", "81990001"]


def test_two_of_one_name_are_both_offered_and_a_closed_one_is_not(schools):
    twin = schools["south"]
    twin.name_th, twin.search = schools["own"].name_th, schools["own"].search
    twin.save()
    assert sorted(refused(SchoolField(), "โรงเรียนบ้านทุ่งสมมุติ")) == ["46990001", "81990001"]
    twin.closed_on = "2020-01-01"
    twin.save()
    assert SchoolField().clean("โรงเรียนบ้านทุ่งสมมุติ") == schools["own"]


@pytest.mark.parametrize("words", ["46999999", "ไม่มีโรงเรียนนี้"])
def test_what_fits_no_school_is_refused_with_nothing_offered(schools, words):
    assert refused(SchoolField(), words) == []


def test_left_empty_it_is_none_and_where_it_must_be_said_refused():
    assert SchoolField(required=False).clean("") is None
    with pytest.raises(forms.ValidationError):
        SchoolField().clean(" ")


def test_the_page_offers_what_fits_and_the_one_chosen_is_claimed(client, cast, make_case):
    case = make_case(cast.own_school)
    client.force_login(cast.teacher)
    address = reverse("cases:enrolment_new", args=[case.number])
    today = thai_date(bangkok_today(), "numeric", plain=True)
    said = {"route": "school", "school_code": "สมมุติ", "grade": "ม.1", "at": today, "version": case.version}
    page = client.post(address, said)
    assert page.status_code == 400
    assert '<input type="radio" name="school_code" value="46990003">' in page.content.decode()
    assert Case.objects.get(pk=case.pk).stage == Stage.ASSIGNED
    client.post(address, said | {"school_code": ["สมมุติ", "46990003"]})
    assert Case.objects.get(pk=case.pk).enrolled_school == cast.other_district_school


def test_a_transfer_names_its_school_in_words(client, cast, make_case):
    case = make_case(cast.own_school)
    client.force_login(cast.teacher)
    address = reverse("cases:act", args=[case.number, "request_transfer"])
    said = {"to": "", "reason": "ย้ายบ้าน ไปอยู่กับยาย", "version": case.version}
    assert "46990002" in client.post(address, said | {"school_code": "ดอนสมมุติ"}).content.decode()
    client.post(address, said | {"school_code": "โรงเรียนบ้านดอนสมมุติ"})
    assert Request.objects.get(kind=RequestKind.TRANSFER).details["to"] == "school:46990002"
