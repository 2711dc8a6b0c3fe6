"""A report as a tagged PDF (PDF/UA-1), set with typst; the same report gives the same bytes."""

import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import fontpkg_atkinson_hyperlegible
import typst

from allpresent.reports.document import TEXT, Report, ReportError, Table, shown
from allpresent.reports.layout.charts import goal_chart, level_bar, level_words, trend_words

# The compiler keeps its fonts between reports and serves one thread at a time.
_ONE_AT_A_TIME = Lock()
_TEMPLATE = Path(__file__).parent / "biweekly.typ"
_WITHOUT_LETTERFORM = re.compile(r"the text `\"(.+?)\"` could not be displayed")
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")


@cache
def _compiler() -> "typst.Compiler":
    fonts = Path(fontpkg_atkinson_hyperlegible.__file__).parent / "files"
    return typst.Compiler(str(_TEMPLATE), font_paths=[str(fonts)], ignore_system_fonts=True)


def render_pdf(report: Report) -> bytes:
    """The PDF's bytes; a character the fonts do not have stands as a question mark, as no reader could be read it.

    Raises ReportError when the text cannot be set as accessible PDF.
    """
    plain = json.dumps(printable(_plain(report)), ensure_ascii=False)
    while True:
        try:
            return _set(plain)
        except typst.TypstError as error:
            missing = missing_letters(str(error))
            if not missing.intersection(plain):
                raise ReportError(f"The report {report.title} could not be set as PDF ({error}).") from error
            plain = plain.translate({ord(letter): "?" for letter in missing})


def printable(value: Any) -> Any:
    """The same values with a blank for every character that is no letterform, as a tab or a null."""
    if isinstance(value, str):
        return "".join(" " if unicodedata.category(letter).startswith("C") else letter for letter in value)
    if isinstance(value, dict):
        return {key: printable(below) for key, below in value.items()}
    return [printable(below) for below in value] if isinstance(value, list | tuple) else value


def _set(plain: str) -> bytes:
    with _ONE_AT_A_TIME:
        made = _compiler().compile(format="pdf", sys_inputs={"report": plain}, pdf_standards=["ua-1"], timestamp=None)
    if not isinstance(made, bytes):
        raise ReportError("The report could not be set as one PDF.")
    return made


def missing_letters(error: str) -> set[str]:
    """The letters beyond ASCII the typesetter says it has no form for."""
    texts = _WITHOUT_LETTERFORM.findall(error)
    letters = {letter for text in texts for letter in _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)}
    return {letter for letter in letters if not letter.isascii()}


def _plain(report: Report) -> dict[str, object]:
    return {
        "title": report.title,
        "district": report.district,
        "about": f"As of {report.as_of}, school day {report.school_day} · delivery {report.delivery_id}",
        "sentences": report.sentences,
        "figures": [{"label": f.label, "value": f.value, "note": f.note} for f in report.figures],
        "tables": [_table(table) for table in report.tables],
        "bar": {"svg": level_bar(report), "alt": level_words(report)} if report.levels else None,
        "chart": {"svg": goal_chart(report), "alt": trend_words(report)} if report.trend else None,
        "rules": report.rules,
    }


def _table(table: Table) -> dict[str, object]:
    kinds = [column.kind for column in table.columns]
    lines = [[shown(cell, kind) for cell, kind in zip(row, kinds, strict=True)] for row in table.rows]
    total = [shown(cell, kind) for cell, kind in zip(table.total, kinds, strict=True)] if table.total else None
    return {
        "key": table.key,
        "title": table.title,
        "heads": [column.head for column in table.columns],
        "widths": [_width(index, kind, len(kinds)) for index, kind in enumerate(kinds)],
        "right": [kind != TEXT for kind in kinds],
        "rows": lines,
        "total": total,
        "note": table.note,
    }


def _width(index: int, kind: str, columns: int) -> float:
    """Share of the page a column takes: names wide, numbers alike."""
    if index == 0:
        return 2.6 if columns > 4 else 2.2
    return 1.3 if kind == TEXT else 1
