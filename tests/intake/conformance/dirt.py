"""Dirt of every kind, by its rule: a bad row behind the good ones, and what has to be found. What a format cannot carry
stands in ``CANNOT`` with its reason.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date

from tests.intake.conformance.every import SHAPES
from tests.intake.conformance.facts import FACTS, FIRST, LABOR_DAY, LAST
from tests.intake.conformance.shapes import Facts, File, Place, Shape

Finding = tuple[str, str, str, int | None]  # rule, severity, file, line
SECRET = "swordfish"
# Not here, but in tests of their own: K02, M02 and M05, of codes, modes and periods that each system tells in its own
# way; X02, which refuses a zip file before any source reads it; C01, which compares with another delivery; P01 and P02,
# of published figures.
# Found in rows that are put behind the good ones; in the dress of a spreadsheet; in files without a header; of schools
# nobody speaks for.
IN_ROWS = ("S01", "I01", "R01", "M01", "D01", "D03", "E01", "E02", "K03", "D02", "M04", "M03", "K01")
RULES = (*IN_ROWS, "X01", "Q01", "E03", "N01")
STAY = ("D02", "M04")  # such a mark stays with its warning, and does not count

_NO_PORTION = "a mark says no share of the day"
_BY_PATHS = "an object names its own fields, and what no path names is never looked at"
CANNOT: dict[str, dict[str, str]] = {
    "sds": dict.fromkeys(("E01", "E02", "D02", "M04", "M03", "K01", "E03", "N01"), "a roster knows no day and no mark"),
    "edfi": {"S01": _BY_PATHS, "Q01": _BY_PATHS, "X01": "no spreadsheet writes objects"},
    "powerschool": {"M03": "a code tells its share of the day, in a table of its own"},
    "aeries": {"M03": _NO_PORTION},
    "infinite_campus": {"M03": _NO_PORTION},
    "clever": {"M03": _NO_PORTION},
}


@dataclass(frozen=True)
class Marks:
    """Where a format's marks stand, the labels of student, day and share, and how it writes the first two."""

    file: str
    student: str
    day: str
    portion: str = ""
    student_as: Callable[[str], str] = str
    day_as: Callable[[date], str] = str


def _at(student_id: str) -> str:
    """A student's number within the school: its place in the district's list, 99 for nobody."""
    known = [row["student_id"] for row in FACTS["students"]]
    return str(known.index(student_id) + 1) if student_id in known else "99"


def _day_id(day: date) -> str:
    """The key of a day at the first school."""
    days = [row["date"] for row in FACTS["calendar_days"]]
    return str(days.index(day) + 1) if day in days else ""


_CANONICAL = Marks("attendance.csv", "student_id", "date", "portion_absent")
MARKS: dict[str, Marks] = {
    "csv": _CANONICAL,
    "oneroster": _CANONICAL,
    "edfi": Marks(
        "studentSchoolAttendanceEvents.jsonl", "studentReference.studentUniqueId", "eventDate", "eventDuration"
    ),
    "powerschool": Marks(
        *("attendance.txt", "ATTENDANCE.STUDENTID", "ATTENDANCE.ATT_DATE", ""),
        *(lambda own: own.lstrip("0"), lambda day: f"{day:%m/%d/%Y}"),
    ),
    "aspen": Marks("att.csv", "ATT_STD_OID", "ATT_DATE", "ATT_PORTION_ABSENT", lambda own: f"STD{own}"),
    "aeries": Marks("att.csv", "SN", "DT", student_as=_at),
    "skyward": Marks("student_attendance.csv", "StudentID", "CalendarDayID", "DaysAbsent", day_as=_day_id),
    "infinite_campus": Marks("attendance.csv", "student.studentNumber", "attendance.date"),
    "clever": Marks("attendance.csv", "Student_id", "Attendance_date"),
}
# The first mark of the district is one of 1 September at the first school, where this student came a day later.
_LATER = "0000504"
_UNKNOWN = "0000999"
_TO_COME = date(2026, 9, 14)
# An id that another file should hold, in formats without marks.
_UNKNOWN_KEYS = {"sds": (Place("enrollments.csv", "classSourcedId"), "999")}


