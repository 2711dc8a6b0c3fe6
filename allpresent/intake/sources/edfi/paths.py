"""Where in an Ed-Fi object a value stands: the paths a mapping writes, and the text found there.

``studentReference.studentUniqueId`` goes down by names, capitals aside; ``codes[kind=State].code`` takes only the
members of a list whose ``kind`` is State, ``[kind!=State]`` only the others. Several values of a list become one text,
parted by the unit separator. A descriptor (``uri://ed-fi.org/…#Excused Absence``) is known by its last part.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

BETWEEN = "\x1f"
LONGEST = 100_000  # characters of one value
_STEP = re.compile(r"([^.\[\]]+)(?:\[([^=!\]]+)(!?=)([^\]]*)\])?")


@dataclass(frozen=True)
class Step:
    """One name of a path, with a condition on the members of a list."""

    name: str
    where: str = ""
    is_: str = ""
    is_not: bool = False


class BadValueError(ValueError):
    """A value that cannot be kept as text, and why."""


@cache
def read_path(text: str) -> tuple[Step, ...]:
    """The steps of a path written in small letters."""
    return tuple(
        Step(found[1], found[2] or "", found[4] or "", found[3] == "!=") for found in _STEP.finditer(text.casefold())
    )


def value_at(row: Mapping[str, Any], paths: Sequence[tuple[Step, ...]]) -> str | None:
    """The text at the first of the paths that leads to one; the names in the row are small. Raises BadValueError."""
    for path in paths:
        texts = [text for text in map(_text, _down(row, path)) if text is not None]
        if texts:
            return BETWEEN.join(texts)
    return None


@cache
def small(name: str) -> str:
    """A name as paths have it."""
    return name.casefold()


def _down(value: Any, path: tuple[Step, ...]) -> Iterator[Any]:
    """Everything a path leads to."""
    for at, step in enumerate(path):
        if isinstance(value, list):
            for part in value:
                yield from _down(part, path[at:])
            return
        if not isinstance(value, dict):
            return
        value = value.get(step.name)
        if step.where:
            held = [one for one in (value if isinstance(value, list) else [value]) if _holds(one, step)]
            value = held
    if isinstance(value, list):
        for part in value:
            yield from _down(part, ())
    else:
        yield value


def _holds(value: Any, step: Step) -> bool:
    if not isinstance(value, dict):
        return False
    return ((_text(value.get(step.where)) or "").casefold() == step.is_) is not step.is_not


def _text(value: Any) -> str | None:
    """A plain value as text; None for nothing, and for what is no plain value."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if not isinstance(value, str):
        return None
    if len(value) > LONGEST:
        raise BadValueError(f"a value is longer than {LONGEST:,} characters")
    if "\0" in value or not _is_text(value):
        raise BadValueError("a value holds characters that are no text")
    text = value.replace(BETWEEN, " ").strip()
    if "#" in text and text[:6].casefold() == "uri://":
        text = text.rpartition("#")[2].strip()
    return text or None


def _is_text(value: str) -> bool:
    """Whether it can be written as UTF-8; half a surrogate pair cannot."""
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
