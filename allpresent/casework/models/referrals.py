"""A referral a team decided on: to whom, and what they answered."""

from datetime import date

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .links import student_link
from .meetings import MeetingDecision


class ReferralState(models.TextChoices):
    OPEN = "open", _("No answer yet")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    TAKEN_BACK = "taken_back", _("Taken back")


class Referral(models.Model):
    """One referral. Who follows it up, and by when, stands on the decision it came from."""

    decision = models.OneToOneField(MeetingDecision, on_delete=models.CASCADE, related_name="referral")
    student = student_link("referrals")
    service = models.CharField(max_length=60)  # a key of the dated list of services
    state = models.CharField(max_length=12, choices=ReferralState.choices, default=ReferralState.OPEN)
    answered_on = models.DateField(null=True, blank=True)  # the day of the answer, not the day it was typed in
    answered_by = models.CharField(max_length=200, blank=True)  # who answered there
    why = models.TextField(blank=True)  # in words, when declined
    recorded_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        indexes = [
            models.Index(fields=["state", "recorded_at"], name="referral_state"),
            models.Index(fields=["student", "state"], name="referral_student"),
        ]

    def is_without_answer(self, on: date) -> bool:
        """Nobody has answered by the day agreed."""
        return self.state == ReferralState.OPEN and self.decision.is_overdue(on)

    def __str__(self) -> str:
        return f"{self.student_id} {self.service} {self.state}"
