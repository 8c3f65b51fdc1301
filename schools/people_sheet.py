"""Which column of a sheet of people is which, and what its cells say. Who may be invited is schools.people_import's.

The sheet's words for roles are Thai; the codes of the roles are taken too.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from schools.models import Posting
from schools.refusal import Refusal
from schools.school_cells import CellRefused, text_of
from schools.school_sheet import Row, is_blank
from schools.thaitext import arabic_digits, header_key
from schools.thaitime import BadDate, parse_thai_date

FIRST_NAME = "ชื่อ"
LAST_NAME = "นามสกุล"
USERNAME = "ชื่อผู้ใช้"
ROLE = "บทบาท"
SCHOOL = "รหัสสถานศึกษา"
UNIT = "หน่วยงาน"
EMAIL = "อีเมล"
PHONE = "โทรศัพท์"
SINCE = "เริ่ม"
UNTIL = "สิ้นสุด"
READ_ONLY = "ดูอย่างเดียว"

_SPELLINGS = {
    FIRST_NAME: ("ชื่อจริง", "first name", "firstname", "name"),
    LAST_NAME: ("สกุล", "ชื่อสกุล", "last name", "lastname", "surname"),
    USERNAME: ("user name", "username", "ผู้ใช้", "ชื่อบัญชี", "login"),
    ROLE: ("ตำแหน่ง", "หน้าที่", "role"),
    SCHOOL: ("รหัสโรงเรียน", "school code", "school"),
    UNIT: ("รหัสหน่วยงาน", "unit"),
    EMAIL: ("e-mail", "email", "อีเมล์"),
    PHONE: ("เบอร์โทร", "เบอร์โทรศัพท์", "โทร", "phone", "tel"),
    SINCE: ("วันที่เริ่ม", "เริ่มวันที่", "ตั้งแต่", "from", "since"),
    UNTIL: ("วันที่สิ้นสุด", "สิ้นสุดวันที่", "ถึง", "to", "until"),
    READ_ONLY: ("อ่านอย่างเดียว", "read only", "read-only"),
}
COLUMNS = tuple(_SPELLINGS)
NEEDED = (FIRST_NAME, LAST_NAME, USERNAME, ROLE)
_COLUMN_OF_KEY = {header_key(text): column for column, texts in _SPELLINGS.items() for text in (column, *texts)}
_HEADING_WITHIN = 30  # rows of a sheet in which its heading must stand

Role = Posting.Role
ROLE_WORDS = {
    Role.TEACHER: ("ครู", "ครูผู้สอน", "ครูผู้รับผิดชอบ"),
    Role.DIRECTOR: ("ผู้อำนวยการสถานศึกษา", "ผู้อำนวยการ", "ผู้อำนวยการโรงเรียน", "ผอ.", "ผอ.ร.ร.", "ผอ.โรงเรียน"),
    Role.DISTRICT: ("เจ้าหน้าที่เขตพื้นที่", "เจ้าหน้าที่เขต", "เขตพื้นที่", "เขต"),
    Role.PROVINCE: ("เจ้าหน้าที่จังหวัด", "จังหวัด"),
    Role.DEPARTMENT: ("เจ้าหน้าที่ส่วนราชการ", "ส่วนราชการ", "กรม"),
    Role.MINISTRY: ("เจ้าหน้าที่กระทรวง", "กระทรวง"),
    Role.PARTNER: ("เจ้าหน้าที่หน่วยงานภาคี", "หน่วยงานภาคี", "ภาคี"),
    Role.AUDITOR: ("ผู้ตรวจสอบ", "ผู้ตรวจ"),
    Role.ADMIN: ("ผู้ดูแลระบบ",),
}
_ROLE_OF_KEY = {header_key(word): role for role, words in ROLE_WORDS.items() for word in (*words, role.value)}
_YES = {header_key(word) for word in ("ใช่", "yes", "y", "true", "1", "x", "ดูอย่างเดียว", "อ่านอย่างเดียว")}
_NO = {header_key(word) for word in ("ไม่", "ไม่ใช่", "no", "n", "false", "0")}


class NoPeopleHeading(Refusal):
    """No sheet has the columns a person needs (bad_inputs X26)."""

    code = "X26"
    message_th = f"ไม่พบหัวตาราง ต้องมีคอลัมน์ {', '.join(NEEDED)}"
    message_en = f"No heading found. The sheet needs the columns {', '.join(NEEDED)}."


def people_rows(cells: Iterable[tuple[str, int, tuple]]) -> Iterator[Row]:
    """(row number, {column: cell}) of each person in (sheet, row number, cells); empty cells and rows left out.

    Raises NoPeopleHeading at the end when no sheet had one.
    """
    any_heading, sheet, heading, seen = False, None, {}, 0
    for name, number, row in cells:
        if name != sheet:
            sheet, heading, seen = name, {}, 0
        seen += 1
        found = _heading(row) if not heading and seen <= _HEADING_WITHIN else {}
        if set(NEEDED) <= set(found):
            heading, any_heading = found, True
            continue
        values = {column: row[at] for column, at in heading.items() if at < len(row) and not is_blank(row[at])}
        if values:
            yield number, values
    if not any_heading:
        raise NoPeopleHeading


def _heading(cells: Iterable[object]) -> dict[str, int]:
    found: dict[str, int] = {}
    for position, cell in enumerate(cells):
        column = _COLUMN_OF_KEY.get(header_key(cell)) if isinstance(cell, str) else None
        if column is not None:
            found.setdefault(column, position)
    return found


def needed_text(cells: Mapping[str, object], column: str) -> str:
    text = text_of(cells, column)
    if not text:
        raise CellRefused(column, f"ต้องมี{column}", f"{column} is missing.")
    return text


def role_of(cells: Mapping[str, object]) -> str:
    """The role a row names. Raises CellRefused."""
    text = needed_text(cells, ROLE)
    role = _ROLE_OF_KEY.get(header_key(text))
    if role is None:
        words = " · ".join(words[0] for words in ROLE_WORDS.values())
        raise CellRefused(
            ROLE, f"ไม่รู้จักบทบาท “{text[:40]}” ใช้ {words}", f"Role “{text[:40]}” is not known. Use {words}."
        )
    return role.value


def day_of(cells: Mapping[str, object], column: str) -> date | None:
    """The day in a cell (พ.ศ. or ค.ศ., text or a real date); None for an empty one. Raises CellRefused."""
    cell = cells.get(column)
    if is_blank(cell):
        return None
    try:
        parsed = parse_thai_date(cell)
    except BadDate as bad:
        raise CellRefused(column, bad.message_th, bad.message_en, bad.code) from None
    if parsed is None or parsed.year_only:
        raise CellRefused(
            column, "ใส่วัน เดือน และปี พ.ศ. เช่น 01/10/2569", "Give day, month and year, like 01/10/2569.", "X43"
        )
    return parsed.date


def is_read_only(cells: Mapping[str, object]) -> bool:
    """Whether a row asks for a posting that only sees. Raises CellRefused."""
    cell = cells.get(READ_ONLY)
    if is_blank(cell) or isinstance(cell, bool):
        return bool(cell) and not is_blank(cell)
    key = header_key(text_of(cells, READ_ONLY))
    if key in _YES or key in _NO:
        return key in _YES
    raise CellRefused(READ_ONLY, "ใส่ ใช่ หรือ ไม่ หรือเว้นว่าง", "Write ใช่ or ไม่, or leave it empty.")


def unit_text_of(cells: Mapping[str, object]) -> str:
    """The unit a row names, as written everywhere; "" where it names none (then it is the inviter's own)."""
    code = arabic_digits(text_of(cells, SCHOOL)).replace(" ", "")
    if code:
        return code if code.startswith("school:") else f"school:{code}"
    text = arabic_digits(text_of(cells, UNIT)).replace(" ", "")
    if not text or ":" in text or text == "nation":
        return text
    return f"school:{text}" if text.isdecimal() and len(text) > 2 else f"district:{text}"
