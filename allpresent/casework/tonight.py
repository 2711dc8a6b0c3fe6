"""What the record says tonight: for every student the levels reached, and the day each was reached.

One pass over the year's strips; a day without attendance reported is in none of the counts, so it reaches no level.
"""

from collections.abc import Iterator
from datetime import date

import numpy as np
import numpy.typing as npt

from allpresent.measures.absence import day_sizes
from allpresent.measures.engine import Facts
from allpresent.measures.measured import Measured, measure
from allpresent.measures.parameters import Rules
from allpresent.measures.roll import unpack
from allpresent.protocol import Protocol

from .plan import Tonight

Days = npt.NDArray[np.datetime64]
Flags = npt.NDArray[np.bool_]


def read_tonight(facts: Facts, as_of: date, rules: Rules, protocol: Protocol) -> dict[str, Tonight]:
    """One row a student with a school day enrolled by `as_of`, by student id."""
    measured = measure(facts, as_of, rules)
    hits = dict(_hits(measured, rules, protocol))
    days = {level: _first_days(hit, measured.roll.dates) for level, hit in hits.items()}
    lowest = protocol.levels[0].key
    now = [lowest] * len(measured.roll)
    for level, hit in hits.items():
        # The strips end with days to come, on which nothing is counted: the last column is the state as of the day.
        for row in np.flatnonzero(hit[:, -1]) if hit.shape[1] else ():
            now[row] = level
    whole_days = (measured.days.absent // measured.whole).tolist()
    rows = zip(
        measured.roll.student_id.to_pylist(),
        measured.school_id.to_pylist(),
        measured.is_enrolled.tolist(),
        whole_days,
        now,
        _reached(days, len(measured.roll)),
        measured.is_listed.tolist(),
        strict=True,
    )
    return {row[0]: Tonight(*row[:6]) for row in rows if row[6]}


def _hits(measured: Measured, rules: Rules, protocol: Protocol) -> Iterator[tuple[str, Flags]]:
    """For each level above the lowest, row by row and day by day: whether it is reached at the end of that day."""
    count = len(measured.roll.dates)
    sizes = day_sizes(measured.roll, rules)
    counted = measured.days.counted_days
    kind = measured.days.absent.dtype
    parts = unpack(sizes.full & counted, count).astype(kind) * sizes.whole
    inside = sizes.is_set(counted)
    np.add.at(parts, (sizes.part_row[inside], sizes.part_day[inside]), sizes.part_size[inside])
    absent = np.cumsum(parts, axis=1)
    judged = np.cumsum(unpack(counted, count), axis=1)
    for level in protocol.levels[1:]:
        if level.days_out is not None:
            yield level.key, np.asarray(absent >= level.days_out[0] * sizes.whole, dtype=bool)
        elif level.rate is not None:
            share = level.rate[0]
            is_over = absent * share.denominator >= judged.astype(kind) * (share.numerator * sizes.whole)
            yield level.key, np.asarray(is_over, dtype=bool) & (judged >= rules.minimum_days)


def _first_days(hit: Flags, dates: Days) -> list[date | None]:
    """The first day of each row's run of hits; None where there is none."""
    if not hit.shape[1]:
        return [None] * len(hit)
    first = dates[hit.argmax(axis=1)].tolist()
    is_reached: list[bool] = np.asarray(hit.any(axis=1)).tolist()
    return [day if is_hit else None for day, is_hit in zip(first, is_reached, strict=True)]


def _reached(days: dict[str, list[date | None]], count: int) -> Iterator[tuple[tuple[str, date], ...]]:
    """Row by row the levels reached with their days, lowest first."""
    if not days:
        yield from [()] * count
        return
    levels = list(days)
    for row in zip(*days.values(), strict=True):
        yield tuple((level, day) for level, day in zip(levels, row, strict=True) if day is not None)
