"""Steps given by name to somebody who cannot do them any more, and mentors of students who left the school.

For the night, after the roster is made and people were let in and out. A step goes back to those whose role it is; a
match ends, and with it what the mentor sees.
"""

from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Q

from allpresent.access import record, visible_students
from allpresent.access.models import User

from .mentor_acts import let_go
from .models import CaseStep, MentorMatch
from .models.mentors import MatchEnding
from .models.steps import StepState
from .transitions import audit_event, find_transition


def hand_steps_back(on: date, now: datetime) -> int:
    """Take the name off open steps of people who do not sign in any more, or see the student no more. Returns how many.

    One query a person with steps of their own, and one entry in the audit log for each step.
    """
    named = CaseStep.objects.filter(state=StepState.OPEN).exclude(assigned_to=None)
    done = 0
    with transaction.atomic():
        for person in User.objects.filter(pk__in=named.order_by().values("assigned_to")).order_by("pk"):
            own = dict(named.filter(assigned_to=person).order_by("pk").values_list("pk", "case__student_id"))
            wanted = visible_students(person, on).filter(pk__in=set(own.values()))
            seen = set(wanted.values_list("pk", flat=True))
            done += _unname(person, {pk: student for pk, student in own.items() if student not in seen}, now)
    return done


def _unname(person: User, lost: dict[int, str], now: datetime) -> int:
    if not lost:
        return 0
    find_transition("step", StepState.OPEN, "hand_back")
    CaseStep.objects.filter(pk__in=lost, assigned_to=person, state=StepState.OPEN).update(assigned_to=None)
    for pk, student_id in lost.items():
        record(
            None,
            audit_event("step", "hand_back"),
            at=now,
            student_id=student_id,
            object_kind="step",
            object_id=str(pk),
            detail={"handed_from": person.pk},
        )
    return len(lost)


def end_matches_of_leavers(now: datetime) -> int:
    """End the matches of students who left the district or moved to another school than their mentor's."""
    live = MentorMatch.objects.filter(ended_on=None).select_related("grant").order_by("pk")
    left = live.filter(Q(student__is_enrolled=False) | ~Q(student__school_id=F("mentor__school_id")))
    with transaction.atomic():
        gone = list(left.select_for_update(of=("self",)))
        for match in gone:
            let_go(match, MatchEnding.MOVED, "", None, now, verb="leave_match")
    return len(gone)
