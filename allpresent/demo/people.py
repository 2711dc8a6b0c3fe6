"""Who is in the synthetic district: grades, schools, households, student groups and the tendency to be absent.

Everything is one array a fact, one entry a student. The tendency is what a student's days are later ranked by: it
holds the school, the grade, the household and the student (lasting), and this year's luck. Neither language nor
ethnicity has any part in it.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from allpresent.demo.names import HERITAGES, draw_heritages
from allpresent.demo.schools import Floats, Ints, School, share_out

Flags = npt.NDArray[np.bool_]


class Group(IntEnum):
    """How a student stands on the judged day."""

    ENROLLED = 0
    LEFT = 1  # began this year, left before the judged day
    NO_SHOW = 2  # registered, never came
    GRADUATED = 3  # last year only, grade 12
    GONE = 4  # last year only


NONE = -1  # no grade or school that year

_GRADES_K8 = (0.97, 1.02, 1.0, 1.01, 1.0, 0.99, 1.02, 1.0, 0.99)
_GRADES_HIGH = (1.18, 1.02, 0.94, 0.86)
_GRADE_PULL = (0.34, 0.12, 0.0, -0.08, -0.12, -0.1, -0.04, 0.04, 0.08, 0.22, 0.0, -0.06, 0.02)
_HOUSEHOLD_SIZES = (0.44, 0.32, 0.15, 0.06, 0.03)


@dataclass(frozen=True)
class People:
    """The students of both years; grades 0 = kindergarten to 12, schools as positions in the list of schools."""

    group: Ints
    grade: Ints  # this year's, or last year's for those who did not come back
    school: Ints
    last_grade: Ints  # NONE when new to the district
    last_school: Ints
    household: Ints
    heritage: Ints  # position in names.HERITAGES
    language_is_home: Flags  # the family speaks that language at home, not English
    is_girl: Flags
    lunch: Ints  # 0 free, 1 reduced, 2 paid
    has_el: Flags
    has_swd: Flags
    has_s504: Flags
    is_homeless: Flags
    tendency: Floats  # to be absent this year
    last_tendency: Floats

    def __len__(self) -> int:
        return len(self.group)

    @property
    def came_this_year(self) -> Flags:
        """Was in a classroom this year for at least a day."""
        came: Flags = self.group <= Group.LEFT
        return came

    @property
    def came_last_year(self) -> Flags:
        """Was enrolled at some time last year."""
        came: Flags = self.last_grade != NONE
        return came


def make_people(rng: np.random.Generator, schools: tuple[School, ...]) -> People:
    """All students of the two years for these schools."""
    group, grade, school = _this_year(rng, schools)
    last_grade, last_school = _last_year(rng, schools, group, grade, school)
    household = _households(rng, schools, grade, school)
    families, count = int(household.max()) + 1, len(group)
    heritage = draw_heritages(rng, families)[household]
    home_share = np.array([entry.home_share for entry in HERITAGES])
    language_is_home = rng.random(families)[household] < home_share[heritage]
    lunch = rng.choice(3, size=families, p=(0.66, 0.06, 0.28))[household]
    is_homeless = rng.random(families)[household] < 0.022
    has_swd = rng.random(count) < 0.16
    lasting = _lasting_pull(rng, household, has_swd, is_homeless, lunch == 0)
    return People(
        group=group,
        grade=grade,
        school=school,
        last_grade=last_grade,
        last_school=last_school,
        household=household,
        heritage=heritage,
        language_is_home=language_is_home,
        is_girl=rng.random(count) < 0.487,
        lunch=lunch,
        has_el=language_is_home & (rng.random(count) < np.where(grade > 8, 0.45, 0.62)),
        has_swd=has_swd,
        has_s504=~has_swd & (rng.random(count) < 0.055),
        is_homeless=is_homeless,
        tendency=_tendency(rng, lasting, schools, grade, school),
        last_tendency=_tendency(rng, lasting, schools, last_grade, last_school),
    )


def _lasting_pull(
    rng: np.random.Generator, household: Ints, has_swd: Flags, is_homeless: Flags, has_free_lunch: Flags
) -> Floats:
    """What stays with a student from year to year: the household, the student, and what makes it hard to come."""
    families = rng.standard_normal(int(household.max()) + 1)
    own = rng.standard_normal(len(household))
    pull: Floats = 0.45 * families[household] + 0.62 * own + 0.28 * has_swd + 0.75 * is_homeless + 0.22 * has_free_lunch
    return pull


def _tendency(
    rng: np.random.Generator, lasting: Floats, schools: tuple[School, ...], grade: Ints, school: Ints
) -> Floats:
    """The tendency of one year: what lasts, the school and the grade, and the year's own luck."""
    tendency: Floats = lasting + _place_pull(schools, grade, school) + 0.5 * rng.standard_normal(len(lasting))
    return tendency


