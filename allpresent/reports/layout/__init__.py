"""How a report looks: as a page, as a tagged PDF, as a workbook and as one flat table."""

from allpresent.reports.layout.flat import render_csv
from allpresent.reports.layout.page import render_html
from allpresent.reports.layout.paper import render_pdf
from allpresent.reports.layout.workbook import render_xlsx

__all__ = ["render_csv", "render_html", "render_pdf", "render_xlsx"]
