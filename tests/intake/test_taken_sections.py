"""Rule C01 of attendance taken by class: a class nobody sits in is held, a new term's classes are not."""

from pathlib import Path

import pytest

from allpresent import intake
from tests.intake.folders import PLAIN, TODAY, WEEKDAYS, post, write

OLD, NEW = ("S1", "S2"), ("0S1", "0S2")


def taken(*classes: tuple[str, str], days: int = 8, upto: int = 8) -> dict[str, str]:
    """Which classes of Harbor and North took attendance on how many days."""
    rows = [
        f"{school},{day},{section}\n"
        for pair in classes
        for school, section in zip(("100", "200"), pair, strict=True)
        for day in WEEKDAYS[upto - days : upto]
    ]
    return {"attendance_taken.csv": "school_id,date,section_id\n" + "".join(rows)}


def seated(*classes: tuple[str, str]) -> dict[str, str]:
    """The classes, and Ana and Cy in them."""
    pairs = [one for pair in classes for one in zip(("100", "200"), ("0501", "0503"), pair, strict=True)]
    return {
        "sections.csv": "section_id,school_id,name,is_homeroom\n"
        + "".join(f"{section},{school},Class {section},1\n" for school, _, section in pairs),
        "section_students.csv": "section_id,student_id\n"
        + "".join(f"{section},{student}\n" for _, student, section in pairs),
    }


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sections")
    assert post(path, PLAIN | taken(OLD) | seated(OLD)).outcome == "posted"
    return path / "home"


def held(home: Path, tmp_path: Path, changed: dict[str, str]) -> list[str]:
    return intake.check_delivery(home, "csv", write(tmp_path / "next", PLAIN | changed), today=TODAY).why_held


def why(now: int) -> str:
    return (
        f"attendance_taken: {now} of 16 rows that name a class name one no student sits in, 0 of 16 in the last "
        "delivery; their days would count as not reported; check section_id against section_students."
    )


def test_other_ids_of_the_classes_that_took_attendance_are_held(home: Path, tmp_path: Path) -> None:
    assert held(home, tmp_path / "a", taken(NEW) | seated(OLD)) == [why(16)]
    # Also where their rows came and nobody was put into them.
    lists = {"sections.csv": seated(NEW)["sections.csv"]}
    assert held(home, tmp_path / "b", taken(NEW) | lists) == [why(16)]
    assert held(home, tmp_path / "c", taken((NEW[0], OLD[1])) | seated(OLD)) == [why(8)]


def test_few_rows_and_a_new_term_are_not(home: Path, tmp_path: Path) -> None:
    five = taken(OLD, days=8)["attendance_taken.csv"].replace("S2\n", "X9\n", 5)
    assert held(home, tmp_path / "five", {"attendance_taken.csv": five} | seated(OLD)) == []
    later = taken(OLD, days=6, upto=6)["attendance_taken.csv"] + "".join(
        taken(NEW, days=2)["attendance_taken.csv"].splitlines(keepends=True)[1:]
    )
    assert held(home, tmp_path / "term", {"attendance_taken.csv": later} | seated(NEW)) == []
    blank = taken(("", ""))
    assert held(home, tmp_path / "blank", blank | seated(OLD)) == []


def test_a_district_that_lived_with_it_is_not_held_each_night(tmp_path: Path) -> None:
    assert post(tmp_path, PLAIN | taken(NEW) | seated(OLD)).outcome == "posted"
    assert held(tmp_path / "home", tmp_path, taken(NEW) | seated(OLD)) == []
