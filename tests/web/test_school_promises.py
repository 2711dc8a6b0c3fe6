"""What a school itself promised, on the pages: its principal records and corrects it, others read it or nothing."""

import html
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from allpresent.access import issue_key
from allpresent.access.models import AuditEntry
from allpresent.casework.models import SchoolPromise
from tests.cast import HARBOR, LINDEN, PEOPLE, TODAY, District
from tests.web.test_axe import spoken_faults, watched  # noqa: F401 (fixtures)
from tests.web.test_fifty_hands import send_by_all, written
from tests.web.test_visits import key_of

SignIn = Callable[[str], Client]
LEAP, TEACHERS = "L3.leap_activated", "L3.three_teachers"
OWN = f"/accountability/?school={LINDEN}"
FORM_QUERIES = 12
NOT_SAID = re.compile("Not yet recorded(?! says)")


def place(key: str, school: str = LINDEN) -> str:
    return f"/accountability/promises/of/{school}/{key}/"


def text(client: Client, address: str) -> str:
    page = client.get(address, follow=True).content.decode()
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def filled(client: Client, key: str, **values: object) -> dict[str, object]:
    return {"form_key": key_of(client, place(key)), "since": "2026-10-05", "reference": "Letter of October"} | values


def test_a_principal_records_corrects_and_ends(desk_day: District, signed_in: SignIn) -> None:
    paula, users = signed_in("Paula"), desk_day.users
    page = text(paula, OWN)
    assert len(NOT_SAID.findall(page)) == 4
    assert "Needs 3 people: named, trained, paid" in page
    people = {"person_0": users["Alice"].pk, "trained_0": "2026-10-06", "paid_0": "2026-10-07"}
    assert paula.post(place(TEACHERS), filled(paula, TEACHERS, **people)).status_code == 302
    page = text(paula, OWN)
    assert "Begun on 5 Oct 2026 · 1 of 3 people named, 1 trained, 1 paid" in page
    assert "Recorded by Paula Lane on 5 Nov 2026 · Letter of October" in page
    assert "Alice Moreau · trained on 6 Oct 2026, paid from 7 Oct 2026" in page
    more = {"person_1": users["Bob"].pk, "trained_1": "2026-10-06", "version": 1}
    paula.post(place(TEACHERS), filled(paula, TEACHERS, **people, **more))
    assert "2 of 3 people named, 2 trained, 1 paid" in text(paula, OWN)
    assert "Bob Tanaka · trained on 6 Oct 2026, not yet paid" in text(paula, OWN)
    made = SchoolPromise.objects.get()
    ended = {"on": TODAY.isoformat(), "why": "Nobody wished to go on.", "form_key": issue_key()}
    answer = paula.post(f"/accountability/promises/{made.pk}/end/", ended, follow=True)
    assert f'action="/accountability/promises/{made.pk}/undo/"' in answer.content.decode()
    assert "Ended by Paula Lane: Nobody wished to go on." in text(paula, OWN)
    assert "Ended · 5 Oct 2026 to 5 Nov 2026" in text(paula, place(TEACHERS))
    paula.post(f"/accountability/promises/{made.pk}/undo/", {"form_key": issue_key()})
    assert "Begun on 5 Oct 2026" in text(paula, OWN)
    gone = {"why": "It was another school.", "form_key": issue_key()}
    paula.post(f"/accountability/promises/{made.pk}/withdraw/", gone)
    assert len(NOT_SAID.findall(text(paula, OWN))) == 4
    assert "Withdrawn as a mistake" in text(paula, place(TEACHERS))


def test_what_cannot_be_recorded_is_said_on_the_form(desk_day: District, signed_in: SignIn) -> None:
    paula = signed_in("Paula")
    for values, said in (
        ({"since": "soon"}, "Write the day as year-month-day"),
        ({"since": "2027-01-01"}, "Give days that have come"),
        ({"reference": ""}, "Say where it is written down."),
        ({}, "Name at least one person."),
        ({"person_0": "9999"}, "Choose people of this school from the list."),
        ({"trained_0": "2026-10-06"}, "Choose whose days these are, or leave them blank."),
    ):
        answer = paula.post(place(TEACHERS), filled(paula, TEACHERS, **values))
        assert answer.status_code == 422, values
        assert said in html.unescape(answer.content.decode())
    assert not SchoolPromise.objects.exists()


def test_the_district_reads_where_help_is_needed_by_name_of_school(desk_day: District, signed_in: SignIn) -> None:
    dolores = signed_in("Dolores")
    dolores.post(place(LEAP), filled(dolores, LEAP))
    page = text(dolores, "/accountability/")
    assert "LEAP is active at the school In place at 1 of 2 schools." in page
    assert "In place at 0 of 2 schools." in page
    assert "Harbor High School · Not yet recorded" in page
    assert len(NOT_SAID.findall(text(dolores, OWN))) == 3


def test_who_reads_and_who_records(desk_day: District, signed_in: SignIn) -> None:
    reads = {"Paula": True, "Dolores": True, "Erin": False}
    for name, records in reads.items():
        page = signed_in(name).get(OWN).content.decode()
        assert "What the school itself promised" in page
        assert (place(LEAP) in page) == records, name
    quinn = signed_in("Quinn").get(f"/accountability/?school={HARBOR}").content.decode()
    assert "What the school itself promised" in quinn
    assert place(LEAP, HARBOR) not in quinn


