"""Tables of measures as files: CSV whose every figure is exact, and Parquet."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

# A cell that begins like a formula would be run by a spreadsheet; an apostrophe keeps it text.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_csv(table: pa.Table, out: IO[str], columns: list[str] | None = None) -> None:
    """Header and rows, ending in a line feed each: rates with six decimals, blank for null, ISO dates.

    Text that a spreadsheet would take for a formula gets an apostrophe in front (rule X01). ``columns`` picks and
    orders what is written.
    """
    chosen = table if columns is None else table.select(columns)
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(chosen.column_names)
    for batch in chosen.to_batches(max_chunksize=4096):
        texts = [[_cell(value) for value in column.to_pylist()] for column in batch.columns]
        writer.writerows(zip(*texts, strict=True))


def write_parquet(table: pa.Table, path: Path, columns: list[str] | None = None) -> None:
    """The same columns with their types: flags and days as integers, rates as exact decimals."""
    pq.write_table(table if columns is None else table.select(columns), path)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    is_formula = isinstance(value, str) and text.startswith(_FORMULA_STARTS) and not _is_number(text)
    return f"'{text}" if is_formula else text


def _is_number(text: str) -> bool:
    whole, _, rest = text.lstrip("-").partition(".")
    return whole.isdigit() and (not rest or rest.isdigit())
