"""Closing promised steps by what was done: a visit made, a plan agreed, a mentor matched, a letter mailed."""

from datetime import date, datetime

from allpresent.access.models import User

from .models import CaseStep
from .models.steps import StepState
from .transitions import find_transition


def close_by_evidence(
    student_id: str, evidence: str, on: date, user: User | None, reference: str, now: datetime, verb: str = "close"
) -> list[int]:
    """Close the student's open steps that ask for this kind of evidence and whose level was crossed by that day.

    Call it inside the transaction and the audit entry of the act itself; ``reference`` names the record of the act, as
    in ``visit:12``. Returns the ids of the steps closed, oldest first.
    """
    find_transition("step", StepState.OPEN, verb)
    due = CaseStep.objects.select_for_update(of=("self",)).filter(
        case__student_id=student_id,
        state=StepState.OPEN,
        promise__evidence=evidence,
        crossing__crossed_on__lte=on,
    )
    ids = sorted(due.values_list("pk", flat=True))
    CaseStep.objects.filter(pk__in=ids).update(
        state=StepState.DONE, ended_on=on, ended_at=now, done_by=user, evidence_reference=reference
    )
    return ids


def reopen_closed_by(reference: str) -> list[int]:
    """Open again what a record closed, when that record is taken back. Returns the ids of the steps."""
    closed = CaseStep.objects.select_for_update(of=("self",)).filter(state=StepState.DONE, evidence_reference=reference)
    ids = sorted(closed.values_list("pk", flat=True))
    CaseStep.objects.filter(pk__in=ids).update(
        state=StepState.OPEN, ended_on=None, ended_at=None, done_by=None, evidence_reference=""
    )
    return ids
