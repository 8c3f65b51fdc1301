"""The plan of help of a case: what will be done for the child, by whom, until when, and what came of it."""

from django.db import models

from cases.codes import Need
from cases.models.case import Case
from cases.models.facts import Fact


class HelpAction(models.Model):
    """One action of the plan. `planned` and `done` are its facts; without `done` it is still to be done."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="help_actions")
    what = models.CharField(max_length=300)
    need = models.CharField(max_length=20, choices=Need.choices)
    who = models.CharField(max_length=200)  # a person or an agency, as written
    due_on = models.DateField()
    planned = models.ForeignKey(Fact, models.PROTECT, related_name="help_planned")
    done = models.OneToOneField(Fact, models.PROTECT, null=True, blank=True, related_name="help_given")
    done_on = models.DateField(null=True, blank=True)
    result = models.TextField(blank=True)

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(done__isnull=True, done_on__isnull=True)
                | models.Q(done__isnull=False, done_on__isnull=False),
                name="help_done_when",
            ),
        ]

    def __str__(self):
        return self.what
