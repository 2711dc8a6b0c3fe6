"""Mentors in the pages: one tap each, a worry to the team alone, and nothing of a peer's mentee but the first name."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from allpresent.access import issue_key
from allpresent.access.models import AuditEntry, Grant, User
from allpresent.casework import CaseworkError
from allpresent.casework.mentor_roster import MentorForm, add_mentor
from allpresent.casework.mentors import match_mentor
from allpresent.casework.models import CaseStep, CheckIn, MentorMatch, MentorWorry
from allpresent.roster.models import Contact
from allpresent.web.forms.mentor import read_grades, read_languages
from tests.cast import LINDEN, NOW, District, address, student_id
from tests.web.test_axe import open_page, violations, watched  # noqa: F401 (fixtures)

SignIn = Callable[[str], Client]
MATEO, MAYA = student_id("Mateo"), student_id("Maya")


def matched(district: District, person: str, kind: str, student: str = MATEO) -> MentorMatch:
    paula = district.users["Paula"]
    form = MentorForm(address(person), kind)
    mentor = add_mentor(paula, LINDEN, form, issue_key(), NOW)  # type: ignore[arg-type]
    return match_mentor(paula, mentor.pk, student, issue_key(), NOW)  # type: ignore[arg-type]


def test_a_mentor_greets_with_one_tap_and_takes_it_back(desk_day: District, signed_in: SignIn) -> None:
    made = matched(desk_day, "Hugo", "adult")
    client = signed_in("Hugo")
    page = client.get("/mentees/").content.decode()
    for words in ("Mateo Ruiz Delgado", "not greeted this week", "You greet 1 student. 1 was not greeted this week."):
        assert words in page
    sent = {"how": "talked", "form_key": issue_key()}
    answer = client.post(f"/mentees/{made.pk}/check-in/", sent, follow=True)
    client.post(f"/mentees/{made.pk}/check-in/", sent)
    page = answer.content.decode()
    assert "greeted 1 of 3 times this week" in page
    logged = CheckIn.objects.get()
    undo = f"/mentees/check-ins/{logged.pk}/undo/"
    assert f'action="{undo}"' in page
    assert "not greeted this week" in client.post(undo, follow=True).content.decode()


def test_coordinating_one_school_shows_nothing_of_another_where_one_teaches(
    desk_day: District, signed_in: SignIn
) -> None:
    """Nadia teaches Mateo at Linden and is on Harbor's team."""
    made = matched(desk_day, "Hugo", "adult")
    sent = {"text": "He says he sleeps in the car.", "form_key": issue_key()}
    signed_in("Hugo").post(f"/mentees/{made.pk}/worry/", sent)
    assert "sleeps in the car" in signed_in("Paula").get("/mentors/").content.decode()
    page = signed_in("Nadia").get("/mentors/")
    assert page.status_code == 200
    assert not any(words in page.content.decode() for words in ("sleeps in the car", "Hugo Lane", "Mateo"))
    assert "worry of a mentor" not in signed_in("Nadia").get("/today/").content.decode()
    signed_in("Paula").post(f"/mentors/matches/{made.pk}/end/", {"ending": "other", "form_key": issue_key()})
    assert "Mateo" in signed_in("Paula").get("/mentors/").content.decode()
    assert "Mateo" not in signed_in("Nadia").get("/mentors/").content.decode()


def test_a_worry_of_an_ended_match_is_an_audited_read(desk_day: District, signed_in: SignIn) -> None:
    made = matched(desk_day, "Hugo", "adult", MAYA)
    sent = {"text": "She says nobody wakes her.", "form_key": issue_key()}
    signed_in("Hugo").post(f"/mentees/{made.pk}/worry/", sent)
    paula = signed_in("Paula")
    paula.post(f"/mentors/matches/{made.pk}/end/", {"ending": "other", "form_key": issue_key()})
    CaseStep.objects.filter(promise__evidence="mentor_match").update(state="done")
    assert "nobody wakes her" in paula.get("/mentors/").content.decode()
    assert MAYA in AuditEntry.objects.filter(action="mentors.listed").values_list("student_id", flat=True)


