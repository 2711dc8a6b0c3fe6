"""Groups of students: counts and rates by school, grade, level, band or student group."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby

import pyarrow as pa

from allpresent.measures.disclosure import disclose
from allpresent.measures.engine import Facts, MeasureError
from allpresent.measures.grouping import DAY, check_by, counts, figures, group, group_over
from allpresent.measures.parameters import Rules

# Rows of students and days counted at once: some 30 MB, and a district's whole fortnights of a year.
ROWS_AT_ONCE = 500_000


def groups(
    facts: Facts, as_of: date, rules: Rules, by: list[str], everyone: bool = False, public: bool = False
) -> pa.Table:
    """One row a group of the students enrolled on ``as_of`` (``everyone`` adds those who left): ``by``, then figures.

    ``by`` holds any of school, grade, grade_range, level, attendance_works_band and student_group:NAME. Rates are
    exact decimals, null at zero. With ``public`` the rows pass disclosure control and every figure is text, ``*``
    where hidden. Raises MeasureError for an unknown column or day.
    """
    check_by(by)
    if public:
        return disclose(facts, as_of, rules, by, everyone)
    return figures(group(facts, as_of, rules, tuple(by), everyone), rules)


def group_counts(facts: Facts, days: Sequence[date], rules: Rules, by: list[str], everyone: bool = False) -> pa.Table:
    """One row a day and group: ``as_of``, ``by`` as in ``groups``, then exact counts and no rate; by day, then group.

    A line over many days is counted in one pass and not day by day. ``chronic_low`` and ``chronic_high`` are the
    chronically absent if every unreported day was present, or absent. Raises MeasureError for an unknown column or
    day, and without a day.
    """
    check_by(by)
    if not days:
        raise MeasureError("Groups are asked for on no day; name at least one.")
    asked = (DAY, *by)
    made = [group_over(facts, together, rules, asked, everyone) for together in _together(facts, days)]
    return pa.concat_tables(counts(grouped, rules) for grouped in made)


def _together(facts: Facts, days: Sequence[date]) -> Iterator[tuple[date, ...]]:
    """The days in their order, those of one school year together as far as there is room for their students."""
    for day in days:
        facts.check_day(day)
    for year, of_year in groupby(sorted({*days}), facts.school_year):
        held = list(of_year)
        room = max(1, ROWS_AT_ONCE // max(1, len(facts.roll(year))))
        for first in range(0, len(held), room):
            yield tuple(held[first : first + room])
