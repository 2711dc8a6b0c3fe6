"""The district's own list of people, `staff.csv` in the home, brought into users and dated grants.

One row a grant. Columns: email, full_name, staff_id, relation, object_kind, object_id, starts_on, ends_on (dates as
2026-08-31; both may be blank: from now, without end). Who is no longer in the file is out with the next request.
The SIS alone gives no role: a teacher needs a row here, and then sees the sections delivered for that staff id.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from allpresent.access.audit import record
from allpresent.access.giving import end_grant, give_grant, tell
from allpresent.access.models import AccessError, Grant, User
from allpresent.access.revocations import note_grant, note_user
from allpresent.access.sessions import end_sessions
from allpresent.access.staff_rows import StaffRow, read_staff_file

SOURCE = User.Source.STAFF_FILE
# A file that shuts out more people than this, of a staff of some size, is taken for a broken file.
MOST_DISABLED_PCT = 20
FEW_PEOPLE = 10


@dataclass
class StaffSync:
    """What one reading of the file did; `sentences` say which rows gave nothing, and why."""

    created: int = 0
    enabled: int = 0
    disabled: int = 0
    grants_given: int = 0
    grants_ended: int = 0
    sentences: list[str] = field(default_factory=list)


def sync_staff(
    home: Path, on: date, now: datetime, *, is_demo: bool = False, may_disable_many: bool = False
) -> StaffSync:
    """Make users and grants what `staff.csv` says, in one transaction, as of the day `on`.

    A row that cannot be read gives nothing and is told in a sentence; the rest holds. People whose address has left
    the file are disabled and their sessions end; people an administrator added are left alone. A home without the
    file changes nothing. `is_demo` marks new people as invented ones whom the demo's one-click sign-in may use.
    Raises AccessError, with nothing changed, where the file as a whole cannot be trusted.
    """
    path = home / "staff.csv"
    if not path.exists():
        return StaffSync()
    file = read_staff_file(path)
    sync = StaffSync(sentences=file.sentences)
    with transaction.atomic():
        users = _sync_users(file.rows, sync, now, is_demo)
        _disable_missing(file.named, sync, now, may_disable_many)
        _sync_grants(file.rows, users, sync, on, now)
    return sync


def _sync_users(rows: list[StaffRow], sync: StaffSync, now: datetime, is_demo: bool) -> dict[str, User]:
    """A user for each address of the file: made, renamed or let in again."""
    wanted = {row.email: row for row in reversed(rows)}  # the first row of an address speaks for the person
    users = {user.email: user for user in User.objects.filter(email__in=wanted)}
    for email, row in wanted.items():
        user = users.get(email)
        if user is None:
            users[email] = user = User.objects.create_user(
                email, full_name=row.full_name, staff_id=row.staff_id, source=SOURCE, is_demo=is_demo
            )
            sync.created += 1
            record(None, "user_created", at=now, object_kind="user", object_id=str(user.pk))
        elif user.source == SOURCE:
            _refresh(user, row, sync, now)
    return users


def _refresh(user: User, row: StaffRow, sync: StaffSync, now: datetime) -> None:
    is_let_in = not user.is_active
    if is_let_in:
        sync.enabled += 1
        record(None, "user_enabled", at=now, object_kind="user", object_id=str(user.pk))
    if (user.full_name, user.staff_id, user.is_active) != (row.full_name, row.staff_id, True):
        user.full_name, user.staff_id, user.is_active = row.full_name, row.staff_id, True
        user.save(update_fields=["full_name", "staff_id", "is_active"])
        if is_let_in:
            note_user(user, now)


def _disable_missing(named: set[str], sync: StaffSync, now: datetime, may_disable_many: bool) -> None:
    """Shut out who is no longer in the file."""
    active = list(User.objects.filter(source=SOURCE, is_active=True))
    missing = [user for user in active if user.email not in named]
    is_many = len(missing) > FEW_PEOPLE and 100 * len(missing) > MOST_DISABLED_PCT * len(active)
    if is_many and not may_disable_many:
        raise AccessError(
            _("staff.csv leaves out %(count)s of the people it named before, so nothing was changed: check the file.")
            % {"count": len(missing)}
        )
    User.objects.filter(pk__in=[user.pk for user in missing]).update(is_active=False)
    end_sessions([user.pk for user in missing])
    for user in missing:
        record(None, "user_disabled", at=now, object_kind="user", object_id=str(user.pk))
        user.is_active = False
        note_user(user, now)
    sync.disabled = len(missing)


def _sync_grants(rows: list[StaffRow], users: dict[str, User], sync: StaffSync, on: date, now: datetime) -> None:
    """Give what is new, end what is no longer there. Grants of other sources are left alone."""
    standing = list(Grant.objects.filter(source=SOURCE).exclude(ends_on__lt=on).select_related("user"))
    left = {_identity(grant.user.email, grant): grant for grant in standing}
    for row in rows:
        grant = left.pop((row.email, row.relation, row.object_kind, row.object_id), None)
        if grant is None:
            _give(users[row.email], row, sync, on, now)
        elif (grant.starts_on, grant.ends_on) != (row.starts_on or grant.starts_on, row.ends_on):
            grant.starts_on, grant.ends_on = row.starts_on or grant.starts_on, row.ends_on
            grant.save(update_fields=["starts_on", "ends_on"])
            tell(grant, "grant_changed", None, now)
            note_grant(grant, now)
    for grant in left.values():
        end_grant(grant, on=on, at=now)
        sync.grants_ended += 1


def _identity(email: str, grant: Grant) -> tuple[str, str, str, str]:
    return (email, grant.relation, grant.object_kind, grant.object_id)


def _give(user: User, row: StaffRow, sync: StaffSync, on: date, now: datetime) -> None:
    if row.ends_on is not None and row.ends_on < on:
        return  # over before it was ever known: nothing to give
    give_grant(
        user,
        row.relation,
        row.object_kind,
        row.object_id,
        starts_on=row.starts_on or on,
        ends_on=row.ends_on,
        source=SOURCE,
        at=now,
    )
    sync.grants_given += 1
