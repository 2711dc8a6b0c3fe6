"""Meetings, caseload and accountability in a real browser: no violation, no side scroll, keys, a dragged order."""

from collections.abc import Callable
from typing import Any

import pytest

from allpresent.access import issue_key
from allpresent.casework import meetings as acts
from allpresent.casework.caseload import offer_student
from allpresent.casework.models import Meeting, MeetingDecision
from allpresent.casework.queries.meetings import make_agenda
from tests.cast import LAST_SCHOOL_DAY, LINDEN, NOW, TODAY, District, student_id
from tests.web.test_axe import spoken_faults, watched  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def meeting(desk_day: District) -> Meeting:
    """An open meeting at Linden with two decisions, one with nobody named, and a student offered to Kim."""
    users = desk_day.users
    lines = make_agenda(users["Paula"], TODAY, LINDEN, None, LAST_SCHOOL_DAY)
    made = acts.start_meeting(users["Paula"], LINDEN, lines, 0, 2026, issue_key(), NOW)
    form = acts.DecisionForm("visit", users["Paula"].pk, TODAY, "with the liaison")
    acts.decide(users["Paula"], made.items.first().pk, form, issue_key(), NOW)
    lost = acts.decide(users["Paula"], made.items.first().pk, form, issue_key(), NOW)
    MeetingDecision.objects.filter(pk=lost.pk).update(owner=None, handed_from=users["Quinn"])
    offer_student(users["Felix"], student_id("Zoe"), users["Kim"], "The family moved away.", issue_key(), NOW)
    return made


@pytest.mark.parametrize("language", ["en", "es"])
def test_pages_of_meetings_are_accessible_and_fit_a_narrow_phone(
    desk_day: District,
    meeting: Meeting,
    live_server: Any,
    watched: Any,  # noqa: F811
    enter: Callable[..., None],
    language: str,
) -> None:
    first = meeting.items.first().pk
    pages = [
        ("Paula", "/meetings/"),
        ("Paula", f"/meetings/{meeting.pk}/"),
        ("Paula", f"/meetings/items/{first}/"),
        ("Paula", f"/meetings/{meeting.pk}/recap/"),
        ("Paula", "/meetings/proof/"),
        ("Paula", "/decisions/"),
        ("Paula", "/accountability/"),
        ("Dolores", "/accountability/"),
        ("Felix", "/caseload/"),
        ("Kim", "/caseload/"),
    ]
    found = {}
    for name, address in pages:
        enter(watched, desk_day.users[name])
        watched.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
        watched.goto(live_server.url + address)
        found[name + address] = spoken_faults(watched, language)
    assert {address: wrong for address, wrong in found.items() if wrong} == {}


def test_arrow_keys_turn_to_the_next_child_and_dragging_orders(
    desk_day: District,
    meeting: Meeting,
    live_server: Any,
    watched: Any,  # noqa: F811
    enter: Callable[..., None],
) -> None:
    first, second = (item.pk for item in meeting.items.all())
    enter(watched, desk_day.users["Paula"])
    watched.goto(f"{live_server.url}/meetings/items/{first}/")
    watched.keyboard.press("ArrowRight")
    watched.wait_for_url(f"**/meetings/items/{second}/")
    watched.keyboard.press("ArrowLeft")
    watched.wait_for_url(f"**/meetings/items/{first}/")
    watched.goto(f"{live_server.url}/meetings/{meeting.pk}/")
    with watched.expect_navigation():
        watched.locator(f"#item-{second}").drag_to(watched.locator(f"#item-{first}"), target_position={"x": 40, "y": 4})
    assert [item.pk for item in meeting.items.all()] == [second, first]
