"""Attendance rows and attendance taken.

Presence comes from the code's Presence_Status_CD. In daily mode the codeday conversion gives the portion attended;
in meeting mode a mark is one of the periods the student had that day; in time mode it is minutes.
"""

from allpresent.intake.checks import school_year_sql
from allpresent.intake.findings import ERROR
from allpresent.intake.sources.powerschool.codes import put_told
from allpresent.intake.sources.powerschool.modes import DAILY, MODES, UNITS, leave_out_rows, put_modes
from allpresent.intake.sources.powerschool.people import resolve_students
from allpresent.intake.sources.powerschool.periods import put_scheduled
from allpresent.intake.workspace import Workspace


def make_marks(workspace: Workspace) -> None:
    """``c_attendance`` but for its last step: one row a mark of the mode chosen for its school and year."""
    year = school_year_sql("t.date", workspace.district.year_starts)
    resolve_students(workspace, "attendance", f", {year} AS year")
    put_modes(workspace)
    _leave_out_other_modes(workspace)
    put_told(workspace)
    _put_conversions(workspace)
    put_scheduled(workspace)
    workspace.run(_MARKS.format(unit=_unit_sql(), periods=workspace.mapping.day_rule.periods_in_day or "NULL"))
    _refuse_unclear_conversions(workspace)


def _unit_sql() -> str:
    cases = " ".join(f"WHEN '{mode}' THEN '{unit}'" for mode, unit in UNITS.items())
    return f"CASE r.mode {cases} ELSE 'day' END"


_MARKS = """
    CREATE TABLE c_attendance AS
    WITH marks AS (
        SELECT r.file_id, r.line_no, r.student_id, r.school_id, r.date, t.letter AS code, t.category, t.excused,
               t.disciplinary, r.comment, {unit} AS mode, r.period, r.minutes, t.fixed, v.attended, v.is_unclear,
               r.is_doubtful OR r.mode NOT IN ('ATT_ModeDaily', 'ATT_ModeMeeting', 'ATT_ModeInterval', 'ATT_ModeTime')
               AS is_doubtful,
               CAST(CASE WHEN r.mode = 'ATT_ModeMeeting' THEN coalesce(s.periods, {periods}) END AS BIGINT)
               AS periods_in_day,
               d.minutes AS day_minutes
        FROM r_attendance r
        JOIN told t ON t.code_id IS NOT DISTINCT FROM r.code_id AND t.school_id = r.school_id AND t.year = r.year
                   AND t.code = coalesce(r.code, '')
        LEFT JOIN codeday v ON v.file_id = r.file_id AND v.line_no = r.line_no
        LEFT JOIN scheduled s ON s.student_id = r.student_id AND s.school_id = r.school_id AND s.date = r.date
        LEFT JOIN day_minutes d ON d.school_id = r.school_id AND d.date = r.date
    )
    SELECT file_id, line_no, student_id, school_id, date, nullif(code, '') AS code, excused, disciplinary, comment,
           mode, CASE WHEN mode = 'period' THEN coalesce(n.number, period) END AS period, periods_in_day, is_doubtful,
           coalesce(is_unclear, false) AS is_unclear,
           CASE WHEN mode = 'day' AND category = 'present' AND is_part THEN 'partial' ELSE category END AS category,
           CASE WHEN category = 'tardy' THEN '0/1'
                WHEN fixed IS NOT NULL THEN fixed
                WHEN category IN ('absent', 'present') AND mode = 'day' AND is_part
                    THEN (den - num) || '/' || den
                WHEN category = 'absent' AND mode = 'minutes' AND minutes > 0 AND day_minutes > 0
                    THEN least(minutes, day_minutes) || '/' || day_minutes
                WHEN category = 'absent' AND mode <> 'minutes' THEN '1/1'
                WHEN category = 'present' THEN '0/1' END AS portion
    FROM (SELECT *, CAST(split_part(attended, '/', 1) AS BIGINT) AS num,
                 CAST(split_part(attended, '/', 2) AS BIGINT) AS den,
                 attended NOT IN ('0/1', '1/1') AS is_part FROM marks)
    LEFT JOIN period_numbers n ON n.id = period AND mode = 'period'
"""


