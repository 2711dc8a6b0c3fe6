"""The one exit through which counts leave for anyone outside the operational screens.

Hidden first (primary): counts of 1 to 5 and their rates, rates over fewer than 20, days beside a hidden count. Then
(complementary) the next-smallest cell wherever a total would give a hidden one away, until none can be worked out
from the table and every coarser table of the same columns. Zero is shown. Source: CSDE Data Suppression Guidelines.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product

import numpy as np
import pyarrow as pa

from allpresent.measures import inference
from allpresent.measures.engine import Facts
from allpresent.measures.grouping import GROUP_FIGURES, Grouped, figures, group
from allpresent.measures.inference import Sums
from allpresent.measures.parameters import Rules
from allpresent.measures.roll import Flags, Index

HIDDEN = "*"
# A column some groups add up to: every grade of a range.
_COARSER = {"grade": "grade_range"}
COUNTS = ("students", "chronic", "low", "high", "truant", "days")


@dataclass(frozen=True, eq=False)
class Guarded:
    """A table as it may be published. For each of the counts: ``unseen`` cells, and those ``kept`` secret among them.

    A low or high bound over fewer than 20 students is unseen, yet no secret. ``days`` stands for all day columns,
    which are always hidden together.
    """

    grouped: Grouped
    unseen: dict[str, Flags]
    kept: dict[str, Flags]

    def values(self, count: str) -> Index:
        """The true values of a count; for days the students, who rank the cells."""
        values: Index = getattr(self.grouped, "students" if count == "days" else count)
        return values


def disclose(facts: Facts, as_of: date, rules: Rules, by: list[str], everyone: bool = False) -> pa.Table:
    """The groups of ``by`` as text, ``*`` where a figure is hidden and blank where a rate has nothing below it."""

    def count(key: tuple[str, ...]) -> Grouped:
        return group(facts, as_of, rules, key, everyone)

    key = ("disclosed", as_of, rules, tuple(by), everyone)
    published: pa.Table = facts.keep(key, lambda: publish(guard(tuple(by), count, rules), rules))
    return published


def guard(
    by: tuple[str, ...],
    count: Callable[[tuple[str, ...]], Grouped],
    rules: Rules,
    known: dict[tuple[str, ...], Guarded] | None = None,
) -> Guarded:
    """The table of ``by`` with everything hidden that has to be, given what its coarser tables show by the same rule.

    ``count`` gives the exact groups of any columns. ``known`` collects every table guarded on the way.
    """
    known = {} if known is None else known
    if by not in known:
        grouped = count(by)
        coarser = [guard(key, count, rules, known) for key in coarser_tables(by)]
        known[by] = _hide(grouped, coarser, rules, [_members(grouped, table.grouped, rules) for table in coarser])
    return known[by]


def coarser_tables(by: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Every table whose groups are sums of this one's, the whole district as the last."""
    choices = [
        [name, _COARSER[name], ""] if name in _COARSER and _COARSER[name] not in by else [name, ""] for name in by
    ]
    for choice in product(*choices):
        key = tuple(name for name in choice if name)
        if key != by:
            yield key


def _members(fine: Grouped, coarse: Grouped, rules: Rules) -> list[Index]:
    """For each group of the coarser table the positions of its groups in the finer one."""
    names = {grade: name for name, grades in rules.grade_ranges for grade in grades}
    columns = []
    for name in coarse.by:
        if name in fine.labels:
            columns.append(fine.labels[name])
        else:
            columns.append([names.get(grade, "") for grade in fine.labels["grade"]])
    keys = list(zip(*columns, strict=True)) if columns else [()] * len(fine.students)
    wanted = list(zip(*(coarse.labels[name] for name in coarse.by), strict=True)) if columns else [()]
    places: dict[tuple[str, ...], list[int]] = {key: [] for key in wanted}
    for place, key in enumerate(keys):
        places[key].append(place)
    return [np.array(places[key], dtype=np.int64) for key in wanted][: len(coarse.students)]


def _hide(grouped: Grouped, coarser: list[Guarded], rules: Rules, members: list[list[Index]]) -> Guarded:
    """Primary, then complementary hiding; ``members`` gives for each group of each coarser table its own groups."""
    table = Guarded(grouped, *_primary(grouped, rules))
    _spread(table)
    changed = True
    while changed:
        changed = False
        for count in COUNTS:
            if _complement(table, count, *_totals(coarser, members, count, len(grouped.students)), rules):
                changed = True
                _spread(table)
    return table


def _totals(
    coarser: list[Guarded], members: list[list[Index]], count: str, cells_in_all: int
) -> tuple[Sums, list[Index]]:
    """The totals of a count that coarser tables show, and those they keep secret, as sets of cells."""
    shown, secret = [], []
    for coarse, sets in zip(coarser, members, strict=True):
        for place, cells in enumerate(sets):
            if not coarse.unseen[count][place]:
                shown.append(cells)
            elif coarse.kept[count][place] and coarse.values(count)[place] > 0:
                secret.append(cells)
    return Sums(shown, cells_in_all), secret


