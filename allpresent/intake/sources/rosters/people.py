"""Schools, students, staff and contacts of a roster.

Read from ``i_orgs`` (key, kind, name, school_id), ``i_users`` (key, names, ids, e-mail, telephones, grade),
``i_roles`` (user_key, role, org_key), ``i_agents`` (student_key, person_key, relationship), ``i_births`` and
``i_groups`` (user_key, …); each with file_id and line_no.
"""

from allpresent.intake.findings import ERROR, WARNING
from allpresent.intake.workspace import LEFT_OUT, MERGED, Workspace

SCHOOL = "school"
_OTHER_ORGS = ("district", "local", "state", "national", "department", "lea", "sea", "region", "other")
_AGENTS = "('guardian', 'parent', 'relative')"


def label_of(workspace: Workspace, table: str, ours: str) -> str:
    """The label a person knows a column by."""
    return workspace.mapping.tables[table].columns.get(ours, ours)


def make_people(workspace: Workspace) -> None:
    """``c_schools``, ``c_students``, ``c_staff``, ``c_contacts``, ``c_demographics``."""
    _make_schools(workspace)
    _put_kinds(workspace)
    _make_students(workspace)
    _make_staff(workspace)
    _make_contacts(workspace)
    _make_groups(workspace)


def _make_schools(workspace: Workspace) -> None:
    of_school = f"kind = '{SCHOOL}'"
    _refuse_blank(workspace, "i_orgs", "school_id", of_school, _id_label(workspace, "orgs", "school_id"))
    workspace.run(
        "CREATE TABLE c_schools AS SELECT file_id, line_no, school_id, CAST(NULL AS VARCHAR) AS state_id, name,"
        " CAST(NULL AS VARCHAR) AS low_grade, CAST(NULL AS VARCHAR) AS high_grade, CAST(NULL AS TINYINT) AS excluded"
        f" FROM i_orgs WHERE {of_school} AND school_id IS NOT NULL"
    )
    others = f"SELECT file_id, line_no, coalesce(kind, '') AS value FROM i_orgs WHERE kind IS DISTINCT FROM '{SCHOOL}'"
    message = "The organisation is of the type '{value}', which nobody knows, so it is no school here."
    unknown = f"{others} AND coalesce(kind, '') NOT IN {_OTHER_ORGS}"
    workspace.log.add_rows(unknown, "R01", WARNING, label_of(workspace, "orgs", "type"), message)
    workspace.mark(LEFT_OUT, others)


def _id_label(workspace: Workspace, table: str, ours: str) -> str:
    """The column an id is taken from, by the mapping's choice."""
    is_key = getattr(workspace.mapping.roster, ours) == "sourced_id"
    return label_of(workspace, table, "key" if is_key else "identifier")


def _refuse_blank(workspace: Workspace, table: str, column: str, where: str, label: str) -> None:
    """I01: a row whose id is blank can be matched with nothing."""
    query = f"SELECT file_id, line_no, key AS value FROM {table} WHERE {where} AND {column} IS NULL"
    message = f"The row {{value}} has no {label}, so nothing is matched with it; fill it, or set roster in the mapping."
    workspace.log.add_rows(query, "I01", ERROR, label, message)


def _put_kinds(workspace: Workspace) -> None:
    """``kinds``: whether a person is a student, works here, or is an agent of a student. Roles of nobody are listed."""
    _report_unknown(workspace)
    workspace.run(
        "CREATE TEMP TABLE kinds AS SELECT u.key, bool_or(r.role = 'student') AS is_student,"
        f" bool_or(r.role <> 'student' AND r.role NOT IN {_AGENTS}) AS is_staff,"
        f" bool_or(r.role IN {_AGENTS}) AS is_agent FROM i_users u LEFT JOIN i_roles r ON r.user_key = u.key"
        " GROUP BY u.key"
    )
    workspace.run(
        "UPDATE kinds SET is_agent = true WHERE NOT coalesce(is_student, false)"
        " AND key IN (SELECT person_key FROM i_agents)"
    )
    nothing = (
        "SELECT file_id, line_no, key AS value FROM i_users WHERE key IN (SELECT key FROM kinds"
        " WHERE NOT coalesce(is_student, false) AND NOT coalesce(is_staff, false) AND NOT coalesce(is_agent, false))"
    )
    message = "The person {value} has no role, so is left out; ask the vendor to fill the role."
    if workspace.log.add_rows(nothing, "R01", WARNING, "role", message):
        workspace.mark(LEFT_OUT, nothing)


