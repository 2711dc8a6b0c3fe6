"""The words of letters: checked when read, filled in one pass, and complete in both languages."""

from datetime import date
from pathlib import Path

import pytest

from allpresent.policy import PolicyError
from allpresent.policy.letters import KEYS, LANGUAGES, LEGAL, LetterError, LetterTemplate, load_letters, read_letter

VALUES = {name: f"<{name}>" for name in LEGAL}
HEAD = """---
key: improvement_note
language: en
version: 2026-09-01
status: approved
source: The district
title: Hello
placeholders: [{names}]
---

{words}
"""


def write(folder: Path, words: str, names: str, name: str = "improvement_note.en.md") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(HEAD.replace("{names}", names).replace("{words}", words), encoding="utf-8")
    return path


def template(text: str, *names: str) -> LetterTemplate:
    return LetterTemplate("improvement_note", "en", date(2026, 9, 1), "approved", "x", "Hello", names, text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", KEYS)
def test_every_letter_tells_days_goal_whom_to_call_and_offers_an_interpreter(tmp_path, key, language):
    found = load_letters(tmp_path).template(key, language)
    assert {"dates", "days_absent", "goal", "phone", "school"} <= set(found.placeholders)
    assert "2-1-1" in found.text
    assert {"en": "interpreter", "es": "intérprete"}[language] in found.text
    assert found.status == "needs district approval"
    assert "!" not in found.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", KEYS)
def test_sentences_are_short(tmp_path, key, language):
    words = load_letters(tmp_path).template(key, language).text
    sentences = [part.split() for part in words.replace(":", ".").replace("\n\n", ". ").split(". ")]
    assert max(map(len, sentences)) <= 22
    assert sum(map(len, sentences)) / len(sentences) <= 11


def test_a_letter_is_filled_and_what_a_value_holds_is_never_read_as_a_name():
    words = template("Dear {family}, call {phone}.", "family", "phone").fill(
        VALUES | {"family": "{phone} {0.__class__}"}
    )
    assert words.paragraphs == ("Dear {phone} {0.__class__}, call <phone>.",)


def test_a_name_without_a_value_is_said():
    with pytest.raises(LetterError, match="the number families call"):
        template("Call {phone}.", "phone").fill(VALUES | {"phone": " "})


@pytest.mark.parametrize(
    ("words", "names", "said"),
    [
        ("{student.__class__}", "student", "is not a name a letter may use"),
        ("{ssn}", "ssn", "{ssn} is not a name a letter may use"),
        ("{student}", "", "is used and not listed"),
        ("Hello", "student", "is listed under placeholders and not used"),
        ("{student", "student", "a brace stands alone"),
        ("{{student}}", "student", "a brace stands alone"),
    ],
)
def test_foreign_names_are_refused_when_read(tmp_path, words, names, said):
    with pytest.raises(PolicyError) as refused:
        read_letter(write(tmp_path, words, names))
    assert said in str(refused.value)
    assert "improvement_note.en.md" in str(refused.value)


def test_a_districts_own_words_go_first_and_bad_ones_are_not_replaced_in_silence(tmp_path):
    write(tmp_path / "letters", "Dear {family}.", "family")
    book = load_letters(tmp_path)
    assert book.template("improvement_note", "en").text == "Dear {family}."
    write(tmp_path / "letters", "Dear {mother}.", "family")
    with pytest.raises(LetterError, match="mother"):
        load_letters(tmp_path).template("improvement_note", "en")


def test_a_file_is_named_after_what_it_holds(tmp_path):
    with pytest.raises(PolicyError, match=r"call it improvement_note\.en\.md"):
        read_letter(write(tmp_path, "Dear {family}.", "family", "improvement_note.es.md"))


def test_whom_to_call_is_said_by_school(tmp_path):
    assert load_letters(tmp_path).phone_of("11") == ""
    (tmp_path / "letters.yaml").write_text('phone: 203 555 0100\nschools:\n  "11": 203 555 0111\n', encoding="utf-8")
    book = load_letters(tmp_path)
    assert (book.phone_of("11"), book.phone_of("21")) == ("203 555 0111", "203 555 0100")
