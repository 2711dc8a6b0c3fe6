"""What makes a mark count, compared with the last delivery: the school's calendar and the student's enrollment.

A calendar that begins late or an entry date written into every span leaves the marks as they were, and they count no
more. So the days in session and the days of membership are compared by school, beside the absences themselves.
"""

from datetime import date

from allpresent.intake.checks import school_year_sql
from allpresent.intake.two_deliveries import IS_OF_TRACK
from allpresent.intake.workspace import Workspace

Places = list[tuple[str, int, int]]  # a school by name, what it had before, and has now

_CLOSED = (
    "{{name}}: {{lost}} of the {{before}} school days of the last delivery up to {on} are in session no more, and "
    "marks on them would not count; check the calendar."
)
_OPENED = (
    "{{name}}: {{before}} school days up to {on} in the last delivery, and {{after}} with those that are in session "
    "now; check the calendar."
)
_MEMBERS = (
    "{{name}}: the same students were enrolled for {{before}} student-days up to {on} in the last delivery, and are "
    "for {{after}} now; check entry dates, exit dates and tracks."
)
_SEVERAL_CLOSED = "School days are in session no more at {count} schools"
_SEVERAL_OPENED = "More days are in session than in the last delivery at {count} schools"
_SEVERAL_MEMBERS = "The same students are enrolled for other days than in the last delivery at {count} schools"
# Only school years of which the delivery has a calendar: elsewhere the posted one stays.
_SESSIONS = """
    WITH days AS (
        SELECT school_id, date, max(old) AS old, max(new) AS new FROM (
            SELECT school_id, date, 1 AS old, 0 AS new FROM old_calendar_days WHERE in_session = 1
            UNION ALL SELECT school_id, date, 0, 1 FROM sessions)
        WHERE date <= DATE '{on}' GROUP BY ALL)
    SELECT school_id, {year} AS year, sum(old), sum(old * (1 - new)), sum(new * (1 - old)) FROM days
    WHERE (school_id, {year}) IN (SELECT (school_id, year) FROM both_years)
      AND (school_id, {year}) IN (SELECT (school_id, year) FROM years)
    GROUP BY ALL ORDER BY 1, 2
"""
# Students both know at a school, on days both have in session: what is left to differ is when they were enrolled.
_KNOWN = """
    CREATE OR REPLACE TEMP TABLE known_students AS
    SELECT student_id, school_id FROM old_enrollments INTERSECT SELECT student_id, school_id FROM new_enrollments
"""
_MEMBER_DAYS = """
    SELECT school_id, count(DISTINCT c.date) * students AS days FROM (
        SELECT school_id, entry_date, coalesce(last_member_date, DATE '9999-12-31') AS last, track, count(*) AS students
        FROM {side}_enrollments SEMI JOIN known_students USING (student_id, school_id) GROUP BY ALL) e
    JOIN {side}_calendar_days c USING (school_id)
    WHERE c.in_session = 1 AND c.date BETWEEN e.entry_date AND e.last AND c.date <= DATE '{on}' AND {is_of_track}
      AND (school_id, {year}) IN (SELECT (school_id, year) FROM both_years)
      AND (school_id, c.date) IN (SELECT (school_id, date) FROM sessions)
      AND (school_id, c.date) IN (SELECT (school_id, date) FROM old_calendar_days WHERE in_session = 1)
    GROUP BY school_id, e.entry_date, e.last, e.track, students
"""


def counting_days(workspace: Workspace, on: date) -> list[tuple[Places, str, str]]:
    """Schools whose calendar or enrollments up to a day are others than in the last delivery, with what to say of one
    and of several. Needs both sides, ``sessions`` and ``years``.
    """
    closed, opened = _sessions(workspace, on)
    return [
        (closed, _CLOSED.format(on=on), _SEVERAL_CLOSED),
        (opened, _OPENED.format(on=on), _SEVERAL_OPENED),
        (_members(workspace, on), _MEMBERS.format(on=on), _SEVERAL_MEMBERS),
    ]


def _sessions(workspace: Workspace, on: date) -> tuple[Places, Places]:
    limits = workspace.district
    year = school_year_sql("date", limits.year_starts)
    closed, opened = Places(), Places()
    for school, _, *counts in workspace.rows(_SESSIONS.format(on=on, year=year)):
        before, gone, more = (int(str(count)) for count in counts)
        for days, after, places in ((gone, before - gone, closed), (more, before + more, opened)):
            if days * 100 > limits.drop_group_pct * before and days > limits.drop_group_count:
                places.append((workspace.called(school), before, after))
    return closed, opened


def _members(workspace: Workspace, on: date) -> Places:
    limits = workspace.district
    workspace.run(_KNOWN)
    year = school_year_sql("c.date", limits.year_starts)
    old, new = (_MEMBER_DAYS.format(side=side, on=on, year=year, is_of_track=IS_OF_TRACK) for side in ("old", "new"))
    rows = workspace.rows(
        f"SELECT school_id, sum(old), sum(new) FROM (SELECT school_id, days AS old, 0 AS new FROM ({old})"
        f" UNION ALL SELECT school_id, 0, days FROM ({new})) GROUP BY school_id ORDER BY school_id"
    )
    return [
        (workspace.called(school), before, after)
        for school, before, after in ((str(a), int(str(b)), int(str(c))) for a, b, c in rows)
        if abs(after - before) * 100 > limits.drop_absences_pct * before
        and abs(after - before) > limits.drop_absences_count
    ]
