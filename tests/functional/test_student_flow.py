"""A student's page in a real browser: by keyboard, on phones, without scripts."""

from collections.abc import Callable
from typing import Any

import pytest

from allpresent.casework.models import CaseStep, Note
from tests.cast import TODAY, District, student_id
from tests.functional.browsing import faults, tab_to, violations
from tests.web.conftest import cast_day, desk_day  # noqa: F401 (fixtures)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MATEO, MAYA = student_id("Mateo"), student_id("Maya")
WORDS = "The family moved; the visit is made there."


@pytest.fixture
def open_page(desk_day: District, live_server: Any, page: Any, enter: Callable[..., None]) -> Callable[..., Any]:  # noqa: F811
    def opened(name: str, address: str) -> Any:
        enter(page, desk_day.users[name])
        page.goto(live_server.url + address)
        return page

    return opened


def test_pages_have_no_fault_at_a_desk_and_on_phones(open_page: Callable[..., Any]) -> None:
    for name, address in (
        ("Paula", f"/students/{MATEO}/"),
        ("Paula", f"/students/{MATEO}/?day=2026-09-02"),
        ("Hugo", f"/students/{MAYA}/"),
        ("Stella", f"/students/{MATEO}/"),
        ("Paula", f"/students/{MATEO}/days/"),
        ("Paula", f"/students/{MATEO}/who/"),
    ):
        assert faults(open_page(name, address)) == [], address


def test_everything_unfolded_has_no_fault(open_page: Callable[..., Any]) -> None:
    page = open_page("Paula", f"/students/{MATEO}/")
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    assert faults(page) == []


def test_the_squares_are_one_stop_and_the_arrows_walk_them(open_page: Callable[..., Any]) -> None:
    page = open_page("Paula", f"/students/{MATEO}/")
    tab_to(page, "Skip the squares")
    page.keyboard.press("Tab")
    focused = "document.activeElement.innerText"
    assert page.evaluate(focused).startswith("Mon 31 Aug")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(focused) == "Wed 2 Sep: absent, unexcused"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?day=2026-09-02*")
    opened = page.locator("#day")
    assert opened.evaluate("panel => panel === document.activeElement")
    assert "Absent, unexcused: the whole day was missed." in opened.inner_text()
    tab_to(page, "The same year as a table")
    assert page.locator("a.day[tabindex='0']").count() == 1


def test_a_figure_says_why(open_page: Callable[..., Any]) -> None:
    page = open_page("Paula", f"/students/{MATEO}/")
    page.get_by_role("button", name="11 of 46").click()
    panel = page.get_by_role("dialog")
    assert "0 excused, 11 unexcused, 0 disciplinary" in panel.inner_text()
    assert violations(page) == []
    page.keyboard.press("Escape")
    assert not panel.is_visible()


def test_keyboard_alone_keeps_a_note_and_verifies(open_page: Callable[..., Any]) -> None:
    page = open_page("Paula", f"/students/{MATEO}/")
    tab_to(page, "Something worth remembering")
    page.keyboard.type("Prefers mornings.")
    tab_to(page, "Keep the note")
    page.keyboard.press("Enter")
    page.get_by_role("status").wait_for()
    assert [note.text for note in Note.objects.all()] == ["Prefers mornings."]
    tab_to(page, "Verify")
    page.keyboard.press("Enter")
    page.get_by_text("Verified: the days absent are right as shown.").wait_for()
    assert not CaseStep.objects.filter(case__student_id=MATEO, kind="verify", state="open").exists()


def letter() -> CaseStep:
    return CaseStep.objects.get(case__student_id=MATEO, step_key="L4.superintendent_letter")


def test_a_step_is_closed_with_its_day(open_page: Callable[..., Any]) -> None:
    page, step = open_page("Paula", f"/students/{MATEO}/"), letter()
    item = page.locator("li.open", has_text="letter").first
    item.locator("summary").click()
    item.get_by_label("Day").fill(TODAY.isoformat())
    item.get_by_role("button", name="Done", exact=True).click()
    page.get_by_text("Done: the step is closed with its evidence.").wait_for()
    step.refresh_from_db()
    assert (step.state, step.ended_on) == ("done", TODAY)


def test_a_refused_reason_comes_back_open_focused_and_without_fault(open_page: Callable[..., Any]) -> None:
    page = open_page("Paula", f"/students/{MATEO}/")
    item = page.locator("li.open", has_text="letter").first
    item.locator("summary").click()
    item.get_by_label("Why it does not apply to this student").fill("no")
    item.get_by_role("button", name="Take it off the list").click()
    alert = page.get_by_role("alert")
    assert alert.evaluate("words => words === document.activeElement")
    assert "Say in a few words" in alert.inner_text()
    assert violations(page) == []
    again = page.locator("details[open]", has=alert)
    again.get_by_label("Why it does not apply to this student").fill(WORDS)
    again.get_by_role("button", name="Take it off the list").click()
    page.get_by_text("The step does not apply any more.").wait_for()
    assert letter().state == "exempt"


def test_a_note_is_kept_once_by_a_shaky_hand(open_page: Callable[..., Any]) -> None:
    page = open_page("Paula", f"/students/{MATEO}/")
    page.get_by_label("Something worth remembering. A note closes no step.").fill("Twice.")
    page.get_by_role("button", name="Keep the note").dblclick()
    page.get_by_role("status").wait_for()
    assert Note.objects.count() == 1


def test_squares_are_big_enough_for_a_thumb(
    desk_day: District,  # noqa: F811
    live_server: Any,
    phone: Any,
    enter: Callable[..., None],
) -> None:
    enter(phone, desk_day.users["Paula"])
    phone.goto(f"{live_server.url}/students/{MATEO}/")
    boxes = [square.bounding_box() for square in phone.locator("a.day").all()]
    assert len(boxes) == 46
    assert min(min(box["width"], box["height"]) for box in boxes) >= 24
    assert phone.locator(".month.to-come").first.is_hidden()


def test_without_scripts_every_square_opens_and_a_note_is_kept(
    desk_day: District,  # noqa: F811
    live_server: Any,
    browser: Any,
    enter: Callable[..., None],
) -> None:
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    enter(plain, desk_day.users["Paula"])
    plain.goto(f"{live_server.url}/students/{MATEO}/")
    plain.get_by_role("link", name="Wed 2 Sep: absent, unexcused").first.click()
    assert plain.locator("#day").is_visible()
    plain.get_by_label("Something worth remembering. A note closes no step.").fill("Plain.")
    plain.get_by_role("button", name="Keep the note").click()
    assert plain.get_by_text("The note is kept.").is_visible()
    context.close()
