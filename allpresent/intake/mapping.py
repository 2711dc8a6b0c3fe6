"""The mapping file of a source: which column is what, what the codes mean, how dates are written.

A family of exports ships its defaults (``policy/mappings/<family>.yaml``); a district's own file names the family in
``source`` and says only what differs. Every complaint names the file and the key.
"""

import re
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from allpresent.intake.mapping_tables import LookupOptions, Options
from allpresent.intake.mapping_tables import TableOptions as TableOptions
from allpresent.intake.policy_files import complaints_of, read_plain
from allpresent.intake.sniff import Dialect

SHIPPED = Path(__file__).parent.parent / "policy" / "mappings"
CATEGORIES = ("absent", "tardy", "partial", "present")


class DialectOptions(Options):
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


class DateOptions(Options):
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


class CodeMeaning(Options):
    """What one attendance code means, at a school (``*`` = every) in a school year (``2026-27``, ``*`` = every)."""

    school: str = "*"
    year: str = "*"
    code: str
    category: Literal["absent", "tardy", "partial", "present"]
    excused: bool | None = None
    disciplinary: bool = False
    portion: str | None = None  # of the mark's unit: 0.5 or 1/3

    @field_validator("portion", mode="before")
    @classmethod
    def _exact(cls, value: Any) -> Any:
        if value is None:
            return None
        portion = Fraction(str(value))
        if not 0 <= portion <= 1:
            raise ValueError("has to be between 0 and 1")
        return str(portion)


class CategoryMeaning(Options):
    """What a category label of the SIS says about a code."""

    tardy: bool = False
    excused: bool | None = None
    disciplinary: bool = False


class CodeOptions(Options):
    """What codes and the SIS's categories of codes mean. A code nobody mapped makes the day unknown, never present."""

    join: str | None = None
    table: tuple[CodeMeaning, ...] = ()
    categories: dict[str, CategoryMeaning] = {}  # label in small letters
    unknown: Literal["quarantine"] = "quarantine"


class MembershipOptions(Options):
    """How enrollment is written: whether the exit date is still a day of membership, and the columns of the tracks."""

    exit_date: Literal["exclusive", "inclusive"] = "inclusive"
    track_columns: tuple[str, ...] = ()
    negative_attendance: Literal[True] = True
    trust_after: Literal["attendance_taken"] = "attendance_taken"


class ModeChoice(Options):
    """Which of the SIS's attendance modes speaks for a school in a school year."""

    school: str = "*"
    year: str = "*"
    mode: str


class DayOptions(Options):
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


class SectionOptions(Options):
    """Which sections are homerooms: course numbers, ``*`` stands for any ending."""

    homeroom_courses: tuple[str, ...] = ()


class GroupOptions(Options):
    """A student group read from a column: ``values`` are theirs: ours; any other text is no member."""

    flag: str
    column: str
    values: dict[str, str] = {}
    prefix: bool = False  # the mapped value becomes part of the name, as in race:black


class RosterOptions(Options):
    """Which ids of a roster are those of the system the marks come from, and what its own words for groups mean."""

    student_id: Literal["identifier", "sourced_id"] = "identifier"
    school_id: Literal["identifier", "sourced_id"] = "identifier"
    staff_id: Literal["identifier", "sourced_id"] = "identifier"
    state_id: str | None = None  # the type in userIds that names the state's number, as in {SASID:0012}
    flags: dict[str, str] = {}  # user flags: our group
    races: dict[str, str] = {}  # race codes: our race


class ControlOptions(Options):
    """The file of control totals: its name, and its columns as ours: theirs."""

    file: str = "control.csv"
    columns: dict[Literal["file", "rows", "sha256"], str] = {"file": "file", "rows": "rows", "sha256": "sha256"}

    @field_validator("columns")
    @classmethod
    def _the_rest_by_our_names(cls, value: dict[str, str]) -> dict[str, str]:
        return {"file": "file", "rows": "rows", "sha256": "sha256"} | value


class Mapping(Options):
    """A whole mapping file."""

    source: str = "csv"
    delivers: Literal["year", "days"] = "year"  # unless the settings of the source say; days: only its own days
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


def mapping_file(path: Path | None) -> Path | None:
    """The mapping meant by a path, or by the bare name of one that comes with the program, as in ``aspen``."""
    if path is None or path.is_file():
        return path
    shipped = SHIPPED / f"{path.name}.yaml"
    return shipped if shipped.is_file() else path


def load_mapping(path: Path, family: str | None = None) -> Mapping:
    """The mapping in a file, over the defaults of its family. Raises IntakeError with file and key."""
    with complaints_of(path, "mapping"):
        own = read_plain(path)
        name = family or str(own.get("source", ""))
        base = SHIPPED / f"{re.sub('_dem$', '', name)}.yaml"
        if base.exists() and base.resolve() != path.resolve():
            own = _over(read_plain(base), own)
        return Mapping.model_validate(own)


def _over(base: Any, own: Any) -> Any:
    """The district's file over its family's: keys are merged, lists and plain values replaced."""
    if isinstance(base, dict) and isinstance(own, dict):
        return {**base, **{key: _over(base[key], value) if key in base else value for key, value in own.items()}}
    return own
