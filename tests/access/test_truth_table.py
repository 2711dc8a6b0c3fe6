"""Every person of the cast against every student: exactly who may see whom, and why."""

from datetime import date

import pytest

from allpresent.access import visible_students, why_can_view
from allpresent.access.sharing import who_else_can
from tests.cast import PEOPLE, STUDENTS, TODAY, District

# On the cast's day. A person without a line sees nobody; a student not named in a line stays unseen by that person.
TABLE = """
Alice   | Maya  | you are Maya's homeroom teacher (4A)
Bob     | Mateo | you teach Mateo in Math 7
Carmen  | Zoe   | you teach Zoë in English 10
Sam     | Maya  | you stand in for the teacher of 4A until Nov. 6, 2026
Paula   | Maya  | you are principal of Linden Street School
Paula   | Mateo | you are principal of Linden Street School
Paula   | Iris  | you are principal of Linden Street School
Paula   | Tomas | you are principal of Linden Street School
Quinn   | Zoe   | you are on Harbor High School's attendance team
Quinn   | Dante | you are on Harbor High School's attendance team
Quinn   | Iris  | you are on Harbor High School's attendance team
Nadia   | Mateo | you are Mateo's homeroom teacher (7 Homeroom)
Nadia   | Zoe   | you are on Harbor High School's attendance team
Nadia   | Dante | you are on Harbor High School's attendance team
Nadia   | Iris  | you are on Harbor High School's attendance team
Felix   | Zoe   | Zoë is on your caseload as drop-out prevention specialist
Grace   | Mateo | you are Mateo's home visitor
Hugo    | Maya  | you are Maya's success mentor
Kim     | Dante | you are Dante's care coordinator
Dolores | *     | you are on the district attendance team
Stella  | *     | you are the district's data steward
"""
SEES_NOBODY = {"Lena", "Erin", "Ivan", "Pat", "Rita", "Olga", "Mara", "Charlie"}


def expected() -> dict[tuple[str, str], str]:
    cells = {}
    for line in TABLE.strip().splitlines():
        person, student, why = (part.strip() for part in line.split("|"))
        for name in STUDENTS if student == "*" else [student]:
            cells[person, name] = why
    return cells


def test_everyone_sees_exactly_whom_they_should_and_is_told_why(district: District) -> None:
    found = {
        (person, student): why
        for person in PEOPLE
        for student in STUDENTS
        if (why := why_can_view(district.users[person], district.student_ids[student], TODAY)) is not None
    }
    assert found == expected()
    assert {person for person in PEOPLE if not any(person == seer for seer, _ in found)} == SEES_NOBODY


@pytest.mark.parametrize("on", [TODAY, date(2026, 9, 21), date(2026, 10, 20), date(2026, 11, 6), date(2027, 1, 20)])
def test_lists_hold_the_students_that_single_looks_open(district: District, on: date) -> None:
    """The one query behind lists and the question asked of one student never disagree."""
    for person, user in district.users.items():
        listed = set(visible_students(user, on).values_list("pk", flat=True))
        opened = {key for key in district.student_ids.values() if why_can_view(user, key, on) is not None}
        assert listed == opened, f"{person} on {on}"


def test_charlie_never_sees_anyone(district: District) -> None:
    for on in (date(2025, 9, 1), date(2026, 8, 31), TODAY, date(2027, 6, 11), date(2035, 1, 1)):
        assert not visible_students(district.users["Charlie"], on).exists()


def test_people_who_may_see_a_student_are_the_people_it_opens_for(district: District) -> None:
    for student, key in district.student_ids.items():
        named = {name for sharer in who_else_can(key, TODAY) for name in sharer.names}
        seers = {str(district.users[person]) for person, seen in expected() if seen == student}
        assert named == seers, student
