"""What a caller says: which script, in which language, about which days."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import get_language

from allpresent.casework.models import CaseStep
from allpresent.casework.queries.student import Number
from allpresent.protocol import fill_script
from allpresent.roster.models import Student
from allpresent.web.page import Page
from allpresent.web.presenters import call_sheet as sheets
from allpresent.web.presenters.strips import ABSENT_STATES
from allpresent.web.presenters.words import language_code

# The script speaks of what is new: the days missed in the last two weeks of school that were not yet spoken about.
_RECENT_SCHOOL_DAYS = 10
_DATES_SPOKEN = 3


def spoken_days(days: Sequence[tuple[date, str]], reached_on: date | None) -> list[date]:
    """The days absent a caller speaks of: recent ones since the family was last reached, or the last one of all."""
    absent = [on for on, state in days if state in ABSENT_STATES]
    recent = {on for on, _state in days[-_RECENT_SCHOOL_DAYS:]}
    fresh = [on for on in absent if on in recent and (reached_on is None or on > reached_on)]
    return fresh[-_DATES_SPOKEN:] or absent[-1:]


def script_key(page: Page, step: CaseStep | None, level: str | None) -> str | None:
    """The template of the open call step, or that of the student's level."""
    if step is not None:
        try:
            template = page.protocol.step(step.step_key).template
        except ValueError:  # a step of an older version of the protocol
            template = None
        if template:
            return template
        level = step.level
    return page.protocol.level(level).script_key if level else None


def script_cards(
    page: Page, key: str | None, given_name: str, spoken: Sequence[date], days_absent: int, language: str
) -> tuple[sheets.ScriptCard, ...]:
    """The script in every language it is written in, filled; the one to begin with is marked."""
    written = [script for script in page.protocol.scripts if script.level == key]
    if not written:
        return ()
    codes = [script.language for script in written]
    current = language if language in codes else codes[0]
    cards = []
    for script in sorted(written, key=lambda script: script.language != current):
        try:
            text = fill_script(script, given_name, spoken, days_absent)
        except ValueError:  # it asks for days, and none are reported
            continue
        dates = sheets.dates_in(spoken, script.language)
        cards.append(
            sheets.ScriptCard(
                script.language,
                sheets.LANGUAGE_NAMES.get(script.language, script.language),
                sheets.script_parts(text, (given_name, dates)),
                sheets.script_status(script.status, script.is_approved),
                script.language == current,
            )
        )
    return tuple(cards)


def family_language(student: Student, numbers: Sequence[Number]) -> str:
    """The language to begin the call in: of the first contact, else of the student, else the page's."""
    spoken = next((number.language for number in numbers if number.language), "") or student.language
    code = language_code(spoken)
    return code or (get_language() or "en")[:2]
