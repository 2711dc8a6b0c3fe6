"""How a published file is laid out: one YAML file a publication, with its source; a new one is a file, not code."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

from allpresent.intake.policy_files import complaints_of, read_plain
from allpresent.intake.rules import IntakeError

SHIPPED = Path(__file__).parents[2] / "policy" / "published"
FIELDS = {
    "aggregates": (
        *("year", "geo_name", "dim", "value", "grade", "n_students", "n_chronic", "n_days_member", "rate_pct"),
        *("count_mark", "students_mark", "days_mark", "rate_mark"),
    ),
    "school_day_totals": ("date", "school_id", "attendance_pct"),
}

# What stands in place of a figure in any publication (rule P01): the mark, and what it says. A layout may add its own.
MARKS = {"*": "suppressed", "s": "suppressed", "NS": "not submitted", "-9999": "not reported"}
RANGES = r"[<>≤≥]=? ?\d+(\.\d+)?%?"
_ADDED = ("columns", "constants", "values", "keep", "marks")  # laid over those of the layout it is like
_FIGURE = re.compile(r"(\d{1,3}(,\d{3})+(\.\d*)?|\d+(\.\d*)?|\.\d+) ?%?")
_SOME_FIGURES = ("0", "7", "12", "350", "9999", "1,234", "1,234.5", "0.5", ".5", "42.0", "100", "12%", "3.25%")


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Place(_Model):
    """One level of geography and the columns that name it; the first whose id is there speaks for the row."""

    level: Literal["school", "district", "county", "state", "region", "nation"]
    id: str = ""  # column; '' = the row needs none
    name: str = ""
    called: str = ""  # the name itself, where the file has none
    when: dict[str, tuple[str, ...]] = {}  # column: texts, one of which has to stand there


class Spread(_Model):
    """Columns that hold one figure each: a pattern whose named groups tell the year, grade, value or figure."""

    match: str
    figures: dict[str, str] = {}  # text of the group ``figure``: our column

    @field_validator("match")
    @classmethod
    def _is_a_pattern(cls, text: str) -> str:
        _compiled(text)
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
    # NAME and this, in small letters, is the file that says which columns of NAME.csv tell groups; without it, those do
    # that hold words.
    metadata: str = ""
    keep: dict[str, tuple[str, ...]] = {}  # column: texts, one of which has to stand there
    rate: Literal["percent", "fraction"] = "percent"
    marks: dict[str, str] = {}  # mark as printed: what it stands for; MARKS are known in every layout
    ranges: str = ""  # a pattern for marks such as 21-40; RANGES are known in every layout

    @field_validator("columns", "constants")
    @classmethod
    def _known_fields(cls, value: dict[str, str]) -> dict[str, str]:
        known = {name for fields in FIELDS.values() for name in fields} | {"geo_level", "geo_id"}
        unknown = sorted(set(value) - known)
        if unknown:
            raise ValueError(f"names {unknown[0]!r}, which is no column of published figures")
        return value

    @field_validator("marks")
    @classmethod
    def _no_figure(cls, value: dict[str, str]) -> dict[str, str]:
        figure = next((mark for mark in value if _FIGURE.fullmatch(mark.strip())), None)
        if figure is not None:
            raise ValueError(f"has {figure!r}, which may be a figure that was counted; a mark is never a number")
        return value

    @field_validator("ranges", "year_in")
    @classmethod
    def _is_a_pattern(cls, text: str, info: ValidationInfo) -> str:
        pattern = _compiled(text)
        if info.field_name == "year_in":
            if text and not pattern.groups:
                raise ValueError("has no group; put the year in round brackets")
            return text
        figure = next((one for one in _SOME_FIGURES if text and pattern.fullmatch(one)), None)
        if figure is not None:
            raise ValueError(f"takes {figure!r} for a mark, which is a figure")
        return text


def _compiled(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise ValueError(f"is no pattern ({error})") from error


def load_layout(path: Path) -> Layout:
    """The layout in a file; one that is ``like`` a shipped one says only what differs. Raises IntakeError."""
    with complaints_of(path, "layout"):
        told = read_plain(path)
        if "like" not in told:
            return Layout.model_validate(told)
        base = shipped_layouts().get(str(told.pop("like")))
        if base is None:
            raise IntakeError(f"{path}: the key like has to name one of {', '.join(shipped_layouts())}.")
        plain = base.model_dump()
        added = {key: plain[key] | told[key] for key in _ADDED if isinstance(told.get(key), dict)}
        return Layout.model_validate(plain | told | added)


@cache
def shipped_layouts() -> dict[str, Layout]:
    """Every layout that comes with the program, by name."""
    return {path.stem: load_layout(path) for path in sorted(SHIPPED.glob("*.yaml"))}


def fitting(columns: set[str], layouts: Mapping[str, Layout], own: str = "") -> str | None:
    """The layout all of whose needed labels stand among the columns: ``own`` first, then the one that needs most."""
    fits = [
        name
        for name, layout in layouts.items()
        if all(set(label.casefold().split("|")) & columns for label in layout.needs) and _is_spread(layout, columns)
    ]
    return max(fits, key=lambda name: (name == own, len(layouts[name].needs), name), default=None)


def _is_spread(layout: Layout, columns: set[str]) -> bool:
    """Whether a layout of one column a year finds such a column; any other layout needs none."""
    spread = layout.spread
    return spread is None or any(re.fullmatch(spread.match, column, re.IGNORECASE) for column in columns)
