"""My calls and the call sheet: whose families, which words, what a saved call does."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from allpresent.access.models import AuditEntry
from allpresent.casework.models import CaseStep, ContactAttempt
from allpresent.roster.models import Contact, Student
from allpresent.web.calling import Queue
from allpresent.web.presenters.call_sheet import (
    absent_words,
    health_words,
    phone_words,
    script_parts,
)
from allpresent.web.presenters.words import language_code, language_name
from allpresent.web.spoken import spoken_days
from tests.cast import LAST_SCHOOL_DAY, NOW, TODAY, District, school_days, student_id
from tests.web.rows import add_students_with_steps

SignIn = Callable[[str], Client]
MAYA, MATEO, ZOE = student_id("Maya"), student_id("Mateo"), student_id("Zoe")


def form(client: Client, student: str, **values: object) -> dict[str, object]:
    """The sheet's form as the browser would send it."""
    page = client.get(f"/calls/{student}/").content.decode()
    return {"form_key": page.split('name="form_key" value="')[1].split('"')[0]} | values


def log(client: Client, student: str, **values: object):
    return client.post(f"/calls/{student}/", form(client, student, **values))


def test_teacher_sees_the_families_of_own_students(desk_day: District, signed_in: SignIn) -> None:
    page = signed_in("Alice").get("/calls/").content.decode()
    assert "Maya Lin Okafor" in page
    assert "Mateo" not in page
    assert "Zoë" not in page
    assert "1 family to call" in page
    assert "none of them late" in page


def test_call_belongs_to_the_role_that_opens_the_student(desk_day: District, signed_in: SignIn) -> None:
    """Nadia teaches Mateo at Linden and is on Harbor's team: a call of Linden's team is not hers."""
    mateos = CaseStep.objects.filter(case__student_id=MATEO, kind="call")
    zoes = CaseStep.objects.filter(case__student_id=ZOE, kind="call")
    mateos.update(owner_role="school_attendance_team", assigned_to=None)
    zoes.update(owner_role="school_attendance_team", assigned_to=None)
    page = signed_in("Nadia").get("/calls/").content.decode()
    assert "Mateo" not in page
    assert ("Zoë" in page) is zoes.exists()
    mateos.update(owner_role="teacher")
    assert "Mateo" in signed_in("Nadia").get("/calls/").content.decode()


def test_list_has_the_student_line(desk_day: District, signed_in: SignIn) -> None:
    page = signed_in("Alice").get("/calls/").content.decode()
    for words in (
        "grade 4 · 4A",
        "<b>L2</b>",
        "6.5%",
        "absent 1 of the last 20 school days: 13 Oct",
        "none by you yet",
        "due Mon",
    ):
        assert words in page, words


def test_who_reads_own_calls_alone_is_not_told_that_nobody_called(desk_day: District, signed_in: SignIn) -> None:
    assert "Last contact: none by you yet" in signed_in("Alice").get("/calls/").content.decode()
    client = signed_in("Paula")
    assert "none by you yet" not in client.get("/today/").content.decode()


def test_late_calls_say_how_late(desk_day: District, signed_in: SignIn) -> None:
    CaseStep.objects.update(due_on=school_days()[43])  # three school days before today
    page = signed_in("Alice").get("/calls/").content.decode()
    assert "1 of them is late" in page
    assert '<strong class="late">3 days late</strong>' in page


def test_empty_list_says_what_brings_people_onto_it(desk_day: District, signed_in: SignIn) -> None:
    CaseStep.objects.update(state="done")
    assert "Nobody waits for your call today" in signed_in("Alice").get("/calls/").content.decode()


def test_listing_is_written_down_for_every_student(desk_day: District, signed_in: SignIn) -> None:
    signed_in("Alice").get("/calls/")
    (entry,) = AuditEntry.objects.filter(action="calls.listed")
    assert (entry.student_id, entry.user) == (MAYA, desk_day.users["Alice"])


