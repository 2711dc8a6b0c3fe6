"""Canonical files, quarantine and findings as they are written."""

from fractions import Fraction
from pathlib import Path

import pytest

from allpresent import intake
from allpresent.intake.export import disarmed, portion_text
from tests.intake.folders import MARKS, PLAIN, check, check_marks, read_csv


@pytest.mark.parametrize(
    ("portion", "text"),
    [
        ("0", "0"),
        ("1", "1"),
        ("1/2", "0.5"),
        ("1/4", "0.25"),
        ("1/8", "0.125"),
        ("7/20", "0.35"),
        ("1/3", "1/3"),
        ("5/6", "5/6"),
    ],
)
def test_portion_is_written_exactly(portion: str, text: str) -> None:
    exact = Fraction(portion)
    assert portion_text(exact.numerator, exact.denominator) == text
    assert Fraction(text) == exact


def test_unknown_portion_is_blank() -> None:
    assert portion_text(None, None) is None


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", " =1", "\t1", "\r1", "\0=1"])
def test_formula_is_disarmed(text: str) -> None:
    assert disarmed(text) == "'" + text


@pytest.mark.parametrize("text", ["", "a=1", "1-2", "O'Neil"])
def test_plain_text_stays(text: str) -> None:
    assert disarmed(text) == text


def test_findings_are_csv_with_the_line_and_what_to_do(tmp_path: Path) -> None:
    checked = check_marks(tmp_path, "0501,100,2026-09-01,1,=ZZ,,,,,day,,")
    lines = intake.findings_csv(checked).splitlines()
    assert lines[0] == "rule,severity,file,line,field,value,message"
    assert lines[2].startswith("K01,error,attendance.csv,2,code,'=ZZ,")
    assert lines[2].endswith('post again."') or lines[2].endswith("post again.")


def test_clean_delivery_has_a_header_of_findings_and_nothing_else(tmp_path: Path) -> None:
    assert intake.findings_csv(check(tmp_path)) == "rule,severity,file,line,field,value,message\n"


def test_quarantine_gives_the_physical_line_as_it_stood(tmp_path: Path) -> None:
    checked = check_marks(
        tmp_path,
        '0501,100,2026-09-01,1,A,absent,0,0,"two\nlines",day,,',
        "0501,100,2026-09-05,1,A,absent,0,0,,day,,",
        "-7,100",
        "0501,100,2026-09-02,1,ZZ,,,,123-45-6789,day,,",
    )
    intake.export_canonical(checked, tmp_path / "out")
    listed = read_csv(tmp_path / "out" / "quarantine.csv")
    assert [(row["line_no"], row["rule"], row["severity"], row["raw"]) for row in listed] == [
        ("4", "D02", "warning", "0501,100,2026-09-05,1,A,absent,0,0,,day,,"),
        ("5", "R01", "error", "'-7,100"),
        ("6", "K01", "error", "0501,100,2026-09-02,1,ZZ,,,,[hidden],day,,"),
    ]
    assert list(listed[0]) == ["source_file", "line_no", "rule", "severity", "raw"]


def test_quarantine_hides_secrets_cell_by_cell_or_the_whole_line(tmp_path: Path) -> None:
    students = "student_id,full_name,pin\n0501,Ana,1234\n0502,Ben,2345\n0503,Cy,3456\n1E+5,Di,4567\n0504,5678\n"
    checked = check_marks(tmp_path, students=students)
    intake.export_canonical(checked, tmp_path / "out")
    raw = {row["line_no"]: row["raw"] for row in read_csv(tmp_path / "out" / "quarantine.csv")}
    assert raw["5"] == "1E+5,Di,[hidden]"
    assert raw["6"] == "[hidden]"


def test_every_canonical_file_is_written_with_its_columns(tmp_path: Path) -> None:
    written = intake.export_canonical(check(tmp_path), tmp_path / "out")
    heads = {path.name: path.read_text().splitlines()[0] for path in written}
    assert heads["attendance.csv"] == "source_file," + MARKS.strip()
    for name in ("schools.csv", "calendar_days.csv", "students.csv", "enrollments.csv"):
        assert heads[name] == "source_file," + PLAIN[name].splitlines()[0]
    assert heads["attendance_taken.csv"] == "source_file,school_id,date,section_id,taken_at"
    assert heads["contacts.csv"].endswith("may_contact,address,address_protected")


def test_unreadable_delivery_exports_its_quarantine_alone(tmp_path: Path) -> None:
    checked = check(tmp_path, PLAIN | {"students.csv": "nothing,to see\n1,2\n"})
    written = intake.export_canonical(checked, tmp_path / "out")
    assert [path.name for path in written] == ["quarantine.csv"]
    assert [(row["source_file"], row["rule"]) for row in read_csv(written[0])] == [("students.csv", "Q01")]
