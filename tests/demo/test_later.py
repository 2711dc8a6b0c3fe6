"""The files of a later day: what they add, and what the office put right."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from allpresent.demo import LAST_DAY, DemoError, write_later_files
from tests.demo.conftest import Written
from tests.demo.counting import count, day, rows

STUDENTS = 1_500
THURSDAY, FRIDAY = date(2026, 11, 12), date(2026, 11, 13)


def later(out: Path, small: Written, through: date) -> Path:
    write_later_files(out, small.second, through, students=STUDENTS)
    return out


@pytest.fixture(scope="module")
def friday(small: Written, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return later(tmp_path_factory.mktemp("friday"), small, FRIDAY)


def test_equal_arguments_give_equal_bytes(small: Written, friday: Path, tmp_path: Path) -> None:
    again = later(tmp_path, small, FRIDAY)
    for path in friday.iterdir():
        assert path.read_bytes() == (again / path.name).read_bytes()


def test_attendance_is_taken_and_marked_on_the_days_since(small: Written, friday: Path) -> None:
    days = [date(2026, 11, number) for number in (6, 9, 10, 12, 13)]  # the eleventh is Veterans Day
    taken = Counter(day(row["att_date"]) for row in rows(friday, "attendance_taken"))
    assert [one for one in taken if one > LAST_DAY] == days
    assert len({taken[one] for one in days}) == 1
    marked = Counter(day(row["att_date"]) for row in rows(friday, "attendance"))
    assert set(days) == {one for one in marked if one > LAST_DAY}
    before = marked[LAST_DAY]
    assert all(before / 2 < marked[one] < before * 2 for one in days)
    for name in ("attendance", "attendance_taken"):
        ids = Counter(row["id"] for row in rows(friday, name))
        copied = Counter(row["id"] for row in rows(small.second, name))
        assert {key for key, count in ids.items() if count > 1} <= {key for key, count in copied.items() if count > 1}


def test_a_day_is_told_as_an_earlier_delivery_told_it(small: Written, friday: Path, tmp_path: Path) -> None:
    for name in ("attendance", "attendance_taken"):
        thursday = set((later(tmp_path, small, THURSDAY) / f"{name}.txt").read_bytes().splitlines())
        until = set((friday / f"{name}.txt").read_bytes().splitlines())
        gone = thursday - until
        assert len(gone) <= len(thursday) / 50
        assert not gone or name == "attendance"


def test_at_the_end_of_a_week_each_school_takes_back_what_made_a_child_cross(
    small: Written, friday: Path, tmp_path: Path
) -> None:
    before = {one.student: one for one in count(later(tmp_path, small, THURSDAY), THURSDAY, 2026)}
    after = {one.student: one for one in count(friday, FRIDAY, 2026)}
    fallen = [one for one in before.values() if after[one.student].level < one.level]
    assert {one.school for one in fallen} == {one.school for one in before.values()}
    assert len(fallen) <= len(before) / 50
    assert all(after[one.student].absent == one.absent - 1 for one in fallen)
    assert any(after[one.student].level > one.level for one in before.values())


@pytest.mark.parametrize("through", [LAST_DAY, date(2026, 11, 11), date(2026, 11, 14)])
def test_a_day_without_new_school_is_refused(small: Written, tmp_path: Path, through: date) -> None:
    with pytest.raises(DemoError, match="no school day after 2026-11-05"):
        later(tmp_path / "out", small, through)
    assert not (tmp_path / "out").exists()
