"""Exact day arithmetic for what is still possible this year: no prediction, only what the numbers allow."""

from fractions import Fraction

import numpy as np

from allpresent.measures.parameters import Rules
from allpresent.measures.rates import Counts


def days_until_chronic(rules: Rules, absent: Counts, whole: int, planned: Counts) -> Counts:
    """How much more can be missed and stay under the chronic share at the year's end, in parts of a day.

    ``planned`` are the reported days so far and the school days still to come. Negative: already certain.
    """
    share = rules.chronic
    allowed = (share.numerator * np.asarray(planned, dtype=absent.dtype) - 1) // share.denominator
    return allowed * whole - absent


def present_days_needed(rules: Rules, absent: Counts, whole: int, judged: Counts) -> Counts:
    """Fewest further days, all present, after which the rate is under the chronic share; 0 when it is already."""
    share = rules.chronic
    # The least n with share * n > absent.
    needed = (share.denominator * absent) // (share.numerator * whole) + 1 - judged
    return np.where(np.asarray(judged == 0), 0, np.maximum(needed, 0))


def can_miss(rules: Rules, absent: Fraction, planned: int) -> Fraction:
    """``days_until_chronic`` of one student, in days."""
    return Fraction((rules.chronic.numerator * planned - 1) // rules.chronic.denominator) - absent
