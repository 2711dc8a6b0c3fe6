"""What is due, for whom to do, and when. Days are school days: a snow day moves every due day behind it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from allpresent.protocol.document import Level, Protocol, Step

SessionDates = Sequence[date] | npt.NDArray[np.datetime64]


@dataclass(frozen=True)
class DueStep:
    """A step that a crossing opens. `due_on` is None when the calendar ends before it.

    `merged_into` names the step of a higher level that is done in its place, when a student jumped over the level.
    """

    step: Step
    crossed_on: date
    due_on: date | None
    merged_into: str | None = None

    @property
    def key(self) -> str:
        """The step's key, as in L3.success_plan."""
        return self.step.key

    @property
    def level(self) -> str:
        """The level that promises the step."""
        return self.step.level

    @property
    def is_skipped(self) -> bool:
        """Whether the student passed the level too fast for the step: shown, not done by itself."""
        return self.merged_into is not None


@dataclass(frozen=True)
class DueRow:
    """One line of the due list, its fields in the order of the file."""

    student_id: str
    school_id: str
    level: str
    step: str
    owner_role: str
    crossed_on: date
    due_on: date | None
    is_overdue: bool


def due_on(crossed_on: date, school_days: int, session_dates: SessionDates) -> date | None:
    """The day that is so many school days after the crossing, or None when the calendar ends before it.

    The day of the crossing itself does not count. `session_dates` are the school's days in session, sorted.
    """
    dates = np.asarray(session_dates, dtype="datetime64[D]")
    place = int(np.searchsorted(dates, np.datetime64(crossed_on, "D"), side="right")) + school_days - 1
    return dates[place].astype(date) if place < len(dates) else None


def steps_due(
    protocol: Protocol,
    from_level: Level | str | None,
    to_level: Level | str,
    crossed_on: date,
    session_dates: SessionDates,
) -> tuple[DueStep, ...]:
    """The steps that open when a student goes from one level to a higher one, lowest level first.

    A jump opens the steps of every level jumped. Acts that would be done twice on one day (the call home, the
    verification) are done once, at the highest level, and the lower ones come back with `merged_into`. Nothing opens
    on the way down. Source of the jump rule: ours, the toolkit is silent.
    """
    opened = opened_between(protocol, _number(protocol, from_level), _number(protocol, to_level))
    merged = merged_steps(opened)
    return tuple(
        DueStep(step, crossed_on, due_on(crossed_on, step.due_school_days, session_dates), merged.get(step.key))
        for step in opened
    )


def opened_between(protocol: Protocol, below: int, up_to: int) -> tuple[Step, ...]:
    """The steps for a student of the levels over number `below` up to `up_to`; a school's own steps are left out."""
    return tuple(step for step in protocol.steps() if step.scope == "student" and below < int(step.level[1:]) <= up_to)


def school_steps(protocol: Protocol) -> tuple[Step, ...]:
    """What a school has to have in place once, not for each student."""
    return tuple(step for step in protocol.steps() if step.scope == "school")


def merged_steps(steps: Iterable[Step]) -> dict[str, str]:
    """Which step is done in the place of which, by key: of one act at several levels, the highest stands."""
    by_act: dict[str, list[Step]] = {}
    for step in steps:
        if step.same_act:
            by_act.setdefault(step.same_act, []).append(step)
    return {lower.key: same[-1].key for same in by_act.values() for lower in same if lower.level != same[-1].level}


def standing_steps(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps to do by themselves: of one act the highest, and what is promised "if needed" left out.

    An act is promised outright when any of the levels promises it outright.
    """
    merged = merged_steps(steps)
    outright = {merged.get(step.key, step.key) for step in steps if not step.is_if_needed}
    return tuple(step for step in steps if step.key not in merged and step.key in outright)


def due_list(
    protocol: Protocol,
    crossings: Mapping[tuple[str, str], Mapping[str, date]],
    session_dates: Mapping[str, SessionDates],
    as_of: date,
    done: Collection[tuple[str, str]] = (),
) -> list[DueRow]:
    """The steps open on a day, by student id, then by level.

    `crossings` maps (student_id, school_id) to the day each level was crossed (`crossing_dates`), `session_dates` each
    school to its days in session, `done` holds (student_id, step key). A step whose act a higher level promises too is
    listed at the higher level alone, with that level's clock; what is done only if needed is a person's choice and not
    listed. A step due on the day itself is not overdue.
    """
    find = _DueFinder(session_dates)
    rows: list[DueRow] = []
    for (student_id, school_id), crossed in sorted(crossings.items()):
        for step, crossed_on in _open_steps(protocol, {k: day for k, day in crossed.items() if day <= as_of}):
            if (student_id, step.key) in done:
                continue
            due = find(school_id, crossed_on, step.due_school_days)
            is_overdue = due is not None and due < as_of
            rows.append(
                DueRow(student_id, school_id, step.level, step.key, step.owner_role, crossed_on, due, is_overdue)
            )
    return rows


def _open_steps(protocol: Protocol, crossed: Mapping[str, date]) -> Iterator[tuple[Step, date]]:
    opened = [step for step in protocol.steps() if step.scope == "student" and step.level in crossed]
    return ((step, crossed[step.level]) for step in standing_steps(opened))


class _DueFinder:
    """`due_on` with its answers kept: a district asks the same few thousand questions a hundred thousand times."""

    def __init__(self, session_dates: Mapping[str, SessionDates]) -> None:
        self._dates = {school: np.asarray(dates, dtype="datetime64[D]") for school, dates in session_dates.items()}
        self._find = lru_cache(maxsize=None)(self._look_up)

    def __call__(self, school_id: str, crossed_on: date, school_days: int) -> date | None:
        return self._find(school_id, crossed_on, school_days)

    def _look_up(self, school_id: str, crossed_on: date, school_days: int) -> date | None:
        return due_on(crossed_on, school_days, self._dates.get(school_id, np.empty(0, "datetime64[D]")))


def _number(protocol: Protocol, level: Level | str | None) -> int:
    if level is None:
        return 1
    return level.number if isinstance(level, Level) else protocol.level(level).number
