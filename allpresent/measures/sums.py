"""Sums of several numbers by cell in few passes: whole numbers stand side by side in one float, and stay exact.

A float holds every whole number below 2^53, and no sum over some rows is larger than that over all. So each column of
numbers gets as many bits as its total needs, and columns share a float as long as their bits fit.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from allpresent.measures.rates import Counts
from allpresent.measures.roll import Index

EXACT_BITS = 53


@dataclass(frozen=True, eq=False)
class Addends:
    """Columns of whole numbers, none below 0, to be added up by cell as often as asked."""

    words: tuple[npt.NDArray[np.float64], ...]  # each the columns that share it, one above the other
    places: tuple[tuple[int, int, int], ...]  # of each column: its word (or -1), its lowest bit, how many bits
    large: tuple[Counts, ...]  # the columns that fit no float, in their order

    def sums(self, at: Index, size: int) -> tuple[Index, list[Counts]]:
        """The cells with a sum in the first column, and their sums of every column; ``at`` is the cell of each row."""
        words = [np.bincount(at, weights=word, minlength=size).astype(np.int64) for word in self.words]
        held = np.flatnonzero(_part(words, self.places[0]))
        words = [word[held] for word in words]
        rest = iter(self.large)
        return held, [
            _part(words, place) if place[0] >= 0 else _add(at, next(rest), size)[held] for place in self.places
        ]


def _part(words: list[Index], place: tuple[int, int, int]) -> Index:
    word, low, bits = place
    return words[word] >> low & (1 << bits) - 1


def _add(at: Index, counts: Counts, size: int) -> Counts:
    total = np.zeros(size, dtype=counts.dtype)
    np.add.at(total, at, counts)
    return total


def addends(columns: list[Counts]) -> Addends:
    """Columns put together, each in the first float with room for it. The first has to be of small numbers."""
    words: list[npt.NDArray[np.float64]] = []
    used: list[int] = []
    places, large = [], []
    for column in columns:
        bits = max(1, int(column.sum()).bit_length())
        if column.dtype == object or bits > EXACT_BITS:
            places.append((-1, 0, 0))
            large.append(column)
            continue
        word = next((number for number, full in enumerate(used) if full + bits <= EXACT_BITS), len(used))
        number: Any = column.astype(np.float64)
        if word == len(used):
            used.append(0)
            words.append(number)
        else:
            words[word] += number * float(1 << used[word])
        places.append((word, used[word], bits))
        used[word] += bits
    return Addends(tuple(words), tuple(places), tuple(large))
