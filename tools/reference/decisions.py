"""Writes docs/reference/protocols.md, state-ct.md, causes.md and roles.md: what was decided, and from when on."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from allpresent.policy import StatePack, load_causes, load_state_pack
from allpresent.policy.state import Parameter
from allpresent.protocol import Protocol, load_protocol
from allpresent.protocol.document import EVIDENCE, Level, Step
from allpresent.protocol.people import People
from allpresent.protocol.reading import SHIPPED
from tools.reference.markdown import code, page, table


def protocols() -> str:
    """Every shipped protocol, level by level."""
    return page(
        "Protocols that are shipped",
        "What a district may promise, as files of the program. `protocol` in `district.yaml` names the one in force; "
        "a district's own file is written the same way ([Change the protocol](../how-to/change-the-protocol.md)). Due "
        "days are school days after the day the level was reached.",
        "What closes a step: " + "; ".join(f"{code(key)}: {words}" for key, words in EVIDENCE.items()) + ".",
        *(part for name in protocol_names() for part in _protocol(load_protocol(name), name)),
    )


def protocol_names() -> list[str]:
    """The shipped protocols, the first one being the default."""
    names = sorted(folder.name for folder in Path(SHIPPED).iterdir() if folder.is_dir())
    return sorted(names, key=lambda name: name != "new_haven")


def _protocol(protocol: Protocol, name: str) -> Iterator[str]:
    yield f"## {protocol.title} ({code(name)})"
    read = "days absent" if protocol.measure == "days_absent" else "the share of days absent"
    yield f"In force from {protocol.effective_from}. Levels go by {read}. Source: {protocol.source.rstrip('.')}."
    for level in protocol.levels:
        yield from _level(protocol, level)
    if protocol.tiers:
        yield "### Tiers of support"
        yield table(("tier", "by judgement", "source"), [(t.key, t.by_judgement, t.source) for t in protocol.tiers])
    if protocol.scripts:
        yield "### Scripts"
        rows = [(one.level, one.language, one.status, one.source) for one in protocol.scripts]
        yield table(("level", "language", "status", "source"), rows)


def _level(protocol: Protocol, level: Level) -> Iterator[str]:
    yield f"### {level.key} {level.label()}: {_reach(level)}"
    if level.recommended_interventions:
        yield "Recommended: " + "; ".join(level.recommended_interventions) + "."
    if level.action_steps:
        rows = [_step(protocol, step) for step in level.action_steps]
        yield table(("step", "what", "who", "due", "closed by", "due days set by"), rows)
    if level.accountability_monitoring:
        rows = [(i.label(), i.cadence, i.cadence_source) for i in level.accountability_monitoring]
        yield table(("what is watched", "how often", "rhythm set by"), rows)
    if not level.action_steps:
        yield "Nothing is promised at this level."


def _step(protocol: Protocol, step: Step) -> tuple[str, ...]:
    notes = [
        *(["if needed"] if step.is_if_needed else []),
        *(["once for the school"] if step.scope == "school" else []),
        *([_people(step.people)] if step.people else []),
        *(["needs a legal basis"] if step.needs_legal_basis else []),
    ]
    what = step.label() + (f" ({', '.join(notes)})" if notes else "")
    who = protocol.owner_roles[step.owner_role]["en"]
    return code(step.key), what, who, str(step.due_school_days), code(step.evidence), step.due_source


def _people(people: People) -> str:
    count = "1 person named" if people.count == 1 else f"{people.count} people named"
    return " and ".join([", ".join([count, *people.have[:-1]]), *people.have[-1:]])


def _reach(level: Level) -> str:
    if level.days_out is not None:
        low, high = level.days_out
        return f"{low} days and more" if high is None else f"{low} to {high} days"
    first, end = level.rate or (Fraction(0), None)
    return f"{_percent(first)} and more" if end is None else f"{_percent(first)} to under {_percent(end)}"


def _percent(share: Fraction) -> str:
    return f"{share * 100}%"


def state(key: str = "ct") -> str:
    """A state's parameters with the day each value begins and its source."""
    pack: StatePack = load_state_pack(key)
    rows = [row for name in pack.parameters for row in _values(pack.parameters[name])]
    return page(
        f"State pack: {pack.name}",
        f"What `state: {key}` stands for. Each value holds from its day until the next one; an unconfirmed one was not "
        "seen in its source. Another state is another file: [Add a state](../how-to/add-a-state.md).",
        table(("parameter", "from", "value", "unit", "source", ""), rows),
    )


def _values(parameter: Parameter) -> Iterator[tuple[str, ...]]:
    for dated in parameter.values:
        source = f"{dated.source}. {dated.note}".strip().rstrip(".") if dated.note else dated.source
        told = "" if dated.is_confirmed else "unconfirmed"
        what = f"{code(parameter.name)} {parameter.label}"
        yield what, dated.starts_on.isoformat(), _value(dated.value), parameter.unit, source, told


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_value(below)}" for name, below in value.items())
    return str(value)


def causes() -> str:
    """The 24 causes in their families, in both languages."""
    families = load_causes()
    parts = []
    for family in families:
        parts.append(f"## {family.label()} · {family.label('es')}")
        rows = [(code(cause.key), cause.label("en"), cause.label("es")) for cause in family.causes]
        parts.append(table(("key", "English", "Spanish"), rows))
    count = sum(len(family.causes) for family in families)
    return page(
        "Causes of absence",
        f"The {count} causes staff choose from when a family was reached, in the {len(families)} families of "
        "Hartford's call to action (figure 2, after Attendance Works, 2014). The Spanish words are ours and need the "
        "district's approval.",
        *parts,
    )


def roles() -> str:
    """Who may see what, who may do what, and the columns of staff.csv. Needs Django set up, for the words."""
    from allpresent.access.roles import ACTIONS, ROLES, roles_document
    from allpresent.access.staff_rows import COLUMNS

    granted = [(code(role.key), role.label, ", ".join(role.kinds) or "not by staff.csv") for role in ROLES.values()]
    acts = [(code(act), ", ".join(str(ROLES[key].label) for key in ROLES if key in by)) for act, by in ACTIONS.items()]
    return page(
        "Roles",
        "A role is given on a district, school, section or student, from a day to a day. It sees at most what the "
        "table says; a person with two roles has each with its own scope. What no page shows, nobody sees, whatever "
        "the table allows.",
        "Scope: D district, S own schools, O own students, Z released to the own organisation, F own child. Letters: r "
        "read, w write, a totals only, x export.",
        roles_document(),
        "## Acts",
        table(("act", "roles"), acts),
        "## staff.csv",
        "One row a grant, in UTF-8, with these columns: " + ", ".join(code(name) for name in COLUMNS) + ". "
        "`relation` is a role of the list below, `object_kind` what it is given on, `object_id` the id of the school, "
        "section or student (blank for the district); dates are written 2026-08-31, and a blank `ends_on` is without "
        "end. `staff_id` is the teacher's id in the information system: it decides whose classes are theirs.",
        table(("relation", "role", "given on"), granted),
    )
