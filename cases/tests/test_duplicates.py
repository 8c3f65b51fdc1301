"""Pairs that may be one child: found at entry, after an import and every night; seen by those who see both."""

from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse

from cases import duplicates, merging
from cases.codes import PairState, Sameness, Stage
from cases.identity import make_synthetic_id
from cases.intake import importing
from cases.models import Case, Duplicate, Fact, ListEntry
from cases.reveal import reveal_id
from cases.tests.sheetmaker import child as sheet_row
from cases.tests.sheetmaker import xlsx
from schools.scope import level_above
from schools.tests.asking import asking
from schools.thaitime import bangkok_today
from schools.units import parse_unit

pytestmark = pytest.mark.django_db
BORN = date(2012, 5, 4)


@pytest.fixture
def pair(cast, make_case):
    for n, school in enumerate((cast.own_school, cast.sister_school)):
        make_case(school, name="มะลิ สมมุติ", birth_date=BORN, listed_on=bangkok_today() - timedelta(days=30 - n))
    duplicates.find_duplicates()
    return Duplicate.objects.get()


@pytest.mark.parametrize(
    ("one", "two", "why"),
    [
        ({"birth_date": BORN}, {"birth_date": BORN}, Sameness.NAME_BIRTH),
        (
            {"birth_date": BORN, "guardian_name": "นางสาย ใจดี"},
            {"birth_date": BORN, "guardian_name": "นาง สาย  ใจดี"},
            Sameness.NAME_BIRTH_GUARDIAN,
        ),
        ({"birth_date": BORN, "guardian_name": "สาย"}, {"guardian_name": "สาย"}, Sameness.NAME_GUARDIAN),
        (
            {"birth_date": BORN, "guardian_name": "สาย"},
            {"birth_date": date(2012, 1, 1), "birth_year_only": True, "guardian_name": "สาย"},
            Sameness.NAME_BIRTH_GUARDIAN,
        ),
        (
            {"birth_date": BORN, "guardian_name": "สาย"},
            {"birth_date": date(2011, 1, 1), "birth_year_only": True, "guardian_name": "สาย"},
            None,
        ),
        ({"birth_date": BORN}, {"birth_date": BORN + timedelta(days=1)}, None),
        ({"birth_date": BORN}, {}, None),
        ({}, {}, None),
    ],
)
def test_who_may_be_the_same_child(cast, make_case, one, two, why):
    make_case(cast.own_school, name="มะลิ สมมุติ", **one)
    make_case(cast.south_school, name="มะลิ์ สมมุติ", **two)
    duplicates.find_duplicates()
    assert [pair.why for pair in Duplicate.objects.all()] == ([why] if why else [])


def test_the_search_again_finds_nothing_new_and_opens_nothing_that_was_decided(cast, pair):
    assert duplicates.find_duplicates() == 0
    duplicates.tell_apart(pair, person=cast.district, reason="เป็นแฝด")
    children = [case.child_id for case in pair.cases()]
    assert duplicates.find_duplicates() == duplicates.find_duplicates(children) == 0
    assert Duplicate.objects.get().state == PairState.NOT_SAME


def test_the_nights_command_says_how_many(cast, make_case, capsys):
    for _ in range(3):
        make_case(cast.own_school, name="มะลิ สมมุติ", birth_date=BORN)
    call_command("find_duplicates")
    assert "3" in capsys.readouterr().out


def test_an_import_looks_among_the_children_it_brought(cast, make_case, tmp_path):
    row = sheet_row(1)
    path = xlsx(tmp_path / "ก.xlsx", [row, sheet_row(2)])
    importing.commit(importing.Request(cast.district, path, path.name, "บัญชี ก"))
    assert not Duplicate.objects.exists()
    again = [row | {"เลขประจำตัวประชาชน": ""}]
    path = xlsx(tmp_path / "ข.xlsx", again)
    importing.commit(importing.Request(cast.district, path, path.name, "บัญชี ข"))
    assert Duplicate.objects.count() == 1


