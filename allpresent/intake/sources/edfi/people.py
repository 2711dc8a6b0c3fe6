"""Students, their enrollments and groups; staff."""

from allpresent.intake.keep import literal, quoted
from allpresent.intake.mapping import GroupOptions
from allpresent.intake.sources.edfi.tables import GROUP, PROGRAMS
from allpresent.intake.sources.edfi.words import parts_of, put_words
from allpresent.intake.workspace import LEFT_OUT, Workspace

_ORGANIZATIONS = "t_studentEducationOrganizationAssociations"
_NAME = "nullif(concat_ws(', ', last_name, nullif(concat_ws(' ', first_name, middle_name), '')), '')"


def make_people(workspace: Workspace) -> None:
    """``c_enrollments``, ``c_students``, ``c_demographics``, ``c_staff``."""
    last = "last_member_date" + (" - 1" if workspace.mapping.membership.exit_date == "exclusive" else "")
    workspace.run(
        "CREATE TABLE c_enrollments AS SELECT file_id, line_no, student_id, school_id, entry_date,"
        f' {last} AS last_member_date, grade, fte, "primary",'
        " CASE WHEN school_id IN (SELECT school_id FROM several_calendars) THEN calendar END AS track"
        " FROM t_studentSchoolAssociations WHERE NOT is_bad"
    )
    # A student has no grade in Ed-Fi; the newest enrollment has.
    workspace.run(
        f"CREATE TABLE c_students AS SELECT s.file_id, s.line_no, s.student_id, o.state_id, {_NAME} AS full_name,"
        " e.grade, s.birth_date, CAST(NULL AS VARCHAR) AS household_id FROM t_students s"
        " LEFT JOIN (SELECT student_id, arg_max(grade, entry_date) AS grade FROM c_enrollments"
        " WHERE grade IS NOT NULL GROUP BY student_id) e USING (student_id)"
        f" LEFT JOIN (SELECT student_id, min(state_id) AS state_id FROM {_ORGANIZATIONS}"
        " WHERE NOT is_bad GROUP BY student_id HAVING count(DISTINCT state_id) = 1) o USING (student_id)"
        " WHERE NOT s.is_bad"
    )
    _make_groups(workspace)
    workspace.run(
        "CREATE TABLE c_staff AS SELECT file_id, line_no, staff_id, CAST(NULL AS VARCHAR) AS school_id,"
        " nullif(concat_ws(' ', first_name, last_name), '') AS full_name,"
        f" {parts_of('emails')}[1] AS email FROM t_staffs WHERE NOT is_bad"
    )


def _make_groups(workspace: Workspace) -> None:
    """``c_demographics``: groups of what organizations say of a student, and members of programs with their dates."""
    put_words(
        workspace,
        "meal_words",
        workspace.mapping.tables["studentSchoolFoodServiceProgramAssociations"].values.get("services", {}),
    )
    have = set(workspace.columns(_ORGANIZATIONS))
    parts = [_no_group()]
    parts += [_of_group(one) for one in workspace.mapping.groups if f"{GROUP}{one.column}" in have]
    parts += [_of_program(workspace, name, flag) for name, flag in PROGRAMS.items()]
    workspace.run(f"CREATE TABLE c_demographics AS {' UNION ALL '.join(parts)}")


def _no_group() -> str:
    return (
        "SELECT CAST(0 AS INTEGER) AS file_id, CAST(0 AS BIGINT) AS line_no, '' AS student_id, '' AS flag, '' AS value,"
        " CAST(NULL AS DATE) AS start_date, CAST(NULL AS DATE) AS end_date WHERE false"
    )


def _of_group(group: GroupOptions) -> str:
    """SQL of a group's members, each once; a student of several races is of two or more, a Hispanic one is that."""
    cases = " ".join(f"WHEN {literal(theirs.casefold())} THEN {literal(to)}" for theirs, to in group.values.items())
    column = f"o.{quoted(f'{GROUP}{group.column}')}"
    told = (
        f"SELECT o.file_id, o.line_no, o.student_id, o.hispanic, list_distinct(list_filter(list_transform("
        f"{parts_of(column)}, lambda x: CASE lower(x) {cases} END), lambda x: x IS NOT NULL)) AS found"
        f" FROM {_ORGANIZATIONS} o WHERE NOT o.is_bad"
    )
    value = "CASE WHEN len(found) > 1 THEN 'Two or more' ELSE found[1] END" if group.flag == "race" else "found[1]"
    if group.flag == "race":
        value = f"CASE WHEN hispanic = 1 THEN 'Hispanic' ELSE {value} END"
    flag, shown = (f"{literal(group.flag + ':')} || ({value})", "'1'") if group.prefix else (literal(group.flag), value)
    return (
        f"SELECT file_id, line_no, student_id, {flag} AS flag, {shown} AS value, NULL, NULL FROM ({told})"
        f" WHERE {value} IS NOT NULL QUALIFY row_number() OVER (PARTITION BY student_id ORDER BY file_id, line_no) = 1"
    )


def _of_program(workspace: Workspace, name: str, flag: str) -> str:
    """SQL of a program's members. One who is not eligible, or has only full-price meals, is none."""
    member = "coalesce(t.is_eligible, 1) = 1"
    if flag == "frl":
        member += (
            f" AND EXISTS (SELECT 1 FROM meal_words w WHERE w.word IN (SELECT lower(unnest({parts_of('t.services')}))))"
        )
    workspace.mark(LEFT_OUT, f"SELECT file_id, line_no FROM t_{name} t WHERE NOT is_bad AND NOT ({member})")
    return (
        f"SELECT file_id, line_no, student_id, {literal(flag)}, '1', start_date, last_date FROM t_{name} t"
        f" WHERE NOT is_bad AND {member}"
    )
