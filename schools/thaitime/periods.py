"""The ministry's reporting periods: ISO weeks and calendar months in Bangkok, written with พ.ศ."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from schools.refusal import Refusal
from schools.thaitext import arabic_digits, clean

from .dates import BE_OFFSET, MONTHS_EN, MONTHS_TH, bangkok_date, bangkok_midnight, thai_date

WEEKLY = "weekly"
MONTHLY = "monthly"
_FORM = re.compile(r"\A([0-9]{4})-(?:W([0-9]{2})|([0-9]{2}))\Z")
_FIRST_YEAR, _LAST_YEAR = 2443, 2643  # CE 1900-2100: wide enough for any record, narrow enough to refuse a CE year


class BadPeriod(Refusal):
    """Not a period; says in both languages how one is written."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"ไม่รู้จักงวด “{text}” ให้เขียนเป็นปี พ.ศ. เช่น 2565-W09 (รายสัปดาห์) หรือ 2565-02 (รายเดือน)",
            f"“{text}” is not a period. Write it with the Buddhist-era year, "
            "such as 2565-W09 (week) or 2565-02 (month).",
        )


@dataclass(frozen=True, order=True, slots=True)
class Period:
    """One week (Monday to Sunday) or one month; `year` is BE, for a week that of the ISO week-year.

    As text `2565-W09` or `2565-02`. Covers start <= moment < cutoff, both 00:00 in Bangkok. Periods of one kind
    sort by time. Numbers that do not exist (month 13, week 53 of a 52-week year, a CE year) raise BadPeriod.
    """

    kind: str
    year: int
    number: int

    def __post_init__(self) -> None:
        if self.kind not in {WEEKLY, MONTHLY}:
            raise ValueError(f"unknown kind of period {self.kind!r}")
        if not _FIRST_YEAR <= self.year <= _LAST_YEAR:
            raise BadPeriod(str(self))
        try:
            self._first_day()
        except ValueError as error:
            raise BadPeriod(str(self)) from error

    def __str__(self) -> str:
        return f"{self.year}-W{self.number:02}" if self.kind == WEEKLY else f"{self.year}-{self.number:02}"

    @classmethod
    def parse(cls, text: str) -> "Period":
        """The period written as `2565-W09` or `2565-02` (Thai digits and a small w too); else BadPeriod."""
        found = _FORM.match(arabic_digits(clean(text)).upper())
        if not found:
            raise BadPeriod(text)
        if found[2]:
            return cls(WEEKLY, int(found[1]), int(found[2]))
        return cls(MONTHLY, int(found[1]), int(found[3]))

    @classmethod
    def containing(cls, moment: date | datetime, kind: str) -> "Period":
        """The period of `kind` in which `moment` (aware, or a date in Bangkok) falls."""
        day = bangkok_date(moment)
        if kind == WEEKLY:
            iso = day.isocalendar()
            return cls(WEEKLY, iso.year + BE_OFFSET, iso.week)
        return cls(kind, day.year + BE_OFFSET, day.month)

    def _first_day(self) -> date:
        if self.kind == WEEKLY:
            return date.fromisocalendar(self.year - BE_OFFSET, self.number, 1)
        return date(self.year - BE_OFFSET, self.number, 1)

    def _day_after(self) -> date:
        if self.kind == WEEKLY:
            return self._first_day() + timedelta(days=7)
        return (self._first_day() + timedelta(days=31)).replace(day=1)

    @property
    def start(self) -> datetime:
        """The first moment inside: Monday, or the month's 1st, 00:00 in Bangkok."""
        return bangkok_midnight(self._first_day())

    @property
    def cutoff(self) -> datetime:
        """The first moment after: next Monday, or the next month's 1st, 00:00 in Bangkok."""
        return bangkok_midnight(self._day_after())

    def next(self) -> "Period":
        """The period that begins where this one ends."""
        return Period.containing(self._day_after(), self.kind)

    def previous(self) -> "Period":
        """The period that ends where this one begins."""
        return Period.containing(self._first_day() - timedelta(days=1), self.kind)

    @property
    def label_th(self) -> str:
        """ "สัปดาห์ที่ 9/2565 (28 ก.พ. 2565 – 6 มี.ค. 2565)" or "กุมภาพันธ์ 2565"."""
        if self.kind == MONTHLY:
            return f"{MONTHS_TH[self.number - 1]} {self.year}"
        return f"สัปดาห์ที่ {self.number}/{self.year} ({self._span('th')})"

    @property
    def label_en(self) -> str:
        """ "Week 9/2565 (28 Feb 2565 BE – 6 Mar 2565 BE)" or "February 2565 BE"."""
        if self.kind == MONTHLY:
            return f"{MONTHS_EN[self.number - 1]} {self.year} BE"
        return f"Week {self.number}/{self.year} ({self._span('en')})"

    def _span(self, lang: str) -> str:
        last = self._day_after() - timedelta(days=1)
        return f"{thai_date(self._first_day(), lang=lang, plain=True)} – {thai_date(last, lang=lang, plain=True)}"
