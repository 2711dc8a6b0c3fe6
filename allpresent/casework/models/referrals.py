"""A referral a team decided on: to whom, what they answered, and what they say of the work since."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Max, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from .links import student_link
from .meetings import MeetingDecision


class ReferralState(models.TextChoices):
    OPEN = "open", _("No answer yet")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    CLOSED = "closed", _("Ended")
    TAKEN_BACK = "taken_back", _("Taken back")


class Work(models.TextChoices):
    """How the work stands, as the place referred to says. The last two end it."""

    WAITING = "waiting", _("on the waiting list")
    NOT_REACHED = "not_reached", _("could not reach the family")
    BEGUN = "begun", _("has begun")
    UNDER_WAY = "under_way", _("under way")
    SERVED = "served", _("finished")
    STOPPED = "stopped", _("ended early")


ENDS = (Work.SERVED, Work.STOPPED)


def heard_on(to_referral: str = "") -> Coalesce:
    """The day of the last word from there: the last update, or before any the answer. Asked of what has referrals."""
    last = Max(f"{to_referral}updates__on", filter=Q(**{f"{to_referral}updates__undone_at": None}))
    return Coalesce(last, F(f"{to_referral}answered_on"))


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


class ReferralUpdate(models.Model):
    """One word from the place that accepted: how the work stands, who there said so, and what was said."""

    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="updates")
    on = models.DateField()  # the day they said it, not the day it was typed in
    work = models.CharField(max_length=12, choices=Work.choices)
    said_by = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["referral"], condition=Q(work__in=ENDS, undone_at=None), name="a_referral_ends_once"
            )
        ]

    @property
    def is_end(self) -> bool:
        """Whether the work ended with it."""
        return self.work in ENDS

    def __str__(self) -> str:
        return f"{self.referral_id} {self.work} {self.on}"
