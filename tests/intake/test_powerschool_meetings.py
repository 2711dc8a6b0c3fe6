"""PowerSchool's meeting and time modes: which mode counts, and how many periods or minutes the day had."""

from pathlib import Path

import pytest

from allpresent.intake.sources.powerschool.periods import read_expression
from tests.intake.folders import found, places, rows
from tests.intake.powerschool_files import calendar, check_powerschool
from tests.intake.test_powerschool import ATTENDANCE, texts

FTE = "id schoolid yearid fte_value dflt_att_mode_code\n51 100 36 1 ATT_ModeDaily\n52 200 36 1 {mode}\n"
CC = (
    "studentid sectionid schoolid dateenrolled dateleft expression\n"
    "503 31 200 9/1/26 6/19/27 1(A-B)\n"
    "503 32 200 9/1/26 6/19/27 2(A,B)\n"
    "503 33 200 9/1/26 6/19/27 3-4(A)\n"
    "503 -34 200 9/1/26 9/4/26 5(A)\n"
    "503 35 200 9/4/26 6/19/27 6(A)~7(A)\n"
)
SECTIONS = "id schoolid teacher course_number section_number\n" + "".join(f"{n} 200 - MAT {n}\n" for n in range(31, 36))
LETTERS = {"0": "61", "1": "61", "2": "62", "3": "61", "4": "61"}  # Wednesday is a B day
CYCLE = "id schoolid letter\n61 200 A\n62 200 B\n"
PERIODS = "id schoolid year_id period_number\n" + "".join(f"331{n} 200 36 {n}\n" for n in range(1, 8))
MEETINGS = ATTENDANCE + (
    "1 503 200 36 9/1/26 ATT_ModeMeeting 9 3311 - 0\n"  # Tuesday, an A day: periods 1, 2, 3, 4, 5
    "2 503 200 36 9/2/26 ATT_ModeMeeting 9 3312 - 0\n"  # Wednesday, a B day: 1, 2
    "3 503 200 36 9/4/26 ATT_ModeMeeting 8 3316 - 0\n"  # Friday: 5 was dropped, 6 and 7 begun
    "4 503 200 36 9/1/26 ATT_ModeDaily 9 0 - 0\n"
    "5 501 100 36 9/1/26 ATT_ModeDaily 2 0 - 0\n"
)


def meeting(tmp_path: Path, *, mode: str = "ATT_ModeMeeting", **others: str) -> object:
    tables = {"fte": FTE.format(mode=mode), "cc": CC, "sections": SECTIONS, "cycle_day": CYCLE, "period": PERIODS}
    files = {"calendar_day.txt": calendar(LETTERS)}
    return check_powerschool(tmp_path, files, **{**tables, "attendance": MEETINGS, **others})


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("1(A)", [("1", "A")]),
        ("1-2(A,C)", [("1", "A"), ("1", "C"), ("2", "A"), ("2", "C")]),
        ("3(A-C) 4(B)", [("3", "A"), ("3", "B"), ("3", "C"), ("4", "B")]),
        ("HR(A)", [("HR", "A")]),
        ("1(A),2(B)", [("1", "A"), ("2", "B")]),
        ("1", None),
        ("1(A) nonsense", None),
        ("", None),
    ],
)
def test_expression_says_periods_and_days(text: str, pairs: list[tuple[str, str]] | None) -> None:
    assert read_expression(text) == pairs


def test_meeting_marks_know_the_periods_the_student_had_that_day(tmp_path: Path) -> None:
    checked = meeting(tmp_path)
    columns = ("date", "mode", "period", "periods_in_day", "portion_num", "category")
    assert texts(checked, "attendance", *columns) == [
        ("2026-09-01", "period", "1", "5", "1", "absent"),
        ("2026-09-02", "period", "2", "2", "1", "absent"),
        ("2026-09-04", "period", "6", "6", "0", "present"),
        ("2026-09-01", "day", "None", "None", "1", "absent"),
    ]


def test_one_mode_counts_for_a_school_and_year_and_the_other_is_left_out(tmp_path: Path) -> None:
    checked = meeting(tmp_path)
    count = next(count for count in checked.counts if count.file == "attendance.txt")  # type: ignore[attr-defined]
    assert (count.rows_read, count.canonical, count.left_out) == (5, 4, 1)
    daily = meeting(tmp_path / "daily", mode="ATT_ModeDaily")
    assert [row[1] for row in texts(daily, "attendance", "date", "mode")] == ["day", "day"]
    assert daily.exit_code == 0  # type: ignore[attr-defined]


