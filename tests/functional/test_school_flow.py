"""My school, District and Reports in a real browser: one sheet of paper, the chooser, phones."""

from collections.abc import Callable
from typing import Any

import pikepdf
import pytest

from tests.functional.browsing import faults, tab_to, violations
from tests.web.test_school_page import two_years  # noqa: F401 (fixture)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def open_page(two_years: Any, live_server: Any, page: Any, enter: Callable[..., None]) -> Callable[..., Any]:  # noqa: F811
    from allpresent.access.models import User

    def opened(name: str, address: str) -> Any:
        enter(page, User.objects.get(email=f"{name.lower()}@elmharbor.example"))
        page.goto(live_server.url + address)
        return page

    return opened


def test_pages_have_no_fault_at_a_desk_and_on_phones(open_page: Callable[..., Any]) -> None:
    for name, address in (
        ("Paula", "/school/"),
        ("Dolores", "/school/all/"),
        ("Dolores", "/school/k-8/"),
        ("Erin", "/district/"),
        ("Erin", "/school/21/"),  # small numbers hidden
        ("Erin", "/reports/"),
    ):
        assert faults(open_page(name, address)) == [], address


def test_folded_tables_have_no_fault(open_page: Callable[..., Any]) -> None:
    page = open_page("Paula", "/school/")
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    assert faults(page) == []


@pytest.mark.parametrize("paper", ["Letter", "A4"])
@pytest.mark.parametrize(("name", "address"), [("Paula", "/school/"), ("Dolores", "/school/all/")])
def test_the_page_prints_on_one_sheet(
    open_page: Callable[..., Any], tmp_path: Any, name: str, address: str, paper: str
) -> None:
    page = open_page(name, address)
    page.pdf(path=tmp_path / "sheet.pdf", format=paper)
    with pikepdf.open(tmp_path / "sheet.pdf") as sheet:
        assert len(sheet.pages) == 1


def test_the_chooser_works_by_keyboard(open_page: Callable[..., Any]) -> None:
    page = open_page("Dolores", "/school/")
    tab_to(page, "Show")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    tab_to(page, "Go")
    page.keyboard.press("Enter")
    page.wait_for_url("**/school/9-12/")
    assert page.get_by_role("heading", level=1).inner_text().startswith("Grades 9–12")


def test_the_grid_sorts_by_keyboard_and_says_so(open_page: Callable[..., Any]) -> None:
    page = open_page("Erin", "/district/")
    tab_to(page, "Enrolled", most=120)  # the table itself, which scrolls by the arrow keys
    tab_to(page, "Enrolled")
    page.keyboard.press("Enter")
    page.wait_for_url("**sort=-students*")
    assert page.locator("th[aria-sort=descending]").inner_text().startswith("Enrolled")


def test_every_figure_of_the_cards_says_why(open_page: Callable[..., Any]) -> None:
    page = open_page("Paula", "/school/")
    for figure in page.locator(".figures .why").all():
        figure.click()
        panel = page.locator(".why-panel:popover-open")
        assert "Rule" in panel.inner_text()
        assert "0001-70017001" in panel.inner_text()
        page.keyboard.press("Escape")
    page.locator(".figures .why").first.click()
    assert violations(page) == []


def test_a_report_is_downloaded(open_page: Callable[..., Any]) -> None:
    page = open_page("Paula", "/reports/")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").first.click()
    assert download.value.suggested_filename.endswith(".csv")
