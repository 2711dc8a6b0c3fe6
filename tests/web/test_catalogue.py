"""The catalogues: every text of the program in Spanish, nothing left over, compiled as written, placeholders kept."""

import gettext
import re

import polib
import pytest

from tools.compile_catalogues import (
    LANGUAGES,
    Text,
    catalogue_path,
    compiled,
    find_texts,
    merged_catalogue,
    read_catalogue,
    untranslated,
)

PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
# Words that are the same in both languages.
SAME = {"No", "Total", "PDF", "CSV", "Excel", "All Present", "error", "mentor", "plan"}


@pytest.fixture(scope="module")
def texts() -> dict[str, Text]:
    return find_texts()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_has_words(language: str) -> None:
    assert untranslated(read_catalogue(language)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_holds_the_texts_of_the_program_and_no_other(language: str, texts: dict[str, Text]) -> None:
    written = {(entry.msgid, entry.msgid_plural) for entry in read_catalogue(language)}
    assert written == {(text.msgid, text.plural) for text in texts.values()}, (
        "run python tools/compile_catalogues.py and add the words it asks for"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_catalogue_is_the_written_one(language: str) -> None:
    assert catalogue_path(language, ".mo").read_bytes() == compiled(read_catalogue(language))


def forms(entry: polib.POEntry) -> list[tuple[str, str]]:
    """Each translation beside the text it stands for."""
    if entry.msgid_plural:
        return [(entry.msgid, entry.msgstr_plural[0]), (entry.msgid_plural, entry.msgstr_plural[1])]
    return [(entry.msgid, entry.msgstr)]


def test_placeholders_survive_translation() -> None:
    for entry in read_catalogue("es"):
        for said, words in forms(entry):
            assert set(PLACEHOLDER.findall(said)) == set(PLACEHOLDER.findall(words)), said
            assert said.count("%%") == words.count("%%"), said
            assert said.count("<strong>") == words.count("<strong>"), said


def test_nothing_is_left_in_english() -> None:
    same = {said for entry in read_catalogue("es") for said, words in forms(entry) if said == words}
    bare = {PLACEHOLDER.sub("", text).strip() for text in same}
    assert {text for text in bare if re.search(r"[a-z]{2}", text)} <= SAME


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_shouts(language: str) -> None:
    assert [words for entry in read_catalogue(language) for _said, words in forms(entry) if "!" in words] == []


def test_spanish_is_found_by_gettext() -> None:
    with catalogue_path("es", ".mo").open("rb") as file:
        spanish = gettext.GNUTranslations(file)
    assert spanish.gettext("My calls") == "Mis llamadas"
    assert spanish.ngettext("%(count)d student", "%(count)d students", 2) == "%(count)d estudiantes"


def test_new_text_would_be_missed(texts: dict[str, Text]) -> None:
    more = texts | {"A text nobody translated": Text("A text nobody translated", "", "x.py")}
    assert untranslated(merged_catalogue("es", more))[-1:] == ["A text nobody translated"]


def test_spanish_writes_its_months_small() -> None:
    formats = {
        entry.msgid: entry.msgstr for entry in read_catalogue("es") if re.fullmatch("[DljMFYHi:, ]+", entry.msgid)
    }
    assert "j M Y" in formats
    assert [one for one in formats.values() if "M" in one] == []
