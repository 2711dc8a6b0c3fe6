"""A family's copy of a plan as a tagged PDF (PDF/UA-1)."""

from pathlib import Path
from typing import Any

from allpresent.reports.layout.typeset import set_pdf

_TEMPLATE = Path(__file__).parent / "plan.typ"


def render_pdf(copy: dict[str, Any]) -> bytes:
    """The PDF's bytes; a character the fonts do not have stands as a question mark."""
    return set_pdf(_TEMPLATE, "copy", copy, f"The plan {copy['title']}")
