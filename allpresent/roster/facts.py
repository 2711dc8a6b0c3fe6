"""Rows of the ledger's tables turned into rows of the roster: plain dictionaries, no database."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from allpresent.ledger import ADDRESS_LINES

Row = dict[str, Any]
# A membership delivered without its first day holds since ever; without its last day it is open.
SINCE_EVER = date(1900, 1, 1)

_COLUMNS = {
    "schools": ["school_id", "name", "low_grade", "high_grade"],
    "students": ["student_id", "full_name", "grade", "birth_date", "household_id"],
    "enrollments": ["student_id", "school_id", "entry_date", "last_member_date", "grade", "primary"],
    "sections": ["section_id", "school_id", "name", "is_homeroom"],
    "section_students": ["section_id", "student_id", "start_date", "last_date"],
    "section_staff": ["section_id", "staff_id", "start_date", "last_date"],
    "staff": ["staff_id", "school_id", "full_name", "email"],
    "contacts": [
        "student_id",
        "contact_id",
        "full_name",
        "relationship",
        "priority",
        "phone",
        "email",
        "language",
        "has_custody",
        "lives_with",
        "may_contact",
        "address",
        "address_protected",
    ],
}
_FLAGS = {"has_custody", "lives_with", "may_contact"}
_NOT_TEXT = {"birth_date", "entry_date", "last_member_date", "start_date", "last_date", "priority", "primary"}


@dataclass(frozen=True)
class Facts:
    """The roster's part of one version, seen on one school day (`as_of`)."""

    as_of: date
    schools: list[Row]
    students: list[Row]
    enrollments: list[Row]
    sections: list[Row]
    section_students: list[Row]
    section_staff: list[Row]
    staff: list[Row]
    contacts: list[Row]
    school_ids: set[str]
    student_ids: set[str]

    @classmethod
    def read(cls, table: Callable[..., pa.Table], as_of: date) -> "Facts":
        """Read the tables; a blank text is an empty text, a blank flag stays unknown, no mark of a homeroom is none."""
        rows = {name: _rows(table(name, columns=columns), columns) for name, columns in _COLUMNS.items()}
        return cls(
            as_of=as_of,
            school_ids={row["school_id"] for row in rows["schools"]},
            student_ids={row["student_id"] for row in rows["students"]},
            **rows,
        )


def _rows(table: pa.Table, columns: list[str]) -> list[Row]:
    plain = [_plain(name, table.column(name).to_pylist()) for name in columns]
    return [dict(zip(columns, values, strict=True)) for values in zip(*plain, strict=True)]


def _plain(name: str, values: list[Any]) -> list[Any]:
    if name in _FLAGS:
        return [None if value is None else bool(value) for value in values]
    if name == "address":
        return [(value or "").replace(ADDRESS_LINES, "\n") for value in values]
    if name in ("is_homeroom", "address_protected"):
        return [bool(value) for value in values]
    return values if name in _NOT_TEXT else [value or "" for value in values]


def as_students(facts: Facts) -> list[Row]:
    """Students with the school, grade, homeroom and family language of the day."""
    spans = latest_spans(facts.enrollments, facts.as_of)
    homerooms, languages = _homerooms(facts), _languages(facts.contacts)
    rows = []
    for student in facts.students:
        key = student["student_id"]
        span = spans.get(key)
        school_id = span["school_id"] if span and span["school_id"] in facts.school_ids else None
        rows.append(
            student
            | {
                "given_name": given_name(student["full_name"]),
                "grade": (span and span["grade"]) or student["grade"],
                "school_id": school_id,
                "homeroom": homerooms.get((key, school_id), ""),
                "language": languages.get(key, ""),
                "is_enrolled": span is not None and _holds(span["entry_date"], span["last_member_date"], facts.as_of),
            }
        )
    return rows


def latest_spans(enrollments: list[Row], as_of: date) -> dict[str, Row]:
    """The span that speaks for each student: the latest entry date on or before `as_of`.

    Of equal ones the primary, then the one that ends later (open is latest), then the smaller school id as text.
    """
    latest: dict[str, Row] = {}
    # Best first: what comes second for a student is left alone.
    for span in sorted(enrollments, key=_order):
        if span["entry_date"] <= as_of:
            latest.setdefault(span["student_id"], span)
    return latest


def _order(span: Row) -> tuple[int, bool, int, str]:
    last = span["last_member_date"] or date.max
    return (-span["entry_date"].toordinal(), span["primary"] != 1, -last.toordinal(), span["school_id"])


def _holds(first: date | None, last: date | None, day: date) -> bool:
    return (first or SINCE_EVER) <= day and (last is None or last >= day)


def _homerooms(facts: Facts) -> dict[tuple[str, str | None], str]:
    """Student and school -> the name of the homeroom there on the day; of several the smallest section id."""
    homerooms = {row["section_id"]: row for row in facts.sections if row["is_homeroom"]}
    found: dict[tuple[str, str | None], str] = {}
    for row in sorted(facts.section_students, key=lambda row: row["section_id"]):
        section = homerooms.get(row["section_id"])
        if section and _holds(row["start_date"], row["last_date"], facts.as_of):
            found.setdefault((row["student_id"], section["school_id"]), section["name"] or section["section_id"])
    return found


def _languages(contacts: list[Row]) -> dict[str, str]:
    """Student -> the language of the first contact to call who has one."""
    found: dict[str, str] = {}
    for contact in sorted(contacts, key=_calling_order):
        if contact["language"]:
            found.setdefault(contact["student_id"], contact["language"])
    return found


def _calling_order(contact: Row) -> tuple[bool, int, str]:
    return (contact["priority"] is None, contact["priority"] or 0, contact["contact_id"])


def given_name(full_name: str) -> str:
    """The name to call a student by: the first word, of what follows the comma in "Last, First Middle"."""
    _, comma, after = full_name.partition(",")
    words = (after if comma and after.strip() else full_name).replace(",", " ").split()
    return words[0] if words else ""


def as_enrollments(facts: Facts) -> list[Row]:
    """Spans of known students at known schools."""
    return [
        {name: value for name, value in row.items() if name != "primary"}
        for row in facts.enrollments
        if row["student_id"] in facts.student_ids and row["school_id"] in facts.school_ids
    ]


def as_contacts(facts: Facts) -> list[Row]:
    """Contacts linked to a known student; a link without a student speaks for nobody."""
    return [row for row in facts.contacts if row["student_id"] in facts.student_ids]


def as_members(rows: list[Row], section_ids: set[str], member: str, member_ids: set[str]) -> list[Row]:
    """Memberships (`member` names the id column) of known sections and people."""
    return [
        row | {"start_date": row["start_date"] or SINCE_EVER}
        for row in rows
        if row["section_id"] in section_ids and row[member] in member_ids
    ]
