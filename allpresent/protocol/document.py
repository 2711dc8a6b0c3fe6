"""A protocol as a thing that cannot be wrong: frozen, and checked when it is made.

The words are the column heads of New Haven's Attendance Support Toolkit (action plan detail): days out,
attendance level, recommended intervention, potential script, action steps, accountability monitoring.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from allpresent.protocol.errors import ProtocolError as ProtocolError
from allpresent.protocol.errors import check_one_of
from allpresent.protocol.people import People

KINDS = ("verify", "call", "visit", "letter", "plan", "mentor", "referral", "review", "conference")
# What closes a step. A note is not in the list: writing something down is not doing it.
EVIDENCE = {
    "verification": "someone checked the absences and says they are right",
    "contact_reached": "a family member was reached",
    "dated_visit": "a visit took place on a day",
    "letter_mailed": "a letter left on a day",
    "plan_agreed": "a plan was agreed with the family",
    "mentor_match": "a mentor took the student on",
    "accepted_referral": "the place referred to accepted",
    "meeting": "a meeting took place on a day",
    "document": "a document is on file",
}
# How often a monitoring item comes round, in calendar days; None: not on a clock of its own.
CADENCES: dict[str, int | None] = {"once": None, "each contact": None}
CADENCES |= {"daily": 1, "weekly": 7, "bi-weekly": 14, "monthly": 30}
STATUSES = ("approved in source", "approved by the district", "needs district approval")
# What a script may name: the student's first name, the dates missed in words, and the number of days missed.
PLACEHOLDERS = ("student", "days", "days_absent")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Named:
    """Something with a key and its words by language."""

    key: str
    labels: Mapping[str, str] = field(hash=False)

    def label(self, language: str = "en") -> str:
        """The words in a language, in English where they are not said in it."""
        return self.labels.get(language, self.labels["en"])


@dataclass(frozen=True)
class Step(Named):
    """One promised act. Its key is the level's and its own: `L3.success_plan`.

    `due_school_days` counts days in session after the day the level was crossed; `due_source` says who set it.
    `says` are the sentences of the source it stands for. `scope` "school" is an act done once for a school, not for
    each student; `people` are the staff such an act needs, if it needs any. Steps with the same `same_act` are one act:
    of several opened at once only the highest is done. `template` names the script or letter, by which its languages
    are found.
    """

    level: str = ""
    kind: str = ""
    owner_role: str = ""
    due_school_days: int = 0
    due_source: str = ""
    evidence: str = ""
    says: tuple[str, ...] = ()
    source: str = ""
    is_recommended: bool = False
    is_if_needed: bool = False
    needs_legal_basis: bool = False
    scope: str = "student"
    same_act: str | None = None
    template: str | None = None
    people: People | None = None

    def __post_init__(self) -> None:
        check_one_of("kind", self.kind, KINDS)
        if self.evidence.startswith("note"):
            raise ProtocolError("evidence cannot be a note, because a note does not show that the step was done.")
        check_one_of("evidence", self.evidence, EVIDENCE)
        check_one_of("scope", self.scope, ("student", "school"))
        if self.people and self.scope != "school":
            raise ProtocolError("people are named for what a school promises; write scope: school, or leave them out.")
        if self.due_school_days < 1:
            raise ProtocolError("due_school_days has to be 1 or more, because a step opens after the day was taken.")

    @property
    def is_contact(self) -> bool:
        """Whether the step is one that speaks with the family."""
        return self.kind == "call"


@dataclass(frozen=True)
class Item(Named):
    """One thing that is watched: accountability monitoring. `cadence_days` is None where it has no clock of its own."""

    level: str = ""
    cadence: str = "once"
    cadence_source: str = ""
    says: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        check_one_of("every", self.cadence, CADENCES)

    @property
    def cadence_days(self) -> int | None:
        """Calendar days from one look to the next."""
        return CADENCES[self.cadence]


@dataclass(frozen=True)
class Script:
    """What a caller says at a level, in one language. `{student}` and the like are its placeholders."""

    level: str
    language: str
    text: str
    status: str
    placeholders: tuple[str, ...]
    source: str = ""

    def __post_init__(self) -> None:
        check_one_of("status", self.status, STATUSES)
        if not self.text.strip():
            raise ProtocolError("the script has no words.")
        for name in self.placeholders:
            check_one_of("placeholders", name, PLACEHOLDERS)
        used = set(_PLACEHOLDER.findall(self.text))
        if "{" in _PLACEHOLDER.sub("", self.text) or "}" in _PLACEHOLDER.sub("", self.text):
            raise ProtocolError("a brace stands alone; placeholders are written like {student}.")
        for name in sorted(used ^ set(self.placeholders)):
            where = "is used and not listed" if name in used else "is listed and not used"
            raise ProtocolError(f"the placeholder {{{name}}} {where}; the list and the text have to agree.")

    @property
    def is_approved(self) -> bool:
        """Whether someone other than the makers of the program stands behind the words."""
        return self.status != "needs district approval"


@dataclass(frozen=True)
class Level(Named):
    """One level. Days-based: `days_out` holds (low, high), high None for "and more". Rate-based: `rate` holds
    (from, under) as exact shares, under None for the last.
    """

    attendance_level: str = ""
    days_out: tuple[int, int | None] | None = None
    rate: tuple[Fraction, Fraction | None] | None = None
    recommended: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    script_key: str | None = None
    action_steps: tuple[Step, ...] = ()
    accountability_monitoring: tuple[Item, ...] = ()

    @property
    def recommended_interventions(self) -> tuple[str, ...]:
        """The recommended interventions in the words of the source."""
        return self.recommended.get("en", ())

    @property
    def number(self) -> int:
        """3 for L3."""
        return int(self.key[1:])


@dataclass(frozen=True)
class Tier:
    """Attendance Works' rule for who gets a tier of support in the current year, whatever the band of the moment.

    Any of: last year's rate at or over `prior_year_rate`; this year's at or over `rate`; `first_month_days` absences
    by the end of month 1 and `further_month_days` more by the end of each later month.
    """

    key: str
    source: str
    prior_year_rate: Fraction | None = None
    rate: Fraction | None = None
    first_month_days: int | None = None
    further_month_days: int | None = None
    by_judgement: str = ""  # what people decide, not arithmetic


@dataclass(frozen=True)
class Protocol(Named):
    """What a district has promised to do, level by level, from a day on.

    `measure` is "days_absent" or "absence_rate": what the levels are read from. `owner_roles` maps each role named in
    the steps to its words by language.
    """

    source: str = ""
    effective_from: date = date.min
    measure: str = "days_absent"
    levels: tuple[Level, ...] = ()
    scripts: tuple[Script, ...] = ()
    owner_roles: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)
    tiers: tuple[Tier, ...] = ()
    is_draft: bool = False

    def __post_init__(self) -> None:
        _check_levels(self)
        keys = [step.key for step in self.steps()] + [item.key for item in self.items()]
        for key in sorted({key for key in keys if keys.count(key) > 1}):
            raise ProtocolError(f"the key {key} is used twice; every step and item needs a key of its own.")
        for step in self.steps():
            if step.owner_role not in self.owner_roles:
                raise ProtocolError(
                    f"step {step.key} is owned by {step.owner_role!r}, which is not in owner_roles; add it there."
                )

    @property
    def title(self) -> str:
        """The title in English."""
        return self.label()

    @property
    def version(self) -> date:
        """The first day the version is in force."""
        return self.effective_from

    def steps(self) -> Iterator[Step]:
        """Every step, lowest level first."""
        return (step for level in self.levels for step in level.action_steps)

    def items(self) -> Iterator[Item]:
        """Every monitoring item, lowest level first."""
        return (item for level in self.levels for item in level.accountability_monitoring)

    def level(self, key: str) -> Level:
        """The level with the key. Raises ProtocolError for a key the protocol does not have."""
        for level in self.levels:
            if level.key == key:
                return level
        raise ProtocolError(f"The protocol {self.key} has no level {key!r}; its levels are {_listed(self.levels)}.")

    def step(self, key: str) -> Step:
        """The step with the key (`L3.success_plan`). Raises ProtocolError for a key the protocol does not have."""
        for step in self.steps():
            if step.key == key:
                return step
        raise ProtocolError(f"The protocol {self.key} has no step {key!r}.")

    def script(self, template: str, language: str = "en") -> Script | None:
        """The script of a level or template in a language, in English where it is not written in it, or None."""
        found = {script.language: script for script in self.scripts if script.level == template}
        return found.get(language) or found.get("en")


def _listed(levels: tuple[Level, ...]) -> str:
    return ", ".join(level.key for level in levels)


def _check_levels(protocol: Protocol) -> None:
    check_one_of("measure", protocol.measure, ("days_absent", "absence_rate"))
    levels = protocol.levels
    if [level.key for level in levels] != [f"L{number}" for number in range(1, len(levels) + 1)] or not levels:
        raise ProtocolError(f"levels have to be L1, L2 and so on without a gap, and are {_listed(levels) or 'none'}.")
    if protocol.measure == "days_absent":
        _check_days(levels)
    else:
        _check_rates(levels)


def _check_days(levels: tuple[Level, ...]) -> None:
    """Every number of days belongs to one level: no gap, no overlap, an open end."""
    free: int | None = 0
    for level in levels:
        if level.days_out is None:
            raise ProtocolError(f"{level.key} has no days_out; write it as in 2-5, or 18+ for the last level.")
        low, high = level.days_out
        if free is None:
            raise ProtocolError(f"{level.key} comes after a level without an end; only the last one is written 18+.")
        if low > free:
            raise ProtocolError(f"{free} days out belongs to no level; {level.key} begins at {low}.")
        if low < free:
            raise ProtocolError(f"{low} days out belongs to two levels; {level.key} has to begin at {free}.")
        if high is not None and high < low:
            raise ProtocolError(f"days_out of {level.key} ends before it begins.")
        free = None if high is None else high + 1
    if free is not None:
        raise ProtocolError(f"{free} days out belongs to no level; write the last level as {levels[-1].days_out[0]}+.")  # type: ignore[index]


def _check_rates(levels: tuple[Level, ...]) -> None:
    """Rates rise from 0 and stay under 1; each level ends where the next begins."""
    last = Fraction(-1)
    for level in levels:
        if level.rate is None:
            raise ProtocolError(f"{level.key} has no percent_from; write the percentage of days from which it holds.")
        start = level.rate[0]
        if (level is levels[0] and start != 0) or not last < start <= 1:
            raise ProtocolError(f"percent_from of {level.key} has to begin at 0 for L1 and rise with every level.")
        last = start
