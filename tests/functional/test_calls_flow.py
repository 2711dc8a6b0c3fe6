# ruff: noqa: F811 (fixtures are named again where they are used)
"""A caller's morning in a real browser: by keyboard, on a phone, without scripts, with a shaky hand."""

from collections.abc import Callable
from typing import Any

import pytest

from allpresent.access.models import User
from allpresent.casework.models import CaseStep, ContactAttempt
from tests.cast import District, student_id
from tests.web.conftest import cast_day, desk_day  # noqa: F401 (fixtures)
from tests.web.rows import add_students_with_steps

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "four ordinary words here"
MAYA, MATEO = student_id("Maya"), student_id("Mateo")


def tab_to(page: Any, name: str) -> None:
    """Press Tab until the focus is on the control of that name; every stop has a visible focus."""
    for _step in range(60):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => {
                const at = document.activeElement;
                const label = at.labels && at.labels.length ? at.labels[0].innerText : at.innerText || at.value || "";
                const shown = at.nextElementSibling && at.type === "radio" ? at.nextElementSibling : at;
                const isPage = at === document.body; /* once around */
                return [isPage ? "" : label.trim(), isPage || getComputedStyle(shown).outlineStyle !== "none"];
            }"""
        )
        assert found[1], f"no visible focus on {found[0]!r}"
        if name in found[0]:
            return
    pytest.fail(f"Tab never reached {name!r}")


def test_keyboard_alone_signs_in_and_logs_a_call(desk_day: District, live_server: Any, page: Any) -> None:
    alice = desk_day.users["Alice"]
    alice.set_password(PASSWORD)
    alice.save()
    page.goto(live_server.url + "/calls/")
    tab_to(page, "Email")
    page.keyboard.type(alice.email)
    tab_to(page, "Password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(live_server.url + "/calls/")
    tab_to(page, "Maya Lin Okafor")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/calls/{MAYA}/")
    tab_to(page, "Reached")
    page.keyboard.press("Space")
    tab_to(page, "Illness")
    page.keyboard.press("Space")
    tab_to(page, "Nothing now")
    page.keyboard.press("ArrowDown")  # the choices of one question are one stop
    tab_to(page, "Save")
    page.keyboard.press("Enter")
    page.wait_for_url(live_server.url + "/calls/")
    assert page.get_by_role("status").inner_text().startswith("Saved for Maya: Reached.")
    attempt = ContactAttempt.objects.get()
    assert (attempt.result, attempt.need, [cause.cause for cause in attempt.causes.all()]) == (
        "reached",
        "ask_team",
        ["illness"],
    )


def test_keyboard_alone_makes_one_call_for_two_children_and_takes_it_back(
    desk_day: District, live_server: Any, page: Any, enter: Callable[..., None]
) -> None:
    (sister,) = add_students_with_steps(1, household="H2")
    enter(page, desk_day.users["Paula"])
    page.goto(f"{live_server.url}/calls/{MATEO}/")
    assert not page.get_by_text("These reasons hold").is_visible(), "asked once another child was spoken of"
    tab_to(page, "Reached")
    page.keyboard.press("Space")
    tab_to(page, "Example 0000 Person")
    page.keyboard.press("Space")
    assert page.get_by_text("These reasons hold").is_visible()
    tab_to(page, "Illness")
    page.keyboard.press("Space")
    tab_to(page, "These reasons hold")
    page.keyboard.press("Space")
    tab_to(page, "Save")
    page.keyboard.press("Enter")
    page.get_by_role("status").wait_for()
    assert page.get_by_role("status").inner_text().startswith("Saved for Mateo, Example: Reached.")
    rows = {row.student_id: [one.cause for one in row.causes.all()] for row in ContactAttempt.objects.all()}
    assert rows == {MATEO: ["illness"], sister: ["illness"]}
    tab_to(page, "Undo")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/calls/{MATEO}/")
    assert not ContactAttempt.objects.filter(undone_at=None).exists()


def test_a_familys_box_chooses_its_children(
    desk_day: District, live_server: Any, page: Any, enter: Callable[..., None]
) -> None:
    add_students_with_steps(2, household="H2")
    enter(page, desk_day.users["Paula"])
    page.goto(live_server.url + "/today/?view=call")
    page.get_by_label("Choose Mateo Ruiz Delgado").check()
    sister, brother = (page.get_by_label(f"Choose Example {number} Person") for number in ("0000", "0001"))
    assert sister.is_checked()
    brother.uncheck()
    page.get_by_role("button", name="Assign…").click()
    page.get_by_label("To whom").select_option(label="Paula Lane")
    page.get_by_role("button", name="Assign", exact=True).click()
    page.get_by_role("status").wait_for()
    assert "2 steps are now with Paula Lane." in page.get_by_role("status").inner_text()


def test_first_tab_skips_to_the_page(
    desk_day: District, live_server: Any, page: Any, enter: Callable[..., None]
) -> None:
    enter(page, desk_day.users["Paula"])
    page.goto(live_server.url + "/today/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_slash_opens_the_search(desk_day: District, live_server: Any, page: Any, enter: Callable[..., None]) -> None:
    enter(page, desk_day.users["Paula"])
    page.goto(live_server.url + "/today/")
    page.keyboard.press("/")
    page.wait_for_url("**/search/")
    page.keyboard.type("mateo")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Mateo Ruiz Delgado").wait_for()
    assert "mateo" not in page.url


def test_three_taps_on_a_phone_lead_to_the_next_family(
    desk_day: District, live_server: Any, phone: Any, enter: Callable[..., None]
) -> None:
    add_students_with_steps(2, teacher_of="S4A")
    enter(phone, desk_day.users["Alice"])
    phone.goto(live_server.url + "/calls/")
    phone.get_by_role("link", name="Start with the first").tap()
    first = phone.url
    phone.get_by_text("Left message", exact=True).tap()
    assert not phone.get_by_text("What would help?").is_visible(), "asked of those who were reached"
    phone.get_by_role("button", name="Save and next").tap()
    phone.wait_for_url(lambda url: url != first and "/calls/" in url)
    assert "Left message" in phone.get_by_role("status").inner_text()
    assert ContactAttempt.objects.count() == 1


def test_targets_are_big_enough_for_a_thumb(
    desk_day: District, live_server: Any, phone: Any, enter: Callable[..., None]
) -> None:
    enter(phone, desk_day.users["Paula"])
    phone.goto(f"{live_server.url}/calls/{MATEO}/")
    for target in phone.locator(".choice, .button.big, .save button").all():
        box = target.bounding_box()
        assert box is None or box["height"] >= 36, target.inner_text()
    for target in phone.locator("main a, main button, main summary").all():
        box = target.bounding_box()
        assert box is None or min(box["height"], box["width"]) >= 24, target.inner_text()


def test_script_changes_its_language_in_place(
    desk_day: District, live_server: Any, phone: Any, enter: Callable[..., None]
) -> None:
    enter(phone, desk_day.users["Paula"])
    phone.goto(f"{live_server.url}/calls/{MATEO}/")
    assert phone.locator(".script.say-es").is_visible()
    assert not phone.locator(".script.say-en").is_visible()
    phone.get_by_text("English", exact=True).last.tap()
    assert phone.locator(".script.say-en").is_visible()
    assert not phone.locator(".script.say-es").is_visible()


def test_number_that_was_tapped_is_the_one_that_is_logged(
    desk_day: District, live_server: Any, phone: Any, enter: Callable[..., None]
) -> None:
    enter(phone, desk_day.users["Paula"])
    phone.goto(f"{live_server.url}/calls/{MATEO}/")
    second = phone.locator("a[data-number]").nth(1)
    second.evaluate("link => link.addEventListener('click', event => event.preventDefault())")
    second.tap()
    phone.get_by_text("Wrong number", exact=True).tap()
    phone.get_by_role("button", name="Save").tap()
    phone.get_by_role("status").wait_for()
    assert ContactAttempt.objects.get().contact_name == "Andrés Ruiz"


def test_draft_outlives_the_page_and_ends_with_the_save(
    desk_day: District, live_server: Any, phone: Any, enter: Callable[..., None]
) -> None:
    enter(phone, desk_day.users["Alice"])
    phone.goto(f"{live_server.url}/calls/{MAYA}/")
    phone.get_by_text("Reached", exact=True).tap()
    phone.get_by_text("Bullying", exact=True).first.tap()
    phone.get_by_text("What comes next, and a note").tap()
    phone.get_by_label("Note").fill("asks for a bus pass")
    phone.reload()
    assert phone.locator("input[value=reached]").is_checked()
    assert phone.locator("input[value=bullying]").first.is_checked()
    assert phone.get_by_label("Note").input_value() == "asks for a bus pass"
    phone.get_by_role("button", name="Save").tap()
    phone.wait_for_url(live_server.url + "/calls/")
    assert phone.evaluate("Object.keys(localStorage).filter(key => key.includes('draft')).length") == 0
    assert ContactAttempt.objects.get().note == "asks for a bus pass"


def test_sign_out_leaves_no_draft_behind(
    desk_day: District, live_server: Any, page: Any, enter: Callable[..., None]
) -> None:
    enter(page, desk_day.users["Alice"])
    page.goto(f"{live_server.url}/calls/{MAYA}/")
    page.get_by_text("No answer", exact=True).click()
    assert page.evaluate("localStorage.length") == 1
    page.get_by_role("button", name="Sign out").first.click()
    page.wait_for_url("**/accounts/login/**")
    assert page.evaluate("localStorage.length") == 0


def test_shaky_hand_saves_once(desk_day: District, live_server: Any, page: Any, enter: Callable[..., None]) -> None:
    enter(page, desk_day.users["Alice"])
    page.goto(f"{live_server.url}/calls/{MAYA}/")
    page.get_by_text("No answer", exact=True).click()
    page.get_by_role("button", name="Save").dblclick()
    page.wait_for_url(live_server.url + "/calls/")
    assert ContactAttempt.objects.count() == 1


def test_saved_call_is_undone_with_one_click(
    desk_day: District, live_server: Any, page: Any, enter: Callable[..., None]
) -> None:
    enter(page, desk_day.users["Alice"])
    page.goto(f"{live_server.url}/calls/{MAYA}/")
    page.get_by_text("Reached", exact=True).click()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Undo").click()
    page.wait_for_url(f"**/calls/{MAYA}/")
    assert ContactAttempt.objects.get().undone_at is not None
    assert CaseStep.objects.filter(case__student_id=MAYA, kind="call", state="open").exists()


@pytest.fixture
def plain(browser: Any) -> Any:
    """A page with scripts switched off."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def test_call_is_logged_without_scripts(
    desk_day: District, live_server: Any, plain: Any, enter: Callable[..., None]
) -> None:
    enter(plain, desk_day.users["Alice"])
    plain.goto(f"{live_server.url}/calls/{MAYA}/")
    plain.get_by_role("button", name="Save").click()
    assert plain.locator("#errors a").inner_text() == "Choose how the call went."
    plain.get_by_text("Reached", exact=True).click()
    plain.get_by_text("More reasons").click()
    plain.get_by_text("Trauma", exact=True).click()
    plain.get_by_role("button", name="Save").click()
    assert plain.get_by_text("Saved for Maya: Reached.").is_visible()
    assert ContactAttempt.objects.get().causes.get().cause == "trauma"


