"""What the stateful tests share: books that are put back after each run, acts that may be refused, and the count.

``ALLPRESENT_EXAMPLES`` sets how many runs are drawn: a few in `make test`, thousands in `make test-long`.
"""

import os
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from allpresent.access.models import AuditEntry
from allpresent.casework import CaseworkError
from allpresent.casework.transitions import TRANSITIONS
from tests.cast import NOW

EXAMPLES = int(os.environ.get("ALLPRESENT_EXAMPLES", "6"))
IS_LONG = EXAMPLES > 6


def moves_of(thing: str) -> set[tuple[str, str]]:
    """The changes of state the table allows, before and after."""
    return {(row.before, row.after) for row in TRANSITIONS if row.thing == thing}


def events_of(*things: str) -> set[str]:
    """The audit entries the table knows for some things."""
    return {row.audit_event for row in TRANSITIONS if row.thing in things}


class _UndoError(Exception):
    """Ends a run's transaction: each run begins with the same books."""


class Machine(RuleBasedStateMachine):
    """One run over the books. Three minutes pass with each attempt."""

    seen: ClassVar[set[str]]
    runs: ClassVar[int] = 0
    accepted: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.books = transaction.atomic()
        self.books.__enter__()
        self.now: datetime = NOW
        self.known: dict[int, str] = {}  # the state of each thing, as last looked at

    def teardown(self) -> None:
        type(self).runs += 1
        self.books.__exit__(_UndoError, _UndoError(), None)

    def attempt(self, act: Callable[[], object], students: int = 1) -> CaseworkError | None:
        """Do it, or be told in a sentence why not: done it leaves one audit entry a student, refused none."""
        self.now += timedelta(minutes=3)
        before = AuditEntry.objects.count()
        try:
            with transaction.atomic():
                act()
        except CaseworkError as refused:
            assert AuditEntry.objects.count() == before
            return refused
        assert AuditEntry.objects.count() == before + students
        type(self).accepted += 1
        return None

    def hold_moves(self, rows: dict[int, str], moves: set[tuple[str, str]]) -> None:
        """The states that things have now were reached from the last ones by allowed moves."""
        for key, state in rows.items():
            before = self.known.get(key, "")
            assert before == state or (before, state) in moves, (before, state)
        self.known = rows
        self.seen.update(rows.values())


def run(machine: type[Machine], name: str, request: pytest.FixtureRequest, wanted: set[str], steps: int = 15) -> None:
    """Draw the runs and tell, past any capture and from any worker, how many there were.

    A campaign reaches all states `wanted`; the few runs of the gate do something.
    """
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            derandomize=not IS_LONG,
            suppress_health_check=list(HealthCheck),
        ),
    )
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        told = f"{name}: {machine.runs} runs, {machine.accepted} acts accepted"
        print(f"\n{told}", file=sys.stderr, flush=True)
    assert machine.runs >= EXAMPLES
    assert machine.accepted
    assert not IS_LONG or wanted <= machine.seen
