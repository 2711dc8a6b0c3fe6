"""Days the last delivery did not know: there is nothing to compare them with, but a bound to what can be true."""

from collections.abc import Iterator
from datetime import date

from allpresent.intake.workspace import Workspace

_NOW = """
    CREATE OR REPLACE TEMP TABLE active_now AS
    SELECT DISTINCT student_id, school_id FROM new_enrollments
    WHERE entry_date <= DATE '{on}' AND coalesce(last_member_date, DATE '9999-12-31') >= DATE '{on}'
"""
# An absence counts here as it does in the comparison: any part of the day.
_ABSENT = """
    CREATE OR REPLACE TEMP TABLE absent_now AS FROM counted_new WHERE date > DATE '{after}' AND date <= DATE '{on}'
"""


# The newest day said of each school, the last one before it, and the days in session between, of which nothing is said.
_AHEAD = """
    WITH told AS (SELECT school_id, date FROM new_attendance WHERE counted = 1
                  UNION SELECT school_id, date FROM new_attendance_taken WHERE date <= DATE '{today}'),
    before AS (SELECT max(date) AS day FROM told WHERE date < DATE '{newest}')
    SELECT day, count(DISTINCT date), (SELECT count(DISTINCT school_id) FROM told WHERE date >= DATE '{newest}'),
        (SELECT count(DISTINCT school_id) FROM told)
    FROM before JOIN sessions ON date > day AND date < DATE '{newest}' GROUP BY day
"""


def far_ahead(workspace: Workspace, newest: date) -> list[str]:
    """A newest day of few schools, far behind which all the others end: one wrong date moves everybody's 'as of'.

    Needs ``sessions`` and the views of the delivery. A mark entered a few days ahead is not meant.
    """
    for day, between, schools, every in workspace.rows(_AHEAD.format(today=workspace.today, newest=newest)):
        if int(str(between)) > workspace.district.drop_group_count and 2 * int(str(schools)) <= int(str(every)):
            return [
                f"The newest day, {newest}, is of {schools} of {every} schools, and of the {between} school days "
                f"before it since {day} there is nothing at any; its date may be wrong."
            ]
    return []


def days_to_come(workspace: Workspace) -> list[str]:
    """Attendance taken after today at half of the schools: the files are tomorrow's, or a clock is wrong."""
    rows = workspace.rows(
        "SELECT count(DISTINCT school_id), max(date), (SELECT count(DISTINCT school_id) FROM c_attendance_taken)"
        f" FROM c_attendance_taken WHERE date > DATE '{workspace.today}'"
    )
    schools, last, every = rows[0]
    if not int(str(schools)) or 2 * int(str(schools)) < int(str(every)):
        return []
    return [f"Attendance was taken at {schools} of {every} schools up to {last}, after today, {workspace.today}."]


def unlikely_days(workspace: Workspace, posted: date, newest: date) -> Iterator[str]:
    """What cannot well be true of the days from the posted one to the newest, both in one school year.

    Needs ``active_new``, ``missed_old`` and the views of the delivery.
    """
    workspace.run(_NOW.format(on=newest))
    workspace.run(_ABSENT.format(after=posted, on=newest))
    yield from _leaving(workspace, newest)
    yield from _everybody(workspace)
    yield from _nobody(workspace, posted, newest)


def _leaving(workspace: Workspace, newest: date) -> Iterator[str]:
    """Students enrolled on the posted day whose spans end before the newest: an exit date written into all of them."""
    limits = workspace.district
    before, gone = workspace.rows(
        "SELECT count(DISTINCT student_id), count(DISTINCT student_id) FILTER ("
        "student_id NOT IN (SELECT student_id FROM active_now)) FROM active_new"
    )[0]
    if int(str(gone)) * 100 > limits.drop_students_pct * int(str(before)):
        yield f"{gone:,} of {before:,} students leave the district before {newest}; check their exit dates."
    rows = workspace.rows(
        "SELECT a.school_id, count(*), count(*) FILTER (n.student_id IS NULL) FROM"
        " (SELECT DISTINCT student_id, school_id FROM active_new) a"
        " LEFT JOIN active_now n USING (student_id, school_id) GROUP BY a.school_id ORDER BY a.school_id"
    )
    for school, had, left in ((str(a), int(str(b)), int(str(c))) for a, b, c in rows):
        if left * 100 > limits.drop_group_pct * had and left > limits.drop_group_count:
            told = f"{left:,} of {had:,} students leave before {newest}; check their exit dates."
            yield f"{workspace.called(school)}: {told}"


def _everybody(workspace: Workspace) -> Iterator[str]:
    """A day on which hardly anybody came: a code that means absent by default, or a closed school."""
    limits = workspace.district
    rows = workspace.rows(
        "SELECT a.school_id, a.date, count(DISTINCT a.student_id),"
        " (SELECT count(*) FROM active_now n WHERE n.school_id = a.school_id) FROM absent_now a"
        " JOIN active_now USING (student_id, school_id) GROUP BY a.school_id, a.date ORDER BY 1, 2"
    )
    for school, day, absent, enrolled in ((str(a), str(b), int(str(c)), int(str(d))) for a, b, c, d in rows):
        if absent * 100 > limits.most_absent_pct * enrolled and absent > limits.drop_group_count:
            yield f"{workspace.called(school)}: {absent:,} of {enrolled:,} students are absent on {day}; was it closed?"


def _nobody(workspace: Workspace, posted: date, newest: date) -> Iterator[str]:
    """A day with attendance taken and no absence, where there are many on others: the marks are missing."""
    rows = workspace.rows(
        "WITH usual AS (SELECT school_id, count(*) AS days, sum(absent) AS absences FROM ("
        " SELECT school_id, date, count(*) AS absent FROM missed_old GROUP BY ALL) GROUP BY school_id),"
        " taken AS (SELECT DISTINCT school_id, date FROM new_attendance_taken"
        f" WHERE date > DATE '{posted}' AND date <= DATE '{newest}')"
        " SELECT t.date, sum(u.absences / u.days), count(a.school_id) FROM taken t JOIN usual u USING (school_id)"
        " LEFT JOIN (SELECT DISTINCT school_id, date FROM absent_now) a ON a.school_id = t.school_id"
        " AND a.date = t.date GROUP BY t.date ORDER BY t.date"
    )
    for day, usual, schools in rows:
        if not schools and float(str(usual)) > workspace.district.drop_absences_count:
            yield f"Nobody is absent on {day} at any school that took attendance; its marks may be missing."
