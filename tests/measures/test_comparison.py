"""School-day numbers, last year's day of the same number, and who crossed a level."""

from datetime import date
from pathlib import Path

import pytest

from allpresent.measures import (
    MeasureError,
    movers,
    same_school_day_last_year,
    school_day_number,
    school_days,
)
from tests.spec.drawn import PLAIN, Drawn, post, weekdays

LAST_YEAR = date(2025, 9, 2)


def two_years() -> Drawn:
    drawn = Drawn(60, "A B").students("student | school | first\nana | A | 1\nbo | A | 1\ncy | A | 12")
    for school in ("A", "B"):
        drawn.open(school, weekdays(30, LAST_YEAR))
    drawn.open("B", drawn.range("3,4"), is_open=False)
    drawn.taken("school | days\nA | 1-40\nB | 1-40")
    return drawn.marks("student | school | days\nana | A | 1-6\nana | A | 15\nbo | A | 11-12\ncy | A | 13-18")


def test_a_day_has_a_number_by_the_calendar_of_school_or_district(tmp_path: Path) -> None:
    drawn = two_years()
    facts = post(tmp_path, drawn.tables)
    assert school_day_number(facts, drawn.day("10")) == 10
    assert school_day_number(facts, drawn.day("10"), "B") == 8
    assert school_day_number(facts, date(2026, 9, 5)) == 5  # a Saturday
    assert school_day_number(facts, date(2026, 8, 1)) == 0
    assert school_days(facts, drawn.day("3")) == drawn.days[:3]
    assert len(school_days(facts, drawn.day("3"), "B", is_whole_year=True)) == 58
    with pytest.raises(MeasureError, match="No school has the id Z"):
        school_days(facts, drawn.day("3"), "Z")


def test_last_years_day_has_the_same_number_not_the_same_date(tmp_path: Path) -> None:
    drawn = two_years()
    facts = post(tmp_path, drawn.tables)
    assert same_school_day_last_year(facts, drawn.day("10")) == weekdays(10, LAST_YEAR)[-1]
    assert same_school_day_last_year(facts, drawn.day("10"), "B") == weekdays(8, LAST_YEAR)[-1]
    assert same_school_day_last_year(facts, drawn.day("40")) == weekdays(30, LAST_YEAR)[-1]  # a shorter year
    assert same_school_day_last_year(facts, weekdays(5, LAST_YEAR)[-1]) is None
    assert same_school_day_last_year(facts, date(2026, 8, 1)) is None


def test_movers_are_those_whose_level_changed(tmp_path: Path) -> None:
    drawn = two_years()
    facts = post(tmp_path, drawn.tables)
    found = movers(facts, drawn.day("11"), drawn.day("20"), PLAIN).to_pylist()
    assert [(row["student_id"], row["from_level"], row["to_level"]) for row in found] == [
        ("bo", "L1", "L2"),
        ("cy", "L1", "L3"),  # not yet enrolled on the earlier day
    ]


def test_levels_of_two_years_are_not_compared(tmp_path: Path) -> None:
    drawn = two_years()
    facts = post(tmp_path, drawn.tables)
    with pytest.raises(MeasureError, match="different school years"):
        movers(facts, LAST_YEAR, drawn.day("20"), PLAIN)
