"""One delivery while it is read: its files as staged text, its findings, and where every row of it went."""

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

import duckdb
import pyarrow as pa

from allpresent import in_memory
from allpresent.intake.finding_files import delivered_files, is_control
from allpresent.intake.findings import ERROR, WARNING, FindingLog, Findings
from allpresent.intake.mapping import Mapping
from allpresent.intake.rules import RefusedFileError
from allpresent.intake.sniff import Dialect, Header
from allpresent.ledger import TABLES
from allpresent.policy import District

# Where a row went, when it is no row of a canonical table.
DUPLICATE, LEFT_OUT, MERGED = "duplicate", "left_out", "merged"


def say_nothing(_stage: str) -> None:
    """Progress that nobody listens to."""


@dataclass
class StagedFile:
    """A delivered file after reading: what was decided about it, and how many rows it holds."""

    file_id: int
    path: Path
    name: str  # path below the delivered folder, with /
    table: str  # the table of the source it holds
    header: Header
    encoding: str
    dialect: Dialect
    rows: int = 0
    is_ended: bool = True  # the last line has its line end
    last_line_no: int = 0
    secrets: tuple[str, ...] = ()

    @property
    def decided(self) -> str:
        """What the reader decided, in one line."""
        return f"{self.name}: {self.table}, {self.encoding}, {self.header.delimiter_name}, {self.rows:,} rows"


_ROWS_A_PART = 122_880  # as many as the database keeps together
_ASIDE_NAMED = 5  # files left aside that a sentence names


