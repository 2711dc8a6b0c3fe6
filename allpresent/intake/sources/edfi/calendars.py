"""Schools and calendar days; a school with several calendars has a track for each."""

from allpresent.intake.findings import ERROR
from allpresent.intake.sources.edfi.words import parts_of, put_words
from allpresent.intake.workspace import LEFT_OUT, Workspace

_RANK = "CASE meaning WHEN 'PK' THEN -1 WHEN 'K' THEN 0 ELSE CAST(meaning AS INTEGER) END"


def make_schools(workspace: Workspace) -> None:
    """``c_schools``: grades from the lowest to the highest the school lists."""
    put_words(workspace, "grade_words", workspace.mapping.tables["studentSchoolAssociations"].values.get("grade", {}))
    workspace.run(
        "CREATE TABLE c_schools AS WITH told AS (SELECT file_id, line_no,"
        f" unnest({parts_of('grades')}) AS word FROM t_schools),"
        f" ranked AS (SELECT t.file_id, t.line_no, w.meaning, {_RANK} AS place FROM told t"
        " JOIN grade_words w ON w.word = lower(t.word))"
        " SELECT s.file_id, s.line_no, s.school_id, any_value(s.state_id) AS state_id, any_value(s.name) AS name,"
        " min_by(r.meaning, r.place) AS low_grade, max_by(r.meaning, r.place) AS high_grade,"
        " CAST(NULL AS TINYINT) AS excluded"
        " FROM t_schools s LEFT JOIN ranked r USING (file_id, line_no) WHERE NOT s.is_bad"
        " GROUP BY s.file_id, s.line_no, s.school_id"
    )


def make_calendar(workspace: Workspace) -> None:
    """``c_calendar_days``; of several events on a day one that closes the school decides."""
    put_words(workspace, "event_words", workspace.mapping.tables["calendarDates"].values.get("events", {}))
    workspace.run(
        "CREATE TEMP TABLE day_events AS SELECT d.file_id, d.line_no, e.word, w.meaning FROM ("
        f"SELECT file_id, line_no, unnest({parts_of('events')}) AS word FROM t_calendarDates WHERE NOT is_bad) e"
        " JOIN t_calendarDates d USING (file_id, line_no) LEFT JOIN event_words w ON w.word = lower(e.word)"
    )
    _refuse_unknown_events(workspace)
    _leave_out_elsewhere(workspace)
    workspace.run(
        "CREATE TEMP TABLE several_calendars AS SELECT school_id FROM t_calendarDates WHERE NOT is_bad"
        " GROUP BY school_id HAVING count(DISTINCT calendar) > 1"
    )
    workspace.run(
        "CREATE TABLE c_calendar_days AS WITH told AS (SELECT file_id, line_no,"
        " min(try_cast(meaning AS TINYINT)) AS due FROM day_events GROUP BY ALL)"
        " SELECT d.file_id, d.line_no, d.school_id, d.date, CAST(coalesce(t.due, 0) AS TINYINT) AS in_session,"
        " CAST(NULL AS VARCHAR) AS membership_value,"
        " CASE WHEN d.school_id IN (SELECT school_id FROM several_calendars) THEN d.calendar END AS track,"
        " CAST(NULL AS BIGINT) AS instructional_minutes"
        f" FROM t_calendarDates d JOIN told t USING (file_id, line_no) WHERE NOT d.is_bad AND {_HERE}"
        " AND (d.file_id, d.line_no) NOT IN (SELECT (file_id, line_no) FROM unknown_events)"
    )


_HERE = "d.school_id IN (SELECT school_id FROM c_schools)"


def _refuse_unknown_events(workspace: Workspace) -> None:
    """K01: a day is in session only by an event somebody mapped."""
    workspace.run(
        "CREATE TEMP TABLE unknown_events AS SELECT file_id, line_no, min(word) AS value FROM day_events"
        " WHERE meaning IS NULL GROUP BY ALL UNION ALL"
        " SELECT file_id, line_no, '' FROM t_calendarDates WHERE NOT is_bad AND events IS NULL"
    )
    message = "The calendar event '{value}' is not mapped, so nobody knows whether school was; add it to the mapping."
    workspace.log.add_rows("SELECT * FROM unknown_events", "K01", ERROR, "calendarEvents", message)


def _leave_out_elsewhere(workspace: Workspace) -> None:
    """Calendars of schools that are not delivered; E03 finds schools that miss theirs."""
    elsewhere = f"SELECT file_id, line_no FROM t_calendarDates d WHERE NOT is_bad AND NOT {_HERE}"
    left = workspace.count(f"SELECT count(*) FROM ({elsewhere})")
    if left:
        workspace.mark(LEFT_OUT, elsewhere)
        workspace.decided.append(f"{left:,} calendar days of schools that are not delivered were left out")
