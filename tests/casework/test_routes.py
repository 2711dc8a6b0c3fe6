"""Routes, not repeats: the third call that reaches nobody is the team's, the fourth a visit; undo takes both back."""

from datetime import timedelta

import pytest

from allpresent.access import issue_key
from allpresent.access.models import AuditEntry
from allpresent.casework import log_contact, queries, reassign_steps, undo_contact
from allpresent.casework.contacts import ContactForm
from allpresent.casework.home_visits import propose_visit
from allpresent.casework.models import Case, HomeVisit
from allpresent.casework.queries import home_visits as visits
from allpresent.casework.queries import open_work
from allpresent.casework.queries.routes import route_for, routes_for
from allpresent.casework.visit_forms import VisitPlan
from tests import cast
from tests.casework.deliveries import steps_of
from tests.factories import give
from tests.web.rows import add_students_with_steps

MAYA, MATEO = cast.student_id("Maya"), cast.student_id("Mateo")


def call(district, times=1, student=MAYA, name="Alice", result="no_answer", also=(), mode="phone"):
    """Calls one after the other, a minute apart; the last of them."""
    logged = None
    for _ in range(times):
        now = cast.NOW + timedelta(minutes=len(AuditEntry.objects.filter(action="contact.logged")))
        form = ContactForm(mode=mode, result=result, phone="203 555 0101")
        logged = log_contact(district.users[name], student, form, issue_key(), now, also)
    return logged


def take_back(district, logged, name="Alice"):
    undo_contact(district.users[name], logged.attempt.pk, logged.attempt.logged_at)


def step():
    return steps_of("Maya")["L2.check_in_call"]


def to_call(district, name):
    return [one.student_id for one in open_work.open_calls(district.users[name], cast.TODAY)]


@pytest.fixture
def team(open_cases):
    """Paula sits on Linden's team as well."""
    give(open_cases.users["Paula"], "school_attendance_team", "school", cast.LINDEN)
    return open_cases


def test_two_calls_leave_the_step_where_it_is(team):
    logged = call(team, 2)
    assert (step().owner_role, logged.is_passed_on, logged.is_visit_proposed) == ("teacher", False, False)
    assert MAYA in to_call(team, "Alice")


def test_the_third_passes_the_call_to_the_team(team):
    logged = call(team, 3)
    assert (step().owner_role, step().passed_by, step().escalated_on) == (
        "school_attendance_team",
        logged.attempt,
        cast.TODAY,
    )
    assert logged.is_passed_on
    assert MAYA not in to_call(team, "Alice")
    assert MAYA in to_call(team, "Paula")
    (entry,) = AuditEntry.objects.filter(action="step.passed")
    assert (entry.student_id, entry.detail["steps"], entry.detail["call"]) == (MAYA, [step().pk], logged.attempt.pk)
    (event,) = [event for event in queries.timeline(MAYA) if event.kind == "escalated"]
    assert (event.detail["by_calls"], event.at, event.by) == (True, logged.attempt.at, "Alice Moreau")


def test_taking_the_third_back_takes_the_pass_back(team):
    take_back(team, call(team, 3))
    assert (step().owner_role, step().passed_by, step().escalated_on) == ("teacher", None, None)
    assert MAYA in to_call(team, "Alice")
    (entry,) = AuditEntry.objects.filter(action="contact.undone")
    assert entry.detail["returned_steps"] == [step().pk]
    assert not [event for event in queries.timeline(MAYA) if event.kind == "escalated"]


def test_a_call_given_by_name_goes_to_the_team_too_and_comes_back_to_the_person(team):
    reassign_steps(team.users["Dolores"], [step().pk], team.users["Alice"], issue_key(), cast.NOW)
    logged = call(team, 3)
    assert (step().assigned_to, step().passed_from) == (None, team.users["Alice"])
    take_back(team, logged)
    assert (step().assigned_to, step().passed_from) == (team.users["Alice"], None)


def test_what_is_the_teams_already_is_not_passed(team):
    call(team, 3, student=MATEO, name="Paula")
    assert not AuditEntry.objects.filter(action="step.passed").exists()


def test_a_call_after_the_pass_passes_nothing_more(team):
    call(team, 3)
    call(team, 1, name="Paula")
    assert AuditEntry.objects.filter(action="step.passed").count() == 1


@pytest.mark.parametrize(("result", "mode"), [("reached", "phone"), ("reached", "in_person")])
def test_a_contact_in_between_begins_the_row_anew(team, result, mode):
    call(team, 2)
    call(team, result=result, mode=mode)
    call(team, 2)
    assert route_for(MAYA).unanswered == 2
    assert not AuditEntry.objects.filter(action="step.passed").exists()


def test_messages_are_no_calls(team):
    call(team, 5, mode="message")
    assert not AuditEntry.objects.filter(action="step.passed").exists()


def test_the_fourth_becomes_a_visit_proposal_on_the_board(team):
    logged = call(team, 4)
    visit = HomeVisit.objects.get()
    assert (visit.student_id, visit.state, visit.reason, visit.proposed_after) == (
        MAYA,
        "proposed",
        "other",
        logged.attempt,
    )
    assert logged.is_visit_proposed
    paula = team.users["Paula"]
    students = open_work.students_for(paula, "see_visits", cast.TODAY)
    assert [row.student_id for row in visits.visit_board(paula, students, cast.TODAY, cast.NOW)] == [MAYA]
    (entry,) = AuditEntry.objects.filter(action="visit.proposed")
    assert (entry.student_id, entry.detail) == (MAYA, {"call": logged.attempt.pk})


def test_taking_the_fourth_back_withdraws_the_proposal(team):
    take_back(team, call(team, 4))
    assert HomeVisit.objects.get().state == "withdrawn"
    assert step().owner_role == "school_attendance_team", "the third call still stands"
    assert call(team).is_visit_proposed, "the next fourth proposes anew"


def test_a_visit_somebody_scheduled_meanwhile_stays(team):
    logged = call(team, 4)
    HomeVisit.objects.update(state="scheduled")
    take_back(team, logged)
    assert HomeVisit.objects.get().state == "scheduled"


def test_a_family_with_a_visit_under_way_gets_no_second(team):
    propose_visit(team.users["Paula"], MAYA, VisitPlan(), issue_key(), cast.NOW)
    assert not call(team, 5).is_visit_proposed
    assert HomeVisit.objects.count() == 1


def test_the_team_that_took_the_proposal_off_the_board_is_not_asked_again(team):
    call(team, 4)
    HomeVisit.objects.update(state="withdrawn")
    call(team, 3)
    assert HomeVisit.objects.count() == 1


def test_one_family_gets_one_visit(team):
    family = add_students_with_steps(2, household="H2")
    logged = call(team, 4, student=MATEO, name="Paula", also=family)
    assert HomeVisit.objects.count() == 1
    take_back(team, logged, name="Paula")
    assert HomeVisit.objects.get().state == "withdrawn"


def test_calls_before_the_case_was_opened_do_not_count(team):
    call(team, 2)
    Case.objects.filter(student_id=MAYA).update(opened_on=cast.TODAY + timedelta(days=1))
    assert route_for(MAYA).unanswered == 0


def test_routes_of_many_are_one_question(team, django_assert_num_queries):
    call(team, 2)
    with django_assert_num_queries(1):
        found = routes_for([MAYA, MATEO])
    assert (found[MAYA].unanswered, found[MATEO].unanswered) == (2, 0)
    assert routes_for([MAYA], only_by=team.users["Paula"])[MAYA].unanswered == 0
