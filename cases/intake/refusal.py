"""Owns what an uploaded sheet may be (Limits) and the words of every refusal and notice about the file itself.

Codes are the ids of bad_inputs.tsv where one fits, else the rule of SECURITY.md (IM-06, UP-08).
Knows nothing of Django or of children; the parent process and the parsing child share it.
"""

import math
from dataclasses import dataclass

from schools.refusal import Refusal

MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """What one file may cost. Sizes in bytes, time in seconds of work by the parser (SECURITY IM-06)."""

    rows: int  # non-empty rows below the heading, over all visible sheets
    columns: int
    file_bytes: int
    unpacked_bytes: int
    ratio: int = 100
    members: int = 200
    sheets: int = 10
    seconds: int = 60
    memory_bytes: int = 512 * MIB  # address space of the child


SMALL = Limits(rows=5_000, columns=60, file_bytes=10 * MIB, unpacked_bytes=100 * MIB)
NATIONAL = Limits(
    rows=1_100_000,
    columns=60,
    file_bytes=200 * MIB,
    unpacked_bytes=2048 * MIB,
    sheets=100,
    seconds=900,
    memory_bytes=2048 * MIB,
)

# key → (code, Thai, English); the texts of bad_inputs.tsv with the true numbers filled in.
MESSAGES = {
    "password": (
        "X06",
        "ไฟล์ถูกล็อกด้วยรหัสผ่าน กรุณาเอารหัสออกก่อน",
        "The file is password-protected. Remove the password.",
    ),
    "unpacked": (
        "X07",
        "ไฟล์ใหญ่เกินกำหนดเมื่อคลายออก (เกิน {limit} MB)",
        "The unpacked file is too large (over {limit} MB).",
    ),
    "ratio": (
        "X07",
        "ไฟล์ใหญ่เกินกำหนดเมื่อคลายออก (เกิน {limit} เท่าของขนาดไฟล์)",
        "The unpacked file is too large (over {limit} times its packed size).",
    ),
    "structure": ("X08", "ไฟล์มีโครงสร้างผิดปกติ ระบบไม่รับ", "The file structure is not valid."),
    "members": (
        "X08",
        "ไฟล์มีโครงสร้างผิดปกติ ระบบไม่รับ (มีส่วนย่อย {count} ส่วน เกิน {limit})",
        "The file structure is not valid ({count} parts; the limit is {limit}).",
    ),
    "member_name": ("X09", "ไฟล์มีโครงสร้างผิดปกติ ระบบไม่รับ", "The file structure is not valid."),
    "dtd_external": (
        "X10",
        "ไฟล์มีส่วนที่ไม่ปลอดภัย (DTD) ระบบไม่รับ",
        "The file has an unsafe part (DTD).",
    ),
    "dtd_entities": (
        "X11",
        "ไฟล์มีส่วนที่ไม่ปลอดภัย (DTD) ระบบไม่รับ",
        "The file has an unsafe part (DTD).",
    ),
    "external": (
        "X12",
        "ไฟล์มีลิงก์หรือวัตถุภายนอก กรุณาคัดลอกเฉพาะค่าไปวางในแบบฟอร์ม",
        "The file has external links or objects. Paste values into the template.",
    ),
    "too_wide": (
        "X14",
        "ข้อมูลเกิน {rows} แถวหรือ {columns} คอลัมน์",
        "More than {rows} rows or {columns} columns.",
    ),
    "rows": (
        "X16",
        "มี {count} แถว เกิน {limit} กรุณาแบ่งไฟล์",
        "{count} rows; the limit is {limit}. Split the file.",
    ),
    "file_size": (
        "X17",
        "ไฟล์ใหญ่ {size} MB เกิน {limit} MB",
        "The file is {size} MB; the limit is {limit} MB.",
    ),
    "no_rows": ("X29", "ไม่มีข้อมูลใต้หัวตาราง", "No rows under the heading."),
    "sheets": (
        "IM-06",
        "ไฟล์มี {count} แผ่นงาน เกิน {limit} กรุณาแบ่งไฟล์",
        "{count} sheets; the limit is {limit}. Split the file.",
    ),
    "time": (
        "IM-06",
        "อ่านไฟล์ไม่เสร็จภายใน {limit} วินาที กรุณาแบ่งไฟล์",
        "The file could not be read within {limit} seconds. Split the file.",
    ),
    "memory": (
        "IM-06",
        "อ่านไฟล์ไม่ได้ในหน่วยความจำ {limit} MB กรุณาแบ่งไฟล์",
        "The file could not be read within {limit} MB of memory. Split the file.",
    ),
    "macro": (
        "UP-08",
        "ไฟล์มีมาโคร (.xlsm) ระบบไม่รับ กรุณาบันทึกเป็น .xlsx",
        "The file has macros (.xlsm). Save it as .xlsx.",
    ),
    "xlsb": (
        "UP-08",
        "ระบบไม่รับไฟล์ .xlsb กรุณาบันทึกเป็น .xlsx",
        "Files of type .xlsb are not accepted. Save it as .xlsx.",
    ),
    "ods": (
        "UP-08",
        "ระบบไม่รับไฟล์ .ods กรุณาบันทึกเป็น .xlsx",
        "Files of type .ods are not accepted. Save it as .xlsx.",
    ),
    "not_a_sheet": (
        "UP-08",
        "ไม่ใช่ไฟล์ตาราง รับเฉพาะ .xlsx .xls และ .csv",
        "This is not a sheet. Only .xlsx, .xls and .csv are accepted.",
    ),
    "web_page": (
        "UP-08",
        "ไฟล์นี้เป็นหน้าเว็บหรือ XML ไม่ใช่ตาราง กรุณาเปิดแล้วบันทึกเป็น .xlsx",
        "This file is a web page or XML, not a sheet. Open it and save it as .xlsx.",
    ),
    # notices: the file is read all the same
    "dimension": (
        "X15",
        "อ่านได้ {count} แถว กรุณายืนยันจำนวน",
        "{count} rows read. Confirm the count.",
    ),
    "hidden_sheet": (
        "X19",
        "พบแผ่นงานที่ซ่อนอยู่ {count} แถว ระบบไม่นำเข้า กรุณาตรวจ",
        "A hidden sheet was not imported; its rows: {count}. Check it.",
    ),
    "hidden_rows": (
        "X20",
        "พบแถวที่ซ่อนอยู่ {count} แถว ต้องการนำเข้าด้วยหรือไม่",
        "Hidden rows found: {count}. Import them too?",
    ),
    "merged": (
        "X23",
        "เซลล์ผสาน {ref} ค่าจะอยู่แถวแรกเท่านั้น กรุณาแยกเซลล์",
        "Merged cells {ref}: only the first row has the value. Unmerge.",
    ),
    "detected": (
        "X49",
        "ตรวจพบ {encoding} / ตัวคั่น {delimiter}",
        "{encoding} with delimiter {delimiter} detected.",
    ),
}


