"""The table of states as documentation: a diagram and a table for each thing."""

from .transitions import TRANSITIONS


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
