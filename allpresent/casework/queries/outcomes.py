"""What became of steps by a day, as figures the database counts."""

from datetime import date

from django.db.models import Count, F, Q

from allpresent.casework.models.steps import Outcome, StepState

ORDER = (Outcome.ON_TIME, Outcome.LATE, Outcome.OVERDUE, Outcome.RUNNING, Outcome.WITHDRAWN, Outcome.EXEMPT)


def counted_by_outcome(as_of: date) -> dict[str, Count]:
    """A count of steps for each outcome, in ORDER, by the name its column gets. Each step is in exactly one."""
    done = Q(state=StepState.DONE, ended_on__lte=as_of)
    on_time = Q(due_on=None) | Q(ended_on__lte=F("due_on"))
    running = Q(state=StepState.OPEN) | Q(state=StepState.DONE, ended_on__gt=as_of)
    kinds = {
        Outcome.ON_TIME: done & on_time,
        Outcome.LATE: done & ~on_time,
        Outcome.OVERDUE: running & Q(due_on__lt=as_of),
        Outcome.RUNNING: running & (Q(due_on=None) | Q(due_on__gte=as_of)),
        Outcome.WITHDRAWN: Q(state=StepState.WITHDRAWN),
        Outcome.EXEMPT: Q(state=StepState.EXEMPT),
    }
    return {column_of(kind): Count("pk", filter=kinds[kind]) for kind in ORDER}


def column_of(kind: Outcome) -> str:
    """The name of an outcome's count."""
    return f"n_{kind.value}"
