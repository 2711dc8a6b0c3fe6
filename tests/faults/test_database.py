"""The records locked, stopped or broken: a page in plain words within two seconds, and nothing that may be wrong."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.db.models import Model
from django.test import Client

from allpresent.access import issue_key
from allpresent.access.models import AuditEntry
from allpresent.casework.models import Note
from allpresent.nightly import worker
from tests import cast
from tests.faults.counts import share
from tests.functional.killing import ROOT

Says = Callable[[int, str], None]
SECONDS = 2.0
BUSY = 0.5
MOST_LATE = 2
"""Looks that may be late: the machine has other work, and a moment of it is no fault of ours."""
WORDS = ("The records cannot be reached just now", "En este momento no se puede acceder a los registros")
# Pages that name a child.
MAYA = f"/students/{cast.student_id('Maya')}/"
SENSITIVE = (MAYA, f"{MAYA}days/", f"/calls/{cast.student_id('Maya')}/")
only_sqlite = pytest.mark.skipif(
    os.environ.get("ALLPRESENT_TEST_DATABASE") == "postgresql", reason="locks the file of SQLite"
)


def look(client: Client, path: str) -> tuple[int, str, float]:
    """Status, text and seconds of a page; an error stays on the server, as it does for a person."""
    client.raise_request_exception = False
    began = time.monotonic()
    response = client.get(path, follow=False)
    return response.status_code, response.content.decode(), time.monotonic() - began


def is_plain(text: str) -> bool:
    return all(words in text for words in WORDS) and "Traceback" not in text and "Okafor" not in text


@only_sqlite
@pytest.mark.django_db(transaction=True)
def test_sqlite_locked_gives_a_sentence_in_time(signed_in: Callable[[str], Client], survived: Says) -> None:
    client = signed_in("Alice")
    path = MAYA
    assert look(client, path)[0] == 200
    seen = AuditEntry.objects.count()
    other = sqlite3.connect(settings.DATABASES["default"]["NAME"], isolation_level=None)
    rounds, took = share(20, 1) + MOST_LATE, []
    for _ in range(rounds):
        other.execute("BEGIN EXCLUSIVE")
        status, text, seconds = look(client, path)
        other.execute("ROLLBACK")
        assert status == 503
        assert is_plain(text)
        took.append(seconds)
        assert look(client, path)[0] == 200
    other.close()
    assert sorted(took)[-1 - MOST_LATE] < SECONDS + BUSY
    assert AuditEntry.objects.count() >= seen + rounds
    survived(rounds, "looks at a locked SQLite: 503 in plain words in time, then the page again")


@pytest.mark.django_db(transaction=True)
def test_without_the_audit_no_page_with_children(signed_in: Callable[[str], Client], survived: Says) -> None:
    """The table of audit entries cannot be written: nothing is shown that would have to stand in it."""
    client, paths = signed_in("Alice"), SENSITIVE
    assert [look(client, path)[0] for path in paths] == [200] * len(paths)
    with connection.execute_wrapper(partial(_refuse, AuditEntry._meta.db_table)):
        for path in paths:
            status, text, _ = look(client, path)
            assert status == 503, (path, status)
            assert "Okafor" not in text
    survived(len(paths), "pages with children's names while the audit is broken: 0 shown")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("broken", "words", "kept"),
    [(AuditEntry, "nothing was saved", 0), (Session, "may or may not be saved", 1)],
)
def test_what_became_of_a_sending_is_told_truthfully(
    signed_in: Callable[[str], Client], broken: type[Model], words: str, kept: int
) -> None:
    """The records break before a note is saved, or after: its sender is not told that it may be sent once more."""
    client = signed_in("Alice")
    client.raise_request_exception = False
    with connection.execute_wrapper(partial(_refuse, broken._meta.db_table)):
        answer = client.post(f"{MAYA}note/", {"form_key": issue_key(), "text": "The aunt drives on Mondays."})
    assert (answer.status_code, words in answer.content.decode()) == (503, True)
    assert Note.objects.count() == AuditEntry.objects.filter(action="note.added").count() == kept


def _refuse(
    table: str, execute: Callable[..., object], sql: str, params: object, many: bool, context: object
) -> object:
    if sql.startswith((f'INSERT INTO "{table}"', f'UPDATE "{table}"')):
        raise OperationalError(f"the table {table} is damaged")
    return execute(sql, params, many, context)


@pytest.mark.django_db
def test_an_error_of_ours_is_not_called_the_records(
    signed_in: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> object:
        raise ValueError("ours")

    monkeypatch.setattr("allpresent.web.views.student.render", broken)
    status, text, _ = look(signed_in("Alice"), MAYA)
    assert status == 500
    assert "Something stopped on our side" in text
    assert WORDS[0] not in text


def test_the_worker_waits_for_the_records(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, db: None) -> None:
    """A database that went away is asked again until it is back; the worker does not end."""
    looks, waits, said = [], [], []

    def look_once(*_arguments: object) -> None:
        looks.append(1)
        if len(looks) < 4:
            raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(worker, "_one_look", look_once)
    monkeypatch.setattr(worker.time, "sleep", waits.append)
    worker.run_worker(progress=said.append, home=tmp_path, is_needed=lambda: len(looks) < 4)
    assert len(looks) == 4
    assert waits.count(worker.AGAIN_SECONDS) == 3
    assert said[0].startswith("The records cannot be reached (server closed")


def test_postgresql_stopped_in_the_middle(tmp_path: Path, survived: Says) -> None:
    """A server of its own is stopped at once, as by a power cut: between writes, and while people write; or held."""
    between, writing, still = share(200, 1), share(60, 1), share(10, 1)
    script = Path(__file__).with_name("stopped_postgres.py")
    environment = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "ALLPRESENT_HOME")}
    environment |= {"PYTHONPATH": str(ROOT), "ALLPRESENT_TEST_DATABASE": "postgresql"}
    command = [sys.executable, str(script), str(tmp_path), str(between), str(writing), str(still)]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=3_600)
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["slowest"] < SECONDS + BUSY
    in_time = f"503 in plain words within {told['slowest']:.2f} s"
    survived(between, f"stops of PostgreSQL between writes: {in_time}, {told['written']:,} writes kept, 0 lost")
    sent = f"{told['acknowledged']:,} sendings told as saved are there, {told['refused']} told as not saved are not, "
    sent += f"{told['unsure']} told as unsure are there whole or not at all"
    survived(writing, f"stops of PostgreSQL while four people write: {sent}")
    survived(2 * still, "looks at a PostgreSQL that holds its connections and answers nothing: 503 in time")
