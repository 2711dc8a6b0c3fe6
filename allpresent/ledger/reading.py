"""The rows of one student or school out of a table on disk, without reading the rest of it.

Rows stand sorted (``sorting``) in parts, and Parquet keeps the least and the largest id of each: only the parts that
may hold the id are read, their texts as numbers into a few distinct ones, which are made texts again at the end.
"""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

PART_ROWS = 16_384  # smaller parts compress worse, and of larger ones more is read for one student


class TableFile:
    """A table on disk that never changes; what it tells of its parts is read once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._metadata = pq.read_metadata(path)
        self._schema: pa.Schema = self._metadata.schema.to_arrow_schema()
        self._texts = [field.name for field in self._schema if pa.types.is_string(field.type)]
        self._ends: dict[str, list[tuple[str, str] | None]] = {}

    def rows(self, asked: Mapping[str, str], wanted: pa.Schema) -> pa.Table:
        """The rows whose text columns have the values ``asked``, in their order and with the columns ``wanted``.

        A column the file does not have is blank.
        """
        if not all(key in self._schema.names for key in asked):
            return wanted.empty_table()
        held = [name for name in wanted.names if name in self._schema.names]
        parts = [part for part in range(self._metadata.num_row_groups) if self._may_hold(part, asked)]
        with pq.ParquetFile(self._path, metadata=self._metadata, read_dictionary=self._texts) as file:
            # Threads would cost more than so little takes.
            rows = file.read_row_groups(parts, columns=[*dict.fromkeys([*asked, *held])], use_threads=False)
        for key, value in asked.items():
            rows = rows.filter(_is(rows[key], value))
        columns = [rows[f.name].cast(f.type) if f.name in held else pa.nulls(len(rows), f.type) for f in wanted]
        return pa.table(columns, schema=wanted)

    def _may_hold(self, part: int, asked: Mapping[str, str]) -> bool:
        """Whether every value lies between the least and the largest of a part, as far as the file tells."""
        ends = ((self._ends_of(key)[part], value) for key, value in asked.items())
        return all(end is None or end[0] <= value <= end[1] for end, value in ends)

    def _ends_of(self, key: str) -> list[tuple[str, str] | None]:
        if key not in self._ends:
            column = self._metadata.schema.names.index(key)
            groups = (self._metadata.row_group(part) for part in range(self._metadata.num_row_groups))
            told = [group.column(column).statistics for group in groups]
            self._ends[key] = [(one.min, one.max) if one is not None and one.has_min_max else None for one in told]
        return self._ends[key]


def _is(column: pa.ChunkedArray, value: str) -> pa.ChunkedArray:
    """Which rows of a column of coded texts have a value: its code is looked up, and no text compared."""
    flags = []
    for chunk in column.chunks:
        code = pc.index(chunk.dictionary, value).cast(chunk.indices.type)
        flags.append(pc.fill_null(pc.equal(chunk.indices, code), False))
    return pa.chunked_array(flags, pa.bool_())
