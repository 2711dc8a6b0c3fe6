"""The pages of a meeting: who holds one, one child at a time, initials on a projector, minutes, the year's proof."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pikepdf
import pytest
from django.test import Client

from allpresent.access.models import AuditEntry
from allpresent.casework.leavers import hand_on_unseen, withdraw_for_leavers
from allpresent.casework.models import Meeting, MeetingDecision
from allpresent.casework.queries.meetings import Held
from allpresent.roster.models import Enrollment, Student
from allpresent.web.presenters import proof
from allpresent.web.presenters.meetings import initials
from allpresent.web.presenters.proof import Rate, find_duty, months_between, proof_rows, proof_sentence
from tests.cast import HARBOR, LINDEN, NOW, TODAY, District, student_id

SignIn = Callable[[str], Client]
MATEO = student_id("Mateo")
TENTH, FIFTEENTH = Fraction(1, 10), Fraction(15, 100)
LIST_QUERIES = 26  # 24, and the two marks of the transaction
CHILD_QUERIES = 27  # 25, and the two marks of the transaction


def key_of(page: str) -> str:
    return page.split('name="form_key" value="')[1].split('"')[0]


def begin(client: Client) -> Meeting:
    page = client.get("/meetings/").content.decode()
    client.post("/meetings/start/", {"team": LINDEN, "form_key": key_of(page)})
    return Meeting.objects.get(school_id=LINDEN)


def child(client: Client) -> str:
    return f"/meetings/items/{begin(client).items.get(student_id=MATEO).pk}/"


def decide(client: Client, address: str, **values: object) -> None:
    page = client.get(address).content.decode()
    sent = {"form_key": key_of(page), "kind": "visit", "due_on": (TODAY + timedelta(days=3)).isoformat()} | values
    return client.post(address, sent)


def end(client: Client) -> Meeting:
    meeting = Meeting.objects.get(school_id=LINDEN)
    page = client.get(f"/meetings/{meeting.pk}/").content.decode()
    sent = {"form_key": key_of(page), "name": ["Ada Okafor"], "part": ["family"]}
    client.post(f"/meetings/{meeting.pk}/end/", sent)
    return Meeting.objects.get(pk=meeting.pk)


def test_a_meeting_from_its_list_to_its_minutes(desk_day: District, signed_in: SignIn) -> None:
    client, paula = signed_in("Paula"), desk_day.users["Paula"]
    page = client.get("/meetings/").content.decode()
    assert "2 students are on the list for the next meeting. Crossed a level and was not spoken of since: 2." in page
    address = child(client)
    shown = client.get(address).content.decode()
    assert "Mateo Ruiz Delgado" in shown
    assert 'rel="next"' in shown
    decide(client, address, owner=paula.pk, words="with the liaison")
    made = MeetingDecision.objects.get()
    assert (made.kind, made.owner, made.words) == ("visit", paula, "with the liaison")
    meeting = end(client)
    recap = client.get(f"/meetings/{meeting.pk}/recap/").content.decode()
    assert "1 student was spoken of" in recap
    assert "Ada Okafor" in recap
    answer = client.get(f"/meetings/{meeting.pk}/minutes.pdf")
    with pikepdf.open(io.BytesIO(answer.content)) as paper:
        assert "/StructTreeRoot" in paper.Root
        assert "Minutes: Linden Street School" in str(paper.docinfo["/Title"])
    student = client.get(f"/students/{MATEO}/").content.decode()
    assert "decided in a meeting of the team" in student
    assert "1 decision of a meeting waits for you" in client.get("/today/").content.decode()
    assert "1 decision of a meeting waits for you" in client.get("/calls/").content.decode()
    decisions = client.get("/decisions/").content.decode()
    assert "1 decision waits for you" in decisions
    assert AuditEntry.objects.get(action="decisions.listed").student_id == MATEO
    listed = AuditEntry.objects.filter(action="meeting.listed", student_id=MATEO)
    before = listed.count()
    assert "with the liaison" in client.get("/meetings/").content.decode()
    assert listed.count() == before + 1
    sent = {"form_key": key_of(decisions), "on": TODAY.isoformat(), "outcome": "met the mother"}
    client.post(f"/decisions/{made.pk}/done/", sent)
    assert "0 decisions wait for you" in client.get("/decisions/").content.decode()


def test_a_referral_from_the_decision_to_the_answer(desk_day: District, signed_in: SignIn) -> None:
    client, paula = signed_in("Paula"), desk_day.users["Paula"]
    address = child(client)
    refused = decide(client, address, owner=paula.pk, kind="refer")
    assert refused.status_code == 422
    assert "to whom the student is referred" in refused.content.decode()
    decide(client, address, owner=paula.pk, kind="refer", service="youth_connect")
    made = MeetingDecision.objects.get()
    student = client.get(f"/students/{MATEO}/").content.decode()
    assert "YouthConnect Community Partnerships Council" in student
    assert "no answer yet" in student
    page = client.get("/decisions/").content.decode()
    assert "Write down the answer" in page
    sent = {"form_key": key_of(page), "on": TODAY.isoformat(), "answer": "accepted", "who": "Sol Ortiz"}
    client.post(f"/decisions/{made.pk}/done/", sent)
    assert "0 decisions wait for you" in client.get("/decisions/").content.decode()
    assert "accepted by Sol Ortiz on Thu 5 Nov" in client.get(f"/students/{MATEO}/").content.decode()
    assert (
        "accepted by Sol Ortiz" in client.get(f"/meetings/{made.item.meeting_id}/recap/", follow=True).content.decode()
    )


def test_what_a_student_who_moved_was_promised_is_given_to_somebody_of_the_new_school(
    desk_day: District, signed_in: SignIn
) -> None:
    paula, quinn = signed_in("Paula"), signed_in("Quinn")
    decide(paula, child(paula), owner=desk_day.users["Paula"].pk, words="with the liaison")
    made = MeetingDecision.objects.get()
    Enrollment.objects.filter(student_id=MATEO).update(school_id=HARBOR)
    Student.objects.filter(pk=MATEO).update(school_id=HARBOR)
    hand_on_unseen(TODAY, NOW)
    assert "waits for you" not in paula.get("/today/").content.decode()
    page = quinn.get("/meetings/").content.decode()
    assert "Nobody does what was decided any more: 1." in page
    assert "Nobody is named: Paula Lane no longer sees the student." in page
    assert f'value="{desk_day.users["Quinn"].pk}" selected>Quinn Lane' in page
    sent = {"form_key": key_of(page), "team": HARBOR, "person": desk_day.users["Quinn"].pk}
    assert paula.post(f"/decisions/{made.pk}/assign/", sent).status_code == 404
    answer = quinn.post(f"/decisions/{made.pk}/assign/", sent, follow=True).content.decode()
    assert "Quinn Lane does it from now on." in answer
    assert "Nobody is named" not in answer
    assert "1 decision waits for you" in quinn.get("/decisions/").content.decode()


def test_the_student_page_says_that_a_decision_was_withdrawn(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Dolores")
    paula = signed_in("Paula")
    decide(paula, child(paula), owner=desk_day.users["Paula"].pk, words="with the liaison")
    Student.objects.filter(pk=MATEO).update(is_enrolled=False)
    withdraw_for_leavers(2026, TODAY, NOW)
    assert "Withdrawn: Visit the home" in client.get(f"/students/{MATEO}/").content.decode()
    recap = f"/meetings/{Meeting.objects.get().pk}/"
    assert "withdrawn on Thu 5 Nov: the student left" in client.get(recap).content.decode()


@pytest.mark.parametrize(("name", "is_told"), [("Paula", True), ("Dolores", True), ("Grace", False), ("Bob", False)])
def test_a_referral_is_told_to_those_who_read_referrals(
    desk_day: District, signed_in: SignIn, name: str, is_told: bool
) -> None:
    client = signed_in("Paula")
    decide(client, child(client), owner=desk_day.users["Paula"].pk, kind="refer", service="dcf", words="CGS 17a-101a")
    page = signed_in(name).get(f"/students/{MATEO}/").content.decode()
    assert "Mateo" in page
    assert ("CGS 17a-101a" in page) is is_told


@pytest.mark.parametrize("name", ["Alice", "Felix", "Charlie", "Stella", "Erin", "Ivan", "Grace", "Olga"])
def test_who_holds_no_meetings_finds_no_page(desk_day: District, signed_in: SignIn, name: str) -> None:
    address = child(signed_in("Paula"))
    client, number = signed_in(name), Meeting.objects.get().pk
    for one in ("/meetings/", f"/meetings/{number}/", f"/meetings/{number}/recap/", "/meetings/proof/", address):
        assert client.get(one).status_code == 404, one
    assert client.post(f"/meetings/{number}/end/").status_code == 404


def test_another_schools_team_finds_no_page(desk_day: District, signed_in: SignIn) -> None:
    address = child(signed_in("Paula"))
    number, client = Meeting.objects.get().pk, signed_in("Quinn")
    assert client.get(f"/meetings/?team={LINDEN}").status_code == 404
    for one in (f"/meetings/{number}/", f"/meetings/{number}/recap/", f"/meetings/{number}/minutes.pdf", address):
        assert client.get(one).status_code == 404, one
    assert client.post(address, {"kind": "go_on"}).status_code == 404
    assert not MeetingDecision.objects.exists()


def test_the_district_holds_its_own_and_every_schools(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Dolores")
    assert "District attendance team" in client.get("/meetings/").content.decode()
    assert client.get(f"/meetings/?team={LINDEN}").status_code == 200


def test_a_projector_shows_initials_alone(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    address = child(client)
    client.post("/meetings/names/")
    meeting = Meeting.objects.get().pk
    for one in ("/meetings/", f"/meetings/{meeting}/", address, f"/meetings/{meeting}/recap/"):
        page = client.get(one).content.decode()
        assert "Ruiz" not in page, one
        assert f"/students/{MATEO}/" not in page, one
    assert "M. R. D." in client.get(address).content.decode()
    client.post("/meetings/names/")
    assert "Ruiz" in client.get(address).content.decode()


def test_a_refused_decision_keeps_what_was_written(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    address = child(client)
    answer = decide(client, address, kind="set_aside", words="no")
    assert answer.status_code == 422
    assert "why the team closes this" in answer.content.decode()
    assert not MeetingDecision.objects.exists()


def test_moving_and_taking_back(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    address = child(client)
    meeting = Meeting.objects.get()
    last = meeting.items.last()
    client.post(f"/meetings/items/{last.pk}/move/", {"to": "up"})
    assert meeting.items.first() == last
    client.post(f"/meetings/{meeting.pk}/order/", {"order": ",".join(str(one.pk) for one in meeting.items.all()[::-1])})
    assert meeting.items.last() == last
    decide(client, address, kind="go_on")
    client.post(f"/decisions/{MeetingDecision.objects.get().pk}/undo/")
    assert MeetingDecision.objects.get().state == "taken_back"


def test_reading_a_child_is_written_down(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    client.get(child(client))
    assert AuditEntry.objects.filter(action="meeting.student_seen", student_id=MATEO).count() == 1


def test_pages_ask_a_stated_number_of_times(
    desk_day: District, signed_in: SignIn, django_assert_num_queries: Callable
) -> None:
    client = signed_in("Paula")
    address = child(client)
    client.get(address)
    with django_assert_num_queries(LIST_QUERIES):
        client.get("/meetings/")
    with django_assert_num_queries(CHILD_QUERIES):
        client.get(address)


def test_initials_name_nobody() -> None:
    assert initials("Zoë d'Angelo") == "Z. d."
    assert initials("  ") == ""


@pytest.mark.parametrize(
    ("district", "schools", "kind"),
    [
        (Rate(996, 10000), {"a": Rate(1495, 10000)}, proof.NO_DUTY),  # printed 10.0 and 15.0, and no duty
        (Rate(1, 10), {"a": Rate(1, 100)}, proof.DISTRICT_TEAM),
        (Rate(9, 100), {"a": Rate(15, 100), "b": Rate(1, 100)}, proof.SCHOOL_TEAM),
        (Rate(9, 100), {"a": Rate(15, 100), "b": Rate(16, 100)}, proof.EITHER_TEAM),
        (Rate(10, 100), {"a": Rate(15, 100)}, proof.EITHER_TEAM),
        (Rate(0, 0), {}, proof.NO_DUTY),
    ],
)
def test_the_duty_follows_the_statutes_cases(district: Rate, schools: dict[str, Rate], kind: str) -> None:
    assert find_duty(district, schools, TENTH, FIFTEENTH).kind == kind


def test_a_month_without_a_meeting_is_seen() -> None:
    duty = find_duty(Rate(9, 100), {"a": Rate(15, 100)}, TENTH, FIFTEENTH)
    months = months_between(TODAY.replace(month=8, day=31), TODAY)
    assert months == [(2026, 8), (2026, 9), (2026, 10), (2026, 11)]
    held = {"a": Held({(2026, 9): [TODAY.replace(month=9)], (2026, 11): [TODAY]}, 3, 4)}
    (row,) = proof_rows([("a", "Ash")], held, months, duty, {"a": Rate(15, 100)})
    assert (row.is_duty, row.rate, row.is_kept) == (True, "15.0%", False)
    assert [cell.days for cell in row.cells] == ["", "5 Sep", "", "5 Nov"]
    assert proof_sentence([row]) == "0 of 1 team met in every month that is over."


def test_a_month_that_is_not_over_is_held_against_nobody() -> None:
    duty = find_duty(Rate(9, 100), {"a": Rate(15, 100)}, TENTH, FIFTEENTH)
    held = {"a": Held({(2026, 10): [TODAY.replace(month=10)]}, 3, 4)}
    (row,) = proof_rows([("a", "Ash")], held, [(2026, 10), (2026, 11)], duty, {})
    assert [cell.is_open for cell in row.cells] == [False, True]
    assert row.is_kept


def test_the_proof_of_a_year_stands_over_the_summer(desk_day: District, signed_in: SignIn, settings: Any) -> None:
    client = signed_in("Paula")
    begin(client)
    end(client)
    settings.DISTRICT = replace(settings.DISTRICT, today=date(2027, 7, 15))
    assert "2026-27" in client.get("/meetings/proof/").content.decode()
    lines = client.get("/meetings/proof.csv").content.decode("utf-8-sig").splitlines()
    assert "Linden Street School,0,2026-11,1,5 Nov" in lines


def test_a_meeting_nobody_ended_last_year_is_shown_and_can_be_ended(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    begin(client)
    Meeting.objects.update(school_year=2025, on=TODAY - timedelta(days=150), started_at=NOW - timedelta(days=150))
    page = client.get("/meetings/").content.decode()
    assert "Begin the meeting" not in page
    assert "still open, 0 of 2 students spoken of" in page
    assert end(client).state == "ended"
    assert "Begin the meeting" in client.get("/meetings/").content.decode()


def test_what_is_done_needs_its_day(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    decide(client, child(client), owner=desk_day.users["Paula"].pk)
    made = MeetingDecision.objects.get()
    sent = {"form_key": key_of(client.get("/decisions/").content.decode()), "outcome": "went there", "on": "soon"}
    answer = client.post(f"/decisions/{made.pk}/done/", sent, follow=True).content.decode()
    assert "Give the day it was done." in answer
    assert MeetingDecision.objects.get().state == "open"


def test_the_proof_says_when_last_year_is_not_known(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    begin(client)
    end(client)
    page = client.get("/meetings/proof/").content.decode()
    assert "last year&#x27;s attendance has not been delivered" in page
    lines = client.get("/meetings/proof.csv").content.decode("utf-8-sig").splitlines()
    assert "Linden Street School,0,2026-11,1,5 Nov" in lines
