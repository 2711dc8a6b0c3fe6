"""Dates of a file, read in one order decided for the whole file and never row by row (rules D01 and D03)."""

import re
from collections.abc import Iterable
from datetime import date

from allpresent.intake.rules import RefusedFileError

_SLASHED = re.compile(r"(\d{1,2})([/.\-])(\d{1,2})\2(\d{4}|\d{2})")
_YEAR_FIRST = re.compile(r"(\d{4})([/.\-])(\d{1,2})\2(\d{1,2})")
_PACKED = re.compile(r"(\d{4})(\d\d)(\d\d)")
_TIME = re.compile(r"[ T]\d{1,2}:\d\d.*$")
FIRST_SCHOOL_YEAR = 1990  # no attendance of a student of today is older
FIRST_BIRTH_YEAR = 1901  # 12/30/1899 and 1900-01-00 are how spreadsheets write a blank

# Different dates that say another order than the mapping: fewer are slips, and each is a finding; so are more of them,
# unless they are a tenth of those that say the mapping's order.
_TELLING, _SLIPS = 3, 10
ORDERS = {"mdy": "month first", "dmy": "day first", "ymd": "year first"}


class NotADateError(ValueError):
    """Why a text is no date: the rule, the words that follow the text, and what mends it."""

    def __init__(self, rule: str, words: str, mend: str = "correct it in the student information system") -> None:
        super().__init__(words)
        self.rule = rule
        self.mend = mend


def decide_order(texts: Iterable[str], fixed: str, name: str, fields: str) -> str:
    """The order of day and month of a file: ``mdy``, ``dmy``, or ``ymd`` when no date is written with slashes.

    ``fixed`` is the mapping's order, or ``detect``. Raises RefusedFileError when the file gives no evidence, evidence
    for both, or evidence for the other order than the fixed one in more than a few slips.
    """
    slashed = day_first = month_first = ""
    days = months = 0  # dates of which only the second part, or only the first, can be the month
    for text in texts:
        found = _SLASHED.fullmatch(_TIME.sub("", text))
        if found:
            slashed = text
            if int(found[1]) > 12:
                day_first, days = text, days + 1
            if int(found[3]) > 12:
                month_first, months = text, months + 1
    if fixed in ("mdy", "dmy"):
        own, others, other = (months, days, "dmy") if fixed == "mdy" else (days, months, "mdy")
        if others >= _TELLING and not own:
            raise _other_order(name, fields, day_first or month_first, other, fixed)
        if others >= _TELLING and others * _SLIPS > own:
            raise _two_orders(name, fields, day_first, month_first)
    if fixed != "detect":
        return fixed
    if not slashed:
        return "ymd"
    if days and months:
        raise _two_orders(name, fields, day_first, month_first)
    if not days and not months:
        raise RefusedFileError(
            f"{name}: {slashed} can be read month first or day first, and no date of the file tells which; "
            "write dates: {order: mdy} or {order: dmy} in the mapping.",
            "D01",
        )
    return "dmy" if days else "mdy"


def _two_orders(name: str, fields: str, day_first: str, month_first: str) -> RefusedFileError:
    """Why a file is not read of whose dates some have the day first and some the month: others may be either."""
    return RefusedFileError(
        f"{name}: dates are written in two orders ({day_first} and {month_first} in {fields}); "
        "export them all in one order, or as 2026-11-04.",
        "D01",
    )


def _other_order(name: str, fields: str, text: str, order: str, fixed: str) -> RefusedFileError:
    """Why a file whose every telling date is in another order than the mapping's is not read at all."""
    return RefusedFileError(
        f"{name}: dates are written {ORDERS[order]} ({text} in {fields}), and this source is read {ORDERS[fixed]}; "
        f"export them {ORDERS[fixed]} or as 2026-11-04, or write dates: {{order: {order}}} in the mapping.",
        "D01",
    )


def read_date(text: str, order: str, first_year: int, *, is_birth: bool = False) -> date:
    """One date in the file's order; a time behind it is left aside. Raises NotADateError."""
    year, month, day = _parts(_TIME.sub("", text), order, first_year)
    if year < (FIRST_BIRTH_YEAR if is_birth else FIRST_SCHOOL_YEAR):
        raise NotADateError("D03", f"lies before {FIRST_BIRTH_YEAR if is_birth else FIRST_SCHOOL_YEAR}")
    try:
        return date(year, month, day)
    except ValueError:
        raise NotADateError("D01", "is no day of the calendar when read " + ORDERS[order]) from None


def _parts(text: str, order: str, first_year: int) -> tuple[int, int, int]:
    """Year, month and day as written."""
    found = _YEAR_FIRST.fullmatch(text)
    if found:
        return int(found[1]), int(found[3]), int(found[4])
    found = _PACKED.fullmatch(text) if order == "ymd" else None
    if found:
        return int(found[1]), int(found[2]), int(found[3])
    found = _SLASHED.fullmatch(text) if order != "ymd" else None
    if not found:
        mend = "export dates as 2026-11-04, or name their order in a mapping"
        raise NotADateError("D01", f"is not written {ORDERS[order]}", mend)
    year = int(found[4])
    if len(found[4]) == 2:
        year += first_year - first_year % 100
        year += 100 if year < first_year else 0
    first, second = int(found[1]), int(found[3])
    return (year, second, first) if order == "dmy" else (year, first, second)
