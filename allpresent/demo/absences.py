"""How many days each student is absent, and which.

The number comes first: on the judged day the level table of the district is New Haven's by construction. Students are
ranked by their tendency and take the days of the table in that order. Then the days are placed: spells of illness,
more on Mondays and Fridays, brothers and sisters often together.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from allpresent.demo.calendar import JUDGED_DAYS, LAST_YEAR, THIS_YEAR, Dates
from allpresent.demo.people import Flags, Group, People
from allpresent.demo.schools import Floats, Ints, share_out

# Students by days out (0-1, 2-5, 6-10, 11-14, 15-17, 18 and more): New Haven's toolkit, on about school day 45.
NEW_HAVEN_LEVELS = {
    "K-8": (3463, 4870, 2425, 620, 223, 328),
    "9-12": (1262, 2054, 1204, 424, 173, 633),
}
# Of the students with 2 to 5 days, those with exactly 5: with late entrants, for whom fewer days are 10%, 42% of all
# students are chronically absent on day 45.
FIVE_DAYS = (1285, 6924)
LAST_YEAR_JUDGED = 0.476  # chronically absent at last year's school day 45
LAST_YEAR_END = 0.581  # and in June

_WITHIN = (
    (0, (44, 56)),
    (2, (41, 32.5, 26.5)),
    (6, (31, 23.5, 18.5, 15, 12)),
    (11, (32.5, 27, 22, 18.5)),
    (15, (40, 33, 27)),
)
_LATE = 36  # with fewer possible days a student's days are scaled down


@dataclass(frozen=True)
class Absences:
    """Absent or not, one row a student of People, one column a school day of the year."""

    last_year: Flags
    this_year: Flags


def day_counts(students: int, levels: tuple[int, ...]) -> Ints:
    """How many of ``students`` have 0, 1, 2 ... 45 days out: the cells of ``levels`` kept to the nearest student."""
    cells = share_out(students, levels)
    counts = np.zeros(JUDGED_DAYS + 1, dtype=np.int64)
    counts[5] = round(int(cells[1]) * FIVE_DAYS[0] / FIVE_DAYS[1])
    for (first, shares), cell in zip(_WITHIN, cells[:5], strict=True):
        total = int(cell) - (int(counts[5]) if first == 2 else 0)
        counts[first : first + len(shares)] += share_out(total, shares)
    counts[18:] = share_out(int(cells[5]), np.exp(-np.arange(JUDGED_DAYS - 17) / 6.0))
    return counts


def deal(counts: Ints, tendency: Floats, possible: Ints) -> Ints:
    """The days of ``counts`` given to students in the order of their tendency, none more than is possible.

    Late entrants take their rank's share of the days they were here; what they leave over goes to their neighbours.
    """
    days = np.repeat(np.arange(len(counts)), counts)
    rank = np.empty(len(tendency), dtype=np.int64)
    rank[np.argsort(tendency, kind="stable")] = np.arange(len(tendency))
    dealt = days[rank]
    late = possible < _LATE
    dealt[late] = (dealt[late] * possible[late] * 2 + JUDGED_DAYS) // (2 * JUDGED_DAYS)
    left = counts - np.bincount(dealt[late], minlength=len(counts))
    _level_out(left)
    rest = np.flatnonzero(~late)
    rest = rest[np.argsort(tendency[rest], kind="stable")]
    dealt[rest] = np.repeat(np.arange(len(left)), left)
    return np.minimum(dealt, possible)


def _level_out(counts: Ints) -> None:
    """Move a debt of students to the next higher number of days that has some, then to the next lower one."""
    for day in range(len(counts) - 1):
        if counts[day] < 0:
            counts[day + 1] += counts[day]
            counts[day] = 0
    for day in range(len(counts) - 1, 0, -1):
        if counts[day] < 0:
            counts[day - 1] += counts[day]
            counts[day] = 0


def _scores(rng: np.random.Generator, dates: Dates, household: Ints) -> npt.NDArray[np.float32]:
    """How likely each student is to be out each day, relative to the student's other days."""
    days = len(dates)
    weekday = (dates.astype(np.int64) + 3) % 7  # 0 = Monday
    gap = np.diff(dates.astype(np.int64), append=dates[-1].astype(np.int64) + 3)
    by_day = np.where(weekday == 4, 0.32, np.where(weekday == 0, 0.24, 0.0)) + np.where(gap > 3, 0.35, 0.0)
    by_day = by_day + 0.2 * np.sin(np.arange(days) / 11.0)  # colds go round in waves
    family = _drift(rng, int(household.max()) + 1, days)
    own = _drift(rng, len(household), days)
    return (0.5 * family[household] + own + by_day.astype(np.float32)).astype(np.float32)


