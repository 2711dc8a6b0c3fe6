"""What mentors do, on other pages: open worries on Today, greetings in a meeting, for those who may read them alone."""

from collections.abc import Callable
from datetime import timedelta

from django.test import Client

from allpresent.access import issue_key
from allpresent.casework.models import MentorWorry
from tests.cast import NOW, District
from tests.web.test_meetings import child
from tests.web.test_mentors import matched

SignIn = Callable[[str], Client]
OPEN = '<a href="/mentors/">1 worry of a mentor is open.</a>'
SAID = "He says he sleeps in the car."


def test_an_open_worry_stands_on_today_of_the_team_until_it_is_answered(desk_day: District, signed_in: SignIn) -> None:
    made = matched(desk_day, "Hugo", "adult")
    paula = signed_in("Paula")
    assert "of a mentor" not in paula.get("/today/").content.decode()
    signed_in("Hugo").post(f"/mentees/{made.pk}/worry/", {"text": SAID, "form_key": issue_key()})
    for name in ("Paula", "Dolores"):
        page = signed_in(name).get("/today/").content.decode()
        assert OPEN in page
        assert SAID not in page
    for name in ("Quinn", "Felix"):  # of another school, and who reads no worry
        assert "of a mentor" not in signed_in(name).get("/today/").content.decode()
    MentorWorry.objects.update(due_on=NOW.date() - timedelta(days=1))
    assert f'{OPEN} <strong class="late">1 overdue</strong>' in paula.get("/today/").content.decode()
    done = {"answer": "We called his mother.", "form_key": issue_key()}
    paula.post(f"/mentors/worries/{MentorWorry.objects.get().pk}/", done)
    assert "of a mentor" not in paula.get("/today/").content.decode()


def test_greetings_are_read_in_the_meeting(desk_day: District, signed_in: SignIn) -> None:
    made = matched(desk_day, "Hugo", "adult")
    signed_in("Hugo").post(f"/mentees/{made.pk}/check-in/", {"how": "talked", "form_key": issue_key()})
    paula = signed_in("Paula")
    assert "greeted 1 time that week" in paula.get(child(paula)).content.decode()
