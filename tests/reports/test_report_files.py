"""A report as page, workbook and flat table: the same bytes each time, numbers as numbers, and nothing that runs."""

import csv
import hashlib
import io
import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest

from allpresent.reports import FORMATS, Report, ReportError, render
from allpresent.reports.document import TEXT, in_tenths, shown
from allpresent.reports.layout.charts import goal_chart, level_bar
from allpresent.reports.layout.flat import HEAD, safe_cell

ROOT = Path(__file__).parents[2]
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
VOID = {"meta", "rect", "line", "circle", "polyline", "br"}
IN_A_FRESH_PROCESS = """
import hashlib, sys
from allpresent.reports import FORMATS, Report, render
report = Report.from_json(sys.stdin.buffer.read().decode())
for form in FORMATS:
    print(form, hashlib.sha256(render(report, form)).hexdigest())
"""


def is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdigit()


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_report_gives_the_same_bytes(form, odd_report, seed_report, nobody):
    for report in (odd_report, seed_report, nobody):
        made = render(report, form)
        assert made
        assert render(report, form) == made
        assert render(Report.from_json(report.to_json()), form) == made


def test_the_same_report_gives_the_same_bytes_in_another_process(odd_report):
    environment = os.environ | {"PYTHONHASHSEED": "7", "TZ": "Pacific/Auckland", "LANG": "C"}
    done = subprocess.run(
        [sys.executable, "-c", IN_A_FRESH_PROCESS],
        input=odd_report.to_json().encode(),
        capture_output=True,
        check=True,
        cwd=ROOT,
        env=environment,
    )
    here = {form: hashlib.sha256(render(odd_report, form)).hexdigest() for form in FORMATS}
    assert dict(line.split() for line in done.stdout.decode().splitlines()) == here


def test_a_form_nobody_makes_is_refused_in_a_sentence(odd_report):
    with pytest.raises(ReportError, match="A report comes as pdf, html, xlsx, csv, not as 'docx'"):
        render(odd_report, "docx")


# The flat table


def read_csv(report: Report) -> list[dict[str, str]]:
    text = render(report, "csv").decode()
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    assert tuple(rows[0]) == HEAD
    return rows


def test_no_cell_of_the_flat_table_runs_as_a_formula(odd_report):
    cells = [cell for row in read_csv(odd_report) for cell in row.values()]
    begins = [cell for cell in cells if cell.lstrip(" \x00").startswith(FORMULA_STARTS) and not is_number(cell)]
    assert not begins
    assert '\'=HYPERLINK("x")' in cells
    assert "'－1 Ñandú, “North”" in cells


@pytest.mark.parametrize("text", ["=1", "+1-800", "-x", "@a", "\t=1", " =1", "\x00=1", "\u00a0=1", "＝1", "\r=1"])
def test_a_formula_is_kept_as_text(text):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["North", "6–10", "1 = 1", "", "*"])
def test_plain_text_is_left_as_it_is(text):
    assert safe_cell(text) == text


def test_the_flat_table_holds_every_cell_once_and_plain(odd_report):
    rows = read_csv(odd_report)
    found = [row["value"] for row in rows if row["row"] == '\'=HYPERLINK("x")']
    assert found == ["1262", "21.9", "0.8", "4.5", "1081"]
    hidden = [row["value"] for row in rows if "Peña" in row["row"]]
    assert hidden == ["*", "*", "*", "", "*"]
    least = [row["value"] for row in rows if "Ñandú" in row["row"]]
    assert least == ["12", "100.0", "-3.1", "10.5", "-12"]
    assert {row["delivery_id"] for row in rows} == {"0002-ab12cd34"}
    size = sum((len(table.columns) - 1) * (len(table.rows) + bool(table.total)) for table in odd_report.tables)
    assert len(rows) == size + len(odd_report.figures)


def test_no_two_lines_of_the_flat_table_have_one_name(seed_report):
    names = [(row["table"], row["row"], row["column"]) for row in read_csv(seed_report)]
    assert len(set(names)) == len(names)


# The workbook


def sheets(report: Report) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(render(report, "xlsx")))


