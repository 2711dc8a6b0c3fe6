"""The cast: a small whole district of invented people on a fixed day, among them Charlie, who must never see anyone.

Two schools, eight students, and one user for every way of seeing and of not seeing them. The facts are posted through
the ledger and projected, as a district's are.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from allpresent.ledger import TABLES, Ledger
from tests.keeping import once

FIRST_DAY = date(2026, 8, 31)
YEAR_ENDS = date(2027, 6, 11)
LAST_SCHOOL_DAY = date(2026, 11, 4)
TODAY = date(2026, 11, 5)
NOW = datetime(2026, 11, 5, 11, 30, tzinfo=UTC)  # half past six in the morning
DELIVERY = "0001-ca57ca57"
HOLIDAYS = {date(2026, 9, 7), date(2026, 10, 12), date(2026, 11, 11), date(2026, 11, 26), date(2026, 11, 27)}
LINDEN, HARBOR = "11", "21"  # a K-8 and a high school

Row = dict[str, object]


@dataclass
class District:
    """The cast as entered in a test's database: users by first name, students by first name."""

    home: Path
    users: dict[str, object]
    student_ids: dict[str, str]
    today: date = TODAY
    now: datetime = NOW
    last_school_day: date = LAST_SCHOOL_DAY


# name: id, full name, grade, spans (school, first, last, primary)
STUDENTS: dict[str, tuple[str, str, str, list[tuple[str, date, date | None, int]]]] = {
    "Maya": ("1001", "Maya Lin Okafor", "04", [(LINDEN, FIRST_DAY, None, 1)]),
    "Mateo": ("1002", "Mateo Ruiz Delgado", "07", [(LINDEN, FIRST_DAY, None, 1)]),
    "Zoe": ("1003", "Zoë d'Angelo", "10", [(HARBOR, FIRST_DAY, None, 1)]),
    # Moved up from Linden in October.
    "Dante": (
        "1004",
        "Dante Brooks",
        "09",
        [(LINDEN, FIRST_DAY, date(2026, 10, 2), 1), (HARBOR, date(2026, 10, 5), None, 1)],
    ),
    "Nia": ("1005", "Nia Abara", "07", [(LINDEN, FIRST_DAY, date(2026, 10, 16), 1)]),  # left the district
    "Omar": ("1006", "Omar Haddad", "04", [(LINDEN, date(2026, 11, 16), None, 1)]),  # comes in eleven days
    # A day at each: primary at Linden, two courses at Harbor.
    "Iris": ("1007", "Iris", "08", [(LINDEN, FIRST_DAY, None, 1), (HARBOR, FIRST_DAY, None, 0)]),
    "Tomas": ("1008", "Tomás Ruiz Delgado", "02", [(LINDEN, FIRST_DAY, None, 1)]),  # Mateo's brother
}
SECTIONS: list[tuple[str, str, str, int]] = [
    ("S4A", LINDEN, "4A", 1),
    ("S7M", LINDEN, "Math 7", 0),
    ("S7H", LINDEN, "7 Homeroom", 1),
    ("S2B", LINDEN, "2B", 1),
    ("S10E", HARBOR, "English 10", 0),
    ("S9H", HARBOR, "9 Homeroom", 1),
    ("S10X", HARBOR, "Chess", 0),
]
SEATS: list[tuple[str, str, date, date | None]] = [
    ("S4A", "Maya", FIRST_DAY, None),
    ("S7M", "Mateo", FIRST_DAY, None),
    ("S7H", "Mateo", FIRST_DAY, None),
    ("S7M", "Nia", FIRST_DAY, date(2026, 10, 16)),
    ("S7M", "Iris", FIRST_DAY, date(2026, 11, 4)),  # changed classes yesterday
    ("S2B", "Tomas", FIRST_DAY, None),
    ("S10E", "Zoe", FIRST_DAY, None),
    ("S9H", "Dante", date(2026, 10, 5), None),
    ("S10X", "Zoe", FIRST_DAY, None),
    ("S10E", "Iris", date(2026, 11, 6), None),  # from tomorrow
]
TEACHING: list[tuple[str, str, date, date | None]] = [
    ("S4A", "T1", FIRST_DAY, None),
    ("S7M", "T2", FIRST_DAY, None),
    ("S10X", "T2", FIRST_DAY, None),  # delivered for Bob at a school he is not named for
    ("S10E", "T3", FIRST_DAY, None),
    ("S9H", "T3", FIRST_DAY, date(2026, 10, 30)),  # gave the homeroom up on Friday
    ("S2B", "T4", FIRST_DAY, None),
    ("S7H", "T5", FIRST_DAY, None),
]
STAFF: dict[str, tuple[str, str]] = {
    "T1": ("Alice Moreau", LINDEN),
    "T2": ("Bob Tanaka", LINDEN),
    "T3": ("Carmen Silva", HARBOR),
    "T4": ("Lena Novak", LINDEN),
    "T5": ("Nadia Petrov", LINDEN),
}
# student, priority, name, relationship, phone, language
CONTACTS: list[tuple[str, int, str, str, str, str]] = [
    ("Maya", 1, "Ada Okafor", "mother", "+1 203 555 0101", "en"),
    ("Mateo", 1, "Lucía Delgado", "mother", "+1 203 555 0102", "es"),
    ("Mateo", 2, "Andrés Ruiz", "father", "+1 203 555 0103", "en"),
    ("Tomas", 1, "Lucía Delgado", "mother", "+1 203 555 0102", "es"),
    ("Zoe", 1, "Paolo d'Angelo", "father", "+1 203 555 0104", "en"),
    ("Dante", 1, "Renee Brooks", "grandmother", "+1 203 555 0105", "en"),
    ("Iris", 1, "Mei Tan", "guardian", "", ""),
]
HOUSEHOLDS = {"Mateo": "H2", "Tomas": "H2"}
# student, school, code, the school days of the year missed (1 is the first)
ABSENCES: list[tuple[str, str, str, list[int]]] = [
    ("Maya", LINDEN, "E", [4, 17]),
    ("Maya", LINDEN, "U", [30]),
    ("Mateo", LINDEN, "U", [3, 9, 10, 15, 21, 22, 28, 33, 38, 39, 41]),
    ("Zoe", HARBOR, "U", list(range(20, 40))),
    ("Dante", LINDEN, "E", [2, 6]),
    ("Dante", HARBOR, "U", [26, 31, 36, 40]),
    ("Iris", LINDEN, "D", [12]),
]
# name: staff id, grants (relation, kind, object, first day, last day). Students are named by first name.
PEOPLE: dict[str, tuple[str, list[tuple[str, str, str, date, date | None]]]] = {
    "Alice": ("T1", [("teacher", "school", LINDEN, FIRST_DAY, None)]),
    "Bob": ("T2", [("teacher", "school", LINDEN, FIRST_DAY, None)]),
    "Carmen": ("T3", [("teacher", "school", HARBOR, FIRST_DAY, None)]),
    "Lena": ("T4", []),  # a teacher for the SIS, and for nobody else
    "Sam": ("", [("teacher", "section", "S4A", date(2026, 11, 4), date(2026, 11, 6))]),  # stands in for Alice
    "Paula": ("", [("principal", "school", LINDEN, FIRST_DAY, None)]),
    "Quinn": ("", [("school_attendance_team", "school", HARBOR, FIRST_DAY, None)]),
    # Teaches at Linden, sits on Harbor's team.
    "Nadia": (
        "T5",
        [
            ("teacher", "school", LINDEN, FIRST_DAY, None),
            ("school_attendance_team", "school", HARBOR, FIRST_DAY, None),
        ],
    ),
    "Dolores": ("", [("district_attendance_team", "district", "", FIRST_DAY, None)]),
    "Stella": ("", [("data_steward", "district", "", FIRST_DAY, None)]),
    "Erin": ("", [("district_executive", "district", "", FIRST_DAY, None)]),
    "Ivan": ("", [("it_admin", "district", "", FIRST_DAY, None)]),
    "Felix": (
        "",
        [
            ("dropout_specialist", "school", HARBOR, FIRST_DAY, None),
            ("dropout_specialist", "student", "Zoe", date(2026, 10, 20), None),
        ],
    ),
    "Grace": ("", [("home_visitor", "student", "Mateo", date(2026, 10, 20), TODAY)]),  # until tonight
    "Hugo": ("", [("success_mentor", "student", "Maya", date(2026, 9, 14), None)]),
    "Kim": ("", [("care_coordinator", "student", "Dante", date(2026, 9, 14), None)]),
    "Pat": ("", [("peer_mentor", "student", "Mateo", date(2026, 9, 14), None)]),  # first names and prompts only
    "Rita": ("", [("partner", "student", "Mateo", date(2026, 9, 14), None)]),  # a grant is no release
    "Olga": ("", [("school_attendance_team", "school", LINDEN, FIRST_DAY, date(2026, 11, 4))]),  # left the team
    "Mara": ("", [("principal", "school", LINDEN, FIRST_DAY, None)]),  # disabled
    "Charlie": ("", []),
}
DISABLED = {"Mara"}


