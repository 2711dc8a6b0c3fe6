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

from allpresent.access import record
from allpresent.access.revocations import last_line_at, lines_of, merge, reapply
from allpresent.casework.models import NightlyRun
from allpresent.casework.models.runs import RunState
from allpresent.nightly.running import RESTORED

from . import database
from .archive import BackupError
from .unpacking import LIST, Ready

STAFF = "staff.csv"


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
        _settle(ready, text, now, progress)
        _say_what_is_open(ready, lists, text, progress)
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


def _settle(ready: Ready, text: str, now: datetime, progress: Callable[[str], None]) -> None:
    """Revocations again; nobody signed in; nothing that waited is done unasked a second time."""
    ended, shut_out = reapply(text, now)
    progress(f"{ended} grants ended and {shut_out} people shut out again, as the list of revocations says")
    Session.objects.all().delete()
    DBTaskResult.objects.exclude(pk__in=DBTaskResult.objects.finished().values("pk")).delete()
    waiting = NightlyRun.objects.filter(state__in=[RunState.WAITING, RunState.RUNNING])
    waiting.update(state=RunState.FAILED, message=RESTORED, finished_at=now)
    record(None, "backup_restored", at=now, object_kind="backup", object_id=ready.head.made_at)
    if connection.vendor == "postgresql":
        database.forget_mark()


def _say_what_is_open(ready: Ready, lists: Sequence[Path], text: str, progress: Callable[[str], None]) -> None:
    """Where access could come back by another way than the records: an old staff.csv, or no list at all."""
    staff = ready.home / STAFF
    newest = last_line_at(text)
    if staff.exists() and newest is not None and newest > datetime.fromisoformat(ready.head.made_at):
        os.rename(staff, staff.with_name(f"{STAFF}.restored"))
        progress(
            f"Access ended after the backup was made, so its {STAFF} is kept as {STAFF}.restored and not read; put "
            "today's in the home."
        )
    elif not _has_newer(ready, lists):
        progress(
            "No list of revocations newer than the backup came: what was taken from people since is theirs again until "
            f"today's {STAFF} is read. Name the list with --revoked."
        )


def _has_newer(ready: Ready, lists: Sequence[Path]) -> bool:
    there = [*ready.lists()[1:], *lists, *([Path(settings.REVOKED)] if settings.REVOKED else [])]
    return any(path.is_file() for path in there)


def _write(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
