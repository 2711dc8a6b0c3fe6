"""A person's caseload: whom it holds, what waits to be accepted, and how full the colleagues' caseloads are."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Max

from allpresent.access.models import Grant, User
from allpresent.access.roles import ACTIONS
from allpresent.casework.models import Case, CaseloadLimit, ContactAttempt, HandOver
from allpresent.casework.models.contacts import Result
from allpresent.casework.models.handover import HandOverState

ACTION = "see_caseload"


@dataclass(frozen=True, slots=True)
class Carried:
    """One student of a caseload: the level of the open case (blank without one), and when somebody was reached."""

    student_id: str
    level: str
    reached_on: date | None


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody a student may be handed to, and how full their caseload is; `most` None where they did not say."""

    user_id: int
    name: str
    carries: int
    most: int | None

    @property
    def is_full(self) -> bool:
        """They carry as many as they said they can, or more."""
        return self.most is not None and self.carries >= self.most


def caseload_of(user: User, on: date) -> list[Carried]:
    """The students granted to the person, never reached first, then those reached longest ago. Three queries."""
    held = Grant.objects.in_force(on).filter(
        user_id=user.pk, object_kind=Grant.Kind.STUDENT, relation__in=ACTIONS[ACTION]
    )
    ids = sorted(set(held.values_list("object_id", flat=True)))
    levels = levels_of(ids)
    rows = ContactAttempt.objects.filter(student_id__in=ids, result=Result.REACHED, undone_at=None).order_by()
    reached = dict(rows.values_list("student_id").annotate(last=Max("on")))
    carried = [Carried(pk, levels.get(pk, ""), reached.get(pk)) for pk in ids]
    return sorted(carried, key=lambda one: (one.reached_on or date.min, one.student_id))


def colleagues(user: User, on: date) -> list[Colleague]:
    """Everybody with a caseload role that day but the person, by name, with how many students each carries.

    Three queries.
    """
    held = Grant.objects.in_force(on).filter(relation__in=ACTIONS[ACTION], user__is_active=True)
    people = User.objects.filter(pk__in=held.values("user_id")).exclude(pk=user.pk).order_by("full_name", "email")
    students = held.filter(object_kind=Grant.Kind.STUDENT).values_list("user_id", "object_id")
    carries = Counter(owner for owner, _student in set(students))
    limits = dict(CaseloadLimit.objects.values_list("user_id", "most"))
    return [Colleague(one.pk, str(one), carries[one.pk], limits.get(one.pk)) for one in people]


def offers_to(user: User) -> list[HandOver]:
    """What waits for the person's answer, oldest first. One query."""
    waiting = HandOver.objects.filter(receiver=user, state=HandOverState.OFFERED)
    return list(waiting.select_related("student__school", "giver").order_by("offered_at"))


def offers_by(user: User) -> dict[str, HandOver]:
    """What the person offered and nobody answered yet, by student. One query."""
    waiting = HandOver.objects.filter(giver=user, state=HandOverState.OFFERED).select_related("receiver")
    return {offer.student_id: offer for offer in waiting}


def declined_of(user: User) -> list[HandOver]:
    """The last offers that came back with a no. One query."""
    rows = HandOver.objects.filter(giver=user, state=HandOverState.DECLINED)
    return list(rows.select_related("student", "receiver").order_by("-answered_at")[:3])


def levels_of(student_ids: Iterable[str]) -> dict[str, str]:
    """The level of each student's open case. One query."""
    rows = Case.objects.filter(student_id__in=list(student_ids), closed_on=None)
    return dict(rows.values_list("student_id", "level"))
