"""Truancy, CGS 10-198a: four unexcused days in a month or ten in a school year, ages 5 to 18.

A month is any 30 consecutive calendar days, or a month of the calendar where the district says so. The meeting with
the parent is due ten school days after the fourth or tenth unexcused day.
"""

from calendar import isleap
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from allpresent.measures.absence import DaysCounted, DaySizes
from allpresent.measures.parameters import Rules
from allpresent.measures.rates import Counts
from allpresent.measures.roll import Days, Flags, Index, Roll, Words, days_set

_DAYS_A_ROW = 1 << 20
_ROWS_AT_ONCE = 1 << 15


@dataclass(frozen=True, eq=False)
class Truancy:
    """For each row: most unexcused days in a month (parts of a day), whether truant, and since which day (or NaT)."""

    worst_month: Counts
    is_truant: Flags
    truant_on: Days


@dataclass(frozen=True, eq=False)
class UnexcusedYear:
    """The unexcused absences of a whole year, row by row and in order: every day of the year is answered from them.

    ``key`` orders the absences by row and day, ``first`` is where each row's begin (one longer than the rows).
    ``worst`` is the most in a month so far at each absence; ``since`` is the day a row's count first reached a bound of
    truancy, whatever the age, or NaT.
    """

    key: Index
    first: Index
    worst: Counts
    since: Days


@dataclass(frozen=True, eq=False)
class _Missed:
    """Unexcused absences in order: row, calendar day, size in parts of a day, and all parts before each."""

    row: Index
    day: Index
    before: Counts  # running sum, one longer than the events


def unexcused_year(roll: Roll, sizes: DaySizes, rules: Rules) -> UnexcusedYear:
    """What truancy on any day of the year is judged by, some rows at a time so that little memory is needed."""
    parts = [_unexcused(roll, sizes, rules, first) for first in range(0, max(1, len(roll)), _ROWS_AT_ONCE)]
    keys, worst, since = zip(*parts, strict=True)
    key = np.concatenate(keys)
    first = np.searchsorted(key, np.arange(len(roll) + 1) * _DAYS_A_ROW)
    return UnexcusedYear(key, first, np.concatenate(worst), np.concatenate(since))


def find_truancy(counted: DaysCounted, year: UnexcusedYear, is_truant: Flags, as_of: date) -> Truancy:
    """Truancy of each row over the reported, enrolled days up to ``as_of``, given who is truant by then."""
    first, after = year.first[:-1], year.first[1:]
    if counted.sizes.whole == 1:
        so_far = first + counted.unexcused
    else:
        day = np.datetime64(as_of, "D").astype(np.int64)
        so_far = np.searchsorted(year.key, np.arange(len(first)) * _DAYS_A_ROW + day, side="right")
        so_far = np.clip(so_far, first, after)
    worst = np.zeros(len(first), dtype=year.worst.dtype)
    has_some = so_far > first
    worst[has_some] = year.worst[so_far[has_some] - 1]
    return Truancy(worst, is_truant, np.where(is_truant, year.since, np.datetime64("NaT", "D")))


def is_truant_by(roll: Roll, year: UnexcusedYear, rules: Rules, as_of: date) -> Flags:
    """Which rows are truant on a day."""
    # A comparison with NaT is false.
    is_truant: Flags = (year.since <= np.datetime64(as_of, "D")) & is_of_age(roll.birth, as_of, rules.truancy_ages)
    return is_truant


def _unexcused(roll: Roll, sizes: DaySizes, rules: Rules, first: int) -> tuple[Index, Counts, Days]:
    """The unexcused absences of some rows, numbered as in the whole roll."""
    rows = slice(first, first + _ROWS_AT_ONCE)
    days = roll.bits["enrolled"][rows] & roll.bits["reported"][rows] & roll.bits["unexcused"][rows]
    missed = _missed(roll, sizes, days, first)
    since = np.full(len(days), np.datetime64("NaT"), dtype="datetime64[D]")
    in_month = missed.before[1:] - missed.before[_month_start(missed, rules)]
    in_year = missed.before[1:] - missed.before[np.searchsorted(missed.row, missed.row, side="left")]
    reached = (in_month >= rules.truancy_in_month * sizes.whole) | (in_year >= rules.truancy_in_year * sizes.whole)
    row, at = np.unique(missed.row[np.asarray(reached, dtype=bool)], return_index=True)
    since[row] = missed.day[np.asarray(reached, dtype=bool)][at].astype("datetime64[D]")
    return (missed.row + first) * _DAYS_A_ROW + missed.day, _most_so_far(missed.row, in_month), since


