"""PostgreSQL that keeps a page waiting: a lock, a slow answer, a deadlock. Of what was sent all is saved or nothing."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection, connections, transaction
from django.test import Client

from allpresent.access import issue_key, record
from allpresent.access.models import AuditEntry, FormKey
from allpresent.casework.models import Note
from tests.cast import NOW, District, student_id

SignIn = Callable[[str], Client]
MATEO = student_id("Mateo")
PAGE = f"/students/{MATEO}/"
AWAY = "The records cannot be reached just now"
SECONDS = 2.0
BUSY = 0.5
UNLIMITED = ("0", "1min")
"""The time of a statement, and of waiting for a lock, that tests/settings and tools/with_postgres name."""
TRIES = 3  # the machine has other work, and a moment of it is no fault of ours
pytestmark = [
    pytest.mark.skipif(os.environ.get("ALLPRESENT_TEST_DATABASE") != "postgresql", reason="PostgreSQL's own waiting"),
    pytest.mark.django_db(transaction=True),
]


@contextmanager
def locked(table: str, mode: str = "ACCESS EXCLUSIVE") -> Iterator[None]:
    """Another connection holds the table."""
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute(f"BEGIN; LOCK TABLE {table} IN {mode} MODE")
        yield
    finally:
        other.close()


@pytest.fixture(autouse=True)
def look_seconds(settings: Any) -> None:
    """As a district's server waits; the other tests of pages are patient with a busy machine."""
    settings.LOOK_SECONDS = 1.5


def quiet(client: Client) -> Client:
    """Errors stay on the server, as they do for a person."""
    client.raise_request_exception = False
    return client


def quickest(client: Client) -> tuple[Any, float]:
    """A look at the page that was in time, or the last of a few, and its seconds."""
    for _ in range(TRIES):
        began = time.monotonic()
        answer = client.get(PAGE)
        took = time.monotonic() - began
        if took < SECONDS + BUSY:
            break
    return answer, took


