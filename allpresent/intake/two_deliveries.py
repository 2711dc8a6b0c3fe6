"""The last delivery and this one side by side, as rule C01 compares them: ``old_…`` and ``new_…``."""

from datetime import date

from allpresent.intake.checks import school_year_sql
from allpresent.intake.workspace import Workspace
from allpresent.ledger import Version

_SIDES = {
    "enrollments": ("student_id", "school_id", "entry_date", "last_member_date", "grade", "track"),
    "students": ("student_id", "grade"),
    "attendance": ("student_id", "school_id", "date", "portion_num", "category", "counted"),
    "calendar_days": ("school_id", "date", "in_session", "track"),
    "attendance_taken": ("school_id", "date", "section_id"),
}
# A span without a track is due on the days of every track, and a day without one is of every track.
IS_OF_TRACK = "(coalesce(e.track, '') = '' OR coalesce(c.track, '') = '' OR e.track = c.track)"
# Student-days of absence that count: at the student's school, within a span, on a day the calendar has in session.
_COUNTING = f"""
    {{side}}_attendance a JOIN {{side}}_enrollments e ON e.student_id = a.student_id AND e.school_id = a.school_id
        AND a.date >= e.entry_date AND a.date <= coalesce(e.last_member_date, DATE '9999-12-31')
    JOIN {{side}}_calendar_days c ON c.school_id = a.school_id AND c.date = a.date AND c.in_session = 1
        AND {IS_OF_TRACK}
"""
IS_ABSENCE = "a.counted = 1 AND a.portion_num > 0 AND a.category IN ('absent', 'partial')"
_ACTIVE = """
    CREATE OR REPLACE TEMP TABLE active_{side} AS
    SELECT DISTINCT e.student_id, e.school_id, coalesce(e.grade, s.grade, '') AS grade
    FROM {side}_enrollments e LEFT JOIN {side}_students s USING (student_id)
    WHERE e.school_id IN (SELECT school_id FROM both_schools)
      AND e.entry_date <= DATE '{on}' AND coalesce(e.last_member_date, DATE '9999-12-31') >= DATE '{on}'
"""
_COUNTED = f"""
    CREATE OR REPLACE TEMP TABLE counted_{{side}} AS
    SELECT DISTINCT a.student_id, a.school_id, a.date FROM {_COUNTING} WHERE {IS_ABSENCE}
"""
_MISSED = """
    CREATE OR REPLACE TEMP TABLE missed_{side} AS
    SELECT a.student_id, a.school_id, a.date, coalesce(s.grade, '') AS grade
    FROM counted_{side} a LEFT JOIN {side}_students s ON s.student_id = a.student_id
    WHERE a.school_id IN (SELECT school_id FROM both_schools) AND a.date <= DATE '{on}'
      AND (a.school_id, {year}) IN (SELECT (school_id, year) FROM both_years)
      AND a.date BETWEEN DATE '{first}' AND DATE '{last}'
"""
# Days that were in session where the delivery has a calendar, and are no more: they count for nobody, marked or not.
_CLOSED = """
    CREATE OR REPLACE TEMP TABLE closed_now AS
    SELECT DISTINCT school_id, date FROM old_calendar_days
    WHERE in_session = 1 AND (school_id, {year}) IN (SELECT (school_id, year) FROM years)
      AND (school_id, date) NOT IN (SELECT (school_id, date) FROM sessions)
"""


def put_sides(workspace: Workspace, version: Version) -> None:
    """What is posted as the ``old_…`` tables with ``counted_old``, the years both have, the days in session no more.

    Needs the ``new_…`` views.
    """
    workspace.put("old_schools", version.table("schools", ["school_id", "name"]))
    for name, columns in _SIDES.items():
        workspace.put(f"old_{name}", version.table(name, list(columns)))
    workspace.run(_COUNTED.format(side="old"))
    year = school_year_sql("date", workspace.district.year_starts)
    # A school the last delivery had and this one lacks is compared too: it is the largest drop there is.
    workspace.run(
        f"CREATE OR REPLACE TEMP TABLE both_years AS SELECT DISTINCT school_id, {year} AS year FROM old_calendar_days"
        f" WHERE in_session = 1 AND {year} IN (SELECT {year} FROM new_calendar_days WHERE in_session = 1)"
    )
    workspace.run(_CLOSED.format(year=year))


def show_delivered(workspace: Workspace) -> None:
    """The delivery as the ``new_…`` views, and its absences that count as ``counted_new``."""
    for name, columns in _SIDES.items():
        workspace.run(f"CREATE OR REPLACE TEMP VIEW new_{name} AS SELECT {', '.join(columns)} FROM c_{name}")
    workspace.run(_COUNTED.format(side="new"))


def compare_on(workspace: Workspace, on: date, window: tuple[date, date]) -> None:
    """Cut both sides to the schools that were posted and the years both cover, up to a day and within the window.

    Leaves ``active_…`` (students of the day), ``missed_…`` (their absences that count) and ``compared_on``.
    """
    starts, (first, last) = workspace.district.year_starts, window
    of_day = school_year_sql(f"DATE '{on}'", starts)
    workspace.run(
        f"CREATE OR REPLACE TEMP TABLE both_schools AS SELECT school_id FROM both_years WHERE year = {of_day}"
    )
    for side in ("old", "new"):
        workspace.run(_ACTIVE.format(side=side, on=on))
        year = school_year_sql("a.date", starts)
        workspace.run(_MISSED.format(side=side, on=on, first=first, last=last, year=year))
    workspace.run(
        "CREATE OR REPLACE TEMP TABLE compared_on AS"
        f" SELECT DATE '{on}' AS day, DATE '{first}' AS first, DATE '{last}' AS last"
    )