def _this_year(rng: np.random.Generator, schools: tuple[School, ...]) -> tuple[Ints, Ints, Ints]:
    """Group, grade and school of everybody; the enrolled fill every school exactly."""
    school = np.repeat(np.arange(len(schools)), [entry.students for entry in schools])
    grade = np.concatenate([_grades(entry) for entry in schools])
    enrolled = len(school)
    left, unseen = max(2, enrolled * 18 // 1000), max(1, enrolled * 2 // 1000)
    seniors, gone = max(2, enrolled * 68 // 1000), max(2, enrolled * 65 // 1000)
    like = rng.integers(0, enrolled, left + unseen + gone)  # those who left resemble those who stayed
    high = np.flatnonzero([entry.is_high for entry in schools])
    sizes = np.array([schools[place].students for place in high], dtype=np.float64)
    senior_school = rng.choice(high, size=seniors, p=sizes / sizes.sum())
    groups = (Group.ENROLLED, Group.LEFT, Group.NO_SHOW, Group.GONE, Group.GRADUATED)
    group = np.repeat(np.array(groups, dtype=np.int64), [enrolled, left, unseen, gone, seniors])
    grade = np.concatenate([grade, grade[like], np.full(seniors, 12)])
    school = np.concatenate([school, school[like], senior_school])
    # Numbers in the office system follow no grade and no school.
    order = rng.permutation(len(group))
    return group[order], grade[order], school[order]


def _grades(school: School) -> Ints:
    counts = share_out(school.students, _GRADES_HIGH if school.is_high else _GRADES_K8)
    return np.repeat(np.arange(school.low_grade, school.high_grade + 1), counts)


def _last_year(
    rng: np.random.Generator, schools: tuple[School, ...], group: Ints, grade: Ints, school: Ints
) -> tuple[Ints, Ints]:
    """Last year's grade and school: most move up in their school, some repeat, some are new to the district."""
    count = len(group)
    was_here = group >= Group.GRADUATED
    repeats = rng.random(count) < 0.02
    last_grade = np.where(was_here | repeats, grade, grade - 1)
    is_new = ~was_here & (rng.random(count) < 0.07)
    last_grade[is_new] = NONE
    elementary = np.flatnonzero([not entry.is_high for entry in schools])
    sizes = np.array([schools[place].students for place in elementary], dtype=np.float64)
    other = rng.choice(elementary, size=count, p=sizes / sizes.sum())
    came_up = (grade > 8) & (last_grade <= 8)
    moved = ~was_here & (grade <= 8) & (rng.random(count) < 0.06)
    last_school = np.where(came_up | moved, other, school)
    last_school[last_grade == NONE] = NONE
    return last_grade, last_school


def _households(rng: np.random.Generator, schools: tuple[School, ...], grade: Ints, school: Ints) -> Ints:
    """A household number for every student: brothers and sisters live near one K-8 school."""
    elementary = np.flatnonzero([not entry.is_high for entry in schools])
    near = np.where(grade > 8, rng.choice(elementary, size=len(grade)), school)
    household = np.empty(len(grade), dtype=np.int64)
    first = 0
    for zone in elementary:
        members = rng.permutation(np.flatnonzero(near == zone))
        sizes = rng.choice(np.arange(1, 6), size=len(members), p=_HOUSEHOLD_SIZES)
        numbers = np.repeat(np.arange(len(sizes)), sizes)[: len(members)]
        household[members] = first + numbers
        first += int(numbers[-1]) + 1 if len(members) else 0
    return household


def _place_pull(schools: tuple[School, ...], grade: Ints, school: Ints) -> Floats:
    by_school = np.array([entry.pull for entry in schools])
    by_grade = np.array(_GRADE_PULL)
    return np.where(grade == NONE, 0.0, by_school[school] + by_grade[grade])