def name_of(shape: Shape) -> str:
    """The name a format has in the suite."""
    return next(name for name, one in SHAPES.items() if one is shape)


def dirty(shape: Shape, without: Collection[str] = ()) -> tuple[dict[str, File], set[Finding]]:
    """The district with a bad row for each rule but some behind its good ones, and what has to be found."""
    sheets = dict(shape.write(FACTS))
    wanted: set[Finding] = set()
    if "S01" not in {*without, *CANNOT.get(name_of(shape), ())}:
        sheets[shape.person.file] = sheets[shape.person.file].with_secret(SECRET)
        wanted.add(("S01", "warning", shape.person.file, 1))
    for rule, file, row in _bad_rows(shape, sheets):
        if rule not in without:
            severity = "warning" if rule in ("M01", "E01", *STAY) else "error"
            wanted.add((rule, severity, file, sheets[file].first_line + len(sheets[file].rows)))
            sheets[file] = sheets[file].more(row)
    return sheets, wanted


def _bad_rows(shape: Shape, sheets: Mapping[str, File]) -> list[tuple[str, str, object]]:
    """(rule, file, row), made of good rows."""
    person, day, code = shape.person, shape.day, shape.code
    people, days = sheets[person.file], sheets[day.file]
    made = [
        ("I01", person.file, people.changed(0, person.label, "5.01E+05")),
        ("R01", person.file, people.broken()),
        ("M01", day.file, days.rows[-1]),
        ("D01", day.file, days.changed(0, day.label, "2026-13-45")),
        ("D03", day.file, days.changed(0, day.label, "1899-12-30")),
    ]
    name = name_of(shape)
    if name in MARKS:
        made += [*_bad_spans(shape, days), *_bad_marks(name, sheets[MARKS[name].file])]
    if name in _UNKNOWN_KEYS:
        key, text = _UNKNOWN_KEYS[name]
        made.append(("K03", key.file, sheets[key.file].changed(0, key.label, text)))
    if code is not None:
        made.append(("K01", code.file, sheets[code.file].changed(0, code.label, shape.unknown_code)))
    return made


def _bad_spans(shape: Shape, file: File) -> list[tuple[str, str, object]]:
    """Of the student who left the first school after 4 September: a span within the other, and one that ends first."""
    at = 0 if shape.source == "powerschool" else 4
    write = MARKS[name_of(shape)].day_as if shape.source == "powerschool" else str
    within, behind = (file.changed(at, shape.day.label, write(day)) for day in (date(2026, 9, 2), date(2026, 9, 30)))
    return [("E01", shape.day.file, within), ("E02", shape.day.file, behind)]


def _bad_marks(name: str, file: File) -> list[tuple[str, str, object]]:
    marks = MARKS[name]
    made = [
        ("K03", marks.file, file.changed(0, marks.student, marks.student_as(_UNKNOWN))),
        ("D02", marks.file, file.changed(0, marks.day, marks.day_as(LABOR_DAY))),
        ("M04", marks.file, file.changed(0, marks.student, marks.student_as(_LATER))),
    ]
    if marks.day_as(_TO_COME):  # not where a day is a key of the calendar's file
        made.append(("D02", marks.file, file.changed(0, marks.day, marks.day_as(_TO_COME))))
    if marks.portion:
        made.append(("M03", marks.file, file.changed(0, marks.portion, "2")))
    return made


def unspoken() -> Facts:
    """The district with a school that took no attendance (200), and one with a student and no calendar (300)."""
    marks = {name: [row for row in FACTS[name] if row["school_id"] != "200"] for name in _MARKED}
    span = {"student_id": "0000503", "school_id": "300", "entry_date": FIRST, "last_member_date": LAST, "grade": "10"}
    west = {"school_id": "300", "name": "West"}
    return {**FACTS, **marks, "schools": [*FACTS["schools"], west], "enrollments": [*FACTS["enrollments"], span]}


_MARKED = ("attendance", "attendance_taken")
