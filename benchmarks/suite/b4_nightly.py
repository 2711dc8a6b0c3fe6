"""B4: the night after a delivery in which a fiftieth of the students changed, against a first night."""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.engines.night import POSTING, RECOMPUTE, ROSTER, Night, two_nights
from benchmarks.facts import SIZES, Facts, make_facts
from benchmarks.measuring import Goal, Line, Result, Seconds, line
from benchmarks.storing import write_delivery

TITLE = "A night: facts posted, roster, standings, crossings, promised steps"
CHANGED_SHARE = 50  # one in so many
MOST_OF_A_FULL_ONE = 0.25
PARTS = {"posting": (POSTING,), "recompute and worklist": (ROSTER, RECOMPUTE)}
WHOLE = "the night"


def run(size: str, below: Path, runs: int) -> Result:
    """Both nights in one process, with a home of their own each round."""
    size = "tenth" if size == "state" else size
    folder, students = below / "nights" / size, SIZES[size].students
    shutil.rmtree(folder, ignore_errors=True)
    facts = make_facts(SIZES[size])
    deliveries = (
        write_delivery(facts, folder / "first"),
        write_delivery(replace(facts, marks=_corrected(facts)), folder / "second"),
    )
    nights: list[tuple[Night, Night]] = []
    peak = 0
    for _ in range(runs):
        home = Path(tempfile.mkdtemp(dir=folder))
        first, second, changed, peak = two_nights(home, deliveries)
        nights.append((first, second))
        shutil.rmtree(home)
    lines = [
        one for name in (*PARTS, WHOLE) for one in _lines(name, nights, peak, (students, -(-students // CHANGED_SHARE)))
    ]
    notes = ["The second night's records: " + ", ".join(f"{name} {count:,}" for name, count in changed.items()) + "."]
    result = Result("B4", f"{TITLE}, {students:,} students", size, "the same part of a first night", runs, lines)
    result.notes = notes
    goal = f"recompute and worklist at most {MOST_OF_A_FULL_ONE} of a first night's"
    result.goals = [Goal(goal, lines[3].ratio, MOST_OF_A_FULL_ONE)]
    return result


def _lines(name: str, nights: list[tuple[Night, Night]], peak: int, rows: tuple[int, int]) -> list[Line]:
    """A part of both nights; ``rows`` are the students delivered, and those who changed."""
    first, second = ([_sum(night, PARTS.get(name)) for night in side] for side in zip(*nights, strict=True))
    return [
        line(f"{name}, a first night", first, first, peak, rows[0]),
        line(f"{name}, 2 % changed", second, first, peak, rows[1]),
    ]


def _sum(night: Night, parts: tuple[str, ...] | None) -> Seconds:
    chosen = [night[part] for part in parts or night]
    return Seconds(sum(one.clock for one in chosen), sum(float(one.cpu or 0) for one in chosen))


def _corrected(facts: Facts) -> pa.Table:
    """The marks, those of every fiftieth student since found to have been late instead of absent."""
    marks, ids = facts.marks, facts.students["student_id"].combine_chunks()
    chosen = pc.is_in(marks["student_id"], value_set=ids.take(pa.array(range(0, len(ids), CHANGED_SHARE))))
    late = {"portion_num": 0, "portion_den": 1, "category": "tardy"}
    for name, value in late.items():
        at = marks.schema.get_field_index(name)
        scalar = pa.scalar(value, marks.schema.field(name).type)
        marks = marks.set_column(at, name, pc.if_else(chosen, scalar, marks[name]))
    return marks
