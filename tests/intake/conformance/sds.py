"""The district as School Data Sync's files: people, classes, contacts and groups, and no day."""

from tests.intake.conformance.canonical_csv import NO_ADDRESS
from tests.intake.conformance.facts import FIRST, LAST, name_of
from tests.intake.conformance.shapes import Facts, Place, Shape, Sheet, cells

_FLAGS = {"swd": "iep", "frl": "freeLunch"}
_RACES = {"race:Hispanic": "hispanicOrLatinoEthnicity", "race:White": "white"}


def write(facts: Facts) -> dict[str, Sheet]:
    """One id a person: the district's number."""
    users, roles = [], []
    school_of = {row["student_id"]: row["school_id"] for row in facts["enrollments"]}
    for row in facts["students"]:
        users.append([row["student_id"], *name_of(row["full_name"]), "", "", ""])
        roles.append([row["student_id"], school_of[row["student_id"]], "student", row["grade"], "true", str(FIRST)])
    for row in facts["staff"]:
        users.append([row["staff_id"], *row["full_name"].split(" "), row["email"], "", ""])
        roles.append([row["staff_id"], row["school_id"], "teacher", "", "true", ""])
    for at, row in enumerate(facts["contacts"]):
        users.append([f"p{at}", *row["full_name"].split(" "), row["email"], row["phone"], ""])
    races = {row["student_id"]: _RACES[row["flag"]] for row in facts["demographics"] if row["flag"] in _RACES}
    births = [
        [row["student_id"], str(row["birth_date"]), "", races.get(row["student_id"], "")] for row in facts["students"]
    ]
    seats = [[row["section_id"], row["student_id"], "student"] for row in facts["section_students"]]
    seats += [[row["section_id"], row["staff_id"], "teacher"] for row in facts["section_staff"]]
    return {
        "orgs.csv": Sheet(
            ["sourcedId", "name", "type", "parentSourcedId"],
            [
                ["0", "Town", "district", ""],
                *([*cells(r, "school_id", "name"), "School", "0"] for r in facts["schools"]),
            ],
        ),
        "academicSessions.csv": Sheet(
            ["sourcedId", "title", "type", "schoolYear", "startDate", "endDate"],
            [["y", "Year", "schoolYear", "2026", str(FIRST), str(LAST)]],
        ),
        "classes.csv": Sheet(
            ["sourcedId", "orgSourcedId", "title", "sessionSourcedIds", "courseSourcedId"],
            [[*cells(row, "section_id", "school_id", "name"), "y", ""] for row in facts["sections"]],
        ),
        "users.csv": Sheet(["sourcedId", "givenName", "familyName", "email", "phone", "sms"], users),
        "roles.csv": Sheet(["userSourcedId", "orgSourcedId", "role", "grade", "isPrimary", "roleStartDate"], roles),
        "enrollments.csv": Sheet(["classSourcedId", "userSourcedId", "role"], seats),
        "userFlags.csv": Sheet(
            ["userSourcedId", "flag"],
            [[row["student_id"], _FLAGS[row["flag"]]] for row in facts["demographics"] if row["flag"] in _FLAGS],
        ),
        "relationships.csv": Sheet(
            ["userSourcedId", "relationshipUserSourcedId", "relationshipRole"],
            [[row["student_id"], f"p{at}", row["relationship"]] for at, row in enumerate(facts["contacts"])],
        ),
        "demographics.csv": Sheet(["userSourcedId", "birthDate", "ethnicityCodes", "raceCodes"], births),
    }


def _seats_of_the_year(facts: Facts) -> Facts:
    """A seat has no days of its own: it lasts as long as the sessions of its class."""
    seats = [row | {"start_date": FIRST, "last_date": LAST} for row in facts["section_students"]]
    return {**facts, "section_students": seats}


SHAPE = Shape(
    source="sds",
    write=write,
    says={
        name: columns
        for name, columns in NO_ADDRESS.items()
        if name not in ("calendar_days", "enrollments", "attendance", "attendance_taken")
    },
    person=Place("users.csv", "sourcedId"),
    day=Place("roles.csv", "roleStartDate"),
    code=None,
    is_roster=True,
    facts=_seats_of_the_year,
)
