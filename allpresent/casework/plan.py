"""What one night changes for one student, worked out from plain values: the record tonight, and what is on the books.

The plan is a function of both, so a night that is run twice plans nothing the second time, and a night that was
stopped half way plans only the rest.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date

OPEN = "open"


@dataclass(frozen=True, slots=True)
class Promise:
    """A step of the protocol as it would be opened tonight. `merged_levels` are lower levels it also keeps."""

    level: str
    key: str
    kind: str
    owner_role: str
    due_on: date | None
    act: str = ""  # steps of one act at several levels are done once
    merged_levels: tuple[str, ...] = ()


Promises = Callable[[str, str], tuple[Promise, ...]]
"""The steps that fall due when a student goes from one level to a higher one in one night."""


@dataclass(frozen=True, slots=True)
class Tonight:
    """What the record says of one student: `reached` holds each level above the lowest with the day it was reached."""

    student_id: str
    school_id: str
    is_enrolled: bool
    days_absent: int
    level: str
    reached: tuple[tuple[str, date], ...]

    @property
    def levels(self) -> dict[str, date]:
        """The levels that bind tonight: none for a student who left."""
        return dict(self.reached) if self.is_enrolled else {}


@dataclass(frozen=True, slots=True)
class Standing:
    """A step on the books that is not withdrawn."""

    id: int
    level: str
    key: str
    act: str
    state: str
    merged_levels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Books:
    """What is written about a student this school year: live crossings by level, and steps not withdrawn."""

    crossings: dict[str, int] = field(default_factory=dict)
    steps: tuple[Standing, ...] = ()


@dataclass(frozen=True, slots=True)
class NewCrossing:
    """A level noticed tonight. `skipped` names the lower levels noticed with it, on the highest of a jump alone."""

    level: str
    crossed_on: date
    is_skipped: bool
    skipped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The changes: crossings to write, steps to open, crossings (by level) and steps (by id) to withdraw."""

    crossings: tuple[NewCrossing, ...] = ()
    steps: tuple[Promise, ...] = ()
    ended_levels: tuple[str, ...] = ()
    ended_steps: tuple[int, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing changes tonight."""
        return not (self.crossings or self.steps or self.ended_levels or self.ended_steps)


def plan_student(tonight: Tonight, books: Books, ladder: tuple[str, ...], promises: Promises) -> Plan:
    """The night's changes for one student. `ladder` is every level key, lowest first.

    A level newly reached opens its steps, unless one of that level and key still stands; a level no longer reached
    withdraws its open steps and leaves what was done. When a withdrawn step had kept lower levels as well, as the one
    call home after a jump, the highest of those that remain gets its own again.
    """
    reached = tonight.levels
    fresh = [level for level in ladder if level in reached and level not in books.crossings]
    ended = [step for step in books.steps if step.state == OPEN and step.level not in reached]
    taken = {(step.level, step.key) for step in books.steps} - {(step.level, step.key) for step in ended}
    due = [promise for run in _runs(fresh, ladder) for promise in promises(_below(run[0], ladder), run[-1])]
    again = [promise for step in ended for promise in _again(step, set(reached) - set(fresh), ladder, promises)]
    return Plan(
        crossings=tuple(_crossings(fresh, reached)),
        steps=tuple(_untaken(due + again, taken)),
        ended_levels=tuple(level for level in books.crossings if level not in reached),
        ended_steps=tuple(step.id for step in ended),
    )


def _again(step: Standing, kept: set[str], ladder: tuple[str, ...], promises: Promises) -> tuple[Promise, ...]:
    """The same act for the lower levels a withdrawn step had kept, where those are still reached."""
    bare = [level for level in ladder if level in step.merged_levels and level in kept]
    if not bare:
        return ()
    return tuple(promise for promise in promises(_below(bare[0], ladder), bare[-1]) if promise.act == step.act)


def _crossings(fresh: list[str], reached: dict[str, date]) -> Iterable[NewCrossing]:
    for level in fresh:
        is_highest = level == fresh[-1]
        yield NewCrossing(level, reached[level], not is_highest, tuple(fresh[:-1]) if is_highest else ())


def _untaken(promises: Iterable[Promise], taken: set[tuple[str, str]]) -> Iterable[Promise]:
    """Each promise once, and none that still stands on the books."""
    seen = set(taken)
    for promise in promises:
        if (promise.level, promise.key) not in seen:
            seen.add((promise.level, promise.key))
            yield promise


def _runs(levels: Iterable[str], ladder: tuple[str, ...]) -> list[list[str]]:
    """The levels in the ladder's order, cut wherever a rung is missing between two of them."""
    runs: list[list[str]] = []
    chosen = set(levels)
    for at, level in enumerate(ladder):
        if level not in chosen:
            continue
        if runs and ladder[at - 1] == runs[-1][-1]:
            runs[-1].append(level)
        else:
            runs.append([level])
    return runs


def _below(level: str, ladder: tuple[str, ...]) -> str:
    """The level a student comes from when this one is the lowest of a jump."""
    return ladder[max(ladder.index(level) - 1, 0)]
