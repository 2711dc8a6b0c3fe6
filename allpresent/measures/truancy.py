"""Truancy, CGS 10-198a: four unexcused days in a month or ten in a school year, ages 5 to 18.

A month is any 30 consecutive calendar days, or a month of the calendar where the district says so. The meeting with
the parent is due ten school days after the fourth or tenth unexcused day.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from allpresent.measures.absence import DaysCounted, DaySizes
from allpresent.measures.parameters import Rules
from allpresent.measures.rates import Counts
from allpresent.measures.roll import Days, Flags, Index, Roll, Words, days_set

_DAYS_A_ROW = 1 << 20


@dataclass(frozen=True, eq=False)
class Truancy:
    """For each row: most unexcused days in a month (parts of a day), whether truant, and since which day (or NaT)."""

    worst_month: Counts
    is_truant: Flags
    truant_on: Days


@dataclass(frozen=True, eq=False)
class _Missed:
    """Unexcused absences in order: row, calendar day, size in parts of a day, and all parts before each."""

    row: Index
    day: Index
    before: Counts  # running sum, one longer than the events


def find_truancy(roll: Roll, sizes: DaySizes, counted: DaysCounted, rules: Rules, as_of: date) -> Truancy:
    """Truancy of each row over the reported, enrolled days up to ``as_of``, with the age on that day."""
    missed = _missed(roll, sizes, counted.counted_days & roll.bits["unexcused"])
    worst = np.zeros(len(roll), dtype=missed.before.dtype)
    truant_on = np.full(len(roll), np.datetime64("NaT"), dtype="datetime64[D]")
    if len(missed.row):
        in_month = missed.before[1:] - missed.before[_month_start(missed, rules)]
        in_year = missed.before[1:] - missed.before[np.searchsorted(missed.row, missed.row, side="left")]
        np.maximum.at(worst, missed.row, in_month)
        reached = (in_month >= rules.truancy_in_month * sizes.whole) | (in_year >= rules.truancy_in_year * sizes.whole)
        row, first = np.unique(missed.row[np.asarray(reached, dtype=bool)], return_index=True)
        truant_on[row] = missed.day[np.asarray(reached, dtype=bool)][first].astype("datetime64[D]")
    is_truant = ~np.isnat(truant_on) & is_of_age(roll.birth, as_of, rules.truancy_ages)
    truant_on[~is_truant] = np.datetime64("NaT")
    return Truancy(worst, is_truant, truant_on)


def is_of_age(birth: Days, on: date, ages: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Whether the age in full years on the day lies in the range, both ends included; a blank birth date does."""
    known = ~np.isnat(birth)
    month = birth.astype("datetime64[M]")
    year = birth.astype("datetime64[Y]").astype(np.int64) + 1970
    month_number = month.astype(np.int64) % 12 + 1
    day = (birth - month.astype("datetime64[D]")).astype(np.int64) + 1
    has_had_birthday = month_number * 100 + day <= on.month * 100 + on.day
    age = on.year - year - ~has_had_birthday
    is_inside: npt.NDArray[np.bool_] = ~known | ((age >= ages[0]) & (age <= ages[1]))
    return is_inside


def meeting_due(truant_on: Days, school: npt.NDArray[np.object_], sessions: dict[str, Days], after: int) -> Days:
    """The ``after``-th school day after each day, by the row's school; NaT where the calendar does not reach so far."""
    due = np.full(len(truant_on), np.datetime64("NaT"), dtype="datetime64[D]")
    truant = np.flatnonzero(~np.isnat(truant_on))
    for name, days in sessions.items():
        rows = truant[school[truant] == name]
        at = np.searchsorted(days, truant_on[rows], side="right") + after - 1
        is_held = at < len(days)
        due[rows[is_held]] = days[at[is_held]]
    return due


def _missed(roll: Roll, sizes: DaySizes, days: Words) -> _Missed:
    some = np.flatnonzero((days & sizes.full).any(axis=1))
    row, at = days_set((days & sizes.full)[some])
    row = some[row]
    size: Counts = np.full(len(row), sizes.whole, dtype=sizes.part_size.dtype)
    if len(sizes.part_row):
        inside = sizes.is_set(days)
        row = np.concatenate([row, sizes.part_row[inside]])
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
