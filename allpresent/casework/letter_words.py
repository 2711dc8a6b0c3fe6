"""The words of one letter: the family's template filled from the record, in the family's language."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from allpresent.measures.parameters import Rules
from allpresent.policy import load_district
from allpresent.policy.letters import LetterBook, LetterTemplate, Written
from allpresent.protocol.scripts import date_words

from .letter_reasons import Candidate, Ground
from .letter_recipients import Recipient
from .models.letters import LetterKind

# Phrases that hold a number, by language: one, and more.
_DAYS = {"en": ("{n} school day", "{n} school days"), "es": ("{n} día de escuela", "{n} días de escuela")}
_GOAL = {
    "en": ("to miss no more than {n} more school day", "to miss no more than {n} more school days"),
    "es": ("no faltar más de {n} día más", "no faltar más de {n} días más"),
}
_EVERY_DAY = {
    "en": "to come to school every day from now on",
    "es": "venir a la escuela todos los días a partir de hoy",
}
_HERE = {
    "en": "{here} of the last {of} school days",
    "es": "{here} de los últimos {of} días de escuela",
}
_FAMILY = {"en": "family of {name}", "es": "familia de {name}"}
_AND = {"en": " and ", "es": " y "}
# In Spanish "y" is "e" before the sound of i: Luis e Inés, but Luis y Ian.
_SOUNDS_LIKE_I = re.compile(r"h?[ií](?![aeo])", re.IGNORECASE)
LONGEST_NAME = 300  # characters of all whom a letter speaks to


def family_words(candidate: Candidate, to: Recipient) -> str:
    """To whom the letter speaks: the contacts by name, or the family of the student."""
    names = list(dict.fromkeys(one.name for one in to.people if one.name))
    words = _joined(names, to.language) or _FAMILY[to.language].replace("{name}", candidate.student.spoken_name)
    return words[:LONGEST_NAME]


def speaks_to_several(family: str) -> bool:
    """Whether the words name more than one person, as far as words tell."""
    return any(word in family for word in (*_AND.values(), " e "))


def _joined(names: list[str], language: str) -> str:
    if len(names) < 2:
        return "".join(names)
    between = " e " if language == "es" and _SOUNDS_LIKE_I.match(names[-1]) else _AND[language]
    return f"{', '.join(names[:-1])}{between}{names[-1]}"


def write_letter(
    candidate: Candidate, to: Recipient, book: LetterBook, ground: Ground
) -> tuple[LetterTemplate, Written]:
    """The letter's words to one person. Raises LetterError with the sentence that holds it."""
    template = book.template(candidate.kind, to.language)
    return template, template.fill(_values(candidate, to, book, ground))


def _values(candidate: Candidate, to: Recipient, book: LetterBook, ground: Ground) -> dict[str, str]:
    one, row, language = candidate.student, candidate.standing, to.language
    is_truancy = candidate.kind == LetterKind.TRUANCY
    meeting_by: date | None = candidate.reason.get("meeting_due_on")
    return {
        "family": family_words(candidate, to),
        "student": one.spoken_name,
        "first_name": one.given_name,
        "school": one.school.name if one.school else "",
        "district": load_district(ground.home).name,
        "days_absent": _counted(row.get("days_unexcused" if is_truancy else "days_absent"), language),
        "dates": date_words(candidate.days, language),
        "as_of": date_words([ground.as_of], language),
        "goal": goal_words(row, ground.rules, language),
        "phone": book.phone_of(one.school_id or ""),
        "meeting_by": date_words([meeting_by], language) if meeting_by else "",
        "days_here": _here(candidate.reason, language),
    }


def _phrase(phrases: tuple[str, str], number: str) -> str:
    return phrases[number != "1"].replace("{n}", number)


def _counted(days: Any, language: str) -> str:
    return "" if days is None else _phrase(_DAYS[language], str(days))


def goal_words(standing: Mapping[str, Any], rules: Rules, language: str) -> str:
    """How many more days may be missed without being chronically absent at the end of the year, or every day."""
    if not standing:
        return ""
    share = rules.chronic
    # The most whole days of the year that are still below the share.
    allowed = (standing["planned_days"] * share.numerator - 1) // share.denominator
    left = int(Fraction(allowed) - Fraction(Decimal(standing["days_absent"])))
    return _phrase(_GOAL[language], str(left)) if left >= 1 else _EVERY_DAY[language]


def _here(reason: Mapping[str, Any], language: str) -> str:
    if "of" not in reason:
        return ""
    here = Decimal(reason["of"]) - Decimal(reason["missed"])
    return _HERE[language].replace("{here}", str(here)).replace("{of}", str(reason["of"]))
