"""The home of the demonstration: its settings, and one invented member of staff for every role.

``staff.csv`` has one row a grant: email, full_name, staff_id, relation, object_kind, object_id, starts_on, ends_on.
``staff_id`` is TEACHERS.ID of the export for teachers and blank for others; ``object_id`` is a school number, a
student number, or blank for the district; a blank ``ends_on`` is without end. The last person of the file taught here
until June and must never see anyone.
"""

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from allpresent.demo.calendar import DEMO_TODAY, LAST_YEAR, THIS_YEAR
from allpresent.demo.district import SyntheticDistrict, make_district
from allpresent.demo.people import Group
from allpresent.demo.people_files import FIRST_TEACHER
from allpresent.demo.powerschool import SEED
from allpresent.demo.schools import FULL_SIZE

NAME = "Elm Harbor Public Schools"
COLUMNS = ("email", "full_name", "staff_id", "relation", "object_kind", "object_id", "starts_on", "ends_on")

_SETTINGS = f"""\
# The demonstration district: invented, as is everybody in it.
name: {NAME}
state: ct
protocol: new_haven
year_starts: "07-01"
languages: [en, es]
is_demo: true
today: TODAY  # the morning after the last day that was delivered
sources:
  - name: powerschool
    source: powerschool
    folder: drop/powerschool
    quiet_seconds: 0  # nobody uploads them: they are written before the night begins
reporting:
  first_report: 2026-09-11
  every_days: 14
goals:
  - label: June {LAST_YEAR.start + 1}
    school_year: {LAST_YEAR.start}-{(LAST_YEAR.start + 1) % 100}
    kind: was
    rate_pct: 58
  - label: June {THIS_YEAR.start + 1}
    school_year: {THIS_YEAR.start}-{(THIS_YEAR.start + 1) % 100}
    kind: goal
    rate_pct: 30
"""

_LETTERS = """\
# Whom families call about a letter: a number for all schools, and under `schools` those that have their own.
phone: 203 555 0100
"""


@dataclass(frozen=True)
class DemoPerson:
    """Somebody to sign in as: what they do, and what they are granted (relation, kind of object, its ids)."""

    email: str
    full_name: str
    does: str
    relation: str
    grants: tuple[tuple[str, tuple[str, ...]], ...]
    staff_id: str = ""
    ends_on: str = ""


