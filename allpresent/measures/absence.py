"""Days enrolled, reported and absent: counts of bits under a mask, with the day rule applied here and nowhere else."""

import math
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from allpresent.ledger import Strips, whole_day_absences
from allpresent.measures.parameters import Rules
from allpresent.measures.rates import Counts
from allpresent.measures.roll import Index, Roll, Words

# Above this many parts a day the products of a year no longer fit 64 bits, and Python's own integers count instead.
_LARGEST_FAST_WHOLE = 10**9


@dataclass(frozen=True, eq=False)
class DaySizes:
    """How much of each day of a roll counts as absent: ``whole`` parts on a ``full`` day, fewer on the part days.

    Under the state rule a day counts whole or not at all, so ``whole`` is 1 and there are no part days.
    """

    whole: int
    full: Words
    part_row: Index
    part_day: Index
    part_size: Counts

    def weigh(self, days: Words) -> Counts:
        """Parts absent on the given days, one sum a row."""
        counted: Counts = Strips.count(self.full & days)
        if self.whole == 1:
            return counted
        counted = counted.astype(self.part_size.dtype) * self.whole
        inside = self.is_set(days)
        np.add.at(counted, self.part_row[inside], self.part_size[inside])
        return counted

    def is_set(self, days: Words, first: int = 0) -> npt.NDArray[np.bool_]:
        """For each part day whether it is among the given days of the rows from ``first`` on."""
        row = self.part_row - first
        held = (row >= 0) & (row < len(days))
        words = days[np.where(held, row, 0), self.part_day // 64] if len(days) else np.zeros(len(row), np.uint64)
        is_day = np.right_shift(words, (self.part_day % 64).astype(np.uint64)) & np.uint64(1)
        is_set: npt.NDArray[np.bool_] = held & is_day.astype(bool)
        return is_set


def day_sizes(roll: Roll, rules: Rules) -> DaySizes:
    """The day rule over a roll.

    ``state``: absent when more than half of the day was missed, and for exactly half if the rules say so
    (Connecticut: present; EDFacts: absent). ``fractional``: the exact share of the day missed.
    """
    none = np.zeros(0, dtype=np.int64)
    if rules.day_rule == "state":
        return DaySizes(1, whole_day_absences(roll.bits, rules.is_half_absent), none, none, none)
    whole = math.lcm(*(int(part) for part in np.unique(roll.part_den)))
    kind: Any = np.int64 if whole <= _LARGEST_FAST_WHOLE else object
    size = roll.part_num.astype(kind) * (whole // roll.part_den.astype(kind))
    # A year of whole days only still says so by having one part a day.
    return DaySizes(whole, roll.bits["absent"], roll.part_row, roll.part_day, size)


@dataclass(frozen=True, eq=False)
class DaysCounted:
    """Days of each row of a roll up to a day. ``absent`` and its three classes are in parts of a day (``whole``).

    ``counted_days`` are the reported, enrolled school days up to the day: what every rate is judged on. The three
    classes are counted when they are first asked for.
    """

    roll: Roll
    sizes: DaySizes
    counted_days: Words
    enrolled: Index
    reported: Index
    absent: Counts

    @cached_property
    def excused(self) -> Counts:
        """Absent and excused."""
        return self._of_class("excused")

    @cached_property
    def unexcused(self) -> Counts:
        """Absent and not excused."""
        return self._of_class("unexcused")

    @cached_property
    def disciplinary(self) -> Counts:
        """Kept out of school: an absence all the same."""
        return self._of_class("disciplinary")

    @cached_property
    def unreported(self) -> Index:
        """Enrolled school days without attendance reported: neither present nor absent."""
        return self.enrolled - self.reported

    def _of_class(self, name: str) -> Counts:
        return self.sizes.weigh(self.counted_days & self.roll.bits[name])


def count_days(roll: Roll, sizes: DaySizes, as_of: date) -> DaysCounted:
    """All day counts of a school year up to and including ``as_of``."""
    enrolled = roll.bits["enrolled"] & roll.strips.mask(None, as_of)
    counted = enrolled & roll.bits["reported"]
    return DaysCounted(
        roll=roll,
        sizes=sizes,
        counted_days=counted,
        enrolled=Strips.count(enrolled),
        reported=Strips.count(counted),
        absent=sizes.weigh(counted),
    )
