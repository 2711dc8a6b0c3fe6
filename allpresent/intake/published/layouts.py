"""How a published file is laid out: one YAML file a publication, with its source; a new one is a file, not code."""

import re
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, field_validator

from allpresent.intake.policy_files import complaints_of, read_plain

SHIPPED = Path(__file__).parents[2] / "policy" / "published"
FIELDS = {
    "aggregates": (
        *("year", "geo_name", "dim", "value", "grade", "n_students", "n_chronic", "n_days_member", "rate_pct"),
        *("count_mark", "rate_mark"),
    ),
    "school_day_totals": ("date", "school_id", "attendance_pct"),
}


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Place(_Model):
    """One level of geography and the columns that name it; the first whose id is there speaks for the row."""

    level: Literal["school", "district", "state", "county", "nation"]
    id: str = ""  # column; '' = the row needs none
    name: str = ""
    when: dict[str, tuple[str, ...]] = {}  # column: texts, one of which has to stand there


class Spread(_Model):
    """Columns that hold one figure each: a pattern whose named groups tell the year, grade, value or figure."""

    match: str
    figures: dict[str, str] = {}  # text of the group ``figure``: our column

    @field_validator("match")
    @classmethod
    def _is_a_pattern(cls, text: str) -> str:
        try:
            re.compile(text)
        except re.error as error:
            raise ValueError(f"is no pattern ({error})") from error
        return text


class Layout(_Model):
    """One publication's file. ``columns`` are ours: theirs, with a bar between names that it had in other years."""

    title: str
    publisher: str
    source: str
    status: str
    fills: Literal["aggregates", "school_day_totals"] = "aggregates"
    needs: tuple[str, ...]  # labels by which the file is recognised, a bar between alternatives
    columns: dict[str, str] = {}
    constants: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}  # ours: {theirs: ours}
    places: tuple[Place, ...] = ()
    spread: Spread | None = None
    year_in: str = ""  # a pattern with one group, looked for in the lines above the header, then in the file name
    keep: dict[str, tuple[str, ...]] = {}  # column: texts, one of which has to stand there
    rate: Literal["percent", "fraction"] = "percent"
    marks: dict[str, str] = {}  # mark as printed: what it stands for
    ranges: str = ""  # a pattern for marks such as <5 or 21-40

    @field_validator("columns", "constants")
    @classmethod
    def _known_fields(cls, value: dict[str, str]) -> dict[str, str]:
        known = {name for fields in FIELDS.values() for name in fields} | {"geo_level", "geo_id"}
        unknown = sorted(set(value) - known)
        if unknown:
            raise ValueError(f"names {unknown[0]!r}, which is no column of published figures")
        return value


def load_layout(path: Path) -> Layout:
    """The layout in a file. Raises IntakeError with file and key."""
    with complaints_of(path, "layout"):
        return Layout.model_validate(read_plain(path))


@cache
def shipped_layouts() -> dict[str, Layout]:
    """Every layout that comes with the program, by name."""
    return {path.stem: load_layout(path) for path in sorted(SHIPPED.glob("*.yaml"))}


def fitting(columns: set[str], layouts: dict[str, Layout]) -> str | None:
    """The layout all of whose needed labels stand among the columns; of several, the one that needs most."""
    fits = [
        (len(layout.needs), name)
        for name, layout in layouts.items()
        if all(set(label.casefold().split("|")) & columns for label in layout.needs) and _is_spread(layout, columns)
    ]
    return max(fits)[1] if fits else None


def _is_spread(layout: Layout, columns: set[str]) -> bool:
    """Whether a layout of one column a year finds such a column; any other layout needs none."""
    spread = layout.spread
    return spread is None or any(re.fullmatch(spread.match, column, re.IGNORECASE) for column in columns)
