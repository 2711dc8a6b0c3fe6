"""Reads protocol files into the frozen document, noting every complaint with its file, line and key."""

import re
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import allpresent.policy
from allpresent.policy import PolicyError, Section, read_policy
from allpresent.protocol.document import Item, Level, Protocol, ProtocolError, Script, Step, Tier
from allpresent.protocol.people import People
from allpresent.protocol.scripts import read_script

SHIPPED = Path(allpresent.policy.__file__).parent / "protocols"
_DAYS_OUT = re.compile(r"(\d+)\s*(?:-\s*(\d+)|(\+))")
_STEP_KEYS = (
    *("key", "label", "says", "source", "kind", "owner_role", "due_school_days", "due_source", "evidence", "scope"),
    *("is_recommended", "is_if_needed", "needs_legal_basis", "same_act", "template", "people"),
)


def load_protocol(
    name_or_path: str | Path, on: date | None = None, due_school_days: Mapping[str, int] | None = None
) -> Protocol:
    """A shipped protocol by name, or a district's own by file or folder.

    Of several dated versions in a folder (`protocol*.yaml`) the one in force `on` that day, else the newest.
    `due_school_days` are the district's own due days by step key. Raises ProtocolError.
    """
    path = find_protocol(name_or_path, on)
    folder_state = tuple(sorted((file.name, file.stat().st_mtime_ns) for file in _files(path)))
    return _load(path, folder_state, tuple(sorted((due_school_days or {}).items())))


def find_protocol(name_or_path: str | Path, on: date | None = None) -> Path:
    """The file of the version in force. Raises ProtocolError when there is none."""
    path = SHIPPED / str(name_or_path) if (SHIPPED / str(name_or_path)).is_dir() else Path(name_or_path)
    if path.is_file():
        return path
    dated = [(read_version(file), file) for file in sorted(path.glob("protocol*.yaml"))] if path.is_dir() else []
    if not dated:
        shipped = ", ".join(sorted(folder.name for folder in SHIPPED.iterdir() if folder.is_dir()))
        raise ProtocolError(f"There is no protocol {str(name_or_path)!r}; name a file, or one of {shipped}.")
    in_force = [(day, file) for day, file in dated if on is None or day <= on]
    if not in_force:
        raise ProtocolError(
            f"No version of the protocol {path.name} is in force on {on}; the first is {min(dated)[0]}."
        )
    return max(in_force)[1]


