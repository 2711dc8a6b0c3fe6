"""The words a caller reads out: read from `scripts/<level>.<language>.md`, filled with a name and dates."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path

from allpresent.protocol.document import Protocol, ProtocolError, Script

_HEAD = ("status", "source", "placeholders")
_WEEKDAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
_MONTHS = {
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    "es": (
        *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
        *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
    ),
}
_AND = {"en": "and", "es": "y"}
_OF = {"en": " ", "es": " de "}


def read_script(path: Path) -> Script:
    """The script in a file named `L2.en.md`. Raises ProtocolError naming the file and what is wrong."""
    template, _, language = path.stem.partition(".")
    try:
        head, text = _parts(path)
        placeholders = tuple(filter(None, (name.strip() for name in head.get("placeholders", "").split(","))))
        status, source = head.get("status", ""), head.get("source", "")
        if language not in _WEEKDAYS:
            raise ProtocolError(f"the name has to end in the language ({' or '.join(_WEEKDAYS)}), as in L2.en.md.")
        return Script(template, language, text, status, placeholders, source)
    except (OSError, UnicodeDecodeError) as error:
        raise ProtocolError(f"{path}: the script cannot be read as UTF-8 text.") from error
    except ProtocolError as error:
        raise ProtocolError(f"{path}: {error}") from error


def _parts(path: Path) -> tuple[dict[str, str], str]:
    """The `key: value` lines between two lines of dashes, and the words after them, one line a paragraph."""
    lines = path.read_text("utf-8-sig").splitlines()
    if not lines or lines[0].strip() != "---" or "---" not in (line.strip() for line in lines[1:]):
        raise ProtocolError("it has to begin with status, source and placeholders between two lines of three dashes.")
    end = next(number for number, line in enumerate(lines[1:], start=1) if line.strip() == "---")
    head: dict[str, str] = {}
    for number, line in enumerate(lines[1:end], start=2):
        key, colon, value = line.partition(":")
        if not colon or key.strip() not in _HEAD:
            raise ProtocolError(f"line {number} has to be one of {', '.join(_HEAD)}, a colon and its value.")
        head[key.strip()] = value.strip()
    paragraphs = "\n".join(lines[end + 1 :]).strip().split("\n\n")
    return head, "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def fill_script(script: Script, first_name: str, dates: Sequence[date], days_absent: int | None = None) -> str:
    """The words to read out. Raises ProtocolError when the script asks for what was not given."""
    given = {
        "student": first_name.strip(),
        "days": date_words(dates, script.language),
        "days_absent": "" if days_absent is None else str(days_absent),
    }
    text = script.text
    for name in script.placeholders:
        if not given.get(name):
            what = {"student": "a first name", "days": "dates"}.get(name, "a number of days")
            raise ProtocolError(
                f"The script {script.level}.{script.language} asks for {{{name}}}, and {what} was not given."
            )
    # One pass over the script's own words: a name that holds braces is printed, never read as a placeholder.
    parts = text.split("{")
    filled = [parts[0]]
    for part in parts[1:]:
        name, _, rest = part.partition("}")
        filled.append(given[name] + rest)
    return "".join(filled)


def date_words(dates: Sequence[date], language: str = "en") -> str:
    """Dates as one says them: "Thu 27 and Fri 28 October", "jueves 27 y viernes 28 de octubre".

    The month stands where it changes and at the end; the year is the reader's own school year.
    """
    days = sorted(set(dates))
    if not days:
        return ""
    is_last_of_month = [now.month != after.month or now.year != after.year for now, after in pairwise(days)] + [True]
    words = [
        f"{_WEEKDAYS[language][day.weekday()]} {day.day}"
        + (f"{_OF[language]}{_MONTHS[language][day.month - 1]}" if shows_month else "")
        for day, shows_month in zip(days, is_last_of_month, strict=True)
    ]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {_AND[language]} {words[-1]}"


def languages_of(protocol: Protocol, template: str) -> tuple[str, ...]:
    """The languages a template is written in, sorted."""
    return tuple(sorted(script.language for script in protocol.scripts if script.level == template))