@dataclass
class Workspace:
    """An in-memory database for one delivery. Staged tables are called ``s_<table>``, canonical ones ``c_<table>``."""

    folder: Path
    today: date
    district: District
    mapping: Mapping
    progress: Callable[[str], None] = say_nothing
    delivers: str = "year"  # or "days": only the days between the first and the last mark
    connection: duckdb.DuckDBPyConnection = field(init=False)
    log: FindingLog = field(init=False)
    files: list[StagedFile] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)  # why the delivery cannot be read
    aside: list[str] = field(default_factory=list)  # delivered files no table is read from
    holds: list[str] = field(default_factory=list)  # why it must not be posted unseen
    came: set[str] = field(default_factory=set)  # canonical tables whose file came
    decided: list[str] = field(default_factory=list)  # what the reader decided where it had a choice
    home: Path | None = None  # where earlier deliveries are kept
    source: str = ""
    earlier: dict[Path, str] = field(default_factory=dict)  # folders of earlier deliveries read again: their ids
    unpacked: "list[tempfile.TemporaryDirectory[str]]" = field(default_factory=list)  # of zips among those
    is_roster: bool = False  # a roster alone: no days, so what is posted of days stays
    reports: dict[str, pa.Table] = field(default_factory=dict)  # what the source counted, for the export

    def __post_init__(self) -> None:
        self.connection = in_memory.database()
        self.log = FindingLog(self.connection)
        self.run("CREATE TABLE outcomes (file_id INTEGER, line_no BIGINT, bucket VARCHAR)")
        self.run("CREATE TABLE lines (file_id INTEGER, line_no BIGINT)")

    @cached_property
    def blanks(self) -> frozenset[str]:
        """The words that stand for nothing, besides nothing."""
        return frozenset({"", *(word.strip() for word in self.mapping.dialect.null)})

    @property
    def date_order(self) -> str:
        """The order of day and month the mapping fixes, or ``detect``."""
        return self.mapping.dates.order

    # SQL

    def run(self, sql: str, values: Iterable[object] = ()) -> None:
        """Run a statement that gives no rows."""
        self.connection.execute(sql, list(values)).fetchall()

    def rows(self, sql: str, values: Iterable[object] = ()) -> list[tuple[object, ...]]:
        """All rows of a query."""
        return list(self.connection.execute(sql, list(values)).fetchall())

    def count(self, sql: str, values: Iterable[object] = ()) -> int:
        """The single number a query gives."""
        return int(str(self.rows(sql, values)[0][0]))

    def arrow(self, sql: str) -> pa.Table:
        """The result of a query as an Arrow table."""
        return self.connection.sql(sql).to_arrow_table()

    def put(self, name: str, table: pa.Table) -> None:
        """Store an Arrow table under a name, in place of one of that name."""
        self.connection.unregister(name)  # a table that was only shown would go before this one, unseen
        self.connection.register("incoming", table)
        self.run(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM incoming")
        self.connection.unregister("incoming")

    def show(self, name: str, table: pa.Table) -> None:
        """Let SQL read an Arrow table under a name, without copying it; in parts, so that every core reads some."""
        self.connection.register(name, pa.Table.from_batches(table.to_batches(_ROWS_A_PART), table.schema))

    def make_empty(self, name: str, columns: Iterable[str]) -> None:
        """An empty canonical table, for a file that did not come."""
        schema = TABLES[name].schema
        fields = [pa.field("file_id", pa.int32()), pa.field("line_no", pa.int64())]
        fields += [
            schema.field(column) if column in schema.names else pa.field(column, pa.string()) for column in columns
        ]
        self.put(f"c_{name}", pa.schema(fields).empty_table())

    def filled(self) -> set[str]:
        """The canonical tables that have rows."""
        counts = " UNION ALL ".join(f"SELECT '{name}', EXISTS (SELECT 1 FROM c_{name})" for name in TABLES)
        return {str(name) for name, has_rows in self.rows(counts) if has_rows}

    def columns(self, name: str) -> list[str]:
        """Column names of a stored table."""
        return [str(column) for column in self.connection.sql(f"SELECT * FROM {name} LIMIT 0").columns]

    def called(self, school_id: object) -> str:
        """A school as sentences name it: by what this delivery calls it, or the last one did, and its id."""
        for table in ("c_schools", "old_schools"):
            if self.count("SELECT count(*) FROM information_schema.tables WHERE table_name = ?", [table]):
                names = self.rows(
                    f"SELECT name FROM {table} WHERE school_id = ? AND name NOT IN ('', school_id)", [school_id]
                )
                if names:
                    return f"{names[0][0]} ({school_id})"
        return f"School {school_id}"

    # Files and rows

    def delivered(self) -> list[Path]:
        """The files of the source."""
        return [path for path in delivered_files(self.folder) if not is_control(path, self.mapping.control.file)]

    def control_files(self) -> list[Path]:
        """The files beside them that say what was sent."""
        return [path for path in delivered_files(self.folder) if is_control(path, self.mapping.control.file)]

    def name_of(self, path: Path) -> str:
        """The path of a file below the delivered folder, or below an earlier delivery's behind that one's id."""
        for folder, delivery_id in self.earlier.items():
            if path.is_relative_to(folder):
                return f"{delivery_id}/{path.relative_to(folder).as_posix()}"
        return path.relative_to(self.folder).as_posix()

    def leave_aside(self, path: Path) -> None:
        """Note a delivered file that no table is read from."""
        name = path.relative_to(self.folder).as_posix()
        self.aside.append(name)
        self.decided.append(f"{name}: left aside, for no table is read from such a file")
        self.log.add("R01", WARNING, f"{name} is no file this source reads; it was left aside.", file_name=name)

    def name_aside(self) -> None:
        """Where a table is missing, say which files came and were not read: one of them may be it."""
        if self.aside:
            more = f" and {len(self.aside) - _ASIDE_NAMED:,} more" if len(self.aside) > _ASIDE_NAMED else ""
            self.refuse(
                RefusedFileError(
                    f"Left aside, for no table is read from such a file: {', '.join(self.aside[:_ASIDE_NAMED])}{more}. "
                    "Save a workbook as CSV, and give a file the name of its table."
                )
            )

    def refuse(self, error: RefusedFileError, file_name: str = "") -> None:
        """Note that the delivery cannot be read, and why."""
        self.refused.append(str(error))
        self.log.add(error.rule, ERROR, str(error), line_no=error.line_no, file_name=file_name)

    def file_names(self) -> pa.Table:
        """(file_id, name) of every file."""
        return pa.table(
            {
                "file_id": pa.array([file.file_id for file in self.files], pa.int32()),
                "file": pa.array([file.name for file in self.files], pa.string()),
            }
        )

    def findings(self) -> Findings:
        """What was found so far, in order of file and line."""
        self.put("file_names", self.file_names())
        return Findings(
            self.arrow(
                "SELECT rule, severity, coalesce(file, file_name) AS file, line_no AS line, field, value, message"
                " FROM findings LEFT JOIN file_names USING (file_id) ORDER BY file, line_no, rule, field, message"
            )
        )

    def mark(self, bucket: str, query: str) -> None:
        """Note where the rows (file_id, line_no) of a query went."""
        self.run(f"INSERT INTO outcomes SELECT file_id, line_no, '{bucket}' FROM ({query})")
