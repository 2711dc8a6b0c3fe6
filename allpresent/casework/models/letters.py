"""Letters to families: what was written, who checked it, who approved it, how it left, and what came back."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .links import school_link, student_link


class LetterKind(models.TextChoices):
    SUPERINTENDENT = "superintendent_letter", _("Letter from the Superintendent")
    ATTENDANCE = "attendance_letter", _("Letter of attendance")
    TRUANCY = "truancy_meeting_notice", _("Notice of a truancy meeting")
    IMPROVEMENT = "improvement_note", _("Note of improvement")


class LetterState(models.TextChoices):
    HELD = "held", _("Held")
    VERIFIED = "verified", _("To approve")
    APPROVED = "approved", _("To produce")
    PRODUCED = "produced", _("To mail")
    MAILED = "mailed", _("Mailed")
    RETURNED = "returned", _("Came back")
    PULLED_BACK = "pulled_back", _("Pulled back")
    WITHDRAWN = "withdrawn", _("Withdrawn")


# Not yet out of the house: what can be pulled back, and what a correction withdraws.
IN_HOUSE = (LetterState.HELD, LetterState.VERIFIED, LetterState.APPROVED, LetterState.PRODUCED)
LEFT_HOUSE = (LetterState.MAILED, LetterState.RETURNED)


class Channel(models.TextChoices):
    """How a letter went. Where no address was delivered, the office may know one."""

    MAIL = "mail", _("by mail")
    EMAIL = "email", _("by e-mail")
    HAND = "hand", _("handed over")
    BACKPACK = "backpack", _("home with the student")


def _person(name: str, is_needed: bool = False) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name=name,
        null=not is_needed,
        blank=not is_needed,
    )


class LetterBatch(models.Model):
    """Letters of one language produced together: one print file."""

    language = models.CharField(max_length=8)
    made_by = _person("letter_batches", is_needed=True)
    made_at = models.DateTimeField()
    made_on = models.DateField()

    def __str__(self) -> str:
        return f"{self.made_on} {self.language}"


class Letter(models.Model):
    """One letter to one person. Its words are kept from the moment it is verified: what is approved is what goes."""

    student = student_link("letters")
    school = school_link("letters")
    school_year = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=40, choices=LetterKind.choices)
    contact_id = models.CharField(max_length=64, blank=True)  # the person's among the contacts; blank: the family
    reason_key = models.CharField(max_length=40, blank=True)  # of a truancy its day: truant:2026-10-20
    step_key = models.CharField(max_length=80, blank=True)  # of the promise it keeps, as in L4.superintendent_letter
    state = models.CharField(max_length=12, choices=LetterState.choices)
    language = models.CharField(max_length=8)
    family = models.CharField(max_length=300)  # to whom it speaks

    template_version = models.DateField(null=True, blank=True)
    is_template_approved = models.BooleanField(default=False)
    delivery_id = models.CharField(max_length=64)  # the data version it was written from
    as_of = models.DateField()
    days = models.JSONField(default=list)  # the days it names, as year-month-day
    title = models.CharField(max_length=300, blank=True)
    paragraphs = models.JSONField(default=list)
    held_because = models.TextField(blank=True)

    verified_by = _person("verified_letters", is_needed=True)
    verified_at = models.DateTimeField()
    approved_by = _person("approved_letters")
    approved_at = models.DateTimeField(null=True, blank=True)
    batch = models.ForeignKey(LetterBatch, null=True, blank=True, on_delete=models.PROTECT, related_name="letters")
    mailed_on = models.DateField(null=True, blank=True)
    mailed_by = _person("mailed_letters")
    mailed_at = models.DateTimeField(null=True, blank=True)
    channel = models.CharField(max_length=12, choices=Channel.choices, blank=True)
    ended_on = models.DateField(null=True, blank=True)  # the day it came back, was pulled back or withdrawn
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = _person("ended_letters")
    reason = models.TextField(blank=True)  # why it came back, was pulled back or withdrawn

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["student", "kind", "school_year", "contact_id"],
                condition=Q(state__in=["held", "verified", "approved", "produced"]),
                name="one_letter_of_a_kind_and_person_in_the_house",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=models.F("verified_by")),
                name="letter_approved_by_a_second_person",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "school"], name="letter_state_school"),
            models.Index(fields=["student", "school_year"], name="letter_student_year"),
        ]

    @property
    def reference(self) -> str:
        """How a promised step names it as its evidence."""
        return f"letter:{self.pk}"

    def __str__(self) -> str:
        return f"{self.student_id} {self.kind} {self.state}"
