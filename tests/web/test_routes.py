"""Routes, not repeats: what the call sheet says after calls that reached nobody."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from allpresent.access.models import User
from allpresent.casework.models import ContactAttempt
from allpresent.casework.queries.routes import count_unanswered, route_for
from tests.cast import NOW, District, student_id

SignIn = Callable[[str], Client]
MAYA = student_id("Maya")


def call(by: User, result: str, hours_ago: int, mode: str = "phone") -> None:
    at = NOW - timedelta(hours=hours_ago)
    ContactAttempt.objects.create(student_id=MAYA, by=by, at=at, on=at.date(), logged_at=at, mode=mode, result=result)


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
def test_calls_in_a_row_are_counted_from_the_last(results: list[str], count: int) -> None:
    assert count_unanswered(results) == count


@pytest.mark.parametrize(
    ("calls", "said"),
    [
        (2, "Try another contact, or another time"),
        (3, "Tell the school&#x27;s attendance team"),
        (4, "4 calls in a row reached nobody. A visit may reach more"),
    ],
)
def test_the_call_sheet_says_what_to_try(desk_day: District, signed_in: SignIn, calls: int, said: str) -> None:
    client = signed_in("Paula")
    assert "in a row" not in client.get(f"/calls/{MAYA}/").content.decode()
    for hours in range(calls):
        call(desk_day.users["Paula"], "no_answer", hours)
    page = client.get(f"/calls/{MAYA}/").content.decode()
    assert said.replace("&#x27;", "'") in page.replace("&#x27;", "'")
    assert (f"/visits/for/{MAYA}/" in page) == (calls == 4)


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
    assert "in a row" not in client.get(f"/calls/{MAYA}/").content.decode()
    call(desk_day.users["Alice"], "no_answer", 8)
    call(desk_day.users["Alice"], "no_answer", 9)
    assert "Two calls in a row reached nobody" in client.get(f"/calls/{MAYA}/").content.decode()
