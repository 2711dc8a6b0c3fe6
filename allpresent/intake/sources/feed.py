"""Feeds that bring a row for the present too: where such a feed has rows of a day, attendance was taken that day.

A negative feed has rows for the absent alone; what it says nothing of is present, unless attendance taken came apart.
"""

from allpresent.intake.workspace import Workspace


def take_from_feed(workspace: Workspace) -> None:
    """Fill ``c_attendance_taken`` from a positive feed, a row a school and day; do nothing when the file itself came.

    With ``detect`` the feed is positive when most student-days between its first and last row have a row that says
    present.
    """
    feed = workspace.mapping.day_rule.feed
    if feed == "negative" or "attendance_taken" in workspace.came:
        return
    if feed == "detect" and not _says_present(workspace):
        return
    workspace.run(
        "INSERT INTO c_attendance_taken BY NAME SELECT DISTINCT ON (school_id, date) file_id, line_no, school_id, date"
        " FROM c_attendance WHERE counted = 1 ORDER BY school_id, date, file_id, line_no"
    )
    workspace.came.add("attendance_taken")


def _says_present(workspace: Workspace) -> bool:
    present = workspace.count(
        "SELECT count(*) FROM (SELECT DISTINCT student_id, date FROM c_attendance WHERE category = 'present')"
    )
    expected = workspace.count(
        "SELECT count(*) FROM (SELECT DISTINCT e.student_id, c.date FROM c_enrollments e"
        " JOIN c_calendar_days c ON c.school_id = e.school_id AND c.in_session = 1 AND c.date >= e.entry_date"
        " AND c.date <= coalesce(e.last_member_date, DATE '9999-12-31')"
        " WHERE c.date BETWEEN (SELECT min(date) FROM c_attendance) AND (SELECT max(date) FROM c_attendance))"
    )
    is_positive = 2 * present > expected
    kind = "positive: the days it has rows of are reported" if is_positive else "negative: only absences have rows"
    told = f"{present:,} of {expected:,} student-days have a row that says present, so the feed is read as {kind}"
    workspace.decided.append(told)
    return is_positive
