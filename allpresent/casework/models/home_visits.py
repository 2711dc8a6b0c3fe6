"""A visit to a family: the toolkit's form field for field, what came of it, and notes that only few may read."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .links import school_link, student_link

FORM_TYPES = 3  # the toolkit's form knows Visit 1, 2 and 3; a further visit is sent as "Visit 3" with its number


class VisitState(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    SCHEDULED = "scheduled", _("Scheduled")
    DONE = "done", _("Done")
    NOT_FOUND = "not_found", _("Nobody met")
    DECLINED = "declined", _("Declined")
    FOLLOW_UP = "follow_up", _("Promise to keep")
    WITHDRAWN = "withdrawn", _("Taken back")


class VisitReason(models.TextChoices):
    """Item 2 of the toolkit's form."""

    DESIGNATED = "designated", _("Designated by the school attendance team")
    OTHER = "other", _("Other")


class VisitMode(models.TextChoices):
    """Item 4 of the toolkit's form."""

    IN_PERSON = "in_person", _("In person")
    VIRTUAL = "virtual", _("Virtual")


class VisitOutcome(models.TextChoices):
    """Only a completed visit is evidence that the promised visit was made."""

    COMPLETED = "completed", _("Completed")
    ATTEMPTED = "attempted", _("Attempted, nobody met")
    DECLINED = "declined", _("Declined by the family")


class HomeVisit(models.Model):
    """One visit, from the proposal to what was promised there. Taken back it stays, marked so."""

    student = student_link("home_visits")
    school = school_link("home_visits")  # of the student when it was proposed
    state = models.CharField(max_length=12, choices=VisitState.choices)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="proposed_visits")
    proposed_at = models.DateTimeField()
    proposed_after = models.ForeignKey(  # the call that reached nobody and became this proposal, if one did
        "casework.ContactAttempt", null=True, blank=True, on_delete=models.PROTECT, related_name="proposed_visits"
    )

    visitor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="visits"
    )
    co_visitor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="co_visits"
    )
    reason = models.CharField(max_length=12, choices=VisitReason.choices)
    reason_words = models.CharField(max_length=500, blank=True)  # required with OTHER
    mode = models.CharField(max_length=12, choices=VisitMode.choices, default=VisitMode.IN_PERSON)

    starts_at = models.DateTimeField(null=True, blank=True)  # as agreed with the family
    ends_at = models.DateTimeField(null=True, blank=True)  # when the visitors expect to be out of the house
    checked_out_at = models.DateTimeField(null=True, blank=True)

    on = models.DateField(null=True, blank=True)  # the day it took place, in the district's time zone
    was_scheduled = models.BooleanField(null=True, blank=True)  # item 5 of the toolkit's form
    number = models.PositiveSmallIntegerField(null=True, blank=True)  # which visit to this student in the school year
    outcome = models.CharField(max_length=12, choices=VisitOutcome.choices, blank=True)
    met = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=12, blank=True)
    promised = models.CharField(max_length=500, blank=True)
    promised_on = models.DateField(null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="recorded_visits"
    )
    recorded_at = models.DateTimeField(null=True, blank=True)
    state_before = models.CharField(max_length=12, choices=VisitState.choices, blank=True)  # what an undo returns to
    plan_before = models.JSONField(default=dict, blank=True)  # who, why and how as planned, which recording overwrites

    class Meta:
        indexes = [
            models.Index(fields=["student", "-on"], name="visit_student_on"),
            models.Index(fields=["school", "state"], name="visit_school_state"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason="other") | ~Q(reason_words=""), name="another_reason_for_a_visit_is_explained"
            )
        ]

    @property
    def form_type(self) -> int | None:
        """Item 3 of the toolkit's form, 1 to 3; a fourth visit is sent as the third and keeps its own number."""
        return min(self.number, FORM_TYPES) if self.number else None

    def __str__(self) -> str:
        return f"{self.student_id} {self.on or self.starts_at or ''} {self.state}"


class VisitCause(models.Model):
    """A cause the family gave at a visit, by its key in the dated list of causes."""

    visit = models.ForeignKey(HomeVisit, on_delete=models.CASCADE, related_name="causes")
    cause = models.CharField(max_length=60, db_index=True)
    family = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["visit", "cause"], name="a_cause_once_a_visit")]

    def __str__(self) -> str:
        return self.cause


class VisitFieldNote(models.Model):
    """Item 6 of the toolkit's form, in a table of its own: a restricted class (D7), read by no list and no rule."""

    visit = models.OneToOneField(HomeVisit, on_delete=models.CASCADE, related_name="field_note")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="visit_field_notes")
    at = models.DateTimeField()
    text = models.TextField()

    def __str__(self) -> str:
        return f"field note of visit {self.visit_id}"
