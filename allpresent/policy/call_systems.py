"""Calling systems that a list of families can be handed to: for each a file that says what its list looks like.

Those that come with the program stand in ``call_systems/``. A district puts its own version of one, or another system,
in the folder ``call_systems`` of its home, under the system's key.
"""

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path

from allpresent.policy.load import read_policy, stamp_of
from allpresent.policy.section import PolicyError, Section

SHIPPED = Path(__file__).parent / "call_systems"
# What a column may hold. No child, no level and no day absent is among them: the list says whom to call, and no more.
FIELDS: dict[str, str] = {
    "reference": "the id of the person called, as delivered",
    "family_name": "what stands before the comma of the person's name; the whole name where it has no comma",
    "given_names": "what stands after that comma",
    "school": "the name of the school",
    "language": "the person's language, in English",
    "number": "the number, as the system dials it",
    "day": "the day of the list, as in 2026-11-05",
}
_FIELD = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Column:
    """One column: its head, what its cells say (FIELDS in braces), and whether the district has yet to confirm it."""

    name: str
    text: str
    is_to_confirm: bool = False

    def __post_init__(self) -> None:
        for name in _FIELD.findall(self.text):
            if name not in FIELDS:
                raise PolicyError(f"text names {{{name}}}; it may name {', '.join(f'{{{key}}}' for key in FIELDS)}.")
        if set("{}") & set(_FIELD.sub("", self.text)):
            raise PolicyError("a brace stands alone in text; write what a cell holds as in {number}.")

    def cell(self, values: Mapping[str, str]) -> str:
        """The cell of one line; braces in a value are printed as they are."""
        return _FIELD.sub(lambda found: values[found[1]], self.text)


@dataclass(frozen=True)
class CallSystem:
    """A calling system and what its list looks like. Checked at birth: a wrong layout has no list."""

    key: str
    name: str
    version: date
    source: str
    levels: tuple[str, ...]
    encoding: str
    separator: str
    nameless: str  # stands for a name that has no letter of the encoding
    number: str  # the numbers it can dial, in full; the one group is what it is given
    columns: tuple[Column, ...]
    languages: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9_]+", self.key):
            raise PolicyError(f"key {self.key!r} has to be small letters, digits and low lines, as in parentlink.")
        if len(self.separator) != 1 or self.separator in '"\r\n':
            raise PolicyError("separator has to be one character, as in a comma.")
        self._check_letters()
        self._check_number()
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise PolicyError("columns name a head twice; keep one of them.")
        if not any("{number}" in column.text for column in self.columns):
            raise PolicyError("no column holds {number}, so nobody could be called.")

    def _check_letters(self) -> None:
        try:
            codecs.lookup(self.encoding)
            "".join((self.nameless, *(column.name + column.text for column in self.columns))).encode(self.encoding)
        except (LookupError, UnicodeEncodeError) as error:
            raise PolicyError(f"encoding {self.encoding!r} is unknown, or cannot write the columns.") from error

    def _check_number(self) -> None:
        try:
            groups = re.compile(self.number).groups
        except re.error as error:
            raise PolicyError(f"number {self.number!r} cannot be read as a pattern: {error}.") from error
        if groups != 1:
            raise PolicyError(f"number {self.number!r} has to put what is dialled in one pair of brackets.")

    @property
    def fields(self) -> tuple[str, ...]:
        """What its columns hold, of FIELDS: what leaves the house with a list."""
        held = {name for column in self.columns for name in _FIELD.findall(column.text)}
        return tuple(name for name in FIELDS if name in held)

    @property
    def to_confirm(self) -> tuple[str, ...]:
        """The heads of the columns that the district has yet to confirm."""
        return tuple(column.name for column in self.columns if column.is_to_confirm)

    def dialled(self, number: str) -> str:
        """A number in full (+12035550102) as the system is given it; blank for one it cannot dial."""
        found = re.fullmatch(self.number, number)
        return found[1] if found else ""


@dataclass(frozen=True)
class CallSystems:
    """The systems by key; ``problems`` has a sentence for each file that cannot be used."""

    systems: Mapping[str, CallSystem]
    problems: Mapping[str, str]

    @property
    def names(self) -> dict[str, str]:
        """What each is called, by key; one whose file cannot be used by its key."""
        found = {key: self.systems[key].name if key in self.systems else key for key in {*self.systems, *self.problems}}
        return dict(sorted(found.items(), key=lambda one: one[1].casefold()))


def load_call_systems(home: Path) -> CallSystems:
    """The systems that came with the program, those of the district over them.

    A file that is wrong is kept as a problem and never replaced in silence.
    """
    systems: dict[str, CallSystem] = {}
    problems: dict[str, str] = {}
    for path in (*sorted(SHIPPED.glob("*.yaml")), *sorted((home / "call_systems").glob("*.yaml"))):
        systems.pop(path.stem, None)
        problems.pop(path.stem, None)
        try:
            systems[path.stem] = _read_once(path, stamp_of(path))
        except PolicyError as error:
            problems[path.stem] = str(error)
    return CallSystems(systems, problems)


@lru_cache(maxsize=16)
def _read_once(path: Path, _stamp: tuple[int, int]) -> CallSystem:
    return read_call_system(path)


def read_call_system(path: Path) -> CallSystem:
    """The system a file describes. Raises PolicyError with the file, the line and the key."""
    top = read_policy(path)
    top.only(
        *("key", "name", "version", "source", "levels", "encoding", "separator", "nameless", "number", "languages"),
        "columns",
    )
    if top.text("key") != path.stem:
        top.note("key", f"has to be the name of the file, `{path.stem}`")
    words = top.section("languages")
    columns = tuple(filter(None, map(_column, top.sections("columns"))))
    return top.build_checked(
        CallSystem,
        key=top.text("key"),
        name=top.text("name"),
        version=top.day("version"),
        source=top.text("source"),
        levels=top.texts("levels"),
        encoding=top.text("encoding"),
        separator=str(top.get("separator", ",")),
        nameless=top.text("nameless"),
        number=top.text("number"),
        columns=columns,
        languages={name: words.text(name) for name in words},
    )


def _column(section: Section) -> Column | None:
    section.only("name", "text", "confirm")
    return section.build(
        Column,
        name=section.text("name"),
        text=section.text("text"),
        is_to_confirm=section.flag("confirm", False),
    )
