"""The demo home: settings that load, and staff whose grants name what is in the files."""

import csv
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from allpresent.demo import DEMO_TODAY, demo_home
from allpresent.policy import load_district
from tests.demo.conftest import Written
from tests.demo.counting import rows

RELATIONS = {
    *("teacher", "school_attendance_team", "principal", "district_attendance_team", "district_executive"),
    *("data_steward", "dropout_specialist", "home_visitor", "care_coordinator", "success_mentor", "peer_mentor"),
    "it_admin",
}


@pytest.fixture
def staff(tmp_path: Path) -> list[dict[str, str]]:
    demo_home(tmp_path, 1_500)
    with (tmp_path / "staff.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_settings_load_and_stop_the_clock(tmp_path: Path) -> None:
    people = demo_home(tmp_path, 200)
    district = load_district(tmp_path)
    assert (district.name, district.state, district.protocol) == ("Elm Harbor Public Schools", "ct", "new_haven")
    assert district.is_demo
    assert district.today == DEMO_TODAY
    assert [(goal.kind, goal.rate_pct) for goal in district.goals] == [("was", Decimal(58)), ("goal", Decimal(30))]
    assert [(source.source, source.folder) for source in district.sources] == [("powerschool", "drop/powerschool")]
    assert DEMO_TODAY in district.report_days(DEMO_TODAY, DEMO_TODAY)
    assert len({person.email for person in people}) == len(people)


def test_clock_stands_at_a_later_morning(tmp_path: Path) -> None:
    demo_home(tmp_path, 200, today=date(2026, 11, 20))
    assert load_district(tmp_path).today == date(2026, 11, 20)


def test_staff_has_somebody_for_every_role_at_the_example_address(staff: list[dict[str, str]]) -> None:
    assert {row["relation"] for row in staff} == RELATIONS
    assert all(row["email"].endswith("@elmharbor.example") for row in staff)


def test_grants_name_schools_and_students_of_the_files(staff: list[dict[str, str]], small: Written) -> None:
    known = {
        "district": {""},
        "school": {row["school_number"] for row in rows(small.second, "schools")},
        "student": {row["student_number"] for row in rows(small.second, "students") if row["enroll_status"] == "0"},
    }
    for row in staff:
        assert row["object_id"] in known[row["object_kind"]]
    caseload = defaultdict(set)
    for row in staff:
        if row["object_kind"] == "student":
            caseload[row["relation"]].add(row["object_id"])
    assert {relation: len(ids) for relation, ids in caseload.items()} == {
        "dropout_specialist": 14,
        "home_visitor": 10,
        "care_coordinator": 12,
        "success_mentor": 8,
        "peer_mentor": 3,
    }


def test_teachers_have_a_homeroom_and_the_high_school_one_classes_too(
    staff: list[dict[str, str]], small: Written
) -> None:
    courses = defaultdict(list)
    for row in rows(small.second, "sections"):
        courses[row["teacher"]].append(row["course_number"])
    teachers = {row["id"]: row for row in rows(small.second, "teachers")}
    own = {row["email"]: row for row in staff if row["relation"] == "teacher" and not row["ends_on"]}
    for row in own.values():
        teacher = teachers[row["staff_id"]]
        assert row["full_name"] == f"{teacher['first_name']} {teacher['last_name']}"
        assert row["object_id"] == teacher["schoolid"]
        assert "HR" in courses[row["staff_id"]]
    assert len(courses[own["teacher@elmharbor.example"]["staff_id"]]) > 1


def test_one_person_must_never_see_anyone(staff: list[dict[str, str]]) -> None:
    former = [row for row in staff if row["email"] == "former@elmharbor.example"]
    assert [(row["staff_id"], row["ends_on"] < "2026-08-31") for row in former] == [("", True)]
