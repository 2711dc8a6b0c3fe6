"""The district as rows of an Ed-Fi API, one file of JSON lines a resource."""

import copy
import json
from dataclasses import dataclass, replace
from typing import Any

from tests.intake.conformance.canonical_csv import SAYS
from tests.intake.conformance.facts import LABOR_DAY, name_of
from tests.intake.conformance.shapes import Facts, Place, Shape
from tests.intake.edfi_files import calendar_date, enrollment, event, section, student, uri

_GRADES = {
    "K": "Kindergarten",
    "01": "First grade",
    "03": "Third grade",
    "09": "Ninth grade",
    "10": "Tenth grade",
}
_WORDS = {"A": "Unexcused Absence", "E": "Excused Absence", "T": "Tardy"}


@dataclass(frozen=True)
class Lines:
    """JSON lines. A row is an object; one that is none is a piece of text."""

    rows: list[Any]
    first_line = 1
    says_secrets = False

    def text(self, end: str = "\n") -> str:
        """One object a line."""
        written = (row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in self.rows)
        return "".join(f"{line}{end}" for line in written)

    def dressed(self, label: str = "") -> bytes:
        """A byte order mark, CR-LF; where a label is given, characters escaped."""
        if not label:
            return self.text("\r\n").encode("utf-8-sig")
        return "".join(json.dumps(row) + "\r\n" for row in self.rows).encode()

    def more(self, row: object) -> "Lines":
        """With a row behind it."""
        return replace(self, rows=[*self.rows, row])

    def changed(self, at: int, label: str, text: str) -> object:
        """The object with another value at a path."""
        row = copy.deepcopy(self.rows[at])
        *way, last = label.split(".")
        inner = row
        for step in way:
            inner = inner[step]
        inner[last] = text
        return row

    def broken(self) -> object:
        """An object cut short."""
        return '{"studentUniqueId": "0000501", "firstName": "An'

    def with_secret(self, text: str) -> "Lines":
        """A password in every object."""
        return replace(self, rows=[row | {"password": text} for row in self.rows])


def _text(day: object) -> str | None:
    return None if day is None else str(day)


def write(facts: Facts) -> dict[str, Lines]:
    """One resource a table, and those that only Ed-Fi has."""
    school_of = {row["section_id"]: int(row["school_id"]) for row in facts["sections"]}
    course_of = {row["section_id"]: row["name"] for row in facts["sections"]}

    def class_of(section_id: str) -> dict[str, Any]:
        return {"sectionReference": section(school_of[section_id], course_of[section_id])}

    resources: dict[str, list[Any]] = {
        "schools": [{"schoolId": int(r["school_id"]), "nameOfInstitution": r["name"]} for r in facts["schools"]],
        "calendarDates": [
            calendar_date(
                int(r["school_id"]), str(r["date"]), "Holiday" if r["date"] == LABOR_DAY else "Instructional day"
            )
            for r in facts["calendar_days"]
        ],
        "students": [
            {
                "studentUniqueId": r["student_id"],
                **dict(zip(("firstName", "lastSurname"), name_of(r["full_name"]), strict=True)),
                "birthDate": str(r["birth_date"]),
            }
            for r in facts["students"]
        ],
        "studentSchoolAssociations": [
            enrollment(
                r["student_id"],
                int(r["school_id"]),
                str(r["entry_date"]),
                _GRADES[r["grade"]],
                exitWithdrawDate=_text(r["last_member_date"]),
            )
            for r in facts["enrollments"]
        ],
        "studentSchoolAttendanceEvents": [
            event(r["student_id"], int(r["school_id"]), str(r["date"]), _WORDS[r["code"]]) for r in facts["attendance"]
        ],
        "sections": [
            {
                "sectionIdentifier": "1",
                "courseOfferingReference": {
                    name: value
                    for name, value in section(int(r["school_id"]), r["name"]).items()
                    if name != "sectionIdentifier"
                },
            }
            for r in facts["sections"]
        ],
        "studentSectionAssociations": [
            {
                "studentReference": student(r["student_id"]),
                **class_of(r["section_id"]),
                "beginDate": str(r["start_date"]),
                "endDate": str(r["last_date"]),
            }
            for r in facts["section_students"]
        ],
        "staffSectionAssociations": [
            {"staffReference": {"staffUniqueId": r["staff_id"]}, **class_of(r["section_id"])}
            for r in facts["section_staff"]
        ],
    }
    return {f"{name}.jsonl": Lines(rows) for name, rows in (resources | _people(facts)).items()}


