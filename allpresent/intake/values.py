"""Texts of cells into values: one small reader a kind of column, applied to the distinct texts of a file only.

A reader gives the value or raises Fault with the rule broken and the words that follow the text.
"""

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from allpresent.intake.findings import ERROR, WARNING
from allpresent.intake.mapping import CATEGORIES
from allpresent.ledger import ADDRESS_LINES

MODES = ("day", "am", "pm", "period", "minutes")
GRADES = {
    **dict.fromkeys(("-2", "-1", "PK", "P3", "P4", "PREK", "PRE-K", "PREKINDERGARTEN", "PRE-KINDERGARTEN"), "PK"),
    **dict.fromkeys(("0", "00", "K", "KF", "KG", "KINDERGARTEN"), "K"),
    **{form: f"{grade:02}" for grade in range(1, 13) for form in (str(grade), f"{grade:02}")},
}
# Grades of a student that are one of those; a publication may give each a figure of its own.
STUDENT_GRADES = GRADES | {"PR": "PK", "TK": "K", "TRANSITIONALKINDERGARTEN": "K"}
_FLAGS = {"1": 1, "true": 1, "t": 1, "yes": 1, "y": 1, "0": 0, "false": 0, "f": 0, "no": 0, "n": 0}
_SCIENTIFIC = re.compile(r"\d+(?:[.,]\d+)?[eE]\+?\d+")
_TOTALS = frozenset({"total", "totals", "total:", "totals:", "grand total"})
# What a spreadsheet may take for a formula: signs, full-width ones too, also behind blanks and letters nobody sees.
FORMULA = "[\\s\\x00\u00a0\u200b\u200c\u200d\u2060\u3000\ufeff]*[=+\\-@＝＋－＠]"
_DISARMED = re.compile(f"'{FORMULA}|'[\t\r]")
_PORTION = re.compile(r"[+-]?(?:[0-9]{1,9}(?:\.[0-9]{0,18})?|\.[0-9]{1,18}|[0-9]{1,9}/[0-9]{1,9})")
MOST_DIGITS = 9
_LONGEST_PART = 10_000  # into how many parts a day is divided at most, where a program divided and wrote many decimals
_UNIT_SEPARATOR = "\x1f"  # between several values of one path
MOST_LINES = 4  # of an address, besides the name
_NUMBER = re.compile(r"\d+(?:\.\d+)?|\.\d+")


class Fault(ValueError):  # noqa: N818 - it is a finding in the making, not an error of the program
    """A text that is no value of its column."""

    def __init__(self, rule: str, words: str, severity: str = ERROR) -> None:
        super().__init__(words)
        self.rule = rule
        self.severity = severity


def unwrapped(text: str) -> str:
    """A cell without the ``="…"`` that keeps a spreadsheet from eating zeros, or the ``'`` that disarms a formula."""
    if text.startswith('="') and text.endswith('"') and len(text) > 2:
        return text[2:-1].strip()
    return text[1:] if _DISARMED.match(text) else text


def read_id(text: str) -> str:
    """An id as text, zeros kept (rule I01)."""
    text = unwrapped(text)
    if _SCIENTIFIC.fullmatch(text):
        raise Fault("I01", "was turned into a rounded number by a spreadsheet; export ids as text")
    if text.casefold() in _TOTALS:
        raise Fault("I01", "is no id but a line of sums; export the rows without it")
    return text


def is_rounded(text: str) -> bool:
    """Whether a spreadsheet made a rounded number of an id, as it shows one: 9.0279E+10."""
    return "+" in text and bool(_SCIENTIFIC.fullmatch(text))


def read_flag(text: str) -> int:
    """0 or 1."""
    flag = _FLAGS.get(text.casefold())
    if flag is None:
        raise Fault("R01", "is neither 0 nor 1")
    return flag


def read_protected(text: str) -> int:
    """1 for any word that is not plainly a no: a mark nobody understands must not lay an address open."""
    return _FLAGS.get(text.casefold(), 1)


def read_address(text: str) -> str | None:
    """The lines of a postal address, at most four, parted by ADDRESS_LINES; nothing where no line says anything.

    Where a source tells several of one kind nobody knows which is meant, and none is.
    """
    if _UNIT_SEPARATOR in text:
        return None
    parts = (" ".join(line.split()).strip(" ,") for line in re.split(r"[;\r\n]+", unwrapped(text)))
    lines = [line for line in parts if line]
    if len(lines) > MOST_LINES:  # the first and the last are what the post needs
        lines = [*lines[: MOST_LINES - 2], " ".join(lines[MOST_LINES - 2 : -1]), lines[-1]]
    return ADDRESS_LINES.join(lines) or None


def read_count(text: str) -> int:
    """A whole number that is not negative."""
    if not text.isdecimal() or not text.isascii() or len(text) > MOST_DIGITS:
        raise Fault("R01", "is no whole number")
    return int(text)


def read_number(text: str) -> str:
    """A number that is not negative, kept as the text it was: nothing is rounded."""
    if not _NUMBER.fullmatch(text):
        raise Fault("R01", "is no number")
    return text


def read_grade(text: str) -> str:
    """PK, K, 01 to 12. Another grade is left blank, with a warning."""
    grade = STUDENT_GRADES.get(text.upper())
    if grade is None:
        raise Fault("R01", "is no grade from PK to 12 and is left blank", WARNING)
    return grade


def read_portion(text: str) -> str:
    """An exact share of the mark's unit from 0 to 1, written n/d in lowest terms."""
    text = unwrapped(text)
    try:
        # Only what is written like a portion is computed: 1e999999999 would take all memory.
        portion = Fraction(text if _PORTION.fullmatch(text) else "")
    except (ValueError, ZeroDivisionError):
        raise Fault("M03", "is no portion; write 1, 0.5 or 1/3") from None
    if not 0 <= portion <= 1:
        raise Fault("M03", "is outside 0 to 1, and a portion is the share of the day or period missed")
    portion = _before_division(portion, len(text.partition(".")[2]))
    return f"{portion.numerator}/{portion.denominator}"


def _before_division(portion: Fraction, decimals: int) -> Fraction:
    """What a program divided: 1/12 for 0.083333333333333329. Up to nine decimals are taken as they are written.

    Longer ones are the fraction of few parts that they are within one unit of the last decimal, of the fifteenth at
    most, because a binary number holds no more. There is at most one such fraction.
    """
    if decimals <= MOST_DIGITS:
        return portion
    divided = portion.limit_denominator(_LONGEST_PART)
    if abs(divided - portion) > Fraction(1, 10 ** min(decimals, 15)):
        raise Fault("M03", f"has too many decimals for a share of a day; write at most {MOST_DIGITS}, or 1/3")
    return divided


def read_category(text: str) -> str:
    """What a mark says: absent, tardy, partial, present, or unknown."""
    category = text.casefold()
    if category not in (*CATEGORIES, "unknown"):
        raise Fault("K01", f"is no category; use one of {', '.join(CATEGORIES)}, or map the code")
    return category


def read_mode(text: str) -> str:
    """The unit of a mark."""
    mode = text.casefold()
    if mode not in MODES:
        raise Fault("R01", f"is no mode; use one of {', '.join(MODES)}")
    return mode


READERS: dict[str, Callable[[str], Any]] = {
    "id": read_id,
    "flag": read_flag,
    "protected": read_protected,
    "address": read_address,
    "count": read_count,
    "number": read_number,
    "grade": read_grade,
    "portion": read_portion,
    "category": read_category,
    "mode": read_mode,
}
