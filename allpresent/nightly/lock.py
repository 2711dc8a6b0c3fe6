"""One night's work at a time in a home, also when a page asks for a part of it."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from .errors import UnderWayError

_POLL = 0.2  # seconds


@contextmanager
def only_one(home: Path, name: str, doing: str, now: datetime, wait_seconds: float = 0) -> Iterator[None]:
    """Hold the home's lock of that name. The system lets go of it when the process ends, however it ends.

    Raises UnderWayError, naming what is under way, when it is still held after `wait_seconds`.
    """
    home.mkdir(parents=True, exist_ok=True)
    # Kept open as long as it is held; never removed, for a removed file could be locked twice.
    with (home / f"{name}.lock").open("a+", encoding="utf-8") as file:
        if not _take(file, wait_seconds):
            raise UnderWayError(_busy(file, doing))
        file.seek(0)
        file.truncate()
        json.dump({"doing": doing, "since": now.isoformat(), "process": os.getpid()}, file)
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def _take(file: IO[str], wait_seconds: float) -> bool:
    until = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(_POLL)
        else:
            return True


def _busy(file: IO[str], doing: str) -> str:
    file.seek(0)
    try:
        held = json.loads(file.read())
        what = f"{held['doing']} has been under way since {held['since']} (process {held['process']})"
    except (ValueError, KeyError):
        what = "other work on this home is under way"
    return f"{doing} has to wait: {what}; try again when it is done."
