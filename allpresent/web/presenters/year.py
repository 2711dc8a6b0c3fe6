"""A student's school year as months of weekdays, and the same year as a table of words."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from allpresent.web.presenters.strips import ABSENT_STATES, STATE_WORDS, day_words

_IN_PART = ("half", "tardy")
_WEEKDAYS = 5
_NOT_SCHOOL = ("no_school", "not_enrolled")


@dataclass(frozen=True)
class Cell:
    """One square. ``iso`` opens the day; it is empty where there is nothing to open (no school, days to come)."""

    state: str
    day: int = 0
    iso: str = ""
    words: str = ""


@dataclass(frozen=True)
class Week:
    """The squares of one week inside a month. ``is_blank``: none of them says anything."""

    cells: tuple[Cell, ...]

    @property
    def is_blank(self) -> bool:
        return all(cell.state == "blank" for cell in self.cells)


@dataclass(frozen=True)
class Month:
    """A row of the grid: the month's weeks, each as long as the school week, with blanks outside the month."""

    label: str
    name: str
    weeks: tuple[Week, ...]
    is_to_come: bool


@dataclass(frozen=True)
class MonthRow:
    """A row of the twin table. Counts are school days up to the page's day."""

    name: str
    school_days: int
    present: int
    absent: tuple[Cell, ...]
    unreported: tuple[Cell, ...]
    in_part: tuple[Cell, ...]


@dataclass(frozen=True)
class YearCalendar:
    """The year grid with its legend (the states that occur, blank-separated) and its twin."""

    months: tuple[Month, ...]
    rows: tuple[MonthRow, ...]
    legend: str
    days_to_come: int
    last_day: str


def _cell(day: date, state: str) -> Cell:
    opens = state not in ("no_school", "future")
    words = _("%(day)s: %(state)s") % {"day": day_words(day), "state": STATE_WORDS[state]}
    return Cell(state, day.day, day.isoformat() if opens else "", words)


def _with_holidays(states: dict[date, str]) -> dict[date, str]:
    """The weekdays between the first and the last school day that are none of them were days without school."""
    if not states:
        return states
    first, last = min(states), max(states)
    between = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return {day: "no_school" for day in between if day.isoweekday() <= _WEEKDAYS} | states


def _week_length(states: dict[date, str]) -> int:
    """Five, or up to the last weekday any school day of this year falls on."""
    return max([_WEEKDAYS, *(day.isoweekday() for day, state in states.items() if state not in _NOT_SCHOOL)])


def _weeks(first: date, states: dict[date, str], length: int) -> tuple[Week, ...]:
    month, monday, weeks = first.month, first - timedelta(days=first.weekday()), []
    while (monday.year, monday.month) <= (first.year, month):
        days = [monday + timedelta(days=n) for n in range(length)]
        if any(day.month == month for day in days):
            cells = (_cell(d, states[d]) if d.month == month and d in states else Cell("blank") for d in days)
            weeks.append(Week(tuple(cells)))
        monday += timedelta(days=7)
    return tuple(weeks)


def _months(states: dict[date, str]) -> list[date]:
    return sorted({day.replace(day=1) for day in states})


def _row(first: date, states: dict[date, str]) -> MonthRow:
    cells = [_cell(d, s) for d, s in sorted(states.items()) if d.replace(day=1) == first]
    counts = Counter(cell.state for cell in cells)
    school_days = sum(n for state, n in counts.items() if state not in (*_NOT_SCHOOL, "future"))
    absent = tuple(cell for cell in cells if cell.state in ABSENT_STATES)
    return MonthRow(
        name=date_format(first, "F Y"),
        school_days=school_days,
        present=school_days - len(absent) - counts["unreported"],
        absent=absent,
        unreported=tuple(cell for cell in cells if cell.state == "unreported"),
        in_part=tuple(cell for cell in cells if cell.state in _IN_PART),
    )


def year_calendar(days: Sequence[tuple[date, str]]) -> YearCalendar:
    """The grid and its twin from ``(date, state)`` pairs of one school year's school days, in any order."""
    states = _with_holidays(dict(days))
    length = _week_length(states)
    months = []
    for first in _months(states):
        own = [s for d, s in states.items() if d.replace(day=1) == first and s not in _NOT_SCHOOL]
        is_to_come = bool(own) and all(state == "future" for state in own)
        weeks = _weeks(first, states, length)
        months.append(Month(date_format(first, "M"), date_format(first, "F Y"), weeks, is_to_come))
    to_come = sorted(day for day, state in states.items() if state == "future")
    seen = set(states.values())
    return YearCalendar(
        months=tuple(months),
        rows=tuple(_row(first, states) for first in _months(states) if _has_begun(first, states)),
        legend=" ".join(state for state in STATE_WORDS if state in seen),
        days_to_come=len(to_come),
        last_day=day_words(to_come[-1]) if to_come else "",
    )


def _has_begun(first: date, states: dict[date, str]) -> bool:
    return any(d.replace(day=1) == first and s not in (*_NOT_SCHOOL, "future") for d, s in states.items())
