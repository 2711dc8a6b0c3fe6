"""A referral's page and the lists that lead to it: who reads it, what it says, and one effect of fifty sendings."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from allpresent.access import issue_key
from allpresent.access.models import AuditEntry
from allpresent.casework import meetings as acts
from allpresent.casework.models import MeetingDecision, Referral, ReferralUpdate
from allpresent.casework.queries.meetings import make_agenda
from allpresent.casework.referral_updates import Update, write_update
from allpresent.casework.referrals import Answer, answer_referral
from allpresent.policy.services import load_services
from tests.cast import LAST_SCHOOL_DAY, LINDEN, NOW, PEOPLE, TODAY, District, student_id
from tests.web.test_axe import spoken_faults, watched  # noqa: F401 (fixtures)
from tests.web.test_fifty_hands import send_by_all, written
from tests.web.test_visits import key_of

SignIn = Callable[[str], Client]
MATEO = student_id("Mateo")
YOUTH = next(one for one in load_services("new_haven") if one.key == "youth_connect")
PAGE_QUERIES, LIST_QUERIES = 13, 11
WEEKS_AGO = timedelta(days=17)


@pytest.fixture
def referral(desk_day: District) -> Referral:
    """Mateo was referred to Youth Connect, and accepted seventeen days ago; nothing was heard since."""
    paula = desk_day.users["Paula"]
    then = NOW - WEEKS_AGO
    lines = make_agenda(paula, TODAY, LINDEN, None, LAST_SCHOOL_DAY)
    meeting = acts.start_meeting(paula, LINDEN, lines, 0, 2026, issue_key(), then)
    item = meeting.items.get(student_id=MATEO)
    form = acts.DecisionForm("refer", paula.pk, TODAY, "for the afternoons", YOUTH)
    made = acts.decide(paula, item.pk, form, issue_key(), then)
    said = Answer("accepted", "Sol Ortiz", then.date())
    answer_referral(paula, made.pk, said, issue_key(), then)
    return Referral.objects.get()


def text(client: Client, address: str) -> str:
    page = client.get(address, follow=True).content.decode()
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def filled(client: Client, referral: Referral, **values: object) -> dict[str, object]:
    key = key_of(client, f"/referrals/{referral.pk}/")
    return {"form_key": key, "work": "waiting", "who": "Sol Ortiz", "on": TODAY.isoformat(), "words": ""} | values


def test_from_the_silence_to_the_end_and_back(desk_day: District, signed_in: SignIn, referral: Referral) -> None:
    client, address = signed_in("Paula"), f"/referrals/{referral.pk}/"
    assert "1 update from a partner is past due: ask for it." in text(client, "/today/")
    page = text(client, "/decisions/")
    assert "0 decisions wait for you. 1 update from a partner is past due: ask for it." in page
    assert "accepted on Mon 19 Oct · no update for 17 days" in page
    assert address in client.get("/decisions/").content.decode()
    student = text(client, f"/students/{MATEO}/")
    assert "accepted by Sol Ortiz on Mon 19 Oct no update for 17 days" in student
    assert "accepted by Sol Ortiz on Mon 19 Oct · no update for 17 days" in text(client, address)
    assert "Referred on Mon 19 Oct · followed up by Paula Lane · for the afternoons" in text(client, address)
    sent = filled(client, referral, words="two before him", on=(TODAY - timedelta(days=1)).isoformat())
    assert client.post(address, sent).status_code == 302
    page = text(client, address)
    assert "On the waiting list · said Sol Ortiz, written down by Paula Lane two before him" in page
    assert "next update by Wed 18 Nov" in page
    assert "past due" not in text(client, "/decisions/")
    student = text(client, f"/students/{MATEO}/")
    assert "on the waiting list, Wed 4 Nov · next update by Wed 18 Nov" in student
    assert "on the waiting list, said Sol Ortiz, written down by Paula Lane two before him" in student
    ended = filled(client, referral, work="served", words="six afternoons")
    answer = client.post(address, ended, follow=True).content.decode()
    assert "The referral has ended." in answer
    assert 'name="work"' not in answer
    made = ReferralUpdate.objects.get(work="served")
    assert f"/referrals/updates/{made.pk}/undo/" in answer
    assert "Updates from partners" not in text(client, "/decisions/")
    client.post(f"/referrals/updates/{made.pk}/undo/")
    assert 'name="work"' in client.get(address).content.decode()


def test_a_refusal_keeps_what_was_written(desk_day: District, signed_in: SignIn, referral: Referral) -> None:
    client, address = signed_in("Paula"), f"/referrals/{referral.pk}/"
    for values, said in (
        ({"work": ""}, "Say how the work stands."),
        ({"who": " "}, "Say who told it there: a name."),
        ({"on": "soon"}, "Write the day as year-month-day"),
        ({"on": (TODAY + timedelta(days=1)).isoformat()}, "from the day they accepted up to today"),
        ({"work": "stopped", "words": "no"}, "Say in a few words what came of it"),
        ({"words": "x" * 1001}, "at most 1000 characters"),
    ):
        answer = client.post(address, filled(client, referral, **values))
        assert answer.status_code == 422, values
        page = html.unescape(answer.content.decode())
        assert said in page
        assert values.get("who") or "Sol Ortiz" in page
    assert not ReferralUpdate.objects.exists()


def test_nobody_else_finds_the_page(desk_day: District, signed_in: SignIn, referral: Referral) -> None:
    """URL x person: it is there for who follows the student's referrals up, and for nobody else of the cast."""
    address, follow = f"/referrals/{referral.pk}/", {"Paula", "Dolores"}
    update = Update("waiting", "Sol Ortiz", TODAY)
    made = write_update(desk_day.users["Paula"], referral.pk, update, issue_key(), NOW)
    sent = {"form_key": issue_key(), "work": "begun", "who": "Sol", "on": TODAY.isoformat()}
    for name in sorted(set(PEOPLE) - follow - {"Mara"}):  # Mara cannot sign in
        other = signed_in(name)
        assert other.get(address).status_code == 404, name
        assert other.post(address, sent).status_code == 404, name
        assert other.post(f"/referrals/updates/{made.pk}/undo/").status_code == 404, name
    assert signed_in("Dolores").get(address).status_code == 200
    assert signed_in("Paula").get("/referrals/999999/").status_code == 404
    assert ReferralUpdate.objects.count() == 1


