"""Workbooks look as a Thai office prints them, hold texts as texts, and long lists cost no memory."""

import datetime
import decimal
import io
import itertools
import tracemalloc
import zipfile

import openpyxl
import pytest
import python_calamine

from cases.intake.sheet import read_sheet
from reports.sheets import (
    Column,
    Line,
    Page,
    csv_cell,
    text_cell,
    uncsv_cell,
    write_csv,
    write_line_list,
    write_workbook,
)

DAY = datetime.date(2012, 5, 15)
MOMENT = datetime.datetime(2012, 5, 15, 8, 30)  # noqa: DTZ001 - workbooks have no zones
STARTS = ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", " =", "\ufeff=", "\u200b@", "  +", "\ufeff ＝"]
PAYLOADS = [
    start + body for start in STARTS for body in ("1+1", "cmd|'/c calc'!A0", 'HYPERLINK("http://x","y")', "SUM(A1:A9)")
]


def reopened(write, *args, **kwargs):
    buffer = io.BytesIO()
    count = write(buffer, *args, **kwargs)
    buffer.seek(0)
    return count, openpyxl.load_workbook(buffer), buffer


def page(**more):
    columns = [
        Column("จังหวัด", width=20),
        Column(("เป้าหมาย", "จำนวน"), "count"),
        Column(("เป้าหมาย", "ร้อยละ"), "percent"),
    ]
    rows = [("กาฬสินธุ์", 1234, 56.28), Line(("ตาก", 65371, 43.72), links={0: "https://example.org/?a=1&b=2"})]
    rows.append(Line(("รวม", 66605, 100), total=True))
    return Page("ภาพรวม", columns, rows, titles=("แบบรายงาน", "ณ วันที่ 28 ก.พ. 2565"), numbered=True, **more)


def test_titles_and_two_row_heading_are_merged_and_centred():
    count, book, _ = reopened(write_workbook, [page()])
    sheet = book["ภาพรวม"]
    assert count == 3
    assert {str(area) for area in sheet.merged_cells.ranges} == {"A1:D1", "A2:D2", "A3:A4", "B3:B4", "C3:D3"}
    assert [sheet[at].value for at in ("A1", "A3", "B3", "C3", "C4", "D4")] == [
        "แบบรายงาน", "ที่", "จังหวัด", "เป้าหมาย", "จำนวน", "ร้อยละ",
    ]  # fmt: skip
    assert sheet["A1"].alignment.horizontal == "center"


def test_rows_are_numbered_formatted_and_the_total_is_bold_without_a_number():
    sheet = reopened(write_workbook, [page()])[1]["ภาพรวม"]
    assert [[cell.value for cell in row] for row in sheet["A5:D7"]] == [
        [1, "กาฬสินธุ์", 1234, 56.28],
        [2, "ตาก", 65371, 43.72],
        [None, "รวม", 66605, 100],
    ]
    assert (sheet["C5"].number_format, sheet["D5"].number_format) == ("#,##0", "0.00")
    assert (sheet["B5"].font.name, sheet["B5"].font.sz, sheet["B5"].font.b) == ("TH Sarabun New", 16, False)
    assert all(cell.font.b for cell in sheet[7])


def test_sheet_prints_on_a4_landscape_one_page_wide_with_its_heading_repeated():
    sheet = reopened(write_workbook, [page(footer="ลำดับ 7 & 8")])[1]["ภาพรวม"]
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage is True
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("A5", "$3:$4")
    assert sheet.oddFooter.left.text == "ลำดับ 7 && 8"


def test_links_are_kept_and_dangerous_ones_refused():
    sheet = reopened(write_workbook, [page()])[1]["ภาพรวม"]
    assert sheet["B6"].hyperlink.target == "https://example.org/?a=1&b=2"
    bad = Page("ก", [Column("ข")], [Line(("x",), links={0: "file:///c:/x.exe"})])
    with pytest.raises(ValueError, match="link must begin"):
        write_workbook(io.BytesIO(), [bad])


def test_link_inside_the_book_points_at_its_sheet():
    inside = Page("ก", [Column("ข")], [Line(("x",), links={0: "#'ก'!A1"})])
    link = reopened(write_workbook, [inside])[1]["ก"]["A2"].hyperlink
    assert (link.location, link.target) == ("'ก'!A1", None)


def test_dates_are_real_dates_shown_in_the_buddhist_era():
    columns = [Column("วัน", "date"), Column("เวลา", "datetime")]
    _, book, buffer = reopened(write_workbook, [Page("ก", columns, [(DAY, MOMENT)])])
    cell = book["ก"]["A2"]
    assert (cell.is_date, cell.number_format) == (True, "[$-107041E]d mmm yyyy")
    assert book["ก"]["B2"].value == MOMENT
    buffer.seek(0)
    assert python_calamine.load_workbook(buffer).get_sheet_by_index(0).to_python()[1] == [DAY, MOMENT]


def test_row_of_wrong_length_or_with_a_zone_is_refused():
    with pytest.raises(ValueError, match="2 cells for 1 columns"):
        write_workbook(io.BytesIO(), [Page("ก", [Column("ข")], [(1, 2)])])
    with pytest.raises(ValueError, match="time zones"):
        write_workbook(io.BytesIO(), [Page("ก", [Column("ข")], [(MOMENT.replace(tzinfo=datetime.UTC),)])])


