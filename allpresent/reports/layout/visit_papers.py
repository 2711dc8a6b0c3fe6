"""A day's visits and the card to leave as tagged PDFs (PDF/UA-1)."""

from pathlib import Path
from typing import Any

from allpresent.reports.layout.typeset import set_pdf

_DAY_SHEET = Path(__file__).parent / "day_sheet.typ"
_CARD = Path(__file__).parent / "leave_behind.typ"


def set_day_sheet(sheet: dict[str, Any]) -> bytes:
    """The PDF's bytes; a character the fonts do not have stands as a question mark."""
    return set_pdf(_DAY_SHEET, "sheet", sheet, "The day sheet")


def set_leave_behind(card: dict[str, Any]) -> bytes:
    """The PDF's bytes; a character the fonts do not have stands as a question mark."""
    return set_pdf(_CARD, "card", card, "The card")