def _people(facts: Facts) -> dict[str, list[Any]]:
    person = facts["contacts"][0]
    groups = {(r["student_id"], r["flag"]) for r in facts["demographics"]}
    flagged = sorted({own for own, flag in groups if flag.startswith("race:")})
    first, last = person["full_name"].split(" ")
    street, town = person["address"].split("; ")
    city, state, code = town.rsplit(" ", 2)
    return {
        "staffs": [
            {
                "staffUniqueId": r["staff_id"],
                **dict(zip(("firstName", "lastSurname"), r["full_name"].split(" "), strict=True)),
                "electronicMails": [{"electronicMailAddress": r["email"]}],
            }
            for r in facts["staff"]
        ],
        "studentEducationOrganizationAssociations": [
            {
                "studentReference": student(own),
                "hispanicLatinoEthnicity": (own, "race:Hispanic") in groups,
                "races": [{"raceDescriptor": uri("Race", "White")}],
            }
            for own in flagged
        ],
        "studentSpecialEducationProgramAssociations": [
            {"studentReference": student(own), "beginDate": "2026-08-31"} for own, flag in groups if flag == "swd"
        ],
        "studentSchoolFoodServiceProgramAssociations": [
            {
                "studentReference": student(own),
                "schoolFoodServiceProgramServices": [
                    {"schoolFoodServiceProgramServiceDescriptor": uri("SchoolFoodServiceProgramService", "Free Lunch")}
                ],
            }
            for own, flag in groups
            if flag == "frl"
        ],
        "contacts": [
            {
                "contactUniqueId": "C1",
                "firstName": first,
                "lastSurname": last,
                "telephones": [{"telephoneNumber": person["phone"]}],
                "electronicMails": [{"electronicMailAddress": person["email"]}],
                "addresses": [
                    {
                        "addressTypeDescriptor": uri("AddressType", "Home"),
                        "streetNumberName": street,
                        "city": city,
                        "stateAbbreviationDescriptor": uri("StateAbbreviation", state),
                        "postalCode": code,
                        "doNotPublishIndicator": False,
                    }
                ],
            }
        ],
        "studentContactAssociations": [
            {
                "studentReference": student(person["student_id"]),
                "contactReference": {"contactUniqueId": "C1"},
                "relationDescriptor": uri("Relation", person["relationship"]),
            }
        ],
    }


def _in_its_words(facts: Facts) -> Facts:
    """Categories are codes of their own; a class is known by school, year, session, course and number."""
    school_of = {row["section_id"]: row["school_id"] for row in facts["sections"]}
    names = {row["section_id"]: row["name"] for row in facts["sections"]}

    def keyed(row: dict[str, Any]) -> dict[str, Any]:
        own = row["section_id"]
        return row | {"section_id": f"{school_of[own]}/2027/Fall/{names[own]}/1"}

    classes = {name: [keyed(row) for row in facts[name]] for name in ("section_students", "section_staff", "sections")}
    classes["sections"] = [row | {"name": f"{row['name']}-1"} for row in classes["sections"]]
    marks = [row | {"code": _WORDS[row["code"]]} for row in facts["attendance"]]
    staff = [row | {"school_id": None} for row in facts["staff"]]
    return {**facts, **classes, "attendance": marks, "staff": staff}


SHAPE = Shape(
    source="edfi",
    write=write,
    says={name: columns for name, columns in SAYS.items() if name != "attendance_taken"},
    person=Place("students.jsonl", "studentUniqueId"),
    day=Place("studentSchoolAssociations.jsonl", "entryDate"),
    code=Place("studentSchoolAttendanceEvents.jsonl", "attendanceEventCategoryDescriptor"),
    facts=_in_its_words,
)
