"""The war rooms' calendars, as data, and their rounds.

A round keeps no figures of its own: every round of one cut-off, thirty thousand schools and their offices alike, reads
the same frozen Rollup, each its own leaves of it. That is how it counts everything below it at its own cut-off and
never sums lower rounds (PRODUCT §4).
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from schools.models import Department, District, Person, Posting, Province, School

from .rollups import Rollup


class Level(models.TextChoices):
    """Whose war room it is; the ministry reads all and owes nothing."""

    SCHOOL = "school", _("สถานศึกษา")
    DISTRICT = "district", _("เขตพื้นที่")
    PROVINCE = "province", _("จังหวัด")
    DEPARTMENT = "department", _("ส่วนราชการ")
    MINISTRY = "ministry", _("กระทรวง")


class ReportingCalendar(models.Model):
    """One printed calendar: who reports when. Which of them is in force is CalendarChoice's to say."""

    code = models.CharField(max_length=20, unique=True)
    name_th = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    since = models.DateField()  # from when it is valid

    class Meta:
        ordering = ["since", "code"]

    def __str__(self):
        return self.name_th


class ReportingRule(models.Model):
    """One level's duty in a calendar: every such weekday (Monday 0), or every month on that day."""

    calendar = models.ForeignKey(ReportingCalendar, models.CASCADE, related_name="rules")
    level = models.CharField(max_length=10, choices=Level.choices)
    reports_to = models.CharField(max_length=10, choices=Level.choices)
    weekday = models.PositiveSmallIntegerField(null=True)
    day_of_month = models.PositiveSmallIntegerField(null=True)
    grace_days = models.PositiveSmallIntegerField(default=0)
    is_ours = models.BooleanField(default=False)  # the source gives no day, so it is this system's

    class Meta:
        ordering = ["calendar", "id"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "level"], name="reporting_rule_once_per_level"),
            models.CheckConstraint(
                condition=models.Q(weekday__isnull=True, day_of_month__range=(1, 28))
                | models.Q(weekday__range=(0, 6), day_of_month__isnull=True),
                name="reporting_rule_weekday_or_day_of_month",
            ),
        ]

    def __str__(self):
        return f"{self.calendar_id} {self.level}"


class CalendarChoice(models.Model):
    """From `since` on rounds fall due by this calendar; before the first choice by the default one."""

    calendar = models.ForeignKey(ReportingCalendar, models.PROTECT, related_name="choices")
    since = models.DateField(unique=True)
    reason = models.TextField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    posting = models.ForeignKey(Posting, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["since"]

    def __str__(self):
        return f"{self.calendar_id} {self.since}"


class Holiday(models.Model):
    """A day on which offices rest: what falls due on it is late from the next working day on."""

    day = models.DateField(primary_key=True)
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["day"]

    def __str__(self):
        return f"{self.day} {self.name}"


class DeadlineException(models.Model):
    """One unit's round of one due day is late only from `late_from` on, for a reason (flood, an office on fire …)."""

    unit = models.CharField(max_length=40)
    due_on = models.DateField()
    late_from = models.DateTimeField()
    reason = models.TextField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    posting = models.ForeignKey(Posting, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["due_on", "unit"]
        constraints = [models.UniqueConstraint(fields=["unit", "due_on"], name="deadline_exception_once_per_round")]

    def __str__(self):
        return f"{self.unit} {self.due_on}"


class Round(models.Model):
    """What the war room of `unit` owes on `due_on`: its frozen figures, and what its secretary says beside them.

    The four unit columns are those of a case, so that the one rule of scope filters rounds too: a school's round
    carries all four, a district's its seat's province and its department, a province's and a department's only that.
    """

    class State(models.TextChoices):
        OPENED = "opened", _("เปิดแล้ว")
        CONFIRMED = "confirmed", _("ยืนยันแล้ว")
        RETURNED = "returned", _("ส่งคืนให้แก้")
        RECEIVED = "received", _("รับแล้ว")
        LOCKED = "locked", _("ปิดแล้ว")

    unit = models.CharField(max_length=40)
    level = models.CharField(max_length=10, choices=Level.choices)
    reports_to = models.CharField(max_length=10, choices=Level.choices)
    due_on = models.DateField()
    covers_from = models.DateTimeField()
    frozen = models.ForeignKey(Rollup, models.PROTECT, related_name="rounds")  # as of and as known at the cut-off
    late_from = models.DateTimeField()
    school = models.ForeignKey(School, models.PROTECT, null=True, related_name="+", db_index=False)
    district = models.ForeignKey(District, models.PROTECT, null=True, related_name="+", db_index=False)
    province = models.ForeignKey(Province, models.PROTECT, null=True, related_name="+", db_index=False)
    department = models.ForeignKey(Department, models.PROTECT, null=True, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPENED)
    opened_at = models.DateTimeField()
    activities = models.TextField(blank=True)
    problems = models.TextField(blank=True)  # ปัญหา อุปสรรค
    suggestions = models.TextField(blank=True)  # ข้อเสนอแนะ
    is_zero = models.BooleanField(default=False)  # nothing was done and nothing changed: said by one tap
    confirmed_at = models.DateTimeField(null=True)  # the first time: what is late stays late
    confirmed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-due_on", "unit"]
        constraints = [models.UniqueConstraint(fields=["unit", "due_on"], name="round_once_per_war_room_and_due_day")]
        indexes = [
            models.Index(fields=["district", "due_on"], name="round_of_district"),
            models.Index(fields=["province", "due_on"], name="round_of_province"),
            models.Index(fields=["department", "due_on"], name="round_of_department"),
        ]

    def __str__(self):
        return f"{self.unit} {self.due_on}"

    @property
    def cutoff(self):
        return self.frozen.as_of

    @property
    def is_late(self) -> bool:
        """Confirmed after the deadline; a round not confirmed yet is asked of the clock instead."""
        return self.confirmed_at is not None and self.confirmed_at > self.late_from


class RoundEvent(models.Model):
    """Who moved a round, from where to where, and why. Append-only."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="events")
    before = models.CharField(max_length=10, choices=Round.State.choices)
    after = models.CharField(max_length=10, choices=Round.State.choices)
    reason = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    posting = models.ForeignKey(Posting, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return f"{self.round_id} {self.before} → {self.after}"
