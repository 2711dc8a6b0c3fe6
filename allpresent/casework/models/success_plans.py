"""A Student Success Plan: what was agreed with the family, every version of it, and how it was reviewed."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .links import school_link, student_link


class PlanState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    AGREED = "agreed", _("Agreed")
    UNDER_REVIEW = "under_review", _("Under review")
    ENDED = "ended", _("Ended")


class Agreed(models.TextChoices):
    """How the family said yes."""

    SIGNATURE = "signature", _("Signed here on the screen")
    PHONE = "phone", _("By phone, with a witness")
    PAPER = "paper", _("Signed on paper")


class PlanOutcome(models.TextChoices):
    MET = "met", _("Met")
    PARTLY = "partly", _("Partly met")
    NOT_MET = "not_met", _("Not met")
    STOPPED = "stopped", _("Stopped")


class SuccessPlan(models.Model):
    """One plan of one student: as a draft its newest version, once agreed the one the family agreed to last."""

    student = student_link("success_plans")
    school = school_link("success_plans")  # where the student was when it was begun
    state = models.CharField(max_length=12, choices=PlanState.choices, default=PlanState.DRAFT)
    version = models.PositiveIntegerField(default=1)  # raised by each saving
    contents = models.JSONField()  # a plan_contents.Contents: of a draft as last saved, then as last agreed
    agreed_version = models.PositiveIntegerField(null=True, blank=True)  # the saving the family agreed to last
    change = models.JSONField(null=True, blank=True)  # contents saved since, which the family has not agreed to
    started_at = models.DateTimeField()

    # How the student stood when the plan was begun, and in which delivery; later corrections do not change it.
    days_absent = models.CharField(max_length=12)  # exact, as in 12 or 12.5
    days_reported = models.CharField(max_length=12)
    as_of = models.DateField()
    delivery_id = models.CharField(max_length=64)

    agreed_on = models.DateField(null=True, blank=True)  # the first day of the horizon
    runs_to = models.DateField(null=True, blank=True)  # its last day
    agreed_how = models.CharField(max_length=12, choices=Agreed.choices, blank=True)
    agreed_with = models.CharField(max_length=200, blank=True)
    witness = models.CharField(max_length=200, blank=True)
    paper = models.CharField(max_length=200, blank=True)  # signature or scan, below the home
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="agreed_plans"
    )

    outcome = models.CharField(max_length=12, choices=PlanOutcome.choices, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    ended_why = models.TextField(blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="ended_plans"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["student"], condition=~Q(state="ended"), name="one_live_plan_a_student")
        ]

    def __str__(self) -> str:
        return f"{self.student_id} {self.state}"


class PlanVersion(models.Model):
    """The plan as somebody saved it: what a merge compares with, and how nothing that was written is lost."""

    plan = models.ForeignKey(SuccessPlan, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    contents = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "number"], name="one_plan_version_a_number")]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.number}"


class PastAgreement(models.Model):
    """An agreement that a later one replaced: how the family agreed to which version, and what it set."""

    plan = models.ForeignKey(SuccessPlan, on_delete=models.CASCADE, related_name="past_agreements")
    version = models.PositiveIntegerField()  # a PlanVersion's number, whose contents it keeps
    agreed_on = models.DateField()
    runs_to = models.DateField()  # as it was set; the next agreement ended it before
    agreed_how = models.CharField(max_length=12, choices=Agreed.choices)
    agreed_with = models.CharField(max_length=200)
    witness = models.CharField(max_length=200, blank=True)
    paper = models.CharField(max_length=200, blank=True)
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    review_days = models.JSONField(default=list)  # as year-month-day
    replaced_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "version"], name="one_past_agreement_a_version")]
        ordering = ["version"]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.version} {self.agreed_on}"


class PlanReview(models.Model):
    """A day on which the plan is looked at again; held once `held_on` is set."""

    plan = models.ForeignKey(SuccessPlan, on_delete=models.CASCADE, related_name="reviews")
    due_on = models.DateField(db_index=True)
    held_on = models.DateField(null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="plan_reviews"
    )
    words = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "due_on"], name="one_plan_review_a_day")]
        ordering = ["due_on"]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.due_on}"
