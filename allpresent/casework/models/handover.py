"""Handing a student of one's caseload to somebody else, who has to accept."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .links import student_link


class HandOverState(models.TextChoices):
    OFFERED = "offered", _("Offered")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class HandOver(models.Model):
    """One offer. Until it is accepted the giver keeps the student and the receiver does not see the page."""

    student = student_link("hand_overs")
    giver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="hand_overs_given")
    receiver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="hand_overs_received")
    state = models.CharField(max_length=10, choices=HandOverState.choices, default=HandOverState.OFFERED)
    reason = models.TextField()  # why, to the receiver
    answer = models.TextField(blank=True)  # why not, to the giver
    offered_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["student", "giver"], condition=Q(state="offered"), name="one_offer_a_student_and_giver"
            )
        ]
        indexes = [models.Index(fields=["receiver", "state"], name="hand_over_receiver")]

    def __str__(self) -> str:
        return f"{self.student_id} {self.state}"


class CaseloadLimit(models.Model):
    """How many students a person says they can carry."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="caseload_limit")
    most = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return f"{self.user_id}: {self.most}"
