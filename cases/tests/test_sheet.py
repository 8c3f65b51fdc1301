"""Any sheet becomes rows with positions; hostile ones become refusals; this process stays small and alone."""

import datetime
import io
import subprocess
import sys
from dataclasses import replace

import openpyxl
import psutil
import pytest

from cases.intake import sheet as sheet_module
from cases.intake import xlsx_rows
from cases.intake.delimited import csv_cell, uncsv_cell
from cases.intake.refusal import MIB
from cases.intake.sheet import NATIONAL, SMALL, SheetRefused, read_sheet

from . import sheet_files as files

HALF_PAST_EIGHT = datetime.datetime(2012, 5, 15, 8, 30)  # noqa: DTZ001 - sheets have no zones


@pytest.fixture
def put(tmp_path):
    """Write bytes under a name, give the path."""

    def write(data, name="list.xlsx"):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else files.zipped(data))
        return path

    return write


@pytest.fixture(autouse=True)
def no_child_is_left():
    before = set(psutil.Process().children())
    yield
    assert set(psutil.Process().children()) == before


def read(path, limits=SMALL):
    with read_sheet(path, limits) as reading:
        return reading.info, list(reading)


def refusal_of(path, limits=SMALL):
    with pytest.raises(SheetRefused) as caught:
        read(path, limits)
    return caught.value


def one(rows, **more):
    return files.package([files.worksheet(files.HEADING + rows, **more)])


def codes(info):
    return [notice["code"] for notice in info.notices]


def test_xlsx_rows_come_with_their_true_positions_and_types(put):
    book = openpyxl.Workbook()
    page = book.active
    page.title = "รายชื่อ"
    page["B3"], page["C3"], page["D3"], page["E3"] = "ชื่อ", "วันเกิด", "เลข", "จริง"
    page["B6"], page["C6"], page["D6"], page["E6"] = "มานี", datetime.date(2012, 5, 15), 1999999999999, True
    page["B7"], page["C7"], page["D7"] = " ปิติ ", HALF_PAST_EIGHT, 1.5
    buffer = io.BytesIO()
    book.save(buffer)
    info, rows = read(put(buffer.getvalue()))
    assert info.kind == "xlsx"
    assert rows == [
        ("รายชื่อ", 3, (None, "ชื่อ", "วันเกิด", "เลข", "จริง")),
        ("รายชื่อ", 6, (None, "มานี", datetime.date(2012, 5, 15), 1999999999999, True)),
        ("รายชื่อ", 7, (None, " ปิติ ", HALF_PAST_EIGHT, 1.5, None)),
    ]
    assert type(rows[1][2][2]) is datetime.date
    assert type(rows[1][2][3]) is int
    assert info.sheets[0].data_rows == 2


def test_several_sheets_are_read_in_order(put):
    sheets = [files.worksheet(files.HEADING + files.data_rows(2)) for _ in range(3)]
    info, rows = read(put(files.package(sheets)))
    assert [sheet.name for sheet in info.sheets] == ["แผ่น1", "แผ่น2", "แผ่น3"]
    assert [(name, number) for name, number, _ in rows] == [(f"แผ่น{s}", n) for s in (1, 2, 3) for n in (1, 2, 3)]


def test_rows_and_cells_without_references_are_counted_on(put):
    bare = "<row><c><v>1</v></c><c><v>2</v></c></row>"
    _, rows = read(put(files.package([files.worksheet(bare + '<row r="9"><c><v>3</v></c></row>' + bare)])))
    assert [(number, cells) for _, number, cells in rows] == [(1, (1, 2)), (9, (3, None)), (10, (1, 2))]


def test_prefixed_namespaces_are_read(put):
    sheet = files.worksheet(files.HEADING + files.data_rows(2))
    sheet = sheet.replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:").replace("xmlns=", "xmlns:x=")
    _, rows = read(put(files.package([sheet])))
    assert [cells for _, _, cells in rows] == [("ชื่อ", "นามสกุล"), ("เด็ก2", 2), ("เด็ก3", 3)]


