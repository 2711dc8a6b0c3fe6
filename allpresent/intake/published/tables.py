"""The two tables of published figures, and where a home keeps them: beside the delivery that brought them."""

import os
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

_TEXT, _COUNT, _FLAG = pa.string(), pa.int64(), pa.int8()
_AGGREGATES = {
    **dict.fromkeys(("source_file", "year", "geo_level", "geo_id", "geo_name", "dim", "value", "grade"), _TEXT),
    "n_students": _COUNT,
    "n_chronic": _COUNT,
    "n_days_member": _TEXT,
    "rate_pct": _TEXT,
    # A suppressed cell has no number, a flag of 1, and in its ``_mark`` column the mark as it was printed:
    # count_mark is that of n_chronic, students_mark of n_students, days_mark of n_days_member.
    "count_suppressed": _FLAG,
    "rate_suppressed": _FLAG,
    **dict.fromkeys(("count_mark", "students_mark", "days_mark", "rate_mark"), _TEXT),
}
_TOTALS = {
    "source_file": _TEXT,
    "date": pa.date32(),
    "school_id": _TEXT,
    "attendance_pct": _TEXT,
    "attendance_mark": _TEXT,
}
PUBLISHED_TABLES: dict[str, pa.Schema] = {
    "aggregates": pa.schema(list(_AGGREGATES.items())),
    "school_day_totals": pa.schema(list(_TOTALS.items())),
}
_FOLDER = "published"


def write_published(delivery: Path, tables: dict[str, pa.Table]) -> None:
    """Keep the tables in a delivery's folder, whole or not at all."""
    target, temporary = delivery / _FOLDER, delivery / f".{_FOLDER}"
    if target.exists():
        return
    temporary.mkdir(exist_ok=True)
    for name, table in tables.items():
        with (temporary / f"{name}.parquet").open("wb") as out:
            pq.write_table(table, out)
            out.flush()
            os.fsync(out.fileno())
    os.replace(temporary, target)


def read_published(deliveries: Iterable[Path]) -> dict[str, pa.Table]:
    """The tables of several deliveries, the newest first; a later figure of the same cell hides the earlier one."""
    found = {name: [schema.empty_table()] for name, schema in PUBLISHED_TABLES.items()}
    for folder in deliveries:
        for name, parts in found.items():
            path = folder / _FOLDER / f"{name}.parquet"
            if path.exists():
                parts.append(pq.read_table(path))
    # A delivery kept before a column was added has nothing there.
    joined = {name: pa.concat_tables(parts, promote_options="default") for name, parts in found.items()}
    return {name: _newest_of_each(table, name) for name, table in joined.items()}


# What a figure is about; two rows that agree in it cannot both be shown.
CELLS = {
    "aggregates": ("year", "geo_level", "geo_id", "dim", "value", "grade"),
    "school_day_totals": ("date", "school_id"),
}


def _newest_of_each(table: pa.Table, name: str) -> pa.Table:
    seen: set[tuple[object, ...]] = set()
    keep = []
    for at, key in enumerate(zip(*(table[column].to_pylist() for column in CELLS[name]), strict=True)):
        if key not in seen:
            seen.add(key)
            keep.append(at)
    return table.take(pa.array(keep, pa.int64()))
