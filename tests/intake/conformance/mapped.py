"""The district with its marks as other systems write them, read as ``csv`` through the mappings that are shipped."""

from dataclasses import replace
from typing import Any

from tests.intake.conformance import canonical_csv
from tests.intake.conformance.facts import Row
from tests.intake.conformance.shapes import Facts, Place, Shape, Sheet, cells

_ABSENT = ("A", "E")


def _beside(facts: Facts, *files: tuple[str, Sheet]) -> dict[str, Sheet]:
    """Canonical files for what the system's own do not say."""
    canonical = canonical_csv.write(facts)
    return {name: sheet for name, sheet in canonical.items() if name != "attendance.csv"} | dict(files)


def _marks(facts: Facts, **changes: Any) -> Facts:
    """The district's marks with what the system does not say left blank, or said as the system says it."""
    marks = [
        row | {name: to(row) if callable(to) else to for name, to in changes.items()} for row in facts["attendance"]
    ]
    return {**facts, "attendance": marks}


def _shape(name: str, **changed: Any) -> Shape:
    return replace(canonical_csv.SHAPE, **{"shipped": name, "code": None} | changed)


def _aspen(facts: Facts) -> dict[str, Sheet]:
    labels = "ATT_STD_OID ATT_SKL_OID ATT_DATE ATT_CODE_VIEW ATT_ABSENT_IND ATT_TARDY_IND ATT_DISMISSED_IND"
    header = [*labels.split(), "ATT_EXCUSED_IND", "ATT_PORTION_ABSENT", "ATT_COMMENT"]
    marks = [
        [
            *(f"STD{row['student_id']}", f"SKL{row['school_id']}", *cells(row, "date", "code")),
            *(str(int(row["code"] in _ABSENT)), str(int(row["code"] == "T")), "0", str(int(row["code"] == "E"))),
            *("1.0" if row["code"] in _ABSENT else "0.0", "NULL"),
        ]
        for row in facts["attendance"]
    ]
    people = [[f"STD{row['student_id']}", row["student_id"]] for row in facts["students"]]
    schools = [[f"SKL{row['school_id']}", row["school_id"]] for row in facts["schools"]]
    files = _beside(
        facts,
        ("att.csv", Sheet(header, marks)),
        ("std.csv", Sheet(["STD_OID", "STD_ID_LOCAL"], people)),
        ("skl.csv", Sheet(["SKL_OID", "SKL_SCHOOL_ID"], schools)),
    )
    # Its database doubles no quotation mark: a backslash stands before it, also in the files beside.
    return {name: replace(sheet, escape="\\") for name, sheet in files.items()}


def _aeries(facts: Facts) -> dict[str, Sheet]:
    periods = [f"A{number}" for number in range(1, 10)]
    key = {row["student_id"]: str(at) for at, row in enumerate(facts["students"], 1)}
    marks = [
        [row["school_id"], key[row["student_id"]], str(row["date"]), row["code"], *[""] * len(periods)]
        for row in facts["attendance"]
    ]
    at_school = sorted({(row["school_id"], row["student_id"]) for row in facts["enrollments"]})
    return _beside(
        facts,
        ("att.csv", Sheet(["SC", "SN", "DT", "AL", *periods], marks)),
        ("stu.csv", Sheet(["SC", "SN", "ID"], [[school, key[own], own] for school, own in at_school])),
    )


def _skyward(facts: Facts) -> dict[str, Sheet]:
    header = ["StudentID", "CalendarDayID", "DaysAbsent", "DaysExcused", "DaysUnexcused", "DaysOther", "TardyCount"]
    days = {(row["school_id"], row["date"]): str(at) for at, row in enumerate(facts["calendar_days"], 1)}

    def portions(row: Row) -> list[str]:
        absent, excused, unexcused = row["code"] in _ABSENT, row["code"] == "E", row["code"] == "A"
        return [f"{int(is_so)}.00" for is_so in (absent, excused, unexcused, False)]

    marks = [
        [
            *(row["student_id"], days[row["school_id"], row["date"]], *portions(row)),
            *("1" if row["code"] == "T" else "0", ""),
        ]
        for row in facts["attendance"]
    ]
    calendar = [[at, str(day), school] for (school, day), at in days.items()]
    return _beside(
        facts,
        ("student_attendance.csv", Sheet([*header, "Comment"], marks)),
        ("calendarday.csv", Sheet(["CalendarDayID", "Date", "SchoolID"], calendar)),
    )


