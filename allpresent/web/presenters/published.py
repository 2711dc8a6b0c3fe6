"""Published figures as a table: what a state or another publisher says of places, beside nothing of our own.

A held back cell shows the mark that was printed; no cell is worked out from others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import pyarrow as pa
import pyarrow.compute as pc
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

LEVELS = {
    "nation": gettext_lazy("Country"),
    "state": gettext_lazy("State"),
    "county": gettext_lazy("County"),
    "district": gettext_lazy("District"),
    "school": gettext_lazy("School"),
}
MOST_ROWS = 200


@dataclass(frozen=True)
class Cell:
    """A figure as it is shown, or the mark printed in its place."""

    text: str
    is_mark: bool = False


@dataclass(frozen=True)
class Line:
    """One published row."""

    place: str
    level: str
    group: str
    grade: str
    students: Cell
    chronic: Cell
    rate: Cell
    source: str

    @property
    def cells(self) -> tuple[Cell, Cell, Cell]:
        """The figures in the order of the table."""
        return self.students, self.chronic, self.rate


@dataclass(frozen=True)
class Choice:
    """One way to narrow the table, with what may be chosen."""

    name: str
    label: str
    options: tuple[tuple[str, str, bool], ...]  # value, words, is chosen


@dataclass(frozen=True)
class Published:
    """The page: what was chosen, the lines, and how many there are in all."""

    choices: tuple[Choice, ...]
    lines: tuple[Line, ...]
    count: int
    marks: tuple[str, ...]
    more_url: str = ""


def published_page(figures: pa.Table, asked: Mapping[str, str]) -> Published:
    """The lines that were asked for by year, level and student group, and the name of a place."""
    years = sorted(_distinct(figures, "year"), reverse=True)
    year = asked.get("year") if asked.get("year") in years else (years[0] if years else "")
    rows = figures.filter(pc.equal(figures["year"], year)) if year else figures
    choices = [_choice("year", _("School year"), [(one, one) for one in years], year or "", needs_one=True)]
    levels = [key for key in LEVELS if key in _distinct(rows, "geo_level")]
    rows, level = _narrow(rows, "geo_level", asked.get("level", ""), levels)
    choices.append(_choice("level", _("Level"), [(key, str(LEVELS[key])) for key in levels], level))
    groups = sorted(_distinct(rows, "value"))
    rows, group = _narrow(rows, "value", asked.get("group", ""), groups)
    choices.append(_choice("group", _("Student group"), [(one, one) for one in groups], group))
    if wanted := asked.get("place", "").strip():
        rows = rows.filter(pc.match_substring(pc.fill_null(rows["geo_name"], ""), wanted, ignore_case=True))
    shown = MOST_ROWS * max(1, int(asked["pages"]) if asked.get("pages", "").isdecimal() else 1)
    ordered = sorted(rows.to_pylist(), key=_order)
    lines = tuple(_line(row) for row in ordered[:shown])
    marks = tuple(sorted({cell.text for one in lines for cell in one.cells if cell.is_mark}))
    more = {key: asked[key] for key in ("year", "level", "group", "place") if asked.get(key)}
    url = "?" + urlencode(more | {"pages": shown // MOST_ROWS + 1}) if len(ordered) > shown else ""
    return Published(tuple(choices), lines, len(ordered), marks, url)


def _distinct(table: pa.Table, column: str) -> set[str]:
    return {text for text in pc.unique(table[column]).to_pylist() if text}


def _narrow(rows: pa.Table, column: str, wanted: str, known: list[str]) -> tuple[pa.Table, str]:
    """Only the rows of a wanted value; all of them when it is none of the known."""
    return (rows.filter(pc.equal(rows[column], wanted)), wanted) if wanted in known else (rows, "")


def _choice(name: str, label: str, options: list[tuple[str, str]], chosen: str, *, needs_one: bool = False) -> Choice:
    first = [] if needs_one else [("", _("All"), not chosen)]
    return Choice(name, label, (*first, *((value, words, value == chosen) for value, words in options)))


def _order(row: Mapping[str, object]) -> tuple[int, str, str, str]:
    level = str(row["geo_level"] or "")
    place = list(LEVELS).index(level) if level in LEVELS else len(LEVELS)
    return place, str(row["geo_name"] or row["geo_id"] or ""), str(row["value"] or ""), str(row["grade"] or "")


def _line(row: Mapping[str, object]) -> Line:
    level = str(row["geo_level"] or "")
    count_mark = row["count_mark"]
    return Line(
        place=str(row["geo_name"] or row["geo_id"] or ""),
        level=str(LEVELS.get(level, level)),
        group=str(row["value"] or ""),
        grade=str(row["grade"] or ""),
        students=_count(row["n_students"], None),
        chronic=_count(row["n_chronic"], count_mark),
        rate=Cell(f"{row['rate_pct']}%") if row["rate_pct"] is not None else _mark(row["rate_mark"]),
        source=str(row["source_file"] or ""),
    )


def _count(value: object, mark: object) -> Cell:
    return Cell(number_format(str(value), force_grouping=True)) if value is not None else _mark(mark)


def _mark(mark: object) -> Cell:
    return Cell(str(mark), is_mark=True) if mark else Cell("")
