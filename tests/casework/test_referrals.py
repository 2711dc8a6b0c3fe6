"""Referrals: to whom, what they answered, which promise the answer keeps, and who hears that none came."""

from datetime import timedelta

import pytest

from allpresent.access import issue_key
from allpresent.access.models import AuditEntry
from allpresent.casework import CaseworkError
from allpresent.casework.decision_form import DecisionForm
from allpresent.casework.errors import AlreadyChangedError, EvidenceError, NotVisibleError
from allpresent.casework.meetings import decide, end_meeting, finish_decision, take_back_decision
from allpresent.casework.models import CaseStep, MeetingDecision, Referral
from allpresent.casework.queries.meetings import decisions_due, meeting_events
from allpresent.casework.referrals import Answer, answer_referral
from allpresent.policy.services import OTHER, Service, load_services
from tests.casework.test_meetings import MATEO, SOON, agenda, start
from tests.cast import NOW, TODAY

YOUTH = next(one for one in load_services("new_haven") if one.key == "youth_connect")
DCF = next(one for one in load_services("new_haven") if one.key == "dcf")
LATER = NOW + timedelta(hours=1)


def refer(district, service: Service | None = YOUTH, words="", due=SOON):
    item = start(district).items.get(student_id=MATEO)
    form = DecisionForm("refer", district.users["Paula"].pk, due, words, service)
    return decide(district.users["Paula"], item.pk, form, issue_key(), NOW)


def answer(district, decision, state="accepted", name="Paula", on=TODAY, who="Sol Ortiz", why="", key=None):
    said = Answer(state, who, on, why)
    return answer_referral(district.users[name], decision.pk, said, key or issue_key(), LATER)


def steps(state):
    rows = CaseStep.objects.filter(case__student_id=MATEO, kind="referral", state=state)
    return {step.step_key for step in rows}


def test_a_referral_waits_with_its_owner_and_its_day(open_cases):
    made = refer(open_cases)
    assert (made.referral.service, made.referral.state, made.owner) == ("youth_connect", "open", made.decided_by)
    (due,) = decisions_due(open_cases.users["Paula"], TODAY)
    assert (due.service, due.due_on) == ("youth_connect", SOON)
    assert AuditEntry.objects.filter(action="referral.made", student_id=MATEO).count() == 1


def test_an_answer_to_what_is_decided_no_more_changes_nothing(open_cases):
    made = refer(open_cases)
    MeetingDecision.objects.filter(pk=made.pk).update(state="withdrawn")
    with pytest.raises(AlreadyChangedError, match="left the school"):
        answer(open_cases, made)
    made.refresh_from_db()
    assert (made.state, made.referral.state, steps("done")) == ("withdrawn", "open", set())


def test_an_acceptance_closes_the_promise_it_keeps_and_no_other(open_cases):
    before = steps("open")
    assert {"L4.youth_connect", "L4.governors_partnership"} <= before
    made = refer(open_cases)
    done = answer(open_cases, made)
    assert (done.state, done.answered_by, done.answered_on) == ("accepted", "Sol Ortiz", TODAY)
    assert steps("done") == {"L4.youth_connect"}
    step = CaseStep.objects.get(case__student_id=MATEO, step_key="L4.youth_connect")
    assert (step.evidence_reference, step.ended_on) == (f"referral:{done.pk}", TODAY)
    made.refresh_from_db()
    assert (made.state, made.ended_on) == ("done", TODAY)


def test_a_refusal_closes_nothing_and_comes_back_to_the_team(open_cases):
    before = steps("open")
    answer(open_cases, refer(open_cases), "declined", why="no place before spring")
    assert steps("open") == before
    found = {line.student_id: line.reasons for line in agenda(open_cases, since=NOW + timedelta(minutes=5))}
    assert found == {MATEO: ("referral",)}
    assert [line.reasons for line in agenda(open_cases, since=LATER + timedelta(minutes=1))] == []


