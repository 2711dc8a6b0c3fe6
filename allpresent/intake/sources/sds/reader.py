"""The source ``sds``: from School Data Sync's files to the common tables of a roster."""

from allpresent.intake.findings import ERROR, WARNING
from allpresent.intake.keep import literal
from allpresent.intake.sources.reading import stage_all
from allpresent.intake.sources.rosters.beside import make_days
from allpresent.intake.sources.rosters.classes import make_classes
from allpresent.intake.sources.rosters.people import make_people
from allpresent.intake.sources.rosters.report import note_roster, report_bundle
from allpresent.intake.sources.sds.declaration import DECLARATION
from allpresent.intake.workspace import LEFT_OUT, Workspace

_KEYED = ("orgs", "academicSessions", "courses", "classes", "users")


def read(workspace: Workspace) -> None:
    """Fill the canonical tables."""
    stage_all(workspace, DECLARATION)
    if workspace.refused:
        return
    workspace.progress("resolving the people and classes of the roster")
    for table in _KEYED:
        _refuse_again(workspace, table)
    _put_people(workspace)
    _put_classes(workspace)
    _put_groups(workspace)
    make_people(workspace)
    make_classes(workspace)
    make_days(workspace)
    note_roster(workspace, DECLARATION)
    report_bundle(workspace, DECLARATION, {"version": "2.1", "mode": "bulk"})


def _refuse_again(workspace: Workspace, table: str) -> None:
    """I01: of two rows with one key the first stands."""
    again = (
        f"SELECT file_id, line_no, key AS value FROM t_{table} WHERE NOT is_bad"
        " QUALIFY row_number() OVER (PARTITION BY key ORDER BY file_id, line_no) > 1"
    )
    message = f"sourcedId {{value}} stands in {table} on an earlier line with other details; keep one row."
    workspace.log.add_rows(again, "I01", ERROR, "sourcedid", message)
    first = "QUALIFY row_number() OVER (PARTITION BY key ORDER BY file_id, line_no) = 1"
    workspace.show(f"t_{table}", workspace.arrow(f"SELECT * FROM t_{table} WHERE NOT is_bad {first}"))


def _put_people(workspace: Workspace) -> None:
    """Organisations, people, the roles of today, and who belongs to whom."""
    workspace.run(
        "CREATE TEMP TABLE i_orgs AS SELECT file_id, line_no, key, lower(type) AS kind, name, key AS school_id"
        " FROM t_orgs"
    )
    today = f"DATE '{workspace.today}'"
    workspace.run(
        "CREATE TEMP TABLE i_roles AS SELECT file_id, line_no, user_key, lower(role) AS role, org_key,"
        f" is_primary = 1 AS is_primary, 'roles' AS said_in, grade, coalesce(start_date <= {today}, true)"
        f" AND coalesce(end_date >= {today}, true) AS holds FROM t_roles WHERE NOT is_bad"
    )
    workspace.run("DELETE FROM i_roles WHERE NOT holds")
    workspace.run(
        "CREATE TEMP TABLE i_users AS SELECT u.file_id, u.line_no, u.key, first_name, middle_name, last_name, email,"
        " phone, sms, g.grade, u.key AS student_id, u.key AS staff_id, CAST(NULL AS VARCHAR) AS state_id,"
        " CAST(NULL AS VARCHAR) AS primary_org_key FROM t_users u LEFT JOIN (SELECT user_key,"
        " arg_max(grade, coalesce(is_primary, false)) AS grade FROM i_roles"
        " WHERE role = 'student' AND grade IS NOT NULL GROUP BY user_key) g ON g.user_key = u.key"
    )
    workspace.run(
        "CREATE TEMP TABLE i_agents AS SELECT file_id, line_no, user_key AS student_key, agent_keys AS person_key,"
        " lower(relationship) AS relationship, true AS is_row FROM t_relationships WHERE NOT is_bad"
    )


def _put_classes(workspace: Workspace) -> None:
    """Sessions, courses, classes and seats; School Data Sync knows no homerooms and no days of a seat."""
    workspace.run("CREATE TEMP TABLE i_sessions AS SELECT key, start_date, end_date FROM t_academicSessions")
    workspace.run("CREATE TEMP TABLE i_courses AS SELECT key, title, code FROM t_courses")
    workspace.run(
        "CREATE TEMP TABLE i_classes AS SELECT file_id, line_no, key, title, code, course_key, org_key, session_keys,"
        " false AS is_homeroom FROM t_classes"
    )
    workspace.run(
        "CREATE TEMP TABLE i_seats AS SELECT file_id, line_no, class_key, user_key, lower(role) AS role,"
        " CAST(NULL AS DATE) AS start_date, CAST(NULL AS DATE) AS last_date FROM t_enrollments WHERE NOT is_bad"
    )


def _put_groups(workspace: Workspace) -> None:
    """Birth dates; groups from flags and race codes, by the mapping's words for them."""
    workspace.run(
        "CREATE TEMP TABLE i_births AS SELECT file_id, line_no, user_key, birth_date FROM t_demographics"
        " WHERE NOT is_bad"
    )
    roster = workspace.mapping.roster
    races = _cases("code", roster.races)
    flags = _cases("flag", roster.flags)
    workspace.run(
        "CREATE TEMP TABLE i_groups AS WITH told AS (SELECT file_id, line_no, user_key, trim(unnest("
        "string_split(concat_ws(',', ethnicities, races), ','))) AS code FROM t_demographics WHERE NOT is_bad),"
        f" named AS (SELECT file_id, line_no, user_key, {races} AS race FROM told)"
        # As the federal reports count: Hispanic of any race first, then two or more, then the one.
        " SELECT file_id, line_no, user_key, 'race:' || CASE WHEN bool_or(race = 'Hispanic') THEN 'Hispanic'"
        " WHEN count(DISTINCT race) > 1 THEN 'Two or more' ELSE min(race) END AS flag FROM named GROUP BY ALL"
        f" UNION ALL SELECT file_id, line_no, user_key, {flags} FROM t_userFlags WHERE NOT is_bad"
    )
    unnamed = f"SELECT file_id, line_no, flag AS value FROM t_userFlags WHERE NOT is_bad AND {flags} IS NULL"
    message = "The flag {value} is no student group of the mapping, so it is left out; name it under roster: flags."
    if workspace.log.add_rows(unnamed, "R01", WARNING, "flag", message):
        workspace.mark(LEFT_OUT, unnamed)


def _cases(column: str, words: dict[str, str]) -> str:
    """SQL that turns their words into ours; null for any other."""
    cases = " ".join(f"WHEN {literal(theirs.casefold())} THEN {literal(ours)}" for theirs, ours in words.items())
    return f"CASE lower({column}) {cases} END" if cases else "CAST(NULL AS VARCHAR)"
