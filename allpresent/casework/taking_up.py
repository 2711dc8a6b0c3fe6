"""Taking up a step that the protocol promises only "if needed": a person found that it is."""

from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext as _

from allpresent.access import once, record
from allpresent.access.models import User
from allpresent.measures.engine import Facts
from allpresent.policy import load_district
from allpresent.protocol import Protocol, load_protocol
from allpresent.protocol.document import Step
from allpresent.protocol.steps import due_on

from .errors import AlreadyChangedError, LevelNotReachedError, NotVisibleError
from .models import CaseStep, LevelCrossing
from .models.steps import StepState
from .permissions import check_may, local_day
from .promises import keep_wordings, session_days
from .transitions import audit_event, find_transition


def take_up_step(
    home: Path, facts: Facts, user: User, student_id: str, step_key: str, key: str, now: datetime
) -> CaseStep:
    """Open a step of a level the student has reached, with its promised school days from today.

    Raises LevelNotReachedError below the level, AlreadyChangedError where the step is open or done already.
    """
    on = local_day(now)
    check_may(user, student_id, "close_step", on)
    district = load_district(home)
    protocol = load_protocol(district.protocol, on, district.due_school_days)
    step = next((one for one in protocol.steps() if one.key == step_key and one.scope == "student"), None)
    if step is None:
        raise NotVisibleError(_("There is no such step."))
    crossing = _crossing(student_id, step)
    opened = CaseStep(
        case=crossing.case,
        crossing=crossing,
        step_key=step.key,
        level=step.level,
        kind=step.kind,
        school_id=crossing.case.student.school_id,
        opened_on=on,
        due_on=due_on(on, step.due_school_days, session_days(facts, crossing.case.student.school_id or "", on)),
        was_taken_up=True,
        owner_role=step.owner_role,
    )
    purpose = f"take_up:{student_id}:{step_key}"[:64]
    return CaseStep.objects.get(pk=int(once(key, user, purpose, lambda: _open(user, opened, protocol, now), at=now)))


def _open(user: User, step: CaseStep, protocol: Protocol, now: datetime) -> str:
    find_transition("step", "", "take_up")
    if CaseStep.objects.filter(case=step.case, step_key=step.step_key).exclude(state=StepState.WITHDRAWN).exists():
        raise AlreadyChangedError(_("This step was taken up already."))
    step.promise_id = keep_wordings(protocol)[step.step_key]
    step.save()
    record(
        user,
        audit_event("step", "take_up"),
        at=now,
        student_id=step.case.student_id,
        object_kind="step",
        object_id=str(step.pk),
        detail={"step": step.step_key},
    )
    return str(step.pk)


def _crossing(student_id: str, step: Step) -> LevelCrossing:
    live = LevelCrossing.objects.select_related("case__student").filter(
        case__student_id=student_id, case__closed_on=None, level=step.level, is_withdrawn=False
    )
    found = live.order_by("-case__school_year").first()
    if found is None:
        raise LevelNotReachedError(_("The student has not reached the level that promises this step."))
    return found