def test_no_answer_by_its_day_comes_back_to_the_team(open_cases):
    made = refer(open_cases)
    assert agenda(open_cases, since=LATER) == []
    assert not made.referral.is_without_answer(SOON)
    MeetingDecision.objects.update(due_on=TODAY - timedelta(days=1))
    assert [(line.student_id, line.reasons) for line in agenda(open_cases, since=LATER)] == [(MATEO, ("referral",))]
    assert Referral.objects.select_related("decision").get().is_without_answer(TODAY)


@pytest.mark.parametrize(
    ("service", "words", "asks"),
    [(None, "", "to whom"), (OTHER, "", "Name in the words to whom"), (DCF, "court", "law or consent")],
)
def test_a_referral_says_to_whom_and_on_what_ground(open_cases, service, words, asks):
    with pytest.raises(CaseworkError, match=asks):
        refer(open_cases, service, words)
    assert not Referral.objects.exists()


@pytest.mark.parametrize(
    ("state", "who", "why", "asks"),
    [
        ("maybe", "Sol", "", "accepted or declined"),
        ("accepted", " ", "", "who answered"),
        ("declined", "Sol", "no", "why the referral was declined"),
    ],
)
def test_an_answer_says_who_and_why(state, who, why, asks):
    with pytest.raises(EvidenceError, match=asks):
        Answer(state, who, TODAY, why)


@pytest.mark.parametrize("days", [-1, 1])
def test_an_answer_lies_between_the_meeting_and_today(open_cases, days):
    with pytest.raises(EvidenceError, match="between the meeting and today"):
        answer(open_cases, refer(open_cases), on=TODAY + timedelta(days=days))


def test_of_two_answers_one_stands(open_cases):
    made, key = refer(open_cases), issue_key()
    assert answer(open_cases, made, key=key) == answer(open_cases, made, key=key)
    with pytest.raises(AlreadyChangedError, match="already written down"):
        answer(open_cases, made, "declined", why="no place")
    assert Referral.objects.get().state == "accepted"


@pytest.mark.parametrize("name", ["Quinn", "Charlie", "Erin", "Ivan"])
def test_who_does_not_see_the_student_answers_nothing(open_cases, name):
    made = refer(open_cases)
    with pytest.raises(NotVisibleError):
        answer(open_cases, made, name=name)


def test_a_referral_ends_with_its_answer_alone(open_cases):
    made = refer(open_cases)
    with pytest.raises(EvidenceError, match="ends with its answer"):
        finish_decision(open_cases.users["Paula"], made.pk, TODAY, "called them", issue_key(), LATER)


def test_a_decision_taken_back_takes_its_referral_along(open_cases):
    made = refer(open_cases)
    take_back_decision(open_cases.users["Paula"], made.pk, NOW)
    assert Referral.objects.get().state == "taken_back"
    with pytest.raises(AlreadyChangedError):
        answer(open_cases, made)


def test_the_timeline_tells_the_referral_and_its_answer(open_cases):
    made = refer(open_cases)
    answer(open_cases, made)
    events = meeting_events(MATEO)
    assert [event.kind for event in events] == ["decided", "decision_done"]
    assert all(event.detail["referral"].service == "youth_connect" for event in events)


@pytest.mark.parametrize("kind", ["call_again", "visit", "plan", "mentor", "refer", "set_aside"])
def test_every_decision_is_a_step_with_an_owner_and_a_day_or_says_why_not(open_cases, kind):
    paula = open_cases.users["Paula"]
    meeting = start(open_cases)
    item = meeting.items.get(student_id=MATEO)
    if kind == "set_aside":
        made = decide(paula, item.pk, DecisionForm(kind, words="moving away on Friday"), issue_key(), NOW)
        assert (made.state, made.owner, made.words) == ("noted", None, "moving away on Friday")
        return
    with pytest.raises(CaseworkError, match="who does it"):
        DecisionForm(kind, service=YOUTH)
    made = decide(paula, item.pk, DecisionForm(kind, paula.pk, SOON, service=YOUTH), issue_key(), NOW)
    end_meeting(paula, meeting.pk, [("Ada Okafor", "family")], issue_key(), NOW)
    assert (made.state, made.owner, made.due_on) == ("open", paula, SOON)
    assert [due.kind for due in decisions_due(paula, TODAY)] == [kind]
