"""Who may see whom, why, and who did: users, dated grants, the roles table, the audit entries, one-time form keys.

It decides on roster memberships and grants alone, and knows nothing of cases, levels or attendance.
`casework`, `nightly`, `cli` and `web` call it; every page, export and file asks it first.
"""

from importlib import import_module
from typing import TYPE_CHECKING

# Names are fetched when asked for: Django imports this package before its models may be.
if TYPE_CHECKING:
    from allpresent.access.audit import audited_read as audited_read
    from allpresent.access.audit import record as record
    from allpresent.access.formkeys import issue_key as issue_key
    from allpresent.access.formkeys import once as once
    from allpresent.access.grants import can as can
    from allpresent.access.grants import get_visible_student_or_404 as get_visible_student_or_404
    from allpresent.access.grants import relations as relations
    from allpresent.access.grants import visible_students as visible_students
    from allpresent.access.grants import why_can_view as why_can_view
    from allpresent.access.staff_file import sync_staff as sync_staff

_ROOMS = {
    "audited_read": "audit",
    "record": "audit",
    "issue_key": "formkeys",
    "once": "formkeys",
    "can": "grants",
    "get_visible_student_or_404": "grants",
    "relations": "grants",
    "visible_students": "grants",
    "why_can_view": "grants",
    "sync_staff": "staff_file",
}
__all__ = [
    "audited_read",
    "can",
    "get_visible_student_or_404",
    "issue_key",
    "once",
    "record",
    "relations",
    "sync_staff",
    "visible_students",
    "why_can_view",
]


def __getattr__(name: str) -> object:
    if name in _ROOMS:
        return getattr(import_module(f"allpresent.access.{_ROOMS[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