def test_after_a_merge_a_list_speaks_to_the_survivor(cast, tmp_path):
    """Both lines of the duplicate stay on their lists: nothing is refused, nothing is opened anew, nothing is gone."""
    row = sheet_row(1)
    bare = row | {"เลขประจำตัวประชาชน": ""}
    for name, rows in (("บัญชี ก", [bare]), ("บัญชี ข", [row])):
        path = xlsx(tmp_path / f"{name}.xlsx", rows)
        importing.commit(importing.Request(cast.district, path, path.name, name))
    merging.merge(Duplicate.objects.get(), person=cast.district, reason="คนเดียวกัน")
    survivor = Case.objects.exclude(stage=Stage.VOID).get()
    facts = Fact.objects.filter(case=survivor).count()
    for name, rows in (("บัญชี ก", [bare | {"ชื่อผู้ปกครอง": "ยายใหม่"}]), ("บัญชี ข", [row]), ("บัญชี ค", [row])):
        path = xlsx(tmp_path / f"{name}2.xlsx", rows)
        report = importing.commit(importing.Request(cast.district, path, path.name, name))
        assert (report.counts["new"], report.counts["refused"], report.counts["gone"]) == (0, 0, 0), name
    assert Case.objects.count() == 2
    assert Fact.objects.filter(case=survivor).count() > facts
    assert ListEntry.objects.filter(case=survivor).count() == 2


def test_two_lines_of_one_list_that_were_merged_are_no_error_of_the_next_issue(cast, tmp_path):
    row = sheet_row(1)
    other = row | {"เลขประจำตัวประชาชน": sheet_row(9)["เลขประจำตัวประชาชน"]}
    path = xlsx(tmp_path / "ก.xlsx", [row, other])
    importing.commit(importing.Request(cast.district, path, path.name, "บัญชี ก"))
    merging.merge(Duplicate.objects.get(), person=cast.district, reason="คนเดียวกัน")
    for rows in ([row, other], [other, row]):
        report = importing.check(importing.Request(cast.district, xlsx(tmp_path / "ข.xlsx", rows), "ข", "บัญชี ก"))
        assert (report.counts["unchanged"], report.counts["refused"], report.counts["gone"]) == (2, 0, 0)


# ── who sees and decides ──────────────────────────────────────────────────────────────────────────────────────
def test_a_pair_is_seen_only_where_both_cases_are(cast, make_case, client):
    for school in (cast.own_school, cast.other_district_school):
        make_case(school, name="มะลิ สมมุติ", birth_date=BORN)
    duplicates.find_duplicates()
    pair = Duplicate.objects.get()
    seen = [name for name, person in cast.people().items() if duplicates.visible_to(person).exists()]
    assert seen == ["province", "department", "ministry"]
    client.force_login(cast.district)
    assert client.get(reverse("cases:duplicate_detail", args=[pair.pk])).status_code == 404
    case = next(case for case in pair.cases() if case.school == cast.own_school)
    assert "อาจซ้ำ" not in client.get(reverse("cases:case_detail", args=[case.number])).content.decode()


@pytest.mark.parametrize(
    ("units", "above"),
    [
        (["school:46990001", "school:46990002"], "district:P4603"),
        (["school:46990001", "school:46990001"], "district:P4603"),
        (["school:46990001", "district:P4603"], "district:P4603"),
        (["school:46990001", "school:46990003"], "province:46"),
        (["school:46990001", "school:46990005"], "province:46"),
        (["school:46990001", "school:30990001"], "department:obec"),
        (["school:46990005", "school:30990001"], "nation"),
        (["school:46990001"], "district:P4603"),
    ],
)
def test_the_level_above_several_units_is_the_lowest_that_has_them_all(cast, units, above):
    assert str(level_above(*map(parse_unit, units))) == above


