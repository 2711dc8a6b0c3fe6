"""Lists of families that were handed to a calling system, read from the audit entries: one a list, one a student."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from allpresent.access.models import AuditEntry, User
from allpresent.casework.permissions import local_day
from allpresent.roster.models import Student

from .student import Event

TAKEN, TAKEN_STUDENT = "call_list.taken", "call_list.taken_student"


@dataclass(frozen=True)
class Taken:
    """A list that was taken; ``people`` are the ids of those called."""

    entry_id: int
    system: str
    name: str
    at: datetime
    by: str
    by_id: int | None
    lines: int
    students: int
    choice: Mapping[str, Any]
    delivery_id: str


def taken_by(user: User, entry_id: int, system: str) -> Taken | None:
    """A list this person took for the system."""
    rows = AuditEntry.objects.filter(pk=entry_id, user=user, action=TAKEN, object_id=system)
    return next(map(_taken, rows.select_related("user")), None)


def people_in(user: User, taken: Taken) -> set[str]:
    """The ids of the people a list of this person's holds. One query."""
    rows = AuditEntry.objects.filter(user=user, at=taken.at, action=TAKEN_STUDENT, object_id=str(taken.entry_id))
    return {person for detail in rows.values_list("detail", flat=True) for person in detail["people"]}


def taken_since(since: datetime, system: str) -> list[Taken]:
    """The lists for the system since a moment, newest first. One query."""
    rows = AuditEntry.objects.filter(student_id="", at__gte=since, action=TAKEN, object_id=system)
    return [_taken(row) for row in rows.select_related("user").order_by("-at", "-pk")]


def _taken(row: AuditEntry) -> Taken:
    told = row.detail
    return Taken(
        entry_id=row.pk,
        system=told["system"],
        name=told["to"],
        at=row.at,
        by=str(row.user),
        by_id=row.user_id,
        lines=told["lines"],
        students=told["students"],
        choice=told["choice"],
        delivery_id=told["delivery"],
    )


def called_since(since: datetime, student_ids: Iterable[str]) -> dict[str, list[str]]:
    """By student, the people in a list since a moment: of these students, and of their brothers and sisters anywhere.

    One query.
    """
    ids = list(student_ids)
    households = Student.objects.filter(pk__in=ids).exclude(household_id="").values("household_id")
    family = Student.objects.filter(Q(pk__in=ids) | Q(household_id__in=households))
    rows = AuditEntry.objects.filter(student_id__in=family.values("pk"), at__gte=since, action=TAKEN_STUDENT)
    found: dict[str, list[str]] = {}
    for student, detail in rows.values_list("student_id", "detail"):
        found.setdefault(student, []).extend(detail["people"])
    return found


def call_list_events(student_id: str) -> list[Event]:
    """The lists the student's family was in. One query."""
    rows = AuditEntry.objects.filter(student_id=student_id, action=TAKEN_STUDENT).select_related("user").order_by("pk")
    return [
        Event(
            local_day(row.at),
            "call_list",
            row.at,
            str(row.user),
            detail={"to": row.detail["to"], "people": len(row.detail["people"])},
            by_id=row.user_id,
        )
        for row in rows
    ]
