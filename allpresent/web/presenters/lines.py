"""Student lines for lists: the roster, the standings, the strips and the open work brought together."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from allpresent.casework.models.contacts import Result
from allpresent.casework.queries.open_work import LastContact, reads_whole_log
from allpresent.roster.models import Student
from allpresent.web.page import Page
from allpresent.web.presenters.standing import Person, standing_rows, student_line
from allpresent.web.presenters.student_line import StepWords, StudentLine
from allpresent.web.presenters.words import days_ago, due_words, late_words, school_days_late


@dataclass(frozen=True)
class SchoolClock:
    """The school days of one school, for saying how late something is in its own days."""

    page: Page

    def late(self, due_on: date | None, school_id: str | None) -> str:
        """How late a step of that school is, in words."""
        return late_words(self.days_late(due_on, school_id))

    def days_late(self, due_on: date | None, school_id: str | None) -> int:
        """School days gone by since the due day; 0 while it is not over."""
        facts = self.page.facts
        if due_on is None or due_on >= self.page.on or facts is None:
            return 0
        year, days = facts.school_year(self.page.on), np.array([], dtype="datetime64[D]")
        if school_id and year in facts.version.school_years:
            days = facts.session_days(school_id, year)
        return school_days_late(due_on, self.page.on, days)


def contact_words(contact: LastContact | None, on: date, *, is_whole_log: bool = True) -> str:
    """6 d ago · reached · Ms Ortiz; never. Who reads own entries alone is told of none of theirs, not of none."""
    if contact is None:
        return _("never") if is_whole_log else _("none by you yet")
    result = str(Result(contact.result).label)
    return " · ".join((days_ago(contact.on, on), result[:1].lower() + result[1:], contact.by))


class PromisedStep(Protocol):
    """What of an open step is shown."""

    @property
    def label_en(self) -> str: ...
    @property
    def label_es(self) -> str: ...
    @property
    def due_on(self) -> date | None: ...
    @property
    def school_id(self) -> str | None: ...


def step_label(step: PromisedStep) -> str:
    """The step's name in the reader's language, in English where it was not said in it."""
    return (step.label_es if (get_language() or "").startswith("es") else "") or step.label_en


def step_words(step: PromisedStep | None, clock: SchoolClock) -> StepWords:
    """The parts of the student line about the next promised step."""
    if step is None:
        return StepWords()
    late = clock.late(step.due_on, step.school_id)
    return StepWords(step_label(step), due_words(step.due_on, clock.page.on), late)


def make_lines(
    page: Page,
    students: Iterable[Student],
    contacts: Mapping[str, LastContact],
    steps: Mapping[str, PromisedStep],
    url_of: Callable[[str], str],
) -> dict[str, StudentLine]:
    """A line for each student, in their order. ``students`` come with their school."""
    from allpresent.measures import last_20_days

    found = list(students)
    ids = [student.student_id for student in found]
    rows = standing_rows(page.standings, ids)
    strips = last_20_days(page.facts, page.as_of, ids) if page.facts is not None and page.as_of is not None else {}
    clock, is_whole_log = SchoolClock(page), reads_whole_log(page.roles)
    return {
        student.pk: student_line(
            _person(student, url_of(student.pk)),
            rows.get(student.pk),
            strips.get(student.pk, ()),
            contact_words(contacts.get(student.pk), page.on, is_whole_log=is_whole_log),
            step_words(steps.get(student.pk), clock),
        )
        for student in found
    }


def _person(student: Student, url: str) -> Person:
    school = student.school.name if student.school else ""
    return Person(student.pk, student.full_name, student.grade, student.homeroom, url, school)
