"""What a page asks for and does not wait for: written down, done by the worker, and shown as far as it is."""

from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django_tasks import TaskContext, task

from allpresent.access import record
from allpresent.access.models import User
from allpresent.casework.models import NightlyRun
from allpresent.casework.models.runs import RunKind, RunState
from allpresent.intake import IntakeError, delivery_record
from allpresent.measures import open_facts
from allpresent.policy import load_district

from . import decisions, publish
from .errors import NightlyError
from .night import Summary
from .running import Progress, new_run, running

REASON_MIN = 10
_REASON_MAX = 1000
_EVENTS = {RunKind.ACCEPT: "delivery.accept", RunKind.UNDO: "delivery.undo"}


def ask(kind: RunKind, user: User, now: datetime, on: date, *, subject: str = "", reason: str = "") -> NightlyRun:
    """Ask for work on a delivery or a report; it is on the worker's list when this returns.

    `subject` is the delivery to accept or take back, or the day of the reports. Accepting takes a reason. Raises
    NightlyError with what to do instead. Whether the person may ask is the caller's question to `access`.
    """
    check_ask(kind, subject, reason)
    with transaction.atomic():
        run = new_run(kind, on, now, user=user, subject=subject, reason=reason.strip())
        detail = {"run": run.pk, "reason": run.reason}
        event = _EVENTS.get(kind, f"run.{kind.value}")
        record(user, event, at=now, object_kind="delivery", object_id=subject, detail=detail)
        work.enqueue(run.pk, on.isoformat())
    return run


def check_ask(kind: RunKind, subject: str, reason: str) -> None:
    """Raises NightlyError for what cannot be done, before anybody waits for it."""
    waiting = NightlyRun.objects.filter(kind=kind, subject=subject, state__in=[RunState.WAITING, RunState.RUNNING])
    if waiting.exists():
        raise NightlyError(_("This is being done already; the page shows how far it is."))
    if kind == RunKind.ACCEPT and len(reason.strip()) < REASON_MIN:
        raise NightlyError(_("Say in a few words why the delivery is right as it is."))
    if len(reason) > _REASON_MAX:
        raise NightlyError(_("Shorten the reason to %(most)d letters.") % {"most": _REASON_MAX})
    if kind in (RunKind.ACCEPT, RunKind.UNDO):
        try:
            found = delivery_record(settings.HOME, subject)
        except IntakeError as error:
            raise NightlyError(str(error)) from error
        if kind == RunKind.ACCEPT and not found.can_be_accepted:
            raise NightlyError(_("This delivery is not held any more, or cannot be read; open the list again."))


@task(takes_context=True)
def work(context: TaskContext, run_id: int, on: str) -> int:
    """Do one asked run. One that is over is left alone: a worker may have been killed after its last line."""
    run = NightlyRun.objects.select_related("asked_by").get(pk=run_id)
    if not run.is_over:
        do_run(run, date.fromisoformat(on), context.task_result.started_at or run.asked_at)
    return run_id


def do_run(run: NightlyRun, on: date, now: datetime) -> None:
    """The work a run names, in the district's home."""
    makers = {
        RunKind.ACCEPT: decisions.accept_delivery,
        RunKind.UNDO: decisions.undo_delivery,
        RunKind.RECOMPUTE: decisions.recompute,
        RunKind.REPORT: freeze_asked,
    }
    makers[RunKind(run.kind)](settings.HOME, run, on, now, lambda line: None, decisions.WAIT_SECONDS)


def freeze_asked(
    home: Path, run: NightlyRun, today: date, now: datetime, progress: Progress, wait_seconds: float = 0
) -> Summary:
    """Freeze all reports of the day the run names."""
    with running(home, run, now, progress, wait_seconds) as log:
        facts, district = open_facts(home), load_district(home)
        as_of = publish.last_school_day(facts, date.fromisoformat(run.subject))
        if as_of is None:
            raise NightlyError(f"No school day was delivered by {run.subject}; choose a later day.")
        run.delivery_id, run.as_of = facts.delivery_id, as_of
        log.count("frozen", publish.freeze_all(home, facts, district, as_of, log))
    return Summary(run.pk, run.delivery_id, run.as_of, log.counts)
