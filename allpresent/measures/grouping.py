"""Exact counts of students and days by any of the columns groups can be made by, and their rates."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from allpresent.measures import rates
from allpresent.measures.chronic import BANDS
from allpresent.measures.engine import Facts, MeasureError
from allpresent.measures.measured import Measured, measure
from allpresent.measures.parameters import GRADES, Rules
from allpresent.measures.rates import Counts
from allpresent.measures.roll import Coded, Days, Index, coded, days_of, positions

GROUP_FIGURES = (
    "students",
    "chronically_absent",
    "chronic_rate",
    "chronic_rate_low",
    "chronic_rate_high",
    "truant",
    "days_enrolled",
    "days_unreported",
    "days_absent",
    "absence_rate",
)
STUDENT_GROUP = "student_group:"
_COLUMNS = ("school", "grade", "grade_range", "level", "attendance_works_band")
_ORDER = {"grade": ("", *GRADES), "attendance_works_band": ("", *BANDS)}


@dataclass(frozen=True, eq=False)
class Grouped:
    """Exact counts, one entry a group: the values of each ``by`` column as text, then students and days.

    ``low`` and ``high`` are the chronically absent if every unreported day was present, or absent. ``days_absent``
    is in parts of a day (``whole``).
    """

    by: tuple[str, ...]
    labels: dict[str, list[str]]
    whole: int
    students: Index
    chronic: Index
    low: Index
    high: Index
    truant: Index
    days_enrolled: Index
    days_unreported: Index
    days_absent: Counts


def check_by(by: list[str]) -> None:
    """Raises MeasureError for a column groups cannot be made by, or one named twice."""
    for column in by:
        if column not in _COLUMNS and not (column.startswith(STUDENT_GROUP) and len(column) > len(STUDENT_GROUP)):
            raise MeasureError(
                f"Groups cannot be made by '{column}'; use {', '.join(_COLUMNS)} or {STUDENT_GROUP}NAME."
            )
        if by.count(column) > 1:
            raise MeasureError(f"Groups are asked for by '{column}' twice; name it once.")


def group(facts: Facts, as_of: date, rules: Rules, by: tuple[str, ...], everyone: bool = False) -> Grouped:
    """The exact counts of every group that has at least one student."""
    made: Grouped = facts.keep(
        ("groups", as_of, rules, by, everyone), lambda: _group(facts, as_of, rules, by, everyone)
    )
    return made


def _group(facts: Facts, as_of: date, rules: Rules, by: tuple[str, ...], everyone: bool) -> Grouped:
    measured = measure(facts, as_of, rules)
    key = ("countable", as_of, rules, everyone)
    countable: _Countable = facts.keep(key, lambda: _countable(measured, everyone))
    columns = [_ordered(name, _coded(facts, measured, name)) for name in by]
    at, names = _cells(columns, countable.rows)
    size = len(names)
    # One count of a cell and a pattern of flags gives every number of students at once.
    patterns = np.bincount(at * _PATTERNS + countable.flags, minlength=size * _PATTERNS).reshape(size, _PATTERNS)
    students = patterns.sum(axis=1)
    held = np.flatnonzero(students)

    def flagged(flag: int) -> Index:
        has_flag = (np.arange(_PATTERNS) >> flag & 1).astype(bool)
        return np.asarray(patterns[held][:, has_flag].sum(axis=1), dtype=np.int64)

    return Grouped(
        by=by,
        labels=_labels(by, columns, names[held]),
        whole=measured.whole,
        students=students[held].astype(np.int64),
        chronic=flagged(0),
        low=flagged(1),
        high=flagged(2),
        truant=flagged(3),
        days_enrolled=_sum(at, countable.enrolled, size)[held],
        days_unreported=_sum(at, countable.unreported, size)[held],
        days_absent=_sum(at, countable.absent, size)[held],
    )


_PATTERNS = 16  # of four flags
_EXACT = 2**53  # whole numbers below it add up exactly as floats


@dataclass(frozen=True, eq=False)
class _Countable:
    """The students who are counted on a day: their rows, flags as the bits of one number, and days."""

    rows: Index
    flags: Index  # chronic, low, high, truant, from the lowest bit
    enrolled: Counts
    unreported: Counts
    absent: Counts


def _countable(measured: Measured, everyone: bool) -> _Countable:
    rows = np.flatnonzero(measured.is_listed & (measured.is_enrolled | everyone))
    flags = np.zeros(len(rows), dtype=np.int64)
    four = (measured.is_chronic, measured.is_chronic_low, measured.is_chronic_high, measured.is_truant)
    for place, flag in enumerate(four):
        flags |= flag[rows].astype(np.int64) << place
    days = (measured.days.enrolled, measured.days.unreported, measured.days.absent)
    return _Countable(rows, flags, *(_addable(counts[rows]) for counts in days))


def _addable(counts: Counts) -> Counts:
    """The same numbers in a form that adds up fast and exactly: as floats where even their sum is exact."""
    is_small = counts.dtype != object and int(counts.max(initial=0)) * max(1, len(counts)) < _EXACT
    return counts.astype(np.float64) if is_small else counts


def _sum(at: Index, counts: Counts, size: int) -> Counts:
    """Sums by cell, as whole numbers."""
    if counts.dtype == np.float64:
        return np.bincount(at, weights=counts, minlength=size).astype(np.int64)
    total = np.zeros(size, dtype=counts.dtype)
    np.add.at(total, at, counts)
    return total


def _cells(columns: list[Coded], rows: Index) -> tuple[Index, Index]:
    """The cell of each chosen row, and the number by which each cell names its values."""
    at = np.zeros(len(rows), dtype=np.int64)
    size = 1
    for column in columns:
        at = at * len(column.labels) + column.code[rows]
        size *= len(column.labels)
    if size <= 4 * len(rows) + 1024:
        return at, np.arange(size)
    names, at = np.unique(at, return_inverse=True)
    return at.reshape(-1), names


def _labels(by: tuple[str, ...], columns: list[Coded], held: Index) -> dict[str, list[str]]:
    """The value of each column for the cells that hold anybody."""
    labels: dict[str, list[str]] = {}
    rest = held
    for name, column in reversed(list(zip(by, columns, strict=True))):
        rest, code = np.divmod(rest, len(column.labels))
        labels[name] = [column.labels[number] for number in code.tolist()]
    return {name: labels[name] for name in by}


def _ordered(name: str, column: Coded) -> Coded:
    """The column with its labels in the order the rows of groups stand in."""
    if name == "school" or name.startswith(STUDENT_GROUP):  # sorted as they are read
        return column
    labels = sorted(column.labels, key=lambda text: _rank(name, text))
    if labels == column.labels:
        return column
    place = np.array([labels.index(text) for text in column.labels], dtype=np.int32)
    return Coded(place[column.code], labels)


def _rank(column: str, text: str) -> tuple[int, str]:
    order = _ORDER.get(column, ())
    return (order.index(text) if text in order else len(order), text)


def _coded(facts: Facts, measured: Measured, column: str) -> Coded:
    """The value of one ``by`` column for every row of the roll."""
    if column.startswith(STUDENT_GROUP):
        return _student_group(facts, measured, column.removeprefix(STUDENT_GROUP))
    if column == "level":
        names = [f"L{number}" for number in range(1, len(measured.rules.level_bounds) + 2)]
        return Coded((measured.level - 1).astype(np.int32), names)
    if column == "attendance_works_band":
        return Coded((measured.band + 1).astype(np.int32), ["", *BANDS])
    return {"school": measured.school, "grade": measured.grade, "grade_range": measured.grade_range}[column]


@dataclass(frozen=True, eq=False)
class _Memberships:
    """The values of one student group over the roll, in an order where the later of two is the one in force.

    ``is_always``: nobody's begins or ends, and ``value`` has one entry a row of the roll.
    """

    row: Index
    start: Days
    end: Days
    value: Coded
    is_always: bool


def _student_group(facts: Facts, measured: Measured, name: str) -> Coded:
    """The value of a student group in force on the day, ``0`` for none; of several the one begun last."""
    key = ("group", measured.roll.strips.school_year, name)
    held: _Memberships = facts.keep(key, lambda: _memberships(facts, measured, name), kind="plan")
    if held.is_always:
        return held.value
    day = np.datetime64(measured.as_of, "D")
    in_force = (np.isnat(held.start) | (held.start <= day)) & (np.isnat(held.end) | (held.end >= day))
    return _spread(held.row[in_force], held.value.code[in_force], held.value.labels, len(measured.roll))


def _spread(row: Index, code: npt.NDArray[np.int32], labels: list[str], rows: int) -> Coded:
    """Codes set on their rows, the last winning; ``0`` on the others."""
    spread = np.full(rows, labels.index("0"), dtype=np.int32)
    spread[row] = code
    return Coded(spread, labels)


def _memberships(facts: Facts, measured: Measured, name: str) -> _Memberships:
    table = facts.version.table("demographics")
    table = table.filter(pc.equal(table["flag"], name)).sort_by(
        [("student_id", "ascending"), ("start_date", "descending"), ("value", "ascending")]
    )
    row = positions(table["student_id"], measured.roll.student_id)
    value = pc.fill_null(table["value"], "0")
    value = pc.if_else(pc.equal(value, ""), "0", value)
    labels = sorted({"0", *pc.unique(value).to_pylist()})
    kept = np.flatnonzero(row >= 0)[::-1]
    start, end = days_of(table["start_date"]), days_of(table["end_date"])
    row, start, end, code = row[kept], start[kept], end[kept], coded(value, labels).code[kept]
    is_always = bool(np.isnat(start).all() and np.isnat(end).all())
    held = _spread(row, code, labels, len(measured.roll)) if is_always else Coded(code, labels)
    return _Memberships(row, start, end, held, is_always)


def figures(grouped: Grouped, rules: Rules) -> pa.Table:
    """The contract's columns: the ``by`` columns, then every count and exact rate."""
    columns: dict[str, pa.Array] = {name: pa.array(grouped.labels[name], pa.string()) for name in grouped.by}
    reported = grouped.days_enrolled - grouped.days_unreported
    judged = reported.astype(grouped.days_absent.dtype) * grouped.whole
    columns |= {
        "students": pa.array(grouped.students),
        "chronically_absent": pa.array(grouped.chronic),
        "chronic_rate": rates.rates(grouped.chronic, grouped.students),
        "chronic_rate_low": rates.rates(grouped.low, grouped.students),
        "chronic_rate_high": rates.rates(grouped.high, grouped.students),
        "truant": pa.array(grouped.truant),
        "days_enrolled": pa.array(grouped.days_enrolled),
        "days_unreported": pa.array(grouped.days_unreported),
        "days_absent": rates.days(grouped.days_absent, grouped.whole, rules.day_rule != "state"),
        "absence_rate": rates.rates(grouped.days_absent, judged),
    }
    return pa.table(columns)
