"""Rollups: figures frozen as of a moment, kept and printed, never changed afterwards."""

from django.db import models

from schools.models import Department, District, Job, Province, School


class Rollup(models.Model):
    """The ministry's own weekly (`2565-W09`) or monthly (`2565-02`) figures, or those the war rooms' rounds of one
    cut-off read (`25650228`).

    As of its cut-off, as known at its first build (or as asked: a further revision). Provisional while the period
    is unfinished: then as of the moment of building, and replaced by the next build.
    """

    class Kind(models.TextChoices):
        WEEKLY = "weekly", "รายสัปดาห์"
        MONTHLY = "monthly", "รายเดือน"
        ROUND = "round", "รอบวอร์รูม"

    period = models.CharField(max_length=8)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    revision = models.PositiveSmallIntegerField(default=1)
    as_of = models.DateTimeField()
    known_at = models.DateTimeField()
    is_provisional = models.BooleanField(default=False)
    built_at = models.DateTimeField()
    leaves = models.PositiveIntegerField(default=0)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-as_of", "-revision"]
        constraints = [
            models.UniqueConstraint(fields=["period", "revision"], name="rollup_once_per_period_and_revision"),
            models.CheckConstraint(condition=models.Q(as_of__lte=models.F("known_at")), name="rollup_known_after"),
        ]

    def __str__(self):
        return f"{self.period} r{self.revision}"


class RollupLeaf(models.Model):
    """The counters of one leaf (province, district, school or none) that are not zero; higher levels are sums."""

    rollup = models.ForeignKey(Rollup, models.CASCADE, related_name="leaf_rows")
    province = models.ForeignKey(Province, models.PROTECT, related_name="+", db_index=False)
    district = models.ForeignKey(District, models.PROTECT, related_name="+", db_index=False)
    department = models.ForeignKey(Department, models.PROTECT, related_name="+", db_index=False)
    school = models.ForeignKey(School, models.PROTECT, null=True, related_name="+", db_index=False)
    counts = models.JSONField()  # {counter: whole number}, reports.ladder.COUNTERS

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["rollup", "province", "district", "department", "school"],
                condition=models.Q(school__isnull=False),
                name="rollup_one_row_per_school_leaf",
            ),
            models.UniqueConstraint(
                fields=["rollup", "province", "district", "department"],
                condition=models.Q(school__isnull=True),
                name="rollup_one_row_per_unassigned_leaf",
            ),
        ]

    def __str__(self):
        return f"{self.rollup_id} {self.province_id}/{self.district_id}/{self.school_id}"


class RollupOffice(models.Model):
    """The sum of one office's leaves in one province: what every level above it is added up from.

    A page of the nation reads about a thousand of these instead of the thirty thousand leaves.
    """

    rollup = models.ForeignKey(Rollup, models.CASCADE, related_name="office_rows")
    province = models.ForeignKey(Province, models.PROTECT, related_name="+", db_index=False)
    district = models.ForeignKey(District, models.PROTECT, related_name="+", db_index=False)
    department = models.ForeignKey(Department, models.PROTECT, related_name="+", db_index=False)
    counts = models.JSONField()  # as in RollupLeaf

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["rollup", "province", "district", "department"], name="rollup_one_row_per_office_and_province"
            ),
        ]

    def __str__(self):
        return f"{self.rollup_id} {self.province_id}/{self.district_id}"
