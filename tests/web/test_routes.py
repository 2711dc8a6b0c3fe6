"""Routes, not repeats: what the call sheet says after calls that reached nobody."""

import html
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from allpresent.access.models import User
from allpresent.casework.models import CaseStep, ContactAttempt, HomeVisit
from allpresent.casework.queries.routes import route_for
from tests.cast import NOW, District, student_id
from tests.web.test_calls import form

SignIn = Callable[[str], Client]
MAYA, MATEO = student_id("Maya"), student_id("Mateo")


def call(by: User, result: str, hours_ago: int, mode: str = "phone", student: str = MAYA, phone_key: str = "") -> None:
    at = NOW - timedelta(hours=hours_ago)
    ContactAttempt.objects.create(
        student_id=student,
        by=by,
        at=at,
        on=at.date(),
        logged_at=at,
        mode=mode,
        result=result,
        phone_key=phone_key,
    )


@pytest.mark.parametrize(
    ("results", "count"),
    [
        ([], 0),
        (["no_answer", "left_message", "wrong_number"], 3),
        (["no_answer", "reached", "no_answer"], 1),
        (["reached", "no_answer"], 0),
        (["reached_not_able", "no_answer"], 2),
    ],
)
def test_calls_in_a_row_are_counted_from_the_last(desk_day: District, results: list[str], count: int) -> None:
    for hours, result in enumerate(results):
        call(desk_day.users["Paula"], result, hours)
    assert route_for(MAYA).unanswered == count


@pytest.mark.parametrize(
    ("calls", "said", "short"),
    [
        (2, "Two calls in a row reached nobody. Try again", "2 calls unanswered: another contact, or another time"),
        (3, "Speak of it in the school's attendance team.", "3 calls unanswered: for the team"),
        (4, "4 calls in a row reached nobody. A visit may reach more", "4 calls unanswered: for a visit"),
    ],
)
def test_sheet_and_lists_say_what_to_try(
    desk_day: District, signed_in: SignIn, calls: int, said: str, short: str
) -> None:
    client = signed_in("Paula")
    CaseStep.objects.filter(case__student_id=MAYA, kind="call").update(assigned_to=desk_day.users["Paula"])
    assert "in a row" not in text(client, f"/calls/{MAYA}/")
    assert "unanswered" not in text(client, "/today/") + text(client, "/calls/")
    for hours in range(calls):
        call(desk_day.users["Paula"], "no_answer", hours, phone_key="2035550101")
    page = text(client, f"/calls/{MAYA}/")
    assert said in page
    assert (f"/visits/for/{MAYA}/" in page) == (calls == 4)
    assert short in text(client, "/today/")
    assert short in text(client, "/calls/")


def text(client: Client, where: str) -> str:
    return html.unescape(client.get(where).content.decode())


def test_after_two_calls_the_other_number_comes_first(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    for hours in (1, 2):
        call(desk_day.users["Paula"], "no_answer", hours, student=MATEO, phone_key="2035550102")
    page = text(client, f"/calls/{MATEO}/")
    assert "Two calls in a row reached nobody. Try Andrés Ruiz at (203) 555-0103, in the afternoon." in page
    assert page.index("Call (203) 555-0103") < page.index("Call (203) 555-0102")
    assert 'value="C3:2035550103" checked' in page


def test_a_number_known_to_be_wrong_is_not_suggested(desk_day: District, signed_in: SignIn) -> None:
    call(desk_day.users["Paula"], "wrong_number", 2, student=MATEO, phone_key="2035550103")
    call(desk_day.users["Paula"], "no_answer", 1, student=MATEO, phone_key="2035550102")
    assert "Two calls in a row reached nobody. Try again in the afternoon." in text(
        signed_in("Paula"), f"/calls/{MATEO}/"
    )


def test_the_third_is_said_to_be_with_the_team_and_the_fourth_to_be_a_visit(
    desk_day: District, signed_in: SignIn
) -> None:
    client = signed_in("Alice")
    for _ in range(3):
        client.post(f"/calls/{MAYA}/", form(client, MAYA, result="no_answer"))
    assert "reached nobody: the call is with the school's attendance team now." in text(client, "/calls/")
    assert "The call is with the school's attendance team now." in text(client, f"/calls/{MAYA}/")
    assert "three calls in a row reached nobody: it went to the attendance team" in text(
        signed_in("Paula"), f"/students/{MAYA}/"
    )
    paula = signed_in("Paula")
    paula.post(f"/calls/{MAYA}/", form(paula, MAYA, result="left_message"))
    assert "Four calls in a row reached nobody: a visit is proposed." in text(paula, "/calls/")
    visit = HomeVisit.objects.get()
    page = text(paula, f"/calls/{MAYA}/")
    assert "4 calls in a row reached nobody. A visit is under way." in page
    assert f'href="/visits/{visit.pk}/"' in page
    assert "Four calls in a row reached nobody." in text(paula, "/visits/")
    assert "Cuatro llamadas" in spanish(paula, "/visits/")
    assert f"/visits/{visit.pk}/" not in text(client, f"/calls/{MAYA}/"), "a teacher opens no visit"


def spanish(client: Client, where: str) -> str:
    return html.unescape(client.get(where, HTTP_ACCEPT_LANGUAGE="es").content.decode())


def test_a_message_is_no_call_and_a_contact_in_person_ends_the_row(desk_day: District) -> None:
    paula = desk_day.users["Paula"]
    for hours in (5, 6, 7):
        call(paula, "no_answer", hours)
    call(paula, "no_answer", 4, mode="message")
    assert route_for(MAYA).unanswered == 3
    call(paula, "reached", 3, mode="in_person")
    assert route_for(MAYA).unanswered == 0


def test_a_teacher_is_told_of_own_calls_alone(desk_day: District, signed_in: SignIn) -> None:
    for hours in range(3):
        call(desk_day.users["Paula"], "no_answer", hours)
    client = signed_in("Alice")
    assert "in a row" not in text(client, f"/calls/{MAYA}/")
    assert "unanswered" not in text(client, "/calls/")
    call(desk_day.users["Alice"], "no_answer", 8)
    call(desk_day.users["Alice"], "no_answer", 9)
    assert "Two calls in a row reached nobody" in text(client, f"/calls/{MAYA}/")
