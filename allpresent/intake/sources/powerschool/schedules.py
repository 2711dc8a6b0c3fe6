"""Sections, who sits in them and who teaches them."""

from allpresent.intake.checks import school_year_sql
from allpresent.intake.findings import WARNING
from allpresent.intake.keep import literal
from allpresent.intake.sources.powerschool.people import resolve_students
from allpresent.intake.workspace import LEFT_OUT, Workspace


def make_schedules(workspace: Workspace) -> None:
    """``c_sections``, ``c_section_staff``, ``c_section_students``; and ``seats``, with the schedule expression."""
    patterns = [pattern.upper().replace("*", "%") for pattern in workspace.mapping.sections.homeroom_courses]
    is_homeroom = " OR ".join(f"upper(course_number) LIKE {literal(pattern)}" for pattern in patterns) or "false"
    workspace.run(
        "CREATE TABLE c_sections AS SELECT file_id, line_no, section_id, school_id,"
        " nullif(concat_ws('-', coalesce(course_name, course_number), section_number), '') AS name,"
        f" CAST(coalesce({is_homeroom}, false) AS TINYINT) AS is_homeroom FROM t_sections WHERE NOT is_bad"
    )
    _make_teaching(workspace)
    _make_seats(workspace)


def _make_teaching(workspace: Workspace) -> None:
    """A section's teacher teaches it as long as it is delivered."""
    workspace.log.add_rows(
        "SELECT file_id, line_no, teacher AS value FROM t_sections WHERE NOT is_bad AND teacher IS NOT NULL"
        " AND teacher NOT IN (SELECT staff_id FROM c_staff) AND EXISTS (SELECT 1 FROM c_staff)",
        "K03",
        WARNING,
        "teacher",
        "The teacher {value} is not in the teachers file, so the section has no teacher; export the teacher too.",
    )
    workspace.run(
        "CREATE TABLE c_section_staff AS SELECT t.file_id, t.line_no, t.section_id, t.teacher AS staff_id,"
        " CAST(NULL AS DATE) AS start_date, CAST(NULL AS DATE) AS last_date FROM t_sections t"
        " WHERE NOT t.is_bad AND t.teacher IN (SELECT staff_id FROM c_staff)"
    )


def _first_day_of_the_year(workspace: Workspace) -> str:
    """SQL of the first day in session of the newest school year."""
    year = school_year_sql("date", workspace.district.year_starts)
    days = "c_calendar_days WHERE in_session = 1"
    return f"(SELECT min(date) FROM {days} AND {year} = (SELECT max({year}) FROM {days}))"


def _make_seats(workspace: Workspace) -> None:
    """CC rows. A negative SectionID is a dropped class: the days before DateLeft stay, days to come do not."""
    resolve_students(workspace, "cc")
    workspace.run(
        "CREATE TEMP TABLE seats AS"
        " SELECT file_id, line_no, student_id, school_id, ltrim(section_id, '-') AS section_id,"
        " section_id LIKE '-%' AS is_dropped, start_date, left_date - 1 AS last_date, expression FROM r_cc"
    )
    to_come = f"coalesce(last_date, DATE '9999-12-31') > DATE '{workspace.today}'"
    # CC keeps every class a student ever had; the sections of earlier years are mostly not exported with it.
    earlier = f"last_date < {_first_day_of_the_year(workspace)}"
    elsewhere = "section_id NOT IN (SELECT section_id FROM c_sections) AND EXISTS (SELECT 1 FROM c_sections)"
    gone = f"last_date < start_date OR (is_dropped AND {to_come}) OR ({earlier} AND {elsewhere})"
    workspace.mark(LEFT_OUT, f"SELECT file_id, line_no FROM seats WHERE {gone}")
    workspace.run(f"DELETE FROM seats WHERE {gone}")
    workspace.run(
        "CREATE TABLE c_section_students AS SELECT file_id, line_no, section_id, student_id, start_date, last_date"
        " FROM seats"
    )
