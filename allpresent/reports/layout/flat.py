"""A report as one flat CSV: a line a cell, so that any spreadsheet can pivot it."""

import csv
import io
import re

from allpresent.reports.document import Report, shown

_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
HEAD = ("scope", "as_of", "delivery_id", "table", "row", "column", "value")
# Full-width signs start a formula as well, and blanks or nulls before a sign do not stop it.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_BLANKS = " \n\x0b\x0c\x00\u00a0\u200b\u200c\u200d\u2060\u3000\ufeff"


def safe_cell(text: str) -> str:
    """A cell a spreadsheet reads as text and never as a formula (rule X01)."""
    return f"'{text}" if text.lstrip(_BLANKS).startswith(_FORMULA_STARTS) else text


def render_csv(report: Report) -> bytes:
    """Figures first, then every cell of every table; UTF-8 with comma and header."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEAD)
    about = [safe_cell(report.scope_name), report.as_of, report.delivery_id]
    for figure in report.figures:
        writer.writerow([*about, "figures", safe_cell(figure.label), "value", _plain(figure.value)])
    for table in report.tables:
        for row in (*table.rows, *([table.total] if table.total else [])):
            name = safe_cell(str(row[0]))
            for column, cell in list(zip(table.columns, row, strict=True))[1:]:
                writer.writerow([*about, table.key, name, safe_cell(column.head), _plain(shown(cell, column.kind))])
    return out.getvalue().encode()


def _plain(text: str) -> str:
    """A shown number as a spreadsheet takes it: no thousands comma, an ordinary minus, nothing for nothing."""
    if text == "–":
        return ""
    bare = text.replace(",", "").replace("−", "-").replace("±", "").removesuffix("%").removeprefix("+")
    return bare if _NUMBER.fullmatch(bare) else safe_cell(text)
