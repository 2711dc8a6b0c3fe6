"""Marks of one day that are shares of many lengths: added exactly, or refused in words."""

from fractions import Fraction

import pyarrow as pa
import pytest

from allpresent.ledger.reconcile import PARTLY, resolve_marks

PRIMES = [number for number in range(300, 1000) if all(number % one for one in range(2, 32))]


def marks(rows: list[tuple[int, Fraction]]) -> pa.Table:
    """Period marks: the day, and the share of it that each is."""
    count = len(rows)
    return pa.table(
        {
            "row": pa.array([0] * count, pa.int64()),
            "day": pa.array([day for day, _ in rows], pa.int64()),
            "mode": ["period"] * count,
            "period": [str(number) for number in range(count)],
            "num": pa.array([share.numerator for _, share in rows], pa.int64()),
            "den": pa.array([share.denominator for _, share in rows], pa.int64()),
            "periods_in_day": pa.array([1] * count, pa.int64()),
            "unknown": [False] * count,
            "tardy": [False] * count,
            "excused": pa.array([0] * count, pa.int8()),
            "disciplinary": pa.array([0] * count, pa.int8()),
        }
    )


def test_days_of_many_lengths_are_added_exactly_each_by_itself() -> None:
    rows = [(day, Fraction(part, prime)) for day, prime in enumerate(PRIMES) for part in (1, 2)]
    days, partial = resolve_marks(marks(rows))
    assert days.day.tolist() == list(range(len(PRIMES)))
    assert set(days.size.tolist()) == {PARTLY}
    assert partial.to_pylist() == [
        {"row": 0, "day": day, "portion_num": 3, "portion_den": prime} for day, prime in enumerate(PRIMES)
    ]


@pytest.mark.parametrize("count", [8, 40])
def test_one_day_of_too_many_lengths_is_refused_in_words(count: int) -> None:
    rows = [(5, Fraction(1, prime)) for prime in PRIMES[:count]]
    with pytest.raises(ValueError, match="too many different lengths to be added exactly; deliver portions"):
        resolve_marks(marks([(1, Fraction(1, 2)), (1, Fraction(1, 2)), *rows]))
