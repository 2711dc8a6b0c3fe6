"""Handing a list of families to a calling system: it leaves the house, and that is written down for every student.

A list that was taken is no contact and closes no step: what came of the calls is logged like any other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from allpresent.access import record
from allpresent.access.audit import record_each
from allpresent.access.models import User
from allpresent.roster.models import Student

from .errors import CaseworkError, NotVisibleError
from .permissions import local_day
from .queries.call_lists import TAKEN, TAKEN_STUDENT
from .queries.open_work import students_for
from .turns import hold_students

ACTION = "take_call_list"


@dataclass(frozen=True)
class Taking:
    """A list as it is taken: for which system, which of policy.call_systems.FIELDS its lines hold, from which choice,
    and by student the ids of the people called.
    """

    system: str
    name: str
    fields: tuple[str, ...]
    choice: Mapping[str, Any]
    delivery_id: str
    lines: int
    people: Mapping[str, list[str]]


def take_list(user: User, taking: Taking, now: datetime) -> int:
    """Write down that a list left the house; the id of its entry. Call it inside the transaction that makes the list.

    Raises CaseworkError for a list of nobody.
    """
    if not taking.people:
        raise CaseworkError(_("Nobody is left to call by this list; nothing was taken."))
    may = students_for(user, ACTION, local_day(now)).filter(pk__in=list(taking.people))
    if may.count() != len(taking.people):
        raise NotVisibleError(_("There is no such student."))
    to = {"system": taking.system, "to": taking.name}
    counted = {"lines": taking.lines, "students": len(taking.people), "delivery": taking.delivery_id}
    detail = to | counted | {"choice": dict(taking.choice)}
    entry = record(user, TAKEN, at=now, object_kind="call_list", object_id=taking.system, detail=detail)
    told = to | {"fields": list(taking.fields), "purpose": "attendance call"}
    details = {student: told | {"people": people} for student, people in taking.people.items()}
    record_each(user, TAKEN_STUDENT, details, at=now, object_kind="call_list", object_id=str(entry.pk))
    return entry.pk


def hold_families(student_ids: Iterable[str]) -> None:
    """Make another taking of these families wait for this one, a brother's at another school too. Two queries.

    So nobody is in two lists of one moment: what others took is read after it.
    """
    ids = set(student_ids)
    households = Student.objects.filter(pk__in=ids).exclude(household_id="").values("household_id")
    hold_students(Student.objects.filter(Q(pk__in=ids) | Q(household_id__in=households)).values_list("pk", flat=True))