def student_id(name: str) -> str:
    return STUDENTS[name][0]


def school_of(name: str, on: date) -> str:
    """The school a student was enrolled at on a day, by first name."""
    spans = STUDENTS[name][3]
    return next(school for school, first, last, _primary in spans if first <= on and (last is None or on <= last))


def school_days() -> list[date]:
    """Every school day of the year, both schools."""
    days = (FIRST_DAY + timedelta(days=offset) for offset in range((YEAR_ENDS - FIRST_DAY).days + 1))
    return [day for day in days if day.weekday() < 5 and day not in HOLIDAYS]


def tables() -> dict[str, pa.Table]:
    """The canonical tables of the cast's one delivery, every column of the schema."""
    rows = {name: [] for name in TABLES} | _people_rows() | _day_rows()
    return {
        name: pa.Table.from_pylist(
            [{"source_file": f"{name}.csv", "line_no": line} | row for line, row in enumerate(rows[name], start=2)],
            schema=table.schema,
        )
        for name, table in TABLES.items()
    }


def _people_rows() -> dict[str, list[Row]]:
    return {
        "schools": [
            {"school_id": LINDEN, "name": "Linden Street School", "low_grade": "K", "high_grade": "08", "excluded": 0},
            {"school_id": HARBOR, "name": "Harbor High School", "low_grade": "09", "high_grade": "12", "excluded": 0},
        ],
        "students": [
            {
                "student_id": key,
                "full_name": full_name,
                "grade": grade,
                "birth_date": date(2026 - 6 - (int(grade)), 3, 14),
                "household_id": HOUSEHOLDS.get(name, f"H-{key}"),
            }
            for name, (key, full_name, grade, _spans) in STUDENTS.items()
        ],
        "enrollments": [
            {
                "student_id": key,
                "school_id": school,
                "entry_date": first,
                "last_member_date": last,
                "grade": grade,
                "fte": "1",
                "primary": primary,
            }
            for key, _name, grade, spans in STUDENTS.values()
            for school, first, last, primary in spans
        ],
        "sections": [
            {"section_id": key, "school_id": school, "name": name, "is_homeroom": is_homeroom}
            for key, school, name, is_homeroom in SECTIONS
        ],
        "section_students": [
            {"section_id": key, "student_id": student_id(name), "start_date": first, "last_date": last}
            for key, name, first, last in SEATS
        ],
        "section_staff": [
            {"section_id": key, "staff_id": staff, "start_date": first, "last_date": last}
            for key, staff, first, last in TEACHING
        ],
        "staff": [
            {"staff_id": key, "school_id": school, "full_name": name, "email": address(name.split()[0])}
            for key, (name, school) in STAFF.items()
        ],
        "contacts": [
            {
                "contact_id": f"C{number}",
                "student_id": student_id(name),
                "full_name": full_name,
                "relationship": relationship,
                "priority": priority,
                "phone": phone,
                "language": language,
                "has_custody": 1,
                "lives_with": 1,
                "may_contact": 1,
            }
            for number, (name, priority, full_name, relationship, phone, language) in enumerate(CONTACTS, start=1)
        ],
        "demographics": [
            {"student_id": student_id("Mateo"), "flag": "el", "value": "1", "start_date": FIRST_DAY},
        ],
    }


