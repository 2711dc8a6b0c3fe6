"""The people around a student: whom to call, and brothers and sisters the reader may see as well."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from allpresent.web.presenters.call_sheet import health_words, phone_words
from allpresent.web.presenters.levels import LevelBadge
from allpresent.web.presenters.words import language_name, relation_words

if TYPE_CHECKING:
    from allpresent.casework.queries.homes import FamilyHome
    from allpresent.casework.queries.student import Number


@dataclass(frozen=True)
class PersonLine:
    """One person with one number. ``who`` is the name, who they are to the student, and what they speak; ``tel`` dials
    the number, blank where there is none.
    """

    who: str
    phone: str
    tel: str
    health: str
    warning: str


@dataclass(frozen=True)
class Sibling:
    """A student of the same household the reader may see."""

    name: str
    url: str
    place: str
    badge: LevelBadge | None


@dataclass(frozen=True)
class HomeLine:
    """Where the child lives and with whom, for those who may read it."""

    names: str
    lines: tuple[str, ...]


def home_lines(homes: "Iterable[FamilyHome]") -> tuple[HomeLine, ...]:
    """The homes in words; a protected one says so and no more."""
    return tuple(
        HomeLine(
            names=", ".join(home.names),
            lines=tuple(home.address.splitlines()) or (_("address protected: ask the office how to reach the family"),),
        )
        for home in homes
    )


@dataclass(frozen=True)
class People:
    """``is_hidden``: the reader's role does not read families' contacts, which is not the same as having none."""

    lines: tuple[PersonLine, ...]
    siblings: tuple[Sibling, ...]
    is_hidden: bool = False
    household_url: str = ""
    homes: tuple["HomeLine", ...] = ()


def people_lines(numbers: "Iterable[Number]", on: date) -> tuple[PersonLine, ...]:
    """The people in the order to call them; a number known to be wrong says so."""
    lines = []
    for number in numbers:
        shown, dialled = phone_words(number.phone) if number.phone else ("", "")
        health, warning = health_words(number.health, on) if number.phone else (_("no number on file"), "")
        lines.append(
            PersonLine(
                who=_who(number),
                phone=shown,
                tel=dialled,
                health=health,
                warning=warning,
            )
        )
    return tuple(lines)


def _who(number: "Number") -> str:
    """Rosa Díaz, mother · Spanish."""
    person = ", ".join(part for part in (number.full_name, relation_words(number.relationship)) if part)
    return " · ".join(part for part in (person, language_name(number.language) if number.language else "") if part)
