"""Exact counts of students and days by any of the columns groups can be made by, and their rates."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from allpresent.measures import rates
from allpresent.measures.chronic import BANDS
from allpresent.measures.engine import Facts, MeasureError
from allpresent.measures.parameters import GRADES, Rules
from allpresent.measures.rates import Counts
from allpresent.measures.roll import Flags, Index, days_of, positions
from allpresent.measures.standings import Measured, measure

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
    counted = measured.is_listed & (measured.is_enrolled | everyone)
    rows = np.flatnonzero(counted)
    at, labels, size = _codes(facts, measured, rows, by)

    def students(flags: Flags) -> Index:
        return np.bincount(at[flags[rows]], minlength=size).astype(np.int64)

    def days(counts: Counts) -> Any:
        total = np.zeros(size, dtype=counts.dtype)
        np.add.at(total, at, counts[rows])
        return total

    return Grouped(
        by=by,
        labels=labels,
        whole=measured.whole,
        students=np.bincount(at, minlength=size).astype(np.int64),
        chronic=students(measured.is_chronic),
        low=students(measured.is_chronic_low),
        high=students(measured.is_chronic_high),
        truant=students(measured.truancy.is_truant),
        days_enrolled=days(measured.days.enrolled),
        days_unreported=days(measured.days.unreported),
        days_absent=days(measured.days.absent),
    )


def _codes(
    facts: Facts, measured: Measured, rows: Index, by: tuple[str, ...]
) -> tuple[Index, dict[str, list[str]], int]:
    """The group of each chosen row, the labels of each group, and how many groups there are."""
    at = np.zeros(len(rows), dtype=np.int64)
    columns = []
    for column in by:
        values = _values(facts, measured, column).take(pa.array(rows)).dictionary_encode()
        ordered = sorted(values.dictionary.to_pylist(), key=lambda text: _rank(column, text))
        place = {text: number for number, text in enumerate(ordered)}
        codes = np.array([place[text] for text in values.dictionary.to_pylist()], dtype=np.int64)
        at = at * max(1, len(ordered)) + codes[values.indices.to_numpy()] if len(rows) else at
        columns.append((column, ordered))
    held, at = np.unique(at, return_inverse=True)
    labels: dict[str, list[str]] = {}
    rest = held
    for column, ordered in reversed(columns):
        rest, code = np.divmod(rest, max(1, len(ordered)))
        labels[column] = [ordered[number] for number in code]
    return at.reshape(-1).astype(np.int64), {column: labels[column] for column in by}, len(held)


def _rank(column: str, text: str) -> tuple[int, str]:
    order = _ORDER.get(column, ())
    return (order.index(text) if text in order else len(order), text)


def _values(facts: Facts, measured: Measured, column: str) -> pa.Array:
    """The value of one ``by`` column for every row of the roll."""
    if column.startswith(STUDENT_GROUP):
        return _student_group(facts, measured, column.removeprefix(STUDENT_GROUP))
    if column == "level":
        names = pa.array([f"L{number}" for number in range(1, int(measured.level.max(initial=1)) + 1)], pa.string())
        return names.take(pa.array(measured.level - 1))
    if column == "attendance_works_band":
        names = pa.array(["", *BANDS], pa.string())
        return names.take(pa.array(measured.band + 1))
    return {"school": measured.school_id, "grade": measured.grade, "grade_range": measured.grade_range}[column]


def _student_group(facts: Facts, measured: Measured, name: str) -> pa.Array:
    """The value of a student group in force on the day, ``0`` for none; of several the one begun last."""
    table = facts.version.table("demographics")
    table = table.filter(pc.equal(table["flag"], name))
    start, end = days_of(table["start_date"]), days_of(table["end_date"])
    day = np.datetime64(measured.as_of, "D")
    in_force = (np.isnat(start) | (start <= day)) & (np.isnat(end) | (end >= day))
    kept = table.filter(pa.array(in_force)).sort_by(
        [("student_id", "ascending"), ("start_date", "descending"), ("value", "ascending")]
    )
    at = positions(measured.roll.student_id, kept["student_id"])
    value = pc.fill_null(kept["value"].combine_chunks().take(pa.array(at, mask=at < 0)), "0")
    return pc.if_else(pc.equal(value, ""), "0", value)


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
