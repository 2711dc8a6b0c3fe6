"""A small Ed-Fi district, as the rows an API gives and as the interchange of a bulk export.

Harbor (100) has Ana and Ben, North (200) has Cy; both are in session Monday to Friday of two weeks, and closed on
Labor Day.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from allpresent import intake
from allpresent.intake import Checked
from tests.intake.folders import TODAY, WEEKDAYS, write

Row = dict[str, Any]
Rows = dict[str, list[Row]]


def uri(kind: str, word: str) -> str:
    """A descriptor."""
    return f"uri://ed-fi.org/{kind}Descriptor#{word}"


def student(number: str) -> Row:
    return {"studentUniqueId": number}


def event(number: str, school: int, day: str, word: str, **more: Any) -> Row:
    """A mark for the day."""
    return {
        "studentReference": student(number),
        "schoolReference": {"schoolId": school},
        "sessionReference": {"schoolId": school, "schoolYear": 2027, "sessionName": "Fall"},
        "eventDate": day,
        "attendanceEventCategoryDescriptor": uri("AttendanceEventCategory", word),
        **more,
    }


def section(school: int, course: str, number: str = "1") -> Row:
    """The keys of a class, as a reference has them."""
    return {
        "sectionIdentifier": number,
        "localCourseCode": course,
        "schoolId": school,
        "schoolYear": 2027,
        "sessionName": "Fall",
    }


def calendar_date(school: int, day: str, *words: str, code: str = "A") -> Row:
    return {
        "calendarReference": {"calendarCode": code, "schoolId": school, "schoolYear": 2027},
        "date": day,
        "calendarEvents": [{"calendarEventDescriptor": uri("CalendarEvent", word)} for word in words],
    }


def enrollment(number: str, school: int, entry: str, grade: str, **more: Any) -> Row:
    return {
        "studentReference": student(number),
        "schoolReference": {"schoolId": school},
        "entryDate": entry,
        "entryGradeLevelDescriptor": uri("GradeLevel", grade),
        **more,
    }


def district() -> Rows:
    """Every resource that is read, with a row or more."""
    days = [
        calendar_date(school, str(day), "Holiday" if str(day) == "2026-09-07" else "Instructional day")
        for school in (100, 200)
        for day in WEEKDAYS
    ]
    class_of = {"sectionReference": section(200, "MATH")}
    return {
        "schools": [
            {
                "schoolId": 100,
                "nameOfInstitution": "Harbor",
                "gradeLevels": [
                    {"gradeLevelDescriptor": uri("GradeLevel", word)} for word in ("Eighth grade", "Kindergarten")
                ],
            },
            {"schoolId": 200, "nameOfInstitution": "North & Co", "gradeLevels": []},
        ],
        "calendarDates": days,
        "students": [
            {"studentUniqueId": "0501", "firstName": "Ana", "lastSurname": "Ruiz", "birthDate": "2019-05-04"},
            {"studentUniqueId": "0502", "firstName": "Ben", "middleName": "O", "lastSurname": "Diaz"},
            {"studentUniqueId": "0503", "firstName": "Cy", "lastSurname": "Poe"},
        ],
        "studentSchoolAssociations": [
            enrollment("0501", 100, "2026-08-31", "First grade", primarySchool=True, fullTimeEquivalency=1.0),
            enrollment("0502", 100, "2026-08-31", "Kindergarten", exitWithdrawDate="2026-09-10"),
            enrollment("0503", 200, "2026-08-31", "Tenth grade"),
            enrollment("0503", 100, "2026-09-08", "Tenth grade", enrollmentTypeDescriptor=uri("X", "Preregistered")),
        ],
        "studentEducationOrganizationAssociations": [
            {
                "studentReference": student("0501"),
                "races": [{"raceDescriptor": uri("Race", word)} for word in ("White", "Asian")],
                "limitedEnglishProficiencyDescriptor": uri("LimitedEnglishProficiency", "Limited"),
                "studentIdentificationCodes": [
                    {"studentIdentificationSystemDescriptor": uri("X", "SSN"), "identificationCode": "123-45-6789"},
                    {"studentIdentificationSystemDescriptor": uri("X", "State"), "identificationCode": "0012"},
                ],
            },
            {
                "studentReference": student("0502"),
                "hispanicLatinoEthnicity": True,
                "races": [{"raceDescriptor": uri("Race", "White")}],
                "studentCharacteristics": [
                    {"studentCharacteristicDescriptor": uri("StudentCharacteristic", "Homeless")}
                ],
            },
        ],
        "studentSpecialEducationProgramAssociations": [
            {"studentReference": student("0503"), "beginDate": "2026-08-31", "endDate": None}
        ],
        "studentSchoolFoodServiceProgramAssociations": [
            _meals("0501", "Free Lunch"),
            _meals("0502", "Full Price Lunch"),
        ],
        "sections": [
            {
                "sectionIdentifier": "1",
                "courseOfferingReference": {
                    name: value for name, value in section(200, course).items() if name != "sectionIdentifier"
                },
                "classPeriods": [{"classPeriodReference": {"classPeriodName": period, "schoolId": 200}}],
            }
            for course, period in (("MATH", "P1"), ("ART", "P2"), ("HR10", "P0"))
        ],
        "studentSectionAssociations": [
            {
                "studentReference": student("0503"),
                "sectionReference": section(200, course),
                "beginDate": "2026-08-31",
                "homeroomIndicator": course == "HR10",
            }
            for course in ("MATH", "ART", "HR10")
        ],
        "staffs": [
            {
                "staffUniqueId": "T1",
                "firstName": "Uma",
                "lastSurname": "Lee",
                "electronicMails": [{"electronicMailAddress": "uma@example.org"}],
            }
        ],
        "staffSectionAssociations": [
            {"staffReference": {"staffUniqueId": "T1"}, **class_of, "beginDate": "2026-08-31"}
        ],
        "bellSchedules": [
            {
                "schoolReference": {"schoolId": 200},
                "bellScheduleName": "Plain",
                "classPeriods": [{"classPeriodReference": {"classPeriodName": name}} for name in ("P1", "P2")],
                "dates": [{"date": "2026-09-03"}, {"date": "2026-09-04"}],
            }
        ],
        "contacts": [
            {
                "contactUniqueId": "C1",
                "firstName": "Lía",
                "lastSurname": "Ruiz",
                "telephones": [
                    {"telephoneNumber": "860-555-0101"},
                    {"telephoneNumber": "860-555-0102", "telephoneNumberTypeDescriptor": uri("X", "Mobile")},
                    {"telephoneNumber": "860-555-0103", "telephoneNumberTypeDescriptor": uri("X", "Fax")},
                ],
                "electronicMails": [{"electronicMailAddress": "lia@example.org"}],
            },
            {"contactUniqueId": "C2", "firstName": "Max", "lastSurname": "Diaz"},
        ],
        "studentContactAssociations": [
            {
                "studentReference": student("0501"),
                "contactReference": {"contactUniqueId": "C1"},
                "relationDescriptor": uri("Relation", "Mother"),
                "contactPriority": 1,
                "livesWith": True,
                "emergencyContactStatus": True,
            },
            {
                "studentReference": student("0502"),
                "contactReference": {"contactUniqueId": "C2"},
                "livesWith": True,
                "contactRestrictions": "Court order",
            },
        ],
        "studentSchoolAttendanceEvents": [
            event("0501", 100, "2026-09-01", "Excused Absence", attendanceEventReason="Sick", eventDuration=1),
            event("0501", 100, "2026-09-02", "Unexcused Absence", eventDuration=0.5),
            event("0501", 100, "2026-09-02", "Tardy", eventDuration=1),
            event("0502", 100, "2026-09-03", "Unexcused Absence", attendanceEventReason="Suspension"),
        ],
        "studentSectionAttendanceEvents": [
            {
                "studentReference": student("0503"),
                **class_of,
                "eventDate": "2026-09-03",
                "attendanceEventCategoryDescriptor": uri("AttendanceEventCategory", "Unexcused Absence"),
            }
        ],
        "sectionAttendanceTakenEvents": [
            {**class_of, "calendarDateReference": {"date": "2026-09-03"}, "eventDate": "2026-09-03"}
        ],
    }


def _meals(number: str, word: str) -> Row:
    services = [{"schoolFoodServiceProgramServiceDescriptor": uri("SchoolFoodServiceProgramService", word)}]
    return {
        "studentReference": student(number),
        "beginDate": "2026-08-31",
        "schoolFoodServiceProgramServices": services,
    }


def as_lines(rows: Rows) -> dict[str, str]:
    """JSON lines, one file a resource."""
    return {f"{name}.jsonl": "".join(json.dumps(row) + "\n" for row in some) for name, some in rows.items()}


def as_arrays(rows: Rows, indent: int | None = None) -> dict[str, str]:
    """One JSON array a file, on one line or laid out."""
    return {f"{name}.json": json.dumps(some, indent=indent) for name, some in rows.items()}


def as_xml(rows: Rows, namespace: str = "http://ed-fi.org/5.2.0") -> dict[str, str]:
    """The interchange of all rows, one file, shaped as the bulk schemas of 3.3 to 5 are."""
    parts = [f'<?xml version="1.0" encoding="UTF-8"?>\n<InterchangeAll xmlns="{namespace}">']
    for name, some in rows.items():
        element = name[:1].upper() + name[1:-1]
        parts += [f"<{element}>{_elements(row, element)}</{element}>" for row in some]
    return {"Interchange-All.xml": "\n".join(parts) + "\n</InterchangeAll>\n"}


_EVENT = ("eventDate", "attendanceEventCategoryDescriptor", "attendanceEventReason", "eventDuration")
_OFFERING = ("localCourseCode", "schoolId", "schoolYear", "sessionName")


def _elements(row: Row, element: str) -> str:
    if "AttendanceEvent" in element and "Student" in element:
        row = {"AttendanceEvent": {name: row[name] for name in _EVENT if name in row}} | {
            name: value for name, value in row.items() if name not in _EVENT
        }
    if element in ("Student", "Contact", "Parent", "Staff"):
        names = ("firstName", "middleName", "lastSurname")
        row = {name: value for name, value in row.items() if name not in names} | {
            "Name": {name: row[name] for name in names if name in row}
        }
    return "".join(_element(name, value) for name, value in row.items() if value is not None)


def _element(name: str, value: Any) -> str:
    label = name[:1].upper() + name[1:]
    if isinstance(value, list):
        return "".join(_of_list(label, part) for part in value)
    label = label.removesuffix("Descriptor")
    if isinstance(value, dict):
        return f"<{label}>{_identity(label, value)}</{label}>"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"<{label}>{escape(text)}</{label}>"


def _of_list(label: str, part: Any) -> str:
    """A member of a list: its own element, named in the singular; a lone descriptor is its text."""
    single = {"GradeLevels": "GradeLevel", "Races": "Race", "Telephones": "Telephone", "Addresses": "Address"}.get(
        label, label[:-1]
    )
    if set(part) == {"date"} or (len(part) == 1 and next(iter(part)).endswith(("Descriptor", "Reference"))):
        name, value = next(iter(part.items()))
        return _element(name if name.endswith("Reference") or name == "date" else single, value)
    return f"<{single}>{''.join(_element(name, value) for name, value in part.items())}</{single}>"


def _identity(label: str, value: Mapping[str, Any]) -> str:
    """The parts of a reference stand in an element of identity, and those of a course offering in one deeper."""
    if not label.endswith("Reference"):
        return "".join(_element(name, part) for name, part in value.items())
    own = {name: part for name, part in value.items() if name != "schoolId" or label == "SchoolReference"}
    if label in ("SectionReference", "CourseOfferingReference"):
        own = {name: part for name, part in value.items() if name not in _OFFERING or name == "localCourseCode"}
        session = {"schoolReference": {"schoolId": value["schoolId"]}}
        session |= {name: value[name] for name in ("schoolYear", "sessionName")}
        offering = {"schoolReference": {"schoolId": value["schoolId"]}, "sessionReference": session}
        if label == "SectionReference":
            own.pop("localCourseCode")
            offering = {"localCourseCode": value["localCourseCode"]} | offering
            inner = f"<CourseOfferingIdentity>{_parts(offering)}</CourseOfferingIdentity>"
            reference = f"<CourseOfferingReference>{inner}</CourseOfferingReference>"
            return f"<SectionIdentity>{_parts(own)}{reference}</SectionIdentity>"
        return f"<CourseOfferingIdentity>{_parts(own)}{_parts(offering)}</CourseOfferingIdentity>"
    if "schoolId" in value and label != "SchoolReference":
        own["schoolReference"] = {"schoolId": value["schoolId"]}
    name = label.removesuffix("Reference") + "Identity"
    return f"<{name}>{_parts(own)}</{name}>"


def _parts(value: Mapping[str, Any]) -> str:
    return "".join(_element(name, part) for name, part in value.items())


def check_edfi(tmp_path: Path, files: Mapping[str, str | bytes] | None = None, mapping: str | None = None) -> Checked:
    """What intake says of these files; of the small district as JSON lines without any."""
    folder = write(tmp_path / "delivery", as_lines(district()) if files is None else files)
    path = None
    if mapping is not None:
        path = tmp_path / "mapping.yaml"
        path.write_text(mapping, encoding="utf-8")
    return intake.check_delivery(tmp_path / "home", "edfi", folder, mapping=path, today=TODAY)


def changed(**resources: Sequence[Row]) -> Rows:
    """The small district with these resources in place of its own."""
    return district() | {name: list(rows) for name, rows in resources.items()}
