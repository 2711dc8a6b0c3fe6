"""The letters' pages in a real browser: no violation, no side scroll on a narrow phone, the keyboard alone."""

from collections.abc import Callable
from typing import Any

import pytest

from allpresent.casework.models import Letter
from allpresent.roster.models import Contact
from tests.cast import District, enter_people, open_cases, student_id
from tests.functional.browsing import DESK, NARROW, faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MATEO = student_id("Mateo")


@pytest.fixture
def office(own_home: Any, db: None, cast_day: None) -> District:
    (own_home / "letters.yaml").write_text("phone: 203 555 0100\n", encoding="utf-8")
    cast = enter_people(own_home)
    Contact.objects.update(address="1234 Lantern Street Apartment 17\nElm Harbor CT 06599")
    open_cases(own_home)
    return cast


def test_a_letter_goes_its_way_by_keyboard_on_pages_without_a_violation(
    office: District, live_server: Any, page: Any, enter: Callable[..., None]
) -> None:
    page.set_viewport_size(DESK)
    wrong: dict[str, list[object]] = {}

    def look(address: str) -> None:
        page.goto(live_server.url + address)
        wrong[address] = faults(page, [NARROW])

    def press(name: str) -> None:
        with page.expect_navigation():
            page.get_by_role("button", name=name).press("Enter")

    enter(page, office.users["Paula"])
    look("/letters/")
    # All boxes at once, then the act, by keyboard.
    page.locator("[data-check-all]").focus()
    page.keyboard.press("Space")
    assert page.locator('input[name="step"]:checked').count() == page.locator('input[name="step"]').count() > 1
    press("Verify the chosen letters")
    letter = Letter.objects.get(student_id=MATEO, kind="superintendent_letter", language="es")
    assert letter.state == "verified"
    enter(page, office.users["Dolores"])
    look("/letters/?tab=verified")
    page.get_by_text("Read it").first.click()
    wrong["read"] = faults(page, [NARROW])
    look(f"/letters/{letter.pk}/")
    press("Approve these words")
    look("/letters/?tab=approved")
    page.locator('input[name="step"]').first.press("Space")
    press("Produce the chosen letters")
    letter.refresh_from_db()
    assert letter.state == "produced"
    look(f"/letters/batches/{letter.batch_id}/")
    look("/letters/?tab=produced")
    page.goto(f"{live_server.url}/letters/batches/{letter.batch_id}/")
    press("The chosen letters have left")
    look(f"/letters/{letter.pk}/")
    look("/letters/?tab=mailed")
    letter.refresh_from_db()
    assert letter.state == "mailed"
    assert {address: found for address, found in wrong.items() if found} == {}


def test_the_desk_in_spanish_has_no_violation(
    office: District, live_server: Any, page: Any, enter: Callable[..., None]
) -> None:
    enter(page, office.users["Dolores"])
    page.context.add_cookies([{"name": "django_language", "value": "es", "url": live_server.url}])
    page.goto(f"{live_server.url}/letters/")
    assert page.evaluate("document.documentElement.lang") == "es"
    assert faults(page, [NARROW]) == []
