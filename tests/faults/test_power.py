"""A database that does not keep what it acknowledges is refused before anything is served."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from django.db import OperationalError

from allpresent.access import startup


def server(**off: str) -> SimpleNamespace:
    """A PostgreSQL server with everything on but what is named."""
    asked = ""

    def execute(statement: str) -> None:
        nonlocal asked
        asked = statement.removeprefix("SHOW ")

    @contextmanager
    def cursor() -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(execute=execute, fetchone=lambda: (off.get(asked, "on"),))

    return SimpleNamespace(vendor="postgresql", cursor=cursor)


@pytest.mark.parametrize("name", ["fsync", "full_page_writes"])
def test_a_server_that_could_lose_what_was_saved_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup, "connection", server(**{name: "off"}))
    assert startup.database_faults() == [f"PostgreSQL runs with {name} off and could lose saved records: switch it on."]


def test_a_server_that_keeps_what_was_saved_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup, "connection", server())
    assert startup.database_faults() == []


def test_a_server_out_of_reach_is_left_to_the_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(startup, "connection", SimpleNamespace(vendor="postgresql", cursor=away))
    assert startup.database_faults() == []
