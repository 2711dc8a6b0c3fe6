"""The tables and the goal line of one scope: by level, by group, by school day. Used by My school and District."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.utils.translation import gettext as _

from allpresent.web.presenters import charts
from allpresent.web.presenters.figures import Figure
from allpresent.web.presenters.grounds import Grounds
from allpresent.web.presenters.shares import NOTHING, change, count, percent, percent_of, points, rounded
from allpresent.web.presenters.strips import day_words
from allpresent.web.presenters.student import days_range
from allpresent.web.presenters.tallies import LEVELS, Tally


@dataclass(frozen=True)
class OnTime:
    """Promised steps due by the day: how many were done by their day, of how many; median school days to reach."""

    done: int = 0
    due: int = 0
    median_days: Fraction | None = None


NO_STEPS = OnTime()


@dataclass(frozen=True)
class GoalPoint:
    """A point of the district's goal line: its words and its share of one."""

    label: str
    rate: Fraction


@dataclass(frozen=True)
class ScopeFacts:
    """All counts a page of one scope is made of.

    ``last_year``: the same scope on the same school-day number last year. ``october``: students enrolled on 1 October.
    ``last_report``: its day and the scope's tally then. ``unsafe``: schools above the limit of unreported days.
    """

    day_number: int
    now: Tally
    last_year: Tally | None = None
    october: int | None = None
    last_report: tuple[date, Tally] | None = None
    on_time: OnTime = NO_STEPS
    unsafe: int = 0
    is_one_school: bool = True
    limit_pct: int = 5
    goal: GoalPoint | None = None
    was: GoalPoint | None = None


@dataclass(frozen=True)
class LevelRow:
    """A level's line: students, its share of all, and the change of that share since the last report."""

    key: str
    days_out: str
    students: Figure | str
    share: str
    points: str


@dataclass(frozen=True)
class LevelTable:
    """The toolkit's table of levels with its bar. ``since`` is the last report's day in words, or blank."""

    bar: tuple[charts.Segment, ...]
    rows: tuple[LevelRow, ...]
    students: str
    share: str
    since: str


@dataclass(frozen=True)
class GroupRow:
    """A grade, a student group or a school. ``begins``: first row of another kind of group; ``of``: column, value."""

    name: str
    students: str
    chronic: str
    share: Figure | str
    bounds: str
    high_levels: str
    points: str
    begins: bool = False
    of: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class TrendView:
    """The goal line with the words that stand in it."""

    chart: charts.Trend
    sentence: str
    now_words: str
    last_year_words: str
    goal_words: str


def _chronic_rule() -> str:
    return _(
        "Students enrolled on the day who missed a tenth or more of their reported school days this year, "
        "as a share of all students enrolled on the day."
    )


def chronic_figure(tally: Tally, grounds: Grounds, *, name: str = "", note: str = "") -> Figure:
    """The share chronically absent, with its grounds."""
    return grounds.figure(
        percent(tally.chronic, tally.students),
        name or _("Chronically absent to date"),
        _chronic_rule(),
        counted=_("%(chronic)s of %(students)s students enrolled")
        % {"chronic": count(tally.chronic), "students": count(tally.students)},
        excluded=_("Students with fewer than %(days)s reported days are counted as not chronically absent.")
        % {"days": grounds.minimum_days},
        note=note,
    )


def bounds(tally: Tally) -> str:
    """``41.2–44.9%``: the share if every unreported day was attended, and if every one was missed."""
    if not tally.students:
        return NOTHING
    low, high = (rounded(Fraction(n, tally.students) * 100) for n in (tally.low, tally.high))
    return f"{low}–{high}%"


def moved(now: Tally, before: Tally | None) -> Fraction | None:
    """The change of the chronic share; None without a comparison."""
    return None if before is None else change(now.chronic, now.students, before.chronic, before.students)


def whole_percent(rate: Fraction) -> str:
    """A stated goal as it was stated: ``30%``, or ``42.5%`` where it has a decimal."""
    return f"{rate * 100}%" if (rate * 100).denominator == 1 else percent_of(rate)


def level_table(facts: ScopeFacts, grounds: Grounds) -> LevelTable:
    """The toolkit's table: counts, percents half up, a total row of 100.0 that is not the sum of rounded parts."""
    now = facts.now
    then = facts.last_report[1] if facts.last_report else None
    rows = []
    for n, key in enumerate(LEVELS):
        difference = change(now.levels[n], now.students, then.levels[n], then.students) if then else None
        figure = grounds.figure(
            count(now.levels[n]),
            _("Students at %(level)s") % {"level": key},
            _("Enrolled students by days absent this year, for whatever reason, against the protocol's day bounds."),
            of_protocol=True,
            counted=_("%(share)s of %(students)s students enrolled")
            % {"share": percent(now.levels[n], now.students), "students": count(now.students)},
        )
        shown = _("%(range)s days") % {"range": days_range(grounds.level_bounds, n)}
        rows.append(LevelRow(key, shown, figure, percent(now.levels[n], now.students), points(difference)))
    return LevelTable(
        bar=charts.level_bar(list(zip(LEVELS, now.levels, strict=True))),
        rows=tuple(rows),
        students=count(now.students),
        share=percent(now.students, now.students),
        since=day_words(facts.last_report[0]) if facts.last_report else "",
    )


def group_row(
    name: str,
    now: Tally,
    before: Tally | None,
    grounds: Grounds,
    *,
    begins: bool = False,
    of: tuple[str, str] = ("", ""),
) -> GroupRow:
    """One line of a table of groups."""
    return GroupRow(
        name=name,
        students=count(now.students),
        chronic=count(now.chronic),
        share=chronic_figure(now, grounds, name=name),
        bounds=bounds(now),
        high_levels=count(now.at_l4_or_more),
        points=points(moved(now, before if before and before.students else None)),
        begins=begins,
        of=of,
    )


def trend_view(
    facts: ScopeFacts, last_year: Sequence[charts.Reading], this_year: Sequence[charts.Reading], days: int
) -> TrendView:
    """The goal line of the scope, in a sentence and as a drawing."""
    goal, was = facts.goal, facts.was
    chart = charts.goal_trend(
        last_year, this_year, days=days, goal=goal.rate if goal else None, was=was.rate if was else None
    )
    now = percent(facts.now.chronic, facts.now.students)
    parts = []
    if was:
        parts.append(_("Were: %(rate)s (%(label)s).") % {"rate": whole_percent(was.rate), "label": was.label})
    parts.append(_("Are: %(rate)s on school day %(number)s.") % {"rate": now, "number": facts.day_number})
    if goal:
        parts.append(
            _("Are going: under %(rate)s (%(label)s).") % {"rate": whole_percent(goal.rate), "label": goal.label}
        )
    end = chart.last_year_end
    return TrendView(
        chart=chart,
        sentence=" ".join(parts),
        now_words=_("%(rate)s now") % {"rate": now},
        last_year_words=_("last year %(rate)s") % {"rate": end.text} if end else "",
        goal_words=_("goal: under %(rate)s") % {"rate": whole_percent(goal.rate)} if goal else "",
    )
