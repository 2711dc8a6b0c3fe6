"""The audit: every act and every look, one row each, in the transaction of the act."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from allpresent.access.models import AuditEntry, User
from allpresent.roster.models import Student


def record(
    user: User | None,
    action: str,
    *,
    at: datetime,
    student_id: str | None = None,
    object_kind: str = "",
    object_id: str = "",
    detail: dict[str, Any] | None = None,
) -> AuditEntry:
    """Write one entry, as a part of the caller's transaction. `user` None is the nightly run.

    An entry that cannot be written raises, and with it the act it belongs to fails.
    """
    return AuditEntry.objects.create(
        at=at,
        user=user,
        action=action,
        student_id=student_id or "",
        object_kind=object_kind,
        object_id=object_id,
        detail=detail or {},
    )


def audited_read(
    user: User,
    action: str,
    students: QuerySet[Student] | Iterable[Student],
    *,
    at: datetime,
    detail: dict[str, Any] | None = None,
) -> list[Student]:
    """Read students and write one entry for each of them, in one transaction: no entry, no students."""
    with transaction.atomic(savepoint=False):
        seen = list(students)
        AuditEntry.objects.bulk_create(
            AuditEntry(at=at, user=user, action=action, student_id=student.student_id, detail=detail or {})
            for student in seen
        )
    return seen


def record_each(
    user: User | None,
    action: str,
    details: Mapping[str, dict[str, Any]],
    *,
    at: datetime,
    object_kind: str = "",
    object_id: str = "",
) -> None:
    """Write one entry a student, each with its own detail by student id, as a part of the caller's transaction."""
    AuditEntry.objects.bulk_create(
        AuditEntry(
            at=at,
            user=user,
            action=action,
            student_id=student_id,
            object_kind=object_kind,
            object_id=object_id,
            detail=detail,
        )
        for student_id, detail in details.items()
    )