def test_the_news_are_of_the_last_delivered_days(desk_day: District, signed_in: SignIn) -> None:
    from allpresent.web.presenters.mentors import news_words

    monday = NOW.date() - timedelta(days=3)
    day = [monday + timedelta(days=number) for number in range(3)]
    assert news_words([(day[0], "present"), (day[1], "unexcused")]).startswith("absent on")
    assert news_words([(day[0], "excused"), (day[1], "present")]).startswith("back on")
    assert news_words([(day[0], "present"), (day[1], "present")]) == ""
    assert news_words([(day[0], "excused"), (day[1], "unreported")]) == ""
    assert news_words([]) == ""


def test_who_waits_is_named_also_when_nobody_has_room(desk_day: District, signed_in: SignIn) -> None:
    step = (
        CaseStep.objects.filter(state="open", promise__evidence="mentor_match").select_related("case__student").first()
    )
    assert step
    client = signed_in("Paula")
    page = client.get("/mentors/").content.decode()
    assert "Waiting for a mentor" in page
    assert step.case.student.full_name in page
    assert "No mentor on the roster has room." in page
    form = MentorForm(address("Hugo"), "adult", (), ("ht",))
    add_mentor(desk_day.users["Paula"], LINDEN, form, issue_key(), NOW)  # type: ignore[arg-type]
    page = client.get("/mentors/").content.decode()
    assert "any grade, Haitian Creole (0 of 3)" in page
    assert "has room" not in page


def without_keys(page: str) -> str:
    """The page without its one-time keys and tokens: drawn letters, that may spell anything."""
    return re.sub(r'name="(form_key|csrfmiddlewaretoken)" value="[^"]*"', "", page)


def test_a_peer_is_sent_the_first_name_and_prompts_and_nothing_else(desk_day: District, signed_in: SignIn) -> None:
    Grant.objects.filter(user=desk_day.users["Pat"]).delete()
    made = matched(desk_day, "Pat", "peer")
    client = signed_in("Pat")
    answer = client.get("/mentees/")
    page = without_keys(answer.content.decode())
    assert "Mateo" in page
    # What must never be sent to a peer: every canary of the student, of the days and of the family.
    contacts = Contact.objects.filter(student_id=MATEO)
    canaries = ["Ruiz", "Delgado", "Linden", "7 Homeroom", "absent on", "L4", "Serious", 'class="strip', "H2"]
    canaries += [
        f"/students/{MATEO}",
        f">{MATEO}<",
        *(one.full_name for one in contacts),
        *(one.phone for one in contacts),
    ]
    assert [word for word in canaries if word and word in page] == []
    assert [header for header in answer.headers.values() if "Ruiz" in header] == []
    assert client.post(f"/mentees/{made.pk}/check-in/", {"how": "greeted", "form_key": issue_key()}).status_code == 302
    after = without_keys(client.get("/mentees/").content.decode())
    assert [word for word in canaries if word and word in after] == []
    for absent in (f"/students/{MATEO}/", f"/students/{MATEO}/plan/", "/plans/", "/mentors/", "/search/", "/today/"):
        assert client.get(absent).status_code == 404, absent


@pytest.mark.parametrize("name", ["Charlie", "Alice", "Paula", "Ivan", "Erin", "Stella"])
def test_who_is_no_mentor_has_no_such_list(desk_day: District, signed_in: SignIn, name: str) -> None:
    made = matched(desk_day, "Hugo", "adult")
    client = signed_in(name)
    assert client.get("/mentees/").status_code == 404
    assert client.post(f"/mentees/{made.pk}/check-in/", {"how": "talked", "form_key": issue_key()}).status_code == 404
    assert client.post(f"/mentees/{made.pk}/worry/", {"text": "Tired.", "form_key": issue_key()}).status_code == 404
    assert not CheckIn.objects.exists()


def test_another_mentors_student_is_not_there(desk_day: District, signed_in: SignIn) -> None:
    made = matched(desk_day, "Charlie", "adult")
    client = signed_in("Hugo")
    assert "Mateo" not in client.get("/mentees/").content.decode()
    assert client.post(f"/mentees/{made.pk}/check-in/", {"how": "talked", "form_key": issue_key()}).status_code == 404


