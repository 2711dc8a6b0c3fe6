"""Setting type: plain values and a template in, one accessible PDF (PDF/UA-1) out; equal values give equal bytes."""

import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import fontpkg_atkinson_hyperlegible
import typst

from allpresent.reports.document import ReportError

# A compiler keeps its fonts between documents and serves one thread at a time.
ONE_AT_A_TIME = Lock()
_WITHOUT_LETTERFORM = re.compile(r"the text `\"(.+?)\"` could not be displayed")
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")


def set_pdf(template: Path, name: str, values: Any, what: str) -> bytes:
    """The PDF of a template that reads ``values`` as ``sys.inputs.<name>``; ``what`` it is begins every complaint.

    A character the fonts do not have stands as a question mark, because a reader could not be read it. Raises
    ReportError when the text cannot be set.
    """
    plain = json.dumps(printable(values), ensure_ascii=False)
    while True:
        try:
            return _compile(template, name, plain, what)
        except typst.TypstError as error:
            missing = missing_letters(str(error))
            if not missing.intersection(plain):
                raise ReportError(f"{what} could not be set as PDF ({error}).") from error
            plain = plain.translate({ord(letter): "?" for letter in missing})


def printable(value: Any) -> Any:
    """The same values with a blank for every character that is no letterform, as a tab or a null."""
    if isinstance(value, str):
        return "".join(" " if unicodedata.category(letter).startswith("C") else letter for letter in value)
    if isinstance(value, dict):
        return {key: printable(below) for key, below in value.items()}
    return [printable(below) for below in value] if isinstance(value, list | tuple) else value


def missing_letters(error: str) -> set[str]:
    """The letters beyond ASCII the typesetter says it has no form for."""
    texts = _WITHOUT_LETTERFORM.findall(error)
    letters = {letter for text in texts for letter in _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)}
    return {letter for letter in letters if not letter.isascii()}


@cache
def _compiler(template: Path) -> "typst.Compiler":
    fonts = Path(fontpkg_atkinson_hyperlegible.__file__).parent / "files"
    return typst.Compiler(str(template), font_paths=[str(fonts)], ignore_system_fonts=True)


def _compile(template: Path, name: str, plain: str, what: str) -> bytes:
    with ONE_AT_A_TIME:
        made = _compiler(template).compile(
            format="pdf", sys_inputs={name: plain}, pdf_standards=["ua-1"], timestamp=None
        )
    if not isinstance(made, bytes):
        raise ReportError(f"{what} could not be set as one PDF.")
    return made
