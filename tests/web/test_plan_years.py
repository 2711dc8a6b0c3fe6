"""A success plan goes on over the turn of the school year, and its days are counted through."""

from datetime import date, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from allpresent.casework.models import SuccessPlan
from allpresent.measures import Rules, open_facts, standings
from allpresent.web.plan_page import chart
from tests.web.twin_years import LAST_YEAR, THIS_YEAR, Drawn, post_years, weekdays

LAST_SPRING = weekdays(LAST_YEAR, 100)


def missed_by(home: Path, agreed_on: date, weeks: int) -> list[str]:
    """What the chart says was missed, week by week, of a plan of the only student."""
    as_of, facts, rules = date(2026, 10, 30), open_facts(home), Rules()
    page = SimpleNamespace(
        facts=facts,
        as_of=as_of,
        rules=rules,
        district=SimpleNamespace(year_starts="07-01"),
        standings=partial(standings, facts, as_of, rules)(),
    )
    plan = SuccessPlan(student_id="900000", agreed_on=agreed_on)
    drawn = chart(page, plan, SimpleNamespace(weeks=weeks, goal_days=5))  # type: ignore[arg-type]
    assert drawn is not None
    return [row.missed for row in drawn.rows]


@pytest.mark.parametrize(("absent", "absent_before", "wanted"), [(0, 9, "0"), (3, 9, "3"), (3, 99, "7"), (0, 100, "5")])
def test_the_days_of_both_years_are_added(tmp_path: Path, absent: int, absent_before: int, wanted: str) -> None:
    # The first days of each year are missed; a week of last year's last five days is still the plan's.
    post_years(tmp_path, [Drawn(1, "11", "03", absent, absent_before)])
    agreed_on = LAST_SPRING[-5]
    weeks = (THIS_YEAR - agreed_on).days // 7 + 2
    found = missed_by(tmp_path, agreed_on, weeks)
    assert found[-1] == wanted
    assert found == sorted(found, key=int), "days once missed stay missed"


def test_nothing_of_the_year_before_the_plan_counts(tmp_path: Path) -> None:
    post_years(tmp_path, [Drawn(1, "11", "03", 2, 9)])
    assert missed_by(tmp_path, THIS_YEAR, 2) == ["2", "2"]
    assert missed_by(tmp_path, THIS_YEAR + timedelta(days=1), 1) == ["1"]
