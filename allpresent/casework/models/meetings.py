"""Meetings of an attendance team: who was there, which students were spoken of, and what was decided for each."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .links import LEVEL_KEY, school_link, student_link


class MeetingState(models.TextChoices):
    OPEN = "open", _("Open")
    ENDED = "ended", _("Ended")


class Reason(models.TextChoices):
    """Why a student is on the agenda, the most pressing first."""

    CROSSED = "crossed", _("crossed a level and was not spoken of since")
    NEVER_REACHED = "never_reached", _("family never reached")
    OVERDUE = "overdue", _("a promised step is overdue")
    UNOWNED = "unowned", _("nobody does what was decided any more")
    SILENT = "silent", _("nobody reached in ten school days")
    REVIEW = "review", _("a review of the success plan is due")
    REFERRAL = "referral", _("a referral is without answer, or was declined")
    UPDATE = "update", _("a partner's update is past due")


class Part(models.TextChoices):
    """Who may sit on a review team, as CGS 10-198c(b) names them."""

    ADMINISTRATOR = "administrator", _("administrator")
    COUNSELOR = "counselor", _("guidance or school counselor")
    SOCIAL_WORKER = "social_worker", _("social worker")
    TEACHER = "teacher", _("teacher")
    FAMILY = "family", _("student or parent")
    COMMUNITY = "community", _("community program")
    OTHER = "other", _("other")


class DecisionKind(models.TextChoices):
    """What a team may decide for a student. The last two ask nothing of anybody and are over at once."""

    CALL_AGAIN = "call_again", _("Call again")
    VISIT = "visit", _("Visit the home")
    PLAN = "plan", _("Make a success plan")
    MENTOR = "mentor", _("Find a success mentor")
    REFER = "refer", _("Refer to a partner")
    GO_ON = "go_on", _("Go on as promised")
    SET_ASIDE = "set_aside", _("Close with a reason")


class DecisionState(models.TextChoices):
    OPEN = "open", _("Open")
    DONE = "done", _("Done")
    NOTED = "noted", _("Noted")
    WITHDRAWN = "withdrawn", _("Withdrawn")  # by the night: the student left
    TAKEN_BACK = "taken_back", _("Taken back")


class Meeting(models.Model):
    """One meeting of a school's attendance team, or, without a school, of the district's."""

    school = school_link("meetings")
    school_year = models.PositiveSmallIntegerField()
    on = models.DateField()
    state = models.CharField(max_length=8, choices=MeetingState.choices, default=MeetingState.OPEN)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    left_out = models.PositiveIntegerField(default=0)  # students whose turn did not come onto the agenda

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["school"], condition=Q(state="open"), name="one_open_meeting_a_school"),
            models.UniqueConstraint(
                fields=["state"],
                condition=Q(state="open", school__isnull=True),
                name="one_open_meeting_of_the_district",
            ),
        ]
        indexes = [models.Index(fields=["school_year", "school", "on"], name="meeting_year_school")]

    def __str__(self) -> str:
        return f"{self.school_id or 'district'} {self.on}"


class MeetingMember(models.Model):
    """Somebody who was at the meeting: by name, for parents, students and programmes do not sign in here."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="members")
    name = models.CharField(max_length=200)
    part = models.CharField(max_length=16, choices=Part.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "name"], name="a_member_once_a_meeting")]

    def __str__(self) -> str:
        return self.name


class MeetingItem(models.Model):
    """One student on the agenda, at their place, with the reasons that brought them there."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="items")
    student = student_link("meeting_items")
    place = models.PositiveIntegerField()
    level = models.CharField(**LEVEL_KEY)  # of the case when the agenda was made
    reasons = models.CharField(max_length=80)  # Reasons, blank between them
    discussed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["place", "pk"]
        constraints = [models.UniqueConstraint(fields=["meeting", "student"], name="a_student_once_a_meeting")]

    @property
    def reason_words(self) -> list[str]:
        """Why the student is on the agenda, in words."""
        return [str(Reason(key).label) for key in self.reasons.split()]

    def __str__(self) -> str:
        return f"{self.place}: {self.student_id}"


class MeetingDecision(models.Model):
    """What the team decided for a student: who does it, by when, and what became of it."""

    item = models.ForeignKey(MeetingItem, on_delete=models.CASCADE, related_name="decisions")
    student = student_link("meeting_decisions")  # of the item; asked for on the student's page
    kind = models.CharField(max_length=12, choices=DecisionKind.choices)
    state = models.CharField(max_length=12, choices=DecisionState.choices, default=DecisionState.OPEN)
    words = models.TextField(blank=True)  # the reason, or what exactly is to be done
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="decisions_owned"
    )
    handed_from = models.ForeignKey(  # who was named before, and does not see the student any more
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="decisions_handed_on"
    )
    due_on = models.DateField(null=True, blank=True)
    decided_on = models.DateField()
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_on = models.DateField(null=True, blank=True)  # the day it was done, not the day it was typed in
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    outcome = models.TextField(blank=True)  # what came of it, in words

    class Meta:
        indexes = [
            models.Index(fields=["state", "due_on"], name="decision_state_due"),
            models.Index(fields=["student", "decided_at"], name="decision_student_at"),
        ]

    def is_overdue(self, on: date) -> bool:
        """Still open after its day."""
        return self.state == DecisionState.OPEN and self.due_on is not None and self.due_on < on

    @property
    def person(self) -> str:
        """Who does it, or was to do it; blank where nobody had to."""
        return str(self.owner or self.handed_from or "")

    def __str__(self) -> str:
        return f"{self.kind} {self.student_id}"
