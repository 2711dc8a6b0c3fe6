"""The report on paper: a PDF that a screen reader can read, with its title, language, tags and tables."""

import io
from dataclasses import replace
from pathlib import Path

import pdfua
import pikepdf
import pytest

from allpresent.reports import Report, render
from allpresent.reports.document import shown
from tests.papers import text_of


@pytest.fixture(scope="module", params=["odd_report", "seed_report", "nobody"])
def report(request: pytest.FixtureRequest) -> Report:
    return request.getfixturevalue(request.param)


def test_the_pdf_passes_every_check_of_accessibility(report: Report, tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(render(report, "pdf"))
    checked = pdfua.validate(str(path))
    assert not [f"{finding.rule_id}: {finding.message}" for finding in checked.findings]
    assert len(checked.outcomes) > len(checked.skipped)


def kinds_of(node: pikepdf.Object) -> list[str]:
    """The kinds of every structure element below one, in reading order."""
    if not isinstance(node, pikepdf.Dictionary):
        return []
    held = [str(node["/S"])] if "/S" in node else []
    children = node.get("/K")
    below = list(children) if isinstance(children, pikepdf.Array) else [] if children is None else [children]
    return held + [kind for child in below for kind in kinds_of(child)]


def kinds_in(report: Report) -> list[str]:
    """The kinds of every structure element of a report's PDF."""
    with pikepdf.open(io.BytesIO(render(report, "pdf"))) as pdf:
        return kinds_of(pdf.Root.StructTreeRoot)


def test_the_pdf_has_title_language_tags_and_its_tables(report: Report) -> None:
    with pikepdf.open(io.BytesIO(render(report, "pdf"))) as pdf:
        assert str(pdf.Root.Lang).lower() == "en-us"
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        with pdf.open_metadata() as about:
            assert about["dc:title"] == report.title
            assert about["pdfuaid:part"] == "1"
        kinds = kinds_of(pdf.Root.StructTreeRoot)
        assert kinds.count("/Table") >= len([table for table in report.tables if table.rows])
        assert kinds.count("/TH") >= sum(len(table.columns) for table in report.tables if table.rows)
        assert kinds.count("/H1") == 1
        assert kinds.count("/H2") == len(report.tables) + 1
        pictures = bool(report.levels) + bool(report.trend)
        assert kinds.count("/Figure") == pictures
        # No clock in it: the same report is the same file on another day.
        assert "/CreationDate" not in (pdf.docinfo or {})


def test_a_long_line_of_school_days_stands_in_two_tables_that_pass_too(odd_report: Report, tmp_path: Path) -> None:
    goal = odd_report.tables[-1]
    days = tuple((f"Last year, school day {number}", number) for number in range(10, 280, 10))
    tables = {rows: kinds_in(replace(odd_report, tables=(replace(goal, rows=rows),))) for rows in (days[:16], days)}
    assert [kinds.count("/Table") for kinds in tables.values()] == [1, 2]
    path = tmp_path / "report.pdf"
    path.write_bytes(render(replace(odd_report, tables=(replace(goal, rows=days),)), "pdf"))
    assert not pdfua.validate(str(path)).findings
    text = text_of(path.read_bytes(), as_laid_out=True)
    assert [name for name, _value in days if name not in text] == []


def test_every_cell_can_be_copied_out_as_text(seed_report: Report) -> None:
    text = text_of(render(seed_report, "pdf"), as_laid_out=True)
    for table in seed_report.tables:
        assert table.title in text
        for row in (*table.rows, *([table.total] if table.total else [])):
            for column, cell in zip(table.columns, row, strict=True):
                assert shown(cell, column.kind) in text
    assert "L1 On track 0–1 4,725 26.7%" in text
    assert "Total 17,679 100.0%" in text


@pytest.mark.parametrize(
    "name", ["－Full width", "學校 7", "مدرسة", "School 🏫", "A\x00B\tC", "e\u0301cole\u200b", "Đ\U000e0041"]
)
def test_a_name_without_letterforms_does_not_stop_the_report(odd_report: Report, name: str) -> None:
    named = replace(odd_report, sentences=(name,), district=name)
    made = render(named, "pdf")
    assert render(named, "pdf") == made
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert pdf.Root.MarkInfo.Marked
