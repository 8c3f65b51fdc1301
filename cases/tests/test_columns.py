"""Headings wherever they stand and however they are spelt; what surrounds the table is skipped and counted."""

from datetime import date

import pytest

from cases.intake.columns import MissingColumn, Skipped, Table, find_layout
from cases.intake.headings import CANONICAL, TEMPLATE, canonical_of

PLAIN = ["ที่", "เลขประจำตัวประชาชน", "คำนำหน้า", "ชื่อ", "นามสกุล", "วันเกิด"]
SOMCHAI = [1, "1999900001010", "ด.ช.", "สมชาย", "ใจดี", "15/05/2555"]


def layout_of(*rows, merges=(), mapping=None):
    return find_layout("รายชื่อ", list(enumerate(rows, start=1)), merges, mapping)


def columns_of(*rows, **more):
    return list(layout_of(*rows, **more).columns.values())


@pytest.mark.parametrize("key", TEMPLATE)
def test_every_canonical_name_is_its_own_column(key):
    assert canonical_of((CANONICAL[key],)) == key


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("เลขประจำตัว\u00a0ประชาชน ", "identifier"),
        ("เลขประจำตัว\u200bประชาชน\n(13 หลัก)", "identifier"),
        ("ＰｅｒｓｏｎＩＤ", "identifier"),
        ("วัน/เดือน/ปี เกิด", "birth_date"),
        ("ว.ด.ป. เกิด", "birth_date"),
        ("Fullname", "full_name"),
        ("ชื่อ - นามสกุล", "full_name"),
        ("ProvinceNameThai_Onec", "province"),
        ("DistrictNameThai", "amphoe"),
        ("SubDistrictNameThai", "tambon"),
        ("SchoolID", "school_code"),
        ("StatusCodeCause", "cause"),
        ("อําเภอ", "amphoe"),
    ],
)
def test_headings_are_forgiven_their_spelling(heading, key):
    assert canonical_of((heading,)) == key


def test_heading_is_found_below_title_lines_and_gives_the_printed_date():
    layout = layout_of(
        ["บัญชีรายชื่อเด็กออกกลางคัน", None, None],
        ["สังกัด สพป.กาฬสินธุ์ เขต ๓", None, None],
        ["ข้อมูล ณ วันที่", "๒๘ กุมภาพันธ์ ๒๕๖๕ เวลา 13.30 น.", None],
        PLAIN,
        SOMCHAI,
    )
    assert (layout.first, layout.last) == (4, 4)
    assert layout.list_date() == date(2022, 2, 28)
    assert list(layout.columns.values()) == ["identifier", "title", "first_name", "last_name", "birth_date"]


def test_two_merged_heading_rows_are_joined():
    top = ["ที่", "เลขประจำตัวประชาชน", "ชื่อ-สกุล", "สถานศึกษาเดิม", None, "ที่อยู่", None, None]
    below = [None, None, None, "รหัส", "ชื่อ", "ตำบล", "อำเภอ", "จังหวัด"]
    merges = [(1, 1, 2, 1), (1, 2, 2, 2), (1, 3, 2, 3), (1, 4, 1, 5), (1, 6, 1, 8)]
    layout = layout_of(top, below, [1, "1999900001010", "ด.ช.สมชาย ใจดี", None], merges=merges)
    assert (layout.first, layout.last) == (1, 2)
    wanted = ["identifier", "full_name", "school_code", "school_name", "tambon", "amphoe", "province"]
    assert list(layout.columns.values()) == wanted
    assert layout.headings[3] == "สถานศึกษาเดิม › รหัส"


def test_three_heading_rows_and_a_row_of_column_numbers():
    layout = layout_of(
        ["ข้อมูลเด็ก", None, None, "ที่อยู่ตามทะเบียน", None],
        ["เลขประจำตัวประชาชน", "ชื่อ", "นามสกุล", "เขตปกครอง", None],
        [None, None, None, "อำเภอ", "จังหวัด"],
        ["(1)", "(2)", "(3)", "(4)", "(5)"],
        ["1999900001010", "สมชาย", "ใจดี", "เมือง", "กาฬสินธุ์"],
    )
    assert layout.last == 4
    assert list(layout.columns.values()) == ["identifier", "first_name", "last_name", "amphoe", "province"]


def test_missing_name_column_is_named():
    with pytest.raises(MissingColumn) as refused:
        layout_of(["เลขประจำตัวประชาชน", "นามสกุล", "วันเกิด"], ["1999900001010", "ใจดี", "15/05/2555"])
    assert refused.value.code == "X26"
    assert refused.value.message_th == 'ขาดคอลัมน์ "ชื่อ"'


def test_unknown_heading_is_kept_for_mapping_and_mapped_by_hand():
    rows = (["ชื่อ", "นามสกุล", "ฉายา", "เลขที่อ้างอิงทะเบียน"], ["สมชาย", "ใจดี", "ต้น", "1999900001010"])
    assert list(layout_of(*rows).unknown.values()) == ["ฉายา", "เลขที่อ้างอิงทะเบียน"]
    mapped = layout_of(*rows, mapping={"เลขที่อ้างอิงทะเบียน": "identifier", "ฉายา": ""})
    assert mapped.columns[3] == "identifier"
    assert mapped.unknown == {}


def data_rows(*rows):
    layout = layout_of(PLAIN, SOMCHAI)
    skipped = Skipped()
    table = Table(layout, skipped)
    return [table.is_data(row) for row in rows], skipped


@pytest.mark.parametrize(
    "row",
    [
        ["รวม", None, None, None, None, 25],
        [None, None, None, "รวมทั้งสิ้น 25 คน", None, None],
        ["ร้อยละ", None, None, None, None, "56.28"],
        [None, "รวมทั้งหมด", None, "๒๕", None, "คน"],
    ],
)
def test_rows_of_totals_are_skipped_and_counted(row):
    kept, skipped = data_rows(row)
    assert kept == [False]
    assert skipped.message() == ("ข้ามแถวรวม 1 แถว", "Skipped rows: 1 of totals")


def test_signature_block_is_skipped_and_counted():
    kept, skipped = data_rows(
        [None, None, None, "ลงชื่อ ...................... ผู้รายงาน", None, None],
        [None, None, None, "(นางสาวดวงพร แสงสมมุติ)", None, None],
        [None, None, None, "ตำแหน่ง นักวิชาการศึกษา", None, None],
        [None, None, None, "เบอร์โทร 043-000000", None, None],
    )
    assert kept == [False] * 4
    assert skipped.counts["signature"] == 4


def test_repeated_heading_of_a_next_page_is_skipped():
    kept, skipped = data_rows(PLAIN, SOMCHAI)
    assert kept == [False, True]
    assert skipped.counts["heading"] == 1


@pytest.mark.parametrize(
    "row",
    [
        [1, "1999900001010", "ด.ช.", "รวม", "ใจดี", "15/05/2555"],
        [1, None, None, "รวมสุข", None, None],
        [1, None, "ด.ช.", "สมชาย", "ใจดี", None],
        [None, None, None, None, None, "15/05/2555"],
        [None, "1999900001010", None, None, None, None],
        [None, None, None, "สมชาย", None, None],
    ],
)
def test_row_that_may_be_a_child_is_never_skipped(row):
    kept, skipped = data_rows(row)
    assert kept == [True]
    assert not skipped.counts


def test_child_below_the_signature_block_is_still_read():
    kept, _ = data_rows([None, None, None, "ลงชื่อ ...........", None, None], SOMCHAI)
    assert kept == [False, True]
