"""A run as it is written down: its stage for the page that waits, its lines, its counts, and how it ended."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from allpresent.access.models import User
from allpresent.casework.models import NightlyRun
from allpresent.casework.models.runs import RunKind, RunState

from .errors import UnderWayError
from .lock import only_one

Progress = Callable[[str], None]
LINES_KEPT = 200
STAGE_MAX = 200
STOPPED = "It stopped before it was done; the next run takes up what is left."
RESTORED = "A backup was restored before it was done; ask for it again if it is still wanted."
LOCK = "nightly"


@dataclass
class Log:
    """The run while it works. `troubles` are sentences about parts that failed while the others went on."""

    run: NightlyRun
    progress: Progress
    started: float
    counts: dict[str, int] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        """A line for the person who watches, and for the page that waits."""
        self.progress(line)
        self.run.stage = line[:STAGE_MAX]
        self.run.lines = [*self.run.lines, line][-LINES_KEPT:]
        self.run.save(update_fields=["stage", "lines"])

    def trouble(self, sentence: str) -> None:
        """A part that failed; the rest goes on."""
        self.troubles.append(sentence)
        self.say(sentence)

    def count(self, name: str, number: int) -> None:
        self.counts[name] = self.counts.get(name, 0) + number

    def end(self, state: RunState, message: str = "") -> None:
        """Write the end of the run, at the moment it began plus what it took."""
        run = self.run
        run.state, run.message, run.counts = state, message, self.counts
        began = run.started_at or run.asked_at
        run.finished_at = began + timedelta(seconds=time.monotonic() - self.started)
        run.save()


def new_run(
    kind: RunKind, on: date, now: datetime, *, user: User | None = None, subject: str = "", reason: str = ""
) -> NightlyRun:
    """Write down that something is to be run."""
    return NightlyRun.objects.create(
        kind=kind, on=on, asked_at=now, asked_by=user, subject=subject[:STAGE_MAX], reason=reason
    )


@contextmanager
def running(home: Path, run: NightlyRun, now: datetime, progress: Progress, wait_seconds: float = 0) -> Iterator[Log]:
    """Do a run alone in its home, from the lock to the last line. An error ends it as stopped and goes on upward.

    A run that is not written down yet is from the lock on: one that only had to wait is none that stopped.
    """
    label = str(RunKind(run.kind).label)
    log = Log(run, progress, time.monotonic())
    try:
        with only_one(home, LOCK, label, now, wait_seconds):
            # Whoever held the lock before us is gone: what still says that it runs was killed.
            # What somebody asked for is taken up again by the worker, and stays.
            left = NightlyRun.objects.filter(state=RunState.RUNNING, asked_by=None).exclude(pk=run.pk)
            left.update(state=RunState.FAILED, message=STOPPED, finished_at=now)
            run.state, run.started_at = RunState.RUNNING, now
            run.save()
            yield log
            log.end(RunState.FINISHED, " ".join(log.troubles))
    except UnderWayError as error:
        if run.pk is not None:  # somebody asked for it and waits
            log.end(RunState.FAILED, str(error))
        raise
    except Exception as error:
        log.end(RunState.FAILED, str(error) or type(error).__name__)
        raise
