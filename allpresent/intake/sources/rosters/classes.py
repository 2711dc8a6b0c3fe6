"""Classes of a roster, who sits in them and who teaches them.

Read from ``i_classes``, ``i_courses``, ``i_sessions`` and ``i_seats``; a class enrollment is no school enrollment.
"""

from allpresent.intake.findings import ERROR, WARNING
from allpresent.intake.sources.rosters.people import SCHOOL, label_of
from allpresent.intake.workspace import LEFT_OUT, Workspace


def make_classes(workspace: Workspace) -> None:
    """``c_sections``, ``c_section_students``, ``c_section_staff``."""
    _report_classes(workspace)
    workspace.run(
        "CREATE TABLE c_sections AS SELECT c.file_id, c.line_no, c.key AS section_id, o.school_id,"
        " coalesce(c.title, k.title, c.code, k.code) AS name, CAST(c.is_homeroom AS TINYINT) AS is_homeroom"
        " FROM i_classes c JOIN i_orgs o ON o.key = c.org_key"
        f" AND o.kind = '{SCHOOL}' AND o.school_id IS NOT NULL LEFT JOIN i_courses k ON k.key = c.course_key"
    )
    _put_terms(workspace)
    _make_seats(workspace)


def _report_classes(workspace: Workspace) -> None:
    """K03 of classes: an unknown school refuses the class, an unknown course is only missed."""
    known = f"SELECT key FROM i_orgs WHERE kind = '{SCHOOL}' AND school_id IS NOT NULL"
    query = f"SELECT file_id, line_no, org_key AS value FROM i_classes WHERE org_key NOT IN ({known})"
    message = "The class is of {value}, which is no school of orgs; deliver the school, or correct the id."
    workspace.log.add_rows(query, "K03", ERROR, label_of(workspace, "classes", "org_key"), message)
    query = (
        "SELECT file_id, line_no, course_key AS value FROM i_classes WHERE course_key IS NOT NULL"
        " AND course_key NOT IN (SELECT key FROM i_courses)"
    )
    message = "The course {value} is not in courses; the class stays without it."
    workspace.log.add_rows(query, "K03", WARNING, label_of(workspace, "classes", "course_key"), message)


def _put_terms(workspace: Workspace) -> None:
    """``terms``: first and last day of the sessions a class is held in, for seats that name no days."""
    workspace.run(
        "CREATE TEMP TABLE class_sessions AS SELECT file_id, line_no, key,"
        " nullif(trim(unnest(string_split(coalesce(session_keys, ''), ','))), '') AS session_key FROM i_classes"
    )
    query = (
        "SELECT file_id, line_no, session_key AS value FROM class_sessions WHERE session_key IS NOT NULL"
        " AND session_key NOT IN (SELECT key FROM i_sessions)"
    )
    message = "The session {value} is not in academicSessions; the class stays without its days."
    workspace.log.add_rows(query, "K03", WARNING, label_of(workspace, "classes", "session_keys"), message)
    workspace.run(
        "CREATE TEMP TABLE class_days AS SELECT c.key, min(s.start_date) AS first, max(s.end_date) AS last"
        " FROM class_sessions c JOIN i_sessions s ON s.key = c.session_key GROUP BY c.key"
    )


def _make_seats(workspace: Workspace) -> None:
    """Students and teachers of classes, from the first to the last day, both included."""
    # A seat is of a person in the seat's own role: a student's is of a student of the roster, a teacher's of its staff.
    for column, lost, where in (
        (
            "class_key",
            "role IN ('student', 'teacher') AND class_key NOT IN (SELECT section_id FROM c_sections)",
            "classes",
        ),
        (
            "user_key",
            "role = 'student' AND user_key NOT IN (SELECT key FROM known_students)"
            " OR role = 'teacher' AND user_key NOT IN (SELECT key FROM known_staff)",
            "users",
        ),
    ):
        query = f"SELECT file_id, line_no, {column} AS value FROM i_seats WHERE {lost}"
        message = f"{{value}} has no good row in {where}; deliver its row there, or correct the id."
        workspace.log.add_rows(query, "K03", ERROR, label_of(workspace, "enrollments", column), message)
    workspace.mark(
        LEFT_OUT, "SELECT file_id, line_no FROM i_seats WHERE coalesce(role, '') NOT IN ('student', 'teacher')"
    )
    unsaid = "SELECT file_id, line_no, '' AS value FROM i_seats WHERE role IS NULL"
    message = "The enrollment has no role, so it is left out; ask the vendor to fill it."
    workspace.log.add_rows(unsaid, "R01", WARNING, label_of(workspace, "enrollments", "role"), message)
    workspace.run(
        "CREATE TEMP TABLE seats AS SELECT s.file_id, s.line_no, s.class_key AS section_id, s.user_key, s.role,"
        " coalesce(s.start_date, d.first) AS start_date, coalesce(s.last_date, d.last) AS last_date"
        " FROM i_seats s LEFT JOIN class_days d ON d.key = s.class_key"
        " WHERE s.class_key IN (SELECT section_id FROM c_sections)"
    )
    _leave_out_empty(workspace)
    for table, known, own, role in (
        ("section_students", "known_students", "student_id", "student"),
        ("section_staff", "known_staff", "staff_id", "teacher"),
    ):
        workspace.run(
            f"CREATE TABLE c_{table} AS SELECT s.file_id, s.line_no, s.section_id, k.{own}, s.start_date, s.last_date"
            f" FROM seats s JOIN {known} k ON k.key = s.user_key WHERE s.role = '{role}'"
        )


def _leave_out_empty(workspace: Workspace) -> None:
    """E02 of seats: an end before the begin is an error; no length at all is no seat."""
    value = "start_date || ' to ' || last_date AS value"
    label = label_of(workspace, "enrollments", "left_date")
    query = f"SELECT file_id, line_no, {value} FROM seats WHERE last_date < start_date - 1"
    workspace.log.add_rows(query, "E02", ERROR, label, "The seat ends before it begins ({value}); correct its dates.")
    workspace.mark(LEFT_OUT, "SELECT file_id, line_no FROM seats WHERE last_date = start_date - 1")
    workspace.run("DELETE FROM seats WHERE last_date < start_date")
