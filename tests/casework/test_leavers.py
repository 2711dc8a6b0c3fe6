"""Decisions of a student who left, moved, or is out of the sight of the person who was to do something."""

from datetime import timedelta

import pytest

from allpresent.access import issue_key
from allpresent.access.models import AuditEntry, Grant
from allpresent.casework import CaseworkError
from allpresent.casework.errors import AlreadyChangedError, NotVisibleError
from allpresent.casework.leavers import assign_decision, hand_on_unseen, withdraw_for_leavers
from allpresent.casework.meetings import finish_decision
from allpresent.casework.models import MeetingDecision
from allpresent.casework.queries.meetings import decisions_due, meeting_events
from allpresent.roster.models import Enrollment, Student
from tests.casework.test_meetings import MATEO, SOON, agenda, decided
from tests.cast import HARBOR, LINDEN, NOW, TODAY

YEAR = 2026
LATER = NOW + timedelta(days=1)


def leave(is_enrolled=False):
    Student.objects.filter(pk=MATEO).update(is_enrolled=is_enrolled)


def move(school=HARBOR):
    Enrollment.objects.filter(student_id=MATEO).update(school_id=school)
    Student.objects.filter(pk=MATEO).update(school_id=school)


def written():
    entries = AuditEntry.objects.filter(action__startswith="decision.").order_by("pk")
    return list(entries.values_list("action", flat=True))


def test_what_was_decided_for_a_student_who_left_is_withdrawn(open_cases):
    made, paula = decided(open_cases, "mentor"), open_cases.users["Paula"]
    leave()
    assert withdraw_for_leavers(YEAR, TODAY, LATER) == (1, 0)
    made.refresh_from_db()
    assert (made.state, made.ended_on, made.ended_by, made.owner) == ("withdrawn", TODAY, None, paula)
    assert decisions_due(paula, TODAY) == []
    assert [event.kind for event in meeting_events(MATEO)] == ["decided", "decision_withdrawn"]
    told = AuditEntry.objects.get(action="decision.withdrawn")
    assert (told.student_id, told.user, told.object_id) == (MATEO, None, str(made.pk))
    with pytest.raises(AlreadyChangedError):
        finish_decision(open_cases.users["Dolores"], made.pk, TODAY, "taken on", issue_key(), NOW)
    assert withdraw_for_leavers(YEAR, TODAY, LATER) == (0, 0)


def test_it_is_opened_again_when_the_student_is_back_in_the_same_year(open_cases):
    made = decided(open_cases)
    leave()
    withdraw_for_leavers(YEAR, TODAY, LATER)
    leave(is_enrolled=True)
    assert withdraw_for_leavers(YEAR + 1, TODAY, LATER) == (0, 0)
    assert withdraw_for_leavers(YEAR, TODAY, LATER) == (0, 1)
    made.refresh_from_db()
    assert (made.state, made.ended_on, made.ended_at, made.due_on) == ("open", None, None, SOON)
    assert written() == ["decision.made", "decision.withdrawn", "decision.opened_again"]


@pytest.mark.parametrize("state", ["done", "noted", "taken_back"])
def test_what_is_over_stays_as_it_was(open_cases, state):
    made = decided(open_cases)
    MeetingDecision.objects.filter(pk=made.pk).update(state=state)
    leave()
    move()
    assert (withdraw_for_leavers(YEAR, TODAY, LATER), hand_on_unseen(TODAY, LATER)) == ((0, 0), (0, 0))
    assert MeetingDecision.objects.get().state == state


def test_a_student_who_moved_comes_onto_the_new_teams_list_until_somebody_is_named(open_cases):
    made, quinn = decided(open_cases, "mentor"), open_cases.users["Quinn"]

    def listed():
        lines = agenda(open_cases, "Quinn", HARBOR, since=NOW + timedelta(hours=1))
        return [line.reasons for line in lines if line.student_id == MATEO]

    move()
    assert hand_on_unseen(TODAY, LATER) == (1, 0)
    assert listed() == [("unowned",)]
    (due,) = decisions_due(quinn, TODAY, everybody=True)
    assert (due.owner, due.handed_from) == ("", str(open_cases.users["Paula"]))
    assert assign_decision(quinn, made.pk, quinn, issue_key(), NOW).owner == quinn
    assert [row.decision_id for row in decisions_due(quinn, TODAY)] == [made.pk]
    assert listed() == []
    assert hand_on_unseen(TODAY, LATER) == (0, 0)
    told = AuditEntry.objects.get(action="decision.handed_on")
    assert (told.user, told.detail) == (None, {"handed_from": open_cases.users["Paula"].pk})


def test_it_goes_back_when_the_person_sees_the_student_again(open_cases):
    made = decided(open_cases)
    move()
    hand_on_unseen(TODAY, LATER)
    move(LINDEN)
    assert hand_on_unseen(TODAY, LATER) == (0, 1)
    made.refresh_from_db()
    assert (made.owner, made.handed_from) == (open_cases.users["Paula"], None)
    assert written() == ["decision.made", "decision.handed_on", "decision.given_back"]


def test_a_person_who_lost_the_grant_hands_on_too(open_cases):
    decided(open_cases)
    Grant.objects.filter(user=open_cases.users["Paula"]).update(ends_on=TODAY - timedelta(days=1))
    assert hand_on_unseen(TODAY, LATER) == (1, 0)
    assert decisions_due(open_cases.users["Dolores"], TODAY, everybody=True)[0].owner == ""


def test_only_who_hands_out_steps_there_names_somebody_who_sees_the_student(open_cases):
    made, users = decided(open_cases), open_cases.users
    move()
    hand_on_unseen(TODAY, LATER)
    with pytest.raises(NotVisibleError):
        assign_decision(users["Paula"], made.pk, users["Paula"], issue_key(), NOW)
    with pytest.raises(NotVisibleError):
        assign_decision(users["Quinn"], 0, users["Quinn"], issue_key(), NOW)
    with pytest.raises(CaseworkError, match="does not see"):
        assign_decision(users["Quinn"], made.pk, users["Paula"], issue_key(), NOW)
    with pytest.raises(CaseworkError, match="Say who does it"):
        assign_decision(users["Quinn"], made.pk, None, issue_key(), NOW)
    leave()
    withdraw_for_leavers(YEAR, TODAY, LATER)
    with pytest.raises(AlreadyChangedError, match="not open any more"):
        assign_decision(users["Dolores"], made.pk, users["Dolores"], issue_key(), NOW)


def test_a_night_asks_once_a_person_and_not_once_a_decision(open_cases, django_assert_num_queries):
    paula = open_cases.users["Paula"]
    first = decided(open_cases)
    same = {"item": first.item, "student_id": MATEO, "kind": "visit", "owner": paula, "decided_by": paula}
    MeetingDecision.objects.bulk_create(MeetingDecision(decided_on=TODAY, decided_at=NOW, **same) for _ in range(20))
    with django_assert_num_queries(5):  # two, one for Paula, and the marks of the transaction
        hand_on_unseen(TODAY, LATER)
    with django_assert_num_queries(4):
        withdraw_for_leavers(YEAR, TODAY, LATER)
