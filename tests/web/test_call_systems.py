"""The list for a calling system: who may take it, what it says before, what is written down, and the file."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from allpresent.access.models import AuditEntry, User
from allpresent.casework.models import CaseStep, ContactAttempt
from allpresent.casework.queries.call_lists import taken_by
from allpresent.policy.call_systems import SHIPPED
from allpresent.roster.models import Contact, Student
from allpresent.web.views import call_lists as views
from tests.cast import NOW, District, student_id
from tests.web.reading import text_of
from tests.web.rows import add_students_with_steps

SignIn = Callable[[str], Client]
MAYA, MATEO, ZOE, DANTE = (student_id(name) for name in ("Maya", "Mateo", "Zoe", "Dante"))
PAGE = "/today/call-system/parentlink/"
TAKEN, STUDENT = "call_list.taken", "call_list.taken_student"


@pytest.fixture
def verified(desk_day: District) -> District:
    """The cast's day, after the days absent were verified."""
    CaseStep.objects.filter(kind="verify").update(state="done")
    return desk_day


def key_of(client: Client, address: str = PAGE) -> str:
    return client.get(address).content.decode().split('name="form_key" value="')[1].split('"')[0]


def take(client: Client, query: str = "", **values: object):
    """Take the list as the page shows it."""
    shown = client.get(PAGE + query).content.decode()
    form = shown.split(f'action="{PAGE}take/"')[1].split("</form>")[0]
    sent: dict[str, object] = {}
    for part in form.split("<input")[1:]:
        name, value = part.split('name="')[1].split('"')[0], part.split('value="')[1].split('"')[0]
        sent.setdefault(name, []).append(value)  # type: ignore[attr-defined]
    return client.post(f"{PAGE}take/", sent | values)


def fetch(client: Client, taken_at: str) -> list[dict[str, str]]:
    answer = client.get(f"{taken_at}list.csv")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/csv; charset=iso-8859-1"
    assert answer["Content-Disposition"] == 'attachment; filename="parentlink-2026-11-05.csv"'
    return list(csv.DictReader(io.StringIO(answer.content.decode("iso-8859-1"), newline="")))


# Who may


def test_teams_principals_and_the_district_are_offered_the_list(verified: District, signed_in: SignIn) -> None:
    for name in ("Paula", "Quinn", "Dolores", "Nadia"):
        client = signed_in(name)
        assert f'href="{PAGE}' in client.get("/today/?view=call").content.decode(), name
        assert client.get(PAGE).status_code == 200, name
    assert f'href="{PAGE}' not in signed_in("Paula").get("/today/?view=visit").content.decode()


OTHERS = ["Alice", "Felix", "Kim", "Grace", "Hugo", "Pat", "Rita", "Stella", "Erin", "Ivan", "Olga", "Lena", "Charlie"]


def test_for_anybody_else_there_is_no_such_page(verified: District, signed_in: SignIn) -> None:
    there = take(signed_in("Paula"))["Location"]
    for name in OTHERS:
        client = signed_in(name)
        for address in (PAGE, there, f"{there}list.csv"):
            assert client.get(address).status_code == 404, (name, address)
        assert client.post(f"{PAGE}take/", {"form_key": "k" * 24}).status_code == 404, name
    for name in ("Felix", "Kim"):
        assert PAGE not in signed_in(name).get("/today/?view=call").content.decode()
    assert AuditEntry.objects.filter(action=TAKEN).count() == 1


def test_a_list_is_fetched_by_who_took_it_alone(verified: District, signed_in: SignIn) -> None:
    there = take(signed_in("Paula"))["Location"]
    assert signed_in("Paula").get(there).status_code == 200
    for name in ("Dolores", "Quinn"):
        assert signed_in(name).get(there).status_code == 404
        assert signed_in(name).get(f"{there}list.csv").status_code == 404


def test_each_has_the_students_of_their_own_schools(verified: District, signed_in: SignIn) -> None:
    Contact.objects.filter(student_id=DANTE).update(has_custody=None)
    linden, harbor, district = (text_of(signed_in(name).get(PAGE)) for name in ("Paula", "Quinn", "Dolores"))
    assert "The list holds 2 numbers, of the families of 1 student." in linden
    assert "The list holds 1 number, of the families of 1 student." in harbor
    assert "The list holds 3 numbers, of the families of 2 students." in district
    # Nadia teaches Mateo at Linden, and sits on Harbor's team.
    took = take(signed_in("Nadia"))["Location"]
    assert [row["ReferenceCode"] for row in fetch(signed_in("Nadia"), took)] == ["AP-C5"]
    assert "2 numbers" in text_of(signed_in("Dolores").get(f"{PAGE}?school=11"))
    assert "2 numbers" in text_of(signed_in("Paula").get(f"{PAGE}?school=21")), "another's school is no choice"


