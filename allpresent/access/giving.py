"""Giving and ending a grant: one act, one audit entry, and only relations the roles table knows."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from allpresent.access.audit import record
from allpresent.access.models import AccessError, Grant, User
from allpresent.access.revocations import note_grant
from allpresent.access.roles import ROLES


def give_grant(
    user: User,
    relation: str,
    kind: str,
    object_id: str,
    *,
    starts_on: date,
    ends_on: date | None = None,
    by: User | None = None,
    source: str,
    at: datetime,
) -> Grant:
    """Let the user stand in that relation to a district, school, section or student, from and to these days.

    `by` None is a file or the nightly run, named by `source`. Raises AccessError where no role is granted that way.
    """
    check_grant(relation, kind, object_id)
    with transaction.atomic():
        grant = Grant.objects.create(
            user=user,
            relation=relation,
            object_kind=kind,
            object_id=object_id,
            starts_on=starts_on,
            ends_on=ends_on,
            given_by=by.email if by else source,
            source=source,
        )
        tell(grant, "grant_given", by, at)
    return grant


def end_grant(grant: Grant, *, on: date, by: User | None = None, at: datetime) -> None:
    """End a grant as of `on`: the day before is its last, also where that is before its first."""
    with transaction.atomic():
        grant.ends_on = on - timedelta(days=1)
        grant.save(update_fields=["ends_on"])
        tell(grant, "grant_ended", by, at)
        note_grant(grant, at)


def check_grant(relation: str, kind: str, object_id: str) -> None:
    """Refuse what the roles table does not know, in a sentence."""
    role = ROLES.get(relation)
    if role is None or not role.kinds:
        named = ", ".join(role.key for role in ROLES.values() if role.kinds)
        raise AccessError(_("relation: “%(value)s” is none of %(named)s.") % {"value": relation, "named": named})
    if kind not in role.kinds:
        raise AccessError(
            _("object_kind: a %(relation)s is named for a %(kinds)s, not for “%(value)s”.")
            % {"relation": relation, "kinds": _(" or ").join(role.kinds), "value": kind}
        )
    if (kind == Grant.Kind.DISTRICT) == bool(object_id):
        raise AccessError(_("object_id has to be blank for the district, and named for all else."))


def tell(grant: Grant, action: str, by: User | None, at: datetime) -> None:
    """Write the audit entry of a grant that was given, changed or ended."""
    record(
        by,
        action,
        at=at,
        student_id=grant.object_id if grant.object_kind == Grant.Kind.STUDENT else None,
        object_kind=grant.object_kind,
        object_id=grant.object_id,
        detail={
            "user": grant.user_id,
            "relation": grant.relation,
            "starts_on": grant.starts_on.isoformat(),
            "ends_on": grant.ends_on and grant.ends_on.isoformat(),
            "source": grant.source,
        },
    )