def test_slices_join_without_losing_or_doubling_a_row(put, monkeypatch):
    """The same rows whatever the slices: the child is replaced by its parts to make them tiny."""
    monkeypatch.setattr(xlsx_rows, "SLICE_BYTES", 700)
    monkeypatch.setattr(xlsx_rows, "SLICE_ROWS", 3)
    path = put(one(files.data_rows(50) + files.data_rows(2, first=1_048_575)))
    from cases.intake import guard

    with path.open("rb") as stream:
        archive = guard.open_workbook_zip(stream, SMALL)
        shapes, _ = xlsx_rows.workbook_sheets(archive)
        rows = list(xlsx_rows.rows(archive, shapes[0]))
    assert [number for number, _ in rows] == [*range(1, 52), 1_048_575, 1_048_576]
    assert rows[40][1] == ["เด็ก41", 41.0]


def test_error_cells_come_as_their_text_not_as_blanks(put):
    _, rows = read(put(one('<row r="2"><c r="A2" t="e"><v>#REF!</v></c></row>')))
    assert rows[1][2] == ("#REF!", None)


def test_lying_dimension_is_not_believed(put):
    info, rows = read(put(one(files.data_rows(99), before='<dimension ref="A1"/>')))
    assert len(rows) == 100
    assert codes(info) == ["X15"]
    assert info.notices[0]["message_en"] == "100 rows read. Confirm the count."


def test_cell_at_the_last_corner_is_x14_and_costs_nothing(put):
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    refusal = refusal_of(put(one(files.data_rows(5) + far)))
    assert refusal.code == "X14"
    assert refusal.message_th == "ข้อมูลเกิน 5,000 แถวหรือ 60 คอลัมน์"


def test_cell_in_the_last_row_counts_as_one_row(put):
    info, rows = read(put(one(files.data_rows(5) + files.data_rows(1, first=1_048_576))))
    assert info.sheets[0].data_rows == 6
    assert rows[-1][1] == 1_048_576


def test_formatted_but_empty_cells_are_no_rows_and_no_columns(put):
    empty = "".join(f'<row r="{n}"><c r="A{n}" s="1"/><c r="XFD{n}" s="1"/></row>' for n in range(4, 8000))
    blank_formula = '<row r="9000"><c r="A9000" t="str"><f>""</f><v></v></c></row>'
    info, rows = read(put(one(files.data_rows(2) + empty + blank_formula)))
    assert (info.sheets[0].rows, info.sheets[0].columns, len(rows)) == (3, 2, 3)


def test_five_thousand_and_one_rows_are_x16_and_five_thousand_are_not(put):
    refusal = refusal_of(put(one(files.data_rows(5001))))
    assert refusal.code == "X16"
    assert refusal.message_th == "มี 5,001 แถว เกิน 5,000 กรุณาแบ่งไฟล์"
    info, rows = read(put(one(files.data_rows(5000))))
    assert (info.sheets[0].data_rows, len(rows)) == (5000, 5001)


def test_titles_and_merged_two_row_heading_are_not_counted_as_data(put):
    wide = '<row r="{0}">' + "".join(f'<c r="{c}{{0}}"><v>{{0}}</v></c>' for c in "ABCD") + "</row>"
    rows = f'<row r="1">{files.text("A1", "หัวเรื่อง")}</row>' + "".join(wide.format(n) for n in range(2, 5004))
    merges = '<mergeCells><mergeCell ref="A1:D1"/><mergeCell ref="A2:A3"/></mergeCells>'
    info, _ = read(put(files.package([files.worksheet(rows, after=merges)])))
    assert (info.sheets[0].heading_end, info.sheets[0].data_rows) == (3, 5000)
    assert info.sheets[0].merged == ()


@pytest.mark.parametrize("rows", [files.HEADING, ""])
def test_heading_alone_is_x29(put, rows):
    refusal = refusal_of(put(files.package([files.worksheet(rows)])))
    assert (refusal.code, refusal.message_en) == ("X29", "No rows under the heading.")