def _campus(facts: Facts) -> dict[str, Sheet]:
    header = ["student.studentNumber", "school.number", "attendance.date", "attendance.code", "attendance.status"]
    told = {"A": ("A", "U"), "E": ("A", "E"), "T": ("T", "K")}
    marks = [
        [*cells(row, "student_id", "school_id", "date", "code"), *told[row["code"]], "1"] for row in facts["attendance"]
    ]
    return _beside(facts, ("attendance.csv", Sheet([*header, "attendance.excuse", "period.name"], marks)))


def _clever(facts: Facts) -> dict[str, Sheet]:
    statuses = {"A": "absent", "E": "Absent", "T": "tardy"}
    header = ["Student_id", "School_id", "Section_id", "Attendance_date", "Attendance_type", "Attendance_status"]
    marks = [
        [*cells(row, "student_id", "school_id"), "", str(row["date"]), "daily", statuses[row["code"]], row["code"]]
        for row in facts["attendance"]
    ]
    columns = "School_id Student_id State_id Last_name Middle_name First_name Grade DOB Contact_sis_id Contact_name"
    contacts = {row["student_id"]: row for row in facts["contacts"]}
    people = []
    for row in facts["students"]:
        last, first = row["full_name"].split(", ")
        own = contacts.get(row["student_id"], {})
        people.append(
            [
                *("100", row["student_id"], "", last, "", first, row["grade"], f"{row['birth_date']:%m/%d/%Y}"),
                *("C1" if own else "", *cells(own, "full_name", "relationship", "phone", "email")),
            ]
        )
    more = ["Contact_relationship", "Contact_phone", "Contact_email"]
    files = _beside(
        facts,
        ("attendance.csv", Sheet([*header, "Excuse_code"], marks)),
        ("students.csv", Sheet([*columns.split(), *more], people)),
    )
    return {name: file for name, file in files.items() if name != "contacts.csv"}


def _of_clever(facts: Facts) -> Facts:
    names = [row | {"full_name": " ".join(reversed(row["full_name"].split(", ")))} for row in facts["students"]]
    return {**_marks(facts, excused=None, disciplinary=None), "students": names}


_CODES = """
codes:
  table:
    - {code: A, category: absent, excused: false}
    - {code: E, category: absent, excused: true}
    - {code: T, category: tardy}
"""
SHAPES = {
    "aspen": _shape(
        "aspen",
        write=_aspen,
        code=Place("att.csv", "ATT_ABSENT_IND"),
        facts=lambda facts: _marks(facts, disciplinary=None, excused=lambda row: row["excused"] or 0),
    ),
    "aeries": _shape(
        "aeries",
        write=_aeries,
        shipped=None,
        mapping=f"source: aeries\nday_rule: {{periods_in_day: 6}}{_CODES}",
        code=Place("att.csv", "AL"),
    ),
    "skyward": _shape(
        "skyward",
        write=_skyward,
        code=Place("student_attendance.csv", "DaysAbsent"),
        facts=lambda facts: _marks(
            facts,
            code=None,
            disciplinary=None,
            category=lambda row: "partial" if row["code"] in _ABSENT else "tardy",
        ),
    ),
    "infinite_campus": _shape(
        "infinite_campus",
        write=_campus,
        shipped=None,
        mapping="source: infinite_campus\nday_rule: {periods_in_day: 1}\n",
        code=Place("attendance.csv", "attendance.status"),
        facts=lambda facts: _marks(facts, disciplinary=None),
    ),
    "clever": _shape(
        "clever",
        write=_clever,
        person=Place("students.csv", "Student_id"),
        code=Place("attendance.csv", "Attendance_type"),
        facts=_of_clever,
        says=canonical_csv.NO_ADDRESS,
    ),
}