def say(key, **values):
    """The message `key` as {"code", "message_th", "message_en"}; whole numbers get thousands separators."""
    code, thai, english = MESSAGES[key]
    shown = {name: f"{value:,}" if isinstance(value, int) else value for name, value in values.items()}
    return {"code": code, "message_th": thai.format(**shown), "message_en": english.format(**shown)}


class SheetRefused(Refusal):
    """The file cannot be taken. `code` as in bad_inputs.tsv; the two messages say why and what to do."""

    def __init__(self, code, message_th, message_en):
        self.code = code
        super().__init__(message_th, message_en)


def refused(key, **values):
    """A SheetRefused with the words of `key`; to be raised by the caller."""
    return SheetRefused(**say(key, **values))


def check_file_size(size, limits):
    """Refuse (X17) a file of `size` bytes over the limit; the size shown is rounded up, so never equals the limit."""
    if size > limits.file_bytes:
        shown = math.ceil(size / MIB * 10) / 10
        raise refused("file_size", size=f"{shown:,.1f}", limit=limits.file_bytes // MIB)


def check_rows(count, limits):
    """Refuse (X16, X29) `count` data rows: more than the limit, or none under the heading."""
    if count > limits.rows:
        raise refused("rows", count=count, limit=limits.rows)
    if count == 0:
        raise refused("no_rows")
