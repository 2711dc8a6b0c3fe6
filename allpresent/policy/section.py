"""A part of a policy file that knows where it stands, so that every complaint can name file, line and key."""

import difflib
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, TypeVar

T = TypeVar("T")
# Stands for "the file has to say this"; never leaves this module as a value.
_REQUIRED: Final[Any] = object()


class PolicyError(ValueError):
    """A policy file says something that cannot be. The text is one sentence for the person who keeps the file."""


class Problems(list[str]):
    """The sentences noted in one file, and the places they speak of."""

    def __init__(self) -> None:
        super().__init__()
        self.places: set[str] = set()

    def touch(self, place: str) -> bool:
        """Whether anything at or below the place was refused."""
        return any(not place or said == place or said.startswith((f"{place}.", f"{place}[")) for said in self.places)


class Section(dict[str, Any]):
    """One mapping of a policy file.

    The typed readers (`text`, `whole`, `day`, ...) never raise: they note a sentence in `problems`, which the
    whole file shares, and hand back a blank of the right kind; `check()` raises what was noted.
    """

    def __init__(self, path: Path, place: str = "", line: int = 1) -> None:
        super().__init__()
        self.path = path
        self.place = place
        self.line = line
        self.problems = Problems()
        self._lines: dict[str, int] = {}

    def put(self, key: str, value: Any, line: int) -> None:
        """Sets a key with the line it was read from; sections below note their problems in the same list."""
        self[key] = value
        self._lines[key] = line
        _share(value, self.problems)

    def line_of(self, key: str | None) -> int:
        """The line of the key, or of the section when it does not set the key."""
        return self._lines.get(key, self.line) if key else self.line

    def note(self, key: str | None, complaint: str) -> None:
        """Notes a problem: `complaint` follows the key, as in "has to be a whole number"."""
        name = self.place_of(key) if key else self.place
        self.problems.places.add(name)
        self.problems.append(f"{self.path}, line {self.line_of(key)}: {name or 'the file'} {complaint}.")

    def check(self) -> None:
        """Raises PolicyError with the first problem noted anywhere in the file, if there is one."""
        if self.problems:
            more = len(self.problems) - 1
            extra = f" ({more} more in this file.)" if more else ""
            raise PolicyError(self.problems[0] + extra)

    def only(self, *keys: str) -> None:
        """Notes keys that nobody would read: a misspelled setting must not look like a set one."""
        for key in self:
            if key not in keys:
                near = difflib.get_close_matches(key, keys, n=1)
                hint = f"did you mean `{near[0]}`" if near else f"use one of {', '.join(keys)}"
                self.note(key, f"is not a setting here; {hint}")

    def build(self, factory: Callable[..., T], **values: Any) -> T | None:
        """`factory(**values)`, or None with its complaint noted. Nothing is built from values already refused."""
        if self.problems.touch(self.place):
            return None
        try:
            return factory(**values)
        except ValueError as error:
            self.problems.places.add(self.place)
            self.problems.append(f"{self.path}, line {self.line}: {self.place or 'the file'}: {error}")
            return None

    def build_checked(self, factory: Callable[..., T], **values: Any) -> T:
        """As `build`, but what was noted anywhere in the file is raised as PolicyError."""
        built = self.build(factory, **values)
        self.check()
        if built is None:
            raise PolicyError(f"{self.path}: {self.place or 'the file'} cannot be read.")
        return built

    def text(self, key: str, default: Any = _REQUIRED) -> Any:
        """A text that is not blank. Whole numbers are taken as text: ids are often numbers."""
        return self._read(key, default, "", "has to be text that is not blank", _as_text)

    def texts(self, key: str, default: Any = _REQUIRED) -> Any:
        """A tuple of texts, each not blank."""
        return self._read(key, default, (), "has to be a list of texts, as in [a, b]", _as_texts)

    def whole(self, key: str, default: Any = _REQUIRED, *, low: int = 0, high: int = 10_000) -> Any:
        """A whole number from low to high."""

        def take(value: Any) -> int | None:
            is_number = isinstance(value, int) and not isinstance(value, bool)
            return value if is_number and low <= value <= high else None

        return self._read(key, default, low, f"has to be a whole number from {low} to {high}", take)

    def flag(self, key: str, default: Any = _REQUIRED) -> Any:
        """True or false."""
        return self._read(key, default, False, "has to be true or false", lambda v: v if isinstance(v, bool) else None)

    def day(self, key: str, default: Any = _REQUIRED) -> Any:
        """A calendar day."""
        blank = date(2000, 1, 1)
        complaint = "has to be a day written year-month-day, as in 2026-08-31"
        return self._read(key, default, blank, complaint, lambda v: v if isinstance(v, date) else None)

    def fraction(self, key: str, default: Any = _REQUIRED) -> Any:
        """An exact share such as "1/10", or a whole or decimal number."""
        return self._read(key, default, Fraction(0), 'has to be a number or a share, as in "1/10"', _as_fraction)

    def one_of(self, key: str, choices: Iterable[str], default: Any = _REQUIRED) -> Any:
        """One text out of the choices."""
        allowed = tuple(choices)
        complaint = f"has to be one of {', '.join(allowed)}"
        return self._read(key, default, allowed[0], complaint, lambda v: v if v in allowed else None)

    def words(self, key: str, languages: tuple[str, ...] = ("en", "es"), default: Any = _REQUIRED) -> Any:
        """One text in several languages, as a dict language -> text; every language asked for is there."""

        def take(value: Any) -> dict[str, str] | None:
            if not isinstance(value, dict) or not set(languages) <= set(value):
                return None
            return dict(value) if all(isinstance(said, str) and said.strip() for said in value.values()) else None

        blank = dict.fromkeys(languages, "-")
        return self._read(key, default, blank, f"has to be said in {' and '.join(languages)}", take)

    def section(self, key: str) -> "Section":
        """The mapping below the key; an empty one when it is not set."""
        blank = Section(self.path, self.place_of(key), self.line_of(key))
        blank.problems = self.problems
        complaint = "has to be a list of `key: value` lines below it"
        found: Section = self._read(key, blank, blank, complaint, lambda v: v if isinstance(v, Section) else None)
        return found

    def sections(self, key: str, default: Any = ()) -> "tuple[Section, ...]":
        """The list of mappings below the key, each written `- key: value`."""

        def take(value: Any) -> tuple[Section, ...] | None:
            if not isinstance(value, list) or not all(isinstance(item, Section) for item in value):
                return None
            return tuple(value)

        found: tuple[Section, ...] = self._read(
            key, default, (), "has to be a list of entries, each begun by a dash", take
        )
        return found

    def place_of(self, key: str) -> str:
        """The key with the sections above it, joined by dots."""
        return f"{self.place}.{key}" if self.place else key

    @staticmethod
    def exact(text: str) -> Decimal:
        """A decimal as written: the file's 12.5 is twelve and a half, not the nearest binary fraction."""
        return Decimal(text)

    def _read(self, key: str, default: Any, blank: Any, complaint: str, take: Callable[[Any], Any]) -> Any:
        value = self.get(key)
        if value is None:
            if default is _REQUIRED:
                self.note(key, f"is missing; it {complaint}")
                return blank
            return default
        taken = take(value)
        if taken is None:
            self.note(key, f"is `{_shown(value)}`; it {complaint}")
            return blank
        return taken


def _share(value: Any, problems: Problems) -> None:
    if isinstance(value, Section):
        value.problems = problems
        for below in value.values():
            _share(below, problems)
    elif isinstance(value, list):
        for below in value:
            _share(below, problems)


def _shown(value: Any) -> str:
    shown = str(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def _as_text(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) and value.strip() else None


def _as_texts(value: Any) -> tuple[str, ...] | None:
    if not isinstance(value, list):
        return None
    texts = tuple(_as_text(item) for item in value)
    return None if None in texts else texts  # type: ignore[return-value]


def _as_fraction(value: Any) -> Fraction | None:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, str)):
        return None
    try:
        return Fraction(value)
    except (ValueError, ZeroDivisionError, InvalidOperation, OverflowError):
        return None