def _report_unknown(workspace: Workspace) -> None:
    """K03 of roles: an organisation nobody delivered, and a role of a person nobody delivered."""
    unknown = "SELECT file_id, line_no, org_key AS value FROM i_roles WHERE org_key NOT IN (SELECT key FROM i_orgs)"
    for table, ours in (("users", "org_keys"), ("roles", "org_key")):
        message = "The organisation {value} is not in orgs; the person stays without it."
        query = f"{unknown} AND said_in = '{table}'"
        workspace.log.add_rows(query, "K03", WARNING, label_of(workspace, table, ours), message)
    nobody = (
        "SELECT file_id, line_no, user_key AS value FROM i_roles WHERE said_in = 'roles'"
        " AND user_key NOT IN (SELECT key FROM i_users)"
    )
    message = "The person {value} is not in users; deliver the row there, or correct the id."
    workspace.log.add_rows(nobody, "K03", ERROR, label_of(workspace, "roles", "user_key"), message)


_NAME = "concat_ws(', ', last_name, nullif(concat_ws(' ', first_name, middle_name), ''))"


def _make_students(workspace: Workspace) -> None:
    """``c_students``, and ``known_students`` from the roster's key to the district's number."""
    is_student = "key IN (SELECT key FROM kinds WHERE is_student)"
    _refuse_blank(workspace, "i_users", "student_id", is_student, _id_label(workspace, "users", "student_id"))
    workspace.run(
        f"CREATE TABLE c_students AS SELECT u.file_id, u.line_no, student_id, state_id, nullif({_NAME}, '')"
        " AS full_name, grade, b.birth_date, CAST(NULL AS VARCHAR) AS household_id FROM i_users u"
        " LEFT JOIN (SELECT user_key, min(birth_date) AS birth_date FROM i_births GROUP BY user_key) b"
        f" ON b.user_key = u.key WHERE {is_student} AND student_id IS NOT NULL"
    )
    workspace.run(
        f"CREATE TEMP TABLE known_students AS SELECT key, student_id FROM i_users"
        f" WHERE {is_student} AND student_id IS NOT NULL"
    )


def _make_staff(workspace: Workspace) -> None:
    """``c_staff`` with the school of the primary role, and ``known_staff``."""
    is_staff = "u.key IN (SELECT key FROM kinds WHERE is_staff)"
    label = _id_label(workspace, "users", "staff_id")
    _refuse_blank(workspace, "i_users u", "staff_id", is_staff, label)
    workspace.run(
        "CREATE TABLE c_staff AS WITH homes AS ("
        " SELECT r.user_key, o.school_id FROM i_roles r JOIN i_users u ON u.key = r.user_key"
        f" JOIN i_orgs o ON o.key = r.org_key AND o.kind = '{SCHOOL}' QUALIFY row_number() OVER (PARTITION BY"
        " r.user_key ORDER BY r.org_key = u.primary_org_key DESC NULLS LAST, r.is_primary DESC, r.line_no, r.org_key)"
        " = 1)"
        " SELECT u.file_id, u.line_no, u.staff_id, h.school_id, nullif(concat_ws(' ', first_name, last_name), '')"
        " AS full_name, u.email FROM i_users u LEFT JOIN homes h ON h.user_key = u.key"
        f" WHERE {is_staff} AND u.staff_id IS NOT NULL"
    )
    workspace.run(
        f"CREATE TEMP TABLE known_staff AS SELECT u.key, staff_id FROM i_users u"
        f" WHERE {is_staff} AND staff_id IS NOT NULL"
    )


