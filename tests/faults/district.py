"""A district of three small schools drawn as canonical files, day by day, to be broken in every way.

Names have accents, commas and quotation marks; one file begins with a byte order mark, one has CR LF.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from allpresent import intake
from allpresent.intake import Checked
from allpresent.intake.posting import Posted
from tests.intake.folders import MARKS, write

FIRST = date(2026, 8, 31)
WEEKDAYS = tuple(FIRST + timedelta(days=week * 7 + day) for week in range(5) for day in range(5))
SCHOOLS = {"100": ("K", "01", "02"), "200": ("06", "07"), "300": ("09", "10", "11")}
_NAMES = ("Ruiz, Ana", "Peña, Zoë", 'Poe, Cy "Sky"', "Øst, Lía", "Diaz, Ben")


@dataclass(frozen=True)
class Pupil:
    """A student at a school, with the school days (0, 1, …) missed so far."""

    id: str
    school: str
    grade: str
    missed: tuple[int, ...] = ()


def pupils(each: int = 24) -> tuple[Pupil, ...]:
    """So many students a school; one in three misses every fourth day."""
    return tuple(
        Pupil(
            f"{school}{number:04}",
            school,
            grades[number % len(grades)],
            tuple(range(number % 4, 25, 4))[: number % 3 * 7],
        )
        for school, grades in SCHOOLS.items()
        for number in range(1, each + 1)
    )


def files(
    days: int, enrolled: Iterable[Pupil] = pupils(), *, schools: Iterable[str] = tuple(SCHOOLS), first: int = 0
) -> dict[str, bytes]:
    """The delivery after so many school days; marks and attendance taken from the school day ``first`` on."""
    open_days, listed, named = WEEKDAYS[first:days], list(enrolled), list(schools)
    texts = {
        "schools.csv": "school_id,name\n" + "".join(f"{school},School {school}\n" for school in named),
        "calendar_days.csv": "school_id,date,in_session\n"
        + "".join(f"{school},{day},1\n" for school in named for day in WEEKDAYS),
        "students.csv": "\ufeffstudent_id,full_name,grade\n"
        + "".join(f"{one.id},{_quoted(_NAMES[int(one.id) % 5])},{one.grade}\n" for one in listed),
        "enrollments.csv": "student_id,school_id,entry_date,last_member_date,grade\r\n"
        + "".join(f"{one.id},{one.school},{FIRST},,{one.grade}\r\n" for one in listed),
        "attendance.csv": MARKS
        + "".join(
            f'{one.id},{one.school},{WEEKDAYS[at]},1,A,absent,0,0,"sick, señora",day,,\n'
            for one in listed
            for at in one.missed
            if first <= at < days
        ),
        "attendance_taken.csv": "school_id,date\n"
        + "".join(f"{school},{day}\n" for school in named for day in open_days),
    }
    return {name: text.encode() for name, text in texts.items()}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def morning_after(days: int) -> date:
    """The day on which the delivery of so many school days is read."""
    return WEEKDAYS[days - 1] + timedelta(days=1)


def at_night(days: int) -> datetime:
    """The hour of that night."""
    day = morning_after(days)
    return datetime(day.year, day.month, day.day, 8, 30, tzinfo=UTC)


def post(home: Path, folder: Path, delivered: dict[str, bytes], days: int, accept: str | None = None) -> Posted:
    """Post a delivery of so many school days."""
    write(folder, delivered)
    return intake.post_delivery(home, "csv", folder, today=morning_after(days), now=at_night(days), accept=accept)


def check(home: Path, folder: Path, delivered: dict[str, bytes], days: int) -> Checked:
    """What intake would do with a delivery of so many school days."""
    return intake.check_delivery(home, "csv", write(folder, delivered), today=morning_after(days))


def moved(some: Iterable[Pupil], **changes: object) -> tuple[Pupil, ...]:
    """The same students with something changed."""
    return tuple(replace(one, **changes) for one in some)  # type: ignore[arg-type]
