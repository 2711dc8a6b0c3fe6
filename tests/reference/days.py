"""The slow, obvious twin, first half: what one day of one student amounts to, by loops over the canonical rows.

Rows are plain dicts with the canonical column names; dates are dates, blanks are None or "". Nothing here is shared
with the program: the text of the contract is followed sentence by sentence.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

Row = dict[str, Any]
Tables = dict[str, list[Row]]
GRADES = ["PK", "K", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"]


@dataclass(frozen=True)
class Settings:
    """What a district may set; the defaults are Connecticut's and New Haven's."""

    minimum_days: int = 10
    day_rule: str = "state"
    is_half_absent: bool = False
    truancy_month: str = "rolling"
    year_starts: tuple[int, int] = (7, 1)
    level_bounds: tuple[int, ...] = (2, 6, 11, 15, 18)
    grade_ranges: tuple[tuple[str, tuple[str, ...]], ...] = field(
        default=(("K-8", tuple(GRADES[1:10])), ("9-12", tuple(GRADES[10:])))
    )


@dataclass(frozen=True)
class Day:
    """A school day of a student: reported or not, and the part of it missed with its class."""

    on: date
    is_reported: bool
    portion: Fraction
    kind: str | None  # excused, unexcused, disciplinary


def year_of(day: date, settings: Settings) -> int:
    """Start year of the school year of a day."""
    return day.year if (day.month, day.day) >= settings.year_starts else day.year - 1


def each_day(first: date, last: date) -> Iterator[date]:
    """Every calendar day, both ends included."""
    while first <= last:
        yield first
        first += timedelta(days=1)


def is_open(span: Row, day: date) -> bool:
    """Whether a span holds the day; a blank last day is open."""
    return span["entry_date"] <= day and (span["last_member_date"] is None or day <= span["last_member_date"])


class Facts:
    """The canonical tables, looked through again for every question."""

    def __init__(self, tables: Tables, settings: Settings) -> None:
        self.tables = tables
        self.settings = settings
        self._calendar: dict[tuple[str, date], list[Row]] = {}
        for row in tables["calendar_days"]:
            self._calendar.setdefault((row["school_id"], row["date"]), []).append(row)
        self._marks: dict[tuple[str, date], list[Row]] = {}
        for row in tables["attendance"]:
            self._marks.setdefault((row["student_id"], row["date"]), []).append(row)
        self._taken: dict[date, list[Row]] = {}
        for row in tables["attendance_taken"]:
            self._taken.setdefault(row["date"], []).append(row)
        self._spans: dict[str, list[Row]] = {}
        for row in tables["enrollments"]:
            self._spans.setdefault(row["student_id"], []).append(row)
        self._people = {row["student_id"]: row for row in tables["students"]}
        self._years_taken = {year_of(day, settings) for day in self._taken}

    def dates_of_year(self, year: int) -> list[date]:
        """Dates in the school year on which some school is in session."""
        found = {day for (_, day), rows in self._calendar.items() if any(row["in_session"] == 1 for row in rows)}
        return sorted(day for day in found if year_of(day, self.settings) == year)

    def school_dates(self, school: str, year: int) -> list[date]:
        """Dates on which the school is in session, on any track."""
        return [day for day in self.dates_of_year(year) if self.is_in_session(school, day, "")]

    def is_in_session(self, school: str, day: date, track: str) -> bool:
        """Whether the school is in session for a track; a blank track, of row or span, fits every one."""
        return any(
            row["in_session"] == 1 and (not row.get("track") or not track or row["track"] == track)
            for row in self._calendar.get((school, day), [])
        )

    def spans(self, student: str) -> list[Row]:
        """The student's enrollment spans."""
        return self._spans.get(student, [])

    def person(self, student: str) -> Row:
        """The student's own row; empty where none was delivered."""
        return self._people.get(student, {})

    def schools_on(self, student: str, day: date) -> set[str]:
        """Schools where the day is a school day of the student."""
        return {
            span["school_id"]
            for span in self.spans(student)
            if is_open(span, day) and self.is_in_session(span["school_id"], day, span.get("track") or "")
        }

    def day(self, student: str, day: date, schools: set[str], sections: set[str]) -> Day:
        """The day of a student at the given schools, in the given sections."""
        # D02, M04: a mark on a day not in session, or for a student not enrolled there that day, does not count.
        marks = [
            mark
            for mark in self._marks.get((student, day), [])
            if mark.get("counted") != 0 and mark["school_id"] in schools
        ]
        if any(is_unknown(mark) for mark in marks):  # (a)
            return Day(day, False, Fraction(0), None)
        if not marks and not self._was_taken(day, schools, sections):  # (b) to (d)
            return Day(day, False, Fraction(0), None)
        return Day(day, True, *resolve(marks))

    def _was_taken(self, day: date, schools: set[str], sections: set[str]) -> bool:
        if year_of(day, self.settings) not in self._years_taken:
            return True  # a delivery without any taken row is taken as reported
        rows = self._taken.get(day, [])
        if sections:  # (c)
            return any(
                row["section_id"] in sections or (row["school_id"] in schools and not row["section_id"]) for row in rows
            )
        return any(row["school_id"] in schools for row in rows)  # (d)

    def sections_on(self, student: str, day: date, at_school: str | None = None) -> set[str]:
        """Sections the student is in on a day; only those of one school when asked."""
        schools = {row["section_id"]: row["school_id"] for row in self.tables["sections"]}
        return {
            row["section_id"]
            for row in self.tables["section_students"]
            if row["student_id"] == student
            and (row["start_date"] is None or row["start_date"] <= day)
            and (row["last_date"] is None or day <= row["last_date"])
            and (at_school is None or schools.get(row["section_id"]) == at_school)
        }


