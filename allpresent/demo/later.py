"""The files of a later day: those of the second delivery, the school days since then, and what the office put right.

Each school day draws from a stream of its own, so that a later delivery tells of a day what an earlier one told.
On the last school day of a week the office of each school goes through its marks: of the children whose last absence
had made them cross a level, the latest were in class after all; the next files have no mark of that day.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from allpresent.demo import sheet
from allpresent.demo.calendar import JUDGED_DAYS, LAST_DAY, THIS_YEAR
from allpresent.demo.codes import CODES, Code
from allpresent.demo.district import DemoError, SyntheticDistrict, make_district
from allpresent.demo.marks import DAILY, Marks
from allpresent.demo.people import NONE
from allpresent.demo.powerschool import FIRST_MARK_ID, SEED, mark_frame, taken_columns, with_codes
from allpresent.demo.schools import FULL_SIZE, Ints

_FULL_DAY = [place for place, row in enumerate(CODES) if (row.presence, row.value) == ("Absent", "0")]
_CROSSINGS = (2, 6, 11, 15, 18)  # days out that begin a level
_TO_EACH = 100  # students of a school to one mark a week that is put right


@dataclass(frozen=True)
class _Since:
    """After the second delivery: the new marks of each day, and the (student, day) whose marks were taken back."""

    days: tuple[Marks, ...]
    taken_back: frozenset[tuple[int, np.datetime64]]


def write_later_files(out: Path, earlier: Path, through: date, *, students: int = FULL_SIZE, seed: int = SEED) -> None:
    """Write into ``out`` what the office system exports after the school day ``through``; equal arguments, equal bytes.

    ``earlier`` is the folder of the second delivery, written with the same ``students`` and ``seed``. Raises DemoError
    for a day that is no school day after it.
    """
    if through <= LAST_DAY or through not in THIS_YEAR.days:
        raise DemoError(f"{through} is no school day after {LAST_DAY}, the last one delivered; name another day.")
    district = make_district(students, seed)
    days = THIS_YEAR.days[JUDGED_DAYS : THIS_YEAR.days.index(through) + 1]
    shutil.copytree(earlier, out, dirs_exist_ok=True)
    since = _live(district, days, seed)
    _write_marks(out / "attendance.txt", district, since, seed)
    _write_taken(out / "attendance_taken.txt", district, days, seed)


def _live(district: SyntheticDistrict, days: tuple[date, ...], seed: int) -> _Since:
    """Day after day: who is out, about as often as before, and on a week's last day what the offices put right."""
    out = _days_out(district)
    often = np.array([len(dates) for dates in out]) / JUDGED_DAYS
    parts, taken_back = [], set()
    for number, day in enumerate(days):
        rng = np.random.default_rng([seed, 20, number])
        today, school = np.datetime64(day), _schools(district, np.datetime64(day))
        student = np.flatnonzero((school != NONE) & (rng.random(len(school)) < np.clip(often, 0.01, 0.9)))
        parts.append(_marks(rng, student, school[student], today))
        for one in student.tolist():
            out[one].add(today)
        if _ends_week(day):
            for one in _put_right(school, out, today):
                last = max(out[one])
                out[one].remove(last)
                taken_back.add((one, last))
    return _Since(tuple(parts), frozenset(taken_back))


def _days_out(district: SyntheticDistrict) -> list[set[np.datetime64]]:
    """The days each student was out, as the second delivery has them."""
    in_session = np.isin(district.marks.date, THIS_YEAR.dates(JUDGED_DAYS))
    whole = np.isin(district.marks.second, _FULL_DAY) & (district.marks.mode == DAILY) & in_session
    out: list[set[np.datetime64]] = [set() for _student in range(len(district.people))]
    for student, day in zip(district.marks.student[whole].tolist(), district.marks.date[whole], strict=True):
        out[student].add(day)
    return out


def _schools(district: SyntheticDistrict, day: np.datetime64) -> Ints:
    """The school of each student on a day; of two at once, the one entered later."""
    spans = district.this_year
    there = np.flatnonzero((spans.entry <= day) & (day < spans.exit))
    school = np.full(len(district.people), NONE, dtype=np.int64)
    school[spans.student[there]] = spans.school[there]
    return school


def _marks(rng: np.random.Generator, student: Ints, school: Ints, day: np.datetime64) -> Marks:
    zero = np.zeros(len(student), dtype=np.int64)
    code = np.where(rng.random(len(student)) < 0.6, Code.ABSENT, Code.EXCUSED).astype(np.int64)
    return Marks(student, school, np.full(len(student), day), code, code, zero + DAILY, zero, zero + 1)


def _ends_week(day: date) -> bool:
    following = THIS_YEAR.days[THIS_YEAR.days.index(day) + 1]
    return following.isocalendar().week != day.isocalendar().week


def _put_right(school: Ints, out: list[set[np.datetime64]], today: np.datetime64) -> Iterator[int]:
    """Students whose last absence was none: before today it took them to the first day of a level."""
    crossed = [one for one, days in enumerate(out) if len(days) in _CROSSINGS and max(days) < today]
    latest_first = sorted(crossed, key=lambda one: max(out[one]), reverse=True)
    for place in range(int(school.max()) + 1):
        count = max(1, int((school == place).sum()) // _TO_EACH)
        yield from [one for one in latest_first if school[one] == place][:count]


def _write_marks(path: Path, district: SyntheticDistrict, since: _Since, seed: int) -> None:
    """The earlier rows without those taken back, then the new ones day by day."""
    start = THIS_YEAR.start
    first = FIRST_MARK_ID[start]
    gone = {f"{first + row}".encode() for row in _taken_back(district.marks, since)}
    header, *lines = path.read_bytes().splitlines(keepends=True)
    bodies = [header, *(line for line in lines if line[: line.index(b"\t")] not in gone)]
    first += len(district.marks)
    for number, new in enumerate(since.days):
        frame = mark_frame(np.random.default_rng([seed, 21, number]), district, new, start, first)
        there = np.setdiff1d(np.arange(len(new)), _taken_back(new, since))
        bodies.append(sheet.body(with_codes(frame, new, new.second, there, start)))
        first += len(new)
    path.write_bytes(b"".join(bodies))


def _taken_back(marks: Marks, since: _Since) -> Ints:
    """The rows of marks that were taken back."""
    whose = zip(marks.student.tolist(), marks.date, strict=True)
    return np.flatnonzero([one in since.taken_back for one in whose] & (marks.mode == DAILY))


def _write_taken(path: Path, district: SyntheticDistrict, days: tuple[date, ...], seed: int) -> None:
    """The earlier rows, then one a homeroom and day: those that had been silent take attendance again."""
    bodies = [path.read_bytes()]
    first = bodies[0].count(b"\n") - 1
    rooms = [district.rooms.sections[place] for place in district.rooms.homerooms]
    section, school = np.array([room.section_id for room in rooms]), np.array([room.school for room in rooms])
    for number, day in enumerate(days):
        dates = np.full(len(rooms), day, dtype="datetime64[D]")
        rng = np.random.default_rng([seed, 22, number])
        columns = taken_columns(rng, district, section, school, dates, first + number * len(rooms))
        bodies.append(sheet.body(sheet.frame(columns)))
    path.write_bytes(b"".join(bodies))
