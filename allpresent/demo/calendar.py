"""The two school years of the synthetic district, day by day.

Both years follow a plain New England calendar. In the year under way, Thursday 29 October 2026 was a school day
when the first delivery left the building and is a storm day in the second, which adds a make-up day in June.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

Dates = npt.NDArray[np.datetime64]

STORM_DAY = date(2026, 10, 29)
JUDGED_DAYS = 45  # school days the second delivery covers


def _span(first: date, last: date, note: str) -> dict[date, str]:
    """Every weekday from ``first`` to ``last`` (both included) under one note."""
    days = (first + timedelta(n) for n in range((last - first).days + 1))
    return {day: note for day in days if day.weekday() < 5}


_CLOSED_2025 = (
    _span(date(2025, 9, 1), date(2025, 9, 1), "Labor Day")
    | _span(date(2025, 9, 23), date(2025, 9, 23), "Rosh Hashanah")
    | _span(date(2025, 10, 2), date(2025, 10, 2), "Yom Kippur")
    | _span(date(2025, 10, 13), date(2025, 10, 13), "Indigenous Peoples' Day")
    | _span(date(2025, 11, 4), date(2025, 11, 4), "Election Day, staff learning")
    | _span(date(2025, 11, 11), date(2025, 11, 11), "Veterans Day")
    | _span(date(2025, 11, 27), date(2025, 11, 28), "Thanksgiving recess")
    | _span(date(2025, 12, 24), date(2026, 1, 2), "Winter recess")
    | _span(date(2026, 1, 19), date(2026, 1, 19), "Martin Luther King Jr. Day")
    | _span(date(2026, 1, 27), date(2026, 1, 27), "Snow day")
    | _span(date(2026, 2, 16), date(2026, 2, 17), "Presidents' Day recess")
    | _span(date(2026, 2, 24), date(2026, 2, 24), "Snow day")
    | _span(date(2026, 4, 3), date(2026, 4, 3), "Good Friday")
    | _span(date(2026, 4, 13), date(2026, 4, 17), "Spring recess")
    | _span(date(2026, 5, 25), date(2026, 5, 25), "Memorial Day")
    | _span(date(2026, 6, 19), date(2026, 6, 19), "Juneteenth")
)
_CLOSED_2026 = (
    _span(date(2026, 9, 7), date(2026, 9, 7), "Labor Day")
    | _span(date(2026, 10, 12), date(2026, 10, 12), "Indigenous Peoples' Day")
    | _span(date(2026, 11, 3), date(2026, 11, 3), "Election Day, staff learning")
    | _span(date(2026, 11, 11), date(2026, 11, 11), "Veterans Day")
    | _span(date(2026, 11, 26), date(2026, 11, 27), "Thanksgiving recess")
    | _span(date(2026, 12, 24), date(2027, 1, 1), "Winter recess")
    | _span(date(2027, 1, 18), date(2027, 1, 18), "Martin Luther King Jr. Day")
    | _span(date(2027, 2, 15), date(2027, 2, 16), "Presidents' Day recess")
    | _span(date(2027, 3, 26), date(2027, 3, 26), "Good Friday")
    | _span(date(2027, 4, 12), date(2027, 4, 16), "Spring recess")
    | _span(date(2027, 5, 31), date(2027, 5, 31), "Memorial Day")
    | _span(date(2027, 6, 18), date(2027, 6, 18), "Juneteenth")
)


@dataclass(frozen=True)
class SchoolYear:
    """One school year as one delivery knows it. ``start`` is the calendar year it begins in."""

    start: int
    days: tuple[date, ...]  # in session, in order
    closed: dict[date, str]  # weekdays between the first and the last day without school, with the reason
    term_ends_on: date  # the end of the PowerSchool term: leaves room for make-up days

    @property
    def year_id(self) -> int:
        """PowerSchool's YearID: the start year less 1990."""
        return self.start - 1990

    @property
    def first_day(self) -> date:
        """The first school day."""
        return self.days[0]

    @property
    def last_day(self) -> date:
        """The last school day."""
        return self.days[-1]

    def dates(self, count: int | None = None) -> Dates:
        """The first ``count`` school days (all when None)."""
        return np.array(self.days[:count], dtype="datetime64[D]")


def _days(first: date, closed: dict[date, str], count: int) -> tuple[date, ...]:
    days: list[date] = []
    day = first
    while len(days) < count:
        if day.weekday() < 5 and day not in closed:
            days.append(day)
        day += timedelta(1)
    return tuple(days)


def _year(first: date, closed: dict[date, str], count: int, term_ends_on: date) -> SchoolYear:
    return SchoolYear(first.year, _days(first, closed, count), closed, term_ends_on)


LAST_YEAR = _year(date(2025, 8, 28), _CLOSED_2025, 181, date(2026, 6, 26))
# 180 planned days; the storm takes one away and the make-up day at the end gives it back.
AS_FIRST_DELIVERED = _year(date(2026, 8, 31), _CLOSED_2026, 180, date(2027, 6, 25))
THIS_YEAR = _year(date(2026, 8, 31), _CLOSED_2026 | {STORM_DAY: "Snow day"}, 180, date(2027, 6, 25))

LAST_DAY = THIS_YEAR.days[JUDGED_DAYS - 1]
FIRST_DELIVERY_DAY = THIS_YEAR.days[JUDGED_DAYS - 2]
DEMO_TODAY = LAST_DAY + timedelta(1)


def last_school_day(before: date) -> date:
    """The last day of school before a morning of the year under way."""
    return max(day for day in THIS_YEAR.days if day < before)
