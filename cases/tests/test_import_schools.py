import json
from io import StringIO

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from schools.models import School

pytestmark = pytest.mark.django_db
HEADING = ["รหัสสถานศึกษา", "ชื่อสถานศึกษา", "เขตพื้นที่", "ตำบล", "อำเภอ", "จังหวัด", "สังกัด", "ละติจูด", "ลองจิจูด"]
ROWS = [
    ["46990011", "โรงเรียนบ้านใหม่สมมุติ", "P4603", "บัวขาว", "กุฉินารายณ์", "กาฬสินธุ์", None, 16.5, 104.05],
    [46990012, "โรงเรียนเทศบาลสมมุติ", None, None, "เมือง", "จ.กาฬสินธุ์", "อปท.", None, None],
]


def run(path, **options):
    out = StringIO()
    call_command("import_schools", str(path), stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def workbook(tmp_path):
    def make(rows, name="schools.xlsx"):
        book = openpyxl.Workbook()
        book.active.append(["บัญชีสถานศึกษา ปีการศึกษา 2564"])
        book.active.append([])
        for values in (HEADING, *rows):
            book.active.append(values)
        book.save(tmp_path / name)
        return tmp_path / name

    return make


def test_a_workbook_is_imported_and_the_second_time_changes_nothing(workbook):
    path = workbook(ROWS)
    assert "2 new, 0 changed, 0 unchanged, 0 refused" in run(path)
    assert "0 new, 0 changed, 2 unchanged, 0 refused" in run(path)
    assert set(School.objects.values_list("code", "district__code")) == {
        ("46990011", "P4603"),
        ("46990012", "X46-lao"),
    }


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp874", "utf-16"])
def test_a_csv_of_any_thai_encoding_reads_the_same(tmp_path, encoding):
    path = tmp_path / "schools.csv"
    lines = [",".join("" if value is None else str(value) for value in values) for values in (HEADING, *ROWS)]
    path.write_bytes("\r\n".join(lines).encode(encoding))
    assert json.loads(run(path, json=True)) == {
        "rows": 2,
        "new": 2,
        "changed": 0,
        "unchanged": 0,
        "refused": 0,
        "committed": True,
        "refusals": [],
        "warnings": [],
    }


def test_a_refused_row_is_named_by_the_row_of_the_sheet_and_nothing_is_written(workbook):
    path = workbook([ROWS[0], ["4699", *ROWS[1][1:]]])
    out = StringIO()
    with pytest.raises(CommandError, match="Nothing was written"):
        call_command("import_schools", str(path), json=True, stdout=out)
    answer = json.loads(out.getvalue())
    assert (answer["refused"], answer["committed"]) == (1, False)
    refusal = answer["refusals"][0]
    assert (refusal["row"], refusal["column"], refusal["code"]) == (5, "รหัสสถานศึกษา", "X58")
    assert School.objects.count() == 0


def test_a_file_that_is_no_list_of_schools_is_refused_plainly(tmp_path, workbook):
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"%PDF-1.4 no sheet")
    with pytest.raises(CommandError, match="UP-08"):
        run(path)
    with pytest.raises(CommandError, match="cannot be opened"):
        run(tmp_path / "none.xlsx")
    book = openpyxl.Workbook()
    book.active.append(["a", "b"])
    book.active.append(["1", "2"])
    book.save(path)
    with pytest.raises(CommandError, match="X26"):
        run(path)


def test_a_heading_with_nothing_but_totals_below_is_refused(workbook):
    with pytest.raises(CommandError, match="X29"):
        run(workbook([[None, "รวม", None, None, None, None, None, None, None]]))
