"""The list for a calling system in a real browser: by keyboard to the file, no violation, on a narrow phone too."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from allpresent.access.models import AuditEntry
from allpresent.casework.models import CaseStep
from allpresent.roster.models import Contact
from tests.cast import District, student_id
from tests.functional.browsing import DESK, NARROW, faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


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
    wrong["nobody"] = faults(page, [NARROW])
    assert page.get_by_role("button", name="Take the list").count() == 0
    CaseStep.objects.filter(kind="verify").update(state="done")
    page.get_by_role("button", name="Show").press("Enter")
    page.wait_for_url("**level=L4*")
    wrong["look"] = faults(page, [NARROW])
    assert page.get_by_role("link", name="Mateo Ruiz Delgado").count() == 1
    page.get_by_role("button", name="Take the list").press("Enter")
    page.get_by_role("heading", name="The list was taken").wait_for()
    wrong["taken"] = faults(page, [NARROW])
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Download the file").press("Enter")
    assert fetched.value.suggested_filename == "parentlink-2026-11-05.csv"
    assert b"2035550102" in Path(fetched.value.path()).read_bytes()
    told = AuditEntry.objects.filter(action="call_list.taken_student").values_list("student_id", flat=True)
    assert student_id("Mateo") in told
    assert {where: found for where, found in wrong.items() if found} == {}
