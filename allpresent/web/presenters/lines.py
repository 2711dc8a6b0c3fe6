"""Student lines for lists: the roster, the standings, the strips and the open work brought together."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

import numpy as np
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from allpresent.access.grants import Sight
from allpresent.casework.models.contacts import Result
from allpresent.casework.queries.open_work import LastContact
from allpresent.roster.models import Student
from allpresent.web.page import Page
from allpresent.web.presenters.standing import Person, standing_rows, student_line
from allpresent.web.presenters.strips import Strip, make_strip
from allpresent.web.presenters.student_line import StepWords, StudentLine
from allpresent.web.presenters.words import days_ago, due_words, late_words, school_days_late

MENTOR_DAYS = 10  # school days a mentor reads of a student


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


def contact_words(contact: LastContact | None, on: date, seen: Sight | None = None) -> str:
    """6 d ago · reached · Ms Ortiz; never. Who reads own entries alone is told of none of theirs, not of none.

    Without ``seen`` the reader reads everybody's; who reads none at all is told nothing.
    """
    if contact is not None:
        result = str(Result(contact.result).label)
        return " · ".join((days_ago(contact.on, on), result[:1].lower() + result[1:], contact.by))
    if seen is None or seen.reads("D6"):
        return _("never")
    return _("none by you yet") if seen.reads("D6", "own") else ""


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
    sights: Mapping[str, Sight] | None = None,
) -> dict[str, StudentLine]:
    """A line for each student, in their order. ``students`` come with their school.

    ``sights`` narrow each line to what the reader may see of that student; without them the list is one whose students
    its readers see whole.
    """
    from allpresent.measures import last_20_days

    found = list(students)
    ids = [student.student_id for student in found]
    rows = standing_rows(page.standings, ids)
    strips = last_20_days(page.facts, page.as_of, ids) if page.facts is not None and page.as_of is not None else {}
    clock = SchoolClock(page)

    def line_of(student: Student) -> StudentLine:
        seen = sights[student.pk] if sights is not None else None
        line = student_line(
            _person(student, url_of(student.pk)),
            rows.get(student.pk),
            strips.get(student.pk, ()),
            contact_words(contacts.get(student.pk), page.on, seen),
            step_words(steps.get(student.pk), clock),
        )
        return line if seen is None else _narrowed(line, seen)

    return {student.pk: line_of(student) for student in found}


def _narrowed(line: StudentLine, seen: Sight) -> StudentLine:
    """The line without what the reader may not see of the days: a mentor's part of them, or nothing."""
    if seen.reads("D3"):
        return line
    is_mentor = seen.reads("D3", "level_and_10_days")
    return replace(
        line,
        level=line.level if is_mentor else None,
        days=make_strip(line.days.days[-MENTOR_DAYS:]) if is_mentor and line.days.days else Strip((), ""),
        days_absent="",
        days_reported=0,
        rate="",
        is_chronic=False,
        unreported="",
    )


def _person(student: Student, url: str) -> Person:
    school = student.school.name if student.school else ""
    return Person(student.pk, student.full_name, student.grade, student.homeroom, url, school)
