"""What reports keeps: rollups, and the war rooms' calendars and rounds."""

from .rollups import Rollup, RollupLeaf, RollupOffice
from .war_rooms import (
    CalendarChoice,
    DeadlineException,
    Holiday,
    Level,
    ReportingCalendar,
    ReportingRule,
    Round,
    RoundEvent,
)

__all__ = [
    "CalendarChoice",
    "DeadlineException",
    "Holiday",
    "Level",
    "ReportingCalendar",
    "ReportingRule",
    "Rollup",
    "RollupLeaf",
    "RollupOffice",
    "Round",
    "RoundEvent",
]
