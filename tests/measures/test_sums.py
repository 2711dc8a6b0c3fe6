"""Several numbers added up in one float come out as if each were added up by itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allpresent.measures.sums import EXACT_BITS, addends

LARGE = 2**EXACT_BITS


@given(
    rows=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 250), st.integers(0, 2**40), st.integers(0, LARGE))),
    kind=st.sampled_from([np.int64, object]),
)
def test_sums_by_cell_are_exact(rows: list[tuple[int, int, int, int]], kind: type) -> None:
    at = np.array([row[0] for row in rows], dtype=np.int64)
    ones = np.ones(len(rows), dtype=np.int64)
    columns = [ones, *(np.array([row[place] for row in rows], dtype=np.int64) for place in (1, 2))]
    columns.append(np.array([row[3] for row in rows], dtype=kind))
    held, sums = addends(columns).sums(at, 6)
    assert held.tolist() == sorted({row[0] for row in rows})
    for column, total in zip(columns, sums, strict=True):
        own = [sum(int(value) for value, cell in zip(column, at, strict=True) if cell == wanted) for wanted in held]
        assert [int(value) for value in total] == own


@pytest.mark.parametrize(("bits", "floats"), [((14, 20, 18), 1), ((14, 20, 19), 2), ((53,), 2), ((54,), 1)])
def test_columns_share_a_float_as_long_as_their_bits_fit(bits: tuple[int, ...], floats: int) -> None:
    """The first column, of ones, takes one bit where only one row is counted."""
    made = addends([np.ones(1, dtype=np.int64), *(np.array([2**n - 1]) for n in bits)])
    assert len(made.words) == floats
    held, sums = made.sums(np.zeros(1, dtype=np.int64), 1)
    assert held.tolist() == [0]
    assert [int(total[0]) for total in sums[1:]] == [2**n - 1 for n in bits]
