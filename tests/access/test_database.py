import os

import pytest
from django.conf import settings
from django.db import connection


def test_database_is_the_one_asked_for() -> None:
    """A run meant for PostgreSQL that tests SQLite instead would pass, and prove nothing."""
    assert connection.vendor == os.environ.get("ALLPRESENT_TEST_DATABASE", "sqlite")


@pytest.mark.django_db(transaction=True)
def test_sqlite_writes_ahead_and_locks_at_once() -> None:
    """The settings with which fifty writers lose nothing; a district's own server syncs more often (2) than tests."""
    if connection.vendor != "sqlite":
        pytest.skip("settings of SQLite")
    with connection.cursor() as cursor:
        found = [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    assert (found, connection.transaction_mode, connection.settings_dict["OPTIONS"]["timeout"]) == (
        ["wal", 1],
        "IMMEDIATE",
        settings.SEND_SECONDS,
    )
