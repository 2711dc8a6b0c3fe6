"""A meeting is the evidence of the reviews a protocol promises of the team that met."""

from datetime import datetime

from allpresent.access.models import User

from .models import CaseStep, Meeting
from .models.steps import StepState
from .owners import DISTRICT_TEAM, SCHOOL_TEAM
from .transitions import find_transition

MEETING = "meeting"
REVIEW = "review"  # a conference or circle is another kind of meeting, with the student


def close_reviews(meeting: Meeting, user: User, now: datetime) -> list[int]:
    """Close the open reviews by the team that met of the students it spoke of. Call it in the meeting's transaction.

    The school's team answers for its own reviews; the district's for both. Returns the ids of the steps.
    """
    find_transition("step", StepState.OPEN, "close")
    owners = [SCHOOL_TEAM] if meeting.school_id else [SCHOOL_TEAM, DISTRICT_TEAM]
    spoken = meeting.items.filter(discussed_at__isnull=False)
    due = CaseStep.objects.select_for_update(of=("self",)).filter(
        case__student_id__in=spoken.values("student_id"),
        state=StepState.OPEN,
        kind=REVIEW,
        promise__evidence=MEETING,
        promise__owner_role__in=owners,
        crossing__crossed_on__lte=meeting.on,
    )
    ids = sorted(due.values_list("pk", flat=True))
    CaseStep.objects.filter(pk__in=ids).update(
        state=StepState.DONE,
        ended_on=meeting.on,
        ended_at=now,
        done_by=user,
        evidence_reference=f"meeting:{meeting.pk}",
    )
    return ids
