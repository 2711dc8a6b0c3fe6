"""Lines of a delimited file into rows, with the physical line each row begins on.

A quote that is never closed makes a lenient reader swallow the rest of the file into one field. Here a row ends at
its own line unless a closed quoted field says otherwise, and whatever is no row of the table is set aside with its
line: nothing is repaired.
"""

import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from allpresent.intake.quoting import (
    LONGEST_LINE,
    ROWS_A_PART,
    BrokenRow,
    QuotedRows,
    QuoteReader,
    too_long,
    wrong_width,
)
from allpresent.intake.rules import RefusedFileError
from allpresent.intake.sniff import Dialect, Header

# Our own columns of a staged table; a delivered column of such a name is not read.
RESERVED = ("file_id", "line_no")
MOST_CELLS = 100_000_000  # of a file: 25 columns in each of the most lines a file may have


@dataclass
class Rows:
    """The rows of a file: one text column a label, and ``line_no``; and the lines that are no rows."""

    table: pa.Table
    broken: list[BrokenRow]


def split_rows(lines: Sequence[str], header: Header, dialect: Dialect, name: str = "The file") -> Rows:
    """All rows below the header; blank lines are no rows.

    Raises RefusedFileError when quotation marks stand so badly that no row can be trusted, or when there are more cells
    than are held in memory.
    """
    _refuse_vast(len(lines) - header.line_no, header, name)
    special = _special_lines(lines, header.line_no, dialect)
    quoted = QuoteReader(lines, header, dialect, name).read(special)
    apart = {at + 1 for at in special} | quoted.continued
    plain, broken = _plain_lines(lines, header, apart)
    table = pa.concat_tables(
        [
            _read_lines(lines, plain, header, quote=False),
            _read_lines(lines, quoted.whole, header, quote=dialect.quote or False),
            *_row_tables(quoted, header),
        ]
    )
    again = _headers_again(lines, header)
    if again:
        table = _without(table, again)
    broken += [BrokenRow(line_no, "it is the header again") for line_no in again]
    return Rows(table, sorted([*broken, *quoted.broken], key=lambda row: row.line_no))


def _refuse_vast(rows: int, header: Header, name: str) -> None:
    columns = len(header.columns)
    if rows * columns > MOST_CELLS:
        raise RefusedFileError(
            f"{name} has {rows:,} lines of {columns:,} columns; export only the columns that are read, so that there "
            f"are at most {MOST_CELLS:,} cells.",
            line_no=header.line_no,
        )


def _without(table: pa.Table, numbers: Collection[int]) -> pa.Table:
    """The rows that do not begin on these lines."""
    return table.filter(pc.invert(pc.is_in(table["line_no"], pa.array(sorted(numbers), pa.int64()))))


def _headers_again(lines: Sequence[str], header: Header) -> list[int]:
    """Line numbers of the header's own text further down, as where several exports were put into one file."""
    label = lines[header.line_no - 1]
    return [line_no for line_no, line in enumerate(lines, start=1) if line == label and line_no > header.line_no]


def _special_lines(lines: Sequence[str], first: int, dialect: Dialect) -> list[int]:
    """Positions of the lines that hold a quote or an escape: only those need reading character by character."""
    found: set[int] = set()
    for mark in filter(None, (dialect.quote, dialect.escape)):
        found.update(at for at in range(first, len(lines)) if mark in lines[at])
    return sorted(found)


def _plain_lines(lines: Sequence[str], header: Header, apart: set[int]) -> tuple[list[int], list[BrokenRow]]:
    """Line numbers of the rows where every delimiter separates, and the lines that are no rows."""
    body = lines[header.line_no :]
    width = len(header.columns)
    delimiter = header.delimiter
    cells = np.array([line.count(delimiter) + 1 for line in body], dtype=np.int64)
    length = np.array([len(line) for line in body], dtype=np.int64)
    nul = np.array(["\0" in line for line in body], dtype=bool)
    wanted = length > 0
    wanted[[line_no - header.line_no - 1 for line_no in apart]] = False
    good = wanted & (cells == width) & (length <= LONGEST_LINE) & ~nul
    first = header.line_no + 1
    broken = [
        BrokenRow(at + first, _why_broken(body[at], int(cells[at]), width, delimiter))
        for at in np.flatnonzero(wanted & ~good).tolist()
    ]
    return (np.flatnonzero(good) + first).tolist(), broken


def _why_broken(line: str, cells: int, width: int, delimiter: str) -> str:
    if "\0" in line:
        return "the line holds a NUL byte"
    if len(line) > LONGEST_LINE:
        return too_long()
    why = wrong_width(cells, width)
    if cells == width + 1 and line.endswith(delimiter):
        why += ", and ends in a delimiter: it is one too many, or a field that holds one has to be quoted"
    return why


def _names(header: Header) -> list[str]:
    """Column names for the table; a column without a label, or with one of ours, gets one nobody asks for."""
    return [f"?{place}" if name in ("", *RESERVED) else name for place, name in enumerate(header.columns)]


def _read_lines(lines: Sequence[str], numbers: list[int], header: Header, *, quote: str | bool) -> pa.Table:
    """Lines that are known to be one row each, either without quotes or with every value quoted."""
    names = _names(header)
    parts = [pa.schema([*((name, pa.string()) for name in names), ("line_no", pa.int64())]).empty_table()]
    for first in range(0, len(numbers), ROWS_A_PART):
        some = numbers[first : first + ROWS_A_PART]
        table = _read_some([lines[line_no - 1] for line_no in some], names, header.delimiter, quote)
        parts.append(table.append_column("line_no", pa.array(some, pa.int64())))
    return pa.concat_tables(parts)


def _read_some(chosen: list[str], names: list[str], delimiter: str, quote: str | bool) -> pa.Table:
    if len(names) == 1:
        bare = [line[1:-1] for line in chosen] if quote else chosen
        return pa.table({names[0]: pa.array(bare, pa.string())})
    return pacsv.read_csv(
        io.BytesIO("\n".join(chosen).encode()),
        pacsv.ReadOptions(column_names=names, use_threads=False),
        pacsv.ParseOptions(delimiter=delimiter, quote_char=quote, double_quote=False, ignore_empty_lines=False),
        pacsv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
    )


def _row_tables(found: QuotedRows, header: Header) -> Iterator[pa.Table]:
    """Rows that were read field by field; a line within a row that began above begins none."""
    names = _names(header)
    for numbers, columns in found.rows.parts:
        lines = {"line_no": pa.array(numbers, pa.int64())}
        table = pa.table(dict(zip(names, columns, strict=True)) | lines)
        yield _without(table, found.continued) if found.continued else table
