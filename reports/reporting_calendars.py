"""The reporting calendars and holidays in force: those shipped as data, and which of them the ministry has chosen."""

import csv
from datetime import date
from pathlib import Path

from django.conf import settings
from django.db import transaction

from reports.calendar import Rule
from reports.models import CalendarChoice, Holiday, ReportingCalendar, ReportingRule
from schools import clock
from schools.models import Person, Posting
from schools.refusal import Refusal
from schools.thaitime import bangkok_date, thai_date

DATA = Path(settings.BASE_DIR) / "data"
DEFAULT_CALENDAR = "s003"  # complete, where seed 004's is not (THAI_RULES §5)
YEARS_AHEAD = 2  # of holidays with a fixed day; the others are entered each year


class CalendarRefused(Refusal):
    """409: this calendar cannot be chosen from that day on; the messages say which day can."""

    status = 409


# ── in force ──────────────────────────────────────────────────────────────────────────────────────────────────
def rules_in_force() -> list[Rule]:
    """Every rule of every calendar that was ever chosen, each for the days on which it held."""
    choices = list(CalendarChoice.objects.select_related("calendar").order_by("since"))
    default = ReportingCalendar.objects.get(code=DEFAULT_CALENDAR)
    stretches = [(default, default.since), *((choice.calendar, choice.since) for choice in choices)]
    ends = [since for _, since in stretches[1:]] + [None]
    return [
        rule
        for (calendar, since), until in zip(stretches, ends, strict=True)
        for rule in _rules_of(calendar, since, until)
    ]


def _rules_of(calendar: ReportingCalendar, since: date, until: date | None) -> list[Rule]:
    return [
        Rule(
            level=row.level,
            reports_to=row.reports_to,
            since=max(since, calendar.since),
            until=until,
            weekday=row.weekday,
            day_of_month=row.day_of_month,
            grace_days=row.grace_days,
        )
        for row in calendar.rules.all()
    ]


def choose_calendar(
    calendar: ReportingCalendar, *, since: date, reason: str, person: Person, posting: Posting
) -> CalendarChoice:
    """Let rounds fall due by `calendar` from `since` on: a day still to come, and not before it is valid.

    Raises CalendarRefused.
    """
    if since < calendar.since:
        raise CalendarRefused(
            f"ปฏิทินนี้ใช้ได้ตั้งแต่ {thai_date(calendar.since)}", f"This calendar is valid from {calendar.since.isoformat()}."
        )
    if since <= bangkok_date(clock.now()):
        raise CalendarRefused(
            "เลือกวันเริ่มใช้หลังวันนี้ รอบที่เปิดแล้วไม่เปลี่ยน", "Choose a day after today; rounds already open do not change."
        )
    choice, _ = CalendarChoice.objects.update_or_create(
        since=since,
        defaults={"calendar": calendar, "reason": reason, "by": person, "posting": posting, "at": clock.now()},
    )
    return choice


def is_holiday(day: date) -> bool:
    return Holiday.objects.filter(day=day).exists()


# ── shipped ───────────────────────────────────────────────────────────────────────────────────────────────────
@transaction.atomic
def load_calendars(folder: Path = DATA) -> None:
    """Bring the printed calendars and the holidays of a fixed day in line with data/; again and again harmless.

    What people entered (holidays of the moon's calendar, choices, exceptions) stays.
    """
    for row in _read(folder / "reporting_calendars.csv"):
        calendar, _ = ReportingCalendar.objects.update_or_create(
            code=row["calendar"],
            defaults={"name_th": row["name_th"], "name_en": row["name_en"], "since": date.fromisoformat(row["since"])},
        )
        ReportingRule.objects.update_or_create(
            calendar=calendar,
            level=row["level"],
            defaults={
                "reports_to": row["reports_to"],
                "weekday": _number(row["weekday"]),
                "day_of_month": _number(row["day_of_month"]),
                "is_ours": row["is_ours"] == "yes",
            },
        )
    last = bangkok_date(clock.now()).year + YEARS_AHEAD
    for row in _read(folder / "holidays.csv"):
        for year in range(int(row["since"]), last + 1):
            day = date(year, int(row["month"]), int(row["day"]))
            Holiday.objects.get_or_create(day=day, defaults={"name": row["name_th"]})


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _number(text: str) -> int | None:
    return int(text) if text else None