def limits() -> tuple[str, str]:
    """What the connection of the tests is told now: the time of a statement, and of waiting for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout'), current_setting('lock_timeout')")
        return cursor.fetchone()


def test_a_look_behind_a_lock_says_so_in_time_and_leaves_no_limit(desk_day: District, signed_in: SignIn) -> None:
    client = quiet(signed_in("Paula"))
    assert client.get(PAGE).status_code == 200
    assert limits() == UNLIMITED
    with locked(AuditEntry._meta.db_table):
        answer, took = quickest(client)
    text = answer.content.decode()
    assert (answer.status_code, AWAY in text, "nothing rather than something old" in text) == (503, True, True)
    assert "sent just now" not in text
    assert took < SECONDS + BUSY
    assert limits() == UNLIMITED
    assert client.get(PAGE).status_code == 200


def slow_records(get_response: Callable[..., object]) -> Callable[..., object]:
    """Middleware: every statement of the view takes 0.6 seconds more."""

    def slowly(execute: Callable[..., object], *statement: object) -> object:
        with connection.wrap_database_errors, connection.connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.6)")
        return execute(*statement)

    def handle(request: object) -> object:
        with connection.execute_wrapper(slowly):
            return get_response(request)

    return handle


def test_a_look_that_waits_again_and_again_is_ended_in_time(
    desk_day: District, signed_in: SignIn, settings: Any
) -> None:
    """Each statement is quicker than the limit; together they are not."""
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.slow_records"]
    client = quiet(signed_in("Paula"))
    answer, took = quickest(client)
    assert answer.status_code == 503
    assert took < SECONDS + BUSY
    assert limits() == UNLIMITED


def test_what_is_sent_waits_longer_and_is_saved_whole_or_not_at_all(desk_day: District, signed_in: SignIn) -> None:
    client = quiet(signed_in("Paula"))
    sent = {"form_key": issue_key(), "text": "The aunt drives on Mondays."}
    with ThreadPoolExecutor(1) as pool, locked(AuditEntry._meta.db_table):
        saved = pool.submit(send, client, sent)
        time.sleep(settings.LOOK_SECONDS + 0.3)
        assert not saved.done()
    assert saved.result().status_code == 302
    assert (Note.objects.count(), AuditEntry.objects.filter(action="note.added").count()) == (1, 1)

    seen = AuditEntry.objects.count()
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '300ms'")  # so that the test need not wait long
    sent = {"form_key": issue_key(), "text": "The bus does not wait."}
    with locked(AuditEntry._meta.db_table):
        answer = client.post(f"{PAGE}note/", sent)
    connection.close()
    assert answer.status_code == 503
    assert "Of what you sent just now nothing was saved" in answer.content.decode()
    assert (Note.objects.count(), AuditEntry.objects.count()) == (1, seen)
    assert not FormKey.objects.filter(key=sent["form_key"]).exists()
    assert client.post(f"{PAGE}note/", sent).status_code == 302
    assert Note.objects.count() == 2


def send(client: Client, values: dict[str, str]) -> object:
    """Send a note over a connection of its own."""
    try:
        return client.post(f"{PAGE}note/", values)
    finally:
        connections.close_all()


@pytest.mark.parametrize("meetings", [1, 2])
def test_of_two_in_a_deadlock_one_is_done_again_once(
    desk_day: District, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch, meetings: int
) -> None:
    """A writer beside the pages holds what the note needs next, and wants what the note holds."""
    client = quiet(signed_in("Paula"))
    met = threading.Barrier(2)
    left = [meetings]

    def then_meet(*arguments: object, **named: object) -> None:
        record(*arguments, **named)  # type: ignore[arg-type]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(1)")
            if left[0]:
                left[0] -= 1
                met.wait(60)
                # The page looks for a deadlock first, so that it is the page that is told.
                cursor.execute("SET LOCAL deadlock_timeout = '100ms'")
                cursor.execute("SELECT pg_advisory_xact_lock(2)")

    def other_writer() -> None:
        try:
            for _ in range(meetings):
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_xact_lock(2)")
                    met.wait(60)
                    cursor.execute("SET LOCAL deadlock_timeout = '60s'")
                    cursor.execute("SELECT pg_advisory_xact_lock(1)")
                    record(None, "fault.write", at=NOW, object_id="other")
        finally:
            connections.close_all()

    monkeypatch.setattr("allpresent.casework.notes.record", then_meet)
    sent = {"form_key": issue_key(), "text": "The aunt drives on Mondays."}
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(other_writer)
        answer = client.post(f"{PAGE}note/", sent)
        other.result(60)
    done = meetings == 1
    assert answer.status_code == (302 if done else 503)
    assert done or "nothing was saved" in answer.content.decode()
    assert Note.objects.count() == AuditEntry.objects.filter(action="note.added").count() == done
    assert FormKey.objects.filter(key=sent["form_key"]).count() == done
    assert AuditEntry.objects.filter(action="fault.write").count() == meetings


def test_a_connection_that_died_is_replaced_unseen(desk_day: District, signed_in: SignIn) -> None:
    client = signed_in("Paula")
    assert client.get(PAGE).status_code == 200
    for ask in (lambda: client.get(PAGE), lambda: client.post(f"{PAGE}note/", {"form_key": issue_key(), "text": "A"})):
        gone = connection.connection.info.backend_pid
        other = connections.create_connection("default")
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [gone])
        other.close()
        assert ask().status_code in (200, 302)
        assert connection.connection.info.backend_pid != gone


def test_a_new_connection_waits_for_a_lock_no_longer_than_told() -> None:
    with locked(Note._meta.db_table), connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '50ms'")
        with pytest.raises(OperationalError, match="lock timeout"):
            Note.objects.count()
    connection.close()
    assert limits() == UNLIMITED
