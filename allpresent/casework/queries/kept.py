"""How the promises were kept: steps done on time by level, and school days until a family was first reached."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from django.db.models import OuterRef, Subquery

from allpresent.casework.models import CaseStep, ContactAttempt, LevelCrossing
from allpresent.casework.models.contacts import Result
from allpresent.casework.models.steps import Outcome
from allpresent.casework.promises import SessionDays, session_days
from allpresent.casework.queries.outcomes import ORDER, column_of, counted_by_outcome
from allpresent.measures.engine import Facts

SILENT_AFTER = 10  # school days without anybody reached


@dataclass(frozen=True)
class OnTime:
    """What became of the steps opened by a day. The share is of those judged: done, or overdue.

    Steps withdrawn, exempt, or not yet due are in no share. `half_reached_within` is the fewest school days after
    the crossing within which half of the families were reached, counting only crossings at least that old; None while
    half were not.
    """

    outcomes: dict[Outcome, int] = field(default_factory=dict)
    by_level: dict[str, dict[Outcome, int]] = field(default_factory=dict)
    half_reached_within: int | None = None
    reached_within_by_level: dict[str, int | None] = field(default_factory=dict)
    crossings: int = 0
    reached: int = 0

    @property
    def judged(self) -> int:
        return sum(self.outcomes.get(one, 0) for one in (Outcome.ON_TIME, Outcome.LATE, Outcome.OVERDUE))

    @property
    def share(self) -> Fraction | None:
        """Done on time of those judged; None when none is judged yet."""
        return share_on_time(self.outcomes)


def share_on_time(outcomes: dict[Outcome, int]) -> Fraction | None:
    """The exact share of one line of outcomes."""
    judged = sum(outcomes.get(one, 0) for one in (Outcome.ON_TIME, Outcome.LATE, Outcome.OVERDUE))
    return Fraction(outcomes.get(Outcome.ON_TIME, 0), judged) if judged else None


def protocol_on_time(facts: Facts, as_of: date, school_id: str | None = None) -> OnTime:
    """Promises kept by a day, of one school (where the student was when the step opened) or of all. Two queries."""
    return _together(_count(as_of, school_id).values(), _waits(facts, as_of, school_id).values())


def protocol_on_time_by_school(facts: Facts, as_of: date) -> dict[str, OnTime]:
    """The same for every school with a promise, by school id. Two queries."""
    return protocol_on_time_everywhere(facts, as_of)[1]


def protocol_on_time_everywhere(facts: Facts, as_of: date) -> tuple[OnTime, dict[str, OnTime]]:
    """The same for the district and for every school at once. Two queries."""
    counted, waits = _count(as_of), _waits(facts, as_of)
    by_school = {school: _on_time(rows, waits.get(school, Counter())) for school, rows in counted.items()}
    return _together(counted.values(), waits.values()), by_school


def school_days_before(facts: Facts, as_of: date, school_days: int = SILENT_AFTER, school_id: str = "") -> date | None:
    """The day so many school days before a day, by a school's calendar or the district's; None so early in the year."""
    year = facts.school_year(as_of)
    days = facts.session_days(school_id, year) if school_id else facts.roll(year).dates
    past = days[days <= np.datetime64(as_of, "D")]
    found: date | None = past[-school_days - 1].astype(object) if len(past) > school_days else None
    return found


_Row = tuple[str, dict[Outcome, int]]


def _count(as_of: date, school_id: str | None = None) -> dict[str, list[_Row]]:
    """By school, one line a level: what became of the steps opened by the day."""
    steps = CaseStep.objects.filter(opened_on__lte=as_of)
    if school_id is not None:
        steps = steps.filter(school_id=school_id)
    rows = steps.values("school_id", "level").order_by("school_id", "level")
    counts = rows.annotate(**counted_by_outcome(as_of))
    found: dict[str, list[_Row]] = {}
    for row in counts:
        values: dict[str, Any] = dict(row)
        line = {kind: int(values[column_of(kind)]) for kind in ORDER}
        found.setdefault(row["school_id"] or "", []).append((row["level"], line))
    return found


class _Wait(NamedTuple):
    """A crossing in school days: how old it is, and how long until somebody was reached (None: not yet)."""

    level: str
    age: int
    until_reached: int | None


Waits = Counter[_Wait]  # how many crossings are alike


def _waits(facts: Facts, as_of: date, school_id: str | None = None) -> dict[str, Waits]:
    """By school, every crossing not skipped and not withdrawn. One query."""
    crossings = LevelCrossing.objects.filter(
        is_skipped=False, is_withdrawn=False, noticed_on__lte=as_of, crossed_on__lte=as_of
    )
    if school_id is not None:
        crossings = crossings.filter(school_id=school_id)
    reached = ContactAttempt.objects.filter(
        student_id=OuterRef("case__student_id"),
        result=Result.REACHED,
        undone_at=None,
        on__gte=OuterRef("crossed_on"),
        on__lte=as_of,
    )
    rows = crossings.annotate(reached_on=Subquery(reached.order_by("on").values("on")[:1]))
    alike = Counter(rows.values_list("school_id", "level", "crossed_on", "reached_on"))
    clocks: dict[str, _Clock] = {}
    found: dict[str, Waits] = {}
    for (school, level, crossed_on, reached_on), number in alike.items():
        key = school or ""
        if key not in clocks:
            clocks[key] = _Clock(session_days(facts, key, as_of))
        until = None if reached_on is None else clocks[key].between(crossed_on, reached_on)
        wait = _Wait(level, clocks[key].between(crossed_on, as_of), until)
        found.setdefault(key, Counter())[wait] += number
    return found


class _Clock:
    """School days between two days of one school's calendar, each looked up once."""

    def __init__(self, days: SessionDays) -> None:
        self._days: list[date] = days.astype(object).tolist()
        self._place: dict[date, int] = {}

    def between(self, first: date, last: date) -> int:
        """School days from the one to the other; 0 on the same day, or with none between."""
        return max(0, self._at(last) - self._at(first))

    def _at(self, day: date) -> int:
        if day not in self._place:
            self._place[day] = bisect_left(self._days, day)
        return self._place[day]


