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
from tests.papers import places_of, text_of

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


HOME = replace(SHEET, address=("12 Lantern Street Apt 3", "c/o Moss", "Elm Harbor CT 06599"))
INCH = 72


@pytest.mark.parametrize("sheets", [[SHEET], [SHEET, HOME, SHEET]], ids=["one", "three"])
def test_letters_pass_every_check_of_accessibility(tmp_path: Path, sheets: list[LetterSheet]) -> None:
    path = tmp_path / "letters.pdf"
    path.write_bytes(render(*sheets))
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


def test_the_window_of_an_envelope_shows_name_and_address_and_nothing_else() -> None:
    """An envelope No. 10: the sheet, folded in three, slides under the window by up to half an inch."""
    words = places_of(render(HOME))
    inside = [one for one in words if one[2] > 2.04 * INCH and one[1] < 3.625 * INCH and one[3] < 5.375 * INCH]
    assert " ".join(one[0] for one in inside) == " ".join((HOME.to, *HOME.address))
    always = [one for one in inside if one[1] > 2.45 * INCH and one[2] < 3.25 * INCH]
    assert always == inside
    assert min(one[3] for one in inside) > 1 * INCH
    assert max(one[4] for one in inside) < 4.375 * INCH


def test_who_hands_a_letter_over_is_told_only_where_there_is_no_address() -> None:
    assert SHEET.about in text_of(render(SHEET))
    assert SHEET.about not in text_of(render(HOME))
    assert SHEET.delivery not in text_of(render(HOME))


def test_a_long_address_stays_above_the_letter() -> None:
    lines = ("A very long street of many words that goes on and on, apartment 17", "Box", "Rear", "Elm Harbor CT 06599")
    words = places_of(render(replace(SHEET, to="Lucía Delgado Fernández de la Vega and Andrés Ruiz", address=lines)))
    title = next(one[1] for one in words if one[0] == "Mateo")
    assert next(one[2] for one in words if one[0] == "06599") < title
