"""Schools and calendar days, with tracks where a school uses them."""

from allpresent.intake.keep import literal, quoted
from allpresent.intake.workspace import LEFT_OUT, Workspace


def make_schools(workspace: Workspace) -> None:
    """``c_schools``. PowerSchool keeps no number of the state's beside School_Number."""
    workspace.run(
        "CREATE TABLE c_schools AS SELECT file_id, line_no, school_id, CAST(NULL AS VARCHAR) AS state_id, name,"
        " low_grade, high_grade, excluded FROM t_schools WHERE NOT is_bad"
    )


def make_calendar(workspace: Workspace) -> None:
    """``c_calendar_days``: one row a school-day, or a school-day and track at a school whose students have tracks.

    A day is one of membership for a track when InSession and the column of the track are 1.
    """
    _put_minutes(workspace)
    _leave_out_elsewhere(workspace)
    columns = {column: literal(column.upper()) for column in workspace.mapping.membership.track_columns}
    # A letter no column stands for makes no calendar: a school where all have such a one has its days for every track.
    workspace.run(
        "CREATE TEMP TABLE tracks AS SELECT DISTINCT school_id, track FROM c_enrollments"
        f" WHERE track IN ({', '.join(columns.values()) or 'NULL'})"
    )
    parts = [
        "SELECT *, CAST(NULL AS VARCHAR) AS of_track, in_session AS due FROM days"
        " WHERE school_id NOT IN (SELECT school_id FROM tracks)"
    ]
    for column, letter in columns.items():
        due = f"CAST(CASE WHEN in_session = 1 AND {quoted(column)} = '1' THEN 1 ELSE 0 END AS TINYINT)"
        parts.append(
            f"SELECT *, {letter} AS of_track, {due} AS due FROM days"
            f" WHERE school_id IN (SELECT school_id FROM tracks WHERE track = {letter})"
        )
    workspace.run(
        f"CREATE TABLE c_calendar_days AS WITH days AS (SELECT * FROM t_calendar_day WHERE NOT is_bad AND {_HERE}),"
        f" due AS ({' UNION ALL '.join(parts)})"
        " SELECT d.file_id, d.line_no, d.school_id, d.date, d.due AS in_session, d.membership_value,"
        " d.of_track AS track, m.minutes AS instructional_minutes"
        " FROM due d LEFT JOIN bell_minutes m USING (bell_schedule_id)"
    )


_HERE = "school_id IN (SELECT school_id FROM c_schools)"


def _leave_out_elsewhere(workspace: Workspace) -> None:
    """Calendars of offices and closed schools that are not delivered; E03 finds schools that miss theirs."""
    elsewhere = f"FROM t_calendar_day WHERE NOT is_bad AND NOT {_HERE}"
    left = workspace.count(f"SELECT count(*) {elsewhere}")
    if left:
        workspace.mark(LEFT_OUT, f"SELECT file_id, line_no {elsewhere}")
        workspace.decided.append(f"{left:,} calendar days of schools that are not in the schools file were left out")


def _put_minutes(workspace: Workspace) -> None:
    """Instructional minutes of each bell schedule: the length of its items that count for attendance."""
    workspace.run(
        "CREATE TEMP TABLE bell_minutes AS"
        " SELECT bell_schedule_id, CAST(sum(end_time - start_time) // 60 AS BIGINT) AS minutes"
        " FROM t_bell_schedule_items WHERE NOT is_bad AND coalesce(counts, '1') = '1' AND end_time > start_time"
        " GROUP BY bell_schedule_id"
    )
