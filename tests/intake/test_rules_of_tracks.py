"""A mark on a day that the student's track was off counts nowhere, and the findings say so (D02)."""

from pathlib import Path

import pytest

from tests.intake.folders import PLAIN, check, found, places

HEADER = PLAIN["calendar_days.csv"].splitlines()[0] + "\n"
PLAIN_DAYS = "".join(f"200,2026-09-{day:02},1,1,,390\n" for day in (1, 2, 3))
TRACKED = HEADER + PLAIN_DAYS + "100,2026-09-01,0,1,A,390\n100,2026-09-01,1,1,B,390\n100,2026-09-02,1,1,A,390\n"


def off_track(tmp_path: Path, track: str, calendar: str = TRACKED) -> list[tuple[str, str, int | None]]:
    """Where D02 stands when Ana, absent on September 1, is on a track."""
    spans = PLAIN["enrollments.csv"].replace("0501,100,2026-08-31,,01,1,,", f"0501,100,2026-08-31,,01,1,,{track}")
    checked = check(tmp_path, PLAIN | {"calendar_days.csv": calendar, "enrollments.csv": spans})
    assert all("track had no school on 2026-09-01" in one.message for one in found(checked, "D02"))
    return places(checked, "D02")


def test_a_mark_on_a_day_off_track_is_told(tmp_path: Path) -> None:
    assert off_track(tmp_path, "A") == [("warning", "attendance.csv", 2)]


@pytest.mark.parametrize("track", ["B", ""])
def test_a_mark_on_a_day_of_the_track_or_of_no_track_is_not(tmp_path: Path, track: str) -> None:
    assert off_track(tmp_path, track) == []


def test_a_day_of_every_track_is_one_of_each(tmp_path: Path) -> None:
    assert off_track(tmp_path, "A", TRACKED + "100,2026-09-01,1,1,,390\n") == []
