"""When rounds fall due: both printed calendars over two years, counted by hand from the calendar on the wall."""

import os
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from reports.calendar import Rule, due_rounds, late_from
from schools.thaitime import BANGKOK, bangkok_midnight

SEED_3 = date(2022, 1, 1)
MONDAY, WEDNESDAY, FRIDAY = 0, 2, 4
S003 = [
    Rule("school", "district", SEED_3, weekday=MONDAY),
    Rule("district", "department", SEED_3, weekday=FRIDAY),
    Rule("province", "ministry", SEED_3, day_of_month=15),
    Rule("department", "ministry", SEED_3, day_of_month=1),
]
S004 = [
    Rule("school", "district", date(2022, 2, 28), weekday=FRIDAY),
    Rule("district", "department", date(2022, 2, 28), day_of_month=1),
    Rule("department", "ministry", date(2022, 2, 28), weekday=WEDNESDAY),
]
NEVER = lambda day: False  # noqa: E731 - no holidays


def counted(rules, first, last):
    return Counter(rule.level for _, rule in due_rounds(rules, first, last))


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Bangkok"])
def test_two_years_of_the_first_calendar_hold_every_round_once_whatever_clock_the_machine_keeps(zone, monkeypatch):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        # 2023 and 2024, a leap year: 105 Mondays, 104 Fridays, 24 fifteenths and 24 firsts
        found = list(due_rounds(S003, date(2023, 1, 1), date(2024, 12, 31)))
        assert counted(S003, date(2023, 1, 1), date(2024, 12, 31)) == {
            "school": 105,
            "district": 104,
            "province": 24,
            "department": 24,
        }
        assert len({(due, rule.level) for due, rule in found}) == len(found)
        assert all(rule.cutoff(due).astimezone(BANGKOK).time().isoformat() == "00:00:00" for due, rule in found)
    finally:
        os.environ.pop("TZ", None)
        time.tzset()


def test_the_second_calendar_knows_no_round_of_a_province_and_begins_on_its_day():
    assert counted(S004, date(2022, 1, 1), date(2023, 12, 31)) == {"school": 96, "district": 22, "department": 96}
    assert counted(S004, date(2022, 1, 1), date(2022, 2, 27)) == {}


def test_a_calendar_chosen_later_ends_the_one_before_on_that_day():
    change = date(2022, 7, 1)  # a Friday and a first
    ended = [Rule(r.level, r.reports_to, r.since, change, r.weekday, r.day_of_month) for r in S003]
    begun = [Rule(r.level, r.reports_to, change, None, r.weekday, r.day_of_month) for r in S004]
    on_the_day = {(rule.level, rule.kind) for _, rule in due_rounds([*ended, *begun], change, change)}
    assert on_the_day == {("school", "weekly"), ("district", "monthly")}
    the_day_before = change - timedelta(days=1)
    assert list(due_rounds([*ended, *begun], the_day_before, the_day_before)) == []


def test_a_weekly_round_covers_the_seven_days_before_its_due_day():
    due = date(2024, 3, 4)  # over a leap day
    assert S003[0].covers(due) == (bangkok_midnight(date(2024, 2, 26)), bangkok_midnight(due))
    assert S003[0].cutoff(due) == datetime(2024, 3, 3, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    ("due", "first", "cutoff"),
    [
        (date(2024, 3, 15), date(2024, 2, 1), date(2024, 3, 1)),
        (date(2024, 1, 15), date(2023, 12, 1), date(2024, 1, 1)),
        (date(2023, 3, 15), date(2023, 2, 1), date(2023, 3, 1)),
    ],
)
def test_a_monthly_round_covers_the_month_before_that_of_its_due_day(due, first, cutoff):
    assert S003[2].covers(due) == (bangkok_midnight(first), bangkok_midnight(cutoff))
    assert S003[3].covers(cutoff) == (bangkok_midnight(first), bangkok_midnight(cutoff))


def test_lateness_begins_when_offices_close_in_bangkok():
    assert late_from(date(2024, 3, 4), is_holiday=NEVER) == datetime(2024, 3, 4, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("due", "holidays", "grace", "late"),
    [
        (date(2024, 6, 15), [], 0, date(2024, 6, 17)),  # a Saturday
        (date(2024, 9, 1), [], 0, date(2024, 9, 2)),  # a Sunday
        (date(2024, 4, 15), [13, 14, 15, 16], 0, date(2024, 4, 17)),  # Songkran and the day in lieu
        (date(2024, 3, 8), [], 1, date(2024, 3, 11)),  # a Friday, and a working day more
        (date(2024, 4, 12), [13, 14, 15, 16], 2, date(2024, 4, 18)),
        (date(2023, 1, 1), [1, 2], 0, date(2023, 1, 3)),  # the year's end
    ],
)
def test_on_a_day_of_rest_lateness_waits_for_the_next_working_day_and_the_due_day_stays(due, holidays, grace, late):
    rests = {due.replace(day=day) for day in holidays}
    found = late_from(due, is_holiday=rests.__contains__, grace_days=grace)
    assert found.astimezone(BANGKOK).date() == late


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"weekday": 0, "day_of_month": 1},
        {"weekday": 7},
        {"day_of_month": 29},
        {"day_of_month": 0},
    ],
)
def test_a_rule_without_one_day_that_always_exists_is_refused(wrong):
    with pytest.raises(ValueError, match="day"):
        Rule("school", "district", SEED_3, **wrong)
