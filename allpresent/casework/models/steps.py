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
    BARRED = "barred", _("the person may no longer be written to")


class Outcome(models.TextChoices):
    """What became of a promise on a given day: five things that are never added together, and one still running."""

    ON_TIME = "on_time", _("Done on time")
    LATE = "late", _("Done late")
    OVERDUE = "overdue", _("Overdue")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXEMPT = "exempt", _("Exempt")
    RUNNING = "running", _("Open, not yet due")


class PromisedStep(models.Model):
    """A step as a version of the protocol worded it. Never changed, so that a later version does not change what was
    promised before.
    """

    protocol_key = models.CharField(max_length=60)
    protocol_version = models.DateField()  # the first day the version was in force
    step_key = models.CharField(max_length=80)  # as in L3.success_plan
    level = models.CharField(**LEVEL_KEY)
    kind = models.CharField(max_length=20)  # verify, call, visit, letter, plan, mentor, referral, review, conference
    label_en = models.CharField(max_length=300)
    label_es = models.CharField(max_length=300, blank=True)
    owner_role = models.CharField(max_length=60)
    evidence = models.CharField(max_length=40)  # what closes it
    act = models.CharField(max_length=60, blank=True)  # steps of one act at several levels are done once

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["protocol_key", "protocol_version", "step_key"], name="one_wording_a_version_and_step"
            )
        ]

    def label(self, language: str) -> str:
        """The words in a language, in English where they are not said in it."""
        return (self.label_es if language == "es" else "") or self.label_en

    def __str__(self) -> str:
        return self.step_key


class CaseStepManager(models.Manager["CaseStep"]):
    """A step is read together with its wording, which every page shows: one query, never one a row."""

    def get_queryset(self) -> models.QuerySet["CaseStep"]:
        return super().get_queryset().select_related("promise")


class CaseStep(models.Model):
    """One step promised to one student at one level."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="steps")
    crossing = models.ForeignKey(LevelCrossing, on_delete=models.CASCADE, related_name="steps")
    promise = models.ForeignKey(PromisedStep, on_delete=models.PROTECT, related_name="steps")
    step_key = models.CharField(max_length=80)
    level = models.CharField(**LEVEL_KEY)
    kind = models.CharField(max_length=20)  # the promise's, kept here for the counters of the lists
    school = school_link("steps")  # of the student when the step opened: whose promise it is
    opened_on = models.DateField()  # the last delivered school day of the night that opened it
    due_on = models.DateField(null=True, blank=True)  # null: the calendar ends before it
    merged = models.CharField(max_length=60, blank=True)  # level keys, blank between them: see merged_levels
    was_taken_up = models.BooleanField(default=False)  # promised only "if needed", and somebody found that it is

    owner_role = models.CharField(max_length=60)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="assigned_steps"
    )
    escalated_on = models.DateField(null=True, blank=True)  # since then the owner role is no longer the promise's
    passed_by = models.ForeignKey(  # the call that reached nobody and passed the step to the team, if one did
        "casework.ContactAttempt", null=True, blank=True, on_delete=models.PROTECT, related_name="passed_steps"
    )
    passed_from = models.ForeignKey(  # whom it was assigned to until then
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="passed_steps"
    )

    state = models.CharField(max_length=12, choices=StepState.choices, default=StepState.OPEN)
    ended_on = models.DateField(null=True, blank=True)  # the day it was done, exempted or withdrawn
    ended_at = models.DateTimeField(null=True, blank=True)  # when that was written down
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="ended_steps"
    )
    evidence_reference = models.CharField(max_length=300, blank=True)  # of the kind the promise asks for
    ending = models.CharField(max_length=20, blank=True)  # an Ending, when withdrawn
    reason = models.TextField(blank=True)  # in words, when exempt or withdrawn

    objects = CaseStepManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "step_key"],
                condition=~Q(state="withdrawn"),
                name="one_standing_step_a_key",
            )
        ]
        indexes = [
            models.Index(fields=["state", "kind", "due_on"], name="step_state_kind_due"),
            models.Index(fields=["assigned_to", "state"], name="step_assigned_state"),
            models.Index(fields=["school", "due_on"], name="step_school_due"),
        ]

    @property
    def label_en(self) -> str:
        """The promise in English."""
        return self.promise.label_en

    @property
    def label_es(self) -> str:
        """The promise in Spanish; blank where the protocol does not say it."""
        return self.promise.label_es

    @property
    def evidence_needed(self) -> str:
        """The kind of evidence that closes it."""
        return self.promise.evidence

    @property
    def merged_levels(self) -> list[str]:
        """Lower levels, jumped over in one night, whose same act this step also keeps."""
        return self.merged.split()

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
