"""To whom a letter about a student goes: each guardian with custody who may be written to, never a barred person.

Guardians at one address who read the same language get one letter together.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from allpresent.policy.letters import language_code
from allpresent.roster.models import Contact


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person a letter speaks to, and in which language; without a name it speaks to the family.

    ``others`` are those the same letter speaks to as well: they live at the same address.
    """

    contact_id: str
    name: str
    email: str
    spoken: str
    address: str = ""  # one line of it a line
    is_protected: bool = False  # the address must not be known
    others: "tuple[Recipient, ...]" = ()

    @property
    def people(self) -> "tuple[Recipient, ...]":
        """Everybody the letter speaks to, in the contacts' order."""
        return (self, *self.others)

    @property
    def contact_ids(self) -> set[str]:
        """The contacts the letter speaks to."""
        return {one.contact_id for one in self.people}

    @property
    def language(self) -> str:
        """The language of the letter: English where there are no words in theirs."""
        return language_code(self.spoken) or "en"


def recipients_of(contacts: Iterable[Contact], student_language: str) -> tuple[Recipient, ...]:
    """Every guardian known to have custody; where nobody is, the first who may be written to. In the contacts' order.

    Whoever is barred in one row, from custody or from contact, is barred in all, by id and by name. With no contact
    at all the letter speaks to the family; with none but barred ones there is no recipient.
    """
    rows = list(contacts)
    if not rows:
        return (Recipient("", "", "", student_language),)
    barred = {key for row in rows if row.may_contact is False or row.has_custody is False for key in _keys(row)}
    free = [row for row in rows if not barred & _keys(row)]
    guardians = [row for row in free if row.has_custody is True] or free[:1]
    once = {row.contact_id: row for row in reversed(guardians)}
    kept = sorted(once.values(), key=guardians.index)
    people = [
        Recipient(
            row.contact_id,
            row.full_name,
            row.email,
            row.language or student_language,
            row.address,
            row.address_protected,
        )
        for row in kept
    ]
    return _together(people)


def _together(people: list[Recipient]) -> tuple[Recipient, ...]:
    """One letter for those at one address who read one language."""
    homes: dict[tuple[str, ...], list[Recipient]] = {}
    for one in people:
        home = " ".join(one.address.casefold().split())
        homes.setdefault((home, one.language) if home else ("", "", one.contact_id), []).append(one)
    return tuple(replace(first, others=tuple(others)) for first, *others in homes.values())


def _keys(row: Contact) -> set[str]:
    """What a person is known by: a blank id or name says nothing."""
    name = " ".join(row.full_name.casefold().split())
    return {key for key, said in ((f"id {row.contact_id}", row.contact_id), (f"name {name}", name)) if said}
