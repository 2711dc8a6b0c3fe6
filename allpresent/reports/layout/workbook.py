"""A report as an XLSX workbook: a summary sheet, then a sheet a table with numbers as numbers."""

import io
from datetime import datetime

import xlsxwriter

from allpresent.reports.document import CHANGE, COUNT, DAYS, PERCENT, POINTS, TEXT, Cell, Report, Table

_FORMATS = {COUNT: "#,##0", PERCENT: '0.0"%"', DAYS: "0.0", TEXT: "@"}
_FORMATS |= {POINTS: '+0.0;-0.0;"±"0.0', CHANGE: '+#,##0;-#,##0;"±"0'}


def render_xlsx(report: Report) -> bytes:
    """The workbook's bytes; the same report gives the same bytes, so its date is the report's own."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        made = datetime.fromisoformat(report.as_of)
        book.set_properties({"title": report.title, "subject": report.scope_name, "created": made})
        _Writer(book).write(report)
    return out.getvalue()


class _Writer:
    """Writes sheets with the formats of one workbook."""

    def __init__(self, book: "xlsxwriter.Workbook") -> None:
        self.book = book
        base = {"font_name": "Atkinson Hyperlegible", "font_size": 11, "valign": "top"}
        self.plain = book.add_format(base)
        self.wrapped = book.add_format(base | {"text_wrap": True})
        self.title = book.add_format(base | {"bold": True, "font_size": 15})
        self.head = book.add_format(base | {"bold": True, "bottom": 1, "bg_color": "#f3f1ea", "text_wrap": True})
        self.kinds = {kind: book.add_format(base | {"num_format": form}) for kind, form in _FORMATS.items()}
        total = base | {"bold": True, "top": 1}
        self.totals = {kind: book.add_format(total | {"num_format": form}) for kind, form in _FORMATS.items()}

    def write(self, report: Report) -> None:
        """The summary, then each table on its own sheet."""
        sheet = self.book.add_worksheet("Summary")
        sheet.set_column(0, 0, 34, self.plain)
        sheet.set_column(1, 1, 16, self.plain)
        sheet.set_column(2, 2, 80, self.wrapped)
        sheet.write_string(0, 0, report.title, self.title)
        row = 2
        for sentence in report.sentences:
            sheet.merge_range(row, 0, row, 2, sentence, self.wrapped)
            row += 1
        row += 1
        for figure in report.figures:
            for column, text in enumerate((figure.label, figure.value, figure.note)):
                sheet.write_string(row, column, text, self.wrapped)
            row += 1
        for rule in ("", *report.rules):
            sheet.merge_range(row, 0, row, 2, rule, self.wrapped)
            row += 1
        for table in report.tables:
            self._table(table)

    def _table(self, table: Table) -> None:
        sheet = self.book.add_worksheet(_sheet_name(table.key))
        sheet.write_string(0, 0, table.title, self.title)
        for index, column in enumerate(table.columns):
            sheet.set_column(index, index, 34 if index == 0 else 15)
            sheet.write_string(2, index, column.head, self.head)
        for number, row in enumerate(table.rows, start=3):
            for index, cell in enumerate(row):
                self._cell(sheet, number, index, cell, table.columns[index].kind, self.kinds)
        end = 3 + len(table.rows)
        if table.total:
            for index, cell in enumerate(table.total):
                self._cell(sheet, end, index, cell, table.columns[index].kind, self.totals)
        if table.note:
            sheet.write_string(end + 2, 0, table.note, self.plain)
        sheet.freeze_panes(3, 1)

    def _cell(self, sheet, row: int, column: int, cell: Cell, kind: str, formats: dict) -> None:  # type: ignore
        if cell is None:
            sheet.write_blank(row, column, None, formats[kind])
        elif isinstance(cell, str):
            sheet.write_string(row, column, cell, formats[TEXT])
        else:
            sheet.write_number(row, column, cell / 10 if kind in (PERCENT, POINTS, DAYS) else cell, formats[kind])


def _sheet_name(key: str) -> str:
    return key.replace("_", " ").capitalize()[:31]