def _most_so_far(row: Index, counts: Counts) -> Counts:
    """The running most within each row. ``row`` is sorted."""
    if not len(row):
        return counts
    # Raised by the row, every count of a row is above those of the rows before.
    step = counts.max() + 1
    raised = row.astype(counts.dtype) * step
    most: Counts = np.maximum.accumulate(raised + counts) - raised
    return most


def is_of_age(birth: Days, on: date, ages: tuple[int, int]) -> Flags:
    """Whether the age in full years on the day lies in the range, both ends included; a blank birth date does."""
    too_young, too_old = birth > _last_birth(on, ages[0]), birth <= _last_birth(on, ages[1] + 1)
    is_inside: Flags = ~(too_young | too_old)  # a comparison with NaT is false
    return is_inside


def _last_birth(on: date, age: int) -> np.datetime64:
    """The latest birth date of those who are at least so old on a day."""
    year = on.year - age
    is_leap_day_missing = (on.month, on.day) == (2, 29) and not isleap(year)
    return np.datetime64(date(year, 2, 28) if is_leap_day_missing else on.replace(year=year), "D")


def meeting_due(truant_on: Days, school: npt.NDArray[np.int32], sessions: Mapping[int, Days], after: int) -> Days:
    """The ``after``-th school day after each day, by the row's school; NaT where the calendar does not reach so far.

    ``school`` is a number a row, and ``sessions`` gives each number's days in session.
    """
    due = np.full(len(truant_on), np.datetime64("NaT"), dtype="datetime64[D]")
    truant = np.flatnonzero(~np.isnat(truant_on))
    truant = truant[np.argsort(school[truant], kind="stable")]
    numbers, first = np.unique(school[truant], return_index=True)
    for number, rows in zip(numbers.tolist(), np.split(truant, first[1:]), strict=False):
        days = sessions[number]
        at = np.searchsorted(days, truant_on[rows], side="right") + after - 1
        is_held = at < len(days)
        due[rows[is_held]] = days[at[is_held]]
    return due


def _missed(roll: Roll, sizes: DaySizes, days: Words, first: int) -> _Missed:
    """Absences on the given days of the rows from ``first`` on; rows are numbered from there."""
    missed = days & sizes.full[first : first + len(days)]
    some = np.flatnonzero(missed.any(axis=1))
    row, at = days_set(missed[some])
    row = some[row]
    size: Counts = np.full(len(row), sizes.whole, dtype=sizes.part_size.dtype)
    if len(sizes.part_row):
        inside = sizes.is_set(days, first)
        row = np.concatenate([row, sizes.part_row[inside] - first])
        at = np.concatenate([at, sizes.part_day[inside]])
        size = np.concatenate([size, sizes.part_size[inside]])
        order = np.lexsort((at, row))
        row, at, size = row[order], at[order], size[order]
    before = np.concatenate([np.zeros(1, dtype=size.dtype), np.cumsum(size, dtype=size.dtype)])
    return _Missed(row, roll.dates[at].astype(np.int64), before)


def _month_start(missed: _Missed, rules: Rules) -> Index:
    """For each event the first event of the same row within the month that ends, or lies, on its day."""
    if rules.truancy_month == "calendar":
        first = missed.day.astype("datetime64[D]").astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    else:
        first = missed.day - (rules.truancy_month_days - 1)
    keys = missed.row * _DAYS_A_ROW + missed.day
    return np.searchsorted(keys, missed.row * _DAYS_A_ROW + first, side="left").astype(np.int64)
