"""Any published file as rows of texts with the line they stand on: text files, workbooks and XML."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import python_calamine
from lxml import etree

from allpresent.intake.rules import RefusedFileError
from allpresent.intake.sniff import Dialect, decode, find_header
from allpresent.intake.splitting import split_rows
from allpresent.intake.staging import read_bytes

WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xls", ".ods", ".xlsb"})
MOST_UNPACKED = 400_000_000  # bytes a workbook may grow to; the largest state's have about a tenth
MOST_ROWS = 4_000_000
HEADER_WITHIN = 30


@dataclass
class Grid:
    """One table of a file: labels in small letters, rows of (line, cells), and what stands above the header."""

    name: str  # file, with the sheet of a workbook
    columns: tuple[str, ...]
    header_line: int
    rows: list[tuple[int, list[str]]]
    above: str = ""
    broken: list[tuple[int, str]] = field(default_factory=list)
    encoding: str = "utf-8"


def read_grids(path: Path, name: str, labels: frozenset[str]) -> Iterator[Grid]:
    """Every table of a file; ``labels`` are words a header may have. Raises RefusedFileError for what is no table."""
    suffix = path.suffix.casefold()
    data = read_bytes(path, name)
    if suffix in WORKBOOKS:
        yield from _workbook(data, name, labels)
    elif suffix == ".xml":
        yield _xml(data, name)
    else:
        yield _text(data, name, labels)


def _text(data: bytes, name: str, labels: frozenset[str]) -> Grid:
    text = decode(data, name)
    dialect = Dialect(preamble_rows=None)
    header = find_header(text.lines, name, dialect, labels)
    rows = split_rows(text.lines, header, dialect, name)
    if rows.table.num_rows > MOST_ROWS:
        raise RefusedFileError(f"{name} has more than {MOST_ROWS:,} rows; deliver one year at a time.")
    numbers = rows.table["line_no"].to_pylist()
    cells = [rows.table.column(at).to_pylist() for at in range(len(header.columns))]
    listed = sorted(zip(numbers, (list(row) for row in zip(*cells, strict=True)), strict=True))
    above = "\n".join(text.lines[: header.line_no - 1])
    broken = [(row.line_no, row.why) for row in rows.broken]
    return Grid(name, header.columns, header.line_no, listed, above, broken, text.encoding)


def _workbook(data: bytes, name: str, labels: frozenset[str]) -> Iterator[Grid]:
    _refuse_bomb(data, name)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = {sheet: book.get_sheet_by_name(sheet).to_python(skip_empty_area=False) for sheet in book.sheet_names}
    except Exception as error:  # the reader raises several kinds of its own for a damaged workbook
        raise RefusedFileError(f"{name} cannot be opened as a workbook; save it again as XLSX or CSV.") from error
    for sheet, rows in sheets.items():
        lines = [[_shown(value) for value in row] for row in rows]
        at = _header_row(lines, labels)
        if at is not None:
            columns = tuple(_label(cell) for cell in lines[at])
            body = [(line, cells) for line, cells in enumerate(lines[at + 1 :], at + 2) if any(cells)]
            above = "\n".join(" ".join(filter(None, row)) for row in lines[:at])
            yield Grid(f"{name} [{sheet}]", columns, at + 1, body, above)


def _refuse_bomb(data: bytes, name: str) -> None:
    """A workbook is a zip file: what it says it grows to is asked before it is opened (rule X02)."""
    if not data.startswith(b"PK"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            grown = sum(entry.file_size for entry in packed.infolist())
    except zipfile.BadZipFile as error:
        raise RefusedFileError(f"{name} is damaged or cut short; save it again.", "X02") from error
    if grown > MOST_UNPACKED:
        raise RefusedFileError(f"{name} grows to more than {MOST_UNPACKED:,} bytes when opened; save it as CSV.", "X02")


def _header_row(lines: list[list[str]], labels: frozenset[str]) -> int | None:
    """The row with most known labels among the first; None when no row has two."""
    scores = [len(labels & {_label(cell) for cell in row}) for row in lines[:HEADER_WITHIN]]
    best = max(scores, default=0)
    return scores.index(best) if best >= 2 else None


def _label(cell: str) -> str:
    return re.sub(r"\s+", " ", cell).strip().casefold()


def _shown(value: object) -> str:
    """A workbook's value as a text: whole numbers without a point, dates year first."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value).strip()


def _xml(data: bytes, name: str) -> Grid:
    """Elements whose children hold text alone are the rows; their children are the columns."""
    if b"<!DOCTYPE" in data:
        raise RefusedFileError(f"{name} declares a document type, which may hide entities; export it without one.")
    try:
        parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        raise RefusedFileError(f"{name} line {line}: the XML is broken; export it again.", line_no=line) from error
    found = [element for element in root.iter("*") if len(element) and all(not len(child) for child in element)]
    tag = max({element.tag for element in found}, key=lambda one: sum(e.tag == one for e in found), default=None)
    rows = [
        (element.sourceline or 0, {_local(child).casefold(): (child.text or "").strip() for child in element})
        for element in found
        if element.tag == tag
    ]
    columns = tuple(dict.fromkeys(label for _line, cells in rows for label in cells))
    return Grid(name, columns, 1, [(line, [cells.get(column, "") for column in columns]) for line, cells in rows])


def _local(element: etree._Element) -> str:
    return str(etree.QName(element).localname)
