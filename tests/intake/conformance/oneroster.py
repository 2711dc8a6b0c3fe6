"""The district as a OneRoster bundle, with its days beside it in canonical files."""

from datetime import timedelta

from tests.intake.conformance import canonical_csv
from tests.intake.conformance.facts import LAST, name_of
from tests.intake.conformance.shapes import Facts, Place, Shape, Sheet, cells
from tests.intake.roster_files import HEADERS, manifest

_DAYS = {
    "calendar_days.csv": "calendar_days.csv",
    "enrollments.csv": "school_enrollments.csv",
    "attendance.csv": "attendance.csv",
    "attendance_taken.csv": "attendance_taken.csv",
}
_RACES = {"race:Hispanic": "hispanicOrLatinoEthnicity", "race:White": "white"}


def _sheet(name: str, rows: list[dict[str, str]]) -> Sheet:
    header = HEADERS[name].split(",")
    return Sheet(header, [[row.get(label, "") for label in header] for row in rows])


def write(facts: Facts) -> dict[str, Sheet]:
    """Keys of the roster's own; the district's numbers stand in identifier."""
    org_of = {row["student_id"]: f"o{row['school_id']}" for row in facts["enrollments"]}
    users = []
    for row in facts["students"]:
        first, last = name_of(row["full_name"])
        agents = ",".join(
            f"g{at}" for at, one in enumerate(facts["contacts"]) if one["student_id"] == row["student_id"]
        )
        users.append(
            {
                "sourcedId": f"u{row['student_id']}",
                "orgSourcedIds": org_of[row["student_id"]],
                "role": "student",
                "givenName": first,
                "familyName": last,
                "identifier": row["student_id"],
                "grades": row["grade"],
                "agentSourcedIds": agents,
            }
        )
    for row in facts["staff"]:
        first, last = row["full_name"].split(" ")
        users.append(
            {
                "sourcedId": f"w{row['staff_id']}",
                "orgSourcedIds": f"o{row['school_id']}",
                "role": "teacher",
                "givenName": first,
                "familyName": last,
                "identifier": row["staff_id"],
                "email": row["email"],
            }
        )
    for at, row in enumerate(facts["contacts"]):
        first, last = row["full_name"].split(" ")
        users.append(
            {
                "sourcedId": f"g{at}",
                "role": row["relationship"],
                "givenName": first,
                "familyName": last,
                "phone": row["phone"],
                "email": row["email"],
            }
        )
    races = {row["student_id"]: _RACES[row["flag"]] for row in facts["demographics"] if row["flag"] in _RACES}
    births = [
        {"sourcedId": f"u{row['student_id']}", "birthDate": str(row["birth_date"])}
        | ({races[row["student_id"]]: "true"} if row["student_id"] in races else {})
        for row in facts["students"]
    ]
    files = {
        "orgs.csv": _sheet(
            "orgs",
            [{"sourcedId": "d", "name": "Town", "type": "district"}]
            + [
                {"sourcedId": f"o{r['school_id']}", "name": r["name"], "type": "school", "identifier": r["school_id"]}
                for r in facts["schools"]
            ],
        ),
        "users.csv": _sheet("users", users),
        "demographics.csv": _sheet("demographics", births),
        **_classes(facts),
    }
    modes = {name.removesuffix(".csv"): "bulk" for name in files}
    lines = [line.split(",") for line in manifest(**modes).splitlines()]
    days = canonical_csv.write(facts)
    return files | {"manifest.csv": Sheet(lines[0], lines[1:])} | {ours: days[name] for name, ours in _DAYS.items()}


def _classes(facts: Facts) -> dict[str, Sheet]:
    school_of = {row["section_id"]: row["school_id"] for row in facts["sections"]}
    seats = [
        {
            "sourcedId": f"e{at}",
            "classSourcedId": row["section_id"],
            "userSourcedId": f"u{row['student_id']}",
            "schoolSourcedId": f"o{school_of[row['section_id']]}",
            "role": "Student",
            "beginDate": str(row["start_date"]),
            "endDate": str(row["last_date"] + timedelta(days=1)),
        }
        for at, row in enumerate(facts["section_students"])
    ]
    teaching = [
        {
            "sourcedId": f"t{at}",
            "classSourcedId": row["section_id"],
            "userSourcedId": f"w{row['staff_id']}",
            "schoolSourcedId": f"o{school_of[row['section_id']]}",
            "role": "teacher",
            "primary": "true",
        }
        for at, row in enumerate(facts["section_staff"])
    ]
    year = {"sourcedId": "y", "title": "Year", "type": "schoolYear", "startDate": "2026-08-31", "endDate": str(LAST)}
    return {
        "academicSessions.csv": _sheet("academicSessions", [year]),
        "classes.csv": _sheet(
            "classes",
            [
                {
                    **dict(zip(("sourcedId", "title"), cells(row, "section_id", "name"), strict=True)),
                    "schoolSourcedId": f"o{row['school_id']}",
                    "classType": "scheduled",
                    "termSourcedIds": "y",
                }
                for row in facts["sections"]
            ],
        ),
        "enrollments.csv": _sheet("enrollments", seats + teaching),
    }


def _without_flags(facts: Facts) -> Facts:
    """OneRoster knows races and no programs."""
    return {**facts, "demographics": [row for row in facts["demographics"] if row["flag"] in _RACES]}


SHAPE = Shape(
    source="oneroster",
    write=write,
    says=canonical_csv.NO_ADDRESS,
    person=Place("users.csv", "identifier"),
    day=Place("school_enrollments.csv", "entry_date"),
    code=Place("attendance.csv", "category"),
    facts=_without_flags,
)
