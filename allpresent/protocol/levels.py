"""Which level a student stands at, and the day each level was crossed. Exact: nothing here is rounded up."""

import math
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from numbers import Rational

from allpresent.protocol.document import Level, Protocol, ProtocolError, Tier

# New Haven's levels by days out. The `level` column of the standings keeps them under a rate-based protocol.
NEW_HAVEN_BOUNDS = (2, 6, 11, 15, 18)
Exact = Rational | Decimal | int


def bounds(protocol: Protocol) -> tuple[int, ...]:
    """The first day of each level but L1: (2, 6, 11, 15, 18) for New Haven, and for a rate-based protocol too."""
    if protocol.measure != "days_absent":
        return NEW_HAVEN_BOUNDS
    return tuple(level.days_out[0] for level in protocol.levels[1:] if level.days_out)


def exact(value: Exact, name: str) -> Fraction:
    """The value as a fraction. Raises ProtocolError for a float, which may already be rounded."""
    if isinstance(value, Decimal):
        return Fraction(value)
    if isinstance(value, Rational) and not isinstance(value, bool):
        return Fraction(int(value.numerator), int(value.denominator))
    raise ProtocolError(f"{name} is {value!r}; give a whole number or an exact fraction.")


def level_for(protocol: Protocol, days_absent: Exact, rate: Exact | None = None) -> Level:
    """The level of a student with so many days absent, or, in a rate-based protocol, of the exact rate 0..1.

    A level starts only when its lower bound is reached: 10.5 days is L3 (ours; the toolkit's ranges are whole days).
    A rate of None (too few days reported to judge) stands at L1.
    """
    if protocol.measure == "days_absent":
        reached = math.floor(exact(days_absent, "days_absent"))
        return max((at for at in protocol.levels if at.days_out and at.days_out[0] <= reached), key=_number)
    share = Fraction(0) if rate is None else exact(rate, "rate")
    return max((at for at in protocol.levels if at.rate and at.rate[0] <= share), key=_number)


def _number(level: Level) -> int:
    return level.number


def crossing_dates(
    level_bounds: Sequence[int], absent_dates: Iterable[date], portions: Iterable[Exact] | None = None
) -> dict[str, date]:
    """The day each level above L1 was reached, by level key.

    `absent_dates` are the days absent in order, each once; `portions` the exact share of each day missed where a
    district counts shares (default: whole days).
    """
    days = list(absent_dates)
    if portions is None:
        return {f"L{n}": days[bound - 1] for n, bound in enumerate(level_bounds, start=2) if bound <= len(days)}
    missed, crossed = Fraction(0), dict[str, date]()
    for day, share in zip(days, portions, strict=True):
        missed += exact(share, "portion")
        for number, bound in enumerate(level_bounds, start=2):
            if missed >= bound:
                crossed.setdefault(f"L{number}", day)
    return crossed


def tier_for(
    protocol: Protocol, *, month: int, days_absent: Exact, rate: Exact | None, prior_year_rate: Exact | None
) -> Tier | None:
    """The highest tier of support that the protocol's rule gives, or None (universal support alone).

    `month` is the month of the school year that has ended, 1 the first. Source: Attendance Works, "What activates
    support at each of the 3 tiers": 2 days in month 1, 4 by the end of month 2, 6 by the end of month 3, and so on.
    """
    given = [
        tier
        for tier in protocol.tiers
        if _reaches(prior_year_rate, tier.prior_year_rate)
        or _reaches(rate, tier.rate)
        or _reaches(days_absent, _days_by(tier, month))
    ]
    return given[-1] if given else None


def _reaches(value: Exact | None, threshold: Fraction | None) -> bool:
    return value is not None and threshold is not None and exact(value, "value") >= threshold


def _days_by(tier: Tier, month: int) -> Fraction | None:
    if tier.first_month_days is None or month < 1:
        return None
    return Fraction(tier.first_month_days + (month - 1) * (tier.further_month_days or 0))
