"""What ran by night, or at a person's word, and how far it came."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class RunKind(models.TextChoices):
    NIGHTLY = "nightly", _("The night's work")
    ACCEPT = "accept", _("A held delivery accepted")
    UNDO = "undo", _("A delivery taken back")
    RECOMPUTE = "recompute", _("Steps worked out again")
    REPORT = "report", _("Reports written")


class RunState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    FINISHED = "finished", _("Finished")
    FAILED = "failed", _("Stopped")


class NightlyRun(models.Model):
    """One run: its stage is what a page shows while it works, its counts are what it did."""

    kind = models.CharField(max_length=12, choices=RunKind.choices)
    state = models.CharField(max_length=12, choices=RunState.choices, default=RunState.WAITING)
    on = models.DateField()  # the district's day it ran for
    delivery_id = models.CharField(max_length=64, blank=True)  # the data version it ended on
    as_of = models.DateField(null=True, blank=True)  # the last delivered school day of that version
    stage = models.CharField(max_length=200, blank=True)
    lines = models.JSONField(default=list)  # the progress lines, oldest first
    counts = models.JSONField(default=dict)
    message = models.TextField(blank=True)  # why it stopped, in one sentence
    subject = models.CharField(max_length=200, blank=True)  # the delivery or report it was asked about
    reason = models.TextField(blank=True)  # the words of the person who asked
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="asked_runs"
    )
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["kind", "on"], name="run_kind_on"),
            models.Index(fields=["state"], name="run_state"),
        ]

    @property
    def is_over(self) -> bool:
        """Nothing more will happen to it."""
        return self.state in (RunState.FINISHED, RunState.FAILED)

    def __str__(self) -> str:
        return f"{self.kind} {self.on} {self.state}"
