"""The days a student became truant in a school year: once, and again.

The law asks for a meeting after so many unexcused absences in any one month, or so many in the year. An absence that
made one month's count makes no other: a second month needs as many new ones. The year's count is reached once.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction

from allpresent.measures.parameters import Rules


def find_truancies(missed: Iterable[tuple[date, Fraction]], rules: Rules) -> tuple[date, ...]:
    """The days, in order, on which unexcused absences reached the month's count anew, or the year's.

    `missed` are the year's unexcused days in order, each with the share of the day missed.
    """
    found: list[date] = []
    year, fresh = Fraction(0), list[tuple[date, Fraction]]()
    for day, share in missed:
        before, year = year, year + share
        fresh = [*((on, part) for on, part in fresh if on >= _month_start(day, rules)), (day, share)]
        is_month = sum(part for _on, part in fresh) >= rules.truancy_in_month
        if is_month:
            fresh = []
        if is_month or before < rules.truancy_in_year <= year:
            found.append(day)
    return tuple(found)


def _month_start(day: date, rules: Rules) -> date:
    """The first day of the month that ends, or lies, on a day."""
    if rules.truancy_month == "calendar":
        return day.replace(day=1)
    return day - timedelta(days=rules.truancy_month_days - 1)
