"""A student's case in one school year, and the levels it reached."""

from django.db import models
from django.db.models import Q

from .links import LEVEL_KEY, school_link, student_link


class Case(models.Model):
    """One student in one school year, from the first level with promised steps onward."""

    student = student_link("cases")
    school_year = models.PositiveSmallIntegerField()  # the year it starts in: 2026 = 2026-27
    school = school_link("cases")  # where the student was when the case opened
    level = models.CharField(**LEVEL_KEY, db_index=True)  # as the record stands now
    highest_level = models.CharField(**LEVEL_KEY)  # ever reached, also if the record was corrected later
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    closed_because = models.CharField(max_length=20, blank=True)  # an Ending

    class Meta:
        constraints = [models.UniqueConstraint(fields=["student", "school_year"], name="one_case_a_student_and_year")]
        indexes = [models.Index(fields=["school_year", "level"], name="case_year_level")]

    def __str__(self) -> str:
        return f"{self.student_id} {self.school_year}"


class LevelCrossing(models.Model):
    """A level reached: the day of the absence that reached it, and the delivery that told us.

    A jump over levels is one row a level, noticed on the same delivery: the lower ones are marked as skipped and the
    highest names them. A correction never deletes the row, it withdraws it.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="crossings")
    level = models.CharField(**LEVEL_KEY)
    school = school_link("crossings")  # of the student when it was noticed
    crossed_on = models.DateField()  # the absence that reached the level's lower bound
    noticed_on = models.DateField()  # the last delivered school day when the record first showed it
    noticed_delivery = models.CharField(max_length=64)
    noticed_at = models.DateTimeField(db_index=True)
    days_absent = models.PositiveSmallIntegerField()  # when noticed
    is_skipped = models.BooleanField(default=False)  # a higher level was noticed with it
    skipped = models.CharField(max_length=60, blank=True)  # level keys, blank between them: see skipped_levels
    is_withdrawn = models.BooleanField(default=False)
    withdrawn_on = models.DateField(null=True, blank=True)
    withdrawn_because = models.CharField(max_length=20, blank=True)  # an Ending
    withdrawn_delivery = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "level"], condition=Q(is_withdrawn=False), name="one_live_crossing_a_level"
            )
        ]
        indexes = [models.Index(fields=["school", "crossed_on"], name="crossing_school_day")]

    @property
    def skipped_levels(self) -> list[str]:
        """On the highest of a jump: the levels passed over."""
        return self.skipped.split()

    def __str__(self) -> str:
        return f"{self.level} on {self.crossed_on}"
