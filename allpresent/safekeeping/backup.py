"""A backup: ledger, deliveries, settings, reports and records as of one moment, in one file."""

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

import allpresent
from allpresent.access.revocations import NAME as REVOKED
from allpresent.intake import only_posting
from allpresent.measures import MeasureError, open_facts
from allpresent.nightly.lock import only_one
from allpresent.nightly.running import LOCK
from allpresent.policy import load_district

from . import database
from .archive import DATABASE, HOME, BackupError, Head, written

WAIT_SECONDS = 1800  # a night at a district's size takes a few minutes
# What a home has besides: files made again at each start, files on their way in or out, and the key of the sessions.
_LEFT_OUT = {"static", "drop", "mail", "secret-key"}
_COPY = ".backup"


def make_backup(
    home: Path, out: Path, now: datetime, progress: Callable[[str], None], wait_seconds: float = WAIT_SECONDS
) -> Path:
    """Write the backup, and return where. A folder as ``out`` gets a file named by the moment.

    Waits for a night that is under way; while it is written nothing is posted, and people go on working. Raises
    BackupError, NightlyError, IntakeError, SealError.
    """
    out = _named(home, out, now)
    with only_one(home, LOCK, "The backup", now, wait_seconds), only_posting(home):
        copy = home / _COPY
        shutil.rmtree(copy, ignore_errors=True)  # of one that was stopped
        copy.mkdir(mode=0o700)
        try:
            progress("copying the records")
            head = _save_records(home, copy, now)
            progress("writing the backup")
            with written(out, head, home) as writer:
                for path in sorted(copy.iterdir()):
                    writer.add(f"{DATABASE}/{path.name}", path)
                for path in kept_files(home):
                    writer.add(f"{HOME}/{path.relative_to(home).as_posix()}", path)
                apart = Path(settings.REVOKED) if settings.REVOKED else None
                if apart is not None and apart.is_file() and f"{HOME}/{REVOKED}" not in writer.files:
                    writer.put(f"{HOME}/{REVOKED}", apart.read_bytes())
                shutil.rmtree(copy)  # before the file has its name: nobody asks again for one that stands
        finally:
            shutil.rmtree(copy, ignore_errors=True)
    return out


def _named(home: Path, out: Path, now: datetime) -> Path:
    if out.is_dir():
        out = out / f"allpresent-{now:%Y%m%dT%H%M%SZ}.backup"
    elif not out.suffix and not out.exists():
        # A disk that is not there must not become a file of its name, which every later night would stumble over.
        raise BackupError(f"There is no folder {out}; make it, or give the file a name that ends in .backup.")
    if not out.parent.is_dir():
        raise BackupError(f"There is no folder {out.parent}; make it, or name another file.")
    if out.resolve().is_relative_to(home.resolve()):
        raise BackupError(f"{out} lies in the home it is to save; name a file outside, best on another machine's disk.")
    if out.exists():
        raise BackupError(f"{out} exists already; name another file.")
    return out


def _save_records(home: Path, copy: Path, now: datetime) -> Head:
    """The database in a private folder of the home, and what is said of the backup."""
    try:
        delivery_id = open_facts(home).delivery_id
    except MeasureError:
        delivery_id = ""  # a home before its first delivery
    made_at, program = now.isoformat(), allpresent.__version__
    if connection.vendor == "sqlite":
        database.save_sqlite(copy / database.SQLITE)
        return Head(made_at, program, "sqlite", delivery_id, database.migrations())
    with database.one_moment():
        tables = database.tables()
        for name, columns in tables.items():
            database.save_table(name, columns, copy / f"{name}.copy")
        return Head(made_at, program, "postgresql", delivery_id, database.migrations(), tables)


def kept_files(home: Path) -> Iterator[Path]:
    """The files of a home that a backup holds, in order."""
    drops = {(home / source.folder).resolve() for source in load_district(home).sources}
    for path in sorted(home.rglob("*")):
        parts = path.relative_to(home).parts
        is_passing = any(part.startswith(".") for part in parts) or path.name.endswith(".lock")
        is_left_out = parts[0] in _LEFT_OUT or parts[0].startswith(database.SQLITE)
        is_dropped = any(parent.resolve() in drops for parent in [path, *path.parents])
        if path.is_file() and not (is_passing or is_left_out or is_dropped):
            yield path
