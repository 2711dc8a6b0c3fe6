"""Delivered files into the workspace as text: one ``s_<table>`` a table of the source, every row with its line.

Exact repeats are set aside here (rule M01), as are lines that are no rows and columns that are secrets.
"""

import re
from collections.abc import Collection, Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from allpresent.intake.findings import ERROR, WARNING
from allpresent.intake.keep import quoted
from allpresent.intake.near_names import exact_names
from allpresent.intake.quoting import BrokenRow
from allpresent.intake.rules import RefusedFileError
from allpresent.intake.second_exports import hold_second_exports
from allpresent.intake.secrets import secret_columns
from allpresent.intake.sniff import Dialect, Header, Text, decode, find_header
from allpresent.intake.splitting import RESERVED, Rows, split_rows
from allpresent.intake.workspace import DUPLICATE, StagedFile, Workspace

MOST_BYTES = 4_000_000_000
MOST_TEXT = 1_000_000_000  # bytes of a file that is held whole: more than so many lines have
LONGEST_LINE = 64_000_000  # bytes; a longer one is no line of a table
MOST_LINES = 4_000_000  # a district of 60,000 students writes fewer attendance rows in a year


def stage_table(
    workspace: Workspace,
    table: str,
    paths: Iterable[Path],
    dialect: Dialect,
    wanted: Collection[str],
    needed: Collection[str],
    has_people: bool = False,
) -> bool:
    """Read the files of one table of the source; False when none of them could be read.

    ``wanted`` are the labels the source knows, ``needed`` those without which the table says nothing; a bar in a
    needed label parts two names of one column. ``has_people``: a column may be a secret, and is dropped (rule S01).
    """
    parts = []
    for path in paths:
        try:
            parts.append(_stage_file(workspace, table, path, dialect, wanted, needed, has_people))
        except RefusedFileError as error:
            workspace.refuse(error, workspace.name_of(path))
    return keep_rows(workspace, table, parts, wanted)


def keep_rows(workspace: Workspace, table: str, parts: list[pa.Table], wanted: Collection[str] = ()) -> bool:
    """Make ``s_<table>`` of the rows of its files, exact repeats set aside; False when there was no file.

    ``wanted`` are the labels that tell two exports of one table from two parts of it; all, where none are named.
    """
    if not parts:
        return False
    workspace.show(f"s_{table}", pa.concat_tables(parts, promote_options="default"))
    workspace.run(f"INSERT INTO lines SELECT file_id, line_no FROM s_{table}")
    if len(parts) > 1:
        hold_second_exports(workspace, table, wanted)
    _drop_repeats(workspace, table)
    return True


def refuse_large(path: Path, name: str, most: int = MOST_BYTES) -> None:
    """Raise RefusedFileError for a file larger than any school year."""
    if path.stat().st_size > most:
        raise RefusedFileError(f"{name} is larger than {most:,} bytes; deliver one school year at a time.")


def read_bytes(path: Path, name: str) -> bytes:
    """The bytes of a delivered file. Raises RefusedFileError when it is too large or cannot be read."""
    try:
        refuse_large(path, name, MOST_TEXT)
        _refuse_endless(path, name)
        return path.read_bytes()
    except OSError as error:
        raise RefusedFileError(f"{name} cannot be read ({(error.strerror or 'unknown cause').lower()}).") from error


def _refuse_endless(path: Path, name: str) -> None:
    """Count the lines piece by piece: a file of too many, or of one without end, must not be held in memory."""
    feeds = returns = running = 0
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            last = max(piece.rfind(b"\n"), piece.rfind(b"\r"))
            running = running + len(piece) if last < 0 else len(piece) - last
            feeds, returns = feeds + piece.count(b"\n"), returns + piece.count(b"\r")
            if running > LONGEST_LINE and "json" not in path.suffix and "xml" not in path.suffix:
                line = max(feeds, returns) + 1
                message = f"{name} line {line:,} does not end for {LONGEST_LINE:,} bytes; export it as lines of text."
                raise RefusedFileError(message, line_no=line)
            if max(feeds, returns) > MOST_LINES:
                raise too_many_rows(name, MOST_LINES + 1)


