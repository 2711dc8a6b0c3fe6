"""What a report keeps back beyond disclosure control: sums of hidden cells, and what two tables tell together.

Disclosure control makes sure that no hidden count can be worked out of its own table and totals. A report goes
further, because it lays tables side by side on one page: the hidden cells of a total never add up to 1 to 5 either
(two of them would be a group as small as one), and the bands are held against the count of chronically absent, which
is the two upper bands together. Only ever hides more, so that nothing hidden before is given away.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from allpresent.measures import Rules
from allpresent.reports.document import HIDDEN, Cell

Row = dict[str, Any]
# Given the columns of a coarser table, its rows as the report shows them.
Coarser = Callable[[list[str]], list[Row]]

COUNTS = ("students", "chronically_absent")
BAND = "attendance_works_band"
BANDS = ("satisfactory", "at_risk", "moderate_chronic", "severe_chronic")
CHRONIC_BANDS = BANDS[2:]
_WITH_CHRONIC = ("chronically_absent", "chronic_rate", "chronic_rate_low", "chronic_rate_high", "days_unreported")
_WITH_STUDENTS = (*_WITH_CHRONIC, "students", "truant", "days_enrolled", "days_absent", "absence_rate")


@dataclass(frozen=True)
class Sum:
    """Rows whose counts add up to a total the reader may have."""

    rows: Sequence[Row]
    count: str
    total: Cell
    is_group: bool = True  # whether what is hidden of it is a group of students that may not be told either

    def is_told(self, most: int) -> bool:
        """Whether the total gives away a hidden count, or a sum of hidden counts from 1 to ``most``."""
        hidden = [row for row in self.rows if row[self.count] == HIDDEN]
        if self.total == HIDDEN:
            return not hidden and bool(self.rows)
        if not hidden or not isinstance(self.total, int):
            return False
        rest = self.total - sum(row[self.count] for row in self.rows if row[self.count] != HIDDEN)
        return len(hidden) == 1 or (self.is_group and 1 <= rest <= most)

    def next_to_hide(self) -> Row | None:
        """The smallest cell still shown, zeros last; None when all are hidden."""
        shown = [row for row in self.rows if row[self.count] != HIDDEN]
        return min(shown, key=lambda row: (row[self.count] == 0, row[self.count]), default=None)


def withhold(rows: list[Row], by: list[str], coarser: Coarser, rules: Rules) -> list[Row]:
    """The rows of a disclosed table with the further cells hidden; ``by`` are its columns."""
    kept = [dict(row) for row in rows]
    if BAND in by:
        kept += _empty_bands(kept, by)
    _settle(list(_sums(kept, by, coarser, rules)), rules)
    return kept


def withhold_parts(rows: list[Row], total: Row, rules: Rules) -> list[Row]:
    """Rows disclosed one by one that together make a total: races, of which everybody has one."""
    kept = [dict(row) for row in rows]
    _settle([Sum(kept, count, total.get(count)) for count in COUNTS], rules)
    return kept


def _settle(sums: Sequence[Sum], rules: Rules) -> None:
    """Hide, sum after sum, until none tells anything."""
    told = True
    while told:
        told = False
        for one in sums:
            if one.is_told(rules.hidden_count_max) and (row := one.next_to_hide()) is not None:
                hide(row, one.count)
                told = True


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


def hide(row: Row, count: str) -> None:
    """Hide a count with every figure of the row that would tell it."""
    row.update(dict.fromkeys(_WITH_STUDENTS if count == "students" else _WITH_CHRONIC, HIDDEN))


def _sums(rows: list[Row], by: list[str], coarser: Coarser, rules: Rules) -> Iterator[Sum]:
    for keys, of_row in _totals(by, rules):
        for total in coarser(keys):
            part = [row for row in rows if of_row(row) == tuple(total[key] for key in keys)]
            yield from (Sum(part, count, total[count]) for count in COUNTS)
            if BAND in by and BAND not in keys:
                yield from _band_sums(part, total)


def _totals(by: list[str], rules: Rules) -> Iterator[tuple[list[str], Callable[[Row], tuple[str, ...]]]]:
    """Each table with one column less, and how a row finds its total there."""
    ranges = {grade: name for name, grades in rules.grade_ranges for grade in grades}
    for name in by:
        keys = [key for key in by if key != name]
        yield keys, lambda row, keys=keys: tuple(row[key] for key in keys)  # type: ignore[misc]
        if name == "grade" and "grade_range" not in by:
            wide = ["grade_range" if key == "grade" else key for key in by]
            yield (
                wide,
                lambda row: tuple(row[key] if key != "grade" else ranges.get(row[key], "") for key in by),
            )


def _band_sums(rows: list[Row], total: Row) -> Iterator[Sum]:
    """The two upper bands make the chronically absent; the others the rest. Both counts are on the same page."""
    upper = [row for row in rows if row[BAND] in CHRONIC_BANDS]
    lower = [row for row in rows if row[BAND] not in CHRONIC_BANDS]
    chronic, students = total["chronically_absent"], total["students"]
    rest = students - chronic if isinstance(students, int) and isinstance(chronic, int) else HIDDEN
    if students != HIDDEN:
        yield Sum(upper, "students", chronic, is_group=False)
        yield Sum(lower, "students", rest, is_group=False)
