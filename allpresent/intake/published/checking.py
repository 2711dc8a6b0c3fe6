"""Published files checked: each recognised by its labels, every row accounted for, nothing filled in."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from allpresent.intake.accounting import FileCount
from allpresent.intake.finding_files import delivered_files
from allpresent.intake.findings import ERROR, WARNING, Findings
from allpresent.intake.published.grids import WORKBOOKS, Grid, read_grids
from allpresent.intake.published.layouts import Layout, fitting, load_layout, shipped_layouts
from allpresent.intake.published.metadata import is_metadata, read_filters
from allpresent.intake.published.reading import Fault, Reading, read_grid
from allpresent.intake.published.tables import CELLS, PUBLISHED_TABLES
from allpresent.intake.rules import RefusedFileError
from allpresent.intake.sniff import NoHeaderError

_FINDING = {
    **{name: pa.string() for name in ("rule", "severity", "file")},
    "line": pa.int64(),
    **{name: pa.string() for name in ("field", "value", "message")},
}
# What an export of this program holds beside the figures.
_WRITTEN_ONLY = frozenset({"quarantine.csv", "findings.csv"})
_READ = frozenset({".csv", ".txt", ".tsv", ".xml"}) | WORKBOOKS


@dataclass
class PublishedCheck:
    """What a folder of published files gave."""

    own: str = ""  # the name of the district's own layout
    tables: dict[str, pa.Table] = field(default_factory=dict)
    counts: list[FileCount] = field(default_factory=list)
    faults: list[tuple[str, Fault]] = field(default_factory=list)
    why_held: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    decided: list[str] = field(default_factory=list)
    seen: dict[tuple[object, ...], tuple[str, int, tuple[object, ...]]] = field(default_factory=dict)  # of every cell

    def findings(self) -> Findings:
        """What was found, in order of file and line."""
        ordered = sorted(self.faults, key=lambda one: (one[0], one[1].line, one[1].rule, one[1].field))
        columns: dict[str, list[Any]] = {name: [] for name in _FINDING}
        for name, fault in ordered:
            told = {"file": name, "line": fault.line or None}
            for column, values in columns.items():
                values.append(told[column] if column in told else getattr(fault, column))
        return Findings(pa.table(columns, schema=pa.schema(list(_FINDING.items()))))

    def refuse(self, name: str, error: RefusedFileError) -> None:
        """Note a file that cannot be read."""
        self.refused.append(str(error))
        self.faults.append((name, Fault(error.line_no or 0, error.rule, ERROR, "", "", str(error))))


def check_published(folder: Path, layout: Path | None, error_pct: int) -> PublishedCheck:
    """Read every file of a folder; ``layout`` is a file of the district's own, tried before those shipped.

    A delivery with more than ``error_pct`` percent refused rows in a file is held. Raises IntakeError for a layout
    that cannot be used.
    """
    layouts = dict(shipped_layouts())
    if layout is not None:
        layouts |= {layout.stem: load_layout(layout)}
    check = PublishedCheck(own=layout.stem if layout else "")
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in PUBLISHED_TABLES}
    files = [path for path in delivered_files(folder) if path.name.casefold() not in _WRITTEN_ONLY]
    base = folder if folder.is_dir() else folder.parent
    for path in files:
        name = path.relative_to(base).as_posix()
        if path.suffix.casefold() not in _READ:
            fault = Fault(0, "R01", WARNING, "", "", f"{name} is no file this source reads; it was left aside.")
            check.faults.append((name, fault))
            continue
        if is_metadata(path, layouts):
            continue  # it is read with its data file
        try:
            _read_file(check, path, name, layouts, rows, error_pct)
        except RefusedFileError as error:
            check.refuse(name, error)
    if not check.counts and not check.refused:
        sentence = f"{folder.name} holds no CSV, text, workbook or XML file of figures that are known; add one."
        check.refuse("", RefusedFileError(sentence, "Q01"))
    check.tables = {name: pa.Table.from_pylist(found, schema=PUBLISHED_TABLES[name]) for name, found in rows.items()}
    return check


def _read_file(
    check: PublishedCheck,
    path: Path,
    name: str,
    layouts: Mapping[str, Layout],
    rows: dict[str, list[dict[str, Any]]],
    error_pct: int,
) -> None:
    labels = frozenset(
        label for layout in layouts.values() for one in layout.needs for label in one.casefold().split("|")
    )
    used = 0
    for grid in _grids(path, name, labels):
        fits = fitting(set(grid.columns), layouts, check.own)
        if fits is None:
            continue
        used += 1
        layout = layouts[fits]
        filters, how = read_filters(path, name, layout, grid)
        reading = read_grid(grid, layout, filters)
        check.decided.append(f"{grid.name}: {layout.title} ({fits}), {grid.encoding}, {len(grid.rows):,} rows")
        check.decided += [how] if how else []
        _told_twice(check, name, layout, reading)
        for row in reading.rows:
            row["source_file"] = name
        rows[layout.fills] += reading.rows
        check.faults += [(name, fault) for fault in reading.faults]
        _account(check, grid, layout, reading, error_pct)
    if not used and path.suffix.casefold() == ".txt":  # words about the data, mostly
        message = f"{name} has no column of a publication this program knows; it was left aside."
        check.faults.append((name, Fault(0, "R01", WARNING, "", "", message)))
    elif not used:
        known = ", ".join(sorted(layouts))
        raise RefusedFileError(
            f"{name} has the columns of no publication this program knows ({known}); write a layout for it, or take it "
            "out of the delivery.",
            "Q01",
            1,
        )


def _grids(path: Path, name: str, labels: frozenset[str]) -> Iterator[Grid]:
    """The tables of a file; none where no line has a label of a publication."""
    with suppress(NoHeaderError):
        yield from read_grids(path, name, labels)


def _told_twice(check: PublishedCheck, name: str, layout: Layout, reading: Reading) -> None:
    """Say which rows give other figures for what an earlier row of the delivery was about: that one is shown."""
    about = CELLS[layout.fills]
    for line, row in zip(reading.lines, reading.rows, strict=True):
        figures = tuple(value for column, value in row.items() if column not in (*about, "geo_name"))
        first = check.seen.setdefault((layout.fills, *(row[column] for column in about)), (name, line, figures))
        if first[2] != figures:
            where = f"line {first[1]}" if first[0] == name else f"{first[0]} line {first[1]}"
            message = (
                f"{where} gives other figures for the same place, group and time, and is the one that is shown; "
                "deliver one of them, or keep one kind of row in a layout."
            )
            check.faults.append((name, Fault(line, "P02", WARNING, "", "", message)))


def _account(check: PublishedCheck, grid: Grid, layout: Layout, reading: Reading, error_pct: int) -> None:
    """Rule R01: rows read = good + refused + repeated + left out; too many refused rows hold the delivery (Q02)."""
    read = len(grid.rows) + len(grid.broken)
    shares = (reading.good, reading.errors, reading.duplicates, reading.left_out)
    if sum(shares) != read:
        raise AssertionError(f"R01: {grid.name} has {read} rows and {sum(shares)} are accounted for")
    check.counts.append(FileCount(grid.name, layout.fills, read, *shares, 0))
    if read and reading.left_out == read:
        kept = "; ".join(f"{column.split('|')[0]}: {', '.join(some)}" for column, some in layout.keep.items())
        check.why_held.append(
            f"{grid.name}: none of its {read:,} rows is about what {layout.title} is read for ({kept}), so it shows "
            "nothing; deliver the right file."
        )
    if reading.errors * 100 > error_pct * read:
        check.why_held.append(
            f"{grid.name}: {reading.errors:,} of {read:,} rows are refused; correct the lines listed, or the layout."
        )
