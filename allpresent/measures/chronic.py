"""Chronic absence, the Attendance Works band and the level of days out: integer tests, never a rounded rate.

Chronic: CGS 10-198c, absences of any kind at least a tenth of the days enrolled. Band: Attendance Works, by share of
days, no minimum. Level: New Haven's days out, by the count of days alone.
"""

from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from allpresent.measures.parameters import Rules
from allpresent.measures.rates import Counts

BANDS = ("satisfactory", "at_risk", "moderate_chronic", "severe_chronic")


def is_at_least(share: Fraction, absent: Counts, whole: int, judged: Counts) -> npt.NDArray[np.bool_]:
    """Whether ``absent / (judged * whole) >= share``, by cross multiplication; ``absent`` in parts of a day."""
    left = share.denominator * _exact(absent, whole)
    return np.asarray(left >= share.numerator * whole * _exact(judged, whole), dtype=bool)


def is_chronic(rules: Rules, absent: Counts, whole: int, judged: Counts) -> npt.NDArray[np.bool_]:
    """Whether the days absent reach the chronic share of the days judged, given the least number of days to judge."""
    is_judged: npt.NDArray[np.bool_] = np.asarray(judged >= rules.minimum_days, dtype=bool)
    return is_at_least(rules.chronic, absent, whole, judged) & is_judged


def band_of(rules: Rules, absent: Counts, whole: int, judged: Counts) -> npt.NDArray[np.int64]:
    """Position in ``BANDS``; -1 with no day to judge."""
    at = sum(is_at_least(share, absent, whole, judged).astype(np.int64) for share in rules.bands)
    return np.where(np.asarray(judged == 0), -1, at).astype(np.int64)


def level_of(bounds: tuple[int, ...], absent: Counts, whole: int) -> npt.NDArray[np.int64]:
    """Level number, 1 and up: a level starts only when its lower bound is reached, so part days never round up."""
    full_days = np.asarray(absent if whole == 1 else absent // whole, dtype=np.int64)
    # A year has few days, so the level of each number of days is looked up once and not for every student.
    days = np.arange(full_days.max(initial=0) + 1)
    of_days = np.searchsorted(np.asarray(bounds, dtype=np.int64), days, side="right").astype(np.int64) + 1
    level: npt.NDArray[np.int64] = of_days[full_days]
    return level


def _exact(counts: Any, whole: int) -> Counts:
    """Counts that cannot overflow when multiplied by a day of many parts."""
    return np.asarray(counts, dtype=object) if whole > 10**9 else np.asarray(counts)
