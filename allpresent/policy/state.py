"""What a state has decided: parameters with the day each value begins and where it is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

from allpresent.policy.load import read_policy, stamp_of
from allpresent.policy.section import PolicyError, Section

_STATES = Path(__file__).parent / "states"


@dataclass(frozen=True)
class DatedValue:
    """A value in force from a day on. `is_confirmed` is false where the source's text was not seen."""

    starts_on: date
    value: Any
    source: str
    is_confirmed: bool = True
    note: str = ""


@dataclass(frozen=True)
class Parameter:
    """One thing a state decides, with its values in the order of their first days."""

    name: str
    label: str
    unit: str
    values: tuple[DatedValue, ...]

    def __post_init__(self) -> None:
        days = [value.starts_on for value in self.values]
        if not days or days != sorted(set(days)):
            raise PolicyError("values have to be in the order of their days, each day once, at least one.")

    def at(self, on: date) -> DatedValue:
        """The value in force on a day. Raises PolicyError before the first one."""
        for dated in reversed(self.values):
            if dated.starts_on <= on:
                return dated
        raise PolicyError(
            f"The state's rule {self.name} is known from {self.values[0].starts_on} on, and {on} is earlier; "
            "add the older value with its source to the state's file."
        )


@dataclass(frozen=True)
class StateRules:
    """The values of one day, plain. Shares are exact fractions of 1; the sources are in the pack."""

    chronic_share: Fraction  # chronically absent: days_absent / days_reported >= this (CGS 10-198c(a)(1))
    minimum_days: int  # days before the state itself judges a student
    chronic_grades: tuple[str, ...]  # grades in the state's published rate
    half_day_is_absent: bool  # whether exactly half of a day missed is an absence
    truancy_month_count: int  # unexcused absences in `truancy_month_days` days in a row (CGS 10-198a)
    truancy_month_days: int
    truancy_year_count: int  # unexcused absences in the school year
    truancy_age_low: int  # both ages included
    truancy_age_high: int
    meeting_school_days: int  # the meeting is due so many days in session after the absence that made it due
    suppression_count_max: int  # counts from 1 to this are hidden; 0 is shown
    suppression_denominator_min: int  # rates over fewer students are hidden
    suppression_is_complementary: bool  # a hidden cell hides another where a total would give it away
    attendance_works_at_risk: Fraction
    attendance_works_moderate: Fraction
    attendance_works_severe: Fraction
    review_team_district_share: Fraction  # district chronic rate from which a review team is a duty
    review_team_school_share: Fraction
    indicator4_points: int
    indicator4_full_share: Fraction  # all points at or under this rate
    indicator4_zero_share: Fraction  # no points at or over this rate
    year_sessions: int  # school days a year has at least
    grade_ranges: Mapping[str, tuple[str, ...]] = field(hash=False)

    def __post_init__(self) -> None:
        for said in fields(self):
            _check_kind(said.name, getattr(self, said.name), said.type)

    @property
    def chronic_numerator(self) -> int:
        """Chronic when chronic_denominator * days_absent >= chronic_numerator * days_reported."""
        return self.chronic_share.numerator

    @property
    def chronic_denominator(self) -> int:
        """See chronic_numerator."""
        return self.chronic_share.denominator

    @property
    def attendance_works_bands(self) -> tuple[tuple[str, Fraction], ...]:
        """(band, share from which it holds), the worst first; under the last one is `satisfactory`."""
        return (
            ("severe_chronic", self.attendance_works_severe),
            ("moderate_chronic", self.attendance_works_moderate),
            ("at_risk", self.attendance_works_at_risk),
        )

    def grade_range_of(self, grade: str) -> str:
        """The range a grade is shown in ("K-8"), or "" when it is in none (pre-kindergarten)."""
        return next((name for name, grades in self.grade_ranges.items() if grade in grades), "")