def test_file_over_ten_megabytes_is_x17_before_any_child_starts(put, monkeypatch):
    monkeypatch.setattr(subprocess, "Popen", None)
    refusal = refusal_of(put(b"x" * int(10.1 * MIB), "list.csv"))
    assert (refusal.code, refusal.message_en) == ("X17", "The file is 10.1 MB; the limit is 10 MB.")


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_hidden_sheet_is_counted_and_not_read(put, state):
    sheets = [files.worksheet(files.HEADING + files.data_rows(2)), files.worksheet(files.data_rows(300))]
    info, rows = read(put(files.package(sheets, states=["visible", state])))
    assert {name for name, _, _ in rows} == {"แผ่น1"}
    assert info.hidden_sheets[0].rows == 300
    assert info.notices[0]["code"] == "X19"
    assert info.notices[0]["message_th"] == "พบแผ่นงานที่ซ่อนอยู่ 300 แถว ระบบไม่นำเข้า กรุณาตรวจ"


def test_hidden_rows_are_named_and_still_given(put):
    rows = (
        files.data_rows(20)
        .replace('<row r="5">', '<row r="5" hidden="1">')
        .replace('<row r="7">', '<row hidden="true" r="7">')
    )
    info, read_rows = read(put(one(rows)))
    assert info.sheets[0].hidden_rows == (5, 7)
    assert len(read_rows) == 21
    assert info.notices[0]["message_en"] == "Hidden rows found: 2. Import them too?"


def test_merged_data_cells_are_named(put):
    merges = '<mergeCells count="1"><mergeCell ref="A5:A24"/></mergeCells>'
    info, _ = read(put(one(files.data_rows(30), after=merges)))
    assert info.sheets[0].merged == ("A5:A24",)
    assert info.notices[0]["code"] == "X23"
    assert "A5:A24" in info.notices[0]["message_th"]


@pytest.mark.parametrize("fill", range(0, 60, 11))
def test_merge_cut_by_the_read_size_is_not_lost(put, fill):
    padding = "<!--" + " " * (xlsx_rows.READ_BYTES * 2 - fill) + "-->"
    merges = padding + '<mergeCells count="1"><mergeCell ref="A5:A24"/></mergeCells>'
    info, _ = read(put(one(files.data_rows(30), after=merges)))
    assert info.sheets[0].merged == ("A5:A24",)


def test_1904_calendar_is_told_and_dates_are_right(put):
    rows = files.HEADING + '<row r="2"><c r="A2" s="1"><v>39582</v></c></row>'
    info, read_rows = read(put(files.package([files.worksheet(rows)], workbook_attributes='date1904="1"')))
    assert info.is_1904 is True
    assert read_rows[1][2][0] == datetime.date(2012, 5, 15)


def test_dde_formula_is_x12(put):
    cell = '<row r="2"><c r="A2"><f>cmd|\'/c calc\'!A0</f><v>1</v></c></row>'
    assert refusal_of(put(one(cell))).code == "X12"


def test_cells_out_of_order_are_x08_not_lost(put):
    row = '<row r="2"><c r="D2"><v>1</v></c><c r="A2"><v>2</v></c></row>'
    assert refusal_of(put(one(row))).code == "X08"


def test_rows_out_of_order_are_x08(put):
    assert refusal_of(put(one(files.data_rows(2, first=7) + files.data_rows(1, first=3)))).code == "X08"


def test_broken_xml_is_x08_and_not_a_crash(put):
    assert refusal_of(put(one('<row r="2"><c r="A2"><v>1</c></row>'))).code == "X08"
    assert refusal_of(put(files.package(['<worksheet xmlns="x"><sheetData><row r="1">']))).code == "X08"


def test_too_many_sheets_are_refused_with_the_number(put):
    refusal = refusal_of(put(files.package([files.worksheet(files.HEADING)] * 11)))
    assert (refusal.code, "11" in refusal.message_en) == ("IM-06", True)