def test_numbers_of_the_workbook_are_numbers_and_no_string_is_a_formula(odd_report, seed_report):
    for report in (odd_report, seed_report):
        book = sheets(report)
        for sheet in book:
            assert not [cell for row in sheet for cell in row if cell.data_type == "f"]
        for table, sheet in zip(report.tables, book.worksheets[1:], strict=True):
            held = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4, max_col=len(table.columns))]
            wanted = [*table.rows, *([table.total] if table.total else [])]
            for row, cells in zip(wanted, held, strict=False):
                for column, cell, value in zip(table.columns, row, cells, strict=True):
                    if isinstance(cell, int):
                        is_tenths = column.kind in ("percent", "points", "days")
                        assert isinstance(value, int | float)
                        assert value == (cell / 10 if is_tenths else cell)
                    else:
                        assert (value or None) == (cell or None)


def test_the_workbook_says_what_it_is(odd_report):
    book = sheets(odd_report)
    assert book.sheetnames == ["Summary", "Levels", "Grades", "Goal"]
    assert book.properties.title == odd_report.title
    first = [cell.value for row in book["Summary"] for cell in row if cell.value]
    assert first[0] == odd_report.title
    assert {*odd_report.sentences, *odd_report.rules, "Enrolled", "1,262"} <= set(first)


# The page


class Page(HTMLParser):
    """Reads a page and remembers what was opened, what is missing an end, and the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.wrong: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data):
        self.text.append(data)


def test_the_page_opens_and_closes_every_element(odd_report, seed_report, nobody):
    for report in (odd_report, seed_report, nobody):
        page = Page(render(report, "html").decode())
        assert not page.wrong
        assert not page.open
        assert page.tags[0] == ("html", {"lang": "en"})
        ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
        assert len(set(ids)) == len(ids)
        assert sum(tag == "h1" for tag, _ in page.tags) == 1
        assert sum(tag == "table" for tag, _ in page.tags) == len(report.tables)
        assert not [tag for tag, _ in page.tags if tag in ("script", "link", "img", "iframe", "b")]


def test_the_page_loads_nothing_from_elsewhere(seed_report):
    page = Page(render(seed_report, "html").decode())
    outside = [value for _, attrs in page.tags for name, value in attrs.items() if name in ("src", "href", "action")]
    assert not outside


def test_the_page_shows_every_sentence_figure_and_cell(odd_report, seed_report):
    for report in (odd_report, seed_report):
        page = Page(render(report, "html").decode())
        text = set(page.text)
        assert {report.title, *report.sentences, *report.rules} <= text
        cells = {
            shown(cell, column.kind)
            for table in report.tables
            for row in table.rows
            for column, cell in zip(table.columns, row, strict=True)
        }
        assert cells - {""} <= text


# The pictures


def test_a_picture_is_whole_and_says_in_words_what_it_shows(odd_report):
    for picture in (level_bar(odd_report), goal_chart(odd_report)):
        page = Page(picture)
        assert not page.wrong
        assert not page.open
        assert page.tags[1][0] == "title"
    words = "".join(Page(goal_chart(odd_report)).text)
    assert "now: 73.3 percent on school day 10, 42.0 percent on school day 45" in words
    assert "Alert < 40.0 percent" in "".join(Page(level_bar(odd_report)).text)


def test_the_bar_is_as_long_as_its_shares(seed_report):
    widths = [float(attrs["width"]) for tag, attrs in Page(level_bar(seed_report)).tags if tag == "rect"]
    # The toolkit's printed shares add up to 99.9; the bar does not pretend otherwise.
    assert sum(share for _, _, share in seed_report.levels) == 999
    assert sum(widths) == pytest.approx(720 * 0.999, abs=0.3)
    assert in_tenths(sum(share for _, _, share in seed_report.levels)) == "99.9"


def test_text_columns_are_the_only_ones_on_the_left(odd_report):
    page = Page(render(odd_report, "html").decode())
    heads = [attrs.get("class") for tag, attrs in page.tags if tag == "th" and attrs["scope"] == "col"]
    kinds = [column.kind for table in odd_report.tables for column in table.columns]
    assert [head == "n" for head in heads] == [kind != TEXT for kind in kinds]
