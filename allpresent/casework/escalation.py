"""A promised step left overdue goes to the attendance team."""

from datetime import date, datetime

import numpy as np
from django.db import transaction

from allpresent.access import record
from allpresent.measures.engine import Facts

from .models import CaseStep
from .models.steps import StepState
from .owners import escalates_to
from .promises import session_days
from .transitions import audit_event

ESCALATE_AFTER = 5  # school days overdue
_CHUNK = 2000


def escalate_steps(facts: Facts, as_of: date, now: datetime, after: int = ESCALATE_AFTER) -> int:
    """Hand steps that are overdue by `after` school days of their school to the attendance team, once.

    The promise still names the owner before, and the person it was assigned to keeps it. Returns how many changed.
    """
    last_due: dict[str | None, date | None] = {}
    late: dict[str, list[int]] = {}
    steps = CaseStep.objects.filter(state=StepState.OPEN, escalated_on=None, due_on__lt=as_of).order_by("pk")
    for pk, school_id, owner, due_on in steps.values_list("pk", "school_id", "owner_role", "due_on"):
        if school_id not in last_due:
            last_due[school_id] = latest_due(facts, school_id or "", as_of, after)
        limit, to = last_due[school_id], escalates_to(owner)
        if to is not None and limit is not None and due_on and due_on < limit:
            late.setdefault(to, []).append(pk)
    return sum(_hand_over(ids, to, as_of, now) for to, ids in sorted(late.items()))


def latest_due(facts: Facts, school_id: str, as_of: date, school_days: int) -> date | None:
    """A step due before this day is overdue by that many school days or more; None so early in the year."""
    days = session_days(facts, school_id, as_of)
    past = days[days <= np.datetime64(as_of, "D")]
    if not 0 < school_days <= len(past):
        return None
    found: date = past[-school_days].astype(object)
    return found


def _hand_over(ids: list[int], to: str, as_of: date, now: datetime) -> int:
    done = 0
    for start in range(0, len(ids), _CHUNK):
        with transaction.atomic():
            chosen = ids[start : start + _CHUNK]
            changed = CaseStep.objects.filter(pk__in=chosen, state=StepState.OPEN, escalated_on=None).update(
                owner_role=to, escalated_on=as_of
            )
            detail = {"steps": chosen, "to": to, "as_of": as_of.isoformat()}
            record(None, audit_event("step", "escalate"), at=now, object_kind="steps", detail=detail)
        done += changed
    return done
