"""The roll of a school year: strips, grades, birth dates and spans of each student, or of each student and school."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from allpresent.ledger import Strips, Version

Words = npt.NDArray[np.uint64]
Days = npt.NDArray[np.datetime64]
Index = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def days_of(column: pa.ChunkedArray | pa.Array) -> Days:
    """A date column as ``datetime64[D]``; a null becomes NaT."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    return np.asarray(column.to_numpy(zero_copy_only=False)).astype("datetime64[D]")


def positions(values: pa.ChunkedArray | pa.Array, value_set: pa.ChunkedArray | pa.Array) -> Index:
    """Where each value stands in ``value_set``; -1 where it does not."""
    if isinstance(value_set, pa.ChunkedArray):
        value_set = value_set.combine_chunks()
    found = pc.fill_null(pc.index_in(values, value_set=value_set), -1)
    if isinstance(found, pa.ChunkedArray):
        found = found.combine_chunks()
    at: Index = found.to_numpy(zero_copy_only=False).astype(np.int64)
    return at


def pack(flags: Flags, words: int) -> Words:
    """Rows of one flag a day as rows of ``words`` 64-bit words."""
    padded = np.zeros((len(flags), words * 64), dtype=bool)
    padded[:, : flags.shape[1]] = flags
    return np.packbits(padded, axis=1, bitorder="little").view("<u8").astype(np.uint64, copy=False)


def unpack(words: Words, day_count: int) -> Flags:
    """Rows of words as rows of one flag a day."""
    octets = np.ascontiguousarray(words.astype("<u8", copy=False)).view(np.uint8)
    return np.unpackbits(octets, axis=1, bitorder="little")[:, :day_count].astype(bool)


def days_set(words: Words) -> tuple[Index, Index]:
    """Row and position of every day set, in the order of rows and days."""
    octets = np.ascontiguousarray(words.astype("<u8", copy=False)).view(np.uint8)
    # Bits lie one after the other, so one flat search finds row and day at once.
    found = np.flatnonzero(np.unpackbits(octets.reshape(-1), bitorder="little").view(bool))
    row, day = np.divmod(found, max(1, words.shape[1] * 64))
    return row, day


@dataclass(frozen=True, eq=False)
class Coded:
    """A column of text as numbers: ``code`` points into ``labels``, which are distinct; ``''``, the first, is none."""

    code: npt.NDArray[np.int32]
    labels: list[str]

    @property
    def texts(self) -> pa.Array:
        """The column as text."""
        return pa.array(self.labels, pa.string()).take(pa.array(self.code))


def coded(column: pa.ChunkedArray | pa.Array, labels: list[str] | None = None) -> Coded:
    """A column of text as numbers into its own labels in order, or into ``labels``; a null counts as blank."""
    encoded = pc.fill_null(column, "").dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):  # without a row there is no chunk to combine
        return Coded(np.zeros(0, dtype=np.int32), labels or [""])
    own = encoded.dictionary.to_pylist()
    labels = sorted({"", *own}) if labels is None else labels
    place = {text: number for number, text in enumerate(labels)}
    codes = np.array([place[text] for text in own], dtype=np.int32)
    return Coded(codes[np.asarray(encoded.indices)] if len(own) else np.zeros(0, dtype=np.int32), labels)


class Spans:
    """Enrollment spans by their owner (a row of the roll), in an order where the latest of any day is found at once."""

    def __init__(self, enrollments: pa.Table, owner: Index, owners: int, grades: list[str]) -> None:
        """``owner`` is the row each span belongs to; spans with -1 or without entry date are left out."""
        kept = np.flatnonzero((owner >= 0) & ~np.isnat(days_of(enrollments["entry_date"])))
        table, owner = enrollments.take(pa.array(kept)), owner[kept]
        entry, last = days_of(table["entry_date"]).astype(np.int64), days_of(table["last_member_date"])
        until = np.where(np.isnat(last), np.iinfo(np.int64).max, last.astype(np.int64))
        primary = pc.fill_null(pc.equal(table["primary"], 1), False).to_numpy().astype(np.int8)
        school, grade = coded(table["school_id"]), coded(table["grade"], grades)
        # Ties of the latest entry: primary, then the later last day, then the smaller school id as text.
        order = np.lexsort((-school.code, until, primary, entry, owner))
        self.school = Coded(school.code[order], school.labels)
        self.grade = Coded(grade.code[order], grades)
        self.last: Days = last[order]
        self._entry = entry[order]
        self._first = np.searchsorted(owner[order], np.arange(owners + 1))
        self._ties = np.argsort(np.lexsort((-school.code, until, primary)))[order]

    def latest(self, as_of: date) -> Index:
        """For each row of the roll its span with the latest entry on or before ``as_of``; -1 without one."""
        day = int(np.datetime64(as_of, "D").astype(np.int64))
        entered = np.concatenate([[0], np.cumsum(self._entry <= day)])
        # The spans of a row stand in order of entry, so those entered by the day come first.
        count = entered[self._first[1:]] - entered[self._first[:-1]]
        return np.where(count > 0, self._first[:-1] + count - 1, -1)

    def rows_at(self, school_id: str) -> Index:
        """The rows with any span at a school."""
        code = self.school.labels.index(school_id) if school_id in self.school.labels else -1
        there = np.flatnonzero(self.school.code == code)
        return np.unique(np.searchsorted(self._first, there, side="right") - 1)

    def of(self, rows: Index) -> "Spans":
        """The spans of some rows, the rows numbered anew in the order given."""
        count = self._first[rows + 1] - self._first[rows]
        begins = np.concatenate([[0], np.cumsum(count)])
        at = np.repeat(self._first[rows] - begins[:-1], count) + np.arange(begins[-1])
        part = copy(self)
        part.school = Coded(self.school.code[at], self.school.labels)
        part.grade = Coded(self.grade.code[at], self.grade.labels)
        part.last, part._entry, part._ties, part._first = self.last[at], self._entry[at], self._ties[at], begins
        return part

    def rank(self, span: int) -> tuple[int, int]:
        """Orders spans of one student by entry, then by the rule for ties; a missing span (-1) comes first."""
        return (-1, -1) if span < 0 else (int(self._entry[span]), int(self._ties[span]))

    def school_of(self, span: Index) -> pa.Array:
        """The school of each given span; blank for -1."""
        return pa.array(self.school.labels, pa.string()).take(pa.array(codes_at(self.school, span)))


