"""Classes, who sits in them and who teaches them, and the periods a student has on a day."""

from allpresent.intake.keep import literal
from allpresent.intake.sources.edfi.words import parts_of
from allpresent.intake.workspace import Workspace

# A class has no key of its own: school, year, session, course and section together name it.
SECTION = "concat_ws('/', school_id, year, session, course, section)"


def make_schedules(workspace: Workspace) -> None:
    """``c_sections``, ``c_section_students``, ``c_section_staff``."""
    patterns = [pattern.upper().replace("*", "%") for pattern in workspace.mapping.sections.homeroom_courses]
    by_course = " OR ".join(f"upper(course) LIKE {literal(pattern)}" for pattern in patterns) or "false"
    said = f"{SECTION} IN (SELECT {SECTION} FROM t_studentSectionAssociations WHERE NOT is_bad AND is_homeroom = 1)"
    workspace.run(
        f"CREATE TABLE c_sections AS SELECT file_id, line_no, {SECTION} AS section_id, school_id,"
        " concat_ws('-', course, section) AS name,"
        f" CAST(coalesce({by_course}, false) OR {said} AS TINYINT) AS is_homeroom FROM t_sections WHERE NOT is_bad"
    )
    for table, source, who in (
        ("section_students", "studentSectionAssociations", "student_id"),
        ("section_staff", "staffSectionAssociations", "staff_id"),
    ):
        workspace.run(
            f"CREATE TABLE c_{table} AS SELECT file_id, line_no, {SECTION} AS section_id, {who}, start_date, last_date"
            f" FROM t_{source} WHERE NOT is_bad"
        )


def put_periods(workspace: Workspace) -> None:
    """``section_periods``: the class periods of each class; ``day_periods``: how many a student had, where known.

    Known only with bell schedules for the day, and when every class of the student says when it meets.
    """
    workspace.run(
        f"CREATE TEMP TABLE section_periods AS SELECT {SECTION} AS section_id,"
        f" flatten(list({parts_of('periods')})) AS periods FROM t_sections WHERE NOT is_bad GROUP BY ALL"
    )
    workspace.run(_DAY_PERIODS.format(section=SECTION, dates=parts_of("dates"), periods=parts_of("periods")))


_DAY_PERIODS = """
    CREATE TEMP TABLE day_periods AS
    WITH met AS (
        SELECT DISTINCT student_id, school_id, date FROM t_studentSectionAttendanceEvents WHERE NOT is_bad
    ), bells AS (
        SELECT school_id, try_cast(unnest({dates}) AS DATE) AS date, {periods} AS periods FROM t_bellSchedules
        WHERE NOT is_bad
    ), rung AS (
        SELECT school_id, date, flatten(list(periods)) AS periods FROM bells GROUP BY ALL
    ), seats AS (
        SELECT student_id, school_id, start_date, last_date, {section} AS section_id FROM t_studentSectionAssociations
        WHERE NOT is_bad
    )
    SELECT m.student_id, m.school_id, m.date,
           len(list_distinct(list_intersect(flatten(list(coalesce(p.periods, []))), any_value(r.periods)))) AS periods
    FROM met m JOIN rung r USING (school_id, date)
    JOIN seats s ON s.student_id = m.student_id AND s.school_id = m.school_id
         AND coalesce(s.start_date, m.date) <= m.date AND m.date <= coalesce(s.last_date, m.date)
    LEFT JOIN section_periods p ON p.section_id = s.section_id
    GROUP BY ALL HAVING bool_and(len(coalesce(p.periods, [])) > 0)
"""
