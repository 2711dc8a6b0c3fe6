"""The information system corrects past days: history is kept, measures are those of the corrected days, and the work
on students says of every change why it came."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from allpresent.access.models import AuditEntry
from allpresent.casework.models import Case, CaseStep, LevelCrossing
from allpresent.casework.models.steps import Ending, StepState
from allpresent.measures import Facts, Rules, open_facts, standings
from tests import cast
from tests.casework.deliveries import DAYS, day, deliver, night
from tests.faults.counts import SEED, share
from tests.reference import twin
from tests.reference.days import Settings

NAMES = ("Maya", "Mateo", "Zoe", "Dante", "Iris", "Tomas")
AS_OF = 46
A_CHAIN = 10  # corrections one after the other in one district
COLUMNS = (
    "student_id",
    "days_enrolled",
    "days_absent",
    "days_unreported",
    "level",
    "is_chronically_absent",
    "is_truant",
)
Marks = dict[str, set[int]]
Says = Callable[[int, str], None]


def correct(chosen: random.Random, absent: Marks, unknown: Marks) -> None:
    """Change some past days of some students: taken back, entered late, or given a code nobody mapped."""
    for name in chosen.sample(NAMES, chosen.randint(1, 3)):
        for number in chosen.sample(range(1, AS_OF + 1), chosen.randint(1, 6)):
            kind = chosen.choice(("absent", "present", "unknown"))
            for marks, wanted in ((absent, "absent"), (unknown, "unknown")):
                (marks[name].add if kind == wanted else marks[name].discard)(number)
        if chosen.random() < 0.2:
            absent[name].clear()


def measured(facts: Facts) -> list[tuple[str, ...]]:
    rows = standings(facts, day(AS_OF), Rules()).to_pylist()
    return [tuple(str(row[column]) for column in COLUMNS) for row in rows]


def obviously(facts: Facts) -> list[tuple[str, ...]]:
    """The same by the slow twin, from the rows of the version."""
    names = ("students", "enrollments", "calendar_days", "attendance", "attendance_taken", "demographics", "schools")
    names += ("sections", "section_students")
    tables = {name: facts.version.table(name).to_pylist() for name in names}
    return [tuple(str(row[column]) for column in COLUMNS) for row in twin.standings(tables, day(AS_OF), Settings())]


def standing_level(facts: Facts) -> dict[str, str]:
    return {row[0]: row[COLUMNS.index("level")] for row in measured(facts)}


class Books:
    """What the night had written before a correction."""

    def __init__(self) -> None:
        self.steps = {row.pk: row for row in CaseStep.objects.all()}
        self.crossings = {row.pk: row for row in LevelCrossing.objects.all()}
        self.entries = AuditEntry.objects.count()

    def assert_explained(self, delivery_id: str, facts: Facts) -> int:
        """Nothing is gone, what was done stays, and what changed says why. Returns how many rows changed."""
        now = Books()
        assert set(self.steps) <= set(now.steps), "a step was deleted"
        assert set(self.crossings) <= set(now.crossings), "a crossing was deleted"
        changed = 0
        for pk, crossing in now.crossings.items():
            before = self.crossings.get(pk)
            if before is None:
                assert crossing.noticed_delivery == delivery_id
            elif crossing.is_withdrawn and not before.is_withdrawn:
                assert (crossing.withdrawn_because, crossing.withdrawn_on) == (Ending.CORRECTED, day(AS_OF + 1))
            changed += before is None or crossing.is_withdrawn != before.is_withdrawn
        for pk, step in now.steps.items():
            before = self.steps.get(pk)
            if before is not None and before.state == StepState.DONE:
                assert (step.state, step.ended_at) == (StepState.DONE, before.ended_at), "what was done was changed"
            elif before is not None and step.state != before.state:
                assert (step.state, step.why) == (StepState.WITHDRAWN, "the record was corrected")
            changed += before is None or step.state != before.state
        assert now.entries > self.entries or not changed, "a change without an audit entry"
        assert_levels(facts)
        return changed


def assert_levels(facts: Facts) -> None:
    """Every student stands on the level of the corrected days."""
    reached = standing_level(facts)
    for name in NAMES:
        student = cast.student_id(name)
        live = LevelCrossing.objects.filter(case__student_id=student, is_withdrawn=False).values_list(
            "level", flat=True
        )
        assert max(live, default="L1") == reached[student], name
        case = Case.objects.filter(student_id=student).first()
        assert case is None or case.level == reached[student], name


def do_something(chosen: random.Random) -> None:
    """Somebody does one of the open steps, as a person would have."""
    for step in CaseStep.objects.filter(state=StepState.OPEN).order_by("pk"):
        if chosen.random() < 0.3:
            CaseStep.objects.filter(pk=step.pk).update(state=StepState.DONE, ended_on=day(30), ended_at=cast.NOW)


@pytest.mark.django_db
def test_corrections_are_kept_measured_and_explained(district: object, tmp_path: Path, survived: Says) -> None:
    assert len(DAYS) > AS_OF
    chosen = random.Random(SEED)
    wanted = share(1_000, 2)
    tried = changed = 0
    while tried < wanted:
        home = tmp_path / f"chain-{tried}"
        for model in (CaseStep, LevelCrossing, Case):
            model.objects.all().delete()
        absent: Marks = {name: set(chosen.sample(range(1, AS_OF + 1), chosen.choice((1, 4, 9)))) for name in NAMES}
        unknown: Marks = {name: set() for name in NAMES}
        told: dict[str, list[tuple[str, ...]]] = {}
        for at in range(min(A_CHAIN, wanted - tried) + 1):
            delivery_id = f"{at + 1:04}-corrected"
            before = Books()
            facts = deliver(home, delivery_id, absent, unknown=unknown)
            night(home, facts, AS_OF)
            told[delivery_id] = measured(facts)
            assert told[delivery_id] == obviously(facts)
            if at:
                tried += 1
                changed += before.assert_explained(delivery_id, facts)
            do_something(chosen)
            correct(chosen, absent, unknown)
        for delivery_id, rows in told.items():
            assert measured(open_facts(home, known_on=delivery_id)) == rows, "history was rewritten"
    survived(tried, f"corrections of past days: history kept, {changed} changes of steps and crossings explained")