def test_mapping_names_the_mode_over_the_fte(tmp_path: Path) -> None:
    mapping = 'day_rule: {modes: [{school: "200", year: 2026-27, mode: ATT_ModeDaily}]}\nsource: powerschool\n'
    files = {"calendar_day.txt": calendar(LETTERS)}
    tables = {"fte": FTE.format(mode="ATT_ModeMeeting"), "cc": CC, "sections": SECTIONS, "attendance": MEETINGS}
    checked = check_powerschool(tmp_path, files, mapping, **tables)
    assert [row[1] for row in texts(checked, "attendance", "date", "mode")] == ["day", "day"]


def test_two_modes_that_nothing_tells_apart_hold_the_delivery(tmp_path: Path) -> None:
    checked = meeting(tmp_path, fte="id schoolid yearid fte_value dflt_att_mode_code\n51 100 36 1 -\n")
    assert checked.exit_code == 1  # type: ignore[attr-defined]
    assert "North (200): ATT_ModeDaily and ATT_ModeMeeting rows in 2026-27" in checked.why_held[0]  # type: ignore[attr-defined]
    assert len(found(checked, "M02")) == 1  # type: ignore[arg-type]


def test_bell_schedule_keeps_periods_that_do_not_meet_out_of_the_day(tmp_path: Path) -> None:
    items = "bell_schedule_id period_id start_time end_time\n" + "".join(
        f"9200 331{n} {n * 3600} {n * 3600 + 2700}\n" for n in (1, 2, 3)
    )
    checked = meeting(tmp_path, bell_schedule_items=items)
    assert texts(checked, "attendance", "periods_in_day")[:3] == [("3",), ("2",), ("3",)]
    minutes = set(texts(checked, "calendar_days", "school_id", "in_session", "instructional_minutes"))
    assert minutes == {("100", "1", "None"), ("100", "0", "None"), ("200", "1", "135"), ("200", "0", "None")}


@pytest.mark.parametrize(
    "change",
    [
        {"cc": CC.splitlines()[0] + "\n"},
        {"cc": CC.replace("1(A-B)", "whenever")},
        {"cycle_day": "id schoolid letter\n"},
    ],
)
def test_periods_that_cannot_be_told_make_the_day_unknown(tmp_path: Path, change: dict[str, str]) -> None:
    checked = meeting(tmp_path, **change)
    assert places(checked, "M05") == [("error", "attendance.txt", line) for line in (2, 3, 4)]  # type: ignore[arg-type]
    assert {row[0] for row in rows(checked, "attendance", "category", "mode") if row[1] == "period"} == {"unknown"}  # type: ignore[arg-type]


def test_one_letter_for_all_days_needs_no_cycle(tmp_path: Path) -> None:
    cc = CC.replace("(A-B)", "(A)").replace("(A,B)", "(A)")
    checked = meeting(tmp_path, cc=cc, cycle_day="id schoolid letter\n")
    assert texts(checked, "attendance", "periods_in_day")[:3] == [("5",), ("5",), ("6",)]


def test_mapping_may_fix_the_periods_of_a_day(tmp_path: Path) -> None:
    files = {"calendar_day.txt": calendar(LETTERS)}
    mapping = "day_rule: {periods_in_day: 7}\nsource: powerschool\n"
    checked = check_powerschool(tmp_path, files, mapping, fte=FTE.format(mode="ATT_ModeMeeting"), attendance=MEETINGS)
    assert texts(checked, "attendance", "periods_in_day")[:3] == [("7",), ("7",), ("7",)]


def test_time_mode_counts_minutes_against_the_minutes_of_the_day(tmp_path: Path) -> None:
    timed = ATTENDANCE + (
        "1 503 200 36 9/1/26 ATT_ModeTime 9 0 - 100\n"
        "2 503 200 36 9/2/26 ATT_ModeTime 9 0 - 500\n"
        "3 503 200 36 9/3/26 ATT_ModeTime 9 0 - 0\n"
    )
    items = "bell_schedule_id period_id start_time end_time\n9200 3311 28800 52200\n"
    checked = meeting(tmp_path, mode="ATT_ModeTime", attendance=timed, bell_schedule_items=items)
    assert texts(checked, "attendance", "mode", "portion_num", "portion_den", "category") == [
        ("minutes", "100", "390", "absent"),
        ("minutes", "390", "390", "absent"),
        ("minutes", "None", "None", "unknown"),
    ]
    unknown = meeting(tmp_path / "no", mode="ATT_ModeTime", attendance=timed)
    assert {row[0] for row in texts(unknown, "attendance", "category")} == {"unknown"}


def test_unknown_mode_is_an_error_and_the_day_unknown(tmp_path: Path) -> None:
    checked = meeting(tmp_path, attendance=ATTENDANCE + "1 503 200 36 9/1/26 Meeting 9 3311 - 0\n")
    assert places(checked, "R01") == [("error", "attendance.txt", 2)]  # type: ignore[arg-type]
    assert texts(checked, "attendance", "category") == [("unknown",)]
