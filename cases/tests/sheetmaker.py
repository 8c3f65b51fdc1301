"""Makes small child lists for the tests of the intake; identifiers are synthetic, people fictional."""

import csv
from pathlib import Path

from openpyxl import Workbook

from cases.identity import make_synthetic_id
from schools.thaitext import clean

HEADINGS = (
    "เลขประจำตัวประชาชน",
    "คำนำหน้า",
    "ชื่อ",
    "นามสกุล",
    "วันเกิด",
    "ประเภท",
    "รหัสสถานศึกษา",
    "ชั้นล่าสุด",
    "ตำบล",
    "อำเภอ",
    "จังหวัด",
    "วันที่ติดตาม",
    "ผลการติดตาม",
    "สถานะ/สาเหตุ",
    "ความประสงค์",
    "กลับเข้าเรียน",
)
OWN, SISTER, OTHER_DISTRICT, SOUTH = "46990001", "46990002", "46990003", "81990001"


def child(n: int = 1, **said) -> dict:
    """A row that is right: the n-th fictional child, at the cast's own school unless said otherwise."""
    names = "กขคงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหอ"
    row = {
        "เลขประจำตัวประชาชน": make_synthetic_id(n),
        "คำนำหน้า": "ด.ช.",
        "ชื่อ": f"สม{names[n % 39]}{names[n // 39 % 39]}า",
        "นามสกุล": f"ใจ{names[n * 7 % 39]}ี",
        "วันเกิด": f"15/05/{2553 + n % 8}",
        "ประเภท": "ออกกลางคัน",
        "รหัสสถานศึกษา": OWN,
    }
    # Python normalises identifiers by NFKC, which takes ำ apart
    return row | {clean(name): value for name, value in said.items()}


def xlsx(path: Path, rows: list[dict], headings=None, *, above=(), below=(), merges=()) -> Path:
    """A workbook of dict rows under `headings` (default: every heading used), lines `above` and `below` the table."""
    headings = headings or [name for name in HEADINGS if any(name in row for row in rows)]
    headings = [*headings, *dict.fromkeys(name for row in rows for name in row if name not in headings)]
    book = Workbook()
    sheet = book.active
    for line in above:
        sheet.append(line)
    sheet.append(headings)
    for row in rows:
        sheet.append([row.get(name) for name in headings])
        for cell in sheet[sheet.max_row]:
            if cell.data_type == "f":
                cell.data_type = "s"  # a text that only looks like a formula
    for line in below:
        sheet.append(line)
    for merge in merges:
        sheet.merge_cells(merge)
    book.save(path)
    return path


def delimited(path: Path, rows: list[list], *, encoding: str = "utf-8", delimiter: str = ",") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path
