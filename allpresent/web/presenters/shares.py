"""Counts as the page prints them: percents half up to one decimal, changes in points, never a float in between."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

NOTHING = "–"
MINUS = "\N{MINUS SIGN}"


def rounded(value: Fraction, places: int = 1) -> Decimal:
    """``value`` rounded half up (away from zero) to ``places`` decimals, decided on the exact fraction."""
    scale = 10**places
    doubled = abs(value) * scale * 2
    whole = (doubled.numerator // doubled.denominator + 1) // 2
    number = Decimal(whole if value >= 0 else -whole).scaleb(-places)
    return number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def days(value: int | str) -> Fraction:
    """Days as measured: whole, or decimal text where the district counts parts of days."""
    return Fraction(value)


def days_words(value: int | str) -> str:
    """``12``, or ``12.5``: days as they are told, without needless zeros."""
    number = days(value)
    return str(number.numerator) if number.denominator == 1 else str(rounded(number, 2)).rstrip("0")


def share(part: int | Fraction, whole: int) -> Fraction | None:
    """``part`` of ``whole`` as a fraction; None where there is nothing to be a part of."""
    return Fraction(part) / whole if whole else None


def percent(part: int | Fraction, whole: int) -> str:
    """``27.3%``: half up to one decimal as the toolkit prints it; a dash where ``whole`` is 0."""
    return percent_of(share(part, whole))


def percent_of(value: Fraction | None) -> str:
    """A fraction of one as ``27.3%``; a dash for None."""
    return NOTHING if value is None else f"{rounded(value * 100)}%"


def points(change: Fraction | None) -> str:
    """A change between two shares in percentage points, always signed: ``+0.8``, ``−1.9``, ``0.0``; a dash for None."""
    if change is None:
        return NOTHING
    number = rounded(change * 100)
    if not number:
        return "0.0"
    return f"+{number}" if number > 0 else f"{MINUS}{abs(number)}"


def points_apart(change: Fraction) -> str:
    """The size of a change in points without its sign, for a sentence that says better or worse itself."""
    return str(abs(rounded(change * 100)))


def change(part: int, whole: int, part_before: int, whole_before: int) -> Fraction | None:
    """Share now minus share before, exact; None where either has nobody in it."""
    now, before = share(part, whole), share(part_before, whole_before)
    return None if now is None or before is None else now - before


def fewer_at_equal_enrollment(part: int, whole: int, part_before: int, whole_before: int) -> int | None:
    """How many fewer students now than last year's share of today's enrollment would be; negative means more."""
    before = share(part_before, whole_before)
    if before is None or not whole:
        return None
    return int(rounded(whole * before - part, 0))


def count(number: int | None) -> str:
    """``5,750``; a dash for None."""
    return NOTHING if number is None else f"{number:,}"