def test_a_worry_goes_to_the_team_and_comes_off_its_list(desk_day: District, signed_in: SignIn) -> None:
    made = matched(desk_day, "Hugo", "adult")
    text = "He says he sleeps in the car."
    signed_in("Hugo").post(f"/mentees/{made.pk}/worry/", {"text": text, "form_key": issue_key()})
    paula = signed_in("Paula")
    page = paula.get("/mentors/").content.decode()
    assert text in page
    assert "1 worry waits for you." in page
    assert text not in signed_in("Quinn").get("/mentors/").content.decode()
    assert text not in paula.get(f"/students/{MATEO}/").content.decode()
    worry = MentorWorry.objects.get()
    done = {"answer": "Care coordinator called.", "form_key": issue_key()}
    assert text not in paula.post(f"/mentors/worries/{worry.pk}/", done, follow=True).content.decode()


def test_a_coordinator_adds_matches_and_ends(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    form = {"email": address("Charlie"), "kind": "adult", "school": LINDEN, "grades": "7, 8", "load_limit": "2"}
    page = client.post("/mentors/add/", form | {"form_key": issue_key()}, follow=True).content.decode()
    assert "Charlie Lane" in page
    assert "0 of 2" in page
    mentor = User.objects.get(email=address("Charlie")).mentor  # type: ignore[attr-defined]
    assert mentor.grades == "07 08"
    chosen = {"mentor": str(mentor.pk), "student": MATEO, "form_key": issue_key()}
    page = client.post("/mentors/match/", chosen, follow=True).content.decode()
    assert "Matched. The promised step is closed." in page
    assert "silent" not in page  # matched today
    assert CaseStep.objects.get(case__student_id=MATEO, step_key="L3.success_mentor").state == "done"
    made = MentorMatch.objects.get()
    ended = {"ending": "moved", "why": "", "form_key": issue_key()}
    page = client.post(f"/mentors/matches/{made.pk}/end/", ended, follow=True).content.decode()
    assert "Ended. The mentor no longer sees the student." in page
    assert signed_in("Charlie").get("/mentees/").status_code == 404
    assert AuditEntry.objects.filter(action="mentor.match_ended", student_id=MATEO).count() == 1


@pytest.mark.parametrize(
    ("typed", "grades"),
    [
        ("", ()),
        ("7, 8", ("07", "08")),
        ("k-2 PK 9 9", ("K", "01", "02", "PK", "09")),
        ("10 – 12", ("10", "11", "12")),
    ],
)
def test_grades_are_read_as_people_write_them(typed: str, grades: tuple[str, ...]) -> None:
    assert read_grades(typed) == grades


@pytest.mark.parametrize("typed", ["ninth", "0", "13", "7-13", "٧", "-4", "7--8"])
def test_a_grade_that_is_none_is_said(typed: str) -> None:
    with pytest.raises(CaseworkError, match="is no grade; write grades like"):
        read_grades(typed)


@pytest.mark.parametrize(
    ("typed", "languages"),
    [
        ("", ()),
        ("en es", ("en", "es")),
        ("Spanish, Haitian Creole, spanish", ("es", "ht")),
        ("español; árabe", ("es", "ar")),
    ],
)
def test_languages_are_read_by_name_or_code(typed: str, languages: tuple[str, ...]) -> None:
    assert read_languages(typed) == languages


def test_a_silent_mentor_is_named_changed_and_taken_off_the_roster(desk_day: District, signed_in: SignIn) -> None:
    made = matched(desk_day, "Hugo", "adult")
    MentorMatch.objects.update(starts_on=NOW.date() - timedelta(days=9))
    client, own = signed_in("Paula"), f"/mentors/{made.mentor_id}/"
    page = client.get("/mentors/").content.decode()
    assert "silent for 9 days" in page
    assert "1 greeted nobody for a week or longer." in page
    assert "Mateo Ruiz Delgado" in client.get(own).content.decode()
    fit = {"grades": "7 8", "languages": "es", "load_limit": "4", "form_key": issue_key()}
    assert "1 of 4" in client.post(f"{own}edit/", fit, follow=True).content.decode()
    page = client.get(own).content.decode()
    assert 'value="7 8"' in page
    assert 'value="Spanish"' in page
    for wrong, words in (({"grades": "ninth"}, "“ninth” is no grade"), ({"languages": "Elvish"}, "“Elvish” is no")):
        answer = client.post(f"{own}edit/", fit | wrong | {"form_key": issue_key()}, follow=True)
        assert words in answer.content.decode()
        assert answer.redirect_chain[-1][0] == own, "back to the page of the form, where what was typed stands again"
    for name in ("Quinn", "Hugo", "Alice"):
        assert signed_in(name).get(own).status_code == 404
        assert signed_in(name).post(f"{own}remove/", {"why": "Not mine.", "form_key": issue_key()}).status_code == 404
    gone = {"why": "On leave until spring.", "form_key": issue_key()}
    page = client.post(f"{own}remove/", gone, follow=True).content.decode()
    assert "1 student waits for a mentor." in page or "students wait for a mentor." in page
    assert client.get(own).status_code == 404
    assert signed_in("Hugo").get(f"/students/{MATEO}/").status_code == 404
    told = client.get(f"/students/{MATEO}/").content.decode()
    assert "no longer matched: the mentor stopped" in told


def test_greetings_are_on_the_students_page_for_who_may_read_them(desk_day: District, signed_in: SignIn) -> None:
    made = matched(desk_day, "Hugo", "adult")
    signed_in("Hugo").post(f"/mentees/{made.pk}/check-in/", {"how": "talked", "form_key": issue_key()})
    told = "greeted 1 time that week"
    assert told in signed_in("Paula").get(f"/students/{MATEO}/").content.decode()
    assert told in signed_in("Dolores").get(f"/students/{MATEO}/").content.decode()
    for name in ("Bob", "Grace"):  # a teacher and a home visitor read no check-ins
        assert told not in signed_in(name).get(f"/students/{MATEO}/").content.decode()


def test_a_worry_names_its_owner_and_says_how_late_it_is(desk_day: District, signed_in: SignIn) -> None:
    made = matched(desk_day, "Hugo", "adult")
    signed_in("Hugo").post(f"/mentees/{made.pk}/worry/", {"text": "He is tired.", "form_key": issue_key()})
    worry = MentorWorry.objects.get()
    assert (worry.due_on, worry.owner) == (NOW.date() + timedelta(days=4), desk_day.users["Paula"])
    assert '· yours</span> · <span class="muted">due Mon' in signed_in("Paula").get("/mentors/").content.decode()
    MentorWorry.objects.update(due_on=NOW.date() - timedelta(days=1))
    page = signed_in("Dolores").get("/mentors/").content.decode()
    assert "Paula Lane" in page
    assert "1 day late" in page


@pytest.mark.parametrize("name", ["Charlie", "Alice", "Hugo", "Pat", "Ivan", "Stella"])
def test_who_does_not_coordinate_has_no_roster(desk_day: District, signed_in: SignIn, name: str) -> None:
    client = signed_in(name)
    assert client.get("/mentors/").status_code == 404
    for place in ("/mentors/add/", "/mentors/match/"):
        assert client.post(place, {"form_key": issue_key()}).status_code == 404


def test_each_page_costs_a_fixed_number_of_queries(
    desk_day: District, signed_in: SignIn, django_assert_num_queries: Callable[..., CaptureQueriesContext]
) -> None:
    matched(desk_day, "Hugo", "adult")
    hugo, paula = signed_in("Hugo"), signed_in("Paula")
    hugo.get("/mentees/")
    with django_assert_num_queries(QUERIES["mentees"]):
        hugo.get("/mentees/")
    with django_assert_num_queries(QUERIES["mentors"]):
        paula.get("/mentors/")


QUERIES = {"mentees": 9, "mentors": 13}


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_pages_are_accessible_and_fit_a_phone(open_page: Callable[..., Any], desk_day: District) -> None:  # noqa: F811
    matched(desk_day, "Hugo", "adult")
    own = f"/mentors/{MentorMatch.objects.get().mentor_id}/"
    for name, place, language in (("Hugo", "/mentees/", "en"), ("Paula", "/mentors/", "es"), ("Paula", own, "en")):
        page = open_page(name, place, language)
        assert violations(page) == [], place
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, place
        assert violations(page) == [], place
        assert page.complaints == []
    page = open_page("Hugo", "/mentees/")
    page.get_by_role("button", name="Talked").press("Enter")
    page.get_by_text("greeted 1 of 3 times this week").wait_for()
