"""A line list holds exactly the children behind a figure, for whom they may be held, and nothing that could harm."""

import io
from datetime import date, datetime

import openpyxl
import pytest
import python_calamine

from cases.codes import Category, Outcome, Wish
from reports import ladder, line_lists
from reports.line_lists import HEADINGS, WIDTHS, Question
from reports.tests.fact_worlds import (
    DAY,
    START,
    a_world,
    claimed,
    found,
    give_identifiers,
    listed,
    place_of,
    place_without_school,
    store,
    visited,
)
from reports.tests.test_sheets import PAYLOADS
from reports.workbooks import Download
from schools import clock, roles
from schools.models import District, Person
from schools.people import give_posting
from schools.units import parse_unit

NOW = START + 60 * DAY


@pytest.fixture
def districts(cast):
    return District.objects.in_bulk(field_name="code")


@pytest.fixture
def world(cast, districts):
    cases = a_world(cast, districts)
    give_identifiers(cases)
    return cases


def written(person, unit="nation", figure="target", as_of=None, known_at=None):
    """(headings, rows as dicts, what was listed, the file)."""
    person = Person.objects.get(pk=person.pk)  # postings as they are now
    buffer = io.BytesIO()
    with clock.simulated(NOW):
        download = Download("ผู้สั่ง", "บทบาท", "หน่วยงาน", NOW, "ตรวจสอบรายชื่อ", "PN-0000009")
        result = line_lists.write(buffer, Question(parse_unit(unit), figure, as_of, known_at), person, download)
    buffer.seek(0)
    sheet = openpyxl.load_workbook(buffer).worksheets[0]
    headings, *body = ([cell.value for cell in row] for row in sheet)
    return headings, [dict(zip(headings, row, strict=True)) for row in body], result, buffer


def numbers(rows):
    return {row["เลขที่แฟ้ม"] for row in rows}


def behind(unit, figure, as_of=None, known_at=None):
    with clock.simulated(NOW):
        spans = ladder.behind(parse_unit(unit), figure, as_of, known_at)
        return set(spans.values_list("case__number", flat=True))


@pytest.mark.parametrize("figure", ["target", "found", "not_found", "wants", "outcome=relocated", "missed.back"])
def test_the_list_holds_exactly_the_children_behind_the_figure(world, cast, figure):
    headings, rows, result, _ = written(cast.department, "department:obec", figure)
    expected = behind("department:obec", figure)
    assert tuple(headings) == HEADINGS
    assert len(HEADINGS) == len(WIDTHS) == 25
    assert numbers(rows) == expected and len(rows) == len(expected) == result.rows
    assert [row["ที่"] for row in rows] == list(range(1, len(rows) + 1))
    if figure == "target":
        assert len(rows) == 18


@pytest.mark.parametrize(
    ("who", "unit", "sees"),
    [
        ("district", "district:P4603", "district:P4603"),
        ("director", "school:46990001", "school:46990001"),
        ("province", "province:46", "province:46"),
        ("south_ministry", "region:6", "region:6"),
        ("province", "nation", "province:46"),  # more is asked than may be seen
        ("district", "nation", "district:P4603"),
    ],
)
def test_only_cases_in_scope_today_are_listed_and_the_rest_are_counted(world, cast, who, unit, sees):
    _, rows, result, _ = written(getattr(cast, who), unit)
    assert numbers(rows) == behind(sees, "target")
    assert rows
    assert result.out_of_scope == len(behind(unit, "target")) - len(rows)


@pytest.mark.parametrize("who", ["teacher", "auditor", "partner", "admin", "charlie"])
def test_who_may_not_export_gets_no_row_even_of_cases_they_see(world, cast, who):
    _, rows, result, _ = written(getattr(cast, who))
    assert (rows, result.rows, result.out_of_scope) == ([], 0, 20)


def test_every_role_that_may_export_may_see_cases():
    for role, capabilities in roles.CAPABILITIES.items():
        assert roles.EXPORT_LINE_LIST not in capabilities or roles.SEE_CASES in capabilities, role


def test_a_case_that_moved_away_since_is_left_out_of_the_list_of_then_and_counted(world, cast):
    then = START + 14 * DAY
    _, rows, result, _ = written(cast.province, "district:P4601", "target", then, NOW)
    assert (len(rows), result.out_of_scope) == (2, 0)
    give_posting(cast.charlie, role="district", unit="district:P4601")
    _, rows, result, _ = written(cast.charlie, "district:P4601", "target", then, NOW)
    assert (len(rows), result.out_of_scope) == (1, 1)


