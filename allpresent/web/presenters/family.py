"""Brothers and sisters in words: on a call sheet, and as one line of a list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from allpresent.casework.models.contacts import Result
from allpresent.casework.queries.households import Conversation, Offer
from allpresent.roster.models import Student
from allpresent.web.presenters.standing import StandingRow
from allpresent.web.presenters.strips import day_words
from allpresent.web.presenters.student_line import StudentLine
from allpresent.web.presenters.words import grade_words

if TYPE_CHECKING:
    from allpresent.web.presenters.people import HomeLine


@dataclass(frozen=True)
class SiblingCard:
    """A brother or sister the caller may see; ``can_tick`` where a call is open that this one may serve."""

    key: str
    name: str
    given_name: str
    place: str
    level: str | None
    url: str
    can_tick: bool
    is_ticked: bool


@dataclass(frozen=True)
class OfferCard:
    """A contact with the family that may answer for this child too, as a question with its button."""

    words: str
    button: str
    url: str


@dataclass(frozen=True)
class Household:
    """The brothers and sisters shown on a sheet, and a contact with the family that may answer for the student."""

    cards: tuple[SiblingCard, ...] = ()
    offer: OfferCard | None = None
    url: str = ""  # of the page with all of them

    @property
    def ticks(self) -> tuple[SiblingCard, ...]:
        """Those whose open call this one may serve as well."""
        return tuple(card for card in self.cards if card.can_tick)


@dataclass(frozen=True)
class FamilyLine:
    """One family of a list: the line of the child who is most urgent, and the brothers and sisters with it."""

    line: StudentLine
    others: tuple[StudentLine, ...] = ()


def sibling_card(other: Student, row: StandingRow | None, url: str, *, can_tick: bool, is_ticked: bool) -> SiblingCard:
    """Tomás, grade 4, Fair Haven School, L2."""
    place = ", ".join(part for part in (grade_words(other.grade), other.school.name if other.school else "") if part)
    level = row.level if row else None
    return SiblingCard(other.pk, other.full_name, other.given_name, place, level, url, can_tick, is_ticked)


def offer_card(offer: Offer, given_name: str, url: str) -> OfferCard:
    """Lucía Delgado was reached about Tomás on Mon 2 Nov by Bob Tanaka. Does this answer for Mateo too?"""
    said = {"who": offer.contact_name, "about": offer.about, "day": day_words(offer.on), "by": offer.by}
    words = (
        _("%(who)s was reached about %(about)s on %(day)s by %(by)s.") % said
        if offer.contact_name
        else _("The family was reached about %(about)s on %(day)s by %(by)s.") % said
    )
    question = _("Does this answer for %(name)s too?") % {"name": given_name}
    return OfferCard(f"{words} {question}", _("Yes, it answers for %(name)s too") % {"name": given_name}, url)


def family_lines(families: Iterable[tuple[str, ...]], lines: Mapping[str, StudentLine]) -> tuple[FamilyLine, ...]:
    """The families of a list, each with the lines of those of its children that are shown."""
    found = []
    for family in families:
        shown = [lines[pk] for pk in family if pk in lines]
        if shown:
            found.append(FamilyLine(shown[0], tuple(shown[1:])))
    return tuple(found)


@dataclass(frozen=True)
class TalkLine:
    """One conversation of the household: the day, what came of it, and about whom it was."""

    day: str
    result: str
    words: str


@dataclass(frozen=True)
class FamilyPage:
    """The children of one household on one page."""

    title: str
    lead: str
    lines: tuple[StudentLine, ...]
    talks: tuple[TalkLine, ...]
    call_url: str = ""
    homes: "tuple[HomeLine, ...]" = ()


def family_lead(children: int, calls: int) -> str:
    """You see 3 children of this household. A call home waits for 2 of them: one conversation can serve all."""
    words = ngettext(
        "You see %(count)d child of this household.", "You see %(count)d children of this household.", children
    ) % {"count": children}
    if not calls:
        return words + " " + _("No call home waits.")
    more = ngettext(
        "A call home waits for %(count)d of them.",
        "A call home waits for %(count)d of them: one conversation can serve all.",
        calls,
    )
    return words + " " + more % {"count": calls}


def talk_line(talk: Conversation, names: Mapping[str, str]) -> TalkLine:
    """Mon 2 Nov · Reached · Lucía Delgado, Bob Tanaka · about Mateo, Tomás."""
    about = _("about %(names)s") % {"names": ", ".join(names[pk] for pk in talk.about)}
    said = ", ".join(part for part in (talk.contact_name, talk.by) if part)
    return TalkLine(day_words(talk.on), str(Result(talk.result).label), f"{said} · {about}")