def _day_rows() -> dict[str, list[Row]]:
    days = school_days()
    past = [day for day in days if day <= LAST_SCHOOL_DAY]
    excused = {"E": 1, "U": 0, "D": 0}
    return {
        "calendar_days": [
            {"school_id": school, "date": day, "in_session": 1, "membership_value": "1"}
            for school in (LINDEN, HARBOR)
            for day in days
        ],
        "attendance": [
            {
                "student_id": student_id(name),
                "school_id": school,
                "date": days[number - 1],
                "portion_num": 1,
                "portion_den": 1,
                "code": code,
                "category": "absent",
                "excused": excused[code],
                "disciplinary": int(code == "D"),
                "mode": "day",
                "counted": 1,
                "delivery_id": DELIVERY,
            }
            for name, school, code, numbers in ABSENCES
            for number in numbers
        ],
        # Harbor has not taken attendance on the last two days.
        "attendance_taken": [
            {"school_id": school, "date": day}
            for school in (LINDEN, HARBOR)
            for day in past
            if school == LINDEN or day not in past[-2:]
        ],
    }


def post_facts(home: Path) -> None:
    """Post the cast's delivery to the ledger of an empty home."""
    Ledger(home).write(tables(), delivery_id=DELIVERY, source="csv", content_sha="ca57" * 16, posted_at=NOW)


