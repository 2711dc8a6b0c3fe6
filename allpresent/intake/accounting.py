"""Rule R01: every row read went somewhere, and only to one place."""

from dataclasses import asdict, dataclass

from allpresent.intake.workspace import DUPLICATE, LEFT_OUT, MERGED, Workspace
from allpresent.ledger import TABLES

USED = "used"  # a row of a look-up table (codes, periods, …): read, and in no canonical table by itself
# Where a row may have gone; of one that went several ways the first is counted. What was used counts as canonical.
_BUCKETS = ("error", DUPLICATE, "canonical", LEFT_OUT, MERGED)
_RANKS = {bucket: rank for rank, bucket in enumerate(_BUCKETS)}


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
    noted = " ".join(f"WHEN '{bucket}' THEN {_RANKS[bucket]}" for bucket in (DUPLICATE, LEFT_OUT, MERGED))
    workspace.run(
        "CREATE OR REPLACE TEMP TABLE settled AS WITH said AS ("
        f" SELECT file_id, line_no, {_RANKS['error']} AS rank FROM findings"
        " WHERE severity = 'error' AND file_id IS NOT NULL AND line_no IS NOT NULL"
        f" UNION ALL SELECT file_id, line_no, CASE bucket {noted} ELSE {_RANKS['canonical']} END FROM outcomes"
        f" UNION ALL SELECT file_id, line_no, {_RANKS['canonical']} FROM ({kept})"
        "), best AS (SELECT file_id, line_no, min(rank) AS rank FROM said GROUP BY file_id, line_no)"
        " SELECT l.file_id, l.line_no, b.rank FROM lines l LEFT JOIN best b USING (file_id, line_no)"
    )
    _assert_settled(workspace)
    counted = {
        (int(str(file_id)), int(str(rank))): int(str(count))
        for file_id, rank, count in workspace.rows("SELECT file_id, rank, count(*) FROM settled GROUP BY ALL")
    }
    counts = []
    for file in workspace.files:
        shares = {bucket: counted.get((file.file_id, rank), 0) for bucket, rank in _RANKS.items()}
        if sum(shares.values()) != file.rows:
            raise AssertionError(f"R01: {file.name} has {file.rows} rows and {sum(shares.values())} are accounted for")
        counts.append(
            FileCount(
                file.name,
                file.table,
                file.rows,
                canonical=shares["canonical"],
                errors=shares["error"],
                duplicates=shares[DUPLICATE],
                left_out=shares[LEFT_OUT],
                merged=shares[MERGED],
            )
        )
    return counts


def _assert_settled(workspace: Workspace) -> None:
    lost = workspace.rows("SELECT file_id, line_no FROM settled WHERE rank IS NULL ORDER BY file_id, line_no LIMIT 1")
    if lost:
        name = next(file.name for file in workspace.files if file.file_id == lost[0][0])
        raise AssertionError(f"R01: line {lost[0][1]} of {name} was read and went nowhere")
