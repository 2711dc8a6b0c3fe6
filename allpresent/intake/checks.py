"""Checks across tables: marks against calendar and enrollment, schools against calendars, shares of refused rows."""

from fractions import Fraction

from allpresent.intake.accounting import FileCount
from allpresent.intake.findings import ERROR, WARNING
from allpresent.intake.rules import RULES
from allpresent.intake.workspace import Workspace

_LATE = "The date {value} lies after today, so the row does not count yet; correct the date if it is wrong."
_OUTSIDE = "The date {value} lies in no school year of the delivered calendar, so the row does not count."
_CLOSED = "The school was not in session on {value}, so the row does not count; check the date and the calendar."
_OFF_TRACK = (
    "The student's track had no school on {value}, so the mark does not count; check the track and the calendar."
)
_NOT_ENROLLED = (
    "Student {value} was not enrolled at the school that day, so the mark does not count; check entry and exit dates."
)


def school_year_sql(column: str, year_starts: str) -> str:
    """SQL of the start year of the school year a date column lies in."""
    month_day = int(year_starts.replace("-", ""))
    return f"(year({column}) - CASE WHEN month({column}) * 100 + day({column}) < {month_day} THEN 1 ELSE 0 END)"


def check_marks(workspace: Workspace) -> None:
    """D02 and M04. The rows stay in the ledger; a mark after today or outside every school year is not counted."""
    year = school_year_sql("date", workspace.district.year_starts)
    workspace.run(
        "CREATE OR REPLACE TEMP TABLE sessions AS"
        " SELECT DISTINCT school_id, date FROM c_calendar_days WHERE in_session = 1"
    )
    workspace.run(
        f"CREATE OR REPLACE TEMP TABLE years AS SELECT DISTINCT school_id, {year} AS year FROM c_calendar_days"
    )
    of_mark = school_year_sql("a.date", workspace.district.year_starts)
    for table in ("attendance", "attendance_taken"):
        _check_dates(workspace, table, of_mark)
    workspace.log.add_rows(
        "SELECT a.file_id, a.line_no, a.student_id AS value FROM c_attendance a WHERE NOT EXISTS ("
        "SELECT 1 FROM c_enrollments e WHERE e.student_id = a.student_id AND e.school_id = a.school_id"
        " AND a.date >= e.entry_date AND a.date <= coalesce(e.last_member_date, DATE '9999-12-31'))",
        "M04",
        WARNING,
        "date",
        _NOT_ENROLLED,
    )
    if workspace.count("SELECT count(track) FROM c_calendar_days"):
        workspace.log.add_rows(_ON_NO_DAY_OF_THE_TRACK, "D02", WARNING, "date", _OFF_TRACK)


# Marks of a day of school at their school, of a student none of whose enrollments then has a track that is due.
_ON_NO_DAY_OF_THE_TRACK = """
    WITH tracked AS (SELECT school_id, date, track FROM c_calendar_days WHERE in_session = 1
                     AND school_id IN (SELECT school_id FROM c_calendar_days WHERE track IS NOT NULL))
    SELECT a.file_id, a.line_no, a.date AS value FROM c_attendance a
    JOIN c_enrollments e ON e.student_id = a.student_id AND e.school_id = a.school_id AND a.date >= e.entry_date
         AND a.date <= coalesce(e.last_member_date, DATE '9999-12-31')
    LEFT JOIN tracked t ON t.school_id = a.school_id AND t.date = a.date
         AND (e.track IS NULL OR t.track IS NULL OR t.track = e.track)
    WHERE (a.school_id, a.date) IN (SELECT (school_id, date) FROM tracked)
    GROUP BY a.file_id, a.line_no, a.date HAVING count(t.date) = 0
"""


def _check_dates(workspace: Workspace, table: str, year: str) -> None:
    workspace.run(
        f"CREATE OR REPLACE TEMP TABLE odd_dates AS SELECT a.file_id, a.line_no, a.date AS value,"
        f" CASE WHEN a.date > DATE '{workspace.today}' THEN 'late' WHEN y.year IS NULL THEN 'outside' ELSE 'closed' END"
        f" AS why FROM c_{table} a LEFT JOIN sessions s ON s.school_id = a.school_id AND s.date = a.date"
        f" LEFT JOIN years y ON y.school_id = a.school_id AND y.year = {year}"
        f" WHERE s.date IS NULL OR a.date > DATE '{workspace.today}'"
    )
    for why, message in (("late", _LATE), ("outside", _OUTSIDE), ("closed", _CLOSED)):
        query = f"SELECT file_id, line_no, value FROM odd_dates WHERE why = '{why}'"
        workspace.log.add_rows(query, "D02", WARNING, "date", message)
    if table == "attendance":
        workspace.run(
            "UPDATE c_attendance a SET counted = 0 FROM odd_dates o"
            " WHERE o.why <> 'closed' AND a.file_id = o.file_id AND a.line_no = o.line_no"
        )


_WITHOUT_CALENDAR = """
    WITH years AS (SELECT DISTINCT school_id, {delivered} AS year FROM c_calendar_days WHERE in_session = 1),
    reach AS (SELECT min(date) AS first, max(date) AS last FROM c_calendar_days WHERE in_session = 1),
    spans AS (SELECT student_id, school_id, {entered} AS year, entry_date, last_member_date
              FROM c_enrollments WHERE last_member_date IS NULL OR last_member_date >= entry_date)
    SELECT s.school_id, count(DISTINCT s.student_id) FROM spans s, reach
    WHERE ((s.year IN (SELECT year FROM years) OR (s.year = {this_year} AND s.entry_date <= DATE '{today}'))
           AND NOT EXISTS (SELECT 1 FROM years y WHERE y.school_id = s.school_id AND y.year = s.year))
       OR (s.entry_date <= reach.last AND coalesce(s.last_member_date, reach.last) >= reach.first
           AND s.school_id NOT IN (SELECT school_id FROM years))
    GROUP BY s.school_id ORDER BY s.school_id
"""


