"""The two deliveries, file by file, as a PowerSchool Data Export Manager writes them."""

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute

from allpresent.demo import sheet
from allpresent.demo.calendar import (
    AS_FIRST_DELIVERED,
    FIRST_DELIVERY_DAY,
    JUDGED_DAYS,
    LAST_DAY,
    LAST_YEAR,
    STORM_DAY,
    THIS_YEAR,
    Dates,
)
from allpresent.demo.codes import code_id
from allpresent.demo.contacts import write_contacts
from allpresent.demo.district import DemoError, SyntheticDistrict, make_district
from allpresent.demo.identities import student_ids
from allpresent.demo.marks import MEETING, NOT_THERE, Marks
from allpresent.demo.people import Group
from allpresent.demo.people_files import FIRST_SEAT, write_people
from allpresent.demo.schools import FULL_SIZE, Ints
from allpresent.demo.setup_files import calendar_day_id, school_numbers, write_setup

SEED = 2026
DELIVERIES = ("delivery-1", "delivery-2")
SAME_FILES = ("students", "reenrollments", "sections", "cc", "teachers", "contacts")
_COMMENTS = ("", "Mother called", "Father called", "Note in the folder", "No answer", "Doctor's note, see nurse")
FIRST_MARK_ID = {LAST_YEAR.start: 1_000_001, THIS_YEAR.start: 2_000_001}


@dataclass(frozen=True)
class DemoSummary:
    """What was written: the folders in the order of their delivery, and who is enrolled where on the last day."""

    folders: tuple[Path, ...]
    last_days: tuple[str, ...]  # the last school day of each delivery, YYYY-MM-DD
    students: int
    by_school: dict[str, int]  # school name -> students
    silent_schools: tuple[str, ...]  # no attendance taken on the last days
    silent_teachers: int
    marks: tuple[int, ...]  # rows of attendance.txt in each delivery

    def __str__(self) -> str:
        lines = [
            f"{folder}: through {day}, {marks:,} attendance rows"
            for folder, day, marks in zip(self.folders, self.last_days, self.marks, strict=True)
        ]
        silent = " and ".join(self.silent_schools)
        lines.append(f"{self.students:,} students in {len(self.by_school)} schools on {self.last_days[-1]}")
        many = "teacher" if self.silent_teachers == 1 else "teachers"
        lines.append(f"No attendance taken on the last days at {silent}, and by {self.silent_teachers} {many}")
        return "\n".join(lines)


def write_files(
    out: Path,
    *,
    students: int = FULL_SIZE,
    seed: int = SEED,
    progress: Callable[[str], None] = lambda line: None,
) -> DemoSummary:
    """Write ``out/delivery-1`` and ``out/delivery-2``; equal arguments give equal bytes.

    Raises DemoError for a size, a seed or a folder that cannot be made. ``progress`` is told one line a stage.
    """
    progress(f"Inventing a district of {students:,} students")
    district = make_district(students, seed)
    first, second = (out / name for name in DELIVERIES)
    for folder in (first, second):
        _make_folder(folder)
    streams = [np.random.default_rng([seed, stage]) for stage in range(10, 15)]
    progress("Writing schools, calendars, students, schedules and contacts")
    for folder, year in ((first, AS_FIRST_DELIVERED), (second, THIS_YEAR)):
        write_setup(folder, np.random.default_rng([seed, 15]), district.schools, year)
    write_people(first, streams[0], district)
    write_contacts(first, streams[1], district)
    for name in SAME_FILES:
        shutil.copyfile(first / f"{name}.txt", second / f"{name}.txt")
    progress("Writing the attendance of two school years")
    rows = _write_marks((first, second), streams[2], district)
    _write_taken((first, second), streams[3], district)
    return _summary((first, second), district, rows)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DemoError(f"The folder {folder} cannot be made ({error.strerror}); name another one.") from None


def _summary(folders: tuple[Path, Path], district: SyntheticDistrict, rows: tuple[int, int]) -> DemoSummary:
    enrolled = district.people.group == Group.ENROLLED
    counts = Counter(district.people.school[enrolled].tolist())
    return DemoSummary(
        folders=folders,
        last_days=(FIRST_DELIVERY_DAY.isoformat(), LAST_DAY.isoformat()),
        students=int(enrolled.sum()),
        by_school={school.name: counts[place] for place, school in enumerate(district.schools)},
        silent_schools=tuple(district.schools[place].name for place in district.taken.silent_schools),
        silent_teachers=len(district.taken.silent_homerooms),
        marks=rows,
    )


def _write_marks(folders: tuple[Path, Path], rng: np.random.Generator, district: SyntheticDistrict) -> tuple[int, int]:
    """attendance.txt of both deliveries; last year's rows are the same bytes in both. Returns the rows of each."""
    old, new = district.last_marks, district.marks
    whole = np.arange(len(old))
    frame = mark_frame(rng, district, old, LAST_YEAR.start, FIRST_MARK_ID[LAST_YEAR.start])
    last_year = with_codes(frame, old, old.second, whole, LAST_YEAR.start)
    top = sheet.header("ATTENDANCE", last_year.column_names) + sheet.body(last_year)
    this_year = mark_frame(rng, district, new, THIS_YEAR.start, FIRST_MARK_ID[THIS_YEAR.start])
    rows = []
    for folder, codes in zip(folders, (new.first, new.second), strict=True):
        there = np.flatnonzero(codes != NOT_THERE)
        there = np.repeat(there, new.copies[there])
        block = sheet.body(with_codes(this_year, new, codes, there, THIS_YEAR.start))
        (folder / "attendance.txt").write_bytes(top + block)
        rows.append(len(old) + len(there))
    return rows[0], rows[1]