@pytest.mark.parametrize("writer", ["workbook", "line list"])
def test_no_payload_becomes_a_formula_and_all_come_back_unchanged(writer, tmp_path):
    path = tmp_path / "x.xlsx"
    rows = [("x", payload) for payload in PAYLOADS]
    if writer == "workbook":
        write_workbook(path, [Page("ก", [Column("ข"), Column("ค")], rows)])
    else:
        write_line_list(path, ["ข", "ค"], rows)
    book = openpyxl.load_workbook(path)
    assert {cell.data_type for row in book.worksheets[0] for cell in row} <= {"s", "inlineStr"}
    with zipfile.ZipFile(path) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    with read_sheet(path) as reading:
        back = [cells[1] for _, _, cells in reading][1:]
    assert len(PAYLOADS) == 60
    assert back == PAYLOADS


def test_csv_payloads_are_guarded_and_come_back_through_our_reader(tmp_path):
    path = tmp_path / "x.csv"
    with path.open("wb") as target:
        assert write_csv(target, ["ข", "ค"], ([payload, "x"] for payload in PAYLOADS)) == 60
        assert not target.closed
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert all(csv_cell(payload) == "'" + payload for payload in PAYLOADS)
    assert [uncsv_cell(csv_cell(payload)) for payload in PAYLOADS] == PAYLOADS
    with read_sheet(path) as reading:
        assert [cells[0] for _, _, cells in reading][1:] == PAYLOADS


def test_text_cell_drops_what_xml_cannot_carry_and_keeps_the_rest():
    assert text_cell("ก\x00\x0b\x1f\ufffeข\tค\nง") == "กข\tค\nง"
    assert text_cell("_x0041_") == "_x005F_x0041_"
    assert len(text_cell("ก" * 40_000)) == 32_767


def test_line_list_keeps_types_and_awkward_texts(tmp_path):
    path = tmp_path / "x.xlsx"
    row = ("<b>&\x00'\"", 7, 1.5, decimal.Decimal("2.25"), True, DAY, MOMENT, None, " ก\nข ")
    assert write_line_list(path, list("abcdefghi"), [row]) == 1
    with read_sheet(path) as reading:
        ((_, number, cells),) = list(reading)[1:]
    assert number == 2
    assert cells == ("<b>&'\"", 7, 1.5, 2.25, True, DAY, MOMENT, None, " ก\nข ")


def test_line_list_goes_on_to_further_sheets_with_the_heading_again():
    rows = ((n, "ก") for n in range(1, 26))
    count, book, _ = reopened(write_line_list, ["ที่", "ชื่อ"], rows, name="รายชื่อ", rows_per_sheet=10)
    assert count == 25
    assert book.sheetnames == ["รายชื่อ", "รายชื่อ (2)", "รายชื่อ (3)"]
    assert [sheet.max_row for sheet in book] == [11, 11, 6]
    assert [sheet["A1"].value for sheet in book] == ["ที่"] * 3
    assert [book.worksheets[2][f"A{n}"].value for n in (2, 6)] == [21, 25]
    assert book.worksheets[2].print_title_rows == "$1:$1"


def test_sheet_name_with_an_apostrophe_keeps_its_repeated_heading():
    book = reopened(write_line_list, ["ก"], [[1]], name="ครู's & <ห้อง>")[1]
    assert book.sheetnames == ["ครู's & <ห้อง>"]
    assert book.active.print_title_rows == "$1:$1"


def test_full_sheet_makes_no_empty_one_after_it():
    assert reopened(write_line_list, ["ก"], [[1]] * 10, rows_per_sheet=10)[1].sheetnames == ["รายชื่อ"]


def test_empty_line_list_is_a_heading_alone():
    count, book, _ = reopened(write_line_list, ["ก", "ข"], [])
    assert (count, [cell.value for cell in book.active[1]]) == (0, ["ก", "ข"])


def test_line_list_carries_properties_footer_and_a_legal_sheet_name():
    _, book, _ = reopened(
        write_line_list,
        ["ก"],
        [[1]],
        name="ตาก/2569: [ลับ]?",
        properties={"title": "ก & ข", "creator": "ค"},
        footer="ง & จ",
    )
    assert book.sheetnames == ["ตาก 2569   ลับ"]
    assert (book.properties.title, book.properties.creator) == ("ก & ข", "ค")
    assert book.active.oddFooter.left.text == "ง && จ"
    assert (book.active.page_setup.orientation, book.active.freeze_panes) == ("landscape", "A2")


@pytest.mark.parametrize("row", [[1], [1, 2, 3]])
def test_line_list_refuses_rows_of_another_length(row):
    with pytest.raises(ValueError, match="cells, the heading 2"):
        write_line_list(io.BytesIO(), ["ก", "ข"], [row])


@pytest.mark.parametrize(("value", "error"), [(object(), TypeError), (float("nan"), ValueError)])
def test_line_list_refuses_what_no_cell_holds(value, error):
    with pytest.raises(error):
        write_line_list(io.BytesIO(), ["ก"], [[value]])


def test_line_list_memory_does_not_grow_with_its_rows(tmp_path):
    def peak(count):
        tracemalloc.start()
        rows = ((n, f"เด็ก{n}", "โรงเรียนบ้าน") for n in range(count))
        write_line_list(tmp_path / "x.xlsx", ["ที่", "ชื่อ", "โรงเรียน"], itertools.islice(rows, count))
        try:
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(1000)
    assert peak(20_000) < 1.3 * peak(2000)
