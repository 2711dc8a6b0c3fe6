"""Made-up facts of a district or a state, drawn fast: every engine is given these same tables.

About 27 absences and 5 tardies a student over 180 school days, as in a large urban state. A share of the students
changes school within the year; schools have snow days of their own; some school days come without attendance taken,
and then without marks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

SCHOOL_DAYS = 180
STUDENTS_A_SCHOOL = 510
FIRST_DAY = np.datetime64("2026-08-31")
AS_OF_NUMBER = 175  # the last delivered school day
RACES = np.array(["A", "B", "H", "I", "M", "P", "W"])
GRADES = np.array(["K", *(f"{number:02d}" for number in range(1, 13))])
_BLOCK = 50_000  # students drawn at once

Flags = npt.NDArray[np.bool_]
Index = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Size:
    """How many students, and the seed of their year."""

    name: str
    students: int
    seed: int = 20261121

    @property
    def schools(self) -> int:
        """Number of schools; at least three."""
        return max(3, self.students // STUDENTS_A_SCHOOL)


SIZES = {
    size.name: size
    for size in (
        Size("tiny", 240),
        Size("district", 18_000),
        Size("tenth", 51_000),
        Size("state", 510_000),
    )
}


@dataclass(frozen=True, eq=False)
class Facts:
    """The tables of one size, as a peer would hold them: narrow, with student groups as columns of the student.

    ``marks`` stand in the order of arrival: by day.
    """

    size: Size
    dates: list[date]  # the district's school days, in order
    calendar: pa.Table  # school_id, date: days in session
    taken: pa.Table  # school_id, date: days with attendance taken
    students: pa.Table  # student_id, grade, birth_date, sex, race, frl
    spans: pa.Table  # student_id, school_id, entry_date, last_member_date
    marks: pa.Table  # student_id, school_id, date, portion_num, portion_den, category, excused, disciplinary

    @property
    def as_of(self) -> date:
        """The last delivered school day."""
        return self.dates[AS_OF_NUMBER - 1]

    @property
    def biweekly(self) -> list[date]:
        """Thirteen days of report, spread evenly over the year so far."""
        return [self.dates[number * AS_OF_NUMBER // 13 - 1] for number in range(1, 14)]


@dataclass(frozen=True, eq=False)
class _Year:
    """What every draw shares: days, which school is open and heard on which, and who is where from which day on."""

    rng: np.random.Generator
    days: npt.NDArray[np.datetime64]
    is_open: Flags  # school, day
    is_taken: Flags  # school, day
    school: Index  # of each student
    later_school: Index  # the school moved to; -1 without a move
    entry: Index  # position of the first day
    moved: Index  # position of the first day at the later school
    left: Index  # position of the last day; SCHOOL_DAYS for those who stay


def make_facts(size: Size) -> Facts:
    """The facts of a size: the same for the same seed."""
    year = _draw_year(size)
    ids = pa.array(np.char.mod("%07d", np.arange(size.students) * 7 % 9_999_991), pa.string())
    schools = pa.array([f"{number:04d}" for number in range(size.schools)], pa.string())
    days = pa.array(year.days).cast(pa.date32())
    return Facts(
        size=size,
        dates=[day.as_py() for day in days],
        calendar=_school_days(schools, days, year.is_open),
        taken=_school_days(schools, days, year.is_taken),
        students=_students(size, year, ids),
        spans=_spans(year, ids, schools, days),
        marks=_marks(year, ids, schools, days),
    )


def _draw_year(size: Size) -> _Year:
    rng = np.random.default_rng(size.seed)
    days = np.arange(FIRST_DAY, FIRST_DAY + 400)
    days = days[np.is_busday(days)][:SCHOOL_DAYS]
    is_open = rng.random((size.schools, SCHOOL_DAYS)) >= 0.005
    is_taken = is_open & (rng.random(is_open.shape) >= 0.01)
    is_taken[:, AS_OF_NUMBER:] = False
    school = np.sort(rng.integers(0, size.schools, size.students))
    moves = rng.random(size.students) < 0.04
    later = np.where(moves, (school + rng.integers(1, size.schools, size.students)) % size.schools, -1)
    entry = np.where(rng.random(size.students) < 0.05, rng.integers(0, 60, size.students), 0)
    moved = rng.integers(61, 120, size.students)
    left = np.where(rng.random(size.students) < 0.04, rng.integers(121, SCHOOL_DAYS, size.students), SCHOOL_DAYS)
    return _Year(rng, days, is_open, is_taken, school, later, entry, moved, left)


def _school_days(schools: pa.Array, days: pa.Array, flags: Flags) -> pa.Table:
    school, day = np.nonzero(flags)
    return pa.table({"school_id": schools.take(pa.array(school)), "date": days.take(pa.array(day))})


def _students(size: Size, year: _Year, ids: pa.Array) -> pa.Table:
    grade = year.rng.integers(0, 6, size.students)  # elementary; then middle and high schools
    kind = year.school % 4
    grade = np.where(kind == 2, 6 + grade % 3, np.where(kind == 3, 9 + grade % 4, grade))
    birth = FIRST_DAY - (grade + 5) * 365 - year.rng.integers(0, 365, size.students)
    return pa.table(
        {
            "student_id": ids,
            "grade": pa.array(GRADES[grade]),
            "birth_date": pa.array(birth).cast(pa.date32()),
            "sex": pa.array(np.array(["F", "M", "X"])[year.rng.choice(3, size.students, p=[0.49, 0.5, 0.01])]),
            "race": pa.array(RACES[year.rng.choice(7, size.students, p=[0.05, 0.14, 0.3, 0.01, 0.05, 0.01, 0.44])]),
            "frl": pa.array(np.array(["0", "1"])[(year.rng.random(size.students) < 0.45).astype(int)]),
        }
    )


def _spans(year: _Year, ids: pa.Array, schools: pa.Array, days: pa.Array) -> pa.Table:
    """One open or ended span a student; two where the student moved."""
    everyone = np.arange(len(ids))
    movers = np.flatnonzero(year.later_school >= 0)
    until = np.where(year.later_school >= 0, year.moved - 1, year.left)
    student = np.concatenate([everyone, movers])
    last = np.concatenate([until, year.left[movers]])
    return pa.table(
        {
            "student_id": ids.take(pa.array(student)),
            "school_id": schools.take(pa.array(np.concatenate([year.school, year.later_school[movers]]))),
            "entry_date": days.take(pa.array(np.concatenate([year.entry, year.moved[movers]]))),
            "last_member_date": days.take(pa.array(last, mask=last >= SCHOOL_DAYS)),
        }
    )


def _marks(year: _Year, ids: pa.Array, schools: pa.Array, days: pa.Array) -> pa.Table:
    drawn = list(_blocks(year))
    student, day, is_tardy = (np.concatenate(parts) for parts in zip(*drawn, strict=True))
    order = np.argsort(day, kind="stable")
    student, day, is_tardy = student[order], day[order], is_tardy[order]
    count, rng = len(student), year.rng
    kind = rng.random(count)
    num = np.where(is_tardy, 0, np.where(kind < 0.03, 5, 1))
    den = np.where(is_tardy, 1, np.where(kind < 0.03, 7, np.where(kind < 0.06, 2, 1)))
    is_disciplinary = ~is_tardy & (rng.random(count) < 0.03)
    is_excused = rng.random(count) < 0.45
    category = pa.DictionaryArray.from_arrays(
        pa.array(np.where(is_tardy, 2, (den > 1).astype(np.int8)).astype(np.int8)), ["absent", "partial", "tardy"]
    )
    return pa.table(
        {
            "student_id": ids.take(pa.array(student)),
            "school_id": schools.take(pa.array(_school_of(year, student, day))),
            "date": days.take(pa.array(day)),
            "portion_num": pa.array(num.astype(np.int64)),
            "portion_den": pa.array(den.astype(np.int64)),
            "category": category.cast(pa.string()),
            "excused": pa.array((is_excused & ~is_disciplinary).astype(np.int8)),
            "disciplinary": pa.array(is_disciplinary.astype(np.int8)),
        }
    )


def _school_of(year: _Year, student: Index, day: Index) -> Index:
    has_moved = (year.later_school[student] >= 0) & (day >= year.moved[student])
    return np.where(has_moved, year.later_school[student], year.school[student])


def _blocks(year: _Year) -> Iterator[tuple[Index, Index, Flags]]:
    """Student, day and whether only late, of every mark, a block of students at a time."""
    for first in range(0, len(year.school), _BLOCK):
        own = np.arange(first, min(first + _BLOCK, len(year.school)))
        share = year.rng.beta(0.8, 4.2, len(own)).astype(np.float32)[:, None]
        chance = year.rng.random((len(own), SCHOOL_DAYS), dtype=np.float32)
        student, day = np.nonzero(chance < np.minimum(share + 0.035, 0.97))
        student += first
        inside = (day >= year.entry[student]) & (day <= year.left[student])
        inside &= year.is_taken[_school_of(year, student, day), day]
        student, day = student[inside], day[inside]
        yield student, day, chance[student - first, day] >= share[student - first, 0]
