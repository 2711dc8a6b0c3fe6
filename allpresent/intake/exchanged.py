"""Absences that stand with other students or days than before, though there are as many: a column sorted by itself."""

from allpresent.intake.workspace import Workspace

# Of students whom both deliveries have, and of days before the one compared, whose marks are still being corrected.
_EXCHANGED = """
    SELECT name, count(*) FILTER (was),
           least(count(*) FILTER (was AND NOT stands), count(*) FILTER (stands AND NOT was))
    FROM (SELECT {column} AS name, student_id, date, bool_or(side = 'old') AS was, bool_or(side = 'new') AS stands
          FROM (SELECT 'old' AS side, student_id, school_id, date FROM open_before
                UNION ALL SELECT 'new', student_id, school_id, date FROM missed_new)
               SEMI JOIN active_old USING (student_id) SEMI JOIN active_new USING (student_id)
          WHERE date < (SELECT day FROM compared_on) GROUP BY ALL)
    GROUP BY name ORDER BY name
"""


def exchanged_absences(workspace: Workspace, column: str) -> list[tuple[str, int, int]]:
    """By a column, ``''`` for all together: its value, the absences of before, and how many of them others replaced.

    Needs ``open_before``, ``missed_new``, ``active_…`` and ``compared_on``.
    """
    rows = workspace.rows(_EXCHANGED.format(column=column))
    return [(str(name), int(str(before)), int(str(others))) for name, before, others in rows]
