"""Who reported a child that no list named (แจ้งพบเด็ก): kept apart from the facts, so that no list or export has it."""

from django.db import models

from cases.models.case import Case
from cases.models.facts import Fact


class Report(models.Model):
    """What the REPORTED fact `fact` says beyond the state. Shown to those of the responsible unit who act."""

    fact = models.OneToOneField(Fact, models.PROTECT, primary_key=True, related_name="report")
    case = models.ForeignKey(Case, models.PROTECT, related_name="reports")
    reporter_name = models.CharField(max_length=200, blank=True)
    reporter_phone = models.CharField(max_length=40, blank=True)
    relation = models.CharField(max_length=100, blank=True)  # to the child: neighbour, uncle, health volunteer …
    situation = models.TextField(blank=True)

    def __str__(self):
        return str(self.fact_id)
