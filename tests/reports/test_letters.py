"""Letters on paper: accessible, whole, in order, and a thousand of them in one pass."""

import io
import time
from dataclasses import replace
from pathlib import Path

import pdfua
import pikepdf
import pytest

from allpresent.reports import ReportError
from allpresent.reports.letters import LetterSheet, render_letters
from tests.papers import text_of

SHEET = LetterSheet(
    to="Lucía Delgado",
    about="Family of Mateo Ruiz Delgado · Linden Street School · grade 7",
    delivery="No address was delivered: hand this letter over.",
    day="5 November 2026",
    title="Mateo is missed at school",
    paragraphs=("Dear Lucía Delgado,", "The days are: Thu 3 and Fri 4 September.", "#strong[x] $y$ \\z <a> @b"),
)


def render(*sheets: LetterSheet, language: str = "en") -> bytes:
    return render_letters(sheets, district="Elm Harbor", title="Letters of 5 November", language=language)


@pytest.mark.parametrize("count", [1, 3])
def test_letters_pass_every_check_of_accessibility(tmp_path: Path, count: int) -> None:
    path = tmp_path / "letters.pdf"
    path.write_bytes(render(*[SHEET] * count))
    assert not [finding.message for finding in pdfua.validate(str(path)).findings]


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_page_a_letter_in_its_language(language: str) -> None:
    with pikepdf.open(io.BytesIO(render(*[SHEET] * 4, language=language))) as pdf:
        assert len(pdf.pages) == 4
        assert str(pdf.Root.Lang).lower() == f"{language}-us"
        with pdf.open_metadata() as about:
            assert about["dc:title"] == "Letters of 5 November"
            assert about["pdfuaid:part"] == "1"


def test_the_words_are_printed_as_they_are() -> None:
    said = text_of(render(SHEET))
    for words in (SHEET.to, SHEET.title, SHEET.delivery, *SHEET.paragraphs):
        assert " ".join(words.split()) in said


def test_the_same_letters_give_the_same_bytes() -> None:
    assert render(SHEET) == render(SHEET)


def test_a_letterform_the_fonts_lack_does_not_stop_the_print() -> None:
    assert render(replace(SHEET, to="李 Mei\x00")).startswith(b"%PDF")


def test_no_letter_is_no_file() -> None:
    with pytest.raises(ReportError, match="no letter"):
        render()


def test_a_thousand_letters_take_seconds_of_work() -> None:
    sheets = [replace(SHEET, to=f"Family {number}") for number in range(1000)]
    render(SHEET)
    began = time.process_time()
    made = render(*sheets)
    assert time.process_time() - began < 15
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert len(pdf.pages) == 1000
