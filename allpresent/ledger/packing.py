"""Packing one school year of canonical rows into strips.

Membership comes from sessions and spans as ranges of bits and is never expanded to one row a day. Marks are resolved
by rule M02 (``reconcile``), then set as bits. What was reported follows the order (a) to (d) of the standings contract.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from allpresent.ledger.calendar import Days, Index, as_days, day_index, session_dates, year_bounds
from allpresent.ledger.reconcile import DayMarks, kept_marks, resolve_marks
from allpresent.ledger.schema import STRIPS
from allpresent.ledger.seats import Seats, one_chunk, positions, set_bits
from allpresent.ledger.strips import Strips, Words, prefix_masks, words_for

_SEPARATOR = "\x1f"


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of a year's strips: one a student and school, then one more for each student with several schools."""

    student_id: pa.Array
    school_id: pa.Array  # '' on an added pooled row
    is_pooled: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.student_id)

    def of(self, student_id: pa.Array | pa.ChunkedArray, school_id: pa.Array | pa.ChunkedArray) -> Index:
        """The row of each student and school; -1 where there is none."""
        return positions(_joined(self.student_id, self.school_id), _joined(student_id, school_id))

    def pooled_of(self, student_id: pa.Array | pa.ChunkedArray) -> Index:
        """The row that speaks for each student over the district; -1 where there is none."""
        pooled = np.flatnonzero(self.is_pooled)
        found = positions(self.student_id.take(pa.array(pooled)), student_id)
        return np.where(found >= 0, pooled[found], -1) if len(pooled) else found


def _joined(left: pa.Array | pa.ChunkedArray, right: pa.Array | pa.ChunkedArray) -> pa.Array:
    joined = pc.binary_join_element_wise(left, right, _SEPARATOR)
    return joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined


