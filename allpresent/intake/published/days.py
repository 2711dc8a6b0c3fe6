"""Published attendance of one day a school."""

from collections.abc import Iterator, Mapping
from typing import Any

from allpresent.intake.dates import NotADateError, read_date
from allpresent.intake.published.cells import NotAFigureError, known_marks, read_cell
from allpresent.intake.published.layouts import Layout
from allpresent.intake.values import unwrapped


def read_totals(row: Mapping[str, str], layout: Layout) -> Iterator[dict[str, Any]]:
    """The day's figure of one line; an empty cell was not submitted. Raises NotAFigureError."""
    columns = {ours: _label(row, theirs) for ours, theirs in layout.columns.items()}
    cell = _figure(row.get(columns["attendance_pct"], ""), layout, columns["attendance_pct"])
    text = row.get(columns["date"], "").strip()
    try:
        on = read_date(text, "ymd", 1970)
    except NotADateError as error:
        raise NotAFigureError(text, columns["date"]) from error
    yield {
        "date": on,
        "school_id": unwrapped(row.get(columns["school_id"], "").strip()),
        "attendance_pct": cell.figure,
        "attendance_mark": cell.mark,
    }


def _label(row: Mapping[str, str], names: str) -> str:
    return next((name for name in names.casefold().split("|") if name in row), "")


def _figure(text: str, layout: Layout, label: str) -> Any:
    try:
        return read_cell(text, layout.rate, known_marks(layout), layout.ranges)
    except NotAFigureError as error:
        raise NotAFigureError(error.args[0], label) from error
