"""Attendance events and attendance taken.

The category (the descriptor's last part) and the mapping say what a mark is, the reason may add that it is
disciplinary, and eventDuration how much of the day or class was missed.
"""

import pyarrow as pa

from allpresent.intake.checks import school_year_sql
from allpresent.intake.codes import meaning_of
from allpresent.intake.mapping import CategoryMeaning, CodeMeaning
from allpresent.intake.sources.edfi.schedules import SECTION, put_periods
from allpresent.intake.sources.edfi.words import parts_of
from allpresent.intake.workspace import Workspace

_Key = tuple[str, int, str, str]  # school, school year, category, reason


def make_marks(workspace: Workspace) -> None:
    """``c_attendance`` but for its last step: an event of the day, or one row a period of an event of a class."""
    put_periods(workspace)
    year = school_year_sql("date", workspace.district.year_starts)
    columns = "file_id, line_no, student_id, school_id, date, code, reason, duration, is_doubtful"
    workspace.run(
        f"CREATE TEMP TABLE events AS WITH classes AS (SELECT {columns}, {SECTION} AS section_id,"
        f" {parts_of('periods')} AS own FROM t_studentSectionAttendanceEvents WHERE NOT is_bad)"
        f" SELECT {columns}, {year} AS year, 'day' AS mode, CAST(NULL AS VARCHAR) AS period"
        " FROM t_studentSchoolAttendanceEvents WHERE NOT is_bad"
        f" UNION ALL SELECT {columns}, {year}, 'period', unnest(CASE WHEN len(own) > 0 THEN own"
        " WHEN len(coalesce(p.periods, [])) > 0 THEN p.periods ELSE [c.section_id] END)"
        " FROM classes c LEFT JOIN section_periods p ON p.section_id = c.section_id"
    )
    _put_told(workspace)
    fixed = workspace.mapping.day_rule.periods_in_day or "NULL"
    workspace.run(_MARKS.format(periods=fixed))


_MARKS = """
    CREATE TABLE c_attendance AS
    SELECT e.file_id, e.line_no, e.student_id, e.school_id, e.date, e.code, t.category, t.excused, t.disciplinary,
           e.reason AS comment, e.mode, e.period, e.is_doubtful,
           CAST(CASE WHEN e.mode = 'period' THEN coalesce(d.periods, {periods}) END AS BIGINT) AS periods_in_day,
           CASE WHEN t.category IN ('tardy', 'present') THEN '0/1'
                WHEN t.fixed IS NOT NULL THEN t.fixed
                WHEN e.duration IS NOT NULL THEN e.duration
                WHEN t.category = 'absent' THEN '1/1' END AS portion
    FROM events e
    JOIN told t ON t.school_id = e.school_id AND t.year = e.year AND t.code = coalesce(e.code, '')
               AND t.reason = coalesce(e.reason, '')
    LEFT JOIN day_periods d ON d.student_id = e.student_id AND d.school_id = e.school_id AND d.date = e.date
"""


def _put_told(workspace: Workspace) -> None:
    """``told``: what every category and reason of a school and year means."""
    options = workspace.mapping.codes
    written = {one.code.casefold(): one.code for one in options.table}
    keys: list[_Key] = []
    found: list[tuple[CodeMeaning | None, CategoryMeaning]] = []
    for school, year, code, reason in workspace.rows(
        "SELECT DISTINCT school_id, year, coalesce(code, ''), coalesce(reason, '') FROM events"
    ):
        spelled = written.get(str(code).casefold(), str(code))
        meaning = meaning_of(options.table, str(school), int(str(year)), spelled)
        added = options.categories.get(str(reason).casefold(), CategoryMeaning())
        keys.append((str(school), int(str(year)), str(code), str(reason)))
        found.append((meaning, added))
    _store(workspace, keys, found)


def _store(workspace: Workspace, keys: list[_Key], found: list[tuple[CodeMeaning | None, CategoryMeaning]]) -> None:
    flag = {None: None, True: 1, False: 0}
    text = pa.string()
    workspace.put(
        "told",
        pa.table(
            {
                "school_id": pa.array([key[0] for key in keys], text),
                "year": pa.array([key[1] for key in keys], pa.int64()),
                "code": pa.array([key[2] for key in keys], text),
                "reason": pa.array([key[3] for key in keys], text),
                "category": pa.array([one.category if one else None for one, _ in found], text),
                "excused": pa.array([flag[one.excused] if one else None for one, _ in found], pa.int8()),
                "disciplinary": pa.array(
                    [int(bool(one and one.disciplinary) or added.disciplinary) for one, added in found], pa.int8()
                ),
                "fixed": pa.array([one.portion if one else None for one, _ in found], text),
            }
        ),
    )


def make_taken(workspace: Workspace) -> None:
    """``c_attendance_taken``: a class on a day; without such events, each school up to the day of its last mark.

    Whether a silent school had nobody absent or did not report, nobody knows, so its days are not reported until a
    later mark shows that it does.
    """
    taken = "t_sectionAttendanceTakenEvents WHERE NOT is_bad"
    if workspace.count(f"SELECT count(*) FROM {taken}"):
        workspace.run(
            f"CREATE TABLE c_attendance_taken AS SELECT file_id, line_no, school_id, date, {SECTION} AS section_id,"
            f" taken_at FROM {taken}"
        )
        return
    workspace.decided.append("no event of attendance taken came: a school counts as reporting up to its last mark")
    workspace.run(
        "CREATE TABLE c_attendance_taken AS SELECT d.file_id, d.line_no, d.school_id, d.date,"
        " CAST(NULL AS VARCHAR) AS section_id, CAST(NULL AS VARCHAR) AS taken_at FROM c_calendar_days d"
        f" JOIN (SELECT school_id, max(date) AS last FROM events WHERE date <= DATE '{workspace.today}'"
        " GROUP BY school_id) m ON m.school_id = d.school_id AND d.date <= m.last WHERE d.in_session = 1"
        " QUALIFY row_number() OVER (PARTITION BY d.school_id, d.date ORDER BY d.file_id, d.line_no) = 1"
    )
