"""Routes, not repeats: what a call that reached nobody sets going by itself, and what taking it back undoes."""

from datetime import datetime

from django.utils.translation import gettext_noop

from allpresent.access import record
from allpresent.access.models import User
from allpresent.roster.models import Student

from .households import family_of
from .models import CaseStep, ContactAttempt, HomeVisit
from .models.contacts import Mode, Result
from .models.home_visits import VisitReason, VisitState
from .models.steps import StepState
from .owners import escalates_to
from .queries.routes import TEAM_FROM, VISIT_FROM, route_for
from .transitions import audit_event, find_transition

CALLS_REASON = gettext_noop("Four calls in a row reached nobody.")
UNDER_WAY = (VisitState.PROPOSED, VisitState.SCHEDULED)


def follow_route(user: User, attempt: ContactAttempt, now: datetime) -> None:
    """After the third call in a row that reached nobody the open call is the team's, after the fourth a visit.

    Call it inside the transaction of the call, with the family held (``turns.hold_students``).
    """
    if attempt.mode != Mode.PHONE or attempt.result == Result.REACHED:
        return
    unanswered = route_for(attempt.student_id).unanswered
    if unanswered >= TEAM_FROM:
        _pass_on(user, attempt, now)
    if unanswered == VISIT_FROM:
        _propose_visit(user, attempt, now)


def _pass_on(user: User, attempt: ContactAttempt, now: datetime) -> None:
    """The open calls of an owner below the team go to the team, also those given to somebody by name."""
    find_transition("step", StepState.OPEN, "pass_on")
    steps = CaseStep.objects.select_for_update(of=("self",)).filter(
        case__student_id=attempt.student_id, state=StepState.OPEN, kind="call", passed_by=None
    )
    passed = [(step, to) for step in steps.order_by("pk") if (to := escalates_to(step.owner_role))]
    for step, to in passed:
        step.owner_role, step.escalated_on, step.passed_by = to, attempt.on, attempt
        step.passed_from, step.assigned_to = step.assigned_to, None
        step.save(update_fields=["owner_role", "escalated_on", "passed_by", "passed_from", "assigned_to"])
    if passed:
        detail = {"steps": [step.pk for step, _to in passed], "to": passed[0][1], "call": attempt.pk}
        event = audit_event("step", "pass_on")
        record(user, event, at=now, student_id=attempt.student_id, object_kind="steps", detail=detail)


def _propose_visit(user: User, attempt: ContactAttempt, now: datetime) -> None:
    """One proposal for the family, unless a visit to one of its children is under way."""
    if HomeVisit.objects.filter(student_id__in=family_of(attempt.student_id), state__in=UNDER_WAY).exists():
        return
    visit = HomeVisit.objects.create(
        student_id=attempt.student_id,
        school_id=Student.objects.values_list("school_id", flat=True).get(pk=attempt.student_id),
        state=find_transition("visit", "", "propose_after_calls").after,
        reason=VisitReason.OTHER,
        reason_words=CALLS_REASON,
        proposed_by=user,
        proposed_at=now,
        proposed_after=attempt,
    )
    record(
        user,
        audit_event("visit", "propose_after_calls"),
        at=now,
        student_id=attempt.student_id,
        object_kind="visit",
        object_id=str(visit.pk),
        detail={"call": attempt.pk},
    )


def leave_route(attempt: ContactAttempt) -> dict[str, list[int]]:
    """Undo what a call set going: its steps go back to whose they were, its proposal is withdrawn.

    A visit that somebody scheduled meanwhile stays, and so does a step that is no longer open. Returns their ids for
    the audit entry of the act.
    """
    find_transition("step", StepState.OPEN, "undo_contact")
    steps = list(attempt.passed_steps.select_for_update(of=("self",)).filter(state=StepState.OPEN).order_by("pk"))
    for step in steps:
        step.owner_role, step.escalated_on, step.passed_by = step.promise.owner_role, None, None
        step.assigned_to, step.passed_from = step.assigned_to or step.passed_from, None
        step.save(update_fields=["owner_role", "escalated_on", "passed_by", "passed_from", "assigned_to"])
    visits = HomeVisit.objects.select_for_update().filter(proposed_after=attempt, state=VisitState.PROPOSED)
    withdrawn = sorted(visits.values_list("pk", flat=True))
    after = find_transition("visit", VisitState.PROPOSED, "undo_contact").after
    HomeVisit.objects.filter(pk__in=withdrawn).update(state=after)
    told = {"returned_steps": [step.pk for step in steps], "withdrawn_visits": withdrawn}
    return {name: ids for name, ids in told.items() if ids}
