"""When each level owes a round: due days, cut-offs, what a round covers, and from when it is late. Pure.

Calendars are data (models.ReportingRule): the two seeds print different ones, both shipped. All days and moments
are Bangkok's, whatever clock the machine keeps. Source: PRODUCT §4, THAI_RULES §5.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from schools.thaitime import BANGKOK, MONTHLY, WEEKLY, bangkok_midnight

OFFICE_CLOSES = time(16, 30)  # a round of the day is late from here on
_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Rule:
    """One level's duty in one calendar: a weekday (Monday 0) or a day of the month, while `since <= day < until`."""

    level: str  # school · district · province · department
    reports_to: str
    since: date
    until: date | None = None
    weekday: int | None = None
    day_of_month: int | None = None
    grace_days: int = 0  # working days after the due day before a round is late

    def __post_init__(self) -> None:
        if (self.weekday is None) == (self.day_of_month is None):
            raise ValueError("a rule names a weekday or a day of the month, and not both")
        if self.weekday is not None and not 0 <= self.weekday <= 6:
            raise ValueError(f"no weekday {self.weekday}")
        if self.day_of_month is not None and not 1 <= self.day_of_month <= 28:
            raise ValueError(f"day {self.day_of_month} is not in every month")

    @property
    def kind(self) -> str:
        """`weekly` or `monthly`."""
        return WEEKLY if self.weekday is not None else MONTHLY

    def falls_on(self, day: date) -> bool:
        """Whether a round is due on `day`."""
        in_force = self.since <= day and (self.until is None or day < self.until)
        return in_force and (day.weekday() == self.weekday or day.day == self.day_of_month)

    def covers(self, due: date) -> tuple[datetime, datetime]:
        """From when until when a round due on `due` tells what happened: `start <= moment < cutoff`.

        A weekly one the seven days before its due day; a monthly one the calendar month before its due day's.
        """
        if self.kind == WEEKLY:
            return bangkok_midnight(due - _WEEK), bangkok_midnight(due)
        first = due.replace(day=1)
        return bangkok_midnight((first - _DAY).replace(day=1)), bangkok_midnight(first)

    def cutoff(self, due: date) -> datetime:
        """As of when, and as known at which moment, the figures of a round due on `due` are frozen."""
        return self.covers(due)[1]


def due_rounds(rules: Iterable[Rule], first: date, last: date) -> Iterator[tuple[date, Rule]]:
    """Every (due day, rule) from `first` to `last`, both included, in order of days."""
    rules = list(rules)
    for ahead in range((last - first).days + 1):
        day = first + ahead * _DAY
        yield from ((day, rule) for rule in rules if rule.falls_on(day))


def late_from(due: date, *, is_holiday: Callable[[date], bool], grace_days: int = 0) -> datetime:
    """The moment after which a round due on `due` is late: 16.30 of that day, or of the next working day.

    `grace_days` are working days more. The due day itself never moves.
    """
    day = due
    while _rests(day, is_holiday):
        day += _DAY
    for _ in range(grace_days):
        day += _DAY
        while _rests(day, is_holiday):
            day += _DAY
    return datetime.combine(day, OFFICE_CLOSES, tzinfo=BANGKOK)


def _rests(day: date, is_holiday: Callable[[date], bool]) -> bool:
    return day.weekday() >= 5 or is_holiday(day)
