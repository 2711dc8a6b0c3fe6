"""One person, one history: what was written under an id that was given up goes to the id the person has now.

The night does it once the facts know the former id no more. Nothing is deleted; where both ids have what a student can
have but once, both stay where they are and a sentence asks a person to end one.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime

from django.db import IntegrityError, models, transaction

from allpresent.access import record
from allpresent.access.giving import tell
from allpresent.access.models import Grant, User
from allpresent.measures.engine import Facts
from allpresent.roster.models import Student

from .models import Case, CaseStep, LevelCrossing
from .models.steps import Ending, StepState
from .transitions import audit_event


def join_students(former: Mapping[str, str], facts: Facts, on: date, now: datetime) -> tuple[int, list[str]]:
    """Move the records of each former id (former -> id of now). Returns of how many, and what could not be moved.

    A former id that the facts still know waits for a delivery. A second run moves nothing.
    """
    there = set(Student.objects.filter(pk__in=[*former, *former.values()]).values_list("pk", flat=True))
    sentences = [
        f"Nobody came under the id {current}, which {before} is said to have now; correct it, or deliver that student."
        for before, current in sorted(former.items())
        if current not in there
    ]
    pairs = sorted(pair for pair in former.items() if there.issuperset(pair))
    if not pairs:
        return 0, sentences
    delivered = set(facts.version.table("students", columns=["student_id"])["student_id"].to_pylist())
    moved = 0
    for before, current in pairs:
        if before in delivered:
            sentences.append(f"{before} stays a student of its own until a delivery brings its days under {current}.")
            continue
        with transaction.atomic():
            done = _join(before, current, on, now)
        moved += bool(done)
        sentences += _left(before, current)
    return moved, sentences


def _join(before: str, current: str, on: date, now: datetime) -> Counter[str]:
    done: Counter[str] = Counter()
    for case in Case.objects.filter(student_id=before):
        own = Case.objects.filter(student_id=current, school_year=case.school_year).first()
        done["cases"] += 1 if own is None else _join_cases(case, own, on, now)
        if own is None:
            Case.objects.filter(pk=case.pk).update(student_id=current)
    for link in _links():
        for key in link.filter(student_id=before).values_list("pk", flat=True):
            done[_name_of(link)] += _moved(link, key, current)
    done["grants"] = _move_grants(before, current, on, now)
    done = +done
    if done:
        event = audit_event("step", "join")
        record(None, event, at=now, student_id=current, detail={"former_id": before} | done)
    return done


def _links() -> list[models.Manager]:
    """Everything people wrote that names a student, cases apart."""
    own = (link.related_model for link in Student._meta.related_objects)
    return [model._default_manager for model in own if model._meta.app_label == "casework" and model is not Case]


def _name_of(link: models.Manager) -> str:
    return str(link.model._meta.verbose_name_plural)


def _moved(link: models.Manager, key: int, current: str) -> bool:
    """Whether a row could be moved: not where the student has one of their own that stands alone."""
    try:
        with transaction.atomic():
            return bool(link.filter(pk=key).update(student_id=current))
    except IntegrityError:
        return False


def _join_cases(case: Case, own: Case, on: date, now: datetime) -> int:
    """Move a case's crossings and steps to the student's own case of that year. Returns how many were moved.

    A level both reached stands once, and so does a step: what was done stands before what is open. What was done under
    both ids stays with the former one, in a case that is closed.
    """
    live = dict(own.crossings.filter(is_withdrawn=False).values_list("level", "pk"))
    standing = {step.step_key: step for step in own.steps.exclude(state=StepState.WITHDRAWN)}
    moved = 0
    for crossing in LevelCrossing.objects.filter(case=case):
        target = None if crossing.is_withdrawn else live.get(crossing.level)
        if target is not None:
            gone = {"is_withdrawn": True, "withdrawn_on": on, "withdrawn_because": Ending.CORRECTED}
            LevelCrossing.objects.filter(pk=crossing.pk).update(**gone)
        elif not crossing.is_withdrawn:
            live[crossing.level] = crossing.pk
        for step in CaseStep.objects.filter(crossing=crossing):
            if _gives_way(step, standing, on, now):
                CaseStep.objects.filter(pk=step.pk).update(case=own, crossing_id=target or crossing.pk)
                moved += 1
        if not crossing.steps.filter(case=case).exists():
            moved += LevelCrossing.objects.filter(pk=crossing.pk).update(case=own)
    if not case.steps.exists() and not case.crossings.exists():
        case.delete()
    return moved


def _gives_way(step: CaseStep, standing: dict[str, CaseStep], on: date, now: datetime) -> bool:
    """Whether a step may move to a case with these steps standing; of two that stand an open one is withdrawn."""
    rival = standing.get(step.step_key)
    if step.state == StepState.WITHDRAWN:
        return True
    if rival is None:
        standing[step.step_key] = step
        return True
    if StepState.OPEN not in (step.state, rival.state):
        return False
    gone, stays = (step, rival) if step.state == StepState.OPEN else (rival, step)
    CaseStep.objects.filter(pk=gone.pk).update(
        state=StepState.WITHDRAWN, ended_on=on, ended_at=now, ending=Ending.CORRECTED
    )
    standing[step.step_key] = stays
    return True


def _move_grants(before: str, current: str, on: date, now: datetime) -> int:
    """What people were given for the student by a person holds for the id of now; staff.csv says its own."""
    moved = 0
    for grant in Grant.objects.in_force(on).filter(object_kind=Grant.Kind.STUDENT, object_id=before):
        if grant.source != User.Source.STAFF_FILE:
            grant.object_id = current
            grant.save(update_fields=["object_id"])
            tell(grant, "grant_changed", None, now)
            moved += 1
    return moved


def _left(before: str, current: str) -> list[str]:
    """What stays under the former id, in a sentence; where nothing does, the roster forgets it."""
    counts = {_name_of(link): link.filter(student_id=before).count() for link in _links()}
    named = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()) if count)
    if named:
        return [f"{before} became {current}, and both have {named}; end one of the two, and the rest follows by night."]
    if not Case.objects.filter(student_id=before).exists():
        Student.objects.filter(pk=before).delete()
    return []
