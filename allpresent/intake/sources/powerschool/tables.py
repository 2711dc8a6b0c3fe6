"""The tables a PowerSchool export may bring, and the columns read from each, under the names of the mapping."""

from allpresent.intake.columns import Column, day, id_
from allpresent.intake.mapping import Mapping
from allpresent.intake.sources.declared import DeclaredTable

GROUP = "group:"  # before the label of a column that a student group is read from

# Read from the same rows as the students, apart: a wrong date refuses the enrollment and not the student.
SPAN = (
    id_("id"),
    Column("status", "id"),
    Column("school_id", "id"),
    day("entry_date", is_needed=False),
    day("exit_date", is_needed=False),
    Column("grade"),
    Column("track"),
    Column("fte_id", "id"),
)


def _tracks(mapping: Mapping) -> dict[str, str]:
    """The calendar's column of each track."""
    return {track: track for track in mapping.membership.track_columns}


def _groups(mapping: Mapping) -> dict[str, str]:
    """The students' columns that groups are read from."""
    return {f"{GROUP}{group.column}": group.column for group in mapping.groups}


TABLES = (
    DeclaredTable(
        "schools",
        "a school",
        (
            id_("school_id"),
            Column("name"),
            Column("low_grade", "grade"),
            Column("high_grade", "grade"),
            Column("excluded", "flag"),
        ),
        makes=("schools",),
        is_required=True,
    ),
    DeclaredTable(
        "calendar_day",
        "a school and date",
        (
            id_("school_id"),
            day("date"),
            Column("in_session", "flag", is_key=True, is_needed=True),
            Column("membership_value", "number", is_key=True),
            Column("bell_schedule_id", "id"),
            Column("cycle_day_id", "id"),
        ),
        makes=("calendar_days",),
        is_required=True,
        is_strict=True,
        asked_for=_tracks,
    ),
    DeclaredTable(
        "students",
        "a student, with the enrollment of today",
        (
            id_("id"),
            id_("student_id"),
            Column("state_id", "id"),
            Column("last_first"),
            Column("first_name"),
            Column("middle_name"),
            Column("last_name"),
            Column("grade", "grade"),
            Column("birth_date", "birth"),
            Column("household_id", "id"),
            Column("hispanic"),
        ),
        makes=("students", "enrollments", "demographics"),
        also_needed=("school_id", "entry_date", "exit_date", "grade", "status"),
        is_required=True,
        has_people=True,
        also_typed={"student_spans": SPAN},
        asked_for=_groups,
    ),
    DeclaredTable(
        "reenrollments",
        "an earlier enrollment",
        (
            id_("student_id"),
            id_("school_id"),
            day("entry_date"),
            day("exit_date", is_needed=False),
            Column("grade", "grade"),
            Column("track"),
            Column("fte_id", "id"),
        ),
        makes=("enrollments",),
        also_needed=("exit_date",),
        has_people=True,
    ),
    DeclaredTable(
        "attendance_code",
        "an attendance code of a school and year",
        (
            id_("id"),
            Column("school_id", "id"),
            Column("year_id", "id"),
            Column("code"),
            Column("presence"),
            Column("category"),
        ),
        also_needed=("code", "presence"),
        is_lookup=True,
        is_strict=True,
    ),
    DeclaredTable(
        "att_code_code_entity",
        "a category of a code",
        (id_("code_id"), id_("entity_id")),
        is_lookup=True,
        is_strict=True,
    ),
    DeclaredTable(
        "code_entity",
        "a category's name",
        (id_("id"), Column("name")),
        also_needed=("name",),
        is_lookup=True,
        is_strict=True,
    ),
    DeclaredTable(
        "fte",
        "a full-time share, with the attendance mode of its students",
        (id_("id"), Column("school_id", "id"), Column("year_id", "id"), Column("value", "number"), Column("mode")),
        also_needed=("mode",),
        is_lookup=True,
    ),
    DeclaredTable(
        "attendance_conversion_items",
        "what a code is worth of a day",
        (
            Column("conversion_id", "id"),
            Column("fte_id", "id"),
            id_("input"),
            Column("value", "portion", is_key=True, is_needed=True),
            Column("mode"),
        ),
        is_lookup=True,
    ),
    DeclaredTable(
        "bell_schedule",
        "a bell schedule",
        (id_("id"), Column("conversion_id", "id")),
        is_lookup=True,
    ),
    DeclaredTable(
        "bell_schedule_items",
        "a period of a bell schedule",
        (
            id_("bell_schedule_id"),
            id_("period_id"),
            Column("start_time", "count"),
            Column("end_time", "count"),
            Column("counts"),
        ),
        is_lookup=True,
    ),
    DeclaredTable(
        "cycle_day",
        "a day of the A/B cycle",
        (id_("id"), Column("letter")),
        is_lookup=True,
    ),
    DeclaredTable(
        "period",
        "a period",
        (id_("id"), Column("number")),
        is_lookup=True,
    ),
    DeclaredTable(
        "sections",
        "a class, with its teacher",
        (
            id_("section_id"),
            id_("school_id"),
            Column("teacher", "id"),
            Column("course_number"),
            Column("section_number"),
            Column("course_name"),
        ),
        makes=("sections", "section_staff"),
    ),
    DeclaredTable(
        "cc",
        "a student in a class; a negative SectionID is a dropped one",
        (
            id_("student_id"),
            id_("section_id"),
            Column("school_id", "id"),
            day("start_date"),
            day("left_date", is_needed=False),
            Column("expression"),
        ),
        makes=("section_students",),
        also_needed=("left_date",),
    ),
    DeclaredTable(
        "teachers",
        "a person who teaches at a school",
        (
            id_("staff_id"),
            Column("school_id", "id"),
            Column("first_name"),
            Column("last_name"),
            Column("email"),
        ),
        makes=("staff",),
        has_people=True,
    ),
    DeclaredTable(
        "attendance",
        "a mark",
        (
            id_("student_id"),
            id_("school_id"),
            Column("year_id", "id"),
            day("date"),
            Column("mode"),
            Column("code_id", "id"),
            Column("code"),
            Column("period", "id"),
            Column("comment"),
            Column("minutes", "count"),
        ),
        makes=("attendance",),
        also_needed=("mode",),
        is_required=True,
    ),
    DeclaredTable(
        "attendance_taken",
        "a class that took attendance on a day",
        (
            Column("section_id", "id"),
            Column("school_id", "id"),
            day("date"),
            Column("taken_at"),
        ),
        makes=("attendance_taken",),
        also_needed=("section_id",),
    ),
    DeclaredTable(
        "contacts",
        "a person, a telephone or an address of one, or a child of one",
        (
            id_("person"),
            Column("contact_id", "id"),
            Column("first_name"),
            Column("middle_name"),
            Column("last_name"),
            Column("is_active", "flag"),
            Column("email"),
            Column("phone_order", "count"),
            Column("phone"),
            Column("student_id", "id"),
            Column("priority", "count"),
            Column("relationship"),
            Column("legal_guardian", "flag"),
            Column("has_custody", "flag"),
            Column("lives_with", "flag"),
            Column("is_emergency", "flag"),
            Column("language"),
            Column("address", "address"),
            Column("address_order", "count"),
            Column("address_protected", "protected"),
        ),
        makes=("contacts",),
        also_needed=("student_id", "phone"),
        has_people=True,
    ),
)
