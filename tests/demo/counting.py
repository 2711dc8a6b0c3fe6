"""A slow, obvious count over the written files: dicts, sets, one loop over the days, no code of the room.

It counts as the standings do: days in session inside a span, days on which attendance was taken for one of the
student's sections (or the school), absent when the day's largest absent portion is over a half.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

NEW_HAVEN_PERCENTS = {
    "K-8": (29.0, 40.8, 20.3, 5.2, 1.9, 2.7),
    "9-12": (21.9, 35.7, 20.9, 7.4, 3.0, 11.0),
    "all": (26.7, 39.2, 20.5, 5.9, 2.2, 5.4),
}
LEVEL_STARTS = (2, 6, 11, 15, 18)


@dataclass(frozen=True)
class Standing:
    """One student at the end of the counted day."""

    student: str
    school: str
    grade: int
    is_enrolled: bool
    enrolled: int
    reported: int
    absent: int

    @property
    def level(self) -> int:
        return sum(self.absent >= start for start in LEVEL_STARTS)

    @property
    def is_chronic(self) -> bool:
        return self.reported >= 10 and 10 * self.absent >= self.reported


def rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    """The rows of a file, labels without their table, in small letters."""
    with (folder / f"{name}.txt").open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        labels = [label.rsplit(".", 1)[-1].lower() for label in next(lines)]
        for line in lines:
            yield dict(zip(labels, line, strict=True))


@cache
def day(text: str) -> date:
    """A date of the office system, with a year of two or four figures."""
    month, dom, year = text.split("/")
    return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(dom))


def count(folder: Path, as_of: date, year: int) -> list[Standing]:
    """Every student with a school day in the school year that starts in ``year``, up to ``as_of``."""
    sessions, spans, seats = _sessions(folder, as_of), _spans(folder, year, as_of), _seats(folder)
    taken_rooms, taken_schools, schools_with_any = _taken(folder)
    portion, marks = _portions(folder), _marks(folder, year, as_of)
    standings = []
    for student, own in spans.items():
        days = {day for _, entry, exit_, school, _ in own for day in sessions[school] if entry <= day < exit_}
        reported = absent = 0
        for one in days:
            found = marks.get((student, one), [])
            if any(code not in portion for code in found):
                continue
            if not found:
                here = [school for _, entry, exit_, school, _ in own if entry <= one < exit_]
                rooms = [section for section, first, until in seats[student] if first <= one < until]
                if rooms:
                    is_taken = any((room, one) in taken_rooms for room in rooms)
                    is_taken = is_taken or any((school, one) in taken_schools for school in here)
                else:
                    is_taken = any((school, one) in schools_with_any for school in here)
                if not is_taken:
                    continue
            reported += 1
            absent += max((portion[code] for code in found), default=0.0) > 0.5
        if days:
            _, _, exit_, school, grade = max(own)
            standings.append(Standing(student, school, grade, exit_ > as_of, len(days), reported, absent))
    return standings


def _sessions(folder: Path, as_of: date) -> dict[str, list[date]]:
    sessions: dict[str, list[date]] = defaultdict(list)
    for row in rows(folder, "calendar_day"):
        if row["insession"] == "1" and day(row["date_value"]) <= as_of:
            sessions[row["schoolid"]].append(day(row["date_value"]))
    return sessions


def _spans(folder: Path, year: int, as_of: date) -> dict[str, list[tuple[date, date, date, str, int]]]:
    """The spans of the year by student; the latest entry (of two, the later exit) is the greatest."""
    spans: dict[str, list[tuple[date, date, date, str, int]]] = defaultdict(list)
    for name, key in (("students", "id"), ("reenrollments", "studentid")):
        for row in rows(folder, name):
            entry, exit_ = day(row["entrydate"]), day(row["exitdate"])
            if date(year, 7, 1) <= entry <= as_of and entry < exit_:
                spans[row[key]].append((entry, entry, exit_, row["schoolid"], int(row["grade_level"])))
    return spans


def _seats(folder: Path) -> dict[str, list[tuple[str, date, date]]]:
    seats: dict[str, list[tuple[str, date, date]]] = defaultdict(list)
    for row in rows(folder, "cc"):
        seats[row["studentid"]].append((row["sectionid"].lstrip("-"), day(row["dateenrolled"]), day(row["dateleft"])))
    return seats


def _taken(folder: Path) -> tuple[set[tuple[str, date]], set[tuple[str, date]], set[tuple[str, date]]]:
    """(section, day), (school, day) of rows without a section, and (school, day) of any row."""
    rooms, schools, every = set(), set(), set()
    for row in rows(folder, "attendance_taken"):
        one = day(row["att_date"])
        every.add((row["schoolid"], one))
        if row["sectionid"] == "0":
            schools.add((row["schoolid"], one))
        else:
            rooms.add((row["sectionid"], one))
    return rooms, schools, every


def _portions(folder: Path) -> dict[str, float]:
    """The absent part of a day by code id."""
    value = {row["input_value"]: row["attendance_value"] for row in rows(folder, "attendance_conversion_items")}
    return {
        row["id"]: 1 - float(value[row["id"]]) if row["presence_status_cd"] == "Absent" else 0.0
        for row in rows(folder, "attendance_code")
    }


def _marks(folder: Path, year: int, as_of: date) -> dict[tuple[str, date], list[str]]:
    """Code ids of the daily marks by student and day."""
    marks: dict[tuple[str, date], list[str]] = defaultdict(list)
    year_id = str(year - 1990)
    for row in rows(folder, "attendance"):
        if row["yearid"] == year_id and row["att_mode_code"] == "ATT_ModeDaily" and day(row["att_date"]) <= as_of:
            marks[row["studentid"], day(row["att_date"])].append(row["attendance_codeid"])
    return marks


def level_percents(standings: list[Standing]) -> tuple[float, ...]:
    """The share of each level in percent."""
    return tuple(100 * sum(one.level == level for one in standings) / len(standings) for level in range(6))


def chronic_percent(standings: list[Standing]) -> float:
    """The share that is chronically absent, in percent."""
    return 100 * sum(one.is_chronic for one in standings) / len(standings)
