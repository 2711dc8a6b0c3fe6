"""Students, their enrollments and groups, staff."""

from allpresent.intake.findings import ERROR, WARNING
from allpresent.intake.keep import literal, quoted
from allpresent.intake.mapping import GroupOptions
from allpresent.intake.sources.powerschool.tables import GROUP
from allpresent.intake.workspace import LEFT_OUT, Workspace

_STATUSES = ("0", "1", "2", "3", "4", "-1")
PRE_REGISTERED, ACTIVE = "-1", "0"
_LEFT = ("1", "2", "3")  # inactive, transferred out, graduated


def make_people(workspace: Workspace) -> None:
    """``c_students``, ``c_enrollments``, ``c_demographics``, ``c_staff``; and ``known``, from Students.id to number."""
    _make_students(workspace)
    _make_enrollments(workspace)
    _make_groups(workspace)
    workspace.run(
        "CREATE TABLE c_staff AS SELECT file_id, line_no, staff_id, school_id,"
        " nullif(concat_ws(' ', first_name, last_name), '') AS full_name, email FROM t_teachers WHERE NOT is_bad"
    )


def resolve_students(workspace: Workspace, table: str, extra: str = "") -> None:
    """``r_<table>``: good rows of a typed table, the student's number in place of PowerSchool's own key (K03).

    ``extra`` is SQL of further columns.
    """
    unknown = (
        f"SELECT file_id, line_no, student_id AS value FROM t_{table} WHERE NOT is_bad"
        " AND student_id NOT IN (SELECT id FROM known)"
    )
    message = "StudentID {value} is no ID of the students file; export the students with the same filter."
    workspace.log.add_rows(unknown, "K03", ERROR, "student_id", message)
    workspace.run(
        f"CREATE OR REPLACE TEMP TABLE r_{table} AS SELECT t.* REPLACE (k.student_id AS student_id){extra}"
        f" FROM t_{table} t JOIN known k ON k.id = t.student_id WHERE NOT t.is_bad"
    )


def _make_students(workspace: Workspace) -> None:
    workspace.run(
        "CREATE TEMP TABLE again AS SELECT file_id, line_no, id AS value FROM t_students WHERE NOT is_bad"
        " QUALIFY row_number() OVER (PARTITION BY id ORDER BY file_id, line_no) > 1"
    )
    message = "The key Students.ID {value} stands on an earlier line with other details; export every student once."
    workspace.log.add_rows("SELECT * FROM again", "I01", ERROR, "id", message)
    name = "coalesce(last_first, concat_ws(', ', last_name, nullif(concat_ws(' ', first_name, middle_name), '')))"
    workspace.run(
        f"CREATE TABLE c_students AS SELECT file_id, line_no, student_id, state_id, nullif({name}, '') AS full_name,"
        " grade, birth_date, household_id FROM t_students t"
        " WHERE NOT is_bad AND NOT EXISTS (SELECT 1 FROM again a WHERE a.file_id = t.file_id AND a.line_no = t.line_no)"
    )
    workspace.run(
        "CREATE TEMP TABLE known AS SELECT t.id, c.student_id, c.grade, c.file_id, c.line_no"
        " FROM c_students c JOIN t_students t USING (file_id, line_no)"
    )


def _make_enrollments(workspace: Workspace) -> None:
    """Students' current spans and ReEnrollments together; ExitDate is the day after the last one of membership."""
    resolve_students(workspace, "reenrollments")
    _check_statuses(workspace)
    columns = "s.school_id, s.entry_date, s.exit_date, s.track, s.fte_id"
    workspace.run(
        f"CREATE TEMP TABLE spans AS SELECT s.file_id, s.line_no, k.student_id, k.grade, {columns},"
        " coalesce(s.status, '0') AS status FROM t_student_spans s JOIN known k USING (file_id, line_no)"
        f" WHERE NOT s.is_bad AND s.entry_date IS NOT NULL AND coalesce(s.status, '0') <> '{PRE_REGISTERED}'"
        f" UNION ALL SELECT s.file_id, s.line_no, s.student_id, s.grade, {columns}, 'past' FROM r_reenrollments s"
    )
    _leave_out_elsewhere(workspace)
    last = "exit_date - 1" if workspace.mapping.membership.exit_date == "exclusive" else "exit_date"
    workspace.run(
        "CREATE TABLE c_enrollments AS SELECT s.file_id, s.line_no, s.student_id, s.school_id, s.entry_date,"
        f' {last} AS last_member_date, s.grade, f.value AS fte, CAST(NULL AS TINYINT) AS "primary",'
        " upper(s.track) AS track FROM spans s LEFT JOIN ("
        "SELECT id, any_value(value) AS value FROM t_fte WHERE NOT is_bad GROUP BY id) f ON f.id = s.fte_id"
    )