def test_what_they_said_is_read_by_those_who_read_referrals(
    desk_day: District, signed_in: SignIn, referral: Referral
) -> None:
    update = Update("not_reached", "Sol Ortiz", TODAY, "the number is the uncle's")
    write_update(desk_day.users["Paula"], referral.pk, update, issue_key(), NOW)
    for name, is_told in (("Paula", True), ("Dolores", True), ("Grace", False), ("Bob", False)):
        page = text(signed_in(name), f"/students/{MATEO}/")
        assert "Mateo" in page, name
        assert ("could not reach the family" in page) is is_told, name
        assert ("the number is the uncle's" in page) is is_told, name


def test_what_is_not_accepted_has_no_form(desk_day: District, signed_in: SignIn, referral: Referral) -> None:
    client, address = signed_in("Paula"), f"/referrals/{referral.pk}/"
    Referral.objects.update(state="declined", why="no place before spring")
    assert "declined by Sol Ortiz" in text(client, address)
    Referral.objects.update(state="open", answered_on=None, answered_by="")
    assert "Nobody has answered yet." in text(client, address)
    assert 'name="work"' not in client.get(address).content.decode()
    Referral.objects.update(state="taken_back")
    assert client.get(address).status_code == 404


def test_the_agenda_and_the_child_say_so(desk_day: District, signed_in: SignIn, referral: Referral) -> None:
    client = signed_in("Paula")
    assert "a partner's update is past due" in text(client, "/meetings/")
    write_update(desk_day.users["Paula"], referral.pk, Update("begun", "Sol", TODAY), issue_key(), NOW)
    assert "a partner's update is past due" not in text(client, "/meetings/")
    item = MeetingDecision.objects.get().item_id
    assert "has begun, said Sol" in text(client, f"/meetings/items/{item}/")


