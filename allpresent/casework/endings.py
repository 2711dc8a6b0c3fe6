"""Cases that end as a whole: their school year is over, or the deliveries that opened them were taken back."""

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
        closed = _end(Q(school_year__lt=school_year), on, now, Ending.YEAR_ENDED)
        closed += _end(Q(school_year__gt=school_year), on, now, because)
    return closed


def end_all(on: date, now: datetime) -> int:
    """Close every case: the only delivery there was has been taken back. Returns cases closed."""
    with transaction.atomic():
        return _end(Q(), on, now, Ending.TAKEN_BACK)


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
