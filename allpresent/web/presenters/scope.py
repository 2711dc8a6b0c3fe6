"""One scope of a data version: its counts gathered for My school and for District."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from allpresent.web.presenters import history
from allpresent.web.presenters.charts import Reading
from allpresent.web.presenters.grounds import Grounds
from allpresent.web.presenters.school import is_unsafe
from allpresent.web.presenters.school_tables import (
    GoalPoint,
    GroupRow,
    OnTime,
    ScopeFacts,
    TrendView,
    group_row,
    trend_view,
)
from allpresent.web.presenters.tallies import ALL_SCHOOLS, GRADE_RANGES, Tally
from allpresent.web.presenters.words import first_upper, grade_words, month_words

if TYPE_CHECKING:
    from allpresent.measures import Facts, Rules
    from allpresent.policy import District

_GRADE_ORDER = ("PK", "K", *(f"{number:02d}" for number in range(1, 13)))
_OCTOBER = (10, 1)  # the day the state counts enrollment


@dataclass(frozen=True)
class Seen:
    """Facts, rules and settings of the page, and the scope it tells of."""

    facts: "Facts"
    rules: "Rules"
    district: "District"
    as_of: date
    scope: str

    @property
    def is_one_school(self) -> bool:
        """Whether the scope is a single school."""
        return history.school_of(self.scope) is not None

    def on(self, day: date) -> Tally:
        """The scope's tally on a day."""
        return history.tally_on(self.facts, day, self.rules, self.scope)


def last_report_day(district: "District", as_of: date, year_began: date) -> date | None:
    """The day of the newest bi-weekly report before ``as_of`` in this school year."""
    days = district.report_days(year_began, as_of - timedelta(days=1))
    return days[-1] if days else None


def year_began(seen: Seen) -> date:
    """The first school day of the year."""
    from allpresent.measures import school_days

    return school_days(seen.facts, seen.as_of)[0]


def _october(seen: Seen) -> int | None:
    """Students enrolled on 1 October, once that day is over; None in the weeks before."""
    year = seen.facts.school_year(seen.as_of)
    day = date(year, *_OCTOBER)
    return seen.on(day).students if day < seen.as_of else None


def _unsafe(seen: Seen) -> int:
    by_scope = history.tallies_on(seen.facts, seen.as_of, seen.rules)
    limit = seen.district.unreported_limit_pct
    return sum(
        is_unsafe(found, limit)
        for scope, found in by_scope.items()
        if scope != ALL_SCHOOLS and scope not in GRADE_RANGES
    )


def _goal(district: "District", kind: str) -> GoalPoint | None:
    """The goal to reach (the newest), or where the district was (the newest before)."""
    found = [goal for goal in district.goals if goal.kind == kind]
    if not found:
        return None
    newest = max(found, key=lambda goal: goal.school_year)
    return GoalPoint(month_words(newest.label), Fraction(newest.rate_pct) / 100)


def scope_facts(seen: Seen, on_time: OnTime) -> ScopeFacts:
    """All counts of the scope; what the records say of promised steps comes from the caller."""
    from allpresent.measures import school_day_number

    began = year_began(seen)
    reported = last_report_day(seen.district, seen.as_of, began)
    return ScopeFacts(
        day_number=school_day_number(seen.facts, seen.as_of, history.school_of(seen.scope)),
        now=seen.on(seen.as_of),
        last_year=history.last_year_on(seen.facts, seen.as_of, seen.rules, seen.scope),
        october=_october(seen),
        last_report=(reported, seen.on(reported)) if reported else None,
        on_time=on_time,
        unsafe=_unsafe(seen),
        is_one_school=seen.is_one_school,
        limit_pct=seen.district.unreported_limit_pct,
        goal=_goal(seen.district, "goal"),
        was=_goal(seen.district, "was"),
    )


def goal_line(seen: Seen, counts: ScopeFacts, is_told: Callable[[Reading], bool] = lambda _reading: True) -> TrendView:
    """The goal line of the scope, without the points that may not be told."""
    from allpresent.measures import same_school_day_last_year

    facts, rules, scope = seen.facts, seen.rules, seen.scope
    before = same_school_day_last_year(facts, seen.as_of, history.school_of(scope))
    last_year: list[Reading] = []
    if before is not None:
        last_year = history.readings(facts, rules, scope, before, is_whole_year=True)
        last_year = [reading for reading in last_year if reading.students and is_told(reading)]
    this_year = [reading for reading in history.readings(facts, rules, scope, seen.as_of) if is_told(reading)]
    return trend_view(counts, last_year, this_year, history.year_length(facts, seen.as_of, scope))


def grade_rows(seen: Seen, grounds: Grounds) -> tuple[GroupRow, ...]:
    """One line a grade, youngest first."""
    from allpresent.measures import same_school_day_last_year

    day = same_school_day_last_year(seen.facts, seen.as_of, history.school_of(seen.scope))
    now = history.grades_on(seen.facts, seen.as_of, seen.rules, seen.scope)
    before = history.grades_on(seen.facts, day, seen.rules, seen.scope) if day else {}
    ordered = sorted(now, key=lambda grade: (_GRADE_ORDER.index(grade) if grade in _GRADE_ORDER else 99, grade))
    return tuple(
        group_row(
            first_upper(grade_words(grade)) or _("No grade given"),
            now[grade],
            before.get(grade),
            grounds,
            of=("grade", grade),
        )
        for grade in ordered
    )


# As systems deliver them, in small letters; any other one is shown as it was delivered.
_RACES = {
    "asian": gettext_lazy("Asian"),
    "black": gettext_lazy("Black"),
    "hispanic": gettext_lazy("Hispanic"),
    "native american": gettext_lazy("Native American"),
    "pacific islander": gettext_lazy("Pacific Islander"),
    "two or more": gettext_lazy("Two or more"),
    "white": gettext_lazy("White"),
}


def group_words(name: str, value: str) -> str:
    """A student group as people call it; one with several values is named with its value, a race by its name alone."""
    if name.startswith("race"):
        race = value if value not in ("1", "") else name.removeprefix("race:").strip()
        return str(_RACES.get(race.casefold(), race))
    known = {
        "swd": _("Students with disabilities"),
        "el": _("English learners"),
        "frl": _("Free or reduced-price meals"),
        "homeless": _("Experiencing homelessness"),
        "s504": _("Section 504 plan"),
        "migrant": _("Migrant"),
        "foster": _("Foster care"),
    }
    label = known.get(name, name)
    return label if value == "1" else f"{label}: {value}"


def group_rows(seen: Seen, grounds: Grounds) -> tuple[GroupRow, ...]:
    """One line a student group with anybody in it here."""
    from allpresent.measures import same_school_day_last_year

    day = same_school_day_last_year(seen.facts, seen.as_of, history.school_of(seen.scope))
    rows: list[GroupRow] = []
    for name in history.student_group_names(seen.facts):
        now = history.student_group_on(seen.facts, seen.as_of, seen.rules, seen.scope, name)
        before = history.student_group_on(seen.facts, day, seen.rules, seen.scope, name) if day else {}
        values = sorted(value for value in now if value != "0")
        for n, value in enumerate(values):
            begins = bool(rows) and n == 0
            of, words = (f"student_group:{name}", value), group_words(name, value)
            rows.append(group_row(words, now[value], before.get(value), grounds, begins=begins, of=of))
    return tuple(rows)