def _primary(grouped: Grouped, rules: Rules) -> tuple[dict[str, Flags], dict[str, Flags]]:
    """Counts from 1 to the largest hidden one, and the bounds that may not be shown over too few students."""

    def is_small(counts: Index) -> Flags:
        return np.asarray((counts >= 1) & (counts <= rules.hidden_count_max), dtype=bool)

    kept = {name: is_small(getattr(grouped, name)) for name in COUNTS if name != "days"}
    # Days absent are the numerator of a rate as well.
    kept["days"] = is_small(-(-grouped.days_absent // grouped.whole))
    unseen = {name: flags.copy() for name, flags in kept.items()}
    for name in ("low", "high"):
        unseen[name] |= grouped.students < rules.hidden_rate_below
    return unseen, kept


def _spread(table: Guarded) -> None:
    """What goes with a hidden count: the whole row with students, the rates with their numerator, days with either."""
    kept = table.kept
    is_all_reported = table.grouped.days_unreported == 0
    # Without an unreported day the bounds are the rate itself.
    kept["chronic"] |= is_all_reported & (kept["low"] | kept["high"])
    for name in ("chronic", "truant"):
        kept[name] |= kept["students"]
    for name in ("low", "high"):
        kept[name] |= kept["chronic"]
    kept["days"] |= kept["chronic"] | kept["truant"]
    for name, flags in kept.items():
        table.unseen[name] |= flags


def _complement(table: Guarded, count: str, sums: Sums, secret_sums: list[Index], rules: Rules) -> bool:
    """Hides cells of one count until nothing kept secret can be worked out; whether any was hidden."""
    any_hidden = False
    while _hide_more(table, count, sums, _weak_places(table, count, sums, secret_sums, rules)):
        any_hidden = True
    return any_hidden


def _hide_more(table: Guarded, count: str, sums: Sums, weak: list[list[Index]]) -> bool:
    """Hides the next-smallest cell beside everything that was given away; whether there was one to hide."""
    hidden = np.zeros(len(table.grouped.students), dtype=bool)
    for places in weak:
        # A cell hidden a moment ago may help here as well; the next round will tell.
        if any(hidden[cells].any() for cells in places):
            continue
        chosen = (_next_smallest(table, count, sums, cells) for cells in places)
        cell = next((cell for cell in chosen if cell is not None), None)
        if cell is not None:
            hidden[cell] = table.unseen[count][cell] = table.kept[count][cell] = True
    return bool(hidden.any())


def _weak_places(table: Guarded, count: str, sums: Sums, secret_sums: list[Index], rules: Rules) -> list[list[Index]]:
    """For everything secret that can be worked out the sets of cells in one of which one more has to be hidden."""
    unseen, value = table.unseen[count], table.values(count)
    weak = [[cells] for cells in secret_sums if not unseen[cells].any()]
    # Zero is nobody's secret: it is hidden only where its whole row is.
    kept = table.kept[count] & (value > 0)
    if not weak and count != "days":
        # Two hidden cells of a total, taken together, are a group as well.
        rest = sums.add(value, unseen)
        small = np.flatnonzero((rest >= 1) & (rest <= rules.hidden_count_max))
        weak = [[sums.members[total]] for total in small.tolist()]
        weak = [places for places in weak if _next_smallest(table, count, sums, places[0]) is not None]
    if not weak:
        pinned = _pinned(table, count, sums) & kept
        weak = [sums.around(cell) for cell in np.flatnonzero(pinned).tolist()]
    if not weak and (kept.any() or secret_sums):
        fixed, is_known = inference.solvable(sums, unseen, secret_sums)
        weak = [sums.around(cell) for cell in np.flatnonzero(fixed & kept).tolist()]
        weak += [[cells] for cells, known in zip(secret_sums, is_known, strict=True) if known]
    return weak


def _pinned(table: Guarded, count: str, sums: Sums) -> Flags:
    unseen, value = table.unseen[count], table.values(count)
    if count == "days":
        # Days have no known largest value; a cell is given away when it is the only hidden one of a total.
        alone = sums.add(unseen.astype(np.int64)) == 1
        flags = np.zeros(len(unseen), dtype=bool)
        flags[sums.cell[alone[sums.total]]] = True
        return flags & unseen
    students = table.grouped.students
    most = inference.no_limit(len(value))
    if count != "students":
        most = np.where(table.unseen["students"], most, students)
    # An outsider knows that zero is hidden with its whole row or as the last resort only.
    least = np.where(table.unseen["students"] | (value == 0), 0, 1)
    return inference.pinned_cells(sums, value, unseen, least, most)


def _next_smallest(table: Guarded, count: str, sums: Sums, cells: Index) -> int | None:
    """The smallest shown cell among these, zero and cells that are a total of their own only as a last resort."""
    unseen, value = table.unseen[count], table.values(count)
    shown = cells[~unseen[cells] & ~sums.is_alone[cells]].tolist()
    return min(shown, key=lambda cell: (value[cell] == 0, value[cell], cell), default=None)


def publish(table: Guarded, rules: Rules) -> pa.Table:
    """The contract's columns as text."""
    exact = figures(table.grouped, rules)
    kept, grouped = table.kept, table.grouped
    few = grouped.students < rules.hidden_rate_below
    reported = grouped.days_enrolled - grouped.days_unreported
    hidden = {
        "students": kept["students"],
        "chronically_absent": kept["chronic"],
        "chronic_rate": kept["chronic"] | few,
        "chronic_rate_low": table.unseen["low"],
        "chronic_rate_high": table.unseen["high"],
        "truant": kept["truant"],
        "days_enrolled": kept["days"],
        "days_unreported": kept["days"],
        "days_absent": kept["days"],
        "absence_rate": kept["days"] | (reported < rules.hidden_rate_below),
    }
    columns = {name: exact[name] for name in grouped.by}
    for name in GROUP_FIGURES:
        texts = ["" if value is None else str(value) for value in exact[name].to_pylist()]
        columns[name] = pa.array(
            [HIDDEN if flag else text for flag, text in zip(hidden[name], texts, strict=True)], pa.string()
        )
    return pa.table(columns)
