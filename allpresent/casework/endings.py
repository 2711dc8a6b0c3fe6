"""Cases that end as a whole: their school year is over, or the deliveries that opened them were taken back.

A year that ended too early, by a delivery of the next one that was taken back, is taken up again.
"""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from allpresent.access import record

from .models import Case, CaseStep, LevelCrossing
from .models.steps import Ending, StepState
from .transitions import audit_event


def end_other_years(school_year: int, on: date, now: datetime, because: Ending) -> int:
    """Close the cases of earlier years, which are over, and of later ones, which a correction took away.

    What was done stays. Crossings of an earlier year stay as they were: they did happen. Returns cases closed.
    """
    with transaction.atomic():
        _take_up_again(school_year, now)
        closed = _end(Q(school_year__lt=school_year), on, now, Ending.YEAR_ENDED)
        closed += _end(Q(school_year__gt=school_year), on, now, because)
    return closed


def end_all(on: date, now: datetime) -> int:
    """Close every case: the only delivery there was has been taken back. Returns cases closed."""
    with transaction.atomic():
        return _end(Q(), on, now, Ending.TAKEN_BACK)


def _take_up_again(school_year: int, now: datetime) -> None:
    """Open the cases of a year that has not ended after all, and what was open on them, with the days it had.

    A step that was withdrawn stays so; another of its words and days takes its place, unless one stands already.
    """
    cases = Case.objects.filter(school_year=school_year, closed_because=Ending.YEAR_ENDED)
    if not cases.exists():
        return
    steps = CaseStep.objects.filter(case_id__in=cases.values("pk")).order_by("pk")
    standing = set(steps.exclude(state=StepState.WITHDRAWN).values_list("case_id", "step_key"))
    ended = steps.filter(state=StepState.WITHDRAWN, ending=Ending.YEAR_ENDED)
    again = {key: step for step in ended if (key := (step.case_id, step.step_key)) not in standing}
    for step in again.values():
        step.pk, step.state, step.ended_on, step.ended_at, step.ending = None, StepState.OPEN, None, None, ""
    CaseStep.objects.bulk_create(again.values(), batch_size=500)
    opened = cases.update(closed_on=None, closed_because="")
    detail = {"cases": opened, "opened": len(again)}
    record(None, audit_event("step", "open"), at=now, object_kind="cases", detail=detail)


def _end(which: Q, on: date, now: datetime, because: Ending) -> int:
    if not Case.objects.filter(which).exists():
        return 0
    cases = Case.objects.filter(which, closed_on=None)
    ids = Case.objects.filter(which).values("pk")
    steps = CaseStep.objects.filter(case_id__in=ids, state=StepState.OPEN).update(
        state=StepState.WITHDRAWN, ended_on=on, ended_at=now, ending=because
    )
    if because != Ending.YEAR_ENDED:
        LevelCrossing.objects.filter(case_id__in=ids, is_withdrawn=False).update(
            is_withdrawn=True, withdrawn_on=on, withdrawn_because=because
        )
    closed = cases.update(closed_on=on, closed_because=because)
    if closed or steps:
        verb = "end_year" if because == Ending.YEAR_ENDED else "withdraw"
        detail = {"cases": closed, "withdrawn": steps, "because": because.value}
        record(None, audit_event("step", verb), at=now, object_kind="cases", detail=detail)
    return closed
