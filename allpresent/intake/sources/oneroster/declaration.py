"""What the source ``oneroster`` says of itself."""

from allpresent.intake.columns import Column, day, id_
from allpresent.intake.sources.declared import Declaration, DeclaredTable
from allpresent.intake.sources.rosters.beside import BESIDE, DEFAULTS, MEANING

_STATUS = Column("status")
RACES = {
    "native_american": "Native American",
    "asian": "Asian",
    "black": "Black",
    "pacific_islander": "Pacific Islander",
    "white": "White",
    "two_or_more": "Two or more",
    "hispanic": "Hispanic",
}
BUNDLE = (
    DeclaredTable(
        "orgs",
        "a district, school or other organisation",
        (id_("key"), _STATUS, Column("name"), Column("type"), Column("identifier", "id")),
        ignored=("dateLastModified", "parentSourcedId"),
        makes=("schools",),
        also_needed=("name", "type"),
        is_required=True,
    ),
    DeclaredTable(
        "academicSessions",
        "a school year, term or grading period",
        (id_("key"), _STATUS, day("start_date"), day("end_date")),
        ignored=("dateLastModified", "title", "type", "parentSourcedId", "schoolYear"),
        is_lookup=True,
    ),
    DeclaredTable(
        "courses",
        "a course",
        (id_("key"), _STATUS, Column("title"), Column("code")),
        ignored=("dateLastModified", "schoolYearSourcedId", "grades", "orgSourcedId", "subjects", "subjectCodes"),
        also_needed=("title",),
        is_lookup=True,
    ),
    DeclaredTable(
        "classes",
        "a class or homeroom",
        (
            *(id_("key"), _STATUS, Column("title"), Column("code"), Column("type")),
            *(Column("course_key", "id"), id_("org_key"), Column("session_keys")),
        ),
        ignored=("dateLastModified", "grades", "location", "subjects", "subjectCodes", "periods"),
        makes=("sections",),
        also_needed=("title",),
    ),
    DeclaredTable(
        "users",
        "a person: a student, somebody who works for the district, or an agent of a student",
        (
            *(id_("key"), _STATUS, Column("org_keys"), Column("role"), Column("user_ids")),
            *(Column("first_name"), Column("middle_name"), Column("last_name"), Column("identifier", "id")),
            *(Column("email"), Column("sms"), Column("phone"), Column("agent_keys"), Column("grades")),
            Column("primary_org_key", "id"),
        ),
        ignored=(
            *("dateLastModified", "enabledUser", "username", "userMasterIdentifier"),
            *("preferredGivenName", "preferredMiddleName", "preferredFamilyName", "pronouns"),
        ),
        makes=("students", "staff", "contacts"),
        also_needed=("first_name", "last_name", "identifier"),
        is_required=True,
        has_people=True,
    ),
    DeclaredTable(
        "roles",
        "a role of a person at an organisation (OneRoster 1.2)",
        (
            *(id_("key"), _STATUS, id_("user_key"), Column("role_type"), Column("role"), id_("org_key")),
            *(day("start_date", is_needed=False), day("left_date", is_needed=False)),
        ),
        ignored=("dateLastModified", "userProfileSourcedId"),
        is_lookup=True,
    ),
    DeclaredTable(
        "userProfiles",
        "an account of a person (OneRoster 1.2); nothing is kept of it",
        (id_("key"), _STATUS, id_("user_key")),
        ignored=(
            *("dateLastModified", "profileType", "vendorId"),
            *("applicationId", "description", "credentialType", "username"),
        ),
        is_lookup=True,
        has_people=True,
    ),
    DeclaredTable(
        "enrollments",
        "a person in a class, as a student or a teacher",
        (
            *(id_("key"), _STATUS, id_("class_key"), Column("org_key", "id"), id_("user_key"), Column("role")),
            *(day("start_date", is_needed=False), day("left_date", is_needed=False)),
        ),
        ignored=("dateLastModified", "primary"),
        makes=("section_students", "section_staff"),
        also_needed=("role",),
    ),
    DeclaredTable(
        "demographics",
        "a student's birth date and races",
        (id_("key"), _STATUS, Column("birth_date", "birth"), *(Column(race, "flag") for race in RACES)),
        ignored=(
            *("dateLastModified", "sex", "countryOfBirthCode"),
            *("stateOfBirthAbbreviation", "cityOfBirth", "publicSchoolResidenceStatus"),
        ),
        makes=("students", "demographics"),
        also_needed=("birth_date",),
        has_people=True,
    ),
)
MANIFEST = DeclaredTable(
    "manifest",
    "a property of the bundle: its version, and for each file bulk, delta or absent",
    (Column("property", is_key=True, is_needed=True), Column("value")),
    is_lookup=True,
)
DECLARATION = Declaration(
    name="oneroster",
    title="OneRoster 1.1 and 1.2",
    meaning=(
        "The files of a bundle, in a folder or one zip. A delta is laid over the last posted roster of this source, "
        f"whose files have to be kept still. {MEANING}"
    ),
    tables=(MANIFEST, *BUNDLE, *BESIDE),
    ignored={
        "categories, classResources, courseResources, lineItems, resources, results, scoreScales, …": (
            "files of grades and of teaching material"
        ),
        "metadata.*, ext_*": "columns of a vendor; legal, and not read",
        "dateLastModified": "a bulk file is whole, and deltas hold in the order they are delivered",
        "roles that ended or have not begun": "they say where a person was, not where the person is",
        "enrollments of other roles than student and teacher": "they neither sit in a class nor teach it",
    },
    rules={
        "D01": "A bundle writes 2026-11-04; slashed dates are read in the one order the file gives evidence of.",
        "I01": (
            "The student's id is `identifier`, the number the marks carry; `roster: {student_id: sourced_id}` in the "
            "mapping takes sourcedId. Likewise school_id and staff_id. A blank one is an error."
        ),
        "K03": (
            "An enrollment of an unknown class or person, and a class of an unknown school, are errors; an unknown "
            "course, session, organisation of a person or agent is a warning, and the row stays without it."
        ),
        "R01": "A bundle without manifest is read as bulk, with a warning; a student of several grades has none.",
        "Q01": "An older or misspelt name of a standard column is read as the exact one, with a warning.",
        "S01": "Passwords of users and userProfiles are dropped.",
    },
    defaults=DEFAULTS,
)
