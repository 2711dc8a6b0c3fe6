"""The mapping file of a source: which column is what, what the codes mean, how dates are written.

A family of exports ships its defaults (``policy/mappings/<family>.yaml``); a district's own file names the family in
``source`` and says only what differs. Every complaint names the file and the key.
"""

import re
from collections.abc import Mapping as AnyMapping
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from allpresent.intake.rules import IntakeError
from allpresent.intake.sniff import Dialect
from allpresent.policy import PolicyError, read_policy

SHIPPED = Path(__file__).parent.parent / "policy" / "mappings"
CATEGORIES = ("absent", "tardy", "partial", "present")


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DialectOptions(_Model):
    """How the files are written; ``auto`` is decided by looking."""

    delimiter: str = "auto"
    quote: str | None = '"'
    escape: str | None = None
    encoding: str = "auto"
    null: tuple[str, ...] = ("",)
    strip_table_prefix: bool = False
    preamble_rows: int | Literal["auto"] = 0

    def dialect(self) -> Dialect:
        """The options as the reader takes them."""
        return Dialect(
            delimiter={"\\t": "\t", "tab": "\t"}.get(self.delimiter, self.delimiter),
            quote=self.quote or None,
            escape=self.escape or None,
            encoding=self.encoding,
            blanks=self.null,
            strips_table_prefix=self.strip_table_prefix,
            preamble_rows=None if self.preamble_rows == "auto" else self.preamble_rows,
        )


class DateOptions(_Model):
    """How dates are written. ``detect`` looks for evidence over the whole file and asks when there is none."""

    order: Literal["detect", "mdy", "dmy", "ymd"] = "detect"
    two_digit_year: str = "1970-2069"

    @field_validator("two_digit_year")
    @classmethod
    def _is_a_century(cls, text: str) -> str:
        first, _, last = text.partition("-")
        if not (first.isdigit() and last.isdigit() and int(last) - int(first) == 99):
            raise ValueError("has to be a hundred years, as in 1970-2069")
        return text

    @property
    def first_year(self) -> int:
        """First year of the window two-digit years fall into."""
        return int(self.two_digit_year[:4])


def _small_texts(value: Any) -> Any:
    """Labels and texts to compare with, in small letters; one text may stand without its list."""
    if not isinstance(value, dict):
        return value
    listed = {label: texts if isinstance(texts, list | tuple) else [texts] for label, texts in value.items()}
    return {
        str(label).strip().casefold(): tuple(str(text).strip().casefold() for text in texts)
        for label, texts in listed.items()
    }


class PartOptions(_Model):
    """One reading of a row, for files whose row says several things: all-day code and periods, morning and afternoon.

    It speaks for the rows where each label of ``when`` holds one of its texts and no label of ``unless`` one of its.
    """

    when: dict[str, tuple[str, ...]] = {}
    unless: dict[str, tuple[str, ...]] = {}
    columns: dict[str, str] = {}
    constants: dict[str, str] = {}

    @field_validator("when", "unless", mode="before")
    @classmethod
    def _small(cls, value: Any) -> Any:
        return _small_texts(value)

    @field_validator("columns")
    @classmethod
    def _small_letters(cls, value: dict[str, str]) -> dict[str, str]:
        return {ours: theirs.strip().casefold() for ours, theirs in value.items()}