class YearPacker:
    """Builds the strips of one school year from the full canonical tables of a ledger version."""

    def __init__(self, tables: dict[str, pa.Table], school_year: int, year_starts: str) -> None:
        self.tables = tables
        self.school_year = school_year
        self.first, self.end = year_bounds(school_year, year_starts)
        self.dates: Days = session_dates(tables["calendar_days"], self.first, self.end)
        self.words = words_for(len(self.dates))
        self.upto = prefix_masks(len(self.dates))

    def pack(self) -> Strips:
        """All strips of the year."""
        spans = self._spans()
        rows = _rows_of(spans)
        bits = {name: np.zeros((len(rows), self.words), dtype=np.uint64) for name in (*STRIPS, "marked")}
        self._set_membership(rows, spans, bits)
        attendance = self.tables["attendance"]
        own_row = rows.of(attendance["student_id"], attendance["school_id"])
        pooled_row = rows.pooled_of(attendance["student_id"])
        marks = kept_marks(attendance, own_row, pooled_row, self.dates, bits["enrolled"])
        day_marks, partial = resolve_marks(marks)
        self._set_marks(day_marks, bits)
        has_taken = self._set_reported(rows, bits)
        return Strips(
            school_year=self.school_year,
            dates=self.dates,
            student=rows.student_id,
            school=rows.school_id,
            is_pooled=rows.is_pooled,
            bits={name: bits[name] for name in STRIPS},
            partial=_partial_table(partial, rows, self.dates),
            has_taken=has_taken,
        )

    # Membership

    def _spans(self) -> pa.Table:
        """Spans that touch the year, sorted by student and school."""
        spans = self.tables["enrollments"]
        entry, last = as_days(spans["entry_date"]), as_days(spans["last_member_date"])
        touches = (entry < self.end) & (np.isnat(last) | (last >= self.first))
        return spans.filter(pa.array(touches)).sort_by([("student_id", "ascending"), ("school_id", "ascending")])

    def _session_words(self) -> dict[tuple[str, str], Words]:
        """Days in session by school and track; the blank track holds the days of the rows with no track."""
        calendar = self.tables["calendar_days"]
        calendar = calendar.filter(pc.equal(calendar["in_session"], 1))
        index, inside = self._day_index(calendar["date"])
        calendar, index = calendar.filter(pa.array(inside)), index[inside]
        keys = list(zip(calendar["school_id"].to_pylist(), _blank(calendar["track"]), strict=True))
        sessions: dict[tuple[str, str], Words] = {}
        for key, day in zip(keys, index.tolist(), strict=True):
            if key not in sessions:
                sessions[key] = np.zeros(self.words, dtype=np.uint64)
            sessions[key][day // 64] |= np.uint64(1 << (day % 64))
        return sessions

    def _session_of(self, sessions: dict[tuple[str, str], Words], school: str, track: str) -> Words:
        """Days a student of this track is due at this school: a row without track, or a span without one, fits all."""
        days = np.zeros(self.words, dtype=np.uint64)
        for (session_school, session_track), words in sessions.items():
            if session_school == school and (not track or not session_track or session_track == track):
                days = days | words
        return days

    def _set_membership(self, rows: Rows, spans: pa.Table, bits: dict[str, Words]) -> None:
        sessions = self._session_words()
        pairs = list(zip(spans["school_id"].to_pylist(), _blank(spans["track"]), strict=True))
        known = {pair: self._session_of(sessions, *pair) for pair in set(pairs)}
        session = np.array([known[pair] for pair in pairs], dtype=np.uint64).reshape(len(pairs), self.words)
        low = np.searchsorted(self.dates, as_days(spans["entry_date"]), side="left")
        last = as_days(spans["last_member_date"])
        high = np.where(np.isnat(last), len(self.dates), np.searchsorted(self.dates, last, side="right"))
        inside = np.where((high > low)[:, None], self.upto[high] & ~self.upto[low], np.uint64(0))
        for target in (rows.of(spans["student_id"], spans["school_id"]), rows.pooled_of(spans["student_id"])):
            np.bitwise_or.at(bits["in_session"], target, session)
            np.bitwise_or.at(bits["enrolled"], target, session & inside)

    # Marks

    def _day_index(self, column: pa.ChunkedArray) -> tuple[Index, npt.NDArray[np.bool_]]:
        return day_index(self.dates, as_days(column))

    def _set_marks(self, day_marks: DayMarks, bits: dict[str, Words]) -> None:
        for name, chosen in day_marks.strips().items():
            set_bits(bits[name], day_marks.row[chosen], day_marks.day[chosen])

    # What was reported

    def _set_reported(self, rows: Rows, bits: dict[str, Words]) -> bool:
        taken = self.tables["attendance_taken"]
        index, inside = self._day_index(taken["date"])
        touches = as_days(taken["date"])
        has_taken = bool(((touches >= self.first) & (touches < self.end)).any())
        if not has_taken:
            bits["reported"] = bits["enrolled"] & ~bits["unknown"]
            return False
        taken, index = taken.filter(pa.array(inside)), index[inside]
        by_school, blank_by_school = self._taken_by_school(rows, taken, index, bits["enrolled"])
        has_section, taken_in_section = self._taken_by_section(rows, taken, index)
        by_rule_c = taken_in_section | (has_section & blank_by_school)
        by_rule_d = by_school & ~has_section
        reported = (bits["marked"] | by_rule_c | by_rule_d) & bits["enrolled"]
        bits["reported"] = reported & ~bits["unknown"]
        return True

    def _taken_by_school(self, rows: Rows, taken: pa.Table, index: Index, enrolled: Words) -> tuple[Words, Words]:
        """Days each row's school had any taken row, and days it had one with a blank section."""
        schools = pc.unique(rows.school_id)
        at = positions(schools, taken["school_id"])
        is_blank = np.array([not section for section in taken["section_id"].to_pylist()], dtype=bool)
        any_taken = np.zeros((len(schools), self.words), dtype=np.uint64)
        blank_taken = np.zeros_like(any_taken)
        known = at >= 0
        set_bits(any_taken, at[known], index[known])
        set_bits(blank_taken, at[known & is_blank], index[known & is_blank])
        school_of_row = positions(schools, rows.school_id)
        results = []
        for words in (any_taken, blank_taken):
            spread = words[school_of_row]
            # A pooled row was at the schools of its own rows, each on the days it was enrolled there.
            own = np.asarray(pc.not_equal(rows.school_id, ""))
            spread[~own] = 0
            np.bitwise_or.at(spread, rows.pooled_of(rows.student_id)[own], (spread & enrolled)[own])
            results.append(spread)
        return results[0], results[1]

    def _taken_by_section(self, rows: Rows, taken: pa.Table, index: Index) -> tuple[Words, Words]:
        """Days each row's student was in some section, and days one of those sections had a taken row."""
        seats = Seats(self.tables, self.dates, self.upto, taken, index)
        pooled = rows.pooled_of(seats.student_id)
        at_school = rows.of(seats.student_id, seats.school_id)
        has_section = np.zeros((len(rows), self.words), dtype=np.uint64)
        taken_days = np.zeros_like(has_section)
        for target in (pooled, np.where(at_school == pooled, -1, at_school)):
            inside, by_section, _ = seats.spread(target, len(rows))
            has_section |= inside
            taken_days |= by_section
        return has_section, taken_days


def _blank(column: pa.ChunkedArray) -> list[str]:
    return [value or "" for value in column.to_pylist()]


def _rows_of(spans: pa.Table) -> Rows:
    """One row a student and school, and a pooled row before those of a student with several schools."""
    pairs = spans.group_by(["student_id", "school_id"]).aggregate([])
    schools = pairs.group_by("student_id").aggregate([("school_id", "count")])
    several = schools.filter(pc.greater(schools["school_id_count"], 1))["student_id"]
    pooled = pa.table({"student_id": several, "school_id": pa.array([""] * len(several), pa.string())})
    both = pa.concat_tables([pairs.select(["student_id", "school_id"]), pooled])
    both = both.sort_by([("student_id", "ascending"), ("school_id", "ascending")]).combine_chunks()
    student, school = one_chunk(both["student_id"]), one_chunk(both["school_id"])
    has_several = pc.is_in(student, value_set=one_chunk(several))
    is_pooled = pc.or_(pc.equal(school, ""), pc.invert(has_several))
    return Rows(student, school, np.asarray(is_pooled, dtype=bool))


def _partial_table(partial: pa.Table, rows: Rows, dates: Days) -> pa.Table:
    row = partial["row"].to_numpy()
    return pa.table(
        {
            "student_id": rows.student_id.take(pa.array(row)),
            "school_id": rows.school_id.take(pa.array(row)),
            "date": pa.array(dates[partial["day"].to_numpy()]).cast(pa.date32()),
            "portion_num": partial["portion_num"],
            "portion_den": partial["portion_den"],
        }
    )
