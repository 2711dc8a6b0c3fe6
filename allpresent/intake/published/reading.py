"""A published table through its layout: canonical rows, what is held back, and the rows that are no figures."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from allpresent.intake.findings import ERROR, WARNING
from allpresent.intake.published.cells import Cell, NotAFigureError, known_marks, meaning_of, read_cell
from allpresent.intake.published.days import read_totals
from allpresent.intake.published.grids import Grid
from allpresent.intake.published.layouts import Layout, Place
from allpresent.intake.published.metadata import Filters
from allpresent.intake.rules import RefusedFileError
from allpresent.intake.values import GRADES, is_rounded, unwrapped

_KINDS = {"n_students": "count", "n_chronic": "count", "n_days_member": "decimal", "rate_pct": "rate"}
# Each figure has a place of its own for the mark that was printed instead of it.
_MARKS = {
    "n_chronic": "count_mark",
    "n_students": "students_mark",
    "n_days_member": "days_mark",
    "rate_pct": "rate_mark",
}
_EVERYONE = "Total"  # as publishers with filters call the whole of one
_YEAR = re.compile(r"(?:SY)?\s*(\d{4})\s*[-/–_]\s*(?:\d{2})?(\d{2})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is said of one line."""

    line: int
    rule: str
    severity: str
    field: str
    value: str
    message: str


class RoundedIdError(ValueError):
    """An id a spreadsheet rounded: several places would have it."""