def test_nobody_takes_another_schools_students_by_a_made_up_form(verified: District, signed_in: SignIn) -> None:
    assert take(signed_in("Quinn"), school="11", level=["L2", "L3", "L4", "L5", "L6"]).status_code == 302
    told = set(AuditEntry.objects.filter(action=STUDENT).values_list("student_id", flat=True))
    assert told == {ZOE, DANTE}


def test_a_system_nobody_knows_has_no_page(verified: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    assert client.get("/today/call-system/robocall/").status_code == 404
    assert client.post("/today/call-system/robocall/take/", {"form_key": "k" * 24}).status_code == 404
    assert client.get(f"{PAGE}999999/").status_code == 404


# Before it is taken


def test_the_page_says_who_is_left_out_and_why_with_the_way_to_each(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    answer = client.get(PAGE)
    said = text_of(answer)
    assert "Nobody is left to call by this list today." in said
    assert "Also families that are in a list of today" not in said
    assert "1 student The days absent are not verified yet. Verify them on Today Mateo Ruiz Delgado" in said
    assert f'href="/students/{MATEO}/"' in answer.content.decode()
    assert "Take the list" not in said
    CaseStep.objects.filter(kind="verify").update(state="done")
    Contact.objects.filter(student_id=MATEO, priority=2).update(has_custody=False)
    said = text_of(client.get(PAGE))
    assert "1 person Has no custody, as delivered of one of the children. Mateo Ruiz Delgado" in said
    assert "Not yet confirmed with whoever keeps your ParentLink account: the columns ContactType, Ref" in said


def test_looking_takes_nothing_and_is_written_down(desk_day: District, signed_in: SignIn) -> None:
    signed_in("Paula").get(PAGE)
    assert AuditEntry.objects.filter(action="call_list.looked").get().object_id == "parentlink"
    assert AuditEntry.objects.filter(action="call_list.listed_out").get().student_id == MATEO
    assert not AuditEntry.objects.filter(action__in=[TAKEN, STUDENT]).exists()


def test_other_levels_may_be_chosen(verified: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    boxes = client.get(f"{PAGE}?level=L2").content.decode()
    assert "The list holds 1 number, of the families of 1 student." in text_of(boxes)
    assert 'value="L2" checked' in boxes
    assert 'value="L4" checked' not in boxes
    assert fetch(client, take(client, "?level=L2")["Location"])[0]["LastName"] == "Ada Okafor"


def test_what_an_address_makes_up_is_no_choice(verified: District, signed_in: SignIn) -> None:
    shown = signed_in("Paula").get(f'{PAGE}?level="><script>&level=L4&level=L99&school=%26x=1').content.decode()
    form = shown.split('class="list-choice card"')[1].split("</form>")[0]
    assert [part.split('"')[0] for part in form.split('value="')[1:]] == ["L2", "L4"]
    assert "<script>" not in form


def test_levels_without_an_open_call_are_said_to_have_none(desk_day: District, signed_in: SignIn) -> None:
    said = text_of(signed_in("Paula").get(f"{PAGE}?level=L6"))
    assert "No family has an open call promised at these levels." in said
    assert "Left out, and why" not in said


def test_a_wrong_number_by_the_callers_is_left_out(verified: District, signed_in: SignIn) -> None:
    ContactAttempt.objects.create(
        student_id=MATEO,
        by=User.objects.get(full_name="Paula Lane"),
        at=NOW,
        on=NOW.date(),
        logged_at=NOW,
        mode="phone",
        result="wrong_number",
        phone="+1 203 555 0102",
        phone_key="2035550102",
    )
    client = signed_in("Paula")
    assert "1 person A caller learned that the number is wrong." in text_of(client.get(PAGE))
    assert [row["HomePhone"] for row in fetch(client, take(client)["Location"])] == ["2035550103"]


def test_a_layout_that_cannot_be_used_is_told_and_today_stays(
    own_home: Path, verified: District, signed_in: SignIn, settings: object
) -> None:
    settings.HOME = own_home  # type: ignore[attr-defined]
    (own_home / "call_systems").mkdir()
    text = (SHIPPED / "parentlink.yaml").read_text("utf-8").replace('"{number}"', '"{level}"')
    (own_home / "call_systems" / "parentlink.yaml").write_text(text, encoding="utf-8")
    client = signed_in("Paula")
    assert PAGE in client.get("/today/?view=call").content.decode()
    said = text_of(client.get(PAGE))
    assert "Its layout cannot be used, so there is no list." in said
    assert "text names {level}" in said
    assert client.post(f"{PAGE}take/", {"form_key": "k" * 24}).status_code == 404


# Taking it


def test_taking_writes_what_left_about_whom_to_whom(verified: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    steps = set(CaseStep.objects.values_list("pk", "state"))
    answer = take(client)
    entry = AuditEntry.objects.get(action=TAKEN)
    assert answer["Location"] == f"{PAGE}{entry.pk}/"
    assert (entry.user.get_full_name(), entry.object_id) == ("Paula Lane", "parentlink")
    assert entry.detail["to"] == "ParentLink"
    assert (entry.detail["lines"], entry.detail["students"]) == (2, 1)
    told = AuditEntry.objects.get(action=STUDENT)
    assert (told.student_id, told.object_id) == (MATEO, str(entry.pk))
    assert told.detail == {
        "system": "parentlink",
        "to": "ParentLink",
        "fields": ["reference", "family_name", "given_names", "school", "language", "number", "day"],
        "purpose": "attendance call",
        "people": ["C2", "C3"],
    }
    assert "Written down: 2 numbers, of the families of 1 student, went to ParentLink." in text_of(
        client.get(answer["Location"])
    )
    # It is no contact, and closes nothing.
    assert set(CaseStep.objects.values_list("pk", "state")) == steps
    assert not ContactAttempt.objects.exists()


def test_the_file_holds_the_people_in_the_systems_columns_and_letters(verified: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    assert fetch(client, take(client)["Location"]) == [
        {
            "ContactType": "Other",
            "ReferenceCode": "AP-C2",
            "LastName": "Lucía Delgado",
            "FirstName": "",
            "Institution": "Linden Street School",
            "Group": "Attendance 2026-11-05",
            "Language": "Spanish",
            "HomePhone": "2035550102",
        },
        {
            "ContactType": "Other",
            "ReferenceCode": "AP-C3",
            "LastName": "Andrés Ruiz",
            "FirstName": "",
            "Institution": "Linden Street School",
            "Group": "Attendance 2026-11-05",
            "Language": "English",
            "HomePhone": "2035550103",
        },
    ]
    assert AuditEntry.objects.get(action="call_list.fetched").detail["lines"] == 2


def test_hostile_and_foreign_names_are_said_before_and_run_nothing(verified: District, signed_in: SignIn) -> None:
    Contact.objects.filter(contact_id="C2").update(full_name="علي حسن")
    Contact.objects.filter(contact_id="C3").update(full_name='=HYPERLINK("http://x")Nguyễn', language="<b>ar</b>")
    client = signed_in("Paula")
    answer = client.get(PAGE)
    assert "1 name is written without some of its marks." in text_of(answer)
    assert "1 name cannot be written in its letters and is said as “Family”." in text_of(answer)
    rows = fetch(client, take(client)["Location"])
    assert [row["LastName"] for row in rows] == ["Family", '\'=HYPERLINK("http://x")Nguyên']


def test_a_list_of_ones_own_is_found_again(verified: District, signed_in: SignIn) -> None:
    there = take(signed_in("Paula"))["Location"]
    assert f'<a href="{there}">' in signed_in("Paula").get(PAGE).content.decode()
    assert there not in signed_in("Dolores").get(PAGE).content.decode()


def test_the_students_page_and_the_call_sheet_tell_it(verified: District, signed_in: SignIn) -> None:
    take(signed_in("Paula"))
    for name in ("Paula", "Dolores"):
        said = text_of(signed_in(name).get(f"/students/{MATEO}/"))
        assert "In the list for ParentLink · 2 numbers of the family, Paula Lane" in said
    assert "ParentLink ·" not in text_of(signed_in("Bob").get(f"/students/{MATEO}/")), "a teacher reads own entries"
    told = "In the list for ParentLink of Thu 5 Nov. Whether anybody answered is not known here."
    assert told in text_of(signed_in("Paula").get(f"/calls/{MATEO}/"))
    assert told not in text_of(signed_in("Bob").get(f"/calls/{MATEO}/"))


def test_a_family_in_a_list_of_today_is_not_called_again_unless_asked(verified: District, signed_in: SignIn) -> None:
    take(signed_in("Paula"))
    client = signed_in("Dolores")
    said = text_of(client.get(f"{PAGE}?school=11"))
    assert "Nobody is left to call by this list today." in said
    assert "2 people In a list of today already. Mateo Ruiz Delgado" in said
    assert "Also families that are in a list of today already" in said
    assert "Paula Lane: 2 numbers" in said
    assert "Paula Lane" not in text_of(signed_in("Quinn").get(PAGE)).split("Left out")[0].split("Taken today")[-1]
    assert "The list holds 2 numbers" in text_of(client.get(f"{PAGE}?school=11&again=1"))


def test_brothers_at_two_schools_are_called_once_a_day(verified: District, signed_in: SignIn) -> None:
    Student.objects.filter(pk__in=[MATEO, ZOE]).update(household_id="HX")
    Contact.objects.filter(student_id=ZOE).update(phone="+1 203 555 0102", contact_id="C2")
    take(signed_in("Paula"))
    said = text_of(signed_in("Quinn").get(PAGE))
    assert "1 person In a list of today already. Zoë" in said


def test_the_file_never_holds_more_than_was_written_down(verified: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    there = take(client)["Location"]
    Contact.objects.filter(contact_id="C2").update(may_contact=False)
    assert [row["ReferenceCode"] for row in fetch(client, there)] == ["AP-C3"]
    Contact.objects.filter(contact_id="C2").update(may_contact=True)
    add_students_with_steps(2)
    CaseStep.objects.filter(kind="call").update(level="L4")
    assert [row["ReferenceCode"] for row in fetch(client, there)] == ["AP-C2", "AP-C3"]


def test_a_file_of_another_day_or_roster_is_gone(
    verified: District, signed_in: SignIn, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in("Paula")
    there = take(client)["Location"]
    today = settings.DISTRICT  # type: ignore[attr-defined]
    settings.DISTRICT = replace(today, today=today.today + timedelta(days=1))  # type: ignore[attr-defined]
    assert client.get(f"{there}list.csv").status_code == 404
    assert "The file is here no longer" in text_of(client.get(there))
    assert "The list holds 2 numbers" in text_of(client.get(PAGE)), "a new day, a new list"
    settings.DISTRICT = today  # type: ignore[attr-defined]
    assert client.get(f"{there}list.csv").status_code == 200
    monkeypatch.setattr(views, "taken_by", lambda *asked: replace(taken_by(*asked), delivery_id="0000-00000000"))
    assert client.get(f"{there}list.csv").status_code == 404


def test_a_list_of_nobody_is_not_taken(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    answer = client.post(f"{PAGE}take/", {"form_key": key_of(client, "/today/"), "level": ["L4"]})
    assert answer["Location"] == f"{PAGE}?level=L4"
    assert "Nobody is left to call by this list; nothing was taken." in text_of(client.get(answer["Location"]))
    assert not AuditEntry.objects.filter(action=TAKEN).exists()


def test_a_form_without_its_key_takes_nothing(verified: District, signed_in: SignIn) -> None:
    assert take(signed_in("Paula"), form_key="").status_code == 302
    assert not AuditEntry.objects.filter(action=TAKEN).exists()


def test_a_form_sent_twice_leads_to_the_one_list(verified: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    key = key_of(client)
    there = {client.post(f"{PAGE}take/", {"form_key": key, "level": ["L4"]})["Location"] for _ in range(2)}
    assert len(there) == 1
    assert AuditEntry.objects.filter(action=TAKEN).count() == 1


def test_the_page_speaks_spanish(verified: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    client.cookies["django_language"] = "es"
    said = text_of(client.get(PAGE))
    assert "Lista para ParentLink" in said
    assert "Take the list" not in said


# Costs

LOOK_QUERIES, TAKE_QUESTIONS = 17, 15


@pytest.mark.parametrize("students", [10, 200])
def test_the_list_asks_as_many_questions_for_any_number_of_families(
    verified: District, signed_in: SignIn, django_assert_num_queries: Callable, students: int
) -> None:
    add_students_with_steps(students)
    Contact.objects.update(has_custody=True)
    client = signed_in("Paula")
    form = {"form_key": key_of(client), "level": ["L2", "L4"]}
    with django_assert_num_queries(LOOK_QUERIES):
        client.get(f"{PAGE}?level=L2&level=L4")
    with CaptureQueriesContext(connection) as asked:
        client.post(f"{PAGE}take/", form)
    # Entries are written many in one statement; what is asked does not grow.
    questions = [one["sql"] for one in asked if one["sql"].startswith("SELECT")]
    assert len(questions) == TAKE_QUESTIONS, "\n".join(questions)
    assert AuditEntry.objects.filter(action=STUDENT).count() == students + 2
