"""Do one piece of work again and again, each time in a process of its own that is killed before its n-th statement.

A statement is whatever lasts beyond the process: a file opened for writing, renamed, removed, synced, a table written
to disk, a statement to the database, a commit. Reads a number a line (0 = let it end) and answers with how many
statements there were, or -1 when it was killed. Started by the tests as a program; the work itself knows nothing of it.
"""

import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

FILE_EVENTS = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate", "shutil.copyfile"}
FOR_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


class Statements:
    """Counts what lasts, and ends the process before the n-th."""

    def __init__(self, home: Path, kill_at: int) -> None:
        self.home, self.kill_at, self.number = str(home), kill_at, 0

    def next(self, torn: Path | None = None) -> None:
        """One more; a file being written when the end comes is left torn."""
        self.number += 1
        if self.number == self.kill_at:
            if torn is not None:
                descriptor = os.open(torn, os.O_WRONLY | os.O_CREAT)
                os.write(descriptor, b"PAR1 and no more")
            os.kill(os.getpid(), signal.SIGKILL)

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """What the interpreter tells before it does it."""
        opens = event == "open" and str(arguments[0]).startswith(self.home) and arguments[2] & FOR_WRITING
        if event in FILE_EVENTS or opens:
            self.next()

    def watch(self, is_night: bool) -> None:
        """Hear of every statement from now on."""
        os.fsync = self._before(os.fsync)  # type: ignore[assignment]
        write_table = pq.write_table

        def torn_write(table: Any, where: Any, *rest: Any, **more: Any) -> None:
            self.next(torn=Path(where))
            write_table(table, where, *rest, **more)

        pq.write_table = torn_write
        if is_night:
            from django.db.backends.base.base import BaseDatabaseWrapper
            from django.db.backends.utils import CursorWrapper

            for owner, name in (
                (CursorWrapper, "execute"),
                (CursorWrapper, "executemany"),
                (BaseDatabaseWrapper, "_commit"),
            ):
                setattr(owner, name, self._before(getattr(owner, name)))
        sys.addaudithook(self.hear)

    def _before(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def after_counting(*arguments: Any, **more: Any) -> Any:
            self.next()
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

    run_nightly(home, date(2026, 11, 5), datetime(2026, 11, 5, 9, 30, tzinfo=UTC))


def one(work: Callable[[Path, Path], None], home: Path, folder: Path, kill_at: int) -> int:
    """The work in a process of its own. Returns its statements, -1 when it was killed. Raises when it failed."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            statements = Statements(home, kill_at)
            statements.watch(work is night)
            work(home, folder)
            os.write(writing, str(statements.number).encode())
        except BaseException:
            import traceback

            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(writing)
    told = os.read(reading, 20)
    os.close(reading)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return -1
    if os.WEXITSTATUS(status):
        raise RuntimeError(f"the work failed when it was to be killed before statement {kill_at}")
    return int(told)


if __name__ == "__main__":
    name, home, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    if name == "night":
        os.environ["DJANGO_SETTINGS_MODULE"] = "allpresent.config.settings"
        os.environ["ALLPRESENT_HOME"] = str(home)
        os.environ.pop("DATABASE_URL", None)
        import django

        django.setup()
        import allpresent.nightly
    import allpresent.intake  # noqa: F401 - read once, before the processes part

    print("ready", flush=True)
    for line in sys.stdin:
        print(one(night if name == "night" else post, home, folder, int(line)), flush=True)
