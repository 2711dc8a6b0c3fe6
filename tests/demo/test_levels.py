"""The synthetic district's levels and rates, counted from its files by ``counting``."""

from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

from allpresent.demo import LAST_DAY, write_files
from tests.demo.conftest import Written
from tests.demo.counting import NEW_HAVEN_PERCENTS, Standing, chronic_percent, count, level_percents


@pytest.fixture(scope="module")
def now(full: Written) -> list[Standing]:
    return [one for one in count(full.second, LAST_DAY, 2026) if one.is_enrolled]


def _split(standings: list[Standing]) -> dict[str, list[Standing]]:
    return {
        "K-8": [one for one in standings if one.grade <= 8],
        "9-12": [one for one in standings if one.grade > 8],
        "all": standings,
    }


def test_students_enrolled_on_day_45_are_new_havens_number(now: list[Standing]) -> None:
    assert {name: len(part) for name, part in _split(now).items()} == {"K-8": 11_929, "9-12": 5_750, "all": 17_679}


@pytest.mark.parametrize("name", NEW_HAVEN_PERCENTS)
def test_level_table_is_within_a_point_of_new_havens(now: list[Standing], name: str) -> None:
    found = level_percents(_split(now)[name])
    assert found == pytest.approx(NEW_HAVEN_PERCENTS[name], abs=1.0)


def test_chronic_rate_is_about_42_percent(now: list[Standing]) -> None:
    assert 41.5 <= chronic_percent(now) <= 42.5


def test_most_students_have_45_days_reported(now: list[Standing]) -> None:
    assert max(one.reported for one in now) == 45
    assert sum(one.enrolled == 45 for one in now) > 0.9 * len(now)


def test_schools_differ_from_a_fifth_to_three_fifths(now: list[Standing]) -> None:
    by_school = defaultdict(list)
    for one in now:
        by_school[one.school].append(one)
    rates = sorted(chronic_percent(part) for part in by_school.values())
    assert len(rates) == 41
    assert rates[0] < 25 < 55 < rates[-1]
    assert sum(30 <= rate <= 55 for rate in rates) > 15


def test_kindergarten_and_grade_9_are_absent_more(now: list[Standing]) -> None:
    rates = {grade: chronic_percent([one for one in now if one.grade == grade]) for grade in range(13)}
    assert rates[0] > max(rates[grade] for grade in range(1, 9))
    assert rates[9] > max(rates[grade] for grade in (10, 11, 12))


@pytest.fixture(scope="module")
def june(small: Written) -> list[Standing]:
    return count(small.second, date(2026, 6, 16), 2025)


def test_last_year_ended_at_58_percent(june: list[Standing]) -> None:
    there = [one for one in june if one.is_enrolled]
    assert chronic_percent(there) == pytest.approx(58.0, abs=1.5)
    assert max(one.enrolled for one in there) == 181


def test_last_year_stood_at_nearly_48_percent_on_the_same_school_day(small: Written) -> None:
    there = [one for one in count(small.second, date(2025, 11, 5), 2025) if one.is_enrolled]
    assert chronic_percent(there) == pytest.approx(47.6, abs=1.5)
    assert max(one.enrolled for one in there) == 45


def test_this_year_goes_with_last_year(small: Written, june: list[Standing]) -> None:
    before = {one.student: one for one in june if one.reported > 90}
    here = [one for one in count(small.second, LAST_DAY, 2026) if one.is_enrolled and one.student in before]
    again = [one for one in here if before[one.student].is_chronic]
    others = [one for one in here if not before[one.student].is_chronic]
    assert chronic_percent(again) > 2 * chronic_percent(others)


@pytest.mark.parametrize(("students", "seed"), [(200, 2026), (640, 7)])
def test_small_district_has_the_same_table(tmp_path: Path, students: int, seed: int) -> None:
    folder = write_files(tmp_path, students=students, seed=seed).folders[1]
    standings = [one for one in count(folder, LAST_DAY, 2026) if one.is_enrolled]
    assert len(standings) == students
    assert level_percents(standings) == pytest.approx(NEW_HAVEN_PERCENTS["all"], abs=1.5)