def too_many_rows(name: str, line_no: int) -> RefusedFileError:
    """Why a file is not read on from a line that comes after MOST_LINES rows."""
    message = f"{name} line {line_no:,}: more rows than a district has; deliver one year at a time."
    return RefusedFileError(message, line_no=line_no)


def _stage_file(
    workspace: Workspace,
    table: str,
    path: Path,
    dialect: Dialect,
    wanted: Collection[str],
    needed: Collection[str],
    has_people: bool,
) -> pa.Table:
    name = workspace.name_of(path)
    workspace.progress(f"reading {name}")
    text = decode(read_bytes(path, name), name, dialect.encoding)
    header, near = exact_names(find_header(text.lines, name, dialect, wanted), workspace.mapping.near_names, wanted)
    _refuse_missing(header, name, needed)
    rows = split_rows(_without_nulls(text.lines, header.delimiter, dialect.escape), header, dialect, name)
    rows.table = _without_blank_rows(rows.table)
    secrets = tuple(secret_columns(header.columns)) if has_people else ()
    file = StagedFile(len(workspace.files), path, name, table, header, text.encoding, dialect, secrets=secrets)
    file.rows = rows.table.num_rows + len(rows.broken)
    file.is_ended, file.last_line_no = text.is_ended, text.last_line_no
    workspace.files.append(file)
    _report_file(workspace, file, text, rows)
    _report_near(workspace, file, near)
    _report_formulas(workspace, file, rows.table, wanted)
    kept = [column for column in header.columns if column and column not in {*secrets, *RESERVED}]
    ids = pa.array([file.file_id], pa.int32()).take(pa.array([0] * rows.table.num_rows, pa.int32()))
    return rows.table.select([*kept, "line_no"]).append_column("file_id", ids)


def _refuse_missing(header: Header, name: str, needed: Collection[str]) -> None:
    missing = [label for label in needed if not set(label.split("|")) & set(header.columns)]
    if missing:
        have = ", ".join(column for column in header.columns if column)
        raise RefusedFileError(
            f"{name} line {header.line_no}: the column {missing[0].split('|')[0]!r} is missing; export it, or name it "
            f"in the mapping. The file has {have[:200]}.",
            "Q01",
            header.line_no,
        )


def _without_nulls(lines: list[str], delimiter: str, escape: str | None) -> list[str]:
    r"""The lines with nothing where a database wrote \N, which as an escaped letter would be read as N, a no."""
    if not escape:
        return lines
    around = re.escape(delimiter)
    null = re.compile(rf"(?<![^{around}]){re.escape(escape)}N(?![^{around}])")
    return [null.sub("", line) if f"{escape}N" in line else line for line in lines]


def _without_blank_rows(table: pa.Table) -> pa.Table:
    """The rows that say something: a line of delimiters alone, as spreadsheets leave at the end, is a blank line."""
    blank = pa.scalar(True)
    for name in (name for name in table.column_names if name != "line_no"):
        blank = pc.and_(blank, pc.equal(pc.utf8_trim_whitespace(table[name]), ""))
        if not pc.any(blank).as_py():
            return table
    return table.filter(pc.invert(blank))


def _report_file(workspace: Workspace, file: StagedFile, text: Text, rows: Rows) -> None:
    """What was decided about the file, and the rows set aside, as findings."""
    workspace.decided.append(file.decided)
    if text.not_utf8_line is not None:
        message = f"{file.name} is not UTF-8; it was read as Windows-1252. Check the accents, or export it as UTF-8."
        workspace.log.add("R01", WARNING, message, file_id=file.file_id, line_no=text.not_utf8_line)
    for column in file.secrets:
        message = f"The column {column} was dropped before anything was stored; leave it out of the export."
        workspace.log.add("S01", WARNING, message, file_id=file.file_id, line_no=file.header.line_no, field=column)
    report_broken(workspace, file, rows.broken)


