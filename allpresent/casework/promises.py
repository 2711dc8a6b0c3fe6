"""What the protocol promises when a level is reached, as plain rows for the night's plan."""

from datetime import date
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from allpresent.measures.engine import Facts
from allpresent.protocol import Protocol, steps_due
from allpresent.protocol.document import Step
from allpresent.protocol.steps import DueStep

from .models import PromisedStep
from .plan import Promise, Promises

SessionDays = npt.NDArray[np.datetime64]


def session_days(facts: Facts, school_id: str, on: date) -> SessionDays:
    """The school's days in session in the school year of a day, and in the next one where it was delivered."""
    year = facts.school_year(on)
    held = [each for each in (year, year + 1) if each in facts.version.school_years]
    days = [facts.session_days(school_id, each) for each in held]
    return np.concatenate(days) if days else np.array([], dtype="datetime64[D]")


def promises_from(protocol: Protocol, days: SessionDays, clock_from: date) -> Promises:
    """The promises of one school, counted in its own school days from the day the level was noticed.

    The clock starts at `clock_from`, the last delivered school day of the night, and not at the absence: a school can
    be late only with what it could know. What is promised "if needed" is not opened here; a person takes it up.
    """

    @cache
    def promises(from_level: str, to_level: str) -> tuple[Promise, ...]:
        return tuple(_promises(steps_due(protocol, from_level, to_level, clock_from, days)))

    return promises


def keep_wordings(protocol: Protocol) -> dict[str, int]:
    """Keep the words of a protocol version beside what was promised in them. Returns their ids by step key."""
    known = PromisedStep.objects.filter(protocol_key=protocol.key, protocol_version=protocol.version)
    kept = set(known.values_list("step_key", flat=True))
    PromisedStep.objects.bulk_create(
        PromisedStep(**_which(protocol, step), **_wording(step))
        for step in protocol.steps()
        if step.scope == "student" and step.key not in kept
    )
    return dict(known.values_list("step_key", "pk"))


def keep_wording(protocol: Protocol, step: Step) -> PromisedStep:
    """Keep the words of one step, as those of a school's own promises are: when the first school records it."""
    return PromisedStep.objects.get_or_create(**_which(protocol, step), defaults=_wording(step))[0]


def _which(protocol: Protocol, step: Step) -> dict[str, Any]:
    return {"protocol_key": protocol.key, "protocol_version": protocol.version, "step_key": step.key}


def _wording(step: Step) -> dict[str, str]:
    return {
        "level": step.level,
        "kind": step.kind,
        "label_en": step.label("en"),
        "label_es": step.label("es"),
        "owner_role": step.owner_role,
        "evidence": step.evidence,
        "act": step.same_act or "",
    }


def _promises(due: tuple[DueStep, ...]) -> list[Promise]:
    kept: dict[str, list[DueStep]] = {step.key: [step] for step in due if step.merged_into is None}
    for step in due:
        if step.merged_into is not None:
            kept[step.merged_into].append(step)
    # One act for several levels is promised when any one of them promises it without an "if".
    return [_promise(*same) for same in kept.values() if not all(one.step.is_if_needed for one in same)]


def _promise(due: DueStep, *lower: DueStep) -> Promise:
    return plain_promise(due, tuple(dict.fromkeys(step.level for step in lower)))


def plain_promise(due: DueStep, merged_levels: tuple[str, ...] = ()) -> Promise:
    """One due step as the night keeps it."""
    step = due.step
    return Promise(step.level, step.key, step.kind, step.owner_role, due.due_on, step.same_act or "", merged_levels)
