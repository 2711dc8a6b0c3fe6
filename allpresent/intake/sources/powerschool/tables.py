"""The tables a PowerSchool export may bring, and the columns read from each, under the names of the mapping."""

from allpresent.intake.columns import Column, day, id_

REQUIRED = ("schools", "calendar_day", "students", "attendance")
# Tables read only to understand others; a good row of them is accounted for by being read.
LOOKUPS = (
    *("attendance_code", "att_code_code_entity", "code_entity", "fte", "attendance_conversion_items"),
    *("bell_schedule", "bell_schedule_items", "cycle_day", "period"),
)
# A wrong row in one of these changes what every mark means (rule Q02).
STRICT = frozenset({"calendar_day", "attendance_code", "att_code_code_entity", "code_entity"})

COLUMNS: dict[str, tuple[Column, ...]] = {
    "schools": (
        id_("school_id"),
        Column("name"),
        Column("low_grade", "grade"),
        Column("high_grade", "grade"),
        Column("excluded", "flag"),
    ),
    "calendar_day": (
        id_("school_id"),
        day("date"),
        Column("in_session", "flag", is_key=True, is_needed=True),
        Column("membership_value", "number", is_key=True),
        Column("bell_schedule_id", "id"),
        Column("cycle_day_id", "id"),
    ),
    "students": (
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
    "reenrollments": (
        id_("student_id"),
        id_("school_id"),
        day("entry_date"),
        day("exit_date", is_needed=False),
        Column("grade", "grade"),
        Column("track"),
        Column("fte_id", "id"),
    ),
    "attendance_code": (
        id_("id"),
        Column("school_id", "id"),
        Column("year_id", "id"),
        Column("code"),
        Column("presence"),
        Column("category"),
    ),
    "att_code_code_entity": (id_("code_id"), id_("entity_id")),
    "code_entity": (id_("id"), Column("name")),
    "fte": (id_("id"), Column("school_id", "id"), Column("year_id", "id"), Column("value", "number"), Column("mode")),
    "attendance_conversion_items": (
        Column("conversion_id", "id"),
        Column("fte_id", "id"),
        id_("input"),
        Column("value", "portion", is_key=True, is_needed=True),
        Column("mode"),
    ),
    "bell_schedule": (id_("id"), Column("conversion_id", "id")),
    "bell_schedule_items": (
        id_("bell_schedule_id"),
        id_("period_id"),
        Column("start_time", "count"),
        Column("end_time", "count"),
        Column("counts"),
    ),
    "cycle_day": (id_("id"), Column("letter")),
    "period": (id_("id"), Column("number")),
    "sections": (
        id_("section_id"),
        id_("school_id"),
        Column("teacher", "id"),
        Column("course_number"),
        Column("section_number"),
        Column("course_name"),
    ),
    "cc": (
        id_("student_id"),
        id_("section_id"),
        Column("school_id", "id"),
        day("start_date"),
        day("left_date", is_needed=False),
        Column("expression"),
    ),
    "teachers": (
        id_("staff_id"),
        Column("school_id", "id"),
        Column("first_name"),
        Column("last_name"),
        Column("email"),
    ),
    "attendance": (
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
    "attendance_taken": (
        Column("section_id", "id"),
        Column("school_id", "id"),
        day("date"),
        Column("taken_at"),
    ),
    "contacts": (
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
    ),
}
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
# Columns a file has to have although a row may leave them blank.
ALSO_NEEDED = {
    "students": ("school_id", "entry_date", "exit_date", "grade", "status"),
    "reenrollments": ("exit_date",),
    "attendance": ("mode",),
    "attendance_code": ("code", "presence"),
    "attendance_taken": ("section_id",),
    "cc": ("left_date",),
    "code_entity": ("name",),
    "fte": ("mode",),
    "contacts": ("student_id", "phone"),
}
