"""What a report keeps back beyond disclosure control: sums of hidden cells, and what several tables tell together.

Disclosure control makes sure that no hidden count can be worked out of its own table and totals. A report goes
further, because its tables and those of the other scopes lie side by side: hidden cells of a total never add up to 1
to 5 either (they would be a group as small as one), a district's table gives no cell of a school's away, and the bands
are held against the chronically absent, which are the two upper bands. It only ever hides more.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from allpresent.measures import Rules
from allpresent.reports.document import HIDDEN

Row = dict[str, Any]
# The columns of a table, and its rows.
Rows = tuple[list[str], list[Row]]
# Given the columns of a table that is settled already, its rows.
Settled = Callable[[list[str]], list[Row]]

COUNTS = ("students", "chronically_absent")
BAND = "attendance_works_band"
BANDS = ("satisfactory", "at_risk", "moderate_chronic", "severe_chronic")
CHRONIC_BANDS = BANDS[2:]
_WITH_CHRONIC = ("chronically_absent", "chronic_rate", "chronic_rate_low", "chronic_rate_high", "days_unreported")
_WITH_STUDENTS = (*_WITH_CHRONIC, "students", "truant", "days_enrolled", "days_absent", "absence_rate")


@dataclass(frozen=True, eq=False)
class Sum:
    """Rows whose counts add up to one figure of another row, which the reader may have as well.

    ``is_open``: the other row may be hidden too. ``is_group``: what is hidden of the sum is a group of students that
    may not be told of either.
    """

    rows: Sequence[Row]
    count: str
    total: Row
    total_count: str
    is_open: bool = False
    is_group: bool = True

    @property
    def tells_its_row(self) -> bool:
        """Whether the sum is one cell and a figure that stays: hiding the cell hides nothing."""
        return len(self.rows) == 1 and not self.is_open and self.total[self.total_count] != HIDDEN

    def is_told(self, most: int, known: dict[tuple[int, str], Any]) -> bool:
        """Whether a hidden count, or a sum of hidden counts from 1 to ``most``, can be worked out."""
        cells: list[Any] = [known.get((id(row), self.count), row[self.count]) for row in self.rows]
        hidden, whole = cells.count(HIDDEN), self.total[self.total_count]
        if whole == HIDDEN:
            return not hidden and bool(cells)
        rest = int(whole) - sum(cell for cell in cells if cell != HIDDEN)
        return hidden == 1 or (hidden > 1 and self.is_group and 1 <= rest <= most)

    def hide_one(self) -> bool:
        """Hide the smallest cell still shown, zeros last, or the total where none is left; whether there was one."""
        shown = [row for row in self.rows if row[self.count] != HIDDEN]
        if shown:
            hide(min(shown, key=lambda row: (row[self.count] == 0, row[self.count])), self.count)
        elif self.is_open and self.total[self.total_count] != HIDDEN:
            hide(self.total, self.total_count)
        else:
            return False
        return True


def withhold(tables: Sequence[Rows], settled: Settled, rules: Rules) -> list[list[Row]]:
    """The rows of disclosed tables with the further cells hidden.

    The first table is the sum of each of the others; they are settled together. Their other totals are ``settled``.
    """
    kept = [(by, [dict(row) for row in rows]) for by, rows in tables]
    for by, rows in kept:
        rows += _empty_bands(rows, by) if BAND in by else []
    sums = [one for number in range(len(kept)) for one in _sums(kept, number, settled, rules)]
    known = {(id(one.rows[0]), one.count): one.total[one.total_count] for one in sums if one.tells_its_row}
    open_sums = [one for one in sums if not one.tells_its_row]
    is_told = True
    while is_told:
        is_told = False
        for one in open_sums:
            if one.is_told(rules.hidden_count_max, known) and one.hide_one():
                is_told = True
    return [rows for _, rows in kept]


def hide(row: Row, count: str) -> None:
    """Hide a count with every figure of the row that would tell it."""
    row.update(dict.fromkeys(_WITH_STUDENTS if count == "students" else _WITH_CHRONIC, HIDDEN))


def _empty_bands(rows: list[Row], by: list[str]) -> list[Row]:
    """A row for each band nobody is in: the report prints its zero, so the zero must be there to be hidden."""
    places = {tuple(row[key] for key in by if key != BAND): row for row in rows}
    held = {tuple(row[key] for key in by) for row in rows}
    return [
        {key: row[key] if key in by else 0 if key in COUNTS else None for key in row} | {BAND: band}
        for row in places.values()
        for band in BANDS
        if tuple((row | {BAND: band})[key] for key in by) not in held
    ]


def _sums(tables: list[Rows], number: int, settled: Settled, rules: Rules) -> Iterator[Sum]:
    """Every way the cells of one table add up to figures of another."""
    by, rows = tables[number]
    first_by, first_rows = tables[0]
    for keys, of_row in _totals(by, rules):
        is_open = number > 0 and keys == first_by
        for total in first_rows if is_open else settled(keys):
            part = [row for row in rows if of_row(row) == tuple(total[key] for key in keys)]
            yield from (Sum(part, count, total, count, is_open) for count in COUNTS)
            if BAND in by and BAND not in keys and total["students"] != HIDDEN:
                yield from _band_sums(part, total)


def _totals(by: list[str], rules: Rules) -> Iterator[tuple[list[str], Callable[[Row], tuple[str, ...]]]]:
    """Each table with one column less, and how a row finds its total there."""
    for name in by:
        keys = [key for key in by if key != name]
        yield keys, lambda row, keys=keys: tuple(row[key] for key in keys)  # type: ignore[misc]
    if by == ["grade"]:
        ranges = {grade: name for name, grades in rules.grade_ranges for grade in grades}
        yield ["grade_range"], lambda row: (ranges.get(row["grade"], ""),)


def _band_sums(rows: list[Row], total: Row) -> Iterator[Sum]:
    """The two upper bands make the chronically absent; the others the rest. Both counts are on the same page."""
    upper = [row for row in rows if row[BAND] in CHRONIC_BANDS]
    lower = [row for row in rows if row[BAND] not in CHRONIC_BANDS]
    chronic = total["chronically_absent"]
    rest = {"rest": HIDDEN if chronic == HIDDEN else total["students"] - chronic}
    yield Sum(upper, "students", total, "chronically_absent", is_group=False)
    yield Sum(lower, "students", rest, "rest", is_group=False)
