"""Time as the ministry counts it: พ.ศ. dates shown and read, academic and fiscal years, weekly and monthly periods.

The only place that adds or subtracts 543. Everything inside the system is a CE date or an aware datetime.
"""

from .dates import (
    BANGKOK,
    BE_OFFSET,
    academic_year,
    bangkok_date,
    bangkok_midnight,
    bangkok_today,
    be_year,
    fiscal_year,
    semester,
    thai_date,
    thai_datetime,
)
from .periods import MONTHLY, WEEKLY, BadPeriod, Period
from .reading import BadDate, ParsedDate, parse_thai_date

__all__ = [
    "BANGKOK",
    "BE_OFFSET",
    "MONTHLY",
    "WEEKLY",
    "BadDate",
    "BadPeriod",
    "ParsedDate",
    "Period",
    "academic_year",
    "bangkok_date",
    "bangkok_midnight",
    "bangkok_today",
    "be_year",
    "fiscal_year",
    "parse_thai_date",
    "semester",
    "thai_date",
    "thai_datetime",
]
