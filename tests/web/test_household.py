"""One family, one call: on My calls, on Today, on the sheet, and on a page of its own."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from allpresent.access.models import AuditEntry, User
from allpresent.casework.models import CaseStep, ContactAttempt
from allpresent.roster.models import Contact
from tests.cast import NOW, District, address, school_days, student_id
from tests.web.rows import add_students_with_steps
from tests.web.test_calls import form

SignIn = Callable[[str], Client]
MATEO, TOMAS, MAYA = (student_id(name) for name in ("Mateo", "Tomas", "Maya"))


@pytest.fixture
def family(desk_day: District) -> list[str]:
    """Mateo's household with two more children whose calls wait; Tomás has none."""
    return add_students_with_steps(2, household="H2")


def text(client: Client, where: str) -> str:
    return client.get(where).content.decode()


def open_calls() -> set[str]:
    steps = CaseStep.objects.filter(kind="call", state="open")
    return set(steps.values_list("case__student_id", flat=True))


def user(name: str) -> User:
    return User.objects.get(email=address(name))


def reach(student: str, by: object, **more: object) -> ContactAttempt:
    fields = {"at": NOW, "on": NOW.date(), "logged_at": NOW, "mode": "phone", "result": "reached"}
    return ContactAttempt.objects.create(student_id=student, by=by, **(fields | more))


# One line


def test_brothers_and_sisters_are_one_line_of_my_calls(family: list[str], signed_in: SignIn) -> None:
    CaseStep.objects.filter(kind="call").update(owner_role="principal")
    page = text(signed_in("Paula"), "/calls/")
    assert "2 families to call" in page  # Mateo's, and Maya's
    cards = page.split('<div class="student-line">')
    (mine,) = [one for one in cards if "Mateo Ruiz Delgado" in one]
    for words in ("Same household", "Example 0000 Person", "Example 0001 Person"):
        assert words in mine
    assert "Tomás" not in mine, "nobody waits to call about Tomás"
    listed = AuditEntry.objects.filter(action="calls.listed").values_list("student_id", flat=True)
    assert {MATEO, *family} <= set(listed)


def test_the_queue_goes_from_family_to_family(family: list[str], signed_in: SignIn) -> None:
    CaseStep.objects.filter(kind="call").update(owner_role="principal")
    client = signed_in("Paula")
    for student in (MATEO, *family):
        page = text(client, f"/calls/{student}/")
        assert " of 2</p>" in page
        assert f'class="skip-one" href="/calls/{MAYA}/"' in page


def test_children_of_a_home_or_a_shelter_are_no_family(desk_day: District, signed_in: SignIn) -> None:
    many = add_students_with_steps(14, household="H2")
    CaseStep.objects.filter(kind="call").update(owner_role="principal")
    client = signed_in("Paula")
    assert "16 families to call" in text(client, "/calls/")
    assert "Same household" not in text(client, f"/calls/{MATEO}/")
    assert client.get(f"/students/{MATEO}/household/").status_code == 404
    assert f"/students/{many[0]}/household/" not in text(client, f"/students/{many[0]}/")


def test_today_has_one_line_a_family_where_one_act_serves(family: list[str], signed_in: SignIn) -> None:
    client = signed_in("Paula")
    late = CaseStep.objects.filter(kind="call", case__student_id__in=[MATEO, family[0]])
    late.update(due_on=school_days()[43])
    page = text(client, "/today/?view=call")
    assert "2 families, 4 students" in page
    rows = page.split("<tbody>")[1].split("</tr>")
    (row,) = [one for one in rows if "Same household" in one]
    steps = CaseStep.objects.filter(kind="call", state="open", case__student_id__in=[MATEO, *family])
    sent = [int(part.split('"')[0]) for part in row.split('name="step" value="')[1:]]
    assert sorted(sent) == sorted(step.pk for step in steps), "each child can be chosen"
    assert row.count("3 days late") == 2, "the line's child and one of the others"
    assert "Same household" not in text(client, "/today/?view=verify")
    paper = text(client, "/today/call-list/?view=call")
    assert paper.count('<th scope="row" class="who">') == 2
    assert "4 students" in paper
    assert len(client.get("/today/list.csv?view=call").content.decode().splitlines()) == 5, "a file has all students"


# One call


def test_the_sheet_offers_the_children_whose_call_waits(family: list[str], signed_in: SignIn) -> None:
    page = text(signed_in("Paula"), f"/calls/{MATEO}/")
    asked = page.split('<fieldset class="also">')[1].split("</fieldset>")[0]
    assert all(f'name="also" value="{pk}"' in asked for pk in family)
    assert f'value="{TOMAS}"' not in asked
    assert "Tomás Ruiz Delgado" in page
    seen = AuditEntry.objects.filter(action="call_sheet.sibling").values_list("student_id", flat=True)
    assert set(seen) == {TOMAS, *family}


def test_one_post_logs_one_conversation_and_one_undo_takes_it_back(family: list[str], signed_in: SignIn) -> None:
    client = signed_in("Paula")
    client.post(f"/calls/{MATEO}/", form(client, MATEO, result="reached", also=family))
    assert ContactAttempt.objects.filter(lead__student_id=MATEO).count() == 2
    assert not {MATEO, *family} & open_calls()
    page = text(client, "/calls/")
    assert "Saved for Mateo, Example, Example: Reached." in page
    undo = page.split('action="/calls/undo/')[1].split('"')[0]
    client.post(f"/calls/undo/{undo}")
    assert {MATEO, *family} <= open_calls()
    assert not ContactAttempt.objects.filter(undone_at=None).exists()


