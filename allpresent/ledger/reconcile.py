"""Several marks a student-day become one: rule M02 of the intake design, in exact arithmetic.

(1) One slot is one (mode, period): the larger portion stands. (A later delivery has already replaced an earlier
one's rows when it was posted.) (2) Distinct half-days add, capped at the whole day. (3) A day or half-day mark wins
over marks in minutes, and those over period marks; period marks combine by the periods of the day. (4) On a tie the
class is disciplinary, then unexcused, then excused. A blank ``excused`` is unexcused.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from allpresent import in_memory
from allpresent.ledger.calendar import Days, Index, as_days, day_index

# DuckDB's HUGEINT holds 1.7e38; four half-days or sixteen periods of this unit still fit.
LARGEST_UNIT = 10**36
_LARGEST_NUMBER = 2**63 - 1
_TOO_MANY_LENGTHS = (
    "The marks of a student-day have portions of too many different lengths to be added exactly; deliver portions with "
    "at most four decimals."
)

_RESOLVE = """
WITH marks AS (
    SELECT m.*, CAST(u.units AS HUGEINT) AS units,
           CASE WHEN m.disciplinary = 1 THEN 2 WHEN m.excused = 1 THEN 0 ELSE 1 END AS class,
           CASE m.mode WHEN 'period' THEN 0 WHEN 'minutes' THEN 1 ELSE 2 END AS rank
    FROM marks_in m JOIN units_in u USING (num, den, mode, periods_in_day)
), slots AS (
    SELECT * FROM marks WHERE NOT unknown
    QUALIFY row_number() OVER (PARTITION BY "row", day, mode, period ORDER BY units DESC, class DESC) = 1
), winning AS (
    SELECT * FROM slots QUALIFY rank = max(rank) OVER (PARTITION BY "row", day)
), sized AS (
    SELECT *, max(units) OVER (PARTITION BY "row", day) AS largest FROM winning
), days AS (
    SELECT "row", day,
           greatest(coalesce(max(units) FILTER (mode = 'day'), 0),
                    least($whole, coalesce(sum(units) FILTER (mode <> 'day'), 0))) AS portion,
           max(class) FILTER (units = largest AND units > 0) AS class
    FROM sized GROUP BY "row", day
), flags AS (
    SELECT "row", day, bool_or(unknown) AS unknown, bool_or(NOT unknown) AS marked,
           bool_or(tardy AND NOT unknown) AS tardy
    FROM marks GROUP BY "row", day
)
SELECT "row", day, unknown, marked, tardy, coalesce(class, -1) AS class,
       CASE WHEN portion IS NULL OR portion <= 0 THEN 0 WHEN portion >= $whole THEN 4
            WHEN 2 * portion > $whole THEN 3 WHEN 2 * portion = $whole THEN 2 ELSE 1 END AS size,
       CAST(CASE WHEN portion > 0 AND portion < $whole THEN portion END AS VARCHAR) AS units
