"""Closing, checking, exempting, handing over and taking up promised steps."""

import threading
from datetime import date, timedelta

import pytest
from django.db import connection

from allpresent.access import issue_key
from allpresent.access.models import AccessError, AuditEntry
from allpresent.casework import CaseworkError, close_step, exempt_step, reassign_steps, take_up_step, verify_attendance
from allpresent.casework.errors import AlreadyChangedError, EvidenceError, NotVisibleError
from allpresent.casework.evidence import ASKS, NEEDS_REFERENCE, Evidence
from allpresent.casework.models import CaseStep
from allpresent.casework.models.steps import Outcome, StepState
from allpresent.measures import open_facts
from allpresent.protocol.document import EVIDENCE
from tests import cast
from tests.casework.deliveries import states_of, steps_of

MATEO = cast.student_id("Mateo")
TODAY = cast.TODAY


def close(district, key, kind, on=TODAY, reference="", *, name="Dolores", student="Mateo", form_key=None):
    step = steps_of(student)[key]
    return close_step(district.users[name], step.pk, Evidence(kind, on, reference), form_key or issue_key(), cast.NOW)


def test_every_evidence_of_the_protocol_says_what_it_asks_for():
    assert set(ASKS) == set(EVIDENCE)
    assert set(ASKS) > NEEDS_REFERENCE


@pytest.mark.parametrize(
    ("key", "kind", "reference"),
    [
        ("L3.home_visit", "dated_visit", ""),
        ("L4.superintendent_letter", "letter_mailed", ""),
        ("L3.success_plan", "plan_agreed", "with his mother"),
        ("L3.success_mentor", "mentor_match", "Mr Bell"),
        ("L4.governors_partnership", "accepted_referral", "Governor's Partnership"),
        ("L3.team_focus", "meeting", ""),
        ("L4.needs_assessment", "document", "his folder"),
    ],
)
def test_a_step_closes_with_its_own_evidence_and_no_other(open_cases, key, kind, reference):
    for other in set(EVIDENCE) - {kind}:
        with pytest.raises(EvidenceError):
            close(open_cases, key, other, reference="something")
    if reference:
        with pytest.raises(EvidenceError, match="Give the day"):
            close(open_cases, key, kind, reference=" ")
    step = close(open_cases, key, kind, reference=reference)
    assert (step.state, step.done_on, step.evidence_reference) == (StepState.DONE, TODAY, reference)
    assert AuditEntry.objects.filter(action="step.done", student_id=MATEO, object_id=str(step.pk)).count() == 1


def test_a_note_alone_never_closes_a_step(open_cases):
    for key in states_of("Mateo"):
        with pytest.raises(EvidenceError, match="A note does not close a step"):
            close(open_cases, key, "note", reference="I am sure it was done")
    assert set(states_of("Mateo").values()) == {StepState.OPEN}


@pytest.mark.parametrize(
    ("key", "kind"), [("L4.phone_call", "contact_reached"), ("L4.verify_attendance", "verification")]
)
def test_a_call_and_a_verification_close_by_their_own_acts_alone(open_cases, key, kind):
    with pytest.raises(EvidenceError):
        close(open_cases, key, kind, reference="yes")


def test_the_day_of_the_evidence_lies_between_the_crossing_and_today(open_cases):
    step = steps_of("Mateo")["L3.home_visit"]
    with pytest.raises(EvidenceError, match="future"):
        close(open_cases, "L3.home_visit", "dated_visit", TODAY + timedelta(days=1))
    with pytest.raises(EvidenceError, match=r"lies before Wed 30 Sep"):
        close(open_cases, "L3.home_visit", "dated_visit", step.crossing.crossed_on - timedelta(days=1))
    assert close(open_cases, "L3.home_visit", "dated_visit", step.crossing.crossed_on).state == StepState.DONE


def test_done_on_time_late_overdue_withdrawn_and_exempt_are_five_different_things():
    due = date(2026, 11, 6)
    before, after = due - timedelta(days=1), due + timedelta(days=1)
    drawn = [
        (StepState.DONE, due, after, Outcome.ON_TIME),
        (StepState.DONE, after, after, Outcome.LATE),
        (StepState.OPEN, None, after, Outcome.OVERDUE),
        (StepState.OPEN, None, due, Outcome.RUNNING),
        (StepState.OPEN, None, before, Outcome.RUNNING),
        (StepState.WITHDRAWN, before, after, Outcome.WITHDRAWN),
        (StepState.EXEMPT, before, after, Outcome.EXEMPT),
    ]
    for state, ended_on, on, outcome in drawn:
        step = CaseStep(state=state, due_on=due, ended_on=ended_on)
        assert step.outcome(on) == outcome
        assert step.is_overdue(on) == (outcome == Outcome.OVERDUE)
        assert step.is_late == (outcome == Outcome.LATE)


