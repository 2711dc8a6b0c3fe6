"""Shares and part days as exact text: computed from whole numbers, rounded half up, never through a float."""

from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

PLACES = 6
RATE_TYPE = pa.decimal128(PLACES + 1, PLACES)
# int64 while the products of a year's days stay below 2**63; Python's own integers above it.
Counts = npt.NDArray[Any]


def millionths(part: Counts, whole: Counts) -> npt.NDArray[np.int64]:
    """``part / whole`` in millionths, half up; 0 where ``whole`` is 0."""
    divisor = np.where(whole == 0, 1, whole)
    rounded: npt.NDArray[np.int64] = ((2 * 10**PLACES * part + divisor) // (2 * divisor)).astype(np.int64)
    return rounded


def rates(part: Counts, whole: Counts) -> pa.Array:
    """``part / whole`` as exact decimals of six places, half up; null where ``whole`` is 0. A rate is 0 to 1."""
    low = millionths(part, whole)
    words = np.zeros((len(low), 2), dtype="<i8")
    words[:, 0] = low
    known = pa.array(np.asarray(whole != 0, dtype=bool))
    buffers = [known.buffers()[1], pa.py_buffer(words.tobytes())]
    return pa.Array.from_buffers(RATE_TYPE, len(low), buffers)


def many_rates(*shares: tuple[Counts, Counts]) -> list[pa.Array]:
    """``rates`` of several columns of one length, worked out at once: a small table costs its calls, not its rows."""
    length = len(shares[0][0])
    whole = np.concatenate([whole for _, whole in shares])
    made = rates(np.concatenate([part for part, _ in shares]), whole)
    return [made.slice(number * length, length) for number in range(len(shares))]


def days(parts: Counts, whole: int, is_text: bool = False) -> pa.Array:
    """Counts of days, given in parts of a day: whole numbers, or decimal text of at most six places."""
    if not is_text:
        return pa.array(np.asarray(parts, dtype=np.int64), pa.int64())
    distinct, at = np.unique(np.asarray(parts), return_inverse=True)
    texts = pa.array([day_text(Fraction(int(value), whole)) for value in distinct], pa.string())
    return texts.take(pa.array(at.reshape(-1)))


def day_text(amount: Fraction) -> str:
    """A number of days as decimal text without needless zeros: ``17.5``; at most six places, half up."""
    scaled = (2 * 10**PLACES * abs(amount.numerator) + amount.denominator) // (2 * amount.denominator)
    units, rest = divmod(scaled, 10**PLACES)
    digits = f"{rest:0{PLACES}d}".rstrip("0")
    sign = "-" if amount < 0 and scaled else ""
    return f"{sign}{units}.{digits}" if digits else f"{sign}{units}"


def percent(part: int, whole: int) -> str:
    """A share as a printed percent of one place, half up, as New Haven's level table prints it; blank for no whole."""
    if whole == 0:
        return ""
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}"