def test_names_are_shown_case_by_case_to_those_who_may_see_them(world, cast):
    """The ministry sees numbers; the same person, posted in a district too, sees that district's names only."""
    private = ("คำนำหน้า", "ชื่อ", "นามสกุล", "วันเกิด (พ.ศ.)", "อายุ (ปี)", "เพศ", "ชั้นล่าสุด", "เลขประจำตัว (ปิดบัง)")
    _, rows, _, _ = written(cast.ministry)
    assert len(rows) == 20
    assert {row[name] for row in rows for name in private} == {None}
    assert {row["สถานะ/สาเหตุ"] for row in rows} >= {"ไม่แสดง", "ย้ายถิ่นที่อยู่"}
    assert not {"สุขภาพอนามัย", "ความพิการ"} & {row["สถานะ/สาเหตุ"] for row in rows}
    give_posting(cast.ministry, role="district", unit="district:P4603")
    _, rows, _, _ = written(cast.ministry)
    assert len(rows) == 20
    assert numbers(row for row in rows if row["ชื่อ"]) == behind("district:P4603", "target")
    assert "สุขภาพอนามัย" in {row["สถานะ/สาเหตุ"] for row in rows}


def test_a_granted_capability_shows_the_names_of_the_nation(world, cast):
    give_posting(cast.ministry, role="ministry", unit="nation", grants=("see_names",))
    _, rows, _, _ = written(cast.ministry)
    assert all(row["ชื่อ"] and row["เลขประจำตัว (ปิดบัง)"] for row in rows)


def test_no_national_id_address_phone_or_coordinate_stands_in_the_file(cast):
    cases = store(
        [[listed(place_of(cast.own_school))]],
        guardian_phone=lambda _: "0899990001",
        house_no=lambda _: "บ้านเลขที่ 77 ลับ",
        lat=lambda _: 16.123456,
        lon=lambda _: 103.987654,
    )
    (number,) = give_identifiers(cases)
    _, rows, _, buffer = written(cast.district, "district:P4603")
    (row,) = rows
    assert "•" in row["เลขประจำตัว (ปิดบัง)"] or "x" in row["เลขประจำตัว (ปิดบัง)"].lower()
    buffer.seek(0)
    text = repr(python_calamine.load_workbook(buffer).get_sheet_by_index(0).to_python())
    for secret in (number, number[:9], "0899990001", "77 ลับ", "16.12", "103.98"):
        assert secret not in text


def test_cells_say_what_the_case_is_with_real_dates_and_numbers(cast, districts):
    story = [
        listed(place_of(cast.own_school), Category.MISSED),
        visited(2),
        found(5, Outcome.RELOCATED, Wish.WANTS),
    ]
    store(
        [story],
        title=lambda _: "ด.ช.",
        first_name=lambda _: "กล้า",
        last_name=lambda _: "สมมุติ",
        birth_date=lambda _: date(2012, 4, 3),
        sex=lambda _: "M",
        last_grade=lambda _: "ป.4",
    )
    _, (row,), _, buffer = written(cast.director, "school:46990001")
    assert row | {"เลขที่แฟ้ม": None} == {
        "ที่": 1,
        "เลขที่แฟ้ม": None,
        "เลขประจำตัว (ปิดบัง)": None,
        "คำนำหน้า": "ด.ช.",
        "ชื่อ": "กล้า",
        "นามสกุล": "สมมุติ",
        "วันเกิด (พ.ศ.)": datetime(2012, 4, 3),  # noqa: DTZ001 - workbooks have no zones
        "อายุ (ปี)": 9,  # tomorrow ten
        "เพศ": "ชาย",
        "ชั้นล่าสุด": "ป.4",
        "ประเภท": "ตกหล่น",
        "ขั้น": "พบตัว",
        "ผลการติดตาม": "พบตัว",
        "สถานะ/สาเหตุ": "ย้ายถิ่นที่อยู่",
        "ความประสงค์": "ประสงค์กลับเข้าเรียน",
        "กลับเข้าเรียน": "ยังไม่กลับ",
        "รหัสสถานศึกษา": "46990001",
        "สถานศึกษา": "โรงเรียนบ้านทุ่งสมมุติ",
        "เขตพื้นที่": districts["P4603"].name_th,
        "สังกัด": "สพฐ.",
        "อำเภอ": cast.own_school.amphoe.name_th,
        "จังหวัด": "กาฬสินธุ์",
        "จำนวนครั้งที่ติดตาม": 2,
        "วันติดตามล่าสุด": datetime(2022, 2, 6),  # noqa: DTZ001 - workbooks have no zones
        "อยู่ในสถานะนี้ตั้งแต่": datetime(2022, 2, 6),  # noqa: DTZ001 - workbooks have no zones
    }
    buffer.seek(0)
    cell = openpyxl.load_workbook(buffer).worksheets[0]["G2"]
    assert cell.number_format == "[$-107041E]d mmm yyyy"  # Excel shows พ.ศ.


