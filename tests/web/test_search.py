"""Search: among the students one sees, by parts of a name or by number, and nowhere in an address."""

from collections.abc import Callable

import pytest
from django.test import Client

from allpresent.access.models import AuditEntry
from allpresent.web.views import search
from tests.cast import District, student_id
from tests.web.rows import add_students_with_steps

SignIn = Callable[[str], Client]


def find(client: Client, text: str) -> str:
    answer = client.post("/search/", {"text": text})
    assert (answer.status_code, answer["Location"]) == (302, "/search/")
    return client.get("/search/").content.decode()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("zoe", "Zoë"),
        ("ZOË", "Zoë"),
        ("angelo", "Zoë"),
        ("d'angelo zo", "Zoë"),
        ("d’angelo", "Zoë"),
        (student_id("Zoe"), "Zoë"),
        ("ruiz delgado", "Mateo"),
        ("tomas", "Tomás"),
    ],
)
def test_name_is_found_by_its_parts(desk_day: District, signed_in: SignIn, text: str, name: str) -> None:
    assert name in find(signed_in("Dolores"), text)


@pytest.mark.parametrize(
    ("name", "sees"), [("Alice", False), ("Paula", False), ("Quinn", True), ("Carmen", True), ("Stella", True)]
)
def test_only_visible_students_are_found(desk_day: District, signed_in: SignIn, name: str, sees: bool) -> None:
    shown = find(signed_in(name), "zoe")
    assert ("Zoë" in shown) is sees
    assert ("Nobody you see today" in shown) is not sees


@pytest.mark.parametrize("name", ["Charlie", "Erin", "Ivan", "Pat", "Rita", "Lena"])
def test_people_who_see_no_student_have_no_search(desk_day: District, signed_in: SignIn, name: str) -> None:
    client = signed_in(name)
    assert client.get("/search/").status_code == 404
    assert client.post("/search/", {"text": "zoe"}).status_code == 404


def test_search_is_written_down(desk_day: District, signed_in: SignIn) -> None:
    find(signed_in("Quinn"), "zoe")
    assert AuditEntry.objects.get(action="search").detail == {"found": 1}
    assert AuditEntry.objects.get(action="search.listed").student_id == student_id("Zoe")


def test_empty_search_finds_nobody(desk_day: District, signed_in: SignIn) -> None:
    shown = find(signed_in("Dolores"), "   ")
    assert "Nobody you see" not in shown
    assert "<table" not in shown


def test_text_is_shown_as_text(desk_day: District, signed_in: SignIn) -> None:
    assert "<script>alert" not in find(signed_in("Dolores"), "<script>alert(1)</script>")


SEARCH_QUERIES = 13


@pytest.mark.parametrize("students", [10, 1000])
def test_search_asks_as_many_questions_for_any_number_of_rows(
    desk_day: District, signed_in: SignIn, django_assert_num_queries, students: int
) -> None:
    add_students_with_steps(students)
    search._names.cache_clear()
    client = signed_in("Paula")
    assert ("More than 30 students" in find(client, "example")) is (students > 30)
    with django_assert_num_queries(SEARCH_QUERIES):
        client.get("/search/")
    search._names.cache_clear()
