"""Any published file as rows of texts with the line they stand on: text files, workbooks and XML."""

import json
import re
import subprocess
import sys
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from lxml import etree

from allpresent.intake.published import sheet_rows
from allpresent.intake.rules import RefusedFileError
from allpresent.intake.sniff import Dialect, decode, find_header, refuse_wide
from allpresent.intake.splitting import split_rows
from allpresent.intake.staging import read_bytes, refuse_large

WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xls", ".ods", ".xlsb"})
MOST_UNPACKED = 400_000_000  # bytes a workbook may grow to; the largest state's have about a tenth
MOST_ROWS = 4_000_000
MOST_CELLS = 10_000_000  # of a workbook
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
    if suffix in WORKBOOKS:
        yield from _workbook(path, name, labels)
    elif suffix == ".xml":
        yield _xml(read_bytes(path, name), name)
    else:
        yield _text(read_bytes(path, name), name, labels)


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


def _workbook(path: Path, name: str, labels: frozenset[str]) -> Iterator[Grid]:
    _refuse_bomb(path, name)
    for sheet, rows in _sheets(path, name):
        at = _header_row([cells for _line, cells in rows], labels)
        if at is not None:
            header_line, header = rows[at]
            columns = tuple(_label(cell) for cell in header)
            refuse_wide(len(columns), name, header_line)
            above = "\n".join(" ".join(filter(None, cells)) for _line, cells in rows[:at])
            yield Grid(f"{name} [{sheet}]", columns, header_line, rows[at + 1 :], above)


def _sheets(path: Path, name: str) -> list[tuple[str, list[tuple[int, list[str]]]]]:
    """The sheets by name with their rows, read in a process of its own: a workbook may end the one that opens it."""
    found: list[tuple[str, list[tuple[int, list[str]]]]] = []
    left = MOST_CELLS
    command = [sys.executable, "-I", sheet_rows.__file__, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as reader:
        for text in cast("IO[bytes]", reader.stdout):
            if not text.endswith(b"\n"):  # it was stopped
                break
            told = json.loads(text)
            if len(told) == 1:
                found.append((told[0], []))
                continue
            line, cells = told
            found[-1][1].append((line, cells))
            left -= len(cells)
            if left < 0:
                reader.kill()
                raise RefusedFileError(f"{name} has more than {MOST_CELLS:,} cells; save the sheet you need as CSV.")
    if reader.returncode:
        raise RefusedFileError(
            f"{name} cannot be opened as a workbook, or has a cell far away from the others; save it again as CSV."
        )
    return found


def _refuse_bomb(path: Path, name: str) -> None:
    """A workbook is a zip file: what it says it grows to is asked, and its sums are held against it (rule X02).

    The reader stops at the end of the last row, before the sum that would tell a changed byte.
    """
    try:
        refuse_large(path, name, MOST_UNPACKED)
        with path.open("rb") as file:
            if file.read(2) != b"PK":
                return
        with zipfile.ZipFile(path) as packed:
            grown = sum(entry.file_size for entry in packed.infolist())
            is_right = grown > MOST_UNPACKED or packed.testzip() is None
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError):
        is_right, grown = False, 0
    if not is_right:
        raise RefusedFileError(f"{name} is damaged or cut short; save it again.", "X02")
    if grown > MOST_UNPACKED:
        raise RefusedFileError(f"{name} grows to more than {MOST_UNPACKED:,} bytes when opened; save it as CSV.", "X02")


def _header_row(lines: list[list[str]], labels: frozenset[str]) -> int | None:
    """The row with most known labels among the first; None when no row has two."""
    scores = [len(labels & {_label(cell) for cell in row}) for row in lines[:HEADER_WITHIN]]
    best = max(scores, default=0)
    return scores.index(best) if best >= 2 else None


def _label(cell: str) -> str:
    return re.sub(r"\s+", " ", cell).strip().casefold()


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
    tag = next((tag for tag, _count in Counter(element.tag for element in found).most_common(1)), None)
    rows = [
        (element.sourceline or 0, {_local(child).casefold(): (child.text or "").strip() for child in element})
        for element in found
        if element.tag == tag
    ]
    columns = tuple(dict.fromkeys(label for _line, cells in rows for label in cells))
    refuse_wide(len(columns), name, 1)
    return Grid(name, columns, 1, [(line, [cells.get(column, "") for column in columns]) for line, cells in rows])


def _local(element: etree._Element) -> str:
    return str(etree.QName(element).localname)
