"""Counts of students of one scope (a school, a grade range, the district) from a table of standings."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

LEVELS = ("L1", "L2", "L3", "L4", "L5", "L6")
ALL_SCHOOLS = "all"
# Addresses of the grade ranges of the state pack: a slash-free, lower-case key.
GRADE_RANGES = {"k-8": "K-8", "9-12": "9-12"}


@dataclass(frozen=True)
class Tally:
    """Students enrolled on the day: how many, how many chronically absent (with bounds), by level; sums of days.

    ``low``: chronically absent if every unreported day was attended; ``high``: if every one was missed.
    """

    students: int = 0
    chronic: int = 0
    low: int = 0
    high: int = 0
    levels: tuple[int, ...] = (0,) * len(LEVELS)
    days_enrolled: int = 0
    days_unreported: int = 0

    @property
    def at_l4_or_more(self) -> int:
        """Students at the levels Serious, Severe and Extreme together."""
        return sum(self.levels[3:])

    def __add__(self, other: "Tally") -> "Tally":
        """Two scopes with no student in common, as one."""
        return Tally(
            self.students + other.students,
            self.chronic + other.chronic,
            self.low + other.low,
            self.high + other.high,
            tuple(a + b for a, b in zip(self.levels, other.levels, strict=True)),
            self.days_enrolled + other.days_enrolled,
            self.days_unreported + other.days_unreported,
        )


def column(table: pa.Table, name: str) -> np.ndarray[Any, Any]:
    """A column as an array; text as objects, a missing text as ``""``."""
    values = table.column(name).combine_chunks()
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        return np.asarray(values.fill_null("").to_pylist(), dtype=object)
    return np.asarray(values.to_numpy(zero_copy_only=False))


def in_scope(table: pa.Table, scope: str) -> np.ndarray[Any, Any]:
    """Which rows are students enrolled on the day in ``scope``: ``all``, a grade range's key, or a school_id."""
    here = column(table, "is_enrolled") == 1
    if scope == ALL_SCHOOLS:
        return here
    if scope in GRADE_RANGES:
        return here & (column(table, "grade_range") == GRADE_RANGES[scope])
    return here & (column(table, "school_id") == scope)


def tally_by(table: pa.Table, name: str, scope: str = ALL_SCHOOLS) -> dict[str, Tally]:
    """One tally for each value of the column ``name`` among the enrolled students of ``scope``."""
    here = in_scope(table, scope)
    values, group = np.unique(column(table, name)[here].astype(str), return_inverse=True)
    if not len(values):
        return {}

    def per_group(numbers: np.ndarray[Any, Any]) -> list[int]:
        sums = np.zeros(len(values), dtype=np.int64)
        np.add.at(sums, group, numbers[here].astype(np.int64))
        return sums.tolist()

    sums = [per_group(column(table, key)) for key in ("is_chronically_absent", "is_chronic_low", "is_chronic_high")]
    days = [per_group(column(table, key)) for key in ("days_enrolled", "days_unreported")]
    level = column(table, "level")
    levels = [per_group(level == key) for key in LEVELS]
    students = np.bincount(group, minlength=len(values)).tolist()
    return {
        str(value): Tally(
            students[n], sums[0][n], sums[1][n], sums[2][n], tuple(by[n] for by in levels), *(by[n] for by in days)
        )
        for n, value in enumerate(values)
    }


def total(tallies: Iterable[Tally]) -> Tally:
    """Scopes with no student in common, as one."""
    return sum(tallies, Tally())


def tally(table: pa.Table, scope: str) -> Tally:
    """The enrolled students of ``scope`` counted once each."""
    return total(tally_by(table, "level", scope).values())
