"""What is said of a row: refusals (it cannot land) and warnings (it lands all the same), in Thai and English.

Codes are the ids of bad_inputs.tsv where one fits. No message holds an identifier; a value that is shown is masked.
"""

from typing import NamedTuple

from cases.identity import mask, scrub
from cases.intake.headings import CANONICAL

SHOWN = 60  # characters of a cell quoted in a message


class Finding(NamedTuple):
    """One thing said of one row of one sheet. `row` counts the sheet's rows from 1 (None: the file); `column` is
    the canonical name or ""; `value` what stood there, masked."""

    row: int | None
    column: str
    code: str
    message_th: str
    message_en: str
    value: str = ""
    sheet: str = ""


# code → (Thai, English); the texts of bad_inputs.tsv where one fits, each with its remedy.
_TEXTS = {
    "name_missing": ("ไม่มีชื่อ กรุณาใส่ชื่อ (และนามสกุล)", "No name. Fill in the first name (and the last)."),
    "too_long": ("ข้อความยาวเกิน {limit} ตัวอักษร กรุณาย่อ", "Longer than {limit} characters. Shorten it."),
    "X23": (
        "เซลล์ผสาน {ref} ค่าจะอยู่แถวแรกเท่านั้น กรุณาแยกเซลล์แล้วใส่ค่าให้ครบทุกแถว",
        "Merged cells {ref}: only the first row has the value. Unmerge and fill every row.",
    ),
    "X35": (
        "ไม่มีเลขประจำตัว ถือว่าเว้นว่าง ระบุเหตุผลได้ในคอลัมน์ “เหตุผลที่ไม่มีเลข”",
        "No ID, taken as blank; the reason may stand in the column เหตุผลที่ไม่มีเลข.",
    ),
    "g_code_form": ("รหัส G ไม่ตรงรูปแบบกลาง กรุณาตรวจ", "The G-code is not of the central form. Check it."),
    "birth_blank": (
        "ไม่มีวันเกิด จะจับคู่ครั้งต่อไปด้วยเลขประจำตัวหรือชื่อและที่อยู่",
        "No birth date; the row is known again by its ID, or by name and placement.",
    ),
    "V03": ("ปี {year} ตีความเป็น พ.ศ. → {ce} กรุณายืนยัน", "{year} read as BE ({ce}). Confirm."),
    "X47": (
        "อายุ {age} ปี อยู่นอกช่วง 3–20 กรุณาตรวจปีเกิด ถ้าถูกต้องให้ยืนยันก่อนนำเข้า",
        "Age {age} is outside 3–20. Check the year; confirm it if it is right.",
    ),
    "X47_future": ("วันเกิดอยู่ในอนาคต กรุณาตรวจปี", "Born in the future. Check the year."),
    "X50": (
        "ตัวอักษรเพี้ยน กรุณาบันทึกไฟล์เป็น UTF-8 แล้วลองใหม่",
        "Garbled letters. Save as UTF-8 and retry.",
    ),
    "X58": (
        "ไม่พบรหัสโรงเรียน {code} หรือโรงเรียนยุบแล้ว ตรวจรหัสหรือใส่ชื่อโรงเรียนกับอำเภอ",
        "School code {code} not found or closed. Check it, or give the school's name and amphoe.",
    ),
    "X59": (
        "โรงเรียนหรือพื้นที่นอกความรับผิดชอบของท่าน จะไม่ถูกนำเข้า กรุณาส่งให้หน่วยงานที่รับผิดชอบ",
        "A school or place outside your area; not imported. Send it to the unit in charge.",
    ),
    "X60": (
        "สาเหตุ “{words}” ไม่อยู่ในรายการ เก็บคำเดิมไว้ นับเป็น ไม่ระบุสาเหตุ จนกว่าจะจับคู่{hint}",
        "Cause “{words}” is not in the list; the words are kept, counted as unspecified until matched.{hint_en}",
    ),
    "V01": ("วันที่ติดตามอยู่ในอนาคต กรุณาตรวจวันที่", "The visit date is in the future. Check it."),
    "V02": ("วันที่ติดตามก่อนวันเกิดของเด็ก กรุณาตรวจวันที่", "The visit date is before the child's birth. Check it."),
    "category": (
        "ประเภท “{words}” ไม่รู้จัก ใช้ ตกหล่น ออกกลางคัน ไม่มีชื่อในระบบแต่พบตัว หรือ กลุ่มเสี่ยง",
        "Category “{words}” is unknown. Use ตกหล่น, ออกกลางคัน, ไม่มีชื่อในระบบแต่พบตัว or กลุ่มเสี่ยง.",
    ),
    "result": (
        "ผลการติดตาม “{words}” ไม่รู้จัก ใช้ พบตัว อยู่ระหว่างติดตาม หรือ ไม่พบตัว",
        "Result “{words}” is unknown. Use พบตัว, อยู่ระหว่างติดตาม or ไม่พบตัว.",
    ),
    "wish": (
        "ความประสงค์ “{words}” ไม่รู้จัก ใช้ ประสงค์กลับเข้าเรียน ไม่ประสงค์กลับเข้าเรียน หรือ ยังไม่สามารถ",
        "Wish “{words}” is unknown. Use ประสงค์กลับเข้าเรียน, ไม่ประสงค์กลับเข้าเรียน or ยังไม่สามารถ.",
    ),
    "returned": (
        "ค่า “{words}” ไม่รู้จัก ใช้ กลับเข้าเรียนแล้ว หรือเว้นว่าง",
        "“{words}” is unknown. Use กลับเข้าเรียนแล้ว or leave it blank.",
    ),
    "sex": ("เพศ “{words}” ไม่รู้จัก ไม่นำเข้าช่องนี้", "Sex “{words}” is unknown; this cell is left out."),
    "not_found_but_returned": (
        "ระบุว่าไม่พบตัวแต่กลับเข้าเรียนแล้ว เป็นไปพร้อมกันไม่ได้ กรุณาแก้ช่องใดช่องหนึ่ง",
        "Not found, yet back in school: both cannot be. Mend one of the two.",
    ),
    "affiliation": (
        "ไม่รู้จักสังกัด “{words}” ใช้ชื่อย่อ เช่น สพฐ. สอศ. สกร. สช. อปท.",
        "Affiliation “{words}” is unknown. Use an abbreviation like สพฐ. สอศ. สกร. สช. อปท.",
    ),
    "school_unknown": (
        "ไม่พบโรงเรียนชื่อ “{words}” ในระบบ เก็บคำเดิมไว้ และจัดเหมือนไม่ได้ระบุโรงเรียน",
        "No school is called “{words}”; the words are kept and the row is placed as if none were named.",
    ),
    "school_ambiguous": (
        "ชื่อโรงเรียน “{words}” ต้องมีอำเภอที่ตรงกัน หรือใส่รหัส: {candidates}",
        "School “{words}” needs its amphoe, or its code: {candidates}",
    ),
    "school_name_differs": (
        "ชื่อโรงเรียนไม่ตรงกับรหัส ใช้ตามรหัส: {name}",
        "The school's name does not fit its code; the code is taken: {name}",
    ),
    "placement": (
        "ไม่รู้ว่าเด็กอยู่จังหวัดใด กรุณาใส่จังหวัด หรือโรงเรียนที่รู้จัก",
        "The province is not known. Fill in the province or a known school.",
    ),
    "duplicate": ("ซ้ำกับแถว {other} กรุณาลบแถวที่ซ้ำ", "The same child as row {other}. Delete one."),
    "met_twice": (
        "เป็นเด็กคนเดียวกับอีกแถวในไฟล์นี้ กรุณาลบแถวที่ซ้ำ",
        "The same child as another row of this file. Delete one.",
    ),
    "id_twice": (
        "เลขประจำตัวเดียวกันอยู่หลายคนในไฟล์นี้ (แถว {others}) กรุณาตรวจกับบัตรหรือสูติบัตร",
        "Several people share this ID in the file (rows {others}). Check the card or birth certificate.",
    ),
    "match_twice": (
        "ตรงกับเด็กในบัญชีเดิมมากกว่าหนึ่งคน กรุณาใส่เลขประจำตัวหรือวันเกิด",
        "Fits more than one child of the list. Fill in the ID or birth date.",
    ),
    "X39": (
        "นำเข้าแถวนี้ไม่ได้ ระบบแจ้งหน่วยงานที่ต้องตรวจสอบแล้ว สอบถามด้วยเลขอ้างอิง {reference} แถวอื่นนำเข้าต่อได้",
        "This row cannot be imported; who must check it has been told. Ask with reference {reference}. "
        "The other rows can go in.",
    ),
    "not_read": ("อ่านค่าไม่ได้: {why}", "Cannot be read: {why}"),
}


def found(code: str, column: str = "", value: object = "", /, **words: object) -> Finding:
    """What `code` says of a cell under `column` (a key of headings), the row still to be put in."""
    thai, english = _TEXTS[code]
    shown = {name: word[:SHOWN] if isinstance(word, str) and name == "words" else word for name, word in words.items()}
    return said(code.removesuffix("_future"), column, value, thai.format(**shown), english.format(**shown))


def said(code: str, column: str, value: object, message_th: str, message_en: str) -> Finding:
    """A finding whose words come from elsewhere (a date or an identifier that could not be read)."""
    shown = "" if value is None else mask(value) if column == "identifier" else scrub(str(value)[:SHOWN])
    return Finding(None, CANONICAL.get(column, column), code, scrub(message_th), scrub(message_en), shown)
