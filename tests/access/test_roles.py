"""The roles table as data: complete, known everywhere, and what a few of its cells must say."""

import pytest

from allpresent.access.grants import Sight
from allpresent.access.reasons import CLOSENESS
from allpresent.access.roles import ACTIONS, DATA_CLASSES, ROLES, Right, roles_document, roles_table


def test_every_role_has_a_cell_for_every_data_class() -> None:
    assert len(ROLES) == 14
    assert list(DATA_CLASSES) == [f"D{number}" for number in range(1, 14)]
    assert all(list(role.rights) == list(DATA_CLASSES) for role in ROLES.values())


def test_roles_that_open_a_student_page_are_these() -> None:
    seeing = {role.key for role in ROLES.values() if role.sees_students}
    assert seeing == {
        "district_attendance_team",
        "data_steward",
        "principal",
        "school_attendance_team",
        "teacher",
        "dropout_specialist",
        "home_visitor",
        "success_mentor",
        "care_coordinator",
    }
    assert set(CLOSENESS) - {"homeroom"} == seeing


@pytest.mark.parametrize(
    ("role", "forbidden"),
    [
        ("it_admin", {f"D{number}" for number in range(1, 13)}),
        ("district_executive", {"D2", "D7", "D13"}),
        ("teacher", {"D7", "D9", "D11", "D13"}),
        ("partner", {"D5", "D6", "D7", "D13"}),
        ("data_steward", {"D2", "D6", "D7", "D8", "D9", "D10"}),
        ("peer_mentor", {"D2", "D3", "D4", "D5", "D6", "D7", "D8", "D10", "D11", "D12", "D13"}),
    ],
)
def test_cells_that_must_stay_empty(role: str, forbidden: set[str]) -> None:
    assert {name for name, right in ROLES[role].rights.items() if right is None} == forbidden


def test_executives_read_totals_alone() -> None:
    letters = {name: right.letters for name, right in ROLES["district_executive"].rights.items() if right}
    assert letters.pop("D12") == "rx"
    assert set(letters.values()) == {"a"}


@pytest.mark.parametrize("cell", ["", "r", "D", "Q r", "D q", "D r: nonsense", "D r:own", "D  r", "--"])
def test_cells_that_mean_nothing_are_refused(cell: str) -> None:
    with pytest.raises(ValueError, match="roles table"):
        Right.parse(cell)


def test_actions_name_known_roles() -> None:
    assert {role for roles in ACTIONS.values() for role in roles} <= set(ROLES)
    assert all(ACTIONS.values())


def test_the_document_prints_the_table() -> None:
    document = roles_document()
    assert (
        "| teacher | O r | O r: phone and language | O r | O r w | O r: has a plan, yes or no | O r w: own" in document
    )
    assert len(list(roles_table())) == 15
    assert document.count("\n|") == 16


def readers_of_addresses(*, is_around_visit: bool) -> set[str]:
    sights = {
        key: Sight("", frozenset({key}), frozenset((name, right) for name, right in role.rights.items() if right))
        for key, role in ROLES.items()
        if role.sees_students
    }
    return {key for key, seen in sights.items() if seen.reads_address(is_around_visit)}


def test_addresses_are_read_by_these_roles_and_around_a_visit_by_one_more() -> None:
    always = {
        "district_attendance_team",
        "principal",
        "school_attendance_team",
        "dropout_specialist",
        "care_coordinator",
    }
    assert readers_of_addresses(is_around_visit=False) == always
    assert readers_of_addresses(is_around_visit=True) == always | {"home_visitor"}
