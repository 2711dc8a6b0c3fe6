"""Worked cases of the rules, drawn: truancy and its meeting (cases 21 and 22)."""

from pathlib import Path

import pytest

from allpresent.measures import Rules
from tests.spec.drawn import Drawn, check_standings, weekdays

CALENDAR_MONTH = Rules(truancy_month="calendar")
HEADER = "unexcused_in_worst_month | is_truant | truant_on | meeting_due_on"


def unexcused(days: str, upto: int = 60, **more: object) -> Drawn:
    """Ana at A, unexcused on these days, attendance taken up to a day of the year."""
    district = Drawn(180).students("student | school\nana | A").taken(f"school | days\nA | 1-{upto}")
    return district.marks(f"student | school | days\nana | A | {days}")


def test_case_21_four_days_in_thirty_cross_the_end_of_a_month(tmp_path: Path) -> None:
    district = unexcused("2026-09-28,2026-10-02,2026-10-09,2026-10-20")
    check_standings(tmp_path, district, "60", f"{HEADER}\n4 | 1 | 2026-10-20 | 2026-11-03")


def test_case_21_three_of_them_in_october_are_not_truancy_by_the_calendar_month(tmp_path: Path) -> None:
    district = unexcused("2026-09-28,2026-10-02,2026-10-09,2026-10-20")
    check_standings(tmp_path, district, "60", f"{HEADER}\n3 | 0 | |", CALENDAR_MONTH)


@pytest.mark.parametrize(("fourth", "expected"), [("2026-10-27", "4 | 1"), ("2026-10-28", "3 | 0")])
def test_case_21_a_month_is_thirty_days_both_ends_included(tmp_path: Path, fourth: str, expected: str) -> None:
    district = unexcused(f"2026-09-28,2026-10-05,2026-10-12,{fourth}")
    check_standings(tmp_path, district, "60", f"unexcused_in_worst_month | is_truant\n{expected}")


def test_case_22_the_meeting_waits_for_ten_days_in_session(tmp_path: Path) -> None:
    vacation = weekdays(5, Drawn(60).day("2026-11-09"))
    district = unexcused("2026-10-30,2026-11-03,2026-11-04,2026-11-06").open("A", vacation, is_open=False)
    check_standings(tmp_path, district, "60", f"{HEADER}\n4 | 1 | 2026-11-06 | 2026-11-27")


def test_case_22_a_snow_day_moves_the_meeting_by_a_day(tmp_path: Path) -> None:
    closed = [*weekdays(5, Drawn(60).day("2026-11-09")), Drawn(60).day("2026-11-20")]
    district = unexcused("2026-10-30,2026-11-03,2026-11-04,2026-11-06").open("A", closed, is_open=False)
    check_standings(tmp_path, district, "59", f"{HEADER}\n4 | 1 | 2026-11-06 | 2026-11-30")


def test_the_tenth_unexcused_day_of_the_year_is_truancy_without_a_full_month(tmp_path: Path) -> None:
    # Three a month, 31 calendar days from each first to the next fourth.
    days = "2,12,22,33,43,53,64,74,84"
    district = unexcused(days, 110)
    check_standings(tmp_path, district, "110", f"days_unexcused | {HEADER}\n9 | 3 | 0 | |")
    district = unexcused(f"{days},95", 110)
    check_standings(tmp_path, district, "110", f"days_unexcused | {HEADER}\n10 | 3 | 1 | 2027-01-08 | 2027-01-22")


def test_excused_and_disciplinary_days_are_not_truancy(tmp_path: Path) -> None:
    district = unexcused("1-3").marks(
        "student | school | days | kind\nana | A | 4-9 | excused\nana | A | 10-14 | disciplinary\nana | A | 50 | blank"
    )
    check_standings(tmp_path, district, "60", "days_absent | days_unexcused | is_truant\n15 | 4 | 0")


def test_a_meeting_beyond_the_delivered_calendar_has_no_day(tmp_path: Path) -> None:
    district = unexcused("171-174", 180)
    check_standings(tmp_path, district, "180", f"is_truant | truant_on | meeting_due_on\n1 | {district.day('174')} |")
