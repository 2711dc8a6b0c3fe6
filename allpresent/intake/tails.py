"""A file cut short at the end of a line: it reads well, and only the last delivery tells that its end is missing."""

from dataclasses import dataclass

from allpresent.intake.checks import school_year_sql
from allpresent.intake.workspace import Workspace
from allpresent.ledger import Version

LAST_ROWS = 3  # one or two rows at the end of a file are taken back now and then; three in a row are not

_ACTIVE = "o.student_id IN (SELECT student_id FROM active_old)"
_STILL_HERE = f"{_ACTIVE} AND o.student_id IN (SELECT student_id FROM c_students)"


@dataclass(frozen=True)
class _Tail:
    """How the rows of a table are known again, and which of the posted ones a delivery has to bring again."""

    table: str
    key: tuple[str, ...]
    school_day: str = ""  # the column that says in which school year a row lies
    again: str = "true"


_TAILS = (
    _Tail("students", ("student_id",), again=_ACTIVE),
    _Tail("enrollments", ("student_id", "school_id", "entry_date"), "entry_date", _STILL_HERE),
    _Tail("attendance", ("student_id", "school_id", "date", "mode", "period"), "date", _STILL_HERE),
    _Tail("attendance_taken", ("school_id", "date", "section_id"), "date"),
    _Tail("calendar_days", ("school_id", "date", "track"), "date"),
)

_CUT = """
    WITH old AS (SELECT o.* FROM tail_rows o JOIN file_names f ON f.file = o.source_file WHERE {again}),
    ends AS (SELECT source_file, unnest(max(line_no, {rows})) AS line_no FROM old GROUP BY source_file),
    tail AS (SELECT DISTINCT old.* FROM old JOIN ends USING (source_file, line_no)),
    now_ends AS (SELECT file_id, max(line_no) AS line_no FROM c_{table} GROUP BY file_id),
    now_last AS (SELECT f.file AS source_file, n.* EXCLUDE (line_no) FROM c_{table} n
                 JOIN now_ends USING (file_id, line_no) JOIN file_names f USING (file_id)),
    known AS (SELECT DISTINCT source_file FROM now_last n JOIN old o USING (source_file) WHERE {same}),
    gone AS (SELECT o.source_file, NOT EXISTS (SELECT 1 FROM c_{table} n WHERE {same}) AS is_gone FROM tail o)
    SELECT source_file FROM gone JOIN known USING (source_file)
    GROUP BY source_file HAVING count(*) >= {rows} AND bool_and(is_gone)
"""


def cut_files(workspace: Workspace, version: Version) -> list[str]:
    """The files whose last rows of the last delivery are gone while nothing new stands behind the rows that are left.

    Needs the tables ``active_old`` and ``both_years`` of the comparison with the last delivery.
    """
    names: set[str] = set()
    for tail in _TAILS:
        workspace.show("tail_rows", version.table(tail.table, ["source_file", "line_no", *tail.key]))
        again = tail.again
        if tail.school_day:
            year = school_year_sql(f"o.{tail.school_day}", workspace.district.year_starts)
            again += f" AND (o.school_id, {year}) IN (SELECT (school_id, year) FROM both_years)"
        same = " AND ".join(f"n.{column} IS NOT DISTINCT FROM o.{column}" for column in tail.key)
        query = _CUT.format(again=again, rows=LAST_ROWS, table=tail.table, same=same)
        names |= {str(name) for (name,) in workspace.rows(query)}
        workspace.connection.unregister("tail_rows")
    return sorted(names)
