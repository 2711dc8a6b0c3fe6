"""Every measure of one day over one roll, each worked out when it is first asked for."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pyarrow as pa

from allpresent.ledger import Strips
from allpresent.measures.absence import DaysCounted, DaySizes, count_days, day_sizes
from allpresent.measures.chronic import band_of, is_chronic, level_of
from allpresent.measures.engine import Facts
from allpresent.measures.parameters import Rules
from allpresent.measures.roll import Coded, Flags, Index, Roll, codes_at
from allpresent.measures.truancy import Truancy, UnexcusedYear, find_truancy, is_truant_by, unexcused_year


@dataclass(frozen=True, eq=False)
class Measured:
    """All measures of one day over one roll, row by row, as arrays; counts of absence in parts of a day (``whole``).

    What not every question needs is worked out when it is first asked for.
    """

    facts: Facts
    roll: Roll
    as_of: date
    rules: Rules
    sizes: DaySizes
    days: DaysCounted
    span: Index
    is_per_school: bool
    asked: tuple[str, str] | None  # the roll is that of this school's students, or of this student, alone

    @property
    def whole(self) -> int:
        """Parts of a day."""
        return self.sizes.whole

    @cached_property
    def is_listed(self) -> Flags:
        """Rows with at least one school day enrolled so far."""
        return np.asarray(self.days.enrolled > 0)

    @cached_property
    def school(self) -> Coded:
        """School of the latest span."""
        return Coded(codes_at(self.roll.spans.school, self.span), self.roll.spans.school.labels)

    @cached_property
    def grade(self) -> Coded:
        """Grade of the latest span; a blank one takes the student's."""
        of_span = codes_at(self.roll.spans.grade, self.span)
        return Coded(np.where(of_span == 0, self.roll.grade.code, of_span), self.roll.grade.labels)

    @cached_property
    def grade_range(self) -> Coded:
        """The state's range that holds the grade; blank for a grade in none, as pre-K."""
        names = {grade: name for name, grades in self.rules.grade_ranges for grade in grades}
        texts = [names.get(label, "") for label in self.grade.labels]
        labels = sorted({"", *texts})
        return Coded(np.array([labels.index(text) for text in texts], dtype=np.int32)[self.grade.code], labels)

    @property
    def school_id(self) -> pa.Array:
        """School of the latest span, as text."""
        return self.school.texts

    @cached_property
    def is_enrolled(self) -> Flags:
        """Whether the latest span holds the day."""
        ended = self.roll.spans.last < np.datetime64(self.as_of, "D")  # false for an open span
        is_enrolled = self.span >= 0
        return is_enrolled & ~ended[self.span] if len(ended) else is_enrolled

    @cached_property
    def level(self) -> Index:
        """Number of the level, from 1."""
        return level_of(self.rules.level_bounds, self.days.absent, self.whole)

    @cached_property
    def band(self) -> Index:
        """Position in ``BANDS``; -1 with no day to judge."""
        return band_of(self.rules, self.days.absent, self.whole, self.days.reported)

    @cached_property
    def is_chronic(self) -> Flags:
        """The chronic test over the reported days."""
        return is_chronic(self.rules, self.days.absent, self.whole, self.days.reported)

    @cached_property
    def is_chronic_low(self) -> Flags:
        """The chronic test with every unreported day present."""
        return is_chronic(self.rules, self.days.absent, self.whole, self.days.enrolled)

    @cached_property
    def is_chronic_high(self) -> Flags:
        """The chronic test with every unreported day absent."""
        high = self.days.absent + self.days.unreported.astype(self.days.absent.dtype) * self.whole
        return is_chronic(self.rules, high, self.whole, self.days.enrolled)

    @cached_property
    def remaining(self) -> Index:
        """School days still to come up to the last member date or the calendar's end."""
        return Strips.count(self.roll.bits["enrolled"] & ~self.roll.strips.mask(None, self.as_of))

    @cached_property
    def planned(self) -> Index:
        """The reported days so far and those still to come."""
        return self.days.reported + self.remaining

    @cached_property
    def is_truant(self) -> Flags:
        """Whether truant on the day."""
        return is_truant_by(self.roll, self._unexcused, self.rules, self.as_of)

    @cached_property
    def truancy(self) -> Truancy:
        """Truant or not, since when, and the most unexcused days in a month."""
        return find_truancy(self.days, self._unexcused, self.is_truant, self.as_of)

    @property
    def _unexcused(self) -> UnexcusedYear:
        key = ("unexcused", self.roll.strips.school_year, self.is_per_school, self.asked, self.rules)
        kind = "plan" if self.asked is None else "answer"
        return self.facts.keep(key, lambda: unexcused_year(self.roll, self.sizes, self.rules), kind=kind)


def measure(facts: Facts, as_of: date, rules: Rules, is_per_school: bool = False) -> Measured:
    """Every measure of one day. Raises MeasureError for a day after the last delivered one."""
    facts.check_day(as_of)
    key = ("measured", as_of, rules, is_per_school)
    made: Measured = facts.keep(key, lambda: _measure(facts, as_of, rules, is_per_school))
    return made


def measure_school(facts: Facts, as_of: date, rules: Rules, school_id: str) -> Measured:
    """Every measure of one day for the students with any span at a school, over the whole district all the same."""
    facts.check_day(as_of)
    roll = facts.roll(facts.school_year(as_of))
    return _measured(facts, as_of, rules, roll.of(roll.spans.rows_at(school_id)), asked=("school", school_id))


def measure_student(facts: Facts, as_of: date, rules: Rules, student_id: str) -> Measured:
    """Every measure of one day for one student, over the whole district all the same."""
    facts.check_day(as_of)
    roll = facts.roll(facts.school_year(as_of))
    return _measured(facts, as_of, rules, roll.of(roll.rows_of(student_id)), asked=("student", student_id))


def _measure(facts: Facts, as_of: date, rules: Rules, is_per_school: bool) -> Measured:
    return _measured(facts, as_of, rules, facts.roll(facts.school_year(as_of), is_per_school), is_per_school)


def _measured(
    facts: Facts,
    as_of: date,
    rules: Rules,
    roll: Roll,
    is_per_school: bool = False,
    asked: tuple[str, str] | None = None,
) -> Measured:
    sizes = day_sizes(roll, rules)
    return Measured(
        facts=facts,
        roll=roll,
        as_of=as_of,
        rules=rules,
        sizes=sizes,
        days=count_days(roll, sizes, as_of),
        span=roll.spans.latest(as_of),
        is_per_school=is_per_school,
        asked=asked,
    )
