"""A small made school for a fortnight: twenty invented students of one homeroom, their families and their staff."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from allpresent.ledger import TABLES

SCHOOL = "11"
FIRST_DAY, LAST_DAY = date(2026, 8, 31), date(2027, 6, 11)
HOLIDAYS = {date(2026, 9, 7), date(2026, 10, 12)}
HOMEROOM, TEACHER = "S7A", "T1"
SETTINGS = """\
name: Elm Harbor
sources:
  - {name: sis, source: csv, folder: drop/sis, quiet_seconds: 0}
reporting: {first_report: 2026-11-02, every_days: 14}
"""
LETTERS = "phone: 203 555 0100\n"


@dataclass(frozen=True)
class Pupil:
    """One student: days missed by the first night, and the family."""

    student_id: str
    name: str
    missed: int
    parent: str
    household: str = ""
    language: str = "en"


_ROWS = (
    # Alert: two to five days.
    ("Ana Bello", 2, "Rosa Bello"),
    ("Ben Carter", 2, "June Carter"),
    ("Cleo Dumas", 2, "Marc Dumas"),
    ("Dina Farah", 3, "Hodan Farah"),
    ("Eli Grant", 3, "Tess Grant"),
    ("Fay Huang", 3, "Lin Huang"),
    ("Gus Ibsen", 4, "Karin Ibsen"),
    ("Ivo Janda", 4, "Petr Janda"),
    ("Nico Moss", 2, "Wren Moss"),
    # Moderate: six to ten.
    ("Kai Lopez", 6, "Lucía Lopez"),
    ("Lea Lopez", 7, "Lucía Lopez"),
    ("Mia Novak", 8, "Jan Novak"),
    ("Noah Okoye", 9, "Ada Okoye"),
    ("Olga Pinto", 8, "Rui Pinto"),
    ("Paz Quiroz", 6, "Sol Quiroz"),
    # Serious: eleven to fourteen.
    ("Remy Stone", 12, "Alma Stone"),
    ("Sami Tahan", 12, "Nour Tahan"),
    ("Hazel Upton", 11, "Vera Upton"),
    ("Theo Vance", 13, "Ines Vance"),
    # Severe: fifteen to seventeen.
    ("Uma Wells", 15, "Gwen Wells"),
)
SPANISH = {"Kai Lopez", "Lea Lopez", "Paz Quiroz"}
PUPILS: dict[str, Pupil] = {
    name.split()[0]: Pupil(
        str(2001 + number),
        name,
        missed,
        parent,
        "H-Lopez" if name.endswith("Lopez") else f"H-{number}",
        "es" if name in SPANISH else "en",
    )
    for number, (name, missed, parent) in enumerate(_ROWS)
}
CARE = ("Remy", "Theo")  # of the care coordinator's caseload
VISITED = ("Mia", "Uma", "Noah", "Remy")  # whom the home visitor may visit
# email, name, staff id, and one row a grant: relation, kind, object.
STAFF: tuple[tuple[str, str, str, tuple[tuple[str, str, str], ...]], ...] = (
    ("alice", "Alice Moreau", TEACHER, (("teacher", "school", SCHOOL),)),
    ("tina", "Tina Rossi", "", (("school_attendance_team", "school", SCHOOL),)),
    ("paula", "Paula Lane", "", (("principal", "school", SCHOOL),)),
    ("grace", "Grace Lane", "", tuple(("home_visitor", "student", PUPILS[name].student_id) for name in VISITED)),
    ("hugo", "Hugo Stein", "", (("success_mentor", "school", SCHOOL),)),
    ("kim", "Kim Doyle", "", tuple(("care_coordinator", "student", PUPILS[name].student_id) for name in CARE)),
    ("curtis", "Curtis Bell", "", (("dropout_specialist", "school", SCHOOL),)),
    ("dolores", "Dolores Vega", "", (("district_attendance_team", "district", ""),)),
)


def address(name: str) -> str:
    return f"{name}@elmharbor.example"


def school_days() -> list[date]:
    days = (FIRST_DAY + timedelta(days=offset) for offset in range((LAST_DAY - FIRST_DAY).days + 1))
    return [day for day in days if day.weekday() < 5 and day not in HOLIDAYS]


def missed_days(pupil: Pupil, until: date) -> list[date]:
    """The days a student missed by a day: the last ones, so that a family knows what the call is about."""
    past = [day for day in school_days() if day <= until]
    return past[-pupil.missed - 1 : -1]


def make_home(home: Path) -> Path:
    """The settings, whom families call, and who works here."""
    home.mkdir(parents=True)
    (home / "district.yaml").write_text(SETTINGS, encoding="utf-8")
    (home / "letters.yaml").write_text(LETTERS, encoding="utf-8")
    columns = ("email", "full_name", "staff_id", "relation", "object_kind", "object_id", "starts_on", "ends_on")
    rows = [
        (address(email), name, staff_id, *grant, FIRST_DAY.isoformat(), "")
        for email, name, staff_id, grants in STAFF
        for grant in grants
    ]
    _write(home / "staff.csv", columns, [dict(zip(columns, row, strict=True)) for row in rows])
    return home


def deliver(home: Path, taken_to: date, absent: Mapping[str, Iterable[date]]) -> None:
    """Put the school's files into the drop folder: attendance taken up to a day, and the days missed by first name."""
    folder = home / "drop" / "sis"
    folder.mkdir(parents=True, exist_ok=True)
    rows = _people() | _days(taken_to)
    for name, table in TABLES.items():
        columns = [column for column in table.schema.names if column not in ("source_file", "line_no", "delivery_id")]
        if name != "attendance":
            _write(folder / f"{name}.csv", columns, rows.get(name, []))
    marks = [_mark(PUPILS[name], day) for name, days in absent.items() for day in days]
    _write(folder / "attendance.csv", list(marks[0]), marks)


