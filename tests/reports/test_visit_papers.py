"""What visitors carry on paper: accessible, in its language, with the words printed as they are."""

import io
from dataclasses import replace
from pathlib import Path

import pdfua
import pikepdf
import pytest

from allpresent.reports.visit_papers import (
    DaySheetPaper,
    LeaveBehindPaper,
    VisitOnPaper,
    render_day_sheet,
    render_leave_behind,
)
from tests.papers import text_of

VISIT = VisitOnPaper(
    head="Peña #strong[x] $y$ · grade 7",
    lines=("Fri 6 Nov, 17:30 – 18:15", "In person · Grace Lane and Sol Ortiz"),
    boxes=("Completed", "Attempted, nobody met"),
    blanks=("Who was met",),
)
SHEET = DaySheetPaper(
    "en", "Visits on Friday 6 November", "Grace Lane · Elm Harbor", (VISIT,), "", "Keep it.", "page {page} of {pages}"
)
CARD = LeaveBehindPaper("es", "Saludos de la escuela Linden", ("Pasamos hoy.", "Llame usted."), "Grace Lane", "Elm H.")


@pytest.mark.parametrize("count", [0, 1, 9])
def test_day_sheet_passes_every_check_of_accessibility(tmp_path: Path, count: int) -> None:
    path = tmp_path / "sheet.pdf"
    path.write_bytes(render_day_sheet(replace(SHEET, visits=(VISIT,) * count, none="No visit.")))
    assert not [finding.message for finding in pdfua.validate(str(path)).findings]


def test_card_passes_every_check_of_accessibility(tmp_path: Path) -> None:
    path = tmp_path / "card.pdf"
    path.write_bytes(render_leave_behind(CARD))
    assert not [finding.message for finding in pdfua.validate(str(path)).findings]


@pytest.mark.parametrize("language", ["en", "es"])
def test_papers_are_said_to_be_in_their_language(language: str) -> None:
    papers = (
        (render_day_sheet(replace(SHEET, language=language)), SHEET.title),
        (render_leave_behind(replace(CARD, language=language)), CARD.title),
    )
    for made, title in papers:
        with pikepdf.open(io.BytesIO(made)) as pdf:
            assert str(pdf.Root.Lang) == language
            assert len(pdf.pages) == 1
            with pdf.open_metadata() as about:
                assert (about["dc:title"], about["pdfuaid:part"]) == (title, "1")


def test_words_are_printed_as_they_are() -> None:
    for made, texts in (
        (render_day_sheet(SHEET), (SHEET.title, VISIT.head, *VISIT.lines, *VISIT.boxes, *VISIT.blanks, SHEET.foot)),
        (render_leave_behind(CARD), (CARD.title, *CARD.lines, CARD.signed)),
    ):
        said = text_of(made)
        for words in texts:
            assert " ".join(words.split()) in said


def test_same_papers_give_the_same_bytes() -> None:
    assert render_day_sheet(SHEET) == render_day_sheet(SHEET)
    assert render_leave_behind(CARD) == render_leave_behind(CARD)
