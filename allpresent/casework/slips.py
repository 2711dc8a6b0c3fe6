"""A slip of one's own, just written, is taken back by who wrote it: a contact, a visit, a decision."""

from datetime import datetime, timedelta

from allpresent.access.models import User

UNDO_WITHIN = timedelta(minutes=10)


def is_fresh(at: datetime, now: datetime) -> bool:
    """Whether what was written then may still be taken back."""
    return now <= at + UNDO_WITHIN


def is_slip(user: User, by_id: int | None, at: datetime | None, now: datetime) -> bool:
    """Whether it is fresh, and the person's own."""
    return by_id == user.pk and at is not None and is_fresh(at, now)
