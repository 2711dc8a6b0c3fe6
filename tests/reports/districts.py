"""Districts for reports, written through the ledger: students with whole-day absences, column by column."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from allpresent.ledger import TABLES, Ledger
from allpresent.measures import Facts, Rules, open_facts
from allpresent.policy.district import District, Goal

POSTED_AT = datetime(2026, 11, 5, 23, 0, tzinfo=UTC)
FIRST, FIRST_LAST_YEAR = date(2026, 8, 31), date(2025, 9, 1)
RULES = Rules()
LEVELS = {
    "L1": ("On track", "0-1"),
    "L2": ("Alert", "2-5"),
    "L3": ("Moderate", "6-10"),
    "L4": ("Serious", "11-14"),
    "L5": ("Severe", "15-17"),
    "L6": ("Extreme", "18+"),
}
GOALS = (
    Goal("June 2021-22", "2021-22", "was", Decimal(58)),
    Goal("June 2023", "2022-23", "goal", Decimal(30)),
)
ELM_HARBOR = District(name="Elm Harbor Public Schools", goals=GOALS)


def weekdays(count: int, first: date) -> list[date]:
    """The first ``count`` Mondays to Fridays."""
    days, day = [], first
    while len(days) < count:
        if day.weekday() < 5:
            days.append(day)
        day += timedelta(days=1)
    return days


@dataclass
class Home:
    """A district in the making. ``students`` holds (school, grade, days absent this year, days absent last year).

    The first so many school days are the ones missed; a negative number of last year's days means not enrolled then.
    ``untaken`` names schools whose last school days nobody reported: school -> how many days.
    """

    students: list[tuple[str, str, int, int]] = field(default_factory=list)
    groups: list[tuple[int, str, str]] = field(default_factory=list)  # position of the student, flag, value
    untaken: dict[str, int] = field(default_factory=dict)
    days: int = 45
    days_last_year: int = 60
    schools_without_students: tuple[str, ...] = ()

    def add(self, count: int, school: str, grade: str, absent: int, absent_last_year: int = -1) -> "Home":
        """So many students alike."""
        self.students += [(school, grade, absent, absent_last_year)] * count
        return self

    def post(self, home: Path, delivery_id: str = "0001-drawn0001") -> Facts:
        """The facts of the home after one more delivery."""
        tables = {name: kind.empty() for name, kind in TABLES.items()} | self._tables()
        Ledger(home).write(
            tables, delivery_id=delivery_id, source="drawn", content_sha=delivery_id, posted_at=POSTED_AT
        )
        return open_facts(home)

    @property
    def as_of(self) -> date:
        """The last school day delivered."""
        return weekdays(self.days, FIRST)[-1]

    def _tables(self) -> dict[str, pa.Table]:
        now, then = weekdays(self.days, FIRST), weekdays(self.days_last_year, FIRST_LAST_YEAR)
        schools = sorted({student[0] for student in self.students} | set(self.schools_without_students))
        ids = [f"s{number:05d}" for number in range(len(self.students))]
        was_here = [number for number, student in enumerate(self.students) if student[3] >= 0]
        spans = [(number, now[0]) for number in range(len(ids))] + [(number, then[0]) for number in was_here]
        marks = [
            (ids[number], school, day)
            for number, (school, _, absent, absent_then) in enumerate(self.students)
            for day in (*now[:absent], *then[: max(0, absent_then)])
        ]
        taken = [(school, day) for school in schools for day in self._taken(school, now, then)]
        return {
            "schools": columns("schools", school_id=schools, name=[f"School {school}" for school in schools]),
            "calendar_days": columns(
                "calendar_days",
                school_id=[school for school in schools for _ in (*now, *then)],
                date=[day for _ in schools for day in (*now, *then)],
                in_session=1,
            ),
            "students": columns("students", student_id=ids, grade=[student[1] for student in self.students]),
            "enrollments": columns(
                "enrollments",
                student_id=[ids[number] for number, _ in spans],
                school_id=[self.students[number][0] for number, _ in spans],
                entry_date=[first for _, first in spans],
                last_member_date=[None if first == now[0] else then[-1] for _, first in spans],
                grade=[self.students[number][1] for number, _ in spans],
            ),
            "attendance": columns(
                "attendance",
                student_id=[mark[0] for mark in marks],
                school_id=[mark[1] for mark in marks],
                date=[mark[2] for mark in marks],
                portion_num=1,
                portion_den=1,
                category="absent",
                mode="day",
                excused=0,
                disciplinary=0,
                counted=1,
                delivery_id="drawn",
            ),
            "attendance_taken": columns(
                "attendance_taken", school_id=[row[0] for row in taken], date=[row[1] for row in taken]
            ),
            "demographics": columns(
                "demographics",
                student_id=[ids[row[0]] for row in self.groups],
                flag=[row[1] for row in self.groups],
                value=[row[2] for row in self.groups],
            ),
        }

    def _taken(self, school: str, now: Sequence[date], then: Sequence[date]) -> Iterable[date]:
        return (*now[: len(now) - self.untaken.get(school, 0)], *then)


def columns(name: str, /, **given: Any) -> pa.Table:
    """A canonical table of these columns; one value fills a column, what is not given is null."""
    size = len(next(value for value in given.values() if isinstance(value, list)))
    arrays = []
    for column, kind in TABLES[name].columns.items():
        value = given.get(column)
        arrays.append(pa.array(value if isinstance(value, list) else [value] * size, kind))
    return pa.table(arrays, schema=TABLES[name].schema)


SEED = {
    "K-8": {"L1": 3463, "L2": 4870, "L3": 2425, "L4": 620, "L5": 223, "L6": 328},
    "9-12": {"L1": 1262, "L2": 2054, "L3": 1204, "L4": 424, "L5": 173, "L6": 633},
}
LEAST_DAYS = {"L1": 0, "L2": 2, "L3": 6, "L4": 11, "L5": 15, "L6": 18}


def new_haven() -> Home:
    """The toolkit's 17,679 students by level on school day 45, of whom 42.0% are chronically absent.

    At 45 days chronic begins with the fifth absence, inside L2: 1,395 students of L2 have exactly five. A year before,
    the same students; 58.0% of them had missed five days by school day 45.
    """
    home = Home()
    at_five = {"K-8": 1000, "9-12": 395}
    for name, counts in SEED.items():
        schools = {"K-8": (("101", "03"), ("102", "K")), "9-12": (("201", "10"),)}[name]
        for level, count in counts.items():
            five = at_five[name] if level == "L2" else 0
            for absent, size in ((5, five), (LEAST_DAYS[level], count - five)):
                for place, (school, grade) in enumerate(schools):
                    home.add((size + place) // len(schools), school, grade, absent)
    chronic_then = 10254  # 58.0% of 17,679
    home.students = [
        (school, grade, absent, 5 if number < chronic_then else 0)
        for number, (school, grade, absent, _) in enumerate(home.students)
    ]
    return home
