"""Schools, students, sections and staff as delivered: the small relational copy the pages and the grants join on.

It is rebuilt from the ledger after each posting and never edited by hand; it holds no attendance.
`access`, `casework`, `nightly` and `web` may read it; `nightly` alone projects it.
"""

from typing import TYPE_CHECKING

# Names are fetched when asked for: Django imports this package before its models may be.
if TYPE_CHECKING:
    from allpresent.roster.projection import project_roster as project_roster

__all__ = ["project_roster"]


def __getattr__(name: str) -> object:
    if name in __all__:
        from allpresent.roster import projection

        return getattr(projection, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
