"""A student's school year as strips of bits, one bit a district school day.

Counting is popcount under a mask, so every ``as_of`` costs the same and every count is an exact integer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from allpresent.ledger.calendar import Days
from allpresent.ledger.schema import STRIPS

Words = npt.NDArray[np.uint64]
BITS_A_WORD = 64

PARTIAL_SCHEMA = pa.schema(
    [
        ("student_id", pa.string()),
        ("school_id", pa.string()),
        ("date", pa.date32()),
        ("portion_num", pa.int64()),
        ("portion_den", pa.int64()),
    ]
)


def words_for(day_count: int) -> int:
    """Number of 64-bit words that hold one bit a day; at least one."""
    return max(1, -(-day_count // BITS_A_WORD))


def prefix_masks(day_count: int) -> Words:
    """Row ``i`` has the first ``i`` days set: shape ``(day_count + 1, words)``."""
    bits = np.tril(np.ones((day_count + 1, day_count), dtype=bool), k=-1)
    return pack_bits(bits)


def pack_bits(bits: npt.NDArray[np.bool_]) -> Words:
    """Rows of booleans, one a day, packed into little-endian words."""
    width = words_for(bits.shape[1]) * BITS_A_WORD
    padded = np.zeros((bits.shape[0], width), dtype=bool)
    padded[:, : bits.shape[1]] = bits
    return np.packbits(padded, axis=1, bitorder="little").view("<u8").astype(np.uint64)


@dataclass(frozen=True, eq=False)
class Strips:
    """All strips of one school year, one row a student and school, and one pooled row a student with several schools.

    ``school`` is ``''`` on a pooled row. ``is_pooled`` marks the row that speaks for the student over the whole
    district: the pooled row, or the only row of a student with one school. ``bits`` maps each name of
    ``schema.STRIPS`` to ``uint64[rows, words]`` over ``dates``. ``partial`` holds the exact portions of days with
    ``0 < portion < 1``. ``has_taken`` tells whether the year came with any record of attendance being taken.
    """

    school_year: int
    dates: Days
    student: pa.Array
    school: pa.Array
    is_pooled: npt.NDArray[np.bool_]
    bits: Mapping[str, Words]
    partial: pa.Table
    has_taken: bool

    @property
    def student_id(self) -> npt.NDArray[np.object_]:
        """The student of each row; made when asked for, since so many texts of their own take memory."""
        ids: npt.NDArray[np.object_] = self.student.to_numpy(zero_copy_only=False)
        return ids

    @property
    def school_id(self) -> npt.NDArray[np.object_]:
        """The school of each row, likewise."""
        ids: npt.NDArray[np.object_] = self.school.to_numpy(zero_copy_only=False)
        return ids

    @property
    def words(self) -> int:
        """Number of 64-bit words in a strip."""
        return words_for(len(self.dates))

    def mask(self, first: date | None = None, last: date | None = None) -> Words:
        """The days from ``first`` to ``last``, both inclusive and either open, as one row of words."""
        low = 0 if first is None else np.searchsorted(self.dates, np.datetime64(first, "D"), side="left")
        end = len(self.dates) if last is None else np.searchsorted(self.dates, np.datetime64(last, "D"), side="right")
        chosen = np.zeros((1, len(self.dates)), dtype=bool)
        chosen[0, int(low) : int(end)] = True
        row: Words = pack_bits(chosen)[0]
        return row

    @staticmethod
    def count(bits: Words) -> npt.NDArray[np.int64]:
        """Days set, one count a row."""
        set_bits = np.bitwise_count(bits)
        # A sum along a handful of words is slow; adding the words' columns is not.
        counts: npt.NDArray[np.int64] = set_bits[..., 0].astype(np.int64)
        for word in range(1, set_bits.shape[-1]):
            counts += set_bits[..., word]
        return counts

    def days(self, bits: Words) -> Days:
        """The dates set in one row of words, in order."""
        flags = np.unpackbits(np.ascontiguousarray(bits.astype("<u8")).view(np.uint8), bitorder="little")
        chosen: Days = self.dates[flags[: len(self.dates)].astype(bool)]
        return chosen


def whole_day_absences(bits: Mapping[str, Words], is_half_absent: bool) -> Words:
    """The state's day rule: absent when more than half of the day was missed; exactly half when the state says so."""
    missed: Words = bits["absent"] | bits["mostly_absent"]
    return missed | bits["half_absent"] if is_half_absent else missed


def write_strips(strips: Strips, path: Path) -> None:
    """Write one year's strips as Parquet; the dates and the year stand in the file's metadata."""
    width = strips.words * 8
    columns: dict[str, pa.Array] = {
        "student_id": strips.student,
        "school_id": strips.school,
        "is_pooled": pa.array(strips.is_pooled),
    }
    for name in STRIPS:
        words = np.ascontiguousarray(strips.bits[name].astype("<u8"))
        columns[name] = pa.FixedSizeBinaryArray.from_buffers(
            pa.binary(width), len(words), [None, pa.py_buffer(words.tobytes())]
        )
    metadata = {
        "school_year": str(strips.school_year),
        "dates": ",".join(str(day) for day in strips.dates),
        "has_taken": str(int(strips.has_taken)),
    }
    pq.write_table(pa.table(columns).replace_schema_metadata(metadata), path)


def read_strips(path: Path, partial: pa.Table, rows: str = "all") -> Strips:
    """Read what ``write_strips`` wrote: ``all`` rows, the ``pooled`` ones alone, or those of a student at a ``school``.

    One strip at a time, so that no more than one stands in memory beside the rows that are kept.
    """
    with pq.ParquetFile(path) as file:
        metadata = {key.decode(): value.decode() for key, value in (file.schema_arrow.metadata or {}).items()}
        who = file.read(columns=["student_id", "school_id", "is_pooled"])
        kept = _kept(who, rows)
        texts = [text for text in metadata["dates"].split(",") if text]
        dates = np.array(texts, dtype="datetime64[D]")
        bits = {name: _words_of(file.read(columns=[name])[name], words_for(len(dates)), kept) for name in STRIPS}
    who = who.filter(pa.array(kept)).combine_chunks()
    return Strips(
        school_year=int(metadata["school_year"]),
        dates=dates,
        student=_one_chunk(who["student_id"]),
        school=_one_chunk(who["school_id"]),
        is_pooled=who["is_pooled"].to_numpy(),
        bits=bits,
        partial=partial,
        has_taken=metadata["has_taken"] == "1",
    )


def _kept(who: pa.Table, rows: str) -> npt.NDArray[np.bool_]:
    if rows == "all":
        return np.ones(len(who), dtype=bool)
    return np.asarray(who["is_pooled"] if rows == "pooled" else pc.not_equal(who["school_id"], ""), dtype=bool)


def _one_chunk(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks else pa.array([], pa.string())


def _words_of(column: pa.ChunkedArray, words: int, kept: npt.NDArray[np.bool_]) -> Words:
    """The kept rows, one word of all rows after the other: a mask over them is a few long runs and not many short."""
    found = np.zeros((int(kept.sum()), words), dtype=np.uint64, order="F")
    first, place = 0, 0
    for chunk in column.chunks:
        held = np.frombuffer(chunk.buffers()[1], dtype="<u8")
        rows = held[chunk.offset * words : (chunk.offset + len(chunk)) * words].reshape(len(chunk), words)
        rows = rows[kept[first : first + len(chunk)]]
        found[place : place + len(rows)] = rows
        first, place = first + len(chunk), place + len(rows)
    return found
