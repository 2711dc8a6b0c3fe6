"""Success mentors: who may be one, whom they greet, and each time they did."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .links import school_link, student_link


class MentorKind(models.TextChoices):
    ADULT = "adult", _("Adult")
    PEER = "peer", _("Senior peer")


class MatchEnding(models.TextChoices):
    GOAL = "goal", _("The goal is reached")
    MOVED = "moved", _("The student moved")
    MENTOR_LEFT = "mentor_left", _("The mentor stopped")
    NO_FIT = "no_fit", _("They did not fit")
    OTHER = "other", _("Something else")


class Greeting(models.TextChoices):
    TALKED = "talked", _("Talked")
    GREETED = "greeted", _("Said hello")
    NOT_THERE = "not_there", _("Not there")


class Mentor(models.Model):
    """A person on a school's roster of mentors, or, once they left it, who was."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="mentor")
    school = school_link("mentors")
    kind = models.CharField(max_length=8, choices=MentorKind.choices)
    grades = models.CharField(max_length=60, blank=True)  # blank between them; none named: any grade
    languages = models.CharField(max_length=60, blank=True)  # codes, blank between them
    load_limit = models.PositiveSmallIntegerField()
    left_on = models.DateField(null=True, blank=True)  # off the roster since; blank while on it
    left_why = models.TextField(blank=True)

    def __str__(self) -> str:
        return str(self.user)


class MentorMatch(models.Model):
    """One mentor for one student, from a day on; the grant that lets the mentor see them goes with it."""

    mentor = models.ForeignKey(Mentor, on_delete=models.PROTECT, related_name="matches")
    student = student_link("mentor_matches")
    grant = models.ForeignKey("access.Grant", on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    ending = models.CharField(max_length=12, choices=MatchEnding.choices, blank=True)
    ended_why = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["student"], condition=Q(ended_on=None), name="one_mentor_a_student")
        ]

    def __str__(self) -> str:
        return f"{self.mentor_id} {self.student_id}"


class CheckIn(models.Model):
    """A mentor met the student, or did not find them. Taken back within minutes it stays, marked so."""

    match = models.ForeignKey(MentorMatch, on_delete=models.PROTECT, related_name="check_ins")
    on = models.DateField(db_index=True)
    at = models.DateTimeField()
    how = models.CharField(max_length=12, choices=Greeting.choices)
    undone_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.match_id} {self.on} {self.how}"


class MentorWorry(models.Model):
    """What a mentor tells the school's attendance team alone: somebody's to answer by a day, and what they answered."""

    match = models.ForeignKey(MentorMatch, on_delete=models.PROTECT, related_name="worries")
    at = models.DateTimeField()
    text = models.TextField()
    due_on = models.DateField()
    owner = models.ForeignKey(  # who matched them; blank: whoever of the school's team is first
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="worries_owned"
    )
    taken_at = models.DateTimeField(null=True, blank=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answer = models.TextField(blank=True)

    def is_overdue(self, on: date) -> bool:
        """Not answered, and after its day."""
        return self.taken_at is None and self.due_on < on

    def __str__(self) -> str:
        return f"{self.match_id} {self.at:%Y-%m-%d}"
