"""Rule C01 of contacts, groups and classes: a file without rows, or without too many of them, is held."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from allpresent import intake
from allpresent.policy import load_district
from tests.intake.folders import PLAIN, TODAY, post, write

COUNT = 40
IDS = [f"{number:04}" for number in range(1, COUNT + 1)]
HEADERS = {
    "section_students": "section_id,student_id,start_date,last_date",
    "section_staff": "section_id,staff_id",
    "contacts": "contact_id,student_id,full_name,phone",
    "demographics": "student_id,flag,value",
}
LINES = {
    "section_students": [f"S{number % 2},{student},," for number, student in enumerate(IDS)],
    "section_staff": [f"S{number % 2},T{number}" for number in range(COUNT)],
    "contacts": [f"C{student},{student},Parent {student},2035550100" for student in IDS],
    "demographics": [f"{student},frl,1" for student in IDS],
}


def files(lines: Mapping[str, list[str]]) -> dict[str, str]:
    """A school of 40 students and two classes."""
    base = {name: text for name, text in PLAIN.items() if name in ("calendar_days.csv", "attendance.csv")}
    base["attendance.csv"] = base["attendance.csv"].splitlines()[0] + "\n"
    own = {name: "\n".join([HEADERS[name], *lines[name]]) + "\n" for name in lines}
    return base | {
        "schools.csv": PLAIN["schools.csv"],
        "students.csv": "student_id,full_name,grade\n" + "".join(f"{one},Student {one},01\n" for one in IDS),
        "enrollments.csv": "student_id,school_id,entry_date\n" + "".join(f"{one},100,2026-08-31\n" for one in IDS),
        "attendance_taken.csv": "school_id,date\n100,2026-09-01\n",
        "sections.csv": "section_id,school_id,name,is_homeroom\nS0,100,HR-0,1\nS1,100,HR-1,1\n",
        "staff.csv": "staff_id,school_id,full_name\n" + "".join(f"T{number},100,T\n" for number in range(COUNT)),
        **{f"{name}.csv": text for name, text in own.items()},
    }


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with that school posted."""
    path = tmp_path_factory.mktemp("whole")
    assert post(path, files(LINES)).outcome == "posted"
    return path / "home"


def held(home: Path, tmp_path: Path, lines: Mapping[str, list[str]], **others: str) -> list[str]:
    folder = write(tmp_path / "next", files(lines) | {f"{name}.csv": text for name, text in others.items()})
    return intake.check_delivery(home, "csv", folder, today=TODAY).why_held


def test_files_with_a_header_alone_are_held_and_say_how_to_keep_what_is_posted(home: Path, tmp_path: Path) -> None:
    said = held(home, tmp_path, {name: [] for name in LINES})
    assert said == [
        f"{name}: the file came without a usable row, and 40 rows of it are posted; deliver it again, or leave the "
        "file out to keep them."
        for name in LINES
    ]
    assert held(home, tmp_path / "without", {}) == []


def test_files_cut_short_are_held_beyond_the_limits_of_a_group(home: Path, tmp_path: Path) -> None:
    limits = load_district(home)
    most = max(limits.drop_group_count, COUNT * limits.drop_group_pct // 100)
    assert held(home, tmp_path / "few", {name: rows[:-most] for name, rows in LINES.items()}) == []
    said = held(home, tmp_path / "many", {name: rows[: -most - 1] for name, rows in LINES.items()})
    assert [sentence.split(",")[0] for sentence in said] == [
        f"{name}: {most + 1} of 40 rows of the last delivery are missing" for name in LINES
    ]


def test_what_nobody_expects_again_is_no_loss(home: Path, tmp_path: Path) -> None:
    renamed = [row.replace("S0,", "S8,").replace("S1,", "S9,") for row in LINES["section_students"]]
    lines = {
        "section_students": renamed,
        "section_staff": [row.replace("S0,", "S8,").replace("S1,", "S9,") for row in LINES["section_staff"]],
        "contacts": [f"new-{row}" for row in LINES["contacts"]],
        "demographics": LINES["demographics"],
    }
    term = "section_id,school_id,name,is_homeroom\nS8,100,HR-0,1\nS9,100,HR-1,1\n"
    assert held(home, tmp_path, lines, sections=term) == []
