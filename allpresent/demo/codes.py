"""The attendance codes of the synthetic district: per school and year, as PowerSchool keeps them.

Presence decides, never the letter: ``E`` is an excused absence in K-8 and an early dismissal at the high schools.
``ZZ`` has no category, and a few marks carry an id that is in no code table.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from allpresent.demo.schools import Ints


class Code(IntEnum):
    """Positions in CODES."""

    PRESENT = 0
    ABSENT = 1
    EXCUSED = 2
    MEDICAL = 3
    WELLNESS = 4
    RELIGIOUS = 5
    DITCHING = 6
    SUSPENDED = 7
    SUSPENDED_TAUGHT = 8
    IN_SCHOOL = 9
    TARDY = 10
    TARDY_EXCUSED = 11
    HALF_EXCUSED = 12
    HALF_UNEXCUSED = 13
    FIELD_TRIP = 14
    HOMEBOUND = 15
    EARLY_DISMISSAL = 16
    OLD = 17
    UNKNOWN = 18  # an id that no code table has


@dataclass(frozen=True)
class CodeRow:
    """One code: its letters in K-8 and at a high school ('-' = not used there) and what it means."""

    k8: str
    high: str
    description: str
    presence: str  # Present or Absent
    categories: tuple[str, ...]
    value: str  # attendance_value: the part of the day that counts as attended


CODES: tuple[CodeRow, ...] = (
    CodeRow("", "", "Present", "Present", (), "1"),
    CodeRow("A", "A", "Absent, no note", "Absent", ("Unexcused",), "0"),
    CodeRow("E", "AE", "Absent, excused", "Absent", ("Excused",), "0"),
    CodeRow("M", "M", "Absent, medical note", "Absent", ("Excused",), "0"),
    CodeRow("W", "W", "Mental health wellness day", "Absent", ("Excused",), "0"),
    CodeRow("R", "R", "Religious holiday", "Absent", ("Excused",), "0"),
    CodeRow("-", "D", "Ditching", "Absent", ("Unexcused",), "0"),
    CodeRow("S", "S", "Suspended out of school", "Absent", ("Suspended",), "0"),
    CodeRow("SA", "SA", "Suspended, alternative education", "Present", ("Suspended",), "1"),
    CodeRow("I", "I", "In-school suspension", "Present", ("Suspended",), "1"),
    CodeRow("T", "T", "Tardy", "Present", ("Tardy",), "1"),
    CodeRow("TE", "TE", "Tardy, excused", "Present", ("Tardy", "Excused"), "1"),
    CodeRow("HE", "HE", "Half day absent, excused", "Absent", ("Excused",), ".5"),
    CodeRow("HU", "HU", "Half day absent", "Absent", ("Unexcused",), ".5"),
    CodeRow("F", "F", "Field trip", "Present", (), "1"),
    CodeRow("H", "H", "Homebound instruction", "Present", (), "1"),
    CodeRow("-", "E", "Early dismissal", "Present", (), "1"),
    CodeRow("ZZ", "ZZ", "Old code, do not use", "Absent", (), "0"),
)
CATEGORIES = ("Excused", "Unexcused", "Tardy", "Suspended")
UNKNOWN_ID = 99_001


def code_id(school: Ints, year: Ints, code: Ints) -> Ints:
    """Attendance_Code.ID of a code at a school (its position) in a school year (its start)."""
    known = 7_001 + ((year - 2025) * 50 + school) * 20 + code
    return np.where(code == Code.UNKNOWN, UNKNOWN_ID, known)


def full_absences(rng: np.random.Generator, spell: Ints, length: Ints, grade: Ints, tendency_rank: Ints) -> Ints:
    """A code for every absent day: one reason a spell.

    ``spell`` numbers each day's spell from 0, ``length`` is that spell's number of days; ``grade`` and
    ``tendency_rank`` (0..99, 99 = most absent) are the student's, a day.
    """
    draw = rng.random(int(spell.max(initial=-1)) + 1)[spell]
    second = rng.random(len(draw))[spell] if len(draw) else draw
    # The more a student is out, and the older, the more often nobody writes.
    unexcused = 0.30 + 0.003 * tendency_rank + np.where(grade > 8, 0.12, 0.0)
    excused = np.where(length >= 4, Code.MEDICAL, np.where(second < 0.18, Code.MEDICAL, Code.EXCUSED))
    code = np.where(draw < unexcused, Code.ABSENT, excused).astype(np.int64)
    code[(length == 1) & (draw > 0.965)] = Code.WELLNESS
    code[(length <= 2) & (draw > 0.955) & (draw <= 0.965)] = Code.RELIGIOUS
    code[(grade > 8) & (draw < 0.05)] = Code.DITCHING
    code[(grade > 4) & (length <= 5) & (draw > 0.30) & (draw < 0.315 + 0.0002 * tendency_rank)] = Code.SUSPENDED
    return code
