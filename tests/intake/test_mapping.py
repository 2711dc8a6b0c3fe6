"""Mapping files: defaults of a family, complaints with file and key, and the keep filter."""

import re
from datetime import date
from pathlib import Path

import duckdb
import pytest

from allpresent.intake import check_delivery
from allpresent.intake.keep import keep_condition
from allpresent.intake.mapping import SHIPPED, load_mapping
from allpresent.intake.mapping_tables import Condition
from allpresent.intake.rules import IntakeError
from allpresent.intake.sources.conditions import Conditions, flag


def load(tmp_path: Path, text: str) -> object:
    path = tmp_path / "district.yaml"
    path.write_text(text, encoding="utf-8")
    return load_mapping(path)


def test_own_file_is_laid_over_the_defaults_of_its_family(tmp_path: Path) -> None:
    text = """
    source: powerschool_dem
    tables:
      attendance: {file: "marks*.txt", keep: "mode == 'ATT_ModeDaily'"}
    """
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    mapping = load_mapping(path)
    assert mapping.tables["attendance"].file == ("marks*.txt",)
    assert mapping.tables["attendance"].columns["date"] == "att_date"
    assert mapping.membership.exit_date == "exclusive"


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_mapping_can_be_read(path: Path) -> None:
    assert load_mapping(path).tables


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("codes: {unknown: present}", "the key codes.unknown"),
        ("membership: {negative_attendance: false}", "the key membership.negative_attendance"),
        ("dates: {two_digit_year: 1970-2050}", "has to be a hundred years"),
        ("codes: {table: [{code: A, category: ill}]}", "the key codes.table.0.category"),
        (
            "codes: {table: [{code: A, category: absent, ceds: 13302}]}",
            "the key codes.table.0.ceds: nothing reads such a key; correct it",
        ),
        ("delivers: weeks", "the key delivers"),
        ("tables: {attendance: {file: a.csv, nothing: [{when: {A: ''}}]}}", "and there are no parts"),
        ("tables: {attendance: {file: a.csv, parts: [{}], nothing: [{}]}}", "has to name the labels"),
        ("tabels: {}", "the key tabels"),
        ("source: [", "line"),
    ],
)
def test_complaint_names_the_file_and_the_key(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(IntakeError, match=said) as caught:
        load(tmp_path, text)
    assert "district.yaml" in str(caught.value)


def test_keep_filter_becomes_a_condition_over_the_mapped_columns() -> None:
    condition = keep_condition("mode == 'Daily' and not school in ['1', '2'] or code != ''", {"mode", "school", "code"})
    assert condition == (
        "((coalesce(trim(\"mode\"), '') = 'Daily' AND (NOT coalesce(trim(\"school\"), '') IN ('1', '2')))"
        " OR coalesce(trim(\"code\"), '') <> '')"
    )


@pytest.mark.parametrize("text", ["mode ==", "__import__('os')", "mode > 3", "other == 'x'", "mode", "mode == date"])
def test_keep_filter_beyond_the_small_language_is_refused(text: str) -> None:
    with pytest.raises(IntakeError, match="cannot be read"):
        keep_condition(text, {"mode"})


def test_keep_filter_quotes_what_it_compares_with() -> None:
    assert "''; DROP" in keep_condition('mode == "\'; DROP TABLE x"', {"mode"})


@pytest.mark.parametrize(
    ("condition", "fits", "does_not"),
    [
        ({"when": {"a": ["0"]}}, ["0", "0.00", ".000", "0.", "-0.0", "+0"], ["", "00", "0x", ".", "1", "0e0"]),
        ({"when": {"a": ["1", "Y"]}}, ["1", "1.0", " y "], ["01", "10", "1.01"]),
        ({"when": {"a": ["01"]}}, ["01"], ["1", "1.0"]),
        ({"when": {"a": [""]}}, ["", "  ", "NULL"], ["null?", "0"]),
        ({"unless": {"a": ["", "0"]}}, ["1", "x"], ["", "NULL", "0.0000"]),
        ({"says_yes": ["a"]}, ["1", "T", "true", "Yes", "y", "1.0"], ["", "0", "no", "2", "x"]),
        ({"says_no": ["a"]}, ["", "NULL", "0", "0.00", "N", "False"], ["1", "x", "-1", "none"]),
        ({"above_zero": ["a"]}, ["1", "0.01", ".5", "+2", "10.0", "007"], ["", "0", "0.00", "-1", "1e3", "x", "1.5.1"]),
        ({"above_zero": ["b"]}, [], ["1"]),
        ({"says_no": ["b"]}, ["1"], []),
    ],
)
def test_conditions_compare_numbers_as_numbers_and_words_as_words(
    condition: dict[str, object], fits: list[str], does_not: list[str]
) -> None:
    """The label b is in no file: blank."""
    one = Condition.model_validate(condition)
    texts = [*fits, *does_not]
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE rows (place INTEGER, a VARCHAR)")
        connection.executemany("INSERT INTO rows VALUES (?, ?)", [*enumerate(texts), (-1, None)])
        weighed = Conditions({"a"}, {"", "NULL"}).weighed("rows", [one])
        blank, *flags = connection.execute(f"SELECT {flag(0)} FROM ({weighed}) ORDER BY place").fetchall()
    assert blank != (None,)
    told = {text: flag for text, (flag,) in zip(texts, flags, strict=True)}
    assert told == dict.fromkeys(fits, True) | dict.fromkeys(does_not, False)


def test_parts_of_marks_without_a_category_are_refused(tmp_path: Path) -> None:
    """What no part fits would be left out there, and so be present."""
    files = tmp_path / "files"
    files.mkdir()
    (files / "attendance.csv").write_text("studentid\n1\n", encoding="utf-8")
    own = tmp_path / "own.yaml"
    own.write_text("source: powerschool\ntables: {attendance: {parts: [{when: {code: A}}]}}\n", encoding="utf-8")
    with pytest.raises(IntakeError, match="The mapping reads attendance in parts"):
        check_delivery(tmp_path, "powerschool", files, mapping=own, today=date(2026, 9, 12))


def test_a_family_says_what_it_delivers(tmp_path: Path) -> None:
    assert load_mapping(SHIPPED / "clever.yaml").delivers == "days"
    assert load_mapping(SHIPPED / "aspen.yaml").delivers == "year"
    path = tmp_path / "own.yaml"
    path.write_text("source: clever\n", encoding="utf-8")
    assert load_mapping(path).delivers == "days"


def test_every_mapping_of_the_page_is_one(tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs" / "how-to" / "write-a-mapping.md"
    blocks = re.findall(r"^( *)```yaml[^\n]*\n(.*?)^ *```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert len(blocks) >= 6
    for indent, text in blocks:
        whole = "".join(line.removeprefix(indent) for line in text.splitlines(keepends=True))
        # An excerpt shows no file of its table, and a table cannot be without.
        load(
            tmp_path,
            re.sub(r"^  (attendance|contacts):\n(?!    file)", r"  \1:\n    file: a.csv\n", whole, flags=re.MULTILINE),
        )
