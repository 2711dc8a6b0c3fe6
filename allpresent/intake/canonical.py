"""The columns of the canonical tables as a delivery gives them, with the kind of each."""

from allpresent.intake.columns import Column, day, id_

CANONICAL: dict[str, tuple[Column, ...]] = {
    "schools": (
        id_("school_id"),
        Column("state_id", "id"),
        Column("name"),
        Column("low_grade", "grade"),
        Column("high_grade", "grade"),
        Column("excluded", "flag"),
    ),
    "calendar_days": (
        id_("school_id"),
        day("date"),
        Column("in_session", "flag", is_key=True, is_needed=True),
        Column("membership_value", "number", is_key=True),
        Column("track"),
        Column("instructional_minutes", "count", is_key=True),
    ),
    "students": (
        id_("student_id"),
        Column("state_id", "id"),
        Column("full_name"),
        Column("grade", "grade"),
        Column("birth_date", "birth"),
        Column("household_id", "id"),
    ),
    "enrollments": (
        id_("student_id"),
        id_("school_id"),
        day("entry_date"),
        day("last_member_date", is_needed=False),
        Column("grade", "grade"),
        Column("fte", "number"),
        Column("primary", "flag"),
        Column("track"),
    ),
    "attendance": (
        id_("student_id"),
        id_("school_id"),
        day("date"),
        Column("portion_absent", "portion"),
        Column("code"),
        Column("category", "category"),
        Column("excused", "flag"),
        Column("disciplinary", "flag"),
        Column("comment"),
        Column("mode", "mode"),
        Column("period"),
        Column("periods_in_day", "count"),
    ),
    "attendance_taken": (id_("school_id"), day("date"), id_("section_id", is_needed=False), Column("taken_at")),
    "sections": (
        id_("section_id"),
        id_("school_id"),
        Column("name"),
        Column("is_homeroom", "flag"),
    ),
    "section_students": (
        id_("section_id"),
        id_("student_id"),
        day("start_date", is_needed=False),
        day("last_date", is_needed=False),
    ),
    "section_staff": (
        id_("section_id"),
        id_("staff_id"),
        day("start_date", is_needed=False),
        day("last_date", is_needed=False),
    ),
    "staff": (id_("staff_id"), Column("school_id", "id"), Column("full_name"), Column("email")),
    "demographics": (
        id_("student_id"),
        Column("flag"),
        Column("value"),
        day("start_date", is_needed=False),
        day("end_date", is_needed=False),
    ),
    "contacts": (
        Column("contact_id", "id"),
        id_("student_id", is_needed=False),
        Column("full_name"),
        Column("relationship"),
        Column("priority", "count"),
        Column("phone"),
        Column("email"),
        Column("is_emergency", "flag"),
        Column("language"),
        Column("has_custody", "flag"),
        Column("lives_with", "flag"),
        Column("may_contact", "flag"),
    ),
}


def needed_columns(table: str) -> list[str]:
    """The columns without which a row of the table says nothing."""
    extra = {"demographics": ["flag"], "contacts": ["full_name"]}
    return [column.name for column in CANONICAL[table] if column.is_needed] + extra.get(table, [])