def test_the_page_marks_what_differs_and_merges(cast, pair, client):
    Case.objects.get(pk=pair.first_id).child.__class__.objects.filter(pk=pair.first.child_id).update(sex="M")
    Case.objects.get(pk=pair.second_id).child.__class__.objects.filter(pk=pair.second.child_id).update(sex="F")
    client.force_login(cast.district)
    url = reverse("cases:duplicate_detail", args=[pair.pk])
    lines = {line.label: line.differs for line in client.get(url).context["lines"]}
    assert (lines["ชื่อ"], lines["วันเกิด"], lines["เพศ"]) == (False, False, True)
    decide = reverse("cases:duplicate_decide", args=[pair.pk])
    assert client.post(decide, {"decision": "merge", "reason": "ก"}).status_code == 400
    assert client.post(decide, {"decision": "merge", "reason": "ถามยายแล้ว"}).status_code == 302
    assert client.post(decide, {"decision": "merge", "reason": "ถามยายแล้ว"}).status_code == 409
    page = client.get(reverse("cases:case_detail", args=[pair.first.number]))
    assert [event["duplicate"] for event in page.context["events"]] == ["", pair.second.number, ""]
    away = client.get(reverse("cases:case_detail", args=[pair.second.number])).content.decode()
    assert pair.first.number in away
    assert client.post(decide, {"decision": "undo", "reason": "คนละคน"}).status_code == 302


def test_the_ministry_compares_without_reading_names(cast, pair, client):
    client.force_login(cast.ministry)
    page = client.get(reverse("cases:duplicate_detail", args=[pair.pk]))
    assert page.context["decides"]
    assert "มะลิ" not in page.content.decode()


def test_a_director_asks_and_the_district_grants_on_the_page_of_requests(cast, make_case, client):
    for _ in range(2):
        make_case(cast.own_school, name="มะลิ สมมุติ", birth_date=BORN)
    duplicates.find_duplicates()
    pair = Duplicate.objects.get()
    client.force_login(cast.director)
    client.post(reverse("cases:duplicate_decide", args=[pair.pk]), {"decision": "merge", "reason": "คนเดียวกัน"})
    client.force_login(cast.district)
    (asked,) = client.get(reverse("cases:request_list")).context["waiting"]
    client.post(reverse("cases:request_answer", args=[asked["request"].pk]), {"decision": "grant"})
    pair.refresh_from_db()
    assert pair.state == PairState.MERGED


def test_the_api_lists_and_decides(cast, pair):
    api = asking(cast.district)
    (row,) = api.get(reverse("api:duplicates")).json()["results"]
    assert row["cases"] == [pair.first.number, pair.second.number]
    decide = reverse("api:duplicate_decide", args=[pair.pk])
    merged = api.post(decide, {"decision": "merge", "reason": "คนเดียวกัน"}, format="json")
    assert merged.json()["survivor"] == pair.first.number
    assert api.post(decide, {"decision": "merge", "reason": "คนเดียวกัน"}, format="json").status_code == 409
    assert api.get(reverse("api:duplicates"), {"state": "merged"}).json()["results"][0]["id"] == pair.pk
    stranger = asking(cast.south_district)
    assert stranger.post(decide, {"decision": "undo", "reason": "คนเดียวกัน"}, format="json").status_code == 404
    assert asking(cast.teacher).get(reverse("api:duplicates")).status_code == 403


def test_the_number_of_a_duplicate_is_found_and_revealed_at_the_survivor(cast, make_case, client):
    number = make_synthetic_id(8_300_001)
    make_case(cast.own_school, name="มะลิ สมมุติ", birth_date=BORN, listed_on=bangkok_today() - timedelta(days=50))
    make_case(cast.own_school, name="มะลิ สมมุติ", birth_date=BORN, national_id=number)
    duplicates.find_duplicates()
    survivor = merging.merge(Duplicate.objects.get(), person=cast.district, reason="คนเดียวกัน")
    client.force_login(cast.director)
    found = client.post(reverse("cases:search"), {"q": number})
    assert found.headers["Location"] == reverse("cases:case_detail", args=[survivor.number])
    shown = reveal_id(survivor, by=cast.director, reason="document", explanation="ตรวจกับทะเบียนบ้านตัวจริง")
    assert shown.value == number
