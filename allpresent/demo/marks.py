"""The attendance marks of both years, and what each of the two deliveries says about them.

A mark has one code in the first delivery and one in the second; NOT_THERE where a delivery does not have it. Most are
equal. The second delivery excuses some absences, makes others tardy, withdraws a few, adds late ones, and voids the
storm day. Around the absences of ``absences`` stand the marks that do not change anybody's days out: tardies, half
days, suspensions with teaching, field trips, repeats, meetings, marks out of place.
"""

from dataclasses import dataclass, fields

import numpy as np

from allpresent.demo.calendar import FIRST_DELIVERY_DAY, JUDGED_DAYS, STORM_DAY, THIS_YEAR, Dates
from allpresent.demo.codes import Code, full_absences
from allpresent.demo.people import Flags, Group, People
from allpresent.demo.schools import Floats, Ints

NOT_THERE = -1
DAILY, MEETING = 0, 1


@dataclass(frozen=True)
class Marks:
    """One entry a row of the Attendance table."""

    student: Ints
    school: Ints  # position in the list of schools
    date: Dates
    first: Ints  # code in the first delivery
    second: Ints
    mode: Ints  # DAILY or MEETING
    period: Ints  # 0 for a daily mark
    copies: Ints  # how many times the very same row is written

    def __len__(self) -> int:
        return len(self.student)

    def where(self, keep: Flags | Ints) -> "Marks":
        """The marks ``keep`` selects, in that order."""
        return Marks(*(getattr(self, field.name)[keep] for field in fields(self)))

    @classmethod
    def joined(cls, parts: "list[Marks]") -> "Marks":
        """Several sets of marks, one after the other."""
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))


@dataclass(frozen=True)
class Days:
    """Which students were in which school on which day of a year, and which days attendance was taken for them."""

    school: Ints  # [student, day], -1 = not enrolled
    reported: Flags  # [student, day]
    absent: Flags  # [student, day]
    dates: Dates


def _marks(days: Days, student: Ints, day: Ints, code: Ints | int) -> Marks:
    """Daily marks, the same in both deliveries."""
    codes = np.broadcast_to(np.asarray(code, dtype=np.int64), student.shape).copy()
    zero = np.zeros(len(student), dtype=np.int64)
    school = days.school[student, day]
    return Marks(student, school, days.dates[day], codes, codes.copy(), zero + DAILY, zero, zero + 1)


def _absent_marks(rng: np.random.Generator, days: Days, grade: Ints, tendency: Floats) -> Marks:
    student, day = np.nonzero(days.absent)
    starts = np.ones(len(student), dtype=np.bool_)
    starts[1:] = (np.diff(student) != 0) | (np.diff(day) != 1)
    spell = np.cumsum(starts) - 1
    length = np.bincount(spell)[spell] if len(spell) else spell
    rank = np.argsort(np.argsort(tendency)) * 100 // max(1, len(tendency))
    return _marks(days, student, day, full_absences(rng, spell, length, grade[student], rank[student]))


def _around(rng: np.random.Generator, days: Days, grade: Ints, tendency: Floats, tardy_share: float) -> Marks:
    """Marks on days that stay present: tardies by tendency, half days, taught suspensions, trips, homebound."""
    draw = rng.random(days.absent.shape, dtype=np.float32)
    lean = np.clip(0.4 + 0.5 * (tendency - tendency.mean()), 0.1, 2.5)[:, None]
    student, day = np.nonzero(days.reported & ~days.absent & (draw < tardy_share * lean + 0.0075))
    drawn, bound = draw[student, day], tardy_share * lean[student, 0]
    code = np.full(len(student), Code.TARDY, dtype=np.int64)
    code[drawn < bound * 0.15] = Code.TARDY_EXCUSED
    step = (drawn - bound) / 0.0075
    for low, one in (
        (0.0, Code.HALF_EXCUSED),
        (0.45, Code.HALF_UNEXCUSED),
        (0.75, Code.IN_SCHOOL),
        (0.82, Code.FIELD_TRIP),
        (0.92, Code.SUSPENDED_TAUGHT),
        (0.97, Code.HOMEBOUND),
    ):
        code[step > low] = one
    young = (grade[student] < 5) & np.isin(code, (Code.IN_SCHOOL, Code.SUSPENDED_TAUGHT))
    code[young] = Code.TARDY
    code[(grade[student] > 8) & (code == Code.FIELD_TRIP) & (step > 0.88)] = Code.EARLY_DISMISSAL
    return _marks(days, student, day, code)


def last_year_marks(rng: np.random.Generator, people: People, days: Days) -> Marks:
    """Last year's marks: the same in both deliveries, by date."""
    absent = _absent_marks(rng, days, people.last_grade, people.last_tendency)
    around = _around(rng, days, people.last_grade, people.last_tendency, 0.012)
    return _by_date(Marks.joined([absent, around]))


def this_year_marks(rng: np.random.Generator, people: People, days: Days) -> Marks:
    """This year's marks up to the judged day, by date."""
    absent = _absent_marks(rng, days, people.grade, people.tendency)
    around = _around(rng, days, people.grade, people.tendency, 0.03)
    _correct(rng, absent, around)
    parts = [
        absent,
        around,
        _repeats(rng, days, absent),
        _withdrawn(rng, days),
        _storm(rng, people, days),
        _out_of_place(rng, people, days),
        _meetings(rng, people, days),
    ]
    marks = _by_date(Marks.joined(parts))
    return marks.where((marks.first != NOT_THERE) | (marks.second != NOT_THERE))


def _by_date(marks: Marks) -> Marks:
    return marks.where(np.lexsort((marks.student, marks.date)))


