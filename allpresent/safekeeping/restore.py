"""The records of a backup into their database, what was revoked since taken away again, and the home in its place."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection, connections
from django_tasks_db.models import DBTaskResult

from allpresent.access.revocations import lines_of, merge, reapply
from allpresent.casework.models import NightlyRun
from allpresent.casework.models.runs import RunState
from allpresent.nightly.running import RESTORED

from . import database
from .archive import BackupError
from .unpacking import LIST, Ready


def finish_restore(ready: Ready, lists: Sequence[Path], now: datetime, progress: Callable[[str], None]) -> None:
    """Make an unpacked backup the home. ``lists`` are lists of revocations newer than the backup.

    Stopped anywhere, it leaves no home, and the same restore again does the rest. Raises BackupError.
    """
    try:
        if connection.vendor != ready.head.database:
            raise BackupError(
                f"The backup holds a {ready.head.database} database and DATABASE_URL names {connection.vendor}; "
                "restore into the same kind."
            )
        database.refuse_other_program(ready.head.migrations)
        progress("putting the records back")
        _load(ready)
        text = merge(lines_of([*ready.lists(), *lists, *([Path(settings.REVOKED)] if settings.REVOKED else [])]))
        _write(ready.home / LIST, text)
        _settle(text, now, progress, has_newer=_has_newer(ready, lists))
        connections.close_all()
    except BaseException:
        connections.close_all()
        shutil.rmtree(ready.folder, ignore_errors=True)
        raise
    ready.swap()


def _load(ready: Ready) -> None:
    if connection.vendor == "sqlite":
        os.rename(ready.database / database.SQLITE, str(connection.settings_dict["NAME"]))
    else:
        said = json.dumps(asdict(ready.head), sort_keys=True)
        database.load_postgresql(ready.database, ready.head.tables, hashlib.sha256(said.encode()).hexdigest())
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)


def _settle(text: str, now: datetime, progress: Callable[[str], None], *, has_newer: bool) -> None:
    """Revocations again; nobody signed in; nothing that waited is done unasked a second time."""
    ended, shut_out = reapply(text, now)
    progress(f"{ended} grants ended and {shut_out} people shut out again, as the list of revocations says")
    if not has_newer:
        progress(
            "No list of revocations newer than the backup came: what was taken from people since is theirs again until "
            "staff.csv is read. Name the list with --revoked."
        )
    Session.objects.all().delete()
    DBTaskResult.objects.exclude(pk__in=DBTaskResult.objects.finished().values("pk")).delete()
    waiting = NightlyRun.objects.filter(state__in=[RunState.WAITING, RunState.RUNNING])
    waiting.update(state=RunState.FAILED, message=RESTORED, finished_at=now)
    if connection.vendor == "postgresql":
        database.forget_mark()


def _has_newer(ready: Ready, lists: Sequence[Path]) -> bool:
    there = [*ready.lists()[1:], *lists, *([Path(settings.REVOKED)] if settings.REVOKED else [])]
    return any(path.is_file() for path in there)


def _write(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
