"""A case's history on two clocks: it stood so `since … until`, and the system knew it `known_from … known_until`.

Written by cases.lifecycle and cases.intake.commit alone; counted by reports.ladder. Source: SPANS.md §8.
"""

from datetime import UTC, datetime

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Least

from cases.codes import Outcome, Reached, Rung, Stage, Wish
from cases.models.case import Case
from schools.models import Department, District, Province, School

FOREVER = datetime(9999, 12, 31, tzinfo=UTC)  # not `infinity`: drivers cannot read it


class SpanQuerySet(models.QuerySet):
    def current(self):
        """What is believed of now: one span a case."""
        return self.filter(gone=FOREVER)

    def standing(self, as_of, known_at):
        """What stood at `as_of` as known at `known_at` (aware datetimes, as_of ≤ known_at)."""
        if known_at < as_of:
            raise ValueError("A moment cannot be known before it was: known_at is before as_of.")
        if known_at == as_of:
            return self.filter(known_from__lte=as_of, gone__gt=as_of)
        return self.filter(since__lte=as_of, until__gt=as_of, known_from__lte=known_at, known_until__gt=known_at)

    def visible_to(self, person):
        """The spans of cases `person` may see today, whatever unit they stood in then."""
        return self.filter(case__in=Case.objects.visible_to(person))


class Span(models.Model):
    case = models.ForeignKey(Case, models.PROTECT, related_name="spans", db_index=False)
    since = models.DateTimeField()
    until = models.DateTimeField(default=FOREVER)
    known_from = models.DateTimeField()
    known_until = models.DateTimeField(default=FOREVER)
    gone = models.GeneratedField(
        expression=Least("until", "known_until"), output_field=models.DateTimeField(), db_persist=True
    )
    school = models.ForeignKey(School, models.PROTECT, null=True, related_name="+", db_index=False)
    district = models.ForeignKey(District, models.PROTECT, related_name="+", db_index=False)
    province = models.ForeignKey(Province, models.PROTECT, related_name="+", db_index=False)
    department = models.ForeignKey(Department, models.PROTECT, related_name="+", db_index=False)
    category = models.PositiveSmallIntegerField()
    episode = models.PositiveSmallIntegerField()
    stage = models.PositiveSmallIntegerField()
    rung = models.PositiveSmallIntegerField()
    outcome = models.PositiveSmallIntegerField()
    wish = models.PositiveSmallIntegerField()
    reached = models.PositiveSmallIntegerField()

    objects = SpanQuerySet.as_manager()

    class Meta:
        ordering = ["case_id", "since", "id"]
        indexes = [
            models.Index(fields=["case", "since"], name="span_case"),
            models.Index(
                fields=["province", "district", "school", "case"],
                include=[
                    "known_from",
                    "rung",
                    "outcome",
                    "wish",
                    "reached",
                    "episode",
                    "stage",
                    "category",
                    "department",
                ],
                condition=Q(gone=FOREVER),
                name="span_now",
            ),
            models.Index(fields=["gone"], condition=Q(gone__lt=FOREVER), name="span_past"),
            models.Index(fields=["known_from"], name="span_known"),
            models.Index(fields=["known_until"], condition=Q(known_until__lt=FOREVER), name="span_superseded"),
            models.Index(fields=["known_from"], condition=Q(since__lt=F("known_from")), name="span_late"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(gone=FOREVER), name="span_one_now"),
            models.UniqueConstraint(fields=["case", "since"], condition=Q(known_until=FOREVER), name="span_believed"),
            models.CheckConstraint(condition=Q(since__lt=F("until")), name="span_since_before_until"),
            models.CheckConstraint(condition=Q(known_from__lt=F("known_until")), name="span_known_in_order"),
            models.CheckConstraint(condition=Q(since__lte=F("known_from")), name="span_known_after_it_was"),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="span_stage_exists"),
            models.CheckConstraint(
                condition=Q(rung__in=Rung.values, outcome__in=Outcome.values)
                & Q(wish__in=Wish.values, reached__in=Reached.values),
                name="span_codes_exist",
            ),
        ]

    def __str__(self):
        return f"{self.case_id} {self.since:%Y-%m-%d} … {self.until:%Y-%m-%d}"
