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
        Column("address", "address"),
        Column("address_protected", "protected"),
    ),
}


# What one row of each table is, in words that follow "one row".
ROWS = {
    "schools": "a school",
    "calendar_days": "a school, date and track: whether the school is in session",
    "students": "a student",
    "enrollments": "a span of days on which a student belongs to a school",
    "attendance": "a mark, also those no count uses",
    "attendance_taken": "a class, or a whole school, that reported attendance on a day",
    "sections": "a class or homeroom",
    "section_students": "a student who sits in it, from day to day",
    "section_staff": "a person who teaches it, from day to day",
    "staff": "a person who teaches",
    "demographics": "a student group of a student with the days it holds; a value of 1, or the group's name",
    "contacts": "a person, student and telephone or e-mail",
}


def also_needed(table: str) -> tuple[str, ...]:
    """Columns a canonical file has to have although a row may leave them blank."""
    return {"demographics": ("flag",), "contacts": ("full_name",), "attendance": ("category",)}.get(table, ())


def needed_columns(table: str) -> list[str]:
    """The columns without which a row of the table says nothing."""
    told = [] if table == "attendance" else also_needed(table)  # in a mapping a code may tell the category
    return [*(column.name for column in CANONICAL[table] if column.is_needed), *told]