def test_only_the_year_of_birth_is_told_where_only_the_year_is_known(cast):
    store([[listed(place_of(cast.own_school))]], birth_date=lambda _: date(2012, 1, 1), birth_year_only=lambda _: True)
    _, (row,), _, _ = written(cast.director, "school:46990001")
    assert row["วันเกิด (พ.ศ.)"] == "พ.ศ. 2555"


def test_a_list_of_a_past_moment_shows_the_case_as_it_stood_and_the_visits_done_by_then(cast):
    story = [listed(place_of(cast.own_school)), visited(2), found(5, Outcome.HEALTH), claimed(30)]
    store([story])
    then = START + 4 * DAY
    _, (row,), _, _ = written(cast.director, "school:46990001", "target", then, NOW)
    assert (row["ขั้น"], row["ผลการติดตาม"]) == ("อยู่ระหว่างติดตาม", "อยู่ระหว่างติดตาม")
    assert (row["จำนวนครั้งที่ติดตาม"], row["วันติดตามล่าสุด"].date()) == (1, date(2022, 2, 3))
    _, (row,), _, _ = written(cast.director, "school:46990001")
    assert (row["จำนวนครั้งที่ติดตาม"], row["กลับเข้าเรียน"]) == (2, "แจ้งแล้ว")


def test_a_child_without_a_school_stands_with_its_district(cast, districts):
    store([[listed(place_without_school(districts["P4603"]))]])
    _, (row,), _, _ = written(cast.district, "district:P4603")
    assert (row["รหัสสถานศึกษา"], row["สถานศึกษา"], row["อำเภอ"]) == (None, None, None)
    assert row["เขตพื้นที่"] == districts["P4603"].name_th


def test_names_that_are_formulas_stay_texts(cast):
    store([[listed(place_of(cast.own_school))] for _ in PAYLOADS], first_name=lambda place: PAYLOADS[place])
    _, _, result, buffer = written(cast.director, "school:46990001")
    assert result.rows == 60
    buffer.seek(0)
    sheet = openpyxl.load_workbook(buffer).worksheets[0]
    assert {row[4].data_type for row in sheet.iter_rows(min_row=2)} <= {"s", "inlineStr"}
    buffer.seek(0)
    rows = python_calamine.load_workbook(buffer).get_sheet_by_index(0).to_python()
    assert sorted(row[4] for row in rows[1:]) == sorted(PAYLOADS)


def test_the_footer_and_properties_say_who_when_and_what_for(world, cast):
    _, _, _, buffer = written(cast.district, "district:P4603")
    buffer.seek(0)
    book = openpyxl.load_workbook(buffer)
    footer = book.worksheets[0].oddFooter.left.text
    assert "ข้อมูล ณ วันที่ 2 เม.ย. 2565" in footer and "PN-0000009 · ผู้สั่ง" in footer
    assert (book.properties.creator, book.properties.description) == ("ผู้สั่ง", "ตรวจสอบรายชื่อ")


def test_queries_do_not_grow_with_the_rows(cast, django_assert_num_queries, monkeypatch):
    place = place_of(cast.own_school)
    monkeypatch.setattr(line_lists, "CHUNK", 5)
    give_identifiers(store([[listed(place)] for _ in range(4)]))

    def count_queries(queries):
        person = Person.objects.get(pk=cast.director.pk)
        download = Download("ก", "ข", "ค", NOW, "ตรวจสอบรายชื่อ", "PN-1")
        unit = parse_unit("school:46990001")
        with clock.simulated(NOW), django_assert_num_queries(queries):
            return line_lists.write(io.BytesIO(), Question(unit, "target"), person, download).rows

    assert count_queries(6) == 4
    store([[listed(place)] for _ in range(12)])
    assert count_queries(6 + 3) == 16  # the masks of three chunks more


def test_the_file_is_thai_whatever_language_the_thread_was_left_in(world, cast):
    from django.utils import translation

    with translation.override("en"):
        said = str(written(cast.district, "district:P4603"))
    assert "ออกกลางคัน" in said
    assert "Dropout" not in said