def test_phone_menu_opens_and_closes_by_keyboard(
    desk_day: District, live_server: Any, page: Any, enter: Callable[..., None]
) -> None:
    enter(page, desk_day.users["Paula"])
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(live_server.url + "/calls/")
    menu = page.get_by_role("navigation", name="Places")
    assert not menu.is_visible()
    page.get_by_role("button", name="Menu").press("Enter")
    assert menu.get_by_role("link", name="Today").is_visible()
    page.keyboard.press("Escape")
    assert not menu.is_visible()


def test_steps_are_handed_over_from_the_desk(
    desk_day: District, live_server: Any, page: Any, enter: Callable[..., None]
) -> None:
    enter(page, desk_day.users["Paula"])
    page.goto(live_server.url + "/today/")
    page.get_by_label("Choose Mateo Ruiz Delgado").check()
    page.get_by_role("button", name="Assign…").click()
    page.get_by_label("To whom").select_option(label="Bob Tanaka")
    page.get_by_role("button", name="Assign", exact=True).click()
    assert page.get_by_role("status").inner_text() == "1 step is now with Bob Tanaka."
    bob = User.objects.get(email="bob@elmharbor.example")
    assert CaseStep.objects.get(case__student_id=MATEO, kind="call", state="open").assigned_to == bob
