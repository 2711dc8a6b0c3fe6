"""What an outsider can work out of a table with hidden cells, its totals being known: exact, in whole numbers.

Two ways in: the smallest and largest value each hidden cell can have, tightened by every total until nothing moves;
and elimination, which finds cells that are fixed by several totals together.
"""

import numpy as np
import numpy.typing as npt

from allpresent.measures.roll import Flags, Index

_PRIME = 2**31 - 1
_NO_LIMIT = 2**62


class Sums:
    """Known totals over cells: for each the positions of its cells."""

    def __init__(self, members: list[Index], cells: int) -> None:
        """``members`` are the cells of each total, ``cells`` how many there are in all."""
        self.members = members
        self.cell: Index = np.concatenate([np.zeros(0, dtype=np.int64), *members])
        self.total: Index = np.repeat(np.arange(len(members)), [len(one) for one in members]).astype(np.int64)
        # A cell that is a total by itself cannot be hidden by hiding it here.
        self.is_alone: Flags = np.zeros(cells, dtype=bool)
        self.is_alone[[int(one[0]) for one in members if len(one) == 1]] = True
        self.totals_of: list[list[int]] = [[] for _ in range(cells)]
        for cell, total in zip(self.cell.tolist(), self.total.tolist(), strict=True):
            self.totals_of[cell].append(total)

    def around(self, cell: int) -> list[Index]:
        """The totals that hold a cell, the smallest first."""
        return sorted((self.members[total] for total in self.totals_of[cell]), key=len)

    def add(self, values: Index, chosen: Flags | None = None) -> Index:
        """The sum of the values of each total's cells, or of the chosen cells alone."""
        sums = np.zeros(len(self.members), dtype=np.int64)
        at = slice(None) if chosen is None else chosen[self.cell]
        np.add.at(sums, self.total[at], values[self.cell[at]])
        return sums


def pinned_cells(sums: Sums, value: Index, unseen: Flags, least: Index, most: Index) -> Flags:
    """Hidden cells whose smallest and largest possible value meet, given ``least <= cell <= most`` and every total."""
    low, high = least.astype(np.int64), most.astype(np.int64)
    at = unseen[sums.cell]
    cell, total = sums.cell[at], sums.total[at]
    known = sums.add(value, unseen)
    moved = True
    while moved:
        before = low.copy(), high.copy()
        room, floor = known - sums.add(high, unseen), known - sums.add(low, unseen)
        np.maximum.at(low, cell, room[total] + before[1][cell])
        np.minimum.at(high, cell, floor[total] + before[0][cell])
        moved = bool((low != before[0]).any() or (high != before[1]).any())
    is_pinned: Flags = unseen & (low == high)
    return is_pinned


def no_limit(cells: int) -> Index:
    """An upper end for cells of which nothing is known; small enough that a table of them still adds up."""
    return np.full(cells, _NO_LIMIT // max(1, 4 * cells), dtype=np.int64)


def solvable(sums: Sums, unseen: Flags, targets: list[Index]) -> tuple[Flags, list[bool]]:
    """Hidden cells fixed by the totals alone, and for each set of cells in ``targets`` whether its sum is fixed."""
    columns = np.flatnonzero(unseen)
    place = np.full(len(unseen), -1)
    place[columns] = np.arange(len(columns))
    reduced, pivots = _eliminate(_rows(sums.members, place, len(columns)))
    fixed = np.zeros(len(unseen), dtype=bool)
    alone = np.count_nonzero(reduced, axis=1) == 1
    fixed[columns[pivots[alone]]] = True
    asked = _rows(targets, place, len(columns))
    return fixed, [not ((row - reduced[row[pivots] != 0].sum(axis=0)) % _PRIME).any() for row in asked]


def _rows(sets: list[Index], place: npt.NDArray[np.int64], width: int) -> Index:
    rows = np.zeros((len(sets), width), dtype=np.int64)
    for number, members in enumerate(sets):
        at = place[members]
        rows[number, at[at >= 0]] = 1
    return rows


def _eliminate(rows: Index) -> tuple[Index, Index]:
    """Reduced row echelon form modulo a large prime, and the pivot column of each row."""
    rows, pivots, top = rows[rows.any(axis=1)], [], 0
    for column in range(rows.shape[1]):
        found = np.flatnonzero(rows[top:, column])
        if not len(found):
            continue
        swap = top + int(found[0])
        rows[[top, swap]] = rows[[swap, top]]
        rows[top] = rows[top] * pow(int(rows[top, column]), -1, _PRIME) % _PRIME
        others = np.flatnonzero(rows[:, column])
        others = others[others != top]
        rows[others] = (rows[others] - rows[others, column][:, None] * rows[top] % _PRIME) % _PRIME
        pivots.append(column)
        top += 1
        if top == len(rows):
            break
    return rows[:top], np.array(pivots, dtype=np.int64)
