"""Many students with an open call each, for counting the questions a page asks."""

from datetime import date

from allpresent.casework.models import Case, CaseStep, LevelCrossing
from allpresent.casework.models.steps import PromisedStep
from allpresent.roster.filling import have_counted
from allpresent.roster.models import Contact, Enrollment, School, SectionStudent, Student
from tests.cast import DELIVERY, FIRST_DAY, LAST_SCHOOL_DAY, LINDEN, NOW

DUE = date(2026, 11, 10)


def add_students_with_steps(
    count: int, *, teacher_of: str = "", kinds: tuple[str, ...] = ("call",), household: str = "", first: int = 0
) -> list[str]:
    """Students of Linden, sitting in a section, with a case at L2 and one open step of each kind.

    They belong to one household where one is named.
    """
    school = School.objects.get(pk=LINDEN)
    students = Student.objects.bulk_create(
        Student(
            student_id=f"8{number:05d}",
            full_name=f"Example {number:04d} Person",
            given_name="Example",
            grade="04",
            homeroom="4A",
            school=school,
            is_enrolled=True,
            household_id=household,
        )
        for number in range(first, first + count)
    )
    Enrollment.objects.bulk_create(
        Enrollment(student=student, school=school, entry_date=FIRST_DAY, grade="04") for student in students
    )
    Contact.objects.bulk_create(
        Contact(student=student, contact_id=f"K{student.pk}", full_name="Sol", priority=1, phone="203 555 0199")
        for student in students
    )
    if teacher_of:
        SectionStudent.objects.bulk_create(
            SectionStudent(student=student, section_id=teacher_of, start_date=FIRST_DAY) for student in students
        )
    _add_steps(students, school, kinds)
    # As a night does after it has written them.
    have_counted(Student, Enrollment, Contact, SectionStudent, Case, LevelCrossing, CaseStep)
    return [student.pk for student in students]


def _add_steps(students: list[Student], school: School, kinds: tuple[str, ...]) -> None:
    cases = Case.objects.bulk_create(
        Case(
            student=student, school_year=2026, school=school, level="L2", highest_level="L2", opened_on=LAST_SCHOOL_DAY
        )
        for student in students
    )
    crossings = LevelCrossing.objects.bulk_create(
        LevelCrossing(
            case=case,
            level="L2",
            school=school,
            crossed_on=LAST_SCHOOL_DAY,
            noticed_on=LAST_SCHOOL_DAY,
            noticed_delivery=DELIVERY,
            noticed_at=NOW,
            days_absent=2,
        )
        for case in cases
    )
    for kind in kinds:
        promise = PromisedStep.objects.filter(kind=kind).order_by("level").first()
        assert promise is not None
        CaseStep.objects.bulk_create(
            CaseStep(
                case=crossing.case,
                crossing=crossing,
                promise=promise,
                step_key=promise.step_key,
                level="L2",
                kind=kind,
                school=school,
                opened_on=LAST_SCHOOL_DAY,
                due_on=DUE,
                owner_role=promise.owner_role,
            )
            for crossing in crossings
        )