def with_codes(frame: pa.Table, marks: Marks, codes: Ints, rows: Ints, start: int) -> pa.Table:
    """The rows a delivery has, with the codes it gives them."""
    ids = code_id(marks.school, np.full(len(codes), start), codes)[rows]
    return frame.take(pa.array(rows)).append_column("ATTENDANCE_CODEID", pa.array(ids))


def mark_frame(rng: np.random.Generator, district: SyntheticDistrict, marks: Marks, start: int, first: int) -> pa.Table:
    """What the marks of a year say in any delivery; ``first`` is the ID of the first."""
    count = len(marks)
    said = np.where(rng.random(count) < 0.02, rng.integers(1, len(_COMMENTS), count), 0)
    meets = (marks.mode == MEETING).astype(np.int64)
    return sheet.frame(
        {
            "ID": np.arange(count) + first,
            "STUDENTID": student_ids(len(district.people))[marks.student],
            "SCHOOLID": sheet.text_of(school_numbers(district.schools), marks.school),
            "YEARID": np.full(count, start - 1990),
            "ATT_DATE": sheet.us_dates(rng, marks.date),
            "ATT_MODE_CODE": sheet.text_of(["ATT_ModeDaily", "ATT_ModeMeeting"], meets),
            "CALENDAR_DAYID": calendar_day_id(start, marks.school, marks.date),
            "CCID": meets * _seats(district, marks),
            "PERIODID": meets * (3_300 + marks.period),
            "TOTAL_MINUTES": np.zeros(count, dtype=np.int64),
            "ATT_COMMENT": sheet.text_of(_COMMENTS, said),
        }
    )


def _seats(district: SyntheticDistrict, marks: Marks) -> Ints:
    """CC.ID of the class a meeting mark belongs to: the period counts the student's classes after the homeroom."""
    sitting = district.this_year.student[district.rooms.seat_span]
    first, after = np.searchsorted(sitting, marks.student), np.searchsorted(sitting, marks.student, side="right")
    seats: Ints = np.minimum(first + marks.period, np.maximum(after - 1, 0)) + FIRST_SEAT
    return seats


def _write_taken(folders: tuple[Path, Path], rng: np.random.Generator, district: SyntheticDistrict) -> None:
    """attendance_taken.txt: last year one row a school and day without a section, this year one a homeroom and day."""
    dates = LAST_YEAR.dates()
    schools = len(district.schools)
    school, day = np.repeat(np.arange(schools), len(dates)), np.tile(np.arange(len(dates)), schools)
    old = (np.zeros(len(school), dtype=np.int64), school, dates[day])
    room, day = np.nonzero(district.taken.by_room)
    dates = THIS_YEAR.dates(JUDGED_DAYS)
    number = np.array([section.section_id for section in district.rooms.sections])[district.rooms.homerooms][room]
    place = np.array([section.school for section in district.rooms.sections])[district.rooms.homerooms][room]
    new = (number, place, dates[day])
    # In the first delivery attendance was also taken on the storm day, and some teachers were still late.
    storm = np.flatnonzero(day == 0)
    last = np.datetime64(FIRST_DELIVERY_DAY)
    kept = (new[2] <= last) & ~((new[2] > last - np.timedelta64(2, "D")) & (rng.random(len(day)) < 0.02))
    early = (
        np.concatenate([number[kept], number[storm]]),
        np.concatenate([place[kept], place[storm]]),
        np.concatenate([new[2][kept], np.full(len(storm), STORM_DAY, dtype="datetime64[D]")]),
    )
    for folder, rows in zip(folders, (early, new), strict=True):
        _taken_file(folder, rng, district, [old, rows])


def _taken_file(
    folder: Path, rng: np.random.Generator, district: SyntheticDistrict, parts: list[tuple[Ints, Ints, Dates]]
) -> None:
    section, school, dates = (np.concatenate([part[column] for part in parts]) for column in range(3))
    order = np.lexsort((section, school, dates))
    section, school, dates = section[order], school[order], dates[order]
    columns = taken_columns(rng, district, section, school, dates)
    sheet.write(folder / "attendance_taken.txt", "ATTENDANCE_TAKEN", columns)


def taken_columns(
    rng: np.random.Generator, district: SyntheticDistrict, section: Ints, school: Ints, dates: Dates, first: int = 0
) -> dict[str, sheet.Column]:
    """Rows of attendance_taken.txt, after ``first`` others."""
    minute = 8 * 60 + 5 + (section * 7 + school) % 50
    clock = [f" {value // 60:02d}:{value % 60:02d}:00" for value in range(8 * 60, 9 * 60)]
    iso = sheet.text_of(*_looked_up(dates))
    return {
        "ID": np.arange(len(section)) + 500_001 + first,
        "SECTIONID": section,
        "SCHOOLID": sheet.text_of(school_numbers(district.schools), school),
        "PERIODID": np.zeros(len(section), dtype=np.int64),
        "ATT_DATE": sheet.us_dates(rng, dates),
        "ATT_INTERVAL": np.zeros(len(section), dtype=np.int64),
        "ATT_TAKEN_DT": pa.compute.binary_join_element_wise(iso, sheet.text_of(clock, minute - 8 * 60), ""),
    }


def _looked_up(dates: Dates) -> tuple[list[str], Ints]:
    days, place = np.unique(dates, return_inverse=True)
    return days.astype(str).tolist(), place