def _check_statuses(workspace: Workspace) -> None:
    """A pre-registered student has no span yet; a status nobody knows is asked about."""
    listed = ", ".join(map(literal, _STATUSES))
    workspace.log.add_rows(
        f"SELECT file_id, line_no, status AS value FROM t_student_spans WHERE coalesce(status, '0') NOT IN ({listed})",
        "E02",
        WARNING,
        "enroll_status",
        "The enrollment status {value} is none of PowerSchool's; the student's dates were taken as they are.",
    )
    workspace.log.add_rows(
        "SELECT file_id, line_no, entry_date AS value FROM t_student_spans"
        f" WHERE status = '{PRE_REGISTERED}' AND entry_date IS NOT NULL",
        "E02",
        WARNING,
        "enroll_status",
        "The student is pre-registered for {value} and has no enrollment yet.",
    )
    gone = ", ".join(map(literal, _LEFT))
    workspace.log.add_rows(
        f"SELECT file_id, line_no, status AS value FROM t_student_spans WHERE NOT is_bad AND status IN ({gone})"
        " AND entry_date IS NOT NULL AND exit_date IS NULL AND school_id IN (SELECT school_id FROM c_schools)",
        "E02",
        WARNING,
        "exitdate",
        "The enrollment status {value} says that the student left and no exit date says when, so the student counts as "
        "enrolled; write the exit date.",
    )


def _leave_out_elsewhere(workspace: Workspace) -> None:
    """Spans outside this delivery's schools: past ones that ended before its calendar, and those of former students."""
    elsewhere = "school_id IS NULL OR school_id NOT IN (SELECT school_id FROM c_schools)"
    begins = "SELECT min(date) FROM t_calendar_day SEMI JOIN c_schools USING (school_id) WHERE NOT is_bad"
    before = f"coalesce(exit_date, DATE '9999-12-31') <= ({begins})"
    workspace.run(
        f"CREATE TEMP TABLE elsewhere AS SELECT file_id, line_no, status, coalesce(school_id, '') AS value FROM spans"
        f" WHERE ({elsewhere}) AND (({before}) OR status NOT IN ('past', '{ACTIVE}'))"
    )
    left = workspace.count("SELECT count(*) FROM elsewhere")
    if not left:
        return
    workspace.mark(LEFT_OUT, "SELECT file_id, line_no FROM elsewhere WHERE status = 'past'")
    workspace.decided.append(f"{left:,} enrollments of former students or earlier years elsewhere were left out")
    workspace.run(
        "DELETE FROM spans s USING elsewhere e WHERE e.file_id = s.file_id AND e.line_no = s.line_no"
        " AND e.status = s.status"
    )


def _make_groups(workspace: Workspace) -> None:
    """``c_demographics``: one row a student and group the mapping finds in the columns of the students."""
    parts = ["SELECT 0 AS file_id, 0 AS line_no, '' AS student_id, '' AS flag, '' AS value WHERE false"]
    have = set(workspace.columns("t_students"))
    for group in workspace.mapping.groups:
        column = f"{GROUP}{group.column}"
        if column in have:
            parts.append(_group_rows(group, quoted(column)))
    workspace.run(
        "CREATE TABLE c_demographics AS SELECT CAST(file_id AS INTEGER) AS file_id, CAST(line_no AS BIGINT) AS line_no,"
        " student_id, flag, value, CAST(NULL AS DATE) AS start_date, CAST(NULL AS DATE) AS end_date"
        f" FROM ({' UNION ALL '.join(parts)})"
    )


def _group_rows(group: GroupOptions, column: str) -> str:
    """SQL of one group's members. A student whose FedEthnicity is 1 is Hispanic, whatever the race says."""
    cases = " ".join(f"WHEN {literal(theirs.upper())} THEN {literal(ours)}" for theirs, ours in group.values.items())
    value = f"CASE upper(t.{column}) {cases} END"
    if group.prefix:
        hispanic = "t.hispanic IN ('1', 'Y')"
        value = f"CASE WHEN {hispanic} THEN 'Hispanic' ELSE {value} END" if group.flag == "race" else value
        flag, shown = f"{literal(group.flag + ':')} || ({value})", "'1'"
    else:
        flag, shown = literal(group.flag), value
    return (
        f"SELECT t.file_id, t.line_no, k.student_id, {flag} AS flag, {shown} AS value"
        f" FROM t_students t JOIN known k USING (file_id, line_no) WHERE {value} IS NOT NULL"
    )
