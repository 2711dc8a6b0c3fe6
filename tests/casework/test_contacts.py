"""Logging a contact: what is a contact and what an attempt, what it closes, and taking it back."""

from datetime import timedelta

import pytest

from allpresent.access import issue_key
from allpresent.access.models import AccessError, AuditEntry
from allpresent.casework import CaseworkError, add_note, log_contact, undo_contact
from allpresent.casework.contacts import ContactForm, can_undo
from allpresent.casework.errors import AlreadyChangedError, NotVisibleError
from allpresent.casework.models import ContactAttempt, Note
from allpresent.casework.models.contacts import Result
from allpresent.casework.models.steps import StepState
from tests import cast
from tests.casework.deliveries import steps_of

MATEO = cast.student_id("Mateo")
MAYA = cast.student_id("Maya")
LUCIA = "+1 203 555 0102"


def form(result="reached", **more):
    return ContactForm(**({"mode": "phone", "result": result, "phone": LUCIA, "contact_name": "Lucía Delgado"} | more))


def log(district, name="Nadia", student=MATEO, result="reached", now=cast.NOW, key=None, **more):
    return log_contact(district.users[name], student, form(result, **more), key or issue_key(), now)


def test_reached_closes_the_open_call_with_the_contact_as_evidence(open_cases):
    logged = log(open_cases)
    call = steps_of("Mateo")["L4.phone_call"]
    assert [step.step_key for step in logged.closed_steps] == ["L4.phone_call"]
    assert (call.state, call.done_on, call.done_by) == (StepState.DONE, cast.TODAY, open_cases.users["Nadia"])
    assert call.evidence_reference == f"contact:{logged.attempt.pk}"
    assert not call.is_late


@pytest.mark.parametrize("result", [result for result in Result.values if result != "reached"])
def test_any_other_result_is_an_attempt_and_closes_nothing(open_cases, result):
    logged = log(open_cases, result=result)
    assert logged.closed_steps == ()
    assert not logged.attempt.is_contact
    assert steps_of("Mateo")["L4.phone_call"].state == StepState.OPEN


@pytest.mark.parametrize("mode", ["message", "in_person"])
def test_reached_in_another_way_is_a_contact_too(open_cases, mode):
    assert log(open_cases, mode=mode).closed_steps


def test_reached_closes_only_calls(open_cases):
    log(open_cases)
    still = {key for key, step in steps_of("Mateo").items() if step.state == StepState.OPEN}
    assert {"L4.verify_attendance", "L3.home_visit", "L3.success_plan"} <= still


def test_a_contact_before_the_crossing_closes_nothing(open_cases):
    crossed = steps_of("Mateo")["L4.phone_call"].crossing.crossed_on
    before = cast.NOW - timedelta(days=(cast.TODAY - crossed).days + 1)
    assert log(open_cases, at=before).closed_steps == ()


def test_lateness_is_judged_by_the_day_of_the_contact_not_of_the_typing(open_cases):
    due = steps_of("Mateo")["L4.phone_call"].due_on
    later = cast.NOW + timedelta(days=(due - cast.TODAY).days + 3)
    on_time = later - timedelta(days=3)
    call = log(open_cases, now=later, at=on_time).closed_steps[0]
    assert (call.done_on, call.is_late) == (due, False)


def test_causes_needs_and_next_are_kept(open_cases):
    attempt = log(
        open_cases,
        causes=("illness", "unsafe_path", "illness"),
        need="ask_team",
        next_act="visit",
        next_on=cast.TODAY,
        language="es",
        note="  Bus leaves early. ",
    ).attempt
    assert sorted(cause.cause for cause in attempt.causes.all()) == ["illness", "unsafe_path"]
    assert {cause.family for cause in attempt.causes.all()} == {"barriers"}
    kept = (attempt.need, attempt.next_act, attempt.next_on, attempt.language, attempt.note)
    assert kept == ("ask_team", "visit", cast.TODAY, "es", "Bus leaves early.")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"result": "maybe"}, "what came of it"),
        ({"mode": "pigeon"}, "how you tried"),
        ({"causes": ("laziness",)}, "reasons from the list"),
        ({"need": "money"}, "from the lists"),
        ({"next_act": "punish"}, "from the lists"),
        ({"result": "wrong_number", "phone": ""}, "which number was wrong"),
        ({"note": "x" * 4001}, "shorten it"),
    ],
)
def test_a_form_that_cannot_be_is_refused_with_what_to_do(wrong, sentence):
    with pytest.raises(CaseworkError, match=sentence):
        form(**wrong)


def test_a_contact_in_the_future_is_refused(open_cases):
    with pytest.raises(CaseworkError, match="future"):
        log(open_cases, at=cast.NOW + timedelta(minutes=1))
    assert not ContactAttempt.objects.exists()