def _report_near(workspace: Workspace, file: StagedFile, near: dict[str, str]) -> None:
    for theirs, exact in near.items():
        message = f"The column {theirs!r} was read as {exact!r}, the standard's name; ask the vendor to write that."
        workspace.log.add(
            "Q01", WARNING, message, file_id=file.file_id, line_no=file.header.line_no, field=exact, value=theirs
        )


def _report_formulas(workspace: Workspace, file: StagedFile, rows: pa.Table, wanted: Collection[str]) -> None:
    """X01: one warning for each column that is read and holds texts a spreadsheet takes for formulas."""
    for column in (label for label in rows.column_names if label in wanted and label not in file.secrets):
        is_formula = pc.starts_with(rows[column], "=")
        count = pc.sum(is_formula).as_py() or 0
        if count:
            first = rows["line_no"].filter(is_formula)[0].as_py()
            message = (
                f"{column}: {count:,} of {rows.num_rows:,} values are written as formulas and were read as text, "
                '="0012" as 0012; export the column as plain text.'
            )
            workspace.log.add("X01", WARNING, message, file_id=file.file_id, line_no=first, field=column)


def report_broken(workspace: Workspace, file: StagedFile, broken: list[BrokenRow]) -> None:
    """The lines that are no rows, as findings."""
    if not broken:
        return
    numbers = pa.array([row.line_no for row in broken], pa.int64())
    workspace.put("broken", pa.table({"line_no": numbers, "value": pa.array([row.why for row in broken])}))
    message = f"A line of {file.name} is no row: {{value}}; correct it, or the way the file is exported."
    where = f"SELECT {file.file_id} AS file_id, line_no, value FROM broken"
    workspace.log.add_rows(where, "R01", ERROR, "", message)
    workspace.run(f"INSERT INTO lines SELECT {file.file_id}, line_no FROM broken")
    quotes = [row for row in broken if row.is_bare_quote]
    if quotes:
        workspace.holds.append(
            f"{file.name} line {quotes[0].line_no}: {quotes[0].why}, so the rows around it are in doubt. Export with "
            "quotes around every value, or write quote: null in the mapping if the file has no quoting."
        )


def _drop_repeats(workspace: Workspace, table: str) -> None:
    """Set aside rows equal in every column to an earlier row of the table (rule M01)."""
    columns = [quoted(c) for c in workspace.columns(f"s_{table}") if c not in ("file_id", "line_no")]
    listed = ", ".join(columns)
    # In steps, because grouping by one number is far quicker than by a dozen texts.
    workspace.run(
        f"CREATE OR REPLACE TEMP TABLE alike AS SELECT h FROM (SELECT hash({listed}) AS h FROM s_{table})"
        " GROUP BY h HAVING count(*) > 1"
    )
    if not workspace.count("SELECT count(*) FROM alike"):
        return
    workspace.run(
        f"CREATE OR REPLACE TEMP TABLE repeated AS SELECT file_id, line_no FROM s_{table}"
        f" WHERE hash({listed}) IN (FROM alike)"
        f" QUALIFY row_number() OVER (PARTITION BY {listed} ORDER BY file_id, line_no) > 1"
    )
    if not workspace.count("SELECT count(*) FROM repeated"):
        return
    message = "This row stands in the delivery already, the same in every column; it is counted once."
    workspace.log.add_rows("SELECT file_id, line_no, '' AS value FROM repeated", "M01", WARNING, "", message)
    workspace.mark(DUPLICATE, "SELECT file_id, line_no FROM repeated")
    workspace.show(
        f"s_{table}", workspace.arrow(f"SELECT * FROM s_{table} ANTI JOIN repeated USING (file_id, line_no)")
    )
