"""Rule C01 where the marks are as they were, and count no more: another calendar, other enrollments."""

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from allpresent import intake
from tests.intake.folders import FIRST, MARKS, post, write

DAYS = tuple(FIRST + timedelta(days=week * 7 + day) for week in range(10) for day in range(5))
TODAY = DAYS[39] + timedelta(days=1)  # 40 of the 50 school days are behind it
SCHOOLS = {"100": "Linden", "200": "Harbor"}
STUDENTS = [(f"{school}-{number:02}", school) for school in SCHOOLS for number in range(20)]
OCTOBER = date(2026, 10, 1)
ON = DAYS[39]

Rows = list[tuple[str, date]]


def calendar(rows: Rows) -> dict[str, str]:
    return {"calendar_days.csv": "school_id,date,in_session\n" + "".join(f"{school},{day},1\n" for school, day in rows)}


USUAL: Rows = [(school, day) for school in SCHOOLS for day in DAYS]


def enrolled(entry: Callable[[int], date] = lambda number: FIRST) -> dict[str, str]:
    """Every student, who entered on a day that depends on the number."""
    rows = "".join(f"{student},{school},{entry(int(student[-2:]))},\n" for student, school in STUDENTS)
    return {"enrollments.csv": "student_id,school_id,entry_date,last_member_date\n" + rows}


def files() -> dict[str, str]:
    """40 school days of two schools; each student misses every eighth."""
    marks = "".join(
        f"{student},{school},{day},1,A,absent,0,0,,day,,\n"
        for student, school in STUDENTS
        for at, day in enumerate(DAYS[:40])
        if (at + int(student[-2:])) % 8 == 0
    )
    return {
        "schools.csv": "school_id,name\n" + "".join(f"{school},{name}\n" for school, name in SCHOOLS.items()),
        "students.csv": "student_id,full_name,grade\n" + "".join(f"{one},{one},03\n" for one, _ in STUDENTS),
        "attendance.csv": MARKS + marks,
        "attendance_taken.csv": "school_id,date\n"
        + "".join(f"{school},{day}\n" for school in SCHOOLS for day in DAYS[:40]),
        **calendar(USUAL),
        **enrolled(),
    }


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with that posted."""
    path = tmp_path_factory.mktemp("counting")
    assert post(path, files(), today=TODAY).outcome == "posted"
    return path / "home"


def held(home: Path, tmp_path: Path, changed: dict[str, str], **options: str) -> list[str]:
    """Why the same marks with other files are held."""
    folder = write(tmp_path / "next", files() | changed)
    return intake.check_delivery(home, "csv", folder, today=TODAY, **options).why_held  # type: ignore[arg-type]


def closed(name: str, days: int) -> str:
    return (
        f"{name}: {days} of the 40 school days of the last delivery up to {ON} are in session no more, and marks on "
        "them would not count; check the calendar."
    )


def opened(name: str, days: int) -> str:
    return (
        f"{name}: 40 school days up to {ON} in the last delivery, and {days} with those that are in session now; check "
        "the calendar."
    )


WEEKENDS = [
    (school, FIRST + timedelta(days=week * 7 + day)) for school in SCHOOLS for week in range(8) for day in (5, 6)
]
LINDEN, HARBOR = "Linden (100)", "Harbor (200)"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (USUAL, []),
        ([one for one in USUAL if one[1] >= OCTOBER], [closed(HARBOR, 23), closed(LINDEN, 23)]),
        ([one for one in USUAL if one[1].weekday() or one[1] > ON], [closed(HARBOR, 8), closed(LINDEN, 8)]),
        ([one for one in USUAL if one[0] == "200" or one[1] <= DAYS[29]], [closed(LINDEN, 10)]),
        (USUAL + WEEKENDS, [opened(HARBOR, 54), opened(LINDEN, 54)]),
        # A snow day, and five days of one school that are corrected: the calendar may say so.
        ([one for one in USUAL if one[1] != DAYS[20]], []),
        ([one for one in USUAL if one[0] == "100" or one[1] not in DAYS[20:25]], []),
        ([one for one in USUAL if one[1] not in DAYS[20:22]] + WEEKENDS[1:4:2], []),
    ],
    ids=["same", "from October", "no Mondays", "one ends early", "weekends", "snow", "five days", "made up"],
)
def test_a_calendar_far_from_the_last_one_is_held(home: Path, tmp_path: Path, rows: Rows, expected: list[str]) -> None:
    assert sorted(held(home, tmp_path, calendar(rows))) == expected


def members(name: str, now: int) -> str:
    return (
        f"{name}: the same students were enrolled for 800 student-days up to {ON} in the last delivery, and are for "
        f"{now} now; check entry dates, exit dates and tracks."
    )


def test_an_entry_date_written_into_every_span_is_held(home: Path, tmp_path: Path) -> None:
    told = held(home, tmp_path / "all", enrolled(lambda number: OCTOBER))
    assert told[:2] == [members(LINDEN, 340), members(HARBOR, 340)]
    assert told[2] == "The district: 200 days of absence in the last delivery, 86 now, up to the same day."
    # A quarter who came late is a correction, of 15% of the days; and nobody's first week is.
    assert held(home, tmp_path / "few", enrolled(lambda number: FIRST if number % 4 else OCTOBER)) == []
    assert held(home, tmp_path / "week", enrolled(lambda number: DAYS[5])) == []


def test_tracks_that_do_not_fit_the_calendar_are_held(home: Path, tmp_path: Path) -> None:
    rows = "".join(f"{student},{school},{FIRST},,R\n" for student, school in STUDENTS)
    tracked = "".join(f"{school},{day},1,{'R' if day > ON else 'A'}\n" for school, day in USUAL)
    changed = {
        "enrollments.csv": "student_id,school_id,entry_date,last_member_date,track\n" + rows,
        "calendar_days.csv": "school_id,date,in_session,track\n" + tracked,
    }
    assert members(LINDEN, 0) in held(home, tmp_path, changed)


def test_single_days_bring_a_whole_calendar_and_a_snow_day(home: Path, tmp_path: Path) -> None:
    def of_days(name: str) -> str:
        lines = files()[name].splitlines(keepends=True)
        return lines[0] + "".join(line for line in lines[1:] if str(DAYS[38]) in line or str(DAYS[39]) in line)

    single = {name: of_days(name) for name in ("attendance.csv", "attendance_taken.csv")}
    late = calendar([one for one in USUAL if one[1] >= OCTOBER])
    snow = calendar([one for one in USUAL if one[1] != DAYS[38]])
    assert held(home, tmp_path / "late", single | late, delivers="days") == [closed(LINDEN, 23), closed(HARBOR, 23)]
    assert held(home, tmp_path / "snow", single | snow, delivers="days") == []


def test_how_many_days_may_go_comes_from_the_settings(home: Path, tmp_path: Path) -> None:
    own = shutil.copytree(home, tmp_path / "own")
    (own / "district.yaml").write_text("drop_group_pct: 100\n", encoding="utf-8")
    assert held(own, tmp_path, calendar([one for one in USUAL if one[1] >= OCTOBER])) == []
