"""Reading a date as it stands in a sheet or a field: พ.ศ. or ค.ศ., Thai or English words, Excel's numbers.

Refusals carry the ids of bad_inputs.tsv: X42 year unclear, X43 no date, X44 29 February of a common year, X46 out
of range. Whether a date suits its purpose (age 3-20, not in the future: X47, V01, V02) is the caller's to judge.
"""

import math
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from datetime import time as day_time
from functools import cache, lru_cache
from typing import NoReturn

from schools.refusal import Refusal
from schools.thaitext import arabic_digits, clean, half_width

from .dates import BANGKOK, BE_OFFSET, MONTHS_EN, MONTHS_TH, MONTHS_TH_SHORT, bangkok_today

_OLDEST, _NEWEST = 1900, 2100  # CE years a record may name; the BE ones lie 543 higher, so the two never meet
# Excel reads 15/05/55 (meaning 2555) as 1955, so a CE year from here to there may be such a misreading. Nobody in
# this system was born then; who means it can still write the year in พ.ศ.
_EXCEL_CENTURY = range(1930, 1973)
_DAYS_1904 = 1462  # the 1904 calendar's day 0 is day 1462 of the 1900 calendar
_SERIAL_EPOCH = date(1899, 12, 30)  # right for serials from 61 on; 60 is the 29 Feb 1900 that Excel invented
_MIDNIGHT = day_time()
_LONGEST = 100  # characters of text that may still be a date
_LAST_SERIAL = 73_415  # 31 Dec 2100


class BadDate(Refusal):
    """A value that cannot be taken as a date; `code` is the id of bad_inputs.tsv, the messages say what to do."""

    def __init__(self, code: str, message_th: str, message_en: str) -> None:
        self.code = code
        super().__init__(message_th, message_en)


@dataclass(frozen=True, slots=True)
class ParsedDate:
    """A CE date. year_only: only the year was given, `date` is its 1 January. notice_code "V03": a BE year stood
    where a machine writes CE (2565-02-28, an Excel date) and was taken as พ.ศ. `time`: Bangkok time, if one was given.
    """

    date: date
    year_only: bool = False
    notice_code: str | None = None
    time: day_time | None = None

    @property
    def moment(self) -> datetime:
        """The aware moment: `time`, or 00:00, of `date` in Bangkok."""
        return datetime.combine(self.date, self.time or _MIDNIGHT, tzinfo=BANGKOK)


def _not_a_date() -> NoReturn:
    raise BadDate("X43", "วันที่ไม่ถูกต้อง ใช้ วว/ดด/ปปปป", "Not a valid date. Use dd/mm/yyyy.")


def _unclear(year: str) -> NoReturn:
    raise BadDate("X42", f"ปี {year} ไม่ชัดเจน กรุณาใส่ปี พ.ศ. 4 หลัก", f"Year {year} is unclear. Use a 4-digit BE year.")


def _out_of_range(*, on_1904: bool = False) -> NoReturn:
    th, en = (" (ไฟล์ใช้ปฏิทิน 1904)", " (1904 calendar file)") if on_1904 else ("", "")
    raise BadDate("X46", f"วันที่อยู่นอกช่วง{th}", f"Date out of range{en}.")


def parse_thai_date(value: object, *, on_1904: bool = False, today: date | None = None) -> ParsedDate:
    """The date `value` means: text, date, datetime, or number (year, or Excel serial of the 1900 or 1904 calendar).

    A naive datetime is taken as Bangkok time, and at midnight as a date without time, as sheets store dates. Two-digit
    years are read only as พ.ศ. and only beside a Thai month name or the word พ.ศ.; `today` (default: the clock) tells
    which of those could as well be ค.ศ. Blank values are no dates: ask before calling. Raises BadDate (X42, X43, X44,
    X46).
    """
    if isinstance(value, datetime):
        if not _OLDEST < value.year < 9999:  # no time zone can be reckoned at the ends of the calendar
            _out_of_range()
        local = value.astimezone(BANGKOK) if value.tzinfo else value
        only_date = value.tzinfo is None and local.time() == _MIDNIGHT
        return _from_machine(local.year, local.month, local.day, None if only_date else local.time())
    if isinstance(value, date):
        return _from_machine(value.year, value.month, value.day)
    if isinstance(value, bool):
        _not_a_date()
    if isinstance(value, int | float):
        return _from_number(value, on_1904=on_1904)
    if isinstance(value, str):
        if len(value) > _LONGEST:
            _not_a_date()
        return _from_text(value, on_1904, today or bangkok_today())
    _not_a_date()


