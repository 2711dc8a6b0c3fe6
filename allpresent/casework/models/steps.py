"""A promised step: what the protocol said would be done for a student, by whom and by when."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .cases import Case, LevelCrossing
from .links import LEVEL_KEY, school_link


class StepState(models.TextChoices):
    OPEN = "open", _("Open")
    DONE = "done", _("Done")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXEMPT = "exempt", _("Exempt")


class Ending(models.TextChoices):
    """Why a step, a crossing or a case ended without anybody doing anything about it."""

    CORRECTED = "corrected", _("the record was corrected")
    TAKEN_BACK = "taken_back", _("the delivery was taken back")
    LEFT = "left", _("the student left")
    YEAR_ENDED = "year_ended", _("the school year ended")
    MERGED = "merged", _("it is part of a higher level's step")


class Outcome(models.TextChoices):
    """What became of a promise on a given day: five things that are never added together, and one still running."""

    ON_TIME = "on_time", _("Done on time")
    LATE = "late", _("Done late")
    OVERDUE = "overdue", _("Overdue")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXEMPT = "exempt", _("Exempt")
    RUNNING = "running", _("Open, not yet due")


class CaseStep(models.Model):
    """One step promised to one student at one level.

    Labels, kind and the evidence needed are copied from the protocol on opening, so that a later version of the
    protocol does not change what was promised.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="steps")
    crossing = models.ForeignKey(LevelCrossing, on_delete=models.CASCADE, related_name="steps")
    protocol_key = models.CharField(max_length=60)
    protocol_version = models.CharField(max_length=40)
    step_key = models.CharField(max_length=60)
    level = models.CharField(**LEVEL_KEY)
    kind = models.CharField(max_length=20, db_index=True)  # verify, call, visit, letter, plan, mentor, referral, …
    label_en = models.CharField(max_length=300)
    label_es = models.CharField(max_length=300, blank=True)
    evidence_needed = models.CharField(max_length=40)
    act = models.CharField(max_length=60, blank=True)  # steps of one act at several levels are done once
    merged_levels = models.JSONField(default=list)  # lower levels, jumped over, whose same act this step also keeps
    was_taken_up = models.BooleanField(default=False)  # promised only "if needed", and somebody found that it is
    school = school_link("steps")  # of the student when the step opened: whose promise it is

    owner_role = models.CharField(max_length=60)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="assigned_steps"
    )
    escalated_on = models.DateField(null=True, blank=True)
    escalated_from = models.CharField(max_length=60, blank=True)  # the owner role before

    opened_on = models.DateField()  # the last delivered school day of the night that opened it
    opened_delivery = models.CharField(max_length=64)
    due_on = models.DateField(null=True, blank=True, db_index=True)  # null: promised without a day

    state = models.CharField(max_length=12, choices=StepState.choices, default=StepState.OPEN)
    ended_on = models.DateField(null=True, blank=True)  # the day it was done, exempted or withdrawn
    ended_at = models.DateTimeField(null=True, blank=True)  # when that was written down
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="ended_steps"
    )
    evidence_kind = models.CharField(max_length=40, blank=True)
    evidence_reference = models.CharField(max_length=300, blank=True)
    ending = models.CharField(max_length=20, blank=True)  # an Ending, when withdrawn
    reason = models.TextField(blank=True)  # in words, when exempt or withdrawn

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "level", "step_key"],
                condition=~Q(state="withdrawn"),
                name="one_standing_step_a_level_and_key",
            )
        ]
        indexes = [
            models.Index(fields=["state", "kind", "due_on"], name="step_state_kind_due"),
            models.Index(fields=["assigned_to", "state"], name="step_assigned_state"),
            models.Index(fields=["school", "due_on"], name="step_school_due"),
        ]

    @property
    def done_on(self) -> date | None:
        """The day of the evidence, not the day it was typed in."""
        return self.ended_on if self.state == StepState.DONE else None

    @property
    def is_late(self) -> bool:
        """Done, and after its day."""
        return self.state == StepState.DONE and bool(self.due_on and self.ended_on and self.ended_on > self.due_on)

    def is_overdue(self, on: date) -> bool:
        """Still open after its day; the due day itself is not yet late."""
        return self.state == StepState.OPEN and self.due_on is not None and self.due_on < on

    @property
    def why(self) -> str:
        """Why it ended without being done, in words; blank for a step that is open or done."""
        return self.reason or (str(Ending(self.ending).label) if self.ending else "")

    def outcome(self, on: date) -> Outcome:
        """What became of the promise, as it stands on a day."""
        if self.state == StepState.DONE:
            return Outcome.LATE if self.is_late else Outcome.ON_TIME
        if self.state == StepState.OPEN:
            return Outcome.OVERDUE if self.is_overdue(on) else Outcome.RUNNING
        return Outcome(self.state)

    def __str__(self) -> str:
        return f"{self.level} {self.step_key} {self.state}"