def _some(rng: np.random.Generator, choices: Ints, per_mille: float) -> Ints:
    """About so many in a thousand of ``choices``, at least one where there is any."""
    count = min(len(choices), max(1, round(len(choices) * per_mille / 1000)))
    return rng.choice(choices, size=count, replace=False) if count else choices


def _correct(rng: np.random.Generator, absent: Marks, around: Marks) -> None:
    """Write into the first delivery what the office had not yet put right."""
    first_day = np.datetime64(FIRST_DELIVERY_DAY)
    recent = absent.date > THIS_YEAR.dates()[JUDGED_DAYS - 20]
    excused = np.flatnonzero(recent & np.isin(absent.second, (Code.EXCUSED, Code.MEDICAL)))
    absent.first[_some(rng, excused, 60)] = Code.ABSENT
    tardy = np.flatnonzero((around.second == Code.TARDY) & (around.date > THIS_YEAR.dates()[JUDGED_DAYS - 10]))
    around.first[_some(rng, tardy, 35)] = Code.ABSENT
    absent.first[_some(rng, np.flatnonzero(recent), 12)] = NOT_THERE  # entered late
    # One code that nobody mapped, and marks whose id is in no code table, on days that are not absences otherwise.
    absent.second[_some(rng, np.flatnonzero(absent.second == Code.ABSENT), 0.5)] = Code.OLD
    unknown = _some(rng, np.flatnonzero(around.second == Code.TARDY), 1.2)
    around.first[unknown] = around.second[unknown] = Code.UNKNOWN
    for marks in (absent, around):
        marks.first[marks.date > first_day] = NOT_THERE


def _repeats(rng: np.random.Generator, days: Days, absent: Marks) -> Marks:
    """Rows written twice as they are, and a second, different mark on a day already absent."""
    absent.copies[_some(rng, np.arange(len(absent)), 0.5)] = 2
    chosen = _some(rng, np.flatnonzero(absent.first == absent.second), 0.8)
    again = absent.where(chosen)
    again.copies[:] = 1
    for codes in (again.first, again.second):
        swapped = np.where(np.arange(len(codes)) % 2, Code.TARDY, Code.EXCUSED)
        codes[:] = np.where(codes == Code.EXCUSED, Code.ABSENT, swapped)
    return again


def _withdrawn(rng: np.random.Generator, days: Days) -> Marks:
    """Marks of the first delivery that the second takes back: the student was in class."""
    free = days.reported & ~days.absent
    free[:, : JUDGED_DAYS - 15] = False
    free[:, JUDGED_DAYS - 1] = False
    student, day = np.nonzero(free)
    chosen = _some(rng, np.arange(len(student)), 0.4)
    marks = _marks(days, student[chosen], day[chosen], Code.ABSENT)
    marks.second[:] = NOT_THERE
    return marks


def _storm(rng: np.random.Generator, people: People, days: Days) -> Marks:
    """The storm day: absences in the first delivery, a handful forgotten in the second."""
    before = int(np.searchsorted(days.dates, np.datetime64(STORM_DAY))) - 1
    share = days.absent.sum(axis=1) / JUDGED_DAYS * 1.3 + 0.01
    out = (days.school[:, before] >= 0) & (people.group == Group.ENROLLED) & (rng.random(len(share)) < share)
    student = np.flatnonzero(out)
    marks = _marks(days, student, np.full(len(student), before), Code.ABSENT)
    marks.date[:] = np.datetime64(STORM_DAY)
    marks.second[:] = NOT_THERE
    kept = _some(rng, np.arange(len(student)), 9)
    marks.second[kept] = Code.ABSENT
    return marks


def _out_of_place(rng: np.random.Generator, people: People, days: Days) -> Marks:
    """Marks after a student left (the withdrawal was entered late), and a few on a Saturday."""
    left = np.flatnonzero((people.group == Group.LEFT) & (days.school[:, JUDGED_DAYS - 2] < 0))
    chosen = left[rng.random(len(left)) < 0.12] if len(left) > 8 else left[:1]
    last = np.array([np.flatnonzero(days.school[student] >= 0)[-1] for student in chosen], dtype=np.int64)
    after = _marks(days, chosen, last, Code.ABSENT)
    after.date[:] = days.dates[np.minimum(last + 1, JUDGED_DAYS - 2)]
    here = _some(rng, np.flatnonzero(days.reported[:, 20]), 0.15)
    saturday = _marks(days, here, np.full(len(here), 20), Code.ABSENT)
    weekday = (saturday.date.astype(np.int64) + 3) % 7
    saturday.date[:] = saturday.date + (5 - weekday).astype("timedelta64[D]")
    return Marks.joined([after, saturday])


def _meetings(rng: np.random.Generator, people: People, days: Days) -> Marks:
    """Period marks of the high schools, beside the daily ones: never to be added to them."""
    is_high = (people.grade > 8) & people.came_this_year
    draw = rng.random(days.reported.shape, dtype=np.float32)
    student, day = np.nonzero(days.reported & is_high[:, None] & (draw < np.where(days.absent, 0.22, 0.025)))
    parts = []
    for turn in range(2):
        marks = _marks(days, student, day, np.where(draw[student, day] < 0.02, Code.DITCHING, Code.TARDY))
        marks.mode[:] = MEETING
        marks.period[:] = 1 + (student + day * 3 + turn * 2) % 6
        parts.append(marks.where(np.arange(len(student)) % (turn + 1) == 0))
    marks = Marks.joined(parts)
    marks.first[marks.date > np.datetime64(FIRST_DELIVERY_DAY)] = NOT_THERE
    return marks
