"""Append-only facts of a case. Nothing here is updated or deleted; a correction is a new fact that names the old."""

from django.db import models

from cases.codes import Category, EnrolmentRoute, FactKind, Finding, FollowUp, Outcome, VisitMode, Whereabouts, Wish
from cases.models.case import Case
from cases.models.lists import ListVersion
from schools.models import Department, District, Person, Posting, Province, School


class Fact(models.Model):
    """One thing that was so from `at`, known to the system at `known_at`, and what it says of the case's state.

    `at` is an instant: a date without time stands at 00:00 Bangkok, today's at the moment of receipt.
    `school` … `department` are where the case stands from then on; of ENROLLED and HANDED_OVER `school` is the school
    the child goes to. It is at the same time the event of the transition: who, unit, when, before → after, reason.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="facts", db_index=False)
    kind = models.PositiveSmallIntegerField(choices=FactKind.choices)
    at = models.DateTimeField()
    known_at = models.DateTimeField()
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", db_index=False)
    posting = models.ForeignKey(Posting, models.PROTECT, null=True, related_name="+", db_index=False)
    unit = models.CharField(max_length=40)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="corrected_by")
    list_version = models.ForeignKey(ListVersion, models.PROTECT, null=True, related_name="facts", db_index=False)
    # what it says ─────────────────────────────────────────────────────────────────────────────────
    category = models.PositiveSmallIntegerField(choices=Category.choices, null=True)
    school = models.ForeignKey(School, models.PROTECT, null=True, related_name="+", db_index=False)
    district = models.ForeignKey(District, models.PROTECT, null=True, related_name="+", db_index=False)
    province = models.ForeignKey(Province, models.PROTECT, null=True, related_name="+", db_index=False)
    department = models.ForeignKey(Department, models.PROTECT, null=True, related_name="+", db_index=False)
    finding = models.PositiveSmallIntegerField(choices=Finding.choices, null=True)
    outcome = models.PositiveSmallIntegerField(choices=Outcome.choices, null=True)
    wish = models.PositiveSmallIntegerField(choices=Wish.choices, null=True)
    route = models.CharField(max_length=20, choices=EnrolmentRoute.choices, blank=True)
    grade = models.CharField(max_length=40, blank=True)
    teacher = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", db_index=False)
    follow_up = models.CharField(max_length=10, choices=FollowUp.choices, blank=True)
    other_case = models.ForeignKey(  # of a merge: the case merged in, or merged into
        Case, models.PROTECT, null=True, blank=True, related_name="merges"
    )
    # ──────────────────────────────────────────────────────────────────────────────────────────────
    before = models.PositiveSmallIntegerField(null=True)  # stage before and after, as known when it was recorded
    after = models.PositiveSmallIntegerField(null=True)
    reason = models.TextField(blank=True)
    source_words = models.CharField(max_length=300, blank=True)  # the source's own words for a cause
    approved_in_old_system = models.BooleanField(default=False)
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["case", "at"], name="fact_of_case")]
        constraints = [
            models.CheckConstraint(condition=models.Q(at__lte=models.F("known_at")), name="fact_known_after_it_was"),
            models.UniqueConstraint(
                fields=["corrects"], condition=models.Q(corrects__isnull=False), name="fact_corrected_once"
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d}"


class Visit(models.Model):
    """บันทึกการติดตาม: what a visit fact says beyond the state. `uuid` is made by the client; a resend is harmless."""

    fact = models.OneToOneField(Fact, models.PROTECT, primary_key=True, related_name="visit")
    case = models.ForeignKey(Case, models.PROTECT, related_name="visits")
    uuid = models.UUIDField(unique=True)
    content_digest = models.CharField(max_length=64)
    mode = models.CharField(max_length=10, choices=VisitMode.choices)
    whereabouts = models.CharField(max_length=20, choices=Whereabouts.choices, blank=True)
    whereabouts_province = models.ForeignKey(Province, models.PROTECT, null=True, blank=True, related_name="+")
    studying_at = models.CharField(max_length=200, blank=True)
    met = models.CharField(max_length=200, blank=True)
    situation = models.TextField(blank=True)
    needs = models.JSONField(default=list)
    next_step = models.CharField(max_length=300, blank=True)
    next_on = models.DateField(null=True, blank=True)
    unsafe = models.BooleanField(default=False)
    lat = models.FloatField(null=True, blank=True)
    lon = models.FloatField(null=True, blank=True)
    device_at = models.DateTimeField(null=True, blank=True)  # the phone's clock: kept, not trusted

    def __str__(self):
        return str(self.uuid)


class Photo(models.Model):
    """A re-encoded picture of a visit, no metadata. `path` is a random name under MEDIA_ROOT."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="photos")
    path = models.CharField(max_length=120, unique=True)
    sha256 = models.CharField(max_length=64)
    source_sha256 = models.CharField(max_length=64)  # of the bytes received: a resent photo is known again
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    size = models.PositiveIntegerField()
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["visit", "source_sha256"], name="photo_once_per_visit")]

    def __str__(self):
        return self.path