@pytest.mark.parametrize("name", ["list.xls", "list.xlsx", "list.csv"])
def test_genuine_xls_is_read_by_content_whatever_its_name(put, name):
    info, rows = read(put(files.xls(rows=3, hidden=(2,)), name))
    assert info.kind == "xls"
    assert rows[0] == ("แผ่น1", 1, ("ชื่อ", "เลข"))
    assert rows[3] == ("แผ่น1", 4, ("เด็ก3", 3))
    assert info.sheets[0].hidden_rows == (3,)
    assert codes(info) == ["X20"]


def test_encrypted_workbook_is_x06(put):
    refusal = refusal_of(put(files.xls(storage_name="EncryptedPackage")))
    assert (refusal.code, refusal.message_th) == ("X06", "ไฟล์ถูกล็อกด้วยรหัสผ่าน กรุณาเอารหัสออกก่อน")


CSV_TEXT = 'ชื่อ{0}นามสกุล{0}หมายเหตุ\r\nมานี{0}ใจดี{0}"ก{0} ข"\r\n\r\nปิติ{0}{0}"สอง\nบรรทัด"\r\n'


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    ("encoding", "mark", "shown"),
    [
        ("utf-8", b"", "UTF-8"),
        ("utf-8-sig", b"", "UTF-8"),
        ("utf-16", b"", "UTF-16"),
        ("utf-16-be", b"\xfe\xff", "UTF-16"),
        ("utf-16-le", b"", "UTF-16"),
        ("cp874", b"", "Windows-874"),
    ],
)
def test_csv_encoding_and_delimiter_are_detected(put, delimiter, encoding, mark, shown):
    info, rows = read(put(mark + CSV_TEXT.format(delimiter).encode(encoding), "list.csv"))
    assert (info.kind, info.encoding, info.delimiter) == ("csv", shown, delimiter)
    assert codes(info) == ["X49"]
    assert [(number, cells) for _, number, cells in rows] == [
        (1, ("ชื่อ", "นามสกุล", "หมายเหตุ")),
        (2, ("มานี", "ใจดี", f"ก{delimiter} ข")),
        (4, ("ปิติ", None, "สอง\nบรรทัด")),
    ]


def test_csv_title_with_commas_does_not_decide_the_delimiter(put):
    text = "รายชื่อ, ปี 2569, เขต 1, กาฬสินธุ์\nก;ข;ค\n1;2;3\n4;5;6\n"
    info, rows = read(put(text.encode(), "list.csv"))
    assert info.delimiter == ";"
    assert rows[2][2] == ("1", "2", "3")


def test_csv_line_sep_is_obeyed(put):
    info, rows = read(put(b"sep=|\r\na|b\r\n1|2\r\n", "list.csv"))
    assert info.delimiter == "|"
    assert rows == [("", 1, ("a", "b")), ("", 2, ("1", "2"))]


def test_csv_of_5001_rows_is_x16_and_of_61_columns_x14(put):
    text = "ก,ข\n" + "".join(f"{n},x\n" for n in range(5001))
    assert "5,001" in refusal_of(put(text.encode(), "list.csv")).message_en
    assert refusal_of(put(("a," * 60 + "a\n1\n").encode(), "wide.csv")).code == "X14"


def test_binary_with_zero_bytes_is_no_csv(put):
    assert refusal_of(put(bytes(range(256)) * 20, "list.csv")).code == "UP-08"


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+66812345678", "-", "@x", "\tx", "\rx", "＝1", "－1", " =1", "\ufeff=1", "'=1", "''-", "'ก", "ก", ""],
)
def test_csv_formula_guard_is_undone_by_the_reader(text):
    guarded = csv_cell(text)
    assert uncsv_cell(guarded) == text
    assert guarded[:1] not in set("=+-@\t\r＝＋－＠")


