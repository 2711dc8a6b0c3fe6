# ruff: noqa: F811 (fixtures are named again where they are used)
"""A visitor's phone without a network: nothing typed is lost, and a visit is written down once."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from allpresent.casework.models import HomeVisit, VisitFieldNote
from tests.cast import NOW, District, student_id
from tests.functional.browsing import DESK, NARROW, violations
from tests.web.conftest import cast_day, desk_day  # noqa: F401 (fixtures)
from tests.web.test_visits import planned, recorded

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MATEO = student_id("Mateo")
FORM = f"/visits/for/{MATEO}/record/"
SAVED = re.compile(r"/visits/\d+/$")
NOTE = "The elevator is broken; fourth floor."


@pytest.fixture
def form(desk_day: District, live_server: Any, phone: Any, enter: Callable[..., None]) -> Any:
    """The visit form open on Paula's phone."""
    enter(phone, desk_day.users["Paula"])
    phone.goto(live_server.url + FORM)
    return phone


def fill(page: Any) -> None:
    page.get_by_text("Completed", exact=True).tap()
    page.get_by_label("Who was met").fill("Lucía Delgado")
    page.get_by_label("Detailed field notes").fill(NOTE)


def save(page: Any) -> None:
    page.get_by_role("button", name="Save the visit").tap()


def save_offline(page: Any) -> None:
    """Cut the network and save: the sending fails, and the page says that the visit waits."""
    page.context.set_offline(True)
    with page.expect_event("requestfailed"):
        save(page)
    waits(page).wait_for()


def waits(page: Any) -> Any:
    return page.get_by_text("1 visit waits on this phone.")


def test_visit_saved_without_a_network_is_sent_once_when_it_returns(form: Any) -> None:
    fill(form)
    save_offline(form)
    assert not HomeVisit.objects.exists()
    form.context.set_offline(False)
    form.wait_for_url(SAVED)
    assert VisitFieldNote.objects.get().text == NOTE
    assert HomeVisit.objects.count() == 1
    assert form.evaluate("Object.keys(localStorage).length") == 0
    form.reload()
    assert HomeVisit.objects.count() == 1


def test_answer_that_was_lost_on_the_way_makes_no_second_visit(form: Any) -> None:
    fill(form)
    sendings = []

    def lose_the_answer(route: Any) -> None:
        sendings.append(route.fetch().status)
        route.abort("connectionreset") if len(sendings) == 1 else route.continue_()

    form.route(f"**{FORM}", lose_the_answer)
    with form.expect_event("requestfailed"):
        save(form)
    waits(form).wait_for()
    assert HomeVisit.objects.count() == 1, "the school has it; the phone cannot know"
    form.evaluate("window.dispatchEvent(new Event('online'))")
    form.wait_for_url(SAVED)
    assert len(sendings) == 2
    assert HomeVisit.objects.count() == 1


def test_waiting_visit_outlives_the_page_and_is_sent_from_the_board(form: Any, live_server: Any) -> None:
    fill(form)
    save_offline(form)
    form.goto("about:blank")
    form.context.set_offline(False)
    with form.expect_response(f"**{FORM}"):
        form.goto(live_server.url + "/visits/")
    waits(form).wait_for(state="hidden")
    assert HomeVisit.objects.get().met == "Lucía Delgado"


def test_draft_outlives_the_page(form: Any) -> None:
    fill(form)
    form.reload()
    assert form.get_by_label("Detailed field notes").input_value() == NOTE
    assert form.locator("input[value=completed]").is_checked()


def test_visit_the_school_refuses_comes_back_with_what_to_change(form: Any) -> None:
    fill(form)
    form.get_by_label("Who was met").fill("")
    save_offline(form)
    form.context.set_offline(False)
    assert form.get_by_role("alert").inner_text().endswith("Say who was met.")
    assert form.get_by_label("Detailed field notes").input_value() == NOTE
    form.get_by_label("Who was met").fill("Lucía Delgado")
    save(form)
    form.wait_for_url(SAVED)
    assert HomeVisit.objects.count() == 1


def test_a_visit_the_school_will_never_take_keeps_none_behind_it(
    form: Any, desk_day: District, live_server: Any
) -> None:
    entry = {"at": 1, "url": "/visits/for/nobody/record/", "form": "for/nobody", "name": "Ruiz, Ana", "values": []}
    key = f"all-present-visit:{desk_day.users['Paula'].pk}:1"
    form.evaluate("([key, entry]) => localStorage.setItem(key, JSON.stringify(entry))", [key, entry])
    fill(form)
    save(form)
    form.wait_for_url(SAVED)
    assert HomeVisit.objects.get().met == "Lucía Delgado"
    form.goto(live_server.url + "/visits/")
    waits(form).wait_for()
    assert form.get_by_text("The school could not take it").is_visible()
    assert violations(form) == []
    form.on("dialog", lambda dialog: dialog.accept())
    form.get_by_role("button", name="Discard: Ruiz, Ana").tap()
    waits(form).wait_for(state="hidden")
    assert form.evaluate("Object.keys(localStorage).length") == 0


def test_another_persons_phone_does_not_send_it(
    form: Any, desk_day: District, live_server: Any, enter: Callable[..., None]
) -> None:
    fill(form)
    save_offline(form)
    enter(form, desk_day.users["Dolores"])
    with form.expect_response(f"**{FORM}") as answer:  # the page Paula left open, with Dolores signed in
        form.context.set_offline(False)
    assert answer.value.status == 409
    form.goto(live_server.url + "/visits/")
    assert not waits(form).is_visible()
    assert not HomeVisit.objects.exists()
    enter(form, desk_day.users["Paula"])
    with form.expect_response(f"**{FORM}"):
        form.goto(live_server.url + "/visits/")
    waits(form).wait_for(state="hidden")
    assert HomeVisit.objects.get().visitor == desk_day.users["Paula"]
    assert HomeVisit.objects.count() == 1


@pytest.mark.parametrize("language", ["en", "es"])
def test_pages_are_accessible_and_fit_a_narrow_phone(
    desk_day: District, live_server: Any, page: Any, enter: Callable[..., None], language: str
) -> None:
    enter(page, desk_day.users["Paula"])
    page.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    missed, done = planned(desk_day), recorded(desk_day)
    day_before = NOW - timedelta(days=1)
    HomeVisit.objects.filter(pk=missed.pk).update(starts_at=day_before, ends_at=day_before + timedelta(hours=1))
    for address in (
        "/visits/",
        f"/visits/{missed.pk}/",
        f"/visits/{missed.pk}/schedule/",
        f"/visits/{done.pk}/",
        FORM,
        "/visits/day-sheet/",
    ):
        page.goto(live_server.url + address)
        for size in (DESK, NARROW):
            page.set_viewport_size(size)
            assert violations(page) == [], address
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], address
    assert complaints == []
