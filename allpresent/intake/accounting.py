"""Rule R01: every row read went somewhere, and only to one place."""

from dataclasses import asdict, dataclass

from allpresent.intake.workspace import DUPLICATE, LEFT_OUT, MERGED, Workspace
from allpresent.ledger import TABLES

USED = "used"  # a row of a look-up table (codes, periods, …): read, and in no canonical table by itself


@dataclass(frozen=True)
class FileCount:
    """Where the rows of one file went. An unknown mark is an error row, though it stays in the ledger as unknown."""

    file: str
    table: str
    rows_read: int
    canonical: int
    errors: int
    duplicates: int
    left_out: int
    merged: int

    def as_dict(self) -> dict[str, int | str]:
        """For the record of the delivery."""
        return asdict(self)


def settle(workspace: Workspace) -> list[FileCount]:
    """Count where each row went. Raises AssertionError, naming the first, when a row went nowhere."""
    kept = " UNION ALL ".join(f"SELECT file_id, line_no FROM c_{table}" for table in TABLES)
    workspace.run(
        "CREATE OR REPLACE TEMP TABLE settled AS WITH said AS ("
        " SELECT file_id, line_no, 1 AS rank, 'error' AS bucket FROM findings"
        " WHERE severity = 'error' AND file_id IS NOT NULL AND line_no IS NOT NULL"
        f" UNION ALL SELECT file_id, line_no, CASE bucket WHEN '{DUPLICATE}' THEN 2 WHEN '{LEFT_OUT}' THEN 4"
        f" WHEN '{MERGED}' THEN 5 ELSE 3 END, CASE bucket WHEN '{USED}' THEN 'canonical' ELSE bucket END FROM outcomes"
        f" UNION ALL SELECT file_id, line_no, 3, 'canonical' FROM ({kept})"
        "), best AS (SELECT file_id, line_no, min_by(bucket, rank) AS bucket FROM said GROUP BY file_id, line_no)"
        " SELECT l.file_id, l.line_no, b.bucket FROM lines l LEFT JOIN best b USING (file_id, line_no)"
    )
    _assert_settled(workspace)
    counted = {
        (int(str(file_id)), str(bucket)): int(str(count))
        for file_id, bucket, count in workspace.rows("SELECT file_id, bucket, count(*) FROM settled GROUP BY ALL")
    }
    counts = []
    for file in workspace.files:
        shares = [counted.get((file.file_id, name), 0) for name in ("canonical", "error", DUPLICATE, LEFT_OUT, MERGED)]
        if sum(shares) != file.rows:
            raise AssertionError(f"R01: {file.name} has {file.rows} rows and {sum(shares)} are accounted for")
        counts.append(FileCount(file.name, file.table, file.rows, *shares))
    return counts


def _assert_settled(workspace: Workspace) -> None:
    lost = workspace.rows("SELECT file_id, line_no FROM settled WHERE bucket IS NULL ORDER BY file_id, line_no LIMIT 1")
    if lost:
        name = next(file.name for file in workspace.files if file.file_id == lost[0][0])
        raise AssertionError(f"R01: line {lost[0][1]} of {name} was read and went nowhere")
