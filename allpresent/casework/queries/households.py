"""Brothers and sisters as one reader may see them: who a call can also be about, and what was already said."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import BooleanField, ExpressionWrapper, Q

from allpresent.access import visible_students
from allpresent.access.models import User
from allpresent.casework.households import barred_from, family_max
from allpresent.casework.models import CaseStep, ContactAttempt
from allpresent.casework.models.contacts import Result
from allpresent.casework.models.steps import StepState
from allpresent.roster.models import Student

from .open_work import CALL, works_for

_TALKS_ROWS = 60


@dataclass(frozen=True, slots=True)
class Relative:
    """A brother or sister the reader may see, and what the reader's own relation to that child allows."""

    student: Student
    may_log: bool
    reads_log: bool  # the whole contact log; without it only the reader's own entries
    has_call: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """A contact made about a brother or sister that may answer for the student too."""

    attempt_id: int
    on: date
    by: str
    contact_name: str
    about: str  # the given name of the child it was made about


def relatives_of(user: User, student: Student, on: date) -> list[Relative]:
    """The student's enrolled brothers and sisters the person may see; nobody else is counted. Two queries."""
    if not student.household_id:
        return []
    same = visible_students(user, on).filter(household_id=student.household_id, is_enrolled=True).exclude(pk=student.pk)
    rows = same.select_related("school").annotate(
        may_log=ExpressionWrapper(works_for(user, "log_contact", on), output_field=BooleanField()),
        reads_log=ExpressionWrapper(works_for(user, "see_today", on), output_field=BooleanField()),
    )
    found = list(rows[: family_max() + 1])
    if len(found) > family_max():
        return []
    calls = CaseStep.objects.filter(state=StepState.OPEN, kind=CALL, case__student_id__in=[one.pk for one in found])
    waiting = set(calls.order_by().values_list("case__student_id", flat=True))
    return [Relative(one, one.may_log, one.reads_log, one.pk in waiting) for one in found]


def offered_contact(user: User, student_id: str, relatives: Iterable[Relative], since: date | None) -> Offer | None:
    """The last contact with the family since a day, made about one of the relatives. At most two queries.

    A contact with somebody who may not be called about the student is not offered.
    """
    ids = [one.student.pk for one in relatives]
    whole = [one.student.pk for one in relatives if one.reads_log]
    if since is None or not ids:
        return None
    rows = ContactAttempt.objects.filter(student_id__in=ids, result=Result.REACHED, undone_at=None, on__gte=since)
    row = rows.filter(Q(by=user) | Q(student_id__in=whole)).select_related("student", "by").order_by("-at").first()
    if row is None or barred_from([student_id], row.phone):
        return None
    return Offer(row.pk, row.on, str(row.by), row.contact_name, row.student.given_name)


@dataclass(frozen=True, slots=True)
class Conversation:
    """One try to speak with a family, and the children it was about."""

    on: date
    result: str
    contact_name: str
    by: str
    about: tuple[str, ...]  # student ids


def conversations(user: User, student_ids: Iterable[str], whole: Iterable[str]) -> list[Conversation]:
    """What was said or tried about these children, newest first, a call about several once. One query.

    `whole` are those of whom the person reads everybody's entries; of the others only the person's own are told.
    """
    rows = ContactAttempt.objects.filter(Q(by=user) | Q(student_id__in=list(whole)), student_id__in=list(student_ids))
    rows = rows.filter(undone_at=None).select_related("by").order_by("-at", "pk")[:_TALKS_ROWS]
    calls: dict[int, list[ContactAttempt]] = {}
    for row in rows:
        calls.setdefault(row.lead_id or row.pk, []).append(row)
    return [
        Conversation(
            first.on, first.result, first.contact_name, str(first.by), tuple(one.student_id for one in (first, *rest))
        )
        for first, *rest in calls.values()
    ]


def group_families(student_ids: Iterable[str], households: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Students gathered by household, each family where its first member stands; a blank household is one's own."""
    families: dict[str, list[str]] = {}
    for student_id in student_ids:
        families.setdefault(households.get(student_id) or f" {student_id}", []).append(student_id)
    found: list[tuple[str, ...]] = []
    for members in families.values():
        found += [tuple(members)] if len(members) <= family_max() else [(one,) for one in members]
    return found
