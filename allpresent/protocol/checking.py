"""Checks a protocol file before anyone relies on it: its form, its scripts, and the worked cases beside it."""

from datetime import date
from fractions import Fraction
from pathlib import Path

from allpresent.policy import PolicyError, Section, read_policy
from allpresent.protocol.document import Protocol, ProtocolError
from allpresent.protocol.levels import level_for
from allpresent.protocol.reading import find_protocol, read_protocol
from allpresent.protocol.steps import steps_due

_CASE_KEYS = (
    *("name", "from_level", "days_absent", "absent_of", "level"),
    *("opens", "skips", "crossed_on", "session_dates", "due"),
)


def check_protocol(name_or_path: str | Path) -> list[str]:
    """What is wrong with a protocol, one sentence each; an empty list says that it can be used."""
    try:
        path = find_protocol(name_or_path)
    except ProtocolError as error:
        return [str(error)]
    protocol, problems = read_protocol(path)
    return problems if protocol is None else check_cases(protocol, path.parent / "cases.yaml")


def check_cases(protocol: Protocol, path: Path) -> list[str]:
    """The worked cases of a file that do not come out as it says; none when there is no such file."""
    if not path.exists():
        return []
    try:
        top = read_policy(path)
    except PolicyError as error:
        return [str(error)]
    top.only("about", "cases")
    for case in top.sections("cases"):
        case.only(*_CASE_KEYS)
        if not top.problems.touch(case.place):
            _check_case(protocol, case)
    return list(top.problems)


def _check_case(protocol: Protocol, case: Section) -> None:
    """Notes where the case and the protocol disagree."""
    name = case.text("name")
    days = case.fraction("days_absent", Fraction(0))
    of: Fraction | None = case.fraction("absent_of", None)
    level = level_for(protocol, days, days / of if of else None).key
    wanted = case.text("level", level)
    if level != wanted:
        case.note("level", f'is {wanted} in "{name}", and the protocol gives {level}')
    if {"opens", "skips", "due"} & set(case):
        try:
            _check_steps(protocol, case, name, level)
        except ProtocolError as error:
            case.note(None, f'("{name}"): {error}')


def _check_steps(protocol: Protocol, case: Section, name: str, level: str) -> None:
    crossed_on: date = case.day("crossed_on", date(2026, 9, 1))
    sessions = [day for day in case.get("session_dates", []) if isinstance(day, date)]
    due = steps_due(protocol, case.text("from_level", "L1"), level, crossed_on, sessions)
    came = {
        "opens": [step.key for step in due if not step.is_skipped],
        "skips": [step.key for step in due if step.is_skipped],
    }
    for key, found in came.items():
        if key in case and sorted(case.texts(key)) != sorted(found):
            case.note(key, f'does not agree in "{name}": the protocol gives {", ".join(found) or "none"}')
    days = {step.key: step.due_on for step in due}
    for step, wanted in case.section("due").items():
        if days.get(step) != wanted:
            case.note("due", f'gives {wanted} for {step} in "{name}", and the protocol {days.get(step) or "no day"}')
