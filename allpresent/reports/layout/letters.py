"""Letters as a tagged PDF (PDF/UA-1): one pass of the typesetter for a whole print file."""

from pathlib import Path
from typing import Any

from allpresent.reports.layout.typeset import set_pdf

_TEMPLATE = Path(__file__).parent / "letter.typ"


def set_letters(letters: list[dict[str, Any]], *, district: str, title: str, language: str) -> bytes:
    """The PDF's bytes; a character the fonts do not have stands as a question mark."""
    about = {"district": district, "title": title, "language": language, "letters": letters}
    return set_pdf(_TEMPLATE, "letters", about, "The letters")
