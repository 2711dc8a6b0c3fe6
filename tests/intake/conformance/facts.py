"""A small district described once, as canonical facts: what every format has to say of it, as far as it can.

Two schools in the weeks of 31 August and 7 September 2026, closed on the Monday between; five students, one of whom
changes school, with names a careless reader breaks.
"""

from datetime import date, timedelta
from typing import Any

Row = dict[str, Any]

TODAY = date(2026, 9, 12)
FIRST = date(2026, 8, 31)
LABOR_DAY = date(2026, 9, 7)
DAYS = tuple(FIRST + timedelta(days=week * 7 + day) for week in range(2) for day in range(5))
LAST = date(2027, 6, 18)
SCHOOLS = ("100", "200")


def _student(student_id: str, full_name: str, grade: str, birth: date) -> Row:
    return {"student_id": student_id, "full_name": full_name, "grade": grade, "birth_date": birth}


def _span(student: str, school: str, entry: date, last: date | None, grade: str) -> Row:
    return {"student_id": student, "school_id": school, "entry_date": entry, "last_member_date": last, "grade": grade}


def _mark(student: str, school: str, day: int, code: str) -> Row:
    category, excused, disciplinary, num, den = CODES[code]
    return {
        "student_id": student,
        "school_id": school,
        "date": date(2026, 9, day),
        "code": code,
        "category": category,
        "excused": excused,
        "disciplinary": disciplinary,
        "portion_num": num,
        "portion_den": den,
    }


# Code: category, excused, disciplinary, portion missed.
CODES: dict[str, tuple[str, int | None, int, int, int]] = {
    "A": ("absent", 0, 0, 1, 1),
    "E": ("absent", 1, 0, 1, 1),
    "T": ("tardy", None, 0, 0, 1),
}
FACTS: dict[str, list[Row]] = {
    "schools": [{"school_id": "100", "name": "Harbor"}, {"school_id": "200", "name": "North"}],
    "calendar_days": [
        {"school_id": school, "date": day, "in_session": int(day != LABOR_DAY)} for school in SCHOOLS for day in DAYS
    ],
    "students": [
        _student("0000501", "Núñez, José", "01", date(2019, 5, 4)),
        _student("0000502", "O'Hara, Anne-Marie", "K", date(2020, 1, 9)),
        _student("0000503", "Poe, Cy", "10", date(2011, 3, 3)),
        _student("0000504", "Zoë, Ida", "03", date(2018, 2, 12)),
        _student("0000505", "Low, Al", "09", date(2012, 12, 31)),
    ],
    "enrollments": [
        _span("0000501", "100", FIRST, LAST, "01"),
        _span("0000502", "100", FIRST, LAST, "K"),
        _span("0000503", "200", FIRST, LAST, "10"),
        _span("0000504", "100", date(2026, 9, 2), LAST, "03"),
        _span("0000505", "100", FIRST, date(2026, 9, 4), "09"),
        _span("0000505", "200", date(2026, 9, 8), LAST, "09"),
    ],
    "attendance": [
        _mark("0000501", "100", 1, "A"),
        _mark("0000501", "100", 2, "E"),
        _mark("0000502", "100", 2, "T"),
        _mark("0000503", "200", 3, "A"),
        _mark("0000505", "100", 4, "E"),
        _mark("0000505", "200", 9, "A"),
    ],
    "attendance_taken": [{"school_id": school, "date": day} for school in SCHOOLS for day in DAYS if day != LABOR_DAY],
    "sections": [
        {"section_id": "30", "school_id": "100", "name": "Reading"},
        {"section_id": "31", "school_id": "200", "name": "Algebra"},
    ],
    "section_students": [
        {"section_id": "30", "student_id": "0000501", "start_date": FIRST, "last_date": LAST},
        {"section_id": "30", "student_id": "0000504", "start_date": date(2026, 9, 2), "last_date": LAST},
        {"section_id": "31", "student_id": "0000503", "start_date": FIRST, "last_date": LAST},
    ],
    "section_staff": [{"section_id": "30", "staff_id": "4"}, {"section_id": "31", "staff_id": "5"}],
    "staff": [
        {"staff_id": "4", "school_id": "100", "full_name": "Eve Moss", "email": "eve@x.example"},
        {"staff_id": "5", "school_id": "200", "full_name": "Jo Fern", "email": "jo@x.example"},
    ],
    "demographics": [
        {"student_id": "0000501", "flag": "race:Hispanic", "value": "1"},
        {"student_id": "0000502", "flag": "race:White", "value": "1"},
        {"student_id": "0000502", "flag": "swd", "value": "1"},
        {"student_id": "0000503", "flag": "frl", "value": "1"},
    ],
    "contacts": [
        {
            "student_id": "0000501",
            "full_name": "Rosa Núñez",
            "relationship": "parent",
            "phone": "555-0101",
            "email": "rosa@x.example",
            "address": "12 Lantern Street Apt 3; Elm Harbor CT 06599",
        }
    ],
}


def name_of(full_name: str) -> tuple[str, str]:
    """(first, last) of a name written last name first."""
    last, _, first = full_name.partition(", ")
    return first, last
