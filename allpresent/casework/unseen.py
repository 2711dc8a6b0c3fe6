"""Steps given by name to somebody who cannot do them any more, and mentors of students who left the school.

For the night, after the roster is made and people were let in and out. A step goes back to those whose role it is; a
match ends, and with it what the mentor sees.
"""

from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet

from allpresent.access import visible_students
from allpresent.access.audit import record_each
from allpresent.access.models import User

from .mentor_acts import let_go
from .models import CaseStep, MentorMatch
from .models.mentors import MatchEnding
from .models.steps import StepState
from .transitions import audit_event, find_transition


def hand_steps_back(on: date, now: datetime) -> int:
    """Take the name off open steps of people who do not sign in any more, or see the student no more. Returns how many.

    One entry in the audit log for each student. A person's steps are held while they are looked at, and no others': who
    closes one meanwhile waits a moment.
    """
    named = CaseStep.objects.filter(state=StepState.OPEN).exclude(assigned_to=None)
    people = User.objects.filter(pk__in=named.order_by().values("assigned_to")).order_by("pk")
    return sum(_hand_back(person, named.filter(assigned_to=person), on, now) for person in people)


@transaction.atomic
def _hand_back(person: User, named: QuerySet[CaseStep], on: date, now: datetime) -> int:
    held = named.select_for_update(of=("self",)).order_by("pk")
    own = dict(held.values_list("pk", "case__student_id"))
    seen = set(visible_students(person, on).filter(pk__in=set(own.values())).values_list("pk", flat=True))
    lost: dict[str, list[int]] = {}
    for pk, student_id in own.items():
        if student_id not in seen:
            lost.setdefault(student_id, []).append(pk)
    if not lost:
        return 0
    find_transition("step", StepState.OPEN, "hand_back")
    details = {pk: {"steps": ids, "handed_from": person.pk} for pk, ids in lost.items()}
    record_each(None, audit_event("step", "hand_back"), details, at=now, object_kind="steps")
    return CaseStep.objects.filter(pk__in=[pk for ids in lost.values() for pk in ids]).update(assigned_to=None)


def end_matches_of_leavers(now: datetime) -> int:
    """End the matches of students who left the district or moved to another school than their mentor's."""
    live = MentorMatch.objects.filter(ended_on=None).select_related("grant").order_by("pk")
    left = live.filter(Q(student__is_enrolled=False) | ~Q(student__school_id=F("mentor__school_id")))
    with transaction.atomic():
        gone = list(left.select_for_update(of=("self",)))
        for match in gone:
            let_go(match, MatchEnding.MOVED, "", None, now, verb="leave_match")
    return len(gone)
