"""Where a family lives, for those who visit it or look a student up; who may read it is asked before."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


class Resident(Protocol):
    """What is asked of a contact."""

    @property
    def full_name(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def address_protected(self) -> bool: ...
    @property
    def has_custody(self) -> bool | None: ...
    @property
    def lives_with(self) -> bool | None: ...


@dataclass(frozen=True, slots=True)
class FamilyHome:
    """A place where a child lives, and with whom. Without an address the place is protected."""

    names: tuple[str, ...]
    address: str  # one line of it a line


def homes_of_family(contacts: Iterable[Resident]) -> tuple[FamilyHome, ...]:
    """The homes of one student, in the contacts' order: of those the child lives with, or may live with.

    Nobody without custody is named, unless the child lives with them. A protected home is said to be one.
    """
    known = [one for one in contacts if one.address or one.address_protected]
    at_home = [one for one in known if one.lives_with]
    chosen = at_home or [one for one in known if one.lives_with is None and one.has_custody is not False]
    names: dict[str, list[str]] = {}
    address: dict[str, str] = {}
    for one in chosen:
        place = " ".join(one.address.casefold().split())
        address.setdefault(place, one.address)
        if one.full_name not in names.setdefault(place, []):
            names[place].append(one.full_name)
    return tuple(FamilyHome(tuple(names[place]), address[place]) for place in names)
