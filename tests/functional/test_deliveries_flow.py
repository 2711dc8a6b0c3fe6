"""A data steward's morning in a real browser: a held delivery accepted by keyboard alone, the newest taken back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from allpresent import nightly
from allpresent.access.models import User
from allpresent.casework.models import NightlyRun
from allpresent.intake import delivery_record
from allpresent.nightly.tasks import do_run
from tests import cast
from tests.functional.browsing import faults, tab_to, violations
from tests.nightly.drops import drop
from tests.web.test_deliveries import ABSENT, WORDS, hold, home, newest  # noqa: F401 (home is a fixture)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def open_page(home: Path, live_server: Any, page: Any, enter: Callable[..., None]) -> Callable[..., Any]:  # noqa: F811
    def opened(address: str, name: str = "Stella") -> Any:
        enter(page, User.objects.get(email=cast.address(name)))
        page.goto(live_server.url + address)
        return page

    return opened


def work() -> None:
    """What the worker does with the runs that wait."""
    for run in NightlyRun.objects.filter(state="waiting"):
        do_run(run, cast.TODAY, cast.NOW)


def test_pages_have_no_fault_at_a_desk_and_on_phones(home: Path, open_page: Callable[..., Any]) -> None:  # noqa: F811
    held = hold(home)
    run = NightlyRun.objects.latest("pk")
    for address in (
        "/deliveries/",
        f"/deliveries/{newest()}/",
        f"/deliveries/{held}/",
        f"/deliveries/{newest()}/undo/",
        f"/deliveries/runs/{run.pk}/",
    ):
        assert faults(open_page(address)) == [], address


def test_keyboard_alone_accepts_a_held_delivery(home: Path, open_page: Callable[..., Any]) -> None:  # noqa: F811
    held = hold(home)
    page = open_page("/deliveries/")
    tab_to(page, held)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/deliveries/{held}/")
    tab_to(page, "Why it is right as it is")
    page.keyboard.type("ok")
    tab_to(page, "Accept and post")
    page.keyboard.press("Enter")
    alert = page.get_by_role("alert")
    assert alert.evaluate("words => words === document.activeElement")
    assert violations(page) == []
    assert page.get_by_label("Why it is right as it is").input_value() == "ok"
    tab_to(page, "Why it is right as it is")
    page.keyboard.press("Control+A")
    page.keyboard.type(WORDS)
    tab_to(page, "I compared the figures below")
    page.keyboard.press("Space")
    tab_to(page, "Accept and post")
    page.keyboard.press("Enter")
    page.wait_for_url("**/deliveries/runs/*/")
    assert "It waits for the worker" in page.locator("main").inner_text()
    assert violations(page) == []
    work()
    # The page asks how far it is, and shows the end by itself.
    page.get_by_text("It is done.").wait_for()
    assert delivery_record(home, held).outcome == "posted"


def test_the_newest_is_taken_back_after_a_question(home: Path, open_page: Callable[..., Any]) -> None:  # noqa: F811
    first = newest()
    drop(home, ABSENT | {"Maya": range(1, 8)})
    nightly.run_nightly(home, cast.TODAY, cast.NOW)
    page = open_page(f"/deliveries/{newest()}/")
    page.get_by_role("link", name="Take back").click()
    page.get_by_role("button", name="Take it back").click()
    page.wait_for_url("**/deliveries/runs/*/")
    work()
    page.get_by_text("It is done.").wait_for()
    assert newest() == first


def test_without_scripts_the_run_is_looked_at_again(
    home: Path,  # noqa: F811
    live_server: Any,
    browser: Any,
    enter: Callable[..., None],
) -> None:
    held = hold(home)
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    enter(plain, User.objects.get(email=cast.address("Stella")))
    plain.goto(f"{live_server.url}/deliveries/{held}/")
    plain.get_by_label("Why it is right as it is").fill(WORDS)
    plain.get_by_label("I compared the figures below with the student information system.").check()
    plain.get_by_role("button", name="Accept and post").click()
    assert plain.get_by_text("It waits for the worker").is_visible()
    work()
    plain.get_by_role("link", name="Look again").click()
    assert plain.get_by_text("It is done.").is_visible()
    context.close()
