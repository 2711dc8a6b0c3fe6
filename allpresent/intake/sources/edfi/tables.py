"""The resources of Ed-Fi that are read, and the values read from each, under the names of the mapping."""

from allpresent.intake.columns import Column, day, id_
from allpresent.intake.mapping import Mapping
from allpresent.intake.sources.declared import DeclaredTable

GROUP = "group:"  # before the path of a value that a student group is read from


def _groups(mapping: Mapping) -> dict[str, str]:
    """The values that student groups are read from."""
    return {f"{GROUP}{group.column}": group.column for group in mapping.groups}


_SECTION = (
    id_("section"),
    Column("course", "id"),
    id_("school_id"),
    Column("year"),
    Column("session"),
)
_SPAN = (day("start_date", is_needed=False), day("last_date", is_needed=False))

# Programs whose members are a student group; the resource's name and the group's.
PROGRAMS = {
    "studentSpecialEducationProgramAssociations": "swd",
    "studentHomelessProgramAssociations": "homeless",
    "studentSchoolFoodServiceProgramAssociations": "frl",
    "studentLanguageInstructionProgramAssociations": "el",
    "studentSection504ProgramAssociations": "s504",
    "studentMigrantEducationProgramAssociations": "migrant",
}
_PROGRAM_ROWS = {
    "swd": "a student in special education",
    "homeless": "a student in a program for the homeless",
    "frl": "a student with school meals",
    "el": "a student learning English",
    "s504": "a student with a 504 plan",
    "migrant": "a student in migrant education",
}


def _program(name: str, flag: str) -> DeclaredTable:
    columns = (id_("student_id"), *_SPAN, Column("services"), Column("is_eligible", "flag"))
    return DeclaredTable(name, _PROGRAM_ROWS[flag], columns, makes=("demographics",))


_ADDRESSES = (
    *(Column(one, "address") for one in ("home", "physical", "mailing")),
    Column("address_protected", "protected"),
)


def _people(name: str, meaning: str, key: str) -> DeclaredTable:
    columns = (
        id_(key),
        *(Column(one) for one in ("first_name", "middle_name", "last_name", "phones", "emails", "language")),
        *_ADDRESSES,
    )
    return DeclaredTable(name, meaning, columns, is_lookup=True, has_people=True)


def _contact_links(name: str) -> DeclaredTable:
    columns = (
        id_("student_id"),
        id_("person"),
        Column("relationship"),
        Column("priority", "count"),
        *(Column(one, "flag") for one in ("legal_guardian", "lives_with", "is_emergency")),
        Column("restrictions"),
    )
    return DeclaredTable(name, "a student and a contact of the student", columns, makes=("contacts",))


TABLES = (
    DeclaredTable(
        "schools",
        "a school",
        (id_("school_id"), Column("state_id", "id"), Column("name"), Column("grades")),
        makes=("schools",),
        is_required=True,
    ),
    DeclaredTable(
        "calendarDates",
        "a day of a calendar of a school",
        (id_("school_id"), day("date"), Column("calendar", "id"), Column("events")),
        makes=("calendar_days",),
        is_required=True,
        is_strict=True,
    ),
    DeclaredTable(
        "students",
        "a student",
        (
            id_("student_id"),
            *(Column(one) for one in ("first_name", "middle_name", "last_name")),
            Column("birth_date", "birth"),
        ),
        makes=("students",),
        is_required=True,
        has_people=True,
    ),
    DeclaredTable(
        "studentSchoolAssociations",
        "an enrollment",
        (
            id_("student_id"),
            id_("school_id"),
            day("entry_date"),
            day("last_member_date", is_needed=False),
            Column("grade", "grade"),
            Column("fte", "number"),
            Column("primary", "flag"),
            Column("calendar", "id"),
        ),
        makes=("enrollments",),
        is_required=True,
    ),
    DeclaredTable(
        "studentEducationOrganizationAssociations",
        "a student and what a district or school says of the student",
        (id_("student_id"), Column("state_id", "id"), Column("hispanic", "flag"), *_ADDRESSES),
        makes=("demographics",),
        is_lookup=True,
        asked_for=_groups,
    ),
    *(_program(name, flag) for name, flag in PROGRAMS.items()),
    DeclaredTable(
        "sections",
        "a class",
        (*_SECTION, Column("periods")),
        makes=("sections",),
    ),
    DeclaredTable(
        "studentSectionAssociations",
        "a student in a class",
        (id_("student_id"), *_SECTION, *_SPAN, Column("is_homeroom", "flag")),
        makes=("section_students",),
    ),
    DeclaredTable(
        "staffs",
        "a person who works in a school",
        (id_("staff_id"), *(Column(one) for one in ("first_name", "middle_name", "last_name", "emails"))),
        makes=("staff",),
        has_people=True,
    ),
    DeclaredTable(
        "staffSectionAssociations",
        "a person who teaches a class",
        (id_("staff_id"), *_SECTION, *_SPAN),
        makes=("section_staff",),
    ),
    DeclaredTable(
        "bellSchedules",
        "the periods that meet on some days",
        (id_("school_id"), Column("dates"), Column("periods")),
        is_lookup=True,
    ),
    _people("contacts", "a contact of students (from data standard 5)", "person"),
    _contact_links("studentContactAssociations"),
    _people("parents", "a parent or guardian (until data standard 4)", "person"),
    _contact_links("studentParentAssociations"),
    DeclaredTable(
        "studentSchoolAttendanceEvents",
        "a mark for the day",
        (
            id_("student_id"),
            id_("school_id"),
            day("date"),
            Column("code"),
            Column("reason"),
            Column("duration", "portion"),
        ),
        makes=("attendance", "attendance_taken"),
        is_required=True,
    ),
    DeclaredTable(
        "studentSectionAttendanceEvents",
        "a mark for a class",
        (
            id_("student_id"),
            *_SECTION,
            day("date"),
            Column("code"),
            Column("reason"),
            Column("duration", "portion"),
            Column("periods"),
        ),
        makes=("attendance",),
    ),
    DeclaredTable(
        "sectionAttendanceTakenEvents",
        "a class that took attendance on a day",
        (*_SECTION, day("date"), Column("taken_at")),
        makes=("attendance_taken",),
    ),
)
# The elements of a bulk interchange that are rows of each table.
ELEMENTS = {table.name[:1].upper() + table.name[1:-1]: table.name for table in TABLES}
