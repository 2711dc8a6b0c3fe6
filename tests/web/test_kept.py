"""Nothing typed is lost: refused, too late, or with other pages in between. An address of a form says what it is."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from allpresent.casework.models import Meeting, Note
from tests.cast import LINDEN, District, student_id
from tests.web.test_axe import open_page, violations, watched  # noqa: F401 (fixtures)

SignIn = Callable[[str], Client]
MATEO = student_id("Mateo")
WORDS = "The bus does not wait; the aunt could drive on Mondays."


def write_too_late(page: Any) -> None:
    """Writes a note, and sends it after the session is over."""
    page.get_by_label("Something worth remembering.").fill(WORDS)
    page.context.clear_cookies(name="session")
    page.get_by_role("button", name="Keep the note").click()
    page.get_by_role("heading", name="Sign in", exact=True).wait_for()


def test_an_address_of_a_form_opened_as_a_page_says_so(desk_day: District, signed_in: SignIn) -> None:
    answer = signed_in("Paula").get(f"/students/{MATEO}/note/")
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert "No page here" in answer.content.decode()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_note_written_past_the_end_of_the_session_is_kept(
    open_page: Callable[..., Any],  # noqa: F811
    desk_day: District,
    enter: Callable[..., None],
) -> None:
    page = open_page("Paula", f"/students/{MATEO}/")
    write_too_late(page)
    back = page.locator(".entrance input[name=next]").first.get_attribute("value")
    assert back == f"/students/{MATEO}/"
    enter(page, desk_day.users["Paula"])
    page.goto(page.url.split("/accounts/")[0] + back)
    assert page.get_by_label("Something worth remembering.").input_value() == WORDS
    assert page.get_by_text("What you typed stands below again.").is_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Keep the note").click()
    page.get_by_text("The note is kept.").wait_for()
    assert [note.text for note in Note.objects.all()] == [WORDS]
    assert page.get_by_label("Something worth remembering.").input_value() == ""


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_note_the_records_did_not_take_stands_again(
    open_page: Callable[..., Any],  # noqa: F811
    desk_day: District,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def locked(*_arguments: object, **_named: object) -> None:
        raise OperationalError("canceling statement due to lock timeout")

    page = open_page("Paula", f"/students/{MATEO}/")
    with monkeypatch.context() as broken:
        broken.setattr("allpresent.casework.notes.record", locked)
        page.get_by_label("Something worth remembering.").fill(WORDS)
        page.get_by_role("button", name="Keep the note").click()
        page.get_by_text("nothing was saved").wait_for()
        assert violations(page) == []
    page.goto(page.url.split("/students/")[0] + f"/students/{MATEO}/")
    assert page.get_by_label("Something worth remembering.").input_value() == WORDS
    page.get_by_role("button", name="Keep the note").click()
    page.get_by_text("The note is kept.").wait_for()
    assert [note.text for note in Note.objects.all()] == [WORDS]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_what_one_person_typed_is_shown_to_no_other(
    open_page: Callable[..., Any],  # noqa: F811
    desk_day: District,
    enter: Callable[..., None],
) -> None:
    page = open_page("Paula", f"/students/{MATEO}/")
    write_too_late(page)
    page.evaluate("key => sessionStorage.setItem(key, '{}')", f"all-present-kept:{desk_day.users['Paula'].pk}:meeting")
    for name in ("Dolores", "Paula"):
        enter(page, desk_day.users[name])
        page.goto(page.url.split("/accounts/")[0].split("/students/")[0] + f"/students/{MATEO}/")
        assert page.get_by_label("Something worth remembering.").input_value() == ""
        assert page.evaluate("Object.keys(sessionStorage)") == [], "nothing of the other person stays in the tab"


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_refused_form_stands_again_as_it_was_sent(open_page: Callable[..., Any], desk_day: District) -> None:  # noqa: F811
    page = open_page("Paula", "/mentors/")
    page.get_by_label("The address they sign in with").fill("nobody@elmharbor.example")
    page.get_by_label("Adult or senior peer").select_option("peer")
    page.get_by_label("Languages, like English, Spanish").fill("Spanish")
    page.get_by_role("button", name="Add to the roster").click()
    refused = page.get_by_role("alert")
    assert "Nobody signs in with this address" in refused.inner_text()
    assert refused.evaluate("words => words === document.activeElement")
    assert page.get_by_label("The address they sign in with").input_value() == "nobody@elmharbor.example"
    assert page.get_by_label("Adult or senior peer").input_value() == "peer"
    assert page.get_by_label("Languages, like English, Spanish").input_value() == "Spanish"
    page.reload()
    assert page.get_by_label("The address they sign in with").input_value() == ""


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_who_is_here_stays_while_children_are_spoken_of(open_page: Callable[..., Any], desk_day: District) -> None:  # noqa: F811
    page = open_page("Paula", "/meetings/")
    page.get_by_role("button", name="Begin the meeting").click()
    page.get_by_label("Paula Lane", exact=True).check()
    page.get_by_label("Name 2").fill("Ada Okafor")
    page.get_by_label("Part 2").select_option("community")
    page.get_by_role("link", name="One child at a time").click()
    page.get_by_role("link", name="Agenda").click()
    assert page.get_by_label("Paula Lane", exact=True).is_checked()
    assert page.get_by_label("Name 1").input_value() == ""
    page.get_by_role("button", name="End the meeting").click()
    page.get_by_role("heading", name="Present").wait_for()
    held = Meeting.objects.get(school_id=LINDEN).members.order_by("name").values_list("name", "part")
    assert ("Ada Okafor", "community") in list(held)
    assert len(held) == 2
