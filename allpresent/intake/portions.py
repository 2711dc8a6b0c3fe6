"""Exact portions as text."""

from fractions import Fraction


def portion_text(num: int | None, den: int | None) -> str | None:
    """0.5 for a half, 1/3 for a third; blank for an unknown one."""
    if num is None or den is None:
        return None
    portion = Fraction(num, den)
    rest = portion.denominator
    places = 0
    while rest % 10 == 0 or rest % 5 == 0 or rest % 2 == 0:
        rest //= 10 if rest % 10 == 0 else 5 if rest % 5 == 0 else 2
        places += 1
    if rest != 1:
        return f"{portion.numerator}/{portion.denominator}"
    scaled = portion.numerator * 10**places // portion.denominator
    whole, part = divmod(scaled, 10**places)
    return f"{whole}.{part:0{places}}".rstrip("0") if part else str(whole)
