"""Marks that are missing or count nowhere: a school where nobody was ever absent is held before it is believed."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from allpresent.intake import Checked
from tests.faults import district
from tests.faults.district import Pupil, moved, pupils

DAYS = 10
EVERYBODY = pupils()
SCHOOLS = tuple(district.SCHOOLS)


def perfect(*schools: str, some: Iterable[Pupil] = EVERYBODY) -> tuple[Pupil, ...]:
    """The students, none of these schools ever absent."""
    return tuple(district.replace(one, missed=()) if one.school in schools else one for one in some)


def check(home: Path, folder: Path, delivered: dict[str, bytes], days: int = DAYS) -> Checked:
    return district.check(home, folder, delivered, days)


def unmarked(school: str, students: int = 24, days: int = DAYS) -> str:
    return (
        f"School {school} ({school}): attendance was taken on {days} days for {students} students and no absence of "
        "them counts; its marks may be missing."
    )


def test_a_first_delivery_without_marks_is_held(tmp_path: Path) -> None:
    one = check(tmp_path / "none", tmp_path / "one", district.files(DAYS, perfect("200")))
    assert one.why_held == [unmarked("200")]
    every = check(tmp_path / "none", tmp_path / "every", district.files(DAYS, perfect(*SCHOOLS)))
    assert every.why_held == [unmarked(school) for school in SCHOOLS]
    # Where no file says where attendance was taken, every day in session up to the newest mark was reported.
    silent = {name: data for name, data in district.files(9, perfect("300")).items() if "taken" not in name}
    assert check(tmp_path / "none", tmp_path / "silent", silent).why_held == [unmarked("300", days=9)]


@pytest.mark.parametrize(
    ("days", "some"),
    [
        (DAYS, EVERYBODY),
        (4, perfect("200")),
        (DAYS, perfect("200", some=[one for one in EVERYBODY if one.school != "200" or int(one.id) % 100 <= 5])),
    ],
    ids=["as it should be", "four days", "five students"],
)
def test_what_may_well_be_true_is_not_held(tmp_path: Path, days: int, some: tuple[Pupil, ...]) -> None:
    assert check(tmp_path / "none", tmp_path / "first", district.files(days, some), days).why_held == []


def test_a_school_is_looked_at_until_something_of_its_year_is_posted(tmp_path: Path) -> None:
    home, two = tmp_path / "home", ("100", "300")
    some = [one for one in EVERYBODY if one.school in two]
    assert district.post(home, tmp_path / "a", district.files(DAYS, some, schools=two), DAYS).outcome == "posted"
    later = district.files(DAYS + 1, perfect("200"))
    assert unmarked("200", days=DAYS + 1) in check(home, tmp_path / "b", later, DAYS + 1).why_held
    # Accepted, it may stay so.
    accepted = district.post(home, tmp_path / "b", later, DAYS + 1, accept="Nobody was ill.")
    assert accepted.outcome == "posted"
    assert check(home, tmp_path / "c", district.files(DAYS + 2, perfect("200")), DAYS + 2).why_held == []


def astray(delivered: dict[str, bytes], share: int) -> dict[str, bytes]:
    """One in so many marks is written for the next school, of the days known so far the same ones each night."""
    header, *rows = delivered["attendance.csv"].decode().splitlines(keepends=True)
    rows.sort(key=lambda row: row.split(",")[2])
    other = dict(zip(SCHOOLS, SCHOOLS[1:] + SCHOOLS[:1], strict=True))
    for at in range(0, len(rows), share):
        student, school, rest = rows[at].split(",", maxsplit=2)
        rows[at] = ",".join((student, other[school], rest))
    return delivered | {"attendance.csv": (header + "".join(rows)).encode()}


def test_absences_that_count_nowhere_are_held(tmp_path: Path) -> None:
    third = astray(district.files(DAYS, EVERYBODY), 3)
    (told,) = check(tmp_path / "none", tmp_path / "third", third).why_held
    every = sum(at < DAYS for one in EVERYBODY for at in one.missed)
    stray = -(-every // 3)
    assert told.startswith(f"{stray} of {every} student-days of absence count nowhere: 0 on a day the school was not")
    sixth = astray(district.files(DAYS, EVERYBODY), 6)
    assert check(tmp_path / "none", tmp_path / "sixth", sixth).why_held == []


def test_a_delivery_that_always_had_such_marks_is_held_once(tmp_path: Path) -> None:
    home, third = tmp_path / "home", astray(district.files(DAYS, EVERYBODY), 3)
    assert district.post(home, tmp_path / "a", third, DAYS, accept="They visit.").outcome == "posted"
    more = moved(EVERYBODY)
    assert check(home, tmp_path / "b", astray(district.files(DAYS + 1, more), 3), DAYS + 1).why_held == []