def address(name: str) -> str:
    return f"{name.lower()}@elmharbor.example"


def enter_people(home: Path) -> District:
    """Project the roster of the home and enter users and grants into the database."""
    from allpresent.access.models import User

    once(("people", _facts_of(home)), lambda: _enter(home))
    by_address = {user.email: user for user in User.objects.all()}
    users: dict[str, object] = {name: by_address[address(name)] for name in PEOPLE}
    return District(home=home, users=users, student_ids={name: row[0] for name, row in STUDENTS.items()})


def _enter(home: Path) -> None:
    from allpresent.access.models import Grant, User
    from allpresent.roster import project_roster

    project_roster(home, NOW)
    students = {name: row[0] for name, row in STUDENTS.items()}
    users = {}
    for name, (staff_id, _grants) in PEOPLE.items():
        full_name = STAFF[staff_id][0] if staff_id else f"{name} Lane"
        users[name] = User.objects.create_user(
            address(name), full_name=full_name, staff_id=staff_id, is_active=name not in DISABLED
        )
    Grant.objects.bulk_create(
        Grant(
            user=users[name],
            relation=relation,
            object_kind=kind,
            object_id=students.get(target, target),
            starts_on=first,
            ends_on=last,
            source="cast",
        )
        for name, (_staff_id, grants) in PEOPLE.items()
        for relation, kind, target, first, last in grants
    )


def open_cases(home: Path) -> None:
    """The night of the one delivery: Maya L2, Dante L3, Mateo L4, Zoe L6."""
    from allpresent.casework import open_steps
    from allpresent.measures import open_facts
    from allpresent.policy import load_district

    facts = open_facts(home)
    once(
        ("steps", _facts_of(home), repr(load_district(home))),
        lambda: open_steps(home, facts, LAST_SCHOOL_DAY, TODAY, NOW),
    )


def _facts_of(home: Path) -> str:
    version = Ledger(home).current()
    assert version
    return version.manifest.to_json()
