"""My school: the principal's page, from the counts of one scope (a school, a grade range, the district)."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from allpresent.web.presenters.figures import Figure
from allpresent.web.presenters.grounds import Grounds
from allpresent.web.presenters.school_tables import (
    GoalPoint,
    OnTime,
    ScopeFacts,
    bounds,
    chronic_figure,
    moved,
    whole_percent,
)
from allpresent.web.presenters.shares import count, fewer_at_equal_enrollment, percent, points_apart, rounded
from allpresent.web.presenters.tallies import Tally


@dataclass(frozen=True)
class Opening:
    """The page's opening sentences. ``direction`` is better, worse or same; ``fewer`` a count without its sign."""

    students: int
    chronic: Figure | None = None
    was: Figure | None = None
    day_number: int = 0
    direction: str = ""
    points: str = ""
    fewer: str = ""
    fewer_count: int = 0
    goal: str = ""
    warning: str = ""


@dataclass(frozen=True)
class Metric:
    """One of the four cards."""

    name: str
    figure: Figure | str  # the hidden mark alone for a reader it may not be told
    note: str = ""


def opening(facts: ScopeFacts, grounds: Grounds) -> Opening:
    """The sentences before the numbers."""
    if not facts.now.students:
        return Opening(0)
    difference = moved(facts.now, facts.last_year)
    before = facts.last_year
    compared: dict[str, Any] = (
        {} if before is None or difference is None else _compared(facts, before, difference, grounds)
    )
    return Opening(
        students=facts.now.students,
        chronic=chronic_figure(facts.now, grounds),
        day_number=facts.day_number,
        goal=_goal_sentence(facts.goal),
        warning=_warning(facts),
        **compared,
    )


def _compared(facts: ScopeFacts, before: Tally, difference: Fraction, grounds: Grounds) -> dict[str, Any]:
    fewer = fewer_at_equal_enrollment(facts.now.chronic, facts.now.students, before.chronic, before.students) or 0
    note = _("Points are the difference of the exact shares, rounded once; equal school-day numbers are compared.")
    shown = points_apart(difference)
    direction = "same" if Fraction(shown) == 0 else "better" if difference < 0 else "worse"
    # A handful of students the other way than the points would only be rounding.
    is_told = direction != "same" and fewer and (fewer > 0) == (difference < 0)
    return {
        "was": chronic_figure(before, grounds, name=_("Same school day last year"), note=note),
        "direction": direction,
        "points": shown,
        "fewer": count(abs(fewer)) if is_told else "",
        "fewer_count": abs(fewer),
    }


def _goal_sentence(goal: GoalPoint | None) -> str:
    if goal is None:
        return ""
    return _("The goal (%(label)s) is under %(rate)s.") % {"label": goal.label, "rate": whole_percent(goal.rate)}


def _warning(facts: ScopeFacts) -> str:
    if not is_unsafe(facts.now, facts.limit_pct):
        return ""
    return _(
        "%(share)s of school days have no attendance reported, above the limit of %(limit)s%%: "
        "these figures are not safe to publish."
    ) % {"share": percent(facts.now.days_unreported, facts.now.days_enrolled), "limit": facts.limit_pct}


def is_unsafe(tally: Tally, limit_pct: int) -> bool:
    """Whether more of the students' school days are unreported than the district allows, in whole percent."""
    return 100 * tally.days_unreported > limit_pct * tally.days_enrolled


def metrics(facts: ScopeFacts, grounds: Grounds) -> tuple[Metric, ...]:
    """The four cards: chronic, enrolled, not reported, promised steps on time."""
    return (
        Metric(
            _("Chronically absent"),
            chronic_figure(facts.now, grounds),
            _("%(bounds)s if unreported days are all present / all absent") % {"bounds": bounds(facts.now)},
        ),
        _enrolled(facts, grounds),
        _unreported(facts, grounds),
        _on_time(facts.on_time, grounds),
    )


def _enrolled(facts: ScopeFacts, grounds: Grounds) -> Metric:
    figure = grounds.count(
        count(facts.now.students), _("Enrolled"), _("Students with an enrollment that holds on the day.")
    )
    if not facts.october:
        return Metric(_("Enrolled"), figure)
    share = percent(facts.now.students, facts.october)
    return Metric(_("Enrolled"), figure, _("%(share)s of 1 October") % {"share": share})


def _unreported(facts: ScopeFacts, grounds: Grounds) -> Metric:
    now = facts.now
    figure = grounds.count(
        percent(now.days_unreported, now.days_enrolled),
        _("No attendance reported"),
        _("School days of the enrolled students for which nobody reported attendance, as a share of all of them."),
        counted=_("%(days)s of %(all)s student days this year")
        % {"days": count(now.days_unreported), "all": count(now.days_enrolled)},
        note=_("The limit is set by the district: above %(limit)s%% a school is not safe to publish.")
        % {"limit": facts.limit_pct},
    )
    return Metric(_("No attendance reported"), figure, _unreported_note(facts))


def _unreported_note(facts: ScopeFacts) -> str:
    if facts.is_one_school:
        if is_unsafe(facts.now, facts.limit_pct):
            return _("not safe to publish: above %(limit)s%%") % {"limit": facts.limit_pct}
        return _("within the limit of %(limit)s%%") % {"limit": facts.limit_pct}
    if not facts.unsafe:
        return _("every school within the limit of %(limit)s%%") % {"limit": facts.limit_pct}
    return ngettext("%(number)s school not safe to publish", "%(number)s schools not safe to publish", facts.unsafe) % {
        "number": facts.unsafe
    }


def _on_time(steps: OnTime, grounds: Grounds) -> Metric:
    figure = grounds.figure(
        percent(steps.done, steps.due),
        _("Promised steps on time"),
        _("Promised steps whose day has come that were done by it. Withdrawn and exempt steps are left out."),
        of_protocol=True,
        counted=_("%(done)s of %(due)s steps due") % {"done": count(steps.done), "due": count(steps.due)},
    )
    if steps.median_days is None:
        note = _("no family reached yet") if steps.due else _("no step was due yet")
    else:
        days = steps.median_days
        shown = str(days) if days.denominator == 1 else str(rounded(days))
        note = _("median %(days)s school days to reach a family") % {"days": shown}
    return Metric(_("Promised steps on time"), figure, note)