@pytest.mark.parametrize("name", ["Charlie", "Stella", "Erin", "Ivan", "Hugo", "Pat", "Rita", "Lena", "Olga"])
def test_people_without_calls_have_no_such_page(desk_day: District, signed_in: SignIn, name: str) -> None:
    client = signed_in(name)
    assert client.get("/calls/").status_code == 404
    assert client.get(f"/calls/{MAYA}/").status_code == 404


@pytest.mark.parametrize(
    ("name", "student", "status"),
    [
        ("Alice", MAYA, 200),
        ("Alice", MATEO, 404),  # another's class
        ("Bob", MATEO, 200),
        ("Carmen", ZOE, 200),
        ("Carmen", MAYA, 404),  # another school
        ("Paula", MATEO, 200),
        ("Grace", MATEO, 200),  # until tonight
        ("Sam", MAYA, 200),  # stands in
        ("Alice", "no-such-student", 404),
    ],
)
def test_sheet_opens_for_those_who_see_the_student(
    desk_day: District, signed_in: SignIn, name: str, student: str, status: int
) -> None:
    assert signed_in(name).get(f"/calls/{student}/").status_code == status


def test_refused_and_missing_students_look_the_same(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Alice")
    refused = client.get(f"/calls/{MATEO}/").content
    missing = client.get("/calls/0000/").content.replace(b"/calls/0000/", f"/calls/{MATEO}/".encode())
    # Each page carries fresh tokens against forged forms; all else is the same, byte for byte.
    assert without_tokens(refused) == without_tokens(missing)


def without_tokens(page: bytes) -> list[bytes]:
    return [line for line in page.split(b"\n") if b"csrfmiddlewaretoken" not in line]


def test_sheet_holds_all_a_caller_needs(desk_day: District, signed_in: SignIn) -> None:
    page = signed_in("Paula").get(f"/calls/{MATEO}/").content.decode()
    for words in (
        "Mateo Ruiz Delgado",
        "11 of 46 days",
        "chronic today (23.9%)",
        "Wed 2 Sep",
        "Call home (Parent Link)",
        'href="tel:+12035550102"',
        "Call (203) 555-0102",
        "Lucía Delgado, mother · speaks Spanish · not called yet",
        "Why was Mateo out?",
        "Same household",
        "Tomás Ruiz Delgado",
        "grade 2, Linden Street School",
    ):
        assert words in page, words


def test_script_is_filled_in_both_languages_the_familys_first(desk_day: District, signed_in: SignIn) -> None:
    page = signed_in("Paula").get(f"/calls/{MATEO}/").content.decode()
    spanish, english = page.index('<div class="script say-es'), page.index('<div class="script say-en')
    assert spanish < english
    assert "<b>Mateo</b> ha faltado a la escuela entre 11 y 14 días" in page
    assert 'id="say-es" checked' in page
    assert "Our wording; the district has not approved it yet." in page


def test_script_names_the_days_missed(desk_day: District, signed_in: SignIn) -> None:
    page = signed_in("Alice").get(f"/calls/{MAYA}/").content.decode()
    assert "<b>Tue 13 October</b>" in page


def test_all_24_causes_stand_in_four_families(desk_day: District, signed_in: SignIn) -> None:
    page = signed_in("Alice").get(f"/calls/{MAYA}/").content.decode()
    assert page.count('class="family"') == 4
    families = page.split('class="more"')[1]
    assert families.split("</details>")[0].count('name="causes"') == 24


def test_opening_a_sheet_is_written_down(desk_day: District, signed_in: SignIn) -> None:
    signed_in("Alice").get(f"/calls/{MAYA}/")
    assert AuditEntry.objects.filter(action="call_sheet.seen", student_id=MAYA).count() == 1


def test_reached_closes_the_step_and_goes_on(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Alice")
    answer = log(
        client, MAYA, result="reached", causes=["illness", "illness", "bullying"], need="ask_team", language="en"
    )
    assert answer["Location"] == "/calls/"
    attempt = ContactAttempt.objects.get()
    assert (attempt.result, attempt.need, attempt.language, attempt.by_id) == (
        "reached",
        "ask_team",
        "en",
        desk_day.users["Alice"].pk,
    )
    assert {cause.cause for cause in attempt.causes.all()} == {"illness", "bullying"}
    assert not CaseStep.objects.filter(case__student_id=MAYA, kind="call", state="open").exists()
    page = client.get("/calls/").content.decode()
    assert "Saved for Maya: Reached." in page
    assert f'data-clear-draft="{desk_day.users["Alice"].pk}:{MAYA}"' in page
    assert "data-clear-draft" not in client.get("/calls/").content.decode(), "said once"


def test_number_used_is_kept(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    mark = client.get(f"/calls/{MATEO}/").content.decode().split('name="contact" value="')[2].split('"')[0]
    log(client, MATEO, result="wrong_number", contact=mark)
    attempt = ContactAttempt.objects.get()
    assert (attempt.contact_name, attempt.phone_key) == ("Andrés Ruiz", "2035550103")
    page = client.get(f"/calls/{MATEO}/").content.decode()
    assert "wrong number since Thu 5 Nov" in page


def test_number_of_another_family_is_not_taken(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    log(client, MAYA, result="no_answer", contact="C2:2035550102")
    assert ContactAttempt.objects.get().contact_name == ""


def test_no_answer_leaves_the_step_open(desk_day: District, signed_in: SignIn) -> None:
    log(signed_in("Alice"), MAYA, result="no_answer")
    assert CaseStep.objects.filter(case__student_id=MAYA, kind="call", state="open").count() == 1


def test_save_and_next_leads_to_the_next_family(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Alice")
    add_students_with_steps(2, teacher_of="S4A")
    page = client.get("/calls/").content.decode()
    order = [part.split("/")[0] for part in page.split('href="/calls/')[1:] if part[0].isdigit()]
    first, second = order[1], order[2]  # the first link of all is the button that begins
    assert log(client, first, result="no_answer")["Location"] == f"/calls/{second}/"


def test_form_without_a_result_is_shown_again_as_it_was(desk_day: District, signed_in: SignIn) -> None:
    answer = log(signed_in("Alice"), MAYA, causes=["trauma"], need="two_one_one", note="keep this")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert '<a href="#id_result">Choose how the call went.</a>' in page
    assert 'id="id_result"' in page
    assert "keep this" in page
    assert 'value="trauma" checked' in page
    assert 'value="two_one_one" checked' in page
    assert not ContactAttempt.objects.exists()


def test_refusal_of_the_room_is_said_in_its_words(desk_day: District, signed_in: SignIn) -> None:
    Contact.objects.all().delete()
    answer = log(signed_in("Alice"), MAYA, result="wrong_number")
    assert answer.status_code == 422
    assert "Say which number was wrong." in answer.content.decode()


def test_same_form_sent_twice_is_saved_once(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Alice")
    sent = form(client, MAYA, result="reached")
    first, second = client.post(f"/calls/{MAYA}/", sent), client.post(f"/calls/{MAYA}/", sent)
    assert (first.status_code, second.status_code) == (302, 302)
    assert ContactAttempt.objects.count() == 1


def test_form_without_its_key_is_refused_in_words(desk_day: District, signed_in: SignIn) -> None:
    answer = signed_in("Alice").post(f"/calls/{MAYA}/", {"result": "reached"})
    assert answer.status_code == 422
    assert "one-time key" in answer.content.decode()


def test_refused_student_cannot_be_logged_either(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Alice")
    sent = form(client, MAYA, result="reached")
    assert client.post(f"/calls/{MATEO}/", sent).status_code == 404
    assert not ContactAttempt.objects.exists()


def test_undo_opens_the_step_again(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Alice")
    log(client, MAYA, result="reached")
    page = client.get("/calls/").content.decode()
    undo = page.split('action="/calls/undo/')[1].split('"')[0]
    answer = client.post(f"/calls/undo/{undo}")
    assert answer["Location"] == f"/calls/{MAYA}/"
    assert ContactAttempt.objects.get().undone_at is not None
    assert CaseStep.objects.filter(case__student_id=MAYA, kind="call", state="open").exists()
    assert "Taken back" in client.get(f"/calls/{MAYA}/").content.decode()


def test_a_call_taken_back_is_corrected_and_not_typed_again(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Alice")
    said = {
        "causes": ["trauma"],
        "need": "ask_team",
        "note": "Works nights.",
        "next_on": "2026-11-09",
        "language": "es",
    }
    log(client, MAYA, result="no_answer", **said)
    client.post(f"/calls/undo/{ContactAttempt.objects.get().pk}/")
    page = client.get(f"/calls/{MAYA}/").content.decode()
    for held in (
        'value="no_answer" checked',
        'value="trauma" checked',
        'value="ask_team" checked',
        'id="say-es" checked',
    ):
        assert held in page
    assert "Works nights." in page
    assert 'value="2026-11-09"' in page
    assert "Works nights." not in client.get(f"/calls/{MAYA}/").content.decode(), "said once"
    log(client, MAYA, result="reached", **said)
    assert sorted(ContactAttempt.objects.filter(undone_at=None).values_list("result", flat=True)) == ["reached"]


def test_what_another_took_back_is_shown_to_nobody_else(desk_day: District, signed_in: SignIn) -> None:
    log(signed_in("Alice"), MAYA, result="no_answer", note="Works nights.")
    ContactAttempt.objects.update(undone_at=NOW)
    paula = signed_in("Paula")
    session = paula.session
    session["taken_back_call"] = ContactAttempt.objects.get().pk
    session.save()
    assert "Works nights." not in paula.get(f"/calls/{MAYA}/").content.decode()


def test_undo_belongs_to_its_author(desk_day: District, signed_in: SignIn) -> None:
    log(signed_in("Alice"), MAYA, result="reached")
    attempt = ContactAttempt.objects.get()
    paula = signed_in("Paula")
    assert paula.post(f"/calls/undo/{attempt.pk}/").status_code == 302
    assert "Only the person who wrote this entry" in paula.get("/calls/").content.decode()
    assert signed_in("Charlie").post(f"/calls/undo/{attempt.pk}/").status_code == 404
    attempt.refresh_from_db()
    assert attempt.undone_at is None


def test_teacher_reads_own_tries_and_not_others(desk_day: District, signed_in: SignIn) -> None:
    common = {"student_id": MAYA, "mode": "phone", "result": "no_answer", "logged_at": NOW}
    yesterday = NOW - timedelta(days=1)
    ContactAttempt.objects.create(by=desk_day.users["Paula"], at=yesterday, on=LAST_SCHOOL_DAY, **common)
    page = signed_in("Alice").get(f"/calls/{MAYA}/").content.decode()
    assert "Paula Lane" not in page
    assert "Paula Lane" in signed_in("Paula").get(f"/calls/{MAYA}/").content.decode()


def test_contact_who_must_not_be_called_is_not_shown(desk_day: District, signed_in: SignIn) -> None:
    Contact.objects.filter(full_name="Andrés Ruiz").update(may_contact=False)
    page = signed_in("Paula").get(f"/calls/{MATEO}/").content.decode()
    assert "Andrés" not in page
    assert "0103" not in page


def test_names_are_text_wherever_they_stand(desk_day: District, signed_in: SignIn) -> None:
    Student.objects.filter(pk=MAYA).update(full_name="<b>Maya</b> {student}", given_name="<i>M</i>{days}")
    page = signed_in("Alice").get(f"/calls/{MAYA}/").content.decode()
    assert "&lt;b&gt;Maya&lt;/b&gt; {student}" in page
    assert "<b>&lt;i&gt;M&lt;/i&gt;{days}</b>" in page


# How many questions a page asks does not depend on how many rows it shows.
LIST_QUERIES = 14
SHEET_QUERIES = 25  # one more while a contact about a sibling is offered


@pytest.mark.parametrize("students", [0, 1000])
def test_list_asks_as_many_questions_for_any_number_of_rows(
    desk_day: District, signed_in: SignIn, django_assert_num_queries, students: int
) -> None:
    add_students_with_steps(students, teacher_of="S4A")
    client = signed_in("Alice")
    client.get("/calls/")
    with django_assert_num_queries(LIST_QUERIES):
        client.get("/calls/")


@pytest.mark.parametrize("students", [0, 10, 1000])
def test_sheet_asks_as_many_questions_for_any_number_of_rows(
    desk_day: District, signed_in: SignIn, django_assert_num_queries, students: int
) -> None:
    add_students_with_steps(students, teacher_of="S4A", household="H2" if students < 11 else "")
    client = signed_in("Paula")
    client.get(f"/calls/{MATEO}/")
    with django_assert_num_queries(SHEET_QUERIES):
        client.get(f"/calls/{MATEO}/")


def test_caller_speaks_of_days_not_yet_spoken_of() -> None:
    days = [(day, "present") for day in school_days()[:20]]
    for place in (2, 12, 15, 17, 19):
        days[place] = (days[place][0], "unexcused")
    at = [day for day, _state in days]
    assert spoken_days(days, None) == [at[15], at[17], at[19]], "the latest three of the last two weeks"
    assert spoken_days(days, at[17]) == [at[19]]
    assert spoken_days(days, at[19]) == [at[19]], "with nothing new, the last one"
    assert spoken_days(days[:12], None) == [at[2]]
    assert spoken_days([], None) == []


def test_queue_goes_round_by_families() -> None:
    families = (("a", "a2"), ("b",), ("c",))
    assert [Queue(families, pk).next_id for pk in ("a", "a2", "c")] == ["b", "b", "a"]
    assert Queue(families, "b").words == "2 of 3"
    assert (Queue(families, "x").next_id, Queue(families, "x").words) == ("a", "")
    assert Queue((("a", "a2"),), "a").next_id is None


def test_phone_numbers_are_read_and_dialled() -> None:
    assert phone_words("203-555-0102") == ("(203) 555-0102", "+12035550102")
    assert phone_words("+1 203 555 0102 x12") == ("(203) 555-0102 ext. 12", "+12035550102,12")
    assert phone_words("ask the aunt") == ("ask the aunt", "")


def test_health_of_a_number_nobody_called() -> None:
    assert health_words(None, TODAY) == ("not called yet", "")


@pytest.mark.parametrize(
    ("spoken", "code"), [("es", "es"), ("SPA", "es"), ("Español", "es"), ("en-US", "en"), ("Pashto", ""), ("", "")]
)
def test_language_of_a_family_is_understood(spoken: str, code: str) -> None:
    assert language_code(spoken) == code


def test_language_of_a_family_is_said_as_a_word() -> None:
    assert [language_name(spoken) for spoken in ("es", "SPA", "ar", "Twi")] == ["Spanish", "Spanish", "Arabic", "Twi"]


def test_strong_words_of_a_script_are_found_once() -> None:
    parts = script_parts("Hello. Ana was out on Tue 3 November.\n\nAna is missed.", ("Ana", "Tue 3 November"))
    assert [[(part.text, part.strong) for part in paragraph] for paragraph in parts] == [
        [("Hello. ", False), ("Ana", True), (" was out on ", False), ("Tue 3 November", True), (".", False)],
        [("Ana", True), (" is missed.", False)],
    ]


def test_many_absences_are_summed_up() -> None:
    days = school_days()[:14]
    assert absent_words(days).endswith(", and 2 days before them.")
    assert absent_words([]) == "No absence so far this year."