def is_unknown(mark: Row) -> bool:
    """K01: a code nobody mapped; M05: a period mark without the periods of the day."""
    category = mark.get("category") or "unknown"
    return category == "unknown" or (mark.get("mode") == "period" and not mark.get("periods_in_day"))


def kind_of(mark: Row) -> str:
    """disciplinary = 1 wins, else excused = 1, else unexcused."""
    if mark.get("disciplinary") == 1:
        return "disciplinary"
    return "excused" if mark.get("excused") == 1 else "unexcused"


KINDS = ["excused", "unexcused", "disciplinary"]  # the later wins a tie


def share_of_day(mark: Row) -> Fraction:
    """The part of the day a mark speaks of: its portion of a day, of half a day, or of one of the day's periods."""
    portion = Fraction(mark.get("portion_num") or 0, mark.get("portion_den") or 1)
    if mark.get("mode") in ("am", "pm"):
        return portion / 2
    return portion / mark["periods_in_day"] if mark.get("mode") == "period" else portion


def resolve(marks: Iterable[Row]) -> tuple[Fraction, str | None]:
    """M02: several marks of one student-day become one portion and one class."""
    # (1) one slot is one mode and period; the larger portion wins, (4) on a tie the graver class
    slots: dict[tuple[str, str], Row] = {}
    for mark in marks:
        slot = (mark.get("mode") or "day", mark.get("period") or "")
        held = slots.get(slot)
        if held is None or weight(mark) > weight(held):
            slots[slot] = mark
    # (3) a day or half-day mark wins over period marks; minutes stand between
    for modes in (("day", "am", "pm"), ("minutes",), ("period",)):
        winning = [mark for (mode, _), mark in slots.items() if mode in modes]
        if winning:
            break
    else:
        return Fraction(0), None
    # (2) half-days add, as periods do, capped at 1
    parts = [share_of_day(mark) for (mode, _), mark in slots.items() if mark in winning and mode != "day"]
    whole = [share_of_day(mark) for (mode, _), mark in slots.items() if mark in winning and mode == "day"]
    portion = min(Fraction(1), max([*whole, sum(parts, Fraction(0))]))
    largest = max(share_of_day(mark) for mark in winning)
    if largest == 0:
        return Fraction(0), None
    return portion, max((kind_of(mark) for mark in winning if share_of_day(mark) == largest), key=KINDS.index)


def weight(mark: Row) -> tuple[Fraction, int]:
    """What decides between two marks of one slot."""
    return share_of_day(mark), KINDS.index(kind_of(mark))
