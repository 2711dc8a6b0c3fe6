"""Do one piece of work again and again, each time in a process of its own that is killed before its n-th statement,
or finds the disk full from its n-th statement on, or may write no file larger than n bytes, or is killed before the
n-th statement after the one that puts new facts into the place of the old ones.

A statement is whatever lasts beyond the process: a file opened for writing, renamed, removed, synced, a table written
to disk, a statement to the database, a commit. Reads a line like "kill 12" or "full 12" (0 = let it end) and
answers with a line: how many statements there were (-1 when it was killed), and what it said when it could not end.
Started by the tests as a program; the work itself knows nothing of it.
"""

import errno
import os
import resource
import signal
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

FILE_EVENTS = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate", "shutil.copyfile"}
READS = ("SELECT", "PRAGMA", "BEGIN", "ROLLBACK", "SAVEPOINT", "RELEASE")
TAKES_ROOM = {"os.mkdir", "shutil.copyfile"}
FOR_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


class Statements:
    """Counts what lasts, and ends the process before the n-th, or the room on the disk."""

    def __init__(self, home: Path, fault: str, at: int) -> None:
        self.home, self.fault, self.at, self.number, self.swapped = str(home), fault, at, 0, 0

    def next(self, torn: Path | None = None) -> None:
        """One more; a file being written when the end comes is left torn."""
        self.number += 1
        self.swapped += self.swapped > 0
        reached = {"kill": self.number, "swapped": self.swapped - 1}
        if reached.get(self.fault, 0) == self.at > 0:
            if torn is not None:
                descriptor = os.open(torn, os.O_WRONLY | os.O_CREAT)
                os.write(descriptor, b"PAR1 and no more")
            os.kill(os.getpid(), signal.SIGKILL)

    @property
    def is_full(self) -> bool:
        """Whether nothing more can be written. What is renamed or removed needs no room."""
        return self.fault == "full" and 0 < self.at <= self.number

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """What the interpreter tells before it does it."""
        opens = event == "open" and str(arguments[0]).startswith(self.home) and arguments[2] & FOR_WRITING
        if event in FILE_EVENTS or opens:
            self.next()
            is_swap = event == "os.rename" and str(arguments[1]) == f"{self.home}/ledger/CURRENT"
            self.swapped = self.swapped or int(is_swap)
            if self.is_full and (opens or event in TAKES_ROOM):
                raise OSError(errno.ENOSPC, "No space left on device", str(arguments[0]))

    def watch(self, has_records: bool) -> None:
        """Hear of every statement from now on."""
        os.fsync = self._before(os.fsync, OSError(errno.ENOSPC, "No space left on device"))  # type: ignore[assignment]
        write_table = pq.write_table

        def torn_write(table: Any, where: Any, *rest: Any, **more: Any) -> None:
            self.next(torn=Path(where))
            if self.is_full:
                raise OSError(errno.ENOSPC, "Error writing bytes to file. Detail: No space left on device")
            write_table(table, where, *rest, **more)

        pq.write_table = torn_write
        if has_records:
            from django.db import OperationalError
            from django.db.backends.base.base import BaseDatabaseWrapper
            from django.db.backends.utils import CursorWrapper

            full = OperationalError("database or disk is full")
            for owner, name in (
                (CursorWrapper, "execute"),
                (CursorWrapper, "executemany"),
                (BaseDatabaseWrapper, "_commit"),
            ):
                setattr(owner, name, self._before(getattr(owner, name), full))
        sys.addaudithook(self.hear)

    def _before(self, function: Callable[..., Any], full: Exception) -> Callable[..., Any]:
        def after_counting(*arguments: Any, **more: Any) -> Any:
            self.next()
            reads = len(arguments) > 1 and str(arguments[1]).startswith(READS)
            if self.is_full and not reads:
                raise full
            return function(*arguments, **more)

        return after_counting


def post(home: Path, folder: Path) -> None:
    """Post a folder of canonical files."""
    from allpresent import intake

    now = datetime(2026, 9, 15, 8, tzinfo=UTC)
    intake.post_delivery(home, "csv", folder, today=date(2026, 9, 15), now=now)


def night(home: Path, _folder: Path) -> None:
    """A whole night: post what lies in the drop folder, project, open steps, freeze."""
    from allpresent.nightly import run_nightly

    done = run_nightly(home, date(2026, 11, 5), datetime(2026, 11, 5, 9, 30, tzinfo=UTC))
    if done.troubles:
        raise RuntimeError(" ".join(done.troubles))


def upgrade(_home: Path, _folder: Path) -> None:
    """Bring the tables of the records to the newest shape."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


WORK = {"post": post, "night": night, "upgrade": upgrade}


def one(work: Callable[[Path, Path], None], home: Path, folder: Path, fault: str, at: int) -> str:
    """The work in a process of its own. Returns its statements, -1 when it was killed, and what it said."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        said = ""
        statements = Statements(home, fault, at)
        statements.watch(work is not post)
        if fault == "limit":  # the machine itself refuses larger files
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (at, at))
        try:
            work(home, folder)
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
        os.write(writing, f"{statements.number} {said}".encode())
        os._exit(0)
    os.close(writing)
    told = os.read(reading, 4096).decode()
    os.close(reading)
    _, status = os.waitpid(child, 0)
    return "-1" if os.WIFSIGNALED(status) else told.replace("\n", " ")


if __name__ == "__main__":
    name, home, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    if name != "post":
        os.environ["DJANGO_SETTINGS_MODULE"] = "allpresent.config.settings"
        os.environ["ALLPRESENT_HOME"] = str(home)
        import django

        django.setup()
        import allpresent.nightly
    import allpresent.intake  # noqa: F401 - read once, before the processes part

    print("ready", flush=True)
    for line in sys.stdin:
        fault, at = line.split()
        print(one(WORK[name], home, folder, fault, int(at)), flush=True)
