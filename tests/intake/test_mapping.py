"""Mapping files: defaults of a family, complaints with file and key, and the keep filter."""

from pathlib import Path

import pytest

from allpresent.intake.keep import keep_condition
from allpresent.intake.mapping import SHIPPED, load_mapping
from allpresent.intake.rules import IntakeError


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
