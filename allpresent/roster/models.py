"""The roster: what the last posted delivery says of schools, students, families, sections and staff.

Ids are the ledger's own text ids. Dates of membership are inclusive on both sides; an empty last date is open.
Rows of memberships, contacts, sections and staff are replaced by each projection, so no record may point at them by
key; schools and students stay, and may be pointed at.
"""

from datetime import date

from django.db import models
from django.db.models import Q


def in_force(on: date, first: str, last: str) -> Q:
    """Rows whose dates hold `on`: begun by then, and not over before it."""
    return Q(**{f"{first}__lte": on}) & (Q(**{f"{last}__isnull": True}) | Q(**{f"{last}__gte": on}))


class School(models.Model):
    school_id = models.CharField(primary_key=True, max_length=64)
    name = models.TextField()
    low_grade = models.CharField(max_length=8, blank=True)
    high_grade = models.CharField(max_length=8, blank=True)

    class Meta:
        ordering = ["name", "school_id"]

    def __str__(self) -> str:
        return self.name


class Student(models.Model):
    """A student the district has ever delivered; school and grade are those of the latest span."""

    student_id = models.CharField(primary_key=True, max_length=64)
    full_name = models.TextField()
    given_name = models.TextField()
    grade = models.CharField(max_length=8, blank=True)
    school = models.ForeignKey(School, null=True, blank=True, on_delete=models.SET_NULL, related_name="students")
    homeroom = models.TextField(blank=True)
    birth_date = models.DateField(null=True, blank=True)
    household_id = models.CharField(max_length=64, blank=True, db_index=True)
    language = models.TextField(blank=True)
    is_enrolled = models.BooleanField(default=False)  # on the last delivered school day

    class Meta:
        ordering = ["full_name", "student_id"]
        indexes = [models.Index(fields=["school", "is_enrolled"], name="student_by_school")]

    def __str__(self) -> str:
        return self.full_name

    @property
    def spoken_name(self) -> str:
        """The whole name in the order it is said, Mateo Ruiz; delivered with the family name first, it is turned."""
        parts = [part.strip() for part in self.full_name.split(",")]
        return " ".join(reversed(parts)).strip() if len(parts) == 2 else self.full_name


class Enrollment(models.Model):
    """A span of membership of one school."""

    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="enrollments")
    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="enrollments")
    entry_date = models.DateField()
    last_member_date = models.DateField(null=True, blank=True)
    grade = models.CharField(max_length=8, blank=True)

    class Meta:
        indexes = [models.Index(fields=["school", "entry_date", "last_member_date"], name="enrollment_by_school")]


class Staff(models.Model):
    staff_id = models.CharField(primary_key=True, max_length=64)
    school = models.ForeignKey(School, null=True, blank=True, on_delete=models.SET_NULL, related_name="staff")
    full_name = models.TextField()
    email = models.TextField(blank=True)

    class Meta:
        ordering = ["full_name", "staff_id"]
        verbose_name_plural = "staff"

    def __str__(self) -> str:
        return self.full_name


class Section(models.Model):
    section_id = models.CharField(primary_key=True, max_length=64)
    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="sections")
    name = models.TextField(blank=True)
    is_homeroom = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name or self.section_id


class SectionStudent(models.Model):
    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="student_rows")
    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="section_rows")
    start_date = models.DateField()
    last_date = models.DateField(null=True, blank=True)


class SectionStaff(models.Model):
    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="staff_rows")
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="section_rows")
    start_date = models.DateField()
    last_date = models.DateField(null=True, blank=True)


class Contact(models.Model):
    """A person to call about a student. A blank flag of custody or consent to contact is unknown, not yes."""

    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="contacts")
    contact_id = models.CharField(max_length=64)
    full_name = models.TextField()
    relationship = models.TextField(blank=True)
    priority = models.IntegerField(null=True, blank=True)  # 1 is called first
    phone = models.TextField(blank=True)
    email = models.TextField(blank=True)
    language = models.TextField(blank=True)
    has_custody = models.BooleanField(null=True, blank=True)
    lives_with = models.BooleanField(null=True, blank=True)
    may_contact = models.BooleanField(null=True, blank=True)
    address = models.TextField(blank=True)  # one line of it a line; blank where it is protected
    address_protected = models.BooleanField(default=False)

    class Meta:
        ordering = ["student_id", models.F("priority").asc(nulls_last=True), "contact_id"]


class ProjectedVersion(models.Model):
    """Which delivery the roster shows: one row. Pages read the ledger as known on this delivery, and no newer."""

    delivery_id = models.CharField(max_length=64)
    last_school_day = models.DateField(null=True)  # null before the first mark of a first year
    projected_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_projected_version")]

    @classmethod
    def current(cls) -> "ProjectedVersion | None":
        """The version shown, or None while nothing was projected."""
        return cls.objects.filter(pk=1).first()
