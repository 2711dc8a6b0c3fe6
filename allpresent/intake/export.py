"""Canonical tables and findings as CSV files, safe to open in a spreadsheet (rule X01)."""

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from allpresent import in_memory
from allpresent.intake.attendance_facts import attendance_facts
from allpresent.intake.delivery import Checked
from allpresent.intake.findings import Findings
from allpresent.intake.keep import literal
from allpresent.intake.portions import portion_text
from allpresent.intake.rules import RefusedFileError
from allpresent.intake.secrets import MASK, address_columns, masked, secret_columns
from allpresent.intake.sniff import decode
from allpresent.intake.staging import read_bytes
from allpresent.intake.values import FORMULA
from allpresent.intake.workspace import StagedFile
from allpresent.ledger import TABLES

FINDING_COLUMNS = ("rule", "severity", "file", "line", "field", "value", "message")


def findings_csv(checked: Checked) -> str:
    """The findings as CSV: rule, severity, file, line, field, value, message."""
    return findings_text(checked.findings)


def findings_text(findings: Findings) -> str:
    """The findings as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(FINDING_COLUMNS)
    for found in findings:
        line = "" if found.line is None else str(found.line)
        row = (found.rule, found.severity, found.file, line, found.field, masked(found.value), masked(found.message))
        writer.writerow([disarmed(cell) for cell in row])
    return out.getvalue()


_RISKY = re.compile(f"^({FORMULA}|[\t\r])")


def disarmed(text: str) -> str:
    """A text no spreadsheet takes for a formula."""
    return f"'{text}" if _RISKY.match(text) else text


def export_canonical(checked: Checked, folder: Path) -> list[Path]:
    """Write every canonical table of the delivery below a folder, with what is derived from them; what was written.

    Beside the tables: ``attendance_facts.csv`` and ``quarantine.csv``, and the latter alone of what cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, table in checked.tables.items():
        path = folder / f"{name}.csv"
        _write_table(_as_delivered(name, table), path)
        written.append(path)
    if "attendance" in checked.tables:
        path = folder / "attendance_facts.csv"
        _write_table(attendance_facts(checked.tables, checked.district), path)
        written.append(path)
    for name, table in checked.reports.items():
        path = folder / f"{name}.csv"
        _write_table(table, path)
        written.append(path)
    path = folder / "quarantine.csv"
    _write_quarantine(checked, path)
    return [*written, path]


def _as_delivered(name: str, table: pa.Table) -> pa.Table:
    """The columns of the canonical CSV: no line numbers, and one exact portion."""
    if name not in TABLES:  # published figures stand as they are exported
        return table
    columns = [column for column in TABLES[name].columns if column not in ("line_no", "counted", "delivery_id")]
    if name != "attendance":
        return table.select(columns)
    portion = pa.array(_portions(table), pa.string())
    table = table.append_column("portion_absent", portion)
    order = [column for column in columns if column not in ("portion_num", "portion_den")]
    order.insert(order.index("date") + 1, "portion_absent")
    return table.select(order)


def _portions(table: pa.Table) -> list[str | None]:
    """Portions as decimals where they end, else as n/d."""
    pairs = zip(table["portion_num"].to_pylist(), table["portion_den"].to_pylist(), strict=True)
    known: dict[tuple[int | None, int | None], str | None] = {}
    texts = []
    for pair in pairs:
        if pair not in known:
            known[pair] = portion_text(*pair)
        texts.append(known[pair])
    return texts


def _write_table(table: pa.Table, path: Path) -> None:
    columns = [_safe(column) if pa.types.is_string(column.type) else column for column in table.columns]
    with in_memory.database() as connection:
        connection.register("canonical", pa.table(columns, names=table.column_names))
        connection.execute(f"COPY canonical TO {literal(str(path))} (FORMAT csv, HEADER, DELIMITER ',')").fetchall()


def _safe(column: pa.ChunkedArray) -> pa.ChunkedArray:
    risky = pc.match_substring_regex(pc.fill_null(column, ""), _RISKY.pattern)
    return pc.if_else(risky, pc.binary_join_element_wise("'", column, ""), column)


def _write_quarantine(checked: Checked, path: Path) -> None:
    files = {file.name: file for file in checked.files}
    lines: dict[str, Sequence[str]] = {}
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(("source_file", "line_no", "rule", "severity", "raw"))
        for found in checked.findings:
            if not found.file:  # it speaks of the delivery, not of a row
                continue
            file = files.get(found.file)
            raw = _raw(file, found.line, lines) if file and found.line else ""
            writer.writerow((found.file, found.line or "", found.rule, found.severity, disarmed(raw)))


def _raw(file: StagedFile, line_no: int, lines: dict[str, Sequence[str]]) -> str:
    """The physical line as it stands in the file, secrets hidden."""
    if file.name not in lines:
        lines.clear()  # findings come file by file: one file's lines are enough to keep
        try:
            lines[file.name] = decode(read_bytes(file.path, file.name), file.name, file.encoding).lines
        except RefusedFileError:  # a file that was read line by line, and is no text as a whole
            lines[file.name] = ()
    line = lines[file.name][line_no - 1] if line_no <= len(lines[file.name]) else ""
    return masked(_without_secrets(line, file))


def _without_secrets(line: str, file: StagedFile) -> str:
    """The line with its secrets and addresses hidden; the whole line when it cannot be told which cell is which."""
    if not file.header.line_no:  # JSON and XML: the names stand in the line itself
        names = re.findall(r"[\w.\-]+", line.casefold())
        return MASK if secret_columns(names) or address_columns(names) else line
    hidden = {*file.secrets, *address_columns(file.header.columns)}
    if not hidden:
        return line
    delimiter, quote = file.header.delimiter, file.dialect.quote
    try:
        cells = next(iter(csv.reader([line], delimiter=delimiter, quotechar=quote or '"')), [])
    except csv.Error:  # a cell longer than any that is read
        return MASK
    if len(cells) != len(file.header.columns):
        return MASK
    shown = [MASK if name in hidden and cell else cell for name, cell in zip(file.header.columns, cells, strict=True)]
    return delimiter.join(shown)
