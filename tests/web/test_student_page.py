"""A student's page as different people see it, and the acts done on it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from allpresent import access, casework
from allpresent.access.models import AuditEntry, Grant, User
from allpresent.casework.contacts import ContactForm
from allpresent.casework.models import CaseStep, Note
from allpresent.casework.queries.student import Event
from allpresent.roster.models import Contact
from allpresent.web.presenters.timeline import Reader
from allpresent.web.presenters.timeline import _undo_id as timeline_undo
from tests.cast import NOW, TODAY, District, student_id
from tests.web.reading import text_of

SignIn = Callable[[str], Client]
MAYA, MATEO, ZOE, TOMAS = (student_id(name) for name in ("Maya", "Mateo", "Zoe", "Tomas"))
WORDS = "The family moved; the visit is made there."
# Session, person, grants, enrollment, name, version, household, audit; ladder three; timeline nine with causes, visits,
# decisions, plans and letters; contacts two; roles and schools of the header. Marks of the transaction are not counted.
PAGE_QUERIES = 25


def key_of(page: str) -> str:
    return page.split('name="form_key" value="')[1].split('"')[0]


def show(client: Client, student: str, day: str = "") -> str:
    response = client.get(f"/students/{student}/", {"day": day} if day else {})
    assert response.status_code == 200
    return response.content.decode()


def reach(person: object, student: str, number: int = 0, cause: str = "illness") -> None:
    facts = ContactForm(
        mode="phone", result="reached", contact_name="Lucía Delgado", note="Back on Monday.", causes=(cause,)
    )
    casework.log_contact(person, student, facts, access.issue_key(), NOW + timedelta(seconds=number))


def test_the_page_opens_with_sentences(desk_day: District, signed_in: SignIn) -> None:
    words = text_of(show(signed_in("Paula"), MATEO))
    assert "11 of 46 (Why this number?) school days missed (23.9%): chronically absent to date." in words
    assert "Can miss 8 more of the 154 days left and still end the year under 10%." in words
    assert "65 days present in a row bring the rate under 10%." in words
    assert "you see Mateo because you are principal of Linden Street School" in words


def test_level_band_and_flag_stand_side_by_side(desk_day: District, signed_in: SignIn) -> None:
    words = text_of(show(signed_in("Paula"), MATEO))
    for told in ("L4 Serious", "Severe chronic", "By days", "By percent", "20% or more", "11–14"):
        assert told in words, told


def test_every_day_opens_to_its_file_and_line(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    page = show(client, MATEO)
    assert 'href="?day=2026-09-02#day"' in page
    assert "Wed 2 Sep: absent, unexcused" in page
    opened = text_of(show(client, MATEO, "2026-09-02"))
    assert "Wednesday 2 September: absent, unexcused" in opened
    assert "Absent, unexcused: the whole day was missed." in opened
    assert "attendance.csv" in opened
    assert (
        "Absent"
        not in text_of(show(client, MATEO, "2026-09-03")).split("opens to the file")[1].split("The same year")[0]
    )
    assert 'id="day"' not in show(client, MATEO, "nonsense")


def test_the_table_of_the_year_says_what_the_squares_show(desk_day: District, signed_in: SignIn) -> None:
    page = show(signed_in("Paula"), MATEO)
    assert page.count('class="day unexcused"') == 11
    twin = text_of(page.split("The same year as a table")[1].split("</table>")[0])
    assert "September 2026 21 15 2" in twin


def test_the_ladder_says_what_is_promised_and_due(desk_day: District, signed_in: SignIn) -> None:
    words = text_of(show(signed_in("Paula"), MATEO))
    promised = words.split("Promised")[1]
    assert "New Haven Attendance Support Toolkit, version of" in promised
    for told in ("Call home (Parent Link)", "due", "Verify the student's attendance", "What a higher level would open"):
        assert told in promised, told


def test_people_show_health_and_the_household(desk_day: District, signed_in: SignIn) -> None:
    reach(desk_day.users["Paula"], MATEO)
    page = show(signed_in("Paula"), MATEO)
    words = text_of(page)
    assert "Lucía Delgado, mother · Spanish" in words
    assert 'href="tel:+12035550102"' in page
    assert "Tomás Ruiz Delgado grade 2, Linden Street School L1 On track" in words


def test_the_timeline_tells_contacts_with_causes_and_lets_the_author_take_back(
    desk_day: District, signed_in: SignIn
) -> None:
    reach(desk_day.users["Paula"], MATEO)
    page = show(signed_in("Paula"), MATEO)
    words = text_of(page)
    assert "Reached · Lucía Delgado, by phone, Paula Lane" in words
    assert "Back on Monday." in words
    assert "Crossed to L4 Serious · with 11 days absent, passing L2, L3 on the way" in words
    assert "/calls/undo/" not in page  # the clock of the page stands later than ten minutes after


@pytest.mark.parametrize("name", ["Charlie", "Bob", "Carmen", "Olga", "Ivan", "Erin", "Pat", "Rita", "Felix"])
def test_who_may_not_see_a_student_meets_nothing(desk_day: District, signed_in: SignIn, name: str) -> None:
    client = signed_in(name)
    there_is_none = text_of(client.get("/students/9999999/").content.decode())
    for path in ("", "days/", "who/"):
        response = client.get(f"/students/{MAYA}/{path}")
        assert response.status_code == 404
        assert text_of(response.content.decode()) == there_is_none
    assert client.post(f"/students/{MAYA}/note/", {"text": "Hello", "form_key": access.issue_key()}).status_code == 404
    assert not Note.objects.exists()


def test_a_teacher_reads_own_entries_and_own_promises(desk_day: District, signed_in: SignIn) -> None:
    reach(desk_day.users["Paula"], MAYA)
    reach(desk_day.users["Alice"], MAYA, 1)
    words = text_of(show(signed_in("Alice"), MAYA))
    assert "Alice Moreau" in words
    assert "Paula Lane" not in words
    assert "Call home to check in" in words
    assert "on time" in words  # that the promise was kept is told, not by whom
    assert "Ada Okafor" in words


def test_two_people_of_one_name_do_not_read_each_others_entries(desk_day: District, signed_in: SignIn) -> None:
    bob, alice = desk_day.users["Bob"], desk_day.users["Alice"]
    grant = {"relation": "teacher", "object_kind": "student", "object_id": MATEO, "source": "test"}
    Grant.objects.create(user=alice, starts_on=TODAY, **grant)
    User.objects.filter(pk__in=(bob.pk, alice.pk)).update(full_name="Maria Garcia")
    page = signed_in("Bob").get(f"/students/{MATEO}/").content.decode()
    sent = {"text": "He looks after his brother.", "form_key": key_of(page.split('id="note"')[1])}
    signed_in("Bob").post(f"/students/{MATEO}/note/", sent)
    step = CaseStep.objects.filter(case__student_id=MATEO).exclude(owner_role="teacher").first()
    CaseStep.objects.filter(pk=step.pk).update(assigned_to=bob)
    assert "looks after his brother" in show(signed_in("Bob"), MATEO)
    assert step.label_en in show(signed_in("Bob"), MATEO)
    assert "looks after his brother" not in show(signed_in("Alice"), MATEO)
    assert step.label_en not in show(signed_in("Alice"), MATEO)


def test_only_the_author_may_take_back_and_not_a_namesake(desk_day: District) -> None:
    event = Event(TODAY, "contact", by="Maria Garcia", by_id=1, detail={"logged_at": NOW, "attempt_id": 7})
    reader = Reader(user_id=2, now=NOW, reads_all=True, reads_own=True, reads_reasons=True)
    assert timeline_undo(event, reader) is None
    assert timeline_undo(event, replace(reader, user_id=1)) == 7


def test_promises_are_shown_by_the_role_that_opens_the_student(desk_day: District, signed_in: SignIn) -> None:
    """Nadia teaches Mateo at Linden, and is on the attendance team of Harbor alone."""
    teams = CaseStep.objects.filter(case__student_id=MATEO, state="open", owner_role="school_attendance_team")
    assert teams
    page = show(signed_in("Nadia"), MATEO)
    assert not any(step.label_en in page for step in teams)


def test_a_step_promised_if_needed_is_taken_up_once(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    page = show(client, MATEO)
    form = page.split('value="L2.additional_supports"')[0].rsplit("<form", 1)[1]
    sent = {"step": "L2.additional_supports", "form_key": key_of(form)}
    for _click in range(2):
        answer = client.post(f"/students/{MATEO}/take-up/", sent, follow=True)
        assert "Taken up: the step is open, with its day." in answer.content.decode()
    (step,) = CaseStep.objects.filter(case__student_id=MATEO, step_key="L2.additional_supports")
    assert (step.state, step.was_taken_up, step.opened_on) == ("open", True, TODAY)
    assert 'value="L2.additional_supports"' not in show(client, MATEO)
    again = client.post(f"/students/{MATEO}/take-up/", sent | {"form_key": access.issue_key()}, follow=True)
    assert "This step was taken up already." in again.content.decode()
    higher = {"step": "L6.probation", "form_key": access.issue_key()}
    refused = client.post(f"/students/{MATEO}/take-up/", higher, follow=True).content.decode()
    assert "has not reached the level" in refused
    assert "It is needed" not in show(signed_in("Alice"), MAYA)
    assert signed_in("Quinn").post(f"/students/{MATEO}/take-up/", sent).status_code == 404


def test_days_that_changed_while_somebody_looked_are_not_verified(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    sent = {"delivery": "0000-earlier", "form_key": key_of(show(client, MATEO))}
    answer = client.post(f"/students/{MATEO}/verify/", sent, follow=True).content.decode()
    assert "Newer attendance came while you looked." in answer
    assert CaseStep.objects.filter(case__student_id=MATEO, kind="verify", state="open").exists()


def test_a_mentor_sees_the_level_and_ten_days_and_nobody_to_call(desk_day: District, signed_in: SignIn) -> None:
    page = show(signed_in("Hugo"), MAYA)
    words = text_of(page)
    assert "L2 Alert" in words
    assert "The last ten school days" in words
    for hidden in ("203", "Okafor, mother", "school days missed", "Promised", "The year, day by day"):
        assert hidden not in words.replace("Maya Lin Okafor", ""), hidden
    assert signed_in("Hugo").get(f"/students/{MAYA}/days/").status_code == 404


def test_a_steward_sees_the_name_and_no_days(desk_day: District, signed_in: SignIn) -> None:
    words = text_of(show(signed_in("Stella"), MATEO))
    assert "Your role reads the name, the grade and the school here, not the days." in words
    for hidden in ("L4", "23.9%", "555-01", "Lucía"):
        assert hidden not in words, hidden


def test_every_look_is_written_down_with_the_household(desk_day: District, signed_in: SignIn) -> None:
    show(signed_in("Paula"), MATEO)
    seen = AuditEntry.objects.filter(action="student.seen").values_list("student_id", flat=True)
    assert sorted(seen) == sorted([MATEO, TOMAS])


def test_without_its_audit_entry_the_page_is_not_shown(
    desk_day: District, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_values: object) -> None:
        raise RuntimeError("the audit cannot be written")

    monkeypatch.setattr("allpresent.access.audited_read", refuse)
    with pytest.raises(RuntimeError):
        signed_in("Paula").get(f"/students/{MATEO}/")


def test_every_day_stands_on_the_page_of_days(desk_day: District, signed_in: SignIn) -> None:
    words = text_of(signed_in("Paula").get(f"/students/{MATEO}/days/").content.decode())
    assert "46 days of this school year so far" in words
    assert "Present: there is no mark, and attendance was taken at the school." in words
    assert AuditEntry.objects.filter(action="student.days_seen", student_id=MATEO).count() == 1


def test_who_else_can_names_relations(desk_day: District, signed_in: SignIn) -> None:
    words = text_of(signed_in("Paula").get(f"/students/{MATEO}/who/").content.decode())
    assert "You are one of them: you are principal of Linden Street School." in words
    assert "home visitor" in words
    assert "Grace Lane" in words
    assert "Olga" not in words


def test_a_note_is_kept_once_and_closes_nothing(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    sent = {"text": "Prefers mornings.", "form_key": key_of(show(client, MATEO).split('id="note"')[1])}
    open_before = CaseStep.objects.filter(state="open").count()
    for _again in range(2):
        assert client.post(f"/students/{MATEO}/note/", sent).status_code == 302
    assert [note.text for note in Note.objects.all()] == ["Prefers mornings."]
    assert CaseStep.objects.filter(state="open").count() == open_before
    assert "Prefers mornings." in show(client, MATEO)


def test_a_refused_note_comes_back_with_what_was_written(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    response = client.post(f"/students/{MATEO}/note/", {"text": "x" * 4001, "form_key": access.issue_key()})
    page = response.content.decode()
    assert response.status_code == 422
    assert "shorten it" in page
    assert "x" * 4001 in page
    assert 'aria-describedby="note-wrong"' in page


def test_verifying_closes_the_verify_steps(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    page = show(client, MATEO)
    form = page.split(reverse("web:verify_attendance", args=[MATEO]))[1]
    delivery = form.split('name="delivery" value="')[1].split('"')[0]
    client.post(f"/students/{MATEO}/verify/", {"delivery": delivery, "form_key": key_of(form)})
    steps = CaseStep.objects.filter(case__student_id=MATEO, kind="verify")
    assert {step.state for step in steps} == {"done"}
    assert {step.evidence_reference for step in steps} == {delivery}
    words = text_of(show(client, MATEO))
    assert "Verify the student's attendance · done on time, Paula Lane" in words


def letter(student: str) -> CaseStep:
    return CaseStep.objects.get(case__student_id=student, step_key="L4.superintendent_letter")


def test_a_step_closes_with_the_day_of_its_evidence(desk_day: District, signed_in: SignIn) -> None:
    client, step = signed_in("Paula"), letter(MATEO)
    sent = {"evidence": "letter_mailed", "on": TODAY.isoformat(), "form_key": access.issue_key()}
    refused = client.post(f"/steps/{step.pk}/done/", sent | {"on": ""})
    assert refused.status_code == 422
    assert "Give the day it was done." in refused.content.decode()
    late = client.post(f"/steps/{step.pk}/done/", sent | {"on": "2026-09-01"})
    assert "lies before" in late.content.decode()
    assert client.post(f"/steps/{step.pk}/done/", sent).status_code == 302
    step.refresh_from_db()
    assert (step.state, step.ended_on) == ("done", TODAY)


def test_an_exempt_step_needs_a_reason_in_words(desk_day: District, signed_in: SignIn) -> None:
    client, step = signed_in("Paula"), letter(MATEO)
    refused = client.post(f"/steps/{step.pk}/exempt/", {"reason": "no", "form_key": access.issue_key()})
    assert refused.status_code == 422
    assert "Say in a few words" in refused.content.decode()
    client.post(f"/steps/{step.pk}/exempt/", {"reason": WORDS, "form_key": access.issue_key()})
    step.refresh_from_db()
    assert (step.state, step.why) == ("exempt", WORDS)
    words = text_of(show(client, MATEO))
    assert "does not apply" in words
    assert WORDS in words


def test_who_comes_second_is_told_who_was_first(desk_day: District, signed_in: SignIn) -> None:
    step = letter(MATEO)
    signed_in("Paula").post(f"/steps/{step.pk}/exempt/", {"reason": WORDS, "form_key": access.issue_key()})
    for verb, sent in (
        ("exempt", {"reason": "Written twice; the first is enough."}),
        ("done", {"evidence": "letter_mailed", "on": TODAY.isoformat()}),
    ):
        answer = signed_in("Paula").post(
            f"/steps/{step.pk}/{verb}/", sent | {"form_key": access.issue_key()}, follow=True
        )
        assert answer.redirect_chain[-1][0] == f"/students/{MATEO}/"
        assert "Paula Lane exempted this step on Thu 5 Nov." in text_of(answer.content.decode())


def test_a_person_with_two_numbers_is_named_once(desk_day: District, signed_in: SignIn) -> None:
    first = Contact.objects.get(student_id=MATEO, full_name="Lucía Delgado")
    Contact.objects.filter(pk=first.pk).update(relationship="Mother")
    others = Contact.objects.filter(student_id=MATEO).exclude(pk=first.pk)
    others.update(full_name=first.full_name, relationship="Mother", language=first.language)
    page = show(signed_in("Paula"), MATEO)
    people = page.split('id="people-name"')[1].split("</section>")[0]
    assert people.count("Lucía Delgado, mother") == 1
    assert people.count('href="tel:') == 2
    with override("es"):
        client = signed_in("Paula")
        client.cookies["django_language"] = "es"
        assert "Lucía Delgado, madre" in show(client, MATEO)


def test_acts_are_offered_only_to_those_who_may(desk_day: District, signed_in: SignIn) -> None:
    step = letter(MATEO)
    assert "/exempt/" in show(signed_in("Paula"), MATEO)
    visitor = show(signed_in("Grace"), MATEO)
    assert "/exempt/" not in visitor
    response = signed_in("Grace").post(f"/steps/{step.pk}/exempt/", {"reason": WORDS, "form_key": access.issue_key()})
    assert response.status_code == 422
    assert signed_in("Charlie").post(f"/steps/{step.pk}/exempt/", {"reason": WORDS}).status_code == 404
    assert signed_in("Charlie").post("/steps/999999/exempt/", {"reason": WORDS}).status_code == 404
    step.refresh_from_db()
    assert step.state == "open"


@pytest.mark.parametrize("contacts", [1, 40])
def test_the_page_asks_equally_often_for_little_and_much(desk_day: District, signed_in: SignIn, contacts: int) -> None:
    for number in range(contacts):
        reach(desk_day.users["Paula"], MATEO, number)
        casework.add_note(desk_day.users["Paula"], MATEO, "A note.", access.issue_key(), NOW)
    client = signed_in("Paula")
    show(client, MATEO)
    with CaptureQueriesContext(connection) as asked:
        show(client, MATEO, "2026-09-02")
    questions = [one["sql"] for one in asked if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(questions) == PAGE_QUERIES, "\n".join(questions)


def test_the_page_speaks_spanish(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    client.cookies["django_language"] = "es"
    with override("en"):  # what the page switches on is switched back for the next test
        page = show(client, MATEO)
    words = text_of(page)
    assert '<html lang="es">' in page
    for told in ("ausentismo crónico", "Verificar la asistencia del estudiante", "mié 2 sep"):
        assert told in words, told
