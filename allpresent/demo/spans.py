"""When each student was enrolled where: full years, late entries, leavers, movers, overlaps and no-shows.

Exit dates are exclusive, as PowerSchool keeps them: the first day the student is no longer a member.
"""

from dataclasses import dataclass, fields

import numpy as np

from allpresent.demo.calendar import JUDGED_DAYS, LAST_YEAR, THIS_YEAR, Dates, SchoolYear
from allpresent.demo.people import NONE, Flags, Group, People
from allpresent.demo.schools import Ints, School

_DAY = np.timedelta64(1, "D")


@dataclass(frozen=True)
class Spans:
    """Enrollment spans, one entry a span; within a year a student's later span stands after the earlier one."""

    student: Ints  # position in People
    year: Ints  # start year
    school: Ints  # position in the list of schools
    grade: Ints
    entry: Dates
    exit: Dates  # exclusive; entry = exit is a no-show

    def __len__(self) -> int:
        return len(self.student)

    def where(self, keep: Flags | Ints) -> "Spans":
        """The spans ``keep`` selects, in that order."""
        return Spans(*(getattr(self, field.name)[keep] for field in fields(self)))


def join(parts: list[Spans]) -> Spans:
    """Several sets of spans, one after the other."""
    return Spans(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Spans)))


def make_spans(rng: np.random.Generator, people: People, schools: tuple[School, ...]) -> Spans:
    """Both years' spans, last year's first."""
    last = _whole_year(people.came_last_year, people.last_school, people.last_grade, LAST_YEAR)
    this = _whole_year(people.group <= Group.NO_SHOW, people.school, people.grade, THIS_YEAR)
    return join([_vary_last_year(rng, people, schools, last), _vary_this_year(rng, people, schools, this)])


def _whole_year(present: Flags, school: Ints, grade: Ints, year: SchoolYear) -> Spans:
    student = np.flatnonzero(present)
    day_after = np.datetime64(year.term_ends_on) + _DAY
    return Spans(
        student=student,
        year=np.full(len(student), year.start),
        school=school[student],
        grade=grade[student],
        entry=np.full(len(student), year.first_day, dtype="datetime64[D]"),
        exit=np.full(len(student), day_after, dtype="datetime64[D]"),
    )


def _few(rng: np.random.Generator, choices: Ints, per_mille: float, total: int) -> tuple[Ints, Ints]:
    """Some of ``choices`` (at least one) picked by chance, and the rest."""
    count = min(len(choices), max(1, round(total * per_mille / 1000)))
    shuffled = rng.permutation(choices)
    return shuffled[:count], np.sort(shuffled[count:])


def _vary_this_year(rng: np.random.Generator, people: People, schools: tuple[School, ...], spans: Spans) -> Spans:
    days = THIS_YEAR.dates(JUDGED_DAYS)
    group = people.group[spans.student]
    total = int((group == Group.ENROLLED).sum())
    late, rest = _few(rng, np.flatnonzero(group == Group.ENROLLED), 42, total)
    # More come in September than in October; nobody on the last two days.
    spans.entry[late] = days[np.minimum((rng.random(len(late)) ** 1.6 * 41).astype(np.int64) + 2, 42)]
    movers, rest = _few(rng, rest, 15, total)
    doubled, rest = _few(rng, rest, 1, total)
    left = np.flatnonzero(group == Group.LEFT)
    spans.exit[left] = days[rng.integers(4, 41, len(left))]
    unseen = np.flatnonzero(group == Group.NO_SHOW)
    spans.exit[unseen] = spans.entry[unseen]
    before = _moved_from(rng, people, schools, spans, movers, days[6:40])
    # The office typed the same enrollment twice: an overlap at the same school.
    again = spans.where(doubled)
    again.exit[:] = days[rng.integers(10, 30, len(doubled))]
    return _in_order([before, again, spans])


def _vary_last_year(rng: np.random.Generator, people: People, schools: tuple[School, ...], spans: Spans) -> Spans:
    days = LAST_YEAR.dates()
    total = len(spans)
    late, rest = _few(rng, np.arange(total), 45, total)
    spans.entry[late] = days[np.minimum((rng.random(len(late)) ** 1.4 * 165).astype(np.int64) + 2, 165)]
    movers, rest = _few(rng, rest, 22, total)
    before = _moved_from(rng, people, schools, spans, movers, days[10:150])
    gone = rest[people.group[spans.student[rest]] == Group.GONE]
    # Half of those who did not come back left during the year, the others in the summer.
    early = gone[rng.random(len(gone)) < 0.5]
    spans.exit[early] = days[rng.integers(20, 170, len(early))]
    return _in_order([before, spans])


def _moved_from(
    rng: np.random.Generator,
    people: People,
    schools: tuple[School, ...],
    spans: Spans,
    movers: Ints,
    days: Dates,
) -> Spans:
    """The earlier span of each mover; the later one, in ``spans``, starts on a day of ``days``.

    Of ten movers, six change on one day, two stay away two days, two are still enrolled at the old school for days.
    """
    before = spans.where(movers)
    change = days[rng.integers(0, len(days), len(movers))]
    kind = rng.random(len(movers))
    away = np.where(kind < 0.6, 0, np.where(kind < 0.8, -2, 5)).astype("timedelta64[D]")
    spans.entry[movers] = change
    before.exit[:] = change + away
    before.school[:] = _other_school(rng, schools, before.school)
    return before


def _other_school(rng: np.random.Generator, schools: tuple[School, ...], school: Ints) -> Ints:
    """Another school of the same kind where there is one."""
    is_high = np.array([entry.is_high for entry in schools])
    other = school.copy()
    for kind in (False, True):
        choices = np.flatnonzero(is_high == kind)
        mine = np.flatnonzero(is_high[school] == kind)
        step = rng.integers(1, max(2, len(choices)), len(mine))
        place = np.searchsorted(choices, school[mine])
        other[mine] = choices[(place + step) % len(choices)]
    return other


def _in_order(parts: list[Spans]) -> Spans:
    """Earlier spans first, so that a student's last span of the year is the one in force."""
    spans = join(parts)
    return spans.where(np.lexsort((spans.exit, spans.entry, spans.student)))


def current_spans(spans: Spans) -> Ints:
    """The span that stands in the Students table for each student: the latest of all. Others are ReEnrollments."""
    last: Ints = np.full(int(spans.student.max()) + 1, NONE, dtype=np.int64)
    last[spans.student] = np.arange(len(spans))  # later rows overwrite earlier ones
    known: Ints = last[last != NONE]
    return known