FROM flags LEFT JOIN days USING ("row", day)
ORDER BY "row", day
"""

PARTLY, HALF, MOSTLY, WHOLE = 1, 2, 3, 4
EXCUSED, UNEXCUSED, DISCIPLINARY = 0, 1, 2


@dataclass(frozen=True, eq=False)
class DayMarks:
    """What the marks of each student-day amount to: position of row and day, size and class of the absence."""

    row: Index
    day: Index
    size: npt.NDArray[np.int32]  # 0 none, PARTLY, HALF, MOSTLY, WHOLE
    category: npt.NDArray[np.int32]  # EXCUSED, UNEXCUSED, DISCIPLINARY, -1 where nothing is missed
    tardy: npt.NDArray[np.bool_]
    unknown: npt.NDArray[np.bool_]
    marked: npt.NDArray[np.bool_]

    def strips(self) -> dict[str, npt.NDArray[np.bool_]]:
        """Which student-days set which strip. A day with an unknown code is unknown, whatever else stands there."""
        known = ~self.unknown
        return {
            "absent": known & (self.size == WHOLE),
            "mostly_absent": known & (self.size == MOSTLY),
            "half_absent": known & (self.size == HALF),
            "partly_absent": known & (self.size == PARTLY),
            "excused": known & (self.size > 0) & (self.category == EXCUSED),
            "unexcused": known & (self.size > 0) & (self.category == UNEXCUSED),
            "disciplinary": known & (self.size > 0) & (self.category == DISCIPLINARY),
            "tardy": known & self.tardy,
            "unknown": self.unknown,
            "marked": self.marked,
        }


def kept_marks(
    attendance: pa.Table, own_row: Index, pooled_row: Index, dates: Days, enrolled: npt.NDArray[np.uint64]
) -> pa.Table:
    """The marks that count, each with the row and day it stands on.

    Kept: counted, on a day in session while the student was enrolled at that school (otherwise rules D02 and M04
    have listed it). A mark of a student with several schools stands on the school's row and on the pooled row.
    """
    day, inside = day_index(dates, as_days(attendance["date"]))
    chosen = inside & (own_row >= 0) & np.asarray(pc.equal(pc.fill_null(attendance["counted"], 1), 1))
    words = enrolled[np.where(chosen, own_row, 0), day // 64] if len(enrolled) else np.zeros(len(day), np.uint64)
    chosen &= (np.right_shift(words, (day % 64).astype(np.uint64)) & np.uint64(1)).astype(bool)
    kept = np.flatnonzero(chosen)
    again = kept[pooled_row[kept] != own_row[kept]]
    at = np.concatenate([kept, again])
    rows = np.concatenate([own_row[kept], pooled_row[again]])
    marks = attendance.take(pa.array(at))
    mode = pc.if_else(pc.is_in(marks["mode"], pa.array(["am", "pm", "period", "minutes"])), marks["mode"], "day")
    periods = pc.if_else(pc.equal(mode, "period"), pc.fill_null(marks["periods_in_day"], 0), 1)
    unknown = pc.or_(pc.equal(pc.fill_null(marks["category"], "unknown"), "unknown"), pc.less(periods, 1))
    return pa.table(
        {
            "row": pa.array(rows),
            "day": pa.array(day[at]),
            "mode": mode,
            "period": pc.fill_null(marks["period"], ""),
            "num": pc.fill_null(marks["portion_num"], 0),
            "den": pc.fill_null(marks["portion_den"], 1),
            "periods_in_day": pc.cast(periods, pa.int64()),
            "unknown": unknown,
            "tardy": pc.equal(pc.fill_null(marks["category"], ""), "tardy"),
            "excused": pc.fill_null(marks["excused"], 0),
            "disciplinary": pc.fill_null(marks["disciplinary"], 0),
        }
    )


def resolve_marks(marks: pa.Table) -> tuple[DayMarks, pa.Table]:
    """One line a student-day, and the exact portions (row, day, portion_num, portion_den) of the partial ones.

    Nearly every student-day has one mark, which needs no settling; only those with several are put to the rules.
    Raises ValueError when the portions of one student-day cannot be added exactly: their common unit does not fit.
    """
    place = _numbers(marks["row"]) * _DAYS_A_ROW + _numbers(marks["day"])
    order = np.argsort(place, kind="stable")
    begins = np.concatenate([[True], place[order][1:] != place[order][:-1]])[: len(order)]
    is_alone = begins & np.concatenate([begins[1:], [True]])[: len(order)]
    alone, part = _resolve_alone(marks.take(pa.array(order[is_alone])))
    if is_alone.all():
        return alone, part
    several, parts = _resolve_several(marks.take(pa.array(np.sort(order[~is_alone]))))
    both = pa.concat_tables([part, parts]).sort_by([("row", "ascending"), ("day", "ascending")])
    return _joined(alone, several), both


_DAYS_A_ROW = 1 << 20


def _joined(one: DayMarks, other: DayMarks) -> DayMarks:
    """Both, by row and day."""
    order = np.lexsort((np.concatenate([one.day, other.day]), np.concatenate([one.row, other.row])))
    columns = {name: np.concatenate([held, getattr(other, name)])[order] for name, held in vars(one).items()}
    return DayMarks(**columns)


def _resolve_alone(marks: pa.Table) -> tuple[DayMarks, pa.Table]:
    """Student-days of one mark each: the mark is the day."""
    shares, at = _shares(marks)
    unknown = _numbers(marks["unknown"]).astype(bool)
    size = np.array([_size(share) for share in shares], dtype=np.int32)[at]
    is_missed = np.array([share > 0 for share in shares], dtype=bool)[at] & ~unknown
    excused = np.where(_numbers(marks["excused"]) == 1, EXCUSED, UNEXCUSED)
    kind = np.where(_numbers(marks["disciplinary"]) == 1, DISCIPLINARY, excused)
    day_marks = DayMarks(
        row=_numbers(marks["row"]).astype(np.int64),
        day=_numbers(marks["day"]).astype(np.int64),
        size=np.where(unknown, 0, size).astype(np.int32),
        category=np.where(is_missed, kind, -1).astype(np.int32),
        tardy=_numbers(marks["tardy"]).astype(bool) & ~unknown,
        unknown=unknown,
        marked=~unknown,
    )
    partly = np.flatnonzero(np.array([0 < share < 1 for share in shares], dtype=bool)[at] & ~unknown)
    exact = [shares[number] for number in at[partly].tolist()]
    return day_marks, _portions(day_marks.row[partly], day_marks.day[partly], exact)


def _shares(marks: pa.Table) -> tuple[list[Fraction], Index]:
    """The distinct shares of a day that marks amount to, at most the whole, and which of them each mark is."""
    names = ("num", "den", "mode", "periods_in_day")
    at = np.zeros(marks.num_rows, dtype=np.int64)
    columns = [marks[name].combine_chunks().dictionary_encode() for name in names]
    for column in columns:
        at = at * max(1, len(column.dictionary)) + _numbers(column.indices)
    distinct, first, at = np.unique(at, return_index=True, return_inverse=True)
    lines = marks.select(names).take(pa.array(first)).to_pylist()
    shares = [_share_of_day(line["num"], line["den"], line["mode"], line["periods_in_day"]) for line in lines]
    return [min(Fraction(1), share) for share in shares], at.reshape(-1) if len(distinct) else at


def _size(share: Fraction) -> int:
    """A share of the day as one of the sizes a strip is kept for."""
    if share <= 0:
        return 0
    if share >= 1:
        return WHOLE
    return MOSTLY if 2 * share > 1 else HALF if 2 * share == 1 else PARTLY


def _portions(row: Index, day: Index, exact: list[Fraction]) -> pa.Table:
    if any(portion.denominator > _LARGEST_NUMBER for portion in exact):
        raise ValueError(_TOO_MANY_LENGTHS)
    return pa.table(
        {
            "row": pa.array(row, pa.int64()),
            "day": pa.array(day, pa.int64()),
            "portion_num": pa.array([portion.numerator for portion in exact], pa.int64()),
            "portion_den": pa.array([portion.denominator for portion in exact], pa.int64()),
        }
    )


def _resolve_several(marks: pa.Table) -> tuple[DayMarks, pa.Table]:
    """Student-days of several marks, settled by the rules: all at once, or in halves where no common unit fits all."""
    units, whole = _common_units(marks)
    if whole > LARGEST_UNIT:
        place = _numbers(marks["row"]) * _DAYS_A_ROW + _numbers(marks["day"])
        middle = np.unique(place)[len(np.unique(place)) // 2]
        if place.min() == middle:
            raise ValueError(_TOO_MANY_LENGTHS)
        first, part = _resolve_several(marks.filter(pa.array(place < middle)))
        second, parts = _resolve_several(marks.filter(pa.array(place >= middle)))
        return _joined(first, second), pa.concat_tables([part, parts])
    with in_memory.database() as connection:
        connection.register("marks_in", marks)
        connection.register("units_in", units)
        query = _RESOLVE.replace("$whole", f"{whole}::HUGEINT")
        days: pa.Table = connection.sql(query).to_arrow_table()
    day_marks = DayMarks(
        row=_numbers(days["row"]).astype(np.int64),
        day=_numbers(days["day"]).astype(np.int64),
        size=_numbers(days["size"]).astype(np.int32),
        category=_numbers(days["class"]).astype(np.int32),
        tardy=_numbers(days["tardy"]).astype(bool),
        unknown=_numbers(days["unknown"]).astype(bool),
        marked=_numbers(days["marked"]).astype(bool),
    )
    return day_marks, _exact_portions(days, whole)


def _numbers(column: pa.ChunkedArray | pa.Array) -> npt.NDArray[Any]:
    values: npt.NDArray[Any] = np.asarray(column)
    return values


def _common_units(marks: pa.Table) -> tuple[pa.Table, int]:
    """Every distinct portion as a whole number of one common part of the day, and how many parts a day has."""
    distinct = marks.group_by(["num", "den", "mode", "periods_in_day"]).aggregate([]).to_pylist()
    parts = [_share_of_day(line["num"], line["den"], line["mode"], line["periods_in_day"]) for line in distinct]
    whole = math.lcm(*(part.denominator for part in parts)) if parts else 1
    keys = ("num", "den", "periods_in_day")
    table = {key: pa.array([line[key] for line in distinct], pa.int64()) for key in keys}
    table["mode"] = pa.array([line["mode"] for line in distinct], pa.string())
    table["units"] = pa.array([str(int(part * whole)) for part in parts], pa.string())
    return pa.table(table), whole


def _share_of_day(num: int, den: int, mode: str, periods: int) -> Fraction:
    if mode in ("am", "pm"):
        return Fraction(num, den * 2)
    return Fraction(num, den * periods) if mode == "period" and periods > 0 else Fraction(num, den)


def _exact_portions(days: pa.Table, whole: int) -> pa.Table:
    partial = days.filter(pc.and_(pc.is_valid(days["units"]), pc.invert(days["unknown"])))
    exact = [Fraction(int(units), whole) for units in partial["units"].to_pylist()]
    return _portions(_numbers(partial["row"]), _numbers(partial["day"]), exact)