def test_bomb_in_shared_strings_is_refused_not_unpacked_here(put):
    before = psutil.Process().memory_info().rss
    sst = f'<sst xmlns="{files.MAIN}"><si><t>{"ก" * 3_000_000}</t></si></sst>'
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(2, 500))
    extra = {
        "xl/sharedStrings.xml": sst,
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{files.PACKAGE}">'
        f'<Relationship Id="rId1" Type="{files.OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{files.OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
    }
    parts = files.package([files.worksheet(files.HEADING + rows)], extra=extra)
    refusal = refusal_of(put(parts), replace(SMALL, ratio=10**6))
    assert refusal.code == "IM-06"
    assert "512 MB" in refusal.message_en
    assert psutil.Process().memory_info().rss - before < 50 * MIB


def test_zip_bomb_leaves_this_process_small(put):
    path = put(files.bomb(150 * MIB))
    before = psutil.Process().memory_info().rss
    assert refusal_of(path).code == "X07"
    assert psutil.Process().memory_info().rss - before < 20 * MIB


def test_big_list_streams_through_a_small_process(put):
    path = put(one(files.data_rows(60_000)))
    before = psutil.Process().memory_info().rss
    peak = 0
    with read_sheet(path, NATIONAL) as reading:
        for count, (_, number, _) in enumerate(reading, start=1):
            assert number == count
            if count % 5000 == 0:
                peak = max(peak, psutil.Process().memory_info().rss)
    assert count == 60_001
    assert peak - before < 30 * MIB


def test_reader_that_stops_early_ends_the_child(put):
    before = set(psutil.Process().children())  # a browser of other tests may be among them
    with read_sheet(put(one(files.data_rows(60_000))), NATIONAL) as reading:
        (child,) = set(psutil.Process().children()) - before
        assert next(iter(reading))[1] == 1
    assert not child.is_running()


def test_reader_that_fails_ends_the_child(put):
    with pytest.raises(KeyError), read_sheet(put(one(files.data_rows(60_000))), NATIONAL):
        raise KeyError


def test_parser_over_its_cpu_time_is_refused(put, monkeypatch):
    monkeypatch.setattr(sheet_module, "START", "import resource; resource.setrlimit(0, (1, 2))\nwhile True: pass")
    refusal = refusal_of(put(one(files.data_rows(1))))
    assert (refusal.code, "60" in refusal.message_en) == ("IM-06", True)


def test_parser_that_hangs_is_refused_after_the_time_limit(put, monkeypatch):
    monkeypatch.setattr(sheet_module, "START", "import signal; signal.pause()")
    assert refusal_of(put(one(files.data_rows(1))), replace(SMALL, seconds=1)).code == "IM-06"


@pytest.mark.parametrize("size", [16, 20, 24, 32])  # it runs out while unpacking, cutting or starting the thread
def test_parser_killed_by_its_memory_limit_is_refused(put, size):
    refusal = refusal_of(put(one(files.data_rows(5000))), replace(SMALL, memory_bytes=size * MIB))
    assert (refusal.code, f"{size} MB" in refusal.message_en) == ("IM-06", True)


def test_fault_of_ours_in_the_child_is_logged_without_values(put, monkeypatch, caplog):
    start = sheet_module.START.replace(
        "main()", "import cases.intake.sheet_child as c; c._read = lambda *a: int('เด็กชายลับ'); main()"
    )
    monkeypatch.setattr(sheet_module, "START", start)
    assert refusal_of(put(one(files.data_rows(1)))).code == "X08"
    assert "ValueError" in caplog.text
    assert "ลับ" not in caplog.text


def test_child_sees_no_secret_of_ours(put, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "x")
    start = "import os, sys; sys.exit(9 if 'SECRET_KEY' in os.environ else 24)"
    monkeypatch.setattr(sheet_module, "START", start)
    codes_seen = []
    original = sheet_module._Waiting._death

    def death(waiting):
        codes_seen.append(waiting.child.wait())
        return original(waiting)

    monkeypatch.setattr(sheet_module._Waiting, "_death", death)
    refusal_of(put(one(files.data_rows(1))))
    assert codes_seen == [24]


def test_reading_needs_no_django():
    code = "import sys, cases.intake.sheet, cases.intake.sheet_child; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=sheet_module.ROOT, check=False).returncode == 0
