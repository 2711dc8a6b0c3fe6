"""A home's posting that takes its own executor down, once, at a chosen moment: what runs in the tasks of the test."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from allpresent.intake import posting, side_by_side
from allpresent.ledger import Ledger
from allpresent.ledger import store as storing

MOMENTS = ("kept, not yet posted", "half a version", "posted, not yet recorded", "done, not yet told")


def work_killed(marks: str, moments: dict[str, str], task: Any) -> bytes:
    """The work on a home; the first time in a home that has a moment, its executor is killed then."""
    mark = Path(marks) / task.district
    moment = moments.get(task.district)
    if moment is None or mark.exists():
        return side_by_side._work(task)
    put_back = _lie_in_wait(moment, lambda: _kill(mark))
    try:
        made = side_by_side._work(task)
    finally:
        put_back()
    _kill(mark)
    return made


def work_failing_after(marks: str, task: Any) -> bytes:
    """The work, and the first time in a home an error after it: the task is tried again."""
    made = side_by_side._work(task)
    mark = Path(marks) / task.district
    if not mark.exists():
        mark.write_text("failed")
        raise RuntimeError("after the work")
    return made


def never(_task: Any) -> bytes:
    """The work no executor survives: every one that is asked loses its worker."""
    os.kill(os.getpid(), signal.SIGKILL)
    return b""


def _lie_in_wait(moment: str, kill: Callable[[], None]) -> Callable[[], None]:
    """Put the kill in the way of one step of posting. Returns what takes it away again."""
    places: dict[str, tuple[Any, str]] = {
        "kept, not yet posted": (posting._Desk, "_post"),
        "half a version": (storing, "write_strips"),
        "posted, not yet recorded": (Ledger, "_point_to"),
    }
    if moment not in places:
        return lambda: None
    owner, name = places[moment]
    real = getattr(owner, name)

    def killed(*arguments: Any) -> None:
        if moment.startswith("posted"):
            real(*arguments)
        kill()

    setattr(owner, name, killed)
    return lambda: setattr(owner, name, real)


def _kill(mark: Path) -> None:
    """Kill the executor this worker belongs to, then wait for the end that comes with it."""
    mark.write_text(str(os.getpid()))
    os.kill(_executor(os.getpid()), signal.SIGKILL)
    time.sleep(60)
    raise AssertionError("the worker outlived its executor")


def _executor(process: int) -> int:
    """The Java process above this one: worker, its daemon, executor."""
    while Path(f"/proc/{process}/comm").read_text(encoding="ascii").strip() != "java":
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
        process = int(next(line.split()[1] for line in status if line.startswith("PPid:")))
    return process
