"""Letters as a tagged PDF (PDF/UA-1): one pass of the typesetter for a whole print file."""

import json
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import fontpkg_atkinson_hyperlegible
import typst

from allpresent.reports.document import ReportError
from allpresent.reports.layout.paper import missing_letters, printable

_ONE_AT_A_TIME = Lock()
_TEMPLATE = Path(__file__).parent / "letter.typ"


@cache
def _compiler() -> "typst.Compiler":
    fonts = Path(fontpkg_atkinson_hyperlegible.__file__).parent / "files"
    return typst.Compiler(str(_TEMPLATE), font_paths=[str(fonts)], ignore_system_fonts=True)


def set_letters(letters: list[dict[str, Any]], *, district: str, title: str, language: str) -> bytes:
    """The PDF's bytes; a character the fonts do not have stands as a question mark."""
    about = {"district": district, "title": title, "language": language, "letters": letters}
    plain = json.dumps(printable(about), ensure_ascii=False)
    while True:
        try:
            return _set(plain)
        except typst.TypstError as error:
            missing = missing_letters(str(error))
            if not missing.intersection(plain):
                raise ReportError(f"The letters could not be set as PDF ({error}).") from error
            plain = plain.translate({ord(letter): "?" for letter in missing})


def _set(plain: str) -> bytes:
    with _ONE_AT_A_TIME:
        made = _compiler().compile(format="pdf", sys_inputs={"letters": plain}, pdf_standards=["ua-1"], timestamp=None)
    if not isinstance(made, bytes):
        raise ReportError("The letters could not be set as one PDF.")
    return made
