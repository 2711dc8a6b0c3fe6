"""Exact counts of students and days by any of the columns groups can be made by, and their rates."""

import math
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
from allpresent.measures.sums import Addends, addends

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
DAY = "as_of"
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
    return group_over(facts, (as_of,), rules, by, everyone)


def group_over(
    facts: Facts, days: tuple[date, ...], rules: Rules, by: tuple[str, ...], everyone: bool = False
) -> Grouped:
    """The exact counts of every group on several days of one school year at once; ``by`` may begin with the day.

    Without ``as_of`` in ``by`` a student counts once a day.
    """
    key = ("groups", days, rules, by, everyone)
    made: Grouped = facts.keep(key, lambda: _group(facts, days, rules, by, everyone))
    return made


def _group(facts: Facts, days: tuple[date, ...], rules: Rules, by: tuple[str, ...], everyone: bool) -> Grouped:
    key = ("countable", days, rules, everyone)
    countable: _Countable = facts.keep(key, lambda: _countable(facts, days, rules, everyone))
    columns = [countable.column(facts, name) for name in by]
    at, names = _cells(columns, sum(map(len, countable.rows)))
    held, sums = countable.addends.sums(at, len(names))
    return Grouped(by, _labels(by, columns, names[held]), countable.measured[0].whole, *sums)


@dataclass(frozen=True, eq=False)
class _Countable:
    """The students who are counted, day below day: their rows, what is counted, and by what, once it was asked for."""

    measured: tuple[Measured, ...]
    rows: tuple[Index, ...]  # of the roll, for each day
    addends: Addends  # the counts of Grouped, in its order
    columns: dict[str, Coded]  # codes of the counted rows alone

    def column(self, facts: Facts, name: str) -> Coded:
        """The value of a ``by`` column for every counted student, its labels in the order groups stand in."""
        if name not in self.columns:
            self.columns[name] = self._days() if name == DAY else _ordered(name, self._values(facts, name))
        return self.columns[name]

    def _values(self, facts: Facts, name: str) -> Coded:
        days = [_coded(facts, measured, name) for measured in self.measured]
        codes = [day.code[rows] for day, rows in zip(days, self.rows, strict=True)]
        # Days of one year and one roll share their labels.
        return Coded(np.concatenate(codes), days[0].labels)

    def _days(self) -> Coded:
        codes = np.repeat(np.arange(len(self.rows), dtype=np.int32), [len(rows) for rows in self.rows])
        return Coded(codes, [measured.as_of.isoformat() for measured in self.measured])


def _countable(facts: Facts, days: tuple[date, ...], rules: Rules, everyone: bool) -> _Countable:
    measured = tuple(measure(facts, day, rules) for day in days)
    rows = tuple(np.flatnonzero(each.is_listed & (each.is_enrolled | everyone)) for each in measured)
    daily = [_counted(each, counted) for each, counted in zip(measured, rows, strict=True)]
    counts = [np.concatenate(parts) for parts in zip(*daily, strict=True)]
    return _Countable(measured, rows, addends([np.ones(len(counts[0]), dtype=np.int64), *counts]), {})


def _counted(measured: Measured, rows: Index) -> list[Counts]:
    days = measured.days
    four = (measured.is_chronic, measured.is_chronic_low, measured.is_chronic_high, measured.is_truant)
    return [flag[rows] for flag in four] + [each[rows] for each in (days.enrolled, days.unreported, days.absent)]


def _cells(columns: list[Coded], rows: int) -> tuple[Index, Index]:
    """The cell of each counted row, and the number by which each cell names its values."""
    at = columns[0].code.astype(np.int64) if columns else np.zeros(rows, dtype=np.int64)
    for column in columns[1:]:
        at *= len(column.labels)
        at += column.code
    size = math.prod(len(column.labels) for column in columns)
    if size <= 4 * rows + 1024:
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
    table = facts.version.table("demographics", columns=["student_id", "flag", "value", "start_date", "end_date"])
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
    reported = grouped.days_enrolled - grouped.days_unreported
    judged = reported.astype(grouped.days_absent.dtype) * grouped.whole
    students = grouped.students
    rate, low, high, absence = rates.many_rates(
        (grouped.chronic, students), (grouped.low, students), (grouped.high, students), (grouped.days_absent, judged)
    )
    columns = {
        "students": pa.array(students),
        "chronically_absent": pa.array(grouped.chronic),
        "chronic_rate": rate,
        "chronic_rate_low": low,
        "chronic_rate_high": high,
        "truant": pa.array(grouped.truant),
        "days_enrolled": pa.array(grouped.days_enrolled),
        "days_unreported": pa.array(grouped.days_unreported),
        "days_absent": rates.days(grouped.days_absent, grouped.whole, rules.day_rule != "state"),
        "absence_rate": absence,
    }
    by = [pa.array(grouped.labels[name], pa.string()) for name in grouped.by]
    return pa.Table.from_arrays([*by, *columns.values()], [*grouped.by, *columns])


def counts(grouped: Grouped, rules: Rules) -> pa.Table:
    """The ``by`` columns, the day as a date, then every exact count."""
    by = [
        pa.array(grouped.labels[name], pa.string()).cast(pa.date32() if name == DAY else pa.string())
        for name in grouped.by
    ]
    columns = {
        "students": grouped.students,
        "chronically_absent": grouped.chronic,
        "chronic_low": grouped.low,
        "chronic_high": grouped.high,
        "truant": grouped.truant,
        "days_enrolled": grouped.days_enrolled,
        "days_unreported": grouped.days_unreported,
    }
    absent = rates.days(grouped.days_absent, grouped.whole, rules.day_rule != "state")
    made = [pa.array(column, pa.int64()) for column in columns.values()]
    return pa.Table.from_arrays([*by, *made, absent], [*grouped.by, *columns, "days_absent"])
