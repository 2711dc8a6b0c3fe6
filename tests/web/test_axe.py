"""Pages in a real browser: no accessibility violation, no side scroll on a narrow phone, nothing the CSP blocks."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from allpresent.access.models import User
from allpresent.casework.models import CaseStep
from tests.cast import LAST_SCHOOL_DAY, District, student_id
from tests.functional.browsing import NARROW, faults, violations
from tests.web.rows import add_students_with_steps
from tests.web.test_household import reach

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MATEO = student_id("Mateo")
PAGES = [
    ("Alice", "/calls/"),
    ("Stella", "/"),
    ("Charlie", "/"),
    ("Charlie", "/today/"),  # absent for Charlie
    ("Paula", f"/calls/{MATEO}/"),
    ("Paula", f"/students/{MATEO}/household/"),
    ("Paula", "/today/"),
    ("Paula", "/today/?view=overdue"),
    ("Paula", "/today/?view=mentor&sort=-absent"),
    ("Paula", "/today/call-list/"),
    ("Quinn", "/today/?view=unreported"),
    ("Quinn", "/today/?view=silent"),
    ("Dolores", "/today/"),
    ("Dolores", "/search/"),
]


@pytest.fixture
def watched(page: Any) -> Any:
    """A page that keeps what the browser complains about."""
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    return page


@pytest.fixture
def open_page(desk_day: District, live_server: Any, watched: Any, enter: Callable[..., None]) -> Callable[..., Any]:
    CaseStep.objects.filter(case__student_id=MATEO, kind="call").update(due_on=LAST_SCHOOL_DAY)
    sister, _brother = add_students_with_steps(2, household="H2")
    reach(sister, desk_day.users["Dolores"], contact_name="Lucía Delgado")

    def opened(name: str, address: str, language: str = "en") -> Any:
        enter(watched, desk_day.users[name])
        cookie = {"name": "django_language", "value": language, "url": live_server.url}
        watched.context.add_cookies([cookie])
        watched.goto(live_server.url + address)
        return watched

    return opened


def spoken_faults(page: Any, language: str) -> list[object]:
    """All that is wrong with a page: its language, what the browser complains of, at a desk and on a narrow phone."""
    wrong = faults(page, [NARROW])
    if page.evaluate("document.documentElement.lang") != language:
        wrong.append("not in the language asked for")
    # The browser itself reports the answer 404 of the page that is absent.
    wrong += [line for line in page.complaints if "404" not in line]
    page.complaints.clear()
    return wrong


@pytest.mark.parametrize("language", ["en", "es"])
def test_pages_are_accessible_and_fit_a_narrow_phone(open_page: Callable[..., Any], language: str) -> None:
    found = {address: spoken_faults(open_page(name, address, language), language) for name, address in PAGES}
    assert {address: wrong for address, wrong in found.items() if wrong} == {}


def test_sheet_with_errors_is_accessible(open_page: Callable[..., Any]) -> None:
    page = open_page("Paula", f"/calls/{MATEO}/")
    page.get_by_text("More reasons").click()
    page.get_by_text("What comes next, and a note").click()
    page.locator(".save button").click()
    assert page.locator("#errors").evaluate("element => element === document.activeElement")
    assert violations(page) == []


def test_panels_and_assigning_are_accessible(open_page: Callable[..., Any]) -> None:
    page = open_page("Paula", f"/calls/{MATEO}/")
    page.locator(".why").first.click()
    assert page.get_by_role("dialog").is_visible()
    assert violations(page) == []
    page = open_page("Paula", "/today/")
    page.get_by_role("button", name="Assign…").click()
    assert page.get_by_label("To whom").is_visible()
    assert violations(page) == []


def test_sign_in_pages_are_accessible(district: District, live_server: Any, watched: Any, settings: Any) -> None:
    settings.IS_DEMO = True
    settings.DISTRICT = replace(settings.DISTRICT, is_demo=True)
    User.objects.filter(email__startswith="q").update(is_demo=True)
    for address in (
        "/accounts/login/",
        "/accounts/password/reset/",
        "/accounts/password/reset/done/",
        "/accounts/signup/",
    ):
        watched.goto(live_server.url + address)
        assert violations(watched) == [], address
        watched.set_viewport_size(NARROW)
        assert watched.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], address
        assert violations(watched) == [], address
    watched.goto(live_server.url + "/accounts/login/")
    watched.get_by_label("Password", exact=True).fill("wrong")
    watched.get_by_role("button", name="Sign in", exact=True).click()
    assert violations(watched) == []
    assert watched.complaints == []


def test_text_spacing_and_larger_text_lose_nothing(open_page: Callable[..., Any]) -> None:
    page = open_page("Paula", "/today/")
    page.set_viewport_size(NARROW)
    # The spacing of WCAG 1.4.12, and text at twice its size. Set through the style sheets' own door: the CSP is strict.
    page.evaluate(
        """() => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
                word-spacing: 0.16em !important; } html { font-size: 200% !important; }`);
            document.adoptedStyleSheets = [sheet];
        }"""
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"] + 1
