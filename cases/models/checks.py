"""ตรวจสอบบัญชี: what schools and districts say of the lines of one version of a list, and their signature under it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.codes import CheckAnswer
from cases.models.lists import ListEntry, ListVersion
from schools.models import Person, Posting


class CheckPicture(models.Model):
    """What proves an answer: one picture for all the lines it was given to, like a visit's (cases.photos)."""

    path = models.CharField(max_length=120, unique=True)
    sha256 = models.CharField(max_length=64)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    size = models.PositiveIntegerField()
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return self.path


class EntryCheck(models.Model):
    """The present answer to one line of one version. What an answer changed of a case stands as a fact there."""

    version = models.ForeignKey(ListVersion, models.PROTECT, related_name="checks")
    entry = models.ForeignKey(ListEntry, models.PROTECT, related_name="checks")
    answer = models.CharField(max_length=12, choices=CheckAnswer.choices)
    evidence = models.CharField(max_length=500, blank=True)
    picture = models.ForeignKey(CheckPicture, models.PROTECT, null=True, blank=True, related_name="checks")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    posting = models.ForeignKey(Posting, models.PROTECT, related_name="+")
    unit = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["version", "entry"], name="check_one_answer_per_line")]

    def __str__(self):
        return f"{self.version} {self.entry_id} {self.answer}"


class CheckSignature(models.Model):
    """A unit signed its checklist, or the level above gave it back; rows are added, the last one counts."""

    class State(models.TextChoices):
        SIGNED = "signed", _("รับรองแล้ว")
        RETURNED = "returned", _("ส่งกลับให้แก้ไข")

    version = models.ForeignKey(ListVersion, models.PROTECT, related_name="signatures")
    unit = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State.choices)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    posting = models.ForeignKey(Posting, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["version", "unit", "-id"], name="signature_of_unit")]

    def __str__(self):
        return f"{self.version} {self.unit} {self.state}"
