"""The process beside the pages: it does what they asked for, and the night's work at the district's hour."""

import os
import socket
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections
from django.utils import timezone
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, DEFAULT_TASK_QUEUE_NAME, TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from allpresent.casework.models import NightlyRun
from allpresent.casework.models.runs import RunKind, RunState
from allpresent.policy import District, load_district

from .errors import UnderWayError
from .lock import only_one
from .night import run_nightly
from .running import Progress

Clock = Callable[[], datetime]
TRIES_A_NIGHT = 3
TRY_AGAIN_AFTER = timedelta(minutes=15)
POLL_SECONDS = 1.0
AGAIN_SECONDS = 15.0


def run_worker(
    once: bool = False,
    progress: Progress = lambda line: None,
    clock: Clock = timezone.now,
    home: Path | None = None,
    is_needed: Callable[[], bool] = lambda: True,
) -> None:
    """Work until stopped or no longer needed; with `once` until nothing waits. Raises NightlyError beside another one.

    A worker that was killed left its task as running: this one takes it up again, for every task may be run twice.
    """
    home = home or settings.HOME
    with only_one(home, "worker", "The worker", clock()):
        taken_up = DBTaskResult.objects.running().update(status=TaskResultStatus.READY, started_at=None)
        if taken_up:
            progress(f"{taken_up} tasks of a stopped worker are taken up again.")
        tasks = _tasks()
        while True:
            close_old_connections()
            try:
                _one_look(home, tasks, clock, progress)
            except (OperationalError, InterfaceError) as error:
                # A database that is stopped, locked or full comes back; what was not done is still on its list.
                progress(f"The records cannot be reached ({error}); trying again in {AGAIN_SECONDS:.0f} seconds.")
                time.sleep(AGAIN_SECONDS)
            if once or not tasks.running or not is_needed():
                return
            time.sleep(POLL_SECONDS)


def _one_look(home: Path, tasks: Worker, clock: Clock, progress: Progress) -> None:
    """The night if it is due, and all that waits. The clock is read once: a day that ends meanwhile keeps its night."""
    district, now = load_district(home), clock()
    if is_night_due(district, now):
        _one_night(home, district, now, progress)
    tasks.run()


def _tasks() -> Worker:
    """The task runner, in the mode that returns when its list is empty."""
    return Worker(
        queue_names=[DEFAULT_TASK_QUEUE_NAME],
        interval=0,
        batch=True,
        backend_name=DEFAULT_TASK_BACKEND_ALIAS,
        startup_delay=False,
        max_tasks=None,
        worker_id=f"{socket.gethostname()[:40]}-{os.getpid()}",
        excluded_queue_names=[],
    )


def is_night_due(district: District, now: datetime) -> bool:
    """Whether the night of the district's day is still to be run.

    It is the day that counts, not the hour: a clock that jumps over the hour, or shows it twice, gives one night.
    """
    here, begins = timezone.localtime(now), clock_time.fromisoformat(district.nightly_at)
    if here.time() < begins:
        return False
    tried = NightlyRun.objects.filter(kind=RunKind.NIGHTLY, on=today_of(district, now))
    if district.today is None:
        # A night run by hand earlier in the day does not stand for the one whose files come this evening.
        tried = tried.filter(asked_at__gte=_first_moment(here, begins))
    if tried.filter(state=RunState.FINISHED).exists():
        return False
    newest = tried.order_by("-asked_at").first()
    return newest is None or (tried.count() < TRIES_A_NIGHT and newest.asked_at + TRY_AGAIN_AFTER <= now)


def _first_moment(here: datetime, at: clock_time) -> datetime:
    """When the clock first shows that hour on the day; an hour the clock leaves out, as though it had not."""
    moment = datetime.combine(here.date(), at, here.tzinfo)
    return min(moment.replace(fold=fold).astimezone(UTC) for fold in (0, 1))


def today_of(district: District, now: datetime) -> date:
    """The district's day; a demonstration has stopped its calendar."""
    return district.today or timezone.localdate(now)


def _one_night(home: Path, district: District, now: datetime, progress: Progress) -> None:
    try:
        run_nightly(home, today_of(district, now), now, progress)
    except UnderWayError as error:
        progress(str(error))
        time.sleep(AGAIN_SECONDS)  # what is asked for has to wait for the same
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        progress(f"The night's work stopped: {error}")
