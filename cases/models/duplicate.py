"""A pair of cases that may be of one child (ข้อมูลซ้ำซ้อน), and what a person decided of it."""

from django.db import models

from cases.codes import PairState, Sameness
from cases.models.case import Case
from schools.models import Person, Posting


class Duplicate(models.Model):
    """Two cases, the one of the lower key first, and why they may be of one child (cases.duplicates).

    `survivor` is the case that has both cases' facts while the pair stands merged; `filled` names the columns of its
    child that were empty and took what the duplicate's said, so that an undoing empties them again; `passed` is what
    of the duplicate was under way and went on or ended with the merge (cases.underway).
    """

    first = models.ForeignKey(Case, models.PROTECT, related_name="+")
    second = models.ForeignKey(Case, models.PROTECT, related_name="+")
    why = models.CharField(max_length=20, choices=Sameness.choices)
    state = models.CharField(max_length=10, choices=PairState.choices, default=PairState.OPEN)
    found_at = models.DateTimeField()
    survivor = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="+")
    filled = models.JSONField(default=list)
    passed = models.JSONField(default=dict)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    decided_posting = models.ForeignKey(Posting, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["first"], condition=models.Q(state=PairState.OPEN), name="open_pair_by_first"),
            models.Index(fields=["second"], condition=models.Q(state=PairState.OPEN), name="open_pair_by_second"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="duplicate_pair_once"),
            models.CheckConstraint(condition=models.Q(first__lt=models.F("second")), name="duplicate_lower_key_first"),
            models.CheckConstraint(
                condition=models.Q(state=PairState.OPEN, decided_at__isnull=True)
                | ~models.Q(state=PairState.OPEN) & models.Q(decided_at__isnull=False),
                name="duplicate_decided_by_somebody",
            ),
        ]

    def __str__(self):
        return f"{self.first_id} = {self.second_id}?"

    def cases(self) -> tuple[Case, Case]:
        return self.first, self.second
