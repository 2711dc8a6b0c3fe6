"""A report as plain values: sentences, figures and tables, the same for every form it takes on paper or as a file."""

import json
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any

HIDDEN = "*"
Cell = int | str | None

# What a column holds. A percent, a rate of points or a number of days is kept in tenths, an exact integer; a change
# is a difference of counts.
TEXT, COUNT, CHANGE, PERCENT, POINTS, DAYS = "text", "count", "change", "percent", "points", "days"


class ReportError(Exception):
    """A sentence about a report that a person can act on."""


@dataclass(frozen=True)
class Column:
    """One column of a table: its head, and what its cells hold."""

    head: str
    kind: str = COUNT


@dataclass(frozen=True)
class Table:
    """A table with its title and, below, a note. ``total`` is the last row, set apart. Cells match the columns."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] | None = None
    note: str = ""


@dataclass(frozen=True)
class Figure:
    """A number that opens the report: its name, the number as shown, and what to know about it."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Line:
    """A line of a chart over school days: (school day number, tenths of a percent) in order."""

    label: str
    points: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Report:
    """A bi-weekly report. Two reports with equal values are equal files, byte for byte.

    ``as_of`` and ``delivery_id`` say which day it tells of and what was known. ``levels`` holds the share of each
    level in tenths of a percent for the bar; ``trend`` the lines of the goal chart and ``goal`` its goal, in tenths.
    """

    title: str
    scope_key: str
    scope_name: str
    district: str
    as_of: str
    school_day: int
    delivery_id: str
    last_school_day: str
    sentences: tuple[str, ...]
    figures: tuple[Figure, ...]
    tables: tuple[Table, ...]
    levels: tuple[tuple[str, str, int], ...] = ()
    trend: tuple[Line, ...] = ()
    goal: tuple[str, int] | None = None
    rules: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        """The report as frozen on disk."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Report":
        """Read what ``to_json`` wrote."""
        plain = json.loads(text)
        tables = tuple(
            Table(
                **{
                    **table,
                    "columns": tuple(Column(**column) for column in table["columns"]),
                    "rows": tuple(tuple(row) for row in table["rows"]),
                    "total": tuple(table["total"]) if table["total"] else None,
                }
            )
            for table in plain["tables"]
        )
        trend = tuple(
            Line(line["label"], tuple((day, rate) for day, rate in line["points"])) for line in plain["trend"]
        )
        lists = {name: tuple(plain[name]) for name in ("sentences", "rules")}
        return cls(
            **{
                **plain,
                **lists,
                "tables": tables,
                "trend": trend,
                "figures": tuple(Figure(**figure) for figure in plain["figures"]),
                "levels": tuple((key, label, share) for key, label, share in plain["levels"]),
                "goal": tuple(plain["goal"]) if plain["goal"] else None,
            }
        )


def tenths(numerator: int, denominator: int) -> int | None:
    """``100 * numerator / denominator`` in tenths of a percent, half up; None over nothing."""
    if denominator == 0:
        return None
    return half_up(Fraction(1000 * numerator, denominator))


def half_up(value: Fraction) -> int:
    """The nearest integer, halves away from zero; exact."""
    size = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return size if value >= 0 else -size


def shown(cell: Cell, kind: str) -> str:
    """A cell as a person reads it: 1,262 · 21.9% · +0.8 · 4.5; hidden stays ``*`` and nothing is a dash."""
    if cell is None:
        return "–"
    if isinstance(cell, str):
        return cell
    if kind == PERCENT:
        return f"{in_tenths(cell)}%"
    if kind in (POINTS, CHANGE):
        sign = "+" if cell > 0 else "−" if cell < 0 else "±"
        return f"{sign}{in_tenths(abs(cell)) if kind == POINTS else f'{abs(cell):,}'}"
    return in_tenths(cell) if kind == DAYS else f"{cell:,}"


def in_tenths(value: int) -> str:
    """An integer number of tenths with its decimal point: 219 is 21.9."""
    sign = "-" if value < 0 else ""
    return f"{sign}{abs(value) // 10}.{abs(value) % 10}"
