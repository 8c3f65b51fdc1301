"""Which column of a school list is which: finds the heading wherever it stands and gives rows by canonical names.

Knows columns only; what a row means is judged in schools.school_import.
"""

from collections.abc import Iterable, Iterator, Mapping

from schools.refusal import Refusal
from schools.thaitext import clean, header_key

CODE = "รหัสสถานศึกษา"
NAME = "ชื่อสถานศึกษา"
DISTRICT = "เขตพื้นที่"
TAMBON = "ตำบล"
AMPHOE = "อำเภอ"
PROVINCE = "จังหวัด"
DEPARTMENT = "สังกัด"
LAT = "ละติจูด"
LON = "ลองจิจูด"

_SPELLINGS = {
    CODE: ("รหัสโรงเรียน", "รหัส", "รหัส smis", "รหัส smis 8 หลัก", "รหัส 10 หลัก", "school code", "code", "smis"),
    NAME: ("ชื่อโรงเรียน", "โรงเรียน", "สถานศึกษา", "ชื่อ", "school name", "school", "name"),
    DISTRICT: ("เขตพื้นที่การศึกษา", "สำนักงานเขตพื้นที่การศึกษา", "สพท.", "สพป./สพม.", "สพป.", "สพม.", "เขต", "district"),
    TAMBON: ("ตำบล/แขวง", "แขวง", "แขวง/ตำบล", "ชื่อตำบล", "tambon", "subdistrict"),
    AMPHOE: ("อำเภอ/เขต", "เขต/อำเภอ", "ชื่ออำเภอ", "amphoe"),
    PROVINCE: ("ชื่อจังหวัด", "province"),
    DEPARTMENT: ("หน่วยงานต้นสังกัด", "ต้นสังกัด", "ชื่อสังกัด", "department", "affiliation"),
    LAT: ("lat", "latitude", "พิกัดละติจูด", "เส้นรุ้ง"),
    LON: ("lon", "lng", "long", "longitude", "ลองติจูด", "ลองกิจูด", "พิกัดลองจิจูด", "เส้นแวง"),
}
COLUMNS = tuple(_SPELLINGS)
_COLUMN_OF_KEY = {header_key(text): column for column, texts in _SPELLINGS.items() for text in (column, *texts)}
_HEADING_WITHIN = 30  # rows of a sheet in which its heading must stand
_BLANK = {"", "-", "–", "—"}
_TOTALS = ("รวม", "ลงชื่อ", "หมายเหตุ", "ผู้รายงาน")

Row = tuple[int, Mapping[str, object]]


class NoHeading(Refusal):
    """No sheet has a heading with a school's code or name beside another known column (bad_inputs X26)."""

    code = "X26"
    message_th = f"ไม่พบหัวตาราง ต้องมีคอลัมน์ {CODE} หรือ {NAME} และ {DISTRICT}, {AMPHOE}, {PROVINCE}"
    message_en = (
        f"No heading found. The sheet needs the columns {CODE} or {NAME}, and {DISTRICT}, {AMPHOE}, {PROVINCE}."
    )


def match_heading(cells: Iterable[object]) -> dict[str, int]:
    """Canonical column → position, for the cells of one row; the first of two that mean the same counts."""
    found: dict[str, int] = {}
    for position, cell in enumerate(cells):
        column = _COLUMN_OF_KEY.get(header_key(cell)) if isinstance(cell, str) else None
        if column is not None:
            found.setdefault(column, position)
    return found


def school_rows(cells: Iterable[tuple[str, int, tuple]]) -> Iterator[Row]:
    """(row number, {column: cell}) of each school in (sheet, row number, cells); lazily, empty cells left out.

    Titles above the heading, repeated headings, totals and signatures are left out. Raises NoHeading at the end when
    no sheet had one.
    """
    any_heading = False
    sheet: str | None = None
    heading: dict[str, int] = {}
    seen = 0
    for name, number, row in cells:
        if name != sheet:
            sheet, heading, seen = name, {}, 0
        seen += 1
        found = match_heading(row) if heading or seen <= _HEADING_WITHIN else {}
        if len(found) >= 2 and (CODE in found or NAME in found):
            heading, any_heading = found, True
            continue
        if not heading:
            continue
        values = {column: row[at] for column, at in heading.items() if at < len(row) and not is_blank(row[at])}
        if values and not _is_furniture(values):
            yield number, values
    if not any_heading:
        raise NoHeading


def is_blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and clean(cell) in _BLANK)


def _is_furniture(values: Mapping[str, object]) -> bool:
    """A total, a signature or a note under the table. "รวมน้ำใจวิทยา" with its amphoe or office is a school."""
    if CODE in values:
        return clean(str(values[CODE])).startswith(_TOTALS)
    if NAME not in values:
        return len(values) == 1
    return clean(str(values[NAME])).startswith(_TOTALS) and not {AMPHOE, DISTRICT} & set(values)
