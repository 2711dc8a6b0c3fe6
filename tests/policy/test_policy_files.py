"""Policy files are read narrowly, and what is wrong in them is said with file, line and key."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from allpresent.policy import PolicyError, read_policy


def write(folder: Path, text: str) -> Path:
    path = folder / "some.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("no", "no"),
        ("on", "on"),
        ("true", True),
        ("012", "012"),
        ("12", 12),
        ("7:30", "7:30"),
        ("0.1", Decimal("0.1")),
        ("1e3", "1e3"),
        ("2026-08-31", date(2026, 8, 31)),
        ("~", None),
        ("1/10", "1/10"),
    ],
)
def test_a_value_is_read_as_a_person_reads_it(tmp_path, said, meant):
    value = read_policy(write(tmp_path, f"key: {said}"))["key"]
    assert value == meant
    assert type(value) is type(meant)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3: `a` is set twice (first in line 1); keep one of them."),
        ("a: &x 1\nb: *x\n", "line 2: write the value out instead of an alias (*)"),
        ("a: 2026-02-30\n", "line 1: `2026-02-30` is not a day of the calendar."),
        ("[a, b]: c\n", "line 1: a key has to be a word, not a list."),
        ("- a\n- b\n", "line 1: the file has to be a list of `key: value` lines."),
        ("a: [1, 2\n", "check indentation, colons and quotes."),
        ("a: !!python/object/apply:os.system [x]\n", "line 1: take out the tag"),
        ("a: !!python/name:os.system x\n", "line 1: take out the tag"),
        ("a: !secret x\n", "line 1: take out the tag"),
        ("a: " + "[" * 3000 + "]" * 3000, "nested too deeply"),
        ("a: b: c\n", "line 1: mapping values are not allowed here"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(tmp_path, text, said):
    path = write(tmp_path, text)
    with pytest.raises(PolicyError) as refused:
        read_policy(path)
    assert said in str(refused.value)
    assert str(path) in str(refused.value)


def test_a_missing_or_foreign_file_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(PolicyError, match="cannot be read"):
        read_policy(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes("name: Peña".encode("cp1252"))
    with pytest.raises(PolicyError, match="not UTF-8"):
        read_policy(tmp_path / "latin.yaml")
    (tmp_path / "control.yaml").write_bytes(b"name: a\x00b")
    with pytest.raises(PolicyError, match="YAML does not allow"):
        read_policy(tmp_path / "control.yaml")


def test_an_empty_file_is_an_empty_section(tmp_path):
    assert read_policy(write(tmp_path, "# nothing yet\n")) == {}


def test_a_key_is_its_word_as_written(tmp_path):
    assert list(read_policy(write(tmp_path, "null: 1\non: 2\n2026: 3\n"))) == ["null", "on", "2026"]


def test_problems_name_the_key_below_its_sections_and_its_line(tmp_path):
    section = read_policy(write(tmp_path, "first:\n  second:\n    - days: many\n    - days: 3\n"))
    for below in section.section("first").sections("second"):
        below.whole("days", low=1, high=5)
    assert [said.split("some.yaml, ")[1] for said in section.problems] == [
        "line 3: first.second[1].days is `many`; it has to be a whole number from 1 to 5."
    ]
    with pytest.raises(PolicyError, match=r"first\.second\[1\]\.days"):
        section.check()


def test_every_reader_says_what_it_wants(tmp_path):
    section = read_policy(write(tmp_path, "a: {b: 1}\n"))
    assert (section.text("a"), section.flag("a"), section.day("a").year) == ("", False, 2000)
    assert (section.fraction("a"), section.texts("a"), section.one_of("a", ("x", "y"))) == (Fraction(0), (), "x")
    assert section.words("a") == {"en": "-", "es": "-"}
    assert section.sections("a") == ()
    assert section.whole("missing") == 0
    assert len(section.problems) == 9
    assert "it has to be said in en and es" in section.problems[6]
    assert "missing is missing; it has to be a whole number" in section.problems[8]


def test_a_misspelled_key_is_never_taken_for_a_set_one(tmp_path):
    section = read_policy(write(tmp_path, "minimum_day: 10\n"))
    section.only("minimum_days", "name")
    assert "did you mean `minimum_days`" in section.problems[0]


def test_nothing_is_built_from_values_already_refused(tmp_path):
    section = read_policy(write(tmp_path, "a: [x]\n"))
    section.whole("a")
    assert section.build(lambda **_: pytest.fail("built from a blank")) is None


def test_fractions_are_exact(tmp_path):
    section = read_policy(write(tmp_path, "a: 1/10\nb: 12.5\nc: 3\nd: 1/0\ne: true\n"))
    assert [section.fraction(key) for key in "abc"] == [Fraction(1, 10), Fraction(25, 2), Fraction(3)]
    section.fraction("d")
    section.fraction("e")
    assert len(section.problems) == 2
