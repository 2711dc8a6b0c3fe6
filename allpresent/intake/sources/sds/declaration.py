"""What the source ``sds`` says of itself."""

from allpresent.intake.columns import Column, day, id_
from allpresent.intake.sources.declared import Declaration, DeclaredTable
from allpresent.intake.sources.rosters.beside import BESIDE, DEFAULTS, MEANING

BUNDLE = (
    DeclaredTable(
        "orgs",
        "a district, school or other organisation",
        (id_("key"), Column("name"), Column("type")),
        ignored=("parentSourcedId",),
        makes=("schools",),
        also_needed=("name", "type"),
        is_required=True,
    ),
    DeclaredTable(
        "academicSessions",
        "a school year or term",
        (id_("key"), day("start_date"), day("end_date")),
        ignored=("title", "type", "schoolYear"),
        is_lookup=True,
    ),
    DeclaredTable("courses", "a course", (id_("key"), Column("title"), Column("code")), is_lookup=True),
    DeclaredTable(
        "classes",
        "a class",
        (
            *(id_("key"), id_("org_key"), Column("title"), Column("code"), Column("course_key", "id")),
            Column("session_keys"),
        ),
        ignored=("schoolYearSourcedId", "subject", "grade"),
        makes=("sections",),
    ),
    DeclaredTable(
        "users",
        "a person",
        (
            *(id_("key"), Column("first_name"), Column("middle_name"), Column("last_name")),
            *(Column("email"), Column("sms"), Column("phone")),
        ),
        ignored=("username", "activeDirectoryMatchId"),
        makes=("students", "staff", "contacts"),
        also_needed=("first_name", "last_name"),
        is_required=True,
        has_people=True,
    ),
    DeclaredTable(
        "roles",
        "a role of a person at an organisation, with the grade of a student",
        (
            *(id_("user_key"), id_("org_key"), Column("role", is_key=True, is_needed=True), Column("grade", "grade")),
            *(Column("is_primary", "flag"), day("start_date", is_needed=False), day("end_date", is_needed=False)),
        ),
        ignored=("sessionSourcedId",),
        is_required=True,
        is_lookup=True,
    ),
    DeclaredTable(
        "enrollments",
        "a person in a class, as a student or a teacher",
        (id_("class_key"), id_("user_key"), Column("role")),
        makes=("section_students", "section_staff"),
        also_needed=("role",),
    ),
    DeclaredTable(
        "userFlags",
        "a flag of a student",
        (id_("user_key"), Column("flag", is_key=True, is_needed=True)),
        makes=("demographics",),
    ),
    DeclaredTable(
        "relationships",
        "a person who belongs to a student",
        (id_("user_key"), id_("agent_keys"), Column("relationship")),
        makes=("contacts",),
    ),
    DeclaredTable(
        "demographics",
        "a person's birth date and races",
        (id_("user_key"), Column("birth_date", "birth"), Column("ethnicities"), Column("races")),
        ignored=("sex", "birthCity", "birthState", "birthCountry"),
        makes=("students", "demographics"),
        has_people=True,
    ),
)
DECLARATION = Declaration(
    name="sds",
    title="Microsoft School Data Sync 2.1",
    meaning=f"The CSV files of School Data Sync, always whole. {MEANING}",
    tables=(*BUNDLE, *BESIDE),
    ignored={
        "roles that ended or have not begun": "they say where a person was, not where the person is",
        "flags and codes the mapping does not name": "no student group here; `roster: flags` and `races` name more",
        "enrollments of other roles than student and teacher": "they neither sit in a class nor teach it",
    },
    rules={
        "I01": "The student's id is sourcedId, the only one there is; it has to be the number the marks carry.",
        "K03": (
            "An enrollment of an unknown class or person, a class of an unknown school, and a role, flag or birth date "
            "of an unknown person are errors; an unknown course, session or organisation of a person is a warning."
        ),
        "Q01": "A misspelt name of a column is read as the exact one, with a warning.",
        "S01": "Passwords of users are dropped.",
    },
    defaults=DEFAULTS,
)
