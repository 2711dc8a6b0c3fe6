"""One call about brothers and sisters: whom it may be about, what it writes, closes and takes back."""

from datetime import timedelta

import pytest

from allpresent.access import issue_key
from allpresent.access.models import AuditEntry
from allpresent.casework import CaseworkError, log_contact, share_contact, undo_contact
from allpresent.casework.contacts import ContactForm
from allpresent.casework.errors import AlreadyChangedError, NotVisibleError
from allpresent.casework.models import CaseStep, ContactAttempt
from allpresent.casework.numbers import health_of
from allpresent.roster.models import Contact, Student
from tests import cast
from tests.web.rows import add_students_with_steps

MATEO, TOMAS, ZOE = (cast.student_id(name) for name in ("Mateo", "Tomas", "Zoe"))
LUCIA, ANDRES = "+1 203 555 0102", "+1 203 555 0103"


@pytest.fixture
def family(open_cases):
    """Mateo with two more children of his household, each with an open call; and Tomás, who has none."""
    return add_students_with_steps(2, household="H2")


def log(district, *also, name="Paula", result="reached", key=None, same=False, now=cast.NOW, **more):
    values = {"phone": LUCIA, "contact_name": "Lucía Delgado", "note": "About Mateo.", "causes": ("illness",)}
    form = ContactForm(mode="phone", result=result, **(values | more))
    return log_contact(district.users[name], MATEO, form, key or issue_key(), now, also, is_same_reason=same)


def call_of(student):
    return CaseStep.objects.get(case__student_id=student, kind="call")


def test_one_conversation_is_a_row_for_each_and_closes_each_ones_call(open_cases, family):
    logged = log(open_cases, *family)
    assert {row.student_id for row in logged.also} == set(family)
    assert {row.lead for row in logged.also} == {logged.attempt}
    assert {step.case.student_id for step in logged.closed_steps} == {MATEO, *family}
    for row in logged.also:
        step = call_of(row.student_id)
        assert (step.state, step.evidence_reference, step.ended_on) == ("done", f"contact:{row.pk}", cast.TODAY)


def test_each_row_has_its_own_audit_entry_naming_the_call(open_cases, family):
    logged = log(open_cases, *family)
    entries = {entry.student_id: entry.detail for entry in AuditEntry.objects.filter(action="contact.logged")}
    assert set(entries) == {MATEO, *family}
    assert "call" not in entries[MATEO]
    assert {entries[pk]["call"] for pk in family} == {logged.attempt.pk}


def test_what_was_said_of_one_child_is_not_written_on_another(open_cases, family):
    one, other = family
    Contact.objects.filter(student_id=one).update(phone="(203) 555-0102")
    rows = {row.student_id: row for row in log(open_cases, *family).also}
    assert {row.note for row in rows.values()} == {""}
    assert not any(row.causes.exists() for row in rows.values())
    assert rows[one].contact_name == "Lucía Delgado", "the child's own record lists her"
    assert (rows[other].contact_name, rows[other].phone) == ("", ""), "this child's does not"


def test_reasons_go_along_when_the_caller_says_so(open_cases, family):
    logged = log(open_cases, family[0], same=True)
    assert [cause.cause for cause in logged.also[0].causes.all()] == ["illness"]


def test_a_try_is_written_on_each_and_closes_nothing(open_cases, family):
    logged = log(open_cases, *family, result="no_answer")
    assert logged.closed_steps == ()
    assert {call_of(pk).state for pk in family} == {"open"}


def test_one_call_counts_once_for_the_number(open_cases, family):
    Contact.objects.filter(student_id__in=family).update(phone=LUCIA)
    log(open_cases, *family)
    assert health_of([LUCIA])["2035550102"].reached == 1


def test_sent_twice_it_is_written_once(open_cases, family):
    key = issue_key()
    first, second = log(open_cases, *family, key=key), log(open_cases, *family, key=key)
    assert first == second
    assert ContactAttempt.objects.count() == 3


def test_one_undo_takes_all_of_it_back(open_cases, family):
    logged = log(open_cases, *family)
    undo_contact(open_cases.users["Paula"], logged.attempt.pk, cast.NOW + timedelta(minutes=9))
    assert not ContactAttempt.objects.filter(undone_at=None).exists()
    assert {call_of(pk).state for pk in (MATEO, *family)} == {"open"}
    assert AuditEntry.objects.filter(action="contact.undone").count() == 3


