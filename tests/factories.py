"""Rows made on the spot, for tests that need one thing of their own beside the cast or without it."""

from datetime import date
from itertools import count
from typing import Any

from allpresent.access.models import Grant, User
from allpresent.roster.models import (
    Contact,
    Enrollment,
    School,
    Section,
    SectionStaff,
    SectionStudent,
    Staff,
    Student,
)

YEAR_STARTS = date(2026, 8, 31)
_numbers = count(1)


def make_user(email: str | None = None, **fields: Any) -> User:
    number = next(_numbers)
    return User.objects.create_user(
        email or f"person{number}@elmharbor.example", **({"full_name": f"Person {number}"} | fields)
    )


def give(
    user: User, relation: str, kind: str = "district", object_id: str = "", first: date = YEAR_STARTS, **fields: Any
) -> Grant:
    """A grant from the start of the school year, without end unless `ends_on` is given."""
    return Grant.objects.create(
        user=user, relation=relation, object_kind=kind, object_id=object_id, starts_on=first, source="test", **fields
    )


def make_school(school_id: str = "31", name: str = "Birch School") -> School:
    return School.objects.create(school_id=school_id, name=name, low_grade="K", high_grade="08")


def make_student(school: School | None = None, given_name: str = "Ada", **fields: Any) -> Student:
    """A student enrolled at the school since the start of the year."""
    number = next(_numbers)
    known = {"student_id": f"9{number:04d}", "full_name": f"{given_name} Example", "grade": "05", "is_enrolled": True}
    student = Student.objects.create(**(known | {"given_name": given_name, "school": school} | fields))
    if school is not None:
        Enrollment.objects.create(student=student, school=school, entry_date=YEAR_STARTS, grade=student.grade)
    return student


def make_section(school: School, students: list[Student], staff_id: str = "", **fields: Any) -> Section:
    """A section of the whole year with these students, taught by that staff member."""
    number = next(_numbers)
    section = Section.objects.create(**({"section_id": f"S{number}", "school": school, "name": "Math"} | fields))
    for student in students:
        SectionStudent.objects.create(section=section, student=student, start_date=YEAR_STARTS)
    if staff_id:
        staff, _ = Staff.objects.get_or_create(staff_id=staff_id, defaults={"school": school, "full_name": staff_id})
        SectionStaff.objects.create(section=section, staff=staff, start_date=YEAR_STARTS)
    return section


def make_contact(student: Student, **fields: Any) -> Contact:
    number = next(_numbers)
    known = {"contact_id": f"C{number}", "full_name": "Sol Example", "priority": 1, "phone": "+1 203 555 0100"}
    return Contact.objects.create(student=student, **(known | fields))