def _write(path: Path, columns: Iterable[str], rows: Iterable[Mapping[str, object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, list(columns), extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def _mark(pupil: Pupil, day: date) -> dict[str, object]:
    said = {"code": "U", "category": "absent", "excused": 0, "mode": "day"}
    return {"student_id": pupil.student_id, "school_id": SCHOOL, "date": day, "portion_absent": 1} | said


def _people() -> dict[str, list[dict[str, object]]]:
    pupils = PUPILS.values()
    named = [{"student_id": one.student_id, "full_name": one.name, "grade": "07"} for one in pupils]
    return {
        "schools": [{"school_id": SCHOOL, "name": "Linden Street School", "low_grade": "K", "high_grade": "08"}],
        "students": [
            row | {"birth_date": date(2014, 3, 14), "household_id": one.household}
            for row, one in zip(named, pupils, strict=True)
        ],
        "enrollments": [
            {"student_id": one.student_id, "school_id": SCHOOL, "entry_date": FIRST_DAY, "grade": "07", "fte": "1"}
            | {"primary": 1}
            for one in pupils
        ],
        "sections": [{"section_id": HOMEROOM, "school_id": SCHOOL, "name": "7A", "is_homeroom": 1}],
        "section_students": [
            {"section_id": HOMEROOM, "student_id": one.student_id, "start_date": FIRST_DAY} for one in pupils
        ],
        "section_staff": [{"section_id": HOMEROOM, "staff_id": TEACHER, "start_date": FIRST_DAY}],
        "staff": [{"staff_id": TEACHER, "school_id": SCHOOL, "full_name": "Alice Moreau", "email": address("alice")}],
        "contacts": [
            {"contact_id": f"C{one.student_id}", "student_id": one.student_id, "full_name": one.parent}
            | {"relationship": "parent", "priority": 1, "phone": _phone(one), "language": one.language}
            | {"has_custody": 1, "lives_with": 1, "may_contact": 1}
            for one in pupils
        ],
    }


def _phone(pupil: Pupil) -> str:
    """One number a household."""
    first = next(one for one in PUPILS.values() if one.household == pupil.household)
    return f"+1 203 555 {int(first.student_id) - 1900:04d}"


def _days(taken_to: date) -> dict[str, list[dict[str, object]]]:
    days = school_days()
    return {
        "calendar_days": [{"school_id": SCHOOL, "date": day, "in_session": 1, "membership_value": "1"} for day in days],
        "attendance_taken": [{"school_id": SCHOOL, "date": day} for day in days if day <= taken_to],
    }