class FoundOptions(_Model):
    """A column that another file holds: the ``lookup`` it is in, and the labels here that its key stands under."""

    lookup: str
    by: tuple[str, ...]

    @field_validator("by")
    @classmethod
    def _small_letters(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(label.strip().casefold() for label in value)


class LookupOptions(_Model):
    """A file that only translates a system's inner key: ``match`` are its key's labels, ``give`` the label wanted."""

    file: tuple[str, ...]
    match: tuple[str, ...]
    give: str

    @field_validator("file", "match", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("match")
    @classmethod
    def _small_letters(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(label.strip().casefold() for label in value)

    @field_validator("give")
    @classmethod
    def _small_letter(cls, value: str) -> str:
        return value.strip().casefold()


class TableOptions(_Model):
    """Where one table comes from.

    ``columns`` are ours: theirs, ``constants`` ours: text, ``values`` ours: {theirs: ours}, ``joined`` ours: their
    labels whose texts are set together with a blank, ``found`` ours: where another file translates the key.
    """

    file: tuple[str, ...]
    columns: dict[str, str] = {}
    constants: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    keep: str | None = None
    distinct: bool = False  # rows that agree in every mapped column are one
    joined: dict[str, tuple[str, ...]] = {}
    found: dict[str, FoundOptions] = {}
    parts: tuple[PartOptions, ...] = ()  # laid over the rest; a row makes one of ours for each part it fits

    @field_validator("joined")
    @classmethod
    def _small_labels(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        return {ours: tuple(label.strip().casefold() for label in several) for ours, several in value.items()}

    @property
    def given(self) -> set[str]:
        """Our columns that every row gets a value for."""
        always = {*self.columns, *self.constants, *self.joined, *self.found}
        of_parts = [{*part.columns, *part.constants} for part in self.parts]
        return always | (set.intersection(*of_parts) if of_parts else set())

    @property
    def named(self) -> set[str]:
        """Our columns that are spoken of at all."""
        return {*self.given, *self.values, *(name for part in self.parts for name in (*part.columns, *part.constants))}

    @property
    def labels(self) -> list[str]:
        """Their labels that the file has to have."""
        parts = [label for part in self.parts for label in (*part.columns.values(), *part.when, *part.unless)]
        joined = [label for several in self.joined.values() for label in several]
        found = [label for one in self.found.values() for label in one.by]
        return list(dict.fromkeys([*self.columns.values(), *joined, *found, *parts]))

    @field_validator("file", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("columns")
    @classmethod
    def _small_letters(cls, value: dict[str, str]) -> dict[str, str]:
        return {ours: theirs.strip().casefold() for ours, theirs in value.items()}


class CodeMeaning(_Model):
    """What one attendance code means, at a school (``*`` = every) in a school year (``2026-27``, ``*`` = every)."""

    school: str = "*"
    year: str = "*"
    code: str
    category: Literal["absent", "tardy", "partial", "present"]
    excused: bool | None = None
    disciplinary: bool = False
    portion: str | None = None  # of the mark's unit: 0.5 or 1/3
    ceds: int | None = None

    @field_validator("portion", mode="before")
    @classmethod
    def _exact(cls, value: Any) -> Any:
        if value is None:
            return None
        portion = Fraction(str(value))
        if not 0 <= portion <= 1:
            raise ValueError("has to be between 0 and 1")
        return str(portion)


class CategoryMeaning(_Model):
    """What a category label of the SIS says about a code."""

    tardy: bool = False
    excused: bool | None = None
    disciplinary: bool = False


class CodeOptions(_Model):
    """What codes and the SIS's categories of codes mean. A code nobody mapped makes the day unknown, never present."""

    join: str | None = None
    table: tuple[CodeMeaning, ...] = ()
    categories: dict[str, CategoryMeaning] = {}  # label in small letters
    unknown: Literal["quarantine"] = "quarantine"


class MembershipOptions(_Model):
    """How enrollment is written: whether the exit date is still a day of membership, and the columns of the tracks."""

    exit_date: Literal["exclusive", "inclusive"] = "inclusive"
    track_columns: tuple[str, ...] = ()
    negative_attendance: Literal[True] = True
    trust_after: Literal["attendance_taken"] = "attendance_taken"


class ModeChoice(_Model):
    """Which of the SIS's attendance modes speaks for a school in a school year."""

    school: str = "*"
    year: str = "*"
    mode: str


class DayOptions(_Model):
    """How marks become a day."""

    unit: Literal["periods", "minutes", "day"] = "periods"
    half_rule: Literal["present_at_least_half"] = "present_at_least_half"
    several_marks: Literal["worst_portion_then_disciplinary_then_unexcused"] = (
        "worst_portion_then_disciplinary_then_unexcused"
    )
    modes: tuple[ModeChoice, ...] = ()
    periods_in_day: int | None = Field(default=None, ge=1)
    feed: Literal["negative", "positive", "detect"] = "negative"  # positive: present students have a row too
    instructional_minutes: int | None = Field(default=None, ge=1)


class SectionOptions(_Model):
    """Which sections are homerooms: course numbers, ``*`` stands for any ending."""

    homeroom_courses: tuple[str, ...] = ()


class GroupOptions(_Model):
    """A student group read from a column: ``values`` are theirs: ours; any other text is no member."""

    flag: str
    column: str
    values: dict[str, str] = {}
    prefix: bool = False  # the mapped value becomes part of the name, as in race:black


class RosterOptions(_Model):
    """Which ids of a roster are those of the system the marks come from, and what its own words for groups mean."""

    student_id: Literal["identifier", "sourced_id"] = "identifier"
    school_id: Literal["identifier", "sourced_id"] = "identifier"
    staff_id: Literal["identifier", "sourced_id"] = "identifier"
    state_id: str | None = None  # the type in userIds that names the state's number, as in {SASID:0012}
    flags: dict[str, str] = {}  # user flags: our group
    races: dict[str, str] = {}  # race codes: our race


class ControlOptions(_Model):
    """The file of control totals: its name, and its columns as ours: theirs."""

    file: str = "control.csv"
    columns: dict[Literal["file", "rows", "sha256"], str] = {"file": "file", "rows": "rows", "sha256": "sha256"}

    @field_validator("columns")
    @classmethod
    def _the_rest_by_our_names(cls, value: dict[str, str]) -> dict[str, str]:
        return {"file": "file", "rows": "rows", "sha256": "sha256"} | value


class Mapping(_Model):
    """A whole mapping file."""

    source: str = "csv"
    dialect: DialectOptions = DialectOptions()
    dates: DateOptions = DateOptions()
    tables: dict[str, TableOptions] = {}
    lookups: dict[str, LookupOptions] = {}
    codes: CodeOptions = CodeOptions()
    membership: MembershipOptions = MembershipOptions()
    day_rule: DayOptions = DayOptions()
    sections: SectionOptions = SectionOptions()
    groups: tuple[GroupOptions, ...] = ()
    roster: RosterOptions = RosterOptions()
    control: ControlOptions = ControlOptions()
    near_names: dict[str, str] | None = None  # older names of standard columns: the exact one; None = exact names only
    secrets: Literal["drop"] = "drop"


def load_mapping(path: Path, family: str | None = None) -> Mapping:
    """The mapping in a file, over the defaults of its family. Raises IntakeError with file and key."""
    try:
        own = plain(read_policy(path))
        name = family or str(own.get("source", ""))
        base = SHIPPED / f"{re.sub('_dem$', '', name)}.yaml"
        if base.exists() and base.resolve() != path.resolve():
            own = _over(plain(read_policy(base)), own)
        return Mapping.model_validate(own)
    except PolicyError as error:
        raise IntakeError(str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        told = first["msg"].removeprefix("Value error, ")
        raise IntakeError(f"{path}: the key {key}: {told[:1].lower()}{told[1:]}; correct it in the mapping.") from error


def plain(value: Any) -> Any:
    """A policy file's content as plain dicts and lists."""
    if isinstance(value, AnyMapping):
        return {str(key): plain(part) for key, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list) else value


def _over(base: Any, own: Any) -> Any:
    """The district's file over its family's: keys are merged, lists and plain values replaced."""
    if isinstance(base, dict) and isinstance(own, dict):
        return {**base, **{key: _over(base[key], value) if key in base else value for key, value in own.items()}}
    return own