def check_calendars(workspace: Workspace) -> None:
    """E03: hold when students are enrolled at a school in a delivered school year, or this one, without a calendar.

    A school without a calendar and without students is only listed: it may be a line of sums, or no school.
    """
    starts = workspace.district.year_starts
    query = _WITHOUT_CALENDAR.format(
        delivered=school_year_sql("date", starts),
        entered=school_year_sql("entry_date", starts),
        this_year=school_year_sql(f"DATE '{workspace.today}'", starts),
        today=workspace.today,
    )
    for school, students in workspace.rows(query):
        told = f"has enrolled students ({students:,}) and no calendar for them; deliver its calendar days."
        message = f"{workspace.called(school)} {told}"
        workspace.log.add("E03", ERROR, message, field="school_id", value=str(school))
        workspace.holds.append(message)
    if not workspace.is_roster and workspace.count("SELECT count(*) FROM c_calendar_days"):
        workspace.log.add_rows(
            "SELECT file_id, line_no, school_id AS value FROM c_schools WHERE coalesce(excluded, 0) = 0"
            " AND school_id NOT IN (SELECT school_id FROM c_calendar_days)"
            " AND school_id NOT IN (SELECT school_id FROM c_enrollments)",
            "E03",
            WARNING,
            "school_id",
            "School {value} has no calendar and no students, so it counts in nothing; leave it out if it is no school.",
        )


_ALONE = """
    WITH reach AS (SELECT school_id, {year} AS year, min(date) AS first, max(date) AS last
                   FROM c_calendar_days WHERE in_session = 1 GROUP BY ALL)
    SELECT one.school_id, one.first, one.last FROM reach one JOIN reach other
        ON other.year = one.year AND other.school_id != one.school_id
    GROUP BY ALL HAVING count(*) > 1 AND (one.last < min(other.first) OR one.first > max(other.last))
    ORDER BY ALL
"""


def tell_summer_schools(workspace: Workspace) -> None:
    """Schools in session only while no other one of the school year is: a summer school is outside the calendar."""
    year = school_year_sql("date", workspace.district.year_starts)
    workspace.decided += [
        f"{workspace.called(school)} is in session from {first} to {last}, when no other school is, and its days "
        "count; if it is a summer school, let the mapping leave it out"
        for school, first, last in workspace.rows(_ALONE.format(year=year))
    ]


def check_whole_files(workspace: Workspace) -> None:
    """R01: hold when a file seems cut short: no line end where the others have one, or where the last row is broken."""
    ended = [file for file in workspace.files if file.is_ended]
    for file in (file for file in workspace.files if not file.is_ended):
        broken = workspace.count(
            "SELECT count(*) FROM findings WHERE file_id = ? AND line_no = ? AND rule = 'R01' AND severity = 'error'",
            [file.file_id, file.last_line_no],
        )
        if broken or 2 * len(ended) > len(workspace.files):
            message = (
                f"{file.name} ends within line {file.last_line_no:,}, so it may be cut short; deliver it again, or end "
                "its last line with a line break."
            )
            workspace.log.add("R01", WARNING, message, file_id=file.file_id, line_no=file.last_line_no)
            workspace.holds.append(message)


def check_filled(workspace: Workspace) -> None:
    """Hold a delivery whose roster tables have a header and no rows."""
    days = () if workspace.is_roster else ("calendar_days", "enrollments")
    for table in ("schools", *days, "students"):
        if not workspace.count(f"SELECT count(*) FROM c_{table}"):
            message = f"The delivery has no usable row of {table}; export it again."
            workspace.log.add("Q02", ERROR, message)
            workspace.holds.append(message)


def check_shares(workspace: Workspace, counts: list[FileCount], strict: frozenset[str], limit_pct: int) -> None:
    """Q02: hold on too many refused rows in a table, or on any in the calendar and code files."""
    by_table: dict[str, list[FileCount]] = {}
    for count in counts:
        by_table.setdefault(count.table, []).append(count)
    for table, files in by_table.items():
        read, errors = sum(f.rows_read for f in files), sum(f.errors for f in files)
        limit = Fraction(0) if table in strict else Fraction(limit_pct, 100)
        if read and errors > limit * read:
            names = ", ".join(file.file for file in files if file.errors)
            reason = "and every row of that file has to be right" if table in strict else f"more than {limit_pct}%"
            why = _most_frequent(workspace, [file.file for file in files if file.errors])
            message = f"{errors:,} of {read:,} rows of {names} were refused, {reason}; {why}the findings list them."
            workspace.log.add("Q02", ERROR, message)
            workspace.holds.append(message)


def _most_frequent(workspace: Workspace, names: list[str]) -> str:
    """The rule that refused most rows of some files, as the words of a sentence."""
    ids = ", ".join(str(file.file_id) for file in workspace.files if file.name in names)
    rows = workspace.rows(
        "SELECT rule, count(DISTINCT (file_id, line_no)) AS rows, min(line_no) FROM findings"
        f" WHERE severity = 'error' AND line_no IS NOT NULL AND file_id IN ({ids or 'NULL'})"
        " GROUP BY rule ORDER BY rows DESC, rule LIMIT 1"
    )
    if not rows:
        return ""
    rule, count, line = str(rows[0][0]), int(str(rows[0][1])), int(str(rows[0][2]))
    title = RULES[rule].title
    return f"{count:,} by {rule} ({title[0].lower()}{title[1:]}), first on line {line:,}; "