# ── numbers and machine forms ─────────────────────────────────────────────────────────────────────────────────────
def _ce_year(year: int) -> int:
    """The CE year that a four-digit year means; X46 outside both windows, X42 where Excel may have guessed it."""
    if _OLDEST + BE_OFFSET <= year <= _NEWEST + BE_OFFSET:
        return year - BE_OFFSET
    if not _OLDEST <= year <= _NEWEST:
        _out_of_range()
    if year in _EXCEL_CENTURY:
        _unclear(f"{year}/{year % 100:02}")
    return year


def _date(year: int, month: int, day: int) -> date:
    """The CE date; X44 for a 29 February that does not exist, X43 for any other impossible day or month."""
    try:
        return date(year, month, day)
    except ValueError:
        if (month, day) == (2, 29):
            be = year + BE_OFFSET
            raise BadDate("X44", f"29 ก.พ. {be} ไม่มีจริง", f"29 Feb {be} does not exist.") from None
    _not_a_date()


def _from_machine(year: int, month: int, day: int, at: day_time | None = None) -> ParsedDate:
    """A date in a form that is CE by rule; a BE year in it is understood and noticed (V03)."""
    ce = _ce_year(year)
    return ParsedDate(_date(ce, month, day), notice_code="V03" if ce != year else None, time=at)


def _is_year(number: float) -> bool:
    return _OLDEST <= number <= _NEWEST or _OLDEST + BE_OFFSET <= number <= _NEWEST + BE_OFFSET


def _from_number(number: float, *, on_1904: bool) -> ParsedDate:
    """A year (as serials these would be of 1905-1907), else an Excel serial with the time as its fraction."""
    if abs(number) > _LAST_SERIAL:  # first: a huge int is more than isnan can take
        _out_of_range(on_1904=on_1904)
    if math.isnan(number):
        _not_a_date()
    if number == int(number) and _is_year(number):
        return ParsedDate(date(_ce_year(int(number)), 1, 1), year_only=True)
    serial = number + (_DAYS_1904 if on_1904 else 0)
    if number < 1 or not 61 <= serial < _LAST_SERIAL + 1:
        _out_of_range(on_1904=on_1904)
    days, fraction = divmod(serial, 1)
    seconds = round(fraction * 86_400)
    moment = datetime.combine(_SERIAL_EPOCH + timedelta(days=int(days)), _MIDNIGHT) + timedelta(seconds=seconds)
    if moment.year < _EXCEL_CENTURY.start:
        _out_of_range(on_1904=on_1904)
    return _from_machine(moment.year, moment.month, moment.day, moment.time() if seconds else None)


# ── text ──────────────────────────────────────────────────────────────────────────────────────────────────────────
_LEAD = re.compile(r"\A(?:(?:ข้อมูล)?\s*ณ\s*|เมื่อ)?(?:วัน\s*\S+?\s*ที่|วันที่|เกิด|ปี)?\s*")
_CLOCK = re.compile(
    r"(?:\s*เวลา\s*|(?<=[0-9])T|,?\s+)([0-9]{1,2})[:.]([0-9]{2})(?:[:.]([0-9]{2})(?:[.,][0-9]+)?)?"
    r"\s*(?:น\.?)?\s*(Z|[+-][0-9]{2}:?[0-9]{2})?\Z"
)
_ERA_BE = re.compile(r"พุทธศักราช|พ\s?\.?\s?ศ\s?\.?|\bB\.?E\.?(?=\s|\d|\Z)")
_ERA_CE = re.compile(r"คริสต์ศักราช|ค\s?\.?\s?ศ\s?\.?|\b(?:C\.?E\.?|A\.?D\.?)(?=\s|\d|\Z)")
_YEAR_FIRST = re.compile(r"\A([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})\Z")
_DAY_FIRST = re.compile(r"\A([0-9]{1,2}|-)\s*([-/. ])\s*([0-9]{1,2}|-)\s*\2\s*([0-9]{2}|[0-9]{4})\Z")
_NAMED = re.compile(r"\A([0-9]{1,2})[-/\s]*([ก-๎.\s]+|[A-Za-z]+\.?)[-/,\s]*([0-9]{2}|[0-9]{4})\Z")