@dataclass
class Reading:
    """What one table gave. ``rows`` are canonical rows without their file; each list holds lines."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)  # of the rows
    faults: list[Fault] = field(default_factory=list)
    good: int = 0
    left_out: int = 0
    duplicates: int = 0
    errors: int = 0


def read_grid(grid: Grid, layout: Layout, filters: Filters = ()) -> Reading:
    """The canonical rows of a table; ``filters`` are columns that together tell the student group.

    Raises RefusedFileError when a column the layout needs is missing.
    """
    reading = Reading(faults=[Fault(line, "R01", ERROR, "", "", f"{why}.") for line, why in grid.broken])
    reading.errors = len(reading.faults)
    at = {label: place for place, label in enumerate(grid.columns) if label}
    seen: set[tuple[str, ...]] = set()
    reader = read_totals if layout.fills == "school_day_totals" else _Aggregates(grid, layout, at, filters).read
    for line, cells in grid.rows:
        row = {label: cells[place] if place < len(cells) else "" for label, place in at.items()}
        if (key := tuple(cells)) in seen:
            message = "This row stands in the file already, the same in every column; it is counted once."
            reading.faults.append(Fault(line, "M01", WARNING, "", "", message))
            reading.duplicates += 1
            continue
        seen.add(key)
        if not _is_kept(row, layout):
            reading.left_out += 1
            continue
        try:
            made = list(reader(row, layout))
        except (NotAFigureError, RoundedIdError) as error:
            reading.faults.append(_why_refused(line, error, layout))
            reading.errors += 1
            continue
        reading.good += 1
        for one in made:
            reading.rows.append(one)
            reading.lines.append(line)
            reading.faults.extend(_doubts(line, one, layout))
    return reading


def _why_refused(line: int, error: NotAFigureError | RoundedIdError, layout: Layout) -> Fault:
    told, name = str(error.args[0])[:80], str(error.args[1]) if len(error.args) > 1 else ""
    if isinstance(error, RoundedIdError):
        message = f"{told} was turned into a rounded number by a spreadsheet; deliver the file as it was published."
        return Fault(line, "I01", ERROR, name, told, message)
    message = (
        f"{told!r} is neither a figure nor a mark that {layout.title} uses; if the publisher prints it in "
        "place of a figure, name it under marks in a layout."
    )
    return Fault(line, "P01", ERROR, name, told, message)


def _is_kept(row: Mapping[str, str], layout: Layout) -> bool:
    """Whether the row is about what the layout keeps; a column the file does not have leaves nothing out."""
    for column, allowed in layout.keep.items():
        text = next((row[name] for name in column.casefold().split("|") if name in row), None)
        if text is not None and text.strip().casefold() not in {one.casefold() for one in allowed}:
            return False
    return True


class _Aggregates:
    """Rows of figures: by one column a figure, or by columns whose labels tell year, grade and figure."""

    def __init__(self, grid: Grid, layout: Layout, at: Mapping[str, int], filters: Filters) -> None:
        self.filters = [(column, label) for column, label in filters if column in at]
        self.layout, self.marks = layout, known_marks(layout)
        self.columns = {
            ours: next((name for name in theirs.casefold().split("|") if name in at), "")
            for ours, theirs in layout.columns.items()
        }
        figures = [ours for ours in _KINDS if ours in layout.columns]
        if figures and not any(self.columns[ours] for ours in figures):
            wanted = " or ".join(layout.columns[ours].split("|")[0] for ours in figures)
            message = f"{grid.name} line {grid.header_line}: {layout.title} has a column {wanted}, and none is here."
            raise RefusedFileError(message, "Q01", grid.header_line)
        self.year = _year_above(grid, layout)
        pattern = re.compile(layout.spread.match, re.IGNORECASE) if layout.spread else None
        self.spread = {label: match for label in at if pattern and (match := pattern.fullmatch(label))}

    def read(self, row: Mapping[str, str], layout: Layout) -> Iterator[dict[str, Any]]:
        """The canonical rows of one line."""
        place = _place(row, layout)
        base: dict[str, Any] = {name: self._text(row, name) for name in ("year", "geo_name", "dim", "value", "grade")}
        base |= {"geo_level": place[0], "geo_id": place[1], "geo_name": place[2] or base["geo_name"]}
        base["year"] = base["year"] or self.year
        base |= self._group(row) if self.filters else {}
        groups = self._spread_figures(row) if self.spread else {(): self._figures(row)}
        for told, figures in groups.items():
            if self.spread and not any(cell.figure or cell.mark for cell in figures.values()):
                continue  # a year the publication has no cell for
            yield _canonical(base | dict(told), figures)

    def _group(self, row: Mapping[str, str]) -> dict[str, str]:
        """The student group a row is about: what its filters say, but for those that take everyone."""
        said = [(label, text) for column, label in self.filters if (text := unwrapped(row[column].strip()))]
        some = [(label, text) for label, text in said if not _same(text, _EVERYONE)]
        dims, values = zip(*some, strict=True) if some else ((_EVERYONE,), (_EVERYONE,))
        return {"dim": "; ".join(dims), "value": "; ".join(values)}

    def _text(self, row: Mapping[str, str], name: str) -> str | None:
        text = unwrapped(row.get(self.columns.get(name, ""), "").strip())
        said = next((ours for told, ours in self.layout.values.get(name, {}).items() if _same(told, text)), text)
        text = said or self.layout.constants.get(name, "")
        return text or None

    def _figures(self, row: Mapping[str, str]) -> dict[str, Cell]:
        """The figures of a row with a column each; a mark that has a column of its own stands for the empty cell."""
        figures = {name: self._cell(row, name) for name in _KINDS}
        for name, beside in _MARKS.items():
            mark = row.get(self.columns.get(beside, ""), "").strip()
            if mark and figures[name] == Cell():
                figures[name] = Cell(mark=unwrapped(mark))
        return figures

    def _cell(self, row: Mapping[str, str], name: str) -> Cell:
        label = self.columns.get(name, "")
        return self._figure(row[label], name, label) if label else Cell()

    def _figure(self, text: str, name: str, label: str) -> Cell:
        kind = self.layout.rate if _KINDS[name] == "rate" else _KINDS[name]
        try:
            return read_cell(text, kind, self.marks, self.layout.ranges)
        except NotAFigureError as error:
            raise NotAFigureError(error.args[0], label) from error

    def _spread_figures(self, row: Mapping[str, str]) -> dict[tuple[tuple[str, str], ...], dict[str, Cell]]:
        spread = self.layout.spread
        groups: dict[tuple[tuple[str, str], ...], dict[str, Cell]] = {}
        for label, match in self.spread.items():
            named = {name: text for name, text in match.groupdict().items() if text}
            figure = named.pop("figure", "")
            ours = (spread.figures if spread else {}).get(figure, "rate_pct")
            told = tuple(sorted(named.items()))
            groups.setdefault(told, {})[ours] = self._figure(row[label], ours, label)
        return groups


def _year_above(grid: Grid, layout: Layout) -> str | None:
    if not layout.year_in:
        return None
    found = re.search(layout.year_in, grid.above) or re.search(layout.year_in, grid.name)
    return found.group(1) if found else None


def _place(row: Mapping[str, str], layout: Layout) -> tuple[str, str, str]:
    """Level, id and name of the first place whose id is there. Raises RoundedIdError."""
    for place in layout.places:
        if _is_there(row, place):
            return place.level, _id(row, place.id), place.called or _first(row, place.name)
    level = layout.constants.get("geo_level", "")
    return level, _id(row, layout.columns.get("geo_id", "")), ""


def _id(row: Mapping[str, str], columns: str) -> str:
    text = _first(row, columns)
    if is_rounded(text):
        raise RoundedIdError(text)
    return text


def _is_there(row: Mapping[str, str], place: Place) -> bool:
    for column, allowed in place.when.items():
        if _first(row, column).casefold() not in {one.casefold() for one in allowed}:
            return False
    return not place.id or bool(_first(row, place.id))


def _same(told: str, text: str) -> bool:
    return told.casefold() == text.casefold()


def _first(row: Mapping[str, str], columns: str) -> str:
    for name in columns.casefold().split("|"):
        if text := unwrapped(row.get(name, "").strip()):
            return text
    return ""


def _canonical(told: Mapping[str, Any], figures: Mapping[str, Cell]) -> dict[str, Any]:
    cells = {name: figures.get(name, Cell()) for name in _MARKS}
    rate = cells["rate_pct"]
    grade = told.get("grade")
    return {
        **{name: told.get(name) for name in ("geo_level", "geo_id", "geo_name", "dim", "value")},
        "year": normal_year(told.get("year")),
        "grade": GRADES.get(grade.upper(), grade) if grade else None,
        "n_students": _whole(cells["n_students"]),
        "n_chronic": _whole(cells["n_chronic"]),
        "n_days_member": cells["n_days_member"].figure,
        "rate_pct": rate.figure,
        "count_suppressed": int(any(cell.is_suppressed for name, cell in cells.items() if name != "rate_pct")),
        "rate_suppressed": int(rate.is_suppressed),
        **{_MARKS[name]: cell.mark for name, cell in cells.items()},
    }


def _whole(cell: Cell) -> int | None:
    return int(cell.figure) if cell.figure is not None else None


def normal_year(text: str | None) -> str | None:
    """2023-24 for every way of writing two years; anything else stays as it is written."""
    found = (_YEAR.fullmatch(text.strip()) or _next_years(text.strip())) if text else None
    return f"{found.group(1)}-{found.group(2)}" if found else text


def _next_years(text: str) -> re.Match[str] | None:
    """Six digits that are a year and the one after it: 202324."""
    found = re.fullmatch(r"(\d{4})(\d{2})", text, re.ASCII)
    return found if found and (int(found.group(1)) + 1) % 100 == int(found.group(2)) else None


def _doubts(line: int, row: Mapping[str, Any], layout: Layout) -> Iterator[Fault]:
    """Marks, and figures of one row that do not fit each other."""
    for name, beside in (*_MARKS.items(), ("attendance_pct", "attendance_mark")):
        if mark := row.get(beside):
            told = f" ({told})" if (told := meaning_of(mark, layout)) else ""
            message = f"{mark!r}{told} was printed in place of a figure; it is kept as printed, and is never 0."
            yield Fault(line, "P01", WARNING, name, mark, message)
    chronic, students, rate = row.get("n_chronic"), row.get("n_students"), row.get("rate_pct")
    if chronic is None or students is None:
        return
    if chronic > students:
        message = f"{chronic} chronically absent of {students} students cannot be; compare with the publication."
        yield Fault(line, "P02", WARNING, "n_chronic", str(chronic), message)
    elif rate is not None and students and not _agrees(rate, chronic, students):
        message = f"{rate}% is not {chronic} of {students}; the publication may count others in one of them."
        yield Fault(line, "P02", WARNING, "rate_pct", rate, message)


def _agrees(rate: str, chronic: int, students: int) -> bool:
    """Whether a printed rate is the share, to within one unit of its last printed place."""
    places = len(rate.partition(".")[2])
    return abs(Fraction(rate) - Fraction(100 * chronic, students)) <= Fraction(1, 10**places)
