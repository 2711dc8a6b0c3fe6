"""Search: among the students one sees, by parts of a name or by number, and nowhere in an address."""

import html
import re
from collections.abc import Callable

import pytest
from django.test import Client

from allpresent.access import issue_key
from allpresent.access.models import AuditEntry
from allpresent.casework import log_contact
from allpresent.casework.contacts import ContactForm
from allpresent.casework.models import CaseStep
from allpresent.web.views import search
from tests.cast import NOW, District, student_id
from tests.web.rows import add_students_with_steps

SignIn = Callable[[str], Client]
MATEO, ZOE = student_id("Mateo"), student_id("Zoe")


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


def found_row(page: str) -> str:
    """The one line found, as text with the strip's twin."""
    body = page[page.index("<tbody") : page.index("</tbody")]
    twin = "".join(re.findall(r'aria-label="([^"]*)"', body))
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split()) + " | " + twin


def test_mentor_is_shown_the_level_and_ten_days_of_a_mentee(desk_day: District, signed_in: SignIn) -> None:
    found = found_row(find(signed_in("Hugo"), "maya"))
    assert found == "Maya Lin Okafor grade 4 · 4A L2 Alert | no absence in the last 10 school days"


def test_data_steward_is_shown_who_the_student_is(desk_day: District, signed_in: SignIn) -> None:
    assert found_row(find(signed_in("Stella"), "zoe")) == "Zoë d'Angelo grade 10 | "


def test_teacher_is_shown_the_next_step_of_a_teacher_or_by_name(desk_day: District, signed_in: SignIn) -> None:
    first = CaseStep.objects.filter(state="open", case__student_id=MATEO).order_by("due_on", "pk")
    assert first[0].owner_role != "teacher"
    whole = found_row(find(signed_in("Paula"), "mateo"))
    assert first[0].label_en in whole
    own = found_row(find(signed_in("Bob"), "mateo"))
    assert not any(step.label_en in own for step in first.exclude(owner_role="teacher"))
    CaseStep.objects.filter(pk=first[0].pk).update(assigned_to=desk_day.users["Bob"])
    assert first[0].label_en in found_row(find(signed_in("Bob"), "mateo"))


def test_contacts_are_read_by_the_relation_that_opens_the_student(desk_day: District, signed_in: SignIn) -> None:
    """Nadia is on Harbor's team, and of Linden's students she reads her own entries alone."""
    for student in (MATEO, ZOE):
        facts = ContactForm(mode="phone", result="no_answer", phone="+1 203 555 0102")
        log_contact(desk_day.users["Dolores"], student, facts, issue_key(), NOW)
    nadia = signed_in("Nadia")
    assert "none by you yet" in found_row(find(nadia, "mateo"))
    assert "Dolores" in found_row(find(nadia, "zoe"))
    assert "Dolores" in found_row(find(signed_in("Paula"), "mateo"))


SEARCH_QUERIES = 15


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
