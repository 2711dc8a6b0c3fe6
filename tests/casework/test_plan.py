"""The night's plan as a machine: any order of crossings, corrections, leaving, coming back and work done."""

import os
from datetime import date, timedelta

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from allpresent.casework.plan import Books, Standing, Tonight, plan_student
from allpresent.casework.promises import promises_from
from allpresent.protocol import load_protocol

PROTOCOL = load_protocol("new_haven")
LADDER = tuple(level.key for level in PROTOCOL.levels)
NOTICED = date(2026, 10, 1)
DAYS = np.array([NOTICED + timedelta(days=n) for n in range(60)], dtype="datetime64[D]")
PROMISES = promises_from(PROTOCOL, DAYS, NOTICED)
OUTRIGHT = [step for step in PROTOCOL.steps() if step.scope == "student" and not step.is_if_needed]
LONG = int(os.environ.get("ALLPRESENT_EXAMPLES", "0"))


def reached(level: int) -> tuple[tuple[str, date], ...]:
    return tuple((key, NOTICED) for key in LADDER[1:level])


def test_nothing_is_planned_for_a_student_on_track():
    assert plan_student(Tonight("1", "11", True, 1, "L1", ()), Books(), LADDER, PROMISES).is_empty


def test_the_steps_of_a_jump_are_each_promised_once():
    plan = plan_student(Tonight("1", "11", True, 20, "L6", reached(6)), Books(), LADDER, PROMISES)
    keys = [promise.key for promise in plan.steps]
    assert len(keys) == len(set(keys))
    assert [key for key in keys if key.endswith(("phone_call", "check_in_call"))] == ["L6.phone_call"]


def test_an_act_promised_outright_at_a_jumped_level_is_not_lost_in_one_that_is_only_if_needed():
    jump = plan_student(Tonight("1", "11", True, 20, "L6", reached(6)), Books(), LADDER, PROMISES)
    alone = PROMISES("L5", "L6")
    assert "L6.youth_connect" in [promise.key for promise in jump.steps]
    assert "L6.youth_connect" not in [promise.key for promise in alone]


class Nights(RuleBasedStateMachine):
    """The books are kept in plain dicts; each night applies a plan to them as the database would."""

    def __init__(self) -> None:
        super().__init__()
        self.level, self.is_enrolled = 1, True
        self.crossings: dict[str, int] = {}
        self.steps: dict[int, Standing] = {}
        self.withdrawn: list[Standing] = []
        self.finished: dict[int, str] = {}
        self.number = 0

    def tonight(self) -> Tonight:
        return Tonight("1", "11", self.is_enrolled, 0, LADDER[self.level - 1], reached(self.level))

    def plan(self):
        return plan_student(self.tonight(), Books(dict(self.crossings), tuple(self.steps.values())), LADDER, PROMISES)

    def night(self) -> None:
        plan = self.plan()
        for new in plan.crossings:
            assert new.level not in self.crossings
            self.number += 1
            self.crossings[new.level] = self.number
        for key in plan.ended_steps:
            assert self.steps[key].state == "open"
            self.withdrawn.append(self.steps.pop(key))
        for level in plan.ended_levels:
            del self.crossings[level]
        for one in plan.steps:
            assert one.level in self.crossings
            self.number += 1
            self.steps[self.number] = Standing(self.number, one.level, one.key, one.act, "open", one.merged_levels)

    @rule(level=st.integers(1, 6))
    def the_record_shows(self, level: int) -> None:
        self.level = level
        self.night()

    @rule()
    def the_student_leaves_or_returns(self) -> None:
        self.is_enrolled = not self.is_enrolled
        self.night()

    @precondition(lambda self: any(step.state == "open" for step in self.steps.values()))
    @rule(data=st.data(), state=st.sampled_from(["done", "exempt"]))
    def somebody_finishes_a_step(self, data, state: str) -> None:
        step = data.draw(st.sampled_from([step for step in self.steps.values() if step.state == "open"]))
        self.steps[step.id] = Standing(step.id, step.level, step.key, step.act, state, step.merged_levels)
        self.finished[step.id] = state

    @invariant()
    def a_second_night_plans_nothing(self) -> None:
        assert self.plan().is_empty

    @invariant()
    def crossings_are_the_levels_reached(self) -> None:
        assert set(self.crossings) == set(self.tonight().levels)

    @invariant()
    def nothing_is_open_at_a_level_that_is_not_reached(self) -> None:
        assert all(step.level in self.crossings for step in self.steps.values() if step.state == "open")

    @invariant()
    def one_step_stands_a_key(self) -> None:
        keys = [step.key for step in self.steps.values()]
        assert len(keys) == len(set(keys))

    @invariant()
    def what_was_finished_stays(self) -> None:
        assert all(self.steps[key].state == state for key, state in self.finished.items())

    @invariant()
    def no_promise_of_a_reached_level_is_lost(self) -> None:
        """It stands, or a step above keeps it after a jump, or the same act was finished at a higher level before."""
        for step in OUTRIGHT:
            if step.level in self.crossings:
                assert any(self.keeps(row, step) for row in self.steps.values()), step.key

    @staticmethod
    def keeps(row: Standing, step) -> bool:
        is_same_act = bool(row.act) and row.act == step.same_act
        is_finished_above = row.state != "open" and row.level > step.level
        return row.key == step.key or (is_same_act and (step.level in row.merged_levels or is_finished_above))


TestNights = Nights.TestCase
TestNights.settings = settings(max_examples=LONG or 40, stateful_step_count=20, deadline=None)