def test_accountability_tells_what_came_of_each(desk_day: District, signed_in: SignIn, referral: Referral) -> None:
    for name in ("Paula", "Dolores"):
        page = text(signed_in(name), "/accountability/")
        assert "Linden Street School 1 0 0 0 0 1 0 0 0 Each referral is in one column." in page
        assert "told nothing for more than 14 days. Toolkit, levels Serious to Extreme" in page
    assert "Linden Street School * 0 0 0 0 * 0 0 0" in text(signed_in("Erin"), "/accountability/")
    referral.decision.item.meeting.delete()
    assert "Each referral is in one column" not in text(signed_in("Paula"), "/accountability/")


def test_pages_ask_equally_often_for_little_and_much(
    desk_day: District, signed_in: SignIn, referral: Referral, django_assert_num_queries: Callable
) -> None:
    client = signed_in("Paula")
    client.get("/decisions/")
    for more in (1, 29):
        for _ in range(more):
            write_update(desk_day.users["Paula"], referral.pk, Update("under_way", "Sol", TODAY), issue_key(), NOW)
        for address, queries in ((f"/referrals/{referral.pk}/", PAGE_QUERIES), ("/decisions/", LIST_QUERIES)):
            with django_assert_num_queries(queries):
                client.get(address)


def test_reading_a_referral_is_written_down(desk_day: District, signed_in: SignIn, referral: Referral) -> None:
    signed_in("Paula").get(f"/referrals/{referral.pk}/")
    assert AuditEntry.objects.filter(action="referral.seen", student_id=MATEO).count() == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_sendings_are_one_update(desk_day: District, signed_in: SignIn, referral: Referral) -> None:
    client, address = signed_in("Paula"), f"/referrals/{referral.pk}/"
    sent = filled(client, referral, work="served", words="six afternoons")
    assert send_by_all(client, address, sent) == {302}
    assert (ReferralUpdate.objects.count(), written("referral.ended")) == (1, 1)
    made = ReferralUpdate.objects.get()
    assert send_by_all(client, f"/referrals/updates/{made.pk}/undo/", {}) == {302}
    assert (Referral.objects.get().state, written("referral.opened_again")) == ("accepted", 1)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["en", "es"])
def test_pages_are_accessible_and_written_with_keys_alone(
    desk_day: District,
    referral: Referral,
    live_server: Any,
    watched: Any,  # noqa: F811
    enter: Callable[..., None],
    language: str,
) -> None:
    enter(watched, desk_day.users["Paula"])
    watched.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
    page, address = watched, f"{live_server.url}/referrals/{referral.pk}/"
    found = {}
    for one in (address, f"{live_server.url}/decisions/", f"{live_server.url}/students/{MATEO}/"):
        page.goto(one)
        found[one] = spoken_faults(page, language)
    page.goto(address)
    page.locator("article form .save button").click()
    assert page.locator("#errors").evaluate("element => element === document.activeElement")
    page.complaints.clear()  # the browser's own, of the answer 422
    found["refused"] = spoken_faults(page, language)
    page.goto(address)
    page.locator("[name=work]").first.focus()
    for key in ("ArrowRight", "Tab", *"Sol", "Tab"):
        page.keyboard.press(key)
    page.locator("[name=words]").focus()
    page.keyboard.type("nobody opened")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(address)
    page.get_by_text("nobody opened").wait_for()
    found["written"] = spoken_faults(page, language)
    assert {where: wrong for where, wrong in found.items() if wrong} == {}
    assert ReferralUpdate.objects.get().work == "not_reached"