@dataclass(frozen=True)
class StatePack:
    """A state's parameters over time. `at(day)` gives the plain values in force on it."""

    key: str
    name: str
    parameters: Mapping[str, Parameter] = field(hash=False)

    def parameter(self, name: str) -> Parameter:
        """One parameter with its history. Raises PolicyError for a name the pack does not set."""
        if name not in self.parameters:
            raise PolicyError(f"The state pack {self.key} does not set {name}.")
        return self.parameters[name]

    def at(self, on: date) -> StateRules:
        """The values in force on a day. Raises PolicyError when one is missing or begins later."""
        names = (said.name for said in fields(StateRules))
        return StateRules(**{name: self.parameter(name).at(on).value for name in names})


def load_state_pack(key: str) -> StatePack:
    """The pack of a state ("ct"), laid over what all states share (`us`). Raises PolicyError."""
    path = _STATES / f"{key}.yaml"
    known = sorted(p.stem for p in _STATES.glob("*.yaml") if "." not in p.stem and p.stem != "us")
    if key not in known:
        raise PolicyError(f"There is no state pack {key!r}; choose one of {', '.join(known)}.")
    return _load(path, stamp_of(path), stamp_of(_STATES / "us.yaml"))


@lru_cache(maxsize=8)
def _load(path: Path, *_stamps: tuple[int, int]) -> StatePack:
    """The pack, read once for each state of its files: every page asks for it."""
    key = path.stem
    pack = StatePack(key, read_policy(path).text("name"), read_parameters(_STATES / "us.yaml") | read_parameters(path))
    for day in sorted({dated.starts_on for one in pack.parameters.values() for dated in one.values}):
        if all(one.values[0].starts_on <= day for one in pack.parameters.values()):
            pack.at(day)  # a value of the wrong kind is found now, not on the night it comes into force
    return pack


def read_parameters(path: Path) -> dict[str, Parameter]:
    """The dated parameters of one pack file, by name. Raises PolicyError with file, line and key."""
    top = read_policy(path)
    top.only("name", "about", "parameters")
    below = top.section("parameters")
    found = {name: _parameter(name, below.section(name)) for name in below}
    top.check()
    return {name: parameter for name, parameter in found.items() if parameter is not None}


def _parameter(name: str, section: Section) -> Parameter | None:
    section.only("label", "unit", "values")
    values = tuple(filter(None, map(_dated, section.sections("values"))))
    return section.build(Parameter, name=name, label=section.text("label"), unit=section.text("unit"), values=values)


def _dated(section: Section) -> DatedValue | None:
    section.only("from", "value", "source", "unconfirmed", "note")
    return section.build(
        DatedValue,
        starts_on=section.day("from"),
        value=_plain(section.get("value")),
        source=section.text("source"),
        is_confirmed=not section.flag("unconfirmed", False),
        note=section.text("note", ""),
    )


def _plain(value: Any) -> Any:
    """The value without its file: shares and decimals as fractions, lists as tuples, mappings as dicts."""
    if isinstance(value, Section):
        return {key: _plain(below) for key, below in value.items()}
    if isinstance(value, list):
        return tuple(map(_plain, value))
    is_share = isinstance(value, str) and value.replace("/", "", 1).isdigit() and "/" in value
    return Fraction(value) if is_share or isinstance(value, Decimal) else value


_KINDS: dict[Any, tuple[type, str]] = {
    Fraction: (Fraction, "an exact share such as 1/10"),
    int: (int, "a whole number"),
    bool: (bool, "true or false"),
    tuple[str, ...]: (tuple, "a list"),
}


def _check_kind(name: str, value: Any, kind: Any) -> None:
    wanted, words = _KINDS.get(kind, (dict, "a list of `name: [grades]` lines"))
    is_flag_for_number = wanted is int and isinstance(value, bool)
    if not isinstance(value, wanted) or is_flag_for_number:
        raise PolicyError(f"The state's rule {name} is {value!r}; it has to be {words}.")
