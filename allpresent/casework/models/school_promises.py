"""What a school itself promised and has in place: since which day, by whose word, and with which of its staff."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .links import school_link
from .steps import PromisedStep


class PromiseState(models.TextChoices):
    RECORDED = "recorded", _("Recorded")
    ENDED = "ended", _("Ended")
    WITHDRAWN = "withdrawn", _("Withdrawn as a mistake")


class SchoolPromise(models.Model):
    """One record of a school's own promise. A school that begins again has a further one; none is ever deleted."""

    school = school_link("promises")
    promise = models.ForeignKey(PromisedStep, on_delete=models.PROTECT, related_name="school_records")
    step_key = models.CharField(max_length=80)  # the promise's, whatever version of the protocol worded it
    since = models.DateField()  # the day from which it holds
    reference = models.CharField(max_length=300)  # where it is written down
    state = models.CharField(max_length=12, choices=PromiseState.choices, default=PromiseState.RECORDED)
    version = models.PositiveSmallIntegerField(default=1)  # raised by each correction
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    closed_on = models.DateField(null=True, blank=True)  # the last day it held; blank when withdrawn
    closed_why = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "step_key"], condition=Q(state="recorded"), name="one_record_a_school_promise"
            )
        ]

    def __str__(self) -> str:
        return f"{self.school_id} {self.step_key} {self.state}"


class PromisePerson(models.Model):
    """Somebody of the school's staff named for a promise; taken off the record they stay, marked so."""

    record = models.ForeignKey(SchoolPromise, on_delete=models.PROTECT, related_name="people")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    trained_on = models.DateField(null=True, blank=True)
    paid_from = models.DateField(null=True, blank=True)  # for the hours after school
    taken_off_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["record", "user"], condition=Q(taken_off_at=None), name="named_once_a_school_promise"
            )
        ]

    def __str__(self) -> str:
        return f"{self.record_id} {self.user_id}"
