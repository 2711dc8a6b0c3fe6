"""Success plans on lists: which run, and which of them wait to be looked at again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Min, Q

from allpresent.access.models import User
from allpresent.casework.models import SuccessPlan
from allpresent.casework.models.success_plans import PlanState
from allpresent.casework.permissions import local_day

from .open_work import students_for
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
    has_change: bool  # saved since the family agreed, and not agreed to yet


def live_plans(user: User, on: date) -> list[PlanRow]:
    """The plans of the students this person writes plans for, the review due first on top, drafts last. One query."""
    plans = SuccessPlan.objects.filter(student_id__in=students_for(user, "write_plan", on).values("pk"))
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
            has_change=plan.change is not None,
        )
        for plan in live
    ]
    return sorted(rows, key=lambda row: (row.review_on or row.runs_to or date.max, row.plan_id))


def live_goals(student_ids: list[str]) -> Mapping[str, str]:
    """By student the goal of a plan as the family agreed to it last. One query."""
    running = SuccessPlan.objects.filter(
        student_id__in=student_ids, state__in=(PlanState.AGREED, PlanState.UNDER_REVIEW)
    )
    return {plan.student_id: plan.contents["goal"] for plan in running}


def plan_events(student_id: str) -> list[Event]:
    """What happened to the student's plans, for the timeline. One query: a row an agreement that was replaced."""
    names = ("agreed_on", "agreed_with", "agreed_by", "agreed_by__full_name", "agreed_by__email")
    past = [f"past_agreements__{name}" for name in names]
    rows = SuccessPlan.objects.filter(student_id=student_id).order_by("pk", "past_agreements__version")
    ends = ("started_at", "ended_on", "ended_by", "ended_by__full_name", "ended_by__email", "ended_why", "outcome")
    plans: dict[int, list[dict[str, Any]]] = {}
    for row in rows.values("pk", *names, *past, *ends):
        plans.setdefault(row["pk"], []).append(row)
    return [event for found in plans.values() for event in _events_of(found)]


def _events_of(rows: list[dict[str, Any]]) -> Iterable[Event]:
    """Of one plan: every agreement, its end, or only that it was begun."""
    plan, act = rows[0], "agreed"
    for prefix, row in [*(("past_agreements__", row) for row in rows), ("", plan)]:
        if row[f"{prefix}agreed_on"]:
            detail = {"act": act, "with": row[f"{prefix}agreed_with"]}
            yield Event(row[f"{prefix}agreed_on"], "plan", detail=detail, **_who(row, f"{prefix}agreed_by"))
            act = "agreed_again"
    if plan["ended_on"]:
        detail = {"act": "ended", "outcome": plan["outcome"]}
        yield Event(plan["ended_on"], "plan", text=plan["ended_why"], detail=detail, **_who(plan, "ended_by"))
    elif not plan["agreed_on"]:
        yield Event(local_day(plan["started_at"]), "plan", plan["started_at"], detail={"act": "started"})


def _who(row: dict[str, Any], who: str) -> dict[str, Any]:
    return {"by": str(row[f"{who}__full_name"] or row[f"{who}__email"] or ""), "by_id": row[who]}