@lru_cache(maxsize=16_384)  # the children of a list share their birthdays: 110,755 rows, some 5,000 dates
def _from_text(raw: str, on_1904: bool, today: date) -> ParsedDate:
    text = arabic_digits(clean(half_width(raw)))
    text = _LEAD.sub("", text, count=1)
    text, at, shift = _without_clock(text)
    text, era = _without_era(text)
    parsed = _day_of(text, era, on_1904=on_1904, today=today)
    if at is None or parsed.year_only or (at == _MIDNIGHT and shift is None):
        return parsed
    if shift is not None:  # a moment given with its own offset: the date in Bangkok may be another one
        local = datetime.combine(parsed.date, at, tzinfo=shift).astimezone(BANGKOK)
        return ParsedDate(local.date(), notice_code=parsed.notice_code, time=local.time())
    return ParsedDate(parsed.date, notice_code=parsed.notice_code, time=at)


def _without_clock(text: str) -> tuple[str, day_time | None, tzinfo | None]:
    """(text without its time of day, that time or None, tzinfo of its offset or None)."""
    found = _CLOCK.search(text)
    # "28 2.65" is a date with a space in it, not 28 at 2.65: something longer than a day must stand before a time.
    if not found or not re.search(r"[0-9]{2}\D*\Z", text[: found.start()]) or len(text[: found.start()]) < 6:
        return text, None, None
    offset = (found[4] or "").replace("Z", "+00:00")
    try:
        at = day_time(int(found[1]), int(found[2]), int(found[3] or 0))
        shift = datetime.strptime(offset.replace(":", ""), "%z").tzinfo if offset else None
    except ValueError:
        _not_a_date()
    return text[: found.start()].strip(), at, shift


def _without_era(text: str) -> tuple[str, str | None]:
    """(text without พ.ศ. or ค.ศ., "BE" or "CE" or None)."""
    for era, pattern in (("BE", _ERA_BE), ("CE", _ERA_CE)):
        rest, count = pattern.subn(" ", text)
        if count:
            return clean(rest), era
    return text, None


def _day_of(text: str, era: str | None, *, on_1904: bool, today: date) -> ParsedDate:
    """The date in `text`, of which lead words, time and era have been taken away."""
    if found := _YEAR_FIRST.match(text):
        return _from_machine(int(found[1]), int(found[3]), int(found[4]))
    if found := _DAY_FIRST.match(text):
        day, month, year = found[1], found[3], _year(found[4], era)
        if day in {"-", "0", "00"} and month in {"-", "0", "00"}:  # the register's way of saying "day not known"
            return ParsedDate(date(year, 1, 1), year_only=True)
        if "-" in (day, month):
            _not_a_date()
        return ParsedDate(_date(year, int(month), int(day)))
    if found := _NAMED.match(text):
        name = re.sub(r"[.\s]", "", found[2]).lower()
        month = _months().get(name)
        if month:
            assumed = "BE" if era is None and name >= "ก" and len(found[3]) == 2 else None
            year = _short_be_year(found[3], today) if assumed else _year(found[3], era)
            return ParsedDate(_date(year, month, int(found[1])))
    if re.fullmatch(r"[0-9]{2}|[0-9]{4}", text):
        return ParsedDate(date(_year(text, era), 1, 1), year_only=True)
    if re.fullmatch(r"[0-9]{5}(\.[0-9]+)?", text) and era is None:  # a serial, in a file saved as text
        return _from_number(float(text), on_1904=on_1904)
    _not_a_date()


def _year(written: str, era: str | None) -> int:
    """The CE year of two or four digits; two need the word พ.ศ. beside them (X42)."""
    if len(written) == 2:
        return 2500 + int(written) - BE_OFFSET if era == "BE" else _unclear(written)
    year = int(written)
    said = {"BE": year - BE_OFFSET, "CE": year, None: None}[era]
    if said is None:
        return _ce_year(year)
    if not _OLDEST <= said <= _NEWEST:
        _out_of_range()
    return said


def _short_be_year(written: str, today: date) -> int:
    """The CE year of "65" in "28 ก.พ. 65"; X42 where it may as well be a CE year, or lies beyond next year."""
    year = 2500 + int(written) - BE_OFFSET
    if int(written) <= today.year % 100 or year > today.year + 1:
        _unclear(written)
    return year


@cache
def _months() -> dict[str, int]:
    """Month names in every spelling, without dots and spaces → 1-12."""
    lists = (MONTHS_TH, MONTHS_TH_SHORT, MONTHS_EN, [m[:3] for m in MONTHS_EN])
    names = {re.sub(r"\.", "", name).lower(): n for months in lists for n, name in enumerate(months, 1)}
    return names | {"sept": 9, "กุมภาพันธ": 2}
