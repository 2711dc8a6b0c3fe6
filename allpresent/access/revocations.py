"""What was taken from people, written down outside the database, so that an older database cannot give it back.

``revoked.jsonl`` in the home (or at ``ALLPRESENT_REVOKED``) is only ever appended to, one JSON object a line, in the
act that ends a grant, changes its days, or shuts a person out or lets them in again. The last line about a grant or a
person holds. The line is on the disk before the act is committed: an act that is then not committed leaves a line too
many, which can only close what would be open.
"""

import json
import os
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from allpresent.access.audit import record
from allpresent.access.models import Grant, User
from allpresent.access.sessions import end_sessions

NAME = "revoked.jsonl"


def note_grant(grant: Grant, at: datetime) -> None:
    """Write down the days a grant now has."""
    _append({"grant": grant.pk, **_identity(grant), "ends_on": _iso(grant.ends_on), "at": at.isoformat()})


def note_user(user: User, at: datetime) -> None:
    """Write down that a person was shut out, or let in again."""
    _append({"user": user.email, "is_active": user.is_active, "at": at.isoformat()})


def merge(texts: Iterable[str]) -> str:
    """Several lists as one: every line once, by the time it was written. A line that was cut short is left out."""
    lines = {line for text in texts for line in text.splitlines() if _parsed(line) is not None}
    return "".join(f"{line}\n" for line in sorted(lines, key=lambda line: (_parsed(line) or {}).get("at", "")))


def last_line_at(text: str) -> datetime | None:
    """When the newest line of a list was written; None for an empty list."""
    said = filter(None, map(_parsed, text.splitlines()))
    return max((datetime.fromisoformat(line["at"]) for line in said), default=None)


def reapply(text: str, at: datetime) -> tuple[int, int]:
    """Take away again what the list says was taken. Returns how many grants were ended and how many people shut out."""
    said = [line for line in map(_parsed, text.splitlines()) if line is not None]
    grants = {line["grant"]: line for line in said if "grant" in line}
    people = {line["user"]: line["is_active"] for line in said if "is_active" in line}
    with transaction.atomic():
        ended = sum(_end(line, at) for line in grants.values())
        shut_out = list(User.objects.filter(email__in=[one for one, is_active in people.items() if not is_active]))
        shut_out = [user for user in shut_out if user.is_active]
        User.objects.filter(pk__in=[user.pk for user in shut_out]).update(is_active=False)
        end_sessions([user.pk for user in shut_out])
        for user in shut_out:
            record(None, "user_disabled", at=at, object_kind="user", object_id=str(user.pk), detail={"restored": True})
    return ended, len(shut_out)


def _end(line: dict[str, Any], at: datetime) -> int:
    """End one grant on its day, unless it ends sooner already or is another grant under the same number."""
    grant = Grant.objects.filter(pk=line["grant"]).select_related("user").first()
    last = line["ends_on"] and date.fromisoformat(line["ends_on"])
    if grant is None or last is None or any(line[key] != value for key, value in _identity(grant).items()):
        return 0
    if grant.ends_on is not None and grant.ends_on <= last:
        return 0
    grant.ends_on = last
    grant.save(update_fields=["ends_on"])
    detail = {"user": grant.user_id, "ends_on": line["ends_on"], "restored": True}
    record(None, "grant_ended", at=at, object_kind=grant.object_kind, object_id=grant.object_id, detail=detail)
    return 1


def _identity(grant: Grant) -> dict[str, str]:
    return {
        "user": grant.user.email,
        "relation": grant.relation,
        "object_kind": grant.object_kind,
        "object_id": grant.object_id,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _append(line: dict[str, Any]) -> None:
    path = Path(settings.REVOKED or Path(settings.HOME) / NAME)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        # One write: two who append at once leave two whole lines. The line break in front ends one that was cut short.
        os.write(handle, f"\n{json.dumps(line, ensure_ascii=False)}\n".encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        said = json.loads(line)
    except ValueError:
        return None
    return said if isinstance(said, dict) and "at" in said else None


def lines_of(paths: Iterable[Path]) -> Iterator[str]:
    """The texts of the lists that exist."""
    for path in paths:
        if path.is_file():
            yield path.read_text(encoding="utf-8")
