"""Fifty sendings of one form at one moment have one effect: calls, shared contacts, visits, steps, lists, undo."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections
from django.test import Client

from allpresent.access.models import AuditEntry
from allpresent.casework.models import CaseStep, ContactAttempt, HomeVisit
from tests.cast import District, student_id
from tests.web.rows import add_students_with_steps
from tests.web.test_calls import form
from tests.web.test_visits import filled, key_of

SignIn = Callable[[str], Client]
MATEO = student_id("Mateo")
HANDS = 50


def send_by_all(client: Client, address: str, values: dict[str, object]) -> set[int]:
    """The statuses of the same form sent by fifty hands of one person."""
    together = Barrier(HANDS)

    def send(_number: int) -> int:
        hand = Client()
        hand.cookies = client.cookies
        try:
            together.wait()
            return hand.post(address, values).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(HANDS) as pool:
        return set(pool.map(send, range(HANDS)))


def written(action: str) -> int:
    return AuditEntry.objects.filter(action=action).count()


@pytest.mark.django_db(transaction=True)
def test_calls_and_what_they_answer_for(desk_day: District, signed_in: SignIn) -> None:
    sister, brother = add_students_with_steps(2, household="H2")
    client = signed_in("Paula")
    assert send_by_all(client, f"/calls/{MATEO}/", form(client, MATEO, result="reached", also=[sister])) == {302}
    assert (ContactAttempt.objects.count(), written("contact.logged")) == (2, 2)

    lead = ContactAttempt.objects.get(lead=None)
    share = {"form_key": key_of(client, f"/calls/{brother}/")}
    assert send_by_all(client, f"/calls/{brother}/share/{lead.pk}/", share) == {302}
    assert (ContactAttempt.objects.count(), written("contact.shared")) == (3, 1)

    assert send_by_all(client, f"/calls/undo/{lead.pk}/", {}) == {302}
    assert written("contact.undone") == 3
    assert not ContactAttempt.objects.filter(undone_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_visits_and_steps_handed_on(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    plan = {"form_key": key_of(client, f"/visits/for/{MATEO}/"), "reason": "designated", "mode": "in_person"}
    assert send_by_all(client, f"/visits/for/{MATEO}/", plan) == {302}
    assert (HomeVisit.objects.count(), written("visit.proposed")) == (1, 1)

    address = f"/visits/{HomeVisit.objects.get().pk}/"
    assert send_by_all(client, address, filled(form_key=key_of(client, address))) == {302}
    assert (HomeVisit.objects.get().number, written("visit.recorded")) == (1, 1)

    address = f"/visits/for/{MATEO}/record/"
    assert send_by_all(client, address, filled(form_key=key_of(client, address))) == {302}
    assert (HomeVisit.objects.count(), written("visit.recorded")) == (2, 2)

    step = CaseStep.objects.filter(case__student_id=MATEO, state="open", kind="call").get()
    handed = {"form_key": key_of(client, "/today/"), "step": step.pk, "person": desk_day.users["Bob"].pk, "back": ""}
    assert send_by_all(client, "/today/assign/", handed) == {302}
    assert written("step.assigned") == 1


@pytest.mark.django_db(transaction=True)
def test_a_list_for_a_calling_system(desk_day: District, signed_in: SignIn) -> None:
    CaseStep.objects.filter(kind="verify").update(state="done")
    client, address = signed_in("Paula"), "/today/call-system/parentlink/"
    taken = {"form_key": key_of(client, address), "level": "L4"}
    assert send_by_all(client, f"{address}take/", taken) == {302}
    assert (written("call_list.taken"), written("call_list.taken_student")) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_two_who_take_a_list_at_one_moment_do_not_call_a_family_twice(desk_day: District, signed_in: SignIn) -> None:
    CaseStep.objects.filter(kind="verify").update(state="done")
    address, hands = "/today/call-system/parentlink/", 6
    clients = [signed_in(("Paula", "Dolores")[number % 2]) for number in range(hands)]
    forms = [{"form_key": key_of(client, address), "level": "L4", "school": "11"} for client in clients]
    together = Barrier(hands)

    def send(number: int) -> int:
        try:
            together.wait()
            return clients[number].post(f"{address}take/", forms[number]).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(hands) as pool:
        assert set(pool.map(send, range(hands))) == {302}
    assert (written("call_list.taken"), written("call_list.taken_student")) == (1, 1)