def codes_at(column: Coded, at: Index) -> npt.NDArray[np.int32]:
    """The codes at the given places; that of a blank for -1."""
    if not len(column.code):
        return np.zeros(len(at), dtype=np.int32)
    return np.where(at >= 0, column.code[at], np.int32(0))


@dataclass(frozen=True, eq=False)
class Roll:
    """One school year, one row a student (dates pooled over schools) or, per school, one row a student and school.

    ``school_id`` is '' over all schools. ``part_*`` are the exact portions of part days: row of the
    roll, position of the day, numerator and denominator. ``grade`` and ``birth`` are the student's own.
    """

    strips: Strips
    student_id: pa.Array
    school_id: pa.Array
    bits: Mapping[str, Words]
    grade: Coded
    birth: Days
    spans: Spans
    part_row: Index
    part_day: Index
    part_num: Index
    part_den: Index

    @property
    def dates(self) -> Days:
        """The district's school days of the year, one a bit."""
        return self.strips.dates

    def __len__(self) -> int:
        return len(self.student_id)

    def rows_of(self, student_id: str) -> Index:
        """The rows of a student; none when nobody delivered one of that id."""
        # Strips stand in the order of ids as text, so twenty looks find one among half a million.
        first = bisect_left(self.student_id, student_id, key=lambda one: str(one.as_py()))
        last = bisect_right(self.student_id, student_id, lo=first, key=lambda one: str(one.as_py()))
        return np.arange(first, last)

    def of(self, rows: Index) -> "Roll":
        """Some rows alone, in the order given: what is measured of them is what is measured of them in the whole."""
        place = np.full(len(self), -1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        kept = place[self.part_row] >= 0
        return replace(
            self,
            student_id=self.student_id.take(pa.array(rows)),
            school_id=self.school_id.take(pa.array(rows)),
            bits={name: words[rows] for name, words in self.bits.items()},
            grade=Coded(self.grade.code[rows], self.grade.labels),
            birth=self.birth[rows],
            spans=self.spans.of(rows),
            part_row=place[self.part_row[kept]],
            part_day=self.part_day[kept],
            part_num=self.part_num[kept],
            part_den=self.part_den[kept],
        )


def read_roll(version: Version, school_year: int, is_per_school: bool) -> Roll:
    """The roll of a year from one version of the ledger."""
    strips = version.strips(school_year, "school" if is_per_school else "pooled")
    student_id = strips.student
    rows = student_id if not is_per_school else _pair(student_id, strips.school)
    enrollments = version.table(
        "enrollments", columns=["student_id", "school_id", "entry_date", "last_member_date", "grade", "primary"]
    )
    owned = enrollments["student_id"]
    owner = positions(owned if not is_per_school else _pair(owned, enrollments["school_id"]), rows)
    students = version.table("students", columns=["student_id", "grade", "birth_date"])
    at = positions(student_id, students["student_id"])
    found = pa.array(at, mask=at < 0)
    own_grade = pc.fill_null(students["grade"].combine_chunks().take(found), "")
    grades = sorted({"", *pc.unique(own_grade).to_pylist(), *filter(None, pc.unique(enrollments["grade"]).to_pylist())})
    roll = Roll(
        strips=strips,
        student_id=student_id,
        school_id=strips.school,
        bits=strips.bits,
        grade=coded(own_grade, grades),
        birth=days_of(students["birth_date"].combine_chunks().take(found)),
        spans=Spans(enrollments, owner, len(rows), grades),
        **_partial(strips),
    )
    # What reading left over is not kept for the next: beside half a million students' answers it would be too much.
    pa.default_memory_pool().release_unused()
    return roll


def _pair(student_id: pa.Array | pa.ChunkedArray, school_id: pa.Array | pa.ChunkedArray) -> pa.Array:
    joined = pc.binary_join_element_wise(student_id, school_id, "\x1f")
    return joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined


def _partial(strips: Strips) -> dict[str, Index]:
    """The part days of the rows there are, addressed by row."""
    table = strips.partial
    row = positions(_pair(table["student_id"], table["school_id"]), _pair(strips.student, strips.school))
    kept = row >= 0
    return {
        "part_row": row[kept],
        "part_day": np.searchsorted(strips.dates, days_of(table["date"]))[kept].astype(np.int64),
        "part_num": table["portion_num"].to_numpy()[kept].astype(np.int64),
        "part_den": table["portion_den"].to_numpy()[kept].astype(np.int64),
    }
