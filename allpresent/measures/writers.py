"""Measures as files: CSV in which every figure is exact, and Parquet."""

import csv
import io
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from allpresent.measures.explain import ExplainedDay
from allpresent.measures.rates import day_text
from allpresent.measures.sentences import MarkSeen
from allpresent.measures.standings import STANDINGS_COLUMNS

Out = Path | IO[bytes]
EXPLANATION_COLUMNS = (
    "date",
    "school_id",
    "state",
    "portion_absent",
    "rule",
    "explanation",
    "source_file",
    "line_no",
    "delivery_id",
    "marks",
)
# A cell that begins like a formula, behind blanks too, would be run by a spreadsheet; an apostrophe keeps it text.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_BLANKS = " \n\x0b\x0c\x00\u00a0\u200b\u200c\u200d\u2060\u3000\ufeff"


def write_standings(rows: pa.Table, file_format: str, out: Out) -> None:
    """The 19 columns of the command-line contract, as ``csv`` or ``parquet``, to a path or a binary stream.

    Before them ``district``, where the rows of many homes are told apart by it.
    """
    first = [name for name in ("district",) if name in rows.column_names]
    chosen = rows.select([*first, *STANDINGS_COLUMNS])
    if file_format == "parquet":
        sink = pa.BufferOutputStream()
        pq.write_table(chosen, sink)
        _put(sink.getvalue().to_pybytes(), out)
    else:
        write_csv(chosen, out)


def write_groups(rows: pa.Table, out: Out) -> None:
    """Groups as CSV: the columns they were made by, then the figures."""
    write_csv(rows, out)


def write_explanation(days: Iterable[ExplainedDay], out: Out) -> None:
    """One CSV row a day; ``marks`` lists every mark read for the day with its code, file and line."""
    rows = [
        (
            day.date,
            day.school_id,
            day.state,
            "" if day.portion is None else day_text(day.portion),
            day.rule,
            day.sentence,
            day.source_file,
            day.line_no,
            day.delivery_id,
            "; ".join(map(_mark_text, day.marks)),
        )
        for day in days
    ]
    _put(_csv_bytes(EXPLANATION_COLUMNS, rows), out)


def write_csv(table: pa.Table, out: Out) -> None:
    """Header and rows in UTF-8, each ended by a line feed: rates with six decimals, blank for null, ISO dates."""
    columns = [column.to_pylist() for column in table.columns]
    _put(_csv_bytes(table.column_names, zip(*columns, strict=True)), out)


def _csv_bytes(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode()


def _put(content: bytes, out: Out) -> None:
    if isinstance(out, Path):
        out.write_bytes(content)
    else:
        out.write(content)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    is_formula = isinstance(value, str) and text.lstrip(_BLANKS).startswith(_FORMULA_STARTS) and not _is_number(text)
    return f"'{text}" if is_formula else text


def _is_number(text: str) -> bool:
    whole, _, rest = text.removeprefix("-").partition(".")
    return whole.isdigit() and (not rest or rest.isdigit())


def _mark_text(mark: MarkSeen) -> str:
    where = f"{mark.source_file} line {mark.line_no}" if mark.line_no is not None else mark.source_file
    left_out = f" [{mark.why_left_out}]" if mark.why_left_out else ""
    return f"{mark.code or mark.category} {where}".strip() + left_out
