"""Counts of students of one scope (a school, a grade range, the district) from counts of groups by level."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

LEVELS = ("L1", "L2", "L3", "L4", "L5", "L6")
HIGH = LEVELS[3:]  # Serious, Severe and Extreme
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


def tallies_of(counted: Iterable[Mapping[str, Any]], by: str) -> dict[date, dict[str, Tally]]:
    """For each day the tally of each value of ``by``, from rows of ``group_counts`` by ``by`` and level."""
    found: dict[date, dict[str, Tally]] = {}
    for row in counted:
        of_day = found.setdefault(row["as_of"], {})
        of_day[row[by]] = of_day.get(row[by], Tally()) + _of_level(row)
    return found


def _of_level(row: Mapping[str, Any]) -> Tally:
    """The students of one level."""
    levels = tuple(row["students"] if row["level"] == level else 0 for level in LEVELS)
    chronic = (row["chronically_absent"], row["chronic_low"], row["chronic_high"])
    return Tally(row["students"], *chronic, levels, row["days_enrolled"], row["days_unreported"])


def total(tallies: Iterable[Tally]) -> Tally:
    """Scopes with no student in common, as one."""
    return sum(tallies, Tally())
