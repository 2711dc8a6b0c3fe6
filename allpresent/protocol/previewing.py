"""What a change of the protocol would do on the data of today, before anyone dates and publishes it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from allpresent.protocol.document import Protocol
from allpresent.protocol.levels import exact, level_for
from allpresent.protocol.steps import opened_between, standing_steps


@dataclass(frozen=True)
class Preview:
    """How many steps a change opens and closes, and where. Counts are student-steps."""

    opens_by_step: Mapping[str, int] = field(hash=False)
    opens_by_level: Mapping[str, int] = field(hash=False)
    opens_by_school: Mapping[str, int] = field(hash=False)
    closes_by_step: Mapping[str, int] = field(hash=False)
    closes_by_level: Mapping[str, int] = field(hash=False)
    closes_by_school: Mapping[str, int] = field(hash=False)
    moves: Mapping[tuple[str, str], int] = field(
        hash=False
    )  # (level now, level then) -> students, only where it changes
    new_due_days: Mapping[str, tuple[int, int]] = field(
        hash=False
    )  # step -> (days now, days then), only where they change

    @property
    def opens(self) -> int:
        """Steps that would open."""
        return sum(self.opens_by_step.values())

    @property
    def closes(self) -> int:
        """Open steps that would close, because the new protocol no longer promises them."""
        return sum(self.closes_by_step.values())

    def sentence(self) -> str:
        """The change in one line: "opens 212 steps, closes 31"."""
        return f"opens {_steps(self.opens)}, closes {self.closes}; {_students(sum(self.moves.values()))} change level"


def preview(
    old: Protocol,
    new: Protocol,
    standings: Iterable[Mapping[str, Any]],
    open_steps: Iterable[tuple[str, str]],
) -> Preview:
    """What `new` would open and close where `old` is in force.

    `standings` are rows with student_id, school_id, days_absent and, for a rate-based protocol, days_enrolled and
    days_unreported (the rate is judged on their difference, never on a rounded one); rows with is_enrolled 0 are left
    out. Steps done only if needed are opened by a person, not by the change. `open_steps` are the (student_id, step
    key) open today; those of students not in the rows stay as they are.
    """
    opens, closes, moves = Counter[tuple[str, str]](), Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    promised, opening = _promises(old, new)
    places: dict[str, tuple[str, str]] = {}
    for row in standings:
        if not row.get("is_enrolled", 1):
            continue
        now, then = _level_key(old, row), _level_key(new, row)
        places[row["student_id"]] = (row["school_id"], then)
        if now != then:
            moves[now, then] += 1
        opens.update((row["school_id"], key) for key in opening(now, then))
    for student_id, key in open_steps:
        school_id, then = places.get(student_id, ("", ""))
        if then and key not in promised(then):
            closes[school_id, key] += 1
    return Preview(*_thirds(opens), *_thirds(closes), moves=dict(moves), new_due_days=_due_changes(old, new))


def _promises(old: Protocol, new: Protocol) -> tuple[Any, Any]:
    """What the new protocol promises at a level, and what going from an old level to a new one opens."""

    @cache
    def promised(level: str) -> frozenset[str]:
        return frozenset(step.key for step in opened_between(new, 0, new.level(level).number))

    @cache
    def opening(now: str, then: str) -> tuple[str, ...]:
        before = {step.key for step in opened_between(old, 0, old.level(now).number)}
        fresh = [step for step in opened_between(new, 0, new.level(then).number) if step.key not in before]
        return tuple(step.key for step in standing_steps(fresh))

    return promised, opening


def _level_key(protocol: Protocol, row: Mapping[str, Any]) -> str:
    if protocol.measure == "days_absent":
        return level_for(protocol, row["days_absent"]).key
    reported = int(row["days_enrolled"]) - int(row["days_unreported"])
    rate = exact(row["days_absent"], "days_absent") / reported if reported else None
    return level_for(protocol, row["days_absent"], rate).key


def _thirds(counted: Counter[tuple[str, str]]) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    """The counts by step, by level and by school, each sorted by its key."""
    by_step, by_level, by_school = Counter[str](), Counter[str](), Counter[str]()
    for (school_id, key), number in counted.items():
        by_step[key] += number
        by_level[key.partition(".")[0]] += number
        by_school[school_id] += number
    return dict(sorted(by_step.items())), dict(sorted(by_level.items())), dict(sorted(by_school.items()))


def _due_changes(old: Protocol, new: Protocol) -> dict[str, tuple[int, int]]:
    before = {step.key: step.due_school_days for step in old.steps()}
    return {
        step.key: (before[step.key], step.due_school_days)
        for step in new.steps()
        if before.get(step.key, step.due_school_days) != step.due_school_days
    }


def _steps(number: int) -> str:
    return f"{number} step" if number == 1 else f"{number} steps"


def _students(number: int) -> str:
    return f"{number} student" if number == 1 else f"{number} students"