def test_the_sheet_and_its_acts_look_absent_to_everybody_else(desk_day: District, signed_in: SignIn) -> None:
    """URL x person: they are there for who answers for the school, and for nobody else of the cast."""
    paula = signed_in("Paula")
    paula.post(place(LEAP), filled(paula, LEAP))
    made = SchoolPromise.objects.get()
    acts = [f"/accountability/promises/{made.pk}/{act}/" for act in ("end", "withdraw", "undo")]
    assert {paula.get(address).status_code for address in acts} == {405}
    sent = {"why": "Not mine to say.", "on": TODAY.isoformat(), "form_key": issue_key()}
    answers = {
        (name, address): status
        for name in sorted(set(PEOPLE) - {"Paula", "Dolores", "Mara"})
        for other in [signed_in(name)]
        for address, status in [
            (place(LEAP), other.get(place(LEAP)).status_code),
            *((address, other.post(address, sent).status_code) for address in (place(TEACHERS), *acts)),
        ]
    }
    assert {key: status for key, status in answers.items() if status != 404} == {}
    assert SchoolPromise.objects.get().state == "recorded"


def test_another_school_and_another_promise_are_absent(desk_day: District, signed_in: SignIn) -> None:
    paula = signed_in("Paula")
    for address in (place(LEAP, HARBOR), place(LEAP, "99"), place("L3.success_plan"), place("L9.none")):
        assert paula.get(address).status_code == 404
    assert paula.post("/accountability/promises/99/end/", {"form_key": issue_key()}).status_code == 404


def test_my_school_leads_to_what_the_school_itself_promised(desk_day: District, signed_in: SignIn) -> None:
    paula = signed_in("Paula")
    paula.post(place(LEAP), filled(paula, LEAP))
    page = paula.get("/school/", follow=True).content.decode()
    assert f'<a href="{OWN}#promised">What the school itself promised: 1 of 4 in place.</a>' in page
    assert "itself promised" not in signed_in("Dolores").get("/school/all/", follow=True).content.decode()


def test_a_district_whose_protocol_promises_nothing_of_schools_says_so(
    desk_day: District, signed_in: SignIn, settings: Any
) -> None:
    settings.DISTRICT = replace(settings.DISTRICT, protocol="attendance_works")
    for address in (OWN, "/accountability/"):
        assert "The protocol names nothing that a school itself promises." in text(signed_in("Dolores"), address)


def test_what_an_earlier_protocol_named_is_still_told(desk_day: District, signed_in: SignIn, settings: Any) -> None:
    paula = signed_in("Paula")
    paula.post(place(LEAP), filled(paula, LEAP))
    settings.DISTRICT = replace(settings.DISTRICT, protocol="attendance_works")
    assert "LEAP is active at the school (from an earlier protocol) In place since 5 Oct 2026" in text(paula, OWN)


def test_the_sheet_asks_a_stated_number_of_times(
    desk_day: District, signed_in: SignIn, django_assert_num_queries: Callable
) -> None:
    paula = signed_in("Paula")
    for names in ((), ("Alice", "Bob", "Nadia", "Sam", "Hugo")):
        people = {f"person_{row}": desk_day.users[name].pk for row, name in enumerate(names)}
        paula.post(place(TEACHERS), filled(paula, TEACHERS, **people))
        paula.get(OWN)  # where it is said what was done
        with django_assert_num_queries(FORM_QUERIES):
            assert paula.get(place(TEACHERS)).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_fifty_sendings_have_one_effect(desk_day: District, signed_in: SignIn) -> None:
    paula = signed_in("Paula")
    people = {"person_0": desk_day.users["Alice"].pk}
    assert send_by_all(paula, place(TEACHERS), filled(paula, TEACHERS, **people)) == {302}
    assert (SchoolPromise.objects.count(), written("promise.recorded")) == (1, 1)
    changed = filled(paula, TEACHERS, **people, version=1, reference="Letter of November")
    assert send_by_all(paula, place(TEACHERS), changed) == {302}
    assert written("promise.corrected") == 1
    own = f"/accountability/promises/{SchoolPromise.objects.get().pk}/"
    ended = {"on": TODAY.isoformat(), "why": "It is over.", "form_key": issue_key()}
    assert send_by_all(paula, f"{own}end/", ended) == {302}
    assert send_by_all(paula, f"{own}undo/", {"form_key": issue_key()}) == {302}
    assert (written("promise.ended"), written("promise.undone")) == (1, 1)
    assert AuditEntry.objects.filter(object_kind="school_promise", object_id=own.split("/")[3]).count() == 4


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["en", "es"])
def test_pages_of_promises_are_accessible_and_fit_a_narrow_phone(
    desk_day: District,
    signed_in: SignIn,
    live_server: Any,
    watched: Any,  # noqa: F811
    enter: Callable[..., None],
    language: str,
) -> None:
    paula = signed_in("Paula")
    people = {"person_0": desk_day.users["Alice"].pk, "trained_0": "2026-10-06"}
    paula.post(place(TEACHERS), filled(paula, TEACHERS, **people))
    found = {}
    for name, address in (
        ("Paula", OWN),
        ("Paula", place(TEACHERS)),
        ("Paula", place(LEAP)),
        ("Dolores", "/accountability/"),
    ):
        enter(watched, desk_day.users[name])
        watched.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
        watched.goto(live_server.url + address)
        watched.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true; })")
        found[name + address] = spoken_faults(watched, language)
    assert {address: wrong for address, wrong in found.items() if wrong} == {}
