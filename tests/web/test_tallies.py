"""Counts of a scope from counts of groups by level, and a line of days counted at once."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from allpresent.measures import Facts, MeasureError, Rules, group_counts, open_facts, school_days, standings
from allpresent.web.presenters import history
from allpresent.web.presenters.tallies import LEVELS, Tally, tallies_of, total

TUESDAY, FRIDAY = date(2026, 11, 17), date(2026, 11, 20)
#                  day, school, level, students, chronic, low, high, enrolled, unreported
COUNTED = [
    (TUESDAY, "A", "L1", 3, 0, 0, 1, 120, 2),
    (TUESDAY, "A", "L4", 2, 1, 1, 2, 80, 0),
    (TUESDAY, "B", "L6", 1, 1, 1, 1, 40, 1),
    (FRIDAY, "A", "L2", 5, 1, 1, 1, 215, 0),
]
NAMES = ("as_of", "school", "level", "students", "chronically_absent", "chronic_low", "chronic_high")


def rows() -> list[dict[str, object]]:
    return [dict(zip((*NAMES, "days_enrolled", "days_unreported"), row, strict=True)) for row in COUNTED]


def test_the_levels_of_a_school_are_one_tally_a_day() -> None:
    found = tallies_of(rows(), "school")
    assert found[TUESDAY]["A"] == Tally(5, 1, 1, 3, (3, 0, 0, 2, 0, 0), 200, 2)
    assert found[FRIDAY] == {"A": Tally(5, 1, 1, 1, (0, 5, 0, 0, 0, 0), 215, 0)}


def test_scopes_without_a_student_in_common_add_up() -> None:
    on_tuesday = tallies_of(rows(), "school")[TUESDAY]
    assert total(on_tuesday.values()) == Tally(6, 2, 2, 4, (3, 0, 0, 2, 0, 1), 240, 3)
    assert total(on_tuesday.values()).at_l4_or_more == 3
    assert total([]) == Tally()


@pytest.fixture
def facts(home: Path) -> Facts:
    return open_facts(home)


def from_standings(facts: Facts, day: date, rules: Rules, is_in: Callable[[dict[str, object]], bool]) -> Tally:
    """The same tally, student by student."""
    found = Tally()
    for row in standings(facts, day, rules).to_pylist():
        if row["is_enrolled"] and is_in(row):
            chronic = (row["is_chronically_absent"], row["is_chronic_low"], row["is_chronic_high"])
            level = tuple(int(row["level"] == name) for name in LEVELS)
            found += Tally(1, *map(int, chronic), level, row["days_enrolled"], row["days_unreported"])
    return found


def test_a_line_of_days_is_what_each_day_alone_is(facts: Facts) -> None:
    rules, days = Rules(), school_days(facts, facts.last_school_day)[::9]
    assert len(days) > 2
    found = history.tallies_over(facts, days, rules)
    for day in days:
        assert found[day] == history.tallies_on(facts, day, rules)
        assert found[day]["all"] == from_standings(facts, day, rules, lambda row: True)
        assert found[day]["k-8"] == from_standings(facts, day, rules, lambda row: row["grade_range"] == "K-8")
        for school in facts.schools():
            alone = from_standings(facts, day, rules, lambda row, school=school: row["school_id"] == school)
            assert found[day].get(school, Tally()) == alone


@pytest.mark.parametrize("scope", ["all", "k-8", "9-12"])
def test_grades_and_groups_of_a_scope_add_up_to_it(facts: Facts, scope: str) -> None:
    rules, day = Rules(), facts.last_school_day
    whole = history.tally_on(facts, day, rules, scope)
    assert whole.students
    assert total(history.grades_on(facts, day, rules, scope).values()) == whole
    for name in history.student_group_names(facts):
        assert total(history.student_group_on(facts, day, rules, scope, name).values()) == whole


def test_counting_on_no_day_is_refused(facts: Facts) -> None:
    with pytest.raises(MeasureError, match="name at least one"):
        group_counts(facts, [], Rules(), ["school"])
