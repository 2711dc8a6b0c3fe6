"""Homerooms, other sections, their teachers and who sits in them (this year; last year's schedules are not exported).

Every student has a homeroom, a K-8 student two sections beside it, a high-school student five.
"""

from dataclasses import dataclass

import numpy as np

from allpresent.demo.calendar import Dates
from allpresent.demo.schools import Ints, School
from allpresent.demo.spans import Spans

_CLASS_SIZE = 22
_HIGH_COURSES = ("ENG", "MAT", "SCI", "HIS", "ART")
_UPPER_COURSES = ("MAT", "ELA")
_LOWER_COURSES = ("MUS", "PE")


@dataclass(frozen=True)
class Section:
    """One row of the Sections table."""

    section_id: int
    school: int  # position in the list of schools
    course_number: str
    section_number: int
    teacher: int  # position in the staff of Rooms.teachers
    room: str


@dataclass(frozen=True)
class Rooms:
    """The sections of the year, the teachers' schools, and the seats: one entry a student span and section."""

    sections: tuple[Section, ...]
    homerooms: Ints  # positions in sections
    teachers: Ints  # school of each teacher
    span_homeroom: Ints  # for each span of this year: position in sections; -1 for a no-show
    seat_span: Ints  # positions in the spans of this year
    seat_section: Ints
    seat_dropped: Ints  # 1 = dropped after some days
    seat_until: Dates  # exclusive


def make_rooms(rng: np.random.Generator, schools: tuple[School, ...], spans: Spans) -> Rooms:
    """``spans`` are this year's."""
    came = np.flatnonzero(spans.entry < spans.exit)
    came = came[np.lexsort((rng.permutation(len(came)), spans.grade[came], spans.school[came]))]
    plan = _Plan()
    homeroom = np.full(len(spans), -1, dtype=np.int64)
    for place, school in enumerate(schools):
        first = len(plan.teachers)
        for grade in range(school.low_grade, school.high_grade + 1):
            members = came[(spans.school[came] == place) & (spans.grade[came] == grade)]
            _seat_grade(plan, place, grade, members, homeroom, is_high=school.is_high)
        _appoint(plan, place, first, is_high=school.is_high)
    return _rooms(rng, plan, spans, homeroom)


class _Plan:
    """The schedule while it is being made."""

    def __init__(self) -> None:
        self.sections: list[Section] = []
        self.homerooms: list[int] = []
        self.teachers: list[int] = []
        self.seats: list[tuple[Ints, Ints]] = []  # spans, sections
        self.waiting: list[int] = []  # sections of the school still without a teacher

    def add(self, school: int, course: str, number: int, room: str, teacher: int) -> int:
        self.sections.append(Section(30_001 + len(self.sections), school, course, number, teacher, room))
        return len(self.sections) - 1


def _seat_grade(plan: _Plan, school: int, grade: int, members: Ints, homeroom: Ints, *, is_high: bool) -> None:
    """One grade of one school: its homerooms with a teacher each, and its other sections."""
    rooms = max(1, round(len(members) / _CLASS_SIZE))
    turn = np.arange(len(members))
    numbers = []
    for place in range(rooms):
        room = f"{(grade - 8) * 100 + place + 1 if is_high else (grade // 3 + 1) * 100 + grade % 3 * 10 + place + 1}"
        plan.teachers.append(school)
        numbers.append(plan.add(school, "HR", grade * 100 + place + 1, room, len(plan.teachers) - 1))
    plan.homerooms.extend(numbers)
    homeroom[members] = np.array(numbers)[turn % rooms]
    plan.seats.append((members, homeroom[members]))
    courses = _HIGH_COURSES if is_high else _UPPER_COURSES if grade > 5 else _LOWER_COURSES
    for shift, course in enumerate(courses, start=1):
        own = [plan.add(school, f"{course}{grade}", grade * 100 + place + 1, "", -1) for place in range(rooms)]
        plan.waiting.extend(own)
        # High-school classes mix the homerooms; in K-8 the homeroom moves together.
        step = shift * (turn // rooms) if is_high else 0
        plan.seats.append((members, np.array(own)[(turn + step) % rooms]))


def _appoint(plan: _Plan, school: int, first: int, *, is_high: bool) -> None:
    """Give the other sections their teachers: homeroom teachers at a high school, specialists in K-8."""
    if is_high:
        staff = list(range(first, len(plan.teachers)))
    else:
        staff = list(range(len(plan.teachers), len(plan.teachers) + max(1, len(plan.waiting) // 6)))
        plan.teachers.extend([school] * len(staff))
    for place, section in enumerate(plan.waiting):
        entry = plan.sections[section]
        teacher = staff[place % len(staff)]
        room = f"{110 + teacher % 40 + 100 * (section % 3)}"
        plan.sections[section] = Section(
            entry.section_id, school, entry.course_number, entry.section_number, teacher, room
        )
    plan.waiting.clear()


def _rooms(rng: np.random.Generator, plan: _Plan, spans: Spans, homeroom: Ints) -> Rooms:
    seat_span = np.concatenate([seats[0] for seats in plan.seats])
    seat_section = np.concatenate([seats[1] for seats in plan.seats])
    until = spans.exit[seat_span].copy()
    is_homeroom = np.isin(seat_section, plan.homerooms)
    dropped = (~is_homeroom & (rng.random(len(seat_span)) < 0.012)).astype(np.int64)
    week = np.timedelta64(7, "D")
    early = np.minimum(spans.entry[seat_span] + week * rng.integers(1, 5, len(seat_span)), until)
    until = np.where(dropped == 1, early, until)
    order = np.lexsort((seat_section, seat_span))
    return Rooms(
        sections=tuple(plan.sections),
        homerooms=np.array(plan.homerooms),
        teachers=np.array(plan.teachers),
        span_homeroom=homeroom,
        seat_span=seat_span[order],
        seat_section=seat_section[order],
        seat_dropped=dropped[order],
        seat_until=until[order],
    )


@dataclass(frozen=True)
class Taken:
    """Which homerooms had attendance taken on which school day: ``by_room[homeroom place, day]``."""

    by_room: np.ndarray[tuple[int, int], np.dtype[np.bool_]]
    silent_schools: tuple[int, ...]
    silent_homerooms: tuple[int, ...]  # places in Rooms.homerooms


def take_attendance(rng: np.random.Generator, schools: tuple[School, ...], rooms: Rooms, days: int) -> Taken:
    """All homerooms on all days, but for two silent schools on the last days and a dozen silent teachers elsewhere."""
    school_of = np.array([rooms.sections[place].school for place in rooms.homerooms])
    by_room = np.ones((len(rooms.homerooms), days), dtype=np.bool_)
    # A middling K-8 school for two days, and in a district large enough a small high school for four.
    silent = [1]
    by_room[school_of == 1, days - 2 :] = False
    if len(schools) > 6:
        silent.append(len(schools) - 2)
        by_room[school_of == silent[1], days - 4 :] = False
    others = np.flatnonzero(~np.isin(school_of, silent))
    mute = rng.choice(others, size=max(1, min(12, len(others) // 20)), replace=False)
    for turn, room in enumerate(np.sort(mute)):
        by_room[room, days - (3, 5, 4, 8, 3, 11, 6, 4, 15, 3, 7, 5)[turn] :] = False
    return Taken(by_room, tuple(silent), tuple(int(room) for room in np.sort(mute)))
