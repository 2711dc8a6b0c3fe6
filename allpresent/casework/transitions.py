"""Every change of state there is: from what, by which act, to what, who may, with which evidence, written down as what.

The verbs of this room ask this table before they change anything, and the page of states in the documentation is
generated from it.
"""

from dataclasses import dataclass

from .errors import CaseworkError

NOTHING = ""  # the state of a thing that is not there yet


@dataclass(frozen=True)
class Transition:
    """One row of the table; `audit_event` is the action of the audit entry the act writes."""

    thing: str
    before: str
    verb: str
    after: str
    who: str
    evidence: str
    audit_event: str


def _step(before: str, verb: str, after: str, who: str, evidence: str, audit_event: str) -> Transition:
    return Transition("step", before, verb, after, who, evidence, audit_event)


_NIGHT = "the nightly job"
_WORKER = "a person who may close steps for the student"
_STANDS = "the delivered record"

TRANSITIONS: tuple[Transition, ...] = (
    _step(NOTHING, "open", "open", _NIGHT, f"{_STANDS} shows that a level was reached", "steps.night"),
    _step(NOTHING, "take_up", "open", _WORKER, "it is promised if needed, and the level is reached", "step.taken_up"),
    _step("open", "close", "done", _WORKER, "the evidence the step names", "step.done"),
    _step("open", "verify", "done", _WORKER, "the days were compared with the record shown", "step.verified"),
    _step("open", "log_contact", "done", _WORKER, "a contact that was reached", "contact.logged"),
    _step(
        "done", "undo_contact", "open", "its author, within ten minutes", "the contact is taken back", "contact.undone"
    ),
    _step("open", "exempt", "exempt", _WORKER, "a reason in words", "step.exempt"),
    _step("open", "reassign", "open", _WORKER, "the person named may see the student", "step.assigned"),
    _step("open", "escalate", "open", _NIGHT, "overdue by the protocol's school days", "steps.escalated"),
    _step(
        "open",
        "withdraw",
        "withdrawn",
        _NIGHT,
        f"{_STANDS} no longer shows the level, or the student left",
        "steps.night",
    ),
    _step("open", "end_year", "withdrawn", _NIGHT, "the school year ended", "steps.year_ended"),
    Transition("contact", NOTHING, "log_contact", "logged", _WORKER, "a result", "contact.logged"),
    Transition(
        "contact", "logged", "undo_contact", "taken back", "its author, within ten minutes", "none", "contact.undone"
    ),
    Transition("crossing", NOTHING, "open", "live", _NIGHT, f"{_STANDS} shows that a level was reached", "steps.night"),
    Transition(
        "crossing",
        "live",
        "withdraw",
        "withdrawn",
        _NIGHT,
        f"{_STANDS} no longer shows it, or the student left",
        "steps.night",
    ),
    Transition("case", NOTHING, "open", "open", _NIGHT, "a first level with promised steps", "steps.night"),
    Transition(
        "case", "open", "withdraw", "closed", _NIGHT, "no level is reached any more, or the student left", "steps.night"
    ),
    Transition("case", "open", "end_year", "closed", _NIGHT, "the school year ended", "steps.year_ended"),
    Transition(
        "case", "closed", "open", "open", _NIGHT, "a level is reached again, or the student is back", "steps.night"
    ),
)

_BY_ACT = {(row.thing, row.before, row.verb): row for row in TRANSITIONS}


def find_transition(thing: str, before: str, verb: str) -> Transition:
    """The row that allows `verb` on a thing in state `before`; CaseworkError when no row does."""
    row = _BY_ACT.get((thing, before, verb))
    if row is None:
        raise CaseworkError(f"A {thing} that is {before or 'not there'} cannot be changed by '{verb}'.")
    return row


def audit_event(thing: str, verb: str) -> str:
    """The one audit action a verb writes on a thing, whatever state it met."""
    (event,) = {row.audit_event for row in TRANSITIONS if row.thing == thing and row.verb == verb}
    return event


def state_diagram(thing: str) -> str:
    """The states of one thing as a Mermaid state diagram; the same table always gives the same text."""
    lines = ["stateDiagram-v2"]
    for row in TRANSITIONS:
        if row.thing == thing:
            before, after = row.before or "[*]", row.after
            lines.append(f"    {_node(before)} --> {_node(after)}: {row.verb}")
    return "\n".join(lines)


def _node(state: str) -> str:
    return state.replace(" ", "_")


_FIVE = (
    "Done on time, done late, overdue, withdrawn and exempt are five different things: on time and late are both"
    " the state *done*, told apart by the day of the evidence, and overdue is the state *open* after its day."
)


def states_page() -> str:
    """The documentation page of states: one diagram and one table a thing."""
    things = list(dict.fromkeys(row.thing for row in TRANSITIONS))
    parts = [
        "# States of a case",
        "This page is written from the table in `allpresent/casework/transitions.py`; a test fails when they differ.",
        _FIVE,
    ]
    for thing in things:
        parts += [f"## {thing.capitalize()}", f"```mermaid\n{state_diagram(thing)}\n```", _table(thing)]
    return "\n\n".join(parts) + "\n"


def _table(thing: str) -> str:
    head = "| from | act | to | who | with | audit entry |\n|---|---|---|---|---|---|\n"
    rows = (
        f"| {row.before or '(new)'} | `{row.verb}` | {row.after} | {row.who} | {row.evidence} | `{row.audit_event}` |"
        for row in TRANSITIONS
        if row.thing == thing
    )
    return head + "\n".join(rows)
