"""Ids of places that a spreadsheet rounded: several schools would be shown as one."""

from pathlib import Path

import pytest

from allpresent.intake.published import check_published

HEADER = "SCHOOL_YEAR,STNAM,NCESSCH,SCHNAM,SUBGROUP,NUMERIC_VALUE\n"


def row(school: str, grade: str = "ALL") -> str:
    return f"2020-2021,CONNECTICUT,{school},Elm,{grade},31\n"


def test_a_rounded_id_is_an_error_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "c195.csv").write_text(HEADER + row("090279000111") + row("9.0279E+10"), encoding="utf-8")
    check = check_published(tmp_path, None, 1)
    assert [one["geo_id"] for one in check.tables["aggregates"].to_pylist()] == ["090279000111"]
    faults = [(fault.rule, fault.severity, fault.line, fault.value) for _, fault in check.faults]
    assert faults == [("I01", "error", 3, "9.0279E+10")]
    assert check.counts[0].errors == 1
    assert check.why_held


@pytest.mark.parametrize("school", ["01E015", "E09000001", '="090279000111"'])
def test_an_id_with_a_letter_is_none(tmp_path: Path, school: str) -> None:
    (tmp_path / "c195.csv").write_text(HEADER + row(school), encoding="utf-8")
    assert check_published(tmp_path, None, 1).tables["aggregates"]["geo_id"].to_pylist() == [school.strip('="')]
