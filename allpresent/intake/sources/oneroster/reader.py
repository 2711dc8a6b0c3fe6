"""The source ``oneroster``: from the files of a bundle to the common tables of a roster."""

from allpresent.intake.findings import WARNING
from allpresent.intake.keep import literal
from allpresent.intake.sources.oneroster.declaration import DECLARATION, RACES
from allpresent.intake.sources.oneroster.delta import lay_over
from allpresent.intake.sources.oneroster.manifest import check_manifest
from allpresent.intake.sources.reading import refuse_missing, stage_all
from allpresent.intake.sources.rosters.beside import make_days
from allpresent.intake.sources.rosters.classes import make_classes
from allpresent.intake.sources.rosters.people import make_people
from allpresent.intake.sources.rosters.report import note_roster, report_bundle
from allpresent.intake.values import STUDENT_GRADES
from allpresent.intake.workspace import Workspace


def read(workspace: Workspace) -> None:
    """Fill the canonical tables."""
    stage_all(workspace, DECLARATION, refuses_missing=False)
    if workspace.refused:
        return
    manifest = check_manifest(workspace)
    is_delta = not workspace.refused and lay_over(workspace, manifest)
    if not workspace.refused:
        refuse_missing(workspace, DECLARATION, {file.table for file in workspace.files})
    if workspace.refused:
        return
    workspace.progress("resolving the people and classes of the roster")
    _put_people(workspace)
    _put_classes(workspace)
    make_people(workspace)
    make_classes(workspace)
    make_days(workspace)
    note_roster(workspace, DECLARATION)
    words = {"version": manifest.version or "not said", "mode": "delta" if is_delta else "bulk"}
    report_bundle(workspace, DECLARATION, words)


def _chosen(choice: str) -> str:
    """SQL of the id the mapping chooses."""
    return "key" if choice == "sourced_id" else "identifier"


def _put_people(workspace: Workspace) -> None:
    """Organisations, people, their roles and agents."""
    roster = workspace.mapping.roster
    state = "CAST(NULL AS VARCHAR)"
    if roster.state_id:
        kind = "{" + roster.state_id
        state = f"nullif(trim(regexp_extract(user_ids, {literal(_id_of_type(kind))}, 1, 'i')), '')"
    workspace.run(
        "CREATE TEMP TABLE i_orgs AS SELECT file_id, line_no, key, lower(type) AS kind, name,"
        f" {_chosen(roster.school_id)} AS school_id FROM t_orgs"
    )
    grades = " ".join(f"WHEN {literal(theirs)} THEN {literal(ours)}" for theirs, ours in STUDENT_GRADES.items())
    workspace.run(
        "CREATE TEMP TABLE i_users AS SELECT file_id, line_no, key, first_name, middle_name, last_name, email, phone,"
        f" sms, CASE upper(grades) {grades} END AS grade, primary_org_key, {_chosen(roster.student_id)} AS student_id,"
        f" {_chosen(roster.staff_id)} AS staff_id, {state} AS state_id FROM t_users"
    )
    today = f"DATE '{workspace.today}'"
    listed = "unnest(string_split(coalesce({}, ''), ','))"
    workspace.run(
        "CREATE TEMP TABLE i_roles AS SELECT file_id, line_no, key AS user_key, lower(role) AS role,"
        f" nullif(trim({listed.format('org_keys')}), '') AS org_key, false AS is_primary, 'users' AS said_in"
        " FROM t_users WHERE role IS NOT NULL"
        " UNION ALL SELECT file_id, line_no, user_key, lower(role), org_key, lower(role_type) = 'primary', 'roles'"
        " FROM t_roles WHERE role IS NOT NULL"
        f" AND coalesce(start_date <= {today}, true) AND coalesce(left_date > {today}, true)"
    )
    # Somebody who teaches has several grades, and that is fine.
    no_grade = (
        "SELECT u.file_id, u.line_no, t.grades AS value FROM i_users u JOIN t_users t USING (file_id, line_no)"
        " WHERE u.grade IS NULL AND t.grades IS NOT NULL"
        " AND u.key IN (SELECT user_key FROM i_roles WHERE role = 'student')"
    )
    message = "grades {value} is no grade from PK to 12 and is left blank."
    workspace.log.add_rows(no_grade, "R01", WARNING, "grades", message)
    workspace.run(
        "CREATE TEMP TABLE i_agents AS WITH named AS (SELECT file_id, line_no, key,"
        f" nullif(trim({listed.format('agent_keys')}), '') AS other FROM t_users),"
        " students AS (SELECT user_key FROM i_roles WHERE role = 'student')"
        " SELECT file_id, line_no, CASE WHEN key IN (FROM students) THEN key ELSE other END AS student_key,"
        " CASE WHEN key IN (FROM students) THEN other ELSE key END AS person_key,"
        " CAST(NULL AS VARCHAR) AS relationship, false AS is_row FROM named WHERE other IS NOT NULL"
    )


def _id_of_type(opening: str) -> str:
    """The pattern of one id in ``{SASID:0012},{Other:9}``."""
    return "\\" + opening + r"\s*:([^}]*)\}"


def _put_classes(workspace: Workspace) -> None:
    """Sessions, courses, classes, seats; birth dates and races."""
    workspace.run("CREATE TEMP TABLE i_sessions AS SELECT key, start_date, end_date FROM t_academicSessions")
    workspace.run("CREATE TEMP TABLE i_courses AS SELECT key, title, code FROM t_courses")
    workspace.run(
        "CREATE TEMP TABLE i_classes AS SELECT file_id, line_no, key, title, code, course_key, org_key, session_keys,"
        " lower(coalesce(type, '')) = 'homeroom' AS is_homeroom FROM t_classes"
    )
    workspace.run(
        "CREATE TEMP TABLE i_seats AS SELECT file_id, line_no, class_key, user_key, org_key, lower(role) AS role,"
        " start_date, left_date - 1 AS last_date FROM t_enrollments"
    )
    workspace.run(
        "CREATE TEMP TABLE i_births AS SELECT file_id, line_no, key AS user_key, birth_date FROM t_demographics"
    )
    single = {race: words for race, words in RACES.items() if race not in ("hispanic", "two_or_more")}
    several = " + ".join(f"coalesce({race}, 0)" for race in single)
    cases = " ".join(f"WHEN {race} = 1 THEN {literal(words)}" for race, words in single.items())
    # As the federal reports count: Hispanic of any race first, then two or more, then the one.
    workspace.run(
        "CREATE TEMP TABLE i_groups AS SELECT file_id, line_no, key AS user_key, 'race:' || CASE"
        f" WHEN hispanic = 1 THEN {literal(RACES['hispanic'])}"
        f" WHEN two_or_more = 1 OR {several} > 1 THEN {literal(RACES['two_or_more'])} {cases} END AS flag"
        " FROM t_demographics"
    )
