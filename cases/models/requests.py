"""What one unit asks of another about a case, and the answer."""

from django.db import models

from cases.codes import RequestKind, RequestState
from cases.models.case import Case
from schools.models import Person, Posting


class Request(models.Model):
    """One question about a case that waits at `to_unit` until a second person answers it (cases.requests).

    `details` is what granting will do, by kind: the closing's reason, the destination of a transfer, …
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="requests")
    kind = models.CharField(max_length=12, choices=RequestKind.choices)
    state = models.CharField(max_length=10, choices=RequestState.choices, default=RequestState.WAITING)
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="requests")
    asked_posting = models.ForeignKey(Posting, models.PROTECT, related_name="+")
    from_unit = models.CharField(max_length=40)
    asked_at = models.DateTimeField()
    to_unit = models.CharField(max_length=40)  # where it waits now
    since = models.DateTimeField()  # since when it waits there
    due_at = models.DateTimeField(null=True, blank=True)
    escalated = models.BooleanField(default=False)  # went unanswered to the level above
    reason = models.TextField()
    details = models.JSONField(default=dict)
    other_case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="+")  # of a merge
    answered_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    answered_posting = models.ForeignKey(Posting, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["to_unit", "state", "due_at"], name="request_waiting_at"),
            models.Index(fields=["from_unit", "state"], name="request_asked_by_unit"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind"],
                condition=models.Q(state=RequestState.WAITING),
                name="request_one_waiting_per_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(answered_by__isnull=True)
                | ~models.Q(answered_by=models.F("asked_by"))
                | models.Q(state=RequestState.RECALLED),
                name="request_answered_by_a_second_person",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.case}"

    def end(self, *, by: str, at) -> None:
        """Nobody needs to answer it any more, `by` what; the row is held by the caller, who tells it in a fact."""
        self.state, self.answered_at = RequestState.ENDED, at
        self.details |= {"ended_by": by}
        self.save(update_fields=["state", "answered_at", "details"])


class RequestPicture(models.Model):
    """Evidence of a request: a re-encoded picture without metadata, like a visit's (cases.photos)."""

    request = models.ForeignKey(Request, models.PROTECT, related_name="pictures")
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
