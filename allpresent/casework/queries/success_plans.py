"""Success plans on lists: which run, and which of them wait to be looked at again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Min, Q

from allpresent.access import visible_students
from allpresent.access.models import User
from allpresent.casework.models import SuccessPlan
from allpresent.casework.models.success_plans import PlanState
from allpresent.casework.permissions import local_day

from .student import Event


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan that runs or is being written, and the next day it is to be looked at again."""

    plan_id: int
    student_id: str
    state: str
    school_id: str | None
    goal: str
    goal_days: int
    agreed_on: date | None
    runs_to: date | None
    champion: int | None
    review_on: date | None


def live_plans(user: User, on: date) -> list[PlanRow]:
    """The plans of the students this person may see, the review due first on top, drafts last. One query."""
    plans = SuccessPlan.objects.filter(student_id__in=visible_students(user, on).values("pk"))
    live = plans.exclude(state=PlanState.ENDED).annotate(
        review_on=Min("reviews__due_on", filter=Q(reviews__held_on=None))
    )
    rows = [
        PlanRow(
            plan_id=plan.pk,
            student_id=plan.student_id,
            state=plan.state,
            school_id=plan.school_id,
            goal=plan.contents["goal"],
            goal_days=plan.contents["goal_days"],
            agreed_on=plan.agreed_on,
            runs_to=plan.runs_to,
            champion=plan.contents["champion"],
            review_on=plan.review_on,
        )
        for plan in live
    ]
    return sorted(rows, key=lambda row: (row.review_on or row.runs_to or date.max, row.plan_id))


def live_goals(student_ids: list[str]) -> Mapping[str, str]:
    """By student the goal of an agreed plan in its own words. One query."""
    running = SuccessPlan.objects.filter(
        student_id__in=student_ids, state__in=(PlanState.AGREED, PlanState.UNDER_REVIEW)
    )
    return {plan.student_id: plan.contents["goal"] for plan in running}


def plan_events(student_id: str) -> list[Event]:
    """What happened to the student's plans, for the timeline. One query."""
    events = []
    plans = SuccessPlan.objects.filter(student_id=student_id).select_related("agreed_by", "ended_by").order_by("pk")
    for plan in plans:
        if plan.agreed_on:
            detail = {"act": "agreed", "with": plan.agreed_with}
            events.append(Event(plan.agreed_on, "plan", by=str(plan.agreed_by), detail=detail))
        if plan.ended_on:
            detail = {"act": "ended", "outcome": plan.outcome}
            events.append(Event(plan.ended_on, "plan", by=str(plan.ended_by), text=plan.ended_why, detail=detail))
        if not plan.agreed_on and not plan.ended_on:
            events.append(Event(local_day(plan.started_at), "plan", plan.started_at, detail={"act": "started"}))
    return events