def _drift(rng: np.random.Generator, rows: int, days: int) -> npt.NDArray[np.float32]:
    """Noise that lasts some days: neighbouring days go together, which makes spells."""
    noise = rng.standard_normal((rows, days), dtype=np.float32)
    for day in range(1, days):
        noise[:, day] = 0.62 * noise[:, day - 1] + 0.78 * noise[:, day]
    return noise


def place(scores: npt.NDArray[np.float32], wanted: Ints, possible: Flags) -> Flags:
    """The ``wanted`` most likely days of each student among those ``possible``."""
    ranked = np.argsort(np.where(possible, -scores, np.inf), axis=1, kind="stable")
    chosen = np.zeros(scores.shape, dtype=np.bool_)
    np.put_along_axis(chosen, ranked, np.arange(scores.shape[1]) < wanted[:, None], axis=1)
    return chosen & possible


def make_absences(rng: np.random.Generator, people: People, last_possible: Flags, possible: Flags) -> Absences:
    """Both years' absent days; ``possible`` marks days on which a student was enrolled and attendance was taken."""
    this = place(
        _scores(rng, THIS_YEAR.dates(JUDGED_DAYS), people.household), _this_year_days(people, possible), possible
    )
    early, later = _last_year_days(rng, people, last_possible)
    scores = _scores(rng, LAST_YEAR.dates(), people.household)
    first = place(scores[:, :JUDGED_DAYS], early, last_possible[:, :JUDGED_DAYS])
    second = place(scores[:, JUDGED_DAYS:], later, last_possible[:, JUDGED_DAYS:])
    return Absences(np.concatenate([first, second], axis=1), this)


def _this_year_days(people: People, possible: Flags) -> Ints:
    days = np.zeros(len(people), dtype=np.int64)
    can = possible.sum(axis=1)
    for name, is_high in (("K-8", False), ("9-12", True)):
        here = np.flatnonzero((people.group == Group.ENROLLED) & ((people.grade > 8) == is_high))
        counts = day_counts(len(here), NEW_HAVEN_LEVELS[name])
        days[here] = deal(counts, people.tendency[here], can[here])
        # Those who left went at twice the rate of their rank before they did.
        gone = np.flatnonzero((people.group == Group.LEFT) & ((people.grade > 8) == is_high))
        rank = np.searchsorted(np.sort(people.tendency[here]), people.tendency[gone])
        whole = np.repeat(np.arange(len(counts)), counts)[np.minimum(rank, len(here) - 1)]
        days[gone] = np.minimum(whole * 2 * can[gone] // JUDGED_DAYS, can[gone])
    return days


def _last_year_days(rng: np.random.Generator, people: People, possible: Flags) -> tuple[Ints, Ints]:
    """Days out up to last year's school day 45, and after it."""
    can_early = possible[:, :JUDGED_DAYS].sum(axis=1)
    early = np.zeros(len(people), dtype=np.int64)
    for name, is_high in (("K-8", False), ("9-12", True)):
        here = np.flatnonzero((can_early > 0) & ((people.last_grade > 8) == is_high))
        share = {"K-8": LAST_YEAR_JUDGED - 0.036, "9-12": LAST_YEAR_JUDGED + 0.075}[name]
        early[here] = deal(_worse(len(here), name, share), people.last_tendency[here], can_early[here])
    later_pull = people.last_tendency + 0.55 * rng.standard_normal(len(people))
    return early, _rest_of_year(rng, later_pull, early, possible)


def _worse(students: int, name: str, share: float) -> Ints:
    """This year's table with the part at five days and more made ``share`` of the students."""
    counts = day_counts(students, NEW_HAVEN_LEVELS[name]).astype(np.float64)
    counts[:5] *= (1 - share) / counts[:5].sum()
    counts[5:] *= share / counts[5:].sum()
    return share_out(students, counts)


def _rest_of_year(rng: np.random.Generator, pull: Floats, early: Ints, possible: Flags) -> Ints:
    """Days out after day 45, scaled so that the wanted share of June's students ends the year chronically absent."""
    shape = np.empty(len(pull))
    shape[np.argsort(pull, kind="stable")] = np.sort(rng.gamma(1.15, 1.0, len(pull)))
    part = rng.random(len(pull))
    in_june, can, can_later = possible[:, -1], possible.sum(axis=1), possible[:, JUDGED_DAYS:].sum(axis=1)
    low, high = 1.0, 60.0
    later = np.zeros(len(pull), dtype=np.int64)
    for _ in range(24):
        mean = (low + high) / 2
        scaled = np.floor(mean * shape * can_later / (len(LAST_YEAR.days) - JUDGED_DAYS) + part)
        later = np.minimum(scaled.astype(np.int64), can_later * 19 // 20)
        chronic = 10 * (early + later) >= can
        low, high = (mean, high) if chronic[in_june].mean() < LAST_YEAR_END else (low, mean)
    return later