def _together(rows: Iterable[list[_Row]], waits: Iterable[Waits]) -> OnTime:
    """Several schools as one."""
    everything: Waits = Counter()
    for one in waits:
        everything.update(one)
    return _on_time([row for one in rows for row in one], everything)


def _on_time(rows: Iterable[_Row], waits: Waits) -> OnTime:
    by_level: dict[str, Counter[Outcome]] = {}
    for level, line in rows:
        by_level.setdefault(level, Counter()).update(line)
    totals: Counter[Outcome] = Counter()
    for line in by_level.values():
        totals.update(line)
    of_level: dict[str, Waits] = {}
    for wait, number in waits.items():
        of_level.setdefault(wait.level, Counter())[wait] = number
    return OnTime(
        outcomes={kind: totals[kind] for kind in Outcome},
        by_level={level: {kind: by_level[level][kind] for kind in Outcome} for level in sorted(by_level)},
        half_reached_within=_half_reached(waits),
        reached_within_by_level={level: _half_reached(of_level[level]) for level in sorted(of_level)},
        crossings=waits.total(),
        reached=sum(number for wait, number in waits.items() if wait.until_reached is not None),
    )


def _half_reached(waits: Waits) -> int | None:
    """The fewest days within which half were reached, of those that are at least so many days old.

    A crossing of yesterday cannot yet say whether its family is reached within a week, so it is left out of that
    question instead of counting as not reached.
    """
    ages: Counter[int] = Counter()
    reached: Counter[tuple[int, int]] = Counter()
    for wait, number in waits.items():
        ages[wait.age] += number
        if wait.until_reached is not None:
            reached[wait.age, wait.until_reached] += number
    for days in sorted({until for _age, until in reached}):
        old_enough = sum(number for age, number in ages.items() if age >= days)
        within = sum(number for (age, until), number in reached.items() if until <= days <= age)
        if 2 * within >= old_enough > 0:
            return days
    return None
