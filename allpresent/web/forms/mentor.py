"""Whom a mentor fits, as people write it down: grades and languages in their own words."""

import re
from collections.abc import Mapping
from functools import cache

from babel import Locale
from django.utils.translation import gettext as _

from allpresent.casework import CaseworkError

_OTHER_GRADES = ("PK", "K")
_HIGHEST = 12
_RANGE = re.compile(r"(k|\d{1,2})\s*[-–]\s*(\d{1,2})", re.IGNORECASE)


def read_fit(sent: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    """The grades, the languages and the load as they were typed. CaseworkError names the word that says nothing."""
    load = sent.get("load_limit", "")
    return (
        read_grades(sent.get("grades", "")),
        read_languages(sent.get("languages", "")),
        int(load) if load.isascii() and load.isdecimal() and len(load) < 4 else 0,
    )


def read_grades(text: str) -> tuple[str, ...]:
    """``K-2, 7`` as the roster writes them: K, 01, 02, 07."""
    spread = _RANGE.sub(_spread, text)
    return tuple(dict.fromkeys(_grade(word) for word in spread.replace(",", " ").split()))


def _spread(found: re.Match[str]) -> str:
    first = 0 if found[1].upper() == "K" else int(found[1])
    return " ".join(str(grade) if grade else "K" for grade in range(first, min(int(found[2]), _HIGHEST + 1) + 1))


def _grade(word: str) -> str:
    if word.upper() in _OTHER_GRADES:
        return word.upper()
    if word.isascii() and word.isdecimal() and 1 <= int(word[:4]) <= _HIGHEST:
        return f"{int(word):02}"
    raise CaseworkError(_("“%(word)s” is no grade; write grades like 7 8, K-3 or PK.") % {"word": word[:20]})


def grades_words(grades: str) -> str:
    """The grades as they are kept, for the field: 7 8."""
    return " ".join(grade.lstrip("0") for grade in grades.split())


def read_languages(text: str) -> tuple[str, ...]:
    """``Spanish, Haitian Creole`` or ``es ht`` as codes, each once."""
    found: list[str] = []
    for part in filter(None, (piece.strip() for piece in re.split(r"[,;]", text))):
        named = _codes().get(part.casefold())
        found += [named] if named else [_code(word) for word in part.split()]
    return tuple(dict.fromkeys(found))


def _code(word: str) -> str:
    code = _codes().get(word.casefold())
    if code is None:
        said = {"word": word[:40]}
        raise CaseworkError(
            _("“%(word)s” is no language known here; write it like Spanish, with commas between.") % said
        )
    return code


@cache
def _codes() -> dict[str, str]:
    """The code of every language by its name in English and in Spanish, and by itself."""
    names = [(str(code), str(name)) for spoken in ("es", "en") for code, name in Locale(spoken).languages.items()]
    known = [(code, name) for code, name in names if code.isalpha()]
    return {code: code for code, _name in known} | {name.casefold(): code for code, name in known}
