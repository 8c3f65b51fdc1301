"""ส่งต่อภาคีเครือข่าย: a case put to a partner agency, with what it may see, why, and until when."""

from django.db import models

from cases.codes import Basis, ReferralState, Stage
from cases.models.case import Case
from schools import clock, roles
from schools.models import Partner, Person, Posting
from schools.scope import postings_of, unit_of_posting, visible

LIVE = (ReferralState.SENT, ReferralState.ACCEPTED)


class ReferralQuerySet(models.QuerySet):
    def live(self):
        """Those whose partner may still look: not answered for good, not recalled, not past their last day."""
        open_cases = ~models.Q(case__stage__in=(Stage.CLOSED, Stage.VOID))
        return self.filter(open_cases, state__in=LIVE, ends_at__gt=clock.now(), partner__is_active=True)

    def open_to(self, person):
        """The live referrals to the offices in which `person` is posted: all a partner ever sees (SECURITY PV-01)."""
        offices = [
            unit.pk
            for posting in postings_of(person)
            if roles.SEE_REFERRALS in roles.capabilities_of(posting) and (unit := unit_of_posting(posting))
        ]
        return self.live().filter(partner__in=offices) if offices else self.none()

    def visible_to(self, person):
        """The referrals of the cases `person` may see: for staff."""
        return self.filter(visible(person, "case__"))


class Referral(models.Model):
    """One referral. `fields` are the names of cases.sharing that its partner may see, and no others."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="referrals")
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="referrals")
    state = models.CharField(max_length=10, choices=ReferralState.choices, default=ReferralState.SENT)
    purpose = models.TextField()
    basis = models.CharField(max_length=20, choices=Basis.choices)
    basis_note = models.CharField(max_length=300, blank=True)  # who consented and when; the order or agreement
    fields = models.JSONField(default=list)
    id_reason = models.CharField(max_length=300, blank=True)  # why the national ID goes along (SECURITY PV-03)
    for_safety = models.BooleanField(default=False)  # made while the child was known to be unsafe
    by = models.ForeignKey(Person, models.PROTECT, related_name="referrals")
    posting = models.ForeignKey(Posting, models.PROTECT, related_name="+")
    unit = models.CharField(max_length=40)
    sent_at = models.DateTimeField()
    due_on = models.DateField()  # by when the partner should have answered
    ends_at = models.DateTimeField()  # its last moment whatever happens
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["partner", "state", "due_on"], name="referral_of_partner")]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "partner"], condition=models.Q(state__in=LIVE), name="referral_one_live_per_partner"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=LIVE, ended_at__isnull=True)
                | (~models.Q(state__in=LIVE) & models.Q(ended_at__isnull=False)),
                name="referral_ended_when",
            ),
            models.CheckConstraint(condition=~models.Q(purpose=""), name="referral_has_purpose"),
        ]

    def __str__(self):
        return f"{self.partner} {self.case}"
