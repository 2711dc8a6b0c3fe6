"""What the pages about letters share: whose letters a person may send, and the record they stand on."""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from allpresent import access
from allpresent.access.grants import schools_for
from allpresent.casework.letter_acts import ACTION
from allpresent.casework.letter_reasons import Candidate, Ground, find_candidates
from allpresent.casework.models import Letter, LetterBatch
from allpresent.casework.models.letters import LEFT_HOUSE, LetterState
from allpresent.casework.queries.letters import Home, letter_counts, letters_in
from allpresent.reports.letters import LetterSheet
from allpresent.roster.models import Student
from allpresent.web.page import Page, page_of
from allpresent.web.presenters.letters import TABS, VERIFY
from allpresent.web.presenters.words import grade_room

PRINTED = (LetterState.PRODUCED, *LEFT_HOUSE)
# Said on the paper itself, to whoever hands it over, in the family's language.
_NO_ADDRESS = {
    "en": "No address was delivered: to be handed over, e-mailed or sent home.",
    "es": "No se recibió dirección: para entregar en mano, por correo electrónico o con el estudiante.",
}
_FAMILY_OF = {"en": "For the family of {name}", "es": "Para la familia de {name}"}


class LetterDesk:
    """The letters of one request's person; for anybody who sends none there is no such page."""

    def __init__(self, request: HttpRequest) -> None:
        self.page: Page = page_of(request)
        if not self.page.may(ACTION):
            raise Http404

    @cached_property
    def students(self) -> QuerySet[Student]:
        """The students one sees, at the schools for which one sends letters."""
        seen = access.visible_students(self.page.user, self.page.on)
        return seen.filter(school__in=schools_for(self.page.user, ACTION, self.page.on))

    @cached_property
    def ground(self) -> Ground | None:
        """The record shown; nothing while nothing is posted."""
        page = self.page
        if page.facts is None or page.as_of is None:
            return None
        low = tuple(level.key for level in page.protocol.levels[:2])
        return Ground(page.home, page.facts, page.as_of, page.rules, low)

    @cached_property
    def candidates(self) -> list[Candidate]:
        """The letters called for."""
        return find_candidates(self.students, self.ground) if self.ground else []

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many letters are on each tab."""
        by_state = letter_counts(self.students)
        counts = {tab: sum(by_state.get(state, 0) for state in states) for tab, (_name, states) in TABS.items()}
        return counts | {VERIFY: len(self.candidates)}

    def letter(self, letter_id: int) -> Letter:
        """One letter. Http404 for one the person may not see, and one there is not."""
        states = [state for _name, states in TABS.values() for state in states]
        found = letters_in(self.students, states).filter(pk=letter_id).first()
        if found is None:
            raise Http404
        return found

    def batch(self, batch_id: int) -> tuple[LetterBatch, list[Letter]]:
        """A print file and those of its letters the person may see. Http404 where there are none."""
        letters = list(letters_in(self.students, PRINTED).filter(batch_id=batch_id))
        if not letters or letters[0].batch is None:
            raise Http404
        return letters[0].batch, letters


_POSTAL_CODE = re.compile(r"\d[\d -]*$")


def in_envelopes(letters: Iterable[Letter], homes: Mapping[int, Home]) -> list[Letter]:
    """Letters in the order they are put into envelopes: by postal code and house; behind them those without an
    address in the order they are handed out.
    """

    def place(letter: Letter) -> tuple[Any, ...]:
        address = homes[letter.pk].address.casefold()
        code = _POSTAL_CODE.search(address)
        school = letter.school.name if letter.school else ""
        handed_out = (school, letter.student.homeroom, letter.student.full_name, letter.pk)
        return (not address, code[0] if code else "", address, *handed_out)

    return sorted(letters, key=place)


def sheet_of(letter: Letter, day: str, home: Home) -> LetterSheet:
    """A letter as it is printed: the words kept when it was verified, the address of today."""
    student = letter.student
    place = (letter.school.name if letter.school else "", grade_room(student.grade, student.homeroom))
    family = _FAMILY_OF[letter.language].replace("{name}", student.full_name)
    return LetterSheet(
        to=letter.family,
        about=" · ".join(filter(None, (family, *place))),
        delivery=_NO_ADDRESS[letter.language],
        day=day,
        title=letter.title,
        paragraphs=tuple(letter.paragraphs),
        address=tuple(home.address.splitlines()),
    )