def _leave_out_other_modes(workspace: Workspace) -> None:
    """Rows of another mode than the one chosen say the same day a second time. An unknown mode is an error."""
    unknown = (
        "SELECT file_id, line_no, coalesce(mode, '') AS value FROM r_attendance"
        f" WHERE mode IS NULL OR mode NOT IN {MODES}"
    )
    message = "The attendance mode '{value}' is none of PowerSchool's, so the day counts as not reported."
    workspace.log.add_rows(unknown, "R01", ERROR, "att_mode_code", message)
    leave_out_rows(
        workspace,
        "SELECT r.file_id, r.line_no FROM r_attendance r"
        " JOIN modes m ON m.school_id = r.school_id AND m.year = r.year"
        f" WHERE r.mode IN {MODES} AND r.mode <> m.chosen",
        "another mode than their school's",
    )


def _put_conversions(workspace: Workspace) -> None:
    """``codeday``: the part of the day each daily mark's code counts as attended, where the conversion has one answer.

    A code id mostly has one value; else the conversion of the day's bell schedule and the FTE of the span tell.
    """
    workspace.run(
        "CREATE TEMP TABLE items AS SELECT input, conversion_id, fte_id, value FROM t_attendance_conversion_items"
        " WHERE NOT is_bad AND lower(mode) = 'codeday'"
    )
    workspace.run(
        "CREATE TEMP TABLE codeday AS"
        " WITH one AS (SELECT input, min(value) AS value FROM items GROUP BY input HAVING count(DISTINCT value) = 1),"
        " several AS (SELECT input FROM items GROUP BY input HAVING count(DISTINCT value) > 1),"
        " candidates AS (SELECT r.file_id, r.line_no, i.value FROM r_attendance r"
        "  SEMI JOIN several v ON v.input = r.code_id"
        "  LEFT JOIN t_calendar_day d ON d.school_id = r.school_id AND d.date = r.date AND NOT d.is_bad"
        "  LEFT JOIN t_bell_schedule b ON b.id = d.bell_schedule_id AND NOT b.is_bad"
        "  LEFT JOIN spans s ON s.student_id = r.student_id AND s.school_id = r.school_id AND r.date >= s.entry_date"
        "   AND r.date < coalesce(s.exit_date, DATE '9999-12-31')"
        "  JOIN items i ON i.input = r.code_id AND (b.conversion_id IS NULL OR i.conversion_id = b.conversion_id)"
        "   AND (s.fte_id IS NULL OR i.fte_id IS NULL OR i.fte_id = s.fte_id)"
        f"  WHERE r.mode = '{DAILY}')"
        f" SELECT r.file_id, r.line_no, o.value AS attended, false AS is_unclear FROM r_attendance r"
        f" JOIN one o ON o.input = r.code_id WHERE r.mode = '{DAILY}'"
        " UNION ALL SELECT file_id, line_no, CASE WHEN count(DISTINCT value) = 1 THEN min(value) END,"
        " count(DISTINCT value) > 1 FROM candidates GROUP BY ALL"
    )


def _refuse_unclear_conversions(workspace: Workspace) -> None:
    """A code with several conversion values that nothing tells apart leaves the day unknown (M03)."""
    workspace.log.add_rows(
        "SELECT file_id, line_no, coalesce(code, '') AS value FROM c_attendance"
        " WHERE is_unclear AND category = 'absent'",
        "M03",
        ERROR,
        "attendance_value",
        "The conversion table gives code {value} several portions of a day; deliver the bell schedules with it.",
    )
    workspace.run("UPDATE c_attendance SET is_doubtful = true WHERE is_unclear AND category = 'absent'")


def make_taken(workspace: Workspace) -> None:
    """``c_attendance_taken``: section 0 is the whole school; the school comes from the section when not given."""
    workspace.run(
        "CREATE TEMP TABLE taken AS"
        " SELECT t.file_id, t.line_no, coalesce(t.school_id, s.school_id) AS school_id, t.date,"
        " nullif(t.section_id, '0') AS section_id, t.taken_at FROM t_attendance_taken t"
        " LEFT JOIN (SELECT section_id, any_value(school_id) AS school_id FROM c_sections GROUP BY section_id) s"
        " USING (section_id) WHERE NOT t.is_bad"
    )
    workspace.log.add_rows(
        "SELECT file_id, line_no, coalesce(section_id, '') AS value FROM taken WHERE school_id IS NULL",
        "K03",
        ERROR,
        "sectionid",
        "The section {value} is not in the sections file, so its school is not known; export the section too.",
    )
    workspace.run("CREATE TABLE c_attendance_taken AS SELECT * FROM taken WHERE school_id IS NOT NULL")
