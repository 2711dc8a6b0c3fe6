"""Visits: the board, planning one, the toolkit's form, who reads the field notes, and the day sheet."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client

from allpresent.access import issue_key
from allpresent.access.models import AuditEntry
from allpresent.casework import home_visits
from allpresent.casework.models import CaseStep, HomeVisit, VisitFieldNote
from allpresent.casework.visit_forms import VisitForm, VisitPlan
from tests.cast import NOW, TODAY, District, student_id
from tests.web.rows import add_students_with_steps

SignIn = Callable[[str], Client]
MATEO, MAYA = student_id("Mateo"), student_id("Maya")
BOARD_QUERIES = 9
NOTE = "Canary: the landlord is at the door."


def key_of(client: Client, address: str) -> str:
    page = client.get(address).content.decode()
    return page.split('name="form_key" value="')[1].split('"')[0]


def send(client: Client, address: str, queued: bool = False, **values: object):
    headers = {"X-Visit-Queue": "1"} if queued else {}
    return client.post(address, {"form_key": key_of(client, address)} | values, headers=headers)


def filled(**more: object) -> dict[str, object]:
    values = {
        "on": TODAY.isoformat(),
        "was_scheduled": "yes",
        "outcome": "completed",
        "reason": "designated",
        "mode": "in_person",
        "met": "Lucía Delgado",
        "field_note": NOTE,
    }
    return values | more


def planned(district: District, hours: int = 6) -> HomeVisit:
    starts = NOW + timedelta(hours=hours)
    wish = VisitPlan(
        visitor=district.users["Grace"],
        co_visitor=district.users["Paula"],
        starts_at=starts,
        ends_at=starts + timedelta(hours=1),
    )
    return home_visits.propose_visit(district.users["Paula"], MATEO, wish, issue_key(), NOW)


def recorded(district: District) -> HomeVisit:
    form = VisitForm(on=TODAY, outcome="completed", was_scheduled=True, met="Lucía Delgado", field_note=NOTE)
    return home_visits.record_visit(district.users["Grace"], MATEO, form, issue_key(), NOW)


def test_board_opens_with_what_is_promised(desk_day: District, signed_in: SignIn) -> None:
    page = signed_in("Paula").get("/visits/").content.decode()
    assert "0 visits are scheduled and 1 waits for a time." in page
    assert f'href="/visits/for/{MATEO}/"' in page
    assert AuditEntry.objects.filter(action="visits.listed", student_id=MATEO).exists()


@pytest.mark.parametrize("name", ["Alice", "Bob", "Charlie", "Stella", "Erin", "Ivan", "Hugo", "Pat", "Rita"])
def test_people_who_do_not_visit_have_no_such_pages(desk_day: District, signed_in: SignIn, name: str) -> None:
    visit = recorded(desk_day)
    client = signed_in(name)
    for address in ("/visits/", f"/visits/{visit.pk}/", f"/visits/for/{MATEO}/", f"/visits/for/{MATEO}/record/"):
        answer = client.get(address)
        assert answer.status_code == 404, address
        assert NOTE not in answer.content.decode()


def test_team_of_another_school_finds_no_visit(desk_day: District, signed_in: SignIn) -> None:
    visit = recorded(desk_day)
    assert signed_in("Quinn").get(f"/visits/{visit.pk}/").status_code == 404
    assert "Mateo" not in signed_in("Quinn").get("/visits/").content.decode()


def test_teacher_here_on_the_team_there_sees_no_visit_of_own_class(desk_day: District, signed_in: SignIn) -> None:
    visit = recorded(desk_day)
    client = signed_in("Nadia")
    assert "Mateo" not in client.get("/visits/").content.decode()
    assert client.get(f"/visits/{visit.pk}/").status_code == 404
    assert client.get(f"/students/{MATEO}/").status_code == 200


def test_teachers_find_no_field_notes_on_the_students_page(desk_day: District, signed_in: SignIn) -> None:
    recorded(desk_day)
    for name in ("Bob", "Nadia", "Paula"):
        assert NOTE not in signed_in(name).get(f"/students/{MATEO}/").content.decode()


def test_visit_stands_on_the_students_page(desk_day: District, signed_in: SignIn) -> None:
    recorded(desk_day)
    page = signed_in("Paula").get(f"/students/{MATEO}/").content.decode()
    assert "Visit 1: Completed" in page
    assert "met Lucía Delgado, in person, Grace Lane" in page


def test_field_notes_are_read_by_visitor_and_team_and_the_look_is_written_down(
    desk_day: District, signed_in: SignIn
) -> None:
    visit = recorded(desk_day)
    for name in ("Grace", "Paula", "Dolores"):
        assert NOTE in signed_in(name).get(f"/visits/{visit.pk}/").content.decode(), name
    looks = AuditEntry.objects.filter(action="visit.seen")
    assert [entry.detail for entry in looks] == [{"field_note": True, "address": False}] * 3


@pytest.mark.parametrize(("name", "is_offered"), [("Paula", True), ("Grace", True), ("Bob", False), ("Nadia", False)])
def test_student_page_leads_those_who_visit_to_the_plan(
    desk_day: District, signed_in: SignIn, name: str, is_offered: bool
) -> None:
    page = signed_in(name).get(f"/students/{MATEO}/").content.decode()
    assert (f'href="/visits/for/{MATEO}/"' in page) is is_offered


def test_visit_is_proposed_then_scheduled(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    assert send(client, f"/visits/for/{MATEO}/", reason="designated", mode="in_person").status_code == 302
    visit = HomeVisit.objects.get()
    assert visit.state == "proposed"
    pair = {"visitor": desk_day.users["Grace"].pk, "co_visitor": desk_day.users["Paula"].pk}
    when = {"day": TODAY.isoformat(), "starts": "16:30", "ends": "17:15"}
    answer = send(client, f"/visits/{visit.pk}/schedule/", reason="designated", mode="in_person", **pair, **when)
    assert answer.status_code == 302
    page = client.get("/visits/").content.decode()
    assert "Thu 5 Nov, 16:30" in page
    assert "Grace Lane and Paula Lane" in page


def test_schedule_without_a_pair_says_what_to_do(desk_day: District, signed_in: SignIn) -> None:
    when = {"day": TODAY.isoformat(), "starts": "16:30", "ends": "17:15", "visitor": desk_day.users["Grace"].pk}
    answer = send(signed_in("Paula"), f"/visits/for/{MATEO}/", reason="designated", mode="in_person", **when)
    assert answer.status_code == 422
    assert "Visitors go in pairs" in answer.content.decode()


def test_times_without_a_day_are_asked_for_their_day(desk_day: District, signed_in: SignIn) -> None:
    when = {"starts": "16:30", "ends": "17:15"}
    answer = send(signed_in("Paula"), f"/visits/for/{MATEO}/", reason="designated", mode="in_person", **when)
    assert answer.status_code == 422
    assert "Give the day these times are of" in answer.content.decode()
    assert 'value="16:30"' in answer.content.decode()
    assert not HomeVisit.objects.exists()


def test_form_has_every_field_of_the_toolkit(desk_day: District, signed_in: SignIn) -> None:
    page = signed_in("Grace").get(f"/visits/{planned(desk_day).pk}/").content.decode()
    for words in (
        "Visitor: Grace Lane",
        "Designated by the school attendance team",
        "If other: explain",
        "Virtual",
        "In person",
        "Was the visit scheduled?",
        "Detailed field notes",
        "Who was met",
        "Lucía Delgado",
        "What was promised next",
    ):
        assert words in page, words
    assert page.count('name="causes"') == 24


def test_visitor_reads_the_familys_names_only_around_the_visit(desk_day: District, signed_in: SignIn) -> None:
    page = signed_in("Grace").get(f"/visits/for/{MATEO}/record/").content.decode()
    assert "Lucía" not in page
    page = signed_in("Grace").get(f"/visits/{planned(desk_day, hours=24 * 5).pk}/").content.decode()
    assert "Lucía" not in page


def test_saved_visit_closes_the_step_and_can_be_taken_back(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Grace")
    visit = planned(desk_day)
    answer = send(client, f"/visits/{visit.pk}/", **filled(causes=["illness"], language="es"))
    assert answer["Location"] == f"/visits/{visit.pk}/"
    step = CaseStep.objects.get(case__student_id=MATEO, step_key="L3.home_visit")
    assert (step.state, step.evidence_reference) == ("done", f"visit:{visit.pk}")
    page = client.get(f"/visits/{visit.pk}/").content.decode()
    assert "Visit 1 - Current Student Absences" in page
    assert f'action="/visits/{visit.pk}/undo/"' in page
    client.post(f"/visits/{visit.pk}/undo/")
    assert CaseStep.objects.get(pk=step.pk).state == "open"
    assert not VisitFieldNote.objects.exists()


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (0, "Visit 1 - Current Student Absences. The number"),
        (2, "Visit 3 - Current Student Absences. The number"),
        (3, "Visit 3 - Current Student Absences (visit 4 of this school year). The number"),
    ],
)
def test_form_says_which_visit_it_will_be_as_it_is_then_numbered(
    desk_day: District, signed_in: SignIn, before: int, said: str
) -> None:
    for _ in range(before):
        recorded(desk_day)
    client, visit = signed_in("Grace"), planned(desk_day)
    for address in (f"/visits/for/{MATEO}/record/", f"/visits/{visit.pk}/"):
        assert said in client.get(address).content.decode(), address
    send(client, f"/visits/{visit.pk}/", **filled())
    assert HomeVisit.objects.get(pk=visit.pk).number == before + 1
    assert f"Visit {min(before + 2, 3)} - Current" in client.get(f"/visits/for/{MATEO}/record/").content.decode()


def test_a_form_sent_back_is_numbered_for_the_day_it_names(desk_day: District, signed_in: SignIn) -> None:
    client, address = signed_in("Grace"), f"/visits/for/{MATEO}/record/"
    HomeVisit.objects.filter(pk=recorded(desk_day).pk).update(on=date(2026, 5, 5))
    assert "Visit 1 - Current" in client.get(address).content.decode()
    page = send(client, address, **filled(met="", on="2026-05-06")).content.decode()
    assert "Visit 2 - Current" in page


def test_other_reason_needs_an_explanation(desk_day: District, signed_in: SignIn) -> None:
    address = f"/visits/for/{MATEO}/record/"
    answer = send(signed_in("Paula"), address, **filled(reason="other"))
    assert answer.status_code == 422
    assert "Explain the other reason for the visit." in answer.content.decode()
    assert NOTE in answer.content.decode(), "nothing has to be typed again"
    assert send(signed_in("Paula"), address, **filled(reason="other", reason_words="Asked us in")).status_code == 302


def test_phone_that_sends_later_is_answered_with_data(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    address = f"/visits/for/{MATEO}/record/"
    refused = send(client, address, queued=True, **filled(met=""))
    assert (refused.status_code, refused.json()) == (422, {"errors": ["Say who was met."]})
    key = key_of(client, address)
    values = {"form_key": key} | filled()
    answers = [client.post(address, values, headers={"X-Visit-Queue": "1"}).json() for _ in range(3)]
    assert answers == [{"url": f"/visits/{HomeVisit.objects.get().pk}/"}] * 3


def test_missed_check_out_is_said_on_the_board_until_they_are_out(desk_day: District, signed_in: SignIn) -> None:
    visit = planned(desk_day)
    earlier = NOW - timedelta(days=1)
    HomeVisit.objects.filter(pk=visit.pk).update(starts_at=earlier, ends_at=earlier + timedelta(hours=1))
    team = signed_in("Dolores")
    assert "Visitors who have not checked out" in team.get("/today/").content.decode()
    page = team.get("/visits/").content.decode()
    assert "Visitors who have not checked out" in page
    assert "no check-out since Wed 4 Nov, 07:30" in page
    assert "We are out" not in page, "only the visitors themselves"
    signed_in("Grace").post(f"/visits/{visit.pk}/out/")
    assert "Visitors who have not checked out" not in team.get("/visits/").content.decode()
    assert "Visitors who have not checked out" not in team.get("/today/").content.decode()


@pytest.mark.parametrize(("days", "offered"), [(0, True), (1, False)])
def test_who_goes_tomorrow_cannot_be_out_today(desk_day: District, signed_in: SignIn, days: int, offered: bool) -> None:
    visit = planned(desk_day)
    start = NOW + timedelta(days=days)
    HomeVisit.objects.filter(pk=visit.pk).update(starts_at=start, ends_at=start + timedelta(hours=1))
    assert ("We are out" in signed_in("Grace").get("/visits/").content.decode()) is offered


def test_day_sheet_has_a_card_in_the_familys_language(desk_day: District, signed_in: SignIn) -> None:
    planned(desk_day)
    page = signed_in("Grace").get("/visits/day-sheet/").content.decode()
    assert "Mateo Ruiz Delgado" in page
    assert 'lang="es"' in page
    assert "Lucía Delgado" in page
    assert NOTE not in page
    assert AuditEntry.objects.filter(action="visits.day_sheet", student_id=MATEO).exists()


def test_day_sheet_without_visits_says_what_brings_them(desk_day: District, signed_in: SignIn) -> None:
    assert "You have no visit today." in signed_in("Paula").get("/visits/day-sheet/").content.decode()


@pytest.mark.parametrize("students", [1, 12])
def test_board_asks_equally_often_for_little_and_much(
    desk_day: District, signed_in: SignIn, django_assert_num_queries: Callable, students: int
) -> None:
    client = signed_in("Paula")
    users = desk_day.users
    for pk in add_students_with_steps(students):
        home_visits.propose_visit(users["Paula"], pk, VisitPlan(visitor=users["Paula"]), issue_key(), NOW)
    client.get("/visits/")
    with django_assert_num_queries(BOARD_QUERIES):
        assert client.get("/visits/").status_code == 200


@pytest.mark.parametrize(("name", "status"), [("Paula", 200), ("Erin", 200), ("Grace", 404), ("Bob", 404)])
def test_month_is_reported_to_those_who_read_reports(
    desk_day: District, signed_in: SignIn, name: str, status: int
) -> None:
    recorded(desk_day)
    client = signed_in(name)
    for form, begins in (("pdf", b"%PDF"), ("csv", b"scope,")):
        answer = client.get(f"/visits/leap/2026-11.{form}")
        assert answer.status_code == status
        assert status == 404 or answer.content.startswith(begins)
    assert AuditEntry.objects.filter(action="leap.read").count() == (2 if status == 200 else 0)


def test_month_names_no_student_and_no_small_count(desk_day: District, signed_in: SignIn) -> None:
    recorded(desk_day)
    table = signed_in("Paula").get("/visits/leap/2026-11.csv").content.decode()
    assert "Mateo" not in table
    assert "outcomes,All,Visits,*" in table


@pytest.mark.parametrize("month", ["2026-13", "november", "2026-1", "2026-11-05"])
def test_month_that_is_none_is_absent(desk_day: District, signed_in: SignIn, month: str) -> None:
    assert signed_in("Paula").get(f"/visits/leap/{month}.csv").status_code == 404
