"""Published figures as a table: what a state or another publisher says of places, beside nothing of our own.

A cell without a figure shows the mark that was printed; no cell is worked out from others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import pyarrow as pa
import pyarrow.compute as pc
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

LEVELS = {
    "nation": gettext_lazy("Country"),
    "region": gettext_lazy("Region"),
    "state": gettext_lazy("State"),
    "county": gettext_lazy("County"),
    "district": gettext_lazy("District"),
    "school": gettext_lazy("School"),
}
MOST_ROWS = 200
MOST_DIGITS = 4  # of how many times that may be asked for
NO_YEAR = "none"  # chosen in place of a year: rows of files that name none


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
class DayLine:
    """What was published of one school and day."""

    school: str
    attendance: Cell
    source: str


@dataclass(frozen=True)
class Choice:
    """One way to narrow the table, with what may be chosen."""

    name: str
    label: str
    options: tuple[tuple[str, str, bool], ...]  # value, words, is chosen


@dataclass(frozen=True)
class Published:
    """The page: what was chosen, the lines of the year and of one day, and how many of each there are in all."""

    choices: tuple[Choice, ...]
    has_figures: bool
    lines: tuple[Line, ...]
    count: int
    day_lines: tuple[DayLine, ...]
    day_count: int
    day: str
    marks: tuple[str, ...]
    more_url: str = ""


_ASKED = ("year", "level", "group", "day", "place")


def published_page(figures: pa.Table, totals: pa.Table, asked: Mapping[str, str]) -> Published:
    """The lines that were asked for by year, level and student group or by day, and the name of a place."""
    choices: list[Choice] = []
    rows = _of_year(figures, asked, choices) if figures.num_rows else figures
    days, day = _of_day(totals, asked, choices) if totals.num_rows else (totals, "")
    if wanted := asked.get("place", "").strip():
        rows, days = _named(rows, ("geo_name", "geo_id"), wanted), _named(days, ("school_id",), wanted)
    pages = asked.get("pages", "")
    shown = MOST_ROWS * max(1, int(pages) if pages.isdecimal() and len(pages) <= MOST_DIGITS else 1)
    lines = tuple(_line(row) for row in _ordered(rows).slice(0, shown).to_pylist())
    day_lines = tuple(_day_line(row) for row in days.sort_by("school_id").slice(0, shown).to_pylist())
    cells = [cell for one in lines for cell in one.cells] + [one.attendance for one in day_lines]
    more = {key: asked[key] for key in _ASKED if asked.get(key)} | {"pages": str(shown // MOST_ROWS + 1)}
    url = "?" + urlencode(more) if max(rows.num_rows, days.num_rows) > shown else ""
    marks = tuple(sorted({cell.text for cell in cells if cell.is_mark}))
    return Published(
        tuple(choices), figures.num_rows > 0, lines, rows.num_rows, day_lines, days.num_rows, day, marks, url
    )


def _of_year(figures: pa.Table, asked: Mapping[str, str], choices: list[Choice]) -> pa.Table:
    """The rows of a year, the newest unless asked, narrowed by level and group; adds what can be chosen."""
    years = [(one, one) for one in sorted(_distinct(figures, "year"), reverse=True)]
    if figures["year"].null_count:
        years.append((NO_YEAR, _("not said")))
    year = asked["year"] if asked.get("year") in dict(years) else years[0][0]
    of_year = pc.is_null(figures["year"]) if year == NO_YEAR else pc.equal(figures["year"], year)
    rows = figures.filter(of_year)
    choices.append(_choice("year", _("School year"), years, year, needs_one=True))
    levels = [key for key in LEVELS if key in _distinct(rows, "geo_level")]
    rows, level = _narrow(rows, "geo_level", asked.get("level", ""), levels)
    choices.append(_choice("level", _("Level"), [(key, str(LEVELS[key])) for key in levels], level))
    groups = sorted(_distinct(rows, "value"))
    rows, group = _narrow(rows, "value", asked.get("group", ""), groups)
    choices.append(_choice("group", _("Student group"), [(one, one) for one in groups], group))
    return rows


def _of_day(totals: pa.Table, asked: Mapping[str, str], choices: list[Choice]) -> tuple[pa.Table, str]:
    """The rows of a day, the newest unless another is asked for, and the day in words; adds what can be chosen."""
    days = {one.isoformat(): one for one in sorted(pc.unique(totals["date"]).to_pylist(), reverse=True)}
    day = days.get(asked.get("day", "")) or next(iter(days.values()))
    words = {text: date_format(one, _("j M Y")) for text, one in days.items()}
    choices.append(_choice("day", _("Day"), list(words.items()), day.isoformat(), needs_one=True))
    return totals.filter(pc.equal(totals["date"], day)), words[day.isoformat()]


def _named(rows: pa.Table, columns: tuple[str, ...], wanted: str) -> pa.Table:
    """The rows whose place is called so; one without a name, by its id."""
    shown = pc.coalesce(*(rows[column] for column in columns), "")
    return rows.filter(pc.match_substring(shown, wanted, ignore_case=True))


def _distinct(table: pa.Table, column: str) -> set[str]:
    return {text for text in pc.unique(table[column]).to_pylist() if text}


def _narrow(rows: pa.Table, column: str, wanted: str, known: list[str]) -> tuple[pa.Table, str]:
    """Only the rows of a wanted value; all of them when it is none of the known."""
    return (rows.filter(pc.equal(rows[column], wanted)), wanted) if wanted in known else (rows, "")


def _choice(name: str, label: str, options: list[tuple[str, str]], chosen: str, *, needs_one: bool = False) -> Choice:
    first = [] if needs_one else [("", _("All"), not chosen)]
    return Choice(name, label, (*first, *((value, words, value == chosen) for value, words in options)))


def _ordered(rows: pa.Table) -> pa.Table:
    """Wide places before narrow ones, then by name, group and grade."""
    ranks = pc.index_in(rows["geo_level"], value_set=pa.array(list(LEVELS)))
    keys = {
        "rank": pc.fill_null(ranks, len(LEVELS)),
        "place": pc.coalesce(rows["geo_name"], rows["geo_id"], ""),
        **{name: pc.fill_null(rows[name], "") for name in ("value", "grade")},
    }
    return rows.take(pc.sort_indices(pa.table(keys), sort_keys=[(name, "ascending") for name in keys]))


def _line(row: Mapping[str, object]) -> Line:
    level = str(row["geo_level"] or "")
    return Line(
        place=str(row["geo_name"] or row["geo_id"] or ""),
        level=str(LEVELS.get(level, level)),
        group=str(row["value"] or ""),
        grade=str(row["grade"] or ""),
        students=_count(row["n_students"], row["students_mark"]),
        chronic=_count(row["n_chronic"], row["count_mark"]),
        rate=_percent(row["rate_pct"], row["rate_mark"]),
        source=str(row["source_file"] or ""),
    )


def _day_line(row: Mapping[str, object]) -> DayLine:
    attendance = _percent(row["attendance_pct"], row["attendance_mark"])
    return DayLine(str(row["school_id"] or ""), attendance, str(row["source_file"] or ""))


def _percent(value: object, mark: object) -> Cell:
    return Cell(f"{value}%") if value is not None else _mark(mark)


def _count(value: object, mark: object) -> Cell:
    return Cell(number_format(str(value), force_grouping=True)) if value is not None else _mark(mark)


def _mark(mark: object) -> Cell:
    return Cell(str(mark), is_mark=True) if mark else Cell("")
