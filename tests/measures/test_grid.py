"""The strip people see: the year and the last twenty days, one state a day."""

from pathlib import Path

import pytest

from allpresent.measures import MeasureError, Rules, last_20_days, year_grid
from tests.spec.drawn import Drawn, post


def district() -> Drawn:
    drawn = Drawn(30).students("student | school | first\nana | A | 2\nbo | A | 1\ncy | A | 25")
    drawn.taken("school | days\nA | 1-9\nA | 11-22").marks(
        """
        student | school | days | portion | kind         | category
        ana     | A      | 3    | 1       | unexcused    | absent
        ana     | A      | 4    | 1       | excused      | absent
        ana     | A      | 5    | 1       | disciplinary | absent
        ana     | A      | 6    | 1/2     | unexcused    | absent
        ana     | A      | 7    | 0       | unexcused    | tardy
        ana     | A      | 8    | 1/4     | unexcused    | partial
        """
    )
    return drawn


def test_the_year_shows_one_state_a_day_and_the_days_to_come(tmp_path: Path) -> None:
    drawn = district()
    grid = year_grid(post(tmp_path, drawn.tables), "ana", drawn.day("12"))
    assert [day for day, _ in grid] == drawn.days
    shown = ["no_school", "present", "unexcused", "excused", "disciplinary", "half", "tardy", "tardy", "present"]
    assert [state for _, state in grid] == [*shown, "unreported", "present", "present", *["future"] * 18]


def test_half_a_day_is_absent_where_the_state_says_so(tmp_path: Path) -> None:
    drawn = district()
    grid = year_grid(post(tmp_path, drawn.tables), "ana", drawn.day("12"), Rules(is_half_absent=True))
    assert grid[5][1] == "unexcused"


def test_the_last_twenty_days_end_on_the_day_asked_for(tmp_path: Path) -> None:
    drawn = district()
    facts = post(tmp_path, drawn.tables)
    found = last_20_days(facts, drawn.day("22"))
    assert sorted(found) == ["ana", "bo"]  # cy is not enrolled yet
    assert [day for day, _ in found["ana"]] == drawn.days[2:22]
    assert found["ana"][0][1] == "unexcused"
    assert last_20_days(facts, drawn.day("22"), ["bo", "nobody", "cy"]) == {"bo": found["bo"]}
    assert last_20_days(facts, drawn.day("22"), []) == {}
    assert len(last_20_days(facts, drawn.day("6"))["ana"]) == 6


def test_a_student_who_is_not_on_the_roll_is_refused(tmp_path: Path) -> None:
    drawn = district()
    with pytest.raises(MeasureError, match="No student with the id zoe"):
        year_grid(post(tmp_path, drawn.tables), "zoe", drawn.day("5"))
