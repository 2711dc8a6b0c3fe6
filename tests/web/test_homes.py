"""Where a family lives: exactly who reads it, on which days, that each look is written down, and what papers say."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from allpresent.access.models import AuditEntry
from allpresent.casework.models import HomeVisit
from allpresent.casework.queries.homes import FamilyHome, homes_of_family
from allpresent.roster.models import Contact
from tests.cast import NOW, PEOPLE, STUDENTS, District, student_id
from tests.papers import text_of
from tests.web.test_student_page import PAGE_QUERIES
from tests.web.test_visits import MATEO, planned, recorded

SignIn = Callable[[str], Client]
TOMAS = student_id("Tomas")
STREET = "12 Lantern Street"
# Teachers, stand-ins, mentors, peers, partners, executives and data stewards read no address; neither does a home
# visitor without a visit.
READERS = """
Paula   | Maya Mateo Iris Tomas
Quinn   | Zoe Dante Iris
Nadia   | Zoe Dante Iris
Felix   | Zoe
Kim     | Dante
Dolores | *
"""


def expected() -> set[tuple[str, str]]:
    cells = [[part.strip() for part in line.split("|")] for line in READERS.strip().splitlines()]
    return {
        (person, student)
        for person, students in cells
        for student in (STUDENTS if students == "*" else students.split())
    }


@pytest.fixture
def homes(desk_day: District) -> District:
    """Every student of the cast has a contact at home."""
    for name in STUDENTS:
        key = student_id(name)
        Contact.objects.get_or_create(student_id=key, contact_id=f"H{key}", full_name="Sol Home", lives_with=True)
    Contact.objects.update(address=f"{STREET}\nElm Harbor CT 06599")
    return desk_day


def reads(client: Client, address: str) -> bool:
    return STREET in client.get(address).content.decode()


def visit_of(district: District, days: int, name: str = "Grace") -> HomeVisit:
    """A visit to Mateo by a person and the principal, some days from today."""
    visit = planned(district)
    start = NOW + timedelta(days=days)
    HomeVisit.objects.filter(pk=visit.pk).update(
        visitor=district.users[name], starts_at=start, ends_at=start + timedelta(hours=1)
    )
    return visit


def test_an_address_is_read_by_exactly_those_of_the_roles_table(homes: District, signed_in: SignIn) -> None:
    found = set()
    for person in PEOPLE:
        client = signed_in(person)
        found |= {(person, name) for name in STUDENTS if reads(client, f"/students/{homes.student_ids[name]}/")}
    assert found == expected()


@pytest.mark.parametrize(("days", "is_read"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_home_visitor_reads_it_from_the_day_before_to_the_day_after(
    homes: District, signed_in: SignIn, days: int, is_read: bool
) -> None:
    visit = visit_of(homes, days)
    client = signed_in("Grace")
    for address in (f"/students/{MATEO}/", f"/visits/{visit.pk}/", f"/visits/for/{MATEO}/record/"):
        assert reads(client, address) is is_read, address
    assert reads(client, "/visits/day-sheet/") is (days == 0)


@pytest.mark.parametrize(
    ("name", "days", "is_read"),
    [("Paula", 9, True), ("Dolores", 9, True), ("Grace", 1, True), ("Grace", 2, False), ("Bob", 0, False)],
)
def test_the_households_page_tells_it_to_the_same_people_on_the_same_days(
    homes: District, signed_in: SignIn, name: str, days: int, is_read: bool
) -> None:
    visit_of(homes, days)
    # Those who see Mateo by name see Tomás too, without whom there is no such page.
    for grant in homes.users[name].grants.filter(object_kind="student", object_id=MATEO):
        grant.pk, grant.object_id = None, TOMAS
        grant.save()
    client = signed_in(name)
    assert client.get(f"/students/{MATEO}/household/").status_code == (404 if name == "Bob" else 200)
    assert reads(client, f"/students/{MATEO}/household/") is is_read
    looks = AuditEntry.objects.filter(action="household.seen", student_id=MATEO)
    assert [entry.detail for entry in looks] == [{"page_of": MATEO, "address": is_read}] * (0 if name == "Bob" else 2)


def test_a_visit_of_others_or_one_taken_back_opens_nothing(homes: District, signed_in: SignIn) -> None:
    visit = visit_of(homes, 0, "Dolores")
    client = signed_in("Grace")
    assert not reads(client, f"/students/{MATEO}/")
    assert not reads(client, f"/visits/{visit.pk}/")
    HomeVisit.objects.filter(pk=visit.pk).update(visitor=homes.users["Grace"], state="withdrawn")
    assert not reads(client, f"/students/{MATEO}/")


def test_a_visit_written_down_today_keeps_its_address_until_tomorrow(homes: District, signed_in: SignIn) -> None:
    visit = recorded(homes)
    client = signed_in("Grace")
    assert reads(client, f"/visits/{visit.pk}/")
    HomeVisit.objects.filter(pk=visit.pk).update(on=visit.on - timedelta(days=2))
    assert not reads(client, f"/visits/{visit.pk}/")


def test_each_look_is_written_down_with_whether_it_showed_an_address(homes: District, signed_in: SignIn) -> None:
    visit = visit_of(homes, 1)
    for name in ("Paula", "Grace", "Bob"):
        signed_in(name).get(f"/students/{MATEO}/")
    looks = AuditEntry.objects.filter(action="student.seen", student_id=MATEO).order_by("pk")
    assert [entry.detail["address"] for entry in looks] == [True, True, False]
    signed_in("Grace").get(f"/visits/{visit.pk}/")
    assert AuditEntry.objects.get(action="visit_form.seen").detail == {"address": True}
    recorded(homes)
    visit = HomeVisit.objects.get(outcome="completed")
    signed_in("Paula").get(f"/visits/{visit.pk}/")
    assert AuditEntry.objects.get(action="visit.seen").detail == {"field_note": True, "address": True}


def test_the_visitors_papers_say_where_and_what_becomes_of_them(homes: District, signed_in: SignIn) -> None:
    visit_of(homes, 0)
    client = signed_in("Grace")
    assert "bring it back to the office or destroy it" in client.get("/visits/day-sheet/").content.decode()
    printed = text_of(client.get("/visits/day-sheet.pdf").content)
    assert f"{STREET}, Elm Harbor CT 06599" in printed
    assert "bring it back to the office or destroy it" in printed
    assert AuditEntry.objects.filter(action="visits.day_sheet", student_id=MATEO).last().detail == {"addresses": True}
    assert STREET not in text_of(client.get(f"/visits/{HomeVisit.objects.get().pk}/card.pdf").content)


def test_a_protected_home_is_said_to_be_one(homes: District, signed_in: SignIn) -> None:
    Contact.objects.update(address="", address_protected=True)
    page = signed_in("Paula").get(f"/students/{MATEO}/").content.decode()
    assert "address protected: ask the office how to reach the family" in page


def test_lists_and_call_sheets_carry_no_address(homes: District, signed_in: SignIn) -> None:
    lists = (("Bob", "/calls/"), ("Paula", f"/calls/{MATEO}/"), ("Paula", "/visits/"), ("Paula", "/today/"))
    for name, address in lists:
        assert signed_in(name).get(address).status_code == 200
        assert not reads(signed_in(name), address), address


def test_a_home_visitors_look_asks_no_more_than_others_may(homes: District, signed_in: SignIn) -> None:
    visit_of(homes, 0)
    client = signed_in("Grace")
    client.get(f"/students/{MATEO}/")
    with CaptureQueriesContext(connection) as asked:
        assert client.get(f"/students/{MATEO}/").status_code == 200
    assert len([one for one in asked if "SAVEPOINT" not in one["sql"]]) <= PAGE_QUERIES + 1


def person(name: str, address: str, *, lives: bool | None = True, custody: bool | None = True) -> Contact:
    protected = address == "protected"
    told = {"address": "" if protected else address, "address_protected": protected}
    return Contact(full_name=name, lives_with=lives, has_custody=custody, **told)


def test_a_child_lives_where_those_live_whom_it_lives_with() -> None:
    mother, stepfather = person("Ida", "1 Ash"), person("Bo", "1 ASH", custody=False)
    father, uncle = person("Cy", "2 Oak", lives=False), person("Dan", "3 Elm", lives=None, custody=False)
    assert homes_of_family([mother, stepfather, father, uncle]) == (FamilyHome(("Ida", "Bo"), "1 Ash"),)
    assert homes_of_family([father, uncle]) == ()
    assert homes_of_family([person("Eve", "4 Fir", lives=None, custody=None)]) == (FamilyHome(("Eve",), "4 Fir"),)
    both = homes_of_family([mother, person("Cy", "2 Oak"), person("Ida", "1 Ash")])
    assert both == (FamilyHome(("Ida",), "1 Ash"), FamilyHome(("Cy",), "2 Oak"))
    assert homes_of_family([person("Ida", "protected"), person("Cy", "")]) == (FamilyHome(("Ida",), ""),)
