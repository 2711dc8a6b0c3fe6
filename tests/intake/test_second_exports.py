"""Files of one table that lie beside each other: parts of it, or two nights' exports."""

from pathlib import Path

import pytest

from tests.intake.folders import PLAIN, WEEKDAYS, check

HEADER = "student_id,school_id,date,portion_absent,code,category,excused\n"
LINES = [
    f"{student},{school},{day},1,A,absent,0\n" for student, school in (("0501", 100), ("0503", 200)) for day in WEEKDAYS
]
BASE = {name: text for name, text in PLAIN.items() if name != "attendance.csv"}


def holds(tmp_path: Path, *parts: list[str]) -> list[str]:
    named = {f"night-{at}/attendance.csv": HEADER + "".join(lines) for at, lines in enumerate(parts, start=1)}
    return check(tmp_path, BASE | named).why_held


@pytest.mark.parametrize(
    "later",
    [
        LINES[:7] + LINES[8:],  # a mark was taken back
        [LINES[0].replace(",A,absent,0", ",E,absent,1"), *LINES[1:]],  # one was excused
        LINES[:12],  # the file was cut
    ],
)
def test_two_nights_exports_in_one_folder_are_held(tmp_path: Path, later: list[str]) -> None:
    (said,) = holds(tmp_path, LINES, later)
    alike = len(set(LINES) & set(later))
    assert said == (
        f"night-1/attendance.csv and night-2/attendance.csv are two exports of one table, {alike} of {len(later)} rows "
        "alike; leave the newest only, or what was taken back between them counts again."
    )


def test_parts_of_a_table_and_files_that_are_the_same_are_not(tmp_path: Path) -> None:
    assert holds(tmp_path / "schools", LINES[:10], LINES[10:]) == []
    assert holds(tmp_path / "overlap", LINES[:12], LINES[8:]) == []
    assert holds(tmp_path / "same", LINES, LINES) == []


def test_the_hour_of_an_export_beside_each_row_hides_no_second_export(tmp_path: Path) -> None:
    nights = {
        f"night-{hour}/attendance.csv": HEADER.replace("\n", ",exported_at\n")
        + "".join(line.replace("\n", f",0{hour}:00\n") for line in LINES[hour:])
        for hour in (1, 2)
    }
    assert len(check(tmp_path, BASE | nights).why_held) == 1
