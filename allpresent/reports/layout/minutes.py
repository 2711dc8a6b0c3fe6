"""Minutes as a tagged PDF (PDF/UA-1), set with typst; the same minutes give the same bytes."""

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path

import fontpkg_atkinson_hyperlegible
import typst

from allpresent.reports.document import ReportError
from allpresent.reports.layout.paper import _ONE_AT_A_TIME, _missing, _printable
from allpresent.reports.minutes import Minutes

_TEMPLATE = Path(__file__).parent / "minutes.typ"


@cache
def _compiler() -> "typst.Compiler":
    fonts = Path(fontpkg_atkinson_hyperlegible.__file__).parent / "files"
    return typst.Compiler(str(_TEMPLATE), font_paths=[str(fonts)], ignore_system_fonts=True)


def render_minutes(minutes: Minutes) -> bytes:
    """The PDF's bytes; a character the fonts do not have stands as a question mark.

    Raises ReportError when the text cannot be set as accessible PDF.
    """
    plain = json.dumps(_printable(asdict(minutes)), ensure_ascii=False)
    while True:
        try:
            return _set(plain)
        except typst.TypstError as error:
            missing = _missing(str(error))
            if not missing.intersection(plain):
                raise ReportError(f"The minutes {minutes.title} could not be set as PDF ({error}).") from error
            plain = plain.translate({ord(letter): "?" for letter in missing})


def _set(plain: str) -> bytes:
    with _ONE_AT_A_TIME:
        made = _compiler().compile(format="pdf", sys_inputs={"minutes": plain}, pdf_standards=["ua-1"], timestamp=None)
    if not isinstance(made, bytes):
        raise ReportError("The minutes could not be set as one PDF.")
    return made
