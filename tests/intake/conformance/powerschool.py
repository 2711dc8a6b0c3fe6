"""The district as PowerSchool's Data Export Manager writes it: TABLE.FIELD labels, tabs, dates month first."""

from datetime import date, timedelta
from typing import Any

from tests.intake.conformance.canonical_csv import SAYS
from tests.intake.conformance.shapes import Facts, Place, Shape, Sheet

_GRADES = {"K": "0"}
_CODES = {"A": ("2", "Absent", "Unexcused"), "E": ("3", "Absent", "Excused"), "T": ("4", "Present", "Tardy")}


def _day(day: date | None) -> str:
    """Two- and four-digit years side by side, as exports have them."""
    return "" if day is None else f"{day.month}/{day.day}/{day:%y}" if day.day % 2 else f"{day:%m/%d/%Y}"


def _after(day: date | None) -> str:
    """The exit date is the day after the last one."""
    return "" if day is None else _day(day + timedelta(days=1))


def _sheet(table: str, labels: str, rows: list[list[Any]]) -> Sheet:
    header = [f"{table.upper()}.{label.upper()}" for label in labels.split()]
    return Sheet(header, [[str(cell) for cell in row] for row in rows], "\t")


def _key(student_id: str) -> str:
    return student_id.lstrip("0")


def _grade(grade: str) -> str:
    return _GRADES.get(grade, grade.lstrip("0"))


def write(facts: Facts) -> dict[str, Sheet]:
    """Students with their last span, earlier ones as ReEnrollments."""
    spans = {row["student_id"]: row for row in facts["enrollments"]}
    groups = {(row["student_id"], row["flag"]) for row in facts["demographics"]}
    teachers = {row["section_id"]: row["staff_id"] for row in facts["section_staff"]}
    students, past = [], []
    for row in facts["students"]:
        own, span = row["student_id"], spans[row["student_id"]]
        race = next((words for words in ("Hispanic", "White") if (own, f"race:{words}") in groups), "")
        students.append(
            [
                *(_key(own), own, row["full_name"], "0", _grade(row["grade"]), span["school_id"]),
                *(_day(span["entry_date"]), _after(span["last_member_date"]), _day(row["birth_date"])),
                *({"Hispanic": "H", "White": "W"}.get(race, ""), "F" if (own, "frl") in groups else ""),
                "1" if (own, "swd") in groups else "",
            ]
        )
    for row in facts["enrollments"]:
        if row is not spans[row["student_id"]]:
            dates = _day(row["entry_date"]), _after(row["last_member_date"])
            past.append([_key(row["student_id"]), row["school_id"], _grade(row["grade"]), *dates])
    codes = [
        [f"{school}{number}", school, "36", code, presence, category]
        for school in ("100", "200")
        for code, (number, presence, category) in _CODES.items()
    ]
    marks = [
        [
            *(str(at), _key(row["student_id"]), row["school_id"], "36", _day(row["date"]), "ATT_ModeDaily"),
            f"{row['school_id']}{_CODES[row['code']][0]}",
        ]
        for at, row in enumerate(facts["attendance"], start=9000)
    ]
    person = facts["contacts"][0]
    first, last = person["full_name"].split(" ")
    street, town = person["address"].split("; ")
    return {
        "schools.txt": _sheet(
            "schools", "school_number name", [[row["school_id"], row["name"]] for row in facts["schools"]]
        ),
        "calendar_day.txt": _sheet(
            "calendar_day",
            "schoolid date_value insession membershipvalue a b c d e f",
            [[r["school_id"], _day(r["date"]), r["in_session"], 1, 1, 0, 0, 0, 0, 0] for r in facts["calendar_days"]],
        ),
        "students.txt": _sheet(
            "students",
            "id student_number lastfirst enroll_status grade_level schoolid entrydate exitdate dob ethnicity"
            " lunchstatus swd",
            students,
        ),
        "reenrollments.txt": _sheet("reenrollments", "studentid schoolid grade_level entrydate exitdate", past),
        "attendance_code.txt": _sheet(
            "attendance_code", "id schoolid yearid att_code presence_status_cd category", codes
        ),
        "attendance.txt": _sheet(
            "attendance", "id studentid schoolid yearid att_date att_mode_code attendance_codeid", marks
        ),
        "attendance_taken.txt": _sheet(
            "attendance_taken",
            "id sectionid schoolid att_date",
            [[at, 0, row["school_id"], _day(row["date"])] for at, row in enumerate(facts["attendance_taken"])],
        ),
        "sections.txt": _sheet(
            "sections",
            "id schoolid teacher course_name",
            [[r["section_id"], r["school_id"], teachers[r["section_id"]], r["name"]] for r in facts["sections"]],
        ),
        "cc.txt": _sheet(
            "cc",
            "studentid sectionid schoolid dateenrolled dateleft",
            [
                [_key(r["student_id"]), r["section_id"], "100", _day(r["start_date"]), _after(r["last_date"])]
                for r in facts["section_students"]
            ],
        ),
        "teachers.txt": _sheet(
            "teachers",
            "id schoolid first_name last_name email_addr",
            [[r["staff_id"], r["school_id"], *r["full_name"].split(" "), r["email"]] for r in facts["staff"]],
        ),
        "contacts.txt": Sheet(
            [
                *("New Contact Identifier", "First Name", "Last Name", "phoneNumberAsEntered", "Email Address"),
                *("studentNumber", "Relationship Type", "Is Active", "Street", "City", "State", "Postal Code"),
            ],
            [
                [
                    *("7", first, last, person["phone"], person["email"], person["student_id"], person["relationship"]),
                    *("1", street, *town.rsplit(" ", 2)),
                ]
            ],
            "\t",
        ),
    }


SHAPE = Shape(
    source="powerschool",
    write=write,
    says=SAYS,
    person=Place("students.txt", "STUDENTS.STUDENT_NUMBER"),
    day=Place("reenrollments.txt", "REENROLLMENTS.ENTRYDATE"),
    code=Place("attendance.txt", "ATTENDANCE.ATTENDANCE_CODEID"),
    unknown_code="99999",
)
