"""Lines of a delimited file into rows, with the physical line each row begins on.

A quote that is never closed makes a lenient reader swallow the rest of the file into one field. Here a row ends at
its own line unless a closed quoted field says otherwise, and whatever is no row of the table is set aside with its
line: nothing is repaired.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from allpresent.intake.sniff import Dialect, Header

MOST_LINES_A_ROW = 200  # a quoted comment is shorter; a quote that is never closed is not
LONGEST_LINE = 100_000  # characters
# ="0930011": how an export keeps a spreadsheet from eating zeros; its quotes are no quoting.
_KEPT_TEXT = re.compile(r'="[^"]*"')
BARE_QUOTE = "a quotation mark stands where none may"


@dataclass(frozen=True)
class BrokenRow:
    """A line that is no row of the table, and why."""

    line_no: int
    why: str

    @property
    def is_bare_quote(self) -> bool:
        """Whether a quotation mark puts the rows around it in doubt."""
        return self.why.startswith(BARE_QUOTE)


@dataclass
class Rows:
    """The rows of a file: one text column a label, and ``line_no``."""

    table: pa.Table
    broken: list[BrokenRow]


def split_rows(lines: Sequence[str], header: Header, dialect: Dialect) -> Rows:
    """All rows below the header; blank lines are no rows."""
    special = _special_lines(lines, header.line_no, dialect)
    quoted = _QuotedRows(lines, header, dialect)
    rows = list(quoted.read(special))
    apart = {at + 1 for at in special} | quoted.continued
    plain_at, broken = _plain_lines(lines, header, apart)
    plain = [lines[line_no - 1] for line_no in plain_at]
    table = pa.concat_tables([_plain_table(plain, plain_at, header), _row_table(rows, header)])
    return Rows(table, sorted([*broken, *quoted.broken], key=lambda row: row.line_no))


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
        BrokenRow(at + first, _why_broken(body[at], int(cells[at]), width))
        for at in np.flatnonzero(wanted & ~good).tolist()
    ]
    return (np.flatnonzero(good) + first).tolist(), broken


def _why_broken(line: str, cells: int, width: int) -> str:
    if "\0" in line:
        return "the line holds a NUL byte"
    if len(line) > LONGEST_LINE:
        return f"the line is longer than {LONGEST_LINE:,} characters"
    return f"the line has {cells} fields where the header has {width}"


def _names(header: Header) -> list[str]:
    """Column names for the table; a column without a label gets one nobody asks for."""
    return [name or f"?{place}" for place, name in enumerate(header.columns)]


def _plain_table(plain: list[str], at: list[int], header: Header) -> pa.Table:
    """Lines without quotes: every delimiter separates."""
    names = _names(header)
    if not plain:
        table = pa.schema([(name, pa.string()) for name in names]).empty_table()
    elif len(names) == 1:
        table = pa.table({names[0]: pa.array(plain, pa.string())})
    else:
        table = pacsv.read_csv(
            io.BytesIO("\n".join(plain).encode()),
            pacsv.ReadOptions(column_names=names, use_threads=False),
            pacsv.ParseOptions(
                delimiter=header.delimiter, quote_char=False, double_quote=False, ignore_empty_lines=False
            ),
            pacsv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False),
        )
    return table.append_column("line_no", pa.array(at, pa.int64()))


def _row_table(rows: list[tuple[int, list[str]]], header: Header) -> pa.Table:
    """Rows that were read field by field."""
    names = _names(header)
    columns = list(zip(*(cells for _, cells in rows), strict=True)) if rows else [()] * len(names)
    arrays = {name: pa.array(column, pa.string()) for name, column in zip(names, columns, strict=True)}
    return pa.table(arrays | {"line_no": pa.array([line_no for line_no, _ in rows], pa.int64())})


class _QuotedRows:
    """Reads the rows that hold quotes, one by one, each from the line it begins on."""

    def __init__(self, lines: Sequence[str], header: Header, dialect: Dialect) -> None:
        self.lines = lines
        self.header = header
        self.dialect = dialect
        self.broken: list[BrokenRow] = []
        self.continued: set[int] = set()  # line numbers that belong to a row begun above

    def read(self, special: list[int]) -> Iterator[tuple[int, list[str]]]:
        """(line number, cells) of each good row that begins on one of the given positions."""
        for at in special:
            if at + 1 in self.continued:
                continue
            cells, used, why = self._read_one(at)
            if why is None and len(cells) != len(self.header.columns):
                why = _why_broken("", len(cells), len(self.header.columns))
            if why is not None:
                self.broken.append(BrokenRow(at + 1, why))
                continue
            self.continued.update(range(at + 2, at + 1 + used))
            yield at + 1, cells

    def _read_one(self, at: int) -> tuple[list[str], int, str | None]:
        """The cells of the row at a position, how many lines it takes, and why it is no row if it is none."""
        reader = csv.reader(
            self._from(at),
            delimiter=self.header.delimiter,
            quotechar=self.dialect.quote or None,
            quoting=csv.QUOTE_MINIMAL if self.dialect.quote else csv.QUOTE_NONE,
            escapechar=self.dialect.escape,
            doublequote=self.dialect.escape is None,
            strict=True,
        )
        try:
            cells = next(reader)
        except csv.Error:
            return [], 1, f"{BARE_QUOTE}: the line is not closed by it, or goes on behind it"
        used = reader.line_num
        taken = self.lines[at : at + used]
        if any("\0" in line for line in taken):
            return [], 1, _why_broken("\0", 0, 0)
        if any(self._is_bare(cell, "\n".join(taken)) for cell in cells):
            return [], 1, f"{BARE_QUOTE}: a field that holds one has to be quoted"
        if used > 1 and self._looks_like_rows(taken):
            return [], 1, f"{BARE_QUOTE}: it is not closed before the rows below begin"
        return cells, used, None

    def _from(self, at: int) -> Iterator[str]:
        for line in self.lines[at : at + MOST_LINES_A_ROW]:
            yield line + "\n"

    def _is_bare(self, cell: str, raw: str) -> bool:
        """Whether a quotation mark in a cell was written without the quotes a field with one needs."""
        quote = self.dialect.quote
        if not quote or quote not in cell or self.dialect.escape:
            return False
        if _KEPT_TEXT.fullmatch(cell):
            return False
        return quote + cell.replace(quote, quote * 2) + quote not in raw

    def _looks_like_rows(self, taken: Sequence[str]) -> bool:
        """Whether every line swallowed by one field has the delimiters of a whole row."""
        delimiters = len(self.header.columns) - 1
        return delimiters > 1 and all(line.count(self.header.delimiter) >= delimiters for line in taken)
