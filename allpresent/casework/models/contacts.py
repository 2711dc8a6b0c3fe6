"""What was said with the family: attempts, the causes they gave, and plain notes."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .links import student_link


class Mode(models.TextChoices):
    PHONE = "phone", _("Phone")
    MESSAGE = "message", _("Message")
    IN_PERSON = "in_person", _("In person")


class Result(models.TextChoices):
    """Only REACHED is a contact; every other result is an attempt."""

    REACHED = "reached", _("Reached")
    NO_ANSWER = "no_answer", _("No answer")
    LEFT_MESSAGE = "left_message", _("Left message")
    WRONG_NUMBER = "wrong_number", _("Wrong number")
    REACHED_NOT_ABLE = "reached_not_able", _("Reached, could not talk")


class Need(models.TextChoices):
    """What would help, in the family's own view."""

    UNKNOWN = "", _("Not asked")
    NOTHING = "nothing", _("Nothing now")
    TEAM = "ask_team", _("Ask the team")
    TWO_ONE_ONE = "two_one_one", _("2-1-1")
    OTHER = "other", _("Something else")


class NextAct(models.TextChoices):
    NONE = "", _("Nothing planned")
    CALL_AGAIN = "call_again", _("Call again")
    VISIT = "visit", _("Visit the home")
    PLAN = "plan", _("Make a success plan")
    REFER = "refer", _("Ask a partner")


class ContactAttempt(models.Model):
    """One try to speak with somebody about a student. Taken back within minutes it stays, marked so."""

    student = student_link("contact_attempts")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="contact_attempts")
    at = models.DateTimeField()  # when it took place
    on = models.DateField()  # the same moment as a day in the district's time zone; lateness is judged by it
    logged_at = models.DateTimeField()
    mode = models.CharField(max_length=12, choices=Mode.choices)
    contact_id = models.CharField(max_length=64, blank=True)  # as delivered; contacts are replaced whole
    contact_name = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=60, blank=True)  # as shown to the caller
    phone_key = models.CharField(max_length=60, blank=True, db_index=True)  # digits only: what health is counted by
    result = models.CharField(max_length=20, choices=Result.choices)
    language = models.CharField(max_length=12, blank=True)
    need = models.CharField(max_length=20, choices=Need.choices, blank=True)
    next_act = models.CharField(max_length=20, choices=NextAct.choices, blank=True)
    next_on = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True)  # plain text, never read by a rule
    undone_at = models.DateTimeField(null=True, blank=True)
    # One call about brothers and sisters is a row for each; the others' rows point at the one it was made for.
    lead = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="also_about")

    class Meta:
        indexes = [models.Index(fields=["student", "-at"], name="attempt_student_at")]
        constraints = [
            models.UniqueConstraint(
                fields=["lead", "student"], condition=Q(undone_at=None), name="one_standing_row_a_call_and_sibling"
            )
        ]

    @property
    def is_contact(self) -> bool:
        """Somebody was reached and could talk."""
        return self.result == Result.REACHED and self.undone_at is None

    def __str__(self) -> str:
        return f"{self.student_id} {self.at:%Y-%m-%d %H:%M} {self.result}"


class ContactCause(models.Model):
    """A cause the family gave, by its key in the dated list of causes (four families, 24 causes)."""

    attempt = models.ForeignKey(ContactAttempt, on_delete=models.CASCADE, related_name="causes")
    cause = models.CharField(max_length=60, db_index=True)
    family = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["attempt", "cause"], name="a_cause_once_an_attempt")]

    def __str__(self) -> str:
        return self.cause


class Note(models.Model):
    """Something worth remembering about a student. It closes no step and clears no list."""

    student = student_link("notes")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notes")
    at = models.DateTimeField()
    text = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["student", "-at"], name="note_student_at")]

    def __str__(self) -> str:
        return self.text[:60]
