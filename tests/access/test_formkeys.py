"""One-time keys: a form has one effect, however often and by however many hands it is sent."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from allpresent.access import issue_key, once, record
from allpresent.access.models import AccessError, AuditEntry, FormKey, User
from tests import factories
from tests.cast import NOW

HANDS = 50


def send(user: User, key: str, purpose: str = "log_contact", where: str = "/students/1/") -> str:
    def work() -> str:
        record(user, "contact_logged", at=NOW)
        return f"{where}?entry={AuditEntry.objects.latest('pk').pk}"

    return once(key, user, purpose, work, at=NOW)


@pytest.mark.django_db(transaction=True)
def test_fifty_hands_at_once_have_one_effect_and_all_get_its_address() -> None:
    user = factories.make_user()
    for _round in range(2):
        before = AuditEntry.objects.count()
        key, together = issue_key(), Barrier(HANDS)

        def hand(_number: int, key: str = key, together: Barrier = together) -> str:
            try:
                together.wait()
                return send(user, key)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(HANDS) as pool:
            addresses = set(pool.map(hand, range(HANDS)))
        assert AuditEntry.objects.count() == before + 1
        assert len(addresses) == 1
        assert FormKey.objects.get(key=key).result_url in addresses


@pytest.mark.django_db
def test_sending_again_later_gives_the_first_address() -> None:
    user, key = factories.make_user(), issue_key()
    assert send(user, key, where="/first/") == send(user, key, where="/second/")
    assert AuditEntry.objects.count() == 1


@pytest.mark.django_db
def test_work_that_fails_uses_up_nothing() -> None:
    user, key = factories.make_user(), issue_key()

    def fail() -> str:
        record(user, "contact_logged", at=NOW)
        raise AccessError("A result has to be chosen.")

    with pytest.raises(AccessError, match="A result has to be chosen"):
        once(key, user, "log_contact", fail, at=NOW)
    assert not AuditEntry.objects.exists()
    assert send(user, key).startswith("/students/1/")


@pytest.mark.django_db
def test_keys_of_another_person_or_form_are_refused() -> None:
    user, other, key = factories.make_user(), factories.make_user(), issue_key()
    send(user, key)
    for who, purpose in ((other, "log_contact"), (user, "close_step")):
        with pytest.raises(AccessError, match="another page"):
            send(who, key, purpose)
    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize("key", ["", "short", "x" * 65])
@pytest.mark.django_db
def test_forms_without_a_key_are_refused(key: str) -> None:
    with pytest.raises(AccessError, match="one-time key"):
        send(factories.make_user(), key)


def test_keys_differ() -> None:
    assert len({issue_key() for _ in range(1000)}) == 1000
