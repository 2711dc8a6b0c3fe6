"""Who in the district's roles does a step that the protocol gives to an owner."""

from collections.abc import Collection
from datetime import date

from allpresent.access import relations
from allpresent.access.models import User

SCHOOL_TEAM = "school_attendance_team"
DISTRICT_TEAM = "district_attendance_team"

# The protocol speaks of owners, access of roles; where the words differ, or an office has no sign-in of its own.
_ROLES_OF_OWNER = {
    "dropout_prevention_specialist": ("dropout_specialist",),
    "superintendent": (DISTRICT_TEAM,),
    "principal": ("principal", SCHOOL_TEAM),
}
# Who takes over what stays overdue: the school's attendance team. What is the team's already stays with it, seen as
# overdue by everybody above.
_ESCALATES_TO = {SCHOOL_TEAM: None, DISTRICT_TEAM: None, "superintendent": DISTRICT_TEAM}


def owners_of(user: User, on: date) -> set[str]:
    """The owners whose steps the user does on that day."""
    return owners_among(relations(user, on))


def owners_among(held: Collection[str]) -> set[str]:
    """The owners whose steps are done by somebody with these roles."""
    return set(held) | {owner for owner, roles in _ROLES_OF_OWNER.items() if not set(roles).isdisjoint(held)}


def escalates_to(owner: str) -> str | None:
    """The owner who takes over a step that stayed overdue; None where there is nobody to hand it to."""
    return _ESCALATES_TO.get(owner, SCHOOL_TEAM)
