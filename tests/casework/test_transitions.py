"""The table of states: what it says is what the verbs do, and what the documentation shows."""

from pathlib import Path

import pytest

from allpresent.casework import CaseworkError
from allpresent.casework.models.steps import StepState
from allpresent.casework.state_pages import state_diagram, states_page
from allpresent.casework.transitions import TRANSITIONS, audit_event, find_transition

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "states.md"


def test_the_page_of_states_is_the_table():
    assert PAGE.read_text(encoding="utf-8") == states_page(), "write states_page() to docs/reference/states.md"


def test_every_state_of_a_step_is_reached_and_named():
    reached = {row.after for row in TRANSITIONS if row.thing == "step"}
    assert reached == set(StepState.values)


def test_withdrawn_and_exempt_are_left_by_nobody():
    left = {row.before for row in TRANSITIONS if row.thing == "step"}
    assert not left & {"withdrawn", "exempt"}


def test_every_row_says_who_with_what_and_what_is_written():
    assert all(row.who and row.evidence and row.audit_event for row in TRANSITIONS)


def test_a_verb_writes_one_event_on_a_thing():
    for row in TRANSITIONS:
        assert audit_event(row.thing, row.verb) == row.audit_event


def test_an_act_the_table_does_not_have_is_refused_in_a_sentence():
    with pytest.raises(CaseworkError, match="A step that is withdrawn cannot be changed by 'close'"):
        find_transition("step", "withdrawn", "close")


def test_the_diagram_has_one_arrow_a_row():
    arrows = [line for line in state_diagram("step").splitlines() if "-->" in line]
    assert len(arrows) == sum(row.thing == "step" for row in TRANSITIONS)
    assert "    [*] --> open: open" in arrows
