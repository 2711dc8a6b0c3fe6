"""A report as one self-contained HTML page that reads well on a screen and prints well."""

from html import escape

from allpresent.reports.document import TEXT, Report, Table, shown
from allpresent.reports.layout.charts import goal_chart, level_bar

_STYLE = """
:root{color:#1b2430;background:#fcfbf7;font:16px/1.5 "Atkinson Hyperlegible",system-ui,sans-serif}
body{max-width:60rem;margin:0 auto;padding:2rem 1rem 4rem}
h1{font-size:1.8rem;margin:.2rem 0 .8rem}h2{font-size:1.15rem;margin:2.2rem 0 .6rem}
.about,.note,footer{color:#5b6672;font-size:.9rem}.lead p{font-size:1.15rem;margin:.4rem 0}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.8rem;margin:1.2rem 0;padding:0}
.figures div{background:#fff;border:1px solid #e2dfd6;border-radius:.5rem;padding:.8rem 1rem}
.figures dt{font-size:.9rem;color:#5b6672}.figures dd{margin:0}
.figures .value{font-size:1.8rem;font-weight:700;font-variant-numeric:tabular-nums}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;background:#fff;font-variant-numeric:tabular-nums}
th,td{padding:.45rem .6rem;border-bottom:1px solid #e2dfd6;text-align:left}
th[scope=row]{font-weight:400}thead th{border-bottom:1.5px solid #1b2430;font-size:.9rem;vertical-align:bottom}
.n{text-align:right}tfoot th,tfoot td{font-weight:700}svg{width:100%;height:auto;margin:.4rem 0}
@media print{body{padding:0;max-width:none;font-size:11px}:root{background:#fff}section{break-inside:avoid}}
"""


def render_html(report: Report) -> bytes:
    """The page's bytes, UTF-8; nothing is loaded from elsewhere."""
    about = f"{report.district} · as of {report.as_of}, school day {report.school_day} · delivery {report.delivery_id}"
    figures = "".join(
        f'<div><dt>{escape(figure.label)}</dt><dd class="value">{escape(figure.value)}</dd>'
        f'<dd class="note">{escape(figure.note)}</dd></div>'
        for figure in report.figures
    )
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{escape(report.title)}</title><style>{_STYLE}</style></head><body><main>",
        f'<p class="about">{escape(about)}</p><h1>{escape(report.title)}</h1><div class="lead">',
        *(f"<p>{escape(sentence)}</p>" for sentence in report.sentences),
        f'</div><dl class="figures">{figures}</dl>',
        *(_section(report, table, index) for index, table in enumerate(report.tables)),
        "<section><h2>How these numbers are made</h2><ul>",
        *(f"<li>{escape(rule)}</li>" for rule in report.rules),
        "</ul></section></main></body></html>\n",
    ]
    return "".join(parts).encode()


def _section(report: Report, table: Table, index: int) -> str:
    picture = level_bar(report) if index == 0 and report.levels else ""
    if table.key == "goal" and report.trend:
        picture = goal_chart(report)
    heads = "".join(f'<th scope="col"{_side(column.kind)}>{escape(column.head)}</th>' for column in table.columns)
    body = "".join(_row(table, row) for row in table.rows)
    foot = f"<tfoot>{_row(table, table.total)}</tfoot>" if table.total else ""
    note = f'<p class="note">{escape(table.note)}</p>' if table.note else ""
    return (
        f'<section><h2 id="{table.key}">{escape(table.title)}</h2>{picture}'
        f'<div class="scroll" tabindex="0" role="region" aria-labelledby="{table.key}"><table>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody>{foot}</table></div>{note}</section>"
    )


def _side(kind: str) -> str:
    return "" if kind == TEXT else ' class="n"'


def _row(table: Table, row: tuple) -> str:  # type: ignore[type-arg]
    cells = []
    for index, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
        text = escape(shown(cell, column.kind))
        cells.append(f'<th scope="row">{text}</th>' if index == 0 else f"<td{_side(column.kind)}>{text}</td>")
    return f"<tr>{''.join(cells)}</tr>"
