"""Marks that are missing or count nowhere, which reads as a school where nobody is ever absent.

A school without a mark is looked at when nothing of its school year is posted; later its days are compared. How many
absences count nowhere is looked at in every delivery.
"""

from datetime import date

from allpresent.intake.checks import school_year_sql
from allpresent.intake.emptied_days import OPEN_DAYS
from allpresent.intake.two_deliveries import IS_ABSENCE
from allpresent.intake.workspace import Workspace
from allpresent.policy import District

_DAYS = 5  # with attendance taken; on fewer it may well be that nobody was absent
UNMARKED = (
    "{name}: attendance was taken on {after} days for {before} students and no absence of them counts; its marks may "
    "be missing."
)
SEVERAL_UNMARKED = "No absence counts in {count} schools that took attendance"
_STRAY = (
    "{stray:,} of {all:,} student-days of absence count nowhere: {closed:,} on a day the school was not in session, "
    "{others:,} of students not enrolled there on that day; check the school, the calendar, entry and exit dates."
)
# A mark that no rule could read stands for a day that is not reported, so such a school is not without marks.
_UNMARKED = """
    WITH open_days AS ({open_days}),
    taken AS (SELECT school_id, count(DISTINCT date) AS days FROM open_days
              WHERE {year} = {of_newest} AND date <= DATE '{newest}' GROUP BY school_id),
    enrolled AS (
        SELECT school_id, count(DISTINCT student_id) AS students FROM new_enrollments
        WHERE entry_date <= DATE '{newest}' AND coalesce(last_member_date, DATE '9999-12-31') >= DATE '{newest}'
        GROUP BY school_id),
    marked AS (
        SELECT school_id FROM counted_new WHERE {year} = {of_newest}
        UNION SELECT a.school_id FROM new_attendance a WHERE a.category = 'unknown' AND {year_of_mark} = {of_newest})
    SELECT school_id, students, days FROM taken JOIN enrolled USING (school_id)
    WHERE days >= {least} AND students > {count} AND school_id NOT IN (SELECT school_id FROM marked)
      AND school_id NOT IN (SELECT school_id FROM c_schools WHERE excluded = 1) AND school_id NOT IN ({posted})
    ORDER BY school_id
"""
_POSTED = """
    SELECT school_id FROM old_attendance_taken WHERE {year} = {of_newest} AND school_id IS NOT NULL
    UNION SELECT school_id FROM old_attendance WHERE {year} = {of_newest} AND counted = 1
"""
# Of school years whose calendar stands beside them; what lies outside is kept and waits for its calendar.
_ABSENCES = """
    SELECT DISTINCT a.student_id, a.school_id, a.date FROM {{side}}_attendance a
    WHERE {is_absence} AND a.date <= DATE '{today}' AND (a.school_id, {year_of_mark}) IN (
        SELECT (school_id, {year}) FROM {{side}}_calendar_days)
"""
_MARKS = f"SELECT count(*) FROM new_attendance a WHERE {IS_ABSENCE}"
_COUNTS = """
    WITH absences AS ({absences}),
    stray AS (SELECT * FROM absences ANTI JOIN counted_{side} USING (student_id, school_id, date))
    SELECT (SELECT count(*) FROM absences), count(*), count(*) FILTER (NOT EXISTS (
        SELECT 1 FROM {side}_calendar_days c WHERE c.school_id = s.school_id AND c.date = s.date AND c.in_session = 1))
    FROM stray s {but}
"""


def unmarked_schools(workspace: Workspace, newest: date, *, has_posted: bool) -> list[tuple[str, int, int]]:
    """Schools that took attendance up to the newest day and have no mark that counts: name, students, days taken.

    Needs ``new_…`` and ``sessions``, and ``old_…`` where something is posted.
    """
    starts = workspace.district.year_starts
    year, of_newest = school_year_sql("date", starts), school_year_sql(f"DATE '{newest}'", starts)
    sql = _UNMARKED.format(
        open_days=OPEN_DAYS.format(year=year),
        year=year,
        of_newest=of_newest,
        newest=newest,
        year_of_mark=school_year_sql("a.date", starts),
        least=_DAYS,
        count=workspace.district.drop_group_count,
        posted=_POSTED.format(year=year, of_newest=of_newest) if has_posted else "SELECT NULL WHERE false",
    )
    rows = workspace.rows(sql)
    return [(workspace.called(school), int(str(students)), int(str(days))) for school, students, days in rows]


def stray_absences(workspace: Workspace, *, has_posted: bool) -> list[str]:
    """A sentence when too many absences count nowhere, where those of the last delivery did.

    A day that was in session in the last delivery and is no more is the calendar's business. Needs the same.
    """
    limits = workspace.district
    but = "ANTI JOIN closed_now USING (school_id, date)" if has_posted else ""
    counted = workspace.count("SELECT count(*) FROM counted_new")
    # No more than the marks that are left over count nowhere: mostly so few that none has to be looked at.
    if not _are_many(workspace.count(_MARKS) - counted, counted, limits):
        return []
    every, stray, closed = _counts(workspace, "new", but)
    if not _are_many(stray, every, limits):
        return []
    had, before, _ = _counts(workspace, "old", "") if has_posted else (0, 0, 0)
    if before * 100 > limits.drop_absences_pct * had:
        return []
    return [_STRAY.format(stray=stray, all=every, closed=closed, others=stray - closed)]


def _are_many(stray: int, every: int, limits: District) -> bool:
    return stray * 100 > limits.drop_absences_pct * every and stray > limits.drop_absences_count


def _counts(workspace: Workspace, side: str, but: str) -> tuple[int, int, int]:
    """Student-days of absence, those that count nowhere, and those of them on a day that is not in session."""
    starts = workspace.district.year_starts
    absences = _ABSENCES.format(
        is_absence=IS_ABSENCE,
        today=workspace.today,
        year=school_year_sql("date", starts),
        year_of_mark=school_year_sql("a.date", starts),
    ).format(side=side)
    sql = _COUNTS.format(absences=absences, side=side, but=but)
    every, stray, closed = (int(str(count)) for count in workspace.rows(sql)[0])
    return every, stray, closed
