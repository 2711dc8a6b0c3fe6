"""How long a request waits for the records: a look briefly, what somebody sends as long as the settings say.

PostgreSQL itself ends a look's statement that takes too long, whether it computes or stands behind a lock. A server
that answers nothing at all, as one that lost its disk or its network, is left by the client a little later.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection

SLOW = 0.25  # seconds; a quicker statement takes nothing from what a look may wait, and each may take so long
SILENCE = 0.4  # seconds the server is given to say by itself that time is up


class Fate:
    """What became of a request's writing: `may_be_saved` once the records were told to save something.

    An error before that leaves nothing behind; one after it leaves open whether it was saved.
    """

    may_be_saved = False

    @contextmanager
    def watched(self) -> Iterator[None]:
        commit = connection.commit

        def told_to_save() -> None:
            self.may_be_saved = True
            commit()

        connection.commit = told_to_save  # type: ignore[method-assign]
        try:
            with connection.execute_wrapper(self._see):
                yield
        finally:
            del connection.commit

    def _see(self, execute: Callable[..., Any], sql: str, *values: Any) -> Any:
        # Outside of a transaction a statement is saved by itself.
        self.may_be_saved |= not (connection.in_atomic_block or sql.startswith(("SELECT", "BEGIN")))
        return execute(sql, *values)


@contextmanager
def waiting(is_look: bool) -> Iterator[Fate]:
    """Bound what is waited for the records in a request. Raises OperationalError when they cannot be reached."""
    fate = Fate()
    limits = _limits_of_sqlite if connection.vendor == "sqlite" else _limits_of_postgresql
    with limits(is_look), fate.watched():
        yield fate


@contextmanager
def _limits_of_sqlite(is_look: bool) -> Iterator[None]:
    def wait(seconds: float) -> None:
        connection.ensure_connection()
        connection.connection.execute(f"PRAGMA busy_timeout = {round(1_000 * seconds)}")

    if is_look:
        wait(settings.LOOK_SECONDS)
    try:
        yield
    finally:
        if is_look and connection.connection is not None:
            wait(settings.SEND_SECONDS)


@contextmanager
def _limits_of_postgresql(is_look: bool) -> Iterator[None]:
    patience = Patience(settings.LOOK_SECONDS if is_look else None)
    patience.begin()
    try:
        with connection.execute_wrapper(patience):
            yield
    finally:
        patience.end()


class Patience:
    """What a request may still wait for PostgreSQL; `left` are seconds of a look, None for what somebody sends."""

    def __init__(self, left: float | None) -> None:
        self.left = left

    def begin(self) -> None:
        """Reach the server, over a new connection where the kept one has died since, and tell it the limit."""
        began = time.monotonic()
        is_kept = connection.connection is not None
        connection.ensure_connection()
        try:
            self._tell()
        except (OperationalError, InterfaceError):
            connection.close()
            if not is_kept or time.monotonic() - began > SLOW:
                raise
            connection.ensure_connection()
            self._tell()
        connection.health_check_done = True  # type: ignore[attr-defined]  # it has just answered
        if self.left is None:
            _wait_for_words(settings.SEND_SECONDS)

    def end(self) -> None:
        """Leave the connection as it was, or none where something went wrong on it."""
        if connection.errors_occurred and not connection.in_atomic_block:
            connection.close()
        if connection.connection is None:
            return
        with suppress(DatabaseError, InterfaceError):  # in a transaction that failed, whose end takes the limit back
            _say("RESET statement_timeout")
        vars(connection.connection).pop("wait", None)

    def __call__(self, execute: Callable[..., Any], *statement: Any) -> Any:
        """Run a statement, as a wrapper of Django's. What a look was kept waiting is taken from what it has left."""
        began = time.monotonic()
        done = execute(*statement)
        took = time.monotonic() - began
        if self.left is not None and took > SLOW:
            self.left = max(self.left - took, SLOW)
            self._tell()
        return done

    def _tell(self) -> None:
        _wait_for_words(settings.LOOK_SECONDS if self.left is None else self.left)
        _say("SELECT 1" if self.left is None else f"SET statement_timeout = {round(1_000 * self.left)}")


def _say(words: str) -> None:
    """To the server, past Django's count of a page's queries."""
    with connection.wrap_database_errors:
        connection.connection.execute(words)


def _wait_for_words(seconds: float) -> None:
    """Bound what psycopg waits for any one answer, of a commit too; unless told otherwise it waits for ever."""
    kept = connection.connection
    kept.wait = partial(type(kept).wait, kept, timeout=seconds + SILENCE)
