"""Lists of children: a list has an identity (name, owner) and versions; an entry says which child was on it, when."""

from django.db import models

from cases.models.case import Case
from cases.models.child import Child
from schools.models import Job, Person, Posting


class ChildList(models.Model):
    """บัญชีรายชื่อ: its name and its owning unit are its identity."""

    name = models.CharField(max_length=200)
    owner = models.CharField(max_length=40)  # a unit, as written everywhere
    mapping = models.JSONField(default=dict)  # headings matched by hand, remembered: {heading key: canonical name}
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="list_one_name_per_owner")]

    def __str__(self):
        return self.name


class ListVersion(models.Model):
    """One issue of a list, as of `as_of`. Present in version n: joined ≤ n and (left is null or left > n)."""

    list = models.ForeignKey(ChildList, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    as_of = models.DateField()
    source_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    counts = models.JSONField(default=dict)  # rows, new, changed, unchanged, gone, refused
    job = models.ForeignKey(Job, models.PROTECT, null=True, related_name="+")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    posting = models.ForeignKey(Posting, models.PROTECT, null=True, related_name="+")
    unit = models.CharField(max_length=40)
    committed_at = models.DateTimeField()

    class Meta:
        ordering = ["list_id", "number"]
        constraints = [models.UniqueConstraint(fields=["list", "number"], name="list_version_number_once")]

    def __str__(self):
        return f"{self.list} #{self.number}"


class ListEntry(models.Model):
    """This child stood on this list from version `joined` until `left`. Unchanged re-issues write nothing."""

    list = models.ForeignKey(ChildList, models.PROTECT, related_name="entries", db_index=False)
    child = models.ForeignKey(Child, models.PROTECT, related_name="entries")
    case = models.ForeignKey(Case, models.PROTECT, related_name="entries")
    joined = models.PositiveIntegerField()
    left = models.PositiveIntegerField(null=True, blank=True)
    row = models.PositiveIntegerField()  # where it stood in the sheet it joined by, counted from 1
    match_key = models.CharField(max_length=64)  # how the same row is known again: blind, no personal data
    digest = models.CharField(max_length=32)  # of the row's meaning; equal digest = unchanged
    data = models.JSONField(default=dict)  # the row as understood, without any identifier

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["list", "child"], condition=models.Q(left__isnull=True), name="entry_once_on_a_list"
            ),
        ]
        indexes = [models.Index(fields=["list", "match_key"], name="entry_by_match_key")]

    def __str__(self):
        return f"{self.list_id} row {self.row}"


class EntryChange(models.Model):
    """What a later version changed of an entry: before → after by canonical column, without identifiers."""

    version = models.ForeignKey(ListVersion, models.PROTECT, related_name="changes")
    entry = models.ForeignKey(ListEntry, models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=10)  # changed · gone · returned
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return f"{self.version_id} {self.kind}"