def test_a_step_without_a_day_is_never_late():
    assert CaseStep(state=StepState.OPEN, due_on=None).outcome(TODAY) == Outcome.RUNNING
    assert CaseStep(state=StepState.DONE, due_on=None, ended_on=TODAY).outcome(TODAY) == Outcome.ON_TIME


def test_sent_twice_it_closes_once(open_cases):
    key = issue_key()
    first = close(open_cases, "L3.home_visit", "dated_visit", form_key=key)
    assert close(open_cases, "L3.home_visit", "dated_visit", form_key=key) == first
    assert AuditEntry.objects.filter(action="step.done").count() == 1


def test_the_second_of_two_is_told_who_was_first_and_when(open_cases):
    close(open_cases, "L3.home_visit", "dated_visit")
    with pytest.raises(AlreadyChangedError, match="Dolores Lane closed this step on Thu 5 Nov"):
        close(open_cases, "L3.home_visit", "dated_visit", name="Nadia")


@pytest.mark.django_db(transaction=True)
def test_of_many_closing_at_once_one_wins(open_cases):
    step = steps_of("Mateo")["L3.home_visit"]
    told: list[str] = []

    def try_it(name):
        try:
            close_step(open_cases.users[name], step.pk, Evidence("dated_visit", TODAY), issue_key(), cast.NOW)
            told.append("won")
        except AlreadyChangedError:
            told.append("lost")
        finally:
            connection.close()

    threads = [threading.Thread(target=try_it, args=(name,)) for name in ["Dolores", "Nadia"] * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["lost"] * 5 + ["won"]
    assert AuditEntry.objects.filter(action="step.done").count() == 1


def test_verifying_closes_every_open_verify_step_with_the_data_seen(open_cases):
    done = verify_attendance(open_cases.users["Nadia"], MATEO, cast.DELIVERY, issue_key(), cast.NOW)
    assert [(step.step_key, step.evidence_reference) for step in done] == [("L4.verify_attendance", cast.DELIVERY)]
    (entry,) = AuditEntry.objects.filter(action="step.verified")
    assert entry.detail == {"steps": [done[0].pk], "delivery": cast.DELIVERY}
    with pytest.raises(AlreadyChangedError, match="Nothing is left"):
        verify_attendance(open_cases.users["Nadia"], MATEO, cast.DELIVERY, issue_key(), cast.NOW)


def test_an_exemption_needs_words_and_is_neither_done_nor_missed(open_cases):
    step = steps_of("Mateo")["L3.home_visit"]
    desk = open_cases.users["Dolores"]
    for reason in ("", "  no     ", "x" * 1001):
        with pytest.raises(EvidenceError):
            exempt_step(desk, step.pk, reason, issue_key(), cast.NOW)
    exempt = exempt_step(desk, step.pk, "The family asked for no visits.", issue_key(), cast.NOW)
    assert exempt.outcome(date(2027, 6, 1)) == Outcome.EXEMPT
    assert (exempt.why, exempt.done_on) == ("The family asked for no visits.", None)
    (entry,) = AuditEntry.objects.filter(action="step.exempt")
    assert "asked for no visits" not in str(entry.detail)
    with pytest.raises(AlreadyChangedError, match="Dolores Lane exempted"):
        close(open_cases, "L3.home_visit", "dated_visit")


def test_a_teacher_closes_but_does_not_exempt_or_assign(open_cases):
    step, teacher = steps_of("Mateo")["L3.home_visit"], open_cases.users["Bob"]
    with pytest.raises(CaseworkError, match="attendance team"):
        exempt_step(teacher, step.pk, "The family asked for no visits.", issue_key(), cast.NOW)
    with pytest.raises(CaseworkError, match="attendance team"):
        reassign_steps(teacher, [step.pk], teacher, issue_key(), cast.NOW)
    assert close_step(teacher, step.pk, Evidence("dated_visit", TODAY), issue_key(), cast.NOW).state == StepState.DONE


def test_a_role_at_one_school_gives_no_act_on_a_student_of_another(open_cases):
    """Nadia sits on Harbor's team and teaches Mateo at Linden: there she is a teacher and nothing more."""
    step = steps_of("Mateo")["L3.home_visit"]
    with pytest.raises(CaseworkError, match="attendance team"):
        exempt_step(open_cases.users["Nadia"], step.pk, "The family asked for no visits.", issue_key(), cast.NOW)
    with pytest.raises(CaseworkError, match="attendance team"):
        reassign_steps(open_cases.users["Nadia"], [step.pk], None, issue_key(), cast.NOW)


@pytest.mark.parametrize("name", ["Charlie", "Carmen", "Ivan", "Olga", "Mara"])
def test_a_step_of_a_student_one_may_not_see_looks_absent(open_cases, name):
    step, user = steps_of("Mateo")["L3.home_visit"], open_cases.users[name]
    acts = [
        lambda: close_step(user, step.pk, Evidence("dated_visit", TODAY), issue_key(), cast.NOW),
        lambda: exempt_step(user, step.pk, "The family asked for no visits.", issue_key(), cast.NOW),
        lambda: reassign_steps(user, [step.pk], None, issue_key(), cast.NOW),
        lambda: verify_attendance(user, MATEO, cast.DELIVERY, issue_key(), cast.NOW),
    ]
    for act in acts:
        with pytest.raises(NotVisibleError, match="no such"):
            act()
    with pytest.raises(NotVisibleError, match="no such"):
        close_step(user, 999_999, Evidence("dated_visit", TODAY), issue_key(), cast.NOW)


def test_steps_are_handed_over_all_or_none(open_cases):
    desk, bob = open_cases.users["Dolores"], open_cases.users["Bob"]
    mine = [step.pk for step in steps_of("Mateo").values()]
    assert reassign_steps(desk, mine, bob, issue_key(), cast.NOW) == len(mine)
    assert {step.assigned_to for step in steps_of("Mateo").values()} == {bob}
    (entry,) = AuditEntry.objects.filter(action="step.assigned")
    assert entry.detail == {"steps": sorted(mine), "to": bob.pk}
    close(open_cases, "L3.home_visit", "dated_visit")
    with pytest.raises(AlreadyChangedError):
        reassign_steps(desk, mine, None, issue_key(), cast.NOW)
    assert steps_of("Mateo")["L4.phone_call"].assigned_to == bob


def test_handing_over_is_written_down_for_every_student(open_cases):
    desk = open_cases.users["Dolores"]
    own = {cast.student_id(name): sorted(step.pk for step in steps_of(name).values()) for name in ("Mateo", "Zoe")}
    reassign_steps(desk, [pk for ids in own.values() for pk in ids], None, issue_key(), cast.NOW)
    found = AuditEntry.objects.filter(action="step.assigned")
    assert {entry.student_id: entry.detail["steps"] for entry in found} == own


def test_steps_go_to_nobody_who_could_not_open_the_student(open_cases):
    step = steps_of("Mateo")["L3.home_visit"]
    with pytest.raises(CaseworkError, match="Mateo Ruiz Delgado"):
        reassign_steps(open_cases.users["Dolores"], [step.pk], open_cases.users["Charlie"], issue_key(), cast.NOW)
    assert steps_of("Mateo")["L3.home_visit"].assigned_to is None


def test_handing_over_two_hundred_steps_costs_the_same_as_two(open_cases, django_assert_max_num_queries):
    desk = open_cases.users["Dolores"]
    everything = list(CaseStep.objects.values_list("pk", flat=True))
    assert len(everything) > 30
    with django_assert_max_num_queries(20):
        reassign_steps(desk, everything, None, issue_key(), cast.NOW)


def test_a_step_promised_if_needed_is_taken_up_by_a_person(open_cases):
    facts, nadia = open_facts(open_cases.home), open_cases.users["Bob"]
    step = take_up_step(open_cases.home, facts, nadia, MATEO, "L2.additional_supports", issue_key(), cast.NOW)
    assert (step.state, step.was_taken_up, step.opened_on) == (StepState.OPEN, True, TODAY)
    assert step.due_on == date(2026, 11, 20)  # ten school days on, Veterans Day left out
    assert AuditEntry.objects.filter(action="step.taken_up", student_id=MATEO).count() == 1
    with pytest.raises(AlreadyChangedError):
        take_up_step(open_cases.home, facts, nadia, MATEO, "L2.additional_supports", issue_key(), cast.NOW)


def test_a_step_of_a_level_not_reached_cannot_be_taken_up(open_cases):
    facts, desk = open_facts(open_cases.home), open_cases.users["Dolores"]
    with pytest.raises(CaseworkError, match="has not reached"):
        take_up_step(open_cases.home, facts, desk, MATEO, "L6.probation", issue_key(), cast.NOW)
    with pytest.raises(NotVisibleError):
        take_up_step(open_cases.home, facts, desk, MATEO, "L6.nonsense", issue_key(), cast.NOW)


def test_a_form_key_of_another_step_is_refused(open_cases):
    key = issue_key()
    close(open_cases, "L3.home_visit", "dated_visit", form_key=key)
    with pytest.raises(AccessError):
        close(open_cases, "L3.team_focus", "meeting", form_key=key)
    assert steps_of("Mateo")["L3.team_focus"].state == StepState.OPEN