def demo_home(
    home: Path, students: int = FULL_SIZE, *, seed: int = SEED, today: date = DEMO_TODAY
) -> tuple[DemoPerson, ...]:
    """Write ``district.yaml`` and ``staff.csv`` into ``home``; returns the people of staff.csv, for a sign-in list.

    ``students`` and ``seed`` have to be those the files were written with: teachers and caseloads are named by id.
    ``today`` is the morning the demonstration believes in.
    """
    people = _people(make_district(students, seed))
    home.mkdir(parents=True, exist_ok=True)
    (home / "district.yaml").write_text(_SETTINGS.replace("TODAY", today.isoformat()), encoding="utf-8")
    (home / "letters.yaml").write_text(_LETTERS, encoding="utf-8")
    with (home / "staff.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for person in people:
            rows.writerows(_rows(person))
    return people


def _rows(person: DemoPerson) -> list[tuple[str, ...]]:
    """One row a grant; the role begins with the school year, or began with the last one where it has ended."""
    starts_on = (LAST_YEAR if person.ends_on else THIS_YEAR).first_day.isoformat()
    who = (person.email, person.full_name, person.staff_id, person.relation)
    return [(*who, kind, object_id, starts_on, person.ends_on) for kind, ids in person.grants for object_id in ids]


def _people(district: SyntheticDistrict) -> tuple[DemoPerson, ...]:
    elementary = 0
    high = next(place for place, school in enumerate(district.schools) if school.is_high)
    others = [str(school.number) for school in district.schools[1:] if not school.is_high][:1]
    k8, senior = str(district.schools[elementary].number), str(district.schools[high].number)
    whole: tuple[tuple[str, tuple[str, ...]], ...] = (("district", ("",)),)
    return (
        _teacher(district, high, "teacher", "teaches a homeroom and classes"),
        _teacher(district, elementary, "homeroom", "teaches a homeroom in K-8"),
        _person("team", "Renata Whitcomb", "sits on a school's attendance team", "school_attendance_team", k8),
        *(
            _person("second.team", "Anneliese Kovac", "sits on another school's team", "school_attendance_team", school)
            for school in others
        ),
        _person("principal", "Desmond Achterberg", "leads a K-8 school", "principal", k8),
        _person("high.team", "Emeka Lindqvist", "sits on a high school's team", "school_attendance_team", senior),
        _person("high.principal", "Ifeoma Larkin", "leads a high school", "principal", senior),
        DemoPerson(_address("district.team"), "Marisol Vance", "leads the work", "district_attendance_team", whole),
        DemoPerson(_address("executive"), "Thaddeus Okoro", "answers for the district", "district_executive", whole),
        DemoPerson(_address("steward"), "Nadia Ferrante", "accepts deliveries", "data_steward", whole),
        _caseload(district, high, "dropout", "Curtis Bellamy", "dropout_specialist", (0, 14), knows_school=True),
        _caseload(district, elementary, "visitor", "Odalys Quiroga", "home_visitor", (12, 10)),
        _caseload(
            district, elementary, "coordinator", "Hugh Tran-Adeyemi", "care_coordinator", (4, 12), knows_school=True
        ),
        _caseload(district, elementary, "mentor", "Lamar Devereux", "success_mentor", (20, 8)),
        _caseload(district, high, "peer", "Noor Castellanos", "peer_mentor", (35, 3)),
        DemoPerson(_address("it"), "Piotr Sandoval", "keeps users and backups", "it_admin", whole),
        _former(k8),
    )


def _address(role: str) -> str:
    return f"{role}@elmharbor.example"


def _person(role: str, full_name: str, does: str, relation: str, school: str) -> DemoPerson:
    return DemoPerson(_address(role), full_name, does, relation, (("school", (school,)),))


def _former(school: str) -> DemoPerson:
    """Nobody to see any more: the grant ended with last year."""
    last = LAST_YEAR.last_day.isoformat()
    grants = (("school", (school,)),)
    return DemoPerson(_address("former"), "Charlie Nyberg", "taught here until June", "teacher", grants, ends_on=last)


def _teacher(district: SyntheticDistrict, school: int, role: str, does: str) -> DemoPerson:
    """The teacher of the school's first homeroom where attendance is taken."""
    rooms = district.rooms
    section = next(
        rooms.sections[number]
        for place, number in enumerate(rooms.homerooms)
        if rooms.sections[number].school == school and place not in district.taken.silent_homerooms
    )
    name = district.identities.teacher[section.teacher]
    grants = (("school", (str(district.schools[school].number),)),)
    return DemoPerson(_address(role), name.full, does, "teacher", grants, str(section.teacher + FIRST_TEACHER))


def _caseload(
    district: SyntheticDistrict,
    school: int,
    role: str,
    full_name: str,
    relation: str,
    reach: tuple[int, int],
    *,
    knows_school: bool = False,
) -> DemoPerson:
    """A named caseload: of the school's students, ranked by how likely they are absent, every third from a place on.

    ``reach`` is that place in percent and the size; ``knows_school`` adds the school, for its totals.
    """
    people, (percent, size) = district.people, reach
    here = np.flatnonzero((people.group == Group.ENROLLED) & (people.school == school))
    ranked = here[np.argsort(-people.tendency[here], kind="stable")]
    first = len(ranked) * percent // 100
    numbers = tuple(district.identities.number[student] for student in ranked[first : first + size * 3 : 3].tolist())
    grants: tuple[tuple[str, tuple[str, ...]], ...] = (("student", numbers),)
    if knows_school:
        grants = (("school", (str(district.schools[school].number),)), *grants)
    return DemoPerson(_address(role), full_name, f"works with {len(numbers)} students", relation, grants)
