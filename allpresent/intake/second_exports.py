"""Two exports of one table in one folder, as when each night's files stay: together they undo every correction.

The files of a table that is delivered in parts, one a school, share hardly a row. Two nights' share most, and differ in
what was corrected between them. Files with the same rows, as a code table beside each school's files, do no harm.
"""

from collections.abc import Collection

from allpresent.intake.findings import WARNING
from allpresent.intake.keep import quoted
from allpresent.intake.workspace import Workspace

_SHARED = """
    WITH held AS (SELECT DISTINCT file_id, hash({columns}) AS row FROM s_{table}),
    sizes AS (SELECT file_id, count(*) AS rows FROM held GROUP BY file_id),
    shared AS (SELECT a.file_id AS one, b.file_id AS other, count(*) AS rows FROM held a JOIN held b USING (row)
               WHERE a.file_id < b.file_id GROUP BY ALL)
    SELECT one, other, shared.rows, least(o.rows, t.rows) FROM shared
    JOIN sizes o ON o.file_id = one JOIN sizes t ON t.file_id = other
    WHERE 2 * shared.rows > least(o.rows, t.rows) AND shared.rows > {count}
      AND shared.rows < greatest(o.rows, t.rows) ORDER BY one, other
"""


def hold_second_exports(workspace: Workspace, table: str, wanted: Collection[str]) -> None:
    """Hold where most rows of the smaller of two files of a staged table stand in the other, but not all of both.

    ``wanted`` are the columns compared, for another may say when the row was exported; all, where none are named.
    """
    have = [one for one in workspace.columns(f"s_{table}") if one not in ("file_id", "line_no")]
    columns = ", ".join(quoted(one) for one in [one for one in have if one in wanted] or have)
    names = {file.file_id: file.name for file in workspace.files}
    for one, other, shared, rows in workspace.rows(
        _SHARED.format(columns=columns, table=table, count=workspace.district.drop_group_count)
    ):
        first, second = int(str(one)), int(str(other))
        message = (
            f"{names[first]} and {names[second]} are two exports of one table, {int(str(shared)):,} of "
            f"{int(str(rows)):,} rows alike; leave the newest only, or what was taken back between them counts again."
        )
        workspace.log.add("R01", WARNING, message, file_id=second)
        workspace.holds.append(message)
