"""The workbooks of an import: the empty template with example and notes, and the answer files made of one's own list.

Every text is written as text, so that nothing a cell holds is ever run as a formula (EX-01).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import IO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from cases.codes import CAUSES, IN_EDUCATION
from cases.identity import make_synthetic_id
from cases.intake.headings import CANONICAL, TEMPLATE
from cases.intake.refusal import Limits
from cases.intake.sheet import read_sheet

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_HEAD, _BAD = PatternFill("solid", fgColor="DDEBE8"), PatternFill("solid", fgColor="F8D7D4")
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
LONGEST = 32_767  # characters Excel takes in a cell

_EXAMPLES = (
    (
        (make_synthetic_id(9_000_001), "ด.ช.", "สมมุติ", "ตัวอย่าง", "15/05/2555", "ออกกลางคัน"),
        ("46990001", "โรงเรียนบ้านทุ่งสมมุติ", "ป.6", "บัวขาว", "กุฉินารายณ์", "กาฬสินธุ์", "สพฐ."),
        ("",) * 6,
    ),
    (
        ("", "ด.ญ.", "ทดลอง", "ตัวอย่าง", "2556", "ตกหล่น"),
        ("", "", "", "บัวขาว", "กุฉินารายณ์", "กาฬสินธุ์", "สพฐ.", "ไม่มีหลักฐานทะเบียนราษฎร"),
        ("10/02/2565", "พบตัว", "ย้ายถิ่นที่อยู่", "ประสงค์กลับเข้าเรียน", "กลับเข้าเรียนแล้ว"),
    ),
)
_NOTES = (
    ("เลขประจำตัวประชาชน", "13 หลัก หรือรหัส G ตั้งเซลล์เป็นข้อความ เว้นว่างได้ถ้าไม่มี แล้วบอกเหตุผลใน “เหตุผลที่ไม่มีเลข”"),
    ("ชื่อ", "จำเป็น จะรวมคำนำหน้า ชื่อ นามสกุล ในช่องเดียวใต้หัว “ชื่อ-สกุล” ก็ได้"),
    ("วันเกิด", "15/05/2555 หรือ 15 พ.ค. 2555 หรือเฉพาะปี พ.ศ. 2555 ใช้ปี 4 หลัก"),
    ("ประเภท", "ตกหล่น · ออกกลางคัน · ไม่มีชื่อในระบบแต่พบตัว · กลุ่มเสี่ยง  ถ้าเว้นว่างถือเป็น ออกกลางคัน"),
    ("รหัสสถานศึกษา", "8 หรือ 10 หลัก ถ้าไม่ทราบ ใส่ชื่อสถานศึกษากับอำเภอ ถ้าไม่มีทั้งสองจะรอที่เขตหรือถาดของจังหวัด"),
    ("จังหวัด", "จำเป็นเมื่อไม่ได้ระบุสถานศึกษา (ยกเว้นเขตพื้นที่และโรงเรียนนำเข้าเอง)"),
    ("วันที่ติดตาม", "วันที่เยี่ยมหรือติดตามครั้งนั้น ถ้าเว้นว่างใช้วันที่ของบัญชี"),
    ("ผลการติดตาม", "พบตัว · อยู่ระหว่างติดตาม · ไม่พบตัว"),
    ("สถานะ/สาเหตุ", " · ".join(str(outcome.label) for outcome in (*IN_EDUCATION, *CAUSES))),
    ("ความประสงค์", "ประสงค์กลับเข้าเรียน · ไม่ประสงค์กลับเข้าเรียน · ยังไม่สามารถ"),
    ("กลับเข้าเรียน", "กลับเข้าเรียนแล้ว หรือเว้นว่าง"),
    ("วันที่ของบัญชี", "พิมพ์ “ข้อมูล ณ วันที่ 28 กุมภาพันธ์ 2565” ไว้เหนือตารางได้"),
    ("แถวตัวอย่าง", "ลบแถวตัวอย่างทั้งสองก่อนใช้จริง"),
)


def text_cell(sheet, value: object) -> WriteOnlyCell:
    """A cell that shows `value`; texts stay texts whatever they begin with, 13-digit numbers keep their digits."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**11:
        value = str(value)
    if value is None or isinstance(value, bool | int | float | date | datetime):
        return WriteOnlyCell(sheet, value)
    cell = WriteOnlyCell(sheet, _ILLEGAL.sub("", str(value))[:LONGEST])
    cell.data_type = "s"
    return cell


def write_template(file: IO[bytes] | Path) -> None:
    """The canonical template: headings, two example rows of fictional children, a sheet of notes."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("รายชื่อ")
    sheet.freeze_panes = "A2"
    for at, key in enumerate(TEMPLATE, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = max(14, len(CANONICAL[key]) + 4)
    sheet.append([_heading(sheet, CANONICAL[key]) for key in TEMPLATE])
    for row in _EXAMPLES:
        cells = [text_cell(sheet, value) for part in row for value in part]
        for cell in cells:
            cell.number_format = "@"
        sheet.append(cells)
    notes = book.create_sheet("คำอธิบาย")
    notes.column_dimensions["A"].width, notes.column_dimensions["B"].width = 24, 110
    for name, words in _NOTES:
        told = text_cell(notes, words)
        told.alignment = Alignment(wrap_text=True, vertical="top")
        notes.append([_heading(notes, name), told])
    book.save(file)


def _heading(sheet, text: str) -> WriteOnlyCell:
    cell = text_cell(sheet, text)
    cell.font, cell.fill = Font(bold=True), _HEAD
    return cell


def write_answer(
    source: Path,
    limits: Limits,
    target: Path,
    told: Mapping[tuple[str, int], tuple[str, str, frozenset[int]]],
    headings: Mapping[str, tuple[int, int]],
    *,
    only_told: bool,
    last_lines: Sequence[str] = (),
) -> int:
    """Write the importer's own rows again, with what was found of each beside it; returns how many.

    `told`: (sheet, row) → (verdict, words, positions of wrong cells); `headings`: sheet → its heading's rows, which
    are repeated. `only_told`: rows without an answer are left out.
    """
    book = Workbook(write_only=True)
    sheet, current, written = None, "", 0
    with read_sheet(source, limits) as reading:
        for name, number, cells in reading:
            if name not in headings:
                continue
            if sheet is None or name != current:  # a .csv has one sheet, without a name
                sheet, current = book.create_sheet(name[:31] or None), name
            first, last = headings[name]
            if number <= last:
                if number >= first or not only_told:
                    sheet.append(_answered(sheet, cells, ("ผลการตรวจ", "เพราะ / แก้อย่างไร") if number == last else ()))
                continue
            answer = told.get((name, number))
            if answer is None and only_told:
                continue
            verdict, words, wrong = answer or ("", "", frozenset())
            sheet.append(_answered(sheet, cells, (verdict, words), wrong))
            written += 1
    notes = book.create_sheet("อ่านก่อน")
    for line in last_lines:
        notes.append([text_cell(notes, line)])
    book.save(target)
    return written


def _answered(sheet, cells: Iterable[object], said: Sequence[str], wrong: frozenset[int] = frozenset()) -> list:
    row = [text_cell(sheet, cell) for cell in cells]
    for at in wrong:
        if at < len(row):
            row[at].fill = _BAD
    return [*row, *(text_cell(sheet, words) for words in said)]
