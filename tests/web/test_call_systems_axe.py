"""The list for a calling system in a real browser: by keyboard to the file, no violation, on a narrow phone too."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from allpresent.access.models import AuditEntry
from allpresent.casework.models import CaseStep
from allpresent.roster.models import Contact
from tests.cast import District, student_id
from tests.web.test_axe import DESK, NARROW, violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def faults(page: Any) -> list[object]:
    """All that is wrong with a page: at a desk, and on a phone of 320 px."""
    wrong: list[object] = list(violations(page))
    page.set_viewport_size(NARROW)
    if page.evaluate("document.documentElement.scrollWidth") > NARROW["width"]:
        wrong.append("scrolls sideways")
    wrong += violations(page)
    page.set_viewport_size(DESK)
    return wrong


def test_a_list_is_taken_by_keyboard_on_pages_without_a_violation(
    desk_day: District, live_server: Any, page: Any, enter: Callable[..., None]
) -> None:
    wrong: dict[str, list[object]] = {}
    Contact.objects.filter(contact_id="C2").update(full_name="علي حسن")
    Contact.objects.filter(contact_id="C3").update(has_custody=None)
    page.set_viewport_size(DESK)
    enter(page, desk_day.users["Dolores"])
    page.goto(live_server.url + "/today/?view=call")
    page.get_by_role("link", name="List for ParentLink").press("Enter")
    page.wait_for_url("**/today/call-system/parentlink/")
    wrong["nobody"] = faults(page)
    assert page.get_by_role("button", name="Take the list").count() == 0
    CaseStep.objects.filter(kind="verify").update(state="done")
    page.get_by_role("button", name="Show").press("Enter")
    page.wait_for_url("**level=L4*")
    wrong["look"] = faults(page)
    assert page.get_by_role("link", name="Mateo Ruiz Delgado").count() == 1
    page.get_by_role("button", name="Take the list").press("Enter")
    page.get_by_role("heading", name="The list was taken").wait_for()
    wrong["taken"] = faults(page)
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Download the file").press("Enter")
    assert fetched.value.suggested_filename == "parentlink-2026-11-05.csv"
    assert b"2035550102" in Path(fetched.value.path()).read_bytes()
    told = AuditEntry.objects.filter(action="call_list.taken_student").values_list("student_id", flat=True)
    assert student_id("Mateo") in told
    assert {where: found for where, found in wrong.items() if found} == {}
