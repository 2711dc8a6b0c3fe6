"""Steps that ask for what a student has already: a mentor, or a plan that was agreed before the level was crossed."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from allpresent.access import record
from allpresent.access.models import User

from .closing import close_by_evidence
from .models import CaseStep, MentorMatch, SuccessPlan
from .models.steps import StepState
from .models.success_plans import PlanState
from .transitions import audit_event

_LIVE_PLANS = (PlanState.AGREED, PlanState.UNDER_REVIEW)


def close_answered(as_of: date, now: datetime) -> int:
    """Close by what stands the open steps that ask for it, with the day they were opened for.

    Returns how many; two queries where there are none.
    """
    with transaction.atomic():
        return _by_matches(as_of, now) + _by_plans(as_of, now)


def _by_matches(as_of: date, now: datetime) -> int:
    live = MentorMatch.objects.filter(ended_on=None, student_id__in=_asking("mentor_match"))
    rows = live.select_related("grant")
    givers = User.objects.in_bulk([row.grant.given_by for row in rows], field_name="email")
    return sum(
        _close(row.student_id, "mentor_match", givers.get(row.grant.given_by), f"match:{row.pk}", as_of, now)
        for row in rows
    )


def _by_plans(as_of: date, now: datetime) -> int:
    live = SuccessPlan.objects.filter(state__in=_LIVE_PLANS, student_id__in=_asking("plan_agreed"))
    return sum(
        _close(row.student_id, "plan_agreed", row.agreed_by, f"plan:{row.pk}", as_of, now)
        for row in live.select_related("agreed_by")
    )


def _asking(evidence: str) -> QuerySet[CaseStep, str]:
    steps = CaseStep.objects.filter(state=StepState.OPEN, promise__evidence=evidence)
    return steps.values_list("case__student_id", flat=True)


def _close(student_id: str, evidence: str, by: User | None, reference: str, as_of: date, now: datetime) -> int:
    closed = close_by_evidence(student_id, evidence, as_of, by, reference, now, verb="answer")
    if not closed:
        return 0
    detail = {"closed_steps": closed, "because": reference}
    record(None, audit_event("step", "answer"), at=now, student_id=student_id, object_kind="steps", detail=detail)
    return len(closed)
