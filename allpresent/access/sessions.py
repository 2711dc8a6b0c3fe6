"""How long a session lives: 12 hours from sign-in, 30 minutes without a request, and not past its user."""

import time
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.contrib.sessions.backends.base import SessionBase
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

SIGNED_IN_AT, SEEN_AT = "signed_in_at", "seen_at"
# The idle clock is written once a minute at most: a page view is not worth a database write.
TOUCH_SECONDS = 60


def is_over(session: SessionBase, now: int) -> bool:
    """Whether the session has outlived its limits. `now`: seconds since the epoch. An undated session is over.

    So is one dated long after now: the clock was put back, and nobody can tell how long it stood idle.
    """
    signed_in_at, seen_at = session.get(SIGNED_IN_AT, 0), session.get(SEEN_AT, 0)
    if max(signed_in_at, seen_at) - now >= settings.SESSION_IDLE_SECONDS:
        return True
    return now - signed_in_at >= settings.SESSION_COOKIE_AGE or now - seen_at >= settings.SESSION_IDLE_SECONDS


def touch(session: SessionBase, now: int) -> None:
    """Note that the user is there."""
    if now - session.get(SEEN_AT, 0) >= TOUCH_SECONDS:
        session[SEEN_AT] = now


def end_sessions(user_ids: list[int]) -> None:
    """End every session of these users, on every device, with the next request."""
    from allpresent.access.models import User

    User.objects.filter(pk__in=user_ids).update(session_version=F("session_version") + 1)


def _start(sender: object, request: HttpRequest, user: Any, **_: object) -> None:
    from allpresent.access.audit import record

    now = int(time.time())
    request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = now
    record(user, "signed_in", at=timezone.now())


def _end(sender: object, request: HttpRequest, user: Any, **_: object) -> None:
    from allpresent.access.audit import record

    if user is not None:
        record(user, "signed_out", at=timezone.now())


def connect() -> None:
    """Listen to sign-ins and sign-outs."""
    user_logged_in.connect(_start, dispatch_uid="access.sessions.start")
    user_logged_out.connect(_end, dispatch_uid="access.sessions.end")
