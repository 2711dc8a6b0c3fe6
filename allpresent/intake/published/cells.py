"""One published cell: a number, a mark that stands for a number held back, or nothing.

A star, an ``s``, ``NS``, ``-9999``, ``<5`` and an empty cell are six different things; none of them is 0 (rule P01).
"""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from allpresent.intake.published.layouts import MARKS, RANGES, Layout
from allpresent.intake.values import unwrapped

_COUNT = re.compile(r"\d{1,3}(,\d{3})+|\d+")
_DECIMAL = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?|\d*\.?\d+|\d+\.")


class NotAFigureError(ValueError):
    """A text that is neither a figure nor a mark the layout knows."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure, or the mark printed in its place; both empty for an empty cell."""

    figure: str | None = None
    mark: str | None = None

    @property
    def is_suppressed(self) -> bool:
        """Whether something stands there that is no figure."""
        return self.mark is not None


_EMPTY = Cell()


@lru_cache(maxsize=65_536)
def read_cell(text: str, kind: str, marks: frozenset[str], ranges: str) -> Cell:
    """A cell of kind ``count``, ``decimal``, ``percent`` or ``fraction``. Raises NotAFigureError."""
    text = unwrapped(text.strip())
    if not text:
        return _EMPTY
    if _bare(text) in marks or re.fullmatch(RANGES, text) or (ranges and re.fullmatch(ranges, text)):
        return Cell(mark=text)
    if kind == "count":
        # A spreadsheet writes whole numbers as 12.0.
        whole = text.removesuffix(".0")
        if not _COUNT.fullmatch(whole):
            raise NotAFigureError(text)
        return Cell(str(int(whole.replace(",", ""))))
    return Cell(_decimal(text, kind))


def _decimal(text: str, kind: str) -> str:
    number = text.removesuffix("%").strip()
    if not _DECIMAL.fullmatch(number):
        raise NotAFigureError(text)
    try:
        value = Decimal(number.replace(",", ""))
    except InvalidOperation as error:
        raise NotAFigureError(text) from error
    if kind == "fraction" and not text.endswith("%"):
        value *= 100
    if kind != "decimal" and value > 100:
        raise NotAFigureError(text)
    shown = f"{value:f}"
    return shown.rstrip("0").rstrip(".") if "." in shown and kind == "fraction" else shown


def known_marks(layout: Layout) -> frozenset[str]:
    """The marks of every publication and those of a layout, in the form cells are compared in."""
    return frozenset(_bare(mark) for mark in (*MARKS, *layout.marks))


def meaning_of(mark: str, layout: Layout) -> str:
    """What a mark says in the words of the layout; '' for a range, which says it itself."""
    return next((told for one, told in {**MARKS, **layout.marks}.items() if _bare(one) == _bare(mark)), "")


def _bare(mark: str) -> str:
    """A mark without its case, and a negative number without the zeros a spreadsheet adds."""
    return re.sub(r"^(-\d+)\.0+$", r"\1", mark.casefold())