def test_a_siblings_page_tells_of_the_call_and_takes_its_own_row_back(family: list[str], signed_in: SignIn) -> None:
    client = signed_in("Paula")
    client.post(f"/calls/{MATEO}/", form(client, MATEO, result="reached", also=family[:1]))
    page = text(client, f"/students/{family[0]}/")
    assert "by phone, Paula Lane, in a call about a brother or sister too" in page
    assert "in a call about" not in text(client, f"/students/{MATEO}/")
    own = page.split('action="/calls/undo/')[-1].split('"')[0]  # the first is of the whole call
    client.post(f"/calls/undo/{own}")
    assert family[0] in open_calls()
    assert MATEO not in open_calls()


def test_a_form_sent_back_keeps_its_ticks(family: list[str], signed_in: SignIn) -> None:
    client = signed_in("Paula")
    answer = client.post(f"/calls/{MATEO}/", form(client, MATEO, also=family[:1], same_reason="1"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'name="also" value="{family[0]}" checked' in page
    assert f'name="also" value="{family[1]}" checked' not in page
    assert 'name="same_reason" value="1" checked' in page


def test_forged_ticks_look_absent(family: list[str], signed_in: SignIn) -> None:
    client = signed_in("Bob")  # teaches Mateo and no other child of the house
    for other in (family[0], MAYA, "no-such-student"):
        assert client.post(f"/calls/{MATEO}/", form(client, MATEO, result="reached", also=[other])).status_code == 404
    assert not ContactAttempt.objects.exists()


def test_brothers_and_sisters_one_may_not_see_are_not_even_counted(family: list[str], signed_in: SignIn) -> None:
    client = signed_in("Bob")
    page = text(client, f"/calls/{MATEO}/")
    for words in ("Same household", "Tomás", "Example", "also about"):
        assert words not in page
    assert client.get(f"/students/{MATEO}/household/").status_code == 404
    assert "household" not in text(client, f"/students/{MATEO}/")


# A contact about one, offered to the others


def test_a_contact_about_one_child_is_offered_to_the_others(family: list[str], signed_in: SignIn) -> None:
    client = signed_in("Paula")
    reach(family[0], user("Dolores"), contact_name="Lucía Delgado")
    page = text(client, f"/calls/{MATEO}/")
    assert "Lucía Delgado was reached about Example on Thu 5 Nov by Dolores Lane." in page
    assert "Yes, it answers for Mateo too" in page
    share = page.split('class="notice offer" method="post" action="')[1].split('"')[0]
    key = page.split("notice offer")[1].split('name="form_key" value="')[1].split('"')[0]
    assert client.post(share, {"form_key": key})["Location"] == "/calls/"
    assert MATEO not in open_calls()
    page = text(client, "/calls/")
    assert "The contact of Thu 5 Nov now answers for Mateo too." in page
    client.post("/calls/undo/" + page.split('action="/calls/undo/')[1].split('"')[0])
    assert MATEO in open_calls()


@pytest.mark.parametrize(
    "changed", [{"result": "no_answer"}, {"on": NOW.date() - timedelta(days=60)}, {"undone_at": NOW}]
)
def test_only_a_fresh_contact_that_stands_is_offered(
    family: list[str], signed_in: SignIn, changed: dict[str, object]
) -> None:
    reach(family[0], user("Dolores"), **changed)
    assert "Does this answer for Mateo too?" not in text(signed_in("Paula"), f"/calls/{MATEO}/")


def test_a_contact_with_a_person_barred_for_the_child_is_not_offered(family: list[str], signed_in: SignIn) -> None:
    Contact.objects.filter(student_id=MATEO, full_name="Andrés Ruiz").update(may_contact=False)
    reach(family[0], user("Dolores"), phone="203 555 0103")
    assert "Does this answer for Mateo too?" not in text(signed_in("Paula"), f"/calls/{MATEO}/")


# The page of the household


def test_the_household_page_shows_the_children_and_what_was_said(family: list[str], signed_in: SignIn) -> None:
    client = signed_in("Paula")
    client.post(f"/calls/{MATEO}/", form(client, MATEO, result="no_answer", also=family[:1]))
    page = text(client, f"/students/{MATEO}/household/")
    for words in (
        "The household of Mateo",
        "You see 4 children of this household.",
        "A call home waits for 3 of them: one conversation can serve all.",
        "Tomás Ruiz Delgado",
        "Linden Street School",
        "about Mateo, Example",
    ):
        assert words in page, words
    assert page.count("today · no answer · Paula") == 2
    assert page.count("<strong>Thu 5 Nov</strong>") == 1, "one conversation is told once"
    seen = AuditEntry.objects.filter(action="household.seen").values_list("student_id", flat=True)
    assert set(seen) == {MATEO, TOMAS, *family}
    assert f"/students/{MATEO}/household/" in text(client, f"/students/{MATEO}/")


def test_the_household_page_is_absent_for_others(family: list[str], signed_in: SignIn) -> None:
    for name in ("Charlie", "Carmen", "Hugo", "Pat", "Rita", "Erin", "Ivan", "Stella", "Alice", "Bob"):
        assert signed_in(name).get(f"/students/{MATEO}/household/").status_code == 404, name


PAGE_QUERIES = 21


@pytest.mark.parametrize("more", [0, 8])
def test_the_household_page_asks_as_many_questions_for_any_family(
    family: list[str], signed_in: SignIn, django_assert_num_queries, more: int
) -> None:
    add_students_with_steps(more, household="H2", first=2)
    client = signed_in("Paula")
    text(client, f"/students/{MATEO}/household/")
    with django_assert_num_queries(PAGE_QUERIES):
        text(client, f"/students/{MATEO}/household/")