def test_sent_twice_it_is_written_once_and_answered_alike(open_cases):
    key = issue_key()
    first, second = log(open_cases, key=key), log(open_cases, key=key)
    assert first.attempt == second.attempt
    assert first.closed_steps == second.closed_steps
    assert ContactAttempt.objects.count() == 1
    assert AuditEntry.objects.filter(action="contact.logged").count() == 1


def test_a_form_without_its_key_is_refused(open_cases):
    with pytest.raises(AccessError):
        log(open_cases, key="short")
    assert not ContactAttempt.objects.exists()


def test_one_act_writes_one_audit_entry_with_the_steps_it_closed(open_cases):
    logged = log(open_cases)
    (entry,) = AuditEntry.objects.filter(action="contact.logged")
    assert (entry.student_id, entry.object_id) == (MATEO, str(logged.attempt.pk))
    assert entry.detail == {"result": "reached", "closed_steps": [logged.closed_steps[0].pk]}


@pytest.mark.parametrize("name", ["Charlie", "Ivan", "Erin", "Mara", "Olga", "Carmen", "Rita", "Pat"])
def test_to_who_may_not_see_the_student_there_is_no_such_student(open_cases, name):
    with pytest.raises(NotVisibleError, match="no such student"):
        log(open_cases, name=name)
    assert not ContactAttempt.objects.exists()


def test_who_sees_but_does_not_call_is_told_whom_to_ask(open_cases):
    with pytest.raises(CaseworkError, match="attendance team") as told:
        log(open_cases, name="Hugo", student=MAYA)
    assert not isinstance(told.value, NotVisibleError)


def test_taken_back_it_stays_on_file_and_the_call_is_open_again(open_cases):
    logged = log(open_cases)
    attempt = undo_contact(open_cases.users["Nadia"], logged.attempt.pk, cast.NOW + timedelta(minutes=9))
    call = steps_of("Mateo")["L4.phone_call"]
    assert attempt.undone_at is not None
    assert not attempt.is_contact
    assert (call.state, call.ended_on, call.done_by, call.evidence_reference) == (StepState.OPEN, None, None, "")
    (entry,) = AuditEntry.objects.filter(action="contact.undone")
    assert entry.detail == {"opened_steps": [call.pk]}


def test_taking_back_leaves_steps_closed_by_another_contact(open_cases):
    log(open_cases)
    second = log(open_cases)
    undo_contact(open_cases.users["Nadia"], second.attempt.pk, cast.NOW)
    assert steps_of("Mateo")["L4.phone_call"].state == StepState.DONE


def test_after_ten_minutes_it_can_no_longer_be_taken_back(open_cases):
    logged = log(open_cases)
    assert logged.undo_until == cast.NOW + timedelta(minutes=10)
    late = cast.NOW + timedelta(minutes=10, seconds=1)
    with pytest.raises(CaseworkError, match="ten minutes"):
        undo_contact(open_cases.users["Nadia"], logged.attempt.pk, late)
    assert not can_undo(open_cases.users["Nadia"], logged.attempt, late)
    assert can_undo(open_cases.users["Nadia"], logged.attempt, logged.undo_until)


def test_only_its_author_takes_it_back_and_only_once(open_cases):
    logged = log(open_cases)
    with pytest.raises(CaseworkError, match="Only the person"):
        undo_contact(open_cases.users["Dolores"], logged.attempt.pk, cast.NOW)
    undo_contact(open_cases.users["Nadia"], logged.attempt.pk, cast.NOW)
    with pytest.raises(AlreadyChangedError):
        undo_contact(open_cases.users["Nadia"], logged.attempt.pk, cast.NOW)


def test_an_entry_that_is_not_there_looks_like_one_not_to_be_seen(open_cases):
    with pytest.raises(NotVisibleError):
        undo_contact(open_cases.users["Nadia"], 999, cast.NOW)


def test_a_note_is_kept_and_closes_nothing(open_cases):
    before = {key: step.state for key, step in steps_of("Mateo").items()}
    add_note(open_cases.users["Nadia"], MATEO, " Grandfather picks up on Fridays. ", issue_key(), cast.NOW)
    assert Note.objects.get().text == "Grandfather picks up on Fridays."
    assert {key: step.state for key, step in steps_of("Mateo").items()} == before
    assert AuditEntry.objects.filter(action="note.added", student_id=MATEO).count() == 1


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001])
def test_an_empty_or_endless_note_is_refused(open_cases, text):
    with pytest.raises(CaseworkError):
        add_note(open_cases.users["Nadia"], MATEO, text, issue_key(), cast.NOW)
