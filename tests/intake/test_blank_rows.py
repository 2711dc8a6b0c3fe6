"""Lines of delimiters alone, as a spreadsheet leaves them below its table: blank lines, and no rows."""

from pathlib import Path

import pytest

from tests.intake.folders import PLAIN, check


@pytest.mark.parametrize("name", sorted(PLAIN))
def test_a_line_of_delimiters_is_a_blank_line(tmp_path: Path, name: str) -> None:
    width = PLAIN[name].splitlines()[0].count(",") + 1
    blank = "".join(",".join([cell] * width) + "\n" for cell in ("", " ", '""', ""))
    plain = check(tmp_path, PLAIN)
    checked = check(tmp_path, PLAIN | {name: PLAIN[name] + blank})
    assert (checked.exit_code, list(checked.findings)) == (plain.exit_code, list(plain.findings))
    assert [count.rows_read for count in checked.counts] == [count.rows_read for count in plain.counts]
    assert checked.tables["attendance"].equals(plain.tables["attendance"])


def test_a_blank_line_between_rows_keeps_their_lines(tmp_path: Path) -> None:
    header, first, *rest = PLAIN["students.csv"].splitlines()
    files = PLAIN | {"students.csv": "\n".join([header, first, "," * header.count(","), *rest]) + "\n"}
    lines = check(tmp_path, files).tables["students"]["line_no"].to_pylist()
    assert lines == [2, *range(4, 4 + len(rest))]


def test_a_line_of_fewer_delimiters_is_no_row_and_no_blank_line(tmp_path: Path) -> None:
    """It may be what is left of a row that was cut."""
    name = "attendance.csv"
    short = "," * (PLAIN[name].splitlines()[0].count(",") - 1) + "\n"
    checked = check(tmp_path, PLAIN | {name: PLAIN[name] + short})
    assert [one.line for one in checked.findings if one.rule == "R01" and one.severity == "error"] == [
        len(PLAIN[name].splitlines()) + 1
    ]


def test_a_delimiter_too_many_at_the_end_of_a_line_is_named(tmp_path: Path) -> None:
    text = PLAIN["attendance.csv"].replace("day,,\n", "day,,,\n", 1)
    checked = check(tmp_path, PLAIN | {"attendance.csv": text})
    (message,) = [one.message for one in checked.findings if one.rule == "R01" and one.severity == "error"]
    assert "has 13 fields where the header has 12, and ends in a delimiter: it is one too many" in message
