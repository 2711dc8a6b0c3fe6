"""A report as a tagged PDF (PDF/UA-1), set with typst; the same report gives the same bytes."""

from pathlib import Path

from allpresent.reports.document import TEXT, Report, Table, shown
from allpresent.reports.layout.charts import goal_chart, level_bar, level_words, trend_words
from allpresent.reports.layout.typeset import ONE_AT_A_TIME as _ONE_AT_A_TIME
from allpresent.reports.layout.typeset import missing_letters, printable, set_pdf

_TEMPLATE = Path(__file__).parent / "biweekly.typ"
# Other documents are set with these as well.
_missing, _printable = missing_letters, printable
__all__ = ["_ONE_AT_A_TIME", "missing_letters", "printable", "render_pdf"]


def render_pdf(report: Report) -> bytes:
    """The PDF's bytes. Raises ReportError when the text cannot be set as accessible PDF."""
    return set_pdf(_TEMPLATE, "report", _plain(report), f"The report {report.title}")


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
