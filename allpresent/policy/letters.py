"""Letters to families: their words by kind and language, checked when read, and filled in one pass over known names.

The words that come with the program stand in ``letters/``; a district puts its own beside its settings, in the folder
``letters`` of its home, under the same file names, and whom to call in ``letters.yaml``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from allpresent.policy.load import read_page, read_policy
from allpresent.policy.section import PolicyError

SHIPPED = Path(__file__).parent / "letters"
KEYS = ("superintendent_letter", "attendance_letter", "truancy_meeting_notice", "improvement_note")
LANGUAGES = ("en", "es")
STATUSES = ("approved", "needs district approval")
# What a letter may name, and what it is called where it is missing.
LEGAL: dict[str, str] = {
    "family": "the family's name",
    "student": "the student's name",
    "first_name": "the student's first name",
    "school": "the school",
    "district": "the district",
    "days_absent": "the number of days missed",
    "dates": "the dates of the days missed",
    "as_of": "the day of the record",
    "goal": "the goal for the rest of the year",
    "phone": "the number families call",
    "meeting_by": "the last day of the meeting",
    "days_here": "the days in school",
}
_NAME = re.compile(r"\{([^{}]*)\}")
_HEAD = ("key", "language", "version", "status", "source", "title", "placeholders")


class LetterError(PolicyError):
    """A letter that cannot be written; the text is one sentence that says what is missing."""


@dataclass(frozen=True)
class LetterTemplate:
    """The words of one kind of letter in one language, as a version of a day; checked at birth."""

    key: str
    language: str
    version: date
    status: str
    source: str
    title: str
    placeholders: tuple[str, ...]
    text: str

    def __post_init__(self) -> None:
        check_words(f"{self.title}\n{self.text}", self.placeholders)

    @property
    def is_approved(self) -> bool:
        """Whether the district has approved these words."""
        return self.status == "approved"

    def fill(self, values: Mapping[str, str]) -> "Written":
        """The letter. Raises LetterError naming what it asks for and was not given.

        Braces in a value are printed as they are: only the template's own words are searched, once.
        """
        for name in self.placeholders:
            if not values.get(name, "").strip():
                raise LetterError(f"The letter asks for {LEGAL[name]} ({{{name}}}), and it is not known.")
        title, *paragraphs = (
            _NAME.sub(lambda found: values[found[1]], part) for part in (self.title, *self.text.split("\n\n"))
        )
        return Written(title, tuple(paragraphs))


@dataclass(frozen=True)
class Written:
    """A letter's words with every name filled in."""

    title: str
    paragraphs: tuple[str, ...]


def check_words(text: str, placeholders: tuple[str, ...]) -> None:
    """Raises LetterError for a name a letter may not use, one that is not listed, one not used, or a stray brace."""
    used = _NAME.findall(text)
    for name in (*placeholders, *used):
        if name not in LEGAL:
            raise LetterError(f"{{{name}}} is not a name a letter may use; use one of {', '.join(LEGAL)}.")
    if "{" in _NAME.sub("", text) or "}" in _NAME.sub("", text):
        raise LetterError("a brace stands alone; write a name as in {student}.")
    if missing := [name for name in used if name not in placeholders]:
        raise LetterError(f"{{{missing[0]}}} is used and not listed under placeholders; add it to the list.")
    if unused := [name for name in placeholders if name not in used]:
        raise LetterError(f"{unused[0]} is listed under placeholders and not used; take it off the list.")


def read_letter(path: Path) -> LetterTemplate:
    """The template in a file named ``<key>.<language>.md``. Raises PolicyError naming the file and what is wrong."""
    head, text = read_page(path)
    head.only(*_HEAD)
    values = {
        "key": head.one_of("key", KEYS),
        "language": head.one_of("language", LANGUAGES),
        "version": head.day("version"),
        "status": head.one_of("status", STATUSES),
        "source": head.text("source"),
        "title": head.text("title"),
        "placeholders": tuple(head.texts("placeholders")),
    }
    if path.name != f"{values['key']}.{values['language']}.md":
        head.note("key", f"and language do not fit the file's name; call it {values['key']}.{values['language']}.md")
    paragraphs = text.strip().split("\n\n")
    text = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
    if not text:
        head.note(None, "has no words after its second line of dashes")
    return head.build_checked(LetterTemplate, **values, text=text)


@dataclass(frozen=True)
class LetterBook:
    """All templates a district uses, those that cannot be used with the reason, and whom families call."""

    templates: Mapping[tuple[str, str], LetterTemplate] = field(hash=False)
    problems: Mapping[tuple[str, str], str] = field(hash=False)
    phone: str = ""
    phones: Mapping[str, str] = field(default_factory=dict, hash=False)  # by school

    def template(self, key: str, language: str) -> LetterTemplate:
        """The words of a kind in a language. Raises LetterError where the district's own file cannot be used."""
        if (key, language) in self.problems:
            raise LetterError(self.problems[key, language])
        found = self.templates.get((key, language))
        if found is None:
            raise LetterError(f"There is no letter {key} in the language {language}; write {key}.{language}.md.")
        return found

    def phone_of(self, school_id: str) -> str:
        """Whom the families of a school call; blank where the district has not said it."""
        return self.phones.get(school_id, self.phone)


def load_letters(home: Path) -> LetterBook:
    """The templates that came with the program, those of the district over them. A file that is wrong is kept as a
    problem and never replaced in silence. Raises PolicyError for a damaged ``letters.yaml``.
    """
    templates: dict[tuple[str, str], LetterTemplate] = {}
    problems: dict[tuple[str, str], str] = {}
    for folder in (SHIPPED, home / "letters"):
        for path in sorted(folder.glob("*.md")):
            key, _, language = path.stem.partition(".")
            try:
                templates[key, language] = read_letter(path)
                problems.pop((key, language), None)
            except PolicyError as error:
                problems[key, language] = str(error)
    phone, phones = _office(home / "letters.yaml")
    return LetterBook(templates, problems, phone, phones)


def _office(path: Path) -> tuple[str, dict[str, str]]:
    if not path.exists():
        return "", {}
    top = read_policy(path)
    top.only("phone", "schools")
    phone = str(top.text("phone", ""))
    schools = top.get("schools") or {}
    if not isinstance(schools, dict):
        top.note("schools", 'has to list school numbers with the number to call, as in "11": 203 555 0100')
        schools = {}
    top.check()
    return phone, {str(key): str(value) for key, value in schools.items()}


# How exports write the languages letters and pages are written in: codes of two and three letters, or the word.
_SPOKEN = {"en": {"en", "eng", "english"}, "es": {"es", "spa", "spanish", "español", "castellano"}}


def language_code(spoken: str) -> str:
    """The code of English or Spanish, delivered as a code or as a word; blank for any other language."""
    text = spoken.strip().casefold()
    return next((code for code, names in _SPOKEN.items() if text in names or text.split("-")[0] == code), "")