def read_version(path: Path) -> date:
    """The first day a protocol file is in force."""
    return _read_version(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _read_version(path: Path, _changed: int) -> date:
    section = _read(path)
    day: date = section.day("effective_from")
    if section.problems:
        raise ProtocolError(section.problems[0])
    return day


def read_protocol(path: Path, due_school_days: Mapping[str, int] | None = None) -> tuple[Protocol | None, list[str]]:
    """The protocol of a file with all that is wrong in it; None when something is."""
    try:
        top = _read(path)
    except ProtocolError as error:
        return None, [str(error)]
    top.only("key", "title", "source", "effective_from", "measure", "draft", "owner_roles", "levels", "tiers")
    scripts, complaints = _scripts(path)
    roles = top.section("owner_roles")
    levels = _levels(top, dict(due_school_days or {}))
    protocol = top.build(
        Protocol,
        key=top.text("key"),
        labels=top.words("title"),
        source=top.text("source"),
        effective_from=top.day("effective_from"),
        measure=top.one_of("measure", ("days_absent", "absence_rate")),
        levels=levels,
        scripts=scripts,
        owner_roles={role: roles.words(role) for role in roles},
        tiers=tuple(filter(None, map(_tier, top.sections("tiers")))),
        is_draft=top.flag("draft", False),
    )
    problems = [*top.problems, *complaints]
    if protocol is not None:
        problems += _missing(path, protocol, due_school_days or {})
    return (None if problems else protocol), problems


@lru_cache(maxsize=16)
def _load(path: Path, _state: tuple[tuple[str, int], ...], due: tuple[tuple[str, int], ...]) -> Protocol:
    protocol, problems = read_protocol(path, dict(due))
    if protocol is None:
        more = f" ({len(problems) - 1} more in this protocol.)" if len(problems) > 1 else ""
        raise ProtocolError(problems[0] + more)
    return protocol


def _read(path: Path) -> Section:
    try:
        return read_policy(path)
    except PolicyError as error:
        raise ProtocolError(str(error)) from error


def _files(path: Path) -> list[Path]:
    return [path, *(path.parent / "scripts").glob("*.md")]


def _scripts(path: Path) -> tuple[tuple[Script, ...], list[str]]:
    scripts, complaints = [], []
    for file in sorted((path.parent / "scripts").glob("*.md")):
        try:
            scripts.append(read_script(file))
        except ProtocolError as error:
            complaints.append(str(error))
    return tuple(scripts), complaints


def _missing(path: Path, protocol: Protocol, due_school_days: Mapping[str, int]) -> list[str]:
    """What is named and not there: scripts without their English file, due days for steps nobody has."""
    written = {script.level for script in protocol.scripts if script.language == "en"}
    named = {level.script_key for level in protocol.levels if level.script_key}
    named |= {step.template for step in protocol.steps() if step.template and step.kind == "call"}
    keys = {step.key for step in protocol.steps()}
    return [
        f"{path}: the script {key} is named, and scripts/{key}.en.md is not there." for key in sorted(named - written)
    ] + [
        f"{path}: due_school_days names {key}, and the protocol has no such step."
        for key in sorted(set(due_school_days) - keys)
    ]


def _levels(top: Section, due: dict[str, int]) -> tuple[Level, ...]:
    sections = top.sections("levels")
    shares = [_percent(section) for section in sections]
    levels = []
    for number, section in enumerate(sections):
        under = shares[number + 1] if number + 1 < len(shares) else None
        start = shares[number]
        levels.append(_level(section, None if start is None else (start, under), due))
    return tuple(level for level in levels if level is not None)


def _percent(section: Section) -> Fraction | None:
    percent: Fraction | None = section.fraction("percent_from", None)
    return None if percent is None else percent / 100


def _level(section: Section, rate: tuple[Fraction, Fraction | None] | None, due: dict[str, int]) -> Level | None:
    section.only(
        *("key", "attendance_level", "label", "days_out", "percent_from", "recommended_interventions", "script"),
        *("action_steps", "accountability_monitoring"),
    )
    key = section.text("key")
    recommended = section.sections("recommended_interventions")
    steps = [_step(key, below, due) for below in section.sections("action_steps")]
    items = [_item(key, below) for below in section.sections("accountability_monitoring")]
    return section.build(
        Level,
        key=key,
        labels=section.words("label"),
        attendance_level=section.text("attendance_level"),
        days_out=_days_out(section),
        rate=rate,
        recommended={
            "en": tuple(below.text("says") for below in recommended),
            "es": tuple(below.text("es") for below in recommended),
        },
        script_key=section.text("script", None),
        action_steps=tuple(filter(None, steps)),
        accountability_monitoring=tuple(filter(None, items)),
    )


def _days_out(section: Section) -> tuple[int, int | None] | None:
    """`2-5` as (2, 5), `18+` as (18, None)."""
    text: str | None = section.text("days_out", None)
    if text is None:
        return None
    match = _DAYS_OUT.fullmatch(text)
    if match is None:
        section.note("days_out", f"is `{text}`; write it as in 2-5, or 18+ for the last level")
        return None
    return int(match[1]), None if match[3] else int(match[2])


def _step(level: str, section: Section, due: dict[str, int]) -> Step | None:
    section.only(*_STEP_KEYS)
    key = f"{level}.{section.text('key')}"
    values: dict[str, Any] = {name: section.text(name, "") for name in ("source", "kind", "owner_role", "evidence")}
    values |= {name: section.flag(name, False) for name in ("is_recommended", "is_if_needed", "needs_legal_basis")}
    return section.build(
        Step,
        key=key,
        level=level,
        labels=section.words("label"),
        says=section.texts("says", ()),
        due_school_days=due.get(key, section.whole("due_school_days", low=1, high=180)),
        due_source="district.yaml" if key in due else section.text("due_source"),
        scope=section.text("scope", "student"),
        same_act=section.text("same_act", None),
        template=section.text("template", None),
        people=_people(section.section("people")) if "people" in section else None,
        **values,
    )


def _people(section: Section) -> People | None:
    section.only("count", "have")
    return section.build(People, count=section.whole("count"), have=section.texts("have", ()))


def _item(level: str, section: Section) -> Item | None:
    section.only("key", "label", "says", "source", "every", "cadence_source")
    return section.build(
        Item,
        key=f"{level}.{section.text('key')}",
        level=level,
        labels=section.words("label"),
        cadence=section.text("every"),
        cadence_source=section.text("cadence_source"),
        says=section.text("says", ""),
        source=section.text("source", ""),
    )


def _tier(section: Section) -> Tier | None:
    section.only(
        "key", "source", "prior_year_percent", "percent", "first_month_days", "further_month_days", "by_judgement"
    )
    prior, now = section.fraction("prior_year_percent", None), section.fraction("percent", None)
    return section.build(
        Tier,
        key=section.text("key"),
        source=section.text("source"),
        prior_year_rate=None if prior is None else prior / 100,
        rate=None if now is None else now / 100,
        first_month_days=section.whole("first_month_days", None),
        further_month_days=section.whole("further_month_days", None),
        by_judgement=section.text("by_judgement", ""),
    )
