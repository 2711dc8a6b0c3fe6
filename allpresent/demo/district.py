"""The whole synthetic district, made from its size and a seed; every stage has its own stream of chance."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from allpresent.demo.absences import make_absences
from allpresent.demo.calendar import JUDGED_DAYS, LAST_YEAR, THIS_YEAR, SchoolYear
from allpresent.demo.identities import Identities, make_identities
from allpresent.demo.marks import Days, Marks, last_year_marks, this_year_marks
from allpresent.demo.people import NONE, Flags, People, make_people
from allpresent.demo.schools import Ints, School, make_schools
from allpresent.demo.sections import Rooms, Taken, make_rooms, take_attendance
from allpresent.demo.spans import Spans, make_spans

SMALLEST = 100


class DemoError(ValueError):
    """One sentence for the person who asked for the synthetic district."""


@dataclass(frozen=True)
class SyntheticDistrict:
    """Everything the files are written from."""

    schools: tuple[School, ...]
    people: People
    spans: Spans  # both years, by student within a year
    this_year: Spans  # those of the year under way, in the same order
    rooms: Rooms
    taken: Taken
    identities: Identities
    last_marks: Marks
    marks: Marks


@lru_cache(maxsize=1)
def make_district(students: int, seed: int) -> SyntheticDistrict:
    """The district with ``students`` enrolled on the judged day. Raises DemoError for a size it cannot make."""
    _check(students, seed)
    streams = [np.random.default_rng([seed, stage]) for stage in range(8)]
    schools = make_schools(students)
    people = make_people(streams[0], schools)
    spans = make_spans(streams[1], people, schools)
    this_year = spans.where(spans.year == THIS_YEAR.start)
    rooms = make_rooms(streams[2], schools, this_year)
    taken = take_attendance(streams[3], schools, rooms, JUDGED_DAYS)
    school, reported = _this_year(len(people), this_year, rooms, taken)
    last_school = _schools_by_day(len(people), spans.where(spans.year == LAST_YEAR.start), LAST_YEAR, None)
    absences = make_absences(streams[4], people, last_school != NONE, reported)
    return SyntheticDistrict(
        schools=schools,
        people=people,
        spans=spans,
        this_year=this_year,
        rooms=rooms,
        taken=taken,
        identities=make_identities(streams[5], people, len(rooms.teachers)),
        last_marks=last_year_marks(
            streams[6], people, Days(last_school, last_school != NONE, absences.last_year, LAST_YEAR.dates())
        ),
        marks=this_year_marks(
            streams[7], people, Days(school, reported, absences.this_year, THIS_YEAR.dates(JUDGED_DAYS))
        ),
    )


def _check(students: int, seed: int) -> None:
    if students < SMALLEST:
        raise DemoError(f"A synthetic district needs at least {SMALLEST} students, not {students}.")
    if seed < 0:
        raise DemoError(f"The seed has to be 0 or more, not {seed}.")


def _schools_by_day(students: int, spans: Spans, year: SchoolYear, count: int | None) -> Ints:
    """The school of each student on each school day; of two at once, the one entered later. NONE = not enrolled."""
    dates = year.dates(count)
    schools = np.full((students, len(dates)), NONE, dtype=np.int64)
    first, stop = np.searchsorted(dates, spans.entry), np.searchsorted(dates, spans.exit)
    for row in range(len(spans)):
        schools[spans.student[row], first[row] : stop[row]] = spans.school[row]
    return schools


def _this_year(students: int, spans: Spans, rooms: Rooms, taken: Taken) -> tuple[Ints, Flags]:
    """School and "attendance was taken" by student and day: one of the student's homerooms that day is enough."""
    schools = _schools_by_day(students, spans, THIS_YEAR, JUDGED_DAYS)
    dates = THIS_YEAR.dates(JUDGED_DAYS)
    place = np.full(len(rooms.sections) + 1, NONE, dtype=np.int64)
    place[rooms.homerooms] = np.arange(len(rooms.homerooms))
    reported = np.zeros(schools.shape, dtype=np.bool_)
    first, stop = np.searchsorted(dates, spans.entry), np.searchsorted(dates, spans.exit)
    for row in np.flatnonzero(rooms.span_homeroom != NONE):
        room = place[rooms.span_homeroom[row]]
        reported[spans.student[row], first[row] : stop[row]] |= taken.by_room[room, first[row] : stop[row]]
    return schools, reported
