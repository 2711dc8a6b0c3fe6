"""A table written as PowerSchool's Data Export Manager writes it: `TABLE.FIELD` labels, tabs, CR-LF, no quotes."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv

from allpresent.demo.calendar import Dates
from allpresent.demo.schools import Ints

Column = Any  # texts, a NumPy array, or an Arrow array (whose types mypy does not know)
SHORT_DATE_SHARE = 0.07  # of the dates that the office system writes as M/D/YY


def header(table: str, names: Iterable[str]) -> bytes:
    """The line of labels. A field that already names its table, or has words, stays as it is."""
    labels = [name if "." in name or " " in name or not table else f"{table}.{name}" for name in names]
    return ("\t".join(labels) + "\r\n").encode()


def frame(columns: Mapping[str, Column]) -> pa.Table:
    """The columns as one table."""
    return pa.table({name: _array(values) for name, values in columns.items()})


def body(rows: pa.Table) -> bytes:
    """The rows. Raises pyarrow.ArrowInvalid for a value that would need quotes: a tab, a quote or a line break."""
    sink = pa.BufferOutputStream()
    options = pa.csv.WriteOptions(include_header=False, delimiter="\t", quoting_style="none")
    pa.csv.write_csv(rows, sink, options)
    return bytes(sink.getvalue().to_pybytes().replace(b"\n", b"\r\n"))


def _array(values: Column) -> pa.Array:
    return values if isinstance(values, pa.Array) else pa.array(values)


def write(path: Path, table: str, columns: Mapping[str, Column]) -> None:
    """One file, header and rows."""
    path.write_bytes(header(table, columns) + body(frame(columns)))


def text_of(values: Sequence[str], place: Ints) -> pa.Array:
    """``values`` looked up by position, without making a Python object a row."""
    looked_up = pa.DictionaryArray.from_arrays(pa.array(place.astype(np.int32)), pa.array(values, pa.string()))
    return looked_up.cast(pa.string())


def us_dates(rng: np.random.Generator, dates: Dates) -> pa.Array:
    """Dates as MM/DD/YYYY, some of them as M/D/YY."""
    days, place = np.unique(dates, return_inverse=True)
    parts = [text.split("-") for text in days.astype(str).tolist()]
    long = [f"{month}/{day}/{year}" for year, month, day in parts]
    short = [f"{int(month)}/{int(day)}/{year[2:]}" for year, month, day in parts]
    is_short = rng.random(len(place)) < SHORT_DATE_SHARE
    return text_of(long + short, place + len(days) * is_short)


def constant(value: str, count: int) -> pa.Array:
    """The same text in every row."""
    return text_of([value], np.zeros(count, dtype=np.int64))
