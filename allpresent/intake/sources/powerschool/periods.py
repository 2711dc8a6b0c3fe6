"""How many periods a student had on a day: CC expressions, held against the day's letter and bell schedule.

An expression such as ``1-2(A,C) 4(B)`` says in which periods, on which days of the cycle, a class meets.
"""

import re
from collections.abc import Iterator

import pyarrow as pa

from allpresent.intake.sources.powerschool.modes import MEETING, leave_out_rows
from allpresent.intake.workspace import Workspace

_PART = re.compile(r"\s*([^\s()]+)\(([^()]*)\)\s*,?")
_COUNTS = "coalesce(i.counts, '1') = '1'"  # a period of a bell schedule that is one of attendance


def read_expression(text: str) -> list[tuple[str, str]] | None:
    """(period, letter) pairs of an expression; None when it is not written as one."""
    found: set[tuple[str, str]] = set()
    at = 0
    for part in _PART.finditer(text):
        if part.start() != at:
            return None
        at = part.end()
        letters = list(_listed(part[2]))
        found.update((period, letter) for period in _listed(part[1]) for letter in letters)
    return sorted(found) if found and at == len(text) else None


def _listed(text: str) -> Iterator[str]:
    """Members of a list such as 1,3-5 or A-C."""
    for piece in text.split(","):
        first, dash, last = piece.strip().partition("-")
        if dash and first.isdecimal() and last.isdecimal():
            yield from (str(number) for number in range(int(first), int(last) + 1))
        elif dash and len(first) == len(last) == 1:
            yield from (chr(letter) for letter in range(ord(first), ord(last) + 1))
        elif piece.strip():
            yield piece.strip()


def put_scheduled(workspace: Workspace) -> None:
    """Store as ``scheduled`` the periods of each student and day with a meeting mark, where they can be told."""
    _put_lookups(workspace)
    _leave_out_uncounted(workspace)
    _put_expressions(workspace)
    workspace.run(
        "CREATE TEMP TABLE met AS SELECT DISTINCT student_id, school_id, date FROM r_attendance"
        f" WHERE mode = '{MEETING}'"
    )
    workspace.run(_SCHEDULED)


def _put_lookups(workspace: Workspace) -> None:
    """Period numbers, minutes of days, letters of days and the periods that meet on a bell schedule."""
    workspace.run(
        "CREATE TEMP TABLE period_numbers AS SELECT id, any_value(number) AS number FROM t_period"
        " WHERE NOT is_bad AND number IS NOT NULL GROUP BY id"
    )
    fixed = workspace.mapping.day_rule.instructional_minutes or "NULL"
    minutes = f"coalesce(max(instructional_minutes), {fixed}) AS minutes"
    workspace.run(
        f"CREATE TEMP TABLE day_minutes AS SELECT school_id, date, {minutes} FROM c_calendar_days GROUP BY ALL"
    )
    workspace.run(
        "CREATE TEMP TABLE letters AS SELECT d.school_id, d.date, any_value(c.letter) AS letter,"
        " any_value(d.bell_schedule_id) AS bell_schedule_id FROM t_calendar_day d"
        " LEFT JOIN t_cycle_day c ON c.id = d.cycle_day_id AND NOT c.is_bad WHERE NOT d.is_bad GROUP BY ALL"
    )
    workspace.run(
        "CREATE TEMP TABLE meeting_periods AS SELECT DISTINCT i.bell_schedule_id, n.number AS period"
        " FROM t_bell_schedule_items i JOIN period_numbers n ON n.id = i.period_id"
        f" WHERE NOT i.is_bad AND {_COUNTS}"
    )


def _leave_out_uncounted(workspace: Workspace) -> None:
    """Marks of a period, as of lunch, that its bell schedule says is none of attendance: it is no part of the day."""
    leave_out_rows(
        workspace,
        "SELECT r.file_id, r.line_no FROM r_attendance r"
        " JOIN letters l ON l.school_id = r.school_id AND l.date = r.date"
        " JOIN t_bell_schedule_items i ON i.bell_schedule_id = l.bell_schedule_id AND i.period_id = r.period"
        f" WHERE r.mode = '{MEETING}' AND NOT i.is_bad"
        " AND i.bell_schedule_id IN (SELECT bell_schedule_id FROM meeting_periods)"
        f" GROUP BY ALL HAVING NOT bool_or({_COUNTS})",
        "periods that do not count for attendance",
    )


def _put_expressions(workspace: Workspace) -> None:
    rows = workspace.rows("SELECT DISTINCT expression FROM seats WHERE expression IS NOT NULL")
    unread: list[tuple[str | None, str | None]] = [(None, None)]
    read = [(str(text), pair) for (text,) in rows for pair in read_expression(str(text)) or unread]
    workspace.put(
        "meetings",
        pa.table(
            {
                "expression": pa.array([text for text, _ in read], pa.string()),
                "period": pa.array([pair[0] for _, pair in read], pa.string()),
                "letter": pa.array([pair[1] for _, pair in read], pa.string()),
            }
        ),
    )


# A day without a letter has the only letter its school's classes use. A class whose expression cannot be read leaves
# its students' days unknown: a count that misses a period would make an absence look larger.
_SCHEDULED = """
    CREATE TEMP TABLE scheduled AS
    WITH only_letter AS (
        SELECT s.school_id, min(m.letter) AS letter FROM seats s JOIN meetings m USING (expression)
        GROUP BY s.school_id HAVING count(DISTINCT m.letter) = 1
    ), days AS (
        SELECT met.*, coalesce(l.letter, o.letter) AS letter, l.bell_schedule_id FROM met
        LEFT JOIN letters l USING (school_id, date) LEFT JOIN only_letter o USING (school_id)
    ), classes AS (
        SELECT d.student_id, d.school_id, d.date, m.period,
               s.expression IS NULL OR m.period IS NULL AS is_unread,
               m.letter = d.letter AND (
                   d.bell_schedule_id IS NULL
                   OR d.bell_schedule_id NOT IN (SELECT bell_schedule_id FROM meeting_periods)
                   OR (d.bell_schedule_id, m.period) IN (SELECT (bell_schedule_id, period) FROM meeting_periods)
               ) AS meets
        FROM days d JOIN seats s ON s.student_id = d.student_id AND coalesce(s.school_id, d.school_id) = d.school_id
             AND s.start_date <= d.date AND d.date <= coalesce(s.last_date, DATE '9999-12-31')
        LEFT JOIN meetings m USING (expression) WHERE d.letter IS NOT NULL
    )
    SELECT student_id, school_id, date, count(DISTINCT period) FILTER (meets) AS periods
    FROM classes GROUP BY ALL HAVING NOT bool_or(is_unread) AND count(DISTINCT period) FILTER (meets) > 0
"""
