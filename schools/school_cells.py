"""What the cells of a school list say: text that can be meant, and a position inside Thailand; the rest is refused."""

import unicodedata
from collections.abc import Mapping

from schools.school_sheet import LAT, LON, is_blank
from schools.thaitext import arabic_digits, clean, looks_garbled

LAT_BOUNDS, LON_BOUNDS = (5.5, 20.6), (97.3, 105.7)  # degrees; Thailand with its islands
NAME_LENGTH = 200
_FORMULA_ERRORS = ("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!")


class CellRefused(Exception):
    """A cell that cannot be taken: (column, id of bad_inputs.tsv or "", Thai words, English words)."""

    def __init__(self, column: str, message_th: str, message_en: str, code: str = ""):
        super().__init__(column, code, message_th, message_en)


def text_of(cells: Mapping[str, object], column: str) -> str:
    """The cleaned text of a cell, "" for an empty one; text that cannot be meant is refused."""
    cell = cells.get(column)
    if is_blank(cell):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = clean(str(cell))
    if looks_garbled(text) or any(unicodedata.category(c) in ("Cc", "Cs") for c in text):
        raise CellRefused(
            column,
            "ตัวอักษรเพี้ยน กรุณาบันทึกไฟล์เป็น UTF-8 แล้วลองใหม่",
            "The characters are garbled. Save the file as UTF-8 and try again.",
            "X50",
        )
    if text.upper() in _FORMULA_ERRORS:
        raise CellRefused(column, f"สูตรในเซลล์ผิดพลาด ({text})", f"The cell's formula failed ({text}).")
    if len(text) > NAME_LENGTH:
        raise CellRefused(column, f"ยาวเกิน {NAME_LENGTH} ตัวอักษร", f"Longer than {NAME_LENGTH} characters.")
    return text


def position(cells: Mapping[str, object]) -> tuple[float, float] | None:
    """(latitude, longitude) in degrees, or None when both are empty; one alone, or outside Thailand, is refused."""
    lat, lon = _degrees(cells, LAT), _degrees(cells, LON)
    if lat is None and lon is None:
        return None
    if lat is None or lon is None:
        raise CellRefused(LAT if lat is None else LON, "ต้องมีทั้งละติจูดและลองจิจูด", "Latitude and longitude go together.")
    inside = LAT_BOUNDS[0] <= lat <= LAT_BOUNDS[1] and LON_BOUNDS[0] <= lon <= LON_BOUNDS[1]
    if not inside:
        swapped = LAT_BOUNDS[0] <= lon <= LAT_BOUNDS[1] and LON_BOUNDS[0] <= lat <= LON_BOUNDS[1]
        hint = (" น่าจะสลับคอลัมน์กัน", " The two seem to be swapped.") if swapped else ("", "")
        raise CellRefused(LAT, f"พิกัดอยู่นอกประเทศไทย{hint[0]}", f"The position is outside Thailand.{hint[1]}")
    return lat, lon


def _degrees(cells: Mapping[str, object], column: str) -> float | None:
    cell = cells.get(column)
    if is_blank(cell):
        return None
    text = arabic_digits(clean(str(cell))).removesuffix("°")
    try:
        return round(float(text), 6)
    except ValueError:
        raise CellRefused(
            column,
            f"“{text[:20]}” ไม่ใช่พิกัดเป็นองศาทศนิยม เช่น 16.5432",
            f"“{text[:20]}” is not a position in decimal degrees such as 16.5432.",
        ) from None
