"""What people do with a promised step: close it with evidence, check the record, exempt it, hand it over."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from allpresent.access import once, record
from allpresent.access.audit import record_each
from allpresent.access.models import User

from .days import day_words
from .errors import AlreadyChangedError, EvidenceError, NotVisibleError
from .evidence import VERIFICATION, Evidence, check_evidence
from .models import CaseStep
from .models.steps import StepState
from .permissions import check_may, check_may_all, check_sees, local_day
from .transitions import audit_event, find_transition

REASON_MIN = 10
REASON_MAX = 1000


def close_step(user: User, step_id: int, evidence: Evidence, key: str, now: datetime) -> CaseStep:
    """Close a step with its evidence; the day of the evidence decides whether it was on time.

    Of two people closing the same step one wins, and the other is told who was first.
    """
    step = _find(user, step_id, "close_step", now)

    def close() -> str:
        check_open(step, "close")
        check_evidence(step, evidence, local_day(now))
        _end(
            step,
            user,
            now,
            verb="close",
            state=StepState.DONE,
            ended_on=evidence.on,
            evidence_reference=evidence.reference.strip(),
        )
        return f"step:{step.pk}"

    once(key, user, f"close:{step_id}", close, at=now)
    return CaseStep.objects.get(pk=step_id)


def verify_attendance(user: User, student_id: str, delivery_id: str, key: str, now: datetime) -> list[CaseStep]:
    """Say that the days absent are right as shown, and close the student's open verify steps.

    `delivery_id` is the data version the person looked at; it is the reference of the evidence.
    """
    on = local_day(now)
    check_may(user, student_id, "close_step", on)

    def verify() -> str:
        find_transition("step", StepState.OPEN, "verify")
        ids = _open_ids(student_id, VERIFICATION)
        if not ids:
            raise AlreadyChangedError(_("Nothing is left to verify for this student."))
        CaseStep.objects.filter(pk__in=ids).update(
            state=StepState.DONE,
            ended_on=on,
            ended_at=now,
            done_by=user,
            evidence_reference=delivery_id,
        )
        detail = {"steps": ids, "delivery": delivery_id}
        event = audit_event("step", "verify")
        record(user, event, at=now, student_id=student_id, object_kind="student", object_id=student_id, detail=detail)
        return "steps:" + ",".join(map(str, ids))

    done = once(key, user, f"verify:{student_id}", verify, at=now)
    return list(CaseStep.objects.filter(pk__in=done.removeprefix("steps:").split(",")).order_by("pk"))


def _open_ids(student_id: str, evidence: str) -> list[int]:
    steps = CaseStep.objects.select_for_update(of=("self",)).filter(
        case__student_id=student_id, state=StepState.OPEN, promise__evidence=evidence
    )
    return sorted(steps.values_list("pk", flat=True))


def exempt_step(user: User, step_id: int, reason: str, key: str, now: datetime) -> CaseStep:
    """Take a step off the list for a reason in words; it counts neither as done nor as missed."""
    step = _find(user, step_id, "exempt_step", now)
    words = reason.strip()
    if len(words) < REASON_MIN:
        raise EvidenceError(_("Say in a few words why this step does not apply to this student."))
    if len(words) > REASON_MAX:
        raise EvidenceError(_("Shorten the reason to %(most)d letters.") % {"most": REASON_MAX})

    def exempt() -> str:
        check_open(step, "exempt")
        _end(step, user, now, verb="exempt", state=StepState.EXEMPT, ended_on=local_day(now), reason=words)
        return f"step:{step.pk}"

    once(key, user, f"exempt:{step_id}", exempt, at=now)
    return CaseStep.objects.get(pk=step_id)


def reassign_steps(user: User, step_ids: Iterable[int], to: User | None, key: str, now: datetime) -> int:
    """Hand open steps to one person, or back to the owner role (`to` None). Returns how many changed hands.

    All of them or none: a step somebody closed meanwhile, or a student the person cannot see, stops the whole act.
    """
    wanted = sorted(set(step_ids))
    steps = list(CaseStep.objects.filter(pk__in=wanted).select_related("case", "done_by"))
    students = {step.case.student_id for step in steps}
    on = local_day(now)
    if len(steps) != len(wanted) or not wanted:
        raise NotVisibleError(_("There is no such step."))
    check_may_all(user, students, "assign_step", on)
    if to is not None:
        check_sees(to, students, on)

    def reassign() -> str:
        for step in steps:
            check_open(step, "reassign")
        changed = CaseStep.objects.filter(pk__in=wanted, state=StepState.OPEN).update(assigned_to=to)
        if changed != len(wanted):
            raise AlreadyChangedError(_("One of the steps was closed meanwhile; open the list again."))
        own: dict[str, list[int]] = {}
        for step in steps:
            own.setdefault(step.case.student_id, []).append(step.pk)
        details = {pk: {"steps": sorted(ids), "to": to.pk if to else None} for pk, ids in own.items()}
        record_each(user, audit_event("step", "reassign"), details, at=now, object_kind="steps")
        return str(changed)

    return int(once(key, user, "assign:steps", reassign, at=now))


def check_open(step: CaseStep, verb: str) -> None:
    """Raises AlreadyChangedError, saying who and when, for a step that is not open any more."""
    if step.state != StepState.OPEN:
        raise AlreadyChangedError(_closed_words(step))
    find_transition("step", step.state, verb)


def _closed_words(step: CaseStep) -> str:
    if step.state == StepState.WITHDRAWN:
        return _("This step was withdrawn on %(day)s: %(why)s.") % {"day": day_words(step.ended_on), "why": step.why}
    who, when = str(step.done_by), day_words(step.ended_on)
    if step.state == StepState.EXEMPT:
        return _("%(who)s exempted this step on %(day)s.") % {"who": who, "day": when}
    return _("%(who)s closed this step on %(day)s.") % {"who": who, "day": when}


def _find(user: User, step_id: int, action: str, now: datetime) -> CaseStep:
    step = CaseStep.objects.select_related("case", "crossing", "promise", "done_by").filter(pk=step_id).first()
    if step is None:
        raise NotVisibleError(_("There is no such step."))
    check_may(user, step.case.student_id, action, local_day(now))
    return step


def _end(step: CaseStep, user: User, now: datetime, *, verb: str, **values: object) -> None:
    """Compare and set: only an open step ends, and only once."""
    changed = CaseStep.objects.filter(pk=step.pk, state=StepState.OPEN).update(ended_at=now, done_by=user, **values)
    if not changed:
        first = CaseStep.objects.select_related("done_by").get(pk=step.pk)
        raise AlreadyChangedError(_closed_words(first))
    detail = {name: str(value) for name, value in values.items() if name != "reason"}
    record(
        user,
        audit_event("step", verb),
        at=now,
        student_id=step.case.student_id,
        object_kind="step",
        object_id=str(step.pk),
        detail=detail | {"step": step.step_key},
    )
