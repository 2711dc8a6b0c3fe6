"""What a person decides about a delivery, and the working out again that follows from it."""

from datetime import date, datetime
from pathlib import Path

from allpresent.casework.models import NightlyRun
from allpresent.casework.models.steps import Ending
from allpresent.intake import accept_held, delivery_record
from allpresent.intake import undo_delivery as intake_undo

from .night import Summary, catch_up
from .running import Log, Progress, running

WAIT_SECONDS = 600  # a night at a district's size takes a few minutes


def accept_delivery(
    home: Path, run: NightlyRun, today: date, now: datetime, progress: Progress, wait_seconds: float = 0
) -> Summary:
    """Post the held delivery the run names, on the word and with the reason of the person who asked; then catch up."""
    with running(home, run, now, progress, wait_seconds) as log:
        # Posted already, by a run that was stopped after it: only the rest is left to do.
        if delivery_record(home, run.subject).outcome != "posted":
            accept_held(home, run.subject, run.reason, _name(run), today, now, log.say)
        log.say(f"Delivery {run.subject} is posted.")
        catch_up(home, today, now, log)
    return _summary(log)


def undo_delivery(
    home: Path, run: NightlyRun, today: date, now: datetime, progress: Progress, wait_seconds: float = 0
) -> Summary:
    """Take the newest delivery back, and withdraw what it opened. What people wrote and did stays."""
    with running(home, run, now, progress, wait_seconds) as log:
        if delivery_record(home, run.subject).outcome != "undone":
            intake_undo(home, run.subject, _name(run), now)
        log.say(f"Delivery {run.subject} is taken back.")
        catch_up(home, today, now, log, Ending.TAKEN_BACK, is_forced=True)
    return _summary(log)


def recompute(
    home: Path, run: NightlyRun, today: date, now: datetime, progress: Progress, wait_seconds: float = 0
) -> Summary:
    """Bring roster and cases to the posted version once more, whatever they show now."""
    with running(home, run, now, progress, wait_seconds) as log:
        catch_up(home, today, now, log, is_forced=True)
    return _summary(log)


def _name(run: NightlyRun) -> str:
    return str(run.asked_by) if run.asked_by else ""


def _summary(log: Log) -> Summary:
    run = log.run
    return Summary(run.pk, run.delivery_id, run.as_of, log.counts, troubles=tuple(log.troubles))
