"""What a finding about a date asks for: another way of writing where it was not understood, else the right day."""

from pathlib import Path

import pytest

from tests.intake.folders import check_marks, found


@pytest.mark.parametrize(
    ("written", "advice"),
    [
        ("9/1/2026", "is not written year first; export dates as 2026-11-04, or name their order in a mapping."),
        ("46266", "is not written year first; export dates as 2026-11-04, or name their order in a mapping."),
        ("2026-09-31", "is no day of the calendar when read year first; correct it in the student information system."),
    ],
)
def test_a_finding_says_what_mends_a_date(tmp_path: Path, written: str, advice: str) -> None:
    checked = check_marks(tmp_path, f"0501,100,{written},1,A,absent,0,0,,day,,")
    assert [one.message for one in found(checked, "D01")] == [f"date {written} {advice}"]
