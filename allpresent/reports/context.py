"""What a bi-weekly report is made from; a disclosed count stays hidden in every sum and share made of it."""

import re
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from allpresent.measures import Facts, Rules, groups
from allpresent.reports.document import HIDDEN, Cell, Report, half_up, tenths
from allpresent.reports.withhold import withhold

if TYPE_CHECKING:
    from allpresent.policy import District

RACE = "race:"
# Columns that part a table into those of several scopes.
OUTER = ("school", "grade_range")


@dataclass(frozen=True)
class Scope:
    """What a report tells of: the whole district, or one school (``school_id``)."""

    name: str
    school_id: str | None = None

    @property
    def key(self) -> str:
        """The scope in a file name: ``district`` or ``school-<id>``; an odd character as its number between bars."""
        if self.school_id is None:
            return "district"
        # Ids come from another system: one with a slash or a dot must not name a file elsewhere.
        return "school-" + re.sub(r"[^A-Za-z0-9-]", lambda found: f"_{ord(found[0]):x}_", self.school_id)


@dataclass(frozen=True)
class StepsLine:
    """The promised steps of one level as the records hold them; five ways a step can stand, counted apart.

    A line with a blank level is the scope as a whole; without one the levels are added up. Steps not yet due are among
    the promised and in none of the five.
    """

    level: str
    promised: int
    on_time: int
    late: int
    overdue: int
    withdrawn: int
    exempt: int
    median_days_to_reach: int | None = None  # in tenths of a school day


@dataclass(frozen=True)
class PromiseLine:
    """One thing a school promises itself; `schools` counts where it is in place, begun, ended and not recorded."""

    promise: str
    schools: tuple[int, int, int, int]


@dataclass(frozen=True)
class Context:
    """What a report is made from, gathered once."""

    facts: Facts
    as_of: date
    rules: Rules
    scope: Scope
    district: "District"
    school_names: dict[str, str]
    levels: dict[str, tuple[str, str]]  # L1 -> (label, days out)
    student_groups: tuple[str, ...]
    steps: tuple[StepsLine, ...]
    promises: tuple[PromiseLine, ...]
    previous: Report | None

    def rows(self, by: list[str], on: date | None = None) -> list[dict[str, Any]]:
        """The groups of this scope after disclosure control, as plain rows; numbers as integers, hidden as ``*``."""
        rows = self._table(self._by_scope(by), on or self.as_of)
        return [row for row in rows if not self.scope.school_id or row["school"] == self.scope.school_id]

    def races(self) -> list[dict[str, Any]]:
        """The race groups of this scope as rows of one table (``race``), because together they make the whole."""
        rows = self._settled(["race"], self.as_of)[tuple(self._by_scope(["race"]))]
        return [row for row in rows if not self.scope.school_id or row["school"] == self.scope.school_id]

    def _by_scope(self, by: list[str]) -> list[str]:
        return ["school", *by] if self.scope.school_id and "school" not in by else by

    def _table(self, by: list[str], on: date) -> list[dict[str, Any]]:
        """One table as it may leave, settled with those it shares its columns with."""
        below = [name for name in by if name not in OUTER] or by[:1]
        return self._settled(below, on)[tuple(by)]

    def _settled(self, below: list[str], on: date) -> dict[tuple[str, ...], list[dict[str, Any]]]:
        """Tables by the same columns, alone and within schools and grade ranges, by all their columns.

        Forty-one schools ask for the same small tables; disclosure control is the dear part of a report.
        """
        names = tuple(name for name in self.student_groups if name.startswith(RACE)) if below == ["race"] else ()
        made: dict[tuple[str, ...], list[dict[str, Any]]] = self.facts.keep(
            ("withheld", on, self.rules, tuple(below), names), lambda: self._settle(below, on), kind="report"
        )
        return made

    def _settle(self, below: list[str], on: date) -> dict[tuple[str, ...], list[dict[str, Any]]]:
        families = [below]
        if below and below[0] not in OUTER:
            families += [["school", *below]] + ([["grade_range", *below]] if below == ["level"] else [])
        tables = [(by, self._races(by) if "race" in by else self._disclosed(by, on)) for by in families]
        rows = withhold(tables, lambda keys: self._table(keys, on), self.rules)
        return {tuple(by): kept for by, kept in zip(families, rows, strict=True)}

    def _races(self, by: list[str]) -> list[dict[str, Any]]:
        """Each race is a group of its own to disclosure control; here they are rows of one table."""
        rows = []
        for name in self.student_groups:
            if name.startswith(RACE):
                column = f"student_group:{name}"
                found = self._table([column if key == "race" else key for key in by], self.as_of)
                rows += [row | {"race": name} for row in found if row[column] != "0"]
        return rows

    def _disclosed(self, by: list[str], on: date) -> list[dict[str, Any]]:
        table = groups(self.facts, on, self.rules, by, public=True)
        return [
            {key: value if key in by else _number(value) for key, value in row.items()} for row in table.to_pylist()
        ]

    def whole(self, on: date | None = None) -> dict[str, Any]:
        """The one row of the whole scope; empty when nobody was enrolled."""
        rows = self.rows([], on)
        return rows[0] if rows else {}


def _number(value: Any) -> Any:
    """A figure of a disclosed table: hidden stays ``*``, a count becomes an integer, a rate stays text."""
    if isinstance(value, str) and value.lstrip("-").isdigit():
        return int(value)
    return value


def share(part: Any, whole: Any) -> Cell:
    """A percent in tenths of two disclosed counts; hidden where either is hidden."""
    if HIDDEN in (part, whole):
        return HIDDEN
    return None if part is None or whole is None else tenths(part, whole)


def rate(row: dict[str, Any], name: str = "chronic_rate") -> Cell:
    """A disclosed rate in tenths of a percent, rounded once from its exact counts where they are shown."""
    if row.get(name) in (HIDDEN, None, ""):
        return HIDDEN if row.get(name) == HIDDEN else None
    if name == "chronic_rate":
        return share(row["chronically_absent"], row["students"])
    millionths = int(str(row[name]).replace(".", ""))
    return (millionths + 500) // 1000


Part = tuple[Cell, Cell]  # a disclosed count, and the count it is a share of


def chronic(row: dict[str, Any]) -> Part:
    """The chronically absent of a disclosed row and its students."""
    return row.get("chronically_absent"), row.get("students")


def points(now: Part, then: Part) -> Cell:
    """The change between two shares in tenths of a point, rounded once, as on the pages; hidden where a count is.

    It may differ by a tenth from the difference of the two printed percents.
    """
    counts = (*now, *then)
    if HIDDEN in counts:
        return HIDDEN
    part, whole, part_then, whole_then = (count if isinstance(count, int) else 0 for count in counts)
    if None in counts or not whole or not whole_then:
        return None
    return half_up(1000 * (Fraction(part, whole) - Fraction(part_then, whole_then)))
