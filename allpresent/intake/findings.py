"""What the checks found, row by row, kept in the delivery's workspace until the delivery is decided."""

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from allpresent import in_memory

ERROR, WARNING = "error", "warning"
FIRST_LINES = 5


@dataclass(frozen=True)
class Finding:
    """One thing found: by which rule, how severe, where, and a sentence saying what to do."""

    rule: str
    severity: str  # error, warning
    file: str  # path below the delivered folder; '' when no single file is meant
    line: int | None  # physical line, header = 1; None when the whole file or delivery is meant
    field: str
    value: str
    message: str


@dataclass(frozen=True)
class RuleCount:
    """How often a rule spoke about one field of one file, with the first lines."""

    rule: str
    severity: str
    file: str
    field: str
    count: int
    first_lines: tuple[int, ...]
    message: str  # of the first finding


class Findings:
    """All findings of a delivery, in order of file and line."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def __len__(self) -> int:
        count: int = self.table.num_rows
        return count

    def __iter__(self) -> Iterator[Finding]:
        for batch in self.table.to_batches():
            for row in batch.to_pylist():
                yield Finding(**row)

    def by_rule(self) -> list[RuleCount]:
        """Counts by rule, severity, file and field, errors first."""
        with in_memory.database() as connection:
            connection.register("found", self.table)
            rows = connection.execute(_BY_RULE).fetchall()
        return [
            RuleCount(rule, severity, file, field, count, tuple(sorted(lines or ())[:FIRST_LINES]), message)
            for rule, severity, file, field, count, lines, message in rows
        ]


_BY_RULE = f"""
    SELECT rule, severity, file, field, count(*),
           min(line, {FIRST_LINES}), min_by(message, coalesce(line, 0))
    FROM found GROUP BY rule, severity, file, field ORDER BY severity, rule, file, field
"""


class FindingLog:
    """Collects findings in the workspace, one by one or as the result of a query."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        connection.execute(
            "CREATE TABLE findings (rule VARCHAR, severity VARCHAR, file_id INTEGER, line_no BIGINT,"
            " field VARCHAR, value VARCHAR, message VARCHAR, file_name VARCHAR)"
        )

    def add(
        self,
        rule: str,
        severity: str,
        message: str,
        *,
        file_id: int | None = None,
        line_no: int | None = None,
        field: str = "",
        value: str = "",
        file_name: str = "",
    ) -> None:
        """One finding; ``file_name`` names a file that could not be read, and so has no number."""
        self.connection.execute(
            "INSERT INTO findings VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [rule, severity, file_id, line_no, field, value, message, file_name],
        )

    def add_table(self, found: pa.Table) -> None:
        """Findings as an Arrow table: rule, severity, file_id, line_no, field, value, message."""
        self.connection.register("found_in_rows", found)
        self.connection.execute(
            "INSERT INTO findings SELECT rule, severity, file_id, line_no, field, value, message, '' FROM found_in_rows"
        ).fetchall()
        self.connection.unregister("found_in_rows")

    def add_rows(self, query: str, rule: str, severity: str, field: str, message: str) -> int:
        """One finding a row of ``query``, which gives file_id, line_no and value; returns how many.

        ``{value}`` in the message stands for the row's value.
        """
        inserted = self.connection.execute(
            "INSERT INTO findings SELECT ?, ?, file_id, line_no, ?, coalesce(CAST(value AS VARCHAR), ''),"
            f" replace(?, '{{value}}', coalesce(CAST(value AS VARCHAR), '')), '' FROM ({query})",
            [rule, severity, field, message],
        ).fetchall()
        return int(inserted[0][0])
