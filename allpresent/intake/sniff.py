"""What a delivered file is made of: its encoding, delimiter and header, decided once over the whole file and said.

Text is decoded strictly: UTF-8, or Windows-1252 with a warning; a byte is never replaced. Line ends of every kind
become one, so that a physical line is what an editor shows.
"""

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from allpresent.intake.rules import RefusedFileError

DELIMITERS = ("\t", ",", ";", "|", "^", "~")
_NAMES = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar", "^": "caret", "~": "tilde"}
_MARKS = (("utf-8-sig", b"\xef\xbb\xbf"), ("utf-16", b"\xff\xfe"), ("utf-16", b"\xfe\xff"))
_NOT_TEXT = (
    (b"PK\x03\x04", "a spreadsheet or a zip file"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet"),
    (b"%PDF", "a PDF"),
    (b"PAR1", "a Parquet file"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\x89PNG", "a picture"),
    (b"SQLite format", "a database"),
)
LONGEST_HEADER = 100_000  # characters; the labels of a longer line are not quoted, or it is no header
MOST_COLUMNS = 2_000  # the widest table an information system writes has a few hundred
PIECE = 1 << 22  # bytes decoded at a time: an odd letter widens its own line in memory, and not the whole file
HEADER_WITHIN = 20  # lines searched for the header when the mapping lets a preamble stand before it


@dataclass(frozen=True)
class Dialect:
    """How a file is written; ``auto`` and None are decided on reading."""

    delimiter: str = "auto"
    quote: str | None = '"'
    escape: str | None = None
    encoding: str = "auto"
    blanks: tuple[str, ...] = ("",)
    strips_table_prefix: bool = False
    preamble_rows: int | None = 0  # None = look for the header


@dataclass
class Text:
    """A decoded file: its physical lines, and what was decided on the way."""

    lines: list[str]
    encoding: str
    not_utf8_line: int | None = None  # first line that is not UTF-8, where that was expected

    @property
    def is_ended(self) -> bool:
        """Whether the last line has its line end; a file that was cut short mostly has none."""
        return not self.lines[-1]

    @property
    def last_line_no(self) -> int:
        """Number of the last line that says something."""
        return next((at for at in range(len(self.lines), 0, -1) if self.lines[at - 1]), 0)


@dataclass(frozen=True)
class Header:
    """The column names as the checks know them, in order; '' for a column without a name."""

    columns: tuple[str, ...]
    line_no: int
    delimiter: str
    tables: frozenset[str] = field(default=frozenset())  # the TABLE of every TABLE.FIELD name, case folded

    @property
    def delimiter_name(self) -> str:
        """The delimiter in words."""
        return _NAMES.get(self.delimiter, self.delimiter)


def decode(data: bytes, name: str, encoding: str = "auto") -> Text:
    """The file's text. Raises RefusedFileError for what is no text, or not in the encoding the mapping names."""
    if not data or data.isspace():
        raise RefusedFileError(f"{name} is empty; export it again, or leave it out if it is optional.")
    for magic, what in _NOT_TEXT:
        if data.startswith(magic):
            raise RefusedFileError(f"{name} is {what}, not text; export it as CSV or tab-delimited text.")
    marked = next((codec for codec, mark in _MARKS if data.startswith(mark)), None)
    # UTF-16 has a NUL in every other byte at most, UTF-32 in three of four; other text has none.
    if data.count(b"\0") * 20 > len(data) * (12 if marked == "utf-16" else 1):
        raise RefusedFileError(f"{name} holds binary data, not text; export it as CSV or tab-delimited text.")
    if encoding != "auto" or marked:
        return Text(_decoded(data, name, marked or encoding), marked or encoding)
    try:
        return Text(_lines(data, "utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        not_utf8 = error.with_traceback(None)  # which would keep the lines read so far
    _refuse_cut_letter(data, name, not_utf8)
    return Text(_decoded(data, name, "cp1252"), "cp1252", _line_of(data, not_utf8.start))


def _lines(data: bytes, encoding: str) -> list[str]:
    """The lines of the text, line ends of every kind taken off. Raises UnicodeDecodeError, and LookupError."""
    b" ".decode(encoding, "ignore")  # an encoding that is none, or none of text
    if codecs.lookup(encoding).name == "utf-16" and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16-le"
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(), translate=True)
    lines: list[str] = []
    begun: list[str] = []
    for end in range(PIECE, len(data) + PIECE, PIECE):
        try:
            first, *rest = decoder.decode(data[end - PIECE : end], final=end >= len(data)).split("\n")
        except UnicodeDecodeError as error:
            shift = min(end, len(data)) - len(error.object)
            raise UnicodeDecodeError(
                error.encoding, data, error.start + shift, error.end + shift, error.reason
            ) from None
        except UnicodeError as error:  # of a codec that wants a mark first
            raise UnicodeDecodeError(encoding, data, 0, 1, str(error)) from error
        begun.append(first)
        if rest:
            lines += ["".join(begun), *rest[:-1]]
            begun = rest[-1:]
    return [*lines, "".join(begun)]


def _refuse_cut_letter(data: bytes, name: str, error: UnicodeDecodeError) -> None:
    """A file of UTF-8 letters that ends within one was cut short; Windows-1252 would spoil all the others."""
    if error.reason == "unexpected end of data" and not data[: error.start].isascii():
        line = _line_of(data, error.start)
        message = f"{name} line {line}: the file ends within a letter, so it was cut short; deliver it again."
        raise RefusedFileError(message, line_no=line) from error


def _decoded(data: bytes, name: str, encoding: str) -> list[str]:
    try:
        return _lines(data, encoding)
    except UnicodeDecodeError as error:
        line = _line_of(data, error.start)
        message = f"{name} line {line}: a byte is not {encoding}; export the file as UTF-8."
        raise RefusedFileError(message, line_no=line) from error
    except LookupError as error:
        message = f"{name}: the encoding {encoding!r} of the mapping is unknown; write utf-8 or cp1252."
        raise RefusedFileError(message) from error


def _line_of(data: bytes, position: int) -> int:
    ends = sum(data.count(end, 0, position) for end in (b"\n", b"\r"))
    return ends - data.count(b"\r\n", 0, position) + 1


class NoHeaderError(RefusedFileError):
    """No line of a file has a label that is looked for."""


def find_header(lines: Sequence[str], name: str, dialect: Dialect, wanted: Collection[str]) -> Header:
    """The header line with normal column names. ``wanted`` are columns a header must have at least one of.

    Raises RefusedFileError naming rule Q01 when the first line is data, when two columns fall together, or when there
    are more than any table has.
    """
    first = dialect.preamble_rows or 0
    last = first + 1 if dialect.preamble_rows is not None else HEADER_WITHIN
    best: Header | None = None
    for at, line in enumerate(lines[first:last], start=first + 1):
        header = _read_header(line, at, dialect)
        if len(set(wanted) & set(header.columns)) > len(set(wanted) & set(best.columns) if best else ()):
            best = header
    if best is None:
        shown = ", ".join(cell for cell in _cells(lines[first] if lines[first:] else "", dialect)[:4])
        raise NoHeaderError(
            f"{name} line {first + 1}: no header; the line reads {shown[:60]!r}. "
            f"Export the file with column labels such as {', '.join(list(wanted)[:4])}.",
            "Q01",
            first + 1,
        )
    refuse_wide(len(best.columns), name, best.line_no)
    _refuse_collisions(best, name)
    return best


def refuse_wide(columns: int, name: str, line_no: int) -> None:
    """Raise RefusedFileError for a header of more columns than any table has: each costs, asked for or not."""
    if columns > MOST_COLUMNS:
        message = f"{name} line {line_no}: the header has {columns:,} columns; export at most {MOST_COLUMNS:,}."
        raise RefusedFileError(message, "Q01", line_no)


def _read_header(line: str, line_no: int, dialect: Dialect) -> Header:
    cells = _cells(line, dialect)
    prefixes: frozenset[str] = frozenset()
    if dialect.strips_table_prefix:
        prefixes = frozenset(cell.rsplit(".", 1)[0].casefold() for cell in cells if "." in cell)
    columns = tuple(column_name(cell, strips_prefix=dialect.strips_table_prefix) for cell in cells)
    while columns and not columns[-1]:
        columns = columns[:-1] if len(columns) > 1 else ()
    # Empty trailing header cells have empty cells below them: the columns stay, without a name.
    columns += ("",) * (len(cells) - len(columns))
    return Header(columns, line_no, _delimiter(line, dialect), prefixes)


def column_name(cell: str, *, strips_prefix: bool) -> str:
    """A column label in the one form everything compares: trimmed, case folded, its TABLE. prefix gone if asked."""
    name = cell.strip().strip("\"'").strip()
    if strips_prefix:
        name = re.sub(r"^\[\d+\]", "", name).rsplit(".", 1)[-1]
    return name.strip().casefold()


def _delimiter(line: str, dialect: Dialect) -> str:
    if dialect.delimiter != "auto":
        return dialect.delimiter
    plain = re.sub(r'"[^"]*"', "", line)
    best = max(DELIMITERS, key=plain.count)
    return best if best in plain else ","


def _cells(line: str, dialect: Dialect) -> list[str]:
    delimiter = _delimiter(line, dialect)
    if dialect.quote and dialect.quote in line and len(line) <= LONGEST_HEADER:
        return next(iter(csv.reader([line], delimiter=delimiter, quotechar=dialect.quote)), [])
    return line.split(delimiter)


def _refuse_collisions(header: Header, name: str) -> None:
    repeated = _repeated(column for column in header.columns if column)
    if repeated:
        raise RefusedFileError(
            f"{name} line {header.line_no}: the column {repeated!r} stands there twice (labels are compared without "
            "their table and in small letters); export it once.",
            "Q01",
            header.line_no,
        )


def _repeated(columns: Iterable[str]) -> str | None:
    seen: set[str] = set()
    for column in columns:
        if column in seen:
            return column
        seen.add(column)
    return None
