"""Who sat in which section on which days of a school year, and for which of those days its attendance was taken."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from allpresent.ledger.calendar import Days, Index, as_days
from allpresent.ledger.strips import Words


class Seats:
    """One line a row of ``section_students``: its days of the year as bits, and those with a taken row."""

    def __init__(
        self, tables: dict[str, pa.Table], dates: Days, upto: Words, taken: pa.Table, taken_day: Index
    ) -> None:
        """``taken`` are the rows of ``attendance_taken`` on days of the year, ``taken_day`` the position of each."""
        members, known = tables["section_students"], tables["sections"]
        self.student_id = members["student_id"]
        start, last = as_days(members["start_date"]), as_days(members["last_date"])
        low = np.where(np.isnat(start), 0, np.searchsorted(dates, start, side="left"))
        high = np.where(np.isnat(last), len(dates), np.searchsorted(dates, last, side="right"))
        self.inside: Words = np.where((high > low)[:, None], upto[high] & ~upto[low], np.uint64(0))
        self.taken = self.inside & _taken_days(members["section_id"], taken["section_id"], taken_day, self.inside)
        at = positions(one_chunk(known["section_id"]), members["section_id"])
        there = pa.array(at, mask=at < 0)
        self.school_id: pa.Array = one_chunk(known["school_id"]).take(there)
        flags = pc.equal(one_chunk(known["is_homeroom"]).take(there), 1)
        self.is_homeroom = np.asarray(pc.fill_null(flags, False), dtype=bool)

    def spread(self, row: Index, count: int, *, is_homeroom: bool = False) -> tuple[Words, Words, Words]:
        """By row: the days in some section, in one with a taken row, and in one without. -1 stands on no row."""
        chosen = (row >= 0) & (self.is_homeroom if is_homeroom else True)
        inside, taken = self.inside[chosen], self.taken[chosen]
        found = []
        for days in (inside, taken, inside & ~taken):
            words = np.zeros((count, self.inside.shape[1]), dtype=np.uint64)
            np.bitwise_or.at(words, row[chosen], days)
            found.append(words)
        return found[0], found[1], found[2]


def _taken_days(seated: pa.ChunkedArray, section_id: pa.ChunkedArray, day: Index, like: Words) -> Words:
    sections = one_chunk(pc.unique(seated))
    words = np.zeros((len(sections), like.shape[1]), dtype=np.uint64)
    at = positions(sections, section_id)
    set_bits(words, at[at >= 0], day[at >= 0])
    return words[positions(sections, seated)]


def positions(value_set: pa.Array, values: pa.Array | pa.ChunkedArray) -> Index:
    """Where each value stands in a set; -1 where it does not."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    found = pc.index_in(values, value_set=value_set)
    return np.asarray(pc.fill_null(found, -1), dtype=np.int64)


def one_chunk(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """A column as one array."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    return pa.array([], column.type) if not column.num_chunks else pa.concat_arrays(column.chunks)


def set_bits(words: Words, row: Index, day: Index) -> None:
    """Set the bit of each (row, day) in place."""
    flat = words.reshape(-1)
    position = row * words.shape[1] + day // 64
    np.bitwise_or.at(flat, position, np.left_shift(np.uint64(1), (day % 64).astype(np.uint64)))


def flags_of(words: Words, day_count: int) -> npt.NDArray[np.bool_]:
    """Words as one boolean a day."""
    flat = np.unpackbits(np.ascontiguousarray(words.astype("<u8")).view(np.uint8), axis=1, bitorder="little")
    return flat[:, :day_count].astype(bool)