def test_a_siblings_row_can_be_taken_back_alone(open_cases, family):
    logged = log(open_cases, *family)
    undo_contact(open_cases.users["Paula"], logged.also[0].pk, cast.NOW)
    assert call_of(logged.also[0].student_id).state == "open"
    assert call_of(logged.also[1].student_id).state == "done"
    assert call_of(MATEO).state == "done"


def test_a_child_of_another_household_looks_absent(open_cases, family):
    for other in (ZOE, "no-such-student", MATEO):
        with pytest.raises(NotVisibleError, match="no such student"):
            log(open_cases, family[0], other)
    assert not ContactAttempt.objects.exists()


def test_a_blank_household_is_nobodys_family(open_cases):
    Student.objects.filter(pk=MATEO).update(household_id="")
    (alone,) = add_students_with_steps(1)
    with pytest.raises(NotVisibleError):
        log(open_cases, alone)


def test_a_sibling_the_caller_may_not_see_looks_absent(open_cases, family):
    with pytest.raises(NotVisibleError):
        log(open_cases, family[0], name="Bob")
    assert not ContactAttempt.objects.exists()


def test_a_number_barred_for_one_child_is_not_called_about_that_child(open_cases, family):
    Contact.objects.filter(student_id=family[0]).update(phone="203-555-0103", may_contact=False)
    with pytest.raises(CaseworkError, match="may not be called about Example"):
        log(open_cases, *family, phone=ANDRES, contact_name="Andrés Ruiz")
    assert log(open_cases, *family).closed_steps


def share(district, attempt, student, name="Paula", key=None, now=cast.NOW):
    return share_contact(district.users[name], attempt.pk, student, key or issue_key(), now)


def test_a_contact_answers_for_a_sibling_when_somebody_says_so(open_cases, family):
    yesterday = cast.NOW - timedelta(days=1)
    attempt = log(open_cases, name="Dolores", at=yesterday, result="reached").attempt
    logged = share(open_cases, attempt, family[0])
    row = logged.attempt
    assert (row.lead, row.at, row.by, row.note) == (attempt, yesterday, open_cases.users["Paula"], "")
    step = call_of(family[0])
    assert (step.state, step.ended_on, step.done_by) == ("done", yesterday.date(), open_cases.users["Paula"])
    assert call_of(family[1]).state == "open"
    (entry,) = AuditEntry.objects.filter(action="contact.shared")
    assert (entry.student_id, entry.detail["call"]) == (family[0], attempt.pk)


def test_a_contact_answers_once(open_cases, family):
    attempt = log(open_cases).attempt
    key = issue_key()
    assert share(open_cases, attempt, family[0], key=key) == share(open_cases, attempt, family[0], key=key)
    with pytest.raises(AlreadyChangedError, match="already answers"):
        share(open_cases, attempt, family[0])
    assert ContactAttempt.objects.count() == 2


def test_a_contact_answers_for_nobody_without_an_open_call(open_cases, family):
    attempt = log(open_cases).attempt
    with pytest.raises(AlreadyChangedError, match="No call waits"):
        share(open_cases, attempt, TOMAS)
    assert ContactAttempt.objects.count() == 1


def test_only_a_contact_the_person_may_read_is_shared(open_cases, family):
    attempt = log(open_cases).attempt
    for name in ("Bob", "Alice", "Quinn", "Charlie"):
        with pytest.raises(NotVisibleError):
            share(open_cases, attempt, family[0], name=name)
    tried = log(open_cases, result="no_answer").attempt
    with pytest.raises(NotVisibleError, match="no such entry"):
        share(open_cases, tried, family[0])


def test_sharing_is_taken_back_by_whoever_shared_and_goes_with_the_contact(open_cases, family):
    attempt = log(open_cases).attempt
    row = share(open_cases, attempt, family[0]).attempt
    undo_contact(open_cases.users["Paula"], row.pk, cast.NOW)
    assert (call_of(family[0]).state, call_of(MATEO).state) == ("open", "done")
    share(open_cases, attempt, family[0], name="Dolores")
    undo_contact(open_cases.users["Paula"], attempt.pk, cast.NOW)
    assert (call_of(family[0]).state, call_of(MATEO).state) == ("open", "open")
    with pytest.raises(NotVisibleError):
        share(open_cases, attempt, family[1])