def _make_contacts(workspace: Workspace) -> None:
    """``c_contacts``: one row a person, student and telephone. A roster does not say who may be called."""
    table = "relationships" if "relationships" in workspace.mapping.tables else "users"
    label = label_of(workspace, table, "agent_keys")
    for column in ("person_key", "student_key"):
        query = (
            f"SELECT file_id, line_no, {column} AS value FROM i_agents WHERE {column} NOT IN (SELECT key FROM i_users)"
        )
        message = "The person {value} is not in users, so the link of student and contact was left out."
        workspace.log.add_rows(query, "K03", WARNING, label, message)
    no_link = "person_key NOT IN (SELECT key FROM i_users) OR student_key NOT IN (SELECT key FROM known_students)"
    workspace.mark(LEFT_OUT, f"SELECT file_id, line_no FROM i_agents WHERE is_row AND ({no_link})")
    workspace.mark(MERGED, "SELECT file_id, line_no FROM i_agents WHERE is_row")
    workspace.mark(MERGED, "SELECT file_id, line_no FROM i_users WHERE key IN (SELECT key FROM kinds WHERE is_agent)")
    workspace.run(
        "CREATE TABLE c_contacts AS WITH links AS (SELECT DISTINCT ON (person_key, student_id) a.*, s.student_id"
        " FROM i_agents a JOIN known_students s ON s.key = a.student_key"
        " ORDER BY person_key, student_id, relationship NULLS LAST, a.file_id, a.line_no),"
        f" roles AS (SELECT user_key, min(role) AS role FROM i_roles WHERE role IN {_AGENTS} GROUP BY user_key),"
        " points AS (SELECT *, unnest(CASE WHEN sms IS NOT NULL AND sms IS DISTINCT FROM phone AND phone IS NOT NULL"
        " THEN [phone, sms] ELSE [coalesce(phone, sms)] END) AS point FROM i_users"
        " WHERE key IN (SELECT key FROM kinds WHERE is_agent))"
        " SELECT CAST(CASE WHEN l.is_row THEN l.file_id ELSE p.file_id END AS INTEGER) AS file_id,"
        " CASE WHEN l.is_row THEN l.line_no ELSE p.line_no END AS line_no, p.key AS contact_id, l.student_id,"
        " nullif(concat_ws(' ', first_name, middle_name, last_name), '') AS full_name,"
        " coalesce(l.relationship, r.role) AS relationship, CAST(NULL AS BIGINT) AS priority, p.point AS phone,"
        " p.email, CAST(NULL AS TINYINT) AS is_emergency, CAST(NULL AS VARCHAR) AS language,"
        " CAST(NULL AS TINYINT) AS has_custody, CAST(NULL AS TINYINT) AS lives_with,"
        " CAST(NULL AS TINYINT) AS may_contact, CAST(NULL AS VARCHAR) AS address,"
        " CAST(NULL AS TINYINT) AS address_protected"
        " FROM points p LEFT JOIN links l ON l.person_key = p.key LEFT JOIN roles r ON r.user_key = p.key"
    )


def _make_groups(workspace: Workspace) -> None:
    """``c_demographics``. A row that gives a student a birth date alone is merged into the student."""
    columns = workspace.mapping.tables["demographics"].columns
    label = columns.get("user_key") or columns["key"]
    for table in ("i_births", "i_groups"):
        query = (
            f"SELECT file_id, line_no, user_key AS value FROM {table} WHERE user_key NOT IN (SELECT key FROM i_users)"
        )
        message = "The person {value} is not in users; deliver the row there, or correct the id."
        listed = f"{query} AND (file_id, line_no) NOT IN (SELECT (file_id, line_no) FROM findings WHERE rule = 'K03')"
        workspace.log.add_rows(listed, "K03", ERROR, label, message)
        elsewhere = "user_key NOT IN (SELECT key FROM known_students)"
        workspace.mark(LEFT_OUT, f"SELECT file_id, line_no FROM {table} WHERE {elsewhere}")
        workspace.mark(MERGED, f"SELECT file_id, line_no FROM {table}")
    workspace.run(
        "CREATE TABLE c_demographics AS SELECT g.file_id, g.line_no, s.student_id, g.flag, '1' AS value,"
        " CAST(NULL AS DATE) AS start_date, CAST(NULL AS DATE) AS end_date"
        " FROM i_groups g JOIN known_students s ON s.key = g.user_key WHERE g.flag IS NOT NULL"
    )
