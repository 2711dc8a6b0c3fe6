"""Rows of lines that hold quotation marks or escapes, read strictly and each from the line it begins on.

Most such lines are whole rows and are read in one sweep; what is not goes through the careful reader, which lets a
row reach over line breaks only when its quotes say so.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from allpresent.intake.rules import RefusedFileError
from allpresent.intake.sniff import Dialect, Header

MOST_LINES_A_ROW = 200  # a quoted comment is shorter; a quote that is never closed is not
ROWS_A_PART = 65_536  # rows whose fields are held one by one
LONGEST_LINE = 100_000  # characters; no field of a table needs as many
MOST_BARE_QUOTES = 1_000  # beyond them the file is not quoted the way it seems, and no row can be trusted
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


def too_long() -> str:
    """Why a line without end is no row."""
    return f"the line is longer than {LONGEST_LINE:,} characters"


def wrong_width(cells: int, width: int) -> str:
    """Why a line with so many fields is no row."""
    return f"the line has {cells} fields where the header has {width}"


@dataclass
class ReadRows:
    """Rows that were read field by field, by line number; many are put into columns, which take far less memory."""

    parts: list[tuple[list[int], list[pa.Array]]] = field(default_factory=list)  # lines, and a column a field
    loose: dict[int, list[str]] = field(default_factory=dict)

    def add(self, line_no: int, cells: list[str]) -> None:
        """One more row; no line comes twice."""
        self.loose[line_no] = cells
        if len(self.loose) >= ROWS_A_PART:
            self.put_away()

    def put_away(self) -> None:
        """Put the rows that are still loose into columns."""
        if self.loose:
            columns = [pa.array(column, pa.string()) for column in zip(*self.loose.values(), strict=True)]
            self.parts.append((list(self.loose), columns))
            self.loose = {}


@dataclass
class QuotedRows:
    """What became of the lines that hold quotes; everything by line number."""

    whole: list[int] = field(default_factory=list)  # every value quoted, no quote inside: one split tells the cells
    rows: ReadRows = field(default_factory=ReadRows)
    broken: list[BrokenRow] = field(default_factory=list)
    continued: set[int] = field(default_factory=set)  # lines that belong to a row begun above


class QuoteReader:
    """Reads the given lines of one file."""

    def __init__(self, lines: Sequence[str], header: Header, dialect: Dialect, name: str) -> None:
        self.lines = lines
        self.width = len(header.columns)
        self.delimiter = header.delimiter
        self.quote = dialect.quote or ""
        self.escape = dialect.escape
        self.name = name
        self.read_as: dict[str, Any] = {
            "delimiter": header.delimiter,
            "quotechar": dialect.quote,
            "quoting": csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
            "escapechar": dialect.escape,
            "doublequote": dialect.escape is None,
            "strict": True,
        }

    def read(self, special: list[int]) -> QuotedRows:
        """Sort out the lines at these positions. Raises RefusedFileError when no row can be trusted."""
        found = QuotedRows()
        rest = special
        if self.quote and not self.escape:
            found.whole = [at + 1 for at in special if self._is_whole(self.lines[at])]
            whole = set(found.whole)
            rest = self._sweep([at for at in special if at + 1 not in whole], found)
        for at in rest:
            if at + 1 not in found.continued:
                self._read_carefully(at, found)
        found.whole = [line_no for line_no in found.whole if line_no not in found.continued]
        found.rows.put_away()
        return found

    def _is_whole(self, line: str) -> bool:
        """Whether every value is quoted and none holds a quote: then all quotes stand around delimiters or ends."""
        quote, inside = self.quote, line[1:-1]
        return (
            1 < len(line) <= LONGEST_LINE
            and line.startswith(quote)
            and line.endswith(quote)
            and inside.count(quote) == 2 * (self.width - 1)
            and inside.count(quote + self.delimiter + quote) == self.width - 1
            and "\0" not in line
        )

    def _sweep(self, places: list[int], found: QuotedRows) -> list[int]:
        """Read lines whose quotes pair up in one pass; returns the positions left for the careful reader."""
        paired = [at for at in places if self._is_closed(at) and len(self.lines[at]) <= LONGEST_LINE]
        left = sorted(set(places) - set(paired))
        reader = csv.reader((self.lines[at] for at in paired), **self.read_as)
        done = 0
        while done < len(paired):
            try:
                cells = next(reader)
            except (csv.Error, StopIteration):
                cells = []
            used = paired[done : reader.line_num] or [paired[done]]
            line = self.lines[used[0]]
            if len(used) > 1 or len(cells) != self.width or self.quote in "".join(cells) or "\0" in line:
                left.extend(used)
            else:
                found.rows.add(used[0] + 1, cells)
            done = max(reader.line_num, done + 1)
        return sorted(left)

    def _is_closed(self, at: int) -> bool:
        """Whether the quotes of a line pair up, so that no field of it can reach into the lines below."""
        return not self.quote or self.lines[at].count(self.quote) % 2 == 0

    def _read_carefully(self, at: int, found: QuotedRows) -> None:
        cells, used, why = self._read_one(at)
        if why is None and len(cells) != self.width:
            why = wrong_width(len(cells), self.width)
        if why is not None:
            found.broken.append(BrokenRow(at + 1, why))
            self._refuse_hopeless(found.broken)
            return
        found.continued.update(range(at + 2, at + 1 + used))
        found.rows.add(at + 1, cells)

    def _refuse_hopeless(self, broken: list[BrokenRow]) -> None:
        if len(broken) > MOST_BARE_QUOTES and all(row.is_bare_quote for row in broken):
            raise RefusedFileError(
                f"{self.name} line {broken[0].line_no}: {BARE_QUOTE}, and so it does on {MOST_BARE_QUOTES:,} lines "
                "more; export with quotes around every value, or write quote: null in the mapping.",
                line_no=broken[0].line_no,
            )

    def _read_one(self, at: int) -> tuple[list[str], int, str | None]:
        """The cells of the row at a position, how many lines it takes, and why it is no row if it is none."""
        if len(self.lines[at]) > LONGEST_LINE and self._is_closed(at):
            return [], 1, too_long()
        reader = csv.reader(self._from(at), **self.read_as)
        try:
            cells = next(reader)
        except csv.Error:
            return [], 1, f"{BARE_QUOTE}: the line is not closed by it, or goes on behind it"
        used = reader.line_num
        taken = self.lines[at : at + used]
        if any("\0" in line for line in taken):
            return [], 1, "the line holds a NUL byte"
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
        if not self.quote or self.quote not in cell or self.escape or _KEPT_TEXT.fullmatch(cell):
            return False
        return self.quote + cell.replace(self.quote, self.quote * 2) + self.quote not in raw

    def _looks_like_rows(self, taken: Sequence[str]) -> bool:
        """Whether every line swallowed by one field has the delimiters of a whole row."""
        return self.width > 2 and all(line.count(self.delimiter) >= self.width - 1 for line in taken)
