"""A summer school in a PowerSchool export: its days count, unless the mapping leaves it out as the guide shows."""

import re
from pathlib import Path

import pytest

from allpresent.intake import Checked
from tests.intake.folders import rows
from tests.intake.powerschool_files import FILES, calendar, check_powerschool, tabs

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "write-a-mapping.md"
SUMMER = {
    "schools": "school_number name low_grade high_grade\n100 Harbor -1 8\n200 North 9 12\n900 Summer 0 12",
    "reenrollments": "studentid schoolid grade_level entrydate exitdate track fteid\n"
    "503 100 8 8/31/26 9/1/2026 - 51\n502 900 1 7/6/2026 8/1/2026 - 51",
}
CODES = FILES["attendance_code.txt"] + "10\t900\t36\tA\tAbsent\tAbsent\t1\tUnexcused\r\n"
MARK = "9009\t502\t900\t36\t7/7/2026\tATT_ModeDaily\t10\t0\t\t0\r\n"
DAYS = "".join(f"\n900 7/{day}/26 1 1 1 0 0 0 0 0 - -" for day in range(6, 11))
FILES_OF_SUMMER = {
    "calendar_day.txt": calendar(more=DAYS),
    "attendance_code.txt": CODES,
    "attendance.txt": FILES["attendance.txt"] + MARK,
}


def guided() -> str:
    """The mapping the guide shows for a school that is not to count."""
    return next(block for block in re.findall(r"```yaml\n(.*?)```", GUIDE.read_text("utf-8"), re.S) if "'900'" in block)


def of_summer(checked: Checked) -> list[int]:
    """How many rows of each table speak of the summer school."""
    tables = ("schools", "calendar_days", "enrollments", "attendance")
    return [sum(school == "900" for (school,) in rows(checked, table, "school_id")) for table in tables]


def test_a_summer_school_counts_as_it_is_delivered(tmp_path: Path) -> None:
    checked = check_powerschool(tmp_path, FILES_OF_SUMMER, **SUMMER)
    assert (checked.exit_code, of_summer(checked)) == (0, [1, 5, 1, 1])
    told = "Summer (900) is in session from 2026-07-06 to 2026-07-10, when no other school is, and its days count"
    assert [said for said in checked.decided if "no other school" in said] == [
        f"{told}; if it is a summer school, let the mapping leave it out"
    ]


@pytest.mark.parametrize("is_there_now", [False, True])
def test_the_mapping_of_the_guide_leaves_a_summer_school_out(tmp_path: Path, is_there_now: bool) -> None:
    files = dict(FILES_OF_SUMMER)
    if is_there_now:  # PowerSchool's page of the student still stands on the summer
        before, now = "100\t09/02/2026\t06/19/2027", "900\t07/06/2026\t8/1/2026"
        files["students.txt"] = FILES["students.txt"].replace(before, now)
        again = SUMMER["reenrollments"].replace("502 900 1 7/6/2026 8/1/2026", "502 100 1 9/2/2026 6/19/2027")
        files["reenrollments.txt"] = tabs("REENROLLMENTS", again)
    checked = check_powerschool(
        tmp_path, files, guided(), **({} if is_there_now else SUMMER) | {"schools": SUMMER["schools"]}
    )
    assert (checked.exit_code, checked.why_held, of_summer(checked)) == (0, [], [0, 0, 0, 0])
    assert ("0000502", "100") in rows(checked, "enrollments", "student_id", "school_id")
    assert "5 calendar days of schools that are not in the schools file were left out" in checked.decided
    assert not [said for said in checked.decided if "no other school" in said]
