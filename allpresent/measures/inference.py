"""What an outsider can work out of a table with hidden cells, its totals being known: exact, in whole numbers.

Two ways in: the smallest and largest value each hidden cell can have, tightened by every total until nothing moves;
and elimination, which finds cells that are fixed by several totals together.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allpresent.measures.roll import Flags, Index

_PRIME = 2**31 - 1
_NO_LIMIT = 2**62


@dataclass(frozen=True, eq=False)
class Sums:
    """Known totals over cells: for each the positions of its cells."""

    members: list[Index]

    def touching(self, cells: Index) -> list[Index]:
        """The totals that hold any of the cells."""
        wanted = set(cells.tolist())
        return [members for members in self.members if wanted.intersection(members.tolist())]


def pinned_cells(sums: Sums, value: Index, unseen: Flags, least: Index, most: Index) -> Flags:
    """Hidden cells whose smallest and largest possible value meet, given ``least <= cell <= most`` and every total."""
    low = np.where(unseen, least, value).astype(np.int64)
    high = np.where(unseen, most, value).astype(np.int64)
    moved = True
    while moved:
        moved = False
        for members in sums.members:
            total = int(value[members].sum())
            down = np.maximum(low[members], total - (high[members].sum() - high[members]))
            up = np.minimum(high[members], total - (low[members].sum() - low[members]))
            if (down > low[members]).any() or (up < high[members]).any():
                low[members], high[members] = down, up
                moved = True
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
    left = (asked - asked[:, pivots] @ reduced) % _PRIME
    return fixed, [not row.any() for row in left]


def _rows(sets: list[Index], place: npt.NDArray[np.int64], width: int) -> Index:
    rows = np.zeros((len(sets), width), dtype=np.int64)
    for number, members in enumerate(sets):
        at = place[members]
        rows[number, at[at >= 0]] = 1
    return rows


def _eliminate(rows: Index) -> tuple[Index, Index]:
    """Reduced row echelon form modulo a large prime, and the pivot column of each row."""
    rows, pivots, top = np.unique(rows, axis=0), [], 0
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
