"""Whole files as offices send them, read by the command's own path and checked cell by cell."""

from datetime import date

import pytest

from cases.identity import make_synthetic_id
from cases.intake.importing import Request, check, commit
from cases.intake.refusal import SheetRefused
from cases.models import Child, Identifier, ListEntry
from cases.tests.sheetmaker import child, delimited, xlsx

pytestmark = pytest.mark.django_db


def test_messy_workbook_is_read_right(cast, tmp_path):
    ids = [make_synthetic_id(n) for n in range(1, 6)]
    dashed = f"{ids[2][0]}-{ids[2][1:5]}-{ids[2][5:10]}-{ids[2][10:12]}-{ids[2][12]}"
    thai_digits = ids[3].translate({48 + n: chr(0x0E50 + n) for n in range(10)})
    rows = [
        ["บัญชีรายชื่อเด็กตกหล่นและออกกลางคัน"],
        ["สพป.กาฬสินธุ์ เขต ๓"],
        ["ข้อมูล ณ วันที่ ๒๘ กุมภาพันธ์ ๒๕๖๕ เวลา ๑๓.๓๐ น."],
        ["ที่", "เลขประจำตัวประชาชน\n(13 หลัก)", "ชื่อ - นามสกุล", "ว/ด/ป เกิด", "สถานศึกษาเดิม", None, "หมายเหตุ"],
        [None, None, None, None, "รหัส", "ชั้น", None],
        ["๑", int(ids[0]), "ด.ช.สมชาย ใจดี", "15/5/2555", 46990001, "ป.๖", None],
        ["๒", f"'{ids[1]}", "ด.ญ. สมหญิง  รักเรียน", "๑๖ พ.ค. ๒๕๕๕", "46990001", "ป.6", "ย้าย"],
        ["รวม", None, "2 คน", None, None, None, None],
        ["๓", dashed, "นายเอก แซ่ลี้", "17 พฤษภาคม 2549", "46990001", None, None],
        ["๔", thai_digits, "นางสาวบี ณ ลำปาง", date(2006, 5, 18), "46990001", None, None],
        ["๕", ids[4], "สามเณรซี ดีงาม", "2555-05-19", "46990001", None, None],
        ["รวมทั้งสิ้น", None, "5 คน", None, None, None, None],
        [None, None, "ลงชื่อ ...................... ผู้รายงาน", None, None, None, None],
        [None, None, "(นางสาวดวงพร แสงสมมุติ)", None, None, None, None],
        [None, None, "ตำแหน่ง นักวิชาการศึกษา", None, None, None, None],
    ]
    path = tmp_path / "messy.xlsx"
    from openpyxl import Workbook

    book = Workbook()
    for row in rows:
        book.active.append(row)
    for merge in ("A1:G1", "A2:G2", "A3:G3", "A4:A5", "B4:B5", "C4:C5", "D4:D5", "E4:F4", "G4:G5"):
        book.active.merge_cells(merge)
    book.save(path)
    report = commit(Request(cast.district, path, path.name))
    assert report.refusals == []
    assert (report.counts["rows"], report.counts["new"]) == (5, 5)
    assert report.list_date == date(2022, 2, 28)
    assert report.skipped[0] == "ข้ามแถวรวม 2 แถว และลายเซ็นและหมายเหตุท้ายตาราง 3 แถว"
    told = Child.objects.order_by("pk").values_list("title", "first_name", "last_name", "birth_date", "last_grade")
    assert list(told) == [
        ("ด.ช.", "สมชาย", "ใจดี", date(2012, 5, 15), "ป.๖"),
        ("ด.ญ.", "สมหญิง", "รักเรียน", date(2012, 5, 16), "ป.6"),
        ("นาย", "เอก", "แซ่ลี้", date(2006, 5, 17), ""),
        ("น.ส.", "บี", "ณ ลำปาง", date(2006, 5, 18), ""),
        ("สามเณร", "ซี", "ดีงาม", date(2012, 5, 19), ""),
    ]
    assert Identifier.objects.count() == 5
    assert list(ListEntry.objects.order_by("row").values_list("row", flat=True)) == [6, 7, 9, 10, 11]


@pytest.mark.parametrize(("encoding", "delimiter"), [("cp874", ","), ("utf-8-sig", ";"), ("utf-16", "\t")])
def test_delimited_text_in_the_encodings_of_offices(cast, tmp_path, encoding, delimiter):
    rows = [["ชื่อ", "นามสกุล", "วันเกิด", "รหัสสถานศึกษา"], ["สมชาย", "ใจดี", "15/05/2555", "46990001"]]
    path = delimited(tmp_path / "list.csv", rows, encoding=encoding, delimiter=delimiter)
    report = commit(Request(cast.district, path, path.name))
    assert report.refusals == []
    assert Child.objects.values_list("first_name", "last_name").get() == ("สมชาย", "ใจดี")


def test_blank_cells_under_a_merged_area_are_refused_with_the_range(cast, tmp_path):
    rows = [child(1, รหัสสถานศึกษา="46990001"), child(2, รหัสสถานศึกษา=None), child(3, รหัสสถานศึกษา=None)]
    path = xlsx(tmp_path / "list.xlsx", rows, merges=["G2:G4"])
    report = check(Request(cast.district, path, path.name))
    assert [(one.row, one.column, one.code) for one in report.refusals] == [
        (3, "รหัสสถานศึกษา", "X23"),
        (4, "รหัสสถานศึกษา", "X23"),
    ]
    assert "G2:G4" in report.refusals[0].message_th


def test_sheet_without_heading_beside_a_list_is_named_not_silent(cast, tmp_path):
    from openpyxl import load_workbook

    path = xlsx(tmp_path / "list.xlsx", [child(1)])
    book = load_workbook(path)
    book.create_sheet("คำอธิบาย").append(["อ่านก่อนใช้"])
    book.save(path)
    report = check(Request(cast.district, path, path.name))
    assert report.counts["new"] == 1
    assert [one.code for one in report.warnings if one.code == "sheet_without_heading"] == ["sheet_without_heading"]


def test_unknown_column_is_told(cast, tmp_path):
    path = xlsx(tmp_path / "list.xlsx", [child(1, หมายเหตุ2="x")])
    report = check(Request(cast.district, path, path.name))
    assert [(one.code, one.message_th) for one in report.warnings if one.code == "X27"] == [
        ("X27", 'คอลัมน์ "หมายเหตุ2" ไม่ถูกนำเข้า')
    ]


def test_header_only_and_missing_column_refuse_the_file(cast, tmp_path):
    with pytest.raises(SheetRefused) as nothing:
        check(Request(cast.district, xlsx(tmp_path / "a.xlsx", [], ["ชื่อ", "นามสกุล", "วันเกิด"]), "a.xlsx"))
    assert nothing.value.code == "X29"
    with pytest.raises(SheetRefused) as missing:
        check(Request(cast.district, xlsx(tmp_path / "b.xlsx", [{"นามสกุล": "ก", "วันเกิด": "2555"}]), "b.xlsx"))
    assert missing.value.code == "X26"


def test_more_than_5000_rows_only_for_department_and_ministry(cast, tmp_path):
    rows = [["ชื่อ", "นามสกุล", "จังหวัด"]] + [[f"สม{n}", "ใจดี", "กาฬสินธุ์"] for n in range(5_001)]
    path = delimited(tmp_path / "list.csv", rows)
    with pytest.raises(SheetRefused) as refused:
        check(Request(cast.district, path, path.name))
    assert refused.value.code == "X16"
    assert check(Request(cast.department, path, path.name)).counts["new"] == 5_001
