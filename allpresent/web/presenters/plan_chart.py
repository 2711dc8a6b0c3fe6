"""How a plan goes: the days missed since it was agreed, week by week, against the line to its goal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from allpresent.web.presenters.shares import rounded
from allpresent.web.presenters.strips import day_words

SPAN = 1000


@dataclass(frozen=True)
class Course:
    """Days missed and days not reported from the first day of the year to a day."""

    absent: Fraction
    unreported: int


@dataclass(frozen=True)
class WeekRow:
    """One week of the plan; ``missed`` is blank for a week still to come."""

    week: int
    to: str
    most: str
    missed: str
    is_over: bool


@dataclass(frozen=True)
class PlanChart:
    """The sentence, the table of weeks, and the same drawn in thousandths."""

    sentence: str
    rows: tuple[WeekRow, ...]
    target_line: str
    actual_line: str
    top: str
    weeks: int


def day_count(days: Fraction) -> str:
    """3, 2.5; never more than one decimal."""
    return str(days.numerator) if days.denominator == 1 else str(rounded(days, 1))


def plan_chart(first: date, weeks: int, goal_days: int, as_of: date, course: Callable[[date], Course]) -> PlanChart:
    """``course`` tells how the year stood on a delivered day; days missed count from ``first``."""
    start = course(min(first - timedelta(days=1), as_of))
    readings: list[tuple[int, date, Fraction]] = []
    unreported = 0
    for week in range(1, weeks + 1):
        begins, ends = first + timedelta(weeks=week - 1), first + timedelta(weeks=week, days=-1)
        if begins > as_of:
            break
        now = course(min(ends, as_of))
        readings.append((week, ends, now.absent - start.absent))
        unreported = now.unreported - start.unreported
    missed = readings[-1][2] if readings else None
    top = max([Fraction(goal_days), Fraction(1), *(days for _week, _day, days in readings)])
    known = {week: days for week, _day, days in readings}
    return PlanChart(
        sentence=_sentence(missed, goal_days, len(readings), weeks, unreported),
        rows=tuple(_row(week, first, weeks, goal_days, known.get(week)) for week in range(1, weeks + 1)),
        target_line=_line([(0, Fraction(0)), (weeks, Fraction(goal_days))], weeks, top),
        actual_line=_line([(0, Fraction(0)), *((week, days) for week, days in known.items())], weeks, top)
        if known
        else "",
        top=day_count(top),
        weeks=weeks,
    )


def _row(week: int, first: date, weeks: int, goal_days: int, missed: Fraction | None) -> WeekRow:
    most = Fraction(goal_days * week, weeks)
    ends = first + timedelta(weeks=week, days=-1)
    words = day_count(missed) if missed is not None else ""
    return WeekRow(week, day_words(ends), day_count(most), words, missed is not None and missed > most)


def _line(points: list[tuple[int, Fraction]], weeks: int, top: Fraction) -> str:
    spots = [(Fraction(week, weeks) * SPAN, (1 - days / top) * SPAN) for week, days in points]
    return " ".join(f"{rounded(x)},{rounded(y)}" for x, y in spots)


def _sentence(missed: Fraction | None, goal_days: int, week: int, weeks: int, unreported: int) -> str:
    if missed is None:
        return _("No school day has been delivered since the plan was agreed.")
    words = ngettext(
        "Days missed by week %(week)d of %(weeks)d: %(missed)s. The goal is at most %(most)d day.",
        "Days missed by week %(week)d of %(weeks)d: %(missed)s. The goal is at most %(most)d days.",
        goal_days,
    ) % {"missed": day_count(missed), "most": goal_days, "week": week, "weeks": weeks}
    if not unreported:
        return words
    more = ngettext(
        "%(count)d day was not reported and counts as neither.",
        "%(count)d days were not reported and count as neither.",
        unreported,
    )
    return f"{words} {more % {'count': unreported}}"
