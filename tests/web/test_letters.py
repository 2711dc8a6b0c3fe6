"""The letters' pages: who has them, the way of a letter through the tabs, the files, the audit, the queries."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client

from allpresent.access.models import AuditEntry
from allpresent.casework.letter_reasons import Candidate, find_candidates
from allpresent.casework.models import CaseStep, Letter
from allpresent.casework.queries.letters import Home
from allpresent.roster.models import Contact, Enrollment, School, Student
from allpresent.web.letter_desk import in_envelopes
from tests.cast import FIRST_DAY, LINDEN, TODAY, District, enter_people, open_cases, student_id
from tests.papers import text_of

SignIn = Callable[[str], Client]
MATEO, ZOE, DANTE = student_id("Mateo"), student_id("Zoe"), student_id("Dante")
L4, TRUANCY = "superintendent_letter", "truancy_meeting_notice"
DESK_QUERIES = 16
WITHOUT_LETTERS = [
    "Charlie",
    "Alice",
    "Stella",
    "Erin",
    "Ivan",
    "Hugo",
    "Pat",
    "Rita",
    "Lena",
    "Olga",
    "Felix",
    "Grace",
]


@pytest.fixture
def office(own_home: Path, db: None, cast_day: None) -> District:
    """The cast on its day, in a home that says whom families call."""
    (own_home / "letters.yaml").write_text("phone: 203 555 0100\n", encoding="utf-8")
    cast = enter_people(own_home)
    Contact.objects.filter(student_id=MATEO, priority=2).update(has_custody=None)  # his father, where a test gives it
    open_cases(own_home)
    return cast


@pytest.fixture
def enters(office: District) -> SignIn:
    def sign_in(name: str) -> Client:
        client = Client()
        client.force_login(office.users[name])
        return client

    return sign_in


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def send(client: Client, page: str, address: str, **values: object):
    """Send a form of a page as the browser would."""
    key = text(client, page).split('name="form_key" value="')[1].split('"')[0]
    return client.post(address, {"form_key": key} | values)


def verified(client: Client, kind: str = L4) -> Letter:
    send(client, "/letters/", "/letters/verify/", step=[f"{MATEO}|{kind}"])
    return Letter.objects.get(student_id=MATEO, kind=kind)


def produced(enters: SignIn) -> Letter:
    letter = verified(enters("Paula"))
    send(enters("Dolores"), f"/letters/{letter.pk}/", "/letters/approve/", step=[letter.pk])
    send(enters("Paula"), "/letters/?tab=approved", "/letters/produce/", step=[letter.pk])
    letter.refresh_from_db()
    assert letter.state == "produced"
    return letter


@pytest.mark.parametrize("name", WITHOUT_LETTERS)
def test_people_who_send_no_letters_have_no_such_page(office: District, enters: SignIn, name: str) -> None:
    letter = verified(enters("Paula"))
    client = enters(name)
    for address in ("/letters/", f"/letters/{letter.pk}/", f"/letters/{letter.pk}/letter.pdf"):
        assert client.get(address).status_code == 404
    assert client.post("/letters/verify/", {"step": f"{MATEO}|{TRUANCY}"}).status_code == 404


def test_a_team_has_the_letters_of_its_own_school_alone(enters: SignIn) -> None:
    letter = verified(enters("Paula"))
    harbor = enters("Quinn")
    page = text(harbor, "/letters/")
    assert "Zoë" in page
    assert "Mateo" not in page
    assert harbor.get(f"/letters/{letter.pk}/").status_code == 404
    assert send(harbor, "/letters/", "/letters/verify/", step=[f"{MATEO}|{TRUANCY}"]).status_code == 404
    # Nadia teaches at Linden and sits on Harbor's team.
    assert "Mateo" not in text(enters("Nadia"), "/letters/")


def test_the_list_says_why_to_whom_and_what_speaks_against_it(enters: SignIn) -> None:
    page = text(enters("Paula"), "/letters/")
    for said in ("L4 reached on", "truant by law since", "Lucía Delgado · Spanish", "no address delivered", "11 days"):
        assert said in page, said
    assert "delivers no addresses" in page


def test_a_letter_goes_its_way(enters: SignIn) -> None:
    letter = produced(enters)
    paula = enters("Paula")
    batch = f"/letters/batches/{letter.batch_id}/"
    assert "1 letter in Spanish" in text(paula, "/letters/?tab=produced")
    answer = send(paula, batch, f"{batch}mailed/", step=[letter.pk], on=TODAY.isoformat(), channel="backpack")
    assert answer.status_code == 302
    assert "left home with the student on" in text(paula, batch)
    assert CaseStep.objects.get(step_key="L4.superintendent_letter", case__student_id=MATEO).state == "done"
    assert "Letter from the Superintendent" in text(paula, f"/students/{MATEO}/")
    send(paula, f"/letters/{letter.pk}/", f"/letters/{letter.pk}/came-back/", on=TODAY.isoformat(), reason="Moved away")
    assert "Moved away" in text(paula, "/letters/?tab=returned")


def test_every_flag_is_said_in_words_on_the_table(
    office: District, enters: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("left", "opted_out", "no_contact", "corrected", "recent", "in_house", "meeting_past", "together")
    names += ("pulled_back", "no_address", "language")
    found = find_candidates

    def flagged(*given: object, **more: object) -> list[Candidate]:
        return [replace(one, flags=names) for one in found(*given, **more)]  # type: ignore[arg-type]

    monkeypatch.setattr("allpresent.web.letter_desk.find_candidates", flagged)
    page = text(enters("Paula"), "/letters/").split('<ul class="flags">')[1].split("</ul>")[0]
    said = re.findall(r"<li>([^<]+)</li>", page)
    assert len(said) == len(set(said)) == len(names)
    for words in (
        "left the district: no letter",
        "days were corrected since",
        "another letter in the last 10 school days",
    ):
        assert words in said
    assert not set(said) & set(names)


def test_each_guardian_is_named_and_gets_a_letter_in_a_print_file_of_their_language(enters: SignIn) -> None:
    Contact.objects.filter(student_id=MATEO).update(has_custody=True)
    paula, dolores = enters("Paula"), enters("Dolores")
    assert "Lucía Delgado · Spanish; Andrés Ruiz · English" in text(paula, "/letters/")
    page = send(paula, "/letters/", "/letters/verify/", step=[f"{MATEO}|{L4}"])
    assert "2 letters verified" in text(paula, page["Location"])
    ids = list(Letter.objects.values_list("pk", flat=True))
    send(dolores, "/letters/?tab=verified", "/letters/approve/", step=ids)
    send(paula, "/letters/?tab=approved", "/letters/produce/", step=ids)
    listed = text(paula, "/letters/?tab=produced")
    assert "1 letter in Spanish" in listed
    assert "1 letter in English" in listed


def test_a_letter_is_pulled_back_from_its_print_file(enters: SignIn) -> None:
    letter = produced(enters)
    batch = f"/letters/batches/{letter.batch_id}/"
    assert "Pull the chosen letters back" in text(enters("Paula"), batch)
    send(enters("Paula"), batch, "/letters/pull-back/", step=[letter.pk], reason="The family called us")
    letter.refresh_from_db()
    assert (letter.state, letter.reason) == ("pulled_back", "The family called us")
    assert enters("Paula").get(batch).status_code == 404


def test_mailing_is_undone_from_the_page(enters: SignIn) -> None:
    letter = produced(enters)
    paula = enters("Paula")
    batch = f"/letters/batches/{letter.batch_id}/"
    send(paula, batch, f"{batch}mailed/", step=[letter.pk], on=TODAY.isoformat(), channel="mail")
    send(paula, batch, f"{batch}unmail/")
    letter.refresh_from_db()
    assert letter.state == "produced"


def test_who_verified_is_not_offered_to_approve(enters: SignIn) -> None:
    letter = verified(enters("Paula"))
    page = text(enters("Paula"), "/letters/?tab=verified")
    assert f'value="{letter.pk}"' not in page
    assert "ha faltado 11 días de escuela" in page
    answer = send(enters("Paula"), "/letters/?tab=verified", "/letters/approve/", step=[letter.pk])
    assert answer.status_code == 302
    letter.refresh_from_db()
    assert letter.state == "verified"
    assert f'value="{letter.pk}"' in text(enters("Dolores"), "/letters/?tab=verified")
    assert "has not yet approved the words" in text(enters("Dolores"), "/letters/?tab=verified")


def test_a_held_letter_says_why_and_has_no_pdf(office: District, enters: SignIn) -> None:
    (office.home / "letters.yaml").unlink()
    letter = verified(enters("Paula"))
    assert "the number families call" in text(enters("Paula"), "/letters/?tab=held")
    assert enters("Paula").get(f"/letters/{letter.pk}/letter.pdf").status_code == 404


def test_a_print_file_is_a_pdf_and_written_down_for_every_student(enters: SignIn) -> None:
    letter = produced(enters)
    for address in (f"/letters/{letter.pk}/letter.pdf", f"/letters/batches/{letter.batch_id}/letters.pdf"):
        before = AuditEntry.objects.filter(action="letters.printed").count()
        answer = enters("Paula").get(address)
        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF")
        assert AuditEntry.objects.filter(action="letters.printed").count() == before + 1
    assert set(AuditEntry.objects.filter(action="letters.printed").values_list("student_id", flat=True)) == {MATEO}
    assert enters("Quinn").get(f"/letters/batches/{letter.batch_id}/letters.pdf").status_code == 404


def test_the_pdf_says_what_the_page_says(enters: SignIn) -> None:
    letter = verified(enters("Paula"))
    printed = text_of(enters("Paula").get(f"/letters/{letter.pk}/letter.pdf").content)
    for paragraph in (letter.title, *letter.paragraphs):
        assert " ".join(paragraph.split()) in printed


HOME = "12 Lantern Street\nElm Harbor CT 06599"


def test_the_desk_says_that_nothing_delivers_addresses_only_while_it_is_true(enters: SignIn) -> None:
    paula = enters("Paula")
    Contact.objects.filter(student_id=DANTE).update(address=HOME)
    page = text(paula, "/letters/")
    assert "delivers no addresses" not in page
    assert "printed for a window envelope" in page
    assert "no address delivered" in page
    Contact.objects.filter(student_id=MATEO).update(address=HOME)
    assert "no address delivered" not in text(paula, "/letters/")


def test_a_letter_is_addressed_where_the_family_lives_today(enters: SignIn) -> None:
    letter = produced(enters)
    paula, batch = enters("Paula"), f"/letters/batches/{letter.batch_id}/"
    assert "no address delivered" in text(paula, f"/letters/{letter.pk}/")
    assert "No se recibió dirección" in text_of(paula.get(f"{batch}letters.pdf").content)
    Contact.objects.filter(student_id=MATEO).update(address=HOME)
    for address in (batch, f"/letters/{letter.pk}/"):
        assert "12 Lantern Street, Elm Harbor CT 06599" in text(paula, address)
    printed = text_of(paula.get(f"{batch}letters.pdf").content)
    assert "Lucía Delgado 12 Lantern Street Elm Harbor CT 06599" in printed
    assert "Para la familia de" not in printed
    Contact.objects.filter(student_id=MATEO).update(address="", address_protected=True)
    assert "address protected: hand it over" in text(paula, batch)
    assert "Lantern" not in text_of(paula.get(f"{batch}letters.pdf").content)


def test_of_two_guardians_the_one_without_an_address_is_named(enters: SignIn) -> None:
    Contact.objects.filter(student_id=MATEO).update(has_custody=True, address=HOME)
    Contact.objects.filter(student_id=MATEO, priority=2).update(address="")
    paula = enters("Paula")
    assert "no address delivered: Andrés Ruiz" in text(paula, "/letters/")
    Contact.objects.filter(student_id=MATEO).update(address=HOME, language="en")
    assert "Lucía Delgado and Andrés Ruiz · English" in text(paula, "/letters/")


def test_each_look_at_an_address_is_written_down(enters: SignIn) -> None:
    Contact.objects.filter(student_id=MATEO).update(address=HOME)
    letter = produced(enters)
    paula = enters("Paula")
    text(paula, f"/letters/{letter.pk}/")
    assert AuditEntry.objects.filter(action="letter.seen", student_id=MATEO).last().detail == {"address": True}
    paula.get(f"/letters/{letter.pk}/letter.pdf")
    assert AuditEntry.objects.filter(action="letters.printed").last().detail["addresses"] == 1


def test_a_print_file_lies_in_the_order_of_the_envelopes(enters: SignIn) -> None:
    letter = produced(enters)
    homes = ["", "9 Ash\nB 06520", "1 Ash\nB 06520", "5 Elm\nA 06511-1234", "2 Oak\nNowhere"]
    letters = [Letter(pk=at, student=letter.student, school=letter.school) for at in range(len(homes))]
    found = in_envelopes(letters, {at: Home(address) for at, address in enumerate(homes)})
    assert [one.pk for one in found] == [4, 3, 2, 1, 0]


def test_letters_to_mail_are_chosen_by_their_address(enters: SignIn) -> None:
    letter = produced(enters)
    paula, batch = enters("Paula"), f"/letters/batches/{letter.batch_id}/"
    assert f'checked name="step" value="{letter.pk}"' in text(paula, batch)
    Contact.objects.filter(student_id=MATEO).update(address=HOME)
    other = Letter.objects.get(pk=letter.pk)
    other.pk, other.kind, other.contact_id = None, TRUANCY, "nobody"
    other.save()
    page = text(paula, batch)
    assert f'checked name="step" value="{letter.pk}"' in page
    assert f'checked name="step" value="{other.pk}"' not in page
    assert "stand last and are not chosen" in page
    Contact.objects.filter(student_id=MATEO).update(address="")
    assert f'checked name="step" value="{other.pk}"' in text(paula, batch)


def test_the_school_of_a_row_is_named_to_those_who_have_several(enters: SignIn) -> None:
    assert "Linden Street School · grade 7" in text(enters("Dolores"), "/letters/")
    assert "Linden Street School · grade 7" not in text(enters("Paula"), "/letters/")


def test_a_letter_is_pulled_back_with_a_reason(enters: SignIn) -> None:
    letter = verified(enters("Paula"))
    send(enters("Paula"), f"/letters/{letter.pk}/", "/letters/pull-back/", step=[letter.pk], reason=" ")
    letter.refresh_from_db()
    assert letter.state == "verified"
    send(enters("Paula"), f"/letters/{letter.pk}/", "/letters/pull-back/", step=[letter.pk], reason="The family called")
    assert "The family called" in text(enters("Paula"), "/letters/?tab=stopped")


def test_what_is_sent_twice_or_bent_does_no_harm(enters: SignIn) -> None:
    paula = enters("Paula")
    values = {
        "form_key": re.findall(r'form_key" value="([^"]+)"', text(paula, "/letters/"))[0],
        "step": [f"{MATEO}|{L4}"],
    }
    for _ in range(3):
        assert paula.post("/letters/verify/", values).status_code == 302
    assert Letter.objects.count() == 1
    for bent in ("x", "|", f"{MATEO}|nothing", f"{MATEO}|{L4}|more"):
        assert send(paula, "/letters/", "/letters/verify/", step=[bent]).status_code in (302, 404)
    assert paula.get("/letters/?tab=nothing").status_code == 404
    assert paula.get("/letters/?page=99").status_code == 200


def test_a_list_of_many_pages_goes_in_one_act(enters: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("allpresent.web.views.letters._LISTED", 1)
    quinn, dolores = enters("Quinn"), enters("Dolores")
    assert "All on every page that carry no remark" in text(dolores, "/letters/")
    # Mateo and Zoë are called for twice each, which is a remark: looked at one by one.
    assert "two letters at once to one family" in text(dolores, "/letters/?page=2")
    send(dolores, "/letters/", "/letters/verify/", everything="1")
    assert list(Letter.objects.values_list("student_id", "state")) == [(DANTE, "verified")]
    send(dolores, "/letters/", "/letters/verify/", step=[f"{ZOE}|{TRUANCY}"])
    send(dolores, "/letters/?tab=verified", "/letters/approve/", everything="1")
    assert not Letter.objects.filter(state="approved").exists()
    send(quinn, "/letters/?tab=verified", "/letters/approve/", everything="1")
    send(quinn, "/letters/?tab=approved", "/letters/produce/", everything="1")
    assert Letter.objects.filter(state="produced").count() == 2


def test_the_place_is_named_in_spanish(enters: SignIn) -> None:
    client = enters("Paula")
    client.cookies["django_language"] = "es"
    page = text(client, "/letters/")
    assert "Cartas" in page
    assert "Carta de la Superintendencia" in page


@pytest.mark.parametrize("count", [1, 30])
def test_the_desk_asks_equally_often_for_few_and_many(
    office: District, enters: SignIn, django_assert_num_queries: Callable, count: int
) -> None:
    school = School.objects.get(pk=LINDEN)
    step = CaseStep.objects.get(step_key="L4.superintendent_letter", case__student_id=MATEO)
    crossing, case = step.crossing, step.case
    for number in range(count):
        one = Student.objects.create(
            student_id=f"8{number:05d}", full_name=f"Example {number}", given_name="Ex", school=school, is_enrolled=True
        )
        Enrollment.objects.create(student=one, school=school, entry_date=FIRST_DAY, grade="07")
        Contact.objects.create(student=one, contact_id=f"K{number}", full_name="Sol", priority=1)
        for row in (case, crossing, step):
            row.pk, row._state.adding = None, True
        case.student, crossing.case, step.case, step.crossing = one, case, case, crossing
        case.save()
        crossing.save()
        step.save()
    client = enters("Paula")
    client.get("/letters/")
    with django_assert_num_queries(DESK_QUERIES):
        assert f"Example {count - 1}" in text(client, "/letters/")
